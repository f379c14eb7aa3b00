"""Streets that can be walked: lines as they were drawn, and the network of edges between nodes.

Identity is by coordinate: two lines are joined where they share a vertex on the lattice. :mod:`geo.street_noding`
brings drawn lines to that form; here every line is an edge already, and its ends are nodes.
"""

from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.areas import Geometries, Texts
from geo.lattice import Cells, Degrees, degrees, snap
from geo.measure import segments_m

Index = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_HALF_LON: Final = 1_800_000_000
_HALF_LAT: Final = 900_000_000


@dataclass(frozen=True, slots=True, eq=False)
class StreetLines:
    """Walkable lines; row ``i`` of every column is one line.

    Attributes
    ----------
    start
        Where the vertices of each line begin in ``cells``, shape (n + 1,).
    cells
        Vertices in lattice cells (EPSG:4490), shape (v, 2).
    way_ids
        The way or the row that a line came from, shape (n,).
    classes
        The class of the way, such as ``"footway"`` or ``"residential"``, shape (n,).
    steps
        Whether it is a stairway, shape (n,).
    layers
        0 on the ground, above it for bridges, below it for tunnels, shape (n,).
    inclines
        Rise over run in the direction of the line, 0 where unknown, shape (n,).
    """

    start: Index
    cells: Cells
    way_ids: Index
    classes: Texts
    steps: Mask
    layers: npt.NDArray[np.int16]
    inclines: Floats

    def __len__(self) -> int:
        return len(self.way_ids)

    @classmethod
    def of(
        cls,
        shapes: Geometries,
        *,
        way_ids: Any = None,
        classes: Any = None,
        steps: Any = None,
        layers: Any = None,
        inclines: Any = None,
    ) -> Self:
        """Take LineStrings (EPSG:4490, degrees), snapped to the lattice; what is not said is a level ground path."""
        count = len(shapes)
        xy, line = shapely.get_coordinates(np.asarray(shapes, dtype=object), return_index=True)
        names = np.empty(count, dtype=object)
        names[:] = ["path"] * count if classes is None else list(classes)
        return cls(
            np.concatenate([[0], np.cumsum(np.bincount(line, minlength=count))]).astype(np.int64),
            snap(xy).reshape(-1, 2),
            np.arange(1, count + 1, dtype=np.int64) if way_ids is None else np.asarray(way_ids, dtype=np.int64),
            names,
            np.zeros(count, dtype=np.bool_) if steps is None else np.asarray(steps, dtype=np.bool_),
            np.zeros(count, dtype=np.int16) if layers is None else np.asarray(layers, dtype=np.int16),
            np.zeros(count) if inclines is None else np.asarray(inclines, dtype=np.float64),
        )

    def shapes(self) -> Geometries:
        """Return the lines as LineStrings in degrees, shape (n,)."""
        row = np.repeat(np.arange(len(self)), np.diff(self.start))
        if not len(self):
            return np.empty(0, dtype=object)
        return np.asarray(shapely.linestrings(degrees(self.cells), indices=row), dtype=object)

    def take(self, rows: npt.ArrayLike) -> Self:
        """Return some lines, by index or mask."""
        index = np.arange(len(self))[np.asarray(rows)]
        start, vertex = ragged(self.start, index)
        rest = {one.name: getattr(self, one.name)[index] for one in fields(self)[2:]}
        return type(self)(start, self.cells[vertex], **rest)


@dataclass(frozen=True, slots=True, eq=False)
class StreetNetwork:
    """A walkable network: edges between nodes, both directions open to walkers.

    Equal edges in any order give an equal network: nodes are sorted by longitude and latitude, and so are edges by
    their nodes and vertices. Several edges may join the same two nodes, and an edge may lead back to its node.

    Attributes
    ----------
    nodes
        Longitude and latitude, degrees EPSG:4490 on the lattice, shape (n, 2).
    edge_from, edge_to
        The nodes at the ends of each edge, shape (e,); ``edge_from <= edge_to``.
    start
        Where the vertices of each edge begin in ``xy``, shape (e + 1,).
    xy
        Vertices of the edges from their first node to their last, both included, degrees, shape (v, 2).
    length_m
        Length of each edge along its vertices in m, shape (e,).
    classes, steps, layers, inclines, way_ids
        As in :class:`StreetLines`, shape (e,); an incline is the rise over run from ``edge_from`` to ``edge_to``.
    component
        The piece of the network that each node belongs to, shape (n,): 0 is the longest, then by falling length.
    """

    nodes: Degrees
    edge_from: Index
    edge_to: Index
    start: Index
    xy: Degrees
    length_m: Floats
    classes: Texts
    steps: Mask
    layers: npt.NDArray[np.int16]
    inclines: Floats
    way_ids: Index
    component: Index

    def __len__(self) -> int:
        return len(self.edge_from)

    def edge_component(self) -> Index:
        """Return the piece of the network that each edge belongs to, shape (e,)."""
        return self.component[self.edge_from]

    def shapes(self) -> Geometries:
        """Return the edges as LineStrings in degrees, shape (e,)."""
        if not len(self):
            return np.empty(0, dtype=object)
        row = np.repeat(np.arange(len(self)), np.diff(self.start))
        return np.asarray(shapely.linestrings(self.xy, indices=row), dtype=object)


class Component(NamedTuple):
    """One piece of a network that is joined to no other."""

    nodes: int
    edges: int
    length_m: float


