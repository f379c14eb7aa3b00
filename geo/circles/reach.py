"""How far every node is from an entrance, up to a limit: Dijkstra's algorithm over whole numbers, compiled.

SciPy's ``dijkstra`` fills one row of all nodes for each source, whatever the limit; this one touches what it reaches.
"""

from typing import Any, Final, NamedTuple

import numba
import numpy as np

from geo.circles.walking import Graph, Longs

FAR: Final = 1 << 40
"""Farther than anything, in mm."""
_SHIFT: Final = 32
_MASK: Final = (1 << _SHIFT) - 1


class Source(NamedTuple):
    """Where walking begins: on an edge, at a share of its length from its first node."""

    edge: int
    share: float


class Reached(NamedTuple):
    """What is reached.

    Attributes
    ----------
    nodes
        In the order in which they are reached, shape (r,).
    window
        West, south, east and north of all edges that begin at them, in lattice cells.
    """

    nodes: Longs
    window: Longs


def reach(graph: Graph, source: Source, limit_mm: int, walked_mm: Longs) -> Reached:
    """Write what each node reached costs into ``walked_mm`` (shape (n,), all :data:`FAR`); :func:`forget` undoes it."""
    nodes, window = _reach(graph, source.edge, source.share, limit_mm, walked_mm)
    return Reached(nodes, window)


def forget(reached: Reached, walked_mm: Longs) -> None:
    """Make ready for the next entrance."""
    walked_mm[reached.nodes] = FAR


@numba.njit(cache=True, nogil=True)
def _reach(graph: Any, edge: Any, share: Any, limit: Any, walked: Any) -> Any:  # pragma: no cover - compiled
    heap = np.empty(1024, dtype=np.int64)
    reached = np.empty(1024, dtype=np.int64)
    count, size = 0, 0
    back, forth = np.int64(np.rint(share * graph.backward[edge])), np.int64(np.rint((1 - share) * graph.forward[edge]))
    size = _push(heap, size, (back << _SHIFT) | np.int64(graph.edge_from[edge]))
    size = _push(heap, size, (forth << _SHIFT) | np.int64(graph.edge_to[edge]))
    window = np.array([graph.box[edge, 0], graph.box[edge, 1], graph.box[edge, 2], graph.box[edge, 3]], dtype=np.int64)
    while size:
        top = heap[0]
        size = _pop(heap, size)
        cost, node = top >> _SHIFT, top & _MASK
        if cost > limit:
            break
        if walked[node] <= cost:
            continue
        walked[node] = cost
        if count == len(reached):
            reached = np.concatenate((reached, np.empty(count, dtype=np.int64)))
        reached[count] = node
        count += 1
        for way in range(graph.start[node], graph.start[node + 1]):
            _widen(window, graph.box, graph.edge[way])
            there = cost + graph.cost[way]
            if there <= limit and there < walked[graph.to[way]]:
                if size == len(heap):
                    heap = np.concatenate((heap, np.empty(size, dtype=np.int64)))
                size = _push(heap, size, (there << _SHIFT) | np.int64(graph.to[way]))
    return reached[:count], window


@numba.njit(cache=True, nogil=True, inline="always")
def _widen(window: Any, box: Any, edge: Any) -> None:  # pragma: no cover - compiled
    window[0] = min(window[0], box[edge, 0])
    window[1] = min(window[1], box[edge, 1])
    window[2] = max(window[2], box[edge, 2])
    window[3] = max(window[3], box[edge, 3])


@numba.njit(cache=True, nogil=True)
def _push(heap: Any, size: Any, value: Any) -> Any:  # pragma: no cover - compiled
    at = size
    while at > 0 and heap[(at - 1) // 2] > value:
        heap[at] = heap[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at] = value
    return size + 1


@numba.njit(cache=True, nogil=True)
def _pop(heap: Any, size: Any) -> Any:  # pragma: no cover - compiled
    size -= 1
    value = heap[size]
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = value
    return size
