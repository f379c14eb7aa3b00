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
LEFT, RIGHT = 1, 2
_CROWD = 255
_SAMPLE = 4
"""One in so many edges is looked up in the table; borders of fewer edges than that may be missed at first."""


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

    Parameters
    ----------
    flat, group, children
        As in :class:`geo.coverage.everyone.Everyone`.
    """
    group_of_ring = group[flat.row]
    own_rings = int(flat.first_ring[children])
    state, loud = _pair(flat.xy.view(np.uint64), flat.start, flat.flip, group_of_ring, own_rings)
    return Edges(state, np.flatnonzero(state), np.flatnonzero(loud))


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
def _first_of(root: Rows, i: int) -> int:
    """Return the first half-edge known to have the same end points as half-edge i."""
    while root[i] != i:
        root[i] = root[root[i]]
        i = root[i]
    return i


@numba.njit(cache=True)
def _join(root: Rows, i: int, j: int) -> bool:
    """Put two half-edges into one class; False where they already are."""
    one, other = _first_of(root, i), _first_of(root, j)
    if one == other:
        return False
    root[max(one, other)] = min(one, other)
    return True


@numba.njit(cache=True)
def _is_edge(root: Rows, i: int) -> bool:
    return 0 <= i < len(root) and root[i] >= 0


@numba.njit(cache=True)
def _grow(bits: Bits, root: Rows, i: int, j: int) -> None:
    """Join half-edges i and j, and their neighbours on both rings as far as these run along each other."""
    if not _join(root, i, j):
        return
    way = 1 if bits[i, 0] == bits[j, 0] and bits[i, 1] == bits[j, 1] else -1
    for step in (1, -1):
        k = 1
        while _is_edge(root, i + step * k) and _is_edge(root, j + step * way * k):
            one, other = i + step * k, j + step * way * k
            if not _same(bits, one, other) or not _join(root, one, other):
                break
            k += 1


@numba.njit(cache=True)
def _table_for(count: int) -> Rows:
    size = 16
    while size < 2 * count:
        size *= 2
    return np.full(size, NO_EDGE, dtype=np.int32)


@numba.njit(cache=True)
def _look_up(bits: Bits, table: Rows, i: int, mixed: np.uint64) -> np.uint64:
    """Return the slot of the table that holds the end points of half-edge i, or the free one where they belong."""
    mask = np.uint64(len(table) - 1)
    slot = mixed & mask
    while table[slot] >= 0 and not _same(bits, table[slot], i):
        slot = (slot + np.uint64(1)) & mask
    return slot


@numba.njit(cache=True)
def _is_sampled(mixed: np.uint64) -> bool:
    return (mixed >> np.uint64(40)) % np.uint64(_SAMPLE) == np.uint64(0)


@numba.njit(cache=True)
def _join_sampled(bits: Bits, root: Rows) -> None:
    """Join by a sample of the edges, and from each outwards: neighbours share long chains.

    The sample is chosen by the end points, so that an edge is in it on both sides or on none.
    """
    table = _table_for(3 * len(bits) // (4 * _SAMPLE))
    for i in range(len(bits) - 1):
        # What was joined to an earlier one while growing is known to the table by the first of its class.
        if root[i] != i:
            continue
        mixed = _hash(bits[i, 0], bits[i, 1], bits[i + 1, 0], bits[i + 1, 1])
        if not _is_sampled(mixed):
            continue
        slot = _look_up(bits, table, i, mixed)
        if table[slot] < 0:
            table[slot] = i
        else:
            _grow(bits, root, i, table[slot])


@numba.njit(cache=True)
def _join_one_sided(bits: Bits, root: Rows, side: States) -> None:
    """Join classes that lie on one side only to all others with the same end points.

    Classes with something on either side may stay apart: where each is balanced, so are they together.
    """
    sides, one_sided = np.zeros(len(root), dtype=np.uint8), 0
    for i in range(len(root)):
        if root[i] >= 0:
            sides[_first_of(root, i)] |= side[i]
    for i in range(len(root)):
        one_sided += root[i] == i and sides[i] != LEFT | RIGHT
    table = _table_for(one_sided)
    for settled in (False, True):
        for i in range(len(bits) - 1):
            # Only those that were first of their class when the sides were taken carry any.
            if root[i] < 0 or sides[i] == 0 or (sides[i] == LEFT | RIGHT) != settled:
                continue
            mixed = _hash(bits[i, 0], bits[i, 1], bits[i + 1, 0], bits[i + 1, 1])
            if _is_sampled(mixed):
                continue
            slot = _look_up(bits, table, i, mixed)
            if table[slot] >= 0:
                _join(root, i, table[slot])
            elif not settled:
                table[slot] = i


@numba.njit(cache=True)
def _sides(bits: Bits, start: Index, flip: Mask) -> States:
    """Tell of each half-edge whether its area lies left or right of the edge, taken upwards; 0 for what is none."""
    side = np.zeros(len(bits), dtype=np.uint8)
    for ring in range(len(start) - 1):
        for i in range(start[ring], start[ring + 1] - 1):
            if bits[i, 0] != bits[i + 1, 0]:
                side[i] = LEFT if (bits[i, 0] < bits[i + 1, 0]) != flip[ring] else RIGHT
            elif bits[i, 1] != bits[i + 1, 1]:
                side[i] = LEFT if (bits[i, 1] < bits[i + 1, 1]) != flip[ring] else RIGHT
    return side


@numba.njit(cache=True)
def _number_edges(bits: Bits, side: States) -> tuple[Rows, int]:
    """Give every undirected edge a number: of each half-edge, -1 for what is none; and how many there are."""
    root = np.full(len(bits), NO_EDGE, dtype=np.int32)
    for i in range(len(bits)):
        if side[i]:
            root[i] = i
    _join_sampled(bits, root)
    _join_one_sided(bits, root, side)
    edge_of = np.full(len(bits), NO_EDGE, dtype=np.int32)
    count = 0
    for i in range(len(bits)):
        if root[i] == i:
            edge_of[i] = count
            count += 1
        elif root[i] >= 0:
            edge_of[i] = edge_of[_first_of(root, i)]
    return edge_of, count


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
def _take_stock(
    side: States, start: Index, group_of_ring: Rows, own_rings: int, edge_of: Rows, count: int
) -> tuple[States, Rows]:
    """Count what lies on the left and right of each edge: areas (columns 0, 1) and parents (2, 3)."""
    sides = np.zeros((count, 4), dtype=np.uint8)
    groups = np.full((count, 4), NO_EDGE, dtype=np.int32)
    for ring in range(len(start) - 1):
        offset = 0 if ring < own_rings else 2
        for i in range(start[ring], start[ring + 1] - 1):
            edge = edge_of[i]
            if edge >= 0:
                column = offset + (0 if side[i] == LEFT else 1)
                sides[edge, column] = min(sides[edge, column] + 1, _CROWD)
                groups[edge, column] = group_of_ring[ring]
    return sides, groups


@numba.njit(cache=True)
def _pair(bits: Bits, start: Index, flip: Mask, group_of_ring: Rows, own_rings: int) -> tuple[States, Mask]:
    side = _sides(bits, start, flip)
    edge_of, count = _number_edges(bits, side)
    sides, groups = _take_stock(side, start, group_of_ring, own_rings, edge_of, count)
    verdict = np.empty(count, dtype=np.uint8)
    for edge in range(count):
        verdict[edge] = _judge(sides[edge], groups[edge])
    state = np.zeros(len(bits), dtype=np.uint8)
    loud = np.zeros(len(bits), dtype=np.bool_)
    told = np.zeros(count, dtype=np.bool_)
    for i in range(len(bits)):
        edge = edge_of[i]
        if edge >= 0 and verdict[edge]:
            state[i] = verdict[edge]
            loud[i] = not told[edge]
            told[edge] = True
    return state, loud


def coordinates_of(flat: Flat, half_edges: Index) -> tuple[Floats, Floats]:
    """Return the ends of half-edges, two arrays of shape (k, 2), so that the interior lies on the left."""
    ring = np.searchsorted(flat.start, half_edges, side="right") - 1
    flip = flat.flip[ring][:, None]
    tail, head = flat.xy[half_edges], flat.xy[half_edges + 1]
    return np.where(flip, head, tail), np.where(flip, tail, head)
