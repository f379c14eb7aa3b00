"""Extra points on long edges, so that an edge that is straight in its source system stays where it was.

A straight 1 km Gauss-Krüger edge bows 11 mm in longitude–latitude, one of 5 km 284 mm. Both neighbours of an edge must
get the very same points, so an edge is always divided from its lexicographically lower end.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import BadInput
from geo.lattice import CELL_DEG
from geo.rings import Rings

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Convert = Callable[[Floats], Floats]

MAX_BOW_DEG: Final = 0.45 * CELL_DEG
"""Below half a cell, with room for the curves that three samples do not see whole."""

_STRAIGHT_DEG: Final = 50 / 111_320
"""Edges of under 50 m are not looked at: to bow half a cell, one would have to be bent like a circle of 60 km radius,
a hundred times more than by any projection in use; the cusp of GCJ-02 moves such an edge by 3 mm."""
_TIP_DEG: Final = 0.001
"""An edge this long across the cusp of GCJ-02 has a tip of ``0.2 m · sqrt(0.0005)``, 4.5 mm or 0.4 cells, at most."""
_MOST_HALVINGS: Final = 20
_SAMPLES: Final = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Parts of edges: the edge's number, the part from ``t0`` to ``t1`` of it, and both ends in degrees."""

    edge: Index
    t0: Floats
    t1: Floats
    begin: Floats
    end: Floats


def densified(rings: Rings, converted: Floats, to_degrees: Convert, *, cusp_lon: float | None = None) -> Rings:
    """Return rings in degrees, with new vertices wherever a straight edge would bow by half a lattice cell.

    Parameters
    ----------
    rings
        Source coordinates.
    converted
        Their vertices in degrees, shape (v, 2).
    to_degrees
        Converts further points, shape (n, 2), to NaN or infinity where it cannot; each result may depend on its
        own point only.
    cusp_lon
        Degrees of a meridian where curves have a tip that samples can miss: edges are cut short there.

    Returns
    -------
    Rings
        Degrees, EPSG:4490, not snapped. Edges that are equal in the source, in either direction, get equal points.

    Raises
    ------
    BadInput
        ``crs-torn-edge`` where an edge crosses a seam, such as the 180° meridian, or ground that cannot be converted.
    """
    follow = rings.next_vertex()
    edges = np.flatnonzero(np.abs(converted[follow] - converted).max(axis=1, initial=0) > _STRAIGHT_DEG)
    if not len(edges):
        return replace(rings, xy=converted)
    low, high, turned = _from_lower_end(rings.xy[edges], rings.xy[follow[edges]])
    ends = (converted[edges], converted[follow[edges]])
    whole = _Pieces(
        edge=np.arange(len(edges)),
        t0=np.zeros(len(edges)),
        t1=np.ones(len(edges)),
        begin=np.where(turned[:, None], ends[1], ends[0]),
        end=np.where(turned[:, None], ends[0], ends[1]),
    )

    def along(edge: Index, t: Floats) -> Floats:
        return to_degrees(low[edge] + (high[edge] - low[edge]) * t[:, None])

    edge, t, points = _divide(whole, along, cusp_lon)
    order = np.lexsort((np.where(turned[edge], -t, t), edge))
    return _inserted(rings, converted, edges[edge[order]], points[order])


def _from_lower_end(a: Floats, b: Floats) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    turned = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    return np.where(turned[:, None], b, a), np.where(turned[:, None], a, b), turned


def _divide(
    pieces: _Pieces, at: Callable[[Index, Floats], Floats], cusp_lon: float | None
) -> tuple[Index, Floats, Floats]:
    """Halve pieces until none bows too much; return edge, position and degrees of every new point."""
    edges, positions, points = [], [], []
    for _ in range(_MOST_HALVINGS):
        spans = pieces.t1 - pieces.t0
        samples = [at(pieces.edge, pieces.t0 + spans * share) for share in _SAMPLES]
        _require_finite(pieces, samples)
        bent = np.max([_bow_deg(pieces, sample) for sample in samples], axis=0) > MAX_BOW_DEG
        if cusp_lon is not None:
            bent |= _is_long_across(pieces, cusp_lon)
        if not bent.any():
            break
        middle = (pieces.t0 + spans / 2)[bent]
        edges.append(pieces.edge[bent])
        positions.append(middle)
        points.append(samples[1][bent])
        pieces = _halves(pieces, bent, middle, samples[1][bent])
    else:
        raise _torn(pieces, 0)
    if not edges:
        return np.empty(0, dtype=np.int64), np.empty(0), np.empty((0, 2))
    return np.concatenate(edges), np.concatenate(positions), np.concatenate(points)


def _is_long_across(pieces: _Pieces, cusp_lon: float) -> npt.NDArray[np.bool_]:
    sides = (pieces.begin[:, 0] - cusp_lon) * (pieces.end[:, 0] - cusp_lon)
    return (sides < 0) & (np.abs(pieces.end - pieces.begin).max(axis=1) > _TIP_DEG)


def _require_finite(pieces: _Pieces, samples: list[Floats]) -> None:
    good = np.all([np.isfinite(sample).all(axis=1) for sample in samples], axis=0)
    if not good.all():
        raise _torn(pieces, int(np.argmin(good)))


def _torn(pieces: _Pieces, piece: int) -> BadInput:
    lon, lat = (float(value) for value in pieces.begin[piece])
    return BadInput("crs-torn-edge", place={"lon": lon, "lat": lat}, lon=lon, lat=lat)


def _bow_deg(pieces: _Pieces, sample: Floats) -> Floats:
    """Return how far samples lie from the chord of their piece, in degrees."""
    chord, arm = pieces.end - pieces.begin, sample - pieces.begin
    length = np.hypot(chord[:, 0], chord[:, 1])
    across = np.abs(chord[:, 0] * arm[:, 1] - chord[:, 1] * arm[:, 0])
    away = np.hypot(arm[:, 0], arm[:, 1])
    return np.divide(across, length, out=away, where=length > 0)


def _halves(pieces: _Pieces, bent: npt.NDArray[np.bool_], middle: Floats, point: Floats) -> _Pieces:
    return _Pieces(
        edge=np.concatenate([pieces.edge[bent], pieces.edge[bent]]),
        t0=np.concatenate([pieces.t0[bent], middle]),
        t1=np.concatenate([middle, pieces.t1[bent]]),
        begin=np.concatenate([pieces.begin[bent], point]),
        end=np.concatenate([point, pieces.end[bent]]),
    )


def _inserted(rings: Rings, converted: Floats, after: Index, points: Floats) -> Rings:
    """Put new points behind the vertices ``after`` (ascending)."""
    xy = np.insert(converted, after + 1, points, axis=0)
    start = rings.start + np.searchsorted(after, rings.start, side="left")
    return replace(rings, xy=xy, start=start)
