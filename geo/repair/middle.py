"""A gap that several areas surround, divided along its middle: each gets what lies nearer to its own border."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import shapely

from geo.lattice import degrees, snap
from geo.repair.network import Directed
from geo.repair.noding import Floats

MOST_VERTICES: Final = 2_000
LOST: Final = 1e-9
"""A share of area above this is no rounding."""
Point = tuple[float, float]
Pieces = list[tuple[shapely.Geometry, int]]


def halves(xy: Floats, polygon: shapely.Geometry, sides: dict[Directed, int], *, lattice: bool) -> Pieces:
    """Divide a face among its neighbours.

    The face is cut into triangles between its vertices; sides of triangles that join different neighbours are cut in
    the middle. No vertex is put on the rim.

    Parameters
    ----------
    xy
        Vertices, shape (v, 2).
    sides
        The directed pieces around the face and whose area lies beyond each: rows, none negative.
    lattice
        Round the new vertices to the lattice.

    Returns
    -------
    list
        Polygons and the row that gets each; empty where the face cannot be divided so.
    """
    if len(sides) > MOST_VERTICES:
        return []
    beside: dict[Point, set[int]] = {}
    for edge, row in sides.items():
        for vertex in edge:
            beside.setdefault((float(xy[vertex, 0]), float(xy[vertex, 1])), set()).add(row)
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(polygon))
    pieces = [piece for triangle in triangles for piece in _divided(_corners(triangle), beside, lattice)]
    polygons = shapely.polygons([shapely.linearrings(list(points)) for points, _ in pieces])
    # rounding can turn a piece over
    if not shapely.is_ccw(shapely.get_exterior_ring(polygons)).all():
        return []
    if abs(shapely.area(polygons).sum() - polygon.area) > LOST * polygon.area:
        return []
    return [(one, row) for one, (_, row) in zip(polygons, pieces, strict=True)]


def _corners(triangle: shapely.Geometry) -> list[Point]:
    ring = shapely.get_exterior_ring(shapely.orient_polygons(triangle))
    return [(x, y) for x, y in shapely.get_coordinates(ring)[:3].tolist()]


def _divided(corners: list[Point], beside: dict[Point, set[int]], lattice: bool) -> Iterable[tuple[list[Point], int]]:
    """Yield the pieces of a triangle, counter-clockwise, and who gets each."""
    rows = [beside[corner] for corner in corners]
    common = [rows[at] & rows[(at + 1) % 3] for at in range(3)]
    parted = [at for at in range(3) if not common[at]]
    middle = {at: _middle([corners[at], corners[(at + 1) % 3]], lattice) for at in parted}
    if not parted:
        yield corners, min(rows[0] & rows[1] & rows[2] or common[0])
    elif len(parted) == 1:
        at = parted[0]
        a, b, c = (corners[(at + step) % 3] for step in range(3))
        yield [b, c, middle[at]], min(common[(at + 1) % 3])
        yield [c, a, middle[at]], min(common[(at + 2) % 3])
    elif len(parted) == 2:
        at = next(side for side in range(3) if common[side])
        a, b, c = (corners[(at + step) % 3] for step in range(3))
        right, left = middle[(at + 1) % 3], middle[(at + 2) % 3]
        yield [a, b, right, left], min(common[at])
        yield [c, left, right], min(rows[(at + 2) % 3])
    else:
        centre = _middle(corners, lattice)
        for at in range(3):
            yield [corners[at], middle[at], centre, middle[(at + 2) % 3]], min(rows[at])


def _middle(points: list[Point], lattice: bool) -> Point:
    """Return the mean of points; the same whatever their order."""
    x, y = np.mean(sorted(points), axis=0)
    if lattice:
        x, y = degrees(snap([x, y]))
    return float(x), float(y)
