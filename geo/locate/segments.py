"""The edges of a layer of areas, each stored once with what lies on its left and on its right.

A segment runs upward (or due east where it is level), whichever way the rings run along it. Where two areas share a
line with the same vertices they share its segments: one area on the left, the other on the right.
"""

from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from geo.areas import Geometries
from geo.rings import Rings, rings_of

Words = npt.NDArray[np.int32]

_AT_ONCE = 50_000
NOBODY = 0
"""What stands for no area; areas count from 1."""


class Segments(NamedTuple):
    """The distinct edges of a layer.

    Attributes
    ----------
    ends
        Lower end x, y and upper end x, y on the lattice, shape (e, 4).
    sides
        The area on the left and on the right, shape (e, 2): row + 1, or 0 for none.
    """

    ends: Words
    sides: Words


def rings_in_parts(geoms: Geometries) -> Rings:
    """Take areas (EPSG:4490, on the lattice) apart, some at a time: what that takes in memory is several times them."""
    parts = [rings_of(geoms[low : low + _AT_ONCE], lattice=True) for low in range(0, max(len(geoms), 1), _AT_ONCE)]
    rows = [part.area + place * _AT_ONCE for place, part in enumerate(parts)]
    ends = np.cumsum([0, *(len(part.xy) for part in parts)])
    starts = [part.start[:-1] + end for part, end in zip(parts, ends, strict=False)]
    polygons = np.cumsum([0, *(int(part.polygon.max(initial=-1)) + 1 for part in parts)])
    numbers = [part.polygon + first for part, first in zip(parts, polygons, strict=False)]
    xy = np.concatenate([part.xy for part in parts])
    return Rings(xy, np.concatenate([*starts, ends[-1:]]), np.concatenate(numbers), np.concatenate(rows))


def segments_of(rings: Rings) -> Segments:
    """Merge the edges of rings that lie on the lattice.

    Edges with the same area on both sides, such as slits, are left out: they part nothing.
    """
    rows = np.ascontiguousarray(rings.area, dtype=np.int64)
    ends, sides, count = _merge(np.ascontiguousarray(rings.xy, dtype=np.int64), rings.start, rows)
    parting = sides[:count, 0] != sides[:count, 1]
    if parting.all():
        return Segments(ends[:count], sides[:count])
    return Segments(ends[:count][parting], sides[:count][parting])


@numba.njit(cache=True, nogil=True)
def slot_of(ax: int, ay: int, bx: int, by: int) -> Any:  # pragma: no cover - compiled
    """Return where in a hash table of any size an edge is looked for."""
    mixed = np.uint64(ax) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(ay) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(31)
    mixed += np.uint64(bx) * np.uint64(0xD6E8FEB86659FD93) + np.uint64(by) * np.uint64(0xA0761D6478BD642F)
    mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0xE7037ED1A0B428DB)
    return mixed ^ (mixed >> np.uint64(29))


@numba.njit(cache=True, nogil=True)
def table_for(count: int) -> Any:  # pragma: no cover - compiled
    """Return an empty hash table for so many entries: -1 is a free slot."""
    size = 16
    while size < count * 5 // 4:
        size *= 2
    return np.full(size, -1, dtype=np.int32)


@numba.njit(cache=True, nogil=True)
def _put(
    table: Any, ends: Any, sides: Any, count: int, ax: int, ay: int, bx: int, by: int, side: int, area: int
) -> int:  # pragma: no cover - compiled
    """Give an area its side of a segment; of several areas on one side each gets a segment of its own."""
    mask = np.uint64(len(table) - 1)
    slot = slot_of(ax, ay, bx, by) & mask
    while table[slot] >= 0:
        e = table[slot]
        same = ends[e, 0] == ax and ends[e, 1] == ay and ends[e, 2] == bx and ends[e, 3] == by
        if same and sides[e, side] == NOBODY:
            sides[e, side] = area
            return count
        slot = (slot + np.uint64(1)) & mask
    table[slot] = count
    ends[count, 0], ends[count, 1], ends[count, 2], ends[count, 3] = ax, ay, bx, by
    sides[count, side], sides[count, 1 - side] = area, NOBODY
    return count + 1


@numba.njit(cache=True, nogil=True)
def _merge(xy: Any, start: Any, area: Any) -> Any:  # pragma: no cover - compiled
    table = table_for(len(xy))
    ends, sides = np.empty((len(xy), 4), dtype=np.int32), np.empty((len(xy), 2), dtype=np.int32)
    count = 0
    for ring in range(len(start) - 1):
        last = start[ring + 1] - 1
        for i in range(start[ring], last + 1):
            j = i + 1 if i < last else start[ring]
            ax, ay, bx, by = xy[i, 0], xy[i, 1], xy[j, 0], xy[j, 1]
            if ay < by or (ay == by and ax < bx):
                count = _put(table, ends, sides, count, ax, ay, bx, by, 0, area[ring] + 1)
            elif ay != by or ax != bx:
                count = _put(table, ends, sides, count, bx, by, ax, ay, 1, area[ring] + 1)
    return ends, sides, count


@numba.njit(cache=True, nogil=True)
def merge_uses(uses: Any) -> Any:  # pragma: no cover - compiled
    """Merge edges, one row a side: ends, side, area (row + 1); return ends, sides, and how many there are."""
    table = table_for(len(uses))
    ends, sides = np.empty((len(uses), 4), dtype=np.int32), np.empty((len(uses), 2), dtype=np.int32)
    count = 0
    for i in range(len(uses)):
        ax, ay, bx, by = uses[i, 0], uses[i, 1], uses[i, 2], uses[i, 3]
        count = _put(table, ends, sides, count, ax, ay, bx, by, uses[i, 4], uses[i, 5])
    return ends, sides, count
