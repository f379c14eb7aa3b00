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

from geo.coverage.flat import Flat, Floats, Index, Mask, Rows

States = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.uint64]

LONELY, TORN, REPEATED = 1, 2, 4
"""Half-edge states: no counterpart on the level; parent and children disagree; more than once on one side."""
NO_EDGE = -1
_CROWD = 255


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """What pairing found.

    Attributes
    ----------
    state
        Of each half-edge, shape (v,): 0 where it is quiet, else ``LONELY``, ``TORN``, ``REPEATED`` added up.
    loud
        Half-edges that are not quiet, each undirected edge once, ascending, shape (k,).
    """

    state: States
    loud: Index


def pair_edges(flat: Flat, group: Rows, children: int) -> Edges:
    """Pair all edges.

    Parameters
    ----------
    flat
        The areas of the level followed by their parents.
    group
        For each area its parent's number, -1 where it has none that can be checked; for each parent its own number.
    children
        How many of the rows are areas of the level.
    """
    group_of_ring = group[flat.row]
    own_rings = int(flat.first_ring[children])
    state, loud = _pair(flat.xy.view(np.uint64), flat.start, flat.flip, group_of_ring, own_rings)
    return Edges(state, np.flatnonzero(loud))


@numba.njit(cache=True)
def _hash(ax: np.uint64, ay: np.uint64, bx: np.uint64, by: np.uint64) -> np.uint64:
    """Mix the bits of two end points, whichever comes first."""
    a = (ax ^ (ax >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15) + ay * np.uint64(0xC2B2AE3D27D4EB4F)
    b = (bx ^ (bx >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15) + by * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed = (a ^ (a >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    mixed += (b ^ (b >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
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
def _follow(bits: Bits, edge_of: Rows, first: Rows, i: int) -> int:
    """Return the edge next to the one that the previous half-edge was paired with, if it is that of half-edge i.

    Neighbours share long chains, so this spares most look-ups in the table.
    """
    before = edge_of[i - 1]
    if before < 0 or first[before] == i - 1:
        return NO_EDGE
    partner = first[before]
    along = bits[partner, 0] == bits[i - 1, 0] and bits[partner, 1] == bits[i - 1, 1]
    candidate = partner + 1 if along else partner - 1
    if candidate < 0 or edge_of[candidate] < 0 or not _same(bits, candidate, i):
        return NO_EDGE
    return edge_of[candidate]


@numba.njit(cache=True)
def _number_edges(bits: Bits, start: Index) -> tuple[Rows, Rows, int]:
    """Give every undirected edge a number: of each half-edge, the first half-edge of each number, and how many."""
    size = 16
    while size < 3 * (len(bits) // 2):
        size *= 2
    table = np.full(size, NO_EDGE, dtype=np.int32)
    edge_of = np.full(len(bits), NO_EDGE, dtype=np.int32)
    first = np.empty(len(bits), dtype=np.int32)
    count = 0
    for ring in range(len(start) - 1):
        for i in range(start[ring], start[ring + 1] - 1):
            if bits[i, 0] == bits[i + 1, 0] and bits[i, 1] == bits[i + 1, 1]:
                continue
            found = _follow(bits, edge_of, first, i) if i > start[ring] else NO_EDGE
            if found < 0:
                slot = _hash(bits[i, 0], bits[i, 1], bits[i + 1, 0], bits[i + 1, 1]) & np.uint64(size - 1)
                while table[slot] >= 0 and not _same(bits, first[table[slot]], i):
                    slot = (slot + np.uint64(1)) & np.uint64(size - 1)
                if table[slot] < 0:
                    table[slot] = count
                    first[count] = i
                    count += 1
                found = table[slot]
            edge_of[i] = found
    return edge_of, first, count


@numba.njit(cache=True)
def _judge(sides: States, groups: Rows) -> int:
    """Return the state of an edge from what lies on its left and right: areas, then parents."""
    if sides[0] > 1 or sides[1] > 1 or sides[2] > 1 or sides[3] > 1:
        return LONELY | TORN | REPEATED
    state = LONELY if sides[0] != sides[1] else 0
    if sides[0] == 1 and sides[1] == 1 and groups[0] == groups[1] and sides[2] == 0 and sides[3] == 0:
        return state
    for side in range(2):
        child = groups[side] if sides[side] else NO_EDGE
        parent = groups[2 + side] if sides[2 + side] else NO_EDGE
        if child != parent:
            state |= TORN
    return state


@numba.njit(cache=True)
def _take_sides(
    bits: Bits, start: Index, flip: Mask, group_of_ring: Rows, own_rings: int, edge_of: Rows, count: int
) -> tuple[States, Rows]:
    """Count what lies on the left and right of each edge: areas (columns 0, 1) and parents (2, 3)."""
    sides = np.zeros((count, 4), dtype=np.uint8)
    groups = np.full((count, 4), NO_EDGE, dtype=np.int32)
    for ring in range(len(start) - 1):
        offset = 0 if ring < own_rings else 2
        for i in range(start[ring], start[ring + 1] - 1):
            edge = edge_of[i]
            if edge < 0:
                continue
            upward = bits[i, 0] < bits[i + 1, 0] or (bits[i, 0] == bits[i + 1, 0] and bits[i, 1] < bits[i + 1, 1])
            column = offset + (0 if upward != flip[ring] else 1)
            sides[edge, column] = min(sides[edge, column] + 1, _CROWD)
            groups[edge, column] = group_of_ring[ring]
    return sides, groups


@numba.njit(cache=True)
def _pair(bits: Bits, start: Index, flip: Mask, group_of_ring: Rows, own_rings: int) -> tuple[States, Mask]:
    edge_of, first, count = _number_edges(bits, start)
    sides, groups = _take_sides(bits, start, flip, group_of_ring, own_rings, edge_of, count)
    verdict = np.empty(count, dtype=np.uint8)
    for edge in range(count):
        verdict[edge] = _judge(sides[edge], groups[edge])
    state = np.zeros(len(bits), dtype=np.uint8)
    loud = np.zeros(len(bits), dtype=np.bool_)
    for i in range(len(bits)):
        edge = edge_of[i]
        if edge >= 0 and verdict[edge]:
            state[i] = verdict[edge]
            loud[i] = first[edge] == i
    return state, loud


def coordinates_of(flat: Flat, half_edges: Index) -> tuple[Floats, Floats]:
    """Return the ends of half-edges, two arrays of shape (k, 2), so that the interior lies on the left."""
    ring = np.searchsorted(flat.start, half_edges, side="right") - 1
    flip = flat.flip[ring][:, None]
    tail, head = flat.xy[half_edges], flat.xy[half_edges + 1]
    return np.where(flip, head, tail), np.where(flip, tail, head)
