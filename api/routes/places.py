"""Places: which areas covered a point over time, and the residences in a box."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from api.geojson import GEOJSON
from api.parameters import named_crs, required_bounds
from api.place_documents import place_history, residence_features
from api.points import stored_point
from api.routes.locate import CrsName, Lat, Lon
from api.routes.problems import PROBLEMS
from api.view import ViewDep

router = APIRouter(tags=["locate"], responses=PROBLEMS)

_FEATURES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {GEOJSON: {"schema": {"type": "object", "description": "GeoJSON, EPSG:4490"}}}}
}
Level = Annotated[
    str, Query(max_length=64, pattern=r"^[^\x00-\x1f]+$", examples=["town"], description="层级。/ The level.")
]
Box = Annotated[
    str,
    Query(
        max_length=200,
        openapi_examples={"box": {"value": "104.27,30.17,104.29,30.19"}},
        description="西,南,东,北，国家2000经纬度。/ West,south,east,north in degrees (CGCS2000).",
    ),
]


@router.get("/places/history", summary="一个地点的沿革 / which areas covered a place")
def get_history(view: ViewDep, lon: Lon, lat: Lat, crs: CrsName, level: Level = "grid") -> JSONResponse:
    """List the areas of a level that covered a point, up to the moment, the newest first."""
    return JSONResponse(place_history(view, level, *stored_point(lon, lat, named_crs(crs))))


@router.get("/residences", responses=_FEATURES, response_class=Response, summary="范围内的住址 / residences in a box")
def get_residences(view: ViewDep, bbox: Box) -> JSONResponse:
    """Return the residences in a box as GeoJSON points: addresses and households, no persons."""
    return JSONResponse(residence_features(view, required_bounds(bbox)), media_type=GEOJSON)
