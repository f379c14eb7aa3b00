"""Polygons as flat arrays of rings, and back: what the compiled kernels work on.

Rings are open (the first vertex is not repeated) and wound so that the interior lies on the left: shells
counter-clockwise, holes clockwise. The edge of vertex ``i`` runs to the next vertex of its ring.
"""

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.lattice import snap

Index = npt.NDArray[np.int64]
POLYGON, MULTIPOLYGON = 3, 6


@dataclass(frozen=True, slots=True, eq=False)
class Rings:
    """The rings of many polygons.

    Attributes
    ----------
    xy
        Vertices, shape (v, 2): float64 in the units of the CRS, or int64 on the lattice.
    start
        First vertex of each ring, shape (r + 1,); the last entry is v.
    polygon
        The polygon of each ring, shape (r,), counting through all areas; its first ring is the shell.
    area
        The row of each ring's area, shape (r,).
    """

    xy: npt.NDArray[Any]
    start: Index
    polygon: Index
    area: Index

    def ring_of_vertex(self) -> Index:
        """Return the ring of each vertex, shape (v,)."""
        return np.repeat(np.arange(len(self.polygon)), np.diff(self.start))

    def next_vertex(self) -> Index:
        """Return the index of the following vertex on the ring, shape (v,)."""
        follow = np.arange(1, len(self.xy) + 1)
        filled = np.diff(self.start) > 0
        follow[self.start[1:][filled] - 1] = self.start[:-1][filled]
        return follow

    def is_hole(self) -> npt.NDArray[np.bool_]:
        """Tell which rings are holes, shape (r,)."""
        hole = np.ones(len(self.polygon), dtype=bool)
        hole[np.unique(self.polygon, return_index=True)[1]] = False
        return hole


def rings_of(geoms: Geometries, *, lattice: bool = False) -> Rings:
    """Take polygons apart.

    Parameters
    ----------
    geoms
        Polygons and MultiPolygons, shape (n,); ``None`` and empty ones give no ring. Z and M are dropped.
    lattice
        Return int64 lattice coordinates (EPSG:4490 degrees are expected) instead of float64.
    """
    parts, area_of_part = _parts(geoms)
    holes = shapely.get_num_interior_rings(parts)
    counts, polygon = _ring_sizes(parts, holes)
    xy = shapely.get_coordinates(parts)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    hole = np.concatenate([[False], polygon[1:] == polygon[:-1]])[: len(polygon)]
    xy, start = _opened(xy, first, hole)
    return Rings(snap(xy) if lattice else xy, start, polygon, area_of_part[polygon])


def _parts(geoms: Geometries) -> tuple[Geometries, Index]:
    """Return the polygons and the row of each; GEOS copies parts, so whole areas are taken as they are."""
    alone = shapely.get_type_id(geoms) == POLYGON
    if alone.all():
        filled = np.flatnonzero(~shapely.is_empty(geoms))
        return geoms[filled], filled
    parts, row = shapely.get_parts(geoms, return_index=True)
    filled = np.flatnonzero(~shapely.is_empty(parts))
    return parts[filled], row[filled].astype(np.int64)


def _ring_sizes(parts: Geometries, holes: npt.NDArray[np.int32]) -> tuple[Index, Index]:
    """Return how many vertices each closed ring has, and the polygon of each; only polygons with holes are copied."""
    rings_each = holes.astype(np.int64) + 1
    polygon = np.repeat(np.arange(len(parts)), rings_each)
    counts = np.empty(len(polygon), dtype=np.int64)
    simple = rings_each[polygon] == 1
    counts[simple] = shapely.get_num_coordinates(parts[polygon[simple]])
    counts[~simple] = shapely.get_num_coordinates(shapely.get_rings(parts[holes > 0]))
    return counts, polygon


@numba.njit(cache=True)
def _opened(xy: Any, first: Any, hole: Any) -> Any:  # pragma: no cover - compiled
    """Drop the last vertex of closed rings, and turn those that are wound the wrong way about their first vertex."""
    out = np.empty((len(xy) - len(hole), 2))
    start = np.empty(len(first), dtype=np.int64)
    for ring in range(len(hole)):
        low, high = first[ring], first[ring + 1] - 1
        n = low - ring
        start[ring] = n
        twice = 0.0
        for k in range(low + 1, high - 1):
            twice += (xy[k, 0] - xy[low, 0]) * (xy[k + 1, 1] - xy[low, 1])
            twice -= (xy[k + 1, 0] - xy[low, 0]) * (xy[k, 1] - xy[low, 1])
        turned = (twice > 0.0) == hole[ring]
        for k in range(high - low):
            place = high - k if turned and k > 0 else low + k
            out[n + k, 0], out[n + k, 1] = xy[place, 0], xy[place, 1]
    start[len(hole)] = len(out)
    return out, start


def geoms_of(rings: Rings, count: int) -> Geometries:
    """Put rings back together: one Polygon or MultiPolygon for each of ``count`` areas, ``None`` without rings.

    Coordinates are taken as they are: give degrees, not lattice integers.
    """
    shapes = np.full(count, None, dtype=object)
    if not len(rings.polygon):
        return shapes
    loops = shapely.linearrings(rings.xy, indices=rings.ring_of_vertex())
    polygon = np.unique(rings.polygon, return_inverse=True)[1]
    polygons = shapely.polygons(loops, indices=polygon)
    first = np.unique(polygon, return_index=True)[1]
    owner = rings.area[first]
    owners, sizes = np.unique(owner, return_counts=True)
    single = np.isin(owner, owners[sizes == 1])
    shapes[owner[single]] = polygons[single]
    if not single.all():
        rows, index = np.unique(owner[~single], return_inverse=True)
        order = np.argsort(index, kind="stable")
        shapes[rows] = shapely.multipolygons(polygons[~single][order], indices=index[order])
    return shapes
