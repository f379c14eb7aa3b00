"""How far away the nearest edge of a layer is, for very many points, compiled.

Which cells of the first level hold edges stands in a bit map, so that wide land without a border is passed over 64
cells at a time. Distances are those of :mod:`geo.locate.near`.
"""

from typing import Any, Final
from weakref import WeakKeyDictionary

import numba
import numpy as np
import numpy.typing as npt

from geo.locate.index import LayerIndex
from geo.locate.kernel import COLUMNS, ROWS, SHIFT, SOUTH, WEST, WIDE
from geo.locate.near import STACK, push_divided

Marks = npt.NDArray[np.uint64]

_FIRST: Final = 2
"""Cells to each side that are looked at first."""
_TURN: Final = np.uint64(0x03F79D71B4CB0A89)
"""A de Bruijn sequence: its leading six bits, shifted by k, tell k."""
_PLACE: Final = np.empty(64, dtype=np.int64)
for _bit in range(64):
    _PLACE[((int(_TURN) << _bit) & (2**64 - 1)) >> 58] = _bit

_marks: WeakKeyDictionary[LayerIndex, Marks] = WeakKeyDictionary()


def marks_of(layer: LayerIndex) -> Marks:
    """Return the map of the cells that hold edges: a bit a cell, columns one after the other, each from a new word."""
    known = _marks.get(layer)
    if known is None:
        facts, top, *_ = layer.cells
        words = (int(facts[ROWS]) + 63) // 64
        known = np.zeros(max(int(facts[COLUMNS]) * words, 1), dtype=np.uint64)
        _mark(top, facts[COLUMNS], facts[ROWS], known)
        _marks[layer] = known
    return known


@numba.njit(cache=True, nogil=True)
def _mark(top: Any, columns: Any, rows: Any, marks: Any) -> None:  # pragma: no cover - compiled
    words = (rows + 63) // 64
    for i in range(columns):
        for j in range(rows):
            if top[i * rows + j] < 0:
                marks[i * words + (j >> 6)] |= np.uint64(1) << np.uint64(j & 63)


@numba.njit(cache=True, nogil=True, inline="always")
def _edge_m2(ax: Any, ay: Any, bx: Any, by: Any, near_m2: Any) -> Any:  # pragma: no cover - compiled
    """Return the square of the distance from the origin to a segment where it is less than what is known."""
    dx, dy = bx - ax, by - ay
    along, length2 = -(ax * dx + ay * dy), dx * dx + dy * dy
    if along <= 0.0:
        return min(near_m2, ax * ax + ay * ay)
    if along >= length2:
        return min(near_m2, bx * bx + by * by)
    cross = ax * by - ay * bx
    return cross * cross / length2 if cross * cross < near_m2 * length2 else near_m2


@numba.njit(cache=True, nogil=True, inline="always")
def _border_cell_m2(
    pool: Any, place: Any, qx: Any, qy: Any, px: Any, py: Any, sx: Any, sy: Any, near_m2: Any
) -> Any:  # pragma: no cover - compiled
    """Measure the edges of one border cell; ``qx, qy``: from the point to its corner."""
    wide = pool[place] & WIDE != 0
    chains = np.int64(pool[place]) & ((WIDE - 1) if wide else 0xFFF)
    head = place + (3 if wide else 2)
    at = head + chains * (3 if wide else 2)
    at += np.int64(pool[place + 2]) * 3 if wide else np.int64(pool[place]) >> 12
    for _ in range(chains):
        segments = np.int64(pool[head + 2]) if wide else np.int64(pool[head]) >> 24
        ax, ay = 0.0, 0.0
        for k in range(segments + 1):
            if wide:
                bx, by = (np.int64(pool[at]) - px) * sx, (np.int64(pool[at + 1]) - py) * sy
            else:
                bx, by = (np.int64(np.int16(pool[at])) + qx) * sx, ((np.int64(pool[at]) >> 16) + qy) * sy
            at += 2 if wide else 1
            if k > 0:
                near_m2 = _edge_m2(ax, ay, bx, by, near_m2)
            ax, ay = bx, by
        head += 3 if wide else 2
    return near_m2


@numba.njit(cache=True, nogil=True, inline="always")
def _box_m2(x: Any, y: Any, side: Any, sx: Any, sy: Any) -> Any:  # pragma: no cover - compiled
    """Return the square of the distance from the origin to a square, in m²."""
    dx, dy = max(x, -x - side, 0) * sx, max(y, -y - side, 0) * sy
    return dx * dx + dy * dy


@numba.njit(cache=True, nogil=True)
def _divided_m2(
    pool: Any, value: Any, qx: Any, qy: Any, shift: Any, px: Any, py: Any, sx: Any, sy: Any, near_m2: Any, stack: Any
) -> Any:  # pragma: no cover - compiled
    """Measure the edges of a cell that is divided into smaller ones."""
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = value, qx, qy, shift
    waiting = 1
    while waiting > 0:
        waiting -= 1
        value, x, y, shift = stack[waiting, 0], stack[waiting, 1], stack[waiting, 2], stack[waiting, 3]
        if _box_m2(x, y, np.int64(1) << shift, sx, sy) > near_m2:
            continue
        place = ~value
        if pool[place] >= 0:
            near_m2 = _border_cell_m2(pool, place, x, y, px, py, sx, sy, near_m2)
            continue
        waiting = push_divided(pool, place, x, y, shift, stack, waiting)
    return near_m2


