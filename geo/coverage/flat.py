"""Polygons as one flat array of closed rings: what the kernels of the coverage check walk over."""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
POLYGON, MULTIPOLYGON = 3, 6


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """Closed rings of many areas, in order of the areas' rows.

    Attributes
    ----------
    xy
        Vertices, shape (v, 2), in the units of the CRS; the last vertex of a ring repeats its first.
        Half-edge ``i`` runs from vertex ``i`` to vertex ``i + 1`` of the same ring.
    start
        First vertex of each ring, shape (r + 1,).
    row
        The area of each ring, shape (r,), ascending.
    flip
        True where the interior lies on the right of the ring as it is stored, shape (r,).
    first_ring
        First ring of each area, shape (n + 1,).
    """

    xy: Floats
    start: Index
    row: Rows
    flip: Mask
    first_ring: Index

    def row_of_vertex(self) -> Rows:
        """Return the area of each vertex, shape (v,)."""
        return np.repeat(self.row, np.diff(self.start))

    def followed_by(self, other: "Flat") -> "Flat":
        """Return both sets in one; the rows of the other count on after those of this one."""
        rows = len(self.first_ring) - 1
        return Flat(
            np.concatenate([self.xy, other.xy]),
            np.concatenate([self.start, other.start[1:] + self.start[-1]]),
            np.concatenate([self.row, other.row + np.int32(rows)]),
            np.concatenate([self.flip, other.flip]),
            np.concatenate([self.first_ring, other.first_ring[1:] + self.first_ring[-1]]),
        )


def flatten(geoms: Geometries) -> Flat:
    """Take areas apart.

    Parameters
    ----------
    geoms
        Two-dimensional Polygons and MultiPolygons, shape (n,); ``None`` and empty ones give no ring.
    """
    count = len(geoms)
    rows = np.flatnonzero(~(shapely.is_missing(geoms) | shapely.is_empty(geoms)))
    if not len(rows):
        nothing = np.zeros(0, dtype=np.int32)
        return Flat(
            np.zeros((0, 2)), np.zeros(1, np.int64), nothing, nothing.astype(bool), np.zeros(count + 1, np.int64)
        )
    kind, xy, offsets = shapely.to_ragged_array(geoms[rows], include_z=False)
    start, shells = offsets[0].astype(np.int64), offsets[1].astype(np.int64)
    parts = offsets[2] if kind == shapely.GeometryType.MULTIPOLYGON else np.arange(len(rows) + 1)
    rings_of_row = np.zeros(count, dtype=np.int64)
    rings_of_row[rows] = np.diff(shells[parts])
    hole = np.ones(len(start) - 1, dtype=np.bool_)
    hole[shells[:-1]] = False
    # Adding zero turns -0.0 into 0.0, so that equal coordinates have equal bits.
    xy = np.ascontiguousarray(xy) + 0.0
    return Flat(
        xy,
        start,
        np.repeat(np.arange(count, dtype=np.int32), rings_of_row),
        _is_counterclockwise(xy, start) == hole,
        np.concatenate([[0], np.cumsum(rings_of_row)]),
    )


@numba.njit(cache=True)
def _is_counterclockwise(xy: Floats, start: Index) -> Mask:
    turned = np.empty(len(start) - 1, dtype=np.bool_)
    for ring in range(len(start) - 1):
        first = start[ring]
        x0, y0 = xy[first, 0], xy[first, 1]
        twice_area = 0.0
        for i in range(first + 1, start[ring + 1] - 1):
            twice_area += (xy[i, 0] - x0) * (xy[i + 1, 1] - y0) - (xy[i + 1, 0] - x0) * (xy[i, 1] - y0)
        turned[ring] = twice_area > 0
    return turned


@numba.njit(cache=True)
def covers(
    xy: Floats, start: Index, first_ring: Index, points: Floats, point_of_pair: Index, row_of_pair: Index
) -> Mask:
    """Tell for pairs of a point and an area whether the area covers the point.

    Counts crossings of the ray to the east with half-open edges, always measured from an edge's lower end: a point
    on an edge that two areas share is counted to exactly one of them.

    Parameters
    ----------
    xy, start, first_ring
        Of :class:`Flat`.
    points
        Shape (m, 2).
    point_of_pair, row_of_pair
        Shape (k,).
    """
    inside = np.zeros(len(point_of_pair), dtype=np.bool_)
    for pair in range(len(point_of_pair)):
        px, py = points[point_of_pair[pair], 0], points[point_of_pair[pair], 1]
        row = row_of_pair[pair]
        odd = False
        for ring in range(first_ring[row], first_ring[row + 1]):
            for i in range(start[ring], start[ring + 1] - 1):
                low, high = (i, i + 1) if xy[i, 1] <= xy[i + 1, 1] else (i + 1, i)
                if xy[low, 1] <= py < xy[high, 1]:
                    share = (py - xy[low, 1]) / (xy[high, 1] - xy[low, 1])
                    if px < xy[low, 0] + share * (xy[high, 0] - xy[low, 0]):
                        odd = not odd
        inside[pair] = odd
    return inside
