"""Noding: vertices that lie on an edge become nodes of it, until nothing changes.

An edge is refined in one way only, whichever rings use it, so all rings stay on one line. Every piece is strictly
shorter than the edge it came from, so the refinement ends (iterated snap rounding, Halperin and Packer 2002).
"""

from typing import Any, NamedTuple

import numba
import numpy as np

from geo.clusters import Floats, Index, Mask, Scale
from geo.edge_search import VertexGrid, search, vertex_grid
from geo.lattice import CELL_M


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
    edge, vertex, along, off_m = search(xy, scale, edges.ends, edges.reach_fixed_m, fixed, grid, tolerance_m)
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
