"""``gridwarden locate`` and ``locate-file`` as a user runs them, on the invented city."""

import csv
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from api.models import Located
from geo.crs import parse_crs
from geo.locate.words import remarks_of
from geo.store.connect import connect
from geo.store.editions import present
from geo.store.locating import Question, full_view, locate
from importers.point_cells import answer_cells
from importers.point_locating import RADIUS_M


@pytest.fixture(scope="module")
def home(city_folder):
    """Return a residence of the city: its point, its grid and the grid's team."""
    with (city_folder / "teams.csv").open(encoding="utf-8", newline="") as file:
        teams = list(csv.DictReader(file))
    with (city_folder / "residences.csv").open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    members = [member for member in teams if member["网格编码"] == row["网格编码"]]
    return row["经度"], row["纬度"], row["网格编码"], members


def test_the_json_is_the_contract(gridwarden, home):
    lon, lat, code, members = home
    exit_code, out, _ = gridwarden("locate", lon, lat, "--crs", "cgcs2000", "--json")
    found = json.loads(out)
    assert Located.model_validate(found)
    assert list(found) == [
        *("status", "certain", "on_border", "grid", "host_grid", "microgrid", "chain", "team", "responsible"),
        *("border_distance_m", "neighbours", "matches", "circles", "point", "edition", "at", "stale"),
    ]
    assert (exit_code, found["status"], found["grid"]["code"], found["stale"]) == (0, "found", code, False)
    assert [link["level"] for link in found["chain"]] == ["city", "county", "town", "community"]
    assert found["point"] == {"lon": float(lon), "lat": float(lat), "crs": "cgcs2000"}
    assert [(member["name"], member["phone"]) for member in found["team"]["members"]] == [
        (member["姓名"], member["电话"]) for member in members
    ]


def test_the_text_names_grid_chain_and_people_in_full(gridwarden, home):
    lon, lat, code, members = home
    exit_code, out, _ = gridwarden("locate", lon, lat, "--crs", "cgcs2000")
    assert exit_code == 0
    assert "已找到" in out
    assert code in out
    assert "青禾市 519800 › " in out
    assert all(f"{member['姓名']}  {member['电话']}" in out for member in members)


def test_accuracy_lists_the_neighbours(gridwarden, home):
    lon, lat, code, _ = home
    plain = json.loads(gridwarden("locate", lon, lat, "--crs", "cgcs2000", "--json")[1])
    wide = json.loads(gridwarden("locate", lon, lat, "--crs", "cgcs2000", "--accuracy", 400, "--json")[1])
    assert (plain["certain"], plain["neighbours"]) == (True, [])
    assert wide["certain"] is False
    assert wide["neighbours"][0]["distance_m"] == wide["border_distance_m"]
    assert code not in {one["code"] for one in wide["neighbours"]}


