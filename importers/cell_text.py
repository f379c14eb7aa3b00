"""What people type into the cells of a ledger, made plain: full-width signs, numbers as text, telephone numbers."""

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from geo.numerals import NUMERALS, numeral

MOST_PEOPLE: Final = 1_000_000
"""The largest number of households or residents believed of one row."""

NOBODY: Final = frozenset(
    ("", "无", "暂无", "空", "空缺", "缺", "待定", "未定", "/", "\\", "-", "—", "--", "——", "none", "n/a")
)
"""Folded cells that say that nothing or nobody is there."""

_BLANKS: Final = (0x3000, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F)
_UNSEEN: Final = (
    *range(9),
    0x0B,
    0x0C,
    *range(0x0E, 0x20),
    0x7F,
    0xAD,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
)
_FULL_WIDTH: Final = range(0xFF01, 0xFF5F)
_FULL_TO_HALF_OFFSET: Final = 0xFEE0
_CLEAN: Final[dict[int, str | None]] = {
    **dict.fromkeys(_BLANKS, " "),
    **dict.fromkeys(_UNSEEN),
    **{sign: chr(sign - _FULL_TO_HALF_OFFSET) for sign in _FULL_WIDTH if chr(sign - _FULL_TO_HALF_OFFSET).isalnum()},
}
_PLAIN: Final = re.compile(r"[!-&(-<>-~\u3001-\u301e\u4e00-\u9fff]*")
"""Text that is clean as it stands: no blanks, no quotation mark or equals sign that could force text."""

_PLAIN_ASCII: Final = re.compile(r"[!-@\[-~]*")
_FOLD: Final[dict[int, str | None]] = {
    **{sign: chr(sign - _FULL_TO_HALF_OFFSET) for sign in _FULL_WIDTH},
    0x2212: "-",
    0x3010: "[",
    0x3011: "]",
}
_FORCED_TEXT: Final = re.compile(r'^="(.*)"$', re.DOTALL)
_WHOLE: Final = re.compile(r"^([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:e[+-]?\d{1,3})?)[户人口个名]?$")
_SCIENTIFIC: Final = re.compile(r"^(\d)(?:\.(\d*))?e\+?(\d{1,2})$")
_MOBILE: Final = re.compile(r"^1[3-9]\d{9}$")
_LANDLINE: Final = re.compile(r"^(?:0\d{2,3})?[2-9]\d{6,7}$")
_SERVICE: Final = re.compile(r"^(?:1\d{2}|1[02]\d{3}|[48]00\d{7})$")
_NUMERAL_RUN: Final = re.compile(rf"[{NUMERALS}]+|\d+")


def clean(value: object) -> str:
    """Return the text of a cell: half-width digits, letters and blanks, no invisible signs, no outer blanks.

    Whole numbers lose the ``.0`` that spreadsheets give them, so a telephone number kept as a number is its digits.
    Chinese punctuation is kept. ``None`` is ``""``.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, str) and _PLAIN.fullmatch(value) and "_x000D_" not in value:
        return value
    text = str(value).replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").translate(_CLEAN).strip()
    forced = _FORCED_TEXT.match(text)
    return forced[1].strip() if forced else text.removeprefix("'")


def folded(text: str) -> str:
    """Return a text for comparing: all signs half-width, no blanks, lower case."""
    if _PLAIN_ASCII.fullmatch(text):
        return text
    return "".join(text.translate(_CLEAN).translate(_FOLD).split()).casefold()


def arabic(text: str) -> str:
    """Return a text with its numerals in one form: 第三网格, 第03网格 and 第3网格 are alike."""
    return _NUMERAL_RUN.sub(lambda run: numeral(run[0]), text)


def whole_number(text: str) -> int | Literal["unreadable", "negative", "fraction", "too-large"]:
    """Return a count of households or people (``472``, ``１，２２４``, ``472 户``), or what is wrong with it."""
    match = _WHOLE.match(folded(text))
    if match is None:
        return "unreadable"
    value = Decimal(match[1].replace(",", ""))
    if value < 0:
        return "negative"
    if value > MOST_PEOPLE:
        return "too-large"
    return int(value) if value == value.to_integral_value() else "fraction"


def decimal_number(text: str) -> float | None:
    """Return a coordinate, or None where the text is no finite decimal number."""
    try:
        value = Decimal(folded(text).removesuffix("°"))
    except InvalidOperation:
        return None
    number = float(value) if value.is_finite() else float("inf")
    return number if abs(number) < float("inf") else None


@dataclass(frozen=True, slots=True, repr=False)
class Phone:
    """A telephone number, and what speaks against it.

    Attributes
    ----------
    digits
        Digits only, ``""`` where there is none or where it cannot be read.
    doubt
        ``"rounded"``: only its first digits were in the file (``1.38E+10``), so it is left out; ``"unreadable"``: no
        number; ``"form"``: neither a mobile, a landline nor a service number, and kept as it is.
    """

    digits: str
    doubt: Literal["rounded", "unreadable", "form"] | None = None


def phone(text: str) -> Phone:
    """Return the telephone number in a text of any of the usual forms (``+86``, blanks, hyphens, ``.0``)."""
    plain = folded(text)
    if plain in NOBODY:
        return Phone("")
    exact = _from_scientific(plain)
    if exact == "":
        return Phone("", "rounded")
    digits = exact or _bare_digits(plain)
    if not digits:
        return Phone("", "unreadable")
    usual = _MOBILE.match(digits) or _LANDLINE.match(digits) or _SERVICE.match(digits)
    return Phone(digits, None if usual else "form")


def is_rounded(text: str) -> bool:
    """Return whether a number lost digits on its way, as in ``5.11402E+14``."""
    return _from_scientific(folded(text)) == ""


def _from_scientific(plain: str) -> str | None:
    """Return the digits of ``1.3800001111e10``, ``""`` where the mantissa is too short, None for other forms."""
    match = _SCIENTIFIC.match(plain)
    if match is None:
        return None
    decimals, exponent = match[2] or "", int(match[3])
    return match[1] + decimals if len(decimals) == exponent else ""


def _bare_digits(plain: str) -> str:
    digits = re.sub(r"[-()+.]", "", re.sub(r"\.0*$", "", plain))
    if not digits.isascii() or not digits.isdecimal():
        return ""
    international = digits.removeprefix("00").removeprefix("86")
    return international if _MOBILE.match(international) else digits
