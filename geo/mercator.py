"""Web Mercator as maps on the web cut it into tiles; CGCS2000 is taken for WGS 84, from which it differs by decimetres.

A *unit* of a zoom is the smallest step of a vector tile there: a tile is :data:`EXTENT` units wide, y runs south.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

EXTENT: Final = 4096
BUFFER: Final = 128
"""Units around a tile that are drawn too, so that lines do not end at its edge."""
PIXEL: Final = EXTENT // 256
"""Units of a pixel, where a tile is shown at 256 pixels."""
DEEPEST: Final = 16
"""The last zoom that tiles are made for: a unit is 13 cm in Sichuan; maps draw these larger from there on."""
NORTHMOST: Final = 85.0511287798066

Floats = npt.NDArray[np.float64]


def world(lonlat: Floats) -> Floats:
    """Project degrees, shape (n, 2), onto the square from (0, 0) in the north-west to (1, 1)."""
    lat = np.radians(np.clip(lonlat[:, 1], -NORTHMOST, NORTHMOST))
    return np.column_stack([lonlat[:, 0] / 360 + 0.5, 0.5 - np.arcsinh(np.tan(lat)) / (2 * np.pi)])


def units_at(zoom: int) -> int:
    """Return how many units the world is wide at a zoom."""
    return EXTENT << zoom


class Tile(NamedTuple):
    """One tile; y counts from the north."""

    zoom: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        """Whether the world has it."""
        return 0 <= self.zoom <= 30 and 0 <= self.x < 1 << self.zoom and 0 <= self.y < 1 << self.zoom

    def square(self) -> tuple[float, float, float, float]:
        """Return west, north, east, south on the unit square, with the buffer around."""
        wide, margin = 2.0**-self.zoom, BUFFER / units_at(self.zoom)
        west, north = self.x * wide, self.y * wide
        return west - margin, north - margin, west + wide + margin, north + wide + margin
