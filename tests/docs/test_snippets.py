"""Every command and snippet of the documentation is run, in order, as a reader would run it.

```` ```sh ````, ```` ```python ```` and ```` ```js ```` blocks are run, one after the other, in a folder of their own
for each document. A ```` ```text ```` or ```` ```json ```` block directly after one of them is what it must have
printed; ``…`` stands for anything. Two comments on the line before a block say more: ``<!-- exit: 1 -->`` and
``<!-- not run: reason -->``.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from geo.store.cluster import Cluster

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
REAL_DATA = ROOT.parent / "shared" / "data" / "cn-admin"
SERVICE = "http://127.0.0.1:8000"
ANYTHING = "…"
TIMEOUT_S = 120

# What a reader has at hand when the first command is typed; the invented city, imported, where nothing is said.
WORLDS = {
    "docs/planner.md": "empty",
    "docs/real-counties.md": "real files",
    "docs/operator.md": "nothing",
}
# The others take a few seconds.
FAST = {"README.md", "docs/app.md"}

FENCE = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
MARK = re.compile(r"(?P<kind>not run|exit): (?P<value>\S.*)")
JS = ["node", "--input-type=module", "--eval"]
RUN = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-W", "error", "-c"], "js": JS}
PRINTED = {"text", "json"}


@dataclass(frozen=True)
class Block:
    """One fenced block; ``exit_code`` is None where it is not to be run."""

    line: int
    language: str
    text: str
    exit_code: int | None


class Printed(NamedTuple):
    """What a block printed, on stdout and on stderr."""

    out: str
    err: str


def name_of(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def blocks(document: Path) -> list[Block]:
    text = document.read_text("utf-8")
    return [_block(found, text) for found in FENCE.finditer(text)]


def _block(found: re.Match[str], text: str) -> Block:
    mark = MARK.fullmatch(found["mark"] or "")
    exit_code: int | None = 0
    if mark:
        exit_code = int(mark["value"]) if mark["kind"] == "exit" else None
    return Block(text[: found.start("text")].count("\n") + 1, found["language"], found["text"], exit_code)


def runs(block: Block) -> bool:
    return block.language in RUN and block.exit_code is not None


WITH_BLOCKS = [
    pytest.param(
        document,
        id=name_of(document),
        marks=[
            *([pytest.mark.slow] if name_of(document) not in FAST else []),
            *([pytest.mark.real_data] if WORLDS.get(name_of(document)) == "real files" else []),
        ],
    )
    for document in DOCUMENTS
    if any(runs(block) for block in blocks(document))
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_block_is_run_or_says_why_not(document):
    """A block is run, or shows what the block before printed, or carries a reason."""
    before = None
    for block in blocks(document):
        place = f"{name_of(document)}:{block.line}"
        if block.exit_code is None:
            _check_syntax(block, place)
        elif block.language in PRINTED:
            assert before is not None and runs(before), f"{place} shows the output of nothing that is run"
        else:
            assert block.language in RUN, f"{place}: nothing runs “{block.language}”; say <!-- not run: reason -->"
        before = block


def _check_syntax(block: Block, place: str) -> None:
    if block.language == "sh":
        done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{place}: {done.stderr}"
    elif block.language == "python":
        compile(block.text, place, "exec")
    elif block.language == "json":
        json.loads(block.text)


@pytest.mark.parametrize("document", WITH_BLOCKS)
def test_every_block_does_what_the_document_says(document, request):
    with _world(name_of(document), document.read_text("utf-8"), request) as (folder, environ, service):
        printed = Printed("", "")
        for block in blocks(document):
            place = f"{name_of(document)}:{block.line}"
            if runs(block):
                printed = _run(block, folder, environ, service, place)
            elif block.language in PRINTED and block.exit_code is not None:
                _compare(block, printed, service, place)


def _run(block: Block, folder: Path, environ: dict[str, str], service: str, place: str) -> Printed:
    done = subprocess.run(
        [*RUN[block.language], block.text.replace(SERVICE, service)],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    said = f"{place} ended with {done.returncode}:\n{block.text}\n{done.stdout}\n{done.stderr}"
    assert done.returncode == block.exit_code, said
    return Printed(done.stdout, done.stderr)


def _compare(block: Block, printed: Printed, service: str, place: str) -> None:
    if block.language == "json":
        expected, found = json.loads(block.text), json.loads(printed.out)
        assert _fits(expected, found), f"{place}: {json.dumps(found, ensure_ascii=False, indent=1)}"
    else:
        pattern = "".join(_line_pattern(line) for line in block.text.strip().splitlines())
        shown = "".join(
            f"{line.rstrip()}\n"
            for line in f"{printed.out}\n{printed.err}".replace(service, SERVICE).strip().splitlines()
        )
        assert re.fullmatch(pattern, shown), f"{place} shows\n{block.text}\nbut this was printed:\n{shown}"


def _line_pattern(line: str) -> str:
    """Return what matches a line; ``…`` alone stands for any number of lines."""
    if line.strip() == ANYTHING:
        return r"(?:[^\n]*\n)*?"
    return r"[^\n]*".join(re.escape(part) for part in line.rstrip().split(ANYTHING)) + r"\n"


def _fits(expected: object, found: object) -> bool:
    """Compare JSON: ``"…"`` stands for any value; as a key, or at the end of a list, for all that is not shown."""
    if expected == ANYTHING:
        return True
    if isinstance(expected, dict) and isinstance(found, dict):
        shown = expected.keys() - {ANYTHING}
        return (ANYTHING in expected or shown == found.keys()) and all(
            key in found and _fits(expected[key], found[key]) for key in shown
        )
    if isinstance(expected, list) and isinstance(found, list):
        if expected and expected[-1] == ANYTHING:
            expected, found = expected[:-1], found[: len(expected) - 1]
        return len(expected) == len(found) and all(map(_fits, expected, found))
    if isinstance(expected, str) and isinstance(found, str):
        return re.fullmatch(_line_pattern(expected)[:-2], found) is not None
    return expected == found


@contextmanager
def _world(name: str, text: str, request: pytest.FixtureRequest) -> Iterator[tuple[Path, dict[str, str], str]]:
    """Yield the folder that commands run in, their environment, and the address of the service."""
    world = WORLDS.get(name, "city")
    if world == "real files" and not REAL_DATA.is_dir():
        pytest.skip("the files of ../shared/data are not there")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="gw-docs-")))
        (folder / "docs").symlink_to(ROOT / "docs")
        environ = _environment(name, folder, request.getfixturevalue("commands"))
        if world == "nothing":
            folder.chmod(0o755)
            stack.callback(_remove_homes, folder)
            yield folder, environ, SERVICE
            return
        cluster, clone = (request.getfixturevalue(each) for each in ("cluster", "clone"))
        template = (request.getfixturevalue("city_template"),) if world == "city" else ()
        environ["DATABASE_URL"] = cluster.url("app", stack.enter_context(clone(*template)))
        if world == "real files":
            (folder / "files").symlink_to(REAL_DATA)
        service = SERVICE
        if SERVICE in text:
            client = stack.enter_context(request.getfixturevalue("served")(environ["DATABASE_URL"]))
            service = str(client.base_url).rstrip("/")
        yield folder, environ, service


def _environment(name: str, folder: Path, commands: Path) -> dict[str, str]:
    given = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    return {
        **given,
        "PATH": os.pathsep.join([str(commands), str(Path(sys.executable).parent), given.get("PATH", os.defpath)]),
        "GRIDWARDEN_HOME": str(folder / "home"),
        "GRIDWARDEN_LANG": "zh" if name.startswith("docs/zh/") else "en",
    }


def _remove_homes(folder: Path) -> None:
    """End the servers that the commands of a document started, and delete their data, wherever that lies."""
    for marker in folder.glob("*/home.json"):
        Cluster(marker.parent).reset(marker.parent.name)
