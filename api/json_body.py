"""JSON of strangers, judged before it is parsed: how deep it is, and whether it can be written down again."""

import re
from typing import Final

import numpy as np

from geo.errors import BadInput, TooLarge

_TEXT: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_OPEN, _CLOSED, _BRACKETS = b"[{", b"]}", b"[]{}"
_OTHERS: Final = bytes(set(range(256)) - set(_BRACKETS))
_ESCAPED: Final = re.compile(
    r"\\(?:u([dD][89abAB]\w\w)(?:\\u[dD][c-fC-F]\w\w)?|u([dD][c-fC-F]\w\w)|u(0000)|.)", re.DOTALL
)
_PAIR: Final = len(r"\ud800\udc00")
_NO_NUMBER: Final = re.compile(rb"NaN|Infinity|\d{300}|[eE]\+?0*[1-9]\d{2}")


def require_shallow(body: bytes, most: int) -> None:
    """Refuse JSON that is nested too deep; whether it is JSON at all is for its parser to say.

    Raises
    ------
    TooLarge
        ``body-too-deep``.
    """
    if sum(body.count(bracket) for bracket in (b"[", b"{")) <= most:
        return
    brackets = np.frombuffer(_TEXT.sub(b"", body).translate(None, _OTHERS), dtype=np.uint8)
    steps = np.where(np.isin(brackets, np.frombuffer(_OPEN, dtype=np.uint8)), 1, -1)
    if steps.cumsum().max(initial=0) > most:
        raise TooLarge("body-too-deep", most=most)


def require_plain(body: bytes) -> None:
    """Refuse JSON with what no database and no answer can hold: NUL, halves of characters, numbers without end.

    Raises
    ------
    BadInput
        ``body-not-json``, ``body-not-plain``.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput("body-not-json") from None
    if "\\u" in text and any(map(_is_unwritable, _ESCAPED.finditer(text))):
        raise BadInput("body-not-plain")
    if _NO_NUMBER.search(_TEXT.sub(b'""', body)):
        raise BadInput("body-not-plain")


def _is_unwritable(found: re.Match[str]) -> bool:
    """Tell whether an escape is NUL, or half of a character."""
    high, low, nul = found.groups()
    return bool(nul or low or (high and len(found.group()) < _PAIR))
