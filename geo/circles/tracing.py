"""The line around land that is reached: marching squares over exact distances, compiled.

Between two crossings of the grid, one inside and one outside, the line's place is searched for with the streets
themselves, not interpolated between values. A line enters and leaves a square once for each of its sides that it
meets, so the rings are simple and touch each other nowhere; and what a nearer limit holds, a farther one holds too.
"""

from typing import Any, Final, NamedTuple

import numba
import numpy as np

from geo.circles.land import SIDE
from geo.circles.walking import MM, Graph, Longs, Segments, foot_on

UNREACHED: Final = np.float32(1e9)
_HALVINGS: Final = 6
_ELSEWHERE: Final = 2.0
_NOWHERE: Final = (1e12, 1e12, 0.0, 0.0, 0.0, 0.0, 1e12, 1e12, 0.0, 0.0, _ELSEWHERE)
"""A street that leads to nothing, and is near nothing."""
_NEAREST_END: Final = 1 / 64
"""A vertex stays so much of a side away from the grid's crossings, so that rounding joins no two of them."""

# The sides of a square by which the line comes and goes, for each set of corners inside (south-west 1, south-east 2,
# north-east 4, north-west 8): S 0, E 1, N 2, W 3; -1 for none. What is inside lies on the left. Opposite corners inside
# are joined, so that a farther limit never holds less.
_S, _E, _N, _W = 0, 1, 2, 3
_TURNS: Final = np.array(
    [
        *((-1, -1, -1, -1), (_S, _W, -1, -1), (_E, _S, -1, -1), (_E, _W, -1, -1)),
        *((_N, _E, -1, -1), (_S, _E, _N, _W), (_N, _S, -1, -1), (_N, _W, -1, -1)),
        *((_W, _N, -1, -1), (_S, _N, -1, -1), (_W, _S, _E, _N), (_E, _N, -1, -1)),
        *((_W, _E, -1, -1), (_S, _E, -1, -1), (_W, _S, -1, -1), (-1, -1, -1, -1)),
    ],
    dtype=np.int8,
)


class Walk(NamedTuple):
    """What was walked from one entrance.

    Attributes
    ----------
    graph, segments
        The network.
    walked
        What each node costs, in mm.
    edge, share
        Where walking began.
    depth_m
        How far land may be from its street.
    """

    graph: Graph
    segments: Segments
    walked: Longs
    edge: int
    share: float
    depth_m: float


class View(NamedTuple):
    """A window of the grid.

    Attributes
    ----------
    i0, j0
        Its south-western crossing.
    step_x, step_y
        From one crossing to the next, in lattice cells.
    lon_m, lat_m
        The m of a lattice cell eastwards and northwards.
    """

    i0: int
    j0: int
    step_x: int
    step_y: int
    lon_m: float
    lat_m: float


@numba.njit(cache=True, nogil=True)
def spread(
    walk: Any, view: Any, pool: Any, slots: Any, value: Any, nearest: Any
) -> None:  # pragma: no cover - compiled
    """Write the m walked to each crossing of a window (its street, then straight), and its nearest segment.

    The window's rim is left unreached, so that every ring closes.
    """
    rows, columns = value.shape
    column0, row0 = view.i0 // SIDE, view.j0 // SIDE
    for j in range(rows):
        tile_row, row = (j + view.j0) // SIDE - row0, (j + view.j0) % SIDE
        for tile in range(slots.shape[1]):
            first = (column0 + tile) * SIDE - view.i0
            low, high = max(0, first), min(columns, first + SIDE)
            slot = slots[tile_row, tile]
            near = pool.segment[slot, row, low - first : high - first]
            nearest[j, low:high] = near
            place, away_m = pool.share[slot, row, low - first :], pool.away_m[slot, row, low - first :]
            _spread_row(walk, near, place, away_m, value[j, low:high])
    value[0], value[-1], value[:, 0], value[:, -1] = UNREACHED, UNREACHED, UNREACHED, UNREACHED


