"""Areas as JSON and as GeoJSON."""

from dataclasses import dataclass

import shapely
from fastapi.responses import JSONResponse
from starlette.requests import Request

from api.geojson import CRS, GEOJSON
from api.parameters import next_page
from api.view import View
from geo.store.listing import AreaFilter, AreaRecord, list_areas, one_area


@dataclass(frozen=True, slots=True)
class Shown:
    """Which part of a list is shown, and whether as GeoJSON."""

    request: Request
    limit: int
    after: str
    features: bool


def wants_features(request: Request, form: str | None) -> bool:
    """Tell whether GeoJSON is asked for: by ``format``, else by ``Accept``."""
    return form == "geojson" if form else GEOJSON in request.headers.get("accept", "")


def area_list(view: View, wanted: AreaFilter, shown: Shown) -> JSONResponse:
    """Return one page of areas.

    Raises
    ------
    BadInput
        ``unknown-level``.
    NotFound
        ``unknown-area``: the area to stay in or under.
    """
    if wanted.level is not None:
        view.settings.hierarchy.require(wanted.level)
    for code in {wanted.parent, wanted.within} - {None}:
        one_area(view.connection, view.at, str(code))
    # One more than is shown tells whether there is another page.
    found = list_areas(
        view.connection, view.at, wanted, after=shown.after, limit=shown.limit + 1, shapes=shown.features
    )
    items = found[: shown.limit]
    more = len(found) > shown.limit
    link = next_page(shown.request, after=items[-1].code, **view.pin()) if more else None
    tail = {"next": link, **view.stamp()}
    if shown.features:
        collection = {"type": "FeatureCollection", "crs": CRS, "features": [feature(view, area) for area in items]}
        return JSONResponse({**collection, **tail}, media_type=GEOJSON)
    return JSONResponse({"items": [area_document(view, area) for area in items], **tail})


def area_alone(view: View, code: str, features: bool) -> JSONResponse:
    """Return one area.

    Raises
    ------
    NotFound
        ``unknown-area``.
    """
    area = one_area(view.connection, view.at, code, shapes=features)
    if features:
        return JSONResponse({**feature(view, area), "crs": CRS, **view.stamp()}, media_type=GEOJSON)
    return JSONResponse({**area_document(view, area), "at": view.moment_text(view.at)})


def area_document(view: View, area: AreaRecord) -> dict[str, object]:
    """Return an area as it stands in JSON."""
    names = (
        *("code", "local_code", "name", "level", "kind", "category", "parent", "area_m2"),
        *("not_subdivided", "fully_divided", "noded", "edition"),
    )
    return {
        **{name: getattr(area, name) for name in names},
        "valid_from": view.moment_text(area.valid_from),
        "valid_to": area.valid_to and view.moment_text(area.valid_to),
    }


def feature(view: View, area: AreaRecord) -> dict[str, object]:
    """Return an area as a GeoJSON feature; outer rings run counter-clockwise (RFC 7946)."""
    geometry = None if area.geom is None else shapely.geometry.mapping(shapely.orient_polygons(area.geom))
    return {"type": "Feature", "id": area.code, "geometry": geometry, "properties": area_document(view, area)}
