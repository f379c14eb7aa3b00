"""The benchmarks' own server, and databases that last as long as a run."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psycopg

from bench.spending import Spent, whole_process
from geo.errors import NotFound
from geo.store.cluster import Cluster
from geo.store.migrate import upgrade

PRISTINE = "gridwarden"
"""The database that a new home has: the extensions, nothing else."""


def stop_server(home: Path) -> None:
    """Stop the benchmarks' server, if a row started it."""
    with suppress(NotFound):
        Cluster(home).stop()


class Databases:
    """Databases of one embedded server, durable as at work."""

    def __init__(self, home: Path) -> None:
        self._cluster = Cluster(home)
        self._cluster.create()
        self._cluster.start()

    @contextmanager
    def fresh(self, template: str = PRISTINE) -> Iterator[str]:
        """Make a database, and drop it at the end; what it cost is not written to disk during the next run."""
        name = f"bench_{uuid4().hex[:8]}"
        with psycopg.connect(self._cluster.url("admin", "postgres"), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER gridwarden_owner")
            admin.execute("CHECKPOINT")
            try:
                yield name
            finally:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """Make a database with our empty tables."""
        with self.fresh() as name:
            upgrade(self.owner_url(name))
            yield name

    def owner_url(self, name: str) -> str:
        """Return the URL by which peers create their tables."""
        return self._cluster.url("owner", name)

    def app_url(self, name: str) -> str:
        """Return the URL by which Gridwarden works."""
        return self._cluster.url("app", name)

    def run_command(self, name: str, arguments: Sequence[str]) -> Spent:
        """Run ``gridwarden`` on a database, as a whole process."""
        command = [sys.executable, "-c", "from api.command import main; main()", *arguments]
        return whole_process(command, {"DATABASE_URL": self.app_url(name)})
