"""How far borders move, and how long they are."""

from typing import Final

import numpy as np
import shapely

from geo.areas import Geometries
from geo.coverage.metric import Metric
from geo.measure import metres_per_degree
from geo.repair.noding import Floats

BETWEEN: Final = 7
"""Points looked at within each edge, besides its ends."""
SLIGHT: Final = 0.01
"""Less than this share of a ring's area is noise."""


def metres_per_unit(metric: Metric, at: shapely.Geometry) -> Floats:
    """Return m per CRS unit east and north at a place, shape (2,)."""
    if not metric.geographic:
        unit_m = float(np.sqrt(metric.area_m2(np.array([shapely.box(0, 0, 1, 1)], dtype=object))[0]))
        return np.array([unit_m, unit_m])
    low, high = shapely.bounds(at)[[1, 3]]
    east_m, north_m = metres_per_degree((low + high) / 2)
    return np.array([float(east_m), float(north_m)])


def displacement_m(before: Geometries, after: Geometries, metres: Floats) -> float:
    """Return how far borders moved at most: from the old line to the new one, and from the new to the old.

    Taken at the vertices and at points between them, of those edges that are not on both lines. A part or a hole that
    comes or goes as a whole counts with the diameter of the largest circle inside: its border has no other to move to.

    Parameters
    ----------
    before, after
        Boundaries in CRS units, shape (n,).
    metres
        m per CRS unit east and north, shape (2,).
    """
    farthest_m = 0.0
    for pair in zip(before, after, strict=True):
        scaled = [shapely.transform(one, lambda xy: xy * metres) for one in pair]
        rings = [_rings(one) for one in scaled]
        lines = [shapely.multilinestrings(own) for own in rings]
        known = [{edge.tobytes() for edge in _edges(own)} for own in rings]
        for own, other in ((0, 1), (1, 0)):
            for ring in rings[own]:
                edges = _edges([ring])
                moved = edges[[edge.tobytes() not in known[other] for edge in edges]]
                if len(moved):
                    shapely.prepare(lines[other])
                    farthest_m = max(farthest_m, _moved_m(ring, moved, len(edges), scaled[other], lines[other]))
    return farthest_m


def _moved_m(
    ring: shapely.Geometry, moved: Floats, size: int, other: shapely.Geometry, line: shapely.Geometry
) -> float:
    """Return how far edges of a ring lie from another boundary, whose rings are a line."""
    away_m = float(shapely.distance(shapely.points(_along(moved)), line).max())
    if len(moved) < size:
        return away_m
    filled = shapely.make_valid(shapely.Polygon(ring))
    if not filled.area:
        return 0.0
    share = shapely.intersection(filled, other).area / filled.area
    # a ring that is still there lies on both sides of the other line, or all of it moved a little
    if SLIGHT < share < 1 - SLIGHT or shapely.is_ccw(ring) == (share > 0.5):
        return away_m
    return min(away_m, 2 * float(shapely.length(shapely.maximum_inscribed_circle(filled))))


def _rings(shape: shapely.Geometry) -> Geometries:
    """Return the rings of a boundary as closed lines: shells counter-clockwise, holes clockwise."""
    return np.asarray(shapely.get_rings(shapely.orient_polygons(shapely.get_parts(shape))), dtype=object)


def border_m(geoms: Geometries, metres: Floats) -> float:
    """Return the length of all rings of boundaries in m, by the scale at one place."""
    return float(shapely.length(shapely.transform(geoms, lambda xy: xy * metres)).sum())


def changed_edges(before: shapely.Geometry, after: shapely.Geometry) -> Floats:
    """Return the edges that only one of two boundaries has, shape (e, 2, 2)."""
    edges = np.concatenate([np.unique(_edges(_rings(one)), axis=0) for one in (before, after)])
    different, times = np.unique(edges, axis=0, return_counts=True)
    return np.asarray(different[times == 1])


def _edges(lines: Geometries | list[shapely.Geometry]) -> Floats:
    """Return the edges of lines, the lower end first, shape (e, 2, 2)."""
    xy, part = shapely.get_coordinates(lines, return_index=True)
    joined = part[1:] == part[:-1]
    a, b = xy[:-1][joined], xy[1:][joined]
    swap = ((a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1])))[:, None]
    return np.stack([np.where(swap, b, a), np.where(swap, a, b)], axis=1)


def _along(edges: Floats) -> Floats:
    """Return points along edges, ends included, shape (k, 2)."""
    share = np.linspace(0, 1, BETWEEN + 2)[None, :, None]
    return (edges[:, :1] * (1 - share) + edges[:, 1:] * share).reshape(-1, 2)
