"""Matching: shared borders get the same vertices on all sides and at all levels, before anything is snapped.

Method: vertices within the tolerance of each other become one (stored ones stay where they are); then every vertex
that lies on an edge becomes a node of it, until nothing changes. After that no vertex that rounding can move lies
nearer to a foreign edge than 0.86 of the tolerance, so that rounding to the lattice cannot make two borders cross
(compare snap rounding, Hobby 1999).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from geo.areas import Geometries
from geo.chains import Chains, edges_of, expanded, folded, spread
from geo.clusters import Floats, Index, Mask, Scale, cluster, distinct
from geo.folds import polygonal, unfolded
from geo.lattice import CELL_M, degrees, snap
from geo.noding import refine
from geo.rings import Rings, geoms_of, rings_of

__all__ = ["MIN_TOLERANCE_M", "Matched", "match", "polygonal", "snapped"]

MIN_TOLERANCE_M: Final = 2.5 * CELL_M
"""Below this, rounding to the lattice could make matched borders cross again."""
EARTH_RADIUS_M: Final = 6378137.0
LENGTH_NOISE_M: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """What matching made of some areas.

    Attributes
    ----------
    geoms
        The matched boundaries, shape (n,); None where nothing of an area was left.
    changed
        Whether a boundary differs from what was given, vertex by vertex, shape (n,).
    moved_m
        How far in m each boundary was moved at most, shape (n,): no point of the line before is further from the line
        after, nor the other way round. 0 where nothing is left.
    nodes
        How many nodes were inserted in all, one on a shared edge counted once.
    rounds
        How many rounds it took.
    """

    geoms: Geometries
    changed: Mask
    moved_m: Floats
    nodes: int
    rounds: int


def degree_scale(xy: Floats) -> Scale:
    """Return metres per degree at each point of EPSG:4490, shape (v,): good to 0.7 %, enough for a tolerance."""
    sy = np.full(len(xy), np.pi / 180 * EARTH_RADIUS_M)
    return Scale(sy * np.cos(np.radians(np.clip(xy[:, 1], -89.9, 89.9))), sy)


def match(
    geoms: Geometries,
    *,
    stored: Mask | None = None,
    tolerance_m: float,
    metres_per_unit: float | None = None,
) -> Matched:
    """Match boundaries of any number of levels in one plane.

    Parameters
    ----------
    geoms
        Valid Polygons and MultiPolygons, shape (n,); None and empty ones pass.
    stored
        Areas that were matched before, shape (n,): their vertices do not move, and they change only by nodes.
    tolerance_m
        Distance in m within which borders are the same line; at least ``MIN_TOLERANCE_M``.
    metres_per_unit
        For a projected CRS; None for degrees.

    Returns
    -------
    Matched
        Boundaries in the units given, not snapped.
    """
    tolerance_m = max(tolerance_m, MIN_TOLERANCE_M)
    keep = np.zeros(len(geoms), dtype=bool) if stored is None else stored
    rings = rings_of(geoms)
    owner = rings.area[rings.ring_of_vertex()]
    xy, given = distinct(rings.xy)
    scale = degree_scale(xy) if metres_per_unit is None else Scale(*np.full((2, len(xy)), metres_per_unit))
    fixed = _marked(given[keep[owner]], len(xy))
    centre = cluster(xy, scale, np.bincount(given, minlength=len(xy)), fixed, tolerance_m)
    vertex = centre[given]
    table = edges_of(vertex, rings.next_vertex(), len(xy))
    known = _marked(table.edge[keep[owner]], len(table.ends))
    refined = refine(xy, scale, table.ends, fixed, known, tolerance_m)
    chains = expanded(vertex, rings.start, table, refined.start, refined.node)
    moved_m = _moved_m(xy, scale, given, centre, rings, chains, len(geoms))
    shapes, changed = _result(geoms, rings, (xy, scale), given, chains, moved_m)
    return Matched(shapes, changed, moved_m, len(refined.node), refined.rounds)


def _marked(places: Index, count: int) -> Mask:
    mask = np.zeros(count, dtype=bool)
    mask[places] = True
    return mask


def _moved_m(xy: Floats, scale: Scale, given: Index, centre: Index, rings: Rings, chains: Chains, count: int) -> Floats:
    """Return how far each line moved: its vertices to their centres, and nodes from the edge they were put on.

    A line that runs from p' to q' over such nodes is nowhere further from the edge p-q, nor p-q from it.
    """
    moved_m = np.zeros(count)
    owner = rings.area[rings.ring_of_vertex()]
    moved = np.flatnonzero(centre[given] != given)
    a, b = given[moved], centre[given[moved]]
    np.maximum.at(moved_m, owner[moved], np.hypot(*_apart_m(xy, scale, a, b)))
    now, place = chains.vertex[chains.is_node], chains.origin[chains.is_node]
    a, b = given[place], given[rings.next_vertex()[place]]
    px, py = _apart_m(xy, scale, now, a)
    dx, dy = _apart_m(xy, scale, now, b)
    dx, dy = px - dx, py - dy
    whole2 = dx * dx + dy * dy
    t = np.clip((px * dx + py * dy) / np.where(whole2 > 0.0, whole2, 1.0), 0.0, 1.0)
    np.maximum.at(moved_m, owner[place], np.hypot(px - t * dx, py - t * dy))
    return moved_m


def _apart_m(xy: Floats, scale: Scale, at: Index, other: Index) -> tuple[Floats, Floats]:
    """Return how far east and north vertices lie of others in m, by the scale at the former."""
    return (xy[at, 0] - xy[other, 0]) * scale.sx[at], (xy[at, 1] - xy[other, 1]) * scale.sy[at]


def _result(
    geoms: Geometries, rings: Rings, plane: tuple[Floats, Scale], given: Index, chains: Chains, moved_m: Floats
) -> tuple[Geometries, Mask]:
    """Return the boundaries and which of them changed; what folding removed is added to ``moved_m``."""
    xy, scale = plane
    changed = np.zeros(len(geoms), dtype=bool)
    changed[rings.area[_altered(rings, given, chains)]] = True
    shapes = geoms.copy()
    if not changed.any():
        return shapes, changed
    touched = np.flatnonzero(changed[rings.area])
    sizes = np.diff(chains.start)[touched]
    vertex = chains.vertex[spread(chains.start[touched], sizes)]
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    area = rings.area[touched]
    folds = np.zeros(len(geoms), dtype=bool)
    folds[area[folded(vertex, start, area, xy, rings.is_hole()[touched])]] = True
    plain = ~folds[area]
    places = np.repeat(plain, sizes)
    first = np.concatenate([[0], np.cumsum(sizes[plain])]).astype(np.int64)
    simple = Rings(xy[vertex[places]], first, rings.polygon[touched][plain], area[plain])
    rebuilt = geoms_of(simple, len(geoms))
    shapes[changed] = rebuilt[changed]
    ahead = vertex[Rings(vertex, start, area, area).next_vertex()]
    owner = np.repeat(area, sizes)
    for row in np.flatnonzero(folds):
        here = slice(*np.searchsorted(owner, [row, row + 1]))
        shapes[row] = unfolded(xy, vertex[here], ahead[here])
        metres = np.array([scale.sx[vertex[here]].mean(), scale.sy[vertex[here]].mean()])
        moved_m[row] += _removed_m(xy[vertex[here]], xy[ahead[here]], shapes[row], metres)
    _mend(shapes, changed, scale, moved_m)
    return shapes, changed


def _mend(shapes: Geometries, changed: Mask, scale: Scale, moved_m: Floats) -> None:
    """Make boundaries valid whose own lines crossed: only lines closer than twice the tolerance can come to that."""
    rows = np.flatnonzero(changed)
    for row in rows[~shapely.is_valid(shapes[rows]) & ~shapely.is_missing(shapes[rows])]:
        crossed = rings_of(shapes[row : row + 1])
        shapes[row] = polygonal(shapely.make_valid(shapes[row], method="structure", keep_collapsed=False))
        metres = np.array([scale.sx.max(), scale.sy.max()])
        moved_m[row] += _removed_m(crossed.xy, crossed.xy[crossed.next_vertex()], shapes[row], metres)


def _altered(rings: Rings, given: Index, chains: Chains) -> Mask:
    """Tell which rings differ from what was given, shape (r,)."""
    sizes, before = np.diff(chains.start), np.diff(rings.start)
    altered = sizes != before
    same = np.flatnonzero(~altered)
    now, then = spread(chains.start[same], sizes[same]), spread(rings.start[same], sizes[same])
    differs = chains.vertex[now] != given[then]
    altered[np.repeat(same, sizes[same])[differs]] = True
    return altered


def _removed_m(here: Floats, ahead: Floats, shape: Any, metres: Floats) -> float:
    """Return how far lines that are no border of a shape lie from its border at most, in m; 0 where it is nothing.

    Parameters
    ----------
    here, ahead
        Ends of the lines in units, shape (k, 2) each.
    metres
        Metres per unit, east and north, shape (2,).
    """
    if shape is None:
        return 0.0
    left = rings_of(np.array([shape], dtype=object))
    border = shapely.STRtree(shapely.linestrings(np.stack([left.xy, left.xy[left.next_vertex()]], axis=1) * metres))
    here, ahead = here * metres, ahead * metres
    removed = _distance_m(border, (here + ahead) / 2) > LENGTH_NOISE_M
    here, ahead = here[removed], ahead[removed]
    # between two points the distance grows by no more than half of what lies between them
    ends_m = _distance_m(border, here) + _distance_m(border, ahead)
    return float(((ends_m + np.hypot(*(ahead - here).T)) / 2).max(initial=0.0))


def _distance_m(border: shapely.STRtree, points: Floats) -> Floats:
    distance_m: Floats = border.query_nearest(shapely.points(points), return_distance=True, all_matches=False)[1]
    return distance_m


def snapped(geoms: Geometries) -> Geometries:
    """Round matched boundaries to the lattice (EPSG:4490 degrees), as canonical doubles."""
    return shapely.transform(geoms, lambda xy: degrees(snap(xy)))
