"""A CSV table of points: read row by row with every character kept, and written with columns added."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TextIO

from geo.errors import BadInput, NotFound
from importers.sheet_csv import TextFile, delimiter_of, encoding_of
from importers.sheets import Limits

READABLE: Final = (".csv", ".tsv", ".txt")
_ZIP, _PARQUET, _OLE = b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0"
_LINE_ENDS: Final = "\r\n"
_CHINESE: Final = frozenset(("gbk", "gb2312", "gb18030"))


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its number as a spreadsheet shows it, its text as it stands, the end of its line, and its cells."""

    number: int
    text: str
    end: str
    cells: list[str]


@dataclass(frozen=True, slots=True)
class PointTable:
    """A table that was looked through once.

    Attributes
    ----------
    file
        The file and its encoding.
    delimiter
        Comma, semicolon or tab.
    header
        The first row that is not blank.
    width
        Cells of the widest row.
    row_count
        Rows below the header, blank lines left out.
    """

    file: TextFile
    delimiter: str
    header: Record
    width: int
    row_count: int

    @classmethod
    def opened(cls, path: Path, encoding: str | None) -> Self:
        """Look through a file: its encoding, delimiter, header and size.

        Raises
        ------
        NotFound
            No such file.
        BadInput
            A directory, another format, an encoding that does not fit, broken quotation marks, no row at all.
        TooLarge
            A line longer than a mebibyte.
        """
        _require_text(path)
        file = TextFile(path, encoding_of(path, encoding), Limits())
        delimiter = delimiter_of(file)
        header: Record | None = None
        width = row_count = 0
        for record in _records(file, delimiter):
            header = header or record
            width = max(width, len(record.cells))
            row_count += 1
        if header is None:
            raise BadInput("ledger-empty", place={"file": path.name})
        return cls(file, delimiter, header, width, row_count - 1)

    def rows(self) -> Iterator[Record]:
        """Yield the header and all rows as they stand, blank lines too (without cells)."""
        yield from _records(self.file, self.delimiter, blank=True)

    def output_encoding(self) -> str:
        """Return the encoding to write in: the table's own, where it can hold every Chinese name."""
        name = codecs.lookup(self.file.encoding).name
        if name in _CHINESE:
            return "gb18030"
        try:
            "网格".encode(name)
        except UnicodeEncodeError:
            return "utf-8-sig"
        return self.file.encoding


class WiderTable:
    """Writes the rows of a table as they stand, with cells added on the right, so that columns stay columns."""

    def __init__(self, table: PointTable, stream: TextIO) -> None:
        self._table = table
        self._stream = stream
        self._buffer = io.StringIO()
        self._cells = csv.writer(self._buffer, delimiter=table.delimiter, lineterminator="")

    def write(self, record: Record, added: Sequence[str]) -> None:
        """Write one row; one with fewer cells than the widest gets empty ones first, a blank line stays blank."""
        if not record.cells:
            self._stream.write(record.text + record.end)
            return
        missing = self._table.width - len(record.cells)
        self._buffer.seek(0)
        self._buffer.truncate()
        self._cells.writerow(added)
        self._stream.write(record.text + self._table.delimiter * (missing + 1) + self._buffer.getvalue() + record.end)


def _require_text(path: Path) -> None:
    place = {"file": path.name}
    if not path.exists():
        raise NotFound("ledger-no-such-file", place=place)
    if not path.is_file():
        raise BadInput("ledger-not-a-file", place=place)
    with path.open("rb") as stream:
        start = stream.read(4)
    for magic, name in ((_ZIP, ".xlsx"), (_PARQUET, ".parquet"), (_OLE, ".xls")):
        if start.startswith(magic):
            raise BadInput("points-other-format", place=place, name=path.name, format=name)


def _records(file: TextFile, delimiter: str, *, blank: bool = False) -> Iterator[Record]:
    """Yield the rows with their own text: what the CSV reader consumed for each of them."""
    lines: list[str] = []

    def consumed() -> Iterator[str]:
        for line in file.lines():
            lines.append(line)
            yield line

    number = 0
    try:
        for number, cells in enumerate(csv.reader(consumed(), delimiter=delimiter, strict=True), 1):
            whole = "".join(lines)
            lines.clear()
            text = whole.rstrip(_LINE_ENDS)
            if cells or blank:
                yield Record(number, text, whole[len(text) :], cells)
    except csv.Error:
        row = number + 1
        raise BadInput("ledger-broken-quotes", place={"file": file.path.name, "row": row}, row=row) from None
