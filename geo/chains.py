"""Rings as chains of vertex numbers: their distinct edges, and the rings again once edges have nodes."""

from typing import Any, Final, NamedTuple

import numba
import numpy as np

from geo.clusters import Floats, Index, Mask

MANY: Final = 16
"""Edges that begin at one vertex before inserting them in order takes longer than sorting them."""


class Edges(NamedTuple):
    """The distinct edges of rings.

    Attributes
    ----------
    ends
        Their ends, the lower vertex first, sorted, shape (e, 2).
    edge
        The edge that follows each place on a ring, shape (k,).
    forward
        Whether the ring runs along it from its first end, shape (k,).
    """

    ends: Index
    edge: Index
    forward: Mask


class Chains(NamedTuple):
    """Rings with their nodes.

    Attributes
    ----------
    vertex
        Open rings of vertex numbers, one after the other, shape (c,); none repeats its predecessor.
    start
        First place of each ring, shape (r + 1,).
    origin
        Place before insertion that each comes from, or whose edge each is a node of, shape (c,).
    is_node
        Which are nodes, shape (c,).
    """

    vertex: Index
    start: Index
    origin: Index
    is_node: Mask


def edges_of(vertex: Index, following: Index, count: int) -> Edges:
    """Find the distinct edges of rings.

    Parameters
    ----------
    vertex
        Vertex number at each place on a ring, shape (k,), less than ``count``.
    following
        Place that follows each on its ring, shape (k,).
    """
    ahead = vertex[following]
    ends, edge = _distinct_edges(np.minimum(vertex, ahead), np.maximum(vertex, ahead), count)
    return Edges(ends, edge, vertex <= ahead)


def expanded(vertex: Index, start: Index, edges: Edges, node_start: Index, node: Index) -> Chains:
    """Insert the nodes of edges into rings.

    Parameters
    ----------
    vertex, start
        Open rings of vertex numbers, and the first place of each ring.
    node_start, node
        The nodes of each edge in order from its first end.
    """
    size = len(vertex) + int(np.diff(node_start)[edges.edge].sum())
    return Chains(*_inserted(vertex, start, edges.edge, edges.forward, node_start, node, size))


def spread(first: Index, sizes: Index) -> Index:
    """Return the places of many slices, one after the other."""
    return np.arange(int(sizes.sum())) + np.repeat(first - (np.cumsum(sizes) - sizes), sizes)


def folded(vertex: Index, start: Index, area: Index, xy: Floats, is_hole: Mask) -> Mask:
    """Tell which rings make their area one that has to be unfolded, shape (r,).

    They are those that collapsed or turned over, and those that come to a vertex where a ring of their area was
    before. Rings of one area follow each other.
    """
    return _folded(vertex, start, area, xy, is_hole)


@numba.njit(cache=True)
def _distinct_edges(low: Any, high: Any, count: int) -> Any:  # pragma: no cover - compiled
    """Return the distinct pairs, sorted, and the pair of each place: few edges begin at one vertex, so lists do."""
    start = np.zeros(count + 1, dtype=np.int64)
    for v in low:
        start[v + 1] += 1
    for v in range(count):
        start[v + 1] += start[v]
    places, filled = np.empty(len(low), dtype=np.int64), start[:-1].copy()
    for k in range(len(low)):
        places[filled[low[k]]] = k
        filled[low[k]] += 1
    ends, edge = np.empty((len(low), 2), dtype=np.int64), np.empty(len(low), dtype=np.int64)
    n = 0
    for v in range(count):
        first, last = start[v], start[v + 1]
        if last - first > MANY:
            places[first:last] = places[first:last][np.argsort(high[places[first:last]])]
        for k in range(first, last):
            place = places[k]
            j = k
            while j > first and high[places[j - 1]] > high[place]:
                places[j] = places[j - 1]
                j -= 1
            places[j] = place
        for k in range(first, last):
            if k == first or high[places[k]] != high[places[k - 1]]:
                ends[n, 0], ends[n, 1] = v, high[places[k]]
                n += 1
            edge[places[k]] = n - 1
    return ends[:n].copy(), edge


@numba.njit(cache=True)
def _inserted(
    vertex: Any, start: Any, edge: Any, forward: Any, node_start: Any, node: Any, size: int
) -> Any:  # pragma: no cover - compiled
    out, origin = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    is_node = np.zeros(size, dtype=np.bool_)
    out_start = np.empty_like(start)
    n = 0
    for ring in range(len(start) - 1):
        first = n
        out_start[ring] = first
        for place in range(start[ring], start[ring + 1]):
            if n == first or out[n - 1] != vertex[place]:
                out[n], origin[n] = vertex[place], place
                n += 1
            low, high = node_start[edge[place]], node_start[edge[place] + 1]
            for k in range(high - low):
                out[n] = node[low + k] if forward[place] else node[high - 1 - k]
                origin[n], is_node[n] = place, True
                n += 1
        while n - first > 1 and out[n - 1] == out[first]:
            n -= 1
            is_node[n] = False
    out_start[-1] = n
    return out[:n].copy(), out_start, origin[:n].copy(), is_node[:n].copy()


@numba.njit(cache=True)
def _folded(vertex: Any, start: Any, area: Any, xy: Any, is_hole: Any) -> Any:  # pragma: no cover - compiled
    folded = np.zeros(len(area), dtype=np.bool_)
    seen = np.full(len(xy), -1, dtype=np.int64)
    for ring in range(len(area)):
        low, high = start[ring], start[ring + 1]
        if high - low < 3:
            folded[ring] = True
            continue
        twice = 0.0
        x0, y0 = xy[vertex[low]]
        x1, y1 = 0.0, 0.0
        for place in range(low, high):
            w = vertex[place]
            folded[ring] |= seen[w] == area[ring]
            seen[w] = area[ring]
            x2, y2 = xy[w, 0] - x0, xy[w, 1] - y0
            twice += x1 * y2 - x2 * y1
            x1, y1 = x2, y2
        folded[ring] |= (twice > 0.0) == is_hole[ring] or twice == 0.0
    return folded
