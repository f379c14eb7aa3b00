"""Boundaries with fewer vertices for maps: border by border, so that neighbours stay neighbours.

A border runs between two *nodes*, vertices where other than two edges of the layer meet. Both sides get the same
result for it, whichever way they run around it. It depends on the border alone, so after a change only the areas that
touch it have to be done again, with the same result as for the whole layer.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.lattice import degrees
from geo.mercator import DEEPEST, PIXEL, units_at, world
from geo.rings import Index, Rings, rings_of

TOLERANCE: Final = PIXEL / 2
"""In units: half a pixel."""
_HIGH: Final = 1 << 32


def simplify(geoms: Geometries, zooms: tuple[int, ...]) -> dict[int, list[bytes]]:
    """Return the boundaries of a layer for tiles.

    Parameters
    ----------
    geoms
        Polygons and MultiPolygons on the lattice (EPSG:4490), or None, shape (n,): whole areas with all their
        neighbours in the layer.
    zooms
        For which; at :data:`geo.mercator.DEEPEST` every vertex is kept.

    Returns
    -------
    dict
        By zoom, for each area its rings as :func:`packed` writes them; empty where nothing is left to see.
    """
    rings = rings_of(geoms, lattice=True)
    if not len(rings.xy):
        return {zoom: [b""] * len(geoms) for zoom in zooms}
    vertex, place = _numbered(rings)
    borders = _Borders(rings, vertex)
    made = {}
    for zoom in zooms:
        units = place * units_at(zoom)
        xy, ring = borders.drawn(units, 0.0 if zoom == DEEPEST else TOLERANCE)
        made[zoom] = packed(rings, xy, ring, len(geoms))
    return made


def packed(rings: Rings, xy: Index, ring: Index, count: int) -> list[bytes]:
    """Write the rings of each area as 32-bit integers.

    How many rings; the length of each, shells positive and holes negative; then x and y of every vertex. Shells run
    clockwise to the eye, where y runs south, as vector tiles want them.

    Parameters
    ----------
    rings
        What the vertices were made from.
    xy, ring
        Vertices in units and the ring of each, in order, shapes (v, 2) and (v,).
    count
        How many areas.
    """
    xy, lengths, twice = _turned(rings, xy, ring)
    holes = rings.is_hole()
    keep = (lengths >= 3) & (twice != 0)
    # a hole without its shell would be taken for land
    shells = keep & ~holes
    keep &= np.isin(rings.polygon, rings.polygon[shells])
    begin = np.concatenate([[0], np.cumsum(lengths)])
    flat = xy.astype("<i4")
    made = [b""] * count
    rows = np.flatnonzero(keep)
    for group in np.split(rows, np.flatnonzero(np.diff(rings.area[rows])) + 1) if len(rows) else []:
        heads = np.where(holes[group], -lengths[group], lengths[group]).astype("<i4")
        parts = [flat[begin[one] : begin[one + 1]].tobytes() for one in group.tolist()]
        made[int(rings.area[group[0]])] = b"".join([np.int32(len(group)).tobytes(), heads.tobytes(), *parts])
    return made


def _turned(rings: Rings, xy: Index, ring: Index) -> tuple[Index, Index, npt.NDArray[np.int64]]:
    """Return the vertices with shells clockwise and holes the other way, the rings' lengths and their areas, twice."""
    count = len(rings.polygon)
    lengths = np.bincount(ring, minlength=count)
    begin = np.concatenate([[0], np.cumsum(lengths)])
    place = np.arange(len(xy)) - begin[ring]
    follow = begin[ring] + (place + 1) % np.maximum(lengths[ring], 1)
    # from the ring's first vertex on: products of whole coordinates would leave 64 bits
    a, b = xy - xy[begin[ring]], xy[follow] - xy[begin[ring]]
    twice = np.zeros(count, dtype=np.int64)
    np.add.at(twice, ring, a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1])
    wrong = (twice < 0) != rings.is_hole()
    back = begin[ring] + lengths[ring] - 1 - place
    return xy[np.where(wrong[ring], back, np.arange(len(xy)))], lengths, twice


