import json

import pytest
import shapely

from api.models import Area, AreaPage, EditionPage, OneArea, TeamPage
from geo.lattice import degrees, snap


@pytest.fixture(scope="module")
def client(served, city_url):
    with served(city_url) as found:
        yield found


def page(client, path, **parameters):
    answer = client.get(f"/api/v1/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def codes(found):
    return [item["code"] for item in found["items"]]


def all_pages(client, path, **parameters):
    """Follow ``next`` to the end."""
    found = page(client, path, **parameters)
    items = found["items"]
    while found["next"]:
        found = client.get(found["next"]).json()
        items += found["items"]
    return items


def test_pages_follow_one_another_without_loss_or_repetition(client):
    found = [area["code"] for area in all_pages(client, "areas", limit=97)]
    assert found == sorted(set(found))
    assert len(found) == 1 + 2 + 5 + 18 + 200 + 85 + 32


def test_the_next_page_is_of_the_same_edition(client):
    assert "edition=9" in page(client, "areas", limit=1)["next"]
    at = page(client, "areas", limit=1)["at"]
    assert page(client, "areas", limit=1, at=at)["next"].count("at=2") == 1


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"level": "community"}, 18),
        ({"level": "grid"}, 232),
        ({"level": "grid", "kind": "general"}, 200),
        ({"kind": "special"}, 32),
        ({"parent": "519800"}, 2),
        ({"within": "519801", "level": "county"}, 1),
        ({"bbox": "0,0,1,1"}, 0),
        ({"edition": 3}, 8),
    ],
)
def test_lists_are_narrowed(client, wanted, count):
    found = page(client, "areas", limit=1000, **wanted)
    assert len(found["items"]) == count
    assert found["next"] is None
    AreaPage.model_validate(found)


def test_a_box_finds_what_it_touches(client):
    found = page(client, "areas", level="county", bbox="104.2802,30.1859,104.2803,30.186")
    assert codes(found) == ["519801"]


def test_one_area_says_what_it_is(client):
    found = page(client, "areas/519801001001001")
    OneArea.model_validate(found)
    assert (found["name"], found["level"], found["parent"]) == ("第一网格", "grid", "519801001001")


def test_children_are_those_directly_below(client):
    found = page(client, "areas/519800/children")
    assert [(item["code"], item["parent"]) for item in found["items"]] == [("519801", "519800"), ("519802", "519800")]


@pytest.mark.parametrize("how", [{"params": {"format": "geojson"}}, {"headers": {"Accept": "application/geo+json"}}])
def test_geojson_has_the_stored_coordinates_and_names_no_host(client, city_folder, how):
    answer = client.get("/api/v1/areas/519801001001001", **how)
    assert answer.headers["content-type"] == "application/geo+json"
    assert "://" not in answer.text
    found = answer.json()
    Area.model_validate(found["properties"])
    shape = shapely.geometry.shape(found["geometry"])
    xy = shapely.get_coordinates(shape)
    assert (xy == degrees(snap(xy))).all()
    own = json.loads((city_folder / "grids.geojson").read_text("utf-8"))["features"]
    ring = next(each for each in own if each["properties"]["code"] == "519801001001001")["geometry"]
    assert shape.equals(shapely.geometry.shape(ring))
    assert shape.geoms[0].exterior.is_ccw


def test_a_collection_is_paged_like_a_list(client):
    found = client.get("/api/v1/areas", params={"level": "grid", "limit": 3, "format": "geojson"}).json()
    assert found["type"] == "FeatureCollection"
    assert [feature["id"] for feature in found["features"]] == codes(page(client, "areas", level="grid", limit=3))
    assert client.get(found["next"]).json()["features"][0]["id"] > found["features"][-1]["id"]


def test_every_team_is_listed_once_and_masked(client, city_folder):
    found = all_pages(client, "teams", limit=100)
    assert len(found) == 247
    text = json.dumps(found, ensure_ascii=False)
    people = (city_folder / "teams.csv").read_text("utf-8").splitlines()[1:]
    for row in people:
        _, _, name, _, phone, _ = row.split(",")
        assert phone not in text
        assert f'"{name}"' not in text


def test_teams_of_one_area(client):
    found = page(client, "teams", area="519800")
    TeamPage.model_validate(found)
    (team,) = found["items"]
    assert team["area"] == {"level": "city", "code": "519800", "name": "青禾市"}
    assert [member["name"] for member in team["members"]] == ["李**"]
    assert page(client, "teams", area="519800", edition=7)["items"] == []


def test_editions_come_newest_first(client):
    found = all_pages(client, "editions", limit=4)
    assert [each["edition"] for each in found] == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert [each["kind"] for each in found[:3]] == ["residences", "teams", "boundaries"]
    EditionPage.model_validate(page(client, "editions"))
