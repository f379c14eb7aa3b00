"""What the editor draws on: a draft's areas in a box, and who else is at work there."""

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from api.desk import Desk
from api.geojson import GEOJSON
from api.identity import PrincipalDep, actor_of
from api.parameters import required_bounds
from api.plan_scene import company_document, scene_document
from api.routes.places import Box, Level
from api.routes.plans import DOOR, Name, Number
from api.routes.plans import router as plans_router
from api.view import SettingsDep, WritingDep
from geo.store.plans import Acting

router = APIRouter(tags=["plans"], responses=plans_router.responses)

_FEATURES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {GEOJSON: {"schema": {"type": "object", "description": "GeoJSON, EPSG:4490"}}}}
}


@router.get(
    "/plans/{plan}/scene", responses=_FEATURES, response_class=Response, summary="草案范围内的辖区 / areas to draw on"
)
def get_scene(
    number: Number,
    connection: WritingDep,
    settings: SettingsDep,
    who: PrincipalDep,
    bbox: Box,
    level: Level = "grid",
) -> JSONResponse:
    """Return the areas of a level in a box as a draft has them; ``role`` says what the draft does to each."""
    desk = Desk(connection, settings, Acting(who.name, DOOR), who)
    return JSONResponse(scene_document(desk, number, level, required_bounds(bbox)), media_type=GEOJSON)


@router.get("/plans/{plan}/others", summary="还有谁在这里工作 / who else is at work")
def get_others(
    number: Number, connection: WritingDep, settings: SettingsDep, who: PrincipalDep, actor: Name = None
) -> JSONResponse:
    """Say who else changed this plan lately, and which open plans change the same areas or areas beside them."""
    name = actor_of(who, actor)
    desk = Desk(connection, settings, Acting(name, DOOR), who)
    return JSONResponse(company_document(desk, number, name, datetime.now(UTC)))
