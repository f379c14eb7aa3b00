"""Whether the numbers of a place are those that somebody wrote."""

from collections.abc import Sequence
from typing import Final

from geo.addresses.asking import Asked, Hit, words_left
from geo.addresses.spelling import Number, Run, Spelt, ordered

ALL: Final = 1.0
FINER: Final = 0.95
"""The place is a part of what is meant: a staircase of the building."""
WHOLE: Final = 0.9
"""No number is written, and the place has some."""
COARSER: Final = 0.8
"""The place is larger than what is meant: the estate of an unknown building."""
PHASE_LEFT_OUT: Final = 0.7
NONE: Final = 0.0

_INDOORS: Final = frozenset(("单元", "层", "室", ""))
_SAME: Final = frozenset((frozenset(("号", "栋")), frozenset(("期", "区"))))


def numbers_meant(asked: Asked, hit: Hit, own: Spelt, leading: bool, area_ends: frozenset[int]) -> tuple[Number, ...]:
    """Return the numbers of a text that belong to a name in it.

    They follow the name; where numbers stand before it and after no other name than those of areas
    (桐花巷社区3栋2单元兰溪花园), those too. A name whose own numbers lead (第三网格) takes those before it.

    Parameters
    ----------
    leading
        Whether the name's own numbers lead.
    area_ends
        Where names of areas end in the text.
    """
    place = next(
        n for n, part in enumerate(asked.parts) if isinstance(part, Run) and part.begin <= hit.begin < part.end
    )
    run = asked.parts[place]
    before = _group(asked, place - 1, -1) if not words_left(asked.text[run.begin : hit.begin]) else []
    if leading and own.numbers:
        return tuple(before)
    after = _group(asked, place + 1, 1) if not words_left(asked.text[hit.end : run.end]) else []
    free = before and _begins(asked, place - len(before) - 1, area_ends)
    return ordered([*after, *before]) if free else tuple(after)


def _begins(asked: Asked, place: int, area_ends: frozenset[int]) -> bool:
    """Tell whether what follows a part is no number of that part."""
    if place < 0:
        return True
    part = asked.parts[place]
    named = max((end for end in area_ends if part.begin < end <= part.end), default=part.begin)
    return not words_left(asked.text[named : part.end])


def _group(asked: Asked, place: int, step: int) -> list[Number]:
    """Return the numbers that follow each other from a place on; words that say nothing do not end them."""
    found: list[Number] = []
    while 0 <= place < len(asked.parts):
        part = asked.parts[place]
        if isinstance(part, Number):
            found.append(part)
        elif step < 0 or words_left(part.text):
            break
        place += step
    return found[::step]


def fit(own: Sequence[Number], meant: Sequence[Number], *, lived_in: bool) -> float:
    """Return how well the numbers of a place are those that are meant.

    Parameters
    ----------
    lived_in
        Whether the place is a residence: staircases and flats are parts of it.
    """
    if not meant:
        return WHOLE if own else ALL
    common = min(len(own), len(meant))
    if all(_same(one, other) for one, other in zip(own, meant, strict=False)):
        if len(meant) < len(own):
            return FINER
        rest = {each.unit for each in meant[common:]}
        if rest & {each.unit for each in own if each.unit}:
            return NONE
        indoors = not rest or (lived_in and rest <= _INDOORS)
        return ALL if indoors else COARSER
    if own and own[0].unit in ("期", "区") and own[0].unit not in {each.unit for each in meant}:
        return PHASE_LEFT_OUT if fit(own[1:], meant, lived_in=lived_in) >= FINER else NONE
    return NONE


def _same(one: Number, other: Number) -> bool:
    same_unit = one.unit == other.unit or not one.unit or not other.unit
    return one.value == other.value and (same_unit or frozenset((one.unit, other.unit)) in _SAME)
