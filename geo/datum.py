"""From the text of a coordinate system to one named conversion, decided by its datum.

PROJ by itself does nothing at all between unknown datums, and for Beijing 1954 uses the parameters of an oil field.
So a conversion is taken only where the datum is CGCS2000 or WGS 84, where parameters were given, or where PROJ's
register names an operation with an accuracy that needs no grid file.
"""

import re
import warnings
from dataclasses import dataclass
from typing import Final

from pyproj import CRS, Transformer, network
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

from geo.errors import BadInput, GeoError

Box = tuple[float, float, float, float]

CHINA_2000: Final = {"china2000", "cgcs2000", "chinageodeticcoordinatesystem2000"}
WGS_84: Final = {"wgs84", "wgs1984", "worldgeodeticsystem1984"}
OLD: Final = {
    "xian1980": "西安80 / Xi'an 1980",
    "xian80": "西安80 / Xi'an 1980",
    "beijing1954": "北京54 / Beijing 1954",
    "beijing54": "北京54 / Beijing 1954",
    "newbeijing": "新北京54 / New Beijing",
}
WGS_84_ACCURACY_M: Final = 1.0
"""CGCS2000 stands still at epoch 2000.0; WGS 84 follows the plates, in China some 3 cm a year."""

_LONGEST_TEXT: Final = 20_000
_FORM: Final = re.compile(
    r"""(EPSG|ESRI):\d{4,6}$ | OGC:CRS84$ | urn:ogc:def:crs:[\w.:]+$ | \+?proj= | \{
    | (GEOG|PROJ|GEOC|LOCAL_|COMPD_|VERT_)CS\s*[\[(]
    | (GEODETIC|GEOGRAPHIC|GEOG|PROJECTED|PROJ|COMPOUND|BOUND|ENGINEERING|ENG|VERTICAL|VERT)CRS\s*[\[(]""",
    re.VERBOSE | re.IGNORECASE,
)
_READS_FILES: Final = re.compile(
    r"\+?\b(geoid|nad)?grids\s*=\s*(?!@null\b)|\binit=|\b(file|model)=|PARAMETERFILE", re.I
)
_NEEDS_GRID: Final = ("grids=", "file=", "model=")
_DEGREE_RAD: Final = 0.017453292519943295
_REACH_DEG: Final = 6.0
"""How far from its central meridian a transverse Mercator system is taken to be meant."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """One way from source coordinates to longitude–latitude degrees of CGCS2000.

    Attributes
    ----------
    title
        What the system calls itself.
    geographic
        Whether source coordinates are degrees.
    pipeline
        The PROJ pipeline, x and y in, longitude and latitude out; ``None`` where coordinates stay as they are.
    operation
        Name of the change of datum.
    accuracy_m
        Its stated accuracy; ``None`` where the parameters came with the system.
    by
        ``"datum"``, ``"parameters"`` or ``"register"``: why it was allowed.
    home
        West, south, east, north (degrees) where coordinates of the system are expected; ``None`` where unknown.
    """

    title: str
    geographic: bool
    pipeline: str | None
    operation: str
    accuracy_m: float | None
    by: str
    home: Box | None


def conversion_of(text: str) -> Conversion:
    """Return the conversion for an EPSG or ESRI code, a PROJ string, WKT, ESRI WKT or PROJJSON.

    Raises
    ------
    BadInput
        ``crs-unknown`` for a text that is none of these, ``crs-reads-file`` where a grid file would be opened,
        ``crs-not-horizontal`` for heights, geocentric and engineering systems, ``crs-old-datum`` and
        ``crs-unknown-datum`` without parameters, ``crs-zero-parameters`` where they cannot be true.
    """
    network.set_network_enabled(False)  # type: ignore[attr-defined]  # public, but not declared so
    crs = _horizontal(_read(text), text)
    if crs.is_bound:
        return _by_parameters(crs, text)
    if _is_same_datum(crs):
        return _by_datum(crs, text)
    return _by_register(crs, text)


def shown(text: str) -> str:
    """Return a text short enough for a sentence."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 80 else flat[:77] + "…"


def _read(text: str) -> CRS:
    if len(text) > _LONGEST_TEXT or not _FORM.match(text):
        raise BadInput("crs-unknown", crs=shown(text))
    if _READS_FILES.search(text):
        raise BadInput("crs-reads-file", crs=shown(text))
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise BadInput("crs-unknown", crs=shown(text)) from error


def _horizontal(crs: CRS, text: str) -> CRS:
    while crs.is_compound and crs.sub_crs_list:
        crs = crs.sub_crs_list[0]
    # The 2D form of a system that is 2D already would lose its code.
    crs = crs.to_2d() if len(crs.axis_info) > 2 and not crs.is_geocentric else crs
    plain = _unbound(crs)
    if plain.type_name not in ("Geographic 2D CRS", "Projected CRS") or not _in_plain_degrees(plain):
        raise BadInput("crs-not-horizontal", crs=shown(text), form=plain.type_name)
    return crs


def _unbound(crs: CRS) -> CRS:
    return crs.source_crs if crs.is_bound and crs.source_crs is not None else crs


