"""Whether boundaries look shifted against the parents that are there: read in the wrong one of the offset systems."""

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.crs import Crs, parse_crs
from geo.errors import BadInput, GeoError
from geo.measure import distance_m
from importers.layer import Layer
from importers.surroundings import Surroundings

Floats = npt.NDArray[np.float64]

SYSTEMS: Final = ("wgs84", "gcj02", "bd09")
BETTER: Final = 0.5
"""How much nearer to the parents the vertices must lie before another system is suggested."""
NOTABLE_DEG: Final = 2e-5
"""About 2 m: how far vertices lie beyond their parents on average before anything is said at all."""
SAMPLED: Final = 4000
DIRECTIONS: Final = {
    (False, False): "东北/NE",
    (False, True): "西北/NW",
    (True, False): "东南/SE",
    (True, True): "西南/SW",
}
"""By whether the boundaries lie south and west of where they fit, in both languages."""


def looks_shifted(layer: Layer, around: Surroundings, crs: Crs) -> GeoError | None:
    """Tell whether boundaries fit their parents much better if read in another system.

    A few thousand vertices are tried: how far they lie beyond their own area's parent on average.

    Parameters
    ----------
    layer
        Boundaries as the file gives them, in EPSG:4490 degrees, with their parents.
    crs
        The system that was declared.
    """
    if crs.kind == "projected":
        return None
    xy, parents = _sample(layer, around)
    if not len(xy) or (declared := _beyond(xy, parents)) < NOTABLE_DEG:
        return None
    own = crs.name.lower() if crs.kind == "offset" else "wgs84"
    raw = crs.from_stored(xy)
    tried = {name: parse_crs(name).to_stored(raw) for name in SYSTEMS if name != own}
    name = min(tried, key=lambda one: _beyond(tried[one], parents))
    if _beyond(tried[name], parents) > BETTER * declared:
        return None
    here, there = xy.mean(axis=0), tried[name].mean(axis=0)
    shift_m = float(distance_m(here[0], here[1], there[0], there[1]))
    south, west = here[1] < there[1], here[0] < there[0]
    direction = DIRECTIONS[south, west]
    return BadInput("looks-shifted", shift_m=shift_m, direction=direction, crs=name)


def _sample(layer: Layer, around: Surroundings) -> tuple[Floats, Geometries]:
    """Return some vertices of areas that have a parent, shape (k, 2), and the boundary of the parent of each."""
    row_of = {area_id: row for row, area_id in enumerate(around.present.ids.tolist())}
    parents = np.array([row_of.get(parent, -1) for parent in layer.parents.tolist()], dtype=np.int64)
    known = np.flatnonzero(parents >= 0)
    xy, area = shapely.get_coordinates(layer.areas.geoms[known], return_index=True)
    step = len(xy) // SAMPLED + 1
    return xy[::step], around.present.geoms[parents[known[area[::step]]]]


def _beyond(xy: Floats, parents: Geometries) -> float:
    """Return how far in degrees points lie beyond the boundaries on average."""
    return float(np.nanmean(shapely.distance(parents, shapely.points(xy))))
