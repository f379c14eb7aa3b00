"""Compiled kernels of matching: clusters of vertices, and vertices that lie on edges.

All lengths are in metres through a local scale for each vertex (``sx``, ``sy`` m per unit), so that the same code works
in degrees and in metres and edges stay straight in the units they are drawn in.
"""

from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Scale(NamedTuple):
    """Metres per unit at each vertex, shape (v,) each."""

    sx: Floats
    sy: Floats


def cluster(xy: Floats, scale: Scale, rank: Index, fixed: Mask, tolerance_m: float) -> Index:
    """Give each vertex the vertex that stands for it.

    A vertex becomes a centre when no centre of better rank lies within the tolerance; every other one joins its
    nearest centre. No vertex moves further than the tolerance, and fixed ones do not move at all.

    Parameters
    ----------
    xy
        Distinct vertices, shape (v, 2).
    scale
        Metres per unit at each vertex.
    rank
        A permutation: 0 is the best. Fixed vertices must rank before all others.
    fixed
        Vertices that stay, whatever lies near.
    tolerance_m
        Radius in m.

    Returns
    -------
    numpy.ndarray
        Index of the centre for each vertex, shape (v,).
    """
    if len(xy) < 2:
        return np.arange(len(xy), dtype=np.int64)
    # the smallest scale makes distances too short, so the search finds a superset and the kernel decides
    plane = xy * np.array([scale.sx.min(), scale.sy.min()])
    pairs = cKDTree(plane).query_pairs(tolerance_m, output_type="ndarray").astype(np.int64)
    if not len(pairs):
        return np.arange(len(xy), dtype=np.int64)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    start = np.searchsorted(both[:, 0], np.arange(len(xy) + 1))
    order = np.argsort(rank, kind="stable")
    return _centres(xy, scale.sx, scale.sy, order, rank, fixed, start, np.ascontiguousarray(both[:, 1]), tolerance_m)


@numba.njit(cache=True)
def _centres(
    xy: Any,
    sx: Any,
    sy: Any,
    order: Any,
    rank: Any,
    fixed: Any,
    start: Any,
    near: Any,
    tolerance_m: float,
) -> Any:  # pragma: no cover - compiled
    limit = tolerance_m * tolerance_m
    centre = np.arange(len(xy))
    is_centre = np.ones(len(xy), dtype=np.bool_)
    for vertex in order:
        if fixed[vertex]:
            continue
        best, best_d2 = vertex, np.inf
        for k in range(start[vertex], start[vertex + 1]):
            other = near[k]
            if rank[other] > rank[vertex] or not is_centre[other]:
                continue
            dx = (xy[other, 0] - xy[vertex, 0]) * sx[vertex]
            dy = (xy[other, 1] - xy[vertex, 1]) * sy[vertex]
            d2 = dx * dx + dy * dy
            if d2 <= limit and (d2 < best_d2 or (d2 == best_d2 and rank[other] < rank[best])):
                best, best_d2 = other, d2
        if best != vertex:
            is_centre[vertex] = False
            centre[vertex] = best
    return centre


class Nodes(NamedTuple):
    """Vertices found on edges, sorted by edge and by their place along it."""

    edge: Index
    vertex: Index


class VertexGrid(NamedTuple):
    """Vertices sorted into square cells, row by row: a row's stretch of cells is one slice."""

    key: Index
    vertex: Index
    origin: Floats
    cell: Floats
    columns: int


def vertex_grid(xy: Floats, vertices: Index, cell: Floats) -> VertexGrid:
    """Sort vertices into cells.

    Parameters
    ----------
    xy
        All vertices, shape (v, 2).
    vertices
        Those to be found, shape (k,).
    cell
        Cell width and height in units, shape (2,).
    """
    points = xy[vertices]
    origin = points.min(axis=0) if len(points) else np.zeros(2)
    place = np.floor((points - origin) / cell).astype(np.int64)
    columns = int(place[:, 0].max()) + 1 if len(points) else 1
    key = place[:, 1] * columns + place[:, 0]
    order = np.argsort(key, kind="stable")
    return VertexGrid(key[order], vertices[order], origin, cell, columns)


def nodes_on_edges(
    xy: Floats, scale: Scale, edges: Index, known: Mask, fixed: Mask, grid: VertexGrid, tolerance_m: float
) -> Nodes:
    """Find the vertices that lie on edges: within the tolerance, and not at an end.

    Parameters
    ----------
    xy, scale
        All vertices and their metres per unit.
    edges
        Ends of the edges, shape (e, 2).
    known
        Edges that were matched before, shape (e,): fixed vertices leave them alone.
    fixed
        Vertices that were matched before, shape (v,).
    grid
        The vertices to look for.
    tolerance_m
        Distance in m.
    """
    if not len(grid.vertex) or not len(edges):
        none = np.empty(0, dtype=np.int64)
        return Nodes(none, none)
    found = _search(
        xy,
        scale.sx,
        scale.sy,
        edges,
        known,
        fixed,
        grid.key,
        grid.vertex,
        grid.origin,
        grid.cell,
        grid.columns,
        tolerance_m,
    )
    edge, vertex, along = found
    order = np.lexsort((vertex, along, edge))
    return Nodes(edge[order], vertex[order])


