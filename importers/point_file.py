"""Locating every point of a table: the rows stay as they are, the answers stand in columns beside them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from sqlalchemy import Connection

from geo.crs import Crs, missing_crs
from geo.errors import BadInput, Conflict, GeoError
from geo.levels import DEFAULT, Hierarchy
from geo.locate.records import Answer
from geo.messages import Language
from geo.store.locating import full_view
from importers.point_answers import Neighbourhoods
from importers.point_cells import answer_cells, refusal_cells
from importers.point_columns import ADDED, point_columns
from importers.point_rows import EditionCalendar, Place, PointReader
from importers.point_table import PointTable, Record, WiderTable, require_known_format
from importers.whole_file import replaced_whole

RADIUS_M: Final = 200.0
"""``gw_border_m`` is empty where the nearest border is further away."""
ROWS_AT_A_TIME: Final = 10_000
REFUSED: Final = "invalid"
"""``gw_status`` of a row that names no place; the reason stands in ``gw_reason``."""

Progress = Callable[[int, int], None]
"""Called with the rows done and the rows there are."""


@dataclass(frozen=True, slots=True)
class PointRequest:
    """What to locate.

    Attributes
    ----------
    source, target
        The table read, and the one written.
    crs
        The system of the points; None where a column ``crs`` says it row by row.
    at
        The moment of rows without one of their own.
    now
        The present, to judge moments by.
    zone
        The zone of moments without an offset.
    lon, lat
        Headings of the columns; None finds them.
    encoding
        Of the table; None detects it.
    force
        Whether a file that is there may be replaced.
    """

    source: Path
    target: Path
    crs: Crs | None
    at: datetime
    now: datetime
    zone: str = "Asia/Shanghai"
    lon: str | None = None
    lat: str | None = None
    encoding: str | None = None
    force: bool = False
    hierarchy: Hierarchy = DEFAULT
    lang: Language = "zh"


@dataclass(frozen=True, slots=True)
class PointReport:
    """What became of the rows.

    Attributes
    ----------
    rows
        Rows below the header, all of them written.
    statuses
        How many rows have each ``gw_status``.
    uncertain
        Rows that were found but lie on a border.
    swapped
        Rows whose longitude and latitude look exchanged.
    edition
        The edition that answered rows without a moment of their own.
    """

    rows: int
    statuses: dict[str, int]
    uncertain: int
    swapped: int
    edition: int

    def document(self) -> dict[str, object]:
        """Return the report as JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def locate_file(connection: Connection, request: PointRequest, progress: Progress) -> PointReport:
    """Write a table with the answer for every row beside it.

    Rows are read, answered and written in parts, so that a table of any length needs the same memory. The file appears
    when it is whole.

    Raises
    ------
    BadInput
        Another format, no columns of points, a missing ``crs``, the target is the source, broken text.
    NotFound
        No such file.
    Conflict
        ``points-output-exists`` without ``force``.
    """
    _require_free(request)
    table = PointTable.opened(request.source, request.encoding)
    columns = point_columns(table.header.cells, request.lon, request.lat)
    if request.crs is None and columns.crs is None:
        raise missing_crs(None)
    calendar = EditionCalendar(connection, request.now, request.zone)
    edition = calendar.at(request.at)
    reader = PointReader(columns, len(table.header.cells), request.crs, calendar, edition)
    around = Neighbourhoods(connection, calendar.published, request.hierarchy, full_view, RADIUS_M)
    tally = _Tally()
    with (
        replaced_whole(request.target) as draft,
        draft.open("w", encoding=table.output_encoding(), newline="") as stream,
    ):
        writer = WiderTable(table, stream)
        for records in _parts(table.rows()):
            rows = [record for record in records if record.cells and record.number != table.header.number]
            outcomes = _outcomes(reader.read(rows), around, tally)
            cells = {row.number: _cells(outcome, request.lang) for row, outcome in zip(rows, outcomes, strict=True)}
            cells[table.header.number] = ADDED
            for record in records:
                writer.write(record, cells.get(record.number, ()))
            progress(tally.rows, table.row_count)
            # An open transaction would keep the server from clearing up for as long as the file takes.
            connection.rollback()
    return tally.report(edition)


class _Tally:
    """Counts what became of the rows."""

    def __init__(self) -> None:
        self.rows = self.uncertain = self.swapped = 0
        self.statuses: Counter[str] = Counter()

    def add(self, place: Place | GeoError, outcome: Answer | GeoError) -> None:
        self.rows += 1
        self.swapped += isinstance(place, Place) and place.looks_swapped
        if isinstance(outcome, GeoError):
            self.statuses[REFUSED] += 1
            self.swapped += outcome.kind == "crs-axes-swapped"
        else:
            self.statuses[outcome.status] += 1
            self.uncertain += outcome.status == "found" and not outcome.certain

    def report(self, edition: int) -> PointReport:
        known = ("found", "gap", "outside", "conflict", REFUSED)
        statuses = {status: self.statuses[status] for status in known if self.statuses[status]}
        return PointReport(self.rows, statuses, self.uncertain, self.swapped, edition)


def _require_free(request: PointRequest) -> None:
    source, target = request.source, request.target
    require_known_format(target)
    if not target.exists():
        return
    if source.exists() and source.samefile(target):
        raise BadInput("points-output-is-input", place={"file": target.name})
    if not request.force:
        raise Conflict("points-output-exists", place={"file": target.name}, name=target.name)


def _parts(records: Iterable[Record]) -> Iterator[list[Record]]:
    waiting = iter(records)
    while part := list(islice(waiting, ROWS_AT_A_TIME)):
        yield part


def _outcomes(places: Sequence[Place | GeoError], around: Neighbourhoods, tally: _Tally) -> Sequence[Answer | GeoError]:
    """Return the answer for each place, the refusal where there is none."""
    located = {row: place for row, place in enumerate(places) if isinstance(place, Place)}
    rows_of: dict[int, list[int]] = defaultdict(list)
    for row, place in located.items():
        rows_of[place.edition].append(row)
    found: dict[int, Answer] = {}
    for edition, rows in rows_of.items():
        lonlat = np.array([(located[row].lon, located[row].lat) for row in rows])
        found |= dict(zip(rows, around.answers(edition, lonlat), strict=True))
    outcomes: list[Answer | GeoError] = []
    for row, read in enumerate(places):
        outcome = found[row] if isinstance(read, Place) else read
        tally.add(read, outcome)
        outcomes.append(outcome)
    return outcomes


def _cells(outcome: Answer | GeoError, lang: Language) -> tuple[str, ...]:
    if isinstance(outcome, GeoError):
        return refusal_cells(outcome, REFUSED, lang)
    return answer_cells(outcome, lang)
