"""What tests share: one real PostGIS a session, one fresh migrated database a module."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from geo.errors import Unavailable
from geo.store.cluster import Cluster
from geo.store.migrate import upgrade

# Beside the sources and kept, because a cluster takes seconds to make; sessions that run at the same time take
# different ones. Never the home of this machine's user.
HOMES = Path(__file__).parents[1] / ".home"
PRISTINE, TEMPLATE = "gridwarden", "migrated"

Clone = Callable[[], AbstractContextManager[str]]


def pytest_configure() -> None:
    """Keep tests away from what the environment names."""
    for name in ("DATABASE_URL", "GRIDWARDEN_HOME", "GRIDWARDEN_LANG", "GRIDWARDEN_SOCKET_DIR"):
        os.environ.pop(name, None)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Start an embedded server that no other session uses; without fsync."""
    HOMES.mkdir(exist_ok=True)
    handle, home = _take_home()
    server = Cluster(home, durable=False)
    server.create()
    try:
        server.start()
    except Unavailable:
        # It runs without fsync, so a crash of the machine may have damaged it.
        server.reset(home.name)
        server.create()
        server.start()
    try:
        _make_template(server)
        yield server
    finally:
        server.stop()
        os.close(handle)


@pytest.fixture(scope="session")
def clone(cluster: Cluster) -> Clone:
    """Return a way to clone the migrated database, for as long as a ``with`` lasts."""

    @contextmanager
    def database() -> Iterator[str]:
        name = f"test_{uuid4().hex[:8]}"
        with psycopg.connect(cluster.url("admin", "postgres"), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER gridwarden_owner")
            yield name
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    return database


@pytest.fixture(scope="module")
def database(clone: Clone) -> Iterator[str]:
    """Clone the migrated database for a module, and return the clone's name."""
    with clone() as name:
        yield name


@pytest.fixture
def fresh_url(cluster: Cluster, clone: Clone) -> Iterator[str]:
    """Clone the migrated database for one test, as its owner."""
    with clone() as name:
        yield cluster.url("owner", name)


@pytest.fixture(scope="module")
def owner_url(cluster: Cluster, database: str) -> str:
    """Return the module's database, as its owner."""
    return cluster.url("owner", database)


@pytest.fixture(scope="module")
def app_url(cluster: Cluster, database: str) -> str:
    """Return the module's database, as the app's role, which owns nothing."""
    return cluster.url("app", database)


def _take_home() -> tuple[int, Path]:
    for number in count():
        home = HOMES / f"test-{number}"
        handle = os.open(f"{home}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        return handle, home
    raise AssertionError("there are always more numbers")


def _make_template(server: Cluster) -> None:
    """Migrate a fresh copy of the pristine database: migrations may have changed since the last session."""
    with psycopg.connect(server.url("admin", "postgres"), autocommit=True) as admin:
        old = admin.execute(
            "SELECT datname FROM pg_database WHERE datname = %s OR datname LIKE 'test\\_%%'", [TEMPLATE]
        ).fetchall()
        for (name,) in old:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE {PRISTINE} OWNER gridwarden_owner")
    upgrade(server.url("owner", TEMPLATE))
