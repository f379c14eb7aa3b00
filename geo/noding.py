"""Noding: vertices that lie on an edge become nodes of it, until nothing changes.

An edge is refined in one way only, whichever rings use it, so all rings stay on one line. Every piece is strictly
shorter than the edge it came from, so the refinement ends (iterated snap rounding, Halperin and Packer 2002).
"""

from typing import Any, NamedTuple

import numba
import numpy as np

from geo.clusters import MAX_CELLS, Floats, Index, Mask, Scale, length2
from geo.lattice import CELL_M

CROWDED = 32
"""Vertices that share a cell, on average, before cells are made smaller."""


class VertexGrid(NamedTuple):
    """Vertices sorted into square cells, column by column: a column's stretch of cells is one slice."""

    key: Index
    vertex: Index
    origin: Floats
    side: float
    rows: int


class Refined(NamedTuple):
    """The nodes of each edge.

    Attributes
    ----------
    start
        First node of each edge, shape (e + 1,).
    node
        Vertices in order from the edge's first end.
    rounds
        How many rounds of search it took.
    """

    start: Index
    node: Index
    rounds: int


class _Pieces(NamedTuple):
    """Edges to be searched: their keys and ends, and within what distance in m a fixed vertex becomes a node."""

    key: Index
    ends: Index
    reach_fixed_m: Floats
    drift_m: Floats


class _Found(NamedTuple):
    """Nodes found, sorted by edge and by their place along it, and their distance from it in m."""

    edge: Index
    vertex: Index
    off_m: Floats


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


def refine(xy: Floats, scale: Scale, ends: Index, fixed: Mask, known: Mask, tolerance_m: float) -> Refined:
    """Find the nodes of each edge.

    A vertex lies on an edge when it is within the tolerance, its foot falls between the ends, and the edge is longer
    than its distance from either end. Vertices that are no end of any edge are not looked at.

    Parameters
    ----------
    xy, scale
        Distinct vertices sorted by x, then y, and their metres per unit.
    ends
        Ends of the distinct edges, sorted, the lower vertex first, shape (e, 2).
    fixed
        Vertices that were matched before, shape (v,).
    known
        Edges that were matched before, shape (e,): fixed vertices leave them alone. Where a new node moves such an
        edge, fixed vertices become nodes of its pieces only where they were passed over, or would be by rounding.
    tolerance_m
        Distance in m.
    """
    if not len(ends):
        return Refined(np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int64), 1)
    used = np.zeros(len(xy), dtype=bool)
    used[ends.ravel()] = True
    spans = np.abs(xy[ends[:, 0]] - xy[ends[:, 1]]).max(axis=1)
    grid = vertex_grid(xy, np.flatnonzero(used), float(np.median(spans)))
    keys = _key(ends[:, 0], ends[:, 1], len(xy))
    todo = _Pieces(keys, ends, np.where(known, -1.0, tolerance_m), np.where(known, 0.0, tolerance_m))
    later = np.empty(0, dtype=np.int64)
    steps: list[tuple[_Pieces, _Found]] = []
    while len(todo.key):
        found = _nodes_on(xy, scale, todo, fixed, grid, tolerance_m)
        steps.append((todo, found))
        pieces = _cut(todo, found, len(xy), tolerance_m)
        fresh = ~_contains(keys, pieces.key) & ~_contains(later, pieces.key)
        todo = _Pieces(pieces.key[fresh], pieces.ends[fresh], pieces.reach_fixed_m[fresh], pieces.drift_m[fresh])
        later = np.union1d(later, todo.key)
    return _flattened(xy, scale, steps, len(ends))


def _key(a: Index, b: Index, count: int) -> Index:
    return np.minimum(a, b) * count + np.maximum(a, b)


def _contains(ordered: Index, wanted: Index) -> Mask:
    if not len(ordered):
        return np.zeros(len(wanted), dtype=bool)
    return ordered[np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)] == wanted


