"""Many publishers at once: random plans of all ten operations, half of them clashing on purpose, while clients locate.

At full scale 8 processes publish 2,000 plans over 60 communities (``make soak``); a twentieth of it in the normal run.
"""

import json
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import psycopg
import pytest
import shapely
from sqlalchemy import text

from geo.audit_result import AuditResult
from geo.exceptions import site_day
from geo.levels import DEFAULT
from geo.store.areas import load_areas
from geo.store.auditing import AuditRequest, run_audit
from geo.store.backup import backup
from geo.store.connect import connect, open_engine, reading
from geo.store.editions import moment_of, present, present_edition
from geo.store.locating import Question, full_view, locate
from geo.store.restore import restore

WHOLE = bool(os.environ.get("GRIDWARDEN_SOAK"))
PLANS, GRIDS, EDITIONS, POINTS = (2000, 700, 100, 10_000) if WHOLE else (100, 200, 5, 100)
PROCESSES, SITE = 8, "Asia/Shanghai"
WORKER = Path(__file__).with_name("plan_worker.py")
pytestmark = [pytest.mark.soak, pytest.mark.slow, pytest.mark.xdist_group("plan-soak")]


@pytest.fixture(scope="module")
def soak_city(cluster, clone, city_template, tmp_path_factory):
    """Return a database with enough communities, as the app's role and as its owner."""
    with clone() if WHOLE else clone(city_template) as name:
        url = cluster.url("app", name)
        if WHOLE:
            from api.demo_city import load_city, written_city

            folder = written_city(tmp_path_factory.mktemp("soak"), GRIDS)
            with connect(url) as connection:
                load_city(connection, folder, DEFAULT, lambda file: None)
        yield url, cluster.url("owner", name)


class Client(threading.Thread):
    """Asks for random points until told to stop, and keeps what it was answered."""

    def __init__(self, url, bounds):
        super().__init__()
        self.url, self.bounds, self.stopped = url, bounds, threading.Event()
        self.answers = []

    def run(self):
        rng = random.Random(7)
        west, south, east, north = self.bounds
        engine = open_engine(self.url)
        while not self.stopped.wait(0.05):
            question = Question(rng.uniform(west, east), rng.uniform(south, north))
            with reading(engine) as connection:
                now = present(connection)
                self.answers.append((question, now.edition, told(connection, now.at, question)))
        engine.dispose()


def told(connection, at, question):
    """Return what an answer says, but for the moment."""
    answer = locate(connection, at, question, full_view)
    return answer.status, None if answer.grid is None else answer.grid.code, [one.code for one in answer.chain]


