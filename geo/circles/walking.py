"""A street network made ready for walking: what its edges cost, its segments, and where they lie."""

from typing import Any, Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from geo.circles.profiles import Profile
from geo.lattice import snap
from geo.measure import segments_m
from geo.streets import StreetNetwork

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BIN_CELLS: Final = 57_600
"""Side of a bin of segments in lattice cells: about 640 m from south to north."""
MM: Final = 1000.0
_STEEPEST: Final = 0.5
_BIN_SHIFT: Final = 32


class Graph(NamedTuple):
    """What walking costs, in mm on level ground: whole numbers, so that sums do not depend on their order.

    Attributes
    ----------
    start, to, cost, edge
        The ways out of node ``i`` are rows ``start[i]`` to ``start[i + 1]``: where they lead, what they cost, by
        which edge.
    edge_from, edge_to
        The nodes at the ends of each edge.
    forward, backward
        What each edge costs from its first node to its last, and back.
    box
        West, south, east and north of each edge in lattice cells, shape (e, 4).
    """

    start: Ints
    to: Ints
    cost: Ints
    edge: Ints
    edge_from: Ints
    edge_to: Ints
    forward: Ints
    backward: Ints
    box: Ints


class Segments(NamedTuple):
    """Straight pieces of edges.

    Attributes
    ----------
    ends
        Longitude and latitude of both ends in lattice cells, shape (s, 4).
    edge
        The edge that each belongs to.
    share
        Where both ends lie on the edge, from 0 at its first node to 1 at its last, shape (s, 2).
    bin_key, bin_start, bin_segment
        The bins that hold segments, sorted, and the segments whose boxes meet each.
    """

    ends: Ints
    edge: Ints
    share: Floats
    bin_key: Longs
    bin_start: Longs
    bin_segment: Ints


def graph_of(network: StreetNetwork, profile: Profile) -> Graph:
    """Return what walking the network costs."""
    forward, backward = costs_mm(network, profile)
    here = np.concatenate([network.edge_from, network.edge_to])
    there = np.concatenate([network.edge_to, network.edge_from])
    cost = np.concatenate([forward, backward])
    order = np.lexsort((cost, there, here))
    edges = np.tile(np.arange(len(network)), 2)
    start = np.concatenate([[0], np.cumsum(np.bincount(here, minlength=len(network.nodes)))])
    cells = snap(network.xy)
    # reduceat wants no empty slices; every edge has two vertices at least.
    first = network.start[:-1]
    low, high = (
        way.reduceat(cells, first, axis=0) if len(first) else np.empty((0, 2)) for way in (np.minimum, np.maximum)
    )
    return Graph(
        _narrow(start),
        _narrow(there[order]),
        _narrow(cost[order]),
        _narrow(edges[order]),
        _narrow(network.edge_from),
        _narrow(network.edge_to),
        _narrow(forward),
        _narrow(backward),
        _narrow(np.column_stack([low, high])),
    )


def _narrow(column: npt.NDArray[Any]) -> Ints:
    return column.astype(np.int32)


def costs_mm(network: StreetNetwork, profile: Profile) -> tuple[Longs, Longs]:
    """Return what each edge costs there and back, in mm on level ground."""
    slope = np.where(network.steps, 0.0, np.clip(network.inclines, -_STEEPEST, _STEEPEST))
    factor = np.where(network.steps, profile.stairs_factor, 1.0)
    forward = network.length_m * (factor + profile.slope_factor * np.maximum(slope, 0))
    backward = network.length_m * (factor + profile.slope_factor * np.maximum(-slope, 0))
    return tuple(np.rint(way * MM).astype(np.int64) for way in (forward, backward))  # type: ignore[return-value]


