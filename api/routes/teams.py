"""Teams: who looks after which area."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.requests import Request

from api.models import TeamPage
from api.parameters import EXAMPLE_GRID, After, Limit, code_query
from api.routes.problems import PROBLEMS
from api.team_documents import team_list
from api.view import ViewDep

router = APIRouter(tags=["teams"], responses=PROBLEMS)

AreaCode = Annotated[str | None, code_query("只要这个辖区的团队。", "Only the team of this area.", EXAMPLE_GRID)]


@router.get("/teams", response_model=TeamPage, summary="网格服务团队列表 / service teams, page by page")
def get_teams(
    request: Request, view: ViewDep, area: AreaCode = None, limit: Limit = 100, after: After = ""
) -> JSONResponse:
    """List teams by the code of the area they look after; names and numbers are masked by default."""
    return team_list(view, request, area, limit, after)
