"""How a check measures: on the ellipsoid for longitude–latitude, planar for a projected file."""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import shapely

from geo import measure
from geo.areas import Geometries
from geo.lattice import CELL_DEG

Floats = npt.NDArray[np.float64]
PLANAR_CELL_M: Final = 0.01
"""What one lattice cell is taken to be in a projected file, in m."""


class Metric(Protocol):
    """Turns geometries in CRS units into m² and m."""

    @property
    def cell(self) -> float:
        """Side of one lattice cell in CRS units: what lies closer than this is the same place."""

    @property
    def geographic(self) -> bool:
        """Whether coordinates are degrees."""

    def area_m2(self, geoms: Geometries) -> Floats:
        """Return m² of each geometry, shape (n,)."""

    def width_m(self, geoms: Geometries) -> Floats:
        """Return 2 · area / perimeter of each geometry in m, shape (n,)."""


@dataclass(frozen=True, slots=True)
class Ellipsoidal:
    """Longitude and latitude in degrees, EPSG:4490 (WGS 84 is taken as the same)."""

    cell: float = CELL_DEG
    geographic: bool = True

    def area_m2(self, geoms: Geometries) -> Floats:
        """Return m² on the ellipsoid."""
        return measure.area_m2(geoms)

    def width_m(self, geoms: Geometries) -> Floats:
        """Return 2 · area / perimeter on the ellipsoid."""
        return measure.width_m(geoms)


@dataclass(frozen=True, slots=True)
class Planar:
    """A projected CRS.

    Attributes
    ----------
    unit_m
        Length of one unit in m: 1 for metres, 1200 / 3937 for US survey feet.
    """

    unit_m: float = 1.0
    geographic: bool = False

    @property
    def cell(self) -> float:
        """One centimetre in CRS units."""
        return PLANAR_CELL_M / self.unit_m

    def area_m2(self, geoms: Geometries) -> Floats:
        """Return planar m²."""
        return np.asarray(shapely.area(geoms), dtype=np.float64) * self.unit_m**2

    def width_m(self, geoms: Geometries) -> Floats:
        """Return 2 · area / perimeter, planar."""
        around_m = np.asarray(shapely.length(geoms), dtype=np.float64) * self.unit_m
        return np.divide(2 * self.area_m2(geoms), around_m, out=np.zeros_like(around_m), where=around_m > 0)


ELLIPSOIDAL: Final = Ellipsoidal()
