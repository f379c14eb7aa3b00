"""Locating every point of a table: the rows stay as they are, the answers stand in columns beside them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from geo.crs import Crs, missing_crs
from geo.errors import BadInput, Conflict, GeoError
from geo.levels import DEFAULT, Hierarchy
from geo.locate.records import Answer
from geo.messages import Language
from geo.store.locating import full_view
from importers.point_answers import Neighbourhoods
from importers.point_cells import answer_cells, refusal_cells
from importers.point_columns import ADDED, PointColumns, point_columns
from importers.point_locating import REFUSED, PointLocating, PointReport
from importers.point_rows import EditionCalendar, Given, PointReader
from importers.point_table import PointTable, Record, WiderTable, require_known_format
from importers.whole_file import replaced_whole

ROWS_AT_A_TIME: Final = 10_000

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
    around = Neighbourhoods(calendar.published, request.hierarchy, full_view)
    reader = PointReader(request.crs, edition, calendar.named)
    locating = PointLocating(reader, partial(around.answers, connection))
    with (
        replaced_whole(request.target) as draft,
        draft.open("w", encoding=table.output_encoding(), newline="") as stream,
    ):
        for text in wider_parts(table, columns, locating, request.lang):
            stream.write(text)
            progress(locating.tally.rows, table.row_count)
            # An open transaction would keep the server from clearing up for as long as the file takes.
            connection.rollback()
    return locating.tally.report(edition)


def wider_parts(
    table: PointTable, columns: PointColumns, locating: PointLocating, lang: Language, rows: int = ROWS_AT_A_TIME
) -> Iterator[str]:
    """Yield the text of a table with the answers beside its rows, so many rows at a time."""
    width = len(table.header.cells)
    stream = StringIO(newline="")
    writer = WiderTable(table, stream)
    for records in _parts(table.rows(), rows):
        own = [record for record in records if record.cells and record.number != table.header.number]
        outcomes = locating.outcomes([_given(record, columns, width) for record in own])
        cells = {row.number: _cells(outcome, lang) for row, outcome in zip(own, outcomes, strict=True)}
        cells[table.header.number] = ADDED
        for record in records:
            writer.write(record, cells.get(record.number, ()))
        yield stream.getvalue()
        stream.seek(0)
        stream.truncate()


def _given(record: Record, columns: PointColumns, header_cells: int) -> Given | GeoError:
    if any(cell.strip() for cell in record.cells[header_cells:]):
        return BadInput("point-row-too-long", cells=len(record.cells), headings=header_cells)
    lon, lat, crs, at = (
        record.cells[column].strip() if column is not None and column < len(record.cells) else ""
        for column in (columns.lon, columns.lat, columns.crs, columns.at)
    )
    return Given(lon, lat, crs, at)


def _require_free(request: PointRequest) -> None:
    source, target = request.source, request.target
    require_known_format(target)
    if not target.exists():
        return
    if source.exists() and source.samefile(target):
        raise BadInput("points-output-is-input", place={"file": target.name})
    if not request.force:
        raise Conflict("points-output-exists", place={"file": target.name}, name=target.name)


def _parts(records: Iterable[Record], rows: int) -> Iterator[list[Record]]:
    waiting = iter(records)
    while part := list(islice(waiting, rows)):
        yield part


def _cells(outcome: Answer | GeoError, lang: Language) -> tuple[str, ...]:
    if isinstance(outcome, GeoError):
        return refusal_cells(outcome, REFUSED, lang)
    return answer_cells(outcome, lang)
