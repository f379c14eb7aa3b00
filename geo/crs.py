"""Coordinate systems: from what people bring to stored coordinates, and back.

Stored are longitude–latitude degrees of CGCS2000, EPSG:4490. CGCS2000 and WGS 84 are taken as one; every other datum
passes only by a named operation with a stated accuracy, or by parameters that were given. Axes are always x, y: easting
or longitude first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer
from pyproj.enums import TransformDirection

from geo import offset
from geo.areas import Geometries
from geo.datum import Box, Conversion, conversion_of, shown
from geo.densify import densified
from geo.errors import BadInput, GeoError
from geo.measure import distance_m, metres_per_degree
from geo.messages import Language, sentence
from geo.messages.crs import ACCEPTED
from geo.rings import geoms_of, rings_of
from geo.zones import Bounds, Look, candidates, look_of

__all__ = ["ACCEPTED", "Bounds", "Crs", "missing_crs", "parse_crs", "stored_geometries", "suspicious_numbers"]

Floats = npt.NDArray[np.float64]
Convert = Callable[[Floats], Floats]
Kind = Literal["geographic", "projected", "offset"]

OFFSET_ACCURACY_M: Final = 0.7
"""Vendors' own points differ from the published formula by this much."""

_MISSING: Final[dict[Look, str]] = {
    "degrees": "crs-missing-degrees",
    "swapped-degrees": "crs-missing-swapped-degrees",
    "zone": "crs-missing-zone",
    "no-zone": "crs-missing-no-zone",
    "swapped": "crs-missing-swapped",
    "unclear": "crs-missing-unclear",
}

_FAR_DEG: Final = 3.0
"""How far beyond its home a system is used on purpose: a prefecture keeps one zone for all its counties."""


@dataclass(frozen=True, slots=True)
class Crs:
    """A coordinate system that points may come in.

    Attributes
    ----------
    name
        As it was given.
    title
        What the system calls itself.
    kind
        ``"geographic"``: degrees; ``"projected"``: metres or feet; ``"offset"``: shifted degrees, GCJ-02 or BD-09.
    operation
        The named change of datum.
    accuracy_m
        Its stated accuracy; ``None`` where it comes from parameters that were given with the system.
    home
        West, south, east, north (degrees) where coordinates are expected; ``None`` where unknown.
    """

    name: str
    title: str
    kind: Kind
    operation: str
    accuracy_m: float | None
    home: Box | None
    _remark: str = field(repr=False)
    _forward: Convert | None = field(repr=False, compare=False)
    _backward: Convert | None = field(repr=False, compare=False)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by name: conversions are built anew in the other process."""
        return parse_crs, (self.name,)

    @property
    def is_stored(self) -> bool:
        """Whether coordinates are stored as they come."""
        return self._forward is None

    def to_stored(self, xy: npt.ArrayLike) -> Floats:
        """Convert points to stored coordinates.

        Parameters
        ----------
        xy
            Points in this system, shape (n, 2), x (easting or longitude) first.

        Returns
        -------
        numpy.ndarray
            Degrees, EPSG:4490, shape (n, 2), not snapped.

        Raises
        ------
        BadInput
            ``crs-not-convertible`` or ``crs-beyond-the-globe``, with ``row`` (counted from 0) of the first such point.
        """
        points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        found = self.converted(points)
        _require_convertible(points, found)
        return found

    def from_stored(self, degrees: npt.ArrayLike) -> Floats:
        """Convert stored coordinates (degrees, EPSG:4490, shape (n, 2)) to this system; raises like ``to_stored``."""
        points = np.asarray(degrees, dtype=np.float64).reshape(-1, 2)
        _require_convertible(points, points)
        found = points.copy() if self._backward is None else self._backward(points)
        _require_convertible(points, np.where(np.isfinite(found), 0.0, found))
        return found

    def metres_per_unit(self, xy: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return the m that one unit along x and along y measures at points of this system.

        Parameters
        ----------
        xy
            Shape (n, 2).

        Returns
        -------
        tuple of numpy.ndarray
            Scales along x and along y, shape (n,). The centre of a layer usually says enough.
        """
        points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        here = self.to_stored(points)
        if self.kind != "projected":
            return metres_per_degree(here[:, 1])
        scales = []
        for step in ((1.0, 0.0), (0.0, 1.0)):
            there = self.to_stored(points + np.array(step))
            scales.append(distance_m(here[:, 0], here[:, 1], there[:, 0], there[:, 1]))
        return scales[0], scales[1]

    def remark(self, lang: Language = "zh") -> str:
        """Return the sentence for the report: which operation was used, and how accurate it is."""
        return sentence(self._remark, lang, crs=shown(self.name), operation=self.operation, accuracy_m=self.accuracy_m)

    def converted(self, points: Floats) -> Floats:
        """Convert like ``to_stored``, but leave NaN or infinity where a point cannot be converted."""
        finite = np.isfinite(points).all(axis=1)
        if self._forward is None:
            return points.copy()
        if finite.all():
            return self._forward(points)
        found = np.full(points.shape, np.nan)
        found[finite] = self._forward(points[finite])
        return found


