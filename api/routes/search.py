"""Places by their names, and addresses to grids."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.routing import Match
from starlette.types import Scope

from api.addresses import locating, nearest_first, outcome_document, place_documents, said_words
from api.models import LocatedAddress, SearchPage
from api.parameters import EXAMPLE_COUNTY, code_query, named_crs, near_of
from api.routes.locate import Accuracy, Radius
from api.routes.problems import PROBLEMS
from api.view import View, ViewDep
from geo.store.addressing import LocateAt, answer_address
from geo.store.finding import Finder, Found, bounded
from geo.store.listing import one_area
from geo.store.locating import RADIUS_M, Question

router = APIRouter(tags=["locate"], responses=PROBLEMS)

CrsOut = Annotated[
    str,
    Query(
        max_length=20_000,
        examples=["gcj02"],
        description="near 和回答中坐标的坐标系，默认 cgcs2000。/ System of `near` and of the answer, cgcs2000 by "
        "default.",
    ),
]
Words = Annotated[
    str,
    Query(
        openapi_examples={"estate": {"value": "松山嘉园1期"}, "typing": {"value": "松山"}},
        description="名称、地址或编码，可以没有写完。/ A name, an address or a code, perhaps not finished.",
    ),
]
Address = Annotated[
    str,
    Query(
        openapi_examples={"staircase": {"value": "松山嘉园1期1栋1单元"}},
        description="地址，按居民和坐席的写法。/ An address as residents and clerks write it.",
    ),
]
Near = Annotated[
    str | None,
    Query(
        max_length=100,
        examples=["104.2802048,30.1859716"],
        description="“经度,纬度”：近的排在前面。/ Longitude,latitude: what is near comes first.",
    ),
]
Within = Annotated[str | None, code_query("只在这个辖区里找。", "Look in this area only.", EXAMPLE_COUNTY)]
Most = Annotated[int, Query(ge=1, le=50, examples=[5], description="最多几个。/ Items at most.")]


class _OfAddresses(APIRoute):
    """The way to ``/locate`` of those who ask with an address; where a point is given too, the point wins."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether a request is about an address."""
        asked = b"&" + scope.get("query_string", b"")
        given = b"&address=" in asked and b"&lon=" not in asked and b"&lat=" not in asked
        return super().matches(scope) if given and scope["path"].endswith("/locate") else (Match.NONE, {})


@router.get("/search", response_model=SearchPage, summary="按名称或地址找地点 / places by name or address")
def get_found(
    q: Words,
    request: Request,
    view: ViewDep,
    near: Near = None,
    within: Within = None,
    crs: CrsOut = "cgcs2000",
    limit: Most = 10,
) -> JSONResponse:
    """Return the places that words may mean, the likeliest first: fit for a box that answers while somebody types."""
    words, system, place = said_words(q, "q"), named_crs(crs), near_of(near, crs)
    with bounded(view.connection):
        found = _found(view, words, within, typing=True).ranked
        ranked = found if place is None else nearest_first(view.connection, view.at, found, place)
        items = place_documents(view.connection, view.at, ranked, _locating(request, view), system, limit)
    return JSONResponse({"items": items, **view.stamp()})


def get_address(
    address: Address,
    request: Request,
    view: ViewDep,
    within: Within = None,
    crs: CrsOut = "cgcs2000",
    accuracy: Accuracy = 0.0,
    radius: Radius = RADIUS_M,
) -> JSONResponse:
    """Say which grid an address lies in, its chain and its team; 200 for every status."""
    words, system = said_words(address, "address"), named_crs(crs)
    locate_at = _locating(request, view, Question(0.0, 0.0, accuracy, radius))
    with bounded(view.connection):
        outcome = answer_address(view.connection, view.at, _found(view, words, within), locate_at, view.teams)
        found = outcome_document(view.connection, view.at, outcome, words, locate_at, system)
    return JSONResponse({**found, **view.stamp(), "stale": False})


_ABOUT: dict[str, Any] = {"response_model": LocatedAddress, "methods": ["GET"]}
router.add_api_route(
    "/locate/address",
    get_address,
    summary="一个地址属于哪个网格、由谁负责，也可写作 /locate?address= / which grid an address belongs to; also "
    "/locate?address=",
    **_ABOUT,
)
# a path of its own that matches the other's: who may ask is ruled by paths
router.add_api_route(
    "/locate{of:path}", get_address, include_in_schema=False, route_class_override=_OfAddresses, **_ABOUT
)


def _found(view: View, words: str, within: str | None, *, typing: bool = False) -> Found:
    area = None if within is None else one_area(view.connection, view.at, within).id
    return Finder(view.connection, view.at, within=area, typing=typing).find(words)


def _locating(request: Request, view: View, question: Question | None = None) -> LocateAt:
    standing = request.app.state.live.standing
    return locating(view.connection, view.at, view.edition, standing, view.teams, view.settings.hierarchy, question)
