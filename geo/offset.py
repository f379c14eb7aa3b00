"""GCJ-02 and BD-09, the shifted coordinates of Chinese map services, and back to WGS 84.

The shift is applied to points whose WGS 84 position lies inside a box around China; elsewhere it is nothing. Vendors'
own points differ from this formula by up to 0.7 m. Every result depends on its own point only, to the last bit, never
on the others of the array.
"""

from typing import Any, Final

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

BOX: Final = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north in degrees (WGS 84): the shift is applied inside and on the border."""

CUSP_LON: Final = 105.0
"""Origin of the formula, which contains ``sqrt(abs(lon - 105))``: lines across this meridian get a small tip."""

_AXIS_M: Final = 6_378_245.0
_ECCENTRICITY2: Final = 0.00669342162296594323
_ORIGIN_LAT: Final = 35.0
_BAIDU_PI: Final = np.pi * 3000 / 180
_ROUNDS_GCJ: Final = 5
"""Rounds of the inverse: measured over the whole box they leave 1e-11° and 1e-12°; more only cost time."""
_ROUNDS_BD: Final = 6


def wgs84_to_gcj02(xy: npt.ArrayLike) -> Floats:
    """Return GCJ-02 for WGS 84 points: longitude, latitude in degrees, shape (n, 2)."""
    return _each(_gcj, xy)


def wgs84_to_bd09(xy: npt.ArrayLike) -> Floats:
    """Return BD-09 for WGS 84 points: longitude, latitude in degrees, shape (n, 2)."""
    return _each(_bd, xy)


def gcj02_to_wgs84(xy: npt.ArrayLike) -> Floats:
    """Return WGS 84 for GCJ-02 points, degrees, shape (n, 2); exact to below 1e-9°.

    A point that no position inside the box is shifted to is returned as it is.
    """
    return _each(_undo_gcj, xy)


def bd09_to_wgs84(xy: npt.ArrayLike) -> Floats:
    """Return WGS 84 for BD-09 points, degrees, shape (n, 2); exact to below 1e-9°.

    A point that no position inside the box is shifted to is returned as it is.
    """
    return _each(_undo_bd, xy)


def _each(convert: Any, xy: npt.ArrayLike) -> Floats:
    points = np.ascontiguousarray(xy, dtype=np.float64).reshape(-1, 2)
    out = np.empty_like(points)
    convert(points, out)
    return out


@numba.njit(cache=True, nogil=True)
def _gcj(points: Any, out: Any) -> None:  # pragma: no cover - compiled
    for i in range(len(points)):
        lon, lat = points[i]
        out[i] = _gcj_shift(lon, lat) if _is_inside(lon, lat) else (lon, lat)


@numba.njit(cache=True, nogil=True)
def _bd(points: Any, out: Any) -> None:  # pragma: no cover - compiled
    for i in range(len(points)):
        lon, lat = points[i]
        if _is_inside(lon, lat):
            shifted_lon, shifted_lat = _gcj_shift(lon, lat)
            out[i] = _bd_shift(shifted_lon, shifted_lat)
        else:
            out[i] = lon, lat


@numba.njit(cache=True, nogil=True)
def _undo_gcj(points: Any, out: Any) -> None:  # pragma: no cover - compiled
    for i in range(len(points)):
        lon, lat = points[i]
        x, y = _solve_gcj(lon, lat)
        out[i] = (x, y) if _is_nearly_inside(x, y) else (lon, lat)


@numba.njit(cache=True, nogil=True)
def _undo_bd(points: Any, out: Any) -> None:  # pragma: no cover - compiled
    for i in range(len(points)):
        lon, lat = points[i]
        x, y = lon, lat
        for _ in range(_ROUNDS_BD):
            shifted_x, shifted_y = _bd_shift(x, y)
            x, y = x - (shifted_x - lon), y - (shifted_y - lat)
        x, y = _solve_gcj(x, y)
        out[i] = (x, y) if _is_nearly_inside(x, y) else (lon, lat)


@numba.njit(cache=True, nogil=True)
def _solve_gcj(lon: Any, lat: Any) -> Any:  # pragma: no cover - compiled
    """Find the point that is shifted to (lon, lat)."""
    x, y = lon, lat
    for _ in range(_ROUNDS_GCJ):
        shifted_x, shifted_y = _gcj_shift(x, y)
        x, y = x - (shifted_x - lon), y - (shifted_y - lat)
    return x, y


@numba.njit(cache=True, nogil=True)
def _is_inside(lon: Any, lat: Any) -> Any:  # pragma: no cover - compiled
    west, south, east, north = BOX
    return west <= lon <= east and south <= lat <= north


@numba.njit(cache=True, nogil=True)
def _is_nearly_inside(lon: Any, lat: Any) -> Any:  # pragma: no cover - compiled
    """Tell whether a solution lies inside: that of a border point may lie a last bit outside."""
    return _is_inside(np.round(lon, 10), np.round(lat, 10))


@numba.njit(cache=True, nogil=True)
def _gcj_shift(lon: Any, lat: Any) -> Any:  # pragma: no cover - compiled
    """Return GCJ-02 by the formula that the open ``eviltransform`` and ``coordtransform`` published."""
    x, y = lon - CUSP_LON, lat - _ORIGIN_LAT
    root = np.sqrt(np.abs(x))
    wave_x = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave_x
    north_m = north_m + (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi / 3 * y)) * 2 / 3
    north_m = north_m + (160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y)) * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave_x
    east_m = east_m + (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi / 3 * x)) * 2 / 3
    east_m = east_m + (150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x)) * 2 / 3
    phi = np.radians(lat)
    w2 = 1 - _ECCENTRICITY2 * np.sin(phi) ** 2
    meridian_m = _AXIS_M * (1 - _ECCENTRICITY2) / (w2 * np.sqrt(w2))
    parallel_m = _AXIS_M / np.sqrt(w2) * np.cos(phi)
    return lon + np.degrees(east_m / parallel_m), lat + np.degrees(north_m / meridian_m)


@numba.njit(cache=True, nogil=True)
def _bd_shift(lon: Any, lat: Any) -> Any:  # pragma: no cover - compiled
    """Return BD-09 for GCJ-02."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_PI)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
