"""Answers for many points: areas are read by the neighbourhood, never more than fit in memory."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo.lattice import snap
from geo.levels import Hierarchy
from geo.locate.answer import search_box
from geo.locate.records import Answer
from geo.store.areas import Bounds
from geo.store.counts import count_in
from geo.store.locating import Loaded, Question, TeamView

MOST_AREAS: Final = 20_000
"""Areas held at a time for one edition: some 60 MB."""
MOST_EDITIONS: Final = 4
"""Editions held at a time."""
FEWEST_POINTS: Final = 64
"""Fewer points are never parted: then one asks for its neighbourhood, however many areas that has."""

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Held:
    bounds: Bounds
    loaded: Loaded


class Neighbourhoods:
    """Answers points from the areas around them.

    Parameters
    ----------
    published
        When each edition was published.
    """

    def __init__(self, published: Mapping[int, datetime], hierarchy: Hierarchy, view: TeamView) -> None:
        self._published, self._hierarchy, self._view = published, hierarchy, view
        self._held: OrderedDict[int, _Held] = OrderedDict()

    def answers(self, connection: Connection, edition: int, questions: Sequence[Question]) -> list[Answer]:
        """Answer points as of one edition."""
        if edition not in self._published:
            return [Answer(status="outside", certain=True, on_border=False)] * len(questions)
        lonlat = np.array([(question.lon, question.lat) for question in questions])
        reach_m = max((max(question.accuracy_m, question.radius_m) for question in questions), default=0.0)
        found: dict[int, Answer] = {}
        waiting = [np.arange(len(lonlat))]
        while waiting:
            rows = waiting.pop()
            loaded = self._around(connection, edition, lonlat[rows], reach_m)
            if loaded is None:
                waiting.extend(_halves(lonlat, rows))
                continue
            for row in rows.tolist():
                found[row] = loaded.answer(questions[row], self._hierarchy)
        return [found[row] for row in range(len(lonlat))]

    def _around(self, connection: Connection, edition: int, lonlat: Points, reach_m: float) -> Loaded | None:
        """Return the areas around points, None where they are too many for so many points."""
        bounds = _bounds(lonlat, reach_m)
        held = self._held.pop(edition, None)
        if held is None or not _holds(held.bounds, bounds):
            at = self._published[edition]
            # Growing what is held saves reading it again for the next rows of the same city.
            wider = _union(held.bounds, bounds) if held else bounds
            fitting = next((each for each in (wider, bounds) if _fits(connection, at, each)), None)
            if fitting is None and len(lonlat) > FEWEST_POINTS:
                return None
            chosen = fitting or bounds
            held = _Held(chosen, Loaded.within(connection, at, chosen, self._view))
        self._held[edition] = held
        while len(self._held) > MOST_EDITIONS:
            self._held.popitem(last=False)
        return held.loaded


def _fits(connection: Connection, at: datetime, bounds: Bounds) -> bool:
    return count_in(connection, at, bounds) <= MOST_AREAS


def _bounds(lonlat: Points, reach_m: float) -> Bounds:
    low, high = lonlat.min(axis=0), lonlat.max(axis=0)
    boxes: list[Bounds] = []
    for corner in (low, high):
        x, y = snap(corner).tolist()
        boxes.append(search_box((x, y), reach_m))
    # Degrees of longitude are shortest far from the equator: the wider margin serves both corners.
    margin = max((east - west) / 2 for west, _, east, _ in boxes)
    return float(low[0] - margin), boxes[0][1], float(high[0] + margin), boxes[1][3]


def _halves(lonlat: Points, rows: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """Part points at the median of the longer side."""
    points = lonlat[rows]
    axis = int(np.argmax(np.ptp(points, axis=0)))
    order = rows[np.argsort(points[:, axis], kind="stable")]
    half = len(order) // 2
    return [order[half:], order[:half]]


def _holds(outer: Bounds, inner: Bounds) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _union(one: Bounds, other: Bounds) -> Bounds:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
