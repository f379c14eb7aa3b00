"""The operating-system user that the server processes run as: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo.errors import Unavailable

UNPRIVILEGED: Final = ("postgres", "nobody")

# Only the owner of a process (or CAP_SYS_PTRACE, which root lacks in most containers) may see its working folder,
# so the shell looks as the server's user. "(deleted)": a server outlives its folder for a minute, and when it ends
# would take the socket of its successor along.
_LIST_SERVERS: Final = """
for p in /proc/[0-9]*; do
  { read -r name <"$p/comm"; } 2>/dev/null && [ "$name" = postgres ] || continue
  if [ "$p/cwd" -ef "$1" ] || [ "$(readlink "$p/cwd")" = "$1 (deleted)" ]; then echo "${p#/proc/}"; fi
done
"""


@dataclass(frozen=True)
class ServerUser:
    """Whom the server processes run as."""

    name: str
    uid: int
    gid: int

    @classmethod
    def current(cls) -> "ServerUser":
        """Return the user of this process."""
        return cls(_name(os.geteuid()), os.geteuid(), os.getegid())

    @classmethod
    def choose(cls, data: Path | None = None) -> "ServerUser":
        """Return the user for a new cluster, or for the one whose data folder exists.

        Root hands over to the owner of the data, else to ``postgres``, else to ``nobody``; everyone else stays.

        Parameters
        ----------
        data
            The data folder of an existing cluster.

        Raises
        ------
        Unavailable
            Where the data belongs to somebody else, or there is no unprivileged user.
        """
        owner = _owner(data)
        if os.geteuid() != 0:
            if owner is not None and owner.uid != os.geteuid():
                raise Unavailable("home-of-another-user", folder=data, owner=owner.name)
            return cls.current()
        if owner is not None and owner.uid != 0:
            return owner
        for name in UNPRIVILEGED:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(name, entry.pw_uid, entry.pw_gid)
        raise Unavailable("no-unprivileged-user", known=", ".join(UNPRIVILEGED))

    @property
    def is_this_process(self) -> bool:
        """Say whether nothing has to be handed over."""
        return self.uid == os.geteuid()

    def run(
        self, *command: str | Path, folder: Path = Path("/"), text: str = "", **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this user and return its result, whatever its exit code.

        Parameters
        ----------
        *command
            Program and arguments; no shell.
        folder
            The working folder.
        text
            What the command reads.
        **environ
            Added to an environment that holds nothing else but PATH: PG* variables of the caller must not reach it.

        Raises
        ------
        Unavailable
            Where the system does not let us become this user.
        """
        # glibc knows C.UTF-8 without any locale package; initdb copies it, and messages stay in English.
        env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC", **environ}
        try:
            return subprocess.run(  # noqa: S603 - the programs are the ones we looked up
                [str(part) for part in command],
                input=text,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                cwd=folder,
                env=env,
                umask=0o077,
                user=None if self.is_this_process else self.uid,
                group=None if self.is_this_process else self.gid,
                extra_groups=None if self.is_this_process else [],
            )
        except PermissionError as failure:
            raise Unavailable("cannot-become-user", user=self.name, reason=failure.strerror) from failure

    def write(self, path: Path, text: str) -> None:
        """Write a file as this user: root must not follow links in a folder that somebody else owns."""
        done = self.run("/bin/sh", "-c", 'cat >"$1"', "sh", path, text=text)
        if done.returncode:
            raise Unavailable("home-unusable", path=path, reason=done.stderr.strip())

    def can_use(self, folder: Path) -> bool:
        """Say whether this user can enter a folder and write in it."""
        done = self.run("/bin/sh", "-c", 'cd "$1" && [ -w . ]', "sh", folder)
        return done.returncode == 0

    def servers_in(self, data: Path) -> set[int]:
        """Return the ids of all PostgreSQL processes that work in a data folder, or did before it was deleted.

        Raises
        ------
        Unavailable
            On a system without ``/proc``: the embedded server needs Linux.
        """
        if not Path("/proc/self/cwd").exists():
            raise Unavailable("not-linux")
        listed = self.run("/bin/sh", "-c", _LIST_SERVERS, "sh", data.resolve())
        return {int(line) for line in listed.stdout.split()}


def _owner(data: Path | None) -> ServerUser | None:
    if data is None:
        return None
    try:
        found = data.stat()
    except FileNotFoundError:
        return None
    except PermissionError:
        # The folder around it is private, but can be seen.
        found = data.parent.stat()
    return ServerUser(_name(found.st_uid), found.st_uid, found.st_gid)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