def parse_crs(text: str) -> Crs:
    """Return the coordinate system that a text names.

    Parameters
    ----------
    text
        ``cgcs2000``, ``wgs84``, ``gcj02``, ``bd09``, ``EPSG:n``, or a PROJ, WKT, ESRI WKT or PROJJSON text.

    Raises
    ------
    BadInput
        ``crs-missing`` for an empty text, and the refusals of :func:`geo.datum.conversion_of`.
    """
    given = text.strip()
    if not given:
        raise missing_crs(None)
    return _parsed(given)


@lru_cache(maxsize=256)
def _parsed(given: str) -> Crs:
    short = given.lower().replace("-", "").replace("_", "").replace(" ", "")
    if short == "gcj02":
        return _offset(given, "GCJ-02", offset.gcj02_to_wgs84, offset.wgs84_to_gcj02)
    if short in ("bd09", "bd09ll"):
        return _offset(given, "BD-09", offset.bd09_to_wgs84, offset.wgs84_to_bd09)
    codes = {"cgcs2000": "EPSG:4490", "wgs84": "EPSG:4326"}
    return _from_conversion(given, conversion_of(codes.get(short, given)))


def _offset(given: str, title: str, forward: Convert, backward: Convert) -> Crs:
    return Crs(
        name=given,
        title=title,
        kind="offset",
        operation=f"{title} -> WGS 84 = CGCS2000",
        accuracy_m=OFFSET_ACCURACY_M,
        home=offset.BOX,
        _remark="crs-converted",
        _forward=forward,
        _backward=backward,
    )


def _from_conversion(given: str, conversion: Conversion) -> Crs:
    forward = backward = None
    if conversion.pipeline is not None:
        road = Transformer.from_pipeline(conversion.pipeline)
        forward, backward = _along(road, TransformDirection.FORWARD), _along(road, TransformDirection.INVERSE)
    if conversion.by == "parameters":
        remark = "crs-converted-by-parameters"
    elif conversion.by == "register":
        remark = "crs-converted"
    else:
        remark = "crs-taken-as-one" if conversion.accuracy_m else "crs-same-datum"
    return Crs(
        name=given,
        title=conversion.title,
        kind="geographic" if conversion.geographic else "projected",
        operation=conversion.operation,
        accuracy_m=conversion.accuracy_m,
        home=conversion.home,
        _remark=remark,
        _forward=forward,
        _backward=backward,
    )


def _along(road: Transformer, direction: TransformDirection) -> Convert:
    def convert(points: Floats) -> Floats:
        return np.column_stack(road.transform(points[:, 0], points[:, 1], direction=direction))

    return convert


def _require_convertible(points: Floats, found: Floats, rows: npt.NDArray[np.int64] | None = None) -> None:
    """Raise for the first point whose conversion is no place on the globe; ``rows`` are the callers' row numbers."""
    # One comparison finds NaN, infinity and numbers beyond the globe alike.
    good = (np.abs(found[:, 0]) <= 180) & (np.abs(found[:, 1]) <= 90)
    if good.all():
        return
    bad = int(np.argmin(good))
    row = bad if rows is None else int(rows[bad])
    x, y = (float(value) for value in points[bad])
    place = {"row": row, "x": x, "y": y}
    if np.isfinite(found[bad]).all():
        raise BadInput("crs-beyond-the-globe", place=place, x=x, y=y)
    raise BadInput("crs-not-convertible", place=place, x=x, y=y)


