"""Clusters: vertices that lie within a tolerance of each other become one.

All lengths are in metres through a local scale for each vertex (``sx``, ``sy`` m per unit), so that the same code works
in degrees and in metres and edges stay straight in the units they are drawn in.
"""

from typing import Any, Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
MAX_CELLS: Final = 2**30
"""Cells along one side of a grid: the numbers of two sides fit in one int64."""
MAX_USES: Final = 2**15 - 2


class Scale(NamedTuple):
    """Metres per unit at each vertex, shape (v,) each."""

    sx: Floats
    sy: Floats


def distinct(xy: Floats) -> tuple[Floats, Index]:
    """Return the distinct vertices by x, then y, shape (v, 2), and the one of each given vertex, shape (k,)."""
    # adding zero makes -0.0 and 0.0 one
    x, y = xy[:, 0] + 0.0, xy[:, 1] + 0.0
    order = np.argsort(x)
    return _sorted_runs(x[order], y[order], order)


@numba.njit(cache=True)
def _sorted_runs(x: Any, y: Any, order: Any) -> Any:  # pragma: no cover - compiled
    """Return the distinct vertices of a column sorted by x, and the number of each vertex in its old order."""
    vertex = np.empty(len(order), dtype=np.int64)
    out = np.empty((len(order), 2))
    n = 0
    low = 0
    while low < len(order):
        high = low + 1
        while high < len(order) and x[high] == x[low]:
            high += 1
        if high - low > 1:
            run = np.argsort(y[low:high])
            y[low:high] = y[low:high][run]
            order[low:high] = order[low:high][run]
        for k in range(low, high):
            if k == low or y[k] != y[k - 1]:
                out[n, 0], out[n, 1] = x[k], y[k]
                n += 1
            vertex[order[k]] = n - 1
        low = high
    return out[:n].copy(), vertex


def cluster(xy: Floats, scale: Scale, uses: Index, fixed: Mask, tolerance_m: float) -> Index:
    """Give each vertex the vertex that stands for it.

    Fixed vertices stand for themselves. The others are taken by use, most used first, then by their order: one that
    has no centre within the tolerance becomes a centre, any other joins the nearest fixed vertex, or else the nearest
    centre. So no vertex moves further than the tolerance, and two centres lie within it only where both are fixed.

    Parameters
    ----------
    xy
        Distinct vertices sorted by x, then y, shape (v, 2).
    scale
        Metres per unit at each vertex.
    uses
        How often each vertex is used, shape (v,).
    fixed
        Vertices that stay, whatever lies near, shape (v,).
    tolerance_m
        Radius in m.

    Returns
    -------
    numpy.ndarray
        Index of the centre for each vertex, shape (v,).
    """
    if len(xy) < 2:
        return np.arange(len(xy), dtype=np.int64)
    # cells a little larger than the tolerance anywhere: whatever lies within it lies in the nine cells around
    cell = 1.000001 * tolerance_m / np.array([scale.sx.min(), scale.sy.min()])
    cell = np.maximum(cell, np.ptp(xy, axis=0) / MAX_CELLS)
    place = np.floor((xy - xy.min(axis=0)) / cell).astype(np.int64)
    rows = int(place[:, 1].max()) + 3
    keys, cell_of = np.unique((place[:, 0] + 1) * rows + place[:, 1] + 1, return_inverse=True)
    # sixteen bits sort in linear time
    order = np.argsort(np.where(fixed, -MAX_USES - 1, -np.minimum(uses, MAX_USES)).astype(np.int16), kind="stable")
    first = _first_neighbours(keys, rows)
    return _centres(xy, scale.sx, scale.sy, order, fixed, keys, cell_of, first, rows, tolerance_m)


@numba.njit(cache=True)
def _first_neighbours(keys: Any, rows: int) -> Any:  # pragma: no cover - compiled
    """Return the first filled cell of the three below to above, in the columns left, own and right, shape (c, 3)."""
    first = np.empty((len(keys), 3), dtype=np.int64)
    for column in range(3):
        k = 0
        for cell in range(len(keys)):
            wanted = keys[cell] + (column - 1) * rows - 1
            while k < len(keys) and keys[k] < wanted:
                k += 1
            first[cell, column] = k
    return first


@numba.njit(cache=True)
def length2(xy: Any, sx: Any, sy: Any, a: int, b: int) -> float:  # pragma: no cover - compiled
    """Return the squared length of a-b in m2: the same, to the last bit, as that of b-a."""
    dx = (xy[a, 0] - xy[b, 0]) * (0.5 * (sx[a] + sx[b]))
    dy = (xy[a, 1] - xy[b, 1]) * (0.5 * (sy[a] + sy[b]))
    return dx * dx + dy * dy


@numba.njit(cache=True)
def _nearest_centre(
    xy: Any, sx: Any, sy: Any, fixed: Any, vertex: int, cells: Any, head: Any, following: Any, limit: float
) -> int:  # pragma: no cover - compiled
    best, best_d2 = vertex, np.inf
    for j in range(len(cells)):
        other = head[cells[j]]
        while other >= 0:
            d2 = length2(xy, sx, sy, vertex, other)
            better = d2 < best_d2 or (d2 == best_d2 and other < best)
            if best != vertex and fixed[other] != fixed[best]:
                better = fixed[other]
            if d2 <= limit and better:
                best, best_d2 = other, d2
            other = following[other]
    return best


@numba.njit(cache=True)
def _centres(
    xy: Any,
    sx: Any,
    sy: Any,
    order: Any,
    fixed: Any,
    keys: Any,
    cell_of: Any,
    first: Any,
    rows: int,
    tolerance_m: float,
) -> Any:  # pragma: no cover - compiled
    centre = np.arange(len(xy))
    # the centres of each cell as a linked list: cells full of vertices that joined cost nothing
    head = np.full(len(keys), -1, dtype=np.int64)
    following = np.full(len(xy), -1, dtype=np.int64)
    cells = np.empty(9, dtype=np.int64)
    for vertex in order:
        cell = cell_of[vertex]
        if not fixed[vertex]:
            n = 0
            for column in range(3):
                k = first[cell, column]
                while k < len(keys) and keys[k] <= keys[cell] + (column - 1) * rows + 1:
                    cells[n] = k
                    n += 1
                    k += 1
            centre[vertex] = _nearest_centre(
                xy, sx, sy, fixed, vertex, cells[:n], head, following, tolerance_m * tolerance_m
            )
        if centre[vertex] == vertex:
            following[vertex] = head[cell]
            head[cell] = vertex
    return centre
