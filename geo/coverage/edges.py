"""The kernel: pairs the edges of a level, and of its parents, by their end points.

In a matched coverage every inner edge occurs exactly twice, in opposite directions, and a parent's ring consists of
edges of its own children. An edge for which that holds is quiet: the number of areas on its left and on its right is
the same, level-wide and for each parent alone. So these numbers change only at the edges that are not quiet, and
geometry is needed only there.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from geo.coverage.flat import Flat, Floats, Index, Mask, Rows, extent

States = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.uint64]

LONELY, TORN, REPEATED = 1, 2, 4
"""Half-edge states: no counterpart on the level; parent and children disagree; more than once on one side."""
NO_EDGE = -1
_CROWD = 255
_BATCH = 8_192
"""Half-edges that a cell should hold, so that what is compared at once stays in the cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """What pairing found.

    Attributes
    ----------
    state
        Of each half-edge, shape (v,): 0 where it is quiet, else ``LONELY``, ``TORN``, ``REPEATED`` added up.
    marked
        Half-edges that are not quiet, ascending.
    loud
        The same with each undirected edge once.
    """

    state: States
    marked: Index
    loud: Index


def pair_edges(flat: Flat, group: Rows, children: int) -> Edges:
    """Pair all edges.

    Half-edges are sorted into the cells of a square raster, by the lower of their ends: what has the same ends meets
    in one cell, and the rings of a cell lie near each other in memory, too.

    Parameters
    ----------
    flat, group, children
        As in :class:`geo.coverage.everyone.Everyone`.
    """
    low, high = extent(flat)
    across = max(1, int(np.sqrt(len(flat.xy) / _BATCH)))
    per_unit = np.divide(across, high - low, out=np.zeros(2), where=high > low)
    cell_of, sizes = _find_cells(flat.xy, flat.start, across, low, per_unit)
    first = np.concatenate([[0], np.cumsum(sizes)])
    own_rings = int(flat.first_ring[children])
    half_edges, sides = _sort_by_cell(flat.start, flat.flip, group[flat.row], own_rings, cell_of, first)
    state, loud = _judge_cells(flat.xy.view(np.uint64), first, half_edges, sides)
    return Edges(state, np.flatnonzero(state), np.flatnonzero(loud))


@numba.njit(cache=True)
def _find_cells(xy: Floats, start: Index, across: int, low: Floats, per_unit: Floats) -> tuple[Rows, Index]:
    """Return twice the cell of each half-edge, plus one where it runs upwards; and how many each cell has.

    -1 for what is no half-edge: its ends are the same, or it is the end of a ring.
    """
    cell_of = np.full(len(xy), NO_EDGE, dtype=np.int32)
    sizes = np.zeros(across * across, dtype=np.int64)
    for ring in range(len(start) - 1):
        for i in range(start[ring], start[ring + 1] - 1):
            ax, ay, bx, by = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
            if ax == bx and ay == by:
                continue
            upwards = ax < bx or (ax == bx and ay < by)
            x, y = (ax, ay) if upwards else (bx, by)
            column = min(int((x - low[0]) * per_unit[0]), across - 1)
            cell = min(int((y - low[1]) * per_unit[1]), across - 1) * across + column
            cell_of[i] = 2 * cell + upwards
            sizes[cell] += 1
    return cell_of, sizes


@numba.njit(cache=True)
def _sort_by_cell(
    start: Index, flip: Mask, group_of_ring: Rows, own_rings: int, cell_of: Rows, first: Index
) -> tuple[Rows, Rows]:
    """Return the half-edges by cell, ascending in each, and of each four times its group plus a side.

    Sides: an area on the left (0) or right (1) of the edge, taken upwards; a parent on the left (2) or right (3).
    """
    half_edges, sides = np.empty(first[-1], dtype=np.int32), np.empty(first[-1], dtype=np.int32)
    place = first[:-1].copy()
    for ring in range(len(start) - 1):
        base = 4 * group_of_ring[ring] + (0 if ring < own_rings else 2)
        for i in range(start[ring], start[ring + 1] - 1):
            if cell_of[i] < 0:
                continue
            cell, upwards = cell_of[i] >> 1, cell_of[i] & 1
            half_edges[place[cell]] = i
            sides[place[cell]] = base + (upwards == flip[ring])
            place[cell] += 1
    return half_edges, sides


