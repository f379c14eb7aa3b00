"""``gridwarden map`` as a user runs it, on the invented city."""

import csv
import json
import re
from collections import Counter

import pytest

from api import area_layers
from api.area_layers import map_layers
from geo.errors import TooLarge
from geo.levels import DEFAULT
from geo.store.connect import connect
from geo.store.editions import present
from geo.store.locating import masked_view


@pytest.fixture
def drawn(gridwarden, tmp_path):
    """Return a way to draw a map: its HTML, and what the page draws."""

    def run(*arguments):
        exit_code, _, err = gridwarden("map", "--out", tmp_path / "map.html", *arguments)
        assert (exit_code, err) == (0, "")
        html = (tmp_path / "map.html").read_text("utf-8")
        return html, json.loads(re.search(r"gridwarden\.drawAreas\(map_page, (\{.*\})\);", html).group(1))

    return run


@pytest.fixture
def layers(city_url):
    """Return a way to ask for layers of the present city."""

    def run(level=None, within=None):
        with connect(city_url) as connection:
            at = present(connection).at
            return map_layers(
                connection, at, level=level, within=within, hierarchy=DEFAULT, lang="en", view=masked_view
            )

    return run


def sizes(found):
    return [(layer.level, layer.kind, len(layer.areas)) for layer in found]


def people(city_folder):
    with (city_folder / "teams.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["姓名"] for row in rows}, {row["电话"] for row in rows if row["电话"]}


def shown(page_data):
    """Return all names and numbers of members on the page."""
    areas = [area["properties"] for layer in page_data["layers"] for area in layer["areas"]["features"]]
    members = [member for area in areas if area["team"] for member in area["team"]["members"]]
    return {member["name"] for member in members}, {member["phone"] for member in members}


def test_the_map_shows_the_lowest_level_with_all_above_it(drawn):
    html, page = drawn()
    assert [(layer["style"], len(layer["areas"]["features"])) for layer in page["layers"]] == [
        *(("cover", 1), ("cover", 2), ("cover", 5), ("cover", 18), ("cover", 200), ("inset", 85), ("special", 32))
    ]
    assert "青禾市" in html
    assert "第 9 期" in html


def test_people_are_masked_because_a_page_may_be_handed_on(drawn, city_folder):
    names, phones = people(city_folder)
    html, page = drawn()
    assert shown(page)[0].isdisjoint(names)
    assert all(re.fullmatch(r".\*\*|", name) for name in shown(page)[0])
    assert not any(phone in html for phone in phones)


def test_contacts_can_be_shown_or_left_out(drawn, city_folder):
    names, phones = people(city_folder)
    assert shown(drawn("--contacts", "full")[1]) == (names, phones)
    assert shown(drawn("--contacts", "none")[1]) == ({"已隐藏"}, {"已隐藏"})


def test_households_are_the_sums_of_the_ledger(layers, city_folder):
    households, residents = Counter(), Counter()
    with (city_folder / "residences.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            households[row["网格编码"]] += int(row["户数"])
            residents[row["网格编码"]] += int(row["人数"])
    (grids,) = (layer for layer in layers() if (layer.level, layer.kind) == ("grid", "general"))
    assert {area.code: (area.households, area.residents) for area in grids.areas if area.households} == {
        code: (households[code], residents[code]) for code in households
    }


def test_a_map_can_stay_within_one_area_and_at_one_level(layers):
    assert sizes(layers("community", "519801")) == [
        ("county", "general", 1),
        *(("town", "general", 2), ("community", "general", 7)),
    ]
    assert all(area.code.startswith("519801") for layer in layers("grid", "519801") for area in layer.areas)


def test_the_chain_of_an_area_leads_to_the_top(layers):
    grids = layers("grid", "519801001001")[1]
    assert [code for _, code, _ in grids.areas[0].chain] == ["519800", "519801", "519801001", "519801001001"]


def test_a_city_that_is_too_large_is_shown_at_the_level_that_fits(layers, monkeypatch):
    monkeypatch.setattr(area_layers, "MOST_AREAS", 100)
    assert sizes(layers())[-1] == ("community", "general", 18)
    with pytest.raises(TooLarge, match="--within"):
        layers("grid")


def test_microgrids_are_left_out_where_they_would_hide_the_grids(layers, monkeypatch):
    monkeypatch.setattr(area_layers, "MOST_MICROGRIDS", 84)
    assert "microgrid" not in {layer.level for layer in layers()}
    assert "microgrid" in {layer.level for layer in layers("microgrid")}


def test_the_past_is_drawn_as_it_was(city_url, layers):
    with connect(city_url) as connection:
        from geo.store.editions import moment_of

        found = map_layers(
            connection,
            moment_of(connection, 3),
            level=None,
            within=None,
            hierarchy=DEFAULT,
            lang="zh",
            view=masked_view,
        )
    assert [(layer.level, len(layer.areas)) for layer in found] == [("city", 1), ("county", 2), ("town", 5)]


def test_an_edition_is_drawn_by_its_number(drawn):
    html, page = drawn("--edition", 3)
    assert [len(layer["areas"]["features"]) for layer in page["layers"]] == [1, 2, 5]
    assert "第 3 期" in html


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--level", "street"), "street"),
        (("--within", "7"), "7"),
        (("--level", "city", "--within", "519801"), "--within"),
        (("--at", "2001-01-01"), "2001-01-01"),
    ],
)
def test_what_cannot_be_drawn_is_said_and_no_file_appears(gridwarden, tmp_path, arguments, said):
    exit_code, out, err = gridwarden("map", "--out", tmp_path / "map.html", *arguments)
    assert (exit_code, out) == (2, "")
    assert said in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("out", ["nowhere/map.html", "."])
def test_a_place_that_cannot_be_written_is_said(gridwarden, tmp_path, out):
    exit_code, _, err = gridwarden("map", "--out", tmp_path / out)
    assert exit_code == 2
    assert "Traceback" not in err
