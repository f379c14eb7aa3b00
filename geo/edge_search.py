"""Which vertices lie near an edge: a grid of vertices, walked along each edge."""

from typing import Any, Final, NamedTuple

import numba
import numpy as np

from geo.clusters import MAX_CELLS, Floats, Index, Mask, Scale, length2

CROWDED: Final = 32
"""Vertices that share a cell, on average, before cells are made smaller."""


class VertexGrid(NamedTuple):
    """Vertices sorted into square cells, column by column: a column's stretch of cells is one slice."""

    key: Index
    vertex: Index
    origin: Floats
    side: float
    rows: int


def vertex_grid(xy: Floats, vertices: Index, side: float) -> VertexGrid:
    """Sort vertices into cells.

    Parameters
    ----------
    xy
        All vertices, shape (v, 2).
    vertices
        Those to be found, shape (k,).
    side
        Side of a cell in units; made smaller where most vertices crowd in few cells.
    """
    points = xy[vertices]
    origin = points.min(axis=0)
    smallest = max(float(np.ptp(points, axis=0).max()) / MAX_CELLS, 1e-12)
    side = max(side, smallest)
    while True:
        place = np.floor((points - origin) / side).astype(np.int64)
        rows = int(place[:, 1].max()) + 1
        key = place[:, 0] * rows + place[:, 1]
        order = np.argsort(key, kind="stable")
        key = key[order]
        sizes = np.diff(np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1], [True]])))
        if float(np.square(sizes).sum()) <= CROWDED * len(key) or side == smallest:
            return VertexGrid(key, vertices[order], origin, side, rows)
        side = max(side / 8, smallest)


def search(
    xy: Floats, scale: Scale, ends: Index, reach_fixed_m: Floats, fixed: Mask, grid: VertexGrid, tolerance_m: float
) -> tuple[Index, Index, Floats, Floats]:
    """Find the vertices that lie on edges and are no end of them.

    Parameters
    ----------
    xy, scale
        Distinct vertices sorted by x, then y, and their metres per unit.
    ends
        Ends of the edges, the lower vertex first, shape (e, 2).
    reach_fixed_m
        Within what distance of each edge a fixed vertex is found, shape (e,); below 0 none is.
    fixed
        Which vertices are fixed, shape (v,).
    tolerance_m
        Within what distance any other vertex is found.

    Returns
    -------
    tuple of numpy.ndarray
        For each find the edge, the vertex, its place along the edge in (0, 1) and its distance in m; not sorted.
    """
    found: tuple[Index, Index, Floats, Floats] = _search(
        xy, scale.sx, scale.sy, ends, reach_fixed_m, fixed, *grid, tolerance_m
    )
    return found


@numba.njit(cache=True)
def _first_at_least(keys: Any, wanted: int, low: int) -> int:  # pragma: no cover - compiled
    high = len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@numba.njit(cache=True)
def _on_edge(
    xy: Any, sx: Any, sy: Any, a: int, b: int, w: int, reach_m: float
) -> tuple[float, float]:  # pragma: no cover - compiled
    """Return the place of w along a-b in (0, 1), or -1 where it is not on the edge; and its distance in m."""
    ax, ay = (xy[a, 0] - xy[w, 0]) * sx[w], (xy[a, 1] - xy[w, 1]) * sy[w]
    dx, dy = (xy[b, 0] - xy[a, 0]) * sx[w], (xy[b, 1] - xy[a, 1]) * sy[w]
    whole2 = dx * dx + dy * dy
    if whole2 == 0.0:
        return -1.0, 0.0
    t = -(ax * dx + ay * dy) / whole2
    if t <= 0.0 or t >= 1.0:
        return -1.0, 0.0
    off_m = abs(ax * dy - ay * dx) / np.sqrt(whole2)
    if off_m > reach_m:
        return -1.0, 0.0
    edge2 = length2(xy, sx, sy, a, b)
    if length2(xy, sx, sy, a, w) >= edge2 or length2(xy, sx, sy, w, b) >= edge2:
        return -1.0, 0.0
    return t, off_m


@numba.njit(cache=True)
def _rows_beside(
    xy: Any, a: int, b: int, column: int, reach: Any, origin: Any, side: float
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Return the rows that lie within reach of a-b in one column; a is the western end."""
    west = max(xy[a, 0], origin[0] + column * side - reach[0])
    east = min(xy[b, 0], origin[0] + (column + 1) * side + reach[0])
    run = xy[b, 0] - xy[a, 0]
    slope = (xy[b, 1] - xy[a, 1]) / run if run > 0.0 else 0.0
    y0 = xy[a, 1] + slope * (west - xy[a, 0]) if run > 0.0 else xy[a, 1]
    y1 = xy[a, 1] + slope * (east - xy[a, 0]) if run > 0.0 else xy[b, 1]
    low = max(min(y0, y1), min(xy[a, 1], xy[b, 1])) - reach[1]
    high = min(max(y0, y1), max(xy[a, 1], xy[b, 1])) + reach[1]
    return int(np.floor((low - origin[1]) / side)), int(np.floor((high - origin[1]) / side))


@numba.njit(cache=True)
def _search(
    xy: Any,
    sx: Any,
    sy: Any,
    edges: Any,
    reach_fixed_m: Any,
    fixed: Any,
    keys: Any,
    vertices: Any,
    origin: Any,
    side: float,
    rows: int,
    tolerance_m: float,
) -> Any:  # pragma: no cover - compiled
    out_edge, out_vertex = [np.int64(0)], [np.int64(0)]
    out_along, out_off_m = [0.0], [0.0]
    reach = np.empty(2)
    for e in range(len(edges)):
        a, b = edges[e]
        # a little more than the tolerance, for the scale at the vertex between may differ
        reach[:] = 1.001 * tolerance_m / min(sx[a], sx[b]), 1.001 * tolerance_m / min(sy[a], sy[b])
        column = max(0, int(np.floor((xy[a, 0] - reach[0] - origin[0]) / side)))
        last_column = int(np.floor((xy[b, 0] + reach[0] - origin[0]) / side))
        k = 0
        while column <= last_column and k < len(keys):
            low, high = _rows_beside(xy, a, b, column, reach, origin, side)
            k = _first_at_least(keys, column * rows + min(max(low, 0), rows), k)
            while k < len(keys) and keys[k] <= column * rows + min(high, rows - 1):
                w = vertices[k]
                k += 1
                reach_m = reach_fixed_m[e] if fixed[w] else tolerance_m
                t, off_m = _on_edge(xy, sx, sy, a, b, w, reach_m)
                if t > 0.0 and w != a and w != b:
                    out_edge.append(np.int64(e))
                    out_vertex.append(w)
                    out_along.append(t)
                    out_off_m.append(off_m)
            # columns without a vertex are passed over
            column = max(column + 1, keys[k] // rows) if k < len(keys) else last_column + 1
    return np.array(out_edge)[1:], np.array(out_vertex)[1:], np.array(out_along)[1:], np.array(out_off_m)[1:]
