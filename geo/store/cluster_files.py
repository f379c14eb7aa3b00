"""Make the data folder of the embedded server, and the files that steer it."""

import os
import re
import shutil
from importlib.resources import files
from pathlib import Path
from subprocess import CompletedProcess
from typing import Final

from geo.errors import Unavailable
from geo.store.home import trouble
from geo.store.postgres import Programs
from geo.store.server_user import ServerUser

ADMIN: Final = "postgres"
DATABASE: Final = "gridwarden"
# A new cluster takes 60 MiB and its first write-ahead log; a home that fills up within minutes helps nobody.
SMALLEST_DISK_MIB: Final = 300
_SMALL_SHARED_MEMORY_MIB: Final = 512

# For 2 cores and a few GiB. Durability stays on. The server's log must not hold names and telephone numbers, so
# neither statements nor details (which quote rows) are written to it.
_SETTINGS: Final = """\
# Written by Gridwarden at every start; change settings with ALTER SYSTEM, which is read after this file.
listen_addresses = ''
port = 5432
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 256MB
effective_cache_size = 1GB
dynamic_shared_memory_type = {shared_memory}
random_page_cost = 1.1
jit = off
fsync = on
synchronous_commit = on
wal_compression = on
max_wal_size = 4GB
min_wal_size = 256MB
checkpoint_timeout = 15min
timezone = 'UTC'
log_timezone = 'UTC'
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""


def make_data_folder(programs: Programs, user: ServerUser, data: Path, *, durable: bool) -> None:
    """Make a data folder with our roles, database and extensions: whole or not at all.

    Parameters
    ----------
    programs
        PostgreSQL.
    user
        Whom the folder shall belong to.
    data
        The folder, which does not exist; the one around it does.
    durable
        Whether to force it to the disk before it gets its name.

    Raises
    ------
    Unavailable
        Where the disk is too full, or PostgreSQL refuses.
    """
    _require_space(data.parent)
    fresh = data.with_name("data.new")
    try:
        if fresh.exists():
            shutil.rmtree(fresh)
        _make(programs, user, fresh)
        if durable:
            _require_made(fresh, user.run(programs.path("initdb"), "--sync-only", "-D", fresh))
        fresh.rename(data)
    except OSError as failure:
        raise trouble(data.parent, failure) from failure
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def write_settings(user: ServerUser, data: Path, socket: Path) -> None:
    """Write our settings into a data folder."""
    text = _SETTINGS.format(socket=str(socket).replace("'", "''"), shared_memory=_shared_memory())
    user.write(data / "gridwarden.conf", text)


def _make(programs: Programs, user: ServerUser, data: Path) -> None:
    # Sorted by code points (the same on every machine), but upper and lower case of all scripts.
    locale = ("--encoding=UTF8", "--locale=C.UTF-8", "--lc-collate=C")
    # Forced to the disk once, at the end, instead of at every step.
    options = (f"--username={ADMIN}", "--auth=trust", "--data-checksums", "--no-sync", *locale)
    _require_made(data, user.run(programs.path("initdb"), "-D", data, *options))
    # The folder of the socket is private, so whoever reaches it is the server's user or root.
    user.write(data / "pg_hba.conf", "local all all trust\n")
    own = (data / "postgresql.conf").read_text("utf-8")
    user.write(data / "postgresql.conf", f"{own}\ninclude_if_exists = 'gridwarden.conf'\n")
    _run_single(programs, user, data, ADMIN, "bootstrap_roles.sql")
    _run_single(programs, user, data, DATABASE, "bootstrap_extensions.sql")


def _run_single(programs: Programs, user: ServerUser, data: Path, database: str, name: str) -> None:
    text = files("geo.store.sql").joinpath(name).read_text("utf-8")
    done = user.run(programs.path("postgres"), "--single", "-F", "-D", data, database, text=text)
    # Its exit code does not tell of errors, and exit_on_error=on stops at errors that PostGIS catches by itself.
    _require_made(data, done, failed=re.search(r"\b(ERROR|FATAL|PANIC): ", done.stderr) is not None)


def _require_made(data: Path, done: CompletedProcess[str], *, failed: bool = False) -> None:
    if done.returncode == 0 and not failed:
        return
    said = done.stderr
    if "No space left on device" in said or "Disk quota exceeded" in said:
        raise Unavailable("disk-full", path=data.parent)
    raise Unavailable("cluster-not-made", folder=data.parent, reason=_worst_lines(said))


def _worst_lines(said: str) -> str:
    lines = said.strip().splitlines()
    errors = [line for line in lines if re.search(r"error|fatal|panic", line, re.IGNORECASE)]
    return "\n".join((errors or lines)[-5:])


def _require_space(folder: Path) -> None:
    free_mib = shutil.disk_usage(folder).free // 2**20
    if free_mib < SMALLEST_DISK_MIB:
        raise Unavailable("disk-too-small", path=folder, free_mib=free_mib, least_mib=SMALLEST_DISK_MIB)


def _shared_memory() -> str:
    """Containers often have 64 MiB of ``/dev/shm``, which a parallel index build exceeds: use files then."""
    try:
        found = os.statvfs("/dev/shm")  # noqa: S108 - its size is asked for, nothing is put there
    except OSError:
        return "mmap"
    return "posix" if found.f_frsize * found.f_blocks >= _SMALL_SHARED_MEMORY_MIB * 2**20 else "mmap"
