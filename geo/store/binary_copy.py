"""COPY in PostgreSQL's binary format, encoded a column at a time.

A value at a time, psycopg's way, takes longer than the server needs for the rows. Format: PostgreSQL's documentation of
COPY, "Binary Format"; every value is its length in four bytes and its bytes, big-endian, and -1 for null.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice, repeat
from typing import Any, Final

import shapely
from sqlalchemy import Connection

from geo.areas import Geometries
from geo.store.schema import SRID

_HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL: Final = b"\xff\xff"
_NULL: Final = struct.pack(">i", -1)
_BATCH_ROWS: Final = 512
"""Rows sent at once: some hundred KiB of boundaries."""

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_FROM_ON: Final = 0x02 | 0x10
"""Flags of a range: its lower bound belongs to it, and it has no upper one."""

_SHAPES_AT_ONCE: Final = 8192
_HAS_SRID: Final = 0x20000000
_WKB_HEAD_BYTES: Final = 5
_ONE_PART: Final = struct.pack("<I", 1)


def copy_rows(connection: Connection, table: str, columns: Mapping[str, Iterable[bytes]]) -> None:
    """Write rows into a table, inside SQLAlchemy's transaction.

    Parameters
    ----------
    columns
        By name, the encoded values of all rows; one that never ends is cut to the others' length.
    """
    values = map(b"".join, zip(repeat(struct.pack(">h", len(columns))), *columns.values(), strict=False))
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    with connection.connection.cursor().copy(statement) as copy:
        copy.write(_HEAD)
        while block := b"".join(islice(values, _BATCH_ROWS)):
            copy.write(block)
        copy.write(_TAIL)


def bigints(values: Iterable[int | None]) -> Iterator[bytes]:
    """Encode ``bigint``."""
    pack = struct.Struct(">iq").pack
    return (_NULL if value is None else pack(8, value) for value in values)


def doubles(values: Iterable[float]) -> Iterator[bytes]:
    """Encode ``double precision``."""
    return map(struct.Struct(">id").pack, repeat(8), values)


def booleans(values: Iterable[bool]) -> Iterator[bytes]:
    """Encode ``boolean``."""
    return map(struct.Struct(">i?").pack, repeat(1), values)


def texts(values: Iterable[str]) -> Iterator[bytes]:
    """Encode ``text``."""
    return (_framed(value.encode()) for value in values)


def texts_or_null(values: Iterable[str | None]) -> Iterator[bytes]:
    """Encode ``text``; nothing, and the empty text, is null."""
    return (_framed(value.encode()) if value else _NULL for value in values)


def blobs(values: Iterable[bytes | None]) -> Iterator[bytes]:
    """Encode ``bytea``, and whatever else the server reads from bytes as they are."""
    return (_NULL if value is None else _framed(value) for value in values)


def since(moment: datetime) -> bytes:
    """Encode a ``tstzrange`` from a moment on."""
    microseconds = (moment - _EPOCH) // timedelta(microseconds=1)
    return _framed(struct.pack(">biq", _FROM_ON, 8, microseconds))


def boundaries(geoms: Geometries) -> Iterator[bytes]:
    """Encode ``geometry``: little-endian EWKB of MultiPolygons in EPSG:4490, some thousand at a time.

    A Polygon's bytes stand in a MultiPolygon's as they are, so that no geometry need be built anew.
    """
    head = struct.pack("<BII", 1, shapely.GeometryType.MULTIPOLYGON | _HAS_SRID, SRID)
    for first in range(0, len(geoms), _SHAPES_AT_ONCE):
        for wkb in shapely.to_wkb(geoms[first : first + _SHAPES_AT_ONCE], byte_order=1):
            yield _NULL if wkb is None else _framed(_as_multipolygon(wkb, head))


def _as_multipolygon(wkb: bytes, head: bytes) -> bytes:
    return head + (_ONE_PART + wkb if wkb[1] == shapely.GeometryType.POLYGON else wkb[_WKB_HEAD_BYTES:])


def _framed(value: Any) -> bytes:
    return struct.pack(">i", len(value)) + bytes(value)
