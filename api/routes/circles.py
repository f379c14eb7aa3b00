"""Facilities, circles and whom they serve."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from api.circle_asked import asked_draft, asked_service, circle_filter
from api.circling import (
    circles_document,
    draft_document,
    facilities_document,
    serving_document,
    shares_document,
    unserved_document,
)
from api.geojson import GEOJSON
from api.models import Model
from api.parameters import EXAMPLE_COUNTY, EXAMPLE_GRID, code_query
from api.routes.problems import PROBLEMS
from api.view import View, ViewDep
from geo.store.circles import CircleFilter
from geo.store.serving import AskedService

router = APIRouter(tags=["circles"], responses=PROBLEMS)

_PRINTABLE: Final = r"^[^\x00-\x1f]+$"
_FEATURES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {GEOJSON: {"schema": {"type": "object", "description": "GeoJSON, EPSG:4490"}}}}
}

Category = Annotated[
    str,
    Query(
        max_length=64,
        pattern=_PRINTABLE,
        openapi_examples={"clinic": {"value": "clinic"}},
        description="设施类别。/ Category of facilities.",
    ),
]
OneCategory = Annotated[str | None, code_query("只要这一类。", "Of this category only.", "clinic")]
Tier = Annotated[str, code_query("圈层：estate、community、block。", "Tier.", "community")]
OneTier = Annotated[str | None, code_query("只要这一圈层。", "Of this tier only.", "estate")]
Profile = Annotated[str, code_query("生活圈方案。", "Profile of circles.", "gb50180")]
Within = Annotated[str | None, code_query("此辖区及其以下。", "This area and all below it.", EXAMPLE_COUNTY)]
Level = Annotated[str, code_query("每个这一层级的辖区一行。", "A row for each area of this level.", "town")]
Facility = Annotated[str | None, code_query("设施名称。", "Name of the facility.", "clinic")]
Point = Annotated[
    str | None,
    Query(max_length=100, examples=["104.28,30.18"], description="覆盖此点的：经度,纬度。/ Those that cover a point."),
]
CrsName = Annotated[str, Query(max_length=20_000, examples=["gcj02"], description="点的坐标系。/ CRS of the point.")]
Form = Annotated[Literal["json", "geojson"], Query(alias="format", examples=["geojson"], description="JSON / GeoJSON.")]
Area = Annotated[
    str,
    Query(
        max_length=64,
        pattern=_PRINTABLE,
        openapi_examples={"grid": {"value": EXAMPLE_GRID}},
        description="辖区编码。/ The area.",
    ),
]


class NewPlace(Model):
    """A facility that is not there yet, degrees CGCS2000."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class Draft(Model):
    """New and closed facilities of one category."""

    category: str = Field(max_length=64)
    profile: str = Field(default="seed", max_length=64)
    within: str | None = Field(default=None, max_length=64)
    new: list[NewPlace] = Field(default=[], max_length=50)
    close: list[str] = Field(default=[], max_length=50)


def _service(
    category: Category, tier: Tier = "community", profile: Profile = "seed", within: Within = None
) -> AskedService:
    return asked_service(profile, tier, category, within)


def _wanted(
    category: OneCategory = None,
    tier: OneTier = None,
    profile: Profile = "seed",
    facility: Facility = None,
    point: Point = None,
    crs: CrsName = "cgcs2000",
) -> CircleFilter:
    return circle_filter(profile, tier, category, facility, point, crs)


Asked = Annotated[AskedService, Depends(_service)]
Wanted = Annotated[CircleFilter, Depends(_wanted)]


@router.get("/facilities", summary="服务设施 / facilities")
def get_facilities(view: ViewDep, category: OneCategory = None) -> JSONResponse:
    """List the facilities by category and name."""
    return _answer(view, facilities_document(view.connection, view.at, category), "json")


@router.get(
    "/circles",
    responses=_FEATURES,
    summary="便民生活圈 / circles: of a facility, of a category, or those that cover a point",
)
def get_circles(view: ViewDep, wanted: Wanted, form: Form = "json") -> JSONResponse:
    """List circles; as GeoJSON with their shapes. ``means`` says which are walked and which only estimated."""
    return _answer(view, circles_document(view.connection, view.at, wanted, shapes=form == "geojson"), form)


@router.get("/circles/shares", summary="覆盖率 / shares of m², residences and households")
def get_shares(view: ViewDep, asked: Asked, level: Level = "community") -> JSONResponse:
    """Say how much of each area the circles of a category and tier cover; ``basis`` is null before there are any."""
    return _answer(view, shares_document(view.connection, view.at, asked, level), "json")


@router.get("/circles/unserved", responses=_FEATURES, summary="到不了的住户 / residences that no circle reaches")
def get_unserved(view: ViewDep, asked: Asked, form: Form = "json") -> JSONResponse:
    """List the residences that no circle of a category and tier reaches, as a list or a layer."""
    return _answer(view, unserved_document(view.connection, view.at, asked, shapes=form == "geojson"), form)


@router.get("/circles/serving", summary="服务一个辖区的设施 / facilities that serve an area")
def get_serving(view: ViewDep, area: Area, profile: Profile = "seed") -> JSONResponse:
    """List the circles that cover some of an area, with their shares of it."""
    return _answer(view, serving_document(view.connection, view.at, profile, area), "json")


@router.post("/circles/draft", summary="试算新设或关闭设施 / what new or closed facilities would change")
def post_draft(view: ViewDep, draft: Draft) -> JSONResponse:
    """Say what new and closed facilities would change for households, tier by tier; nothing is stored."""
    points = [(one.lon, one.lat) for one in draft.new]
    profile, asked, opened = asked_draft(draft.profile, draft.category, draft.within, points)
    return _answer(view, draft_document(view.connection, view.at, profile, asked, opened, draft.close), "json")


def _answer(view: View, document: dict[str, object], form: str) -> JSONResponse:
    kind = GEOJSON if form == "geojson" else "application/json"
    return JSONResponse({**document, **view.stamp()}, media_type=kind)
