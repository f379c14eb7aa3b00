"""What a ledger is before and after it is understood: cells as they stand in the file, and rows under columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from geo.errors import GeoError


@dataclass(frozen=True, slots=True)
class Limits:
    """What is believed of a ledger at most; a file beyond any of these is refused before it is read.

    Attributes
    ----------
    file_bytes
        Size of the file.
    unpacked_bytes, part_bytes
        Declared size of all XML parts of a workbook, and of any one that is not a sheet or the shared texts.
    ratio
        Unpacked size over packed size of a part larger than 1 MiB.
    rows, columns, cells
        Rows (including blank ones), the last column in use, and rows × their last columns.
    line_chars
        Length of one line of text.
    """

    file_bytes: int = 256 << 20
    unpacked_bytes: int = 512 << 20
    part_bytes: int = 16 << 20
    ratio: int = 250
    rows: int = 1_048_576
    columns: int = 500
    cells: int = 20_000_000
    line_chars: int = 1 << 20


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged block of cells, 1-based and inclusive, as the spreadsheet counts."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Sheet:
    """The cells of one sheet, cleaned, without its blank rows.

    Attributes
    ----------
    name
        Name of the sheet, ``""`` for a text file.
    rows
        Row number (1-based, as Excel shows it) to the cells of that row; column A comes first.
    merges
        Merged blocks, only of workbooks.
    remarks
        What the reader noticed.
    """

    name: str
    rows: dict[int, list[str]]
    merges: list[Merge] = field(default_factory=list)
    remarks: list[GeoError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data: its number as Excel shows it, and its cells by column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that is no data, or that was refused: its number and the reason."""

    number: int
    reason: GeoError


@dataclass(frozen=True, slots=True)
class Table:
    """A ledger under its column headings.

    Attributes
    ----------
    file, sheet
        Where it came from: the file's name, and the sheet's (``""`` for a text file).
    columns
        Headings from left to right, each once. Where the header has several rows they are joined with ``"/"``.
    letters
        Heading to the letter of its column.
    rows
        The data.
    dropped
        Titles, totals, notes and repeated headers: every filled row that is not in ``rows``, with its reason.
    remarks
        What was noticed and did not stop anything: totals that do not add up, blanks filled from above, and so on.
    """

    file: str
    sheet: str
    columns: tuple[str, ...]
    letters: Mapping[str, str]
    rows: tuple[Row, ...]
    dropped: tuple[SetAside, ...]
    remarks: tuple[GeoError, ...]


def column_letter(index: int) -> str:
    """Return the letter of a column, 1-based: ``A`` … ``Z``, ``AA`` …."""
    letters = ""
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
