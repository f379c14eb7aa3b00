"""The city held ready answers as the database does, from its arrays alone."""

import csv
import json

import numpy as np
import pytest
import shapely

from geo.lattice import SCALE, degrees, snap
from geo.levels import DEFAULT
from geo.locate.ready import ReadyCity
from geo.store.areas import load_areas
from geo.store.connect import connect
from geo.store.editions import present
from geo.store.index_file import open_index, write_index
from geo.store.locating import Question, locate, masked_view
from geo.store.snapshot import build_snapshot


@pytest.fixture(scope="module")
def connection(city_url):
    with connect(city_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def snapshot(connection):
    return build_snapshot(connection, masked_view, DEFAULT)


@pytest.fixture(scope="module")
def city(snapshot, tmp_path_factory):
    """Return the city out of a file, as another process would map it."""
    path = tmp_path_factory.mktemp("index") / "e.index"
    write_index(path, snapshot.city.arrays(), {"edition": snapshot.edition})
    return ReadyCity.from_arrays(open_index(path).arrays, DEFAULT)


@pytest.fixture(scope="module")
def points(connection, city_folder):
    """Return lattice points: homes, vertices, places on edges and just beside, near the outer border, far outside."""
    chance = np.random.default_rng(7)
    with (city_folder / "residences.csv").open(encoding="utf-8", newline="") as file:
        homes = snap([[float(row["经度"]), float(row["纬度"])] for row in csv.DictReader(file)])
    areas = load_areas(connection, present(connection).at)
    vertices = snap(shapely.get_coordinates(areas.geoms))
    half = (vertices[:-1] + vertices[1:]) // 2
    west, south, east, north = (shapely.total_bounds(areas.geoms) * SCALE).astype(int).tolist()
    inside = chance.integers([west, south], [east, north], (150, 2))
    around = chance.integers([2 * west - east, 2 * south - north], [2 * east - west, 2 * north - south], (50, 2))
    beside = chance.choice(vertices, 60) + chance.integers(-1, 2, (60, 2))
    picked = [chance.choice(each, 80) for each in (homes, vertices, half)]
    return np.concatenate([*picked, beside, inside, around])


def question(point, accuracy_m=0.0):
    lon, lat = degrees(point).tolist()
    return Question(lon, lat, accuracy_m=accuracy_m)


@pytest.mark.parametrize("accuracy_m", [0.0, 25.0])
def test_it_answers_every_point_as_the_database_does(connection, city, points, accuracy_m):
    at = present(connection).at
    statuses = set()
    for x, y in points.tolist():
        asked = question((x, y), accuracy_m)
        expected = locate(connection, at, asked, masked_view).document()
        assert city.answer((x, y), accuracy_m, asked.radius_m).document() == expected
        statuses.add(expected["status"])
    assert {"found", "outside"} <= statuses


def test_the_text_is_the_document(city, points):
    for x, y in points.tolist():
        text = city.text((x, y), 0.0, 500.0) + b"}"
        assert json.loads(text) == city.answer((x, y), 0.0, 500.0).document()
    assert 0 < len(city.phrases) < len(points)
