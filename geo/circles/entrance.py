"""Where a facility is entered from: the nearest place on a street."""

from typing import Any, Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from geo.circles.land import metres_per_cell
from geo.circles.reach import Source
from geo.circles.walking import BIN_CELLS, Segments, bin_key, bin_of, foot
from geo.lattice import snap
from geo.measure import Floats
from geo.streets import StreetNetwork, components_of

SMALL_PIECE_M: Final = 1000.0
"""Streets joined to no others and shorter in all are a small piece."""

Mask = npt.NDArray[np.bool_]


class Entrance(NamedTuple):
    """Where walking begins.

    Attributes
    ----------
    source
        The place on the network.
    cells
        The same in lattice cells.
    away_m
        How far it is from the facility's point; not counted as walked.
    on_small_piece
        Whether its streets are joined to few others.
    """

    source: Source
    cells: tuple[int, int]
    away_m: float
    on_small_piece: bool


def large_pieces(network: StreetNetwork) -> Mask:
    """Tell which edges belong to a piece of some length, or to the longest one, shape (e,)."""
    length_m = np.array([piece.length_m for piece in components_of(network)])
    large = length_m >= SMALL_PIECE_M
    large[:1] = True
    return np.asarray(large[network.edge_component()], dtype=np.bool_)


def entrance(segments: Segments, large: Mask, lonlat: Floats, within_m: float, spare_m: float) -> Entrance | None:
    """Return the entrance of one facility.

    The nearest street counts; but where that is a small piece and a larger one is no more than ``spare_m`` farther
    away, the larger one.

    Parameters
    ----------
    segments, large
        The streets, and which edges are no small pieces.
    lonlat
        The facility, degrees, shape (2,).
    within_m
        How far the entrance may be.

    Returns
    -------
    Entrance or None
        None where no street is near enough.
    """
    x, y = snap(lonlat).tolist()
    lon_m, lat_m = metres_per_cell(y)
    found = _nearest_segments(segments, large, x, y, lon_m, lat_m, within_m)
    (any_segment, any_place, any_m), (large_segment, large_place, large_m) = found
    if any_segment < 0:
        return None
    to_large = large_segment >= 0 and large_m <= any_m + spare_m
    segment, place, away_m = (large_segment, large_place, large_m) if to_large else (any_segment, any_place, any_m)
    ax, ay, bx, by = segments.ends[segment].tolist()
    low, high = segments.share[segment].tolist()
    cells = round(ax + place * (bx - ax)), round(ay + place * (by - ay))
    source = Source(int(segments.edge[segment]), low + (high - low) * place)
    return Entrance(source, cells, float(away_m), not to_large)


@numba.njit(cache=True, nogil=True)
def _nearest_segments(
    segments: Any, large: Any, x: Any, y: Any, lon_m: Any, lat_m: Any, within_m: Any
) -> Any:  # pragma: no cover - compiled
    """Return segment, place on it and distance: of the nearest, and of the nearest on a large piece."""
    wide, high = np.int64(within_m / lon_m) + 1, np.int64(within_m / lat_m) + 1
    any_segment, any_place, any_m = -1, 0.0, within_m
    large_segment, large_place, large_m = -1, 0.0, within_m
    for column in range((x - wide) // BIN_CELLS, (x + wide) // BIN_CELLS + 1):
        for row in range((y - high) // BIN_CELLS, (y + high) // BIN_CELLS + 1):
            place = bin_of(segments.bin_key, bin_key(column, row))
            if place < 0:
                continue
            for at in range(segments.bin_start[place], segments.bin_start[place + 1]):
                s = segments.bin_segment[at]
                away2, t = foot(x, y, segments.ends, s, lon_m, lat_m)
                away_m = np.sqrt(away2)
                if away_m < any_m or (away_m == any_m and s < any_segment):
                    any_segment, any_place, any_m = s, t, away_m
                if large[segments.edge[s]] and (away_m < large_m or (away_m == large_m and s < large_segment)):
                    large_segment, large_place, large_m = s, t, away_m
    return (any_segment, any_place, any_m), (large_segment, large_place, large_m)
