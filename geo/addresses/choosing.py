"""Which of many places is meant: candidates with their scores, and whether one of them may be taken."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from geo.addresses import numbering
from geo.addresses.asking import Asked, Hit, words_left
from geo.addresses.likeness import OTHER_FORM
from geo.addresses.spelling import Number, Run, Spelt, spelt

ABOVE_GRIDS: Final = frozenset(("province", "city", "county", "town", "community"))
_FINENESS: Final = {level: place for place, level in enumerate(("province", "city", "county", "town", "community"))}
SURE: Final = 0.75
"""A place below this is offered, never taken."""
OFFERED: Final = 0.5
_APART: Final = 0.06
"""Places closer to the best one than this are as likely."""
_CONTRADICTED: Final = 0.5
_UNKNOWN_AREA: Final = 0.6
_UNKNOWN_NUMBERED: Final = 0.5
_DOUBTFUL_AREA: Final = 0.9
_CLEAR_AREA: Final = 0.9
_PARTED: Final = 0.7
_MOST_LOST: Final = 0.1
_CONFIRMED: Final = 1.06
_DOUBTFUL: Final = 0.8
_DOMINATED: Final = 0.05
_AREA_WORD: Final = re.compile(r"(?:省|市|[区县镇乡村]|街道|社区|居委会|村委会|居民委员会|村民委员会)$")


@dataclass(frozen=True, slots=True)
class Place:
    """A place with a name.

    Attributes
    ----------
    kind
        ``area``, ``residence``, ``estate``, ``facility`` or ``street``.
    id
        Of its row; with the kind it names the place.
    name
        As it is stored.
    alias
        What it is also called, where that was asked for.
    level
        Of an area.
    lon, lat
        Degrees, EPSG:4490; None where only its shape or its area is known.
    area_id
        The area itself, or the one that a ledger names for a residence.
    """

    kind: str
    id: int
    name: str
    code: str | None = None
    level: str | None = None
    lon: float | None = None
    lat: float | None = None
    area_id: int | None = None
    alias: str | None = None

    @property
    def is_above_grids(self) -> bool:
        """Whether it is an area that has grids rather than one of them."""
        return self.level in ABOVE_GRIDS

    def said(self) -> Spelt:
        """Return the stem and the numbers of the name that it was found by."""
        return spelt(self.alias or self.name)


@dataclass(frozen=True, slots=True)
class Context:
    """Areas that a piece of the text names: all with that name."""

    hit: Hit
    areas: frozenset[int]
    level: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be meant.

    Attributes
    ----------
    score
        From 0 to 1.
    matched
        The piece of the text that it was found by.
    exact
        Whether nothing was overlooked, mended or left out.
    """

    place: Place
    score: float
    matched: str
    exact: bool


def standing(asked: Asked, hits: Sequence[Hit]) -> list[Hit]:
    """Leave out bare names in the middle of other words: 东坡 is no district in 东坡路."""
    begins, ends = {hit.begin for hit in hits}, {run.end for run in asked.runs}
    return [hit for hit in hits if not hit.bare or hit.end in ends or hit.end in begins]


def contexts(asked: Asked, hits: Sequence[Hit], places: Mapping[int, Sequence[Place]]) -> list[Context]:
    """Return the areas that a text names around a place, by the pieces that name them; no two pieces overlap.

    Parameters
    ----------
    hits
        The likest first.
    places
        By stem.
    """
    found: list[Context] = []
    for hit in sorted(
        standing(asked, hits), key=lambda each: (-round(each.degree, 1), each.begin - each.end, -each.degree)
    ):
        areas = [each for each in places.get(hit.stem_id, ()) if each.is_above_grids and not each.said().numbers]
        if not areas or any(_overlap(hit, other.hit) for other in found):
            continue
        level = max((str(each.level) for each in areas), key=_FINENESS.__getitem__)
        found.append(Context(hit, frozenset(each.id for each in areas), level))
    return found


def candidates(
    asked: Asked,
    hits: Sequence[Hit],
    places: Mapping[int, Sequence[Place]],
    around: Sequence[Context],
    inside: Mapping[tuple[str, int], frozenset[int]],
) -> list[Candidate]:
    """Return the places that a text may mean, the likeliest first, each once.

    Parameters
    ----------
    around
        See :func:`contexts`.
    inside
        By kind and id, which of those areas a place lies in.
    """
    best: dict[tuple[str, int], Candidate] = {}
    known = [hit for hit in standing(asked, hits) if hit.stem_id in places]
    for hit in _undominated(known):
        for place in places[hit.stem_id]:
            found = _rated(asked, hit, place, known, around, inside.get((place.kind, place.id), frozenset()))
            key = (place.kind, place.id)
            if found is not None and (key not in best or best[key].score < found.score):
                best[key] = found
    return sorted(best.values(), key=lambda one: (-one.score, _rank(one.place), one.place.name, one.place.id))


