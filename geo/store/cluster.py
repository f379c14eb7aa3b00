"""The embedded server: a private PostgreSQL cluster with PostGIS, on a Unix socket only."""

import os
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

import psycopg

from geo.errors import Refused, Unavailable
from geo.store.cluster_files import ADMIN, DATABASE, make_data_folder, write_settings
from geo.store.home import SOCKET_NAME, Home, give_private_folder, socket_folder, trouble
from geo.store.postgres import ServerFacts, connect_plain, find_server_programs, server_facts
from geo.store.server_user import ServerUser

Role = Literal["owner", "app", "admin"]

_ROLES: Final[dict[Role, str]] = {"owner": "gridwarden_owner", "app": "gridwarden_app", "admin": ADMIN}
# Crash recovery replays up to 4 GB of log before the server answers.
_START_TIMEOUT_S: Final = 600
_STOP_TIMEOUT_S: Final = 120
_ORPHAN_TIMEOUT_S: Final = 5
_LARGEST_LOG_BYTES: Final = 4 * 2**20
# Said by PostgreSQL where its files are missing or broken; anything else is shown as it stands.
_DAMAGE: Final = (
    "PANIC",
    "could not locate",
    "could not open file",
    "could not read",
    "invalid",
    "checksum",
    "is missing",
)
# Still safe against a kill of the processes, which tests do.
_NOT_DURABLE: Final = "-c fsync=off -c full_page_writes=off"


@dataclass(frozen=True)
class Status:
    """What is known of an embedded server; ``facts`` is None where it does not answer."""

    running: bool
    pid: int | None
    os_user: str
    home: Path
    data: Path
    socket: Path
    facts: ServerFacts | None


