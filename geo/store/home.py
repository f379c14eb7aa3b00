"""Where the embedded server keeps its things: the home folder, the cluster's folder, the socket's folder."""

import errno
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from geo.errors import NotFound, Unavailable
from geo.store.server_user import ServerUser

# Where the database user cannot reach the home: the system's place for the state of services.
FALLBACK_ROOT: Final = Path("/var/lib/gridwarden")
# Deterministic for all processes of all users, unlike $TMPDIR; ownership is checked before use.
SHARED_TEMPORARY: Final = Path("/tmp")  # noqa: S108 - see above
SOCKET_NAME: Final = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH: Final = 107
_OUT_OF_SPACE: Final = (errno.ENOSPC, errno.EDQUOT)


def default_home(environ: Mapping[str, str]) -> Path:
    """Return ``$GRIDWARDEN_HOME``, else ``~/.local/share/gridwarden``."""
    return Path(environ.get("GRIDWARDEN_HOME") or "~/.local/share/gridwarden")


def trouble(path: Path, failure: OSError) -> Unavailable:
    """Return what to say where the system refuses a file or folder: a full disk by name, else its reason."""
    if failure.errno in _OUT_OF_SPACE:
        return Unavailable("disk-full", path=path)
    return Unavailable("home-unusable", path=path, reason=failure.strerror or str(failure))


