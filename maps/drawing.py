"""Boundaries made ready for a page: rounded, and simplified where a layer is very heavy."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries

DECIMALS: Final = 6
MOST_VERTICES: Final = 200_000
FINEST_TOLERANCE_M: Final = 2.0
COARSEST_TOLERANCE_M: Final = 256.0
METRES_PER_DEGREE: Final = 111_320.0
"""Of latitude; of longitude it is less, so a tolerance in metres is never exceeded by taking this for both."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """What a layer looks like on the page.

    Attributes
    ----------
    geoms
        shapely Polygon or MultiPolygon, shape (n,), EPSG:4490 degrees with six decimals (about 0.1 m).
    labels
        A point inside each area for its name, shape (n, 2), longitude and latitude.
    tolerance_m
        How coarsely borders were simplified; 0 when every vertex is there.
    """

    geoms: Geometries
    labels: npt.NDArray[np.float64]
    tolerance_m: float


def drawing(geoms: Geometries, *, most_vertices: int = MOST_VERTICES) -> Drawing:
    """Make the boundaries of one layer ready for a page.

    Parameters
    ----------
    geoms
        shapely Polygon or MultiPolygon, shape (n,), EPSG:4490. They are simplified together, as one coverage, so
        neighbours keep one common line.
    most_vertices
        A layer with more vertices is simplified: by 2 m, and by twice as much until it has no more (256 m at most).
    """
    flat = shapely.force_2d(geoms)
    thin, tolerance_m = _simplified(flat, most_vertices)
    rounded = shapely.transform(thin, _rounded)
    labels = shapely.get_coordinates(shapely.point_on_surface(rounded))
    return Drawing(rounded, _rounded(labels), tolerance_m)


def _simplified(geoms: Geometries, most_vertices: int) -> tuple[Geometries, float]:
    if _vertices(geoms) <= most_vertices:
        return geoms, 0.0
    tolerance_m = FINEST_TOLERANCE_M
    while True:
        # From the full boundaries each time: steps on top of one another would move lines further than is said.
        thin = shapely.coverage_simplify(geoms, tolerance_m / METRES_PER_DEGREE)
        if _vertices(thin) <= most_vertices or tolerance_m >= COARSEST_TOLERANCE_M:
            return thin, tolerance_m
        tolerance_m *= 2


def _vertices(geoms: Geometries) -> int:
    return int(shapely.get_num_coordinates(geoms).sum())


def _rounded(xy: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.round(xy, DECIMALS)
