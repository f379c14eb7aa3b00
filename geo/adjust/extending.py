"""Drawn split lines whose ends do not reach the border: led on to it."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.adjust.drawing import metres_per_cell
from geo.errors import BadInput
from geo.lattice import CELL_DEG

REACH_M: Final = 30.0
"""As far as an end inside the area is led on, straight, to the border or to another drawn line."""

Floats = npt.NDArray[np.float64]


def extended(line: Any, geom: Any, tolerance_m: float) -> npt.NDArray[np.object_]:
    """Return drawn lines with the ends that lie inside an area led on; ends beyond its border are left to be trimmed.

    Parameters
    ----------
    line
        LineString or MultiLineString, degrees.
    geom
        The boundary of the area, degrees.
    tolerance_m
        An end this near to the border or to another line has reached it.

    Returns
    -------
    numpy.ndarray
        LineStrings, degrees, shape (n,).

    Raises
    ------
    BadInput
        ``drawn-empty``, or ``split-line-ends-inside`` with the place: nothing is met within ``REACH_M``.
    """
    if not np.isfinite(shapely.get_coordinates(line)).all() or line.is_empty or line.length == 0:
        raise BadInput("drawn-empty")
    metres = metres_per_cell(float(shapely.get_coordinates(line)[0, 1])) / CELL_DEG
    flat = shapely.transform(geom, lambda xy: xy * metres)
    shapely.prepare(flat)
    parts = [shapely.remove_repeated_points(part) for part in shapely.get_parts(shapely.line_merge(line))]
    lines = [shapely.transform(part, lambda xy: xy * metres) for part in parts]
    led = []
    for at, part in enumerate(lines):
        others = [one for place, one in enumerate(lines) if place != at]
        targets = shapely.union_all([flat.boundary, *others])
        xy = shapely.get_coordinates(part)
        if not part.is_closed:
            xy = _led_on(_led_on(xy, flat, targets, tolerance_m, metres)[::-1], flat, targets, tolerance_m, metres)
        led.append(shapely.LineString(xy / metres))
    column = np.empty(len(led), dtype=object)
    column[:] = led
    return column


def _led_on(xy: Floats, flat: Any, targets: Any, tolerance_m: float, metres: Floats) -> Floats:
    """Return a line whose last vertex is led on to the nearest target ahead, if it lies inside; in m."""
    end = shapely.Point(xy[-1])
    if not shapely.contains_properly(flat, end) or shapely.distance(end, targets) <= tolerance_m:
        return xy
    ahead = xy[-1] - xy[-2]
    ray = shapely.LineString([xy[-1], xy[-1] + ahead / np.hypot(*ahead) * REACH_M])
    met = shapely.get_coordinates(shapely.intersection(ray, targets))
    if not len(met):
        lon, lat = (float(value) for value in np.round(xy[-1] / metres, 7))
        away_m = round(float(shapely.distance(end, flat.boundary)), 1)
        raise BadInput(
            "split-line-ends-inside", place={"lon": lon, "lat": lat}, lon=lon, lat=lat, away_m=away_m, reach_m=REACH_M
        )
    nearest = met[np.hypot(*(met - xy[-1]).T).argmin()]
    return np.vstack([xy, nearest])
