"""History and lineage of areas over HTTP, on the invented city after three plans; and every answer as of then."""

import pytest
import shapely

from api.desk import Desk
from api.models import AreaHistory, AreaLineage, OneArea
from api.planning import approve_plan, begin_plan, submit_plan
from api.settings import Settings
from geo.store.areas import load_areas
from geo.store.connect import connect
from geo.store.editions import present
from geo.store.plan_publishing import publish_plan
from geo.store.plans import Acting, NewPlan

P = "519801001001"
FIRST = 10
"""The edition of the first plan."""


@pytest.fixture(scope="module")
def city(cluster, clone, city_template):
    """Clone the city and publish: 003 split (012 is new) and 009 merged into 008; 012 recoded; 020 merged into 004."""
    with clone(city_template) as name:
        url = cluster.url("app", name)
        with connect(url) as connection:
            grid = load_areas(connection, present(connection).at, codes=[P + "003"]).geoms[0]
            connection.rollback()
            west, south, east, north = shapely.bounds(grid).tolist()
            middle = (west + east) / 2
            line = {"type": "LineString", "coordinates": [[middle, south - 0.001], [middle, north + 0.001]]}
            publish(
                connection,
                "分三合八",
                {"op": "split", "code": P + "003", "line": line, "keep": [(west + middle) / 2, (south + north) / 2]},
                {"op": "merge", "codes": [P + "008", P + "009"], "into": P + "008"},
            )
            publish(connection, "改码", {"op": "recode", "code": P + "012", "to": P + "020"})
            publish(connection, "并入四", {"op": "merge", "codes": [P + "004", P + "020"], "into": P + "004"})
        yield url


def publish(connection, title, *records):
    settings = Settings.from_environment({})
    drafting = Desk(connection, settings, Acting("王规划", reason="测试"))
    plan, _ = begin_plan(drafting, NewPlan(title), records)
    submit_plan(drafting, plan.id)
    approve_plan(Desk(connection, settings, Acting("李审核")), plan.id)
    publish_plan(connection, plan.id, Acting("王规划"), settings.hierarchy)


@pytest.fixture(scope="module")
def client(served, city):
    with served(city) as found:
        yield found


