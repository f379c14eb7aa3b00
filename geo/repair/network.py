"""The edges around findings, noded: who has which piece of them, and which faces they enclose."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import shapely

from geo.areas import Geometries
from geo.chains import Edges, edges_of, expanded
from geo.clusters import distinct
from geo.coverage.everyone import Everyone
from geo.coverage.flat import covers
from geo.repair.changes import Nodes
from geo.repair.noding import Floats, Index, Mask, Noded, node
from geo.rings import rings_of

REACH_CELLS: Final = 1.0
"""As far as the check calls two borders one line, and rounding to the lattice moves them."""
AROUND_CELLS: Final = 4.0
"""Edges this near a finding belong to it."""
Directed = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Noded edges around findings.

    Attributes
    ----------
    xy
        Vertices, shape (v, 2).
    rows
        The areas and parents that have such edges, as rows of everyone, shape (m,).
    owners
        Whose interior lies on the left of each directed piece of an edge, as rows of everyone.
    nodes
        All nodes that edges got.
    outlines
        The vertices of each edge of a parent, nodes included.
    faces
        What the pieces enclose, shape (f,).
    covering
        Which rows cover each face.
    left
        The face on the left of each directed piece.
    """

    xy: Floats
    rows: Index
    owners: dict[Directed, frozenset[int]]
    nodes: Nodes
    outlines: list[list[int]]
    faces: Geometries
    covering: list[frozenset[int]]
    left: dict[Directed, int]

    def label(self, edge: Directed) -> frozenset[int]:
        """Return which rows cover what lies on the left of a directed piece, if it has a face on either side."""
        if edge in self.left:
            return self.covering[self.left[edge]]
        back = edge[::-1]
        if back not in self.left:
            return frozenset()
        return (self.covering[self.left[back]] - self.owners.get(back, frozenset())) | self.owners.get(
            edge, frozenset()
        )


def network(everyone: Everyone, zones: Geometries, cell: float, *, reach_cells: float, lattice: bool) -> Network:
    """Node the edges around zones.

    Parameters
    ----------
    zones
        Geometries of findings, in CRS units.
    cell
        Side of a lattice cell in CRS units.
    reach_cells
        A vertex this near an edge is taken to lie on it.
    lattice
        Round new vertices to the lattice.
    """
    around = AROUND_CELLS * cell
    rows = np.unique(everyone.tree.query(zones, predicate="dwithin", distance=around)[1])
    rings = rings_of(everyone.geoms[rows])
    xy, vertex = distinct(rings.xy)
    table = edges_of(vertex, rings.next_vertex(), len(xy))
    near = _near(xy, table.ends, zones, around) & (table.ends[:, 0] != table.ends[:, 1])
    outer = _of_parents(table, rows[rings.area[rings.ring_of_vertex()]], everyone.children)
    reach = reach_cells * cell
    stands_for = _beside_corners(xy, np.unique(table.ends[near]), np.unique(table.ends[near & outer]), reach)
    if not lattice:
        beside = np.setdiff1d(_near_vertices(xy, table.ends[near], zones, around), [*stands_for, *stands_for.values()])
        stands_for |= _doubles(xy, beside, vertex, rings.area[rings.ring_of_vertex()], reach)
    noded = node(xy, table.ends[near], reach, stands_for=stands_for, lattice=lattice)
    chains = [noded.chain(low, high) for low, high in table.ends[near].tolist()]
    inner = np.zeros(len(table.ends), dtype=np.int64)
    inner[near] = [len(chain) - 2 for chain in chains]
    start = np.concatenate([[0], np.cumsum(inner)])
    flat = np.array([at for chain in chains for at in chain[1:-1]], dtype=np.int64)
    loops = expanded(vertex, rings.start, table, start, flat)
    owner = rows[np.repeat(rings.area, np.diff(loops.start))]
    ahead = loops.vertex[_next(loops.start)]
    close = near[table.edge[loops.origin]]
    owners = _owners(loops.vertex[close], ahead[close], owner[close])
    nodes = _nodes(noded, chains, outer[near], len(xy))
    pieces = {(min(edge), max(edge)) for chain in chains for edge in pairwise(chain)}
    faces, left = enclosed(noded.xy, sorted(pieces))
    closed = _Closed.of(noded.xy, loops.vertex, loops.start, rings.area, len(rows))
    covering = closed.covering(faces, rows, cell)
    outlines = [chain for chain, of_parent in zip(chains, outer[near].tolist(), strict=True) if of_parent]
    return Network(noded.xy, rows, owners, nodes, outlines, faces, covering, left)


def enclosed(xy: Floats, pieces: Sequence[Directed]) -> tuple[Geometries, dict[Directed, int]]:
    """Return the faces between noded pieces, and which face lies on the left of each directed piece."""
    if not pieces:
        return np.zeros(0, dtype=object), {}
    ends = np.array(pieces)
    faces = shapely.get_parts(shapely.polygonize(shapely.linestrings(xy[ends])))
    used = np.unique(ends)
    number = {(x, y): at for at, (x, y) in zip(used.tolist(), xy[used].tolist(), strict=True)}
    rings = rings_of(faces)
    vertex = [number[x, y] for x, y in rings.xy.tolist()]
    face = rings.area[rings.ring_of_vertex()].tolist()
    follow = rings.next_vertex().tolist()
    return faces, {(vertex[at], vertex[follow[at]]): face[at] for at in range(len(vertex))}


def _near(xy: Floats, ends: Index, zones: Geometries, distance: float) -> Mask:
    near = np.zeros(len(ends), dtype=bool)
    lines = shapely.linestrings(xy[ends])
    near[shapely.STRtree(lines).query(zones, predicate="dwithin", distance=distance)[1]] = True
    return near


