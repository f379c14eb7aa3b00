"""The kernel that clears most boundaries at once: only what it does not clear is put to GEOS."""

import math

import numba
import numpy as np
import numpy.typing as npt

from geo.coverage.flat import Flat, Floats, Index, Mask

Verdicts = npt.NDArray[np.uint8]
CLEAR, DOUBTFUL, SPIKED = 0, 1, 2
_MOST_CHAINS = 4_000
"""Comparing chains pairwise is quadratic; wilder rings go to GEOS."""
_SPIKE_CELLS = 100.0
_ROUNDING = 1e-15
"""Relative error of a cross product of differences of doubles."""


def look_over(flat: Flat, cell: float) -> Verdicts:
    """Judge the boundary of each area.

    Parameters
    ----------
    flat
        Any polygons, finite or not.
    cell
        Side of a lattice cell in CRS units. A spike is at least a hundred cells long and encloses less than one.

    Returns
    -------
    numpy.ndarray
        ``CLEAR`` for one finite simple ring; ``SPIKED`` for one with a spike; ``DOUBTFUL`` for all else, holes and
        several parts included, and where rounding leaves a doubt. Shape (n,).
    """
    return _look_over(flat.xy, flat.start, flat.flip, flat.first_ring, cell)


def find_spike(flat: Flat, row: int, cell: float) -> Floats | None:
    """Return the tip of the first spike of an area, shape (2,), or None."""
    for ring in range(flat.first_ring[row], flat.first_ring[row + 1]):
        tip = _spike_of(flat.xy, flat.start[ring], flat.start[ring + 1], flat.flip[ring], cell)
        if tip >= 0:
            return np.asarray(flat.xy[tip])
    return None


@numba.njit(cache=True)
def _look_over(xy: Floats, start: Index, flip: Mask, first_ring: Index, cell: float) -> Verdicts:
    verdicts = np.full(len(first_ring) - 1, DOUBTFUL, dtype=np.uint8)
    boxes = np.empty((_MOST_CHAINS, 4))
    first = np.empty(_MOST_CHAINS + 1, dtype=np.int64)
    near = np.empty(np.diff(start).max() if len(start) > 1 else 0, dtype=np.int64)
    for row in range(len(verdicts)):
        ring = first_ring[row]
        if first_ring[row + 1] == ring + 1 and _is_simple(xy, start[ring], start[ring + 1], first, boxes, near):
            spike = _spike_of(xy, start[ring], start[ring + 1], flip[ring], cell)
            verdicts[row] = CLEAR if spike < 0 else SPIKED
    return verdicts


@numba.njit(cache=True)
def _is_simple(xy: Floats, begin: int, end: int, first: Index, boxes: Floats, near: Index) -> bool:
    """Tell whether a closed ring surely neither crosses, touches nor doubles back on itself."""
    chains = _split_monotone(xy, begin, end, first, boxes)
    if end - begin < 4 or chains == 0:
        return False
    for one in range(chains):
        for other in range(one + 1, chains):
            if not _boxes_meet(boxes, one, other):
                continue
            count = _edges_reaching(xy, first[one], first[one + 1], boxes[other], near)
            facing = _edges_reaching(xy, first[other], first[other + 1], boxes[one], near[count:])
            if not _all_apart(xy, begin, end, near[:count], near[count : count + facing]):
                return False
    return True


@numba.njit(cache=True)
def _split_monotone(xy: Floats, begin: int, end: int, first: Index, boxes: Floats) -> int:
    """Cut a ring into chains that run strictly one way in x or in y, so that none can meet itself.

    Fills in the first edge and the box of each chain; returns how many, 0 where a vertex repeats, is not finite, or
    the chains are too many.
    """
    chains, ways = 0, 0
    west = south = east = north = 0.0
    for i in range(begin, end - 1):
        ax, ay, bx, by = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
        way = (1 if bx > ax else 0) | (2 if bx < ax else 0) | (4 if by > ay else 0) | (8 if by < ay else 0)
        if way == 0 or not (math.isfinite(bx) and math.isfinite(by)):
            return 0
        ways &= way
        if ways == 0:
            if chains == _MOST_CHAINS:
                return 0
            ways, first[chains] = way, i
            chains += 1
            west, south, east, north = ax, ay, ax, ay
        west, east = min(west, bx), max(east, bx)
        south, north = min(south, by), max(north, by)
        box = boxes[chains - 1]
        box[0], box[1], box[2], box[3] = west, south, east, north
    first[chains] = end - 1
    return chains


