"""Which street is nearest, and how near, at the crossings of a fine grid: computed once, tile by tile.

The grid's lines lie at fixed places on the lattice, about 5 m apart, so a tile does not depend on who asks for it, and
circles of neighbouring facilities and of several tiers follow the same lines.
"""

from collections import OrderedDict
from typing import Any, Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from geo.circles.walking import BIN_CELLS, Ints, Longs, Segments, bin_key, bin_of, foot
from geo.measure import metres_per_degree_at

SIDE: Final = 128
"""Points along a side of a tile."""
STEP_CELLS: Final = 450
"""From one line of the grid to the next, northwards, in lattice cells: 5.0 m."""
KEPT: Final = 640
"""Tiles that are kept at once: about 125 MB."""
SLACK_M: Final = 15.0
"""Streets are looked for so much farther than land may be from them: beyond the next crossing of the grid."""
_PER_DEGREE: Final = 1e7
_NORTHMOST_DEG: Final = 85

Singles = npt.NDArray[np.float32]


class Grid(NamedTuple):
    """Where the crossings lie: ``step_x`` and ``step_y`` lattice cells apart, counted from 0° east and north."""

    step_x: int
    step_y: int


class Pool(NamedTuple):
    """Tiles; a crossing is found at [slot, row, column].

    Attributes
    ----------
    segment
        The nearest segment, -1 where none is near.
    share
        Where on it, from 0 to 1.
    away_m
        How far away.
    """

    segment: Ints
    share: Singles
    away_m: Singles


def grid_at(lat: float) -> Grid:
    """Return the grid for a latitude (degrees): the same for a whole degree, about as wide as it is high."""
    band = max(-_NORTHMOST_DEG, min(_NORTHMOST_DEG, round(lat)))
    lon_m, lat_m = metres_per_degree_at(band)
    return Grid(round(STEP_CELLS * lat_m / lon_m), STEP_CELLS)


class Land:
    """The tiles of one network, made when they are asked for; the oldest go first."""

    def __init__(self, segments: Segments, depth_m: float) -> None:
        self._segments = segments
        self._within_m = depth_m + SLACK_M
        self._slots: OrderedDict[tuple[Grid, int, int], int] = OrderedDict()
        shape = (KEPT, SIDE, SIDE)
        # Untouched pages of an empty array take no memory.
        self.pool = Pool(np.empty(shape, np.int32), np.empty(shape, np.float32), np.empty(shape, np.float32))

    def slots(self, grid: Grid, columns: range, rows: range) -> Longs:
        """Return the slots in the pool of neighbouring tiles, valid until the next call, shape (rows, columns)."""
        found = np.empty((len(rows), len(columns)), dtype=np.int64)
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                found[i, j] = self._slot(grid, column, row)
        return found

    def _slot(self, grid: Grid, column: int, row: int) -> int:
        key = (grid, column, row)
        if key in self._slots:
            self._slots.move_to_end(key)
            return self._slots[key]
        slot = len(self._slots) if len(self._slots) < KEPT else self._slots.popitem(last=False)[1]
        self._slots[key] = slot
        self._fill(slot, grid, column, row)
        return slot

    def _fill(self, slot: int, grid: Grid, column: int, row: int) -> None:
        south = row * SIDE * grid.step_y
        lon_m, lat_m = metres_per_cell(south + SIDE * grid.step_y / 2)
        tile = Pool(*(part[slot] for part in self.pool))
        _nearest(
            self._segments, column * SIDE, row * SIDE, grid.step_x, grid.step_y, lon_m, lat_m, self._within_m, tile
        )


def tiles(low: int, high: int) -> range:
    """Return the tiles that hold crossings from ``low`` to ``high``, both included."""
    return range(low // SIDE, high // SIDE + 1)


def metres_per_cell(y: float) -> tuple[float, float]:
    """Return the m of a lattice cell eastwards and northwards, at a latitude in lattice cells."""
    lon_m, lat_m = metres_per_degree_at(y / _PER_DEGREE)
    return lon_m / _PER_DEGREE, lat_m / _PER_DEGREE


@numba.njit(cache=True, nogil=True)
def _nearest(
    segments: Any, i0: Any, j0: Any, step_x: Any, step_y: Any, lon_m: Any, lat_m: Any, within_m: Any, tile: Any
) -> None:  # pragma: no cover - compiled
    best = np.full((SIDE, SIDE), within_m * within_m)
    tile.segment[:] = -1
    wide, high = np.int64(within_m / lon_m) + 1, np.int64(within_m / lat_m) + 1
    west, south = (i0 * step_x - wide) // BIN_CELLS, (j0 * step_y - high) // BIN_CELLS
    east, north = ((i0 + SIDE) * step_x + wide) // BIN_CELLS, ((j0 + SIDE) * step_y + high) // BIN_CELLS
    for column in range(west, east + 1):
        for row in range(south, north + 1):
            place = bin_of(segments.bin_key, bin_key(column, row))
            if place < 0:
                continue
            for at in range(segments.bin_start[place], segments.bin_start[place + 1]):
                s = segments.bin_segment[at]
                _lay(segments.ends, s, i0, j0, step_x, step_y, lon_m, lat_m, wide, high, best, tile)
    for j in range(SIDE):
        for i in range(SIDE):
            tile.away_m[j, i] = np.sqrt(best[j, i])


@numba.njit(cache=True, nogil=True)
def _lay(
    ends: Any,
    s: Any,
    i0: Any,
    j0: Any,
    step_x: Any,
    step_y: Any,
    lon_m: Any,
    lat_m: Any,
    wide: Any,
    high: Any,
    best: Any,
    tile: Any,
) -> None:  # pragma: no cover - compiled
    """Offer a segment to the crossings around it; of equally near ones the first keeps the place."""
    west = max(0, (min(ends[s, 0], ends[s, 2]) - wide) // step_x - i0)
    east = min(SIDE - 1, (max(ends[s, 0], ends[s, 2]) + wide) // step_x + 1 - i0)
    south = max(0, (min(ends[s, 1], ends[s, 3]) - high) // step_y - j0)
    north = min(SIDE - 1, (max(ends[s, 1], ends[s, 3]) + high) // step_y + 1 - j0)
    for j in range(south, north + 1):
        for i in range(west, east + 1):
            away2, t = foot((i + i0) * step_x, (j + j0) * step_y, ends, s, lon_m, lat_m)
            if away2 < best[j, i] or (away2 == best[j, i] and s < tile.segment[j, i]):
                best[j, i] = away2
                tile.segment[j, i] = s
                tile.share[j, i] = t
