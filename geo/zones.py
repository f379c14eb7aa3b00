"""What coordinate systems numbers look like: hints for a file that does not say its own."""

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Bounds = tuple[float, float, float, float]
Look = Literal["degrees", "swapped-degrees", "zone", "no-zone", "swapped", "unclear"]

WEB_MERCATOR: Final = "EPSG:3857 (Web Mercator)"
_NORTHING: Final = (200_000.0, 6_200_000.0)
_EASTING: Final = (100_000.0, 900_000.0)
_MILLION: Final = 1_000_000


def look_of(bounds: Bounds) -> Look:
    """Tell what the numbers look like.

    Parameters
    ----------
    bounds
        Smallest x, smallest y, largest x, largest y, in the unknown system.

    Returns
    -------
    str
        ``"degrees"``; ``"swapped-degrees"``: latitude first; ``"zone"``: metres with a zone prefix in the easting, or
        Web Mercator; ``"no-zone"``: metres whose central meridian must be asked for; ``"swapped"``: northing first;
        ``"unclear"``.
    """
    upright, turned = bounds, _turned(bounds)
    if _within(upright, 180, 90):
        return "swapped-degrees" if _in_china(turned) and not _in_china(upright) else "degrees"
    if _within(turned, 180, 90):
        return "swapped-degrees"
    if _zones(upright) or _mercator(upright):
        return "zone"
    if _plain(upright):
        return "no-zone"
    return "swapped" if _zones(turned) or _plain(turned) else "unclear"


def look_swapped(points: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Tell of each point (shape (n, 2)) whether it looks like degrees with the latitude first, as :func:`look_of`."""
    x, y = points[:, 0], points[:, 1]
    upright, turned = (np.abs(x) <= 180) & (np.abs(y) <= 90), (np.abs(y) <= 180) & (np.abs(x) <= 90)
    home, away = ((a >= 73) & (a <= 136) & (b >= 3) & (b <= 54) for a, b in ((x, y), (y, x)))
    return np.where(upright, away & ~home, turned)


def candidates(bounds: Bounds) -> str:
    """Return the systems that metres of this size may be in, as codes with their zones; empty when none is known."""
    look = look_of(bounds)
    if look == "swapped":
        return candidates(_turned(bounds))
    if look == "no-zone":
        return _without_zone((75, 102, 105, 135))
    found = _zones(bounds)
    return ", ".join([*found, WEB_MERCATOR] if _mercator(bounds) else found)


def _without_zone(meridians: tuple[int, ...]) -> str:
    three = ", ".join(f"{lon}°E EPSG:{4534 + (lon - 75) // 3}" for lon in meridians)
    six = ", ".join(f"{lon}°E EPSG:{4502 + (lon - 75) // 6}" for lon in meridians if (lon - 75) % 6 == 0)
    return f"3°: {three}; 6°: {six}"


def _turned(bounds: Bounds) -> Bounds:
    return bounds[1], bounds[0], bounds[3], bounds[2]


def _within(bounds: Bounds, x: float, y: float) -> bool:
    return max(abs(bounds[0]), abs(bounds[2])) <= x and max(abs(bounds[1]), abs(bounds[3])) <= y


def _in_china(bounds: Bounds) -> bool:
    return bounds[0] >= 73 and bounds[2] <= 136 and bounds[1] >= 3 and bounds[3] <= 54


def _in(low: float, high: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= low and high <= limits[1]


def _plain(bounds: Bounds) -> bool:
    return _in(bounds[0], bounds[2], _EASTING) and _in(bounds[1], bounds[3], _NORTHING)


def _zones(bounds: Bounds) -> list[str]:
    """Return the CGCS2000 zones that the million digits of the easting name."""
    first, last = int(bounds[0] // _MILLION), int(bounds[2] // _MILLION)
    rests = (bounds[0] - first * _MILLION, bounds[2] - last * _MILLION)
    if not (_in(bounds[1], bounds[3], _NORTHING) and _in(min(rests), max(rests), _EASTING)):
        return []
    if 13 <= first <= last <= 23:
        return [f"EPSG:{4491 + zone - 13} (CGCS2000 6° {zone}, {zone * 6 - 3}°E)" for zone in range(first, last + 1)]
    if 25 <= first <= last <= 45:
        return [f"EPSG:{4513 + zone - 25} (CGCS2000 3° {zone}, {zone * 3}°E)" for zone in range(first, last + 1)]
    return []


def _mercator(bounds: Bounds) -> bool:
    return _in(bounds[0], bounds[2], (8_000_000, 15_200_000)) and _in(bounds[1], bounds[3], (300_000, 7_200_000))
