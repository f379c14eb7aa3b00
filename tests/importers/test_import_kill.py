"""Killing an import or the database half-way leaves the previous edition; a backup taken meanwhile is whole."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import psycopg
import pytest

from geo.store.backup import backup
from geo.store.cluster import Cluster
from geo.store.migrate import upgrade
from geo.store.restore import restore
from importers.sample import write_sample

LEVELS = (("city", "city"), ("counties", "county"), ("towns", "town"), ("communities", "community"))
GRIDS = 2000
ROUNDS = 20 if os.environ.get("GRIDWARDEN_SOAK") else 1
MOMENTS_S = (1.0, 6.0)
"""From the first reading of the file until after the last word of the report, on a slow machine."""
COMMAND = (sys.executable, "-c", "from api.command import main; main()")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write an invented city that takes a while to import."""
    return write_sample(tmp_path_factory.mktemp("large"), GRIDS, 3).folder


@pytest.fixture(scope="module")
def upper_name(cluster, clone, door_to, folder):
    """Import the levels above the grids once; tests clone them."""
    with clone() as name:
        door = door_to(cluster.url("app", name))
        for stem, level in LEVELS:
            door.take(folder / f"{stem}.geojson", level)
        yield name


@contextmanager
def importing(url, folder, server):
    """Import the grids in another process, and stop in the midst of writing: the process waits there for a lock."""
    with psycopg.connect(server) as blocker:
        # INSERT passes, the raising of the edition does not: everything is written, nothing committed
        blocker.execute("SELECT * FROM gridwarden.edition_now FOR UPDATE")
        environment = os.environ | {"DATABASE_URL": url}
        words = ("import", str(folder / "grids.geojson"), "--level", "grid", "--publish")
        process = subprocess.Popen(
            (*COMMAND, *words), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            _wait_until_it_waits(server, process)
            yield process, blocker
        finally:
            process.kill()
            process.communicate()


def _wait_until_it_waits(server, process):
    with psycopg.connect(server, autocommit=True) as watcher:
        for _ in range(600):
            waiting = watcher.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
                "AND query LIKE 'UPDATE edition_now%'"
            ).fetchone()
            if waiting == (1,):
                return
            assert process.poll() is None, process.stderr.read().decode()
            time.sleep(0.1)
    raise AssertionError("the import never came to its end")


def test_a_killed_importer_leaves_the_previous_edition_and_the_same_import_succeeds_afterwards(
    cluster, clone, door_to, folder, upper_name
):
    with clone(upper_name) as name:
        door = door_to(cluster.url("app", name))
        before = door.state()
        with importing(door.url, folder, cluster.url("owner", name)) as (process, _):
            process.send_signal(signal.SIGKILL)
            process.wait()
        _wait_until_alone(cluster.url("owner", name))
        assert door.state() == before
        assert door.take(folder / "grids.geojson", "grid")["counts"]["new"] == GRIDS
        assert door.edition() == before["present"] + 1


@pytest.mark.soak
@pytest.mark.parametrize("number", range(ROUNDS))
def test_an_importer_killed_at_any_moment_leaves_the_old_edition_or_the_new_one_whole(
    cluster, clone, door_to, folder, upper_name, number
):
    with clone(upper_name) as name:
        door = door_to(cluster.url("app", name))
        before = door.state()
        words = ("import", str(folder / "grids.geojson"), "--level", "grid", "--publish")
        environment = os.environ | {"DATABASE_URL": door.url}
        process = subprocess.Popen(
            (*COMMAND, *words), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=random.Random(number).uniform(*MOMENTS_S))
        process.kill()
        process.wait()
        _wait_until_alone(cluster.url("owner", name))
        grids = door.ask("SELECT count(*) FROM area WHERE level = 'grid'")
        if grids == [(0,)]:
            assert door.state() == before
        else:
            assert (grids, door.edition()) == ([(GRIDS,)], before["present"] + 1)


def _wait_until_alone(url):
    """Wait until the server has noticed that its client is gone."""
    with psycopg.connect(url, autocommit=True) as watcher:
        for _ in range(200):
            others = watcher.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone()
            if others == (0,):
                return
            time.sleep(0.1)


def test_a_killed_database_keeps_the_previous_edition_and_the_same_import_succeeds_afterwards(
    tmp_path, door_to, folder
):
    server = Cluster(tmp_path / "home")
    server.create()
    server.start()
    try:
        upgrade(server.url("owner"))
        door = door_to(server.url("app"))
        for stem, level in LEVELS:
            door.take(folder / f"{stem}.geojson", level)
        before = door.state()
        with importing(door.url, folder, server.url("owner")) as (process, blocker):
            os.kill(server.status().pid, signal.SIGKILL)
            _, error = process.communicate(timeout=60)
            assert process.returncode == 2
            assert "Traceback" not in error.decode()
            with pytest.raises(psycopg.OperationalError):
                blocker.execute("SELECT 1")
        server.start()
        assert door.state() == before
        assert door.take(folder / "grids.geojson", "grid")["counts"]["new"] == GRIDS
    finally:
        server.stop()


def test_a_backup_taken_while_an_import_runs_restores_whole(cluster, clone, door_to, folder, upper_name, tmp_path):
    with clone(upper_name) as name, clone() as empty:
        door = door_to(cluster.url("app", name))
        before = door.state()
        with importing(door.url, folder, cluster.url("owner", name)) as (process, blocker):
            file = backup(cluster.url("owner", name), tmp_path / "meanwhile.gwbackup")
            blocker.rollback()
            assert process.wait(timeout=60) == 0
        assert door.state()["present"] == before["present"] + 1
        restore(file, cluster.url("owner", empty))
        copy = door_to(cluster.url("app", empty))
        assert copy.state() == before
        assert copy.take(folder / "communities.geojson", "community")["counts"]["new"] == 0
