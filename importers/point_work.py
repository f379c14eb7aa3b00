"""Work on a large file, in parts beside its place: after a crash it goes on where it stopped."""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from geo.errors import BadInput, Conflict, Unavailable
from geo.store.home import sync_folder

_FORMAT: Final = "gridwarden-locating/1"
_LOOKED_AT_BYTES: Final = 1 << 20


class Work:
    """The folder of one piece of work, held alone.

    Attributes
    ----------
    folder
        Beside the target, hidden.
    saved
        What was saved last, if it belongs to the same work.
    other
        Whether something was saved that belongs to other work, and is gone.
    """

    def __init__(self, target: Path, facts: Mapping[str, Any]) -> None:
        self.target, self._facts = target, {"format": _FORMAT, **facts}
        self.folder = folder_of(target)
        found = _loaded(self.folder / "state.json")
        self.saved: dict[str, Any] | None = found["saved"] if found and found["facts"] == self._facts else None
        self.other = found is not None and self.saved is None
        if self.saved is None:
            for path in self.folder.iterdir():
                if path.name != "lock":
                    path.unlink()

    def save(self, state: Mapping[str, Any]) -> None:
        """Keep what is needed to go on from here; what it speaks of must be on the disk."""
        path = self.folder / "state.json"
        draft = path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump({"facts": self._facts, "saved": state}, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(self.folder)

    def finish(self, draft: Path) -> None:
        """Move the finished file into its place."""
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(self.target)
        sync_folder(self.target.parent)


def folder_of(target: Path) -> Path:
    """Return the folder of the work on a target."""
    return target.with_name(f".{target.name}.locating")


@contextmanager
def working(target: Path, facts: Mapping[str, Any]) -> Iterator[Work]:
    """Open the folder; it goes when the work is done or refused, and stays where it was interrupted.

    Parameters
    ----------
    facts
        What the result depends on, as JSON.

    Raises
    ------
    BadInput
        ``no-such-folder`` or ``cannot-write``.
    Conflict
        ``points-being-written``: another process works at the same target.
    """
    if not target.parent.is_dir():
        raise BadInput("no-such-folder", place={"file": target.name}, name=str(target.parent))
    if target.is_dir():
        raise BadInput("cannot-write", place={"file": target.name}, name=target.name, reason=os.strerror(errno.EISDIR))
    folder = folder_of(target)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with _held(folder, target):
            try:
                yield Work(target, facts)
            except (Unavailable, OSError):
                raise
            except Exception:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as failure:
        reason = os.strerror(failure.errno) if failure.errno else type(failure).__name__
        raise BadInput("cannot-write", place={"file": target.name}, name=target.name, reason=reason) from failure


@contextmanager
def _held(folder: Path, target: Path) -> Iterator[None]:
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("points-being-written", place={"file": target.name}, name=target.name) from None
        yield
    finally:
        os.close(handle)


def _loaded(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and {"facts", "saved"} <= found.keys() else None


def fingerprint(path: Path) -> list[Any]:
    """Return what tells a file from another, and from itself after a change: size, time, beginning and end."""
    status = path.stat()
    digest = sha256()
    with path.open("rb") as file:
        digest.update(file.read(_LOOKED_AT_BYTES))
        file.seek(max(0, status.st_size - _LOOKED_AT_BYTES))
        digest.update(file.read(_LOOKED_AT_BYTES))
    return [status.st_size, status.st_mtime_ns, digest.hexdigest()]
