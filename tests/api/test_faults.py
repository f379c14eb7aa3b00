"""What goes wrong around a service that runs: it answers on from the last good edition, says so, and recovers alone."""

import os
import resource
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from api.demo_city import load_city
from geo.levels import DEFAULT
from geo.store.cluster import Cluster
from geo.store.connect import connect
from geo.store.home import Home
from geo.store.migrate import upgrade
from geo.store.publish import Signature, publication
from geo.store.shared_index import index_folder
from geo.store.teams import Member, Team, write_teams

POINT = {"lon": 104.2802048, "lat": 30.1859716, "crs": "cgcs2000"}
WORKERS = 2
SAME = ("status", "grid", "chain", "team", "responsible", "edition")
pytestmark = pytest.mark.slow


def in_time(holds, longest_s=30.0):
    until = time.monotonic() + longest_s
    while not (found := holds()):
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.02)
    return found


def located(client, **more):
    answer = client.get("/api/v1/locate", params={**POINT, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def same(one, other):
    return [one[name] for name in SAME] == [other[name] for name in SAME]


def publish(url, name):
    with connect(url) as connection:
        with connection.begin():
            area_id = connection.exec_driver_sql(
                "SELECT area_id FROM area_version WHERE code = '519801001001001' AND upper_inf(valid)"
            ).scalar_one()
        with publication(connection, Signature("teams", name, "test")) as opened:
            write_teams(connection, opened, {area_id: Team(name, (Member("甲", "grid_worker", None, None),))})
    return opened.edition


def arrived(client, edition, name):
    answer = located(client)
    return not answer["stale"] and (answer["edition"], answer["team"]["name"]) == (edition, name)


@contextmanager
def under_load(clients):
    """Ask every worker all the time; whatever happens meanwhile, every request has to be answered."""
    ended, counts = Event(), []

    def ask(client):
        asked = 0
        while not ended.is_set():
            located(client)
            asked += 1
            time.sleep(0.005)
        return asked

    with ThreadPoolExecutor(len(clients)) as pool:
        busy = [pool.submit(ask, client) for client in clients]
        try:
            yield counts
        finally:
            ended.set()
        counts.extend(one.result() for one in busy)


def test_a_dead_database_stops_no_answer_and_its_return_is_noticed(service, tmp_path, city_folder, metrics_of):
    server = Cluster(tmp_path / "database", durable=False)
    server.create()
    upgrade(server.start())
    url = server.url("app")
    with connect(url) as connection:
        load_city(connection, city_folder, DEFAULT, lambda file: None)
    try:
        with service(url, WORKERS) as running, running.one_client_a_worker(WORKERS) as clients:
            before = located(next(iter(clients.values())))
            with running.client() as one, running.client() as other:
                with under_load([one, other]) as counts:
                    pid_file = server.home.cluster_folder() / "data" / "postmaster.pid"
                    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
                    for client in clients.values():
                        in_time(lambda: located(client)["stale"])  # noqa: B023 - at once
                        assert same(located(client), before)
                        assert client.get("/health").json()["status"] == "stale"
                        assert metrics_of(client)[1]["gridwarden_stale"] == 1
                    server.start()
                    for client in clients.values():
                        in_time(lambda: not located(client)["stale"])  # noqa: B023 - at once
                        assert client.get("/health").json()["status"] == "ok"
                        assert metrics_of(client)[1]["gridwarden_stale"] == 0
                    edition = publish(url, "重启之后")
                    for client in clients.values():
                        in_time(lambda: arrived(client, edition, "重启之后"))  # noqa: B023 - at once
                assert min(counts) > 0
    finally:
        server.stop()


def test_a_notice_that_is_lost_is_made_up_for_by_looking(service, city_url, monkeypatch):
    with service(city_url, WORKERS) as running, running.one_client_a_worker(WORKERS) as clients:
        monkeypatch.setattr("geo.store.publish.CHANNEL", "nobody_listens")
        edition = publish(city_url, "无声")
        for client in clients.values():
            assert located(client, min_edition=edition)["team"]["name"] == "无声"


@pytest.mark.parametrize(
    "harm",
    [
        "half of it was written",
        *(pytest.param(harm, marks=pytest.mark.soak_only) for harm in ("a byte is another", "it is empty")),
    ],
)
def test_a_damaged_index_file_is_noticed_and_made_anew(service, city_url, tmp_path, harm):
    with service(city_url, 1) as running, running.one_client_a_worker(1) as clients:
        (client,) = clients.values()
        before = located(client)
    folder = index_folder(Home.at(tmp_path / "home"), city_url)
    (file,) = folder.glob("*.index")
    whole = file.read_bytes()
    # in the room behind an array nothing but zeros stands, and nothing matters
    half = next(place for place in range(len(whole) // 2, len(whole)) if whole[place])
    other = bytes([whole[half] ^ 1])
    harmed = {
        "a byte is another": whole[:half] + other + whole[half + 1 :],
        "half of it was written": whole[:half],
        "it is empty": b"",
    }[harm]
    file.write_bytes(harmed)
    # what a writer that was killed leaves behind
    file.with_name(f".{file.name}.killed").write_bytes(whole[:half])
    with service(city_url, WORKERS) as running, running.one_client_a_worker(WORKERS) as clients:
        assert all(same(located(client), before) for client in clients.values())
        assert all(not located(client)["stale"] for client in clients.values())
        assert file.name in running.log.read_text()
        assert "Traceback" not in running.log.read_text()
    (mended,) = folder.glob("*.index")
    assert len(mended.read_bytes()) == len(whole)
    assert not list(mended.parent.glob(".*.killed"))


@pytest.mark.soak
@pytest.mark.skipif(
    "GRIDWARDEN_SOAK" not in os.environ, reason="how much memory a process finds free is chance: make soak"
)
def test_a_worker_that_gets_no_memory_keeps_its_edition_and_takes_the_next_one_in_when_it_can(
    service, city_url, metrics_of
):
    with service(city_url, 1) as running, running.one_client_a_worker(1) as clients:
        ((pid, client),) = clients.items()
        before = located(client)
        with no_more_memory(pid):
            edition = publish(city_url, "没有内存")
            in_time(lambda: located(client)["stale"])
            for _ in range(20):
                assert same(located(client), before)
            assert metrics_of(client)[1]["gridwarden_stale"] == 1
            assert client.get("/health").json()["stale"] is True
        in_time(lambda: arrived(client, edition, "没有内存"))
        assert metrics_of(client)[1]["gridwarden_stale"] == 0
        assert "newer ones cannot be seen" in running.log.read_text()


@contextmanager
def no_more_memory(pid):
    """Leave a process what it has: enough to answer, and too little to map an index file once more."""
    limits = resource.prlimit(pid, resource.RLIMIT_AS)
    resource.prlimit(pid, resource.RLIMIT_AS, (_settled_space(pid) + (1 << 20), limits[1]))
    try:
        yield
    finally:
        # a process without memory cannot even end
        resource.prlimit(pid, resource.RLIMIT_AS, limits)


def _settled_space(pid):
    """Return the address space of a process once it neither grows nor shrinks."""
    seen = [0]
    while len({*seen[-4:]}) > 1 or len(seen) < 5:
        time.sleep(0.5)
        seen.append(_address_space(pid))
    return seen[-1]


def _address_space(pid):
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[0]) * resource.getpagesize()
