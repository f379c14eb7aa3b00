"""Comparisons that someone asks for: each side a file, ``@DATE`` or ``edition:N``."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from api.asked_moment import asked_moment, moment_text
from api.commands.options import opened
from api.settings import Settings
from geo.difference_report import DifferenceReport
from geo.differences import TOLERANCE_M, differences
from geo.errors import BadInput, NotFound
from importers.checking import versions
from importers.sides import FileOptions, Side, file_side, reconciled, stored_side

_EDITION: Final = re.compile(r"edition:([0-9]{1,18})")
_NOW: Final = "@now"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What to compare.

    Attributes
    ----------
    old, new
        Each a file, ``@DATE``, ``@MOMENT``, ``@now`` or ``edition:N``.
    within
        Code of an area to stay in, on stored sides.
    files
        How files are read.
    tolerance_m
        Below which a border was only digitised again.
    """

    old: str
    new: str
    within: str | None = None
    files: FileOptions = field(default_factory=FileOptions)
    tolerance_m: float = TOLERANCE_M


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A comparison and the states that it is of."""

    report: DifferenceReport
    old: Side
    new: Side
    source: str


def compared(settings: Settings, wanted: Comparison) -> Compared:
    """Compare two states; a database is asked only where one of them is stored.

    Raises
    ------
    BadInput
        ``diff-side-unknown``, ``unknown-level``, and what reading a file or a moment refuses.
    NotFound
        ``unknown-area``: neither side has the area to stay in.
    """
    if wanted.files.level is not None:
        settings.hierarchy.require(wanted.files.level)
    with _sides(settings, wanted) as (first, second):
        old, new = reconciled(first, second)
    found = differences(old.state, new.state, tolerance_m=wanted.tolerance_m)
    report = DifferenceReport(found, old.facts, new.facts, versions(), (*old.remarks, *new.remarks))
    return Compared(report, old, new, settings.source)


@contextmanager
def _sides(settings: Settings, wanted: Comparison) -> Iterator[tuple[Side, Side]]:
    texts = (wanted.old, wanted.new)
    if not any(_is_stored(text) for text in texts):
        yield file_side(_path(wanted.old), wanted.files), file_side(_path(wanted.new), wanted.files)
        return
    with opened(settings) as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        first, second = (
            _stored(connection, settings, text, wanted) if _is_stored(text) else file_side(_path(text), wanted.files)
            for text in texts
        )
    if wanted.within is not None and not any(side.scope for side in (first, second)):
        raise NotFound("unknown-area", place={"code": wanted.within}, code=wanted.within)
    yield first, second


def _is_stored(text: str) -> bool:
    return text.startswith("@") or _EDITION.fullmatch(text) is not None


def _path(text: str) -> Path:
    path = Path(text)
    if not path.exists():
        raise BadInput("diff-side-unknown", place={"file": text}, given=text)
    return path


def _stored(connection: Connection, settings: Settings, text: str, wanted: Comparison) -> Side:
    numbered = _EDITION.fullmatch(text)
    edition = int(numbered[1]) if numbered else None
    at = None if numbered or text == _NOW else text.removeprefix("@")
    moment, answered = asked_moment(connection, settings, at, edition)
    facts = {"edition": answered, "at": moment_text(moment, settings)}
    files = wanted.files
    return stored_side(connection, moment, facts, level=files.level, kind=files.kind, within=wanted.within)
