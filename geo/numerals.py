"""Numbers as Chinese writes them: 十二, 一二〇三, 三百零五."""

from typing import Final

NUMERALS: Final = "零〇一二三四五六七八九两十百千"
_DIGIT_OF: Final = {"零": 0, "〇": 0, "两": 2, **{sign: value for value, sign in enumerate("一二三四五六七八九", 1)}}
_TENS: Final = {"十": 10, "百": 100, "千": 1000}


def numeral(run: str) -> str:
    """Return a run of numerals in Arabic digits without leading zeros; digits stay as they are.

    Parameters
    ----------
    run
        Signs of :data:`NUMERALS` only, or decimal digits only.
    """
    if run.isdecimal():
        return run.lstrip("0") or "0"
    if not any(sign in _TENS for sign in run):
        return "".join(str(_DIGIT_OF[sign]) for sign in run).lstrip("0") or "0"
    total = digit = 0
    for sign in run:
        if sign in _TENS:
            total += (digit or 1) * _TENS[sign]
            digit = 0
        else:
            digit = _DIGIT_OF[sign]
    return str(total + digit)
