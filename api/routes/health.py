"""Whether this service can answer, and how it is."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.requests import Request

from api.models import Health
from api.routes.problems import PROBLEMS
from api.service_state import health_document, metrics_text

router = APIRouter(tags=["service"], responses={503: PROBLEMS[503]})


@router.get("/health", response_model=Health, summary="服务状态 / state of the service")
def get_health(request: Request) -> JSONResponse:
    """Answer 200 while points can be located: from the database, or from memory while it is away; else 503."""
    state = request.app.state
    book = state.access.book
    accounts = None if book is None else book.has_accounts
    return JSONResponse({**health_document(state.engine, state.live.standing), "accounts": accounts})


@router.get("/metrics", response_class=PlainTextResponse, summary="监控指标 / numbers for monitoring (Prometheus)")
def get_metrics(request: Request) -> PlainTextResponse:
    """Give the numbers of the worker process that answers."""
    state = request.app.state
    return PlainTextResponse(metrics_text(state.live.standing, state.served), media_type="text/plain; version=0.0.4")
