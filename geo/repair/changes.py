"""A change of boundaries as nodes on edges and faces that change hands; applying it leaves every other edge alone.

Boundaries are sums of directed edges with the interior on their left. To give a face to an area is to add the edges
around it; edges that run there and back cancel. So what a change does not name stays as it is, bit for bit.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

import numpy as np
import shapely

from geo.areas import Geometries
from geo.chains import Edges, edges_of, expanded
from geo.clusters import distinct
from geo.folds import unfolded
from geo.repair.noding import Floats, Index, Mask
from geo.rings import Rings, rings_of

STRANDED_SHARE: Final = 0.01
"""Pieces larger than this share of their area are no scraps: cutting them off is splitting the area."""


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """Nodes to be put on edges, in CRS units.

    Attributes
    ----------
    begin, end
        The edge of each node, shape (k, 2) each.
    place
        Its number along that edge, from ``begin``, shape (k,).
    xy
        Shape (k, 2).
    spare
        It is dropped again where nothing but its own edge meets at it, shape (k,).
    outer
        Its edge is a parent's, and must come out without nodes, shape (k,).
    """

    begin: Floats
    end: Floats
    place: Index
    xy: Floats
    spare: Mask
    outer: Mask

    def take(self, rows: Index | Mask) -> Self:
        """Return some of them."""
        return type(self)(*(column[rows] for column in self.columns()))

    def columns(self) -> tuple[Any, ...]:
        """Return all columns."""
        return self.begin, self.end, self.place, self.xy, self.spare, self.outer

    @classmethod
    def joined(cls, several: Sequence["Nodes"]) -> Self:
        """Join nodes, each once."""
        whole = cls(*(np.concatenate(column) for column in zip(*(one.columns() for one in several), strict=True)))
        keys = np.column_stack([whole.begin, whole.end, whole.place])
        return whole.take(np.unique(keys, axis=0, return_index=True)[1])


class Move(NamedTuple):
    """A face that changes hands: a polygon in CRS units; codes of who gets it ("" nobody) and who gives it up."""

    face: Any
    gainer: str
    losers: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a change made of areas.

    Attributes
    ----------
    geoms
        Boundaries after it, the same objects where nothing changed, shape (n,); None where nothing is left.
    changed
        Shape (n,).
    kept
        The nodes on edges of parents that areas need there: the parents' rings need them as well, shape (k,).
    """

    geoms: Geometries
    changed: Mask
    kept: Mask


class _Edges(NamedTuple):
    """Directed edges of many areas; areas follow each other."""

    tail: Index
    head: Index
    owner: Index


def reshape(geoms: Geometries, codes: Sequence[str], nodes: Nodes, moves: Sequence[Move]) -> Outcome:
    """Apply nodes and moves.

    Parameters
    ----------
    geoms, codes
        Every area that has one of the edges or is named by a move, shape (n,). Codes are distinct.
    """
    row_of = {code: row for row, code in enumerate(codes)}
    rings = rings_of(geoms)
    faces = rings_of(np.array([move.face for move in moves], dtype=object))
    sizes = np.cumsum([len(rings.xy), len(faces.xy), *[len(nodes.xy)] * 2])
    xy, number = distinct(np.concatenate([rings.xy, faces.xy, nodes.begin, nodes.end, nodes.xy]))
    vertex, face_vertex, begin, end, at = np.split(number, sizes)
    table = edges_of(vertex, rings.next_vertex(), len(xy))
    chains = _Chains.of(begin, end, at, nodes, table, len(xy))
    noded = expanded(vertex, rings.start, table, chains.start, chains.node)
    ahead = noded.vertex[_following(noded.start)]
    owner = np.repeat(rings.area, np.diff(noded.start))
    edges = _Edges(noded.vertex, ahead, owner)
    moved = _moved(faces, face_vertex, moves, row_of)
    edges = _cancelled(_Edges(*(np.concatenate(pair) for pair in zip(edges, moved, strict=True))), len(xy))
    edges, kept = chains.without_spares(edges, len(nodes.xy), len(xy))
    edges = _cancelled(edges, len(xy))
    before = _Edges(vertex, vertex[rings.next_vertex()], rings.area[rings.ring_of_vertex()])
    changed = _differing(_cancelled(before, len(xy)), edges, len(geoms))
    shapes = geoms.copy()
    first = np.searchsorted(edges.owner, np.arange(len(geoms) + 1))
    loops = before.tail == before.head
    for row in np.flatnonzero(changed):
        own = slice(first[row], first[row + 1])
        shape = unfolded(xy, edges.tail[own], edges.head[own])
        shapes[row] = _stuttering(shape, xy[before.tail[loops & (before.owner == row)]])
    return Outcome(shapes, changed, kept)


