"""The service from memory: as fresh as what is published, and there when the database is not."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from api.demo_city import load_city
from geo.levels import DEFAULT
from geo.store.cluster import Cluster
from geo.store.connect import connect
from geo.store.migrate import upgrade
from geo.store.publish import Signature, publication
from geo.store.teams import Member, Team, write_teams

POINT = {"lon": 104.2802048, "lat": 30.1859716, "crs": "cgcs2000"}
PUBLICATIONS = 200 if os.environ.get("GRIDWARDEN_SOAK") else 10


def in_time(holds: Callable[[], object], longest_s: float = 20.0) -> object:
    """Return the first truth within some time."""
    until = time.monotonic() + longest_s
    while not (found := holds()):
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.01)
    return found


def in_memory(client) -> bool:
    return client.get("/health").json().get("in_memory") is not None


def located(client, **more) -> dict[str, object]:
    answer = client.get("/api/v1/locate", params={**POINT, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def publish_team(url: str, area_id: int, name: str) -> int:
    with (
        connect(url) as connection,
        publication(connection, Signature("teams", name, "test")) as opened,
    ):
        write_teams(connection, opened, {area_id: Team(name, (Member("甲", "grid_worker", None, None),))})
    return opened.edition


@pytest.fixture(scope="module")
def area_id(city_url) -> int:
    with connect(city_url) as connection:
        return connection.exec_driver_sql(
            "SELECT area_id FROM area_version WHERE code = '519801001001001' AND upper_inf(valid)"
        ).scalar_one()


@pytest.fixture(scope="module")
def client(served, city_url) -> Iterator[object]:
    with served(city_url) as found:
        in_time(lambda: in_memory(found))
        yield found


def test_memory_says_what_the_database_says(client):
    held = located(client)
    past = located(client, edition=held["edition"])
    assert {**held, "at": None} == {**past, "at": None}
    assert held["stale"] is False


def test_who_has_published_can_demand_the_edition(client, city_url, area_id):
    edition = publish_team(city_url, area_id, "要求新一期")
    answer = located(client, min_edition=edition)
    assert (answer["edition"], answer["team"]["name"]) == (edition, "要求新一期")


def test_an_edition_that_is_not_there_is_said_after_a_second(client):
    answer = client.get("/api/v1/locate", params={**POINT, "min_edition": 10**6})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json()["type"] == "urn:gridwarden:problem:edition-not-yet"
    assert answer.json()["place"] == {"field": "min_edition"}


def test_an_answer_that_a_caller_has_is_not_sent_again(client, city_url, area_id):
    first = client.get("/api/v1/locate", params=POINT)
    tag = {"If-None-Match": first.headers["ETag"]}
    again = client.get("/api/v1/locate", params=POINT, headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    edition = publish_team(city_url, area_id, "又一期")
    assert client.get("/api/v1/locate", params={**POINT, "min_edition": edition}, headers=tag).status_code == 200


def test_metrics_tell_the_edition_and_what_was_answered(client):
    edition = located(client)["edition"]
    text = client.get("/metrics").text
    lines = {line.split("{")[0]: float(line.split()[-1]) for line in text.splitlines() if not line.startswith("#")}
    assert lines["gridwarden_edition"] == edition
    assert lines["gridwarden_stale"] == 0
    assert lines["gridwarden_index_bytes"] > 100_000
    assert 'status="200"' in text


def test_every_publication_is_answered_within_a_second_and_no_answer_mixes_editions(client, city_url, area_id):
    named: dict[int, str] = {}
    ended = Event()

    def ask() -> list[tuple[int, str]]:
        seen = []
        while not ended.is_set():
            answer = located(client)
            seen.append((answer["edition"], answer["team"]["name"]))
        return seen

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        for number in range(PUBLICATIONS):
            name = f"第{number}队"
            edition = publish_team(city_url, area_id, name)
            named[edition] = name
            assert located(client, min_edition=edition)["team"]["name"] == name
        ended.set()
        seen = [each for one in asking for each in one.result()]
    assert len(seen) > PUBLICATIONS
    assert {name for edition, name in seen if edition in named} <= set(named.values())
    assert all(named[edition] == name for edition, name in seen if edition in named)


def test_a_lost_notice_delays_an_edition_by_no_more_than_the_poll(client, city_url, area_id, monkeypatch):
    monkeypatch.setattr("geo.store.publish.CHANNEL", "nobody_listens")
    edition = publish_team(city_url, area_id, "无声")
    assert located(client, min_edition=edition)["team"]["name"] == "无声"


@pytest.mark.slow
def test_it_answers_on_while_the_database_is_dead_and_recovers_alone(served, tmp_path, city_folder):
    server = Cluster(tmp_path / "home", durable=False)
    server.create()
    upgrade(server.start())
    with connect(server.url("app")) as connection:
        load_city(connection, city_folder, DEFAULT, lambda file: None)
    try:
        with served(server.url("app")) as client:
            in_time(lambda: in_memory(client))
            before = located(client)
            os.kill(
                int((server.home.cluster_folder() / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL
            )
            in_time(lambda: located(client)["stale"])
            during = located(client)
            health = client.get("/health")
            assert (health.status_code, health.json()["status"], health.json()["stale"]) == (200, "stale", True)
            assert "gridwarden_stale" in client.get("/metrics").text
            server.start()
            in_time(lambda: not located(client)["stale"])
            after = located(client)
    finally:
        server.stop()
    same = ("grid", "team", "chain", "edition", "responsible")
    assert [during[name] for name in same] == [before[name] for name in same] == [after[name] for name in same]
