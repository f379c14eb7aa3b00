"""Text ledgers: which encoding, which delimiter, which cells."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from geo.errors import BadInput, TooLarge
from importers.cell_text import clean
from importers.ledger_columns import is_heading
from importers.sheets import Limits, Sheet

_DELIMITERS: Final = ",;\t"
_SNIFFED_ROWS: Final = 60
_CHUNK_BYTES: Final = 1 << 20
_CUT_OFF: Final = ("unexpected end of data", "incomplete multibyte sequence", "truncated data")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_csv_sheet(path: Path, *, encoding: str | None, limits: Limits) -> Sheet:
    """Read a CSV file into cleaned cells, a line at a time.

    Parameters
    ----------
    path
        The file; its size is already checked against ``limits.file_bytes``.
    encoding
        Its encoding, or None to detect it: a byte order mark, else UTF-8, else GB18030 (which contains GBK).
    limits
        See :class:`importers.sheets.Limits`.

    Raises
    ------
    BadInput
        An encoding that is unknown or does not fit, a file that is no text, a quotation mark that never closes.
    TooLarge
        A line, a cell or a number of rows or columns beyond the limits.
    """
    text = TextFile(path, encoding_of(path, encoding), limits)
    rows: dict[int, list[str]] = {}
    cell_count = 0
    for number, cells in _records(text, delimiter_of(text)):
        cell_count += len(cells)
        if number > limits.rows or len(cells) > limits.columns or cell_count > limits.cells:
            facts = {"rows": limits.rows, "columns": limits.columns, "cells": limits.cells}
            raise TooLarge("ledger-too-many-cells", place={"file": path.name, "row": number}, **facts)
        filled = [clean(cell) for cell in cells]
        if any(filled):
            rows[number] = filled
    return Sheet("", rows)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file whose encoding is known, read line by line and never as a whole."""

    path: Path
    encoding: str
    limits: Limits

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends; a line that is no text, or too long to be one, is refused."""
        with self.path.open(encoding=self.encoding, newline="") as stream:
            number = 0
            while line := stream.readline(self.limits.line_chars + 1):
                number += 1
                place = {"file": self.path.name, "row": number}
                if len(line) > self.limits.line_chars:
                    facts = {"row": number, "chars": self.limits.line_chars}
                    raise TooLarge("ledger-line-too-long", place=place, **facts)
                if "\0" in line:
                    raise BadInput("ledger-not-text", place=place, row=number)
                yield line


def encoding_of(path: Path, named: str | None) -> str:
    """Return the encoding to read a file in, after all of it was decoded once; raises as :func:`read_csv_sheet`."""
    place = {"file": path.name}
    if named is not None:
        return _named_encoding(path, named)
    with path.open("rb") as stream:
        start = stream.read(4)
    candidates = [name for mark, name in _MARKS if start.startswith(mark)] or ["utf-8", "gb18030"]
    for candidate in candidates:
        misfit = _first_misfit(path, candidate)
        if misfit is None:
            return candidate
        if misfit.cut_off:
            raise BadInput("ledger-cut-off", place=place)
    raise BadInput("ledger-unknown-encoding", place=place)


def _named_encoding(path: Path, named: str) -> str:
    try:
        b"a".decode(named)
    except LookupError:
        raise BadInput("ledger-no-such-encoding", place={"file": path.name}, encoding=named) from None
    except UnicodeError:
        # One byte is too little for UTF-16; that the name is known is all that was asked.
        pass
    name = "utf-8-sig" if codecs.lookup(named).name == "utf-8" else named
    misfit = _first_misfit(path, name)
    if misfit is not None:
        place = {"file": path.name, "row": misfit.row}
        raise BadInput("ledger-wrong-encoding", place=place, encoding=named, row=misfit.row)
    return name


@dataclass(frozen=True, slots=True)
class _Misfit:
    """Where a file stops being text in some encoding, and whether it ends in the middle of a sign there."""

    row: int
    cut_off: bool


def _first_misfit(path: Path, encoding: str) -> _Misfit | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    row = 1
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                row += decoder.decode(chunk).count("\n")
            decoder.decode(b"", final=True)
    except UnicodeError as error:
        if isinstance(error, UnicodeDecodeError):
            row += error.object.count(b"\n", 0, error.start)
            return _Misfit(row, error.reason in _CUT_OFF)
        return _Misfit(row, cut_off=False)
    return None


def delimiter_of(text: TextFile) -> str:
    """Return the delimiter under which a row of headings has most known words, then most columns."""

    def score(delimiter: str) -> tuple[int, int]:
        known = widest = 0
        try:
            for _, cells in islice(_records(text, delimiter), _SNIFFED_ROWS):
                known = max(known, sum(is_heading(clean(cell)) for cell in cells if cell))
                widest = max(widest, len(cells))
        except BadInput:
            # Quotation marks that fit one delimiter are broken under another; the rows so far still count.
            pass
        return known, widest

    return max(_DELIMITERS, key=score)


def _records(text: TextFile, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each record, counted as Excel counts rows: a quoted line break opens no new row."""
    number = 0
    try:
        for number, cells in enumerate(csv.reader(text.lines(), delimiter=delimiter, strict=True), 1):
            yield number, cells
    except csv.Error:
        row = number + 1
        raise BadInput("ledger-broken-quotes", place={"file": text.path.name, "row": row}, row=row) from None
