"""Circles through the command line: made, refreshed only where something changed, asked in every way."""

import json
from time import sleep

import psycopg
import pytest
import shapely

TOWN = "519801001"


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def walked_city(city_url, city_folder):
    """Import the invented city's streets and facilities once, and make the circles."""
    from api.circle_profiles import named_profile
    from geo.store.circle_refresh import refresh
    from geo.store.connect import connect
    from importers.facility_import import prepare_facilities
    from importers.publishing import publish_ledger
    from importers.street_import import prepare_streets

    with connect(city_url) as connection:
        prepared = prepare_streets(
            connection, city_folder / "streets.geojson", layer=None, crs=None, encoding=None, add=False
        )
        connection.rollback()
        publish_ledger(connection, prepared, "streets", "test")
        facilities = prepare_facilities(
            connection, city_folder / "facilities.csv", crs="cgcs2000", sheet=None, encoding=None, skip_bad_rows=False
        )
        connection.rollback()
        publish_ledger(connection, facilities, "facilities", "test")
        report = refresh(
            connection, named_profile("seed"), actor="test", title="circles", advance=lambda done, total: None
        )
    return city_url, report


def asked(url, sql, *values):
    with psycopg.connect(url, options="-c search_path=gridwarden,public") as connection:
        return connection.execute(sql, values or None).fetchall()


def test_every_facility_of_the_city_has_three_circles_one_inside_the_other(walked_city):
    url, report = walked_city
    assert report.made == report.changed == report.facilities > 50
    assert report.means == {"walked": report.facilities}
    # to within the rounding of a contour
    rows = asked(
        url,
        "SELECT a.tier, b.tier, max(ST_Area(ST_Difference(a.geom, b.geom)) / ST_Area(a.geom)) < 0.002 FROM circle a "
        "JOIN circle b ON b.facility_id = a.facility_id AND b.limit_m > a.limit_m GROUP BY 1, 2 ORDER BY 1, 2",
    )
    assert rows == [("community", "block", True), ("estate", "block", True), ("estate", "community", True)]


def test_a_refresh_without_changes_makes_nothing_and_publishes_nothing(walked_city, gridwarden):
    code, out, _ = gridwarden("circles", "refresh", "--json")
    assert code == 0
    assert {name: json.loads(out)[name] for name in ("made", "changed", "edition")} == {
        "made": 0, "changed": 0, "edition": None,
    }  # fmt: skip


def test_circles_are_equal_whether_all_are_made_or_some(walked_city, gridwarden):
    _, out, _ = gridwarden("circles", "refresh", "--all", "--json")
    assert (json.loads(out)["made"] > 50, json.loads(out)["changed"]) == (True, 0)


def test_a_changed_street_makes_only_the_circles_near_it_anew(walked_city, gridwarden, city_folder, tmp_path):
    url, report = walked_city
    document = json.loads((city_folder / "streets.geojson").read_text("utf-8"))
    lon, lat = asked(url, "SELECT ST_X(geom), ST_Y(geom) FROM facility ORDER BY ST_X(geom) LIMIT 1")[0]
    near = min(
        document["features"],
        key=lambda one: shapely.distance(shapely.Point(lon, lat), shapely.geometry.shape(one["geometry"])),
    )
    document["features"].remove(near)
    (tmp_path / "fewer.geojson").write_text(json.dumps(document), "utf-8")
    before = asked(url, "SELECT max(edition) FROM circle")[0][0]
    assert gridwarden("import-streets", tmp_path / "fewer.geojson", "--publish")[0] == 0
    _, out, _ = gridwarden("circles", "refresh", "--json")
    some = json.loads(out)
    assert 0 < some["changed"] <= some["made"] < report.facilities
    opened = asked(
        url, "SELECT count(*), count(*) FILTER (WHERE upper_inf(valid)) FROM circle WHERE edition > %s", before
    )
    assert opened == [(3 * some["changed"], 3 * some["changed"])]
    # nothing was missed: all made anew come out the same
    _, out, _ = gridwarden("circles", "refresh", "--all", "--json")
    assert json.loads(out)["changed"] == 0


def test_the_circles_that_cover_a_point_are_those_of_the_facility_there(walked_city, gridwarden):
    url, _ = walked_city
    name, lon, lat = asked(url, "SELECT name, ST_X(geom), ST_Y(geom) FROM facility WHERE upper_inf(valid) LIMIT 1")[0]
    _, out, _ = gridwarden("circles", "show", "--point", lon, lat, "--crs", "cgcs2000", "--json")
    items = json.loads(out)["items"]
    assert {one["tier"] for one in items if one["name"] == name} == {"estate", "community", "block"}
    assert all(one["means"] == "walked" for one in items)


def test_shares_add_up_to_what_is_unserved(walked_city, gridwarden, tmp_path):
    _, out, _ = gridwarden("circles", "share", "--category", "clinic", "--level", "town", "--json")
    rows = json.loads(out)["items"]
    assert rows and all(0 <= row["shares"]["area"] <= 1 for row in rows)
    code, out, _ = gridwarden("circles", "unserved", "--category", "clinic", "--json")
    left = json.loads(out)
    assert code == (1 if left["households"] else 0)
    missing = sum(row["households"] - row["households_covered"] for row in rows)
    assert left["households"] == sum(one["households"] for one in left["items"]) == missing
    gridwarden("circles", "unserved", "--category", "卫生站", "--out", tmp_path / "left.geojson")
    layer = json.loads((tmp_path / "left.geojson").read_text("utf-8"))
    assert len(layer["features"]) == len(left["items"])


