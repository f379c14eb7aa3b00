"""Finding the header of a sheet: below titles, over one to three rows, with merged groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from geo.errors import BadInput
from importers.cell_text import folded
from importers.ledger_columns import is_heading
from importers.sheets import Sheet, column_letter

_SEARCHED_ROWS: Final = 40
_MOST_HEADER_ROWS: Final = 3
_FEWEST_HEADINGS: Final = 2

Cells = Mapping[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands and what it says.

    Attributes
    ----------
    rows
        Its row numbers, from top to bottom.
    labels
        Label of each column, ``""`` for none; every other label once.
    """

    rows: tuple[int, ...]
    labels: tuple[str, ...]


def find_header(sheet: Sheet, file: str) -> Header:
    """Return the header: the first row with the most known headings, and the header rows around it.

    Raises
    ------
    BadInput
        ``ledger-no-header`` where no row holds two known headings.
    """
    top = _filled_top(sheet)
    numbers = list(top)
    counts = [_count_headings(top[number]) for number in numbers]
    if not counts or max(counts) < _FEWEST_HEADINGS:
        raise BadInput("ledger-no-header", place={"file": file, "sheet": sheet.name})
    best = counts.index(max(counts))
    first = last = best
    while first > 0 and last - first + 1 < _MOST_HEADER_ROWS and _belongs_above(sheet, top, numbers, first):
        first -= 1
    while last + 1 < len(numbers) and last - first + 1 < _MOST_HEADER_ROWS and _belongs_below(top, numbers, last):
        last += 1
    rows = tuple(numbers[first : last + 1])
    return Header(rows, _unique(_joined([_spread(sheet, top, row, rows) for row in rows])))


def _filled_top(sheet: Sheet) -> dict[int, list[str]]:
    """Return the first rows, padded to one width, with every merged block filled."""
    numbers = list(sheet.rows)[:_SEARCHED_ROWS]
    width = max(len(sheet.rows[number]) for number in numbers)
    top = {number: [*sheet.rows[number], *[""] * (width - len(sheet.rows[number]))] for number in numbers}
    for block in sheet.merges:
        if block.top in top:
            value = top[block.top][block.left - 1] if block.left <= width else ""
            for number in numbers:
                if block.top <= number <= block.bottom:
                    right = min(block.right, width)
                    top[number][block.left - 1 : right] = [value] * (right - block.left + 1)
    return top


def _count_headings(cells: Sequence[str]) -> int:
    return len({folded(cell) for cell in cells if cell and is_heading(cell)})


def _belongs_above(sheet: Sheet, top: Cells, numbers: Sequence[int], first: int) -> bool:
    """Return whether the row above the header is a row of groups rather than a title."""
    above, below = numbers[first - 1], numbers[first]
    distinct = {cell for cell in top[above] if cell}
    if len(distinct) < _FEWEST_HEADINGS:
        return False
    joined = any(block.top <= above and below <= block.bottom for block in sheet.merges)
    grouped = any(block.top == above and 1 < block.right - block.left + 1 < len(top[above]) for block in sheet.merges)
    return joined or (grouped and _count_headings(top[above]) > 0) or _all_headings(top[above])


def _belongs_below(top: Cells, numbers: Sequence[int], last: int) -> bool:
    """Return whether the row below the header holds only headings again, and another set of them."""
    header, below = top[numbers[last]], top[numbers[last + 1]]
    if [folded(cell) for cell in header] == [folded(cell) for cell in below]:
        return False
    under_groups = all(
        not cell or cell == above or not above or is_heading(above) for cell, above in zip(below, header, strict=True)
    )
    return under_groups and _all_headings(below)


def _all_headings(cells: Sequence[str]) -> bool:
    return _count_headings(cells) >= _FEWEST_HEADINGS and all(is_heading(cell) for cell in cells if cell)


def _spread(sheet: Sheet, top: Cells, row: int, rows: Sequence[int]) -> list[str]:
    """Return a header row in which a group's label also stands over the blanks to its right.

    Only text files need it, and only above the last header row: a workbook has merged blocks.
    """
    labels = list(top[row])
    if sheet.merges or row == rows[-1]:
        return labels
    lower = top[rows[rows.index(row) + 1]]
    for index in range(1, len(labels)):
        if not labels[index] and lower[index] and lower[index - 1]:
            labels[index] = labels[index - 1]
    return labels


def _joined(header_rows: Sequence[Sequence[str]]) -> list[str]:
    labels = []
    for parts in zip(*header_rows, strict=True):
        distinct = list(dict.fromkeys("".join(part.split()) for part in parts if part))
        labels.append("/".join(distinct))
    return labels


def _unique(labels: Sequence[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    unique = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        unique.append(f"{label}({seen[label]})" if label and seen[label] > 1 else label)
    return tuple(unique)


def letters_of(header: Header) -> dict[str, str]:
    """Return label to column letter."""
    return {label: column_letter(index) for index, label in enumerate(header.labels, start=1) if label}
