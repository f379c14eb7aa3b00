"""Base maps: which there are, and their tiles."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response

from api.base_maps import base_map_tile
from api.routes.problems import PROBLEMS
from api.view import ConnectionDep
from geo.mercator import Tile
from geo.store.base_maps import list_base_maps, one_base_map
from geo.store.connect import reading

router = APIRouter(tags=["service"], responses=PROBLEMS)

_PICTURE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
}
_KEPT: Final = {"Cache-Control": "private, max-age=86400"}
MapName = Annotated[
    str,
    Path(
        max_length=64,
        pattern=r"^[\w-]+$",
        openapi_examples={"map": {"value": "aerial"}},
        description="底图，见 /basemap。/ The base map: see /basemap.",
    ),
]


def _number(value: int, description: str) -> Any:
    return Path(ge=0, le=2**30, openapi_examples={"map": {"value": value}}, description=description)


Zoom = Annotated[int, _number(14, "缩放级别。/ The zoom.")]
Across = Annotated[int, _number(12938, "列，自西向东。/ The column, from the west.")]
Down = Annotated[int, _number(6753, "行，自北向南。/ The row, from the north.")]


@router.get("/basemap", summary="底图列表 / base maps")
def get_base_maps(connection: ConnectionDep) -> JSONResponse:
    """List the base maps that the operator gave; source and 审图号 are always to be shown."""
    return JSONResponse({"items": [each.document() for each in list_base_maps(connection)]})


@router.get("/basemap/{name}/{z}/{x}/{y}", responses=_PICTURE, response_class=Response, summary="底图瓦片 / a tile")
def get_tile(request: Request, name: MapName, z: Zoom, x: Across, y: Down) -> Response:
    """Return one tile of a base map as a picture."""
    with reading(request.app.state.engine) as connection:
        base = one_base_map(connection, name)
    picture = base_map_tile(base, Tile(z, x, y))
    return Response(picture.body, media_type=picture.media_type, headers=_KEPT)
