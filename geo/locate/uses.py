"""Uses of edges: which area lies on which side of which edge; what two states of a layer differ in.

An area uses each edge of its outline once. So uses can be told apart, taken away and added one by one, however the two
sides of an edge were stored together.
"""

from typing import Any, Final

import numba
import numpy as np
import numpy.typing as npt

from geo.areas import Geometries
from geo.locate.kernel import CROWD, ROWS, SHIFT, SOUTH, WEST, Cells, Longs, Words
from geo.locate.near import STACK, push_divided
from geo.locate.segments import NOBODY, Segments, merge_uses, rings_in_parts, segments_of, slot_of, table_for
from geo.locate.turning import unpack
from geo.rings import Rings

USE: Final = 6
"""Columns of a use: lower end x, y and upper end x, y on the lattice; side, 0 left or 1 right; area (row + 1)."""

Flags = npt.NDArray[np.bool_]


def uses_of(geoms: Geometries, numbers: Longs) -> Words:
    """Return the uses of areas (EPSG:4490, on the lattice), each with its number, int32, shape (u, USE)."""
    rings = rings_in_parts(geoms)
    segments = segments_of(Rings(rings.xy, rings.start, rings.polygon, numbers[rings.area] - 1))
    found = []
    for side in range(2):
        used = segments.sides[:, side] != NOBODY
        count = int(used.sum())
        found.append(
            np.column_stack([segments.ends[used], np.full(count, side, dtype=np.int32), segments.sides[used, side]])
        )
    return np.concatenate(found)


def segments_from(uses: Words) -> Segments:
    """Put the two sides of each edge together."""
    ends, sides, count = merge_uses(uses)
    return Segments(ends[:count], sides[:count])


def differing(old: Words, new: Words) -> tuple[Words, Words]:
    """Return the uses that only the old state has, and those that only the new one has."""
    gone, come = _differing(np.ascontiguousarray(old), np.ascontiguousarray(new))
    return old[gone], new[come]


def uses_in(cells: Cells, first: tuple[int, int], last: tuple[int, int]) -> Words:
    """Return all uses that the cells of the first level in a rectangle hold, each once.

    Parameters
    ----------
    first, last
        Column and row of the cells at two of its corners, both included.
    """
    found: Words = _uses_in(cells.facts, cells.top, cells.pool, *first, *last)
    return found


@numba.njit(cache=True, nogil=True)
def _find(table: Any, uses: Any, use: Any) -> Any:  # pragma: no cover - compiled
    """Return the slot of a use, or the one where it would stand."""
    mask = np.uint64(len(table) - 1)
    slot = slot_of(use[0], use[1], use[2], use[3]) & mask
    while table[slot] >= 0:
        same = True
        for k in range(6):
            same &= uses[table[slot], k] == use[k]
        if same:
            break
        slot = (slot + np.uint64(1)) & mask
    return slot


@numba.njit(cache=True, nogil=True)
def _differing(old: Any, new: Any) -> Any:  # pragma: no cover - compiled
    table = table_for(len(new))
    gone, come = np.ones(len(old), dtype=np.bool_), np.ones(len(new), dtype=np.bool_)
    for i in range(len(new)):
        table[_find(table, new, new[i])] = i
    for i in range(len(old)):
        slot = _find(table, new, old[i])
        if table[slot] >= 0:
            gone[i], come[table[slot]] = False, False
    return gone, come


@numba.njit(cache=True, nogil=True)
def _add(table: Any, uses: Any, count: Any, use: Any) -> Any:  # pragma: no cover - compiled
    """Add a use that is not there yet; return the table and the list, grown where they had to, and the count."""
    slot = _find(table, uses, use)
    if table[slot] >= 0:
        return table, uses, count
    if count == len(uses):
        more = np.empty((2 * count, 6), dtype=np.int32)
        more[:count] = uses
        uses, table = more, table_for(2 * count)
        for i in range(count):
            table[_find(table, uses, uses[i])] = i
        slot = _find(table, uses, use)
    table[slot] = count
    uses[count] = use
    return table, uses, count + 1


@numba.njit(cache=True, nogil=True)
def _uses_in(facts: Any, top: Any, pool: Any, c0: Any, r0: Any, c1: Any, r1: Any) -> Any:  # pragma: no cover - compiled
    stack, segments = np.empty((STACK, 4), dtype=np.int64), np.empty((facts[CROWD], 6), dtype=np.int64)
    uses, use = np.empty((1024, 6), dtype=np.int32), np.empty(6, dtype=np.int32)
    table, count = table_for(1024), 0
    for c in range(c0, c1 + 1):
        for r in range(r0, r1 + 1):
            value, waiting = np.int64(top[c * facts[ROWS] + r]), 0
            if value < 0:
                stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = (
                    value,
                    facts[WEST] + (c << facts[SHIFT]),
                    facts[SOUTH] + (r << facts[SHIFT]),
                    facts[SHIFT],
                )
                waiting = 1
            while waiting > 0:
                waiting -= 1
                place, x, y, shift = ~stack[waiting, 0], stack[waiting, 1], stack[waiting, 2], stack[waiting, 3]
                if pool[place] < 0:
                    waiting = push_divided(pool, place, x, y, shift, stack, waiting)
                    continue
                for i in range(unpack(pool, place, x, y, segments)):
                    ax, ay, bx, by = segments[i, 0], segments[i, 1], segments[i, 2], segments[i, 3]
                    upward = ay < by or (ay == by and ax < bx)
                    low, high = (0, 2) if upward else (2, 0)
                    use[0], use[1] = segments[i, low], segments[i, low + 1]
                    use[2], use[3] = segments[i, high], segments[i, high + 1]
                    for side in range(2):
                        use[4] = side if upward else 1 - side
                        use[5] = segments[i, 4 + side]
                        if use[5] != 0:
                            table, uses, count = _add(table, uses, count, use)
    return uses[:count]