def test_closing_a_facility_loses_what_only_it_served_and_putting_it_back_gains_it(walked_city, gridwarden):
    url, _ = walked_city
    (name, lon, lat), *_ = asked(
        url, "SELECT name, ST_X(geom), ST_Y(geom) FROM facility WHERE category = 'clinic' AND upper_inf(valid)"
    )
    _, out, _ = gridwarden("circles", "draft", "--category", "clinic", "--close", name, "--json")
    closed = {one["tier"]: one for one in json.loads(out)["items"]}
    assert closed["estate"]["lost"] > 0
    assert all(one["after"] == one["before"] - one["lost"] and one["gained"] == 0 for one in closed.values())
    words = ("--close", name, "--new", lon, lat, "--crs", "cgcs2000", "--json")
    _, out, _ = gridwarden("circles", "draft", "--category", "clinic", *words)
    assert all(one["gained"] == one["lost"] == 0 for one in json.loads(out)["items"])


def test_a_grid_is_served_by_the_facilities_whose_circles_meet_it(walked_city, gridwarden):
    url, _ = walked_city
    code = asked(
        url, "SELECT v.code FROM area_version v JOIN area a ON a.id = v.area_id WHERE a.level = 'grid' LIMIT 1"
    )[0][0]
    _, out, _ = gridwarden("circles", "show", "--grid", code, "--json")
    items = json.loads(out)["items"]
    assert items and all(0 < one["share_of_area"] <= 1 for one in items)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("share", "--category", "clinic", "--profile", "fast"), "fast"),
        (("share", "--category", "clinic", "--profile", "gb50180"), "gb50180"),
        (("share", "--category", "clinic", "--tier", "far"), "far"),
        (("draft", "--category", "clinic", "--close", "没有这家"), "没有这家"),
    ],
)
def test_what_is_not_there_is_said_by_name(walked_city, gridwarden, words, kind):
    code, _, err = gridwarden("circles", *words)
    assert code == 2 and kind in err


def test_a_profile_of_the_sites_own_stands_in_a_file(walked_city, gridwarden, tmp_path, monkeypatch):
    file = tmp_path / "circles.json"
    monkeypatch.setenv("GRIDWARDEN_CIRCLES", str(file))
    file.write_text(json.dumps({"slow": {"metres": {"near": 100}}}), "utf-8")
    _, out, _ = gridwarden("circles", "refresh", "--profile", "slow", "--json")
    assert json.loads(out)["means"]["walked"] > 50
    for wrong in ({"slow": {"minutes": {"near": 5}, "speed_m_per_min": 0}}, {"slow": {"metres": {"near": -5}}}, []):
        file.write_text(json.dumps(wrong), "utf-8")
        assert gridwarden("circles", "refresh", "--profile", "slow")[0] == 2


def test_answers_about_a_point_name_the_circles_that_cover_it_from_memory_and_from_the_tables_alike(
    walked_city, served, gridwarden
):
    url, _ = walked_city
    lon, lat = asked(url, "SELECT ST_X(geom), ST_Y(geom) FROM facility WHERE upper_inf(valid) ORDER BY name LIMIT 1")[0]
    point = {"lon": lon, "lat": lat, "crs": "cgcs2000"}
    with served(url) as client:
        for _ in range(100):
            present = client.get("/api/v1/locate", params=point).json()
            assert "edition" in present, present
            edition = present["edition"]
            if not present["stale"]:
                break
            sleep(0.1)
        past = client.get("/api/v1/locate", params={**point, "edition": edition}).json()
        assert len(present["circles"]) >= 3
        assert present["circles"] == past["circles"]
        assert {one["tier"] for one in present["circles"]} >= {"estate", "community", "block"}
        # and over HTTP in the other ways
        covering = client.get("/api/v1/circles", params={"point": f"{lon},{lat}", "crs": "cgcs2000"}).json()["items"]
        assert [one["name"] for one in covering] == [
            one["name"] for one in present["circles"] if one["profile"] == "seed"
        ]
        layer = client.get("/api/v1/circles", params={"category": "clinic", "format": "geojson"}).json()
        assert layer["type"] == "FeatureCollection" and layer["basis"]["estimated"] is False
        shares = client.get("/api/v1/circles/shares", params={"category": "clinic", "level": "town"}).json()
        left = client.get("/api/v1/circles/unserved", params={"category": "clinic"}).json()
        missing = sum(row["households"] - row["households_covered"] for row in shares["items"])
        assert left["households"] == missing
        draft = client.post("/api/v1/circles/draft", json={"category": "clinic", "new": [{"lon": lon, "lat": lat}]})
        assert [one["lost"] for one in draft.json()["items"]] == [0, 0, 0]
        assert client.get("/api/v1/circles", params={"point": "a,b"}).status_code == 422


def test_a_job_refreshes_circles_and_says_how_far_it_is(walked_city, served):
    with served(walked_city[0]) as client:
        begun = client.post("/api/v1/jobs", json={"task": "refresh-circles", "profile": "gb50180"})
        assert begun.status_code == 202, begun.text
        number = begun.json()["job"]
        for _ in range(600):
            job = client.get(f"/api/v1/jobs/{number}").json()
            if job["status"] not in ("todo", "doing"):
                break
            sleep(0.1)
        assert (job["status"], job["refusal"]) == ("succeeded", None)
        assert job["progress"]["done"] == job["progress"]["total"] > 50
        assert client.get(f"/api/v1/jobs/{number}/result").json()["means"]["walked"] > 50
