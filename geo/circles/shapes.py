"""From rings of lattice vertices to polygons with few of them."""

from typing import Any, Final

import numba
import numpy as np
import shapely

from geo.circles.walking import Longs
from geo.lattice import degrees

TOLERANCE_M: Final = 0.25
"""A vertex is left out where the line without it runs within this distance."""
SMALLEST_M2: Final = 25.0
"""Pieces and holes below this size are left out: about a square of the grid."""


def polygon(cells: Longs, starts: Longs, lon_m: float, lat_m: float) -> shapely.MultiPolygon:
    """Return what the rings enclose: shells counter-clockwise, holes clockwise, none touching another.

    Parameters
    ----------
    cells, starts
        Vertices in lattice cells, rings not closed; ring ``i`` has the rows from ``starts[i]`` to ``starts[i + 1]``.
    lon_m, lat_m
        The m of a lattice cell.

    Returns
    -------
    shapely.MultiPolygon
        Valid, in degrees on the lattice; empty where there is no ring of some size.
    """
    size_m2 = _areas(cells, starts) * lon_m * lat_m
    large = np.abs(size_m2) >= SMALLEST_M2
    kept = _sparse(cells, starts, large, lon_m, lat_m)
    shape = _assembled(cells, starts, size_m2, large, kept)
    if not shapely.is_valid(shape):
        # Two lines closer together than the tolerance may cross once vertices are left out: keep them all.
        shape = _assembled(cells, starts, size_m2, large, np.repeat(large, np.diff(starts)))
    return shape


def _assembled(cells: Longs, starts: Longs, size_m2: Any, large: Any, kept: Any) -> shapely.MultiPolygon:
    ring = np.repeat(np.arange(len(starts) - 1), np.diff(starts))[kept]
    number = np.cumsum(large) - 1
    if not large.any():
        return shapely.MultiPolygon()
    rings = shapely.linearrings(degrees(cells[kept]), indices=number[ring])
    size_m2 = size_m2[large]
    shells, holes = np.flatnonzero(size_m2 > 0), np.flatnonzero(size_m2 < 0)
    first = cells[starts[:-1][large]]
    owner = _owners(cells, starts, np.flatnonzero(large), shells, holes, first, size_m2)
    parts = [shapely.Polygon(rings[shell], list(rings[holes[owner == shell]])) for shell in shells]
    return shapely.MultiPolygon(parts)


@numba.njit(cache=True, nogil=True)
def _areas(cells: Any, starts: Any) -> Any:  # pragma: no cover - compiled
    """Return the signed area of each ring in lattice cells."""
    area = np.zeros(len(starts) - 1)
    for ring in range(len(area)):
        low, high = starts[ring], starts[ring + 1]
        twice = np.int64(0)
        for i in range(low, high):
            j = i + 1 if i + 1 < high else low
            ax, ay = cells[i, 0] - cells[low, 0], cells[i, 1] - cells[low, 1]
            twice += ax * (cells[j, 1] - cells[low, 1]) - (cells[j, 0] - cells[low, 0]) * ay
        area[ring] = twice / 2
    return area


@numba.njit(cache=True, nogil=True)
def _owners(
    cells: Any, starts: Any, ring: Any, shells: Any, holes: Any, first: Any, size: Any
) -> Any:  # pragma: no cover - compiled
    """Return the smallest shell around each hole."""
    owner = np.empty(len(holes), dtype=np.int64)
    for k in range(len(holes)):
        best = -1
        for shell in shells if len(shells) > 1 else shells[:0]:
            smaller = best < 0 or size[shell] < size[best]
            if smaller and size[shell] > -size[holes[k]] and _holds(cells, starts, ring[shell], first[holes[k]]):
                best = shell
        owner[k] = best if best >= 0 else shells[0]
    return owner


@numba.njit(cache=True, nogil=True)
def _holds(cells: Any, starts: Any, ring: Any, point: Any) -> Any:  # pragma: no cover - compiled
    x, y = point[0], point[1]
    inside = False
    last = starts[ring + 1] - 1
    for i in range(starts[ring], starts[ring + 1]):
        ax, ay, bx, by = cells[last, 0], cells[last, 1], cells[i, 0], cells[i, 1]
        if (ay > y) != (by > y):
            cross = (bx - ax) * (y - ay) - (x - ax) * (by - ay)
            if (cross > 0) == (by > ay):
                inside = not inside
        last = i
    return inside


@numba.njit(cache=True, nogil=True)
def _sparse(cells: Any, starts: Any, large: Any, lon_m: Any, lat_m: Any) -> Any:  # pragma: no cover - compiled
    """Tell which vertices are kept (Douglas and Peucker, 1973), from each ring's first and the one farthest from it."""
    kept = np.zeros(len(cells), dtype=np.bool_)
    stack = np.empty((len(cells) + 2, 2), dtype=np.int64)
    for ring in range(len(starts) - 1):
        if not large[ring]:
            continue
        low, high = starts[ring], starts[ring + 1]
        far, most = low, -1.0
        for i in range(low, high):
            away = ((cells[i, 0] - cells[low, 0]) * lon_m) ** 2 + ((cells[i, 1] - cells[low, 1]) * lat_m) ** 2
            if away > most:
                far, most = i, away
        kept[low] = kept[far] = True
        stack[0, 0], stack[0, 1], stack[1, 0], stack[1, 1] = low, far, far, high
        _halve(cells, low, high, stack, 2, kept, lon_m, lat_m)
    return kept


@numba.njit(cache=True, nogil=True)
def _halve(
    cells: Any, low: Any, high: Any, stack: Any, size: Any, kept: Any, lon_m: Any, lat_m: Any
) -> None:  # pragma: no cover - compiled
    while size:
        size -= 1
        a, b = stack[size, 0], stack[size, 1]
        end = low if b == high else b
        ux, uy = (cells[end, 0] - cells[a, 0]) * lon_m, (cells[end, 1] - cells[a, 1]) * lat_m
        long2 = ux * ux + uy * uy
        far, most = -1, TOLERANCE_M * TOLERANCE_M
        for i in range(a + 1, b):
            px, py = (cells[i, 0] - cells[a, 0]) * lon_m, (cells[i, 1] - cells[a, 1]) * lat_m
            t = min(1.0, max(0.0, (px * ux + py * uy) / long2)) if long2 > 0 else 0.0
            away = (px - t * ux) ** 2 + (py - t * uy) ** 2
            if away > most:
                far, most = i, away
        if far >= 0:
            kept[far] = True
            stack[size, 0], stack[size, 1], stack[size + 1, 0], stack[size + 1, 1] = a, far, far, b
            size += 2
