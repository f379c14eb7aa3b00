"""The lattice that stored coordinates lie on, and exact predicates over it.

A lattice coordinate is an integer ``k``; the stored double is ``k / 1e7`` degrees (EPSG:4490), about 1 cm. All
predicates take integers and are exact: for points less than 180 degrees apart every product fits in ``int64``.
"""

from typing import Any, Final

import numba
import numpy as np
import numpy.typing as npt
import shapely

SCALE: Final = 10_000_000
CELL_DEG: Final = 1e-7
CELL_M: Final = 0.0111319490793
"""Length of one cell along the equator in m: the largest that a cell side can be."""

Degrees = npt.NDArray[np.float64]
Cells = npt.NDArray[np.int64]


def snap(degrees: npt.ArrayLike) -> Cells:
    """Round degrees to the lattice.

    Parameters
    ----------
    degrees
        Any shape; finite, EPSG:4490.

    Returns
    -------
    numpy.ndarray
        Integers of the same shape.
    """
    return np.rint(np.asarray(degrees, dtype=np.float64) * SCALE).astype(np.int64)


def snap_one(degree: float) -> int:
    """Round one finite number of degrees: the same integer as :func:`snap`, without an array."""
    return round(degree * SCALE)


def snap_columns(lonlat: Degrees) -> tuple[Cells, Cells]:
    """Round many points, degrees of shape (n, 2), to two columns: the same integers as :func:`snap`, compiled."""
    x, y = np.empty((2, len(lonlat)), dtype=np.int64)
    _round(np.asarray(lonlat, dtype=np.float64), x, y)
    return x, y


@numba.njit(cache=True, nogil=True)
def _round(lonlat: Any, x: Any, y: Any) -> None:  # pragma: no cover - compiled
    for i in range(len(lonlat)):
        x[i], y[i] = np.int64(np.rint(lonlat[i, 0] * SCALE)), np.int64(np.rint(lonlat[i, 1] * SCALE))


def degrees(cells: npt.ArrayLike) -> Degrees:
    """Return the canonical doubles ``k / 1e7`` (not ``k * 1e-7``: the two differ for a third of all values)."""
    return np.asarray(cells, dtype=np.int64) / SCALE


def is_on_lattice(geoms: object) -> bool:
    """Tell whether every coordinate of the geometries is a canonical lattice double."""
    coords = shapely.get_coordinates(geoms)
    return bool(np.array_equal(degrees(snap(coords)), coords))


def orientation(ax: int, ay: int, bx: int, by: int, cx: int, cy: int) -> int:
    """Return 1 where a, b, c turn left, -1 where they turn right, 0 on a line."""
    cross = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    return (cross > 0) - (cross < 0)


def on_segment(px: int, py: int, ax: int, ay: int, bx: int, by: int) -> bool:
    """Tell whether p lies on the closed segment a-b."""
    return (
        orientation(ax, ay, bx, by, px, py) == 0
        and min(ax, bx) <= px <= max(ax, bx)
        and min(ay, by) <= py <= max(ay, by)
    )
