"""Writing cells into the pool; :class:`geo.locate.kernel.Cells` says how they lie there."""

from typing import Any

import numba
import numpy as np

from geo.locate.cells import change_upward, crossing
from geo.locate.kernel import WIDE

FARTHEST = 32_767
"""What 16 bits hold."""
LONGEST = 127
"""Segments of a chain in the short form."""
MOST_AREAS = 1 << 24


def most_words(edges: int, cells: int) -> int:
    """Return more words than any layout of so many edges in so many cells takes."""
    return 10 * edges + 4 * cells


@numba.njit(cache=True, nogil=True)
def pack_blocks(
    frames: Any, parent: Any, above: Any, values: Any, pool: Any, place: Any, beyond: Any
) -> Any:  # pragma: no cover - compiled
    """Write the values of divided cells, and where they are into the cells of the level above.

    ``beyond``: words of the pool to which this one is appended.
    """
    for b in range(len(frames)):
        size, fold = frames[b, 3] * frames[b, 4], 0
        while 1 << fold < frames[b, 3]:
            fold += 1
        pool[place] = -fold
        pool[place + 1 : place + 1 + size] = values[frames[b, 5] : frames[b, 5] + size]
        above[parent[b]] = ~(place + beyond)
        place += 1 + size
    return place


@numba.njit(cache=True, nogil=True)
def _follows(ends: Any, sides: Any, e: Any, tail: Any, left: Any, right: Any) -> Any:  # pragma: no cover - compiled
    """Tell whether a segment goes on from a vertex with the same areas beside it: 1 upward, -1 downward, 0 not."""
    if ends[e, 0] == tail[0] and ends[e, 1] == tail[1] and sides[e, 0] == left and sides[e, 1] == right:
        return 1
    if ends[e, 2] == tail[0] and ends[e, 3] == tail[1] and sides[e, 1] == left and sides[e, 0] == right:
        return -1
    return 0


@numba.njit(cache=True, nogil=True)
def _chain(ids: Any, ends: Any, sides: Any, vertices: Any, heads: Any) -> Any:  # pragma: no cover - compiled
    """Join segments, in their order, into chains with one area on the left and one on the right."""
    chains, last = 0, -1
    for e in ids:
        if chains > 0:
            head = heads[chains - 1]
            way = _follows(ends, sides, e, vertices[last], head[0], head[1]) if head[2] < LONGEST else 0
            if way == 0 and head[2] == 1 and _follows(ends, sides, e, vertices[last - 1], head[1], head[0]) != 0:
                way = _follows(ends, sides, e, vertices[last - 1], head[1], head[0])
                head[0], head[1] = head[1], head[0]
                for k in range(2):
                    vertices[last, k], vertices[last - 1, k] = vertices[last - 1, k], vertices[last, k]
            if way != 0:
                last += 1
                tip = 2 if way > 0 else 0
                vertices[last, 0], vertices[last, 1] = ends[e, tip], ends[e, tip + 1]
                head[2] += 1
                continue
        heads[chains, 0], heads[chains, 1], heads[chains, 2] = sides[e, 0], sides[e, 1], 1
        vertices[last + 1, 0], vertices[last + 1, 1] = ends[e, 0], ends[e, 1]
        vertices[last + 2, 0], vertices[last + 2, 1] = ends[e, 2], ends[e, 3]
        chains, last = chains + 1, last + 2
    return chains


@numba.njit(cache=True, nogil=True)
def _jumps(
    ids: Any, ends: Any, sides: Any, west: Any, south: Any, shift: Any, jumps: Any
) -> Any:  # pragma: no cover - compiled
    """Collect the lattice row, the area behind and the area ahead of each crossing of a cell's western side."""
    roof = south + (np.int64(1) << shift)
    count = 0
    for e in ids:
        crosses, low, above = crossing(ends, e, west)
        if crosses and south <= low < roof and south < above < roof:
            behind, ahead = change_upward(ends, sides, e)
            jumps[count, 0], jumps[count, 1], jumps[count, 2] = above, behind, ahead
            count += 1
    return count