def _in_plain_degrees(crs: CRS) -> bool:
    return crs.is_projected or all(abs(axis.unit_conversion_factor / _DEGREE_RAD - 1) < 1e-9 for axis in crs.axis_info)


def _datum_key(crs: CRS) -> str:
    name = crs.datum.name if crs.datum is not None else ""
    plain = re.sub(r"^D_|\(.*?\)|\bensemble\b", "", name, flags=re.IGNORECASE)
    return re.sub(r"[^a-z0-9]", "", plain.lower())


def _is_same_datum(crs: CRS) -> bool:
    """Tell whether a system's datum is CGCS2000 or WGS 84: by name, and by an ellipsoid that does not contradict it."""
    return _datum_key(crs) in CHINA_2000 | WGS_84 and _is_modern_ellipsoid(crs) and _from_greenwich(crs)


def _is_modern_ellipsoid(crs: CRS) -> bool:
    ball = crs.ellipsoid
    if ball is None:
        return False
    return abs(ball.semi_major_metre - 6_378_137) < 1e-3 and abs(ball.inverse_flattening - 298.2572) < 1e-4


def _from_greenwich(crs: CRS) -> bool:
    return crs.prime_meridian is None or crs.prime_meridian.longitude == 0


def _by_datum(crs: CRS, text: str) -> Conversion:
    china = _datum_key(crs) in CHINA_2000
    pipeline = None
    if crs.is_projected:
        pipeline = _pipeline(Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True), text)
    return Conversion(
        title=crs.name,
        geographic=not crs.is_projected,
        pipeline=pipeline,
        operation="CGCS2000" if china else "WGS 84 = CGCS2000",
        accuracy_m=0.0 if china else WGS_84_ACCURACY_M,
        by="datum",
        home=_home(crs),
    )


def _by_parameters(bound: CRS, text: str) -> Conversion:
    crs, given = _unbound(bound), bound.coordinate_operation
    if given is None or not given.towgs84:
        raise BadInput("crs-reads-file", crs=shown(text))
    if bound.target_crs is None or not _is_same_datum(bound.target_crs):
        raise _refusal(crs, text)
    zero = not any(given.towgs84)
    if zero and _is_same_datum(crs):
        return _by_datum(crs, text)
    if zero and not _is_modern_ellipsoid(crs):
        raise BadInput("crs-zero-parameters", crs=shown(text), ellipsoid=_ellipsoid(crs))
    road = Transformer.from_crs(bound, bound.target_crs, always_xy=True)
    return Conversion(
        title=crs.name,
        geographic=not crs.is_projected,
        pipeline=_pipeline(road, text),
        operation="towgs84=" + ",".join(f"{value:g}" for value in given.towgs84),
        accuracy_m=None,
        by="parameters",
        home=_home(crs),
    )


def _by_register(crs: CRS, text: str) -> Conversion:
    if _datum_key(crs) in OLD:
        raise _refusal(crs, text)
    with warnings.catch_warnings():
        # PROJ says that grids would be better; which operation is used instead is in the report.
        warnings.simplefilter("ignore", UserWarning)
        roads = TransformerGroup(crs, "EPSG:4326", always_xy=True, allow_ballpark=False).transformers
    stated = (road for road in roads if road.accuracy >= 0 and not _needs_grid(road.definition))
    road = next(stated, None)
    if road is None:
        raise _refusal(crs, text)
    return Conversion(
        title=crs.name,
        geographic=not crs.is_projected,
        pipeline=_pipeline(road, text),
        operation=_operation_name(road),
        accuracy_m=float(road.accuracy),
        by="register",
        home=road.area_of_use.bounds if road.area_of_use is not None else None,
    )


def _needs_grid(definition: str) -> bool:
    return any(word in definition for word in _NEEDS_GRID)


def _operation_name(road: Transformer) -> str:
    steps = [step.name for step in road.operations or () if step.accuracy >= 0]
    return " + ".join(steps) or road.description


def _pipeline(road: Transformer, text: str) -> str | None:
    definition = road.definition
    if _needs_grid(definition):
        raise BadInput("crs-reads-file", crs=shown(text))
    return None if definition.startswith("proj=noop") else definition


def _home(crs: CRS) -> Box | None:
    if crs.area_of_use is not None:
        return crs.area_of_use.bounds
    shape = crs.coordinate_operation
    if shape is None or "Transverse Mercator" not in shape.method_name:
        return None
    meridian = next((p.value for p in shape.params if p.name == "Longitude of natural origin"), None)
    return None if meridian is None else (float(meridian) - _REACH_DEG, -90.0, float(meridian) + _REACH_DEG, 90.0)


def _ellipsoid(crs: CRS) -> str:
    ball = crs.ellipsoid
    return "?" if ball is None else f"a={ball.semi_major_metre:.10g} 1/f={ball.inverse_flattening:.12g}"


def _refusal(crs: CRS, text: str) -> GeoError:
    key = _datum_key(crs)
    if key in OLD:
        return BadInput("crs-old-datum", crs=shown(text), datum=OLD[key])
    datum = crs.datum.name if crs.datum is not None else "?"
    return BadInput("crs-unknown-datum", crs=shown(text), datum=shown(datum), ellipsoid=_ellipsoid(crs))
