"""Total rows (合计, 小计, 总计): knowing them, and comparing what they state with the rows."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from geo.errors import BadInput, GeoError
from importers.cell_text import folded, whole_number

_TOTAL: Final = re.compile(
    r"^(?:.{1,16}(?:社区|村|街道|镇|乡|区|县|市|网格|本页|全部))?(?:合计|小计|总计|共计|累计|总合计|合计数)(?:\(.{1,6}\))?:?$"
    r"|^(?:grand|sub)?-?total:?$|^sum:?$"
)

_HINT: Final = re.compile(r"计|total|sum", re.IGNORECASE)


def is_total(cells: Sequence[str]) -> bool:
    """Return whether a row states totals: one of its cells says 合计, 小计, 总计 … or total."""
    return any(len(cell) <= 30 and _HINT.search(cell) and _TOTAL.match(folded(cell)) for cell in cells)


@dataclass(frozen=True, slots=True)
class _Series:
    """The amounts of one column in the order of the sheet.

    Attributes
    ----------
    sums
        Sum of the first ``i`` data rows, length n + 1.
    cuts
        How many data rows stand above each total row, in order.
    """

    sums: Sequence[int]
    cuts: Sequence[int]

    def candidates(self, index: int) -> list[int]:
        """Return what a total row may rightly state, the likeliest first.

        That is the sum of the rows since the total above it, of all rows above it, and where it stands above its rows:
        of those down to the next total and of all below.
        """
        here = self.cuts[index]
        above_at, below_at = bisect_left(self.cuts, here), bisect_right(self.cuts, here)
        before = self.cuts[above_at - 1] if above_at else 0
        after = self.cuts[below_at] if below_at < len(self.cuts) else len(self.sums) - 1
        end = self.sums[-1]
        above = [self.sums[here] - self.sums[before], self.sums[here]] if here else []
        return [*above, end - self.sums[here], self.sums[after] - self.sums[here]]


def compare_totals(
    rows: Mapping[int, Sequence[str]], totals: Mapping[int, Sequence[str]], amounts: Mapping[int, str], file: str
) -> list[GeoError]:
    """Return a remark for each number in a total row that no reading of the rows adds up to.

    Parameters
    ----------
    rows, totals
        Row number to cells, of the data and of the total rows.
    amounts
        Index (0-based) of each column that holds amounts to its heading.
    file
        Name of the file, for the remarks.
    """
    remarks: list[GeoError] = []
    numbers = sorted(rows)
    total_numbers = sorted(totals)
    cuts = [bisect_left(numbers, total) for total in total_numbers]
    for index, column in amounts.items():
        values = [_amount(rows[number], index) or 0 for number in numbers]
        series = _Series([0, *accumulate(values)], cuts)
        for position, total in enumerate(total_numbers):
            stated = _amount(totals[total], index)
            candidates = series.candidates(position)
            if stated is not None and stated not in candidates:
                place = {"file": file, "row": total, "field": column}
                remarks.append(
                    BadInput(
                        "ledger-total-differs",
                        place=place,
                        row=total,
                        column=column,
                        stated=stated,
                        counted=candidates[0],
                    )
                )
    return remarks


def _amount(cells: Sequence[str], index: int) -> int | None:
    value = whole_number(cells[index]) if index < len(cells) else None
    return value if isinstance(value, int) else None
