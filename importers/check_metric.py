"""How a file of any coordinate system is measured in its own coordinates."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyproj
import shapely

from geo.areas import Geometries
from geo.coverage import ELLIPSOIDAL, Metric, Planar
from geo.coverage.metric import Floats
from geo.crs import Bounds, Crs
from geo.lattice import CELL_DEG

_WORST_DISTORTION: Final = 0.005
"""Share by which planar m² may be off: Gauss-Krüger and state planes stay below 0.001, Web Mercator is 0.34 off."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A CRS whose own m² would be wrong: everything is measured after conversion.

    Attributes
    ----------
    convert
        From the CRS to EPSG:4490 degrees, points of shape (n, 2).
    cell
        Side of one lattice cell in units of the CRS.
    geographic
        Whether coordinates are degrees.
    """

    convert: Callable[[Floats], Floats]
    cell: float
    geographic: bool

    def area_m2(self, geoms: Geometries) -> Floats:
        """Return m² on the ellipsoid."""
        return ELLIPSOIDAL.area_m2(shapely.transform(geoms, self.convert))

    def width_m(self, geoms: Geometries) -> Floats:
        """Return 2 · area / perimeter on the ellipsoid."""
        return ELLIPSOIDAL.width_m(shapely.transform(geoms, self.convert))


def metric_of(crs: Crs, bounds: Bounds) -> Metric:
    """Return how to measure in a CRS.

    Parameters
    ----------
    crs
        Of the coordinates. Degrees are measured on the ellipsoid, whatever their datum; shifted degrees (GCJ-02, BD-09)
        and projections that distort areas by more than half a percent are converted first.
    bounds
        Smallest x, smallest y, largest x, largest y; NaN when unknown.
    """
    if crs.kind == "offset":
        return Converted(crs.converted, CELL_DEG, geographic=True)
    if crs.kind == "geographic":
        return ELLIPSOIDAL
    planar = Planar(pyproj.CRS.from_user_input(crs.name).axis_info[0].unit_conversion_factor)
    if not np.isfinite(bounds).all():
        return planar
    along_x, along_y = crs.metres_per_unit([[(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2]])
    distortion = float(along_x[0] * along_y[0]) / planar.unit_m**2
    if abs(distortion - 1) <= _WORST_DISTORTION:
        return planar
    return Converted(crs.converted, planar.cell, geographic=False)
