"""What a plan comes to: its check, its areas before and after, whom it touches, and the sheet that is signed."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, JSONResponse, Response

from api.desk import Desk
from api.geojson import GEOJSON
from api.identity import PrincipalDep
from api.page_response import Page
from api.parameters import LanguageDep
from api.plan_documents import check_document, side_features
from api.plan_models import PlanCheck
from api.plan_papers import residences_csv
from api.plan_sheets import map_of, sheet_of
from api.planning import check_plan, first_reason, impact_of, personal
from api.routes.plans import DOOR, Number
from api.routes.plans import router as plans_router
from api.view import SettingsDep, WritingDep
from geo.store.plans import Acting

router = APIRouter(tags=["plans"], responses=plans_router.responses)

Side = Annotated[
    Literal["before", "after"], Query(examples=["before"], description="调整前或调整后。/ Before or after the plan.")
]
Paper = Annotated[Literal["A4", "A3"], Query(examples=["A3"], description="纸张。/ The paper.")]
_FEATURES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {GEOJSON: {"schema": {"type": "object", "description": "GeoJSON, EPSG:4490"}}}}
}
_CSV: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


def _desk(connection: WritingDep, settings: SettingsDep, who: PrincipalDep) -> Desk:
    return Desk(connection, settings, Acting(who.name, DOOR), who)


DeskDep = Annotated[Desk, Depends(_desk)]


@router.get("/plans/{plan}/check", response_model=PlanCheck, summary="检查 / check")
def get_check(number: Number, desk: DeskDep) -> JSONResponse:
    """Work the draft out on the present boundaries: areas, findings, clashes with other plans, lineage."""
    return JSONResponse(check_document(check_plan(desk, number)))


@router.get(
    "/plans/{plan}/areas", responses=_FEATURES, response_class=Response, summary="前后边界 / areas before or after"
)
def get_areas(number: Number, desk: DeskDep, side: Side = "after") -> JSONResponse:
    """Return the areas that a plan concerns as GeoJSON; ``role`` is changed, noded, created or ended."""
    drafted = check_plan(desk, number)
    return JSONResponse(side_features(drafted, side), media_type=GEOJSON)


@router.get("/plans/{plan}/impact", summary="影响 / whom it touches")
def get_impact(number: Number, desk: DeskDep) -> JSONResponse:
    """Say what becomes different for people: land, households, facilities, teams, sizes; and who cannot be placed."""
    return JSONResponse(impact_of(desk, personal(desk, number)).document())


@router.get(
    "/plans/{plan}/residences", responses=_CSV, response_class=Response, summary="变更网格的住户 / residences that move"
)
def get_residences(number: Number, desk: DeskDep) -> Response:
    """Return the residences that change grid as CSV."""
    return Response(residences_csv(impact_of(desk, personal(desk, number))), media_type="text/csv; charset=utf-8")


@router.get("/plans/{plan}/sheet", response_class=HTMLResponse, summary="方案表 / the sheet that is signed")
def get_sheet(number: Number, desk: DeskDep, lang: LanguageDep, paper: Paper = "A4") -> HTMLResponse:
    """Return the sheet that is signed as one page, ready to be printed."""
    drafted = personal(desk, number)
    return Page(sheet_of(desk, drafted, first_reason(desk, drafted.plan), lang=lang, paper=paper), lang)


@router.get("/plans/{plan}/map", response_class=HTMLResponse, summary="前后地图 / map before and after")
def get_map(number: Number, desk: DeskDep, lang: LanguageDep) -> HTMLResponse:
    """Return the boundaries before and after a plan as one page that works offline."""
    return Page(map_of(desk, check_plan(desk, number), lang), lang)
