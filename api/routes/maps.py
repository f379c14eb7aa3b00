"""The map of areas as a page that asks no other host."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.area_layers import map_page
from api.page_response import Page
from api.parameters import EXAMPLE_COUNTY, LanguageDep, code_query
from api.routes.problems import PROBLEMS
from api.view import ViewDep

router = APIRouter(tags=["service"], responses=PROBLEMS)

Level = Annotated[
    str | None, code_query("着色的层级，默认能放下的最低层级。", "Level; default the lowest that fits.", "grid")
]
Within = Annotated[str | None, code_query("只画这个辖区之内。", "Only this area and those below it.", EXAMPLE_COUNTY)]
Lang = Annotated[str | None, Query(max_length=20, examples=["en"], description="zh | en")]


@router.get("/maps", response_class=HTMLResponse, summary="离线地图 / a map that works offline")
def get_map(
    view: ViewDep,
    lang: LanguageDep,
    level: Level = None,
    within: Within = None,
    _: Annotated[Lang, Query(alias="lang")] = None,
) -> HTMLResponse:
    """Show a level with those above it, special grids and team pop-ups."""
    page = map_page(
        *(view.connection, view.settings),
        level=level,
        within=within,
        at=view.at,
        lang=lang,
        contacts=view.settings.contacts,
    )
    return Page(page, lang)