def asked(client, path, **parameters):
    answer = client.get(f"/api/v1/areas/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def versions(found):
    return [(one["edition"], one["code"][-3:], one["noded"]) for one in found["items"] if not one["noded"]]


def lines(found, side):
    return [
        (one["generation"], one["operation"], one["from"]["code"][-3:], one["to"]["code"][-3:]) for one in found[side]
    ]


def test_the_history_has_every_version_without_a_gap_in_time(client):
    found = asked(client, f"{P}003/history")
    AreaHistory.model_validate(found)
    assert versions(found) == [(5, "003", False), (FIRST, "003", False)]
    ends = [one["valid_to"] for one in found["items"]]
    assert ends == [*(one["valid_from"] for one in found["items"][1:]), None]
    assert found["items"][-1]["title"] == "分三合八"
    assert found["items"][-1]["plan"] is not None
    assert found["items"][0]["area_m2"] > found["items"][-1]["area_m2"]


def test_a_retired_area_has_its_history(client):
    last = asked(client, f"{P}009/history")["items"][-1]
    assert last["edition"] < FIRST
    assert last["valid_to"] is not None


def test_an_area_is_found_by_the_code_that_it_had(client):
    by_old, by_new = (asked(client, f"{P}{code}/history")["items"] for code in ("012", "020"))
    assert by_old == by_new
    assert [one["code"][-3:] for one in by_new if not one["noded"]] == ["012", "020"]


def test_history_stops_at_the_moment_asked_for(client):
    assert versions(asked(client, f"{P}003/history", edition=9)) == [(5, "003", False)]
    answer = client.get(f"/api/v1/areas/{P}012/history", params={"edition": 9})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:gridwarden:problem:unknown-area")


def test_lineage_says_where_an_area_came_from_with_shares(client):
    found = asked(client, f"{P}012/lineage")
    AreaLineage.model_validate(found)
    assert lines(found, "from") == [(1, "split", "003", "012")]
    (split,) = found["from"]
    assert split["share_of_to"] == pytest.approx(1.0, abs=1e-6)
    assert 0.3 < split["share_of_from"] < 0.7
    assert split["households"] > 0
    assert found["complete"]


def test_lineage_says_what_became_of_an_area(client):
    found = asked(client, f"{P}009/lineage")
    assert lines(found, "to") == [(1, "merge", "009", "008")]
    assert found["to"][0]["share_of_from"] == pytest.approx(1.0, abs=1e-6)
    assert found["from"] == []


def test_what_an_area_keeps_is_no_descent(client):
    assert lines(asked(client, f"{P}003/lineage"), "to") == [(1, "split", "003", "012")]
    assert lines(asked(client, f"{P}003/lineage"), "from") == []


def test_codes_and_names_are_those_of_the_time(client):
    found = asked(client, f"{P}020/lineage")
    assert lines(found, "from") == [(1, "split", "003", "012")]
    assert lines(found, "to") == [(1, "merge", "020", "004")]


def test_generations_lead_further_both_ways(client):
    assert lines(asked(client, f"{P}003/lineage", generations=2), "to") == [
        *((1, "split", "003", "012"), (2, "merge", "020", "004"))
    ]
    assert lines(asked(client, f"{P}004/lineage", generations=3), "from") == [
        *((1, "merge", "020", "004"), (2, "split", "003", "012"))
    ]


def test_lineage_stops_at_the_moment_asked_for(client):
    assert lines(asked(client, f"{P}003/lineage", generations=5, edition=FIRST), "to") == [(1, "split", "003", "012")]
    assert lines(asked(client, f"{P}003/lineage", edition=9), "to") == []


@pytest.mark.parametrize("path", ["history", "lineage"])
def test_an_area_that_never_was_is_not_found(client, path):
    answer = client.get(f"/api/v1/areas/{P}999/{path}")
    assert (answer.status_code, answer.json()["place"]) == (404, {"code": P + "999"})


def test_areas_and_children_are_as_of_the_edition(client):
    OneArea.model_validate(asked(client, P + "009", edition=9))
    assert client.get(f"/api/v1/areas/{P}009").status_code == 404
    before, after = (len(asked(client, f"{P}/children", edition=edition)["items"]) for edition in (9, 12))
    assert (before, after) == (14, 13)


def test_locate_answers_as_of_the_edition_and_the_moment(client):
    place = asked(client, P + "009", edition=9, format="geojson")
    inside = shapely.point_on_surface(shapely.geometry.shape(place["geometry"]))
    point = {"lon": inside.x, "lat": inside.y, "crs": "cgcs2000"}
    by_edition = [client.get("/api/v1/locate", params={**point, "edition": n}).json() for n in (9, 10)]
    assert [one["host_grid"]["code"][-3:] for one in by_edition] == ["009", "008"]
    moments = [one["at"] for one in by_edition]
    by_moment = [client.get("/api/v1/locate", params={**point, "at": at}).json() for at in moments]
    assert [one["edition"] for one in by_moment] == [9, 10]
    assert [one["host_grid"] for one in by_moment] == [one["host_grid"] for one in by_edition]


def test_findings_and_maps_are_as_of_the_edition(client):
    counts = [client.get("/api/v1/findings", params={"edition": n, "within": P}).json()["areas"] for n in (9, 12)]
    assert counts[0] - counts[1] == 1
    pages = [client.get("/maps", params={"edition": n, "within": P}).text for n in (9, 12)]
    assert [f"{P}009" in page for page in pages] == [True, False]
    assert ["第 9 期" in pages[0], "第 12 期" in pages[1]] == [True, True]
