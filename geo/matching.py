"""Matching: shared borders get the same vertices on all sides and at all levels, before anything is snapped.

Method: vertices within the tolerance of each other become one (stored ones stay where they are); then every vertex
that lies on an edge becomes a node of it, until nothing changes. After that no vertex lies nearer to a foreign edge
than the tolerance, so that rounding to the lattice cannot make two borders cross (compare snap rounding, Hobby 1999).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.lattice import CELL_M, degrees, snap
from geo.noding import Scale, cluster, expand, nodes_on_edges, vertex_grid
from geo.rings import Rings, geoms_of, rings_of

MIN_TOLERANCE_M: Final = 2.5 * CELL_M
"""Below this, rounding to the lattice could make matched borders cross again."""
MAX_ROUNDS: Final = 24
EARTH_RADIUS_M: Final = 6378137.0

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


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
        The largest distance in m that a vertex of an area, or the line under a new node, was moved, shape (n,).
    nodes
        How many nodes were inserted in all.
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
        Polygons and MultiPolygons, shape (n,); None and empty ones pass.
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
    xy, vertex = _distinct(rings.xy)
    if metres_per_unit is None:
        scale = degree_scale(xy)
    else:
        constant = np.full(len(xy), metres_per_unit)
        scale = Scale(constant, constant)
    fixed = np.zeros(len(xy), dtype=bool)
    fixed[vertex[keep[owner]]] = True
    centre = cluster(xy, scale, _ranks(vertex, fixed), fixed, tolerance_m)
    moved_m = np.zeros(len(geoms))
    np.maximum.at(moved_m, owner, _distance_m(xy, scale, vertex, centre[vertex]))
    work = _Work(xy, scale, fixed, centre[vertex], rings.start, rings.area, keep)
    nodes, rounds = work.node(tolerance_m, moved_m)
    return _result(geoms, rings, work, vertex, moved_m, nodes, rounds)


def _distinct(xy: Floats) -> tuple[Floats, Index]:
    # complex numbers sort by x, then y; adding zero makes -0.0 and 0.0 one
    values, vertex = np.unique((xy[:, 0] + 0.0) + 1j * (xy[:, 1] + 0.0), return_inverse=True)
    return np.column_stack([values.real, values.imag]), vertex.astype(np.int64)


def _ranks(vertex: Index, fixed: Mask) -> Index:
    uses = np.bincount(vertex, minlength=len(fixed))
    order = np.lexsort((np.arange(len(fixed)), -uses, ~fixed))
    rank = np.empty(len(fixed), dtype=np.int64)
    rank[order] = np.arange(len(fixed))
    return rank


def _distance_m(xy: Floats, scale: Scale, a: Index, b: Index) -> Floats:
    return np.hypot((xy[a, 0] - xy[b, 0]) * scale.sx[a], (xy[a, 1] - xy[b, 1]) * scale.sy[a])


class _Work:
    """Rings of vertex numbers while nodes are being inserted."""

    def __init__(
        self, xy: Floats, scale: Scale, fixed: Mask, vertex: Index, start: Index, area: Index, stored: Mask
    ) -> None:
        self.xy, self.scale, self.fixed = xy, scale, fixed
        self.area, self.stored = area, stored
        self.vertex, self.start = vertex, start

    def edges(self) -> tuple[Index, Index, Mask]:
        """Return the distinct edges (e, 2), the edge of each place on a ring, and whether the ring runs forward."""
        rings = Rings(self.vertex, self.start, self.area, self.area)
        follow = self.vertex[rings.next_vertex()]
        forward = self.vertex <= follow
        low, high = np.minimum(self.vertex, follow), np.maximum(self.vertex, follow)
        keys, edge = np.unique(low * len(self.xy) + high, return_inverse=True)
        ends = np.column_stack([keys // len(self.xy), keys % len(self.xy)])
        return ends, edge.astype(np.int64), forward

    def node(self, tolerance_m: float, moved_m: Floats) -> tuple[int, int]:
        """Insert nodes until no vertex lies on an edge; return how many, and in how many rounds."""
        used = np.unique(self.vertex)
        grid = None
        total, fresh = 0, None
        for number in range(1, MAX_ROUNDS + 1):
            ends, edge, forward = self.edges()
            if grid is None:
                grid = vertex_grid(self.xy, used, _cell(self.xy, ends))
            owner = self.area[np.repeat(np.arange(len(self.area)), np.diff(self.start))]
            known = np.zeros(len(ends), dtype=bool)
            known[edge[self.stored[owner]]] = True
            asked = np.arange(len(ends)) if fresh is None else _edges_of(ends, fresh, len(self.xy))
            found = nodes_on_edges(self.xy, self.scale, ends[asked], known[asked], self.fixed, grid, tolerance_m)
            on_edge = asked[found.edge]
            node_start = np.searchsorted(on_edge, np.arange(len(ends) + 1))
            self._measure(ends, on_edge, found.vertex, edge, owner, moved_m)
            fresh = _pieces(ends, on_edge, found.vertex)
            self.vertex, self.start = expand(self.vertex, self.start, edge, forward, node_start, found.vertex)
            total += len(on_edge)
            if not len(on_edge):
                return total, number
        return total, MAX_ROUNDS

    def _measure(self, ends: Index, on_edge: Index, node: Index, edge: Index, owner: Index, moved_m: Floats) -> None:
        """Note how far each area's line moved to reach its new nodes."""
        if not len(on_edge):
            return
        a, b = ends[on_edge, 0], ends[on_edge, 1]
        sx, sy = self.scale.sx[node], self.scale.sy[node]
        dx, dy = (self.xy[b, 0] - self.xy[a, 0]) * sx, (self.xy[b, 1] - self.xy[a, 1]) * sy
        px, py = (self.xy[node, 0] - self.xy[a, 0]) * sx, (self.xy[node, 1] - self.xy[a, 1]) * sy
        off_m = np.zeros(len(ends))
        np.maximum.at(off_m, on_edge, np.abs(dx * py - dy * px) / np.hypot(dx, dy))
        np.maximum.at(moved_m, owner, off_m[edge])


