"""What the editor asks besides tiles: the draft in a box, trials, company, places, notices, its own files."""

import json

import pytest
import shapely

WORLD = "104,30,105,31"


@pytest.fixture(scope="module")
def client(served, city_url):
    with served(city_url) as found:
        yield found


@pytest.fixture(scope="module")
def grids(client):
    """Return all general grids that have nothing below them, by code."""
    features = client.get("/api/v1/areas", params={"limit": 1000, "format": "geojson"}).json()["features"]
    told = {each["id"]: each for each in features}
    parents = {each["properties"]["parent"] for each in features}
    return {
        code: each
        for code, each in told.items()
        if each["properties"]["level"] == "grid" and each["properties"]["kind"] == "general" and code not in parents
    }


@pytest.fixture(scope="module")
def pair(grids):
    """Return the codes of two grids of one community that may be merged: neighbours with nothing below them."""
    for one, each in grids.items():
        for other, beside in grids.items():
            if one < other and each["properties"]["parent"] == beside["properties"]["parent"]:
                shapes = [shapely.geometry.shape(side["geometry"]) for side in (each, beside)]
                if shapely.intersection(*shapes).length > 1e-3:
                    return one, other
    raise AssertionError("no two grids without anything below them are neighbours")


def begun(client, *operations, actor="张三"):
    body = {"title": "方案", "actor": actor, "crs": "cgcs2000", "operations": list(operations)}
    answer = client.post("/api/v1/plans", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["plan"]


def scene(client, plan, **asked):
    answer = client.get(f"/api/v1/plans/{plan}/scene", params={"bbox": WORLD, "level": "grid", **asked})
    assert answer.status_code == 200, answer.text
    return {each["id"]: each for each in answer.json()["features"]}


class TestScene:
    def test_a_plan_without_operations_shows_what_is_published(self, client, grids):
        found = scene(client, begun(client))
        assert {each["properties"]["role"] for each in found.values()} == {"unchanged"}
        for code, each in grids.items():
            assert shapely.geometry.shape(found[code]["geometry"]).equals(shapely.geometry.shape(each["geometry"]))
            assert found[code]["properties"]["parent"] == each["properties"]["parent"]
        assert {each["properties"]["kind"] for each in found.values()} == {"general", "special"}

    def test_a_draft_shows_what_it_makes(self, client, grids, pair):
        kept, gone = pair
        before = scene(client, begun(client))
        found = scene(client, begun(client, {"op": "merge", "codes": [kept, gone], "into": kept}))
        assert gone not in found
        assert found[kept]["properties"]["role"] == "changed"
        whole = shapely.union_all([shapely.geometry.shape(grids[code]["geometry"]) for code in pair])
        assert shapely.geometry.shape(found[kept]["geometry"]).symmetric_difference(whole).area < 1e-12
        assert len(found) == len(before) - 1

    def test_shared_vertices_are_the_same_numbers(self, client, pair):
        found = scene(client, begun(client))
        one, other = (
            {tuple(xy) for xy in shapely.get_coordinates(shapely.geometry.shape(found[code]["geometry"])).tolist()}
            for code in pair
        )
        assert len(one & other) >= 2
        for xy in one | other:
            assert all(place == round(place * 1e7) / 1e7 for place in xy)

    def test_only_what_meets_the_box_is_there(self, client, grids):
        code, each = next(iter(grids.items()))
        point = shapely.geometry.shape(each["geometry"]).representative_point()
        box = f"{point.x},{point.y},{point.x},{point.y}"
        assert code in scene(client, begun(client), bbox=box)
        assert len(scene(client, begun(client), bbox=box)) < 30

    @pytest.mark.parametrize("wrong", [{"bbox": "1,2,3"}, {"level": "galaxy"}])
    def test_what_makes_no_sense_is_refused(self, client, wrong):
        asked = {"bbox": WORLD, "level": "grid", **wrong}
        assert client.get(f"/api/v1/plans/{begun(client)}/scene", params=asked).status_code == 422


class TestTrial:
    def test_it_is_checked_like_an_operation_and_nothing_is_kept(self, client, pair):
        plan = begun(client)
        body = {"operations": [{"op": "merge", "codes": list(pair), "into": pair[0]}], "actor": "张三"}
        tried = client.post(f"/api/v1/plans/{plan}/trial", json=body).json()
        stored = client.get(f"/api/v1/plans/{plan}").json()
        assert (stored["draft"], stored["operations"]) == (0, [])
        done = client.post(f"/api/v1/plans/{plan}/operations", json=body).json()
        assert {**done, "draft": 0} == {**tried, "draft": 0}
        assert done["ended"] == [pair[1]]

    def test_an_overlap_is_found_where_it_lies(self, client, grids, pair):
        one, other = (shapely.geometry.shape(grids[code]["geometry"]) for code in pair)
        bite = shapely.intersection(other, shapely.intersection(one, other).centroid.buffer(2e-4))
        drawn = {"op": "redraw", "code": pair[0], "geometry": shapely.geometry.mapping(one.union(bite))}
        body = {"operations": [{**drawn, "neighbours": "keep"}], "actor": "张三", "crs": "cgcs2000"}
        tried = client.post(f"/api/v1/plans/{begun(client)}/trial", json=body).json()
        assert not tried["clean"]
        overlaps = [each for each in tried["findings"] if each["kind"] == "overlap" and each["stops"]]
        assert sorted(pair) in [sorted(each["codes"]) for each in overlaps]
        place = shapely.geometry.shape(overlaps[0]["geometry"])
        assert place.symmetric_difference(bite).area < 0.01 * bite.area


def test_households_before_and_after_add_up(client, pair):
    plan = begun(client, {"op": "merge", "codes": list(pair), "into": pair[0]})
    told = {each["code"]: each for each in client.get(f"/api/v1/plans/{plan}/check").json()["households"]}
    assert set(told) == set(pair)
    assert told[pair[1]]["after"] is None
    assert told[pair[0]]["after"] == told[pair[0]]["before"] + told[pair[1]]["before"] > 0


class TestCompany:
    def test_others_in_one_plan_are_named_and_oneself_is_not(self, client, pair):
        plan = begun(client, {"op": "rename", "code": pair[0], "name": "甲"}, actor="张三")
        body = {"operations": [{"op": "rename", "code": pair[1], "name": "乙"}], "actor": "李四"}
        assert client.post(f"/api/v1/plans/{plan}/operations", json=body).status_code == 200

        def editors(actor):
            answer = client.get(f"/api/v1/plans/{plan}/others", params={"actor": actor}).json()
            return [(each["actor"], each["draft"]) for each in answer["editors"]]

        assert editors("张三") == [("李四", 2)]
        assert editors("李四") == [("张三", 1)]
        assert editors("王五") == [("张三", 1), ("李四", 2)]

    def test_plans_on_the_same_areas_and_beside_them_are_told_apart(self, client, pair):
        mine = begun(client, {"op": "rename", "code": pair[0], "name": "甲"})
        same = begun(client, {"op": "rename", "code": pair[0], "name": "丙"})
        near = begun(client, {"op": "rename", "code": pair[1], "name": "乙"}, actor="李四")
        far = begun(client, {"op": "rename", "code": "519802", "name": "远"})
        answer = client.get(f"/api/v1/plans/{mine}/others", params={"actor": "张三"}).json()
        found = {each.pop("plan"): each for each in answer["plans"]}
        told = {"title": "方案", "state": "draft"}
        assert found[same] == {**told, "author": "张三", "codes": [pair[0]], "relation": "same"}
        assert found[near] == {**told, "author": "李四", "codes": [pair[1]], "relation": "near"}
        assert not {mine, far} & set(found)


class TestPlaces:
    def test_a_place_remembers_which_areas_covered_it(self, client, grids, pair):
        code = next(code for code in grids if code not in pair)
        point = shapely.geometry.shape(grids[code]["geometry"]).representative_point()
        asked = {"lon": point.x, "lat": point.y, "crs": "cgcs2000", "level": "grid"}
        before = grids[code]["properties"]["name"]
        plan = begun(client, {"op": "rename", "code": code, "name": "新名字"})
        for step, body in (("submit", {"acknowledge_unplaced": True}), ("approve", {}), ("publish", {})):
            who = {"actor": "李四" if step == "approve" else "张三"}
            assert client.post(f"/api/v1/plans/{plan}/{step}", json={**who, **body}).status_code == 200
        items = client.get("/api/v1/places/history", params=asked).json()["items"]
        own = [each for each in items if each["code"] == code]
        assert [each["name"] for each in own] == ["新名字", before]
        assert own[0]["to"] is None
        assert own[1]["to"] == own[0]["from"]

    def test_residences_in_a_box_name_no_person(self, client):
        found = client.get("/api/v1/residences", params={"bbox": "104.27,30.17,104.29,30.19"}).json()["features"]
        assert len(found) > 50
        for each in found:
            assert set(each["properties"]) == {"id", "address", "estate", "building", "unit", "households"}
            assert 104.27 <= each["geometry"]["coordinates"][0] <= 104.29


class TestNotices:
    def test_the_present_edition_is_told_at_once(self, client):
        edition = client.get("/tiles").json()["edition"]
        with client.stream("GET", "/api/v1/editions/stream") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.iter_lines()
            told = [next(lines) for _ in range(5)]
        assert told[2] == "event: edition"
        assert json.loads(told[4].removeprefix("data: ")) == {"edition": edition}


class TestTheEditorsFiles:
    @pytest.fixture
    def built(self, tmp_path, monkeypatch):
        folder = tmp_path / "planner" / "assets"
        folder.mkdir(parents=True)
        (folder.parent / "index.html").write_text("<!doctype html>", "utf-8")
        (folder / "main-1a2b.js").write_text("1", "utf-8")
        (tmp_path / "secret.js").write_text("2", "utf-8")
        monkeypatch.setattr("maps.bundle_files.FOLDER", tmp_path)

    @pytest.mark.usefixtures("built")
    def test_the_page_is_asked_again_and_its_files_are_kept(self, client):
        for path in ("/planner", "/planner/"):
            page = client.get(path)
            assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
            assert page.headers["content-type"] == "text/html; charset=utf-8"
        script = client.get("/planner/assets/main-1a2b.js")
        assert script.headers["content-type"] == "text/javascript; charset=utf-8"
        assert "immutable" in script.headers["cache-control"]

    @pytest.mark.usefixtures("built")
    @pytest.mark.parametrize("name", ["..%2F..%2Fsecret.js", "main.js", "%2e%2e%2fsecret.js"])
    def test_nothing_beside_them_is_given_out(self, client, name):
        assert client.get(f"/planner/assets/{name}").status_code == 404

    def test_what_was_not_built_is_said(self, client, tmp_path, monkeypatch):
        monkeypatch.setattr("maps.bundle_files.FOLDER", tmp_path)
        answer = client.get("/planner")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:gridwarden:problem:bundle-missing")
