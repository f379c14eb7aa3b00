"""Bring a backup into an empty database: all of it in one transaction, or nothing."""

import json
import shutil
import subprocess
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from alembic.script import ScriptDirectory
from psycopg import Connection, sql

from geo.errors import BadInput, Conflict, Unavailable
from geo.store.backup import count_rows, program_access, tables_of
from geo.store.backup_file import Manifest, open_dump, verify
from geo.store.postgres import Programs, check_server, connect_plain, find_client_programs, server_facts
from geo.store.schema import APP_ROLE, SCHEMA

# What a fresh migration fills, and where a service that runs on the empty database registers itself.
_SEEDED: Final = frozenset(
    {"access_now", "alembic_version", "edition_now", "procrastinate_workers", "tile_state", "trail_head"}
)


def restore(file: Path, url: str) -> Manifest:
    """Restore a backup into an empty database.

    The schema is then the backup's; run :func:`geo.store.migrate.upgrade` afterwards.

    Parameters
    ----------
    file
        A file of :func:`geo.store.backup.backup`.
    url
        The database, as its owner.

    Returns
    -------
    Manifest
        Of the backup; every table was found to hold as many rows as it says.

    Raises
    ------
    BadInput
        Where the file is damaged, foreign, or newer than this program.
    Conflict
        Where the database holds anything, or was never upgraded to our schema.
    Unavailable
        Where the server or its programs fail. In every case nothing is changed.
    """
    with connect_plain(url) as connection:
        check_server(connection)
        programs = find_client_programs(connection.info.server_version // 10_000)
        manifest = verify(file, programs)
        _require_known_schema(manifest, file)
        _require_empty(connection)
        row = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [APP_ROLE]).fetchone()
        connection.rollback()
        _replay(file, url, programs, with_grants=row is not None)
        connection.autocommit = True
        for table in tables_of(connection):
            connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(SCHEMA, table)))
    return manifest


def _require_known_schema(manifest: Manifest, file: Path) -> None:
    with as_file(files("geo.store.migrations")) as folder:
        known = {script.revision for script in ScriptDirectory(str(folder)).walk_revisions()}
    if manifest.revision not in known:
        raise BadInput("backup-newer", place={"file": file.name}, file=file, revision=manifest.revision)


def _require_empty(connection: Connection) -> None:
    edition = server_facts(connection).edition
    if edition is None:
        # The migration also makes what a dump of our schema lacks: the extensions and the app's role.
        raise Conflict("schema-missing")
    if edition:
        raise Conflict("restore-not-empty", table="edition_now")
    for table in tables_of(connection):
        if table not in _SEEDED and count_rows(connection, table):
            raise Conflict("restore-not-empty", table=table)


def _replay(file: Path, url: str, programs: Programs, *, with_grants: bool) -> None:
    """Let psql run the dump between our beginning and end; without the end it leaves, and all is rolled back."""
    where, environ = program_access(url)
    with open_dump(file) as (manifest, dump), TemporaryFile() as said:
        # Terse and without context: those quote rows, and rows hold names.
        command = [
            *(str(programs.path("psql")), "--no-psqlrc", "--quiet", "--no-password", "--output=/dev/null"),
            *("--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse", "--set=SHOW_CONTEXT=never"),
            *(f"--set=expected={json.dumps(manifest.tables)}", f"--dbname={where}"),
        ]
        with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stderr=said) as psql:  # noqa: S603 - ours
            complete = psql.stdin is not None and _feed(psql.stdin, dump, programs, said, with_grants)
        if psql.returncode or not complete:
            said.seek(0)
            raise Unavailable("restore-failed", reason=_first_error(said.read().decode("utf-8", "replace")))


def _feed(psql: IO[bytes], dump: IO[bytes], programs: Programs, said: IO[bytes], with_grants: bool) -> bool:
    """Send psql the whole script, and say whether that succeeded."""
    command = [str(programs.path("pg_restore")), "--no-owner", "--file=-", *([] if with_grants else ["--no-acl"])]
    try:
        psql.write(_script("restore_begin.sql"))
        psql.flush()
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=psql, stderr=said) as reading:  # noqa: S603 - ours
            if reading.stdin:
                shutil.copyfileobj(dump, reading.stdin, 2**20)
        if reading.returncode == 0:
            psql.write(_script("restore_end.sql"))
            psql.flush()
            return True
    except BrokenPipeError:
        # psql met an error and left; it said why.
        pass
    return False


def _script(name: str) -> bytes:
    return files("geo.store.sql").joinpath(name).read_bytes()


def _first_error(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    return next((line for line in lines if "ERROR" in line), lines[-1] if lines else "pg_restore")
