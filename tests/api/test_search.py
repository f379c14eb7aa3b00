"""Words over HTTP: places while somebody types, addresses to grids."""

import pytest


@pytest.fixture(scope="module")
def client(served, city_url):
    with served(city_url) as found:
        yield found


@pytest.fixture(scope="module")
def ask(client):
    def get(path, **parameters):
        answer = client.get(f"/api/v1/{path}", params=parameters)
        return answer.status_code, answer.json()

    return get


ADDRESS = "松山嘉园1期1栋1单元"


def test_an_address_is_answered_as_its_point_is(ask):
    status, found = ask("locate", address=ADDRESS)
    _, located = ask("locate", lon=104.2802048, lat=30.1859716, crs="cgcs2000")
    assert status == 200
    told = ("address", "area", "candidates", "at", "point")
    assert {name: value for name, value in found.items() if name not in told} == {
        name: value for name, value in located.items() if name not in told
    }
    assert found["point"] == located["point"]
    assert (found["address"]["matched"], found["candidates"][0]["kind"]) == ("松山嘉园", "residence")


def test_the_point_wins_over_the_address(ask):
    _, both = ask("locate", lon=104.2802048, lat=30.1859716, crs="cgcs2000", address="青湾街道")
    assert both["status"] == "found"
    assert "candidates" not in both


def test_the_same_answer_stands_under_its_own_address(ask):
    assert ask("locate/address", address=ADDRESS)[1]["grid"] == ask("locate", address=ADDRESS)[1]["grid"]


def test_points_are_told_in_the_system_that_is_asked_for(ask):
    _, found = ask("locate", address=ADDRESS, crs="gcj02")
    _, back = ask("locate", **found["point"])
    assert back["grid"]["code"] == found["grid"]["code"] == "519801001001001"


def test_an_area_alone_is_told_with_its_team(ask):
    status, found = ask("locate", address="青禾市榆苗区青湾街道")
    assert (status, found["status"], found["area"]["name"]) == (200, "not_found", "青湾街道")
    assert found["responsible"]["name"] == "青湾街道"
    assert found["responsible"]["reason"] == "named_area_covered_by_town"


@pytest.mark.parametrize("typed", ["松", "松山", "松山嘉园1", "松山嘉园1期1", "青湾街道松山嘉"])
def test_what_is_typed_so_far_finds_the_estate(ask, typed):
    status, found = ask("search", q=typed, limit=10)
    assert status == 200
    assert any(one["name"].startswith("松山嘉园") for one in found["items"]), found["items"]
    scores = [one["score"] for one in found["items"]]
    assert all(0 < score <= 1 for score in scores)


def test_a_code_is_found_by_its_beginning(ask):
    _, found = ask("search", q="51980100100100", limit=3)
    assert [one["code"][:14] for one in found["items"]] == ["51980100100100"] * 3


def test_a_search_stays_within_an_area(ask):
    _, found = ask("search", q="第一网格", within="519802", limit=50)
    assert found["items"]
    assert {one["code"][:6] for one in found["items"]} == {"519802"}


def test_what_is_near_comes_first(ask):
    _, everywhere = ask("search", q="第一网格", limit=20)
    far = everywhere["items"][-1]
    near = f"{far['point']['lon']},{far['point']['lat']}"
    first = ask("search", q="第一网格", near=near)[1]["items"][0]
    assert first["code"][:15] == far["code"][:15]


@pytest.mark.parametrize("text", ["😀", "\x01\x02", "'; DROP TABLE area; --", "%_\\(.*)+$", "Ленина", "3栋", "[" * 300])
def test_odd_words_are_answered(ask, text):
    assert ask("search", q=text)[0] == 200
    assert ask("locate", address=text)[1]["status"] == "not_found"


@pytest.mark.parametrize(
    ("parameters", "kind"),
    [
        ({"q": ""}, "search-empty"),
        ({"q": " \t"}, "search-empty"),
        ({"q": "x" * 10_000}, "search-too-long"),
        ({"q": "松山", "near": "here"}, "search-near-malformed"),
        ({"q": "松山", "near": "nan,1"}, "search-near-malformed"),
        ({"q": "松山", "limit": "0"}, "parameter-out-of-range"),
        ({}, "parameter-missing"),
    ],
)
def test_what_cannot_be_looked_for_is_said(ask, parameters, kind):
    status, said = ask("search", **parameters)
    assert (status, said["type"]) == (422, f"urn:gridwarden:problem:{kind}")


def test_an_unknown_area_is_said(ask):
    assert ask("search", q="松山", within="999999")[0] == 404


def test_the_command_says_the_same(gridwarden):
    code, out, _ = gridwarden("search", ADDRESS, "--limit", "1")
    assert code == 0
    assert out.splitlines()[0].startswith("已找到：第一网格 519801001001001，确定")
    assert gridwarden("search", "没有这个地方")[0] == 1
