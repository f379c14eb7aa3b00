"""Pages of other origins: none may ask until the operator names them."""

import pytest

ORIGIN = "https://app.example"
ASKED = "/api/v1/locate?lon=104.2802048&lat=30.1859716&crs=cgcs2000"


@pytest.fixture(scope="module")
def open_to_one(served, city_url):
    with served(city_url, cors_origins=(ORIGIN,)) as client:
        yield client


def preflight(client, origin, method="POST"):
    wanted = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
    return client.options("/api/v1/locate", headers={"Origin": origin, **wanted})


def test_a_page_that_is_named_may_send_points_and_read_the_answer(open_to_one):
    asked_first = preflight(open_to_one, ORIGIN)
    assert asked_first.status_code == 200
    assert asked_first.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in asked_first.headers["Access-Control-Allow-Methods"]
    assert "content-type" in asked_first.headers["Access-Control-Allow-Headers"].lower()
    answer = open_to_one.get(ASKED, headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert answer.json()["status"] == "found"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_another_page_and_other_methods_may_not(open_to_one):
    assert preflight(open_to_one, "https://other.example").status_code == 400
    assert preflight(open_to_one, ORIGIN, "DELETE").status_code == 400
    answer = open_to_one.get(ASKED, headers={"Origin": "https://other.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_none_may_by_default(served, city_url):
    with served(city_url) as client:
        assert preflight(client, ORIGIN).status_code == 405
        assert "Access-Control-Allow-Origin" not in client.get(ASKED, headers={"Origin": ORIGIN}).headers
