"""Tables of points as text: CSV is read and written with every character kept; other formats become plain CSV."""

import codecs
import csv
import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from geo.errors import BadInput, GeoError
from geo.messages import Language
from importers.cell_text import clean
from importers.point_added import cell_texts
from importers.point_cells import outcome_cells
from importers.point_columns import ADDED, PointColumns, point_columns
from importers.point_locating import PointLocating
from importers.point_places import GivenColumns
from importers.point_rows import Given
from importers.point_table import PointTable, Record, WiderTable
from importers.point_units import Mark, PointSink, PointSource, Unit

UNIT_ROWS: Final = 1 << 15
UNIT_CHARS: Final = 32 << 20
"""Characters after which a unit ends, so that long rows need no more memory than many."""
WIDER_ROWS: Final = 1_000
_ROWS_BETWEEN_MARKS: Final = 1 << 17


@dataclass(frozen=True, slots=True, eq=False)
class CsvUnit(Unit):
    """Rows as they stand.

    Attributes
    ----------
    records
        All of them: blank lines and the header too.
    """

    records: list[Record]
    source: "CsvSource"

    def own(self) -> list[Record]:
        """Return the rows of data."""
        return [record for record in self.records if is_data(record, self.source.sheet)]

    def table(self) -> pa.Table:
        """Return the rows of data as texts."""
        width = len(self.source.names)
        cells = [record.cells + [None] * (width - len(record.cells)) for record in self.own()]
        columns = zip(*cells, strict=True) if cells else [[]] * width
        return pa.Table.from_arrays([pa.array(each, pa.string()) for each in columns], schema=self.source.schema)


class CsvSource(PointSource):
    """A CSV table that was looked through once; raises as :meth:`importers.point_table.PointTable.opened`."""

    def __init__(
        self, path: Path, encoding: str | None, lon: str | None, lat: str | None, address: str | None = None
    ) -> None:
        self.sheet = PointTable.opened(path, encoding)
        self.columns = point_columns(self.sheet.header.cells, lon, lat, address)
        header = self.sheet.header.cells
        self.names = header + [f"column {number}" for number in range(len(header) + 1, self.sheet.width + 1)]
        self.row_count = self.sheet.row_count

    @property
    def schema(self) -> pa.Schema:
        """All columns are texts."""
        return pa.schema([pa.field(name, pa.string()) for name in self.names])

    def units(self, mark: Mark | None) -> Iterator[Unit]:
        """Yield the rows; a mark counts the records before it."""
        done = int(mark["records"]) if mark else 0
        for records in _parts(islice(self.sheet.rows(), done, None), UNIT_ROWS):
            done += len(records)
            own = [record for record in records if is_data(record, self.sheet)]
            yield CsvUnit({"records": done}, self._given(own), records, self)

    def _given(self, own: Sequence[Record]) -> GivenColumns:
        width = len(self.sheet.header.cells)
        flaws: dict[int, GeoError] = {}
        rows: list[Given] = []
        for row, record in enumerate(own):
            given = given_of(record, self.columns, width)
            if isinstance(given, GeoError):
                flaws[row], given = given, Given("", "")
            rows.append(given)
        lon, lat, crs, at = (pa.array([each[place] for each in rows], pa.string()) for place in range(4))
        return GivenColumns(
            lon,
            lat,
            None if self.columns.crs is None else crs,
            None if self.columns.at is None else at,
            flaws,
            _column(own, self.columns.address),
        )


def _column(own: Sequence[Record], column: int | None) -> pa.Array | None:
    """Return the texts of a column, None where there is no such column."""
    if column is None:
        return None
    return pa.array([record.cells[column] if column < len(record.cells) else "" for record in own], pa.string())


def is_data(record: Record, table: PointTable) -> bool:
    """Tell rows of data from the header and from blank lines."""
    return bool(record.cells) and record.number != table.header.number