def likeliest(found: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates that may be taken: the best one and those that are as likely."""
    sure = [one for one in found if one.score >= SURE]
    return [one for one in sure if one.score > sure[0].score - _APART]


def finest(found: Iterable[Candidate]) -> list[Candidate]:
    """Return, of areas above grids that a text may mean, those of the smallest level that is likely."""
    sure = [one for one in found if one.score >= SURE]
    level = max((one.place.level or "" for one in sure), key=lambda each: _FINENESS.get(each, -1), default="")
    return likeliest([one for one in sure if one.place.level == level])


def _rank(place: Place) -> int:
    order = ("residence", "facility", "estate", "street")
    return order.index(place.kind) if place.kind in order else 4 + 9 - _FINENESS.get(place.level or "", 9)


def _overlap(one: Hit, other: Hit) -> bool:
    return one.begin < other.end and other.begin < one.end


def _undominated(hits: Sequence[Hit]) -> list[Hit]:
    """Leave out what is a piece of a longer name that is there too, and what takes a sign from a better one."""
    return [hit for hit in hits if not any(_dominates(other, hit) for other in hits)]


def _dominates(other: Hit, hit: Hit) -> bool:
    if not _overlap(other, hit):
        return False
    better = other.degree > hit.degree + _DOMINATED
    if other.stem_id == hit.stem_id:
        return better
    longer = other.end - other.begin > hit.end - hit.begin
    if other.begin <= hit.begin and hit.end <= other.end:
        return longer and other.degree >= hit.degree - _DOMINATED
    contains = hit.begin <= other.begin and other.end <= hit.end
    return better and not contains


def _rated(
    asked: Asked, hit: Hit, place: Place, known: Sequence[Hit], around: Sequence[Context], inside: frozenset[int]
) -> Candidate | None:
    own = place.said()
    leads = bool(own.numbers) and own.numbers[0].begin == 0
    meant = numbering.numbers_meant(asked, hit, own, leads, frozenset(each.hit.end for each in around))
    fit = numbering.fit(own.numbers, meant, lived_in=place.kind == "residence")
    if not fit and not place.is_above_grids:
        return None
    apart = [each for each in around if not _overlap(each.hit, hit) and _may_hold(each, place)]
    confirmed, surroundings = _surroundings(apart, inside)
    explained = [hit, *(each.hit for each in around if not _overlap(each.hit, hit)), *_others(known, hit)]
    left, lost = _left(asked, explained, meant)
    fit *= _PARTED if meant and asked.parts_a_number else 1.0
    degree = hit.degree * (_CONFIRMED if confirmed and hit.degree < _DOUBTFUL else 1.0)
    # an area is named whatever else the text says of a place in it
    score = degree * surroundings * (1.0 if place.is_above_grids else fit * left)
    exact = hit.degree >= OTHER_FORM and fit >= numbering.FINER and surroundings == 1 and not lost and not asked.beside
    return Candidate(place, round(min(score, 1.0), 4), asked.text[hit.begin : hit.end], exact)


def _may_hold(context: Context, place: Place) -> bool:
    if not place.is_above_grids:
        return True
    return _FINENESS[context.level] < _FINENESS[str(place.level)]


def _surroundings(around: Sequence[Context], inside: frozenset[int]) -> tuple[bool, float]:
    """Return whether an area that is clearly named holds the place, and what those that do not take away."""
    confirmed, factor = False, 1.0
    for each in around:
        clear = each.hit.degree >= _CLEAR_AREA and not each.hit.bare
        if each.areas & inside:
            confirmed |= clear
        else:
            factor *= _CONTRADICTED if clear else _DOUBTFUL_AREA
    return confirmed, factor


def _others(known: Sequence[Hit], hit: Hit) -> list[Hit]:
    """Return the names that stand beside one and are clearly written."""
    return [each for each in known if each.degree >= OTHER_FORM and not each.bare and not _overlap(each, hit)]


def _left(asked: Asked, explained: Sequence[Hit], meant: Sequence[Number]) -> tuple[float, bool]:
    """Return what unknown words take away, and whether there are any."""
    factor, lost, length = 1.0, 0, 0
    for number, part in enumerate(asked.parts):
        if not isinstance(part, Run):
            continue
        length += len(part.text)
        following = asked.parts[number + 1] if number + 1 < len(asked.parts) else None
        for piece, at_end in _pieces_left(part, explained):
            words = words_left(piece)
            lost += len(words)
            unknown = isinstance(following, Number) and following not in meant and bool(following.unit)
            if at_end and len(words) > 1 and unknown:
                factor *= _UNKNOWN_NUMBERED
            elif len(words) > 2 and _AREA_WORD.search(words):
                factor *= _UNKNOWN_AREA
    return factor * (1 - _MOST_LOST * lost / max(length, 1)), lost > 0


def _pieces_left(run: Run, explained: Sequence[Hit]) -> list[tuple[str, bool]]:
    """Return the pieces of a run that no name explains, and whether each is its end."""
    found: list[tuple[str, bool]] = []
    begin = run.begin
    for hit in sorted((each for each in explained if run.begin <= each.begin < run.end), key=lambda each: each.begin):
        if hit.begin > begin:
            found.append((run.text[begin - run.begin : hit.begin - run.begin], False))
        begin = max(begin, hit.end)
    if begin < run.end:
        found.append((run.text[begin - run.begin :], True))
    return found
