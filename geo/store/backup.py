"""Write one verified file that holds everything: one consistent snapshot, with its edition."""

import os
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from geo.errors import BadInput, Conflict, Unavailable
from geo.store.backup_file import SUFFIX, Manifest, store_dump, store_manifest, verify
from geo.store.home import sync_folder, trouble
from geo.store.postgres import (
    Programs,
    check_server,
    connect_plain,
    edition_of,
    find_client_programs,
    libpq_url,
    server_facts,
)
from geo.store.schema import SCHEMA

# Geometry hardly shrinks further at higher levels, and level 1 is three times as fast.
_COMPRESSION: Final = 1


def backup(url: str, target: Path, *, now: datetime | None = None) -> Path:
    """Write a backup, read it back, and only then give it its name.

    Other sessions, imports included, go on meanwhile: the file holds the one edition that was published when it began.

    Parameters
    ----------
    url
        The database, as libpq or SQLAlchemy read it; a role that may read all tables.
    target
        A folder, or a file's name; the edition goes into the name where it is not there yet.
    now
        The moment for name and manifest; the clock's by default.

    Returns
    -------
    Path
        The file, readable by its owner only: it holds names and telephone numbers.

    Raises
    ------
    BadInput
        Where the folder does not exist.
    Conflict
        Where the database has no schema, or the file exists.
    Unavailable
        Where server, programs or disk fail. No file is left behind.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    folder = target if target.is_dir() else target.absolute().parent
    if not folder.is_dir():
        raise BadInput("backup-target-missing", place={"file": target.name}, folder=folder)
    with connect_plain(url) as connection:
        check_server(connection)
        _begin_snapshot(connection)
        facts = server_facts(connection)
        if facts.edition is None:
            raise Conflict("schema-missing")
        file = _final_name(target, facts.edition, moment)
        if file.exists():
            raise Conflict("backup-target-taken", place={"file": file.name}, file=file)
        partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
        try:
            _write(connection, url, partial, moment)
            partial.replace(file)
            sync_folder(folder)
        except OSError as failure:
            raise trouble(file, failure) from failure
        finally:
            partial.unlink(missing_ok=True)
    return file


def program_access(url: str) -> tuple[str, dict[str, str]]:
    """Return the connection string and environment for a program; a password goes into the latter only.

    A command line can be read by everybody on the machine.
    """
    parts = conninfo_to_dict(libpq_url(url))
    password = parts.pop("password", None)
    environ = {**os.environ, "LC_ALL": "C.UTF-8"}
    if password is not None:
        environ["PGPASSWORD"] = str(password)
    return make_conninfo("", **parts), environ


def tables_of(connection: Connection) -> list[str]:
    """Return the names of our tables."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [SCHEMA])
    return [str(name) for (name,) in rows]


def count_rows(connection: Connection, table: str) -> int:
    """Return the number of rows that the connection's snapshot sees."""
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(SCHEMA, table))).fetchone()
    return int(row[0]) if row else 0


def _begin_snapshot(connection: Connection) -> None:
    connection.rollback()
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True


def _write(connection: Connection, url: str, partial: Path, moment: datetime) -> None:
    """Write the file under its temporary name, force it to the disk and verify it."""
    programs = find_client_programs(connection.info.server_version // 10_000)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            with _dump(connection, url, programs) as dump:
                digest, size_bytes = store_dump(archive, dump)
            store_manifest(archive, _manifest(connection, moment, digest, size_bytes))
        out.flush()
        os.fsync(out.fileno())
    verify(partial, programs)


@contextmanager
def _dump(connection: Connection, url: str, programs: Programs) -> Iterator[IO[bytes]]:
    """Run pg_dump in the connection's snapshot, and refuse at the end where it failed."""
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    where, environ = program_access(url)
    command = [
        *(str(programs.path("pg_dump")), "--format=custom", f"--compress={_COMPRESSION}", f"--schema={SCHEMA}"),
        *(f"--snapshot={row[0] if row else ''}", "--no-password", f"--dbname={where}"),
    ]
    with TemporaryFile() as said:
        with subprocess.Popen(  # noqa: S603 - a program we looked up
            command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        ) as dumping:
            if dumping.stdout:
                yield dumping.stdout
        if dumping.returncode:
            said.seek(0)
            raise Unavailable("backup-not-made", reason=said.read().decode("utf-8", "replace").strip())


def _manifest(connection: Connection, moment: datetime, digest: str, size_bytes: int) -> Manifest:
    facts = server_facts(connection)
    row = connection.execute("SELECT version_num FROM gridwarden.alembic_version").fetchone()
    return Manifest(
        edition=edition_of(connection),
        created=moment.isoformat(timespec="seconds"),
        revision=str(row[0]) if row else "",
        postgresql=facts.postgresql,
        postgis=facts.postgis or "",
        tables={table: count_rows(connection, table) for table in tables_of(connection)},
        sha256=digest,
        size_bytes=size_bytes,
    )


def _final_name(target: Path, edition: int, moment: datetime) -> Path:
    mark = f"edition-{edition:06d}"
    if target.is_dir():
        return target / f"gridwarden-{mark}-{moment:%Y%m%dT%H%M%S}{SUFFIX}"
    if mark in target.name:
        return target
    return target.with_name(f"{target.stem}-{mark}{target.suffix}")
