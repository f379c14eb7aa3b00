"""Facility ledgers. All places here are invented."""

import pytest

from geo.crs import parse_crs
from geo.errors import BadInput
from importers.directory import AreaDirectory
from importers.facilities import category_of, read_facilities
from importers.tables import read_table

DIRECTORY = AreaDirectory.from_columns(["990101001001"], ["城南社区"], ["community"], [""])


def read(tmp_path, text, crs="cgcs2000"):
    path = tmp_path / "facilities.csv"
    path.write_text(text, encoding="gbk")
    return read_facilities(read_table(path), DIRECTORY, parse_crs(crs) if crs else None)


def test_facilities_have_category_point_address_and_area(tmp_path):
    text = "名称,类别,经度,纬度,地址,社区\n禾邻里,邻里中心,103.8,30.1,正街1号,城南社区\n禾诊所,诊所,103.9,30.2,,\n"
    centre, clinic = read(tmp_path, text).facilities
    assert (centre.name, centre.category, centre.lon, centre.lat) == ("禾邻里", "neighbourhood_centre", 103.8, 30.1)
    assert (centre.address, centre.area_code) == ("正街1号", "990101001001")
    assert (clinic.category, clinic.area_code) == ("clinic", None)


def test_rows_without_name_category_or_point_and_repeated_ones_are_refused(tmp_path):
    text = "name,category,lon,lat\n,park,103,30\na,,103,30\nb,park,,\nc,park,30,103\nd,park,103,30\nd,park,103,30\n"
    found = read(tmp_path, text)
    assert [(row.number, row.reason.kind) for row in found.refused] == [
        (2, "ledger-cell-missing"),
        (3, "ledger-cell-missing"),
        (4, "ledger-cell-missing"),
        (5, "crs-axes-swapped"),
        (7, "ledger-facility-repeated"),
    ]
    assert [facility.row for facility in found.facilities] == [6]


def test_an_unknown_category_is_other_with_a_remark(tmp_path):
    found = read(tmp_path, "名称,类别,经度,纬度\n禾塔,灯塔,103,30\n禾屋,其他,103,30\n")
    assert [facility.category for facility in found.facilities] == ["other", "other"]
    assert [(remark.kind, remark.place["row"]) for remark in found.remarks] == [("ledger-category-unknown", 2)]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("便民服务中心", "neighbourhood_centre"),
        ("社区党群服务中心", "party_centre"),
        ("卫生站", "clinic"),
        ("人民医院", "hospital"),
        ("实验小学", "school"),
        ("农贸市场", "market"),
        ("Neighbourhood_Centre", "neighbourhood_centre"),
    ],
)
def test_categories_are_known_by_their_usual_words(text, category):
    assert category_of(text) == category


def test_points_without_a_system_and_missing_columns_are_refused(tmp_path):
    with pytest.raises(BadInput, match="coordinate system"):
        read(tmp_path, "名称,类别,经度,纬度\n禾塔,公园,103,30\n", crs=None)
    with pytest.raises(BadInput, match="category"):
        read(tmp_path, "名称,经度,纬度\n禾塔,103,30\n")
