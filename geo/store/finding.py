"""Finding places by words: the gazetteer gives names and what bears them, :mod:`geo.addresses` decides."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from psycopg.errors import QueryCanceled
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from geo.addresses.asking import Asked, Hit, Keys, hits_of
from geo.addresses.choosing import SURE, Candidate, Context, Place, candidates, contexts, finest, likeliest
from geo.addresses.likeness import BARE, Likeness
from geo.addresses.sounds import FULL, INSIDE, SLIP, key_of, syllables
from geo.addresses.spelling import Run, ordered
from geo.errors import Unavailable
from geo.store.gazetteer import behind, digit_runs, ranges_of, stems_begun, stems_by_keys
from geo.store.sql import statement

PATIENCE_MS: Final = 2000
"""No statement about words runs longer."""
_MOST_STEMS: Final = 400
_MOST_TRIED: Final = 40
_MOST_OF_A_NAME: Final = 60
_MOST_BEGUN: Final = 20
_MOST_NUMBERS: Final = 6
_LONGEST_ROW: Final = 4
_GOOD: Final = 0.9
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{3,39}")

Places = dict[int, list[Place]]


@dataclass(frozen=True, slots=True)
class Found:
    """Places that words may mean.

    Attributes
    ----------
    candidates
        All of them, the likeliest first.
    likely
        Of those that are no areas above grids, the ones that may be taken.
    areas
        Of areas above grids, the smallest that are named.
    """

    asked: Asked
    candidates: list[Candidate]
    likely: list[Candidate] = field(init=False)
    areas: list[Candidate] = field(init=False)

    def __post_init__(self) -> None:
        places = [one for one in self.candidates if not one.place.is_above_grids]
        object.__setattr__(self, "likely", likeliest(places))
        object.__setattr__(self, "areas", finest([one for one in self.candidates if one.place.is_above_grids]))

    @property
    def ranked(self) -> list[Candidate]:
        """All of them, those that may be taken before the areas around them."""
        return [*self.likely, *(one for one in self.candidates if one not in self.likely)]


@contextmanager
def bounded(connection: Connection) -> Iterator[None]:
    """Let no statement of the transaction run long: what somebody types must not hold up the others.

    Raises
    ------
    Unavailable
        ``search-too-slow``.
    """
    connection.execute(text("SELECT set_config('statement_timeout', :most, true)"), {"most": str(PATIENCE_MS)})
    try:
        yield
    except OperationalError as failure:
        if isinstance(failure.orig, QueryCanceled):
            raise Unavailable("search-too-slow", reason="statement timeout") from None
        raise


class Finder:
    """Finds places as of one moment.

    Parameters
    ----------
    within
        The only area to look in, by its id.
    typing
        Whether the text may be unfinished: then names that begin with its end are found too.
    """

    def __init__(
        self, connection: Connection, at: datetime, *, within: int | None = None, typing: bool = False
    ) -> None:
        self._connection, self._at, self._within, self._typing = connection, at, within, typing

    def find(self, words: str) -> Found:
        """Return what words may mean."""
        asked = Asked.of(words)
        coded = self._by_code(asked.text)
        if coded or not asked.runs:
            return Found(asked, coded)
        keys = asked.keys()
        hits = hits_of(keys, stems_by_keys(self._connection, keys, (FULL,), _MOST_STEMS))
        if self._typing:
            hits += self._begun(asked, hits)
        found = self._rated(asked, hits)
        doubtful = not found or found[0].score < _GOOD or found[0].place.is_above_grids
        if doubtful and not (found and self._typing):
            slipped = self._slipped(asked, keys)
            if slipped:
                found = self._rated(asked, _likest([*hits, *slipped]))
        return Found(asked, found)

    def _by_code(self, text_: str) -> list[Candidate]:
        """Return the areas with a code, or whose own number it is; while somebody types, those that begin so."""
        if not _CODE.fullmatch(text_):
            return []
        code = text_.upper()
        end = behind(code) if self._typing else f"{code} "
        given = {"head": code, "behind": end, "at": self._at, "most": _MOST_BEGUN}
        rows = self._connection.execute(statement("gazetteer_codes"), given)
        found = _by_stem((0, *row, None) for row in rows).get(0, [])
        held = self._inside([], {0: found})
        return [
            Candidate(place, 1.0, text_, exact=True)
            for place in found
            if self._within is None or self._within in held.get((place.kind, place.id), ())
        ]

    def _slipped(self, asked: Asked, keys: Keys) -> list[Hit]:
        more = asked.slipped_keys()
        found = hits_of(keys, stems_by_keys(self._connection, keys, (SLIP,), _MOST_STEMS))
        return found + hits_of(more, stems_by_keys(self._connection, more, (FULL, SLIP), _MOST_STEMS))

    def _begun(self, asked: Asked, hits: Sequence[Hit]) -> list[Hit]:
        """Return the names that begin with the end of what was typed, and those that hold it."""
        last = asked.parts[-1]
        run = last if isinstance(last, Run) else None
        if run is None:
            return []
        begin = max((hit.end for hit in hits if hit.begin >= run.begin and hit.end < run.end), default=run.begin)
        head = asked.text[begin : run.end]
        signs = [each.text for each in syllables(head)]
        if not signs:
            return []
        key = key_of(INSIDE, signs[:2])
        return [
            Hit(begin, run.end, number, stem, *_begun_likeness(head, stem))
            for number, stem in stems_begun(self._connection, head, key, _MOST_BEGUN)
        ]

    def _rated(self, asked: Asked, hits: Sequence[Hit]) -> list[Candidate]:
        places = self._places(asked, [hit.stem_id for hit in hits])
        around = contexts(asked, hits, places)
        crowded = [stem for stem, some in places.items() if len(some) >= _MOST_OF_A_NAME]
        if crowded and around:
            self._add_below(asked, crowded, around, places)
        inside = self._inside(around, places)
        if self._within is not None:
            for stem, some in places.items():
                places[stem] = [each for each in some if self._within in inside.get((each.kind, each.id), ())]
        return candidates(asked, hits, places, around, inside)

    def _places(self, asked: Asked, stems: Sequence[int]) -> Places:
        chosen = list(dict.fromkeys(stems))[:_MOST_TRIED]
        digits = self._digits(asked)
        given = {"stems": chosen, "digits": digits, "at": self._at, "most": _MOST_OF_A_NAME}
        rows = self._connection.execute(
            statement("gazetteer_places"), {**given, **ranges_of(digits, typing=self._typing)}
        )
        return _by_stem(rows)

    def _digits(self, asked: Asked) -> list[str]:
        numbers = asked.numbers[:_MOST_NUMBERS]
        runs = dict.fromkeys(digit_runs([each.value for each in numbers], _LONGEST_ROW))
        runs.update(dict.fromkeys(digit_runs([each.value for each in ordered(numbers)], _LONGEST_ROW)))
        return list(runs)

    def _add_below(self, asked: Asked, stems: Sequence[int], around: Sequence[Context], places: Places) -> None:
        parents = sorted({area for each in around for area in each.areas})
        given = {"stems": list(stems), "digits": self._digits(asked), "parents": parents, "at": self._at}
        for stem, some in _by_stem(self._connection.execute(statement("gazetteer_below"), given)).items():
            known = {each.id for each in places[stem] if each.kind == "area"}
            places[stem] += [each for each in some if each.id not in known]

    def _inside(
        self, around: Sequence[Context], places: Mapping[int, Sequence[Place]]
    ) -> dict[tuple[str, int], frozenset[int]]:
        """Return which of the areas that matter hold each place."""
        areas = {area for each in around for area in each.areas} | (set() if self._within is None else {self._within})
        every = list({(each.kind, each.id): each for some in places.values() for each in some}.values())
        if not areas or not every:
            return {}
        rows = self._connection.execute(
            statement("gazetteer_inside"),
            {
                "areas": sorted(areas),
                "numbers": list(range(len(every))),
                "ids": [each.area_id for each in every],
                "lons": [each.lon for each in every],
                "lats": [each.lat for each in every],
                "at": self._at,
            },
        )
        held: dict[tuple[str, int], set[int]] = {}
        for number, area in rows:
            held.setdefault((every[number].kind, every[number].id), set()).add(area)
        return {place: frozenset(some) for place, some in held.items()}


def _likest(hits: Sequence[Hit]) -> list[Hit]:
    best: dict[tuple[int, int, int], Hit] = {}
    for hit in hits:
        place = hit[:3]
        if place not in best or best[place].degree < hit.degree:
            best[place] = hit
    return sorted(best.values(), key=lambda hit: (-hit.degree, hit.begin - hit.end, hit.stem_id))


def _begun_likeness(head: str, stem: str) -> Likeness:
    """Return how like a name its beginning, or a piece of it, is: good enough to be offered, never to be taken."""
    share = min(len(head) / len(stem), 1.0)
    return Likeness((SURE if stem.startswith(head) else SURE * BARE) - 0.05 + 0.04 * share, bare=False)


def _by_stem(rows: Any) -> Places:
    found: Places = {}
    for stem, kind, number, name, code, level, lon, lat, area_id, alias in rows:
        place = Place(kind, number, name, code, level, lon, lat, area_id, alias)
        found.setdefault(stem, []).append(place)
    return found
