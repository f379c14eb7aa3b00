"""The index of the present edition for all processes of a host: one builds it, the others map its file."""

import os
from contextlib import suppress
from hashlib import sha256
from logging import getLogger
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from geo.errors import BadInput
from geo.levels import Hierarchy
from geo.locate.ready import ReadyCity
from geo.store.editions import present_edition
from geo.store.home import SHARED_TEMPORARY, Home, give_private_folder, locked, trouble
from geo.store.index_file import open_index, write_index
from geo.store.locating import TeamView
from geo.store.server_user import ServerUser
from geo.store.snapshot import Snapshot, build_snapshot

LOG: Final = getLogger("gridwarden.index")
KEPT_FILES: Final = 2
"""Older files go; who has one mapped keeps what he has."""


class SharedIndex:
    """The index files of one database on one host.

    Parameters
    ----------
    folder
        Private to this user.
    view, named
        What answers show of teams, and how that is called in the names of files.
    """

    def __init__(self, folder: Path, view: TeamView, named: str, hierarchy: Hierarchy) -> None:
        self.folder, self._view, self._named, self._hierarchy = folder, view, named, hierarchy

    def present(self, connection: Connection, older: Snapshot | None = None) -> Snapshot:
        """Return the snapshot of the present edition: from its file, else built, by one process at a time.

        Parameters
        ----------
        connection
            One that sees one state of the database all the time.
        older
            What this process has: parts that nothing has changed of are taken from it.
        """
        path = self.folder / f"{self._mark(connection)}.index"
        with locked(self.folder):
            found = self._opened(path)
            if found is None:
                built = build_snapshot(connection, self._view, self._hierarchy, older)
                write_index(path, built.city.arrays(), {"edition": built.edition})
                self._forget_older(path)
                found = self._opened(path) or built
        return found

    def _mark(self, connection: Connection) -> str:
        """Return a name that no other state of this or another database has."""
        database, published_at = connection.execute(
            text(
                "SELECT (SELECT system_identifier FROM pg_control_system()) || '.' || oid, "
                "(SELECT max(published_at)::text FROM edition) FROM pg_database WHERE datname = current_database()"
            )
        ).one()
        state = sha256(f"{database} {published_at} {self._named} {self._hierarchy.levels}".encode()).hexdigest()[:16]
        return f"e{present_edition(connection)}-{state}"

    def _opened(self, path: Path) -> Snapshot | None:
        try:
            file = open_index(path)
        except FileNotFoundError:
            return None
        except BadInput as damaged:
            LOG.warning("%s", damaged.text("en"))
            return None
        return Snapshot(int(file.facts["edition"]), ReadyCity.from_arrays(file.arrays, self._hierarchy))

    def _forget_older(self, path: Path) -> None:
        files = sorted(self.folder.glob("*.index"), key=lambda file: file.stat().st_mtime, reverse=True)
        drafts = list(self.folder.glob(".*.index.*"))
        for file in [*[each for each in files if each != path][KEPT_FILES - 1 :], *drafts]:
            with suppress(OSError):
                file.unlink()


def index_folder(home: Home, url: str) -> Path:
    """Return the folder for the index files of a database, made where it was not there.

    In the home where there is one, else in a private folder of the host's temporary files.

    Raises
    ------
    Unavailable
        Where it cannot be used.
    """
    name = sha256(url.encode()).hexdigest()[:12]
    try:
        if home.exists():
            folder = home.derived / "index" / name
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return folder
        own = SHARED_TEMPORARY / f"gridwarden-index-{os.geteuid()}"
        give_private_folder(own, ServerUser.current())
        (own / name).mkdir(mode=0o700, exist_ok=True)
    except OSError as failure:
        raise trouble(home.folder, failure) from failure
    return own / name
