"""Which boundaries are no valid polygons, and what can be checked of them all the same."""

from typing import Final, NamedTuple

import numpy as np
import shapely

from geo.areas import Geometries, Texts
from geo.coverage.flat import MULTIPOLYGON, POLYGON, Flat, Mask, extent, flatten, replace_areas
from geo.coverage.metric import Metric
from geo.coverage.soundness import CLEAR, find_spike, look_over
from geo.findings import Finding, make_findings

NO_BOUNDARY: Final = "no boundary"
NOT_POLYGON: Final = "not a polygon"
NOT_FINITE: Final = "coordinate not finite"
TOO_WIDE: Final = "wider than 180 degrees"
SPIKE: Final = "spike"


class Sound(NamedTuple):
    """Boundaries made ready.

    Attributes
    ----------
    geoms
        Valid two-dimensional Polygons and MultiPolygons, or None, shape (n,).
    flat
        The same taken apart.
    findings
        Kind ``invalid_geometry``, with the reason as detail and the place as geometry.
    mended
        Rows that have such a finding, shape (n,).
    """

    geoms: Geometries
    flat: Flat
    findings: list[Finding]
    mended: Mask


def sound(codes: Texts, received: Geometries, metric: Metric) -> Sound:
    """Return boundaries that can be checked, and a finding for each that is no valid polygon.

    An invalid polygon is taken as the area that GEOS makes of it, so that its overlaps and gaps are found as well.
    What has no area that could be meant (points, lines, NaN, nothing) becomes None.

    Parameters
    ----------
    codes, received
        Geometries of any type, with or without Z and M, shape (n,).
    metric
        Of their CRS.
    """
    geoms = received.copy()
    deep = shapely.get_coordinate_dimension(geoms) > 2
    geoms[deep] = shapely.force_2d(geoms[deep])
    flat = flatten(_only(np.isin(shapely.get_type_id(geoms), (POLYGON, MULTIPOLYGON)), geoms))
    rows = np.flatnonzero(look_over(flat, metric.cell) != CLEAR)
    if metric.geographic:
        low, high = extent(flat)
        if high[0] - low[0] > 180:
            rows = np.arange(len(geoms))
    suspects = geoms[rows]
    reasons, places = _examine(suspects, metric)
    _name_spikes(suspects, reasons, places, metric.cell)
    bad = np.flatnonzero(reasons != "")
    geoms[rows] = suspects
    flat = replace_areas(flat, rows[bad], geoms[rows[bad]])
    named = [(str(code),) for code in codes[rows[bad]]]
    found = make_findings("invalid_geometry", named, places[bad], cell=metric.cell, details=list(reasons[bad]))
    mended = np.zeros(len(geoms), dtype=np.bool_)
    mended[rows[bad]] = True
    return Sound(geoms, flat, found, mended)


def _only(rows: Mask, geoms: Geometries) -> Geometries:
    chosen = geoms.copy()
    chosen[~rows] = None
    return chosen


def _examine(geoms: Geometries, metric: Metric) -> tuple[Texts, Geometries]:
    """Judge each geometry, and put what can be checked in its place; return reasons ("" if valid) and places."""
    reasons = np.full(len(geoms), "", dtype=object)
    places = np.full(len(geoms), None, dtype=object)
    reasons[shapely.is_missing(geoms) | shapely.is_empty(geoms)] = NO_BOUNDARY
    geoms[reasons == NO_BOUNDARY] = None
    _refuse(~_finite(geoms), NOT_FINITE, geoms, reasons)
    _keep_polygons(geoms, reasons, places)
    if metric.geographic:
        bounds = shapely.bounds(geoms)
        wide = bounds[:, 2] - bounds[:, 0] > 180
        places[wide] = shapely.points(bounds[wide][:, :2])
        _refuse(wide, TOO_WIDE, geoms, reasons)
    _mend(geoms, reasons, places)
    return reasons, places


def _refuse(rows: Mask, reason: str, geoms: Geometries, reasons: Texts) -> None:
    """Give the rows a reason, unless they have one, and drop their geometry."""
    reasons[rows & (reasons == "")] = reason
    geoms[rows] = None


def _finite(geoms: Geometries) -> Mask:
    xy, row = shapely.get_coordinates(geoms, return_index=True)
    finite = np.ones(len(geoms), dtype=np.bool_)
    finite[row[~np.isfinite(xy).all(axis=1)]] = False
    return finite


def _keep_polygons(geoms: Geometries, reasons: Texts, places: Geometries) -> None:
    """Keep the polygons of collections; drop points and lines."""
    kinds = shapely.get_type_id(geoms)
    for row in np.flatnonzero(~np.isin(kinds, (POLYGON, MULTIPOLYGON)) & (kinds >= 0)):
        reasons[row] = NOT_POLYGON
        places[row] = shapely.Point(shapely.get_coordinates(geoms[row])[0])
        geoms[row] = _polygonal(geoms[row])


def _mend(geoms: Geometries, reasons: Texts, places: Geometries) -> None:
    """Find invalid polygons, with GEOS's reason and place, and replace them by valid ones."""
    for row in np.flatnonzero(~shapely.is_valid(geoms) & ~shapely.is_missing(geoms)):
        reason, _, place = shapely.is_valid_reason(geoms[row]).partition("[")
        reasons[row] = reasons[row] or reason
        places[row] = shapely.Point([float(value) for value in place.rstrip("]").split()[:2]])
        geoms[row] = _polygonal(shapely.make_valid(geoms[row]))


def _name_spikes(geoms: Geometries, reasons: Texts, places: Geometries, cell: float) -> None:
    flat = flatten(geoms)
    for row in np.flatnonzero(reasons == "").tolist():
        tip = find_spike(flat, row, cell)
        if tip is not None:
            reasons[row], places[row] = SPIKE, shapely.Point(tip)


def _polygonal(geom: shapely.Geometry) -> shapely.Geometry | None:
    """Return the union of the polygons in a geometry, or None where there is none."""
    parts = [geom]
    while any(shapely.get_type_id(part) > POLYGON for part in parts):
        parts = [inner for part in parts for inner in shapely.get_parts(part)]
    polygons = [part for part in parts if shapely.get_type_id(part) == POLYGON and not part.is_empty]
    if not polygons:
        return None
    if len(polygons) == 1 and polygons[0].is_valid:
        return polygons[0]
    return shapely.union_all([shapely.make_valid(polygon) for polygon in polygons])
