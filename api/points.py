"""A point as someone gives it, to stored coordinates."""

from typing import Final

from geo.crs import Crs, suspicious_numbers
from geo.errors import BadInput, GeoError

LONGEST_M: Final = 10_000
"""The largest accuracy, and how far borders are looked for at most."""


def stored_point(x: float, y: float, crs: Crs) -> tuple[float, float]:
    """Convert one point.

    Parameters
    ----------
    x, y
        Longitude and latitude, or easting and northing, finite.
    crs
        Their system.

    Returns
    -------
    tuple of float
        Longitude and latitude, degrees EPSG:4490, not snapped.

    Raises
    ------
    BadInput
        Numbers that are no place in this system, with a hint: swapped axes, metres as degrees, degrees as metres,
        another zone. In degrees only what lies beyond the globe is refused: the rest is a place somewhere.
    """
    if crs.is_stored and -180 <= x <= 180 and -90 <= y <= 90:
        return x, y
    flaw = suspicious_numbers((x, y, x, y), crs) if crs.kind == "projected" else None
    if flaw is not None:
        raise _placed(flaw, x, y)
    try:
        lon, lat = crs.to_stored([[x, y]])[0].tolist()
    except BadInput as refusal:
        raise _placed(suspicious_numbers((x, y, x, y), crs) or refusal, x, y) from None
    return lon, lat


def _placed(flaw: GeoError, x: float, y: float) -> BadInput:
    """Return a refusal with the parameter it is about; the sentence itself repeats the numbers."""
    return BadInput(flaw.kind, place={"field": "lat" if abs(y) > 90 and abs(x) <= 180 else "lon"}, **flaw.facts)