@numba.njit(cache=True)
def _boxes_meet(boxes: Floats, one: int, other: int) -> bool:
    return (
        boxes[one, 0] <= boxes[other, 2]
        and boxes[other, 0] <= boxes[one, 2]
        and boxes[one, 1] <= boxes[other, 3]
        and boxes[other, 1] <= boxes[one, 3]
    )


@numba.njit(cache=True)
def _edges_reaching(xy: Floats, begin: int, end: int, box: Floats, found: Index) -> int:
    """Fill in the edges whose boxes meet a box; return how many."""
    count = 0
    for i in range(begin, end):
        ax, ay, bx, by = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
        across = (ax <= box[2] or bx <= box[2]) and (ax >= box[0] or bx >= box[0])
        if across and (ay <= box[3] or by <= box[3]) and (ay >= box[1] or by >= box[1]):
            found[count] = i
            count += 1
    return count


@numba.njit(cache=True)
def _all_apart(xy: Floats, begin: int, end: int, some: Index, others: Index) -> bool:
    """Tell whether no edge of one chain surely meets one of a later chain, but in a common end."""
    for i in some:
        west, east = min(xy[i, 0], xy[i + 1, 0]), max(xy[i, 0], xy[i + 1, 0])
        south, north = min(xy[i, 1], xy[i + 1, 1]), max(xy[i, 1], xy[i + 1, 1])
        for j in others:
            ax, ay, bx, by = xy[j, 0], xy[j, 1], xy[j + 1, 0], xy[j + 1, 1]
            if max(ax, bx) < west or min(ax, bx) > east or max(ay, by) < south or min(ay, by) > north:
                continue
            if not _edges_apart(xy, begin, end, i, j):
                return False
    return True


@numba.njit(cache=True)
def _edges_apart(xy: Floats, begin: int, end: int, i: int, j: int) -> bool:
    """Tell whether two edges of a ring, the first one first, surely meet in nothing but a common end."""
    if j == i + 1:
        return not _doubles_back(xy, i, j)
    if i == begin and j == end - 2:
        return not _doubles_back(xy, j, i)
    return _sides_apart(xy, i, j)


@numba.njit(cache=True)
def _side(xy: Floats, a: int, b: int, c: int) -> int:
    """Return on which side of a-b the vertex c lies; 0 where rounding leaves a doubt."""
    left = (xy[b, 0] - xy[a, 0]) * (xy[c, 1] - xy[a, 1])
    right = (xy[b, 1] - xy[a, 1]) * (xy[c, 0] - xy[a, 0])
    doubt = _ROUNDING * (abs(left) + abs(right))
    if left - right > doubt:
        return 1
    return -1 if right - left > doubt else 0


@numba.njit(cache=True)
def _doubles_back(xy: Floats, first: int, second: int) -> bool:
    """Tell whether an edge and its successor may lie on each other."""
    forward = (xy[first + 1, 0] - xy[first, 0]) * (xy[second + 1, 0] - xy[second, 0])
    forward += (xy[first + 1, 1] - xy[first, 1]) * (xy[second + 1, 1] - xy[second, 1])
    return forward <= 0 and _side(xy, first, first + 1, second + 1) == 0


@numba.njit(cache=True)
def _sides_apart(xy: Floats, i: int, j: int) -> bool:
    """Tell whether one of two edges surely lies on one side of the other."""
    if _side(xy, i, i + 1, j) * _side(xy, i, i + 1, j + 1) > 0:
        return True
    return _side(xy, j, j + 1, i) * _side(xy, j, j + 1, i + 1) > 0


@numba.njit(cache=True)
def _spike_of(xy: Floats, begin: int, end: int, flip: bool, cell: float) -> int:
    """Return the tip of the first spike of a ring, or -1: it turns back with the interior between its arms."""
    for i in range(begin, end - 1):
        before = i - 1 if i > begin else end - 2
        ux, uy = xy[before, 0] - xy[i, 0], xy[before, 1] - xy[i, 1]
        wx, wy = xy[i + 1, 0] - xy[i, 0], xy[i + 1, 1] - xy[i, 1]
        if ux * wx + uy * wy <= 0:
            continue
        turn = wx * uy - wy * ux
        if (turn < 0) != flip and turn != 0:
            continue
        shorter = math.sqrt(min(ux * ux + uy * uy, wx * wx + wy * wy))
        if abs(turn) < 2 * cell * cell and shorter >= _SPIKE_CELLS * cell:
            return i
    return -1