def _cell(xy: Floats, ends: Index) -> Floats:
    """Return a cell about as large as a usual edge, so that a row of an edge holds few vertices."""
    spans = np.abs(xy[ends[:, 0]] - xy[ends[:, 1]])
    usual = float(np.median(spans.max(axis=1))) if len(spans) else 1.0
    extent = float(np.ptp(xy, axis=0).max()) if len(xy) else 1.0
    side = max(usual, extent / 2**20, 1e-9)
    return np.array([side, side])


def _pieces(ends: Index, on_edge: Index, node: Index) -> Index:
    """Return the ends of the pieces that the found nodes cut edges into, shape (p, 2): only they are new."""
    if not len(on_edge):
        return np.empty((0, 2), dtype=np.int64)
    first = np.concatenate([[True], on_edge[1:] != on_edge[:-1]])
    last = np.concatenate([first[1:], [True]])
    before = np.where(first, ends[on_edge, 0], np.concatenate([[0], node[:-1]]))
    tails = np.column_stack([node[last], ends[on_edge[last], 1]])
    return np.concatenate([np.column_stack([before, node]), tails])


def _edges_of(ends: Index, pieces: Index, count: int) -> Index:
    keys = ends[:, 0] * count + ends[:, 1]
    wanted = np.unique(pieces.min(axis=1) * count + pieces.max(axis=1))
    return np.flatnonzero(np.isin(keys, wanted))


def _result(
    geoms: Geometries,
    rings: Rings,
    work: _Work,
    before: Index,
    moved_m: Floats,
    nodes: int,
    rounds: int,
) -> Matched:
    sizes, old_sizes = np.diff(work.start), np.diff(rings.start)
    altered = sizes != old_sizes
    same = np.flatnonzero(~altered)
    if len(same):
        old = np.concatenate([[0], np.cumsum(old_sizes)])
        places_new = _spread(work.start[same], sizes[same])
        places_old = _spread(old[same], sizes[same])
        differs = work.vertex[places_new] != before[places_old]
        altered[same] |= np.bincount(
            np.repeat(np.arange(len(same)), sizes[same]), weights=differs, minlength=len(same)
        ).astype(bool)
    changed = np.zeros(len(geoms), dtype=bool)
    changed[rings.area[altered]] = True
    shapes = geoms.copy()
    touched = changed[rings.area]
    shapes[changed] = _rebuilt(work, rings, touched, _dirty(work), len(geoms))[changed]
    return Matched(shapes, changed, moved_m, nodes, rounds)


def _spread(first: Index, sizes: Index) -> Index:
    """Return the places of many slices, one after the other."""
    offset = np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.repeat(first, sizes) + np.arange(len(offset)) - offset


def _dirty(work: _Work) -> Mask:
    """Tell which areas have a ring that collapsed or visits a vertex twice, shape (n,)."""
    sizes = np.diff(work.start)
    ring = np.repeat(np.arange(len(sizes)), sizes)
    _, first = np.unique(ring * len(work.xy) + work.vertex, return_index=True)
    twice = np.ones(len(ring), dtype=bool)
    twice[first] = False
    dirty = np.zeros(len(work.stored), dtype=bool)
    dirty[work.area[ring[twice]]] = True
    dirty[work.area[sizes < 3]] = True
    return dirty


def _rebuilt(work: _Work, rings: Rings, touched: Mask, dirty: Mask, count: int) -> Geometries:
    sizes = np.diff(work.start)
    use = touched & (sizes >= 3)
    sizes = sizes[use]
    places = _spread(work.start[:-1][use], sizes)
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    polygon = _without_lost_shells(rings, use)
    shapes = geoms_of(Rings(work.xy[work.vertex[places]], start, polygon, rings.area[use]), count)
    for row in np.flatnonzero(dirty):
        shapes[row] = _areal(shapes[row])
    return shapes


def _without_lost_shells(rings: Rings, use: Mask) -> Index:
    """Return the polygon of each ring in use; a hole whose shell collapsed would otherwise become a shell."""
    shell_lost = np.zeros(int(rings.polygon.max(initial=0)) + 1, dtype=bool)
    shell_lost[rings.polygon[~rings.is_hole() & ~use]] = True
    use &= ~shell_lost[rings.polygon]
    return rings.polygon[use]


def _areal(shape: Any) -> Any:
    """Return what is left of a boundary once hairs and collapsed pieces are gone, None where nothing is."""
    if shape is None:
        return None
    return polygonal(shapely.make_valid(shape, method="structure", keep_collapsed=False))


def polygonal(shape: Any) -> Any:
    """Return the polygons of a geometry as one Polygon or MultiPolygon, None where it has none."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]
    deeper = [part for part in shapely.get_parts(shape) if part.geom_type in ("MultiPolygon", "GeometryCollection")]
    for part in deeper:
        inner = polygonal(part)
        parts.extend(shapely.get_parts(inner) if inner is not None else [])
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def snapped(geoms: Geometries) -> Geometries:
    """Round matched boundaries to the lattice (EPSG:4490 degrees), as canonical doubles."""
    return shapely.transform(geoms, lambda xy: degrees(snap(xy)))


def split_rows(geoms: Geometries, sizes: Sequence[int]) -> list[Geometries]:
    """Cut one array of boundaries into the arrays it was put together from."""
    return [np.asarray(part) for part in np.split(geoms, np.cumsum(sizes)[:-1])]
