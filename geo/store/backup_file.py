"""The format of a backup: an uncompressed zip of ``gridwarden.dump`` (pg_dump, custom) and ``manifest.json``."""

import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

from geo.errors import BadInput, Unavailable
from geo.store.postgres import Programs

FORMAT: Final = "gridwarden-backup/1"
SUFFIX: Final = ".gwbackup"
_DUMP: Final = "gridwarden.dump"
_MANIFEST: Final = "manifest.json"
_LARGEST_MANIFEST_BYTES: Final = 2**20
_BLOCK_BYTES: Final = 2**20


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    ``created`` is RFC 3339 in UTC, ``revision`` the schema's (Alembic), ``tables`` holds rows by table, ``sha256``
    and ``size_bytes`` are the dump's.
    """

    edition: int
    created: str
    revision: str
    postgresql: str
    postgis: str
    tables: dict[str, int]
    sha256: str
    size_bytes: int

    @classmethod
    def parse(cls, text: bytes) -> "Manifest":
        """Read a manifest.

        Raises
        ------
        ValueError
            For anything else.
        """
        fields = json.loads(text)
        if not isinstance(fields, dict) or fields.pop("format", None) != FORMAT:
            raise ValueError(_MANIFEST)
        try:
            manifest = cls(**fields)
        except TypeError as failure:
            raise ValueError(_MANIFEST) from failure
        if not isinstance(manifest.edition, int) or not isinstance(manifest.tables, dict):
            raise ValueError(_MANIFEST)
        return manifest

    def to_json(self) -> str:
        """Return the manifest as it stands in the file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=1)


def store_dump(archive: zipfile.ZipFile, dump: IO[bytes]) -> tuple[str, int]:
    """Copy a dump into a new backup, block by block, and return its SHA-256 and its size in bytes."""
    digest, size_bytes = sha256(), 0
    with archive.open(_DUMP, "w", force_zip64=True) as member:
        while block := dump.read(_BLOCK_BYTES):
            digest.update(block)
            size_bytes += len(block)
            member.write(block)
    return digest.hexdigest(), size_bytes


def store_manifest(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Write the manifest, which completes a backup."""
    archive.writestr(_MANIFEST, manifest.to_json())


@contextmanager
def open_dump(file: Path) -> Iterator[tuple[Manifest, IO[bytes]]]:
    """Open a backup: its manifest, and its dump to read once from the beginning.

    Raises
    ------
    BadInput
        For a file that cannot be read, is damaged or is no backup of ours.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            if {_DUMP, _MANIFEST} != set(archive.namelist()):
                raise BadInput("backup-foreign", place={"file": file.name}, file=file)
            with archive.open(_MANIFEST) as text:
                manifest = Manifest.parse(text.read(_LARGEST_MANIFEST_BYTES))
            with archive.open(_DUMP) as dump:
                yield manifest, dump
    except OSError as failure:
        raise BadInput(
            "backup-unreadable", place={"file": file.name}, file=file, reason=failure.strerror or str(failure)
        ) from failure
    except (zipfile.BadZipFile, EOFError, ValueError, RuntimeError) as failure:
        if _looks_foreign(file):
            raise BadInput("backup-foreign", place={"file": file.name}, file=file) from failure
        raise BadInput("backup-damaged", place={"file": file.name}, file=file, reason=failure) from failure


def read_manifest(file: Path) -> Manifest:
    """Return what a backup says of itself, without reading it through.

    Raises
    ------
    BadInput
        For a file that cannot be read, is damaged or is no backup of ours.
    """
    with open_dump(file) as (manifest, _):
        return manifest


def verify(file: Path, programs: Programs) -> Manifest:
    """Read a backup through: the hash of its dump, and the tables that it contains.

    Raises
    ------
    BadInput
        For a file that cannot be read, is damaged or is no backup of ours.
    Unavailable
        Where it was written by a newer PostgreSQL than the installed programs.
    """
    with open_dump(file) as (manifest, dump):
        digest = sha256()
        while block := dump.read(_BLOCK_BYTES):
            digest.update(block)
    if digest.hexdigest() != manifest.sha256:
        raise BadInput("backup-damaged", place={"file": file.name}, file=file, reason="SHA-256")
    with open_dump(file) as (_, dump):
        listed = _list_tables(dump, programs)
    if listed != set(manifest.tables):
        missing = ", ".join(sorted(listed ^ set(manifest.tables)))
        raise BadInput("backup-damaged", place={"file": file.name}, file=file, reason=missing)
    return manifest


def _looks_foreign(file: Path) -> bool:
    """Ours begins as a zip with the dump's name; a truncated one still does."""
    with file.open("rb") as head:
        start = head.read(64)
    return not (start.startswith(b"PK\x03\x04") and _DUMP.encode() in start)


def _list_tables(dump: IO[bytes], programs: Programs) -> set[str]:
    listing = subprocess.Popen(  # noqa: S603 - a program we looked up
        [programs.path("pg_restore"), "--list"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with listing:
        try:
            if listing.stdin:
                shutil.copyfileobj(dump, listing.stdin, _BLOCK_BYTES)
        except BrokenPipeError:
            # The list stands at the beginning; pg_restore leaves once it has read it.
            pass
        text, said = listing.communicate()
    if b"unsupported version" in said:
        raise Unavailable("clients-missing", major=programs.major + 1)
    return set(re.findall(r"^\d+;.* TABLE DATA gridwarden (\S+) ", text.decode("utf-8"), re.MULTILINE))
