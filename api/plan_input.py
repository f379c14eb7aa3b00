"""The operations of a plan as people send them: their geometries from any CRS to stored coordinates."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from api.limits import Limits
from geo.crs import Crs, missing_crs, parse_crs
from geo.errors import BadInput, TooLarge
from geo.plans import require_few
from importers.drawings import geojson_in_degrees

SHAPES: Final = ("geometry", "line")
"""Members of an operation that hold one GeoJSON geometry; ``parts`` and ``boundaries`` hold several."""
POINT: Final = "keep"
"""The member that holds a position: longitude (or easting) first."""


def records_in(path: Path) -> list[Mapping[str, Any]]:
    """Return the operations of a JSON file: a list of records.

    Raises
    ------
    BadInput
        ``plan-file-unreadable``.
    """
    try:
        records = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        records = None
    if not (isinstance(records, list) and records and all(isinstance(one, Mapping) for one in records)):
        raise BadInput("plan-file-unreadable", place={"file": path.name}, name=path.name)
    return records


def stored_records(
    records: Sequence[Mapping[str, Any]], crs_text: str | None, *, first: int = 0, limits: Limits | None = None
) -> list[dict[str, Any]]:
    """Return operations whose coordinates are EPSG:4490 degrees, not snapped.

    What is malformed stays as it is: :func:`geo.adjust.operations.operation_of` refuses it with its place.

    Parameters
    ----------
    crs_text
        The system of all coordinates; needed where there are any.
    first
        Number of the first one in its plan, for the place of refusals.
    limits
        On what comes over HTTP.

    Raises
    ------
    BadInput
        ``crs-missing``, ``crs-unknown`` and their like; numbers that contradict the CRS.
    TooLarge
        ``plan-too-many-operations``, ``geometry-too-many-vertices``.
    """
    if limits is None:
        require_few(first + len(records))
    else:
        require_few(first + len(records), limits.operations)
        for row, record in enumerate(records):
            _require_drawable(record, limits.vertices, f"operations[{first + row}]")
    if not any(_has_coordinates(record) for record in records):
        return [dict(record) for record in records]
    if crs_text is None:
        listing = missing_crs(None)
        raise BadInput(listing.kind, place={"field": "crs"}, **listing.facts)
    crs = _named(crs_text)
    return [_stored(record, crs, f"operations[{first + row}]") for row, record in enumerate(records)]


def _require_drawable(record: Mapping[str, Any], most: int, place: str) -> None:
    """Refuse an operation with more vertices than someone draws."""
    shapes = [record[name] for name in (*SHAPES, "parts", "boundaries") if name in record]
    waiting, count = list(shapes), 0
    while waiting:
        part = waiting.pop()
        inner = part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ()
        deeper = [each for each in inner if isinstance(each, Mapping | list)]
        count += isinstance(part, list) and bool(part) and not deeper
        waiting += deeper
    if count > most:
        raise TooLarge("geometry-too-many-vertices", place={"field": place}, count=count, most=most)


def _named(crs_text: str) -> Crs:
    try:
        return parse_crs(crs_text)
    except BadInput as refusal:
        raise BadInput(refusal.kind, place={"field": "crs"}, **refusal.facts) from None


def _has_coordinates(record: Mapping[str, Any]) -> bool:
    return any(isinstance(record.get(name), Mapping | list) for name in (*SHAPES, "parts", "boundaries", POINT))


def _stored(record: Mapping[str, Any], crs: Crs, place: str) -> dict[str, Any]:
    return {name: _member(name, value, crs, f"{place}.{name}") for name, value in record.items()}


def _member(name: str, value: Any, crs: Crs, field: str) -> Any:
    if name in SHAPES and isinstance(value, Mapping):
        return geojson_in_degrees(value, crs, field=field)
    if name == "parts" and isinstance(value, list):
        return [_each(part, crs, f"{field}[{row}]") for row, part in enumerate(value)]
    if name == "boundaries" and isinstance(value, list):
        return [
            {**one, "geometry": _each(one.get("geometry"), crs, f"{field}[{row}].geometry")}
            if isinstance(one, Mapping)
            else one
            for row, one in enumerate(value)
        ]
    if name == POINT and _is_position(value):
        try:
            return crs.to_stored(np.asarray([value], dtype=np.float64))[0].tolist()
        except BadInput as refusal:
            raise BadInput(refusal.kind, place={**refusal.place, "field": field}, **refusal.facts) from None
    return value


def _each(shape: Any, crs: Crs, field: str) -> Any:
    return geojson_in_degrees(shape, crs, field=field) if isinstance(shape, Mapping) else shape


def _is_position(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(number, int | float) and not isinstance(number, bool) for number in value)
    )
