"""Polygons as flat arrays of rings, and back: what the compiled kernels work on.

Rings are open (the first vertex is not repeated) and wound so that the interior lies on the left: shells
counter-clockwise, holes clockwise. The edge of vertex ``i`` runs to the next vertex of its ring.
"""

from dataclasses import dataclass
from typing import Any

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
    parts, area_of_part = shapely.get_parts(geoms, return_index=True)
    loops, polygon = shapely.get_rings(parts, return_index=True)
    shell = np.concatenate([[True], polygon[1:] != polygon[:-1]])[: len(polygon)]
    wrong = np.unique(polygon[shapely.is_ccw(loops) != shell])
    if len(wrong):
        # turning polygons copies them, and most come wound as they should be
        parts[wrong] = shapely.orient_polygons(parts[wrong])
        loops, polygon = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(loops, return_index=True)
    counts = np.bincount(ring, minlength=len(loops))
    last = np.cumsum(counts) - 1
    keep = np.ones(len(xy), dtype=bool)
    keep[last[counts > 0]] = False
    counts = counts - (counts > 0)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    xy = snap(xy[keep]) if lattice else np.ascontiguousarray(xy[keep])
    return Rings(xy, start, polygon.astype(np.int64), area_of_part[polygon].astype(np.int64))


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
