"""The shared index file: arrays of one edition, written once, mapped by every process of the host.

Layout: ``MAGIC``; the length of the header (8 bytes, little-endian) and its CRC-32 (4 bytes); the header as JSON; the
arrays one after the other, each at a multiple of ``ALIGNED`` bytes. The header names every array with its kind, shape,
place, CRC-32 and how many rows more it has room for, so that a file that was cut off, or changed on the way, is
recognised before anything is read from it. Room is a hole in the file: it takes no space on the disk.
"""

import json
import mmap
import os
import struct
import weakref
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from geo.errors import BadInput
from geo.locate.patches import Arrays, Patch
from geo.store.home import sync_folder, trouble

MAGIC: Final = b"GWINDEX\x02"
ALIGNED: Final = 64
THREADS: Final = 2
_LENGTHS: Final = struct.Struct("<QI")
_HEAD: Final = len(MAGIC) + _LENGTHS.size
_CHUNK_BYTES: Final = 1 << 24
_ROOM_SHARE, _LEAST_ROOM_BYTES = 4, 1 << 18


class Place(NamedTuple):
    """Where an array stands behind the header of a file, as the header says."""

    kind: str
    shape: list[int]
    first: int
    checksum: int
    room: int

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return int(np.prod(self.shape[1:], dtype=np.int64)) * np.dtype(self.kind).itemsize

    def within(self, content: mmap.mmap, start: int, rows: int) -> npt.NDArray[Any]:
        """Return so many rows of it in a mapped file."""
        count = rows * self.row_bytes // np.dtype(self.kind).itemsize
        array = np.frombuffer(content, dtype=self.kind, count=count, offset=start + self.first)
        return array.reshape(rows, *self.shape[1:])


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class IndexFile:
    """A file that was opened: its facts, and its arrays, mapped and read-only.

    Attributes
    ----------
    facts
        What the writer said of it: JSON values by name.
    handle
        Of the open file, for further mappings; closed with this object.
    start, places
        Where the arrays begin, and how they lie there.
    """

    path: Path
    facts: Mapping[str, Any]
    arrays: Arrays
    handle: int
    start: int
    places: Mapping[str, Place]

    def has_room(self, patch: Patch) -> bool:
        """Tell whether all that a patch appends finds room."""
        return all(
            each.whole or (name in self.places and len(each.tail) <= self.places[name].room)
            for name, each in patch.items()
        )

    def patched(self, patch: Patch) -> Arrays:
        """Return the arrays as they are after a patch: pages that nothing is put into are shared as before."""
        content = mmap.mmap(self.handle, 0, access=mmap.ACCESS_COPY)
        arrays = dict(self.arrays)
        for name, each in patch.items():
            if each.whole:
                arrays[name] = each.tail
            else:
                place = self.places[name]
                room = place.within(content, self.start, place.shape[0] + len(each.tail))
                arrays[name] = each.fill(room, place.shape[0])
        return arrays


def write_index(path: Path, arrays: Arrays, facts: Mapping[str, Any], *, roomy: bool = False) -> None:
    """Write a file so that it is there whole or not at all, also after the machine died.

    Parameters
    ----------
    roomy
        Leave room behind each array, so that it can be patched.

    Raises
    ------
    Unavailable
        ``disk-full`` or ``home-unusable``.
    """
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    places = _places(plain, roomy=roomy)
    header = json.dumps({"facts": dict(facts), "arrays": places}, ensure_ascii=False).encode()
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with draft.open("xb") as file:
            file.write(MAGIC + _LENGTHS.pack(len(header), zlib.crc32(header)) + header)
            start = _aligned(file.tell())
            for name, array in plain.items():
                file.seek(start + places[name].first)
                array.tofile(file)
            file.truncate(start + _end(places))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        sync_folder(path.parent)
    except OSError as failure:
        draft.unlink(missing_ok=True)
        raise trouble(path, failure) from failure


def open_index(path: Path) -> IndexFile:
    """Map a file, and prove that it is as it was written.

    Raises
    ------
    FileNotFoundError
        Where there is none.
    BadInput
        ``index-damaged``: it is not whole, was changed, or is of another format.
    """
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        found = _mapped(path, handle)
    except BaseException:
        os.close(handle)
        raise
    weakref.finalize(found, os.close, handle)
    with ThreadPoolExecutor(THREADS) as pool:
        checksums = list(pool.map(_checksum, found.arrays.values()))
    if checksums != [place.checksum for place in found.places.values()]:
        raise _damaged(path)
    return found


def _mapped(path: Path, handle: int) -> IndexFile:
    size = os.fstat(handle).st_size
    if size < _HEAD:
        raise _damaged(path)
    content = mmap.mmap(handle, 0, access=mmap.ACCESS_READ)
    header = _header(content, path)
    start = _aligned(_HEAD + _LENGTHS.unpack_from(content, len(MAGIC))[0])
    places = {name: Place(*place) for name, place in header["arrays"].items()}
    if start + _end(places) > size:
        raise _damaged(path)
    arrays = {name: place.within(content, start, place.shape[0]) for name, place in places.items()}
    return IndexFile(path, header["facts"], arrays, handle, start, places)


def _places(arrays: Arrays, *, roomy: bool) -> dict[str, Place]:
    """Lay arrays out behind the header."""
    with ThreadPoolExecutor(THREADS) as pool:
        checksums = list(pool.map(_checksum, arrays.values()))
    places, first = {}, 0
    for (name, array), checksum in zip(arrays.items(), checksums, strict=True):
        row_bytes = array.itemsize * int(np.prod(array.shape[1:], dtype=np.int64))
        room = max(array.nbytes // _ROOM_SHARE, _LEAST_ROOM_BYTES) // row_bytes if roomy else 0
        places[name] = Place(array.dtype.str, list(array.shape), first, checksum, room)
        first = _aligned(first + array.nbytes + room * row_bytes)
    return places


def _end(places: Mapping[str, Place]) -> int:
    """Return where the last array and its room end."""
    return max((place.first + (place.shape[0] + place.room) * place.row_bytes for place in places.values()), default=0)


def _checksum(array: npt.NDArray[Any]) -> int:
    content, found = array.reshape(-1).view(np.uint8).data, 0
    for first in range(0, len(content), _CHUNK_BYTES):
        found = zlib.crc32(content[first : first + _CHUNK_BYTES], found)
    return found


def _header(content: mmap.mmap, path: Path) -> dict[str, Any]:
    length, checksum = _LENGTHS.unpack_from(content, len(MAGIC))
    text = content[_HEAD : _HEAD + length] if length <= len(content) else b""
    if content[: len(MAGIC)] != MAGIC or len(text) != length or zlib.crc32(text) != checksum:
        raise _damaged(path)
    header: dict[str, Any] = json.loads(text)
    return header


def _aligned(place: int) -> int:
    return place + -place % ALIGNED


def _damaged(path: Path) -> BadInput:
    return BadInput("index-damaged", path=path.name)
