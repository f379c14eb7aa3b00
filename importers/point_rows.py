"""From what a row says to a place and a moment, or the reason why there is none."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import isfinite
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo.crs import Crs, missing_crs, parse_crs, suspicious_numbers
from geo.errors import BadInput, GeoError
from geo.moments import parse_at
from geo.store.editions import list_editions
from geo.zones import look_of
from importers.coordinate_text import Axis, coordinate

_REMEMBERED: Final = 1 << 16
_ALL: Final = 1 << 31
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


Named = Callable[[str], tuple[int, datetime]]
"""From the text of a moment to the edition that held then, 0 before the first, and the moment."""


class Given(NamedTuple):
    """What a row says: numbers or texts, the names of its own system and moment, empty without, its own accuracy."""

    lon: object
    lat: object
    crs: str = ""
    at: str = ""
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when: degrees (EPSG:4490, not snapped) and the edition that held then, 0 before the first.

    Attributes
    ----------
    at
        The moment that the row names, None without.
    accuracy_m
        How far the true point may lie from it, None where the row does not say.
    """

    lon: float
    lat: float
    edition: int
    at: datetime | None
    accuracy_m: float | None
    looks_swapped: bool


class EditionCalendar:
    """Which edition held when: the answers of two moments within one edition are the same.

    Parameters
    ----------
    published
        When each edition was published.
    now
        The present, to judge moments by.
    zone
        The zone of moments without an offset.
    """

    def __init__(self, published: Mapping[int, datetime], now: datetime, zone: str) -> None:
        self.published = dict(sorted(published.items()))
        self._ids, self._moments = list(self.published), list(self.published.values())
        self._now, self.zone = now, zone

    @classmethod
    def of(cls, connection: Connection, now: datetime, zone: str) -> Self:
        """Read what was published so far."""
        editions = list_editions(connection, before=None, limit=_ALL)
        return cls({one.id: one.published_at for one in editions}, now, zone)

    def at(self, moment: datetime) -> int:
        """Return the edition of a moment, 0 before the first."""
        place = bisect_right(self._moments, moment)
        return self._ids[place - 1] if place else 0

    def editions(self, microseconds: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """Return the edition of each moment (µs since 1970, UTC); 0 before the first, -1 in the future."""
        published = np.array([_microseconds(moment) for moment in self._moments], dtype=np.int64)
        found = np.array([0, *self._ids], dtype=np.int32)[np.searchsorted(published, microseconds, side="right")]
        return np.where(microseconds > _microseconds(self._now), -1, found).astype(np.int32)

    def named(self, text: str) -> tuple[int, datetime]:
        """Return the edition and the moment that a text names; raises like :func:`geo.moments.parse_at`."""
        first = self._moments[0] if self._moments else None
        moment = parse_at(text, now=self._now, zone=self.zone, first=first)
        return self.at(moment), moment


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


class PointReader:
    """Reads rows, many at a time.

    Parameters
    ----------
    crs
        The system of rows that do not name their own.
    edition
        The edition of rows that do not name a moment.
    named
        What moments mean.
    """

    def __init__(self, crs: Crs | None, edition: int, named: Named) -> None:
        self._crs, self._edition = crs, edition
        # Refusals are remembered too: a wrong name in a million rows is looked up once.
        self._crs_of = lru_cache(_REMEMBERED)(_named_crs)
        self._moment_of = lru_cache(_REMEMBERED)(lambda text: _named_moment(named, text))

    def read(self, rows: Sequence[Given | GeoError]) -> list[Place | GeoError]:
        """Return the place of each row, or why it has none; the place of a refusal names the field."""
        found: list[Place | GeoError] = [BadInput("point-empty")] * len(rows)
        numbers: dict[Crs, list[tuple[int, float, float]]] = defaultdict(list)
        others: dict[int, tuple[int, datetime | None, float | None]] = {}
        for row, given in enumerate(rows):
            try:
                crs, others[row], x, y = self._parsed(given)
            except GeoError as refusal:
                found[row] = refusal
            else:
                numbers[crs].append((row, x, y))
        for crs, points in numbers.items():
            converted = crs.converted(np.array([(x, y) for _, x, y in points], dtype=np.float64))
            for (row, x, y), (lon, lat) in zip(points, converted.tolist(), strict=True):
                found[row] = _placed(crs, (x, y), (lon, lat), *others[row])
        return found

    def _parsed(self, given: Given | GeoError) -> tuple[Crs, tuple[int, datetime | None, float | None], float, float]:
        if isinstance(given, GeoError):
            raise given
        crs = self._crs_of(given.crs) if given.crs else self._crs
        moment = self._moment_of(given.at) if given.at else (self._edition, None)
        if crs is None:
            raise _of_field(missing_crs(None), "crs")
        if isinstance(crs, GeoError):
            raise crs
        if isinstance(moment, GeoError):
            raise moment
        angle = crs.kind != "projected"
        x, y = _number(given.lon, "lon", angle=angle), _number(given.lat, "lat", angle=angle)
        return crs, (*moment, given.accuracy_m), x, y


def _number(given: object, axis: Axis, *, angle: bool) -> float:
    if isinstance(given, int | float) and not isinstance(given, bool):
        try:
            number = float(given)
        except OverflowError:
            number = float("inf")
        if isfinite(number):
            return number
    return coordinate("" if given is None else str(given), axis, angle=angle)


def _named_crs(text: str) -> Crs | GeoError:
    try:
        return parse_crs(text)
    except BadInput as refusal:
        return _of_field(refusal, "crs")


def _named_moment(named: Named, text: str) -> tuple[int, datetime] | GeoError:
    try:
        return named(text)
    except GeoError as refusal:
        return _of_field(refusal, "at")


def _of_field(refusal: GeoError, field: str) -> GeoError:
    return type(refusal)(refusal.kind, place={"field": field}, **refusal.facts)


def _placed(
    crs: Crs,
    given: tuple[float, float],
    stored: tuple[float, float],
    edition: int,
    at: datetime | None,
    accuracy_m: float | None,
) -> Place | GeoError:
    """Return the place, or why numbers are none: in degrees all that lies on the globe is a place somewhere."""
    (x, y), (lon, lat) = given, stored
    bounds = (x, y, x, y)
    if abs(lon) <= 180 and abs(lat) <= 90:
        flaw = suspicious_numbers(bounds, crs) if crs.kind == "projected" else None
        if flaw is None:
            swapped = crs.kind != "projected" and look_of(bounds) == "swapped-degrees"
            return Place(lon, lat, edition, at, accuracy_m, looks_swapped=swapped)
    else:
        flaw = suspicious_numbers(bounds, crs) or BadInput("crs-beyond-the-globe", x=x, y=y)
    return _of_field(flaw, "lat" if abs(y) > 90 and abs(x) <= 180 else "lon")