def _numbered(rings: Rings) -> tuple[Index, Any]:
    """Return the number of each vertex's place, west to east and then south to north, and where places lie."""
    key = rings.xy[:, 0] * _HIGH + rings.xy[:, 1]
    keys, vertex = np.unique(key, return_inverse=True)
    y = (keys + _HIGH // 2) % _HIGH - _HIGH // 2
    return vertex, world(degrees(np.column_stack([(keys - y) // _HIGH, y])))


def _nodes(rings: Rings, vertex: Index) -> npt.NDArray[np.bool_]:
    """Tell for each place whether other than two edges meet there."""
    other = vertex[rings.next_vertex()]
    count = int(vertex.max()) + 1
    edges = np.unique(np.minimum(vertex, other) * count + np.maximum(vertex, other))
    degree = np.bincount(edges // count, minlength=count) + np.bincount(edges % count, minlength=count)
    found: npt.NDArray[np.bool_] = degree != 2
    return found


class _Borders:
    """The rings of a layer, cut at the nodes; every border runs the same way wherever it occurs.

    Attributes
    ----------
    place
        The places of all borders' vertices, the last one of each included.
    border
        The border of each, rising.
    ring
        The ring of each border: a ring's borders follow one another.
    back
        Which borders run against their ring.
    """

    def __init__(self, rings: Rings, vertex: Index) -> None:
        ring = rings.ring_of_vertex()
        node = _nodes(rings, vertex)[vertex]
        order = self._rotated(rings, vertex, ring, node)
        begins = node[order]
        begins[rings.start[:-1][np.diff(rings.start) > 0]] = True
        first = np.flatnonzero(begins)
        self.ring = ring[first]
        lengths = np.diff([*first, len(order)]) + 1
        self.border = np.repeat(np.arange(len(first)), lengths)
        inner = np.arange(len(self.border)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        at = first[self.border] + inner
        # the last vertex is the first one of the ring's next border, or of the ring
        closing = at >= rings.start[1:][self.ring[self.border]]
        at[closing] = rings.start[:-1][self.ring[self.border]][closing]
        self.place = vertex[order][at]
        last = np.cumsum(lengths) - 1
        head, tail = self.place[last - lengths + 1], self.place[last]
        second, before = self.place[last - lengths + 2], self.place[last - 1]
        self.back = (head > tail) | ((head == tail) & (second > before))
        self.place = self.place[self._reversed(self.border, self.back)]

    @staticmethod
    def _rotated(rings: Rings, vertex: Index, ring: Index, node: npt.NDArray[np.bool_]) -> Index:
        """Return the vertices of each ring from its first node on; without one from the one furthest west."""
        rank = np.where(node, 0, vertex + 1)
        by_rank = np.lexsort([rank, ring])
        start = np.zeros(len(rings.polygon), dtype=np.int64)
        filled = np.diff(rings.start) > 0
        start[filled] = by_rank[rings.start[:-1][filled]] - rings.start[:-1][filled]
        inner = np.arange(len(ring)) - rings.start[:-1][ring]
        return rings.start[:-1][ring] + (inner + start[ring]) % np.diff(rings.start)[ring]

    @staticmethod
    def _reversed(group: Index, back: npt.NDArray[np.bool_]) -> Index:
        """Return the rows of each group, those of some groups backwards."""
        lengths = np.bincount(group, minlength=len(back))
        begin = np.cumsum(lengths) - lengths
        rows = np.arange(len(group))
        return np.where(back[group], 2 * begin[group] + lengths[group] - 1 - rows, rows)

    def drawn(self, place: Any, tolerance: float) -> tuple[Index, Index]:
        """Return the vertices that are left, in whole units and ring by ring, and the ring of each.

        Parameters
        ----------
        place
            Where places lie, in units, shape (p, 2).
        tolerance
            How far a border may move, in units.
        """
        xy, border = place[self.place], self.border
        if tolerance:
            lines = shapely.linestrings(xy, indices=border)
            xy, border = shapely.get_coordinates(
                shapely.simplify(lines, tolerance, preserve_topology=False), return_index=True
            )
        xy = np.floor(xy).astype(np.int64)
        xy = xy[self._reversed(border, self.back)]
        # the end of a border is the beginning of the next
        fresh = np.concatenate([border[1:] == border[:-1], [False]])
        fresh[:-1] &= np.any(xy[1:] != xy[:-1], axis=1)
        return xy[fresh], self.ring[border[fresh]]
