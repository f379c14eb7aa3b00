"""The index of the present edition for all processes of a host: one makes it, the others map its file.

A file holds an edition whole, or what later editions changed of such a file. Who takes in the latter maps the whole
file once more and puts the changes into pages of his own; all other pages stay shared.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from logging import getLogger
from pathlib import Path
from typing import Final
from uuid import uuid4

from sqlalchemy import Connection, text

from geo.errors import BadInput
from geo.levels import Hierarchy
from geo.locate.city_patch import city_patch
from geo.locate.patches import Patch, applied, joined, patch_arrays, patch_of
from geo.locate.ready import ReadyCity
from geo.store.editions import present_edition
from geo.store.home import SHARED_TEMPORARY, Home, give_private_folder, locked, trouble
from geo.store.index_file import IndexFile, open_index, write_index
from geo.store.locating import TeamView
from geo.store.server_user import ServerUser
from geo.store.snapshot import Snapshot, build_snapshot, changes_since

LOG: Final = getLogger("gridwarden.index")
KEPT_FILES: Final = 2
"""Older files go; who has one mapped keeps what he has."""
MOST_CHANGED: Final = 8
"""Where more areas changed than one in so many, the city is made from scratch."""
ALWAYS_PATCHED: Final = 500
WORN: Final = 64
"""Changes that come to more than one byte in so many of their file are worth a file of their own."""
LEAST_WORN_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Mapped(Snapshot):
    """A snapshot out of files.

    Attributes
    ----------
    name
        Of the file that holds this edition, or its changes.
    whole, patch
        The file that holds an edition whole, and what became of its arrays since.
    """

    name: str
    whole: IndexFile
    patch: Patch

    @property
    def is_worn(self) -> bool:
        """Tell whether changes have come to so much that a whole file is worth while."""
        changed_bytes = sum(each.nbytes for each in self.patch.values())
        return changed_bytes > max(LEAST_WORN_BYTES, sum(each.nbytes for each in self.whole.arrays.values()) // WORN)


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

    def present(self, connection: Connection, older: Snapshot | None = None) -> Mapped:
        """Return the snapshot of the present edition: from its file, else made, by one process at a time.

        Parameters
        ----------
        connection
            One that sees one state of the database all the time.
        older
            What this process has: only what changed since is made anew.
        """
        edition = present_edition(connection)
        name = self._name(connection, edition)
        with locked(self.folder):
            found = self._opened(name, older)
            if found is None:
                if not (isinstance(older, Mapped) and self._write_changes(connection, older, edition, name)):
                    built = build_snapshot(connection, self._view, self._hierarchy, roomy=True)
                    self._write_whole(self.folder / name, built)
                found = self._opened(name, older)
                self._forget_older(found)
        if found is None:
            raise BadInput("index-damaged", path=name)
        return found

    def tidied(self, snapshot: Mapped) -> Mapped | None:
        """Return the same edition out of a whole file that somebody has made meanwhile, None where nobody has."""
        if not snapshot.patch:
            return None
        found = self._opened(snapshot.name, snapshot)
        return found if found is not None and not found.patch else None

    def rewrite(self, snapshot: Mapped) -> None:
        """Write an edition whole, in the background; where another process does so already, leave it to that one."""
        folder = self.folder / "rewriting"
        folder.mkdir(mode=0o700, exist_ok=True)
        with _alone(folder) as alone:
            if alone:
                for left in folder.glob("*.index*"):
                    left.unlink()
                draft = folder / snapshot.name
                self._write_whole(draft, snapshot)
                draft.rename(self.folder / snapshot.name)

    def _write_changes(self, connection: Connection, older: Mapped, edition: int, name: str) -> bool:
        """Write what changed since an edition; tell whether that could be done."""
        if not 0 < older.edition < edition or self._name(connection, older.edition) != older.name:
            return False
        changes = changes_since(connection, older.edition, self._view)
        if len(changes.areas) > max(ALWAYS_PATCHED, len(older.city.tables) // MOST_CHANGED):
            return False
        step = city_patch(older.city, changes)
        if step is None:
            return False
        patch = joined(older.patch, step)
        if older.whole.has_room(patch):
            facts = {"edition": edition, "whole": older.whole.path.name, "made": older.whole.facts["made"]}
            write_index(self.folder / name, patch_arrays(patch), facts)
        else:
            city = ReadyCity.from_arrays(applied(older.city.arrays(), step), self._hierarchy)
            self._write_whole(self.folder / name, Snapshot(edition, city))
        return True

    def _write_whole(self, path: Path, snapshot: Snapshot) -> None:
        facts = {"edition": snapshot.edition, "made": uuid4().hex}
        write_index(path, snapshot.city.arrays(), facts, roomy=True)

    def _name(self, connection: Connection, edition: int) -> str:
        """Return a name that no other state of this or another database has."""
        database, published_at = connection.execute(
            text(
                "SELECT (SELECT system_identifier FROM pg_control_system()) || '.' || oid, "
                "(SELECT published_at::text FROM edition WHERE id = :edition) "
                "FROM pg_database WHERE datname = current_database()"
            ),
            {"edition": edition},
        ).one()
        state = sha256(f"{database} {published_at} {self._named} {self._hierarchy.levels}".encode()).hexdigest()[:16]
        return f"e{edition}-{state}.index"

    def _opened(self, name: str, older: Snapshot | None) -> Mapped | None:
        try:
            file = open_index(self.folder / name)
            if "whole" not in file.facts:
                city = ReadyCity.from_arrays(file.arrays, self._hierarchy)
                return Mapped(int(file.facts["edition"]), city, name, file, {})
            whole = self._whole(file, older)
        except FileNotFoundError:
            return None
        except BadInput as damaged:
            LOG.warning("%s", damaged.text("en"))
            return None
        if whole is None:
            return None
        patch = patch_of(file.arrays)
        city = ReadyCity.from_arrays(whole.patched(patch), self._hierarchy)
        return Mapped(int(file.facts["edition"]), city, name, whole, patch)

    def _whole(self, changes: IndexFile, older: Snapshot | None) -> IndexFile | None:
        """Return the file that changes were made of: the one that this process has, else the one on the disk."""
        made = changes.facts["made"]
        if isinstance(older, Mapped) and older.whole.facts["made"] == made:
            return older.whole
        file = open_index(self.folder / changes.facts["whole"])
        return file if file.facts["made"] == made else None

    def _forget_older(self, present: Mapped | None) -> None:
        kept = {present.name, present.whole.path.name} if present else set()
        files = sorted(self.folder.glob("*.index"), key=lambda file: file.stat().st_mtime, reverse=True)
        drafts = list(self.folder.glob(".*.index.*"))
        for file in [*[each for each in files if each.name not in kept][KEPT_FILES - 1 :], *drafts]:
            with suppress(OSError):
                file.unlink()


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Hold a folder if nobody else does, and tell."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


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