@numba.njit(cache=True, nogil=True, inline="always")
def _between(low: Any, high: Any, word: Any) -> Any:  # pragma: no cover - compiled
    """Return the bits of one word of a column that stand for the rows from low to high."""
    first, last = max(low - (word << 6), 0), min(high - (word << 6), 63)
    if first > last:
        return np.uint64(0)
    ones = np.uint64(0xFFFFFFFFFFFFFFFF)
    return (ones << np.uint64(first)) & (ones >> np.uint64(63 - last))


@numba.njit(cache=True, nogil=True, inline="always")
def _cells_m2(
    facts: Any,
    top: Any,
    pool: Any,
    bits: Any,
    i: Any,
    word: Any,
    px: Any,
    py: Any,
    sx: Any,
    sy: Any,
    near_m2: Any,
    stack: Any,
) -> Any:  # pragma: no cover - compiled
    """Measure the cells of one column that some bits of one word stand for."""
    shift, rows = facts[SHIFT], facts[ROWS]
    side, x = np.int64(1) << shift, facts[WEST] + (i << shift) - px
    while bits != np.uint64(0):
        lowest = bits & (~bits + np.uint64(1))
        bits ^= lowest
        j = (word << 6) + _PLACE[(lowest * _TURN) >> np.uint64(58)]
        y = facts[SOUTH] + (j << shift) - py
        if _box_m2(x, y, side, sx, sy) <= near_m2:
            value = np.int64(top[i * rows + j])
            if pool[~value] >= 0:
                near_m2 = _border_cell_m2(pool, ~value, x, y, px, py, sx, sy, near_m2)
            else:
                near_m2 = _divided_m2(pool, value, x, y, shift, px, py, sx, sy, near_m2, stack)
    return near_m2


@numba.njit(cache=True, nogil=True)
def _nearest_m2(
    facts: Any, top: Any, pool: Any, marks: Any, px: Any, py: Any, sx: Any, sy: Any, near_m2: Any, stack: Any
) -> Any:  # pragma: no cover - compiled
    """Look around a point, ever wider, until nothing nearer can be there."""
    shift, columns, rows = facts[SHIFT], facts[COLUMNS], facts[ROWS]
    side, words = np.int64(1) << shift, (rows + 63) >> 6
    qx, qy = px - facts[WEST], py - facts[SOUTH]
    c, r = qx >> shift, qy >> shift
    seen, reach = np.int64(-1), np.int64(_FIRST)
    while True:
        low, high = max(r - reach, 0), min(r + reach, rows - 1)
        for word in range(low >> 6, (high >> 6) + 1 if low <= high else 0):
            wanted = _between(low, high, word)
            fresh = wanted & ~_between(r - seen, r + seen, word) if seen >= 0 else wanted
            for k in range(2 * reach + 1):
                # the own column first, then those beside it: what is found early saves looking further
                i = c + ((k + 1) >> 1 if k & 1 else -(k >> 1))
                if i < 0 or i >= columns:
                    continue
                bits = marks[i * words + word] & (fresh if k <= 2 * seen else wanted)
                if bits == np.uint64(0):
                    continue
                x = (i << shift) - qx
                away = max(x, -x - side, 0) * sx
                if away * away <= near_m2:
                    near_m2 = _cells_m2(facts, top, pool, bits, i, word, px, py, sx, sy, near_m2, stack)
        wide = min(qx - ((c - reach) << shift), ((c + reach + 1) << shift) - qx) * sx
        tall = min(qy - ((r - reach) << shift), ((r + reach + 1) << shift) - qy) * sy
        whole = reach >= max(c, columns - 1 - c, r, rows - 1 - r)
        if whole or min(wide, tall) * min(wide, tall) >= near_m2:
            return near_m2
        seen, reach = reach, 2 * reach + 1


@numba.njit(cache=True, nogil=True)
def nearest_m(
    facts: Any, top: Any, pool: Any, marks: Any, px: Any, py: Any, sx: Any, sy: Any, wanted: Any, away_m: Any
) -> None:  # pragma: no cover - compiled
    """Bring distances down to that of the nearest edge, where it lies nearer.

    Parameters
    ----------
    facts, top, pool
        See :class:`geo.locate.kernel.Cells`.
    marks
        See :func:`marks_of`.
    px, py
        On the lattice, int64, shape (n,).
    sx, sy
        The m of one lattice step to the east and to the north at each point, shape (n,).
    wanted
        The points that are looked at, bool, shape (n,).
    away_m
        The distances, in and out, shape (n,).
    """
    stack = np.empty((STACK, 4), dtype=np.int64)
    for i in range(len(px)):
        if wanted[i]:
            known = away_m[i] * away_m[i]
            found = _nearest_m2(facts, top, pool, marks, px[i], py[i], sx[i], sy[i], known, stack)
            if found < known:
                away_m[i] = np.sqrt(found)