def _nodes_on(xy: Floats, scale: Scale, edges: _Pieces, fixed: Mask, grid: VertexGrid, tolerance_m: float) -> _Found:
    edge, vertex, along, off_m = _search(
        xy, scale.sx, scale.sy, edges.ends, edges.reach_fixed_m, fixed, *grid, tolerance_m
    )
    order = np.lexsort((vertex, along, edge))
    found = _Found(edge[order], vertex[order], off_m[order])
    taken = _shortening(xy, scale, edges.ends, found)
    return _Found(found.edge[taken], found.vertex[taken], found.off_m[taken])


def _shortening(xy: Floats, scale: Scale, ends: Index, found: _Found) -> Mask:
    """Tell which nodes to take: of an edge with a piece not shorter than itself, the nearest node alone."""
    before, after, edge = _chains(ends, found)
    piece2, whole2 = (_lengths2(xy, scale, a, b) for a, b in ((before, after), (ends[edge, 0], ends[edge, 1])))
    stuck = np.zeros(len(ends), dtype=bool)
    stuck[edge[piece2 >= whole2]] = True
    order = np.lexsort((found.vertex, found.off_m, found.edge))
    nearest = np.zeros(len(order), dtype=bool)
    nearest[order[np.unique(found.edge[order], return_index=True)[1]]] = True
    return ~stuck[found.edge] | nearest


def _lengths2(xy: Floats, scale: Scale, a: Index, b: Index) -> Floats:
    dx = (xy[a, 0] - xy[b, 0]) * (0.5 * (scale.sx[a] + scale.sx[b]))
    dy = (xy[a, 1] - xy[b, 1]) * (0.5 * (scale.sy[a] + scale.sy[b]))
    return dx * dx + dy * dy


def _chains(ends: Index, found: _Found) -> tuple[Index, Index, Index]:
    """Return both ends of every piece, in order along each edge, and the edge it came from, shape (p,) each."""
    edges, first, sizes = np.unique(found.edge, return_index=True, return_counts=True)
    edge = np.repeat(edges, sizes + 1)
    last = np.cumsum(sizes + 1) - 1
    before, after = np.empty(len(edge), dtype=np.int64), np.empty(len(edge), dtype=np.int64)
    inner = np.ones(len(edge), dtype=bool)
    inner[last] = False
    after[inner], after[last] = found.vertex, ends[edges, 1]
    before[1:] = after[:-1]
    before[first + np.arange(len(first))] = ends[edges, 0]
    return before, after, edge


