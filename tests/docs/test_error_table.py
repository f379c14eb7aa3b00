"""docs/reference/errors.md is made from the sentences in ``geo.messages``, and this test keeps it so.

``python tests/docs/test_error_table.py`` writes it anew.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from api.errors import status_of
from geo import errors
from geo.errors import GeoError
from geo.messages import MESSAGES, ROOMS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "errors.md"
CLASSES = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, GeoError)}
HEAD = """# Errors and remarks

Every refusal has a stable kind. Over HTTP it is the end of the problem's `type`, `urn:gridwarden:problem:KIND`, with
the status below; at the command line the sentence goes to stderr with the place in the input, and the exit code is 2.
Kinds without a status stand in reports: rows refused, and remarks. `{…}` stands for the facts of the case.

This page is made from the program's own table of sentences; a test keeps the two in step.
"""
TITLES = {
    "core": "Levels, codes, moments",
    "coverage": "Coverage",
    "crs": "Coordinate systems",
    "files": "Boundary files",
    "http": "HTTP and serving",
    "imports": "Importing boundaries",
    "ledgers": "Ledgers",
    "maps": "Maps",
    "places": "The sample city",
    "points": "Points and export",
    "server": "The embedded database, backup, restore",
    "spark": "Apache Spark",
    "store": "The database",
}


def raised() -> dict[str, set[int]]:
    """Return the statuses that each kind is raised with, as far as the source says so in one place."""
    statuses: dict[str, set[int]] = defaultdict(set)
    for room in ("geo", "importers", "maps", "api"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for name, kind in _raised_in(ast.parse(path.read_text("utf-8"))):
                statuses[kind].add(status_of(CLASSES[name]))
    return statuses


def _raised_in(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield class and kind: literal ones, and all literals of a module that raises by a variable."""
    calls = [
        (node.func.id, node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CLASSES and node.args
    ]
    indirect = {name for name, kind in calls if not isinstance(kind, ast.Constant)}
    direct = [(name, str(kind.value)) for name, kind in calls if isinstance(kind, ast.Constant)]
    yield from direct
    if len(indirect) == 1:
        literals = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        known = {kind for _, kind in direct}
        yield from ((next(iter(indirect)), kind) for kind in sorted(literals & MESSAGES.keys() - known, key=str))


def page() -> str:
    """Return the page as it should stand."""
    statuses = raised()
    parts = [HEAD]
    for room in ROOMS:
        module = __import__(f"geo.messages.{room}", fromlist=["MESSAGES"])
        if not _refusals(module.MESSAGES, statuses):
            continue
        parts.append(
            f"\n## {TITLES.get(room, room.capitalize())}\n\n| kind | 中文 | English | status |\n|---|---|---|---|\n"
        )
        for kind in _refusals(module.MESSAGES, statuses):
            message = MESSAGES[kind]
            shown = ", ".join(map(str, sorted(statuses.get(kind, ())))) or "–"
            parts.append(f"| `{kind}` | {_cell(message.zh)} | {_cell(message.en)} | {shown} |\n")
    return "".join(parts)


def _refusals(kinds: Iterable[str], statuses: Mapping[str, object]) -> list[str]:
    """Return the kinds that refuse or remark something: labels and headings are no sentences."""
    return [kind for kind in kinds if kind in statuses or MESSAGES[kind].zh.endswith("。")]


def _cell(text: str) -> str:
    for sign, escaped in (("\\", "\\\\"), ("|", "\\|"), ("<", "&lt;"), ("*", "\\*"), ("\n", " ")):
        text = text.replace(sign, escaped)
    return text.strip()


def test_the_page_of_errors_says_what_the_program_says():
    assert PAGE.read_text("utf-8") == page(), "run python tests/docs/test_error_table.py"


def test_every_kind_that_a_request_can_meet_has_a_status():
    statuses = raised()
    for kind in ("crs-missing", "parameter-missing", "unknown-edition", "database-unreachable", "page-unknown"):
        assert len(statuses[kind]) == 1, kind


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
