"""Reading a ledger, CSV or Excel, into rows under columns."""

from pathlib import Path
from typing import Final

from geo.errors import BadInput, NotFound, TooLarge
from importers.sheet_csv import read_csv_sheet
from importers.sheet_xlsx import read_xlsx_sheet
from importers.sheets import Limits, Row, SetAside, Sheet, Table
from importers.table_shape import shaped

__all__ = ["Limits", "Row", "SetAside", "Table", "read_table"]

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE: Final = "EncryptedPackage".encode("utf-16-le")
_TEXT_SUFFIXES: Final = (".csv", ".tsv", ".txt")
_HTML: Final = (b"<html", b"<!doctype", b"<table", b"<?xml")


def read_table(
    path: str | Path, *, sheet: str | None = None, encoding: str | None = None, limits: Limits | None = None
) -> Table:
    """Read a ledger into rows under columns.

    The header is found below title rows; its rows may be several and merged. Cells merged downwards are filled, and so
    are blanks below the name of a community or town, but never numbers of households or residents. Totals, notes and
    repeated headers are set aside with a reason, and the totals compared with the rows. Every text is made half-width
    in digits, letters and blanks.

    Parameters
    ----------
    path
        A ``.csv`` (comma, semicolon or tab; UTF-8, UTF-16 or GBK) or ``.xlsx`` file; what it holds decides, not its
        name.
    sheet
        Name of the sheet, where the workbook has several; without it the one with the best header is read.
    encoding
        Encoding of a text file; detected without it.
    limits
        What is believed at most, by default :class:`Limits`.

    Raises
    ------
    NotFound
        No such file.
    BadInput
        A directory, an empty file, ``.xls``, a password, a broken file, a file without header or without data.
    TooLarge
        A file beyond the limits.
    """
    source, bounds = Path(path), limits or Limits()
    start = _checked_start(source, bounds)
    page = _sheet(source, start, sheet, encoding, bounds)
    if not page.rows:
        raise BadInput("ledger-empty", place={"file": source.name})
    return shaped(page, source.name)


def _checked_start(path: Path, limits: Limits) -> bytes:
    place = {"file": path.name}
    if not path.exists():
        raise NotFound("ledger-no-such-file", place=place)
    if not path.is_file():
        raise BadInput("ledger-not-a-file", place=place)
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        raise BadInput("ledger-empty", place=place)
    if size_bytes > limits.file_bytes:
        facts = {"size_mib": -(-size_bytes >> 20), "most_mib": limits.file_bytes >> 20}
        raise TooLarge("ledger-file-too-large", place=place, **facts)
    with path.open("rb") as stream:
        return stream.read(512)


def _sheet(path: Path, start: bytes, sheet: str | None, encoding: str | None, limits: Limits) -> Sheet:
    place = {"file": path.name}
    if start.startswith(_ZIP):
        return read_xlsx_sheet(path, sheet=sheet, limits=limits)
    if start.startswith(_OLE):
        encrypted = _ENCRYPTED_PACKAGE in path.read_bytes()
        raise BadInput("ledger-password" if encrypted else "ledger-xls", place=place)
    if start.lstrip().lower().startswith(_HTML):
        raise BadInput("ledger-web-page", place=place)
    if path.suffix.lower() not in _TEXT_SUFFIXES:
        raise BadInput("ledger-unknown-format", place=place, suffix=path.suffix or "?")
    return read_csv_sheet(path, encoding=encoding, limits=limits)