def _near_vertices(xy: Floats, ends: Index, zones: Geometries, distance: float) -> Index:
    """Return the vertices of edges that lie around zones, all edges of which do as well."""
    used = np.unique(ends)
    at = shapely.STRtree(shapely.points(xy[used])).query(zones, predicate="dwithin", distance=distance)[1]
    return used[np.unique(at)]


def _beside_corners(xy: Floats, used: Index, corners: Index, reach: float) -> dict[int, int]:
    """Return for each vertex beside a corner of a parent that corner."""
    free = np.setdiff1d(used, corners)
    if not len(free) or not len(corners):
        return {}
    tree = shapely.STRtree(shapely.points(xy[corners]))
    at, corner = tree.query_nearest(shapely.points(xy[free]), max_distance=reach, all_matches=False)
    return dict(zip(free[at].tolist(), corners[corner].tolist(), strict=True))


def _doubles(xy: Floats, free: Index, vertex: Index, area: Index, reach: float) -> dict[int, int]:
    """Return for vertices that are another area's but for noise that area's vertex: the one that most areas have.

    Parameters
    ----------
    free
        The vertices that may move.
    vertex, area
        Vertex at each place of each ring, and whose ring it is.
    """
    points = shapely.points(xy[free])
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=reach)
    if not (one != other).any():
        return {}
    pairs = np.column_stack([free[one], free[other]])[one != other]
    mine = np.isin(vertex, pairs)
    having: dict[int, set[int]] = {}
    for at, row in zip(vertex[mine].tolist(), area[mine].tolist(), strict=True):
        having.setdefault(at, set()).add(row)
    beside: dict[int, list[int]] = {}
    for at, near in pairs.tolist():
        beside.setdefault(at, []).append(near)
    stands_for: dict[int, int] = {}
    kept: set[int] = set()
    for at in sorted(beside, key=lambda at: (-len(having[at]), *xy[at].tolist())):
        if at in stands_for:
            continue
        kept.add(at)
        stands_for.update(
            (near, at)
            for near in beside[at]
            if near not in kept and near not in stands_for and having[near].isdisjoint(having[at])
        )
    return stands_for


def _next(start: Index) -> Index:
    follow = np.arange(1, start[-1] + 1)
    filled = np.diff(start) > 0
    follow[start[1:][filled] - 1] = start[:-1][filled]
    return follow


def _owners(tail: Index, head: Index, owner: Index) -> dict[Directed, frozenset[int]]:
    """Return who has each directed piece and not the opposite one."""
    own = set(zip(tail.tolist(), head.tolist(), owner.tolist(), strict=True))
    found: dict[Directed, set[int]] = {}
    for a, b, row in own:
        if (b, a, row) not in own:
            found.setdefault((a, b), set()).add(row)
    return {edge: frozenset(rows) for edge, rows in found.items()}


def _of_parents(table: Edges, row: Index, children: int) -> Mask:
    """Tell which edges of a table are edges of a parent."""
    outer = np.zeros(len(table.ends), dtype=bool)
    outer[table.edge[row >= children]] = True
    return outer


def _nodes(noded: Noded, chains: list[list[int]], outer: Mask, given: int) -> Nodes:
    begin, end, place, at, parental = [], [], [], [], []
    for chain, of_parent in zip(chains, outer.tolist(), strict=True):
        for index, vertex in enumerate(chain[1:-1]):
            begin.append(chain[0])
            end.append(chain[-1])
            place.append(index)
            at.append(vertex)
            parental.append(of_parent)
    vertices = np.array(at, dtype=np.int64)
    xy = noded.xy
    low, high, places = (np.array(one, dtype=np.int64) for one in (begin, end, place))
    return Nodes(xy[low], xy[high], places, xy[vertices], vertices >= given, np.array(parental, dtype=bool))


@dataclass(frozen=True, slots=True, eq=False)
class _Closed:
    """Noded rings of many areas, closed, as the kernel of the check takes them."""

    xy: Floats
    start: Index
    first_ring: Index
    boxes: Geometries

    @classmethod
    def of(cls, xy: Floats, vertex: Index, start: Index, area: Index, count: int) -> "_Closed":
        sizes = np.diff(start)
        last = np.repeat(np.arange(len(sizes)), sizes)
        closing = np.insert(vertex, start[1:][sizes > 0], vertex[start[:-1][sizes > 0]])
        closed_start = np.concatenate([[0], np.cumsum(sizes + (sizes > 0))])
        first_ring = np.searchsorted(area, np.arange(count + 1)).astype(np.int64)
        boxes = np.full(count, None, dtype=object)
        points = xy[vertex]
        owner = area[last]
        low, high = np.full((count, 2), np.inf), np.full((count, 2), -np.inf)
        np.minimum.at(low, owner, points)
        np.maximum.at(high, owner, points)
        boxes[:] = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
        return cls(xy[closing], closed_start, first_ring, boxes)

    def covering(self, faces: Geometries, rows: Index, cell: float) -> list[frozenset[int]]:
        """Return which rows cover each face, by one point inside it."""
        found: list[set[int]] = [set() for _ in faces]
        if len(faces):
            spots = shapely.point_on_surface(faces)
            spot, area = shapely.STRtree(self.boxes).query(spots, predicate="dwithin", distance=cell)
            points = shapely.get_coordinates(spots)
            inside = covers(self.xy, self.start, self.first_ring, points, spot.astype(np.int64), area.astype(np.int64))
            for face, row in zip(spot[inside].tolist(), rows[area[inside]].tolist(), strict=True):
                found[face].add(row)
        return [frozenset(one) for one in found]
