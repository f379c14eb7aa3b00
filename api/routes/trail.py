"""The audit trail, for those who audit."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from starlette.requests import Request

from api.access_models import TrailPage, TrailVerdict
from api.parameters import Limit, code_query, next_page
from api.routes.problems import PROBLEMS
from api.trail_documents import record_document, verdict_document, wanted_of
from api.view import LARGEST_EDITION, ConnectionDep, SettingsDep
from geo.store.trail import search_trail, verify_trail

router = APIRouter(tags=["trail"], responses=PROBLEMS)

Actor = Annotated[str | None, code_query("谁。", "Who.", "李四")]
Word = Annotated[str | None, code_query("动作或对象中的文字。", "A text in action or subject.", "approve")]
Since = Annotated[str | None, code_query("从何时起，RFC 3339。", "From this moment on, RFC 3339.", "2026-01-01")]
Until = Annotated[str | None, code_query("到何时为止，不含。", "Before this moment.", "2026-12-31T08:00:00+08:00")]
Before = Annotated[
    int | None,
    Query(ge=1, le=LARGEST_EDITION, examples=[9], description="上一页最后一条。/ The last record of the page before."),
]


@router.get("/trail", response_model=TrailPage, summary="审计日志，最新在前 / the audit trail, the newest first")
def get_trail(
    request: Request,
    connection: ConnectionDep,
    settings: SettingsDep,
    actor: Actor = None,
    word: Word = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 100,
    after: Before = None,
) -> JSONResponse:
    """Search the audit trail: who did what, when and from where."""
    found = search_trail(connection, wanted_of(settings, actor, word, since, until, after), limit + 1)
    link = next_page(request, after=found[limit - 1].number) if len(found) > limit else None
    return JSONResponse({"items": [record_document(one, settings) for one in found[:limit]], "next": link})


@router.get("/trail/verify", response_model=TrailVerdict, summary="审计日志是否完整 / whether the trail is whole")
def get_verdict(connection: ConnectionDep) -> JSONResponse:
    """Look for records that were removed or changed; ``receipt`` is to be noted elsewhere, for later checks."""
    return JSONResponse(verdict_document(verify_trail(connection)))