def _cut(edges: _Pieces, found: _Found, count: int, tolerance_m: float) -> _Pieces:
    """Return the distinct pieces that nodes cut edges into, sorted by key."""
    before, after, edge = _chains(edges.ends, found)
    off_m = np.zeros(len(edges.key))
    np.maximum.at(off_m, found.edge, found.off_m)
    drift_m = (edges.drift_m + off_m)[edge]
    key = _key(before, after, count)
    order = np.lexsort((drift_m, key))
    first = order[np.unique(key[order], return_index=True)[1]]
    key, drift_m = key[first], drift_m[first]
    # what the edge passed over lies within its drift; a cell more is what rounding may add
    reach_m = np.minimum(drift_m + CELL_M, tolerance_m)
    return _Pieces(key, np.column_stack([key // count, key % count]), reach_m, drift_m)


def _flattened(xy: Floats, scale: Scale, steps: list[tuple[_Pieces, _Found]], count: int) -> Refined:
    """Put the nodes of edges and of their pieces together, shorter edges first: theirs are parts of the longer ones."""
    ends = np.concatenate([edges.ends[np.unique(found.edge)] for edges, found in steps])
    sizes = np.concatenate([np.unique(found.edge, return_counts=True)[1] for _, found in steps])
    node = np.concatenate([found.vertex for _, found in steps])
    own = np.unique(steps[0][1].edge)
    rounds = len(steps)
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    keys = _key(ends[:, 0], ends[:, 1], len(xy))
    by_key = np.argsort(keys)
    before, after, _ = _chains(ends, _Found(np.repeat(np.arange(len(ends)), sizes), node, np.zeros(len(node))))
    wanted = _key(before, after, len(xy))
    inner = np.full(len(wanted), -1, dtype=np.int64)
    refined = _contains(keys[by_key], wanted)
    inner[refined] = by_key[np.searchsorted(keys[by_key], wanted[refined])]
    shortest = np.argsort(_lengths2(xy, scale, ends[:, 0], ends[:, 1]), kind="stable")
    chain, first, last = _compose(shortest, ends, start, node, inner)
    length = np.zeros(count, dtype=np.int64)
    length[own] = (last - first)[: len(own)]
    places = np.repeat(first[: len(own)], length[own]) + _counting(length[own])
    return Refined(np.concatenate([[0], np.cumsum(length)]).astype(np.int64), chain[places], rounds)


def _counting(sizes: Index) -> Index:
    return np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)


@numba.njit(cache=True)
def _compose(order: Any, ends: Any, start: Any, node: Any, inner: Any) -> Any:  # pragma: no cover - compiled
    """Return the chains of nodes without steps back, and where that of each edge begins and ends."""
    out = np.empty(max(16, 2 * len(node)), dtype=np.int64)
    first, last = np.zeros(len(ends), dtype=np.int64), np.zeros(len(ends), dtype=np.int64)
    n = 0
    for edge in order:
        first[edge] = n
        behind = ends[edge, 0]
        for k in range(start[edge], start[edge + 1] + 1):
            ahead = node[k] if k < start[edge + 1] else ends[edge, 1]
            part = inner[k + edge]
            size = 0 if part < 0 else last[part] - first[part]
            while n + size + 1 > len(out):
                out = np.concatenate((out, np.empty_like(out)))
            for j in range(size):
                w = out[first[part] + j] if ends[part, 0] == behind else out[last[part] - 1 - j]
                n = _pushed(out, first[edge], n, ends[edge, 0], w)
            n = _pushed(out, first[edge], n, ends[edge, 0], ahead)
            behind = ahead
        # the far end is no node
        n -= 1
        last[edge] = n
    return out[:n].copy(), first, last


@numba.njit(cache=True)
def _pushed(out: Any, first: int, n: int, origin: int, w: int) -> int:  # pragma: no cover - compiled
    """Add w to a chain that begins at first; a step to where the chain has just been takes both steps back."""
    before = origin if n == first + 1 else out[n - 2]
    if n > first and before == w:
        return n - 1
    out[n] = w
    return n + 1


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
        reach[0] = 1.001 * tolerance_m / min(sx[a], sx[b])
        reach[1] = 1.001 * tolerance_m / min(sy[a], sy[b])
        column = max(0, int(np.floor((xy[a, 0] - reach[0] - origin[0]) / side)))
        last_column = int(np.floor((xy[b, 0] + reach[0] - origin[0]) / side))
        k = 0
        while column <= last_column and k < len(keys):
            low, high = _rows_beside(xy, a, b, column, reach, origin, side)
            k = _first_at_least(keys, column * rows + min(max(low, 0), rows), k)
            while k < len(keys) and keys[k] <= column * rows + min(high, rows - 1):
                w = vertices[k]
                k += 1
                if w == a or w == b:
                    continue
                reach_m = reach_fixed_m[e] if fixed[w] else tolerance_m
                t, off_m = _on_edge(xy, sx, sy, a, b, w, reach_m)
                if t > 0.0:
                    out_edge.append(np.int64(e))
                    out_vertex.append(w)
                    out_along.append(t)
                    out_off_m.append(off_m)
            # columns without a vertex are passed over
            if k < len(keys):
                column = max(column + 1, keys[k] // rows)
    return np.array(out_edge)[1:], np.array(out_vertex)[1:], np.array(out_along)[1:], np.array(out_off_m)[1:]