@numba.njit(cache=True, nogil=True)
def _spread_row(walk: Any, near: Any, place: Any, away_m: Any, value: Any) -> None:  # pragma: no cover - compiled
    # Neighbours mostly share their street.
    known, street = -1, _street(walk, 0)
    depth_m = walk.depth_m
    for i in range(len(near)):
        value[i] = UNREACHED
        if near[i] < 0 or away_m[i] > depth_m:
            continue
        if near[i] != known:
            known, street = near[i], _street(walk, near[i])
        value[i] = away_m[i] + _along(street, place[i])


@numba.njit(cache=True, nogil=True)
def _street(walk: Any, s: Any) -> Any:  # pragma: no cover - compiled
    """Return what is asked of a segment again and again, as plain numbers: compiled code counts whoever holds an array.

    Its first end and its extent in lattice cells; where it begins on its edge, and its share; the m walked to both
    ends of the edge, and what the edge costs there and back; where walking began on it, 2 where elsewhere.
    """
    ends, edge = walk.segments.ends, walk.segments.edge[s]
    low = walk.segments.share[s, 0]
    return (
        float(ends[s, 0]),
        float(ends[s, 1]),
        float(ends[s, 2] - ends[s, 0]),
        float(ends[s, 3] - ends[s, 1]),
        low,
        walk.segments.share[s, 1] - low,
        walk.walked[walk.graph.edge_from[edge]] / MM,
        walk.walked[walk.graph.edge_to[edge]] / MM,
        walk.graph.forward[edge] / MM,
        walk.graph.backward[edge] / MM,
        walk.share if edge == walk.edge else _ELSEWHERE,
    )


@numba.njit(cache=True, nogil=True, inline="always")
def _along(street: Any, place: Any) -> Any:  # pragma: no cover - compiled
    """Return the m walked to a place on a segment, from 0 to 1."""
    share = street[4] + street[5] * place
    best = min(street[6] + share * street[8], street[7] + (1 - share) * street[9])
    if street[10] < _ELSEWHERE:
        ahead = share - street[10]
        best = min(best, ahead * street[8] if ahead >= 0 else -ahead * street[9])
    return best


@numba.njit(cache=True, nogil=True)
def trace(
    walk: Any, view: Any, within_m: Any, bounds: Any, value: Any, nearest: Any, following: Any
) -> Any:  # pragma: no cover - compiled
    """Return the rings around all that is walked to within a distance: vertices (lattice cells), and their starts.

    ``bounds`` are the first and last column and row of the window that can be reached; ``following`` is room for twice
    the window, all -1, and is left so. Shells run counter-clockwise
    and holes clockwise. Each ring begins at the first side that is met going east, row by row from the south, and is
    not closed.
    """
    columns, size = value.shape[1], value.size
    limits = (view.lon_m, view.lat_m, walk.depth_m, within_m)
    crossed = _link(value, within_m, bounds, following)
    cells = np.empty((len(crossed), 2), dtype=np.int64)
    starts = np.zeros(len(crossed) + 1, dtype=np.int64)
    rings, vertex = 0, 0
    known, one, other_known, other = -1, _NOWHERE, -1, _NOWHERE
    for k in range(len(crossed)):
        side = crossed[k]
        if following[side] < 0:
            continue
        while following[side] >= 0:
            upright = np.int64(side >= size)
            at = side - upright * size
            j, i = at // columns, at % columns
            here, there = nearest[j, i], nearest[j + upright, i + 1 - upright]
            x, y = (i + view.i0) * view.step_x, (j + view.j0) * view.step_y
            wide, high = (1 - upright) * view.step_x, upright * view.step_y
            if here != known:
                known, one = here, _street(walk, here) if here >= 0 else _NOWHERE
            if there != other_known:
                other_known, other = there, _street(walk, there) if there >= 0 else _NOWHERE
            place = _search(one, other, here == there, limits, x, y, wide, high, value[j, i] <= within_m)
            cells[vertex, 0] = x + np.int64(np.rint(place * wide))
            cells[vertex, 1] = y + np.int64(np.rint(place * high))
            vertex += 1
            following[side], side = -1, following[side]
        rings += 1
        starts[rings] = vertex
    return cells, starts[: rings + 1]


