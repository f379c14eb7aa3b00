"""Audits and exceptions over HTTP; the person is whoever the request says, and is recorded as such."""

import json
import sys

import pytest

from api.command import main
from geo.store.areas import load_areas
from geo.store.connect import connect
from geo.store.editions import present
from geo.store.publish import Signature, close_areas, publication

FINDINGS = "/api/v1/findings"
GRID = "519801001001001"


@pytest.fixture(scope="module")
def planted_url(cluster, clone, city_template):
    """Clone the city for this module, and end one of its grids."""
    with clone(city_template) as name:
        url = cluster.url("app", name)
        with connect(url) as connection:
            gone = load_areas(connection, present(connection).at, codes=[GRID], shapes=False).ids.tolist()
            connection.rollback()
            with publication(connection, Signature("boundaries", "planted", "test")) as opened:
                close_areas(connection, opened, gone)
        yield url


@pytest.fixture(scope="module")
def client(served, planted_url):
    with served(planted_url) as found:
        yield found


def audit(client, **parameters):
    answer = client.get(FINDINGS, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def gap_of(document):
    (found,) = [one for one in document["findings"] if one["kind"] == "gap"]
    return found


def signed(**more):
    return {"reason": "水库", "actor": "张工", **more}


def test_the_audit_is_the_command_s(client, planted_url, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", planted_url)
    monkeypatch.setattr(sys, "argv", ["gridwarden", "audit", "--level", "grid", "--edition", "10", "--json"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    assert json.loads(capsys.readouterr().out) == audit(client, level="grid", edition=10)


def test_a_moment_a_level_and_an_area_can_be_asked_for(client):
    assert audit(client)["verdict"] == "defects"
    assert audit(client, edition=9)["verdict"] == "covered"
    assert audit(client, within="519802")["verdict"] == "covered"
    assert audit(client, level="community")["verdict"] == "covered"
    for wrong, status in (({"level": "street"}, 422), ({"within": "7"}, 404), ({"edition": 99}, 404)):
        assert client.get(FINDINGS, params=wrong).status_code == status


def test_too_many_areas_are_for_a_job(client, monkeypatch):
    monkeypatch.setattr("api.routes.findings.MOST_AREAS", 100)
    answer = client.get(FINDINGS)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:gridwarden:problem:audit-too-large")
    assert "/api/v1/jobs" in answer.json()["en"]


def test_accepted_then_covered_then_revoked_then_a_defect_again(client):
    gap = gap_of(audit(client, level="grid"))
    answer = client.post(f"{FINDINGS}/accept", json=signed(ids=[gap["id"]], level="grid"))
    assert answer.status_code == 200, answer.text
    (record,) = answer.json()["items"]
    assert (record["accepted_by"], record["accepted_via"], record["until"]) == ("张工", "http", None)

    after = audit(client)
    assert (after["verdict"], after["exceptions_in_force"]) == ("covered", 1)
    assert after["exceptions"][0]["finding"]["id"] == gap["id"]
    assert client.get(f"{FINDINGS}/exceptions").json()["items"] == [record]
    again = client.post(f"{FINDINGS}/accept", json=signed(ids=[gap["id"]]))
    assert (again.status_code, again.json()["type"]) == (404, "urn:gridwarden:problem:unknown-finding")

    revoked = client.post(f"{FINDINGS}/revoke", json=signed(exceptions=[record["exception"]], reason="已补划"))
    assert revoked.json() == {"revoked": [record["exception"]]}
    assert audit(client)["verdict"] == "defects"
    assert client.get(f"{FINDINGS}/exceptions").json()["items"] == []
    (kept,) = client.get(f"{FINDINGS}/exceptions", params={"all": True}).json()["items"]
    assert kept["revoked_at"] is not None


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("accept", signed(), 422),
        ("accept", {"ids": ["x"], "actor": "张工"}, 422),
        ("accept", {"ids": ["x"], "reason": "水库"}, 422),
        ("accept", signed(ids=["0123456789abcdef"]), 404),
        ("accept", signed(kinds=["hole"]), 422),
        ("accept", signed(kinds=["gap"], until="2020-01-01"), 422),
        ("accept", signed(kinds=["gap"], until="soon"), 422),
        ("accept", signed(kinds=["gap"], reason=" "), 422),
        ("revoke", signed(exceptions=[77]), 404),
        ("revoke", signed(exceptions=[]), 422),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(client, path, body, status):
    before = client.get(f"{FINDINGS}/exceptions", params={"all": True}).json()
    answer = client.post(f"{FINDINGS}/{path}", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert client.get(f"{FINDINGS}/exceptions", params={"all": True}).json() == before
