"""Editions: what was published when."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.requests import Request

from api.asked_moment import moment_text
from api.edition_stream import edition_notices
from api.models import EditionPage
from api.parameters import Limit, next_page
from api.routes.problems import PROBLEMS
from api.settings import Settings
from api.view import LARGEST_EDITION, ConnectionDep, SettingsDep
from geo.store.editions import Edition, list_editions

router = APIRouter(tags=["editions"], responses=PROBLEMS)

EVENTS: Final = "text/event-stream"

Before = Annotated[
    int | None,
    Query(ge=1, le=LARGEST_EDITION, examples=[9], description="上一页最后一期。/ The last edition of the page before."),
]


@router.get("/editions", response_model=EditionPage, summary="期号列表，最新在前 / publications, the newest first")
def get_editions(
    request: Request, connection: ConnectionDep, settings: SettingsDep, limit: Limit = 100, after: Before = None
) -> JSONResponse:
    """List publications; every answer of this service names one."""
    found = list_editions(connection, before=after, limit=limit + 1)
    link = next_page(request, after=found[limit - 1].id) if len(found) > limit else None
    return JSONResponse({"items": [_document(each, settings) for each in found[:limit]], "next": link})


@router.get("/editions/stream", include_in_schema=False)
async def get_stream(request: Request) -> StreamingResponse:
    """Send an event at once and after every publication, as server-sent events; browsers ask again when it ends."""
    return StreamingResponse(edition_notices(request), media_type=EVENTS, headers={"X-Accel-Buffering": "no"})


def _document(edition: Edition, settings: Settings) -> dict[str, object]:
    moment = moment_text(edition.published_at, settings)
    return {"edition": edition.id, "published_at": moment, "kind": edition.kind, "title": edition.title}
