"""Walkable lines out of any line layer: Shapefile, GeoPackage, GeoJSON, KML, GeoParquet, and zips of them."""

from collections import Counter
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from geo.areas import Geometries
from geo.crs import parse_crs
from geo.errors import BadInput
from geo.street_noding import crossed, noded
from geo.streets import StreetLines
from importers.boundary_file import bounds_of, check_numbers, crs_of
from importers.fields import name_text
from importers.layers import Columns, Layer, described, read_columns
from importers.limits import Limits
from importers.source import opened_source
from importers.street_rules import Walk, walk_of
from importers.street_source import DrawnStreets

_TAG_FIELDS: Final[dict[str, str]] = {
    "highway": "highway fclass roadclass road_class class type 类型 道路类型 道路等级 等级",
    "foot": "foot 步行",
    "access": "access 通行",
    "motorroad": "motorroad",
    "bridge": "bridge 桥 桥梁",
    "tunnel": "tunnel 隧道",
    "layer": "layer level 层 层次",
    "incline": "incline slope 坡度",
}
_ANY_WAY: Final = "path"


def read_layer_streets(
    path: Path, *, layer: str | None, crs: str | None, encoding: str | None, limits: Limits
) -> DrawnStreets:
    """Read the walkable lines of a layer; lines of one layer that cross are joined there.

    A layer without a field for the class of a road is taken to hold nothing but walkable ways.

    Raises
    ------
    BadInput, NotFound, TooLarge
        For a file that cannot be read, has no lines or no CRS, or whose numbers contradict it.
    """
    with opened_source(path, layer, encoding, limits) as source:
        found = described(source, encoding)
        fields = _tag_fields(found)
        columns = read_columns(source, found, list(dict.fromkeys(fields.values())), limits)
        bounds, each = bounds_of(columns.geoms)
        system, _ = crs_of(source, crs, found.crs_text, bounds)
        digest = source.sha256
    check_numbers(system, bounds, each, path.name)
    left_out: Counter[str] = Counter()
    rows, shapes = _lines(columns.geoms, left_out)
    if not len(rows):
        raise BadInput("streets-no-lines", place={"file": path.name}, name=path.name)
    lines = _walked(rows, _stored(shapes, system), fields, columns, left_out)
    return DrawnStreets(path.name, digest, noded(crossed(lines)), len(lines), left_out)


def _tag_fields(found: Layer) -> dict[str, str]:
    known = {word: tag for tag, words in _TAG_FIELDS.items() for word in words.split()}
    fields: dict[str, str] = {}
    for field in found.fields:
        tag = known.get(field.strip().casefold())
        if tag is not None:
            fields.setdefault(tag, field)
    return fields


def _lines(geoms: Geometries, left_out: Counter[str]) -> tuple[np.typing.NDArray[np.int64], Geometries]:
    """Return single LineStrings with the rows they are of; whatever else a row holds is counted."""
    parts, row = shapely.get_parts(geoms, return_index=True)
    sound = np.isin(shapely.get_type_id(parts), (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING))
    sound &= np.isfinite(shapely.bounds(parts)).all(axis=1)
    left_out["no-line"] += int(len(geoms) - len(np.unique(row[sound])))
    return row[sound].astype(np.int64), parts[sound]


def _stored(shapes: Geometries, system: str) -> Geometries:
    crs = parse_crs(system)
    if crs.is_stored:
        return shapes
    return np.asarray(shapely.transform(shapes, crs.to_stored), dtype=object)


def _walked(
    rows: np.typing.NDArray[np.int64],
    shapes: Geometries,
    fields: dict[str, str],
    columns: Columns,
    left_out: Counter[str],
) -> StreetLines:
    walks: list[Walk] = []
    taken: list[int] = []
    for index, row in enumerate(rows.tolist()):
        walk = walk_of(_tags(fields, columns, row))
        if isinstance(walk, str):
            left_out[walk] += 1
        else:
            walks.append(walk)
            taken.append(index)
    return StreetLines.of(
        shapes[taken],
        way_ids=rows[taken] + 1,
        classes=[walk.way_class for walk in walks],
        steps=[walk.steps for walk in walks],
        layers=[walk.layer for walk in walks],
        inclines=[walk.incline for walk in walks],
    )


def _tags(fields: dict[str, str], columns: Columns, row: int) -> dict[str, str]:
    given = {tag: _word(columns.values[field][row]) for tag, field in fields.items()}
    return {**given, "highway": given.get("highway") or _ANY_WAY}


def _word(value: Any) -> str:
    return "" if value is None else name_text(value)