@dataclass(frozen=True)
class Home:
    """One installation's folder.

    ``home.json`` marks it and names the cluster's folder; ``lock`` serialises start, stop and reset; ``derived`` is
    the place for what can be built again from the database, and goes with a reset.
    """

    folder: Path

    @classmethod
    def at(cls, path: Path) -> "Home":
        """Return the home of a path, which need not exist.

        Raises
        ------
        Unavailable
            For a path that no configuration file can hold, or a ``~`` without a meaning.
        """
        try:
            folder = path.expanduser().absolute()
        except RuntimeError as failure:
            raise Unavailable("home-unusable", path=path, reason=str(failure)) from failure
        if not str(folder).isprintable():
            raise Unavailable("home-unusable", path=ascii(str(folder)), reason="control characters")
        return cls(Path(os.path.normpath(folder)))

    @property
    def marker(self) -> Path:
        """The file that says: this is a home."""
        return self.folder / "home.json"

    @property
    def derived(self) -> Path:
        """The folder for what can be built again from the database."""
        return self.folder / "derived"

    @property
    def _inside(self) -> Path:
        return self.folder / "postgres"

    def exists(self) -> bool:
        """Say whether a cluster was made here."""
        try:
            return self.marker.is_file()
        except OSError as failure:
            raise trouble(self.folder, failure) from failure

    def require(self) -> None:
        """Refuse where no cluster was made.

        Raises
        ------
        NotFound
            With the way to make one.
        """
        if not self.exists():
            raise NotFound("home-missing", home=self.folder)

    def cluster_folder(self) -> Path:
        """Return the folder that holds the data and the server's log.

        Raises
        ------
        NotFound
            Where no cluster was made.
        Unavailable
            Where the marker cannot be read, or names a folder that is not ours.
        """
        self.require()
        try:
            named = self.folder / json.loads(self.marker.read_text("utf-8"))["cluster"]
        except OSError as failure:
            raise trouble(self.marker, failure) from failure
        except (ValueError, KeyError, TypeError) as failure:
            raise Unavailable("home-unusable", path=self.marker, reason=repr(failure)) from failure
        # Root acts on this folder, so the file may not point it anywhere else.
        folder = Path(os.path.normpath(named))
        if folder != self._inside and folder.parent != FALLBACK_ROOT:
            raise Unavailable("home-unusable", path=self.marker, reason=str(folder))
        return folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the home alone; others wait."""
        with locked(self.folder):
            yield

    def make(self) -> None:
        """Make the folder itself where it is missing.

        Raises
        ------
        Unavailable
            Where the path is a file, may not be written, or the disk is full.
        """
        # Root's server user has to walk through; everybody else's is the caller.
        mode = 0o755 if os.geteuid() == 0 else 0o700
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self.folder.mkdir(mode=mode, exist_ok=True)
        except OSError as failure:
            raise trouble(self.folder, failure) from failure

    def make_cluster_folder(self, user: ServerUser) -> Path:
        """Return a private folder of the server's user: in the home, or where that user cannot reach it, elsewhere."""
        inside = self._inside
        try:
            give_private_folder(inside, user)
            if user.can_use(inside):
                return inside
            inside.rmdir()
        except OSError as failure:
            # Some file systems (NFS, container mounts) do not let even root give a folder away.
            if user.is_this_process or not isinstance(failure, PermissionError):
                raise trouble(inside, failure) from failure
        outside = FALLBACK_ROOT / short_hash(self.folder)
        try:
            FALLBACK_ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
            give_private_folder(outside, user)
        except OSError as failure:
            raise trouble(outside, failure) from failure
        if not user.can_use(outside):
            raise Unavailable("home-unreachable", folder=outside, user=user.name)
        return outside

    def mark(self, cluster: Path) -> None:
        """Write the marker: from now on this is a home."""
        # Relative where it lies inside, so that a home may be moved.
        place = cluster.relative_to(self.folder) if cluster.is_relative_to(self.folder) else cluster
        text = json.dumps({"format": "gridwarden-home/1", "cluster": str(place)})
        fresh = self.marker.with_suffix(".new")
        try:
            with fresh.open("w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(self.marker)
        except OSError as failure:
            raise trouble(self.marker, failure) from failure


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder alone; others wait. The lock goes with the process, however that ends."""
    path = folder / "lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as failure:
        raise trouble(path, failure) from failure
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make sure that what was renamed in a folder stays so, also after the machine died."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def short_hash(path: Path) -> str:
    """Return twelve hexadecimal digits that stand for a path."""
    return sha256(os.fsencode(path)).hexdigest()[:12]


def give_private_folder(folder: Path, user: ServerUser) -> None:
    """Make a folder that only one user may enter, or check that an existing one is.

    Raises
    ------
    Unavailable
        Where the folder is a link, or belongs to somebody else: somebody may have put it there to catch us.
    OSError
        Where the system refuses.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as failure:
        if failure.errno in (errno.ELOOP, errno.ENOTDIR, errno.EACCES):
            raise Unavailable("folder-of-another-user", folder=folder, user=user.name) from failure
        raise
    try:
        owner = os.fstat(handle).st_uid
        if owner not in (user.uid, os.geteuid()):
            raise Unavailable("folder-of-another-user", folder=folder, user=user.name)
        os.fchmod(handle, 0o700)
        if owner != user.uid:
            os.fchown(handle, user.uid, user.gid)
    finally:
        os.close(handle)


def socket_folder(cluster: Path, environ: Mapping[str, str]) -> Path:
    """Return the folder for the socket of a cluster; it need not exist.

    Below ``$GRIDWARDEN_SOCKET_DIR`` where set, else ``/run`` (root) or ``$XDG_RUNTIME_DIR``, else ``/tmp``: the first
    that can be written and is short enough, because a socket's path may have 107 bytes.

    Raises
    ------
    Unavailable
        Where the chosen folder is too long.
    """
    name = f"gridwarden-{short_hash(cluster)}"
    chosen = environ.get("GRIDWARDEN_SOCKET_DIR")
    if chosen:
        folder = Path(chosen).absolute() / name
        if not _fits(folder):
            raise Unavailable(
                "socket-path-too-long",
                path=folder / SOCKET_NAME,
                length=len(os.fsencode(folder / SOCKET_NAME)),
                longest=LONGEST_SOCKET_PATH,
            )
        return folder
    runtime = Path("/run") if os.geteuid() == 0 else Path(environ.get("XDG_RUNTIME_DIR") or SHARED_TEMPORARY)
    usable = os.access(runtime, os.W_OK | os.X_OK) and _fits(runtime / name)
    return (runtime if usable else SHARED_TEMPORARY) / name


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
