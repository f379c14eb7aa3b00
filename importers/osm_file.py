"""OpenStreetMap extracts (``.osm.pbf``): opened as plain local files, read with libosmium, refused with a reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final

import osmium

from geo.errors import BadInput, NotFound, TooLarge
from importers.limits import Limits, mebibytes

SUFFIX: Final = ".pbf"
_MARK: Final = b"OSMHeader"
_MARK_WITHIN: Final = 32


def is_osm_file(path: Path) -> bool:
    """Tell by its name whether a file is an extract of OpenStreetMap."""
    return path.suffix.lower() == SUFFIX


def judged_osm_file(path: Path, limits: Limits) -> str:
    """Refuse a file that is no whole local extract, and return its SHA-256.

    Raises
    ------
    BadInput, NotFound, TooLarge
        For no file, an empty one, another kind, or one beyond the limit.
    """
    place = {"file": path.name}
    if not path.is_file():
        raise NotFound("no-such-file", place=place, name=path.name)
    size = path.stat().st_size
    if size == 0:
        raise BadInput("osm-empty", place=place, name=path.name)
    if size > limits.file_bytes:
        sizes = {"size_mb": mebibytes(size), "limit_mb": mebibytes(limits.file_bytes)}
        raise TooLarge("file-too-large", place=place, name=path.name, **sizes)
    with path.open("rb") as file:
        if _MARK not in file.read(_MARK_WITHIN):
            raise BadInput("osm-no-pbf", place=place, name=path.name)
        file.seek(0)
        return file_digest(file, "sha256").hexdigest()


@contextmanager
def osm_objects(path: Path, *keys: str) -> Iterator[Iterator[Any]]:
    """Read nodes and ways that have one of the tags, with the positions of their nodes.

    Raises
    ------
    BadInput
        ``osm-damaged`` where the file ends too early or its blocks cannot be read.
    """
    with _told(path):
        processor = osmium.FileProcessor(_local(path), osmium.osm.NODE | osmium.osm.WAY).with_locations()
        yield iter(processor.with_filter(osmium.filter.KeyFilter(*keys)))


@contextmanager
def osm_places(path: Path, *keys: str) -> Iterator[Iterator[Any]]:
    """Read nodes and areas (of ways and relations) that have one of the tags; raises like :func:`osm_objects`."""
    wanted = osmium.filter.KeyFilter(*keys)
    with _told(path):
        processor = osmium.FileProcessor(_local(path)).with_locations().with_areas(wanted)
        yield iter(processor.with_filter(wanted))


def _local(path: Path) -> osmium.io.File:
    """Name the format and resolve the path, so that no name makes libosmium ask another host."""
    return osmium.io.File(str(path.resolve()), "pbf")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError) as damage:
        reason = str(damage).splitlines()[0][:200] if str(damage) else type(damage).__name__
        raise BadInput("osm-damaged", place={"file": path.name}, name=path.name, reason=reason) from damage
