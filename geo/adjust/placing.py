"""Which area holds a point or another area."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.adjust.scene import Households
from geo.adjust.state import Area, State
from geo.areas import Geometries
from geo.lattice import Cells, degrees
from geo.locate.border import edges_of, first_covered, sector_cover
from geo.rings import rings_of

Index = npt.NDArray[np.int64]

CELL2_DEG2: Final = 1e-14
"""What sticks out of a parent by less than a lattice cell sticks out by rounding."""


def holders(xy: Cells, geoms: Geometries) -> Index:
    """Return which boundary holds each point, by the border rule where it lies on one.

    Parameters
    ----------
    xy
        On the lattice, shape (n, 2).
    geoms
        Boundaries of one level and kind, shape (m,).

    Returns
    -------
    numpy.ndarray
        Row of the boundary, shape (n,); -1 where none holds the point.
    """
    row = np.full(len(xy), -1, dtype=np.int64)
    points = shapely.points(degrees(xy))
    shape, point = shapely.STRtree(points).query(geoms, predicate="contains_properly")
    row[point] = shape
    rest = np.flatnonzero(row < 0)
    point, shape = shapely.STRtree(geoms).query(points[rest], predicate="intersects")
    for at in np.unique(point).tolist():
        near = shape[point == at]
        edges = edges_of(rings_of(geoms[near], lattice=True))
        place = (int(xy[rest[at], 0]), int(xy[rest[at], 1]))
        found = first_covered(sector_cover(place, edges, len(near)))
        row[rest[at]] = -1 if found is None else near[found[1][0]]
    return row


def boundaries(areas: Iterable[Area]) -> Geometries:
    """Return the boundaries of areas, shape (n,)."""
    geoms = [area.geom for area in areas]
    column = np.empty(len(geoms), dtype=object)
    column[:] = geoms
    return column


def households_of(households: Households, areas: list[Area]) -> npt.NDArray[np.int64]:
    """Return how many households areas of one level and kind have, by position or by register, shape (n,)."""
    placed = households.area_ids == 0
    row = holders(households.xy[placed], boundaries(areas))
    count = np.bincount(row[row >= 0], weights=households.households[placed][row >= 0], minlength=len(areas))
    for at, area in enumerate(areas):
        count[at] += households.households[households.area_ids == area.id].sum()
    return count.astype(np.int64)


def sticking_out(geom: Any, parent: Any) -> Any:
    """Return what of a boundary lies beyond another, None where that is less than a cell or either is unknown."""
    if geom is None or parent is None or shapely.covers(parent, geom):
        return None
    beyond = shapely.difference(geom, parent)
    return beyond if shapely.area(beyond) > CELL2_DEG2 else None


def lowest_home(state: State, area: Area) -> Area | None:
    """Return the lowest area above an area's level that contains all of it, None where there is none."""
    above = state.scene.hierarchy.above(area.level)
    for level in above:
        for home in state.peers(level, "general", area.geom):
            if home.geom is not None and sticking_out(area.geom, home.geom) is None:
                return home
    return None


def place_in(geom: Any) -> dict[str, float]:
    """Return a point inside a geometry (degrees) as place of an error."""
    lon, lat = shapely.get_coordinates(shapely.point_on_surface(geom))[0]
    return {"lon": round(float(lon), 7), "lat": round(float(lat), 7)}