@numba.njit(cache=True, nogil=True)
def _link(value: Any, within_m: Any, bounds: Any, following: Any) -> Any:  # pragma: no cover - compiled
    """Write the side by which the line goes on from each side, and return the sides where it is, row by row.

    The side east of a crossing has the crossing's number, the side north of it that plus the number of crossings.
    """
    columns = value.shape[1]
    size = value.size
    crossed = np.empty(2 * size, dtype=np.int32)
    count = 0
    sides = np.empty(4, dtype=np.int64)
    west, south, east, north = bounds
    for j in range(south, north):
        here, above = value[j], value[j + 1]
        ahead = 0
        for i in range(west, east):
            # What was the east side of one square is the west side of the next: bits 2 and 4 become 1 and 8.
            corners = (ahead & 2) >> 1 | (ahead & 4) << 1
            ahead = 2 * (here[i + 1] <= within_m) | 4 * (above[i + 1] <= within_m)
            corners |= ahead
            if corners == 0 or corners == 15:
                continue
            at = j * columns + i
            sides[0], sides[1], sides[2], sides[3] = at, size + at + 1, at + columns, size + at
            for turn in range(0, 4, 2):
                if _TURNS[corners, turn] >= 0:
                    begin = sides[_TURNS[corners, turn]]
                    following[begin] = sides[_TURNS[corners, turn + 1]]
                    crossed[count] = begin
                    count += 1
    return crossed[:count]


@numba.njit(cache=True, nogil=True)
def _search(
    one: Any, other: Any, same: Any, limits: Any, x: Any, y: Any, wide: Any, high: Any, first_inside: Any
) -> Any:  # pragma: no cover - compiled
    """Return where on a side the line runs, from 0 to 1.

    By halving, with the nearer of both ends' streets; where that is one, by two steps of the rule of false position.
    """
    low, top = 0.0, 1.0
    if same:
        at_low, at_top = _beyond(one, limits, x, y)[1], _beyond(one, limits, x + wide, y + high)[1]
        place = _zero(at_low, at_top)
        at_place = _beyond(one, limits, x + place * wide, y + place * high)[1]
        if (at_place <= 0) == first_inside:
            place += (1 - place) * _zero(at_place, at_top)
        else:
            place *= _zero(at_low, at_place)
    else:
        for _ in range(_HALVINGS):
            place = (low + top) / 2
            away2, beyond_m = _beyond(one, limits, x + place * wide, y + place * high)
            other_away2, other_beyond_m = _beyond(other, limits, x + place * wide, y + place * high)
            if ((beyond_m if away2 <= other_away2 else other_beyond_m) <= 0) == first_inside:
                low = place
            else:
                top = place
        place = (low + top) / 2
    return min(1 - _NEAREST_END, max(_NEAREST_END, place))


@numba.njit(cache=True, nogil=True, inline="always")
def _zero(one: Any, other: Any) -> Any:  # pragma: no cover - compiled
    """Return where a straight line between two values is 0."""
    return min(1.0, max(0.0, one / (one - other))) if one != other else 0.5


@numba.njit(cache=True, nogil=True)
def _beyond(street: Any, limits: Any, x: Any, y: Any) -> Any:  # pragma: no cover - compiled
    """Return the squared distance of a point from a street, and by how many m it is too far: not above 0 if reached."""
    lon_m, lat_m, depth_m, within_m = limits
    away2, place = foot_on(x - street[0], y - street[1], street[2], street[3], lon_m, lat_m)
    away_m = np.sqrt(away2)
    return away2, max(away_m - depth_m, away_m + _along(street, place) - within_m)
