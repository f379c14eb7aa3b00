"""Which PostgreSQL and PostGIS we stand on: programs of this machine, versions of a server."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from geo.errors import Unavailable

OLDEST_POSTGRESQL: Final = 15
OLDEST_POSTGIS: Final = (3, 3)
# Debian and Ubuntu; Fedora and its relatives.
INSTALLED: Final = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
_SERVER_PROGRAMS: Final = ("initdb", "pg_ctl", "postgres")
_CLIENT_PROGRAMS: Final = ("pg_dump", "pg_restore", "psql")


@dataclass(frozen=True)
class Programs:
    """The programs of one PostgreSQL installation.

    ``postgis`` is the version of the PostGIS beside it, None where there is none.
    """

    folder: Path
    version: tuple[int, ...]
    postgis: tuple[int, ...] | None

    @property
    def major(self) -> int:
        """The major version, such as 15."""
        return self.version[0]

    def path(self, name: str) -> Path:
        """Return one program."""
        return self.folder / name


@dataclass(frozen=True)
class ServerFacts:
    """What a running server says of itself; ``edition`` is None before the first ``db upgrade``."""

    postgresql: str
    postgis: str | None
    edition: int | None
    size_bytes: int


def find_server_programs(major: int | None = None) -> Programs:
    """Return the newest PostgreSQL of this machine that has PostGIS.

    Parameters
    ----------
    major
        The major version of an existing data folder: no other can open it.

    Raises
    ------
    Unavailable
        Where PostgreSQL or PostGIS is missing or too old, with the package to install.
    """
    found = [_examine(folder, "postgres") for folder in _folders(_SERVER_PROGRAMS)]
    if not found:
        raise Unavailable("postgresql-missing", oldest=OLDEST_POSTGRESQL)
    found.sort(key=lambda programs: programs.version, reverse=True)
    if major is not None:
        present = ", ".join(_dotted(programs.version) for programs in found)
        found = [programs for programs in found if programs.major == major]
        if not found:
            raise Unavailable("other-major", data=major, present=present)
    found = [programs for programs in found if programs.major >= OLDEST_POSTGRESQL] or found[:1]
    best = max(found, key=_rank)
    if best.major < OLDEST_POSTGRESQL:
        raise Unavailable("postgresql-too-old", version=_dotted(best.version), oldest=OLDEST_POSTGRESQL)
    if best.postgis is None:
        raise Unavailable("postgis-missing", version=_dotted(best.version), major=best.major)
    if best.postgis < OLDEST_POSTGIS:
        raise Unavailable("postgis-too-old", version=_dotted(best.postgis), oldest=_dotted(OLDEST_POSTGIS))
    return best


def find_client_programs(server_major: int) -> Programs:
    """Return the programs that back up and restore a server: of its version or newer.

    Raises
    ------
    Unavailable
        Where there are none, with the package to install.
    """
    found = [_examine(folder, "pg_dump") for folder in _folders(_CLIENT_PROGRAMS)]
    # Of those that fit, the oldest: what it writes can be read by the most others.
    for programs in sorted(found, key=lambda programs: programs.version):
        if programs.major >= server_major:
            return programs
    raise Unavailable("clients-missing", major=server_major)


@contextmanager
def connect_plain(url: str) -> Iterator[Connection]:
    """Open a raw session, as the role of the URL: what SQLAlchemy sets up would be in the way of set-up and backup.

    Raises
    ------
    Unavailable
        Where the server cannot be reached, or drops the connection.
    """
    try:
        with psycopg.connect(libpq_url(url), connect_timeout=10) as connection:
            yield connection
    except psycopg.OperationalError as failure:
        reason = next(iter(str(failure).strip().splitlines()), type(failure).__name__)
        raise Unavailable("database-unreachable", reason=reason) from failure


def libpq_url(url: str) -> str:
    """Return a URL without SQLAlchemy's driver name."""
    return re.sub(r"^postgres(ql)?(\+\w+)?:", "postgresql:", url)


