"""The noded edges of one operation, and the faces between them."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.adjust.drawing import Edges
from geo.adjust.lines import Index, Mask, crossings, distinct, keys, through
from geo.areas import Geometries
from geo.folds import unfolded
from geo.lattice import Cells, degrees, snap
from geo.rings import rings_of

Piece = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Directed edges between numbered vertices.

    Attributes
    ----------
    tail, head
        Vertices, shape (e,).
    owner
        What each belongs to, shape (e,).
    """

    tail: Index
    head: Index
    owner: Index

    def of(self, owner: int) -> "Pieces":
        """Return those of one owner."""
        own = self.owner == owner
        return Pieces(self.tail[own], self.head[own], self.owner[own])


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """Edges of areas and drawn edges, noded with each other.

    Attributes
    ----------
    cells
        Vertices on the lattice, sorted by x, then y, shape (v, 2).
    xy
        The same in cells from the first vertex, as floats, shape (v, 2).
    settled
        Which are vertices of stored boundaries and lie on no other edge of them, shape (v,).
    areas, drawn
        Noded edges; the owner is the row of the area, or of the drawn shape.
    sources
        By undirected piece of stored edges that got nodes, those edges.
    """

    cells: Cells
    xy: npt.NDArray[np.float64]
    settled: Mask
    areas: Pieces
    drawn: Pieces
    sources: dict[Piece, set[Piece]]

    @classmethod
    def of(cls, areas: Edges, drawn: Edges) -> "Net":
        """Node edges of areas and drawn edges: they run through every vertex whose cell they meet."""
        a, b = np.concatenate([areas.a, drawn.a]), np.concatenate([areas.b, drawn.b])
        count = len(areas.a)
        met = _met(areas, drawn)
        cells, number = distinct(np.concatenate([a, b, met]))
        tail, head = number[: len(a)], number[len(a) : 2 * len(a)]
        nodes = _nodes(cells, tail, head)
        old, sources = _noded(tail[:count], head[:count], areas.owner, nodes)
        new, _ = _noded(tail[count:], head[count:], drawn.owner, nodes)
        settled = np.zeros(len(cells), dtype=bool)
        settled[tail[:count]] = True
        settled[[vertex for edge in set().union(*sources.values()) for vertex in nodes[edge]]] = False
        origin = cells[0] if len(cells) else np.zeros(2, dtype=np.int64)
        return cls(cells, (cells - origin).astype(np.float64), settled, old, new, sources)

    def polygon(self, pieces: Pieces) -> Any:
        """Return what pieces enclose, in the units of ``xy``; None where it is nothing."""
        return unfolded(self.xy, pieces.tail, pieces.head)

    def faces(self) -> tuple[Geometries, Pieces]:
        """Return the faces between all edges, and the directed edges of each with the face on their left."""
        ends, _ = _undirected(*self._ends())
        faces = shapely.get_parts(shapely.polygonize(shapely.linestrings(self.xy[ends])))
        rings = rings_of(faces)
        vertex = self.numbers(rings.xy)
        return faces, Pieces(vertex, vertex[rings.next_vertex()], rings.area[rings.ring_of_vertex()])

    def numbers(self, xy: npt.NDArray[np.float64]) -> Index:
        """Return the number of each vertex, given in the units of ``xy``."""
        wanted = keys(np.rint(xy).astype(np.int64) + self.cells[0])
        return np.searchsorted(keys(self.cells), wanted).astype(np.int64)

    def flat(self, geom: Any) -> Any:
        """Return a boundary (degrees, on the lattice) in the units of ``xy``."""
        return shapely.transform(geom, lambda xy: (snap(xy) - self.cells[0]).astype(np.float64))

    def lonlat(self, geoms: Any) -> Any:
        """Return geometries in degrees, on the lattice."""
        return shapely.transform(geoms, lambda xy: degrees(np.rint(xy).astype(np.int64) + self.cells[0]))

    def _ends(self) -> tuple[Index, Index]:
        return (
            np.concatenate([self.areas.tail, self.drawn.tail]),
            np.concatenate([self.areas.head, self.drawn.head]),
        )


def _met(areas: Edges, drawn: Edges) -> Cells:
    """Return the points where distinct edges cross."""
    a, b = np.concatenate([areas.a, drawn.a]), np.concatenate([areas.b, drawn.b])
    _, number = distinct(np.concatenate([a, b]))
    _, once = _undirected(number[: len(a)], number[len(a) :])
    return crossings(a[once], b[once])


def _undirected(tail: Index, head: Index) -> tuple[Index, Index]:
    """Return the distinct edges, the lower vertex first, shape (e, 2), and where each comes first."""
    width = int(max(tail.max(initial=0), head.max(initial=0))) + 1
    key, first = np.unique(np.minimum(tail, head) * width + np.maximum(tail, head), return_index=True)
    return np.column_stack([key // width, key % width]), first.astype(np.int64)


def _nodes(cells: Cells, tail: Index, head: Index) -> dict[Piece, list[int]]:
    """Return the nodes of each undirected edge that has some, in order from its lower vertex."""
    nodes: dict[Piece, list[int]] = {}
    ends, _ = _undirected(tail, head)
    met = through(cells[ends[:, 0]], cells[ends[:, 1]], cells)
    for line, point in zip(ends[met.line].tolist(), met.point.tolist(), strict=True):
        nodes.setdefault((line[0], line[1]), []).append(point)
    return nodes


def _noded(
    tail: Index, head: Index, owner: Index, nodes: dict[Piece, list[int]]
) -> tuple[Pieces, dict[Piece, set[Piece]]]:
    """Cut directed edges at their nodes; return the pieces, and of what edges undirected pieces are parts."""
    sources: dict[Piece, set[Piece]] = {}
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    has = np.zeros(len(tail), dtype=bool)
    if nodes:
        width = int(high.max(initial=0)) + 1
        cut = np.array([one * width + other for one, other in nodes if other < width], dtype=np.int64)
        has = np.isin(low * width + high, cut)
    tails, heads, owners = [tail[~has]], [head[~has]], [owner[~has]]
    for at in np.flatnonzero(has).tolist():
        edge = (int(low[at]), int(high[at]))
        chain = [edge[0], *nodes[edge], edge[1]]
        for piece in pairwise(chain):
            sources.setdefault((min(piece), max(piece)), set()).add(edge)
        line = np.array(chain if tail[at] == edge[0] else chain[::-1])
        tails.append(line[:-1])
        heads.append(line[1:])
        owners.append(np.full(len(line) - 1, owner[at]))
    return Pieces(np.concatenate(tails), np.concatenate(heads), np.concatenate(owners).astype(np.int64)), sources