def stored_geometries(geoms: Geometries, crs: Crs) -> Geometries:
    """Convert polygons to stored coordinates, long edges divided so that they stay straight where they were.

    Parameters
    ----------
    geoms
        Polygons and MultiPolygons in ``crs``, shape (n,), best matched already; Z and M are dropped.
    crs
        Their system.

    Returns
    -------
    numpy.ndarray
        Degrees, EPSG:4490, not snapped, shape (n,). Edges that were shared have bit-identical points in both rings.
        Without a conversion the geometries themselves; ``None`` and empty ones stay as they are.

    Raises
    ------
    BadInput
        ``crs-not-convertible``, ``crs-beyond-the-globe`` (with the ``row`` of the geometry), ``crs-torn-edge``.
    """
    shapes = np.asarray(geoms, dtype=object)
    xy, rows = shapely.get_coordinates(shapes, return_index=True)
    # GEOS stumbles over what is not finite, so this comes before anything else.
    _require_convertible(xy, xy if crs.is_stored else np.where(np.isfinite(xy), 0.0, xy), rows)
    if crs.is_stored:
        return shapely.force_2d(shapes) if shapely.has_z(shapes).any() else shapes
    rings = rings_of(shapes)
    converted = crs.converted(rings.xy)
    _require_convertible(rings.xy, converted, rings.area[rings.ring_of_vertex()])
    cusp_lon = offset.CUSP_LON if crs.kind == "offset" else None
    found = geoms_of(densified(rings, converted, crs.converted, cusp_lon=cusp_lon), len(shapes))
    filled = np.zeros(len(shapes), dtype=bool)
    filled[rings.area] = True
    return np.where(filled, found, shapes)


def missing_crs(bounds: Bounds | None) -> BadInput:
    """Return the error for a file or a point without a coordinate system.

    Parameters
    ----------
    bounds
        Smallest x, smallest y, largest x, largest y of the file's numbers; ``None`` for a point, or when unknown.

    Returns
    -------
    BadInput
        It lists the systems, what phones return, and which of them numbers of this size may be in.
    """
    if bounds is None or not np.isfinite(bounds).all():
        return BadInput("crs-missing")
    return BadInput(_MISSING[look_of(bounds)], numbers=_numbers(bounds), systems=candidates(bounds))


def suspicious_numbers(bounds: Bounds, crs: Crs) -> GeoError | None:
    """Tell whether numbers of this size cannot be meant in the system they were declared in.

    Parameters
    ----------
    bounds
        Smallest x, smallest y, largest x, largest y, in ``crs``.
    crs
        The declared system.

    Returns
    -------
    GeoError or None
        ``crs-metres-as-degrees``, ``crs-degrees-as-metres``, ``crs-axes-swapped``, ``crs-latitude-beyond-90``, or
        ``crs-far-from-home`` (a wrong zone); ``None`` where nothing is wrong.
    """
    if not np.isfinite(bounds).all():
        return BadInput("crs-not-convertible", x=bounds[0], y=bounds[1])
    kind = _metres_flaw(bounds, crs) if crs.kind == "projected" else _degrees_flaw(bounds)
    if kind is None:
        return None
    systems = candidates(bounds) or "EPSG:n"
    return BadInput(kind, numbers=_numbers(bounds), crs=shown(crs.name), systems=systems)


def _degrees_flaw(bounds: Bounds) -> str | None:
    look = look_of(bounds)
    if look == "degrees":
        return None
    if look == "swapped-degrees":
        return "crs-axes-swapped"
    metres = max(abs(value) for value in bounds) > 1000
    return "crs-metres-as-degrees" if metres else "crs-latitude-beyond-90"


def _metres_flaw(bounds: Bounds, crs: Crs) -> str | None:
    if look_of(bounds) in ("degrees", "swapped-degrees"):
        return "crs-degrees-as-metres"
    xmin, ymin, xmax, ymax = bounds
    x, y = (xmin + xmax) / 2, (ymin + ymax) / 2
    if _at_home(x, y, crs):
        return None
    return "crs-axes-swapped" if _at_home(y, x, crs) else "crs-far-from-home"


def _at_home(x: float, y: float, crs: Crs) -> bool:
    try:
        lon, lat = crs.to_stored([[x, y]])[0]
    except BadInput:
        return False
    if crs.home is None:
        return True
    west, south, east, north = crs.home
    # Some homes cross the 180° meridian.
    width = east - west if east >= west else east - west + 360
    eastwards = (lon - west + _FAR_DEG) % 360
    return bool(eastwards <= width + 2 * _FAR_DEG and south - _FAR_DEG <= lat <= north + _FAR_DEG)


def _numbers(bounds: Bounds) -> str:
    xmin, ymin, xmax, ymax = (f"{value:.10g}" for value in bounds)
    return f"x {xmin} … {xmax}, y {ymin} … {ymax}"