def given_of(record: Record, columns: PointColumns, header_cells: int) -> Given | GeoError:
    """Return what a row says of its point."""
    if any(cell.strip() for cell in record.cells[header_cells:]):
        return BadInput("point-row-too-long", cells=len(record.cells), headings=header_cells)
    lon, lat, crs, at = (
        record.cells[column].strip() if column is not None and column < len(record.cells) else ""
        for column in (columns.lon, columns.lat, columns.crs, columns.at)
    )
    return Given(lon, lat, crs, at)


def _parts(records: Iterator[Record], rows: int) -> Iterator[list[Record]]:
    part: list[Record] = []
    chars = 0
    for record in records:
        part.append(record)
        chars += len(record.text)
        if len(part) >= rows or chars >= UNIT_CHARS:
            yield part
            part, chars = [], 0
    if part:
        yield part


def wider_text(table: PointTable, records: Sequence[Record], added: Sequence[Sequence[str]]) -> str:
    """Return records as they stand with cells beside the rows of data, the names of the cells beside the header."""
    stream = io.StringIO(newline="")
    writer = WiderTable(table, stream)
    cells = iter(added)
    for record in records:
        if record.number == table.header.number:
            writer.write(record, ADDED)
        else:
            writer.write(record, next(cells) if record.cells else ())
    return stream.getvalue()


def wider_parts(table: PointTable, columns: PointColumns, locating: PointLocating, lang: Language) -> Iterator[str]:
    """Yield the text of a table with the answers beside its rows, so many rows at a time."""
    width = len(table.header.cells)
    for records in _parts(table.rows(), WIDER_ROWS):
        own = [record for record in records if is_data(record, table)]
        outcomes = locating.outcomes([given_of(record, columns, width) for record in own])
        yield wider_text(table, records, [outcome_cells(outcome, lang) for outcome in outcomes])


class TextSink(PointSink):
    """A text file that is written part by part.

    Parameters
    ----------
    text_of
        The text of some rows.
    mark
        Where to go on; what lies behind it is cut off.
    """

    rows_between_marks = _ROWS_BETWEEN_MARKS

    def __init__(
        self,
        draft: Path,
        encoding: str,
        text_of: Callable[[Unit, Sequence[pa.Array]], str],
        mark: Mark | None,
        opening: str = "",
    ) -> None:
        self._draft, self._text_of = draft, text_of
        self._encoder = codecs.getincrementalencoder(encoding)()
        size = int(mark["bytes"]) if mark else 0
        self._file = draft.open("r+b" if mark else "wb")
        self._file.truncate(size)
        self._file.seek(size)
        if mark:
            # a mark of byte order stands at the beginning only
            self._encoder.encode("\n")
        else:
            self._file.write(self._encoder.encode(opening))

    def write(self, unit: Unit, added: Sequence[pa.Array]) -> None:
        """Write rows."""
        self._file.write(self._encoder.encode(self._text_of(unit, added)))

    def mark(self) -> Mark:
        """Bring to the disk what was written."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return {"bytes": self._file.tell()}

    def finish(self) -> Path:
        """Complete the file."""
        self._file.close()
        return self._draft

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def kept_text(draft: Path, source: CsvSource, mark: Mark | None) -> TextSink:
    """Write a CSV table as CSV."""

    def text_of(unit: Unit, added: Sequence[pa.Array]) -> str:
        records = unit.records if isinstance(unit, CsvUnit) else []
        return wider_text(source.sheet, records, cell_texts(added))

    return TextSink(draft, source.sheet.output_encoding(), text_of, mark)


def plain_text(draft: Path, source: PointSource, delimiter: str, mark: Mark | None) -> TextSink:
    """Write any table as CSV in UTF-8, with the mark that makes Excel read it as such."""

    def text_of(unit: Unit, added: Sequence[pa.Array]) -> str:
        rows = zip(unit.rows(), cell_texts(added), strict=True)
        return _text(([*map(_cell, cells), *more] for cells, more in rows), delimiter)

    return TextSink(draft, "utf-8-sig", text_of, mark, _text([[*source.names, *ADDED]], delimiter))


def _text(rows: Any, delimiter: str) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue()


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else clean(value)
