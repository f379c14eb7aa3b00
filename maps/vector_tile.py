"""Mapbox vector tiles (version 2.1) of boundaries that neighbours share.

Written here rather than by PostGIS, which mends every polygon by itself and so moves one side of a shared border.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numba
import numpy as np

from geo.mercator import BUFFER, EXTENT, Tile, units_at

POINT: Final = 1
POLYGON: Final = 3
_VERSION: Final = 2
_FEWEST: Final = 3
"""Vertices of a ring."""


class Drawn(NamedTuple):
    """One feature: its geometry as the commands of the format, encoded; empty properties are left out."""

    number: int
    kind: int
    commands: bytes
    properties: Mapping[str, str]


def layer(name: str, features: Iterable[Drawn]) -> bytes:
    """Return a layer of a tile, encoded; a tile is its layers one after the other, nothing without features."""
    keys: dict[str, int] = {}
    values: dict[str, int] = {}
    parts = [_feature(each, keys, values) for each in features]
    if not parts:
        return b""
    body = [_field(15, 0, _varint(_VERSION)), _text(1, name), *(_sized(2, part) for part in parts)]
    body += [_text(3, key) for key in keys]
    body += [_sized(4, _text(1, value)) for value in values]
    body.append(_field(5, 0, _varint(EXTENT)))
    return _sized(3, b"".join(body))


def polygons(shapes: Sequence[bytes], zoom: int, tile: Tile) -> list[bytes]:
    """Return the commands of each area's polygons in a tile, cut some way outside it; empty where it shows nothing.

    Parameters
    ----------
    shapes
        Rings as :func:`geo.simplify.packed` writes them.
    zoom
        Of the shapes: that of the tile or a deeper one.
    """
    if not shapes:
        return []
    flat = np.frombuffer(b"".join(shapes), "<i4").astype(np.int64)
    begin = np.cumsum([0, *(len(shape) // 4 for shape in shapes)])
    deeper = zoom - tile.zoom
    sizes = np.zeros(len(shapes), dtype=np.int64)
    # cutting adds up to four vertices for each that is kept; a number takes five bytes at most
    out = np.empty(60 * len(flat) + 64, dtype=np.uint8)
    _write(flat, begin, deeper, np.array([tile.x * EXTENT, tile.y * EXTENT]), out, sizes)
    ends = np.cumsum(sizes)
    return [out[end - size : end].tobytes() for end, size in zip(ends.tolist(), sizes.tolist(), strict=True)]


def point(xy: tuple[float, float], tile: Tile) -> bytes | None:
    """Return the commands of a point on the unit square, None outside the tile."""
    x, y = (int(place * units_at(tile.zoom)) - first * EXTENT for place, first in zip(xy, tile[1:], strict=True))
    if not (0 <= x < EXTENT and 0 <= y < EXTENT):
        return None
    return b"\x09" + _varint(x << 1) + _varint(y << 1)


def _feature(drawn: Drawn, keys: dict[str, int], values: dict[str, int]) -> bytes:
    tags = b"".join(
        _varint(keys.setdefault(key, len(keys))) + _varint(values.setdefault(value, len(values)))
        for key, value in drawn.properties.items()
        if value
    )
    number, kind = _field(1, 0, _varint(drawn.number)), _field(3, 0, _varint(drawn.kind))
    return number + _sized(2, tags) + kind + _sized(4, drawn.commands)


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _field(number: int, wire: int, body: bytes) -> bytes:
    return struct.pack("B", number << 3 | wire) + body


def _sized(number: int, body: bytes) -> bytes:
    return _field(number, 2, _varint(len(body)) + body)


def _text(number: int, value: str) -> bytes:
    return _sized(number, value.encode())


@numba.njit(cache=True, nogil=True)
def _write(
    flat: Any, begin: Any, deeper: Any, corner: Any, out: Any, sizes: Any
) -> None:  # pragma: no cover - compiled
    """Write the commands of all areas, one after the other; how many bytes each takes."""
    end = 0
    for area in range(len(begin) - 1):
        first = end
        if begin[area + 1] > begin[area]:
            end = _write_area(flat[begin[area] : begin[area + 1]], deeper, corner, out, end)
        sizes[area] = end - first


@numba.njit(cache=True, nogil=True)
def _write_area(shape: Any, deeper: Any, corner: Any, out: Any, end: Any) -> Any:  # pragma: no cover - compiled
    """Write the rings of one area that are left in a tile."""
    at = np.zeros(2, dtype=np.int64)
    low = 1 + shape[0]
    shown = False
    for ring in range(shape[0]):
        count = abs(shape[1 + ring])
        xy = np.empty((count, 2), dtype=np.int64)
        for k in range(count):
            for axis in range(2):
                xy[k, axis] = (shape[low + 2 * k + axis] >> deeper) - corner[axis]
        low += 2 * count
        if shape[1 + ring] > 0:
            shown = False
        elif not shown:
            continue
        xy = _without_repeats(_cut(xy))
        if len(xy) >= _FEWEST and _is_open(xy):
            shown = True
            end = _write_ring(xy, at, out, end)
    return end


@numba.njit(cache=True, nogil=True)
def _write_ring(xy: Any, at: Any, out: Any, end: Any) -> Any:  # pragma: no cover - compiled
    for k in range(len(xy)):
        if k == 0:
            end = _put(1 << 3 | 1, out, end)
        elif k == 1:
            end = _put((len(xy) - 1) << 3 | 2, out, end)
        for axis in range(2):
            step = xy[k, axis] - at[axis]
            end = _put(step << 1 if step >= 0 else (-step << 1) - 1, out, end)
            at[axis] = xy[k, axis]
    return _put(1 << 3 | 7, out, end)


@numba.njit(cache=True, nogil=True)
def _put(value: Any, out: Any, end: Any) -> Any:  # pragma: no cover - compiled
    while value > 0x7F:
        out[end] = value & 0x7F | 0x80
        value >>= 7
        end += 1
    out[end] = value
    return end + 1


@numba.njit(cache=True, nogil=True)
def _without_repeats(xy: Any) -> Any:  # pragma: no cover - compiled
    kept = np.empty_like(xy)
    count = 0
    for k in range(len(xy)):
        if count == 0 or xy[k, 0] != kept[count - 1, 0] or xy[k, 1] != kept[count - 1, 1]:
            kept[count] = xy[k]
            count += 1
    while count > 1 and kept[count - 1, 0] == kept[0, 0] and kept[count - 1, 1] == kept[0, 1]:
        count -= 1
    return kept[:count]


@numba.njit(cache=True, nogil=True)
def _is_open(xy: Any) -> Any:  # pragma: no cover - compiled
    """Tell whether a ring holds any land."""
    twice = 0
    for k in range(1, len(xy) - 1):
        twice += (xy[k, 0] - xy[0, 0]) * (xy[k + 1, 1] - xy[0, 1]) - (xy[k + 1, 0] - xy[0, 0]) * (xy[k, 1] - xy[0, 1])
    return twice != 0


@numba.njit(cache=True, nogil=True)
def _cut(xy: Any) -> Any:  # pragma: no cover - compiled
    """Cut a ring at the four sides of a tile and its buffer.

    References
    ----------
    I. E. Sutherland and G. W. Hodgman, Reentrant polygon clipping (1974).
    """
    for side in range(4):
        axis = side & 1
        sign = 1 if side < 2 else -1
        edge = (EXTENT + BUFFER) * sign if side < 2 else -BUFFER * sign
        cut = np.empty((2 * len(xy), 2), dtype=np.int64)
        count = 0
        for k in range(len(xy)):
            b = xy[k]
            a = xy[k - 1] if k else xy[len(xy) - 1]
            if (a[axis] * sign <= edge) != (b[axis] * sign <= edge):
                cut[count] = _crossing(a, b, axis, edge * sign)
                count += 1
            if b[axis] * sign <= edge:
                cut[count] = b
                count += 1
        xy = cut[:count]
        if count == 0:
            break
    return xy


@numba.njit(cache=True, nogil=True)
def _crossing(a: Any, b: Any, axis: Any, edge: Any) -> Any:  # pragma: no cover - compiled
    """Return where an edge meets a side: the same place whichever way the edge runs."""
    if a[axis] > b[axis]:
        a, b = b, a
    other = 1 - axis
    place = np.empty(2, dtype=np.int64)
    place[axis] = edge
    share = (edge - a[axis]) / (b[axis] - a[axis])
    place[other] = a[other] + np.int64(np.rint((b[other] - a[other]) * share))
    return place
