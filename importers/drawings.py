"""Drawings of planners: the lines and polygons of an adjustment, from any file that can be read, or from GeoJSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from geo.areas import Geometries, Texts, texts
from geo.crs import Crs, parse_crs, stored_geometries, suspicious_numbers
from geo.errors import BadInput
from importers.boundary_file import bounds_of, check_numbers, crs_of
from importers.fields import code_text, field_names
from importers.layers import described, read_columns
from importers.limits import Limits
from importers.source import opened_source

_AREAL: Final = (3, 6)


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """What a planner drew: geometries in EPSG:4490 degrees, not snapped, each with its code, or ``""``."""

    geoms: Geometries
    codes: Texts


def read_drawing(path: Path, crs_text: str | None, *, layer: str | None = None) -> Drawing:
    """Read the lines, polygons or points of a file.

    Parameters
    ----------
    crs_text
        CRS of the coordinates; overrides what the file declares.

    Raises
    ------
    BadInput, NotFound, TooLarge
        As :func:`importers.boundary_file.read_boundaries`; ``drawing-without-shape`` where nothing is drawn.
    """
    limits = Limits()
    with opened_source(path, layer, None, limits) as source:
        found = described(source, None)
        used = field_names(
            source.name, found.fields, code=None, name=None, parent=None, parent_text=None, codes_needed=False
        )
        columns = read_columns(source, found, [used.code] if used.code else [], limits)
    drawn = ~(shapely.is_missing(columns.geoms) | shapely.is_empty(columns.geoms))
    if not drawn.any():
        raise BadInput("drawing-without-shape", place={"file": source.name})
    bounds, each = bounds_of(columns.geoms[drawn])
    crs, _ = crs_of(source, crs_text, found.crs_text, bounds)
    check_numbers(crs, bounds, each, source.name)
    codes = texts([code_text(value) for value in columns.values[used.code]] if used.code else [""] * len(drawn))
    return Drawing(in_degrees(columns.geoms[drawn], parse_crs(crs)), codes[drawn])


def geojson_in_degrees(geometry: Mapping[str, Any], crs: Crs, *, field: str) -> dict[str, Any]:
    """Return a GeoJSON geometry in EPSG:4490 degrees; what is no geometry stays as it is, for others to refuse.

    Parameters
    ----------
    field
        Where it stands in the input, for refusals.

    Raises
    ------
    BadInput
        Where the numbers contradict the CRS, or cannot be converted.
    """
    try:
        shape = shapely.force_2d(shapely.geometry.shape(geometry))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError):
        return dict(geometry)
    bounds = tuple(float(value) for value in shapely.bounds(shape))
    if shape.is_empty or not np.isfinite(bounds).all():
        return dict(geometry)
    try:
        doubt = suspicious_numbers((bounds[0], bounds[1], bounds[2], bounds[3]), crs)
        if doubt is not None:
            raise doubt
        geoms = np.full(1, shape, dtype=object)
        return dict(shapely.geometry.mapping(in_degrees(geoms, crs)[0]))
    except BadInput as refusal:
        raise BadInput(refusal.kind, place={**refusal.place, "field": field}, **refusal.facts) from None


def in_degrees(geoms: Geometries, crs: Crs) -> Geometries:
    """Convert polygons, lines and points of any CRS to EPSG:4490 degrees, not snapped."""
    if crs.is_stored:
        return np.asarray(shapely.force_2d(geoms), dtype=object)
    areal = np.isin(shapely.get_type_id(geoms), _AREAL)
    found = np.asarray(shapely.force_2d(geoms), dtype=object)
    found[areal] = stored_geometries(found[areal], crs)
    found[~areal] = shapely.transform(found[~areal], crs.to_stored)
    return found