@numba.njit(cache=True)
def _hash(ax: np.uint64, ay: np.uint64, bx: np.uint64, by: np.uint64) -> np.uint64:
    """Mix the bits of two end points, whichever comes first."""
    a = (ax ^ (ax >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15) + ay * np.uint64(0xC2B2AE3D27D4EB4F)
    b = (bx ^ (bx >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15) + by * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed = ((a ^ (a >> np.uint64(32))) + (b ^ (b >> np.uint64(32)))) * np.uint64(0xD6E8FEB86659FD93)
    return mixed ^ (mixed >> np.uint64(32))


@numba.njit(cache=True)
def _same(bits: Bits, i: int, j: int) -> bool:
    """Tell whether half-edges i and j have the same end points."""
    if bits[i, 0] == bits[j + 1, 0] and bits[i, 1] == bits[j + 1, 1]:
        return bits[i + 1, 0] == bits[j, 0] and bits[i + 1, 1] == bits[j, 1]
    return (
        bits[i, 0] == bits[j, 0]
        and bits[i, 1] == bits[j, 1]
        and bits[i + 1, 0] == bits[j + 1, 0]
        and bits[i + 1, 1] == bits[j + 1, 1]
    )


@numba.njit(cache=True)
def _room_for(count: int) -> int:
    """Return the size of a hash table that is at most half full."""
    size = 16
    while size < 2 * count:
        size *= 2
    return size


@numba.njit(cache=True)
def _number_edges(bits: Bits, half_edges: Rows, table: Rows, number_of: Rows, earliest: Rows) -> int:
    """Give each undirected edge of one cell a number, from 0; return how many there are.

    Fills in the number of each half-edge, and the first half-edge of each number.
    """
    mask, count = np.uint64(len(table) - 1), 0
    for k in range(len(half_edges)):
        i = half_edges[k]
        slot = _hash(bits[i, 0], bits[i, 1], bits[i + 1, 0], bits[i + 1, 1]) & mask
        while table[slot] >= 0 and not _same(bits, i, earliest[table[slot]]):
            slot = (slot + np.uint64(1)) & mask
        if table[slot] < 0:
            table[slot], earliest[count] = count, i
            count += 1
        number_of[k] = table[slot]
    return count


@numba.njit(cache=True)
def _take_stock(sides: Rows, number_of: Rows, counts: States, groups: Rows) -> None:
    """Count what lies on the sides of each edge, and note of what group it is."""
    for k in range(len(sides)):
        edge, side = number_of[k], sides[k] & 3
        counts[edge, side] = min(counts[edge, side] + 1, _CROWD)
        groups[edge, side] = sides[k] >> 2


@numba.njit(cache=True)
def _judge(counts: States, groups: Rows) -> int:
    """Return the state of an edge from what lies on its left and right: areas, then parents."""
    if counts[0] > 1 or counts[1] > 1 or counts[2] > 1 or counts[3] > 1:
        return LONELY | TORN | REPEATED
    state = LONELY if counts[0] != counts[1] else 0
    if counts[0] == 1 and counts[1] == 1 and groups[0] == groups[1] and counts[2] == 0 and counts[3] == 0:
        return state
    for side in range(2):
        child = groups[side] if counts[side] else NO_EDGE
        parent = groups[2 + side] if counts[2 + side] else NO_EDGE
        if child != parent:
            state |= TORN
    return state


@numba.njit(cache=True)
def _judge_cells(bits: Bits, first: Index, half_edges: Rows, sides: Rows) -> tuple[States, Mask]:
    """Return the state of every half-edge, and one half-edge of each edge that is not quiet."""
    state, loud = np.zeros(len(bits), dtype=np.uint8), np.zeros(len(bits), dtype=np.bool_)
    most = np.diff(first).max() if len(first) > 1 else 0
    number_of, earliest = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32)
    counts, groups = np.empty((most, 4), dtype=np.uint8), np.empty((most, 4), dtype=np.int32)
    verdict, space = np.empty(most, dtype=np.uint8), np.empty(_room_for(most), dtype=np.int32)
    for cell in range(len(first) - 1):
        members = half_edges[first[cell] : first[cell + 1]]
        table = space[: _room_for(len(members))]
        table[:] = NO_EDGE
        count = _number_edges(bits, members, table, number_of, earliest)
        counts[:count] = 0
        _take_stock(sides[first[cell] : first[cell + 1]], number_of, counts, groups)
        for edge in range(count):
            verdict[edge] = _judge(counts[edge], groups[edge])
        for k in range(len(members)):
            i, edge = members[k], number_of[k]
            if verdict[edge]:
                state[i] = verdict[edge]
                loud[i] = earliest[edge] == i
    return state, loud


def coordinates_of(flat: Flat, half_edges: Index) -> tuple[Floats, Floats]:
    """Return the ends of half-edges, two arrays of shape (k, 2), so that the interior lies on the left."""
    ring = np.searchsorted(flat.start, half_edges, side="right") - 1
    flip = flat.flip[ring][:, None]
    tail, head = flat.xy[half_edges], flat.xy[half_edges + 1]
    return np.where(flip, head, tail), np.where(flip, tail, head)
