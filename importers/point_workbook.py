"""Tables of points in Excel workbooks (.xlsx): one sheet, read row by row and written row by row."""

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.escape import escape

from geo.errors import BadInput, GeoError, NotFound, TooLarge
from importers.cell_text import clean
from importers.point_columns import ADDED, PointColumns, point_columns
from importers.point_parquet import ParquetSink
from importers.point_places import GivenColumns
from importers.point_units import Mark, PointSink, PointSource, Unit
from importers.sheet_xlsx import Page, best_page
from importers.sheets import Limits
from importers.workbook_parts import check_parts, outline, sheet_parts

UNIT_ROWS: Final = 1 << 14
MOST_ROWS: Final = 1_048_576
_MOST_COLUMNS: Final = 16_384
_MOST_CHARS: Final = 32_767
_EXACT: Final = 10**15
"""Excel keeps fifteen digits."""
_SEARCHED_ROWS: Final = 60
_ROWS_BETWEEN_MARKS: Final = 1 << 17
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
_MOMENT: Final = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_THEN: Final = b"1980-01-01T00:00:00Z"

Cells = tuple[Any, ...]


@dataclass(frozen=True, slots=True, eq=False)
class WorkbookUnit(Unit):
    """Rows of a sheet."""

    cells: list[Cells]
    schema: pa.Schema

    def table(self) -> pa.Table:
        """Return the rows as texts."""
        columns = zip(*self.cells, strict=True) if self.cells else [[]] * len(self.schema)
        return pa.Table.from_arrays([pa.array(map(_text, each), pa.string()) for each in columns], schema=self.schema)

    def rows(self) -> Iterator[Sequence[Any]]:
        """Yield the cells as they are."""
        yield from self.cells


class WorkbookSource(PointSource):
    """A workbook that was looked through once.

    The visible sheet with the best row of headings is read. The header is the first row that names the columns of
    points; titles above it are left out. Formulas count by the value stored beside them.

    Raises
    ------
    NotFound, BadInput, TooLarge
        As :func:`importers.sheet_xlsx.read_xlsx_sheet`, and what is wrong with the columns.
    """

    def __init__(self, path: Path, lon: str | None, lat: str | None, address: str | None = None) -> None:
        self._path = path
        _require_workbook(path)
        limits = Limits()
        check_parts(path, limits)
        self._sheet, self.row_count = "", 0
        self._header, self.names, self.columns = self._guarded(lambda: self._looked_through(limits, lon, lat, address))

    @property
    def schema(self) -> pa.Schema:
        """All columns are texts."""
        return pa.schema([pa.field(name, pa.string()) for name in self.names])

    def units(self, mark: Mark | None) -> Iterator[Unit]:
        """Yield the rows; a mark counts those before it."""
        done = int(mark["rows"]) if mark else 0
        rows = islice(self._data(), done, None)
        while cells := self._guarded(lambda: list(islice(rows, UNIT_ROWS))):
            done += len(cells)
            yield WorkbookUnit({"rows": done}, self._given(cells), cells, self.schema)

    def _given(self, cells: Sequence[Cells]) -> GivenColumns:
        places = self.columns
        lon, lat, crs, at, address = (
            None if place is None else pa.array([_text(row[place]) for row in cells], pa.string())
            for place in (places.lon, places.lat, places.crs, places.at, places.address)
        )
        nothing = pa.nulls(len(cells), pa.string())
        return GivenColumns(nothing if lon is None else lon, nothing if lat is None else lat, crs, at, address=address)

    def _looked_through(
        self, limits: Limits, lon: str | None, lat: str | None, address: str | None
    ) -> tuple[int, list[str], PointColumns]:
        with zipfile.ZipFile(self._path) as archive:
            for part in sheet_parts(archive).values():
                outline(archive, part, limits, {"file": self._path.name})
        with _opened(self._path) as book:
            self._sheet = best_page(cast(list[Page], book.worksheets), self._path).title
        header, headings, columns = _header(self._rows(), lon, lat, address, self._path)
        width = len(headings)
        for cells in islice(self._rows(), header, None):
            if any(cell is not None for cell in cells):
                self.row_count += 1
                width = max(width, len(cells))
        return header, headings + [f"column {number}" for number in range(len(headings) + 1, width + 1)], columns

    def _data(self) -> Iterator[Cells]:
        width = len(self.names)
        for cells in islice(self._rows(), self._header, None):
            if any(cell is not None for cell in cells):
                yield cells + (None,) * (width - len(cells))

    def _rows(self) -> Iterator[Cells]:
        with _opened(self._path) as book:
            page = cast(Page, book[self._sheet])
            # the extent that a file declares for itself is often wrong
            page.reset_dimensions()
            yield from page.iter_rows(values_only=True)

    def _guarded(self, work: Any) -> Any:
        try:
            with warnings.catch_warnings():
                # openpyxl warns about styles and extensions that have nothing to do with the cells
                warnings.simplefilter("ignore", UserWarning)
                return work()
        except GeoError:
            raise
        except Exception:
            # what a parser raises on a crafted file cannot be listed; its text may quote cells
            raise BadInput("ledger-broken-workbook", place={"file": self._path.name}) from None


