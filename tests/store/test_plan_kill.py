"""Killing the publisher, the service or the database at any moment leaves the old edition or the new one, whole."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import psycopg
import pytest
import shapely
from shapely.geometry import mapping

from geo.adjust import operation_of
from geo.audit_result import AuditResult
from geo.exceptions import site_day
from geo.levels import DEFAULT
from geo.store.areas import load_areas
from geo.store.auditing import AuditRequest, run_audit
from geo.store.backup import backup
from geo.store.cluster import Cluster
from geo.store.connect import connect
from geo.store.drafting import work_out
from geo.store.editions import moment_of, present, present_edition
from geo.store.migrate import upgrade
from geo.store.plans import Acting, NewDraft, NewPlan, add_draft, change_state, create_plan, one_plan
from geo.store.restore import restore

KILLS = 34 if os.environ.get("GRIDWARDEN_SOAK") else 2
"""Of each of the three: a hundred in all at full scale."""
WORKER = Path(__file__).with_name("plan_worker.py")
SERVE = "from api.command import main; main()"
PATIENCE_S = 60
pytestmark = [pytest.mark.soak, pytest.mark.slow]

WHOLE = (
    "SELECT e.id FROM gridwarden.edition e JOIN gridwarden.plan p ON p.edition = e.id WHERE p.kind = 'operations' AND "
    "((e.report ->> 'changed')::int + (e.report ->> 'created')::int + (e.report ->> 'noded')::int <> "
    "(SELECT count(*) FROM gridwarden.area_version v WHERE v.edition = e.id) OR "
    "(e.report ->> 'changed')::int + (e.report ->> 'noded')::int + (e.report ->> 'ended')::int <> "
    "(SELECT count(*) FROM gridwarden.area_version v WHERE upper(v.valid) = e.published_at AND NOT upper_inf(v.valid)))"
)


def audited(connection, edition) -> AuditResult:
    at = moment_of(connection, edition)
    return run_audit(connection, AuditRequest(at, site_day(at, "Asia/Shanghai"), edition), DEFAULT)


def require_whole(url, acknowledged):
    """Require that what is published is whole and sound, and holds everything that was acknowledged."""
    with connect(url) as connection:
        numbers = [row.id for row in connection.exec_driver_sql("SELECT id FROM gridwarden.edition ORDER BY id")]
        assert numbers == list(range(1, present_edition(connection) + 1))
        assert connection.exec_driver_sql(WHOLE).all() == []
        there = {(row.id, row.edition) for row in connection.exec_driver_sql("SELECT id, edition FROM gridwarden.plan")}
        assert acknowledged <= there
        assert audited(connection, numbers[-1]).check.verdict == "covered"


def publisher(url, seed, communities):
    """Start a process that publishes one random plan after the other."""
    command = (sys.executable, str(WORKER), url, str(seed), "1000", *communities)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def heard(process):
    """Return the plans that a publisher acknowledged, after its end; a line that is cut off acknowledges nothing."""
    with process.stdout:
        lines = [line for line in process.stdout.read().splitlines() if line.endswith("}")]
    said = [json.loads(line) for line in lines]
    return {(line["plan"], line["edition"]) for line in said if "edition" in line}


def codes_of(url):
    with connect(url) as connection, connection.begin():
        return load_areas(connection, present(connection).at, levels=["community"], shapes=False).codes.tolist()


def test_a_killed_publisher_leaves_the_old_edition_or_the_new_one(cluster, clone, city_template):
    with clone(city_template) as name:
        url, acknowledged = cluster.url("app", name), set()
        codes = codes_of(url)
        for number in range(KILLS):
            process = publisher(url, number, codes)
            first = process.stdout.readline()
            time.sleep(random.Random(number).uniform(0, 1.5))
            process.kill()
            acknowledged |= heard(process)
            acknowledged |= {(one["plan"], one["edition"]) for one in [json.loads(first)] if "edition" in one}
            process.wait()
            _wait_until_alone(cluster.url("owner", name))
            require_whole(url, acknowledged)
        assert acknowledged


@pytest.fixture
def own_server(tmp_path, city_template, cluster):
    """Start a durable server of one's own with the invented city."""
    file = backup(cluster.url("owner", city_template), tmp_path / "city.gwbackup")
    server = Cluster(tmp_path / "home")
    server.create()
    server.start()
    upgrade(server.url("owner"))
    restore(file, server.url("owner"))
    yield server
    server.stop()


