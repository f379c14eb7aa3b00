"""Stretches where two borders follow one line with different vertices."""

from dataclasses import dataclass

import numpy as np
import shapely

from geo.areas import Geometries, Texts
from geo.coverage.edges import LONELY, REPEATED, TORN, Edges, coordinates_of
from geo.coverage.everyone import Everyone
from geo.coverage.flat import Floats, Index, Mask, Rows
from geo.coverage.metric import Metric
from geo.findings import Finding, make_findings


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Stretches shared by two rows; ``left < right`` are rows of the level followed by its parents, shape (s,).

    ``begin`` and ``end`` are their ends in CRS units, shape (s, 2).
    """

    left: Rows
    right: Rows
    begin: Floats
    end: Floats

    def take(self, chosen: Mask | Index) -> "Stretches":
        """Return some of them."""
        return Stretches(self.left[chosen], self.right[chosen], self.begin[chosen], self.end[chosen])


def find_stretches(everyone: Everyone, edges: Edges, reach: float) -> Stretches:
    """Find pairs of unpaired edges that run within a lattice cell of each other along some length.

    Two areas of the level border each other where such edges run in opposite directions, an area and its own parent
    where they run in the same direction.

    Parameters
    ----------
    reach
        One cell in CRS units.
    """
    flat, group, children = everyone.flat, everyone.group, everyone.children
    half_edges = edges.marked[(edges.state[edges.marked] & REPEATED) == 0]
    row = flat.row[np.searchsorted(flat.start, half_edges, side="right") - 1]
    # A parent's edge that its own children follow can run along nothing that is asked for.
    asked = (row < children) | ((edges.state[half_edges] & TORN) != 0)
    half_edges, row = half_edges[asked], row[asked]
    state = edges.state[half_edges]
    tail, head = coordinates_of(flat, half_edges)
    one, other = _close_pairs(tail, head, reach)
    is_child = row < children
    siblings = is_child[one] & is_child[other] & _both(state, one, other, LONELY)
    kin = (is_child[one] != is_child[other]) & _both(state, one, other, TORN)
    kin &= (group[row[one]] == group[row[other]]) & (group[row[one]] >= 0)
    along = ((head - tail)[one] * (head - tail)[other]).sum(axis=1)
    # An edge that a child has with its parent can be loud because of what lies on its other side.
    kin &= ((tail[one] != tail[other]) | (head[one] != head[other])).any(axis=1)
    wanted = (row[one] != row[other]) & np.where(along < 0, siblings, kin)
    one, other = one[wanted], other[wanted]
    begin, end, coincide = _shared_part(tail[one], head[one], tail[other], head[other], reach)
    left, right = np.minimum(row[one], row[other]), np.maximum(row[one], row[other])
    return Stretches(left, right, begin, end).take(coincide)


def _both(state: np.ndarray[tuple[int], np.dtype[np.uint8]], one: Index, other: Index, flag: int) -> Mask:
    return np.asarray((state[one] & state[other] & flag) != 0)


def _close_pairs(tail: Floats, head: Floats, reach: float) -> tuple[Index, Index]:
    """Return pairs of segments whose bounding boxes come within reach of each other, each pair once."""
    low, high = np.minimum(tail, head) - reach / 2, np.maximum(tail, head) + reach / 2
    if not len(tail):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    # A diagonal has the box that is meant, and is made faster than a rectangle.
    diagonals = shapely.linestrings(np.stack([low, high], axis=1))
    one, other = shapely.STRtree(diagonals).query(diagonals)
    once = one < other
    return one[once], other[once]


def _shared_part(a: Floats, b: Floats, c: Floats, d: Floats, reach: float) -> tuple[Floats, Floats, Mask]:
    """Return the part of a–b along which c–d runs, and whether it is longer than reach and nowhere farther off.

    The longer segment serves as the line, so that its direction is well known.
    """
    swap = (np.hypot(*(d - c).T) > np.hypot(*(b - a).T))[:, None]
    a, b, c, d = np.where(swap, c, a), np.where(swap, d, b), np.where(swap, a, c), np.where(swap, b, d)
    length = np.hypot(*(b - a).T)
    along = (b - a) / length[:, None]
    across = np.column_stack([-along[:, 1], along[:, 0]])
    s, t = ((c - a) * along).sum(axis=1), ((d - a) * along).sum(axis=1)
    off_s, off_t = ((c - a) * across).sum(axis=1), ((d - a) * across).sum(axis=1)
    first, last = np.clip(np.minimum(s, t), 0, length), np.clip(np.maximum(s, t), 0, length)
    slope = np.divide(off_t - off_s, t - s, out=np.zeros_like(s), where=np.abs(t - s) > reach / 2)
    off_first, off_last = off_s + slope * (first - s), off_s + slope * (last - s)
    near = (np.abs(off_first) <= reach) & (np.abs(off_last) <= reach)
    return a + along * first[:, None], a + along * last[:, None], near & (last - first > reach)


def unmatched(
    stretches: Stretches, codes: Texts, reported: Geometries, metric: Metric, tolerance_m: float
) -> list[Finding]:
    """Return one finding for each pair that follows one line with different vertices.

    Parameters
    ----------
    codes
        Of all rows: the level, then the parents.
    reported
        Overlaps, gaps and pieces outside a parent: their rims are no findings of their own.
    """
    free = stretches.take(~_on_rim(stretches, reported, metric.cell))
    if not len(free.left):
        return []
    pairs, index = np.unique(np.column_stack([free.left, free.right]), axis=0, return_inverse=True)
    order = np.lexsort((*free.begin.T, index.ravel()))
    ends = np.stack([free.begin[order], free.end[order]], axis=1)
    lines = shapely.linestrings(ends)
    geoms = np.asarray(shapely.multilinestrings(lines, indices=index.ravel()[order]), dtype=object)
    named = [tuple(sorted((str(codes[left]), str(codes[right])))) for left, right in pairs.tolist()]
    return make_findings("unmatched_edge", named, geoms, cell=metric.cell, tolerance_m=tolerance_m)


def _on_rim(stretches: Stretches, reported: Geometries, reach: float) -> Mask:
    """Tell which stretches have their middle on a reported piece."""
    rim = np.zeros(len(stretches.left), dtype=np.bool_)
    if len(reported) and len(rim):
        middles = shapely.points((stretches.begin + stretches.end) / 2)
        rim[shapely.STRtree(reported).query(middles, predicate="dwithin", distance=reach)[0]] = True
    return rim
