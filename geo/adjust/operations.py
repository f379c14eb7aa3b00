"""The operations of a plan: what a planner says is to change, one after the other.

As records (JSON) they stand in drafts and go over HTTP; geometry in them is GeoJSON in EPSG:4490 degrees.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from json import dumps, loads
from typing import Any, Final, Literal, TypeVar, get_args

import numpy as np
import shapely
from shapely.geometry import mapping, shape

from geo.errors import BadInput

Kind = Literal["general", "special"]
Neighbours = Literal["keep", "follow"]
Lonlat = tuple[float, float]
Read = TypeVar("Read")

AREAL: Final = ("Polygon", "MultiPolygon")
LINEAR: Final = ("LineString", "MultiLineString")


@dataclass(frozen=True, slots=True)
class Create:
    """建: a new area.

    Attributes
    ----------
    parent
        Code; None for the lowest area that contains it.
    code
        None for the next free one.
    neighbours
        ``follow`` takes the land from the areas of the level that have it, ``keep`` leaves them as they are.
    """

    level: str
    geometry: Any
    name: str = ""
    parent: str | None = None
    code: str | None = None
    kind: Kind = "general"
    category: str = ""
    local_code: str = ""
    neighbours: Neighbours = "keep"
    not_subdivided: bool = False
    fully_divided: bool = False


@dataclass(frozen=True, slots=True)
class Redraw:
    """改: another boundary; the neighbours under the same parent follow it, or are kept."""

    code: str
    geometry: Any
    neighbours: Neighbours = "follow"


@dataclass(frozen=True, slots=True)
class Merge:
    """合: several areas become one of them: ``into``, else the one with most households."""

    codes: tuple[str, ...]
    into: str | None = None
    name: str | None = None
    multipart: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """分: one area becomes several, along a line or as polygons; exactly one of the two is given.

    Attributes
    ----------
    keep
        A point (lon, lat) in the part that keeps id and code; None for the one with most households, then the
        largest, then the westernmost.
    codes, names
        Of the new parts, west to east; None to have them made.
    """

    code: str
    line: Any = None
    parts: tuple[Any, ...] | None = None
    keep: Lonlat | None = None
    codes: tuple[str, ...] | None = None
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """调: a piece of one area, or some of its children with their land, go to another; one of the two is given."""

    source: str
    target: str
    geometry: Any = None
    areas: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Retire:
    """撤: an area ends. Its land goes to the heir, or is left to nobody where that is accepted."""

    code: str
    heir: str | None = None
    accept_gap: bool = False


@dataclass(frozen=True, slots=True)
class Reparent:
    """Areas get another parent; ids stay."""

    codes: tuple[str, ...]
    parent: str


@dataclass(frozen=True, slots=True)
class Rename:
    """Another name, local code or category; None leaves what there is."""

    code: str
    name: str | None = None
    local_code: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Recode:
    """Another code for the same area; the old one is never given again."""

    code: str
    to: str


@dataclass(frozen=True, slots=True)
class Boundary:
    """The boundary that an area of a patch gets."""

    code: str
    geometry: Any


@dataclass(frozen=True, slots=True)
class Patch:
    """Several boundaries of one level at once: what an edit of shared edges amounts to."""

    boundaries: tuple[Boundary, ...]


@dataclass(frozen=True, slots=True)
class Revert:
    """Every area that an edition changed is as before it; ended areas come back with their codes."""

    edition: int


Operation = Create | Redraw | Merge | Split | Transfer | Retire | Reparent | Rename | Recode | Patch | Revert

NAMES: Final[Mapping[str, type[Any]]] = {kind.__name__.lower(): kind for kind in get_args(Operation)}
"""The operations by the name that records give them."""
_IN_RECORDS: Final = {"source": "from", "target": "to"}


def operation_of(record: Any, *, place: str = "operation") -> Operation:
    """Read an operation from a record.

    Parameters
    ----------
    record
        As JSON gives it.
    place
        Where the record stands in the input, such as ``operations[3]``.

    Raises
    ------
    BadInput
        ``operation-not-a-record``, ``operation-unknown``, ``operation-field-unknown``, ``operation-field-missing``,
        ``operation-field-wrong`` or ``operation-geometry-wrong``, each with the field as place.
    """
    if not isinstance(record, Mapping):
        raise BadInput("operation-not-a-record", place={"field": place}, given=type(record).__name__)
    kind = NAMES.get(str(record.get("op")))
    if kind is None:
        raise BadInput(
            "operation-unknown", place={"field": f"{place}.op"}, given=record.get("op"), known=", ".join(NAMES)
        )
    operation: Operation = _read(kind, record, place)
    _require_one_way(operation, place)
    return operation


def record_of(operation: Operation) -> dict[str, Any]:
    """Return the record of an operation: what :func:`operation_of` reads, without fields that are not given."""
    return {"op": type(operation).__name__.lower(), **_fields_of(operation)}


def named_codes(operation: Operation) -> tuple[str, ...]:
    """Return the codes of present areas that an operation names, parents and heirs included, each once."""
    match operation:
        case Create(parent=parent):
            named: tuple[str | None, ...] = (parent,)
        case Merge(codes=codes, into=into):
            named = (*codes, into)
        case Transfer(source=source, target=target, areas=areas):
            named = (source, target, *(areas or ()))
        case Retire(code=code, heir=heir):
            named = (code, heir)
        case Reparent(codes=codes, parent=parent):
            named = (*codes, parent)
        case Patch(boundaries=boundaries):
            named = tuple(one.code for one in boundaries)
        case Revert():
            named = ()
        case Redraw(code=code) | Split(code=code) | Rename(code=code) | Recode(code=code):
            named = (code,)
    return tuple(dict.fromkeys(code for code in named if code))


def drawn_shapes(operation: Operation) -> tuple[Any, ...]:
    """Return the geometries that an operation holds (degrees, EPSG:4490): areas near them are concerned by it."""
    match operation:
        case Create(geometry=geometry) | Redraw(geometry=geometry) | Transfer(geometry=geometry):
            drawn: tuple[Any, ...] = (geometry,)
        case Split(line=line, parts=parts):
            drawn = (line, *(parts or ()))
        case Patch(boundaries=boundaries):
            drawn = tuple(one.geometry for one in boundaries)
        case _:
            drawn = ()
    return tuple(one for one in drawn if one is not None)


def _fields_of(item: Any) -> dict[str, Any]:
    named = ((_IN_RECORDS.get(field.name, field.name), getattr(item, field.name)) for field in fields(item))
    return {name: _plain(value) for name, value in named if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Boundary):
        return _fields_of(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return loads(dumps(mapping(value))) if isinstance(value, shapely.Geometry) else value


def _read(kind: type[Any], record: Mapping[Any, Any], place: str) -> Any:
    own = {_IN_RECORDS.get(field.name, field.name): field.name for field in fields(kind)}
    for name in record:
        if name != "op" and name not in own:
            raise BadInput(
                "operation-field-unknown", place={"field": f"{place}.{name}"}, given=name, known=", ".join(own)
            )
    values = {}
    for name, attribute in own.items():
        where = f"{place}.{name}"
        if record.get(name) is not None:
            values[attribute] = _READERS[attribute](record[name], where)
        elif attribute in _NEEDED[kind]:
            raise BadInput("operation-field-missing", place={"field": where}, field=name)
    return kind(**values)


def _require_one_way(operation: Operation, place: str) -> None:
    """Refuse a split or a transfer that is told in both ways, or in neither."""
    match operation:
        case Split(line=one, parts=other):
            names = "line, parts"
        case Transfer(geometry=one, areas=other):
            names = "geometry, areas"
        case _:
            return
    if (one is None) == (other is None):
        raise BadInput("operation-one-of", place={"field": place}, fields=names)


def _wrong(where: str, given: Any, wanted: str) -> BadInput:
    return BadInput("operation-field-wrong", place={"field": where}, given=str(given)[:60], wanted=wanted)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(where, value, "text")
    return value.strip()


def _code(value: Any, where: str) -> str:
    text = _text(value, where)
    if not text:
        raise _wrong(where, value, "code")
    return text


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(where, value, "true, false")
    return value


def _number(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _wrong(where, value, "1, 2, 3 …")
    return value


def _one_of(*allowed: str) -> Callable[[Any, str], str]:
    def read(value: Any, where: str) -> str:
        if value not in allowed:
            raise _wrong(where, value, ", ".join(allowed))
        return str(value)

    return read


def _several(read: Callable[[Any, str], Read]) -> Callable[[Any, str], tuple[Read, ...]]:
    def read_all(value: Any, where: str) -> tuple[Read, ...]:
        if not isinstance(value, list | tuple) or not value:
            raise _wrong(where, value, "[…]")
        return tuple(read(one, f"{where}[{at}]") for at, one in enumerate(value))

    return read_all


def _point(value: Any, where: str) -> Lonlat:
    plain = isinstance(value, list | tuple) and len(value) == 2 and all(_is_coordinate(one) for one in value)
    if not plain:
        raise _wrong(where, value, "[lon, lat]")
    return float(value[0]), float(value[1])


def _is_coordinate(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


def _geometry(*types: str) -> Callable[[Any, str], Any]:
    def read(value: Any, where: str) -> Any:
        if isinstance(value, shapely.Geometry):
            geom = value
        else:
            try:
                geom = shape(value)
            # whatever shapely trips over, it is no GeoJSON
            except Exception as failure:
                raise _no_geometry(where, types) from failure
        geom = shapely.force_2d(geom)
        if geom.geom_type not in types or geom.is_empty:
            raise _no_geometry(where, types)
        beyond = np.flatnonzero(~(np.abs(shapely.get_coordinates(geom)) <= (180.0, 90.0)).all(axis=1))
        if len(beyond):
            raise _no_geometry(where, types)
        return geom

    return read


def _no_geometry(where: str, types: tuple[str, ...]) -> BadInput:
    return BadInput("operation-geometry-wrong", place={"field": where}, wanted=", ".join(types))


def _boundary(value: Any, where: str) -> Boundary:
    if not isinstance(value, Mapping):
        raise BadInput("operation-not-a-record", place={"field": where}, given=type(value).__name__)
    boundary: Boundary = _read(Boundary, value, where)
    return boundary


_READERS: Final[Mapping[Any, Callable[[Any, str], Any]]] = {
    "level": _code,
    "geometry": _geometry(*AREAL),
    "line": _geometry(*LINEAR),
    "parts": _several(_geometry(*AREAL)),
    "boundaries": _several(_boundary),
    "keep": _point,
    "kind": _one_of(*get_args(Kind)),
    "neighbours": _one_of(*get_args(Neighbours)),
    "edition": _number,
    **dict.fromkeys(("name", "category", "local_code"), _text),
    **dict.fromkeys(("code", "parent", "into", "source", "target", "heir", "to"), _code),
    **dict.fromkeys(("not_subdivided", "fully_divided", "multipart", "accept_gap"), _flag),
    **dict.fromkeys(("codes", "areas"), _several(_code)),
    "names": _several(_text),
}
"""How the value of each attribute is read."""
_NEEDED: Final[Mapping[type[Any], frozenset[str]]] = {
    Create: frozenset({"level", "geometry"}),
    Redraw: frozenset({"code", "geometry"}),
    Merge: frozenset({"codes"}),
    Split: frozenset({"code"}),
    Transfer: frozenset({"source", "target"}),
    Retire: frozenset({"code"}),
    Reparent: frozenset({"codes", "parent"}),
    Rename: frozenset({"code"}),
    Recode: frozenset({"code", "to"}),
    Patch: frozenset({"boundaries"}),
    Revert: frozenset({"edition"}),
    Boundary: frozenset({"code", "geometry"}),
}
