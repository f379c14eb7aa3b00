"""One point at once, compiled: the areas of the three layers of grids that cover it, and how near a border is."""

from math import inf
from typing import Any, Final, NamedTuple

import numba
import numpy as np

from geo.locate.city import CityIndex
from geo.locate.kernel import CROWD, answer_of, read_point
from geo.locate.near import STACK, met_within, search

NONE: Final = -1


class Glance(NamedTuple):
    """What a glance tells of a point that lies on no edge.

    Attributes
    ----------
    rows
        Rows of the special grid, the general grid and the microgrid that cover the point, ``NONE`` where there is
        none. Where no grid does: also of the areas above that do, the deepest first.
    border_m
        To the nearest border of the effective partition, infinite beyond the reach.
    """

    rows: tuple[int, ...]
    border_m: float

    @property
    def in_grid(self) -> bool:
        """Tell whether a grid covers the point."""
        return self.rows[0] != NONE or self.rows[1] != NONE


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
        None where the point lies on an edge, or in several areas of a layer: :mod:`geo.locate.answer` tells.
    """
    special, general, microgrid = index.layers[:3]
    plain, found, border_m = _glance(*special.cells, *general.cells, *microgrid.cells, *point, *scale_m, float(reach_m))
    if not plain:
        return None
    first, second, third = index.rows[:3]
    rows = (
        int(first[found[0] - 1]) if found[0] else NONE,
        int(second[found[1] - 1]) if found[1] else NONE,
        int(third[found[2] - 1]) if found[2] else NONE,
    )
    seen = Glance(rows, border_m)
    return seen if seen.in_grid else _above(index, seen, point, scale_m, float(reach_m))


def neighbours(
    index: CityIndex, point: tuple[int, int], scale_m: tuple[float, float], accuracy_m: float
) -> list[tuple[int, float]] | None:
    """Return row and distance in m of the general grids with an edge within accuracy; None beside a special grid."""
    special, general = (
        met_within(*index.layers[place].cells[:3], *point, *scale_m, float(accuracy_m)) for place in (0, 1)
    )
    if len(special[0]):
        return None
    nearest: dict[int, float] = {}
    for number, away_m in zip(general[0].tolist(), general[1].tolist(), strict=True):
        if number:
            row = int(index.rows[1][number - 1])
            nearest[row] = min(away_m, nearest.get(row, inf))
    return list(nearest.items())


def _above(
    index: CityIndex, grids: Glance, point: tuple[int, int], scale_m: tuple[float, float], reach_m: float
) -> Glance | None:
    """Look where no grid is: what covers the point there, and how near anything as deep ends."""
    covering, deepest, border_m = [], len(index.layers) - 1, grids.border_m
    for place in range(3, len(index.layers)):
        number, on_edge = _covered(*index.layers[place].cells, *point)
        if on_edge or number < 0:
            return None
        if number:
            deepest = min(deepest, place)
            covering.append(int(index.rows[place][number - 1]))
    for place in range(3, deepest + 1):
        border_m = min(border_m, _nearest(*index.layers[place].cells[:3], *point, *scale_m, min(border_m, reach_m)))
    # outside, a microgrid that strayed claims nothing
    return Glance((*grids.rows, *covering) if covering else (NONE,) * 3, border_m)


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
    plain = not (edge0 or edge1 or edge2) and min(found) >= 0
    away_m = np.nextafter(reach_m, np.inf)
    if plain:
        stack = np.empty((STACK, 4), dtype=np.int64)
        segments = np.empty((max(facts0[CROWD], facts1[CROWD]), 6), dtype=np.int64)
        met = [(np.int64(0), 0.0)]
        away_m = search(facts0, top0, pool0, px, py, sx, sy, away_m, stack, segments, met, True)
        if found[0] == 0:
            away_m = search(facts1, top1, pool1, px, py, sx, sy, away_m, stack, segments, met, True)
    return plain, found, away_m if away_m <= reach_m else np.inf


@numba.njit(cache=True, nogil=True)
def _covered(
    facts: Any, top: Any, pool: Any, sets: Any, set_start: Any, px: Any, py: Any
) -> Any:  # pragma: no cover - compiled
    """Return the area (row + 1) that covers a point, and whether an edge does."""
    token, on_edge, _, _ = read_point(facts, top, pool, sets, set_start, px, py)
    return answer_of(token), on_edge


@numba.njit(cache=True, nogil=True)
def _nearest(
    facts: Any, top: Any, pool: Any, px: Any, py: Any, sx: Any, sy: Any, reach_m: Any
) -> Any:  # pragma: no cover - compiled
    """Return the distance to the nearest edge of a layer, infinite beyond the reach."""
    stack = np.empty((STACK, 4), dtype=np.int64)
    segments = np.empty((facts[CROWD], 6), dtype=np.int64)
    met = [(np.int64(0), 0.0)]
    beyond_m = np.nextafter(reach_m, np.inf)
    away_m = search(facts, top, pool, px, py, sx, sy, beyond_m, stack, segments, met, True)
    return away_m if away_m <= reach_m else np.inf
