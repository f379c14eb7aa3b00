"""Residence ledgers by grid and by point. All places and people here are invented."""

import numpy as np
import openpyxl
import pytest

from geo.crs import parse_crs
from geo.errors import BadInput
from importers.directory import AreaDirectory
from importers.residences import ResidenceTotal, read_residences
from importers.tables import read_table

SOUTH, NORTH = "990101001001", "990101001002"
S1, S2, N1 = SOUTH + "001", SOUTH + "002", NORTH + "001"
WGS84_MEISHAN = (103.8464354, 30.078257)
GCJ02_MEISHAN = (103.848540966, 30.075438964)
ZONE_35_MEISHAN = (35388780.508, 3329349.610)


@pytest.fixture
def directory():
    rows = [
        (SOUTH, "", "城南社区", "community", ""),
        (NORTH, "", "城北社区", "community", ""),
        (S1, "A1", "第一网格", "grid", SOUTH),
        (S2, "A2", "第二网格", "grid", SOUTH),
        (N1, "B1", "第一网格", "grid", NORTH),
    ]
    codes, local_codes, names, levels, parents = map(list, zip(*rows, strict=True))
    return AreaDirectory.from_columns(codes, names, levels, parents, local_codes=local_codes)


def ledger(tmp_path, rows, merges=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for block in merges:
        book.active.merge_cells(block)
    book.save(tmp_path / "residences.xlsx")
    return read_table(tmp_path / "residences.xlsx")


def text_ledger(tmp_path, text):
    path = tmp_path / "residences.csv"
    path.write_text(text, encoding="utf-8-sig")
    return read_table(path)


def refused(found):
    return [(row.number, row.reason.kind) for row in found.refused]


#      社区    网格      小区    楼栋   户数    人数   楼栋长  电话
#  3  ┌城南   ┌第一网格  禾苑    1栋    ４７２  1,200  田一禾  13800000001
#  4  │       └          禾苑    2栋    100
#  5  └        第二网格  禾苑    1栋    -3                                   negative
#  6   小计                             572
#  7   城北    第1网格   北苑    1栋    300    900
#  8   城北    第1网格   北苑    1栋    300                                  the same address again
#  9   城北    第1网格   北苑    2栋    很多
# 10   城北             北苑    3栋    10                                   no grid
# 11   合计                             1469
REAL = (
    ["楼栋台账（虚构）"],
    ["社区", "网格", "小区", "楼栋", "户数", "人数", "楼栋长", "楼栋长电话"],
    ["城南社区", "第一网格", "禾苑", "1栋", "４７２", "1,200", "田一禾", 13800000001.0],
    [None, None, "禾苑", "2栋", 100, None, None, None],
    [None, "第二网格", "禾苑", "1栋", -3, None, None, None],
    ["小计", None, None, None, 569, None, None, None],
    ["城北社区", "第1网格", "北苑", "1栋", 300, 900, None, None],
    ["城北社区", "第1网格", "北苑", "1 栋", 300, None, None, None],
    ["城北社区", "第1网格", "北苑", "2栋", "很多", None, None, None],
    ["城北社区", None, "北苑", "3栋", 10, None, None, None],
    ["合计", None, None, None, 1179, None, None, None],
)


@pytest.fixture
def real(tmp_path, directory):
    return read_residences(ledger(tmp_path, REAL, ["A1:H1", "A3:A5", "B3:B4"]), directory, None)


def test_households_and_residents_add_up_per_grid(real):
    assert real.totals() == {S1: ResidenceTotal(2, 572, 1200), N1: ResidenceTotal(1, 300, 900)}


def test_every_rejected_row_has_a_reason(real):
    assert refused(real) == [
        (5, "ledger-count-negative"),
        (8, "ledger-address-repeated"),
        (9, "ledger-count-unreadable"),
        (10, "ledger-no-grid-no-point"),
    ]
    assert real.refused[1].reason.facts == {"row": 8, "earlier": 7}
    assert real.refused[0].reason.place == {"file": "residences.xlsx", "row": 5, "field": "户数"}


def test_the_stated_totals_are_compared(real):
    assert [remark.facts for remark in real.remarks] == [
        {"row": 6, "column": "户数", "stated": 569, "counted": 572},
        {"row": 11, "column": "户数", "stated": 1179, "counted": 610},
    ]


def test_a_leader_is_kept_out_of_every_text(real):
    assert real.residences[0].leader.name == "田一禾"
    assert real.residences[0].leader.phone == "13800000001"
    assert "田" not in repr(real.residences)


def test_unknown_residents_stay_unknown(real):
    assert [home.residents for home in real.residences] == [1200, None, 900]


def test_a_grid_is_found_by_code_local_code_or_name_within_a_community(tmp_path, directory):
    text = f"grid_code,community,households,address\n{S1},,1,a\nA2,,2,b\nB1,城北社区,3,c\n"
    found = read_residences(text_ledger(tmp_path, text), directory, None)
    assert [home.grid_code for home in found.residences] == [S1, S2, N1]


@pytest.mark.parametrize(
    ("crs", "x", "y"),
    [("wgs84", *WGS84_MEISHAN), ("gcj02", *GCJ02_MEISHAN), ("EPSG:4523", *ZONE_35_MEISHAN)],
)
def test_points_of_every_system_land_on_the_same_place(tmp_path, directory, crs, x, y):
    found = read_residences(text_ledger(tmp_path, f"经度,纬度,户数\n{x!r},{y!r},3\n"), directory, parse_crs(crs))
    home = found.residences[0]
    assert np.allclose([home.lon, home.lat], WGS84_MEISHAN, atol=2e-8, rtol=0)
    assert (home.grid_code, found.totals()) == (None, {None: ResidenceTotal(1, 3, 0)})


def test_grid_and_point_are_both_kept(tmp_path, directory):
    text = f"网格编码,lon,lat,户数\n{S1},103.8,30.1,3\n{S1},,,4\n"
    first, second = read_residences(text_ledger(tmp_path, text), directory, parse_crs("cgcs2000")).residences
    assert (first.grid_code, first.lon, first.lat) == (S1, 103.8, 30.1)
    assert (second.grid_code, second.lon, second.lat) == (S1, None, None)


def test_points_without_a_system_are_refused_with_the_list_of_systems(tmp_path, directory):
    with pytest.raises(BadInput) as caught:
        read_residences(text_ledger(tmp_path, "lon,lat,户数\n103.8,30.1,3\n"), directory, None)
    assert caught.value.kind.startswith("crs-missing")
    assert "gcj02" in caught.value.text("zh")


def test_point_columns_that_are_blank_need_no_system(tmp_path, directory):
    text = f"网格编码,lon,lat,户数\n{S1},,,3\n"
    assert len(read_residences(text_ledger(tmp_path, text), directory, None).residences) == 1


def test_wrong_points_are_refused_one_by_one(tmp_path, directory):
    points = ["30.1,103.8", "30.1,80.5", "nan,30", "inf,30", "103.8,", "103.8,95", "35388780,3329349", "103.8,30.1"]
    text = "lon,lat,户数\n" + "".join(f"{point},1\n" for point in points)
    found = read_residences(text_ledger(tmp_path, text), directory, parse_crs("wgs84"))
    assert refused(found) == [
        (2, "crs-axes-swapped"),
        (3, "crs-axes-swapped"),
        (4, "ledger-point-unreadable"),
        (5, "ledger-point-unreadable"),
        (6, "ledger-point-unreadable"),
        (7, "crs-latitude-beyond-90"),
        (8, "crs-metres-as-degrees"),
    ]
    assert [home.row for home in found.residences] == [9]


def test_swapped_metres_are_refused(tmp_path, directory):
    x, y = ZONE_35_MEISHAN
    found = read_residences(text_ledger(tmp_path, f"lon,lat,户数\n{y},{x},1\n"), directory, parse_crs("EPSG:4523"))
    assert refused(found) == [(2, "crs-axes-swapped")]


def test_blank_fractional_and_huge_counts_are_refused(tmp_path, directory):
    text = f"网格编码,户数,地址\n{S1},,a\n{S1},1.5,b\n{S1},1e9,c\n{S1},0,d\n"
    found = read_residences(text_ledger(tmp_path, text), directory, None)
    assert [kind for _, kind in refused(found)] == [
        "ledger-count-missing",
        "ledger-count-fraction",
        "ledger-count-too-large",
    ]
    assert found.totals() == {S1: ResidenceTotal(1, 0, 0)}


def test_one_address_in_two_grids_is_no_repetition(tmp_path, directory):
    text = f"网格编码,地址,户数\n{S1},正街1号,1\n{S2},正街1号,1\n{S2},正街１号,1\n"
    assert refused(read_residences(text_ledger(tmp_path, text), directory, None)) == [(4, "ledger-address-repeated")]


def test_a_ledger_without_households_or_places_is_refused_as_a_whole(tmp_path, directory):
    for text in (f"网格编码,地址\n{S1},正街1号\n", "地址,户数\n正街1号,3\n"):
        with pytest.raises(BadInput) as caught:
            read_residences(text_ledger(tmp_path, text), directory, None)
        assert caught.value.kind == "ledger-column-missing"
