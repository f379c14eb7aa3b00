"""How large the record batches of an Arrow stream are once unpacked, read from their heads alone.

Arrow allocates what a stream says of itself, whole batches at once: a kilobyte can claim gigabytes, by compression or
by columns without buffers. The layout is that of the Arrow columnar format, version 1 (``Message.fbs``).
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from struct import unpack_from
from typing import BinaryIO, Final, NamedTuple

from geo.errors import BadInput, TooLarge
from importers.limits import MEBIBYTE, Limits

MOST_BATCH_MIB: Final = 512
_RATIO_FROM_BYTES: Final = 8 * MEBIBYTE
_CONTINUED: Final = 0xFFFFFFFF
_LONGEST_HEAD: Final = 16 * MEBIBYTE
_DICTIONARY, _RECORDS = 2, 3
_AS_IT_IS: Final = -1
_PREFIX_BYTES: Final = 8


class _Table(NamedTuple):
    """A table of a flatbuffer: where it begins, and where its fields stand."""

    buffer: bytes
    start: int

    @classmethod
    def root(cls, buffer: bytes) -> "_Table":
        return cls(buffer, int(unpack_from("<I", buffer)[0]))

    def number(self, field: int, layout: str) -> int:
        """Return a number, 0 where it is left out."""
        place = self._place(field)
        return int(unpack_from(layout, self.buffer, place)[0]) if place else 0

    def table(self, field: int) -> "_Table | None":
        place = self._place(field)
        return _Table(self.buffer, place + int(unpack_from("<I", self.buffer, place)[0])) if place else None

    def pairs(self, field: int) -> list[tuple[int, int]]:
        """Return a vector of structs of two 64-bit numbers."""
        vector = self.table(field)
        if vector is None:
            return []
        (count,) = unpack_from("<I", self.buffer, vector.start)
        flat = unpack_from(f"<{2 * count}q", self.buffer, vector.start + 4)
        return list(zip(flat[::2], flat[1::2], strict=True))

    def _place(self, field: int) -> int:
        vtable = self.start - int(unpack_from("<i", self.buffer, self.start)[0])
        (size,) = unpack_from("<H", self.buffer, vtable)
        if 4 + 2 * field >= size:
            return 0
        (offset,) = unpack_from("<H", self.buffer, vtable + 4 + 2 * field)
        return self.start + offset if offset else 0


def require_bounded(path: Path) -> None:
    """Refuse a stream with a batch that would take more memory than it shows.

    Raises
    ------
    TooLarge
        ``points-batch-too-large``.
    BadInput
        ``points-not-arrow``.
    """
    try:
        with path.open("rb") as file:
            for packed, unpacked, rows in _batches(file):
                swollen = unpacked > _RATIO_FROM_BYTES and unpacked > packed * Limits().archive_ratio
                if swollen or unpacked > MOST_BATCH_MIB * MEBIBYTE or rows > unpacked:
                    raise TooLarge("points-batch-too-large", most_mib=MOST_BATCH_MIB)
    except (struct.error, MemoryError, OverflowError) as failure:
        raise BadInput("points-not-arrow") from failure


def _batches(file: BinaryIO) -> Iterator[tuple[int, int, int]]:
    """Yield of each batch its bytes in the stream and unpacked, and its rows."""
    while head := _head(file):
        message = _Table.root(head)
        kind, body_bytes, body = message.number(1, "<B"), message.number(3, "<q"), file.tell()
        records = message.table(2)
        if records is not None and kind == _DICTIONARY:
            records = records.table(1)
        if kind in (_DICTIONARY, _RECORDS) and records is not None:
            is_packed = records.table(3) is not None
            unpacked = sum(_unpacked(file, body, *each) for each in records.pairs(2)) if is_packed else body_bytes
            yield body_bytes, unpacked, records.number(0, "<q")
        file.seek(body + max(body_bytes, 0))


def _head(file: BinaryIO) -> bytes:
    """Return the head of the next message, nothing at the end."""
    begun = file.read(4)
    if len(begun) == 4 and unpack_from("<I", begun)[0] == _CONTINUED:
        begun = file.read(4)
    length = int(unpack_from("<I", begun)[0]) if len(begun) == 4 else 0
    if length > _LONGEST_HEAD:
        raise BadInput("points-not-arrow")
    return file.read(length)


def _unpacked(file: BinaryIO, body: int, offset: int, length: int) -> int:
    """Return how many bytes a packed buffer says that it has."""
    if length < _PREFIX_BYTES:
        return 0
    file.seek(body + offset)
    (size,) = unpack_from("<q", file.read(_PREFIX_BYTES))
    return length - _PREFIX_BYTES if size == _AS_IT_IS else int(size)
