"""Edges near a point, compiled: how far away the nearest one is, and which areas meet those within a distance.

Distances are taken in the plane tangent to the ellipsoid at the point, as in :mod:`geo.locate.answer`.
"""

from typing import Any

import numba
import numpy as np

from geo.locate.kernel import COLUMNS, CROWD, ROWS, SHIFT, SOUTH, WEST
from geo.locate.turning import unpack

STACK = 32_768
"""Cells that wait to be looked into: more than all cells of the blocks within one another ever are."""


@numba.njit(cache=True, nogil=True, inline="always")
def _box_m(x: Any, y: Any, side: Any, sx: Any, sy: Any) -> Any:  # pragma: no cover - compiled
    """Return the distance from the origin to a square whose corner and side are given, in m."""
    dx, dy = max(x, -x - side, 0) * sx, max(y, -y - side, 0) * sy
    return np.sqrt(dx * dx + dy * dy)


@numba.njit(cache=True, nogil=True, inline="always")
def _edge_m(ax: Any, ay: Any, bx: Any, by: Any) -> Any:  # pragma: no cover - compiled
    """Return the distance from the origin to a segment."""
    dx, dy = bx - ax, by - ay
    along = -(ax * dx + ay * dy) / (dx * dx + dy * dy)
    along = min(max(along, 0.0), 1.0)
    x, y = ax + along * dx, ay + along * dy
    return np.sqrt(x * x + y * y)


@numba.njit(cache=True, nogil=True, inline="always")
def push_divided(
    pool: Any, place: Any, x: Any, y: Any, shift: Any, stack: Any, waiting: Any
) -> Any:  # pragma: no cover - compiled
    """Put those cells of a divided cell that hold edges on the stack; return how many wait there now.

    ``x`` and ``y``: of its corner, from whatever they count; they stand in the stack likewise.
    """
    fold = np.int64(-pool[place])
    shift -= fold
    for i in range(np.int64(1) << (2 * fold)):
        if pool[place + 1 + i] < 0:
            stack[waiting, 0], stack[waiting, 3] = pool[place + 1 + i], shift
            stack[waiting, 1] = x + ((i >> fold) << shift)
            stack[waiting, 2] = y + ((i & ((np.int64(1) << fold) - 1)) << shift)
            waiting += 1
    return waiting


@numba.njit(cache=True, nogil=True)
def _look(
    segments: Any, count: Any, px: Any, py: Any, sx: Any, sy: Any, reach_m: Any, found: Any, shrink: bool
) -> Any:  # pragma: no cover - compiled
    """Measure segments; return the new reach. Without shrinking, what they meet is added to what was found."""
    for i in range(count):
        ax, ay = (segments[i, 0] - px) * sx, (segments[i, 1] - py) * sy
        away_m = _edge_m(ax, ay, (segments[i, 2] - px) * sx, (segments[i, 3] - py) * sy)
        if away_m <= reach_m:
            if shrink:
                reach_m = away_m
            else:
                found.append((segments[i, 4], away_m))
                found.append((segments[i, 5], away_m))
    return reach_m


@numba.njit(cache=True, nogil=True)
def _inside(
    facts: Any,
    pool: Any,
    value: Any,
    x: Any,
    y: Any,
    px: Any,
    py: Any,
    sx: Any,
    sy: Any,
    reach_m: Any,
    stack: Any,
    segments: Any,
    found: Any,
    shrink: bool,
) -> Any:  # pragma: no cover - compiled
    """Look into one cell of the first level, whose corner counts from the layer's; return the new reach."""
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = value, x, y, facts[SHIFT]
    waiting = 1
    qx, qy = px - facts[WEST], py - facts[SOUTH]
    while waiting > 0:
        waiting -= 1
        value, x, y, shift = stack[waiting, 0], stack[waiting, 1], stack[waiting, 2], stack[waiting, 3]
        if _box_m(x - qx, y - qy, np.int64(1) << shift, sx, sy) > reach_m:
            continue
        place = ~value
        if pool[place] >= 0:
            count = unpack(pool, place, facts[WEST] + x, facts[SOUTH] + y, segments)
            reach_m = _look(segments, count, px, py, sx, sy, reach_m, found, shrink)
            continue
        waiting = push_divided(pool, place, x, y, shift, stack, waiting)
    return reach_m


@numba.njit(cache=True, nogil=True)
def search(
    facts: Any,
    top: Any,
    pool: Any,
    px: Any,
    py: Any,
    sx: Any,
    sy: Any,
    reach_m: Any,
    stack: Any,
    segments: Any,
    found: Any,
    shrink: bool,
) -> Any:  # pragma: no cover - compiled
    """Look for edges within reach, ring of cells by ring of cells; return the reach, shrunk to the nearest if asked."""
    shift, columns, rows = facts[SHIFT], facts[COLUMNS], facts[ROWS]
    side = np.int64(1) << shift
    c, r = (px - facts[WEST]) >> shift, (py - facts[SOUTH]) >> shift
    ring = max(np.int64(0), -c, c - columns + 1, -r, r - rows + 1)
    while ring <= max(c, columns - 1 - c, r, rows - 1 - r) and (ring - 1) * side * min(sx, sy) <= reach_m:
        for i in range(max(c - ring, 0), min(c + ring, columns - 1) + 1):
            step = 1 if abs(i - c) == ring or ring == 0 else 2 * ring
            for j in range(r - ring, r + ring + 1, step):
                if 0 <= j < rows and top[i * rows + j] < 0:
                    x, y = i << shift, j << shift
                    value = np.int64(top[i * rows + j])
                    reach_m = _inside(facts, pool, value, x, y, px, py, sx, sy, reach_m, stack, segments, found, shrink)
        ring += 1
    return reach_m


@numba.njit(cache=True, nogil=True)
def met_within(
    facts: Any, top: Any, pool: Any, px: Any, py: Any, sx: Any, sy: Any, reach_m: Any
) -> Any:  # pragma: no cover - compiled
    """Return the areas (row + 1) beside edges within reach of a point, each as often as there are, and how far away."""
    stack, segments = np.empty((STACK, 4), dtype=np.int64), np.empty((facts[CROWD], 6), dtype=np.int64)
    found = [(np.int64(0), 0.0)]
    search(facts, top, pool, px, py, sx, sy, reach_m, stack, segments, found, False)
    area, away_m = np.empty(len(found) - 1, dtype=np.int64), np.empty(len(found) - 1)
    for i in range(len(found) - 1):
        area[i], away_m[i] = found[i + 1]
    return area, away_m