def test_outside_is_an_answer_with_exit_code_1_also_west_of_greenwich(city_url):
    """The real command: a negative number is a longitude, not an option."""
    environment = os.environ | {"DATABASE_URL": city_url}
    command = [sys.executable, "-c", "from api.command import main; main()", "locate", "-0.1", "51.5", "--crs", "wgs84"]
    run = subprocess.run([*command, "--lang", "en"], env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (1, "")
    assert "status: outside every area" in run.stdout
    assert "responsible: nobody" in run.stdout


def test_an_edition_answers_as_it_was(gridwarden, home):
    lon, lat, _, _ = home
    exit_code, out, _ = gridwarden("locate", lon, lat, "--crs", "cgcs2000", "--edition", 1, "--json")
    first = json.loads(out)
    assert (exit_code, first["status"], first["edition"], first["responsible"]["code"]) == (1, "gap", 1, "519800")
    again = json.loads(gridwarden("locate", lon, lat, "--crs", "cgcs2000", "--at", first["at"], "--json")[1])
    assert again == first


@pytest.mark.parametrize("system", ["wgs84", "gcj02", "bd09", "EPSG:4545"])
def test_every_system_leads_to_the_same_grid(gridwarden, home, system):
    lon, lat, code, _ = home
    x, y = parse_crs(system).from_stored([[float(lon), float(lat)]])[0].tolist()
    assert json.loads(gridwarden("locate", repr(x), repr(y), "--crs", system, "--json")[1])["grid"]["code"] == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("104.3", "30.2"), "gcj02"),
        (("104.3", "30.2", "--crs", "nonsense"), "nonsense"),
        (("104.3", "30.2", "--crs", "EPSG:4610"), "EPSG:4610"),
        (("104.3", "abc", "--crs", "wgs84"), "abc"),
        (("nan", "30.2", "--crs", "wgs84"), "nan"),
        (("30.2", "104.3", "--crs", "wgs84"), "对调"),
        (("104.3", "30.2", "--crs", "wgs84", "--at", "soon"), "soon"),
        (("104.3", "30.2", "--crs", "wgs84", "--at", "2999-01-01"), "将来"),
        (("104.3", "30.2", "--crs", "wgs84", "--edition", "99"), "99"),
        (("104.3", "30.2", "--crs", "wgs84", "--edition", "1", "--at", "2026-01-01"), "edition"),
        (("104.3", "30.2", "--crs", "wgs84", "--accuracy", "-1"), "-1"),
        (("104.3", "30.2", "--crs", "wgs84", "--bogus"), "bogus"),
    ],
)
def test_bad_input_is_one_sentence_on_stderr_and_exit_code_2(gridwarden, arguments, said):
    exit_code, out, err = gridwarden("locate", *arguments)
    assert (exit_code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_table_is_answered_like_its_points_one_by_one(gridwarden, city_url, tmp_path):
    points = np.random.default_rng(7).uniform([104.268, 30.174], [104.33, 30.226], (150, 2)).round(7)
    lines = ["\ufeff编号,经度,纬度", *(f"{row:05d},{lon!r},{lat!r}" for row, (lon, lat) in enumerate(points.tolist()))]
    (tmp_path / "in.csv").write_text("\n".join(lines), "utf-8")
    exit_code, out, _ = gridwarden("locate-file", tmp_path / "in.csv", tmp_path / "out.csv", "--crs", "cgcs2000")
    assert exit_code == 1
    assert "150" in out
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert header[:4] == ["编号", "经度", "纬度", "gw_status"]
    with connect(city_url) as connection:
        at = present(connection).at
        for row, (lon, lat) in zip(rows, points.tolist(), strict=True):
            answer = locate(connection, at, Question(lon, lat, radius_m=RADIUS_M), full_view)
            assert tuple(row[3:]) == answer_cells(answer, "zh"), remarks_of(answer, "en")
    assert {row[3] for row in rows} == {"found", "outside"}


def test_a_table_found_whole_ends_with_0_and_its_json_counts_rows(gridwarden, home, tmp_path):
    (tmp_path / "in.csv").write_text(f"lon,lat\n{home[0]},{home[1]}\n")
    exit_code, out, _ = gridwarden(
        "locate-file", tmp_path / "in.csv", tmp_path / "out.csv", "--crs", "cgcs2000", "--json"
    )
    assert exit_code == 0
    assert json.loads(out) == {"rows": 1, "statuses": {"found": 1}, "uncertain": 0, "swapped": 0, "edition": 9}
    exit_code, _, err = gridwarden("locate-file", tmp_path / "in.csv", tmp_path / "out.csv", "--crs", "cgcs2000")
    assert exit_code == 2
    assert "--force" in err


def test_exchanged_columns_are_warned_of(gridwarden, home, tmp_path):
    (tmp_path / "in.csv").write_text(f"lon,lat\n{home[1]},{home[0]}\n")
    exit_code, _, err = gridwarden("locate-file", tmp_path / "in.csv", tmp_path / "out.csv", "--crs", "wgs84")
    assert exit_code == 1
    assert "--lon" in err


@pytest.mark.parametrize("command", ["locate", "locate-file", "map", "export"])
def test_help_has_an_example(gridwarden, command):
    exit_code, out, _ = gridwarden(command, "--help")
    assert exit_code == 0
    assert f"gridwarden {command} " in out
