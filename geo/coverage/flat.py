"""Polygons as one flat array of closed rings: what the kernels of the coverage check walk over."""

from dataclasses import dataclass
from typing import Any

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


def flatten(geoms: Geometries) -> Flat:
    """Take areas apart.

    Parameters
    ----------
    geoms
        Two-dimensional Polygons and MultiPolygons, shape (n,); ``None`` and empty ones give no ring.
    """
    xy = shapely.get_coordinates(geoms)
    # Adding zero turns -0.0 into 0.0, so that equal coordinates have equal bits.
    xy += 0.0
    rings_of_row, sizes, hole = _ring_sizes(geoms)
    start = _starts(sizes)
    row = np.repeat(np.arange(len(geoms), dtype=np.int32), rings_of_row)
    return Flat(xy, start, row, _is_counterclockwise(xy, start) == hole, _starts(rings_of_row))


def replace_areas(flat: Flat, rows: Index, geoms: Geometries) -> Flat:
    """Return the same areas with other boundaries for some rows (ascending); costs little where they are few."""
    if not len(rows):
        return flat
    other = flatten(geoms)
    rings, new_rings = np.diff(flat.first_ring), np.diff(other.first_ring)
    sizes = _spliced(np.diff(flat.start), flat.first_ring, np.diff(other.start), other.first_ring, rows)
    flip = _spliced(flat.flip, flat.first_ring, other.flip, other.first_ring, rows)
    first_vertex, new_first_vertex = flat.start[flat.first_ring], other.start[other.first_ring]
    xy = _spliced(flat.xy, first_vertex, other.xy, new_first_vertex, rows)
    rings[rows] = new_rings
    row = np.repeat(np.arange(len(rings), dtype=np.int32), rings)
    return Flat(xy, _starts(sizes), row, flip, _starts(rings))


def _spliced(column: Any, first: Index, other: Any, other_first: Index, rows: Index) -> Any:
    """Return a column with the spans of some rows replaced by those of another column, which has only these rows."""
    spans, done = [], 0
    for index, row in enumerate(rows.tolist()):
        spans += [column[done : first[row]], other[other_first[index] : other_first[index + 1]]]
        done = first[row + 1]
    return np.concatenate([*spans, column[done:]])


def _starts(sizes: Index) -> Index:
    return np.concatenate([[0], np.cumsum(sizes)])


def _ring_sizes(geoms: Geometries) -> tuple[Index, Index, Mask]:
    """Return how many rings each area has, and for each ring its vertices and whether it is a hole."""
    vertices = shapely.get_num_coordinates(geoms).astype(np.int64)
    rings_of_row = (vertices > 0).astype(np.int64)
    simple = (shapely.get_type_id(geoms) == POLYGON) & (shapely.get_num_interior_rings(geoms) == 0)
    rows = np.flatnonzero(~simple & (vertices > 0))
    parts, row = shapely.get_parts(geoms[rows], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    rings_of_row[rows] = np.bincount(row[part], minlength=len(rows))
    start = _starts(rings_of_row)
    sizes, hole = np.empty(start[-1], dtype=np.int64), np.zeros(start[-1], dtype=np.bool_)
    plain = simple & (vertices > 0)
    sizes[start[:-1][plain]] = vertices[plain]
    place = start[:-1][rows[row[part]]] + np.arange(len(part)) - np.searchsorted(row[part], row[part])
    sizes[place] = shapely.get_num_coordinates(rings)
    hole[place[1:]] = part[1:] == part[:-1]
    return rings_of_row, sizes, hole


def extent(flat: Flat) -> tuple[Floats, Floats]:
    """Return the lowest and the highest coordinates, each of shape (2,); what is not a number is left out."""
    west, south, east, north = _extent(flat.xy)
    return np.array([west, south]), np.array([east, north])


@numba.njit(cache=True)
def _extent(xy: Floats) -> tuple[float, float, float, float]:
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for i in range(len(xy)):
        x, y = xy[i, 0], xy[i, 1]
        # Written so that NaN loses every comparison.
        west, east = x if x < west else west, x if x > east else east
        south, north = y if y < south else south, y if y > north else north
    return west, south, east, north


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
