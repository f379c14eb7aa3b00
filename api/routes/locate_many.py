"""Which grids and which teams cover many points."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from starlette.requests import Request

from api.many import AskedOfAll, answered_many
from api.many_models import EXAMPLES, LocatedMany, schema_of_points
from api.routes.locate import Accuracy, MinEdition
from api.routes.problems import PROBLEMS, documented
from api.view import AtParam, EditionParam

_TABLE: Final = {"schema": {"type": "string"}}
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_ARROW: Final = "application/vnd.apache.arrow.stream"
_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": schema_of_points(),
            "example": EXAMPLES["application/json"],
        },
        "application/x-ndjson": {**_TABLE, "example": EXAMPLES["application/x-ndjson"]["value"]},
        "text/csv": {**_TABLE, "example": EXAMPLES["text/csv"]["value"]},
        _ARROW: _BINARY,
    },
}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/x-ndjson": _TABLE, "text/csv": _TABLE, _ARROW: _BINARY}},
    413: documented("正文太大 / the body is too large"),
}
router = APIRouter(tags=["locate"], responses=PROBLEMS)

AnyCrs = Annotated[
    str | None,
    Query(
        max_length=20_000,
        description="坐标系：自己没有写 crs 的点都按它。/ The system of all points that do not name their own.",
        examples=["gcj02"],
    ),
]


def _asked(
    crs: AnyCrs = None,
    accuracy: Accuracy = 0.0,
    at: AtParam = None,
    edition: EditionParam = None,
    min_edition: MinEdition = 0,
) -> AskedOfAll:
    return AskedOfAll(crs, accuracy, at, edition, min_edition)


@router.post(
    "/locate",
    response_model=LocatedMany,
    responses=_ANSWERS,
    openapi_extra={"requestBody": _BODY},
    summary="许多点各属于哪个网格 / which grids and teams cover many points",
)
async def post_located(request: Request, asked: Annotated[AskedOfAll, Depends(_asked)]) -> StreamingResponse:
    """Locate many points: JSON, NDJSON, CSV or an Arrow stream; a bad point does not spoil its neighbours."""
    return await answered_many(request, asked)