def reshape_whole(
    geoms: Geometries, codes: Sequence[str], families: Sequence[int], nodes: Nodes, moves: Sequence[Move]
) -> tuple[Outcome, list[Move]]:
    """Apply nodes and moves; then give scraps that were cut off from their area to the sibling with the longest border.

    Parameters
    ----------
    families
        A number for the parent of each area, shape (n,).

    Returns
    -------
    tuple
        What comes out, and the moves of pieces that were cut off.
    """
    outcome = reshape(geoms, codes, nodes, moves)
    more: list[Move] = []
    family = np.asarray(families)
    before, after = np.maximum(parts_of(geoms), 1), parts_of(outcome.geoms)
    for row in np.flatnonzero(after > before).tolist():
        pieces = sorted(shapely.get_parts(outcome.geoms[row]), key=lambda piece: -float(piece.area))
        siblings = np.flatnonzero((family == family[row]) & (np.arange(len(family)) != row) & (after > 0))
        borders = shapely.boundary(outcome.geoms[siblings])
        for piece in pieces[before[row] :]:
            if piece.area > STRANDED_SHARE * pieces[0].area:
                continue
            shared = shapely.length(shapely.intersection(shapely.boundary(piece), borders))
            if shared.max(initial=0.0) > 0:
                more.append(Move(piece, codes[siblings[int(shared.argmax())]], (codes[row],)))
    return (reshape(geoms, codes, nodes, [*moves, *more]) if more else outcome), more


def _following(start: Index) -> Index:
    """Return the place that follows each place on its ring."""
    follow = np.arange(1, start[-1] + 1)
    filled = np.diff(start) > 0
    follow[start[1:][filled] - 1] = start[:-1][filled]
    return follow


