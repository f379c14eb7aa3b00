"""An operation of a plan from the options of ``gridwarden plan add``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import shapely

from geo.errors import BadInput
from importers.drawings import Drawing

_LINES: Final = ("LineString", "MultiLineString")
_AREAS: Final = ("Polygon", "MultiPolygon")


@dataclass(frozen=True, slots=True)
class OperationOptions:
    """What stands on the command line; None where an option was not given.

    Attributes
    ----------
    codes
        Of the areas concerned.
    drawing
        What ``--geometry`` holds.
    keep
        A position in EPSG:4490 degrees.
    texts
        The other options by the member of the operation that they fill.
    flags
        Members that are true.
    """

    codes: Sequence[str] = ()
    drawing: Drawing | None = None
    keep: tuple[float, float] | None = None
    new_codes: Sequence[str] = ()
    new_names: Sequence[str] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    flags: Sequence[str] = ()

    def one_code(self) -> str:
        """Return the only code.

        Raises
        ------
        BadInput
            ``plan-one-code`` where there are none or several.
        """
        if len(self.codes) != 1:
            raise BadInput("plan-one-code", place={"field": "codes"}, count=len(self.codes))
        return self.codes[0]

    def shape(self, kinds: Sequence[str]) -> dict[str, Any]:
        """Return everything that is drawn as one GeoJSON geometry of one of some kinds.

        Raises
        ------
        BadInput
            ``plan-geometry-needed``.
        """
        if self.drawing is None or not _all_of(self.drawing, kinds):
            raise BadInput("plan-geometry-needed", place={"field": "geometry"}, kinds=" / ".join(kinds))
        geoms = self.drawing.geoms
        joined = geoms[0] if len(geoms) == 1 else shapely.multilinestrings(shapely.get_parts(geoms))
        if kinds is _AREAS and len(geoms) > 1:
            joined = shapely.multipolygons(shapely.get_parts(geoms))
        return dict(shapely.geometry.mapping(joined))

    def some(self, *members: str) -> dict[str, Any]:
        """Return the members that were given."""
        return {name: self.texts[name] for name in members if name in self.texts} | {
            name: True for name in members if name in self.flags
        }


def record_of_options(kind: str, given: OperationOptions) -> dict[str, Any]:
    """Return an operation as a record.

    Parameters
    ----------
    kind
        One of :data:`OPERATIONS`.

    Raises
    ------
    BadInput
        ``plan-one-code``, ``plan-geometry-needed``; everything else is found by
        :func:`geo.adjust.operations.operation_of`.
    """
    return {"op": kind, **_MAKERS[kind](given)}


def _create(given: OperationOptions) -> dict[str, Any]:
    more = given.some(
        *("level", "parent", "name", "code", "kind", "category", "local_code", "neighbours"),
        *("not_subdivided", "fully_divided"),
    )
    return {**more, "geometry": given.shape(_AREAS)}


def _redraw(given: OperationOptions) -> dict[str, Any]:
    return {"code": given.one_code(), "geometry": given.shape(_AREAS), **given.some("neighbours")}


def _merge(given: OperationOptions) -> dict[str, Any]:
    return {"codes": list(given.codes), **given.some("into", "name", "multipart")}


def _split(given: OperationOptions) -> dict[str, Any]:
    lists = {"codes": given.new_codes, "names": given.new_names}
    more: dict[str, Any] = {name: list(values) for name, values in lists.items() if values}
    if given.keep is not None:
        more["keep"] = list(given.keep)
    if given.drawing is not None and _all_of(given.drawing, _AREAS):
        parts = [dict(shapely.geometry.mapping(part)) for part in given.drawing.geoms]
        return {"code": given.one_code(), "parts": parts, **more}
    return {"code": given.one_code(), "line": given.shape(_LINES), **more}


def _transfer(given: OperationOptions) -> dict[str, Any]:
    moved = {"areas": list(given.codes)} if given.codes else {"geometry": given.shape(_AREAS)}
    return {**given.some("from", "to"), **moved}


def _retire(given: OperationOptions) -> dict[str, Any]:
    return {"code": given.one_code(), **given.some("heir", "accept_gap")}


def _reparent(given: OperationOptions) -> dict[str, Any]:
    return {"codes": list(given.codes), **given.some("parent")}


def _rename(given: OperationOptions) -> dict[str, Any]:
    return {"code": given.one_code(), **given.some("name", "local_code", "category")}


def _recode(given: OperationOptions) -> dict[str, Any]:
    return {"code": given.one_code(), **given.some("to")}


def _patch(given: OperationOptions) -> dict[str, Any]:
    drawing = given.drawing
    if drawing is None or not _all_of(drawing, _AREAS):
        raise BadInput("plan-geometry-needed", place={"field": "geometry"}, kinds=" / ".join(_AREAS))
    boundaries = [
        {"code": str(code), "geometry": dict(shapely.geometry.mapping(shape))}
        for code, shape in zip(drawing.codes, drawing.geoms, strict=True)
    ]
    return {"boundaries": boundaries}


def _all_of(drawing: Drawing, kinds: Sequence[str]) -> bool:
    return all(shape.geom_type in kinds for shape in drawing.geoms)


_MAKERS: Final[Mapping[str, Callable[[OperationOptions], dict[str, Any]]]] = {
    "create": _create,
    "redraw": _redraw,
    "merge": _merge,
    "split": _split,
    "transfer": _transfer,
    "retire": _retire,
    "reparent": _reparent,
    "rename": _rename,
    "recode": _recode,
    "patch": _patch,
}
OPERATIONS: Final = tuple(_MAKERS)
"""The operations that people ask for."""
