"""Addresses to grids: noisy ones of the invented city, and the names of real villages."""

import csv
import json
import os
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import shapely

from geo.store.addressing import answer_address
from geo.store.connect import connect
from geo.store.editions import present
from geo.store.finding import Finder
from geo.store.locating import Loaded, Question, full_view
from importers.acceptance import Acceptance
from importers.boundaries import prepare
from importers.import_request import ImportRequest
from importers.publishing import publish_boundaries

DIVISIONS = Path(__file__).parents[3] / "shared/data/cn-division-codes"
SOAK = "GRIDWARDEN_SOAK" in os.environ
ADDRESSES = 2000 if SOAK else 200


@pytest.fixture(scope="module")
def outcome(city_url):
    """Return what becomes of an address in the invented city."""
    with connect(city_url) as connection:
        at = present(connection).at
        loaded = Loaded.within(connection, at, None, full_view)
        finder = Finder(connection, at)
        yield lambda text: answer_address(
            connection, at, finder.find(text), lambda lon, lat: loaded.answer(Question(lon, lat, 0.0, 0.0)), full_view
        )


@pytest.mark.parametrize("seed", [1, 20_260_731])
@pytest.mark.soak
def test_noisy_addresses_get_their_grid_and_almost_never_another(outcome, noisy_addresses, seed):
    ends: Counter[str] = Counter()
    wrong = []
    for asked in noisy_addresses(seed, ADDRESSES):
        found = outcome(asked.text)
        if found.status != "located":
            ends[found.status] += 1
        elif found.answer.grid is not None and found.answer.grid.code == asked.grid:
            ends["right"] += 1
        else:
            wrong.append((asked, found.candidates[0].place.name))
    assert len(wrong) <= 0.005 * ADDRESSES, wrong
    assert ends["right"] >= 0.95 * ADDRESSES, ends


def test_an_address_as_the_ledger_has_it_is_certain(outcome):
    found = outcome("松山嘉园1期1栋1单元")
    assert (found.status, found.answer.grid.code, found.certain) == ("located", "519801001001001", True)


@pytest.mark.parametrize(
    "text",
    ["兰溪社区松山嘉园1期1栋1单元", "松山嘉园1栋1单元", "松山嘉园", "第一网格", "云南省松山嘉园1期1栋1单元"],
    ids=["another community", "no phase", "an estate of several grids", "a name of many grids", "another province"],
)
def test_what_may_mean_several_places_is_not_guessed(outcome, text):
    found = outcome(text)
    assert found.status == "ambiguous"
    assert found.candidates


def test_an_unknown_place_in_a_known_community_is_told_whose_it_is(outcome):
    found = outcome("青禾市榆苗区青湾街道兰溪社区幸福里3栋")
    assert found.status == "not_found"
    assert (found.area.name, [area.name for area in found.chain]) == (
        "兰溪社区",
        ["青禾市", "榆苗区", "青湾街道", "兰溪社区"],
    )
    assert found.responsible.area.name == "兰溪社区"


def test_a_number_broken_by_a_blank_is_never_taken(outcome):
    assert outcome("松山嘉园1 5-3-2").status != "located"


@pytest.mark.parametrize(
    "text", ["", " ", "😀" * 50, "\x00\x01\x1f", "3栋2单元", "' OR 1=1; --", "(.*)+$ %_\\", "улица Ленина"]
)
def test_what_names_no_place_finds_none(outcome, text):
    assert outcome(text).status == "not_found"


def test_the_longest_text_takes_no_longer_than_it_may(outcome):
    assert outcome("青湾街道兰溪社区" * 50).status in ("not_found", "ambiguous")


@pytest.fixture(scope="module")
def villages():
    """Return town, code and name of every village of Meishan and Neijiang."""
    if not DIVISIONS.exists():
        pytest.skip("needs ../shared/data/cn-division-codes")
    found = []
    for file in sorted(DIVISIONS.glob("villages_*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            found += [(row["streetCode"], row["code"], row["name"]) for row in csv.DictReader(rows)]
    return found


@pytest.fixture(scope="module")
def towns():
    with (DIVISIONS / "streets.csv").open(encoding="utf-8", newline="") as rows:
        return {row["code"]: row["name"] for row in csv.DictReader(rows)}


@pytest.fixture(scope="module")
def real_names(cluster, clone, villages, towns, tmp_path_factory):
    """Publish the real names on squares, a row of villages for each town."""
    folder = tmp_path_factory.mktemp("names")
    rows = defaultdict(list)
    for town, code, name in villages:
        rows[town].append((code, name))
    shapes = {
        "town": [
            (code, towns[code], "", shapely.box(104, 29 + y / 100, 104 + len(rows[code]) / 100, 29.01 + y / 100))
            for y, code in enumerate(rows)
        ],
        "community": [
            (code, name, town, shapely.box(104 + x / 100, 29 + y / 100, 104.01 + x / 100, 29.01 + y / 100))
            for y, (town, those) in enumerate(rows.items())
            for x, (code, name) in enumerate(those)
        ],
    }
    with clone() as database, connect(cluster.url("app", database)) as connection:
        for level, areas in shapes.items():
            features = [
                {
                    "type": "Feature",
                    "properties": {"code": code, "name": name, "parent": parent},
                    "geometry": shape.__geo_interface__,
                }
                for code, name, parent, shape in areas
            ]
            path = folder / f"{level}.geojson"
            path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
            prepared = prepare(connection, ImportRequest(path, level, crs="cgcs2000"), lambda stage: None)
            connection.rollback()
            acceptance = Acceptance.of("", baseline=True, reason="drawn so", until=None)
            publish_boundaries(connection, prepared, acceptance, level, "test")
        at = present(connection).at
        loaded = Loaded.within(connection, at, None, full_view)
        finder = Finder(connection, at)
        yield lambda text: answer_address(
            connection, at, finder.find(text), lambda lon, lat: loaded.answer(Question(lon, lat, 0.0, 0.0)), full_view
        )


@pytest.mark.real_data
def test_village_names_of_several_towns_need_the_town(real_names, villages, towns):
    bearers = defaultdict(list)
    for town, code, name in villages:
        bearers[name].append((town, code))
    several = {name: those for name, those in bearers.items() if len({town for town, _ in those}) > 1}
    assert len(several) == 69
    for name, those in several.items():
        assert real_names(name).status == "ambiguous", name
        for town, code in those:
            if sum(towns[each] == towns[town] for each, _ in those) > 1:
                continue
            found = real_names(f"{towns[town]}{name}")
            assert found.status == "located", (towns[town], name)
            assert found.answer.chain[-1].code == code, (towns[town], name)
