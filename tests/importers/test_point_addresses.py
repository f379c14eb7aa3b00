"""Tables of addresses, and of points and addresses mixed."""

import csv

import pytest

HOME, FAR = "松山嘉园1期1栋1单元", "519802001001001"


@pytest.fixture(scope="module")
def said(city_url, door_to):
    return door_to(city_url)


def located(door, text, *options):
    (door.folder / "in.csv").write_text(text, "utf-8")
    out = door.folder / "out.csv"
    done = door.run("locate-file", door.folder / "in.csv", out, "--address", "地址", "--force", *options)
    assert done.refusal is None, done.refusal
    with out.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_of_addresses_needs_no_points_and_no_system(said):
    rows = located(said, f"编号,地址\n1,{HOME}\n2,松山佳园一期１幢一单元\n3,松山嘉园\n4,青湾街道\n5,没有这里\n6,\n")
    assert [row["gw_status"] for row in rows] == ["found", "found", "ambiguous", "not_found", "not_found", "invalid"]
    assert [row["gw_certain"] for row in rows] == ["true", "false", "false", "false", "false", "false"]
    assert rows[0]["gw_grid_code"] == rows[1]["gw_grid_code"] == "519801001001001"
    assert rows[1]["gw_reason"] == f"按地址“{HOME}”定位"
    assert rows[3]["gw_chain"] == "519800/519801/519801001"
    assert rows[3]["gw_reason"] == "地址只说到青湾街道"


def test_the_point_wins_and_a_contradiction_is_told(said):
    _, away = said.ask(
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM area_version "
        "WHERE code IN (%s, %s) AND upper_inf(valid) ORDER BY code) AS s",
        "519801001001001",
        FAR,
    )
    text = f"lon,lat,地址\n{away[0]},{away[1]},{HOME}\n,,{HOME}\n104.2802048,30.1859716,{HOME}\nx,1,{HOME}\n"
    rows = located(said, text, "--crs", "cgcs2000")
    assert [row["gw_grid_code"][:6] for row in rows] == ["519802", "519801", "519801", ""]
    assert "与坐标不符" in rows[0]["gw_reason"]
    assert [row["gw_reason"] for row in rows[1:3]] == ["", ""]
    assert rows[3]["gw_status"] == "invalid"