def test_a_killed_database_comes_back_with_the_old_edition_or_the_new_one(own_server):
    url, acknowledged = own_server.url("app"), set()
    codes = codes_of(url)
    for number in range(KILLS):
        processes = [publisher(url, number * 2 + one, codes[one::2]) for one in range(2)]
        first = [json.loads(process.stdout.readline()) for process in processes]
        time.sleep(random.Random(number).uniform(0, 1.5))
        os.kill(own_server.status().pid, signal.SIGKILL)
        for process in processes:
            process.kill()
            acknowledged |= heard(process)
            process.wait()
        acknowledged |= {(one["plan"], one["edition"]) for one in first if "edition" in one}
        own_server.start()
        require_whole(url, acknowledged)
    assert acknowledged


def test_a_killed_service_leaves_the_old_edition_or_the_new_one(cluster, clone, city_template, tmp_path):
    with clone(city_template) as name:
        url, acknowledged = cluster.url("app", name), set()
        for number in range(KILLS):
            acknowledged |= _published_over_http(url, tmp_path, number)
            _wait_until_alone(cluster.url("owner", name))
            require_whole(url, acknowledged)


def _published_over_http(url, home, number):
    """Let the service publish a plan, kill it meanwhile, and return plan and edition if it was acknowledged."""
    plan = _approved(url, number)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    service = subprocess.Popen(
        (sys.executable, "-c", SERVE, "serve", "--port", str(port)),
        env=os.environ | {"DATABASE_URL": url, "GRIDWARDEN_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    killer = threading.Timer(random.Random(number).uniform(0, 0.8), service.kill)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S, trust_env=False) as client:
            _wait_until_healthy(client, service)
            killer.start()
            answer = client.post(f"/api/v1/plans/{plan}/publish", json={"actor": "checker"})
        assert answer.status_code == 200, answer.text
        return {(plan, answer.json()["edition"])}
    except httpx.TransportError:
        return set()
    finally:
        killer.cancel()
        service.kill()
        service.wait()


def _approved(url, number):
    """Draft and approve the split of a grid."""
    with connect(url) as connection, connection.begin():
        now = present(connection)
        grids = load_areas(connection, now.at, levels=["grid"], kind="general")
        row = (number * 7) % len(grids)
        west, south, east, north = shapely.bounds(grids.geoms[row])
        line = mapping(shapely.LineString([((west + east) / 2, south - 1e-4), ((west + east) / 2, north + 1e-4)]))
        records = [{"op": "split", "code": grids.codes[row], "line": line}]
        worked = work_out(connection, now.at, [operation_of(record) for record in records], DEFAULT)
        plan = create_plan(connection, NewPlan("over HTTP"), Acting("author"))
        draft = NewDraft(records, now.edition, worked.versions_seen(), "0", {"codes": worked.new_codes()})
        add_draft(connection, plan, draft, Acting("author"))
        for action in ("submit", "approve"):
            change_state(connection, one_plan(connection, plan.id), action, Acting("checker"))
    return plan.id


def _wait_until_healthy(client, service):
    for _ in range(PATIENCE_S * 10):
        assert service.poll() is None
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the service never began")


def _wait_until_alone(url):
    """Wait until the server has noticed that its clients are gone."""
    with psycopg.connect(url, autocommit=True) as watcher:
        for _ in range(PATIENCE_S * 10):
            others = watcher.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone()
            if others == (0,):
                return
            time.sleep(0.1)
    raise AssertionError("somebody is still there")
