"""What the documents claim is so: links lead somewhere, options exist, settings and errors are all there."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from api.command import cli

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
ROOMS = ("geo", "importers", "maps", "api")

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"gridwarden ((?:--lang \w+ )?[a-z][a-z-]*(?: [a-z]+)?)((?:[^`|\n]|\\\n)*)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
SETTING = re.compile(r"\b(?:GRIDWARDEN_[A-Z_]+|DATABASE_URL)\b")
DOCKER_OPTIONS = {"--build", "--scale"}


def name_of(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def anchors(document: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    titles = HEADING.findall(FENCED.sub("", document.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def commands_mentioned(text: str) -> Iterator[tuple[click.Command, str]]:
    """Yield the command and the rest of the line, wherever a command line stands."""
    known = dict(all_commands())
    for found in COMMAND.finditer(text):
        one, *more = found[1].split()
        command = known.get(" ".join([one, *more[:1]]), known.get(one))
        if command is not None:
            yield command, found[2]


def options_of(command: click.Command) -> set[str]:
    return {"--help", *(name for parameter in command.params for name in parameter.opts)}


def bench_options() -> set[str]:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "bench").glob("*.py"))
    return set(re.findall(r'"(--[a-z-]+)"', source))


def all_commands(group: click.Group = cli, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command by the words that a reader types after ``gridwarden``."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        yield f"{path}{name}", command
        if isinstance(command, click.Group):
            yield from all_commands(command, f"{path}{name} ")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_leads_somewhere_inside_the_project(document):
    for target in LINK.findall(FENCED.sub("", document.read_text("utf-8"))):
        path, _, anchor = target.partition("#")
        place = (document.parent / path).resolve() if path else document
        assert "://" not in target, f"{target}: no page needs another host"
        assert place.exists() and place.is_relative_to(ROOT), target
        assert not anchor or anchor in anchors(place), f"{target}: {sorted(anchors(place))}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_option_exists(document):
    text = document.read_text("utf-8")
    for command, rest in commands_mentioned(text):
        known = options_of(command)
        assert [option for option in OPTION.findall(rest) if option not in known] == [], (command.name, rest)
    anywhere = {option for _, command in all_commands() for option in options_of(command)}
    anywhere |= DOCKER_OPTIONS | bench_options()
    assert sorted(set(OPTION.findall(re.sub(r"<!--|-->", "", text))) - anywhere) == []


def test_every_command_is_documented():
    text = "\n".join(document.read_text("utf-8") for document in DOCUMENTS)
    words = {word for found in COMMAND.finditer(text) for word in found[1].split()}
    spoken = words | set(re.findall(r"`([a-z-]+)`", text))
    assert [path for path, _ in all_commands() if path.split()[-1] not in spoken] == []


def test_every_setting_stands_in_the_table_of_the_operator():
    source = "\n".join(path.read_text("utf-8") for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    read = set(SETTING.findall(source))
    page = (ROOT / "docs" / "operator.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE)) == read


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_document_stands_alone(document):
    assert "design.md" not in document.read_text("utf-8")


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "pictures").iterdir()), ids=lambda path: path.name)
def test_pictures_are_small_and_shown(picture):
    assert picture.stat().st_size <= 250_000
    assert any(f"pictures/{picture.name}" in document.read_text("utf-8") for document in DOCUMENTS)


def test_this_is_run_by_the_interpreter_that_has_the_command():
    assert (Path(sys.executable).parent / "gridwarden").exists()
