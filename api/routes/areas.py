"""Areas: lists page by page, one by code, children; as JSON or GeoJSON."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from starlette.requests import Request

from api.area_documents import Shown, area_alone, area_list, wants_features
from api.area_past import history_document, lineage_document
from api.geojson import GEOJSON
from api.models import AreaHistory, AreaLineage, AreaPage, OneArea
from api.parameters import EXAMPLE_COUNTY, After, Code, Limit, bounds_of, code_query
from api.routes.problems import PROBLEMS
from api.view import ViewDep
from geo.store.listing import AreaFilter

router = APIRouter(tags=["areas"], responses=PROBLEMS)

_FEATURES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {GEOJSON: {"schema": {"type": "object", "description": "GeoJSON, EPSG:4490"}}}}
}
Level = Annotated[str | None, code_query("层级。", "Level.", "grid")]
Parent = Annotated[str | None, code_query("直接上级的编码。", "Code of the parent.", EXAMPLE_COUNTY)]
Within = Annotated[str | None, code_query("此辖区及其以下。", "This area and all below it.", EXAMPLE_COUNTY)]
Kind = Annotated[
    Literal["general", "special"] | None, Query(examples=["special"], description="全科或专属。/ General or special.")
]
Format = Annotated[
    Literal["json", "geojson"] | None,
    Query(alias="format", examples=["geojson"], description="默认按 Accept。/ By `Accept` where not given."),
]
Box = Annotated[
    str | None,
    Query(
        max_length=200,
        examples=["104.27,30.17,104.29,30.19"],
        description="西,南,东,北，国家2000经纬度。/ West,south,east,north in degrees (CGCS2000).",
    ),
]


def _shown(request: Request, limit: Limit = 100, after: After = "", form: Format = None) -> Shown:
    return Shown(request, limit, after, wants_features(request, form))


def _wanted(
    level: Level = None, kind: Kind = None, parent: Parent = None, within: Within = None, bbox: Box = None
) -> AreaFilter:
    return AreaFilter(level=level, kind=kind, parent=parent, within=within, bounds=bounds_of(bbox))


Generations = Annotated[
    int, Query(ge=1, le=20, examples=[3], description="追溯几代，默认直接来去。/ How many generations to follow.")
]
Part = Annotated[Shown, Depends(_shown)]
Wanted = Annotated[AreaFilter, Depends(_wanted)]


@router.get("/areas", response_model=AreaPage, responses=_FEATURES, summary="辖区列表 / areas, page by page")
def get_areas(wanted: Wanted, view: ViewDep, shown: Part) -> JSONResponse:
    """List areas by code; ``next`` is the address of the next page, of the same edition."""
    return area_list(view, wanted, shown)


@router.get("/areas/{code}", response_model=OneArea, responses=_FEATURES, summary="一个辖区 / one area")
def get_area(code: Code, view: ViewDep, request: Request, form: Format = None) -> JSONResponse:
    """Return one area by its code."""
    return area_alone(view, code, wants_features(request, form))


@router.get("/areas/{code}/children", response_model=AreaPage, responses=_FEATURES, summary="下级 / children")
def get_children(code: Code, view: ViewDep, shown: Part) -> JSONResponse:
    """List the areas directly below one, special grids and all."""
    return area_list(view, AreaFilter(parent=code), shown)


@router.get("/areas/{code}/history", response_model=AreaHistory, summary="历次版本 / every version")
def get_history(code: Code, view: ViewDep) -> JSONResponse:
    """List the versions of an area, the oldest first, up to the moment; a retired area's and a former code too."""
    return JSONResponse(history_document(view, code))


@router.get("/areas/{code}/lineage", response_model=AreaLineage, summary="沿革 / lineage")
def get_lineage(code: Code, view: ViewDep, generations: Generations = 1) -> JSONResponse:
    """Say where an area came from and what became of it, up to the moment, with shares of m² and households."""
    return JSONResponse(lineage_document(view, code, generations))
