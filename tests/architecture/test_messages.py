"""The table of sentences against the source: every kind used stands there, every entry is used, facts agree."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from geo import errors
from geo.errors import GeoError
from geo.messages import MESSAGES, ROOMS

ROOT = Path(__file__).parents[2]
MODULES = [
    path
    for room in ("geo", "importers", "maps", "api")
    for path in sorted((ROOT / room).rglob("*.py"))
    if path.parent != ROOT / "geo" / "messages"
]
RAISED = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, GeoError)}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def literals() -> Iterator[str]:
    """Yield every text in the source but docstrings."""
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
                yield node.value


def raised_kinds() -> Iterator[tuple[str, str]]:
    """Yield place and kind wherever an error is made, or a sentence asked for, with a literal kind."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            first = node.args[0]
            if node.func.id in {*RAISED, "sentence"} and isinstance(first, ast.Constant):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", first.value


def facts(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}


def test_every_kind_that_is_raised_has_its_sentences():
    found = list(raised_kinds())
    assert len(found) > 100
    assert [(place, kind) for place, kind in found if kind not in MESSAGES] == []


def test_every_sentence_is_used():
    assert sorted(MESSAGES.keys() - set(literals())) == []


@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_both_languages_mention_the_same_facts(kind):
    message = MESSAGES[kind]
    assert facts(message.zh) == facts(message.en)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind)
    words = re.sub(r"\{[^}]*\}", "", message.zh)
    assert CHINESE.search(words) or not re.search("[A-Za-z]", words)


def test_every_room_of_sentences_is_read():
    files = {path.stem for path in (ROOT / "geo" / "messages").glob("*.py")} - {"__init__"}
    assert files == set(ROOMS)