def network_of(edges: StreetLines) -> StreetNetwork:
    """Join edges at their ends.

    Parameters
    ----------
    edges
        Lines that meet at their ends only (:func:`geo.street_noding.noded`); those of one place, equal vertex by
        vertex, should be there once.
    """
    lines = _in_order(edges)
    ends = np.stack([lines.start[:-1], lines.start[1:] - 1]) if len(lines) else np.empty((2, 0), dtype=np.int64)
    keys, node = np.unique(pack(lines.cells[ends.ravel()]), return_inverse=True)
    edge_from, edge_to = node.reshape(2, -1).astype(np.int64)
    xy = degrees(lines.cells)
    length_m = _lengths_m(xy, lines.start)
    return StreetNetwork(
        degrees(unpack(keys)),
        edge_from,
        edge_to,
        lines.start,
        xy,
        length_m,
        lines.classes,
        lines.steps,
        lines.layers,
        lines.inclines,
        lines.way_ids,
        _components(len(keys), edge_from, edge_to, length_m),
    )


def components_of(network: StreetNetwork) -> list[Component]:
    """Return the pieces of a network, the longest first."""
    edge = network.edge_component()
    count = int(network.component.max()) + 1 if len(network.component) else 0
    nodes = np.bincount(network.component, minlength=count)
    edges = np.bincount(edge, minlength=count)
    length_m = np.bincount(edge, weights=network.length_m, minlength=count)
    return [Component(*row) for row in zip(nodes.tolist(), edges.tolist(), length_m.tolist(), strict=True)]


def pack(cells: Cells) -> Index:
    """Return one integer for each lattice point, shape (n,), sorted as by longitude, then latitude."""
    packed: Index = ((cells[:, 0] + _HALF_LON) << 31) | (cells[:, 1] + _HALF_LAT)
    return packed


def unpack(keys: Index) -> Cells:
    """Return the lattice points of :func:`pack`, shape (n, 2)."""
    return np.column_stack([(keys >> 31) - _HALF_LON, (keys & ((1 << 31) - 1)) - _HALF_LAT])


def ragged(start: Index, rows: Index) -> tuple[Index, Index]:
    """Return where the vertices of chosen lines begin once they lie one after another, and which vertices they are."""
    counts = start[rows + 1] - start[rows]
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return first, np.repeat(start[rows] - first[:-1], counts) + np.arange(first[-1])


def joined(first: StreetLines, *others: StreetLines) -> StreetLines:
    """Return the lines of all of them, the first ones first."""
    parts = (first, *others)
    counts = np.concatenate([np.diff(part.start) for part in parts])
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    rest = {one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(first)[1:]}
    return StreetLines(start, **rest)


def _in_order(lines: StreetLines) -> StreetLines:
    """Turn each line so that it begins at its lower end, and sort them by ends, vertices and class."""
    if not len(lines):
        return lines
    same = turned(lines)
    key = pack(same.cells)
    first, last = key[same.start[:-1]], key[same.start[1:] - 1]
    second, before = key[same.start[:-1] + 1], key[same.start[1:] - 2]
    count = np.diff(same.start)
    middle = key[same.start[:-1] + count // 2]
    _, named = np.unique(same.classes.astype(str), return_inverse=True)
    order = np.lexsort((same.way_ids, same.layers, same.steps, named, middle, before, count, second, last, first))
    return same.take(order)


def turned(lines: StreetLines) -> StreetLines:
    """Turn each line so that it begins at its western end; a loop, at the lower of the two ways round."""
    key = pack(lines.cells)
    first, last = key[lines.start[:-1]], key[lines.start[1:] - 1]
    second, before = key[lines.start[:-1] + 1], key[lines.start[1:] - 2]
    back = (first > last) | ((first == last) & (second > before))
    counts = np.diff(lines.start)
    row = np.repeat(np.arange(len(lines)), counts)
    place = np.arange(len(key))
    mirrored = lines.start[row] + lines.start[row + 1] - 1 - place
    cells = lines.cells[np.where(back[row], mirrored, place)]
    inclines = np.where(back, -lines.inclines, lines.inclines)
    return StreetLines(lines.start, cells, lines.way_ids, lines.classes, lines.steps, lines.layers, inclines + 0.0)


def _lengths_m(xy: Degrees, start: Index) -> Floats:
    if not len(xy):
        return np.empty(0)
    row = np.repeat(np.arange(len(start) - 1), np.diff(start))
    joined = row[1:] == row[:-1]
    segment_m = segments_m(xy[:-1][joined], xy[1:][joined])
    return np.bincount(row[1:][joined], weights=segment_m, minlength=len(start) - 1).astype(np.float64)


def _components(nodes: int, edge_from: Index, edge_to: Index, length_m: Floats) -> Index:
    graph = coo_array((np.ones(len(edge_from)), (edge_from, edge_to)), shape=(nodes, nodes)).tocsr()
    if not nodes:
        return np.empty(0, dtype=np.int64)
    count, label = connected_components(graph, directed=False)
    total_m = np.bincount(label[edge_from], weights=length_m, minlength=count)
    first = np.full(count, nodes)
    np.minimum.at(first, label, np.arange(nodes))
    rank = np.empty(count, dtype=np.int64)
    # equal lengths are told apart by their western node, so that labels do not depend on SciPy's order
    rank[np.lexsort((first, -total_m))] = np.arange(count)
    return np.asarray(rank[label], dtype=np.int64)
