"""Colours for areas: neighbours get different ones."""

import heapq
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

Index = npt.NDArray[np.int64]

PALETTE: Final = (
    "#77AADD",
    "#EEDD88",
    "#44BB99",
    "#FFAABB",
    "#EE8866",
    "#99DDFF",
    "#BBCC33",
    "#AAAA00",
)
"""Fills that stay apart for colour-blind readers and carry dark text.

Source: Paul Tol, "Colour Schemes" (SRON/EPS/TN/09-002, issue 3.2), the scheme *light* without its grey.
"""


def neighbours(geoms: Sequence[Any] | npt.NDArray[np.object_]) -> Index:
    """Return the pairs of areas that share a piece of border, or overlap.

    Parameters
    ----------
    geoms
        shapely Polygons or MultiPolygons, shape (n,), in one CRS.

    Returns
    -------
    numpy.ndarray
        Rows ``(i, j)`` with ``i < j``, shape (m, 2). Areas that meet in single points only are no neighbours:
        with four areas around a crossing, the ones across may look alike.
    """
    shapes = np.asarray(geoms, dtype=object)
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    matrix = shapely.relate(shapes[first], shapes[second])
    # Characters 0 and 4 of a DE-9IM text: interiors share an area, boundaries share a line.
    met = np.fromiter((cell[0] == "2" or cell[4] == "1" for cell in matrix), dtype=bool, count=len(matrix))
    return np.column_stack([first[met], second[met]]).astype(np.int64)


def colours(count: int, pairs: Iterable[Sequence[int]] | Index) -> Index:
    """Return a colour number for each area, different for neighbours.

    Parameters
    ----------
    count
        How many areas there are.
    pairs
        Rows ``(i, j)`` of neighbours.

    Returns
    -------
    numpy.ndarray
        Numbers from 0, shape (n,). A planar map needs at most six.

    Notes
    -----
    Greedy, in smallest-last order: Matula & Beck, "Smallest-last ordering and clustering and graph coloring
    algorithms", J. ACM 30 (1983).
    """
    near: list[set[int]] = [set() for _ in range(count)]
    for i, j in pairs:
        near[int(i)].add(int(j))
        near[int(j)].add(int(i))
    given = np.full(count, -1, dtype=np.int64)
    for area in reversed(_smallest_last(near)):
        taken = {int(given[other]) for other in near[area]}
        given[area] = next(colour for colour in range(len(taken) + 1) if colour not in taken)
    return given


def _smallest_last(near: Sequence[set[int]]) -> list[int]:
    """Take away the area with the fewest neighbours left, again and again; return the order of taking."""
    left = [len(others) for others in near]
    queue = [(degree, area) for area, degree in enumerate(left)]
    heapq.heapify(queue)
    order: list[int] = []
    gone = [False] * len(near)
    while queue:
        degree, area = heapq.heappop(queue)
        if gone[area] or degree != left[area]:
            continue
        gone[area] = True
        order.append(area)
        for other in near[area]:
            if not gone[other]:
                left[other] -= 1
                heapq.heappush(queue, (left[other], other))
    return order


def fill(colour: int) -> str:
    """Return the fill of a colour number, ``#RRGGBB``.

    Numbers beyond the palette begin again: that takes nine areas that all border or overlap one another.
    """
    return PALETTE[colour % len(PALETTE)]
