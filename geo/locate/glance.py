"""One point at once, compiled: the areas of the three layers of grids that cover it, and how near a border is."""

from typing import Any, Final, NamedTuple

import numba
import numpy as np

from geo.locate.city import CityIndex
from geo.locate.kernel import CROWD, answer_of, read_point
from geo.locate.near import STACK, search

NONE: Final = -1


class Glance(NamedTuple):
    """What a glance tells of a point that lies in one grid, on no border.

    Attributes
    ----------
    special, general, microgrid
        Rows of the city, ``NONE`` where there is none; at least one of the first two is there.
    border_m
        To the nearest border of the effective partition, infinite beyond the reach.
    """

    special: int
    general: int
    microgrid: int
    border_m: float


def glance(index: CityIndex, point: tuple[int, int], scale_m: tuple[float, float], reach_m: float) -> Glance | None:
    """Look a point up.

    Parameters
    ----------
    point
        Lattice integers (x, y).
    scale_m
        The m of one lattice step to the east and to the north there.
    reach_m
        How far borders are looked for.

    Returns
    -------
    Glance or None
        None where the point lies on an edge, in several areas of a layer or in no grid: :mod:`geo.locate.answer`
        tells.
    """
    special, general, microgrid = index.layers[:3]
    plain, found, border_m = _glance(*special.cells, *general.cells, *microgrid.cells, *point, *scale_m, float(reach_m))
    if not plain:
        return None
    rows = [int(own[number - 1]) if number > 0 else NONE for own, number in zip(index.rows, found, strict=False)]
    return Glance(rows[0], rows[1], rows[2], border_m)


@numba.njit(cache=True, nogil=True)
def _glance(
    facts0: Any,
    top0: Any,
    pool0: Any,
    sets0: Any,
    set_start0: Any,
    facts1: Any,
    top1: Any,
    pool1: Any,
    sets1: Any,
    set_start1: Any,
    facts2: Any,
    top2: Any,
    pool2: Any,
    sets2: Any,
    set_start2: Any,
    px: Any,
    py: Any,
    sx: Any,
    sy: Any,
    reach_m: Any,
) -> Any:  # pragma: no cover - compiled
    token0, edge0, _, _ = read_point(facts0, top0, pool0, sets0, set_start0, px, py)
    token1, edge1, _, _ = read_point(facts1, top1, pool1, sets1, set_start1, px, py)
    token2, edge2, _, _ = read_point(facts2, top2, pool2, sets2, set_start2, px, py)
    found = (answer_of(token0), answer_of(token1), answer_of(token2))
    plain = not (edge0 or edge1 or edge2) and min(found) >= 0 and (found[0] > 0 or found[1] > 0)
    away_m = np.nextafter(reach_m, np.inf)
    if plain:
        stack = np.empty((STACK, 4), dtype=np.int64)
        segments = np.empty((max(facts0[CROWD], facts1[CROWD]), 6), dtype=np.int64)
        met = [(np.int64(0), 0.0)]
        away_m = search(facts0, top0, pool0, px, py, sx, sy, away_m, stack, segments, met, True)
        if found[0] == 0:
            away_m = search(facts1, top1, pool1, px, py, sx, sy, away_m, stack, segments, met, True)
    return plain, found, away_m if away_m <= reach_m else np.inf
