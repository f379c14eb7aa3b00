"""Vector tiles, and which layers there are."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response
from starlette.requests import Request

from api.routes.problems import PROBLEMS
from api.tiles import Made, TileStore, Wanted
from api.view import LARGEST_EDITION
from geo.mercator import Tile

router = APIRouter(tags=["service"], responses=PROBLEMS)

TYPE: Final = "application/vnd.mapbox-vector-tile"
_TILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {TYPE: {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "没有变化 / not changed"},
}


def _place(value: int, description: str) -> Any:
    return Path(ge=0, le=2**30, openapi_examples={"tile": {"value": value}}, description=description)


LayerName = Annotated[
    str,
    Path(
        max_length=64,
        pattern=r"^[^\x00-\x1f]+$",
        openapi_examples={"tile": {"value": "grid"}},
        description="图层，见 /tiles。/ The layer: see /tiles.",
    ),
]
Zoom = Annotated[int, _place(14, "缩放级别。/ The zoom.")]
Across = Annotated[int, _place(12938, "列，自西向东。/ The column, from the west.")]
Down = Annotated[int, _place(6753, "行，自北向南。/ The row, from the north.")]
Past = Annotated[
    int | None,
    Query(
        ge=1,
        le=LARGEST_EDITION,
        examples=[1],
        description="期号，默认现在的。/ The edition, the present one by default.",
    ),
]


def _store(request: Request) -> TileStore:
    store: TileStore = request.app.state.tiles
    return store


@router.get("/tiles", summary="图层列表 / layers of vector tiles")
def get_layers(request: Request) -> JSONResponse:
    """Say which layers there are, from which zoom on, and where the city lies."""
    return JSONResponse(_store(request).description(), headers={"Cache-Control": "no-cache"})


@router.get(
    "/tiles/{layer}/{z}/{x}/{y}.mvt", responses=_TILE, response_class=Response, summary="矢量瓦片 / a vector tile"
)
def get_tile(request: Request, layer: LayerName, z: Zoom, x: Across, y: Down, edition: Past = None) -> Response:
    """Return one tile of one layer; ask again with its ETag after a publication."""
    return _answer(request, _store(request).tile(Wanted(layer, Tile(z, x, y), edition)))


def _answer(request: Request, made: Made) -> Response:
    headers = {"ETag": made.tag, "Cache-Control": "no-cache"}
    if made.tag in (request.headers.get("if-none-match") or "").replace("W/", "").split(", "):
        return Response(status_code=304, headers=headers)
    return Response(made.body, media_type=TYPE, headers=headers)
