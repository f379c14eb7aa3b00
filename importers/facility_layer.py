"""Facilities out of any layer of points or areas: Shapefile, GeoPackage, GeoJSON, KML, GeoParquet."""

from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.crs import parse_crs
from geo.errors import BadInput
from importers.boundary_file import bounds_of, check_numbers, crs_of
from importers.facilities import Facility, FacilityLedger, category_of
from importers.fields import name_text
from importers.layers import Columns, described, read_columns
from importers.ledger_columns import fields_of
from importers.limits import Limits
from importers.sheets import SetAside
from importers.source import opened_source

_WANTED: Final = ("title", "name", "category", "address")


def read_layer_facilities(
    path: Path, *, layer: str | None, crs: str | None, encoding: str | None, category: str | None, limits: Limits
) -> tuple[str, FacilityLedger]:
    """Read facilities from a layer; of an area a point inside is taken.

    Parameters
    ----------
    category
        The category of all rows, where the layer has no field for it.

    Raises
    ------
    BadInput, NotFound, TooLarge
        For a file that cannot be read, without names, categories or a CRS, or whose numbers contradict it.
    """
    with opened_source(path, layer, encoding, limits) as source:
        found = described(source, encoding)
        fields = {field: column for field, column in fields_of(found.fields).items() if field in _WANTED}
        _require(path, fields, category)
        columns = read_columns(source, found, list(dict.fromkeys(fields.values())), limits)
        bounds, each = bounds_of(columns.geoms)
        system, _ = crs_of(source, crs, found.crs_text, bounds)
        digest = source.sha256
    check_numbers(system, bounds, each, path.name)
    return digest, _ledger(path, fields, columns, system, category)


def _require(path: Path, fields: dict[str, str], category: str | None) -> None:
    place = {"file": path.name}
    if "title" not in fields and "name" not in fields:
        raise BadInput("ledger-column-missing", place=place, wanted="名称 / name")
    if "category" not in fields and category is None:
        raise BadInput("ledger-column-missing", place=place, wanted="类别 / category (--category)")


def _ledger(path: Path, fields: dict[str, str], columns: Columns, system: str, category: str | None) -> FacilityLedger:
    crs = parse_crs(system)
    facilities: list[Facility] = []
    refused: list[SetAside] = []
    for row, shape in enumerate(columns.geoms):
        told = {field: name_text(columns.values[column][row]) for field, column in fields.items()}
        name, kind = told.get("title") or told.get("name", ""), told.get("category") or category or ""
        place = {"file": path.name, "row": row + 1}
        if not name or not kind:
            field = fields.get("category", "category") if name else fields.get("title", fields.get("name", ""))
            missing = BadInput("ledger-cell-missing", place={**place, "field": field}, row=row + 1, column=field)
            refused.append(SetAside(row + 1, missing))
            continue
        if shape is None or shape.is_empty or not np.isfinite(shapely.bounds(shape)).all():
            refused.append(SetAside(row + 1, BadInput("facility-no-point", place=place, row=row + 1)))
            continue
        inside = shape if shape.geom_type == "Point" else shapely.point_on_surface(shape)
        lon, lat = crs.to_stored([[inside.x, inside.y]])[0].tolist()
        facilities.append(Facility(row + 1, name, category_of(kind), kind, told.get("address", ""), lon, lat, None))
    return FacilityLedger(tuple(facilities), tuple(refused), (), ())
