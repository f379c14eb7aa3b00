"""Lines on the lattice of one operation: which points they run through, and where they cross.

Snap rounding (Hobby 1999): a line runs through every chosen point whose cell it meets, so that lines cross nowhere but
in such points. A line and the points on it do not depend on the direction in which the line is read.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from geo.lattice import Cells

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_HALF_DIAGONAL: Final = 0.7072
_KEY: Final = 1 << 32


class Through(NamedTuple):
    """Points that lines run through, in order along each line from its first end.

    Attributes
    ----------
    line, point
        Rows of the line and of the point, shape (k,) each, sorted by line.
    """

    line: Index
    point: Index


def keys(xy: Cells) -> Index:
    """Return one integer for each lattice point, sorted as the points are by x, then y; shape (n,)."""
    return np.asarray(xy[:, 0] * _KEY + xy[:, 1], dtype=np.int64)


def distinct(xy: Cells) -> tuple[Cells, Index]:
    """Return the distinct points sorted by x, then y, and the number of each point given, shape (n,)."""
    each, number = np.unique(keys(xy), return_inverse=True)
    x = (each + _KEY // 2) // _KEY
    return np.column_stack([x, each - x * _KEY]), number.astype(np.int64)


def lines_between(a: Cells, b: Cells, origin: Cells) -> npt.NDArray[np.object_]:
    """Return the straight lines a-b as geometries, in cells from an origin: small numbers are exact."""
    return np.asarray(shapely.linestrings(np.stack([a - origin, b - origin], axis=1).astype(np.float64)), dtype=object)


def through(a: Cells, b: Cells, points: Cells) -> Through:
    """Find the points whose cell each line a-b meets, its own ends left out.

    Parameters
    ----------
    a, b
        Ends of the lines, shape (n, 2).
    points
        Shape (m, 2).
    """
    empty = np.empty(0, dtype=np.int64)
    if not len(points) or not len(a):
        return Through(empty, empty)
    origin = points[0]
    tree = shapely.STRtree(shapely.points((points - origin).astype(np.float64)))
    line, point = tree.query(lines_between(a, b, origin), predicate="dwithin", distance=_HALF_DIAGONAL)
    low, high, p = a[line], b[line], points[point]
    turned = keys(low) > keys(high)
    low, high = np.where(turned[:, None], high, low), np.where(turned[:, None], low, high)
    along, off = high - low, p - low
    cross = along[:, 0] * off[:, 1] - along[:, 1] * off[:, 0]
    meets = 2 * np.abs(cross) <= np.abs(along).sum(axis=1)
    inner = (p != low).any(axis=1) & (p != high).any(axis=1)
    share = (along * off).sum(axis=1)
    taken = np.flatnonzero(meets & inner & (share > 0) & (share < (along * along).sum(axis=1)))
    share = np.where(turned, -share, share)
    # equal shares are told apart by the points, so that both directions give one order
    tie = np.where(turned, -keys(p), keys(p))
    order = taken[np.lexsort((tie[taken], share[taken], line[taken]))]
    return Through(line[order].astype(np.int64), point[order].astype(np.int64))


def crossings(a: Cells, b: Cells) -> Cells:
    """Return the lattice points nearest to where distinct lines a-b cross, shape (k, 2)."""
    if not len(a):
        return np.empty((0, 2), dtype=np.int64)
    lines = lines_between(a, b, a[0])
    one, other = shapely.STRtree(lines).query(lines)
    one, other = one[one < other], other[one < other]
    start, end = keys(a), keys(b)
    # lines with a common end cross nowhere else, and most pairs have one
    apart = (start[one] != start[other]) & (start[one] != end[other])
    apart &= (end[one] != start[other]) & (end[one] != end[other])
    one, other = one[apart], other[apart]
    crossing = shapely.crosses(lines[one], lines[other])
    met: Any = shapely.intersection(lines[one[crossing]], lines[other[crossing]])
    points = shapely.get_coordinates(met[shapely.get_type_id(met) == shapely.GeometryType.POINT])
    return distinct(np.rint(points).astype(np.int64) + a[0])[0]