def server_name(url: str) -> str:
    """Return host, port and database of a URL, for people to read: without user and password."""
    parts = conninfo_to_dict(libpq_url(url))
    return "/".join(str(parts[key]) for key in ("host", "port", "dbname") if key in parts)


def check_server(connection: Connection) -> None:
    """Check the versions of any server.

    Raises
    ------
    Unavailable
        Where PostgreSQL is older than 15, or PostGIS is missing or older than 3.3.
    """
    version = connection.info.server_version
    if version < OLDEST_POSTGRESQL * 10_000:
        raise Unavailable("postgresql-too-old", version=version // 10_000, oldest=OLDEST_POSTGRESQL)
    # Before the first upgrade the extension need not exist yet, but it must be there to be created.
    row = connection.execute(
        "SELECT COALESCE(installed_version, default_version) FROM pg_available_extensions WHERE name = 'postgis'"
    ).fetchone()
    if row is None:
        raise Unavailable("postgis-missing", version=version // 10_000, major=version // 10_000)
    postgis = _numbers(str(row[0]))
    if postgis < OLDEST_POSTGIS:
        raise Unavailable("postgis-too-old", version=_dotted(postgis), oldest=_dotted(OLDEST_POSTGIS))


def server_facts(connection: Connection) -> ServerFacts:
    """Ask a server for its versions, the edition it holds and its size in bytes."""
    row = connection.execute(
        "SELECT current_setting('server_version'), (SELECT extversion FROM pg_extension WHERE extname = 'postgis'),"
        " to_regclass('gridwarden.edition_now') IS NOT NULL, pg_database_size(current_database())"
    ).fetchone()
    postgresql, postgis, has_schema, size_bytes = row or ("?", None, False, 0)
    return ServerFacts(
        postgresql=str(postgresql).split(" ")[0],
        postgis=postgis,
        edition=edition_of(connection) if has_schema else None,
        size_bytes=int(size_bytes),
    )


def edition_of(connection: Connection) -> int:
    """Return the edition that a database with our schema holds."""
    row = connection.execute("SELECT edition FROM gridwarden.edition_now").fetchone()
    return int(row[0]) if row else 0


def _rank(programs: Programs) -> tuple[bool, bool, tuple[int, ...]]:
    postgis = programs.postgis
    return postgis is not None and postgis >= OLDEST_POSTGIS, postgis is not None, programs.version


def _folders(needed: tuple[str, ...]) -> list[Path]:
    folders = dict.fromkeys(folder.resolve() for folder in _candidates(needed[-1]))
    return [folder for folder in folders if all((folder / name).exists() for name in needed)]


def _candidates(program: str) -> Iterator[Path]:
    for pattern in INSTALLED:
        yield from Path("/").glob(pattern.lstrip("/"))
    named = shutil.which("pg_config")
    if named:
        yield Path(_output(named, "--bindir"))
    found = shutil.which(program)
    if found:
        yield Path(found).resolve().parent


def _examine(folder: Path, program: str) -> Programs:
    version = _numbers(_output(folder / program, "--version"))
    control = _share_folder(folder, version) / "extension" / "postgis.control"
    try:
        found = re.search(r"default_version\s*=\s*'([^']+)'", control.read_text("utf-8"))
    except OSError:
        found = None
    return Programs(folder, version, _numbers(found[1]) if found else None)


def _share_folder(folder: Path, version: tuple[int, ...]) -> Path:
    own = folder / "pg_config"
    said = _output(own, "--sharedir") if own.exists() else ""
    return Path(said or f"/usr/share/postgresql/{version[0]}")


def _output(program: str | Path, option: str) -> str:
    try:
        done = subprocess.run([program, option], capture_output=True, text=True, check=False)  # noqa: S603 - looked up
    except OSError:
        return ""
    return done.stdout.strip()


def _numbers(text: str) -> tuple[int, ...]:
    found = re.search(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in found[0].split(".")) if found else (0,)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
