"""From the cells of a sheet to rows under columns: merged cells, totals, notes, blanks filled from above."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from geo.errors import BadInput, GeoError, TooLarge
from importers.cell_text import folded
from importers.ledger_columns import AMOUNTS, CHAIN, field_of
from importers.sheets import Merge, Row, SetAside, Sheet, Table, column_letter
from importers.table_header import Header, find_header, letters_of
from importers.table_totals import compare_totals, is_total

_NOTE: Final = re.compile(
    r"^(?:注|备注|说明|附注|填表说明|填报说明|填表人|制表人|制表|填表|填报人|审核人|审核|审批人|填报单位|填表单位|填表日期|填报日期"
    r"|制表日期|单位负责人|联系人|notes?|remarks?)\d*[:.、]"
)
_PROSE: Final = re.compile(r"[:：。；]|.{13}", re.DOTALL)
_MOST_MERGED_CELLS: Final = 20_000_000
_GRID_FIELDS: Final = ("code", "local_code", "grid")
_POINT_FIELDS: Final = ("lon", "lat")


def shaped(sheet: Sheet, file: str) -> Table:
    """Return the table in a sheet.

    Raises
    ------
    BadInput
        No header, or no row of data below it.
    TooLarge
        Merged blocks that reach over more cells than any sheet holds.
    """
    header = find_header(sheet, file)
    shape = _Shape(sheet, header, file)
    shape.set_aside_titles()
    shape.fill_merges()
    shape.sort_rows()
    if not shape.data:
        raise BadInput("ledger-no-rows", place={"file": file, "sheet": sheet.name})
    amounts = {index: label for index, label in enumerate(header.labels) if field_of(label) in AMOUNTS}
    shape.remarks += compare_totals(shape.data, shape.totals, amounts, file)
    shape.fill_down()
    shape.note_untitled()
    return shape.table()


@dataclass(slots=True)
class _Shape:
    """A sheet on its way to being a table; the steps run in the order of :func:`shaped`."""

    sheet: Sheet
    header: Header
    file: str
    data: dict[int, list[str]] = field(default_factory=dict)
    totals: dict[int, list[str]] = field(default_factory=dict)
    dropped: list[SetAside] = field(default_factory=list)
    remarks: list[GeoError] = field(default_factory=list)

    @property
    def body(self) -> dict[int, list[str]]:
        last = self.header.rows[-1]
        return {number: cells for number, cells in self.sheet.rows.items() if number > last}

    def set_aside_titles(self) -> None:
        """Set aside what stands above the header."""
        self.remarks += self.sheet.remarks
        for number in self.sheet.rows:
            if number < self.header.rows[0]:
                self._drop("ledger-title", number)

    def fill_merges(self) -> None:
        """Give each row of a block merged downwards the block's value; amounts are counted once, in its first row."""
        blocks = [block for block in self.sheet.merges if block.top > self.header.rows[-1]]
        if sum(block.bottom - block.top + 1 for block in blocks) > _MOST_MERGED_CELLS:
            raise TooLarge("ledger-merges-too-large", place={"file": self.file})
        for block in blocks:
            cells = self.sheet.rows.get(block.top, [])
            value = cells[block.left - 1] if block.left <= len(cells) else ""
            below = [number for number in range(block.top + 1, block.bottom + 1) if number in self.sheet.rows]
            if value and below:
                self._fill_block(block, value, below)

    def _fill_block(self, block: Merge, value: str, below: list[int]) -> None:
        index = block.left - 1
        label = self.header.labels[index] if index < len(self.header.labels) else ""
        is_amount = field_of(label) in AMOUNTS
        for number in below:
            cells = self.sheet.rows[number]
            cells.extend([""] * (block.left - len(cells)))
            cells[index] = "0" if is_amount else value
        if is_amount:
            place = {"file": self.file, "row": block.top, "field": label}
            facts = {"row": block.top, "last": block.bottom, "column": label}
            self.remarks.append(BadInput("ledger-merged-amount", place=place, **facts))

    def sort_rows(self) -> None:
        """Tell data from totals, notes and repeated headers."""
        wide = self._rows_merged_across()
        heads = [[cell for cell in self.sheet.rows.get(number, []) if cell] for number in self.header.rows]
        for number, cells in self.body.items():
            texts = [cell for cell in cells if cell]
            first = folded(texts[0])
            if texts in heads:
                self._drop("ledger-header-again", number)
            elif is_total(cells):
                self.totals[number] = cells
                self._drop("ledger-total-row", number)
            elif number in wide or _NOTE.match(first):
                self._drop("ledger-note", number)
            else:
                self.data[number] = cells
        for number in reversed(list(self.data)):
            texts = [cell for cell in self.data[number] if cell]
            if len(texts) > 1 or not _PROSE.search(texts[0]):
                break
            del self.data[number]
            self._drop("ledger-note", number)

    def _rows_merged_across(self) -> set[int]:
        """Return the rows that hold one block merged over at least three columns, and nothing else."""
        return {
            block.top
            for block in self.sheet.merges
            if block.top == block.bottom
            and block.right - block.left >= 2
            and sum(map(bool, self.sheet.rows.get(block.top, []))) == 1
        }

    def fill_down(self) -> None:
        """Fill blanks below the names of communities and above, and a grid's own where its whole chain is blank.

        That is how merged cells look once a ledger was saved as CSV. A column that writes a name out twice in
        succession is not of that kind: its blanks are missing, and stay so. So does a grid's blank beside a community
        that is written, and all of a row that says where it is by a point alone.
        """
        index_of = {field_of(label): index for index, label in enumerate(self.header.labels) if label}
        chain = [index_of[name] for name in CHAIN if name in index_of]
        own = [index_of[name] for name in _GRID_FIELDS if name in index_of] if chain else []
        points = [index_of[name] for name in _POINT_FIELDS if name in index_of]
        for cells in self.data.values():
            cells.extend([""] * (len(self.header.labels) - len(cells)))
        merged_like = [index for index in [*chain, *own] if self._never_repeats(index)]
        filled: Counter[int] = Counter()
        above = [""] * len(self.header.labels)
        for cells in self.data.values():
            says_where = any(cells[index] for index in [*chain, *own])
            has_point = any(cells[index] for index in points)
            wanted = [index for index in merged_like if index in chain or not says_where]
            if has_point and not says_where:
                wanted = []
            for index in _blanks_before_filled(cells, wanted):
                cells[index] = above[index]
                filled[index] += bool(above[index])
            above = list(cells)
        self._remark_filled(filled)

    def _never_repeats(self, index: int) -> bool:
        column = [cells[index] for cells in self.data.values()]
        return not any(cell and cell == below for cell, below in pairwise(column))

    def _remark_filled(self, filled: Mapping[int, int]) -> None:
        for index, count in sorted(filled.items()):
            if count:
                column = self.header.labels[index]
                place = {"file": self.file, "field": column}
                self.remarks.append(BadInput("ledger-filled-down", place=place, column=column, count=count))

    def note_untitled(self) -> None:
        """Remark on columns that hold data and have no heading, which nobody reads."""
        width = max(map(len, self.data.values()))
        labels = [*self.header.labels, *[""] * (width - len(self.header.labels))]
        for index, label in enumerate(labels):
            if not label and any(cells[index : index + 1] not in ([], [""]) for cells in self.data.values()):
                letter = column_letter(index + 1)
                place = {"file": self.file, "field": letter}
                self.remarks.append(BadInput("ledger-untitled-column", place=place, column=letter))

    def table(self) -> Table:
        """Return the finished table."""
        columns = tuple(label for label in self.header.labels if label)
        return Table(
            self.file,
            self.sheet.name,
            columns,
            letters_of(self.header),
            tuple(Row(number, self._named(cells)) for number, cells in self.data.items()),
            tuple(sorted(self.dropped, key=lambda row: row.number)),
            tuple(self.remarks),
        )

    def _named(self, cells: list[str]) -> Mapping[str, str]:
        return {label: cell for label, cell in zip(self.header.labels, cells, strict=False) if label}

    def _drop(self, kind: str, number: int) -> None:
        place = {"file": self.file, "row": number}
        self.dropped.append(SetAside(number, BadInput(kind, place=place, row=number)))


def _blanks_before_filled(cells: list[str], wanted: list[int]) -> list[int]:
    """Return the blank ones among the wanted columns, up to the last filled one.

    A blank town beside a written community is a merged cell; a blank community beside a written town is missing.
    """
    last_filled = max((place for place, index in enumerate(wanted) if cells[index]), default=len(wanted))
    return [index for index in wanted[:last_filled] if not cells[index]]
