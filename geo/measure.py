"""Square metres, lengths and widths on the CGCS2000 ellipsoid; edges are straight in longitude–latitude.

Geodesics are not the edges of this system: a node in the middle of a 5 km east–west edge at 30° N spans 708 m² with
the geodesic, and nothing with the edge itself. So nothing here follows geodesics, and EPSG:3857 is never measured in.
"""

import math
from collections.abc import Callable
from typing import Any, Final

import numba
import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.lattice import degrees
from geo.rings import Rings, rings_of

Floats = npt.NDArray[np.float64]

SEMI_MAJOR_M: Final = 6_378_137.0
FLATTENING: Final = 1 / 298.257222101
"""CGCS2000: GB 22021-2008; WGS 84 differs by 0.1 mm in the semi-minor axis."""

_E2: Final = FLATTENING * (2 - FLATTENING)
_E: Final = float(np.sqrt(_E2))
_HALF_B2: Final = (SEMI_MAJOR_M * (1 - FLATTENING)) ** 2 / 2
_SHORT_DEG: Final = 0.05
"""Edges shorter than this need two nodes for 1e-12 relative; the others take eight."""
_BLOCK: Final = 1 << 16
"""Edges handled at once, so that temporary arrays stay in the cache."""

Nodes = tuple[tuple[float, float], ...]
Along = Callable[..., Floats]


def _gauss_legendre(count: int) -> Nodes:
    """Return (position, weight) pairs on [0, 1]."""
    position, weight = np.polynomial.legendre.leggauss(count)
    return tuple((float(p + 1) / 2, float(w) / 2) for p, w in zip(position, weight, strict=True))


_FEW: Final = _gauss_legendre(2)
_MANY: Final = _gauss_legendre(8)
_FEW_NODES: Final = np.array(_FEW)
_MANY_NODES: Final = np.array(_MANY)


def area_m2(geoms: Geometries) -> Floats:
    """Return the area of each geometry.

    Shells count positive and holes negative whatever way they are wound, and parts are summed.

    Parameters
    ----------
    geoms
        Polygons and MultiPolygons, degrees, EPSG:4490, shape (n,); ``None`` and empty ones give 0.

    Returns
    -------
    numpy.ndarray
        m² on the ellipsoid, shape (n,).
    """
    rings = rings_of(np.asarray(geoms, dtype=object))
    size_m2 = np.abs(ring_areas_m2(rings))
    signed_m2 = np.where(rings.is_hole(), -size_m2, size_m2)
    return np.bincount(rings.area, weights=signed_m2, minlength=len(geoms)).astype(np.float64)


def ring_areas_m2(rings: Rings) -> Floats:
    """Return the signed area inside each ring: positive where it runs counter-clockwise.

    The area under an edge is the integral of ``A(lat) - A(lat0)`` over longitude, where A is the authalic area
    function and lat0 the latitude of the ring's first vertex. The difference is taken in closed form, without
    cancellation, so that pieces of 1e-3 m² keep their digits.

    Parameters
    ----------
    rings
        Degrees (float64), or lattice integers (int64), EPSG:4490.

    Returns
    -------
    numpy.ndarray
        m², shape (r,).

    References
    ----------
    J. P. Snyder, Map Projections: A Working Manual (1987), equation 3-12.
    """
    total_m2: Floats = _ring_areas(_degrees(rings), rings.start)
    return total_m2


def perimeter_m(geoms: Geometries) -> Floats:
    """Return the length of all rings, holes included, of each polygon (EPSG:4490), in m, shape (n,)."""
    rings = rings_of(np.asarray(geoms, dtype=object))
    a = _degrees(rings)
    edge_m = segments_m(a, a[rings.next_vertex()])
    row = rings.area[rings.ring_of_vertex()]
    return np.bincount(row, weights=edge_m, minlength=len(geoms)).astype(np.float64)


def length_m(lines: Geometries) -> Floats:
    """Return the length of each geometry along its coordinates.

    Parameters
    ----------
    lines
        LineStrings, MultiLineStrings or rings, EPSG:4490 degrees, shape (n,); of polygons the rings are measured,
        ``None``, empty ones and points give 0.

    Returns
    -------
    numpy.ndarray
        m, shape (n,).
    """
    parts, row = shapely.get_parts(np.asarray(lines, dtype=object), return_index=True)
    area_like = shapely.get_dimensions(parts) == 2
    parts[area_like] = shapely.boundary(parts[area_like])
    pieces, part = shapely.get_parts(parts, return_index=True)
    xy, piece = shapely.get_coordinates(pieces, return_index=True)
    joined = piece[1:] == piece[:-1]
    edge_m = segments_m(xy[:-1][joined], xy[1:][joined])
    return np.bincount(row[part[piece[1:][joined]]], weights=edge_m, minlength=len(lines)).astype(np.float64)


def width_m(geoms: Geometries) -> Floats:
    """Return ``2 · area / perimeter`` of each polygon (EPSG:4490): the width of a long thin piece, in m, shape (n,)."""
    around_m = perimeter_m(geoms)
    return np.divide(2 * area_m2(geoms), around_m, out=np.zeros_like(around_m), where=around_m > 0)