class Cluster:
    """The embedded server of one home.

    Parameters
    ----------
    home
        The home folder; only :meth:`create` makes it.
    durable
        False for tests only: a crash of the machine may then lose everything.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = Home.at(home)
        self._durable = durable

    def create(self) -> bool:
        """Make the home and its cluster where there is none, and say whether that was needed.

        Raises
        ------
        Unavailable
            Where programs, disk or rights are missing.
        """
        self.home.make()
        with self.home.locked():
            if self.home.exists():
                return False
            programs = find_server_programs()
            folder = self.home.make_cluster_folder(ServerUser.choose())
            user = ServerUser.choose(folder)
            # A home that was deleted by hand may have left its data elsewhere: take it up again, lose nothing.
            if not (folder / "data").exists():
                make_data_folder(programs, user, folder / "data", durable=self._durable)
            self.home.mark(folder)
        return True

    def start(self) -> str:
        """Start the server where it does not run, wait until it answers, and return the owner's URL.

        Raises
        ------
        NotFound
            Where there is no home.
        Unavailable
            With the reason and the way out.
        """
        self.home.require()
        with self.home.locked():
            user = self._user()
            deadline = time.monotonic() + _START_TIMEOUT_S
            while self._postmaster(user) is None or not self._answers():
                if self._postmaster(user) is None:
                    self._launch(user)
                elif not (self.socket / SOCKET_NAME).exists():
                    # Somebody swept the socket away; a server without one serves nobody.
                    self._halt(user)
                elif time.monotonic() > deadline:
                    raise Unavailable("server-not-started", log=self._log_since(0), path=self.log)
                time.sleep(0.1)
        return self.url("owner")

    def stop(self) -> bool:
        """Stop the server and say whether it ran.

        Raises
        ------
        NotFound
            Where there is no home.
        """
        self.home.require()
        with self.home.locked():
            stopped = self._halt(self._user())
            # Empty after an orderly stop; the next start makes it anew.
            with suppress(OSError):
                self.socket.rmdir()
            return stopped

    def status(self) -> Status:
        """Return what is known of the server, running or not.

        Raises
        ------
        NotFound
            Where there is no home.
        """
        self.home.require()
        user = self._user()
        pid = self._postmaster(user)
        facts: ServerFacts | None = None
        if pid is not None:
            try:
                with connect_plain(self.url("owner")) as connection:
                    facts = server_facts(connection)
            except Unavailable:
                # It is starting or stopping; what is known without its answer is worth saying.
                facts = None
        return Status(pid is not None, pid, user.name, self.home.folder, self.data, self.socket, facts)

    def reset(self, name: str) -> None:
        """Delete the cluster, and all that was derived from it.

        Parameters
        ----------
        name
            The name of the home's folder, as a proof that this one is meant.

        Raises
        ------
        NotFound
            Where there is no home.
        Refused
            Where the name is another.
        """
        self.home.require()
        if name != self.home.folder.name:
            raise Refused("reset-name-wrong", given=name, expected=self.home.folder.name, home=self.home.folder)
        with self.home.locked():
            # Also where the data is gone or broken: this is the way out.
            self._halt(ServerUser.choose(self.data), at_once=True)
            try:
                # Never the folder that a stale file names: its owner is not trusted with root's rights.
                shutil.rmtree(socket_folder(self.data.parent, os.environ), ignore_errors=True)
                for folder in (self.home.derived, self.data.parent):
                    if folder.exists():
                        shutil.rmtree(folder)
                self.home.marker.unlink()
            except OSError as failure:
                raise trouble(self.home.folder, failure) from failure

    def update_extensions(self) -> None:
        """Bring the extensions to the versions of the installed packages, after those were upgraded."""
        with connect_plain(self.url("admin")) as connection:
            connection.execute("ALTER EXTENSION postgis UPDATE")
            connection.execute("ALTER EXTENSION btree_gist UPDATE")

    def url(self, role: Role, database: str = DATABASE) -> str:
        """Return the address for libpq and SQLAlchemy; ``admin`` is the superuser, for set-up and tests."""
        return f"postgresql://{_ROLES[role]}@/{database}?host={quote(str(self.socket))}&port=5432"

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.home.cluster_folder() / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home.cluster_folder() / "server.log"

    @property
    def socket(self) -> Path:
        """The folder of the socket: the running server's, else the one it would get."""
        lines = self._pid_file()
        return Path(lines[4]) if len(lines) > 4 and lines[4] else socket_folder(self.data.parent, os.environ)

    def _user(self) -> ServerUser:
        user = ServerUser.choose(self.data)
        if not self.data.exists():
            raise Unavailable("data-missing", data=self.data, home=self.home.folder)
        return user

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text("utf-8").splitlines()
        except OSError:
            return []

    def _postmaster(self, user: ServerUser) -> int | None:
        """Return the running server's process id; a stale file whose id went to another process does not count."""
        first = next(iter(self._pid_file()), "")
        pid = int(first) if first.strip().isdigit() else None
        return pid if pid in user.servers_in(self.data) else None

    def _answers(self) -> bool:
        if not (self.socket / SOCKET_NAME).exists():
            return False
        try:
            psycopg.connect(self.url("admin", ADMIN), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _launch(self, user: ServerUser) -> None:
        """Start the server; the lock is held and no postmaster runs."""
        if not user.can_use(self.data):
            raise Unavailable("home-unreachable", folder=self.data, user=user.name)
        programs = find_server_programs(self._data_major())
        self._end_orphans(user)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        socket = socket_folder(self.data.parent, os.environ)
        self._make_socket_folder(user, socket)
        write_settings(user, self.data, socket)
        before = self._turn_log_over()
        # pg_ctl puts paths into a shell's double quotes, so it gets them as environment and working folder.
        started = user.run(
            *(programs.path("pg_ctl"), "start", "-w", "-t", str(_START_TIMEOUT_S), "-l", self.log.name),
            *("-o", "" if self._durable else _NOT_DURABLE),
            folder=self.data.parent,
            PGDATA=str(self.data),
        )
        if started.returncode:
            raise self._not_started(before)

    def _data_major(self) -> int:
        try:
            return int((self.data / "PG_VERSION").read_text("utf-8"))
        except (OSError, ValueError) as failure:
            raise Unavailable("data-damaged", data=self.data, log=str(failure)) from failure

    def _make_socket_folder(self, user: ServerUser, socket: Path) -> None:
        try:
            give_private_folder(socket, user)
            # A crash leaves both behind; the folder is this cluster's alone.
            (socket / SOCKET_NAME).unlink(missing_ok=True)
            (socket / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
        except OSError as failure:
            raise trouble(socket, failure) from failure
        if not user.can_use(socket):
            raise Unavailable("home-unreachable", folder=socket, user=user.name)

    def _halt(self, user: ServerUser, *, at_once: bool = False) -> bool:
        pid = self._postmaster(user)
        if pid is not None:
            # At once: without writing down what is to be deleted.
            os.kill(pid, signal.SIGQUIT if at_once else signal.SIGINT)
            if not self._gone(user, _STOP_TIMEOUT_S):
                raise Unavailable("server-not-stopped", pid=pid, seconds=_STOP_TIMEOUT_S)
        self._end_orphans(user)
        return pid is not None

    def _end_orphans(self, user: ServerUser) -> None:
        """End what a killed postmaster left: PostgreSQL does not start while such a process is busy."""
        for ending in (signal.SIGQUIT, signal.SIGKILL):
            for pid in user.servers_in(self.data):
                try:
                    os.kill(pid, ending)
                except ProcessLookupError:
                    continue
            if self._gone(user, _ORPHAN_TIMEOUT_S):
                return

    def _gone(self, user: ServerUser, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while user.servers_in(self.data):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _turn_log_over(self) -> int:
        """Keep one old log, and return the size of the present one in bytes."""
        try:
            size_bytes = self.log.stat().st_size
        except FileNotFoundError:
            return 0
        if size_bytes <= _LARGEST_LOG_BYTES:
            return size_bytes
        self.log.replace(self.log.with_suffix(".log.1"))
        return 0

    def _log_since(self, start_bytes: int) -> str:
        try:
            with self.log.open("rb") as log:
                log.seek(start_bytes)
                lines = log.read().decode("utf-8", "replace").strip().splitlines()
        except OSError as failure:
            return str(failure)
        return "\n".join(lines[-6:])

    def _not_started(self, start_bytes: int) -> Unavailable:
        log = self._log_since(start_bytes)
        if "No space left on device" in log or "Disk quota exceeded" in log:
            return Unavailable("disk-full", path=self.data)
        if "Permission denied" in log or "Read-only file system" in log:
            return Unavailable("home-unusable", path=self.data, reason=log)
        if any(sign in log for sign in _DAMAGE):
            return Unavailable("data-damaged", data=self.data, log=log)
        return Unavailable("server-not-started", log=log, path=self.log)
