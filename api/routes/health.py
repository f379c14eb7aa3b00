"""Whether this service can answer."""

import platform
from importlib.metadata import version

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.models import Health
from api.routes.problems import PROBLEMS
from api.view import ConnectionDep
from geo.store.health import health

router = APIRouter(tags=["service"], responses={503: PROBLEMS[503]})


@router.get("/health", response_model=Health, summary="服务状态 / state of the service")
def get_health(connection: ConnectionDep) -> JSONResponse:
    """Answer 200 while the database answers and has the tables that this program needs, else 503."""
    found = health(connection)
    database = {"postgresql": found.postgresql, "postgis": found.postgis, "schema": found.revision}
    versions = {"gridwarden": version("gridwarden"), "python": platform.python_version()}
    return JSONResponse({"status": "ok", "edition": found.edition, "database": database, "versions": versions})