@numba.njit(cache=True, nogil=True)
def _is_short(
    heads: Any, chains: Any, vertices: Any, jumped: Any, west: Any, south: Any, shift: Any
) -> bool:  # pragma: no cover - compiled
    if shift > 15 or chains > 0xFFF or jumped > 0xFFF:
        return False
    count = chains
    for c in range(chains):
        count += heads[c, 2]
        if max(heads[c, 0], heads[c, 1]) >= MOST_AREAS:
            return False
    farthest = np.int64(0)
    for v in range(count):
        farthest = max(farthest, abs(vertices[v, 0] - west), abs(vertices[v, 1] - south))
    return bool(farthest <= FARTHEST)


@numba.njit(cache=True, nogil=True)
def _put_short(
    corner: Any,
    heads: Any,
    chains: Any,
    jumps: Any,
    jumped: Any,
    vertices: Any,
    west: Any,
    south: Any,
    pool: Any,
    place: Any,
) -> Any:  # pragma: no cover - compiled
    pool[place], pool[place + 1] = chains | (jumped << 12), corner
    place += 2
    count = chains
    for c in range(chains):
        pool[place], pool[place + 1] = heads[c, 0] | (heads[c, 2] << 24), heads[c, 1]
        count += heads[c, 2]
        place += 2
    for j in range(jumped):
        chain = 0
        while (heads[chain, 0], heads[chain, 1]) != (jumps[j, 1], jumps[j, 2]) and (
            (heads[chain, 1], heads[chain, 0]) != (jumps[j, 1], jumps[j, 2])
        ):
            chain += 1
        rightward = np.int64(heads[chain, 0] == jumps[j, 1])
        pool[place] = (jumps[j, 0] - south) | (chain << 16) | (rightward << 28)
        place += 1
    for v in range(count):
        pool[place] = ((vertices[v, 0] - west) & 0xFFFF) | ((vertices[v, 1] - south) << 16)
        place += 1
    return place


@numba.njit(cache=True, nogil=True)
def _put_wide(
    corner: Any, heads: Any, chains: Any, jumps: Any, jumped: Any, vertices: Any, pool: Any, place: Any
) -> Any:  # pragma: no cover - compiled
    pool[place], pool[place + 1], pool[place + 2] = WIDE | chains, corner, jumped
    place += 3
    count = chains
    for table, rows in ((heads, chains), (jumps, jumped)):
        for i in range(rows):
            for k in range(3):
                pool[place + k] = table[i, k]
            place += 3
    for c in range(chains):
        count += heads[c, 2]
    for v in range(count):
        pool[place], pool[place + 1] = vertices[v, 0], vertices[v, 1]
        place += 2
    return place


@numba.njit(cache=True, nogil=True)
def pack_cells(
    frames: Any,
    start: Any,
    edges: Any,
    corner: Any,
    ends: Any,
    sides: Any,
    values: Any,
    pool: Any,
    place: Any,
    beyond: Any,
) -> Any:  # pragma: no cover - compiled
    """Write the border cells of one level that are not divided; return the next place and the most edges of a cell."""
    most = np.int64(1)
    for cell in range(len(values)):
        most = max(most, start[cell + 1] - start[cell])
    vertices, heads = np.empty((2 * most, 2), dtype=np.int64), np.empty((most, 3), dtype=np.int64)
    jumps = np.empty((most, 3), dtype=np.int64)
    crowd = np.int64(0)
    for b in range(len(frames)):
        shift = frames[b, 2]
        for i in range(frames[b, 3] * frames[b, 4]):
            cell = frames[b, 5] + i
            if start[cell] == start[cell + 1] or values[cell] < 0:
                continue
            ids = edges[start[cell] : start[cell + 1]]
            west, south = frames[b, 0] + ((i // frames[b, 4]) << shift), frames[b, 1] + ((i % frames[b, 4]) << shift)
            chains = _chain(ids, ends, sides, vertices, heads)
            jumped = _jumps(ids, ends, sides, west, south, shift, jumps)
            values[cell] = ~(place + beyond)
            crowd = max(crowd, start[cell + 1] - start[cell])
            if _is_short(heads, chains, vertices, jumped, west, south, shift):
                place = _put_short(corner[cell], heads, chains, jumps, jumped, vertices, west, south, pool, place)
            else:
                place = _put_wide(corner[cell], heads, chains, jumps, jumped, vertices, pool, place)
    return place, crowd