def _moved(faces: Rings, vertex: Index, moves: Sequence[Move], row_of: dict[str, int]) -> _Edges:
    """Return the edges of faces: as they run for who gets a face, against that for who gives it up."""
    ahead = vertex[faces.next_vertex()] if len(vertex) else vertex
    face = faces.area[faces.ring_of_vertex()]
    parts = [_Edges(*np.zeros((3, 0), dtype=np.int64))]
    first = np.searchsorted(face, np.arange(len(moves) + 1))
    for row, move in enumerate(moves):
        own = slice(first[row], first[row + 1])
        size = int(first[row + 1] - first[row])
        if move.gainer:
            parts.append(_Edges(vertex[own], ahead[own], np.full(size, row_of[move.gainer])))
        parts.extend(_Edges(ahead[own], vertex[own], np.full(size, row_of[code])) for code in move.losers)
    return _Edges(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _cancelled(edges: _Edges, count: int) -> _Edges:
    """Drop edges of one area that run there and back; sort the rest by area."""
    low, high = np.minimum(edges.tail, edges.head), np.maximum(edges.tail, edges.head)
    pairs, pair = np.unique(low * count + high, return_inverse=True)
    keys, key = np.unique(edges.owner * len(pairs) + pair, return_inverse=True)
    net = np.bincount(key, weights=np.sign(edges.head - edges.tail), minlength=len(keys)).astype(np.int64)
    ends, owner = pairs[keys % len(pairs)] if len(pairs) else pairs, keys // max(len(pairs), 1)
    low, high, times = ends // max(count, 1), ends % max(count, 1), np.abs(net)
    tail, head = np.where(net > 0, low, high), np.where(net > 0, high, low)
    return _Edges(*(np.repeat(column, times) for column in (tail, head, owner)))


def _stuttering(shape: Any, repeats: Floats) -> Any:
    """Repeat vertices that the boundary repeated before: edges without length cancel themselves, but are not ours."""
    if shape is None or not len(repeats):
        return shape
    times = Counter(map(tuple, repeats.tolist()))

    def ring(line: Any) -> Any:
        xy = shapely.get_coordinates(line)
        again = [times.pop(point, 0) for point in map(tuple, xy[:-1].tolist())]
        return shapely.linearrings(np.repeat(xy, [*np.add(again, 1), 1], axis=0))

    parts = [
        shapely.polygons(ring(part.exterior), [ring(hole) for hole in part.interiors] or None)
        for part in shapely.get_parts(shape)
    ]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _differing(before: _Edges, after: _Edges, count: int) -> Mask:
    """Tell which areas do not have the same edges, shape (count,). Both are sorted alike."""
    changed = np.zeros(count, dtype=bool)
    was, now = np.column_stack(before), np.column_stack(after)
    both, times = np.unique(
        np.concatenate([np.unique(was, axis=0), np.unique(now, axis=0)]), axis=0, return_counts=True
    )
    changed[both[times == 1][:, 2]] = True
    return changed


@dataclass(frozen=True, slots=True, eq=False)
class _Chains:
    """The nodes of each edge of a table, in order from its first end; and the chains they make."""

    start: Index
    node: Index
    rows: list[Index]
    whole: list[list[int]]
    spare: list[bool]
    outer: list[bool]

    @classmethod
    def of(cls, begin: Index, end: Index, at: Index, nodes: Nodes, table: Edges, count: int) -> Self:
        """Sort nodes by edge. Edges that no area has belong to parents alone."""
        place = np.where(begin < end, nodes.place, -nodes.place)
        low, high = np.minimum(begin, end), np.maximum(begin, end)
        order = np.lexsort((place, high, low))
        key = (low * count + high)[order]
        keys, first = np.unique(key, return_index=True)
        bounds = np.append(first, len(key))
        rows, whole, spare, outer = [], [], [], []
        known = table.ends[:, 0] * count + table.ends[:, 1]
        sizes = np.zeros(len(known), dtype=np.int64)
        parts = []
        for row, edge_key in enumerate(keys.tolist()):
            own = order[bounds[row] : bounds[row + 1]]
            rows.append(own)
            whole.append([edge_key // count, *at[own].tolist(), edge_key % count])
            spare.append(bool(nodes.spare[own].all()))
            outer.append(bool(nodes.outer[own].any()))
            edge = int(np.searchsorted(known, edge_key))
            if edge < len(known) and known[edge] == edge_key:
                sizes[edge] = len(own)
                parts.append(at[own])
        start = np.concatenate([[0], np.cumsum(sizes)])
        node = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        return cls(start, node, rows, whole, spare, outer)

    def without_spares(self, edges: _Edges, nodes: int, count: int) -> tuple[_Edges, Mask]:
        """Drop the nodes of edges where nothing else meets any of them.

        Returns
        -------
        tuple
            The edges, and which nodes are left on edges of parents, shape (nodes,).
        """
        beside = _neighbours(edges, {at for chain in self.whole for at in chain[1:-1]})
        dropped: set[int] = set()
        kept = np.zeros(nodes, dtype=bool)
        for rows, chain, spare, outer in zip(self.rows, self.whole, self.spare, self.outer, strict=True):
            steps = list(zip(chain[:-2], chain[1:-1], chain[2:], strict=True))
            if (spare or outer) and all(beside.get(at, set()) == {before, after} for before, at, after in steps):
                dropped.update(chain[1:-1])
            elif outer:
                kept[rows] = any(beside.get(at, set()) & {before, after} for before, at, after in steps)
        return (_contracted(edges, dropped, count) if dropped else edges), kept


def _neighbours(edges: _Edges, wanted: set[int]) -> dict[int, set[int]]:
    """Return the vertices that wanted vertices share an edge with."""
    beside: dict[int, set[int]] = {}
    here = np.isin(edges.tail, list(wanted)) | np.isin(edges.head, list(wanted))
    for tail, head in zip(edges.tail[here].tolist(), edges.head[here].tolist(), strict=True):
        beside.setdefault(tail, set()).add(head)
        beside.setdefault(head, set()).add(tail)
    return beside


def _contracted(edges: _Edges, dropped: set[int], count: int) -> _Edges:
    """Let edges run past dropped vertices."""
    gone = np.zeros(count, dtype=bool)
    gone[list(dropped)] = True
    out = {
        (owner, tail): head
        for tail, head, owner in zip(*(column[gone[edges.tail]].tolist() for column in edges), strict=True)
    }
    head = edges.head.copy()
    for row in np.flatnonzero(gone[edges.head]).tolist():
        owner = int(edges.owner[row])
        while gone[head[row]]:
            head[row] = out[owner, int(head[row])]
    stays = ~gone[edges.tail]
    return _Edges(edges.tail[stays], head[stays], edges.owner[stays])


def parts_of(geoms: Geometries) -> Index:
    """Return how many polygons each boundary has, shape (n,); 0 for None."""
    return np.where(shapely.is_missing(geoms), 0, shapely.get_num_geometries(geoms)).astype(np.int64)
