"""What stands on the first page: links, and questions about a place that is really here."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import shapely

from api.view import View
from geo.messages import Language
from geo.store.listing import AreaFilter, list_areas
from maps.first_page import Link, first_page

_PLACES: Final = {
    "zh": (
        Link("/planner?lang=zh", "网格规划", "在地图上查询、改界、检查、审核，不需要外网"),
        Link("/maps?lang=zh", "地图", "各级辖区和网格服务团队，不需要外网"),
        Link("/docs", "接口文档", "全部接口和可以直接运行的例子（OpenAPI）"),
        Link("/health", "状态", "服务和数据库的版本、当前期号"),
    ),
    "en": (
        Link("/planner?lang=en", "Grid planner", "ask, redraw, check and review on a map; needs no outside network"),
        Link("/maps?lang=en", "Map", "areas of all levels with their teams; needs no outside network"),
        Link("/docs", "API documentation", "everything that can be asked, with examples that run (OpenAPI)"),
        Link("/health", "State", "versions of service and database, the present edition"),
    ),
}


def first_page_of(view: View, lang: Language) -> str:
    """Return the first page of what is published at this moment."""
    zh = lang == "zh"
    held = f"第 {view.edition} 期" if zh else f"Edition {view.edition}"
    return first_page(
        title="网格守护 Gridwarden" if zh else "Gridwarden 网格守护",
        lead="任一点、任一天：属于哪个网格，由哪个网格服务团队负责。"
        if zh
        else "Which grid covers a point on any day, and which team is responsible.",
        status=held if view.edition else ("还没有发布任何辖区。" if zh else "Nothing has been published yet."),
        places=_PLACES[lang],
        questions=_questions(view, zh),
        lang=lang,
    )


@dataclass(frozen=True, slots=True)
class ExamplePoint:
    """A point inside some grid, degrees EPSG:4490: something that can be asked about here."""

    lon: float
    lat: float

    def address(self, **more: object) -> str:
        """Return the address of the question."""
        return f"/api/v1/locate?{urlencode({'lon': self.lon, 'lat': self.lat, 'crs': 'cgcs2000', **more})}"


def example_point(view: View) -> ExamplePoint | None:
    """Return a point inside the first grid, None where there is no grid with a boundary."""
    wanted = AreaFilter(level="grid", kind="general")
    for grid in list_areas(view.connection, view.at, wanted, limit=1, shapes=True):
        if grid.geom is not None:
            inside = shapely.point_on_surface(grid.geom)
            return ExamplePoint(round(inside.x, 7), round(inside.y, 7))
    return None


def _questions(view: View, zh: bool) -> list[Link]:
    point = example_point(view)
    if point is None:
        return []
    return [
        Link(
            point.address(accuracy=30),
            "这个点属于哪个网格、由谁负责？" if zh else "Which grid and which team covers this point?",
            "crs 必填：微信默认 wgs84，高德、腾讯给 gcj02，百度给 bd09"
            if zh
            else "crs is required: WeChat gives wgs84 by default, AMap and Tencent gcj02, Baidu bd09",
        ),
        Link(
            "/api/v1/areas?level=community&limit=5",
            "有哪些社区？" if zh else "Which communities are there?",
            "逐页列出；加 format=geojson 得到边界" if zh else "page by page; format=geojson gives boundaries",
        ),
        Link("/api/v1/editions?limit=5", "最近发布了什么？" if zh else "What was published last?", ""),
    ]
