"""One coordinate as people write it: decimal, or degrees, minutes and seconds."""

import math
import re
from typing import Final, Literal

from geo.errors import BadInput
from importers.cell_text import folded

Axis = Literal["lon", "lat"]

_DECIMAL: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?")
_SIDES: Final[dict[str, tuple[Axis, int]]] = {
    "东经": ("lon", 1),
    "西经": ("lon", -1),
    "北纬": ("lat", 1),
    "南纬": ("lat", -1),
    "e": ("lon", 1),
    "w": ("lon", -1),
    "n": ("lat", 1),
    "s": ("lat", -1),
}
_SIDE: Final = "|".join(_SIDES)
_ANGLE: Final = re.compile(
    rf"(?P<front>{_SIDE})?(?P<sign>[+-])?(?P<degrees>\d{{1,3}}(?:\.\d*)?)(?:[°º度d:](?:"
    r"(?P<minutes>\d{1,2}(?:\.\d*)?)(?:['’′‘分:m](?:"
    r"""(?P<seconds>\d{1,2}(?:\.\d*)?)(?:["”″“秒s]|''|′′|’’)?)?)?)?)?"""
    rf"(?P<back>{_SIDE})?"
)
_SHOWN: Final = 30


def coordinate(text: str, axis: Axis, *, angle: bool) -> float:
    """Return the number that a text means.

    Parameters
    ----------
    text
        Such as ``"104.0640437"`` or ``"１０４．０６"``, and where ``angle`` is true ``"104°03′50.6″E"``,
        ``"东经104度3分"``, ``"104:03:50.6"``.
    axis
        Which of the two it should be; a hemisphere of the other one is refused.
    angle
        Whether the numbers are degrees.

    Raises
    ------
    BadInput
        ``point-empty``, ``point-not-a-number``, ``point-not-finite``, ``point-minutes-beyond-60`` or
        ``point-other-axis``.
    """
    plain = folded(text)
    if not plain:
        raise BadInput("point-empty", place={"field": axis})
    if _DECIMAL.fullmatch(plain):
        value = float(plain)
        if math.isfinite(value):
            return value
    elif angle and (parts := _ANGLE.fullmatch(plain)):
        return _angle(parts, axis, text)
    kind = "point-not-finite" if plain.lstrip("+-") in ("nan", "inf", "infinity") else "point-not-a-number"
    raise _refusal(kind, text, axis)


def _angle(parts: re.Match[str], axis: Axis, text: str) -> float:
    minutes, seconds = float(parts["minutes"] or 0), float(parts["seconds"] or 0)
    if minutes >= 60 or seconds >= 60:
        raise _refusal("point-minutes-beyond-60", text, axis)
    sign = -1 if parts["sign"] == "-" else 1
    for side in (parts["front"], parts["back"]):
        if side is not None:
            other, turn = _SIDES[side]
            if other != axis:
                raise _refusal("point-other-axis", text, axis)
            sign *= turn
    return sign * (float(parts["degrees"]) + minutes / 60 + seconds / 3600)


def _refusal(kind: str, text: str, axis: Axis) -> BadInput:
    return BadInput(kind, place={"field": axis}, given=text.strip()[:_SHOWN])
