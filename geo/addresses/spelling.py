"""An address as it is written, in parts: runs of text, and numbers with what they number.

Names of places and what people ask for are taken apart by the same rules, so a rule that is wrong for some name is
wrong for both, and they still meet.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from geo.numerals import NUMERALS, numeral

LONGEST_TEXT: Final = 400
"""Characters of an address; nobody writes longer ones, and what is longer is refused at the door."""
LONGEST_NUMBER: Final = 6
"""Digits; longer ones are telephone numbers and the like."""

_UNITS: Final = {
    "期": "期",
    **dict.fromkeys(("栋", "幢", "座", "号楼", "#"), "栋"),
    **dict.fromkeys(("单元", "单"), "单元"),
    **dict.fromkeys(("号", "号院", "弄"), "号"),
    **dict.fromkeys(("层", "f"), "层"),
    **dict.fromkeys(("室", "户", "房"), "室"),
    **dict.fromkeys(("村民小组", "小组", "组", "社", "队"), "组"),
    "楼": "楼",
    "区": "区",
}
_COARSEST_FIRST: Final = {
    unit: place for place, unit in enumerate(("组", "区", "期", "号", "附", "栋", "单元", "层", "室"))
}
_UNIT: Final = r"(?:村民小组|小组|单元|单(?!位)|号楼|号院|社(?!区)|期|栋|幢|座|楼|号|室|户|层|组|队|房|弄|#|f(?![a-z]))"
_SPELT_UNIT: Final = r"(?:村民小组|小组|单元|单(?!位)|号楼|号院|社(?!区)|期|栋|幢|楼|号|室|层|组|队|#)"
_NUMBER: Final = re.compile(
    rf"(?P<beside>附)?第?(?:(?P<digits>\d+[a-z]?)(?:(?P<unit>{_UNIT})|(?P<zone>区)(?!县))?"
    rf"|(?P<spelt>(?<=第)[{NUMERALS}]+|[{NUMERALS}]+(?={_SPELT_UNIT}|微?网格))(?P<spelt_unit>{_SPELT_UNIT})?"
    rf"|(?<![a-z])(?P<letter>[a-z])(?:(?P<letter_unit>栋|幢|座|单元|号楼)|(?P<letter_zone>区)))"
)
_DASH: Final = re.compile(r"[‐-―−~～_/\\]")
_LATIN: Final = "a-z0-9"


class Number(NamedTuple):
    """A number with its unit, ``""`` where none is written; ``begin`` and ``end`` are places in the plain text."""

    value: str
    unit: str
    begin: int
    end: int


class Run(NamedTuple):
    """Text between numbers; ``begin`` is its place in the plain text."""

    text: str
    begin: int

    @property
    def end(self) -> int:
        """Where it ends in the plain text."""
        return self.begin + len(self.text)


Part = Run | Number


class Spelt(NamedTuple):
    """A name without its numbers, and these."""

    stem: str
    numbers: tuple[Number, ...]


def plain(text: str) -> str:
    """Return a text in one form: half-width, lower case, without punctuation, blanks between Latin words only."""
    folded = _DASH.sub("-", unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold())
    kept = "".join(sign if sign.isalnum() or sign in "-#" else " " for sign in folded)
    single = re.sub(r" +", " ", re.sub(r" *-[ -]*", "-", kept))
    return re.sub(rf"(?<![{_LATIN}#])[ -]|[ -](?![{_LATIN}])", "", single)


def parts_of(text: str) -> tuple[Part, ...]:
    """Return the parts of a plain text in their order."""
    found: list[Part] = []
    begin = 0
    for each in _NUMBER.finditer(text):
        value = each["digits"] or each["spelt"] or each["letter"]
        _add_run(found, text, begin, each.start())
        begin = each.end()
        if len(value) > LONGEST_NUMBER:
            continue
        unit = each["unit"] or each["spelt_unit"] or each["letter_unit"] or each["zone"] or each["letter_zone"] or ""
        kind = "附" if each["beside"] else _UNITS.get(unit, "")
        found.append(Number(_value(value), _storey_or_building(kind, found), each.start(), each.end()))
    _add_run(found, text, begin, len(text))
    return tuple(found)


def spelt(name: str) -> Spelt:
    """Return the stem and the numbers of a name."""
    parts = parts_of(plain(name))
    stem = "".join(part.text for part in parts if isinstance(part, Run))
    return Spelt(stem, ordered(part for part in parts if isinstance(part, Number)))


def ordered(numbers: Iterable[Number]) -> tuple[Number, ...]:
    """Return numbers from the largest to the smallest part where all say what they are, else as they stand."""
    given = tuple(numbers)
    if all(each.unit for each in given):
        return tuple(sorted(given, key=lambda each: _COARSEST_FIRST[each.unit]))
    return given


def digits_of(numbers: Sequence[Number]) -> str:
    """Return the values of numbers as they are looked up, such as ``8.3.2``."""
    return ".".join(each.value for each in numbers)


def _value(text: str) -> str:
    if text[0] in NUMERALS:
        return numeral(text)
    return text.lstrip("0") or "0"


def _storey_or_building(unit: str, before: Sequence[Part]) -> str:
    """Tell what 楼 numbers: a building, or a storey where a building was named just before."""
    if unit != "楼":
        return unit
    earlier = []
    for part in reversed(before):
        if isinstance(part, Run):
            break
        earlier.append(part.unit)
    return "层" if {"栋", "单元"} & set(earlier) else "栋"


def _add_run(found: list[Part], text: str, begin: int, end: int) -> None:
    run = text[begin:end]
    kept = run.strip(" -第附")
    if kept:
        found.append(Run(kept, begin + run.index(kept)))
