"""Answers to very many points as columns: each distinct answer is put together once, however many points share it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Final, Generic, TypeVar

import numba
import numpy as np
import numpy.typing as npt

from geo.locate.city import FOUND, GAP, OUTSIDE, Lattice, Located
from geo.locate.index import SEVERAL_ROWS
from geo.locate.ready import ReadyCity
from geo.locate.records import Answer

MOST_REMEMBERED: Final = 200_000
"""So many answers are kept; more, and they are made anew."""
_TILES: Final = 64
"""Tiles in a row."""
_SAMPLED: Final = 1_000

Told = TypeVar("Told")
Key = tuple[int, ...]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Batch(Generic[Told]):
    """Answers to many points.

    Attributes
    ----------
    told
        What there is to tell, each as often as it was asked for by another road.
    which
        The place of each point's answer among them, shape (n,).
    border_m
        To the nearest border, infinite beyond the radius, shape (n,).
    """

    told: list[Told]
    which: npt.NDArray[np.int32]
    border_m: npt.NDArray[np.float64]


class BatchAnswers(Generic[Told]):
    """Answers the points of one city, as :meth:`geo.locate.ready.ReadyCity.answer` does without an accuracy.

    Points in one grid on no border, those in the same gap and those outside share their answers; what lies on borders
    and in conflicts is answered one by one, each place once a batch.

    Parameters
    ----------
    tell
        What is kept of an answer; its distance is that of no point in particular.
    radius_m
        How far borders are looked for.
    """

    def __init__(self, city: ReadyCity, tell: Callable[[Answer], Told], radius_m: float) -> None:
        self._city, self._tell, self._radius_m = city, tell, radius_m
        self._known: dict[Key, Told] = {}

    def of(self, x: Lattice, y: Lattice) -> Batch[Told]:
        """Answer points (lattice integers, shape (n,))."""
        order = tile_by_tile(x, y)
        found = self._of(x[order], y[order])
        which, border_m = np.empty_like(found.which), np.empty_like(found.border_m)
        which[order], border_m[order] = found.which, found.border_m
        return Batch(found.told, which, border_m)

    def _of(self, x: Lattice, y: Lattice) -> Batch[Told]:
        located = self._city.index.locate(x, y)
        border_m = self._city.index.border_m(x, y, located, self._radius_m)
        which = np.full(len(x), -1, dtype=np.int32)
        told: list[Told] = []
        self._plain(x, y, located, which, told)
        self._bare(x, y, located, which, told)
        self._exact(x, y, which, border_m, told)
        return Batch(told, which, border_m)

    def _plain(self, x: Lattice, y: Lattice, located: Located, which: npt.NDArray[np.int32], told: list[Told]) -> None:
        """Answer the points in one grid, on no border, whose parents are all known."""
        parents, count = self._city.tables.parents, len(self._city.tables) + 2
        special, general, microgrid = (
            each.astype(np.int64) for each in (located.special, located.general, located.microgrid)
        )
        # rows below 0 stand for none and several, and take one of the two that are added
        plain = (located.status == FOUND) & ~located.on_border
        known = np.append(parents >= 0, [True, True])
        plain &= known[special] & known[general]
        keys = ((special + 2) * count + general + 2) * count + microgrid + 2
        rows = np.arange(len(plain)) if plain.all() else np.flatnonzero(plain)
        first, place = distinct_of(keys[rows])
        which[rows] = place + len(told)
        examples = rows[first]
        for key, example in zip(keys[examples].tolist(), examples.tolist(), strict=True):
            told.append(self._remembered((key,), (int(x[example]), int(y[example]))))

    def _bare(self, x: Lattice, y: Lattice, located: Located, which: npt.NDArray[np.int32], told: list[Told]) -> None:
        """Answer the points in no grid, on no border of any level: those in the same areas share their answer."""
        index = self._city.index
        rows = np.flatnonzero(((located.status == GAP) | (located.status == OUTSIDE)) & ~located.on_border)
        if not len(rows):
            return
        columns, free = [], np.ones(len(rows), dtype=np.bool_)
        for layer in index.layers[2:]:
            claims = layer.claim(x[rows], y[rows])
            free &= ~claims.on_border & (claims.row != SEVERAL_ROWS)
            columns.append(claims.row)
        rows = rows[free]
        if not len(rows):
            return
        distinct, first, place = np.unique(
            np.column_stack(columns)[free], axis=0, return_index=True, return_inverse=True
        )
        which[rows] = place.reshape(-1) + len(told)
        for key, example in zip(distinct.tolist(), rows[first].tolist(), strict=True):
            told.append(self._remembered((0, *key), (int(x[example]), int(y[example]))))

    def _exact(
        self,
        x: Lattice,
        y: Lattice,
        which: npt.NDArray[np.int32],
        border_m: npt.NDArray[np.float64],
        told: list[Told],
    ) -> None:
        rows = np.flatnonzero(which < 0)
        if not len(rows):
            return
        distinct, place = np.unique(np.column_stack((x[rows], y[rows])), axis=0, return_inverse=True)
        found = [self._city.answer((px, py), 0.0, self._radius_m) for px, py in distinct.tolist()]
        which[rows] = place.reshape(-1) + len(told)
        away_m = [inf if one.border_distance_m is None else one.border_distance_m for one in found]
        border_m[rows] = np.array(away_m)[place.reshape(-1)]
        told += [self._tell(one) for one in found]

    def _remembered(self, key: Key, example: tuple[int, int]) -> Told:
        """Return what is told of points that share an answer, one of them given."""
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            answer = self._city.answer(example, 0.0, 0.0)
            known = self._known[key] = self._tell(replace(answer, border_distance_m=None))
        return known


def tile_by_tile(x: Lattice, y: Lattice) -> Index:
    """Return an order of points in which those that are near to each other stand together.

    Then the same parts of the index are read again and again while they are at hand, which is what takes the time.
    """
    order = np.empty(len(x), dtype=np.int64)
    if len(x):
        # a few points far away must not make the tiles of the others large
        west, east = np.quantile(x[:: max(1, len(x) // _SAMPLED)], (0.05, 0.95)).astype(np.int64)
        south, north = np.quantile(y[:: max(1, len(y) // _SAMPLED)], (0.05, 0.95)).astype(np.int64)
        _tile_by_tile(x, y, west, south, max((east - west) // _TILES, 1), max((north - south) // _TILES, 1), order)
    return order


@numba.njit(cache=True, nogil=True)
def _tile_by_tile(
    x: Any, y: Any, west: Any, south: Any, wide: Any, tall: Any, order: Any
) -> None:  # pragma: no cover - compiled
    """Sort by tile: counted first, then each point is put where its tile begins."""
    side = _TILES + 4
    tile, start = np.empty(len(x), dtype=np.int32), np.zeros(side * side + 1, dtype=np.int64)
    for i in range(len(x)):
        column = min(max((x[i] - west) // wide + 2, 0), side - 1)
        row = min(max((y[i] - south) // tall + 2, 0), side - 1)
        tile[i] = column * side + (row if column & 1 else side - 1 - row)
        start[tile[i] + 1] += 1
    for k in range(side * side):
        start[k + 1] += start[k]
    for i in range(len(x)):
        order[start[tile[i]]] = i
        start[tile[i]] += 1


def distinct_of(keys: Index) -> tuple[Index, npt.NDArray[np.int32]]:
    """Return where each distinct key stands first, in order, and the place of each key among them."""
    first, place = np.empty(len(keys), dtype=np.int64), np.empty(len(keys), dtype=np.int32)
    slots = np.full(1 << max(4, (2 * len(keys)).bit_length()), -1, dtype=np.int32)
    return first[: _distinct(keys, slots, first, place)].copy(), place


@numba.njit(cache=True, nogil=True)
def _distinct(keys: Any, slots: Any, first: Any, place: Any) -> Any:  # pragma: no cover - compiled
    """Give numbers to keys by an open hash table; return how many differ."""
    count, mask = 0, len(slots) - 1
    for i in range(len(keys)):
        mixed = np.uint64(keys[i]) * np.uint64(0x9E3779B97F4A7C15)
        slot = np.int64(mixed >> np.uint64(32)) & mask
        while slots[slot] >= 0 and keys[first[slots[slot]]] != keys[i]:
            slot = (slot + 1) & mask
        if slots[slot] < 0:
            slots[slot] = count
            first[count] = i
            count += 1
        place[i] = slots[slot]
    return count
