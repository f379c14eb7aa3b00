"""The shared index file: arrays of one edition, written once, mapped by every process of the host.

Layout: ``MAGIC``; the length of the header (8 bytes, little-endian) and its CRC-32 (4 bytes); the header as JSON; the
arrays one after the other, each at a multiple of ``ALIGNED`` bytes. The header names every array with its kind, shape,
place and CRC-32, so that a file that was cut off, or changed on the way, is recognised before anything is read from it.
"""

import json
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from geo.errors import BadInput
from geo.store.home import sync_folder, trouble

MAGIC: Final = b"GWINDEX\x01"
ALIGNED: Final = 64
THREADS: Final = 2
_LENGTHS: Final = struct.Struct("<QI")
_HEAD: Final = len(MAGIC) + _LENGTHS.size
_CHUNK_BYTES: Final = 1 << 24

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class IndexFile:
    """A file that was opened: its facts, and its arrays, mapped and read-only.

    Attributes
    ----------
    facts
        What the writer said of it: JSON values by name.
    """

    path: Path
    facts: Mapping[str, Any]
    arrays: Arrays


def write_index(path: Path, arrays: Arrays, facts: Mapping[str, Any]) -> None:
    """Write a file so that it is there whole or not at all, also after the machine died.

    Raises
    ------
    Unavailable
        ``disk-full`` or ``home-unusable``.
    """
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    header = json.dumps({"facts": dict(facts), "arrays": _table(plain)}, ensure_ascii=False).encode()
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with draft.open("xb") as file:
            file.write(MAGIC + _LENGTHS.pack(len(header), zlib.crc32(header)) + header)
            for array in plain.values():
                file.write(b"\0" * (-file.tell() % ALIGNED))
                array.tofile(file)
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
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < _HEAD:
            raise _damaged(path)
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    header = _header(content, path)
    start = _aligned(_HEAD + _LENGTHS.unpack_from(content, len(MAGIC))[0])
    arrays, checksums = {}, {}
    for name, (kind, shape, place, checksum) in header["arrays"].items():
        count = int(np.prod(shape, dtype=np.int64))
        if start + place + count * np.dtype(kind).itemsize > size:
            raise _damaged(path)
        arrays[name] = np.frombuffer(content, dtype=kind, count=count, offset=start + place).reshape(shape)
        checksums[name] = checksum
    with ThreadPoolExecutor(THREADS) as pool:
        if list(pool.map(_checksum, arrays.values())) != list(checksums.values()):
            raise _damaged(path)
    return IndexFile(path, header["facts"], arrays)


def _table(arrays: Arrays) -> dict[str, tuple[str, list[int], int, int]]:
    """Return kind, shape, place behind the header and CRC-32 of each array."""
    table, place = {}, 0
    with ThreadPoolExecutor(THREADS) as pool:
        checksums = list(pool.map(_checksum, arrays.values()))
    for (name, array), checksum in zip(arrays.items(), checksums, strict=True):
        table[name] = (array.dtype.str, list(array.shape), place, checksum)
        place = _aligned(place + array.nbytes)
    return table


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
