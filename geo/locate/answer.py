"""The answer to "who looks after this point": pure assembly from candidate areas.

Which area claims the point is decided exactly, on the lattice (:mod:`geo.locate.border`). Distances are taken in
the plane tangent to the CGCS2000 ellipsoid at the point: affine, so that straight edges stay straight, and good to
0.1 % within some kilometres.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Final, Protocol, Self

import numpy as np
import shapely

from geo.areas import Geometries
from geo.errors import BadInput
from geo.lattice import CELL_DEG, degrees
from geo.levels import DEFAULT, Hierarchy
from geo.locate.border import Claim, Layer, Mask, Rows, claim, edges_of, sector_cover
from geo.locate.records import Answer, AreaRecord, Candidate, Neighbour, Responsible
from geo.measure import metres_per_degree
from geo.rings import Index, rings_of

Ancestors = Mapping[int, AreaRecord]

HERE: Final = shapely.Point(0, 0)
SLIVER_M: Final = 0.02
"""Pieces narrower than two lattice cells are traces of rounding, not land."""


LOWEST: Final = ("grid", "microgrid")
"""The levels that tell nearly always who covers a point."""


def lowest_first(ask: Callable[[bool], Answer]) -> Answer:
    """Ask among grids and microgrids (True), and among all levels (False) only where no grid claims the point.

    Boundaries of the levels above are large and rarely matter; the chain comes from the parents.
    """
    found = ask(True)
    return ask(False) if found.status in ("gap", "outside") else found


def search_box(point: tuple[int, int], reach_m: float) -> tuple[float, float, float, float]:
    """Return west, south, east, north (degrees, EPSG:4490) of a box that holds all within reach of a point.

    Areas whose box meets it are the candidates of :func:`answer` for a radius and an accuracy up to the reach.

    Parameters
    ----------
    point
        Lattice integers (x, y).
    reach_m
        Radius or accuracy, whichever is larger, in m.
    """
    lon, lat = degrees(point).tolist()
    wide_m, high_m = (float(scale_m) for scale_m in metres_per_degree(lat))
    margin_m = 1.002 * reach_m
    dx, dy = (min(margin_m / max(scale_m, 1.0) + CELL_DEG, 180.0) for scale_m in (wide_m, high_m))
    return lon - dx, lat - dy, lon + dx, lat + dy


def answer(
    point: tuple[int, int],
    candidates: Sequence[Candidate],
    ancestors: Ancestors,
    *,
    accuracy_m: float = 0.0,
    radius_m: float = 1000.0,
    hierarchy: Hierarchy = DEFAULT,
) -> Answer:
    """Say who covers a point and who is responsible for it.

    Parameters
    ----------
    point
        Lattice integers (x, y).
    candidates
        Every area whose box meets :func:`search_box` of the larger of accuracy and radius, in any order: grids,
        microgrids and the levels above. Those without a boundary are passed over.
    ancestors
        Areas by id: at least the parents, their parents and so on of the candidates.
    accuracy_m
        How far from the given point the true one may lie, in m.
    radius_m
        How far a border is looked for, in m.
    hierarchy
        The levels, the largest first; ``grid`` and ``microgrid`` are known by these names.

    Returns
    -------
    Answer
        ``responsible.reason`` is one of ``special_grid``, ``microgrid``, ``grid``, ``host_grid`` (the special grid
        has no team, the general grid underneath has one); ``conflict_smallest_special_grid``,
        ``conflict_smallest_grid``, ``conflict_smallest_microgrid`` (the smallest of several);
        ``grid_without_team_covered_by_LEVEL``, ``gap_covered_by_LEVEL``, ``conflict_covered_by_LEVEL``; and
        ``no_team``: no covering area has a team, the smallest one is named.

    Raises
    ------
    BadInput
        For an accuracy or a radius that is negative or not finite, or an unknown level.
    """
    _require_length("accuracy", accuracy_m)
    _require_length("radius", radius_m)
    known = {**{candidate.area.id: candidate.area for candidate in candidates}, **ancestors}
    scene = _scene(point, candidates, known, hierarchy)
    return assembled(scene, known, accuracy_m, radius_m)


class Scene(Protocol):
    """What is known around a point: some areas (row ``i`` of every column is one of them), and who claims the point."""

    @property
    def areas(self) -> Sequence[AreaRecord]:
        """The areas."""

    @property
    def claim(self) -> Claim:
        """Who claims the point, as rows."""

    @property
    def hierarchy(self) -> Hierarchy:
        """The levels."""

    def smallest_first(self, rows: Rows) -> Sequence[AreaRecord]:
        """Return areas of one layer by size, then code."""

    def border_m(self) -> float:
        """Return the distance to the nearest border of the effective territory in m, inf without any."""

    def close(self, accuracy_m: float) -> list[tuple[int, float]]:
        """Return row and distance in m of the areas that the point touches or that can be seen within accuracy."""


def assembled(scene: Scene, known: Ancestors, accuracy_m: float, radius_m: float) -> Answer:
    """Put the answer together from what is known around the point.

    Parameters
    ----------
    scene
        The surroundings.
    known
        At least the parents of the scene's areas, their parents and so on, by id.
    accuracy_m, radius_m
        As for :func:`answer`.
    """
    found = scene.claim
    grid = _only(scene, found.specials or found.generals)
    border_m = scene.border_m()
    neighbours = _neighbours(scene, known, accuracy_m)
    near = accuracy_m > 0 and border_m <= accuracy_m
    return Answer(
        status=found.status,
        certain=not (found.on_border or found.status == "conflict" or neighbours or near),
        on_border=found.on_border,
        grid=grid,
        host_grid=_only(scene, found.generals),
        microgrid=_only(scene, found.microgrids),
        chain=_chain_of_claim(scene, grid, known),
        team=grid.team if grid else None,
        responsible=_responsible(scene, known),
        border_distance_m=border_m if border_m <= radius_m else None,
        neighbours=neighbours,
        matches=tuple(scene.areas[row] for row in _matches(found)) if found.status == "conflict" else (),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """The candidates as columns (row ``i`` is one area), their boundaries in m around the point, and the claim."""

    areas: tuple[AreaRecord, ...]
    layers: Index
    depths: Index
    plane: Geometries
    claim: Claim
    hierarchy: Hierarchy

    @classmethod
    def of(cls, point: tuple[int, int], candidates: Sequence[Candidate], hierarchy: Hierarchy) -> Self:
        areas = tuple(candidate.area for candidate in candidates)
        geoms = np.empty(len(areas), dtype=object)
        geoms[:] = [candidate.geom for candidate in candidates]
        layers = np.array([_layer(area) for area in areas], dtype=np.int64)
        depths = np.array([_depth(area, hierarchy) for area in areas], dtype=np.int64)
        around = sector_cover(point, edges_of(rings_of(geoms, lattice=True)), len(areas))
        origin = degrees(point)
        scale_m = np.array(metres_per_degree(origin[1]), dtype=np.float64)
        plane = shapely.transform(geoms, lambda lonlat: (lonlat - origin) * scale_m)
        return cls(areas, layers, depths, plane, claim(around, layers, depths), hierarchy)

    def smallest_first(self, rows: Rows) -> list[AreaRecord]:
        order = sorted(rows, key=lambda row: (shapely.area(self.plane[row]), self.areas[row].code))
        return [self.areas[row] for row in order]

    def border_m(self) -> float:
        """Return the distance to the nearest border of the effective territory in m, inf without any."""
        found = self.claim
        if found.on_border:
            return 0.0
        bounding = self.layers == Layer.SPECIAL
        if not found.specials:
            # General land ends at every outline of a grid: on the way to a border underneath a special grid
            # the outline of that special grid is met first.
            bounding |= self.layers == Layer.GENERAL
        if not (found.specials or found.generals):
            bounding |= self._as_deep()
        return float(shapely.distance(shapely.boundary(self.plane[bounding]), HERE).min(initial=inf))

    def _as_deep(self) -> Mask:
        """Tell which upper areas are at least as deep as the one that the point lies in, shape (n,)."""
        uppers = self.layers == Layer.UPPER
        deepest = self.claim.deepest
        return uppers & (self.depths >= self.depths[deepest[0]]) if deepest else uppers

    def close(self, accuracy_m: float) -> list[tuple[int, float]]:
        """Return row and distance in m of the areas that the point touches or that can be seen within accuracy.

        Beside a grid only grids count; in a gap and outside, also the upper areas that are as deep.
        """
        special, general = (self.layers == layer for layer in (Layer.SPECIAL, Layer.GENERAL))
        counts = special | general
        if not (self.claim.specials or self.claim.generals):
            counts |= self._as_deep()
        away_m = np.full(len(counts), inf)
        if accuracy_m > 0:
            away_m[counts] = shapely.distance(self.plane[counts], HERE)
            close = away_m <= accuracy_m
            over = self.plane[special & close]
            for row in np.flatnonzero(general & close) if len(over) else ():
                away_m[row] = _visible_m(self.plane[row], shapely.union_all(over))
        away_m[[row for row in self.claim.touching if counts[row]]] = 0.0
        near = np.flatnonzero(away_m <= accuracy_m).tolist()
        return [(row, float(away_m[row])) for row in near]


def _scene(point: tuple[int, int], candidates: Sequence[Candidate], known: Ancestors, hierarchy: Hierarchy) -> _Scene:
    """Return the scene of the grids where they and their parents say all, else of all candidates.

    A city has a hundred thousand vertices, a grid fifty: above a grid, parents tell what boundaries would.
    """
    whole = [candidate for candidate in candidates if candidate.geom is not None]
    scene = _Scene.of(point, [each for each in whole if _layer(each.area) != Layer.UPPER], hierarchy)
    grids = scene.claim.specials + scene.claim.generals
    if grids and all(scene.areas[row].parent_id in known for row in grids):
        return scene
    return _Scene.of(point, whole, hierarchy)


def _layer(area: AreaRecord) -> Layer:
    if area.level == "microgrid":
        return Layer.MICROGRID
    if area.level != "grid":
        return Layer.UPPER
    return Layer.SPECIAL if area.kind == "special" else Layer.GENERAL


def _depth(area: AreaRecord, hierarchy: Hierarchy) -> int:
    return hierarchy.levels.index(hierarchy.require(area.level))


def _require_length(name: str, length_m: float) -> None:
    if not (isfinite(length_m) and length_m >= 0):
        raise BadInput("not-a-length", place={"field": name}, name=name, given=length_m)


def _only(scene: Scene, rows: Rows) -> AreaRecord | None:
    return scene.areas[rows[0]] if len(rows) == 1 else None


def _matches(found: Claim) -> Rows:
    several = found.microgrids if len(found.microgrids) > 1 else ()
    return found.specials + found.generals + several + found.deepest


def _chain(area: AreaRecord, known: Ancestors) -> tuple[AreaRecord, ...]:
    """Return the ancestors of an area, the largest first."""
    links: list[AreaRecord] = []
    parent = known.get(area.parent_id) if area.parent_id is not None else None
    while parent is not None and parent not in links:
        links.append(parent)
        parent = known.get(parent.parent_id) if parent.parent_id is not None else None
    return tuple(reversed(links))


def _chain_of_claim(scene: Scene, grid: AreaRecord | None, known: Ancestors) -> tuple[AreaRecord, ...]:
    if grid is not None:
        return _chain(grid, known)
    found = scene.claim
    if found.deepest:
        return _shared((*_chain(scene.areas[row], known), scene.areas[row]) for row in found.deepest)
    return _shared(_chain(scene.areas[row], known) for row in found.specials or found.generals)


def _shared(chains: Iterable[tuple[AreaRecord, ...]]) -> tuple[AreaRecord, ...]:
    """Return the links that all chains have in common from the top."""
    shared: list[AreaRecord] = []
    for first, *others in zip(*chains, strict=False):
        if any(other.id != first.id for other in others):
            break
        shared.append(first)
    return tuple(shared)


def _responsible(scene: Scene, known: Ancestors) -> Responsible | None:
    covering = list(_covering(scene, known))
    with_team = (one for one in covering if one.area.team is not None)
    smallest = next(iter(covering), None)
    return next(with_team, smallest and Responsible(smallest.area, "no_team"))


def _covering(scene: Scene, known: Ancestors) -> Iterable[Responsible]:
    """Yield the areas that cover the point, the smallest first, with the reason each would be named for."""
    found = scene.claim
    layers = (
        (found.specials, "special_grid", "special_grid"),
        (found.microgrids, "microgrid", "microgrid"),
        (found.generals, "host_grid" if found.specials else "grid", "grid"),
    )
    for rows, reason, kind in layers:
        for area in scene.smallest_first(rows):
            yield Responsible(area, reason if len(rows) == 1 else f"conflict_smallest_{kind}")
    cause = "grid_without_team" if found.status == "found" else found.status
    for area in _uppers(scene, known):
        yield Responsible(area, f"{cause}_covered_by_{area.level}")


def _uppers(scene: Scene, known: Ancestors) -> list[AreaRecord]:
    """Return the areas above the grids, the deepest first: by boundary, and by parent where that is unknown."""
    found = scene.claim
    covering = {scene.areas[row].id: scene.areas[row] for row in found.uppers}
    for row in found.specials + found.generals + found.microgrids + found.deepest:
        covering |= {area.id: area for area in _chain(scene.areas[row], known) if _layer(area) == Layer.UPPER}
    return sorted(covering.values(), key=lambda area: (-_depth(area, scene.hierarchy), area.code))


def _neighbours(scene: Scene, known: Ancestors, accuracy_m: float) -> tuple[Neighbour, ...]:
    """Return the other areas within accuracy, none of them beside an area below it."""
    found = scene.claim
    conflict = found.status == "conflict"
    own = set(_matches(found) if conflict else found.specials or found.generals or found.deepest)
    away_m = {row: distance_m for row, distance_m in scene.close(accuracy_m) if row not in own}
    above = {link.id for row in {*own, *away_m} for link in _chain(scene.areas[row], known)}
    listed = (
        Neighbour(scene.areas[row], distance_m)
        for row, distance_m in away_m.items()
        if scene.areas[row].id not in above
    )
    return tuple(sorted(listed, key=lambda one: (one.distance_m, one.area.code)))


def _visible_m(general: shapely.Geometry, over: shapely.Geometry) -> float:
    """Return the distance to what the special grids leave of a general grid, in m, inf where that is nothing."""
    pieces = shapely.get_parts(shapely.difference(general, over))
    wide = 2 * shapely.area(pieces) > SLIVER_M * shapely.length(pieces)
    return float(shapely.distance(pieces[wide], HERE).min(initial=inf))
