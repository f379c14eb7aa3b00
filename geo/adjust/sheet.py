"""The sheet of one operation: areas of one level and layer, cut into faces that change hands whole.

Boundaries are made anew from faces, so neighbours share them vertex by vertex, and what one gives up another gets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.adjust.drawing import Edges, metres_per_cell
from geo.adjust.lines import Index, Mask
from geo.adjust.net import Net, Piece, Pieces
from geo.adjust.scene import NOBODY, Step
from geo.adjust.state import Area, State, multi, whole
from geo.areas import Geometries
from geo.lattice import SCALE, degrees
from geo.measure import area_m2, width_m
from geo.rings import Rings, rings_of

Floats = npt.NDArray[np.float64]


@dataclass(slots=True, eq=False)
class Sheet:
    """Areas and drawn shapes, cut into faces.

    Attributes
    ----------
    state
        What the areas are taken from and put back to.
    ids
        The areas, shape (n,) as a list.
    net
        Their edges, noded.
    faces
        What the edges enclose, in the units of the net, shape (f,).
    rims
        The directed edges of the faces.
    members
        Which areas hold each face, shape (f, n).
    drawn
        Which drawn polygons hold each face, shape (f, d).
    borders
        What :meth:`neighbours` returns, once it was asked for.
    """

    state: State
    ids: list[int]
    net: Net
    faces: Geometries
    rims: Pieces
    members: Mask
    drawn: Mask
    borders: tuple[Index, Index, Floats] | None = None

    @classmethod
    def of(cls, state: State, areas: Sequence[Area], drawn: Edges | None = None, *, polygons: int = 0) -> "Sheet":
        """Cut areas along drawn edges.

        Parameters
        ----------
        drawn
            None where nothing is drawn.
        polygons
            How many polygons the drawn edges are the outlines of; 0 for lines.
        """
        geoms = np.empty(len(areas), dtype=object)
        geoms[:] = [one.geom for one in areas]
        edges = Edges.of_areas(geoms)
        net = Net.of(edges, Edges.none() if drawn is None else drawn)
        noded = np.bincount(net.areas.owner, minlength=len(geoms)) > np.bincount(edges.owner, minlength=len(geoms))
        outlines = [net.polygon(net.areas.of(at)) if noded[at] else net.flat(geoms[at]) for at in range(len(geoms))]
        faces, rims = net.faces()
        spots = shapely.point_on_surface(faces)
        members = _holding(spots, outlines)
        inside = _holding(spots, [net.polygon(net.drawn.of(at)) for at in range(polygons)])
        return cls(state, [one.id for one in areas], net, faces, rims, members, inside)

    def column(self, area: Area) -> Mask:
        """Return which faces an area holds, shape (f,)."""
        return np.array(self.members[:, self.ids.index(area.id)])

    def lonlat(self, faces: Mask) -> Any:
        """Return some faces as one geometry in degrees; None without any."""
        if not faces.any():
            return None
        return multi(shapely.union_all(self.net.lonlat(self.faces[faces])))

    def spot(self, faces: Mask) -> dict[str, float]:
        """Return a place inside the largest of some faces."""
        chosen = self.faces[faces]
        point = shapely.point_on_surface(chosen[shapely.area(chosen).argmax()])
        lon, lat = (shapely.get_coordinates(point)[0] + self.net.cells[0]).tolist()
        return {"lon": round(lon / SCALE, 7), "lat": round(lat / SCALE, 7)}

    def sizes_m2(self) -> Floats:
        """Return the m² of each face, shape (f,)."""
        return area_m2(self.net.lonlat(self.faces))

    def widths_m(self) -> Floats:
        """Return the width of each face in m, shape (f,)."""
        return width_m(self.net.lonlat(self.faces))

    def neighbours(self) -> tuple[Index, Index, Floats]:
        """Return the pairs of faces that share an edge, both ways, and the m that they share."""
        if self.borders is None:
            self.borders = self._borders()
        return self.borders

    def clusters(self, chosen: Mask) -> list[Mask]:
        """Return some faces as pieces that hang together along edges."""
        one, other, _ = self.neighbours()
        inner = chosen[one] & chosen[other]
        links: dict[int, list[int]] = {}
        for a, b in zip(one[inner].tolist(), other[inner].tolist(), strict=True):
            links.setdefault(a, []).append(b)
        left = set(np.flatnonzero(chosen).tolist())
        pieces = []
        for first in sorted(left):
            if first not in left:
                continue
            left.remove(first)
            reached, front = [first], [first]
            while front:
                found = [at for at in links.get(front.pop(), ()) if at in left]
                left.difference_update(found)
                reached.extend(dict.fromkeys(found))
                front.extend(dict.fromkeys(found))
            piece = np.zeros(len(chosen), dtype=bool)
            piece[reached] = True
            pieces.append(piece)
        return pieces

    def shared_m(self, faces: Mask, others: Mask) -> float:
        """Return the m of border between two sets of faces."""
        one, other, length_m = self.neighbours()
        return float(length_m[faces[one] & others[other]].sum())

    def settle(self, after: Mask, *, fresh: Mapping[int, int] | None = None) -> Step:
        """Give every area the faces that it is to hold, and nodes to whoever else has the same borders.

        Parameters
        ----------
        after
            Shape (f, n + k): columns of the areas of the sheet, then of the new ones.
        fresh
            The new areas by id, with the column of each. They must be in the state, without a boundary.

        Returns
        -------
        Step
            Who gained and lost how much, what overlaps and what is left. Areas left with nothing are ended by the
            caller.
        """
        ids = [*self.ids, *(fresh or {})]
        before = np.zeros_like(after)
        before[:, : len(self.ids)] = self.members
        moved = np.flatnonzero((after != before).any(axis=0)).tolist()
        shapes = {at: self._outline(after[:, at]) for at in moved}
        spare = self._spare(shapes)
        old = {at: self.state.areas[ids[at]] for at in moved}
        for at, shape in shapes.items():
            self.state.put(replace(old[at], geom=self._stored(shape, spare), digest=None))
        self.state.touch(ids[at] for at in moved)
        kind = self.state.areas[ids[0]].kind
        self.state.node(kind, self._new_nodes(shapes, spare), but=[ids[at] for at in moved])
        return self._told(ids, before, after, old)

    def _borders(self) -> tuple[Index, Index, Floats]:
        key = self._keys(self.rims.tail, self.rims.head)
        back = self._keys(self.rims.head, self.rims.tail)
        order = np.argsort(key)
        place = np.minimum(np.searchsorted(key[order], back), len(key) - 1)
        met = key[order][place] == back
        one, other = self.rims.owner[met], self.rims.owner[order[place[met]]]
        length_m = self._lengths_m(self.rims.tail[met], self.rims.head[met])
        pairs, pair = np.unique(np.column_stack([one, other]), axis=0, return_inverse=True)
        shared_m = np.bincount(pair, weights=length_m, minlength=len(pairs)).astype(np.float64)
        return pairs[:, 0], pairs[:, 1], shared_m

    def _keys(self, tail: Index, head: Index) -> Index:
        return tail * len(self.net.xy) + head

    def _lengths_m(self, tail: Index, head: Index) -> Floats:
        lat = float(degrees(self.net.cells[:, 1]).mean())
        return np.asarray(np.hypot(*((self.net.xy[tail] - self.net.xy[head]) * metres_per_cell(lat)).T))

    def _outline(self, faces: Mask) -> Any:
        own = faces[self.rims.owner]
        return self.net.polygon(Pieces(self.rims.tail[own], self.rims.head[own], self.rims.owner[own]))

    def _spare(self, shapes: Mapping[int, Any]) -> Index:
        """Return the new vertices that nothing needs: all borders that end up there run on along one stored edge."""
        sources: dict[int, set[Piece] | None] = {}
        for tail, head in self._final(shapes):
            edges = self.net.sources.get((min(tail, head), max(tail, head)))
            for vertex in (tail, head):
                if not self.net.settled[vertex]:
                    known = sources.get(vertex, edges)
                    sources[vertex] = None if known is None or edges is None else known & edges
        return np.array([vertex for vertex, edges in sources.items() if edges], dtype=np.int64)

    def _final(self, shapes: Mapping[int, Any]) -> list[Piece]:
        """Return the directed pieces of all boundaries with a new vertex at either end."""
        pieces = []
        for at in range(len(self.ids)):
            if at not in shapes:
                own = self.net.areas.of(at)
                pieces.append(np.column_stack([own.tail, own.head]))
        for shape in shapes.values():
            rings = rings_of(np.array([shape], dtype=object))
            vertex = self.net.numbers(rings.xy)
            pieces.append(np.column_stack([vertex, vertex[rings.next_vertex()]]))
        every = np.concatenate(pieces)
        return [(tail, head) for tail, head in every[~self.net.settled[every].all(axis=1)].tolist()]

    def _stored(self, shape: Any, spare: Index) -> Any:
        """Return a boundary in degrees without the vertices that nothing needs."""
        if shape is None:
            return None
        rings = rings_of(np.array([shape], dtype=object))
        keep = ~np.isin(self.net.numbers(rings.xy), spare)
        count = np.bincount(rings.ring_of_vertex()[keep], minlength=len(rings.polygon))
        start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        cells = np.rint(rings.xy[keep]).astype(np.int64) + self.net.cells[0]
        return whole(Rings(cells, start, rings.polygon, rings.area))

    def _new_nodes(self, shapes: Mapping[int, Any], spare: Index) -> Index:
        used = {vertex for piece in self._final(shapes) for vertex in piece if not self.net.settled[vertex]}
        return np.asarray(self.net.cells[sorted(used.difference(spare.tolist()))])

    def _told(self, ids: list[int], before: Mask, after: Mask, old: Mapping[int, Area]) -> Step:
        size_m2 = self.sizes_m2()
        gained, lost = after & ~before, before & ~after
        self._note_flows(ids, before, after)
        counts = before.sum(axis=1), after.sum(axis=1)
        return Step(
            op="",
            gained_m2={ids[at]: float(size_m2[gained[:, at]].sum()) for at in old if gained[:, at].any()},
            lost_m2={ids[at]: float(size_m2[lost[:, at]].sum()) for at in old if lost[:, at].any()},
            displacement_m=0.0,
            overlap=self.lonlat((counts[1] > 1) & (counts[1] > counts[0])),
            gap=self.lonlat((counts[1] == 0) & (counts[0] > 0)),
        )

    def _note_flows(self, ids: list[int], before: Mask, after: Mask) -> None:
        """Note between which areas land went: from those that gave a face up to those that got it, or have it."""
        gained, lost = after & ~before, before & ~after
        for face in np.flatnonzero(lost.any(axis=1)).tolist():
            takers = gained[face] if gained[face].any() else after[face]
            to = [ids[at] for at in np.flatnonzero(takers).tolist()] or [NOBODY]
            for giver in np.flatnonzero(lost[face]).tolist():
                self.state.flows.update({(ids[giver], taker): self.state.index for taker in to})


def _holding(spots: Geometries, polygons: Sequence[Any]) -> Mask:
    """Tell which polygons hold each point, shape (f, n)."""
    shapes = np.empty(len(polygons), dtype=object)
    shapes[:] = list(polygons)
    holding = np.zeros((len(spots), len(shapes)), dtype=bool)
    polygon, spot = shapely.STRtree(spots).query(shapes, predicate="contains")
    holding[spot, polygon] = True
    return holding
