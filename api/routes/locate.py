"""Which grid and which team covers a point."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from api.identity import PrincipalDep
from api.located import located_for
from api.models import Located
from api.parameters import named_crs
from api.points import LONGEST_M, stored_point
from api.routes.problems import PROBLEMS
from api.view import LARGEST_EDITION, ViewDep
from geo.store.locating import RADIUS_M, Question

router = APIRouter(tags=["locate"], responses=PROBLEMS)


Lon = Annotated[
    float,
    Query(
        allow_inf_nan=False,
        description="经度，或东坐标（投影坐标系）。/ Longitude, or the easting of a projected system.",
        openapi_examples={"cgcs2000": {"value": 104.2802048}, "gcj02": {"value": 104.2826}},
    ),
]
Lat = Annotated[
    float,
    Query(
        allow_inf_nan=False,
        description="纬度，或北坐标。/ Latitude, or the northing.",
        openapi_examples={"cgcs2000": {"value": 30.1859716}, "gcj02": {"value": 30.1834}},
    ),
]
CrsName = Annotated[
    str,
    Query(
        max_length=20_000,
        description="坐标系，必填：cgcs2000、wgs84、gcj02、bd09、EPSG:n、PROJ 或 WKT。微信默认给 wgs84。/ "
        "Required: cgcs2000, wgs84, gcj02, bd09, EPSG:n, PROJ or WKT. WeChat gives wgs84 by default.",
        openapi_examples={"cgcs2000": {"value": "cgcs2000"}, "gcj02": {"value": "gcj02"}},
    ),
]


def _length(zh: str, en: str, example: int) -> Any:
    return Query(ge=0, le=LONGEST_M, allow_inf_nan=False, examples=[example], description=f"{zh}/ {en}")


Accuracy = Annotated[
    float, _length("定位精度（米）：列出此范围内的其他辖区。", "Accuracy in m: other areas within are listed.", 30)
]
Radius = Annotated[float, _length("在多远（米）之内找边界。", "How far (m) borders are looked for.", 1000)]


MinEdition = Annotated[
    int,
    Query(
        ge=0,
        le=LARGEST_EDITION,
        examples=[1],
        description="至少要这一期的回答（刚发布之后用）；等一秒，还没有就是 503。/ Answer from this edition or a later "
        "one, for who has just published; 503 where it is not there after a second.",
    ),
]


class AskedPoint:
    """A point as it is asked for; projected systems give easting as ``lon`` and northing as ``lat``."""

    def __init__(self, lon: Lon, lat: Lat, crs: CrsName, accuracy: Accuracy = 0.0, radius: Radius = RADIUS_M) -> None:
        self.shown = {"lon": lon, "lat": lat, "crs": crs}
        self.question = Question(*stored_point(lon, lat, named_crs(crs)), accuracy_m=accuracy, radius_m=radius)


@router.get(
    "/locate", response_model=Located, summary="一个点属于哪个网格、由谁负责 / which grid and team covers a point"
)
def get_located(
    asked: Annotated[AskedPoint, Depends()], view: ViewDep, who: PrincipalDep, min_edition: MinEdition = 0
) -> JSONResponse:
    """Say which grid covers a point on any day, its chain and its team; 200 for every status.

    The present is answered from memory, see :mod:`api.live_locate`; the past comes here.
    """
    view.require_edition(min_edition)
    found = located_for(who, view, asked.question)
    return JSONResponse({**found.document(), "point": asked.shown, **view.stamp(), "stale": False})
