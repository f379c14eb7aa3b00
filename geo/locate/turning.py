"""Turning around a point that lies on edges, compiled: which sector claims it.

The rule is the one of :mod:`geo.locate.border`; a test holds both to it on random coverages.
"""

from typing import Any

import numba
import numpy as np

from geo.locate.kernel import WIDE, token_of

SEVERAL_FROM = 2 << 32
"""The least token of several areas."""
RAY = 5
"""Columns of a ray: direction x, y; area behind and area ahead (row + 1) of one who turns over it; layer."""


@numba.njit(cache=True, nogil=True)
def unpack(pool: Any, place: Any, west: Any, south: Any, out: Any) -> Any:  # pragma: no cover - compiled
    """Read the segments of a border cell: both ends, area on the left, on the right; return how many there are."""
    wide = pool[place] & WIDE != 0
    chains = np.int64(pool[place]) & ((WIDE - 1) if wide else 0xFFF)
    head = place + (3 if wide else 2)
    at = head + chains * (3 if wide else 2)
    at += np.int64(pool[place + 2]) * 3 if wide else np.int64(pool[place]) >> 12
    count = 0
    for _ in range(chains):
        left, right = np.int64(pool[head]), np.int64(pool[head + 1])
        segments = np.int64(pool[head + 2]) if wide else left >> 24
        left = left if wide else left & 0xFFFFFF
        for k in range(segments + 1):
            if wide:
                x, y = np.int64(pool[at]), np.int64(pool[at + 1])
            else:
                x, y = np.int64(np.int16(pool[at])) + west, (np.int64(pool[at]) >> 16) + south
            at += 2 if wide else 1
            if k > 0:
                out[count - 1, 2], out[count - 1, 3] = x, y
            if k < segments:
                out[count, 0], out[count, 1], out[count, 4], out[count, 5] = x, y, left, right
                count += 1
        head += 3 if wide else 2
    return count


@numba.njit(cache=True, nogil=True)
def gather_rays(
    segments: Any, count: Any, px: Any, py: Any, layer: Any, rays: Any, met: Any
) -> Any:  # pragma: no cover - compiled
    """Add the rays that segments send out from a point; return how many there are now."""
    for i in range(count):
        ax, ay, bx, by = segments[i, 0] - px, segments[i, 1] - py, segments[i, 2] - px, segments[i, 3] - py
        if ax * by - ay * bx != 0 or min(ax, bx) > 0 or max(ax, bx) < 0 or min(ay, by) > 0 or max(ay, by) < 0:
            continue
        left, right = segments[i, 4], segments[i, 5]
        if bx != 0 or by != 0:
            rays[met, 0], rays[met, 1], rays[met, 2], rays[met, 3], rays[met, 4] = bx, by, right, left, layer
            met += 1
        if ax != 0 or ay != 0:
            rays[met, 0], rays[met, 1], rays[met, 2], rays[met, 3], rays[met, 4] = ax, ay, left, right, layer
            met += 1
    return met


@numba.njit(cache=True, nogil=True, inline="always")
def _is_late(dx: Any, dy: Any) -> Any:  # pragma: no cover - compiled
    return dy < 0 or (dy == 0 and dx > 0)


@numba.njit(cache=True, nogil=True)
def compare(rays: Any, i: Any, j: Any) -> Any:  # pragma: no cover - compiled
    """Compare two rays by their angle in (0, 360] degrees from due east: below 0 where the first comes first."""
    half = np.int64(_is_late(rays[i, 0], rays[i, 1])) - np.int64(_is_late(rays[j, 0], rays[j, 1]))
    return half if half != 0 else rays[i, 1] * rays[j, 0] - rays[i, 0] * rays[j, 1]


@numba.njit(cache=True, nogil=True)
def in_order(rays: Any, count: Any) -> Any:  # pragma: no cover - compiled
    """Sort rays counter-clockwise from due east, which comes last; few, so by insertion."""
    for i in range(1, count):
        j = i
        while j > 0 and compare(rays, j, j - 1) < 0:
            for k in range(RAY):
                rays[j, k], rays[j - 1, k] = rays[j - 1, k], rays[j, k]
            j -= 1


@numba.njit(cache=True, nogil=True)
def next_sector(rays: Any, count: Any, i: Any, tokens: Any) -> Any:  # pragma: no cover - compiled
    """Turn over all rays of the direction of ray i; return the first ray beyond, -1 after the last sector.

    ``tokens``, one for each layer, is changed accordingly. Due east ends the turn: beyond it lies the first sector.
    """
    if i >= count or (rays[i, 1] == 0 and rays[i, 0] > 0):
        return -1
    first = i
    while i < count and compare(rays, first, i) == 0:
        tokens[rays[i, 4]] += token_of(rays[i, 3]) - token_of(rays[i, 2])
        i += 1
    return i


@numba.njit(cache=True, nogil=True)
def _effective(tokens: Any, group: Any) -> Any:  # pragma: no cover - compiled
    """Return the first layer of the effective partition that covers a sector, and its token; -1 and 0 for none."""
    for layer in range(len(tokens)):
        if group[layer] >= 0 and tokens[layer] != 0:
            return layer, tokens[layer]
    return -1, np.int64(0)


@numba.njit(cache=True, nogil=True)
def _turn_once(rays: Any, count: Any, tokens: Any, group: Any, chosen: Any) -> Any:  # pragma: no cover - compiled
    """Turn around a point; leave in ``chosen`` the tokens of the sector that claims it.

    Returns
    -------
    tuple
        Whether the effective partition differs between sectors, and whether several areas cover one of them.
    """
    layer0, token0 = _effective(tokens, group)
    best = group[layer0] if layer0 >= 0 else np.int64(len(group))
    chosen[:] = tokens
    differ, several, ray = False, token0 >= SEVERAL_FROM, next_sector(rays, count, 0, tokens)
    while ray >= 0:
        layer, token = _effective(tokens, group)
        differ |= layer != layer0 or token != token0
        several |= token >= SEVERAL_FROM
        if layer >= 0 and group[layer] < best:
            best = group[layer]
            chosen[:] = tokens
        ray = next_sector(rays, count, ray, tokens)
    return differ, several


@numba.njit(cache=True, nogil=True)
def settle(
    tokens: Any, rays: Any, ray_start: Any, group: Any, on_border: Any, several: Any
) -> None:  # pragma: no cover - compiled
    """Apply the border rule to many points and several layers.

    Parameters
    ----------
    tokens
        Of each layer in the first sector, shape (n, layers); is replaced by those of the sector that claims the point.
        The layers stand in the order in which one is effective before another.
    rays
        Of all points, shape (r, RAY); is sorted.
    ray_start
        First ray of each point, shape (n + 1,).
    group
        Layers of one group claim together; the lowest group that covers a sector claims; below 0 are layers that
        are only read; shape (layers,).
    on_border, several
        Are filled: whether the effective partition differs between sectors, whether several areas of one layer
        cover a sector; shape (n,).
    """
    turned, chosen = np.empty(len(group), dtype=np.int64), np.empty(len(group), dtype=np.int64)
    for i in range(len(tokens)):
        near = rays[ray_start[i] : ray_start[i + 1]]
        in_order(near, len(near))
        turned[:] = tokens[i]
        on_border[i], several[i] = _turn_once(near, len(near), turned, group, chosen)
        tokens[i] = chosen
