"""Circles of facilities: what can be walked to from each, in tiers."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries, Texts
from geo.circles.entrance import Entrance, entrance, large_pieces
from geo.circles.land import Land, Singles, grid_at, metres_per_cell, tiles
from geo.circles.profiles import SEED, Profile
from geo.circles.reach import FAR, Reached, forget, reach
from geo.circles.shapes import polygon
from geo.circles.tracing import View, Walk, spread, trace
from geo.circles.walking import MM, Floats, Ints, Longs, graph_of, segments_of
from geo.lattice import SCALE, degrees, snap
from geo.streets import StreetLines, StreetNetwork, network_of

RADIUS: Final = "radius"
"""The reason of a circle that is estimated for want of a network."""

_CORNERS: Final = 96
"""Of an estimated circle."""
_RIM: Final = 2
_STRIP_CELLS: Final = 200_000


class Around(NamedTuple):
    """The circles of one facility.

    Attributes
    ----------
    shapes
        A valid MultiPolygon for each tier, EPSG:4490 degrees on the lattice; none where it was refused.
    reason
        ``""`` for walked circles, :data:`RADIUS` for estimated ones (which know of no river), else why there are
        none: a key of :data:`geo.messages.MESSAGES`.
    snapped_m
        From the facility to where walking begins, which is not counted as walked; NaN where it does not.
    entrance
        Where walking begins, longitude and latitude on the lattice, degrees; NaN where it does not.
    on_small_piece
        Whether its streets are joined to few others, so that the circles may be too small.
    """

    shapes: tuple[shapely.MultiPolygon, ...]
    reason: str
    snapped_m: float = math.nan
    entrance: tuple[float, float] = (math.nan, math.nan)
    on_small_piece: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Circles:
    """The circles of many facilities: the fields of :class:`Around` by row.

    Attributes
    ----------
    shapes
        Shape (n, tiers); None where refused.
    reasons
        Shape (n,).
    snapped_m
        Shape (n,).
    entrances
        Degrees, shape (n, 2).
    on_small_piece
        Shape (n,).
    """

    shapes: Geometries
    reasons: Texts
    snapped_m: Floats
    entrances: Floats
    on_small_piece: npt.NDArray[np.bool_]


def circles_of(network: StreetNetwork | None, entrances: npt.ArrayLike, profile: Profile = SEED) -> Circles:
    """Return what can be walked to from facilities.

    Parameters
    ----------
    network
        None, or one without edges: circles are estimated.
    entrances
        Longitude and latitude of the facilities in degrees (EPSG:4490), shape (n, 2).
    profile
        Tiers and factors.
    """
    points = np.asarray(entrances, dtype=np.float64).reshape(-1, 2)
    walks = Walks(network, profile)
    shapes = np.full((len(points), len(profile.tiers)), None, dtype=object)
    found = [Around((), "")] * len(points)
    for row, one in walks.around(points):
        found[row] = one
        shapes[row, : len(one.shapes)] = one.shapes
    return Circles(
        shapes,
        np.array([one.reason for one in found], dtype=object),
        np.array([one.snapped_m for one in found], dtype=np.float64),
        np.array([one.entrance for one in found], dtype=np.float64).reshape(-1, 2),
        np.array([one.on_small_piece for one in found], dtype=np.bool_),
    )


class Walks:
    """A network and a profile made ready for circles; for one thread at a time.

    Parameters
    ----------
    network
        Streets; without edges, circles are estimated.
    profile
        Tiers, speed and factors.
    """

    def __init__(self, network: StreetNetwork | None, profile: Profile = SEED) -> None:
        self.profile = profile
        network = network_of(StreetLines.of(np.empty(0, dtype=object))) if network is None else network
        self._is_empty = not len(network)
        self._graph = graph_of(network, profile)
        self._segments = segments_of(network)
        self._large = large_pieces(network)
        self._land = Land(self._segments, profile.depth_m)
        self._walked = np.full(len(network.nodes), FAR, dtype=np.int64)
        self._room = _Room()

    def around(self, lonlat: npt.ArrayLike) -> Iterator[tuple[int, Around]]:
        """Yield the row and the circles of each facility, neighbours one after another.

        Parameters
        ----------
        lonlat
            Longitude and latitude of the facilities in degrees (EPSG:4490), shape (n, 2).
        """
        points = degrees(snap(lonlat)).reshape(-1, 2)
        for row in _neighbours_together(points).tolist():
            yield row, self.around_one(points[row])

    def around_one(self, lonlat: Floats) -> Around:
        """Return the circles of one facility, at degrees of shape (2,)."""
        if self._is_empty:
            return Around(_estimated(lonlat, self.profile), RADIUS)
        begin = entrance(self._segments, self._large, lonlat, self.profile.snap_m, self.profile.depth_m)
        if begin is None:
            return Around((), "circle-entrance-far")
        lon, lat = degrees(begin.cells).tolist()
        return Around(self._circles(begin), "", begin.away_m, (lon, lat), begin.on_small_piece)

    def _circles(self, begin: Entrance) -> tuple[shapely.MultiPolygon, ...]:
        within_m = [tier.limit_m + self.profile.depth_m for tier in self.profile.tiers]
        reached = reach(self._graph, begin.source, round(within_m[-1] * MM), self._walked)
        walk = Walk(self._graph, self._segments, self._walked, *begin.source, self.profile.depth_m)
        view, value, nearest = self._spread(walk, begin, reached, within_m[-1])
        shapes = []
        for limit_m in within_m:
            bounds = _bounds(view, begin, limit_m, value)
            cells, starts = trace(walk, view, limit_m, bounds, value, nearest, self._room.following)
            shapes.append(polygon(cells, starts, view.lon_m, view.lat_m))
        forget(reached, self._walked)
        return tuple(shapes)

    def _spread(self, walk: Walk, begin: Entrance, reached: Reached, within_m: float) -> tuple[View, Singles, Ints]:
        """Return the window around what is reached, the m walked to its crossings, and their nearest segments."""
        x, y = begin.cells
        grid = grid_at(y / SCALE)
        lon_m, lat_m = metres_per_cell(y)
        west, south, east, north = reached.window.tolist()
        # No walk leads farther than a straight one.
        wide, high = within_m / lon_m, within_m / lat_m
        aside, above = self.profile.depth_m / lon_m, self.profile.depth_m / lat_m
        i0, i1 = _lines(max(west - aside, x - wide), min(east + aside, x + wide), grid.step_x)
        j0, j1 = _lines(max(south - above, y - high), min(north + above, y + high), grid.step_y)
        slots = self._land.slots(grid, tiles(i0, i1), tiles(j0, j1))
        view = View(i0, j0, *grid, lon_m, lat_m)
        value, nearest = self._room.take(j1 - j0 + 1, i1 - i0 + 1)
        spread(walk, view, self._land.pool, slots, value, nearest)
        return view, value, nearest


class _Room:
    """Memory for one window after another: fresh pages would cost more than what is written to them."""

    def __init__(self) -> None:
        self._value = np.empty(0, dtype=np.float32)
        self._nearest = np.empty(0, dtype=np.int32)
        self.following = np.empty(0, dtype=np.int32)

    def take(self, rows: int, columns: int) -> tuple[Singles, Ints]:
        """Return room for the values and the nearest segments of a window."""
        size = rows * columns
        if size > len(self._value):
            self._value, self._nearest = np.empty(size, dtype=np.float32), np.empty(size, dtype=np.int32)
            self.following = np.full(2 * size, -1, dtype=np.int32)
        return self._value[:size].reshape(rows, columns), self._nearest[:size].reshape(rows, columns)


def _estimated(lonlat: Floats, profile: Profile) -> tuple[shapely.MultiPolygon, ...]:
    """Return circles without a network: of the limit divided by the detour factor, as the crow flies."""
    x, y = snap(lonlat).tolist()
    lon_m, lat_m = metres_per_cell(y)
    turn = np.arange(_CORNERS) * (2 * np.pi / _CORNERS)
    shapes = []
    for tier in profile.tiers:
        radius_m = tier.limit_m / profile.detour_factor
        cells = np.column_stack([x + radius_m / lon_m * np.cos(turn), y + radius_m / lat_m * np.sin(turn)])
        shapes.append(shapely.MultiPolygon([shapely.Polygon(degrees(np.rint(cells)))]))
    return tuple(shapes)


def _bounds(view: View, begin: Entrance, within_m: float, value: Singles) -> tuple[int, int, int, int]:
    """Return the first and last column and row of the window that a straight walk may lead to."""
    x, y = begin.cells
    west, east = _lines(x - within_m / view.lon_m, x + within_m / view.lon_m, view.step_x)
    south, north = _lines(y - within_m / view.lat_m, y + within_m / view.lat_m, view.step_y)
    rows, columns = value.shape
    return (
        max(0, west - view.i0),
        max(0, south - view.j0),
        min(columns - 1, east - view.i0),
        min(rows - 1, north - view.j0),
    )


def _lines(low: float, high: float, step: int) -> tuple[int, int]:
    """Return the grid's lines around what lies between, with a rim."""
    return int(low // step) - _RIM, int(high // step) + 1 + _RIM


def _neighbours_together(points: Floats) -> Longs:
    """Return the order in which the grid's tiles are met one after another, column by column of a few tiles."""
    cells = snap(points) // _STRIP_CELLS
    return np.lexsort((points[:, 0], points[:, 1], cells[:, 0]))