@numba.njit(cache=True)
def _first_at_least(keys: Any, wanted: int) -> int:  # pragma: no cover - compiled
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@numba.njit(cache=True)
def _along(
    xy: Any, sx: Any, sy: Any, a: int, b: int, w: int, tolerance_m: float
) -> float:  # pragma: no cover - compiled
    """Return the place of w along a-b in (0, 1), or -1 where it is not on the edge."""
    ax, ay = (xy[a, 0] - xy[w, 0]) * sx[w], (xy[a, 1] - xy[w, 1]) * sy[w]
    dx, dy = (xy[b, 0] - xy[a, 0]) * sx[w], (xy[b, 1] - xy[a, 1]) * sy[w]
    length2 = dx * dx + dy * dy
    if length2 == 0.0:
        return -1.0
    t = -(ax * dx + ay * dy) / length2
    if t <= 0.0 or t >= 1.0:
        return -1.0
    px, py = ax + t * dx, ay + t * dy
    return t if px * px + py * py <= tolerance_m * tolerance_m else -1.0


@numba.njit(cache=True)
def _search(
    xy: Any,
    sx: Any,
    sy: Any,
    edges: Any,
    known: Any,
    fixed: Any,
    keys: Any,
    vertices: Any,
    origin: Any,
    cell: Any,
    columns: int,
    tolerance_m: float,
) -> Any:  # pragma: no cover - compiled
    out_edge, out_vertex, out_along = [np.int64(0)], [np.int64(0)], [0.0]
    last_row = keys[-1] // columns
    for e in range(len(edges)):
        a, b = edges[e, 0], edges[e, 1]
        reach_x, reach_y = 1.01 * tolerance_m / min(sx[a], sx[b]), 1.01 * tolerance_m / min(sy[a], sy[b])
        low, high = (a, b) if xy[a, 1] <= xy[b, 1] else (b, a)
        y0, y1 = xy[low, 1] - reach_y, xy[high, 1] + reach_y
        row0 = max(0, int(np.floor((y0 - origin[1]) / cell[1])))
        row1 = min(last_row, int(np.floor((y1 - origin[1]) / cell[1])))
        rise = xy[high, 1] - xy[low, 1]
        slope = (xy[high, 0] - xy[low, 0]) / rise if rise > 0.0 else 0.0
        for row in range(row0, row1 + 1):
            bottom = max(xy[low, 1], origin[1] + row * cell[1] - reach_y)
            top = min(xy[high, 1], origin[1] + (row + 1) * cell[1] + reach_y)
            if rise > 0.0:
                xa = xy[low, 0] + slope * (bottom - xy[low, 1])
                xb = xy[low, 0] + slope * (top - xy[low, 1])
            else:
                xa, xb = xy[low, 0], xy[high, 0]
            column0 = max(0, int(np.floor((min(xa, xb) - reach_x - origin[0]) / cell[0])))
            column1 = min(columns - 1, int(np.floor((max(xa, xb) + reach_x - origin[0]) / cell[0])))
            if column0 > column1:
                continue
            k = _first_at_least(keys, row * columns + column0)
            while k < len(keys) and keys[k] <= row * columns + column1:
                w = vertices[k]
                k += 1
                if w == a or w == b or (known[e] and fixed[w]):
                    continue
                t = _along(xy, sx, sy, a, b, w, tolerance_m)
                if t > 0.0:
                    out_edge.append(np.int64(e))
                    out_vertex.append(w)
                    out_along.append(t)
    return np.array(out_edge)[1:], np.array(out_vertex)[1:], np.array(out_along)[1:]


@numba.njit(cache=True)
def expand(
    vertex: Any, start: Any, edge: Any, forward: Any, node_start: Any, node: Any
) -> Any:  # pragma: no cover - compiled
    """Insert nodes into rings.

    Parameters
    ----------
    vertex, start
        Open rings of vertex numbers, and the first place of each ring (r + 1,).
    edge, forward
        The edge that follows each place, and whether the ring runs from its first to its second end.
    node_start, node
        The nodes of each edge in order from its first end.

    Returns
    -------
    tuple of numpy.ndarray
        New ``vertex`` and ``start``; a vertex that repeats its predecessor is dropped.
    """
    size = len(vertex)
    for place in range(len(vertex)):
        size += node_start[edge[place] + 1] - node_start[edge[place]]
    out = np.empty(size, dtype=np.int64)
    out_start = np.empty_like(start)
    n = 0
    for ring in range(len(start) - 1):
        first = n
        out_start[ring] = first
        for place in range(start[ring], start[ring + 1]):
            if n == first or out[n - 1] != vertex[place]:
                out[n] = vertex[place]
                n += 1
            low, high = node_start[edge[place]], node_start[edge[place] + 1]
            for k in range(high - low):
                w = node[low + k] if forward[place] else node[high - 1 - k]
                if out[n - 1] != w:
                    out[n] = w
                    n += 1
        while n - first > 1 and out[n - 1] == out[first]:
            n -= 1
    out_start[-1] = n
    return out[:n].copy(), out_start
