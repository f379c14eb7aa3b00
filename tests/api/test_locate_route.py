import csv
import json
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise
from math import gcd

import numpy as np
import pytest
import shapely

from api.models import Located
from geo.crs import parse_crs

SYSTEMS = ("wgs84", "gcj02", "bd09")
LEVELS = {
    "city": "city",
    "counties": "county",
    "towns": "town",
    "communities": "community",
    "grids": "grid",
    "special": "grid",
}


@pytest.fixture(scope="module")
def client(served, city_url):
    with served(city_url) as found:
        yield found


@pytest.fixture(scope="module")
def city(city_folder):
    """Return what the city's own files say: areas by code, teams by code, residences."""
    areas, special = {}, []
    for stem, level in LEVELS.items():
        for feature in json.loads((city_folder / f"{stem}.geojson").read_text("utf-8"))["features"]:
            facts = feature["properties"]
            areas[facts["code"]] = (level, facts["name"], facts["parent"])
            if stem == "special":
                special.append((facts["code"], shapely.geometry.shape(feature["geometry"])))
    teams = {}
    for row in rows_of(city_folder / "teams.csv"):
        teams.setdefault(row["网格编码"], []).append((row["姓名"], row["电话"]))
    return areas, special, teams, rows_of(city_folder / "residences.csv")


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def located(client, lon, lat, crs, **more):
    answer = client.get("/api/v1/locate", params={"lon": lon, "lat": lat, "crs": crs, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def chain_above(areas, code):
    links = []
    while parent := areas[code][2]:
        links.insert(0, {"level": areas[parent][0], "code": parent, "name": areas[parent][1]})
        code = parent
    return links


def masked(member):
    name, phone = member
    return name[0] + "**", f"{phone[:3]}****{phone[-4:]}" if phone else None


def wrong_answers(client, city, residences, system):
    """Return the residences that are not answered as the city's files say."""
    areas, special, teams, _ = city
    points = np.array([(float(row["经度"]), float(row["纬度"])) for row in residences])
    asked = parse_crs(system).from_stored(points)

    def is_right(place):
        host = residences[place]["网格编码"]
        inside = [code for code, shape in special if shape.contains(shapely.Point(points[place]))]
        code = inside[0] if inside else host
        found = located(client, *asked[place].tolist(), system)
        seen = {(one["name"], one["phone"]) for one in (found["team"] or {"members": []})["members"]}
        above = [link["code"] for link in reversed(chain_above(areas, code))]
        first = next(each for each in [code, host, *above] if each in teams)
        return (
            (found["status"], found["grid"]["code"], found["host_grid"]["code"]) == ("found", code, host)
            and found["chain"] == chain_above(areas, code)
            and seen == {masked(member) for member in teams.get(code, [])}
            and (found["responsible"]["code"] == first or found["responsible"]["reason"] == "microgrid")
        )

    with ThreadPoolExecutor(4) as pool:
        return [place for place, right in enumerate(pool.map(is_right, range(len(points)))) if not right]


@pytest.mark.parametrize("system", SYSTEMS)
def test_residences_get_their_grid_chain_and_team(client, city, system):
    assert wrong_answers(client, city, city[3][::29], system) == []


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_residence_gets_its_grid_chain_and_team(client, city, system):
    assert len(city[3]) == 2844
    assert wrong_answers(client, city, city[3], system) == []


# Borders ----------------------------------------------------------------------------------------------------------
#          \  B  /
#     A     \   /          on a border the answer is the area of the first sector met
#  ----------+o----------> turning counter-clockwise from due east: here B,
#     C     / \            whose piece begins just north of east
#          /   \  D


@pytest.fixture(scope="module")
def grids(city_folder):
    """Return the rings of the general grids on the lattice, by code; and the boxes of the special ones."""
    features = json.loads((city_folder / "grids.geojson").read_text("utf-8"))["features"]
    special = json.loads((city_folder / "special.geojson").read_text("utf-8"))["features"]
    rings = {
        feature["properties"]["code"]: [lattice(ring) for ring in feature["geometry"]["coordinates"]]
        for feature in features
        if feature["geometry"]["type"] == "Polygon"
    }
    assert len(rings) == 200
    return rings, [shapely.geometry.shape(feature["geometry"]).buffer(1e-6) for feature in special]


def lattice(ring):
    return [(round(lon * 1e7), round(lat * 1e7)) for lon, lat in ring]


def covers(rings, x, y):
    """Count crossings of a ray to the east, in exact fractions."""
    crossings = 0
    for ring in rings:
        for (ax, ay), (bx, by) in pairwise(ring):
            if (ay > y) != (by > y):
                crossings += ax + (y - ay) * Fraction(bx - ax, by - ay) > x
    return crossings % 2 == 1


def claimed(rings, x, y):
    """Return the grid just north of due east of a point: so near that nothing lies between."""
    near = Fraction(1, 10**6), Fraction(1, 10**14)
    return [code for code, shape in rings.items() if covers(shape, x + near[0], y + near[1])]


def asked_on_lattice(client, x, y):
    return located(client, f"{x / 1e7:.7f}", f"{y / 1e7:.7f}", "cgcs2000")


def owners_of_vertices(rings):
    owners = {}
    for code, shape in rings.items():
        for ring in shape:
            for point in ring[:-1]:
                owners.setdefault(point, set()).add(code)
    return owners


def assert_one_by_the_rule(client, rings, points):
    for x, y in points:
        expected = claimed(rings, x, y)
        found = asked_on_lattice(client, x, y)
        assert found["status"] == "found" and found["on_border"] and not found["certain"]
        assert found["matches"] == []
        if expected:
            assert [found["grid"]["code"]] == expected


def clear_of(special, point):
    spot = shapely.Point(point[0] / 1e7, point[1] / 1e7)
    return not any(shape.intersects(spot) for shape in special)


@pytest.mark.parametrize("meeting", [2, 3])
def test_a_vertex_of_several_grids_belongs_to_one_by_the_rule(client, grids, meeting):
    rings, special = grids
    found = [point for point, codes in sorted(owners_of_vertices(rings).items()) if len(codes) == meeting]
    chosen = [point for point in found[:: len(found) // 40] if clear_of(special, point)]
    assert len(chosen) >= 30
    assert_one_by_the_rule(client, rings, chosen)


def test_a_point_on_an_edge_belongs_to_one_by_the_rule(client, grids):
    rings, special = grids
    inner = set()
    for shape in rings.values():
        for ring in shape:
            for (ax, ay), (bx, by) in pairwise(ring):
                steps = gcd(bx - ax, by - ay)
                if steps > 1:
                    inner.add((ax + (bx - ax) // steps, ay + (by - ay) // steps))
    chosen = [point for point in sorted(inner)[:: len(inner) // 40] if clear_of(special, point)]
    assert len(chosen) >= 30
    assert_one_by_the_rule(client, rings, chosen)


# The document -----------------------------------------------------------------------------------------------------


def test_the_answer_has_the_documented_form(client):
    found = located(client, 104.2802048, 30.1859716, "cgcs2000", accuracy=200)
    Located.model_validate(found)
    assert found["point"] == {"lon": 104.2802048, "lat": 30.1859716, "crs": "cgcs2000"}
    assert (found["edition"], found["stale"]) == (9, False)
    assert not found["certain"] and found["neighbours"]


def test_the_far_sea_is_outside_and_still_an_answer(client):
    found = located(client, 0, 0, "wgs84")
    Located.model_validate(found)
    assert (found["status"], found["grid"], found["responsible"]) == ("outside", None, None)


def test_metres_pass_as_lon_and_lat(client):
    x, y = parse_crs("EPSG:4523").from_stored([[104.2802048, 30.1859716]])[0].tolist()
    found = located(client, x, y, "EPSG:4523")
    assert found["grid"]["code"] == "519801001001001"
    assert found["point"] == {"lon": x, "lat": y, "crs": "EPSG:4523"}


def test_an_answer_can_be_had_again_by_its_edition_and_by_its_moment(client):
    point = (104.2802048, 30.1859716, "cgcs2000")
    first = located(client, *point)
    for again in (located(client, *point, edition=first["edition"]), located(client, *point, at=first["at"])):
        assert {**again, "at": ""} == {**first, "at": ""}


def test_a_plus_that_arrives_as_a_space_is_read(client):
    at = located(client, 104.28, 30.18, "cgcs2000")["at"]
    assert "+08:00" in at
    answer = client.get(f"/api/v1/locate?lon=104.28&lat=30.18&crs=cgcs2000&at={at}")
    assert answer.json()["at"] == at


def test_before_the_grids_came_the_point_was_a_gap(client):
    found = located(client, 104.2802048, 30.1859716, "cgcs2000", edition=4)
    assert (found["status"], found["grid"], found["edition"]) == ("gap", None, 4)
    assert [link["level"] for link in found["chain"]] == ["city", "county", "town", "community"]


@pytest.mark.parametrize(
    ("contacts", "member"),
    [
        ("masked", {"name", "phone", "role", "role_text"}),
        ("none", {"role", "role_text"}),
        ("full", {"name", "phone", "role", "role_text"}),
    ],
)
def test_the_site_decides_what_is_shown_of_people(served, city_url, city_folder, contacts, member):
    with served(city_url, contacts=contacts) as client:
        text = client.get("/api/v1/locate?lon=104.2802048&lat=30.1859716&crs=cgcs2000").text
    found = json.loads(text)
    assert {frozenset(one) for one in found["team"]["members"]} == {frozenset(member)}
    people = [row for row in rows_of(city_folder / "teams.csv") if row["网格编码"] == found["grid"]["code"]]
    assert people
    for row in people:
        assert (row["姓名"] in text, row["电话"] in text) == ((contacts == "full"),) * 2