def segments_of(network: StreetNetwork) -> Segments:
    """Return the network's segments, found by bins."""
    row = np.repeat(np.arange(len(network)), np.diff(network.start))
    joined = row[1:] == row[:-1] if len(row) else np.empty(0, dtype=np.bool_)
    a, b = network.xy[:-1][joined], network.xy[1:][joined]
    edge = row[1:][joined]
    own_m = segments_m(a, b)
    before_m = np.concatenate([[0.0], np.cumsum(own_m)])
    first = np.searchsorted(edge, np.arange(len(network)))
    total_m = np.bincount(edge, weights=own_m, minlength=len(network))[edge]
    along_m = before_m[:-1] - before_m[first[edge]]
    low, high = (
        np.divide(part, total_m, out=np.zeros_like(part), where=total_m > 0) for part in (along_m, along_m + own_m)
    )
    ends = np.column_stack([snap(a), snap(b)]).astype(np.int32).reshape(-1, 4)
    share = np.clip(np.column_stack([low, high]), 0.0, 1.0)
    return Segments(ends, edge.astype(np.int32), share, *_binned(ends))


def _binned(ends: Ints) -> tuple[Longs, Longs, Ints]:
    keys = np.empty(int(_count_bins(ends)), dtype=np.int64)
    segment = np.empty(len(keys), dtype=np.int32)
    _fill_bins(ends, keys, segment)
    order = np.argsort(keys, kind="stable")
    key, start = np.unique(keys[order], return_index=True)
    return key, np.append(start, len(keys)).astype(np.int64), segment[order]


@numba.njit(cache=True, nogil=True, inline="always")
def bin_key(column: Any, row: Any) -> Any:  # pragma: no cover - compiled
    """Return one number for a bin."""
    return (np.int64(column) << _BIN_SHIFT) + np.int64(row)


@numba.njit(cache=True, nogil=True)
def _count_bins(ends: Any) -> Any:  # pragma: no cover - compiled
    count = 0
    for i in range(len(ends)):
        columns = abs(ends[i, 0] // BIN_CELLS - ends[i, 2] // BIN_CELLS) + 1
        count += columns * (abs(ends[i, 1] // BIN_CELLS - ends[i, 3] // BIN_CELLS) + 1)
    return count


@numba.njit(cache=True, nogil=True)
def _fill_bins(ends: Any, keys: Any, segment: Any) -> None:  # pragma: no cover - compiled
    at = 0
    for i in range(len(ends)):
        west, east = min(ends[i, 0], ends[i, 2]) // BIN_CELLS, max(ends[i, 0], ends[i, 2]) // BIN_CELLS
        south, north = min(ends[i, 1], ends[i, 3]) // BIN_CELLS, max(ends[i, 1], ends[i, 3]) // BIN_CELLS
        for column in range(west, east + 1):
            for row in range(south, north + 1):
                keys[at], segment[at] = bin_key(column, row), i
                at += 1


@numba.njit(cache=True, nogil=True)
def bin_of(keys: Any, key: Any) -> Any:  # pragma: no cover - compiled
    """Return the place of a bin, -1 where it holds no segment."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low if low < len(keys) and keys[low] == key else -1


@numba.njit(cache=True, nogil=True, inline="always")
def foot(px: Any, py: Any, ends: Any, segment: Any, lon_m: Any, lat_m: Any) -> Any:  # pragma: no cover - compiled
    """Return :func:`foot_on` of a point and a segment, both in lattice cells."""
    ax, ay = float(ends[segment, 0]), float(ends[segment, 1])
    return foot_on(px - ax, py - ay, float(ends[segment, 2]) - ax, float(ends[segment, 3]) - ay, lon_m, lat_m)


@numba.njit(cache=True, nogil=True, inline="always")
def foot_on(px: Any, py: Any, dx: Any, dy: Any, lon_m: Any, lat_m: Any) -> Any:  # pragma: no cover - compiled
    """Return the squared distance (m²) from a point to a segment, and where on it the nearest point lies (0 to 1).

    Both in lattice cells from the segment's first end; a cell is ``lon_m`` by ``lat_m`` in m. At an end the distance
    is that to the vertex itself, whatever the segment, so segments that meet there are equally near.
    """
    ux, uy = dx * lon_m, dy * lat_m
    along = ux * ux + uy * uy
    t = 0.0
    if along > 0:
        t = min(1.0, max(0.0, (px * lon_m * ux + py * lat_m * uy) / along))
    rx, ry = (px - t * dx) * lon_m, (py - t * dy) * lat_m
    return rx * rx + ry * ry, t
