"""Excel ledgers: which sheet, and its cells with the values that Excel last calculated."""

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol, cast

import openpyxl

from geo.errors import BadInput, GeoError
from importers.cell_text import clean
from importers.ledger_columns import is_heading
from importers.sheets import Limits, Sheet
from importers.workbook_parts import SheetOutline, check_parts, outline, sheet_parts

_SEARCHED_ROWS: Final = 60


class Page(Protocol):
    """What is used of openpyxl's read-only sheet, whose own class is private."""

    title: str
    sheet_state: str

    def reset_dimensions(self) -> None:
        """Forget the extent that the file declares."""

    def iter_rows(self, *, max_row: int | None = None, values_only: bool = False) -> Iterator[tuple[object, ...]]:
        """Yield the rows."""


def read_xlsx_sheet(path: Path, *, sheet: str | None, limits: Limits) -> Sheet:
    """Read one sheet of a workbook into cleaned cells.

    Formulas count by the value stored beside them; links to other files are never followed. Without ``sheet``, the
    visible sheet with the best row of headings is read, and the others are named in a remark.

    Raises
    ------
    BadInput
        No workbook, a password, a sheet that is not there, XML that cannot be read.
    TooLarge
        An archive or a sheet beyond the limits.
    """
    place = {"file": path.name}
    check_parts(path, limits)
    try:
        with warnings.catch_warnings():
            # openpyxl warns about styles and extensions that have nothing to do with the cells.
            warnings.simplefilter("ignore", UserWarning)
            return _read(path, sheet, limits)
    except GeoError:
        raise
    except Exception:
        # What a parser raises on a crafted file cannot be listed; its text may quote cells, so it is not passed on.
        raise BadInput("ledger-broken-workbook", place=place) from None


def _read(path: Path, sheet: str | None, limits: Limits) -> Sheet:
    with zipfile.ZipFile(path) as archive:
        parts = sheet_parts(archive)
        outlines = {
            name: outline(archive, part, limits, {"file": path.name})
            for name, part in parts.items()
            if sheet in (None, name)
        }
    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        pages = [page for page in cast(list[Page], book.worksheets) if page.title in outlines]
        chosen = _named(pages, sheet, list(parts), path) if sheet is not None else best_page(pages, path)
        found = Sheet(chosen.title, _cells(chosen), outlines[chosen.title].merges)
    finally:
        book.close()
    others = [] if sheet is not None else [page.title for page in pages if page.title != found.name]
    found.remarks += _remarks(found.name, outlines[found.name], others, path)
    return found


def _remarks(name: str, looked_through: SheetOutline, others: Sequence[str], path: Path) -> Iterator[GeoError]:
    if looked_through.uncalculated:
        first = looked_through.first_uncalculated
        place = {"file": path.name, "field": first}
        yield BadInput("ledger-uncalculated", place=place, count=looked_through.uncalculated, first=first)
    if others:
        shown = "、".join(others[:20])
        yield BadInput("ledger-other-sheets", place={"file": path.name}, sheet=name, others=shown)


def _named(pages: Sequence[Page], sheet: str, names: list[str], path: Path) -> Page:
    for page in pages:
        if page.title == sheet:
            return page
    raise BadInput("ledger-no-such-sheet", place={"file": path.name}, sheet=sheet, known="、".join(names[:20]))


def best_page(pages: Sequence[Page], path: Path) -> Page:
    """Return the visible sheet with the best row of headings.

    Raises
    ------
    BadInput
        ``ledger-empty`` where no sheet is visible.
    """
    visible = [page for page in pages if page.sheet_state == "visible"]
    if not visible:
        raise BadInput("ledger-empty", place={"file": path.name})
    return max(visible, key=_known_headings)


def _known_headings(page: Page) -> int:
    page.reset_dimensions()
    top = page.iter_rows(max_row=_SEARCHED_ROWS, values_only=True)
    return max((sum(is_heading(clean(cell)) for cell in cells) for cells in top), default=0)


def _cells(page: Page) -> dict[int, list[str]]:
    # The extent that a file declares for itself is often wrong.
    page.reset_dimensions()
    rows: dict[int, list[str]] = {}
    for number, cells in enumerate(page.iter_rows(values_only=True), start=1):
        filled = [clean(cell) for cell in cells]
        if any(filled):
            rows[number] = filled
    return rows