@pytest.fixture(scope="module")
def soaked(soak_city, cluster, clone, tmp_path_factory):
    """Let the publishers run; return what they say, what a client was told, and a backup that was made meanwhile."""
    url, owner = soak_city
    with connect(url) as connection, connection.begin():
        communities = load_areas(connection, present(connection).at, levels=["community"])
    codes = communities.codes.tolist()
    client = Client(url, shapely.total_bounds(communities.geoms).tolist())
    client.start()
    share, command = len(codes) / PROCESSES, (sys.executable, str(WORKER), url)
    workers = [
        subprocess.Popen(
            [
                *command,
                str(number),
                str(PLANS // PROCESSES),
                *codes[round(number * share) : round((number + 1) * share)],
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    lines = [json.loads(workers[0].stdout.readline())]
    file = backup(owner, tmp_path_factory.mktemp("saved") / "under-load.gwbackup")
    for worker in workers:
        out, error = worker.communicate()
        assert worker.returncode == 0, error
        lines += [json.loads(line) for line in out.splitlines()]
    client.stopped.set()
    client.join()
    return lines, client.answers, file


def audited(connection, edition) -> AuditResult:
    at = moment_of(connection, edition)
    return run_audit(connection, AuditRequest(at, site_day(at, SITE), edition), DEFAULT)


def asked(url, sql, **values):
    with connect(url) as connection:
        return [tuple(row) for row in connection.execute(text(sql), values)]


def test_of_each_clashing_pair_exactly_one_is_published_and_of_the_others_every_one(soaked):
    pairs = {tuple(line["pair"]) for line in soaked[0]}
    published = {line["plan"] for line in soaked[0] if "edition" in line}
    assert all(sum(plan in published for plan in pair) == 1 for pair in pairs)
    assert sum(len(pair) for pair in pairs if len(pair) == 2) > 0.3 * len(soaked[0])


def test_all_ten_operations_are_at_least_a_twentieth_each(soaked):
    counts = Counter(line["op"] for line in soaked[0])
    assert len(counts) == 10
    assert min(counts.values()) >= 0.05 * len(soaked[0])


def test_every_refusal_has_a_reason_and_a_place(soaked, soak_city):
    refused = [line for line in soaked[0] if "refused" in line]
    assert {line["refused"] for line in refused} == {"plan-clash"}
    assert all(line["text"] and {"code", "lon", "lat"} <= line["place"].keys() for line in refused)
    rows = asked(soak_city[0], "SELECT DISTINCT plan_id FROM plan_event WHERE event = 'refused'")
    assert {plan for (plan,) in rows} == {line["plan"] for line in refused}


def test_every_acknowledged_publication_is_in_the_history_as_it_was_acknowledged(soaked, soak_city):
    acknowledged = {(line["plan"], line["edition"]) for line in soaked[0] if "edition" in line}
    assert (
        set(asked(soak_city[0], "SELECT id, edition FROM plan WHERE kind = 'operations' AND edition > 0"))
        == acknowledged
    )


def test_no_plan_is_half_there(soaked, soak_city):
    rows = asked(
        soak_city[0],
        "SELECT e.id, (e.report ->> 'changed')::int + (e.report ->> 'created')::int, (e.report ->> 'noded')::int, "
        "(SELECT count(*) FROM area_version v WHERE v.edition = e.id AND NOT v.noded), "
        "(SELECT count(*) FROM area_version v WHERE v.edition = e.id AND v.noded), "
        "(e.report ->> 'changed')::int + (e.report ->> 'noded')::int + (e.report ->> 'ended')::int, "
        "(SELECT count(*) FROM area_version v WHERE upper(v.valid) = e.published_at AND NOT upper_inf(v.valid)) "
        "FROM edition e JOIN plan p ON p.edition = e.id WHERE p.kind = 'operations'",
    )
    assert rows
    assert [row for row in rows if row[1:3] != row[3:5] or row[5] != row[6]] == []


def test_editions_moments_and_commits_follow_one_another(soaked, soak_city):
    rows = asked(soak_city[0], "SELECT id, published_at FROM edition ORDER BY id")
    assert [number for number, _ in rows] == list(range(1, len(rows) + 1))
    assert [moment for _, moment in rows] == sorted({moment for _, moment in rows})


def test_the_audit_is_clean_at_the_end_and_at_random_editions(soaked, soak_city):
    with connect(soak_city[0]) as connection:
        last = present_edition(connection)
        first = min(line["edition"] for line in soaked[0] if "edition" in line)
        chosen = random.Random(3).sample(range(first, last), min(EDITIONS, last - first))
        assert {audited(connection, edition).check.verdict for edition in [*chosen, last]} == {"covered"}


def test_what_clients_were_told_is_what_the_edition_says_ever_after(soaked, soak_city):
    answers = soaked[1]
    assert len({edition for _, edition, _ in answers}) > 1
    with connect(soak_city[0]) as connection:
        for question, edition, said in random.Random(5).sample(answers, min(POINTS, len(answers))):
            assert told(connection, moment_of(connection, edition), question) == said


def test_a_backup_made_meanwhile_restores_whole_with_lineage_and_the_same_answers(soaked, soak_city, cluster, clone):
    with clone() as empty:
        restore(soaked[2], cluster.url("owner", empty))
        with connect(cluster.url("app", empty)) as copy, connect(soak_city[0]) as source:
            edition = present_edition(copy)
            assert audited(copy, edition).check.verdict == "covered"
            lineage = text(
                "SELECT edition, operation, from_id, to_id, area_m2, share_of_from, share_of_to, households "
                "FROM lineage WHERE edition <= :edition ORDER BY id"
            )
            # the backup is of one moment: of later plans it knows nothing, of earlier ones everything
            assert [tuple(row) for row in copy.execute(lineage, {"edition": edition})] == [
                tuple(row) for row in source.execute(lineage, {"edition": edition})
            ]
            at, rng = moment_of(source, edition), random.Random(9)
            west, south, east, north = shapely.total_bounds(load_areas(copy, at, levels=["town"]).geoms).tolist()
            for _ in range(POINTS):
                question = Question(rng.uniform(west, east), rng.uniform(south, north))
                assert told(copy, at, question) == told(source, at, question)


def test_nobody_waited_in_a_circle(soaked, soak_city):
    with psycopg.connect(soak_city[1]) as connection:
        row = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    assert row == (0,)
