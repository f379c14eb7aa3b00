"""Noding around defects: edges that cross, and vertices that lie on an edge, become nodes of it.

Unlike matching, which joins what lies within a tolerance, this nodes real crossings of any depth, so that the pieces
between crossing borders become faces of one plane. Every piece of an edge is shorter than the edge, so it ends
(iterated snap rounding, Halperin and Packer 2002).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.lattice import degrees, snap

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Segment = tuple[int, int]
ROUNDS: Final = 60
NEAR_END: Final = 1.5
"""Where edges cross this many reaches from an end of theirs, the other edge is led over that end."""


@dataclass(frozen=True, slots=True, eq=False)
class Noded:
    """Edges with their nodes.

    Attributes
    ----------
    xy
        The vertices given, then the new ones where edges cross, in CRS units, shape (v, 2).
    splits
        The inner vertices of each segment that has any, from its lower vertex number to its higher one.
    """

    xy: Floats
    splits: dict[Segment, list[int]]

    def chain(self, low: int, high: int) -> list[int]:
        """Return the vertices of an edge from its lower vertex number to its higher one, ends included."""
        inner = self.splits.get((low, high))
        if inner is None:
            return [low, high]
        vertices = [low]
        for a, b in zip([low, *inner], [*inner, high], strict=True):
            piece = self.chain(min(a, b), max(a, b))
            vertices.extend(piece[1:] if a < b else piece[-2::-1])
        return vertices


def node(xy: Floats, ends: Index, reach: float, *, stands_for: Mapping[int, int], lattice: bool) -> Noded:
    """Node edges with each other.

    Parameters
    ----------
    xy
        Distinct vertices in CRS units, shape (v, 2).
    ends
        Ends of distinct edges, the lower number first, shape (e, 2).
    reach
        Vertices within this distance of an edge, in CRS units, become its nodes: at least 0.71 cells on the lattice.
    stands_for
        Vertices that stay, by the vertices that stand for them: edges that end at one of the latter run over the
        former, there and back, so that it takes the place of their end.
    lattice
        Round crossings to the lattice.
    """
    plane = _Plane(xy, reach, lattice)
    segments = plane.led_over(np.unique(ends, axis=0), stands_for)
    for _ in range(ROUNDS):
        found = plane.vertices_on(segments) or plane.crossings(segments)
        if not found:
            break
        segments = plane.split(segments, found)
    return Noded(plane.xy, plane.splits)


class _Plane:
    """Vertices that grow in number, and the segments that were split."""

    def __init__(self, xy: Floats, reach: float, lattice: bool) -> None:
        self.xy = xy
        self.reach = reach
        self.lattice = lattice
        self.splits: dict[Segment, list[int]] = {}
        self.known: dict[tuple[float, float], int] = {}
        self.absorbed = np.zeros(0, dtype=np.int64)
        self.hairs: set[Segment] = set()

    def led_over(self, segments: Index, stands_for: Mapping[int, int]) -> Index:
        """Lead segments over the vertices that their ends stand for; return the segments there are then."""
        if not stands_for:
            return segments
        self.absorbed = np.array(sorted(stands_for), dtype=np.int64)
        self.hairs = {(min(pair), max(pair)) for pair in stands_for.items()}
        found: dict[Segment, set[int]] = {}
        pieces: list[Segment] = []
        for a, b in segments.tolist():
            inner = [stands_for.get(a, a), stands_for.get(b, b)]
            chain = [vertex for vertex, before in zip([a, *inner, b], [-1, a, *inner], strict=True) if vertex != before]
            if len(chain) > 2 and b not in chain[1:-1] and a not in chain[1:-1]:
                self.splits[a, b] = chain[1:-1]
                found[a, b] = set()
                pieces.extend(_between(chain))
        whole = np.array([(a, b) not in found for a, b in segments.tolist()], dtype=bool)
        return np.unique(np.concatenate([segments[whole], np.array(pieces, dtype=np.int64).reshape(-1, 2)]), axis=0)

    def vertices_on(self, segments: Index) -> dict[Segment, set[int]]:
        """Return the vertices of segments that lie on others; hairs are run along there and back, and need none."""
        segments = self._without_hairs(segments)
        used = np.setdiff1d(segments, self.absorbed)
        lines = shapely.linestrings(self.xy[segments])
        tree = shapely.STRtree(shapely.points(self.xy[used]))
        on, point = tree.query(lines, predicate="dwithin", distance=self.reach)
        vertex = used[point]
        a, b = segments[on].T
        foreign = (vertex != a) & (vertex != b)
        a, b, vertex = a[foreign], b[foreign], vertex[foreign]
        start, along, off = self.xy[a], self.xy[b] - self.xy[a], self.xy[vertex] - self.xy[a]
        share = (off * along).sum(axis=1) / (along * along).sum(axis=1)
        whole = np.hypot(*along.T)
        longest = np.maximum(np.hypot(*off.T), np.hypot(*(self.xy[vertex] - start - along).T))
        taken = (share > 0) & (share < 1) & (longest < whole)
        return _grouped(a[taken], b[taken], vertex[taken])

    def crossings(self, segments: Index) -> dict[Segment, set[int]]:
        """Return new vertices where segments cross."""
        segments = self._without_hairs(segments)
        lines = shapely.linestrings(self.xy[segments])
        one, other = shapely.STRtree(lines).query(lines, predicate="crosses")
        once = one < other
        one, other = one[once], other[once]
        if not len(one):
            return {}
        points = shapely.get_coordinates(shapely.intersection(lines[one], lines[other]))
        if self.lattice:
            points = degrees(snap(points))
        numbers = [
            self._meeting(segments, pair, point)
            for pair, point in zip(zip(one, other, strict=True), points, strict=True)
        ]
        vertex = np.tile(np.array(numbers, dtype=np.int64), 2)
        a, b = np.concatenate([segments[one], segments[other]]).T
        inner = (vertex != a) & (vertex != b)
        a, b, vertex = a[inner], b[inner], vertex[inner]
        shorter = np.maximum(self._length(a, vertex), self._length(vertex, b)) < self._length(a, b)
        return _grouped(a[shorter], b[shorter], vertex[shorter])

    def _length(self, a: Index, b: Index) -> Floats:
        return np.asarray(np.hypot(*(self.xy[a] - self.xy[b]).T))

    def _meeting(self, segments: Index, pair: tuple[int, int], point: Floats) -> int:
        """Return the vertex where two segments cross: an end of theirs if one is near, else a new one."""
        ends = np.unique(segments[list(pair)])
        away = np.hypot(*(self.xy[ends] - point).T)
        if away.min() <= NEAR_END * self.reach:
            return int(ends[away.argmin()])
        return self._number(float(point[0]), float(point[1]), segments)

    def _without_hairs(self, segments: Index) -> Index:
        return segments[[(a, b) not in self.hairs for a, b in segments.tolist()]] if self.hairs else segments

    def _number(self, x: float, y: float, segments: Index) -> int:
        """Return the number of a vertex, a new one if need be."""
        if not self.known:
            used = np.unique(segments)
            self.known = {(px, py): int(at) for at, (px, py) in zip(used, self.xy[used].tolist(), strict=True)}
        if (x, y) not in self.known:
            self.known[x, y] = len(self.xy)
            self.xy = np.concatenate([self.xy, [[x, y]]])
        return self.known[x, y]

    def split(self, segments: Index, found: dict[Segment, set[int]]) -> Index:
        """Cut segments at vertices; return the distinct segments there are then."""
        pieces: list[Segment] = []
        for (a, b), vertices in found.items():
            along = self.xy[b] - self.xy[a]
            inner = sorted(vertices, key=lambda at: (float((self.xy[at] - self.xy[a]) @ along), at))
            self.splits[a, b] = inner
            pieces.extend(_between([a, *inner, b]))
        whole = np.array([(a, b) not in found for a, b in segments.tolist()], dtype=bool)
        # what was split in an earlier round stays split
        fresh = [piece for piece in pieces if piece not in self.splits]
        again = [part for piece in pieces if piece in self.splits for part in self._leaves(piece)]
        return np.unique(np.concatenate([segments[whole], np.array([*fresh, *again]).reshape(-1, 2)]), axis=0)

    def _leaves(self, segment: Segment) -> list[Segment]:
        return _between(Noded(self.xy, self.splits).chain(*segment))


def _between(vertices: list[int]) -> list[Segment]:
    return [(min(a, b), max(a, b)) for a, b in pairwise(vertices)]


def _grouped(a: Index, b: Index, vertex: Index) -> dict[Segment, set[int]]:
    found: dict[Segment, set[int]] = {}
    for low, high, at in zip(a.tolist(), b.tolist(), vertex.tolist(), strict=True):
        found.setdefault((low, high), set()).add(at)
    return found
