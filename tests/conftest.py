"""What tests share: one real PostGIS a session, one fresh migrated database a module."""

import fcntl
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from threading import Thread
from uuid import uuid4

import httpx
import hypothesis
import psycopg
import pytest

from geo.errors import Unavailable
from geo.store.cluster import Cluster
from geo.store.migrate import upgrade

# Beside the sources and kept, because a cluster takes seconds to make; sessions that run at the same time take
# different ones. Never the home of this machine's user.
HOMES = Path(__file__).parents[1] / ".home"
PRISTINE, TEMPLATE, CITY = "gridwarden", "migrated", "sample_city"

Clone = Callable[..., AbstractContextManager[str]]
Command = Callable[..., tuple[object, str, str]]
Service = Callable[..., AbstractContextManager[httpx.Client]]


def pytest_configure() -> None:
    """Keep tests away from what the environment names, and let them do the same every time but in a soak."""
    hypothesis.settings.register_profile("same", derandomize=True, max_examples=50)
    if "GRIDWARDEN_SOAK" not in os.environ:
        hypothesis.settings.load_profile("same")
    for name in set(os.environ) - {"GRIDWARDEN_SOAK"}:
        if name == "DATABASE_URL" or name.startswith("GRIDWARDEN_"):
            del os.environ[name]


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
    """Return a way to clone the migrated database (or another), for as long as a ``with`` lasts."""

    @contextmanager
    def database(template: str = TEMPLATE) -> Iterator[str]:
        name = f"test_{uuid4().hex[:8]}"
        with psycopg.connect(cluster.url("admin", "postgres"), autocommit=True) as admin:
            # Copying files takes a third of what PostgreSQL's way through its log does.
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER gridwarden_owner STRATEGY FILE_COPY")
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


@pytest.fixture(scope="session")
def city_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the invented city of 200 grids, as ``make demo`` does."""
    from api.demo_city import written_city

    return written_city(tmp_path_factory.mktemp("city"), 200)


@pytest.fixture(scope="session")
def city_template(cluster: Cluster, city_folder: Path) -> str:
    """Import the invented city once, and return the name of a database that is only ever cloned."""
    from api.demo_city import load_city
    from geo.levels import DEFAULT
    from geo.store.connect import connect

    with psycopg.connect(cluster.url("admin", "postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {CITY} TEMPLATE {TEMPLATE} OWNER gridwarden_owner STRATEGY FILE_COPY")
    with connect(cluster.url("app", CITY)) as connection:
        load_city(connection, city_folder, DEFAULT, lambda file: None)
    return CITY


@pytest.fixture(scope="module")
def city_url(cluster: Cluster, clone: Clone, city_template: str) -> Iterator[str]:
    """Clone the invented city for a module, as the app's role."""
    with clone(city_template) as name:
        yield cluster.url("app", name)


@pytest.fixture
def gridwarden(city_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a way to run the command on the invented city, in this process: exit code, stdout, stderr."""
    from api.command import main

    monkeypatch.setenv("DATABASE_URL", city_url)

    def run(*arguments: object) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["gridwarden", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return run


@pytest.fixture(scope="session")
def served() -> Service:
    """Return a way to run the service on a loopback port, for as long as a ``with`` lasts; it yields an HTTP client."""
    import uvicorn

    from api.app import create_app
    from api.settings import Settings
    from geo.store.home import Home
    from geo.store.shared_index import index_folder

    @contextmanager
    def service(url: str, **settings: str) -> Iterator[httpx.Client]:
        app = create_app(Settings(home=HOMES / "none", database_url=url, **settings))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = Thread(target=server.run, kwargs={"sockets": [listener]})
            thread.start()
            host, port = listener.getsockname()
            # An environment's proxy is for other hosts.
            with httpx.Client(base_url=f"http://{host}:{port}", timeout=60, trust_env=False) as client:
                yield client
            server.should_exit = True
            thread.join()
        shutil.rmtree(index_folder(Home.at(HOMES / "none"), url))

    return service


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a soak draw properties anew, and leave to it what takes minutes and is tested otherwise as well."""
    for item in items:
        if item.get_closest_marker("soak_only"):
            item.add_marker(pytest.mark.soak)
            if "GRIDWARDEN_SOAK" not in os.environ:
                item.add_marker(pytest.mark.skip(reason="takes long, and another test is like it: make soak"))
        if hypothesis.is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.soak)


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
            "SELECT datname FROM pg_database WHERE datname = ANY(%s) OR datname LIKE 'test\\_%%'", [[TEMPLATE, CITY]]
        ).fetchall()
        for (name,) in old:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE {PRISTINE} OWNER gridwarden_owner STRATEGY FILE_COPY")
    upgrade(server.url("owner", TEMPLATE))