def _opened(path: Path) -> Any:
    return closing(openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False))


def _header(
    rows: Iterator[Cells], lon: str | None, lat: str | None, address: str | None, path: Path
) -> tuple[int, list[str], PointColumns]:
    """Return the number of the row that names the columns, its headings, and where the points stand."""
    refusal: BadInput | None = None
    for number, cells in enumerate(islice(rows, _SEARCHED_ROWS), 1):
        headings = [_text(cell) for cell in cells]
        while headings and not headings[-1]:
            headings.pop()
        if not headings:
            continue
        try:
            return number, headings, point_columns(headings, lon, lat, address)
        except BadInput as failure:
            if failure.kind in ("points-already-located", "point-column-several"):
                raise
            refusal = refusal or failure
    raise refusal or BadInput("ledger-empty", place={"file": path.name})


def _require_workbook(path: Path) -> None:
    place = {"file": path.name}
    if not path.exists():
        raise NotFound("ledger-no-such-file", place=place)
    if not path.is_file():
        raise BadInput("ledger-not-a-file", place=place)
    size = path.stat().st_size
    if size > Limits().file_bytes:
        facts = {"size_mib": -(-size >> 20), "most_mib": Limits().file_bytes >> 20}
        raise TooLarge("ledger-file-too-large", place=place, **facts)


class WorkbookSink(PointSink):
    """A workbook: the answers wait in a Parquet file until all are there, then the sheet is written at once.

    Raises
    ------
    TooLarge
        ``points-too-many-for-excel``.
    """

    rows_between_marks = _ROWS_BETWEEN_MARKS

    def __init__(self, draft: Path, source: PointSource, mark: Mark | None) -> None:
        if source.row_count >= MOST_ROWS or len(source.names) + len(ADDED) > _MOST_COLUMNS:
            columns = len(source.names) + len(ADDED)
            raise TooLarge("points-too-many-for-excel", rows=source.row_count, columns=columns)
        self._draft, self._source = draft, source
        self._waiting = ParquetSink(draft.with_name("answers"), pa.schema([]), mark)

    def write(self, unit: Unit, added: Sequence[pa.Array]) -> None:
        """Put the answers aside."""
        self._waiting.write(unit, added)

    def mark(self) -> Mark:
        """Bring the answers to the disk."""
        return self._waiting.mark()

    def finish(self) -> Path:
        """Write the workbook from the rows and their answers; the same bytes at any time."""
        answers = pq.ParquetFile(self._waiting.finish())
        book = openpyxl.Workbook(write_only=True)
        page = book.create_sheet("located")
        cell = partial(_written, page)
        page.append([cell(name) for name in [*self._source.names, *ADDED]])
        more = (row for batch in answers.iter_batches(UNIT_ROWS) for row in batch.to_pylist())
        for unit in self._source.units(None):
            for cells in unit.rows():
                page.append([cell(value) for value in [*cells, *next(more).values()]])
        stamped = self._draft.with_name("stamped.xlsx")
        book.save(stamped)
        _without_times(stamped, self._draft)
        return self._draft

    def close(self) -> None:
        """Let go of files."""
        self._waiting.close()


def _written(page: Any, value: Any) -> Any:
    """Return a cell that shows a value as it is: text is never a formula, and long numbers keep their digits."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        if abs(value) < _EXACT:
            return value
        value = str(value)
    if isinstance(value, date | datetime | time) and getattr(value, "tzinfo", None) is None:
        return value
    text = value if isinstance(value, str) else clean(value)
    escaped = escape(text)
    if len(escaped) > _MOST_CHARS:
        raise TooLarge("points-cell-too-long", chars=len(text), most=_MOST_CHARS)
    cell = WriteOnlyCell(page, escaped)
    cell.data_type = "s"
    return cell


def _without_times(source: Path, target: Path) -> None:
    """Copy an archive without the times at which its parts were written."""
    with zipfile.ZipFile(source) as given, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for part in given.namelist():
            entry = zipfile.ZipInfo(part, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with given.open(part) as inside, written.open(entry, "w", force_zip64=True) as outside:
                while chunk := inside.read(1 << 20):
                    # the part that names the moment of saving is far smaller than a chunk
                    outside.write(_MOMENT.sub(_THEN, chunk) if part == "docProps/core.xml" else chunk)
    source.unlink()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else clean(value)
