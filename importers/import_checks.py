"""What the core says about an import before it is published: coverage, and a shape that looks shifted."""

from collections.abc import Collection, Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Areas, Geometries, among, areas
from geo.coverage import check
from geo.crs import Crs, parse_crs
from geo.errors import BadInput, GeoError
from geo.findings import Finding
from geo.measure import distance_m
from importers.incoming import Incoming
from importers.layering import Layering, LayerResult, boundaries_after

SHIFTS: Final = ("gcj02", "bd09")
BETTER: Final = 0.5
"""How much less must lie beyond the parents before another system is suggested."""
NOTABLE: Final = 0.02
"""Share of the vertices beyond the parents before anything is said at all."""
BEYOND_DEG: Final = 5e-4
"""About 50 m: digitising noise is smaller, GCJ-02 and BD-09 shift by several hundred."""
SAMPLED: Final = 4000


def found_in(result: LayerResult, layering: Layering) -> list[Finding]:
    """Check the level that changes against its parents, and the level below against what changes.

    Only parents that the import touches are looked at: importing top-down, the others have no children yet.
    """
    present, geoms = layering.present, boundaries_after(result, layering)
    incoming = result.incoming
    special = incoming.kinds[0] == "special"
    stays = ~result.leaving & (present.kinds == incoming.kinds[0])
    siblings = np.flatnonzero(stays & (present.levels == layering.level))
    own_parents = result.parents.codes(layering)
    stored = present.take(siblings)
    level = areas(
        layering.level,
        [*incoming.codes, *stored.codes],
        [*incoming.geoms, *geoms[siblings]],
        names=[*incoming.names, *stored.names],
        parents=[*own_parents, *stored.parent_codes(present)],
    )
    if special:
        return _sparse(check(level, None, lattice=True).findings)
    parents = _parents(result, layering, geoms, set(own_parents) - {""})
    touched = among(level.parents, parents.codes) if parents is not None else np.ones(len(level), dtype=bool)
    touched[: len(incoming)] = True
    findings = list(check(level.take(touched), parents, lattice=True).findings)
    if layering.level == "microgrid":
        findings = _sparse(findings, _fully_divided(layering))
    return findings + _stranded(result, layering, geoms, level)


def _sparse(findings: Iterable[Finding], whole: Collection[str] = ()) -> list[Finding]:
    """Drop gaps in layers that need not cover: special grids, and microgrids of grids not marked fully divided."""
    keep = set(whole)
    return [one for one in findings if one.kind != "gap" or keep.intersection(one.codes)]


def _fully_divided(layering: Layering) -> list[str]:
    return layering.present.codes[layering.present.fully_divided].tolist()


def _parents(result: LayerResult, layering: Layering, geoms: Geometries, codes: set[str]) -> Areas | None:
    if layering.parent_level is None:
        return None
    made = result.parents.derived
    if made is not None:
        return areas(layering.parent_level, made.codes, made.geoms, names=made.names)
    present = layering.present
    rows = np.flatnonzero((present.levels == layering.parent_level) & among(present.codes, codes))
    if not len(rows):
        return None
    return areas(layering.parent_level, present.codes[rows], geoms[rows], names=present.names[rows])


def _stranded(result: LayerResult, layering: Layering, geoms: Geometries, level: Areas) -> list[Finding]:
    """Check the children of the areas that the import redraws: they must still fit."""
    present = layering.present
    redrawn = set(result.incoming.codes)
    parents = present.parent_codes(present)
    children = np.flatnonzero(
        among(parents, redrawn) & (present.kinds == "general") & ~result.leaving & ~shapely.is_missing(geoms)
    )
    if not len(children):
        return []
    below = areas(
        str(present.levels[children[0]]),
        present.codes[children],
        geoms[children],
        names=present.names[children],
        parents=parents[children],
    )
    whole = level.take(among(level.codes, below.parents))
    findings = list(check(below, whole, lattice=True).findings)
    return _sparse(findings, _fully_divided(layering)) if below.level == "microgrid" else findings


def shift_against_parents(incoming: Incoming, layering: Layering, crs: Crs) -> GeoError | None:
    """Tell whether the boundaries fit the parents that are there much better if read in an offset system.

    A few thousand vertices are tried: the share of those that lie well beyond all parents tells a shift.

    Parameters
    ----------
    incoming
        In EPSG:4490 degrees, not matched yet.
    crs
        The system that was declared.
    """
    parents = [layering.candidates(level) for level in layering.upper]
    rows = next((found for found in parents if len(found)), None)
    if rows is None or crs.kind == "offset":
        return None
    land = shapely.STRtree(layering.present.geoms[rows])
    xy = shapely.get_coordinates(incoming.geoms)
    xy = xy[:: len(xy) // SAMPLED + 1]
    declared = _beyond(xy, land)
    if declared < NOTABLE:
        return None
    tried = {name: parse_crs(name).converted(xy) for name in SHIFTS}
    name = min(tried, key=lambda one: _beyond(tried[one], land))
    if _beyond(tried[name], land) > BETTER * declared:
        return None
    here, there = xy.mean(axis=0), tried[name].mean(axis=0)
    shift_m = float(distance_m(here[0], here[1], there[0], there[1]))
    direction = ("S" if there[1] < here[1] else "N") + ("W" if there[0] < here[0] else "E")
    return BadInput("looks-shifted", shift_m=shift_m, direction=direction, crs=name)


def _beyond(xy: npt.NDArray[np.float64], land: shapely.STRtree) -> float:
    """Return the share of points that lie further than ``BEYOND_DEG`` from all parents."""
    near = land.query(shapely.points(xy), predicate="dwithin", distance=BEYOND_DEG)[0]
    return 1.0 - len(np.unique(near)) / max(len(xy), 1)
