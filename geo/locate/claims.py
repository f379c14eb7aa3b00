"""The border rule for the few points of a layer that the first sector leaves without an area."""

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np

from geo.locate.kernel import CROWD, SOUTH, WEST, Cells, Longs, Words, answer_of, read_point
from geo.locate.turning import RAY, gather_rays, in_order, next_sector, unpack


def claim_many(cells: Cells, x: Longs, y: Longs, area: Words, on_edge: Any) -> None:
    """Turn on to the first covered sector where :func:`geo.locate.kernel.scan` found an edge and no area."""
    _claim(*cells, x, y, area, on_edge)


@numba.njit(cache=True, nogil=True)
def rays_at(
    facts: Any,
    top: Any,
    pool: Any,
    sets: Any,
    set_start: Any,
    px: Any,
    py: Any,
    layer: Any,
    segments: Any,
    rays: Any,
    met: Any,
) -> Any:  # pragma: no cover - compiled
    """Add the rays of a layer at a point; return its token in the first sector, and how many rays there are now."""
    token, on_edge, value, shift = read_point(facts, top, pool, sets, set_start, px, py)
    if on_edge:
        west = facts[WEST] + (((px - facts[WEST]) >> shift) << shift)
        south = facts[SOUTH] + (((py - facts[SOUTH]) >> shift) << shift)
        count = unpack(pool, ~value, west, south, segments)
        met = gather_rays(segments, count, px, py, layer, rays, met)
    return token, met


@numba.njit(cache=True, nogil=True)
def _claim(
    facts: Any, top: Any, pool: Any, sets: Any, set_start: Any, px: Any, py: Any, area: Any, on_edge: Any
) -> None:  # pragma: no cover - compiled
    segments = np.empty((facts[CROWD], 6), dtype=np.int64)
    rays = np.empty((2 * facts[CROWD], RAY), dtype=np.int64)
    tokens = np.zeros(1, dtype=np.int64)
    for i in range(len(px)):
        if on_edge[i] and area[i] == 0:
            tokens[0], count = rays_at(facts, top, pool, sets, set_start, px[i], py[i], 0, segments, rays, 0)
            in_order(rays, count)
            ray = 0
            while ray >= 0 and tokens[0] == 0:
                ray = next_sector(rays, count, ray, tokens)
            area[i] = answer_of(tokens[0])


@numba.njit(cache=True, nogil=True)
def _collect(
    facts: Any, top: Any, pool: Any, sets: Any, set_start: Any, px: Any, py: Any, layer: Any, tokens: Any
) -> Any:  # pragma: no cover - compiled
    segments = np.empty((facts[CROWD], 6), dtype=np.int64)
    near = np.empty((2 * facts[CROWD], RAY), dtype=np.int64)
    rays, owner, total = np.empty((64, RAY), dtype=np.int64), np.empty(64, dtype=np.int64), 0
    for i in range(len(px)):
        tokens[i, layer], met = rays_at(facts, top, pool, sets, set_start, px[i], py[i], layer, segments, near, 0)
        if total + met > len(rays):
            more, more_owner = np.empty((2 * (total + met), RAY), dtype=np.int64), np.empty(2 * (total + met), np.int64)
            more[:total], more_owner[:total] = rays[:total], owner[:total]
            rays, owner = more, more_owner
        rays[total : total + met], owner[total : total + met] = near[:met], i
        total += met
    return rays[:total], owner[:total]


def around_many(layers: Sequence[Cells], x: Longs, y: Longs) -> tuple[Longs, Longs, Longs]:
    """Read the surroundings of points in several layers.

    Returns
    -------
    tuple
        The token of each layer in the first sector, shape (n, layers); the rays of all points, shape (r, RAY); and
        the first ray of each point, shape (n + 1,).
    """
    tokens = np.zeros((len(x), len(layers)), dtype=np.int64)
    found = [_collect(*cells, x, y, layer, tokens) for layer, cells in enumerate(layers)]
    owner = np.concatenate([owner for _, owner in found])
    order = np.argsort(owner, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(x)))]).astype(np.int64)
    return tokens, np.concatenate([rays for rays, _ in found])[order], start
