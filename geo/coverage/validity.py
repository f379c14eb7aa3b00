"""Which boundaries are no valid polygons, and what can be checked of them all the same."""

from typing import Final

import numpy as np
import shapely

from geo.areas import Areas, Geometries
from geo.coverage.flat import MULTIPOLYGON, POLYGON, Mask
from geo.coverage.metric import Metric
from geo.findings import Finding, make_findings

NO_BOUNDARY: Final = "no boundary"
NOT_POLYGON: Final = "not a polygon"
NOT_FINITE: Final = "coordinate not finite"
TOO_WIDE: Final = "wider than 180 degrees"
SPIKE: Final = "spike"
_SPIKE_RATIO: Final = 100
"""A spike is thinner than one cell at its foot and at least this many cells long."""


def sound(areas: Areas, metric: Metric) -> tuple[Geometries, list[Finding]]:
    """Return boundaries that can be checked, and a finding for each that is no valid polygon.

    An invalid polygon is taken as the area that GEOS makes of it, so that its overlaps and gaps are found as well.
    What has no area that could be meant (points, lines, NaN, nothing) becomes None.

    Parameters
    ----------
    areas
        Geometries of any type, with or without Z and M.
    metric
        Of their CRS.

    Returns
    -------
    geoms
        Valid two-dimensional Polygons and MultiPolygons, or None, shape (n,).
    findings
        Kind ``invalid_geometry``, with the reason as detail and the place as geometry.
    """
    geoms = shapely.force_2d(areas.geoms)
    reasons = np.full(len(geoms), "", dtype=object)
    places = np.full(len(geoms), None, dtype=object)
    usable = ~(shapely.is_missing(geoms) | shapely.is_empty(geoms))
    reasons[~usable] = NO_BOUNDARY
    _refuse(~_finite(geoms), NOT_FINITE, geoms, reasons)
    _keep_polygons(geoms, reasons, places)
    if metric.geographic:
        bounds = shapely.bounds(geoms)
        wide = bounds[:, 2] - bounds[:, 0] > 180
        places[wide] = shapely.points(bounds[wide][:, :2])
        _refuse(wide, TOO_WIDE, geoms, reasons)
    _mend(geoms, reasons, places)
    bad = np.flatnonzero(reasons != "")
    codes = [(str(code),) for code in areas.codes[bad]]
    found = make_findings("invalid_geometry", codes, places[bad], cell=metric.cell, details=list(reasons[bad]))
    return geoms, found


def _refuse(rows: Mask, reason: str, geoms: Geometries, reasons: Geometries) -> None:
    """Give the rows a reason, unless they have one, and drop their geometry."""
    reasons[rows & (reasons == "")] = reason
    geoms[rows] = None


def _finite(geoms: Geometries) -> Mask:
    xy, row = shapely.get_coordinates(geoms, return_index=True)
    finite = np.ones(len(geoms), dtype=np.bool_)
    finite[row[~np.isfinite(xy).all(axis=1)]] = False
    return finite


def _keep_polygons(geoms: Geometries, reasons: Geometries, places: Geometries) -> None:
    """Keep the polygons of collections; drop points and lines."""
    kinds = shapely.get_type_id(geoms)
    for row in np.flatnonzero(~np.isin(kinds, (POLYGON, MULTIPOLYGON)) & (kinds >= 0)):
        reasons[row] = reasons[row] or NOT_POLYGON
        if not shapely.is_empty(geoms[row]):
            places[row] = shapely.Point(shapely.get_coordinates(geoms[row])[0])
        geoms[row] = _polygonal(geoms[row])


def _mend(geoms: Geometries, reasons: Geometries, places: Geometries) -> None:
    """Find invalid polygons, with GEOS's reason and place, and replace them by valid ones."""
    for row in np.flatnonzero(~shapely.is_valid(geoms) & ~shapely.is_missing(geoms)):
        reason, _, place = shapely.is_valid_reason(geoms[row]).partition("[")
        reasons[row] = reasons[row] or reason
        places[row] = shapely.Point([float(value) for value in place.rstrip("]").split()])
        geoms[row] = _polygonal(shapely.make_valid(geoms[row]))


def _polygonal(geom: shapely.Geometry) -> shapely.Geometry | None:
    """Return the union of the polygons in a geometry, or None where there is none."""
    parts = [geom]
    while any(shapely.get_type_id(part) > POLYGON for part in parts):
        parts = [inner for part in parts for inner in shapely.get_parts(part)]
    polygons = [part for part in parts if shapely.get_type_id(part) == POLYGON and not part.is_empty]
    if not polygons:
        return None
    return shapely.unary_union([shapely.make_valid(polygon) for polygon in polygons])
