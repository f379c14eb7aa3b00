"""Facility ledgers: neighbourhood centres, clinics, schools, markets … with their points."""

from dataclasses import dataclass, replace
from typing import Final

from geo.crs import Crs
from geo.errors import BadInput, GeoError
from importers.cell_text import folded
from importers.directory import AreaDirectory
from importers.ledger_areas import AreaReader
from importers.ledger_columns import field_of, fields_of
from importers.ledger_points import Points, read_points
from importers.sheets import Row, SetAside, Table

_CATEGORY_WORDS: Final[dict[str, str]] = {
    "neighbourhood_centre": "邻里中心 便民服务中心 便民服务站 社区服务中心 neighbourhoodcentre",
    "party_centre": "党群服务中心 党群服务站 党群活动中心 党群驿站 partycentre",
    "clinic": "卫生站 卫生室 卫生服务站 社区卫生服务站 社区卫生服务中心 卫生服务中心 诊所 卫生院 clinic",
    "hospital": "医院 hospital",
    "school": "学校 小学 中学 school",
    "kindergarten": "幼儿园 托育 kindergarten",
    "market": "市场 农贸市场 菜市场 集贸市场 market",
    "park": "公园 广场 游园 park",
    "elderly_care": "养老院 养老服务中心 日间照料中心 养老服务站 敬老院 elderlycare",
    "pharmacy": "药店 药房 pharmacy",
    "police_station": "派出所 警务室 policestation",
    "sports": "体育场 体育馆 健身场地 健身点 sports",
    "culture": "文化站 文化活动中心 图书馆 文化广场 culture",
    "post": "快递驿站 快递点 邮政所 post",
    "shop": "超市 便利店 商店 shop",
    "other": "其他 other",
}
CATEGORIES: Final = tuple(_CATEGORY_WORDS)
_CATEGORY_OF: Final = {word: name for name, words in _CATEGORY_WORDS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Facility:
    """A place that serves people.

    Attributes
    ----------
    row
        Row of the ledger.
    name, address
        Texts.
    category, category_text
        One of :data:`CATEGORIES`, and the ledger's own word.
    lon, lat
        Degrees, EPSG:4490, not snapped.
    area_code
        The area that the ledger says it belongs to, or None.
    """

    row: int
    name: str
    category: str
    category_text: str
    address: str
    lon: float
    lat: float
    area_code: str | None


@dataclass(frozen=True, slots=True)
class FacilityLedger:
    """What a facility ledger says; ``refused`` has every row that was not taken, with row, column and reason."""

    facilities: tuple[Facility, ...]
    refused: tuple[SetAside, ...]
    dropped: tuple[SetAside, ...]
    remarks: tuple[GeoError, ...]


def read_facilities(table: Table, directory: AreaDirectory, crs: Crs | None) -> FacilityLedger:
    """Read a facility ledger: name, category, point, address and, where it is told, the area.

    Raises
    ------
    BadInput
        ``ledger-column-missing``; the refusal of :func:`geo.crs.missing_crs` for points without a system.
    """
    columns = fields_of(table.columns)
    columns.setdefault("title", columns.get("name", ""))
    wanted = {"title": "名称 / name", "category": "类别 / category", "lon": "经度 / lon", "lat": "纬度 / lat"}
    for name, words in wanted.items():
        if not columns.get(name):
            raise BadInput("ledger-column-missing", place={"file": table.file}, wanted=words)
    points = read_points(table, columns, crs)
    # a facility's own level (小区级, 社区级, 街区级) is its circle, not that of the area it lies in
    areas = AreaReader(
        replace(table, columns=tuple(one for one in table.columns if field_of(one) != "level")), directory
    )
    facilities: list[Facility] = []
    refused: list[SetAside] = []
    remarks = list(table.remarks)
    seen: dict[tuple[object, ...], int] = {}
    for row in table.rows:
        try:
            facility = _facility(table, row, columns, points, areas)
            _refuse_repeated(table, facility, columns["title"], seen)
        except GeoError as error:
            refused.append(SetAside(row.number, error))
            continue
        facilities.append(facility)
        if facility.category == "other" and folded(facility.category_text) not in ("其他", "other"):
            remarks.append(_said("ledger-category-unknown", table, row.number, columns["category"]))
    return FacilityLedger(tuple(facilities), tuple(refused), table.dropped, tuple(remarks))


def category_of(text: str) -> str:
    """Return the category that a word means: the word itself, or the longest known word that it ends with."""
    word = folded(text).replace("_", "").replace("-", "")
    endings = (known for known in sorted(_CATEGORY_OF, key=len, reverse=True) if word.endswith(known))
    return _CATEGORY_OF[next(endings, "other")]


def _facility(table: Table, row: Row, columns: dict[str, str], points: Points, areas: AreaReader) -> Facility:
    name, category_text = row.cells.get(columns["title"], ""), row.cells.get(columns["category"], "")
    for column, text in ((columns["title"], name), (columns["category"], category_text)):
        if not text:
            raise _said("ledger-cell-missing", table, row.number, column)
    if row.number in points.refused:
        raise points.refused[row.number]
    if row.number not in points.found:
        raise _said("ledger-cell-missing", table, row.number, columns["lon"])
    area = areas.area_of(row) if areas.has_columns and areas.is_named(row) else None
    address = row.cells.get(columns.get("address", ""), "")
    return Facility(
        row.number, name, category_of(category_text), category_text, address, *points.found[row.number], area
    )


def _refuse_repeated(table: Table, facility: Facility, column: str, seen: dict[tuple[object, ...], int]) -> None:
    key = (folded(facility.name), facility.category, facility.lon, facility.lat)
    first = seen.setdefault(key, facility.row)
    if first != facility.row:
        place = {"file": table.file, "row": facility.row, "field": column}
        raise BadInput("ledger-facility-repeated", place=place, row=facility.row, earlier=first)


def _said(kind: str, table: Table, row: int, column: str) -> BadInput:
    return BadInput(kind, place={"file": table.file, "row": row, "field": column}, row=row, column=column)
