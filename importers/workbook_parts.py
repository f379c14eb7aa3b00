"""The parts of a workbook, looked through as hostile XML before openpyxl opens it."""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import ElementTree
from defusedxml import sax as defused_sax

from geo.errors import BadInput, TooLarge
from importers.sheets import Limits, Merge

_RATIO_COUNTS_FROM_BYTES: Final = 1 << 20
_MOST_PARTS: Final = 10_000
_MOST_MERGES: Final = 200_000
_LAST_ROW: Final = 1_048_576
_REFERENCE: Final = re.compile(r"^\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?$")
_XML_PARTS: Final = (".xml", ".rels", ".vml")
_LARGE_PARTS: Final = ("xl/worksheets/", "xl/sharedStrings.xml")
_ENCRYPTED: Final = 0x1


@dataclass(slots=True)
class SheetOutline:
    """What a look through a sheet's XML tells.

    Attributes
    ----------
    merges
        Merged blocks.
    uncalculated
        Number of formulas that the file has no value for.
    first_uncalculated
        Reference of the first of them, such as ``"D7"``.
    """

    merges: list[Merge] = field(default_factory=list)
    uncalculated: int = 0
    first_uncalculated: str = ""


def check_parts(path: Path, limits: Limits) -> None:
    """Refuse what is no workbook, is encrypted, or would unpack to more than the limits.

    Python's zipfile never unpacks more of a member than the size it declares, so the declared sizes can be trusted as
    upper bounds.

    Raises
    ------
    BadInput, TooLarge
    """
    place = {"file": path.name}
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise BadInput("ledger-broken-workbook", place=place) from None
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise BadInput("ledger-password", place=place)
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise BadInput("ledger-not-a-workbook", place=place)
    xml_parts = [part for part in parts if part.filename.lower().endswith(_XML_PARTS)]
    total_bytes = sum(part.file_size for part in xml_parts)
    if len(parts) > _MOST_PARTS or total_bytes > limits.unpacked_bytes:
        raise TooLarge("ledger-unpacks-too-large", place=place, most_mib=limits.unpacked_bytes >> 20)
    for part in xml_parts:
        _check_part(part, limits, place)


def _check_part(part: zipfile.ZipInfo, limits: Limits, place: Mapping[str, str]) -> None:
    if not part.filename.startswith(_LARGE_PARTS) and part.file_size > limits.part_bytes:
        raise TooLarge("ledger-unpacks-too-large", place=place, most_mib=limits.part_bytes >> 20)
    packed = max(part.compress_size, 1)
    if part.file_size > _RATIO_COUNTS_FROM_BYTES and part.file_size > limits.ratio * packed:
        raise TooLarge("ledger-zip-bomb", place=place, ratio=part.file_size // packed, most=limits.ratio)


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return name to part of each sheet of an open workbook, hidden ones too, charts not, in the book's order."""
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), forbid_dtd=True)
    targets = {
        item.get("Id"): item.get("Target", "") for item in relations if item.get("Type", "").endswith("/worksheet")
    }
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"), forbid_dtd=True)
    parts: dict[str, str] = {}
    for element in book.iter():
        if element.tag.rpartition("}")[2] == "sheet":
            target = targets.get(_relation_id(element.attrib))
            if target is not None:
                parts[element.get("name", "")] = _part_name(target)
    return parts


def _relation_id(attributes: Mapping[str, str]) -> str | None:
    """Return the relation a sheet element names; its namespace differs between the two editions of the standard."""
    return next((value for name, value in attributes.items() if name.endswith("}id")), None)


def _part_name(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def outline(archive: zipfile.ZipFile, part: str, limits: Limits, place: Mapping[str, str]) -> SheetOutline:
    """Look through one sheet: its merges, formulas without a value, and that its cells stay within the limits.

    Raises
    ------
    TooLarge
        More rows, columns, cells or merges than the limits: padded out, such a sheet fills any memory.
    defusedxml.DefusedXmlException, xml.sax.SAXException
        Entities, a DTD, or XML that is not well formed.
    """
    handler = _SheetHandler(limits, place)
    with archive.open(part) as stream:
        defused_sax.parse(stream, handler, forbid_dtd=True)
    return handler.found


class _SheetHandler(ContentHandler):
    """Counts cells as they pass; keeps only merges and formulas."""

    def __init__(self, limits: Limits, place: Mapping[str, str]) -> None:
        super().__init__()
        self.found = SheetOutline()
        self._limits, self._place = limits, place
        self._row = self._column = self._cells = 0
        self._reference = ""
        self._has_formula = self._has_value = self._in_value = False

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - the name is SAX's
        tag = name.rpartition(":")[2]
        if tag == "c":
            self._open_cell(attrs.get("r", ""))
        elif tag == "row":
            self._open_row(attrs.get("r", ""))
        elif tag == "f":
            self._has_formula = True
        elif tag == "v":
            self._in_value = True
        elif tag == "mergeCell":
            self._add_merge(attrs.get("ref", ""))

    def endElement(self, name: str) -> None:  # noqa: N802 - the name is SAX's
        tag = name.rpartition(":")[2]
        self._in_value = False
        if tag == "c" and self._has_formula and not self._has_value:
            self.found.uncalculated += 1
            self.found.first_uncalculated = self.found.first_uncalculated or self._reference
        elif tag == "row":
            self._cells += self._column
            self._check()

    def characters(self, content: str) -> None:
        if self._in_value and content:
            self._has_value = True

    def _open_row(self, number: str) -> None:
        self._row = int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else self._row + 1
        self._column = 0
        self._check()

    def _open_cell(self, reference: str) -> None:
        self._reference = reference
        self._has_formula = self._has_value = False
        match = _REFERENCE.match(reference)
        self._column = _column_number(match[1]) if match else self._column + 1
        self._check()

    def _add_merge(self, reference: str) -> None:
        match = _REFERENCE.match(reference)
        if match is None or match[3] is None:
            return
        block = Merge(int(match[2]), _column_number(match[1]), int(match[4]), _column_number(match[3]))
        if block.top <= block.bottom <= _LAST_ROW and block.left <= block.right:
            self.found.merges.append(block)
        self._check()

    def _check(self) -> None:
        limits = self._limits
        beyond = self._row > limits.rows or self._column > limits.columns or self._cells > limits.cells
        if beyond or len(self.found.merges) > _MOST_MERGES:
            facts = {"rows": limits.rows, "columns": limits.columns, "cells": limits.cells}
            raise TooLarge("ledger-too-many-cells", place={**self._place, "row": self._row}, **facts)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