def distance_m(lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike) -> Floats:
    """Return the length of the straight longitude–latitude line between points (degrees, EPSG:4490), in m.

    Over 10 km it exceeds the geodesic by less than 1 mm below 45° N. The arguments broadcast.
    """
    x1, y1, x2, y2 = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in (lon1, lat1, lon2, lat2)))
    a = np.column_stack([x1.ravel(), y1.ravel()])
    b = np.column_stack([x2.ravel(), y2.ravel()])
    return segments_m(a, b).reshape(x1.shape)


def segments_m(a: Floats, b: Floats) -> Floats:
    """Return the lengths of the straight longitude–latitude segments a-b (degrees, shape (n, 2)), in m, shape (n,)."""
    return _integrate(_speed, a, b)


def metres_per_degree(lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return the m of one degree of longitude and of one degree of latitude at latitudes (degrees, any shape)."""
    phi = np.radians(np.asarray(lat, dtype=np.float64))
    w2 = 1 - _E2 * np.sin(phi) ** 2
    prime_vertical_m = SEMI_MAJOR_M / np.sqrt(w2)
    meridian_m = prime_vertical_m * (1 - _E2) / w2
    return np.radians(prime_vertical_m * np.cos(phi)), np.radians(meridian_m)


def metres_per_degree_at(lat: float) -> tuple[float, float]:
    """Return :func:`metres_per_degree` of one latitude, without arrays."""
    phi = math.radians(lat)
    w2 = 1 - _E2 * math.sin(phi) ** 2
    prime_vertical_m = SEMI_MAJOR_M / math.sqrt(w2)
    meridian_m = prime_vertical_m * (1 - _E2) / w2
    return math.radians(prime_vertical_m * math.cos(phi)), math.radians(meridian_m)


def _degrees(rings: Rings) -> Floats:
    xy = rings.xy
    return degrees(xy) if np.issubdtype(xy.dtype, np.integer) else np.asarray(xy, dtype=np.float64)


def _integrate(along: Along, a: Floats, b: Floats, *more: Floats) -> Floats:
    """Integrate over each edge from 0 to 1; an edge's nodes depend on itself only, so results do not on their order."""
    total = np.empty(len(a))
    for begin in range(0, len(a), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        start, end, rest = a[block], b[block], [column[block] for column in more]
        part = _weighted(along, _FEW, start, end, *rest)
        long = np.abs(end[:, 1] - start[:, 1]) > _SHORT_DEG
        if long.any():
            start, end, rest = start[long], end[long], [column[long] for column in rest]
            part[long] = _weighted(along, _MANY, start, end, *rest)
        total[block] = part
    return total


def _weighted(along: Along, nodes: Nodes, *columns: Floats) -> Floats:
    total = np.zeros(len(columns[0]))
    for node, weight in nodes:
        total += weight * along(node, *columns)
    return total


@numba.njit(cache=True, nogil=True)
def _ring_areas(xy: Any, start: Any) -> Any:  # pragma: no cover - compiled
    """Sum, over the edges of each ring, their width times the mean area function from the first vertex's latitude."""
    total = np.zeros(len(start) - 1)
    for ring in range(len(total)):
        low, high = start[ring], start[ring + 1]
        lat0 = xy[low, 1] if high > low else 0.0
        sin0, cos0 = math.sin(math.radians(lat0)), math.cos(math.radians(lat0))
        for i in range(low, high):
            j = i + 1 if i + 1 < high else low
            rise = xy[j, 1] - xy[i, 1]
            mean = 0.0
            for node, weight in _FEW_NODES if abs(rise) <= _SHORT_DEG else _MANY_NODES:
                mean += weight * _area_between(sin0, cos0, math.radians(xy[i, 1] - lat0 + node * rise))
            total[ring] -= mean * math.radians(xy[j, 0] - xy[i, 0])
    return total


@numba.njit(cache=True, nogil=True)
def _area_between(sin0: float, cos0: float, dphi: float) -> float:  # pragma: no cover - compiled
    """Return the area, per radian of longitude, from a latitude to one higher by dphi (radians), in m²."""
    half = math.sin(dphi / 2)
    du = cos0 * math.sin(dphi) - 2 * sin0 * half * half
    u = sin0 + du
    cross = _E2 * u * sin0
    rational = du * (1 + cross) / ((1 - _E2 * u * u) * (1 - _E2 * sin0 * sin0))
    return _HALF_B2 * (rational + math.atanh(_E * du / (1 - cross)) / _E)


def _speed(node: float, a: Floats, b: Floats) -> Floats:
    """Return the m per unit of the parameter at one node of the edges a-b, shape (n,)."""
    dlon, dlat = b[:, 0] - a[:, 0], b[:, 1] - a[:, 1]
    lon_m, lat_m = metres_per_degree(a[:, 1] + node * dlat)
    return np.hypot(dlon * lon_m, dlat * lat_m)
