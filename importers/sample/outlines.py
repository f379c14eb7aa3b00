"""Areas as rings of whole lines: a union of cells is made by leaving out the lines inside it, vertex for vertex.

No geometry is computed: every boundary of every level is put together from the same lines.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.lattice import degrees
from geo.rings import Rings, geoms_of
from importers.sample.dice import Ids
from importers.sample.lines import Lines
from importers.sample.mesh import FORWARD, SIDES, Mesh, Metres

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Rings of lines, sorted by area; of each polygon the shell comes first.

    Attributes
    ----------
    line, forward
        The lines of all rings in walking order (interior on the left), shape (s,), and their directions.
    start
        First line of each ring, shape (r + 1,).
    polygon, area
        Polygon and area of each ring, shape (r,).
    """

    line: Ids
    forward: Flags
    start: Ids
    polygon: Ids
    area: Ids

    def geoms(self, lines: Lines, begin: int, end: int) -> Geometries:
        """Return areas ``begin`` to ``end`` as shapely polygons in degrees (EPSG:4490)."""
        first, last = np.searchsorted(self.area, [begin, end])
        part = slice(self.start[first], self.start[last])
        xy, counts = lines.walk(self.line[part], self.forward[part])
        vertex = np.concatenate([[0], np.cumsum(counts)])
        start = vertex[self.start[first : last + 1] - self.start[first]]
        rings = Rings(degrees(xy), start, self.polygon[first:last], self.area[first:last] - begin)
        return geoms_of(rings, end - begin)


def cell_outlines(mesh: Mesh, cells: Ids) -> Outlines:
    """Return each cell as an area of its own."""
    count = np.arange(len(cells))
    start = np.arange(len(cells) + 1) * SIDES
    return Outlines(mesh.cell_edges(cells).ravel(), np.tile(FORWARD, len(cells)), start, count, count)


def sector_outlines(mesh: Mesh, cells: Ids, spokes: Ids, side: Ids) -> Outlines:
    """Return the sector between a side of a cell and two spokes as an area, for each row.

    Parameters
    ----------
    cells, side
        Cell and side, 0 to 5, of each sector.
    spokes
        Number of the first of the cell's six lines from its centre to its nodes, for each sector.
    """
    row = np.arange(len(cells))
    edge = mesh.cell_edges(cells)[row, side]
    line = np.stack([spokes + side, edge, spokes + (side + 1) % SIDES], axis=1).ravel()
    forward = np.stack([row >= 0, FORWARD[side], row < 0], axis=1).ravel()
    return Outlines(line, forward, np.arange(len(cells) + 1) * 3, row, row)


def union_outlines(mesh: Mesh, label: Ids) -> Outlines:
    """Return the unions of cells with the same label as areas; ``label`` of each cell, -1 for none."""
    area, line, forward = _borders(mesh, label)
    first, last = mesh.edge_nodes(line)
    begin, end = np.where(forward, first, last), np.where(forward, last, first)
    nodes = len(mesh.node_m)
    order = np.argsort(area * nodes + begin)
    area, line, forward, begin, end = area[order], line[order], forward[order], begin[order], end[order]
    # Three cells meet at a node, so an area's border passes it at most once and the next line is unique.
    following = np.searchsorted(area * nodes + begin, area * nodes + end)
    walk, start = _trace(following)
    rings_area = area[walk[start[:-1]]]
    is_shell = _ring_areas(mesh.node_m[begin[walk]], start) > 0
    polygon = np.cumsum(is_shell) - 1
    if not is_shell.all():
        polygon = _owners(mesh.node_m[begin[walk]], start, rings_area, is_shell, polygon)
    ranks = np.lexsort((~is_shell, polygon, rings_area))
    counts = np.diff(start)[ranks]
    offset = np.cumsum(counts) - counts
    walk = walk[np.repeat(start[:-1][ranks] - offset, counts) + np.arange(counts.sum())]
    starts = np.append(offset, counts.sum())
    return Outlines(line[walk], forward[walk], starts, polygon[ranks], rings_area[ranks])


def _borders(mesh: Mesh, label: Ids) -> tuple[Ids, Ids, Flags]:
    """Return area, line and direction of every walk along a line whose two sides differ."""
    sides = np.full((2, mesh.edges), -1)
    cells = np.flatnonzero(label >= 0)
    edges = mesh.cell_edges(cells)
    for side in range(SIDES):
        sides[0 if FORWARD[side] else 1, edges[:, side]] = label[cells]
    border = np.flatnonzero(sides[0] != sides[1])
    left, right = border[sides[0, border] >= 0], border[sides[1, border] >= 0]
    area = np.concatenate([sides[0, left], sides[1, right]])
    return area, np.concatenate([left, right]), np.arange(len(area)) < len(left)


@numba.njit(cache=True)
def _trace(following: Ids) -> tuple[Ids, Ids]:
    """Follow the cycles of a permutation; return the elements in walking order and where each cycle starts."""
    walk = np.empty(len(following), dtype=np.int64)
    start = np.zeros(len(following) + 1, dtype=np.int64)
    seen = np.zeros(len(following), dtype=np.bool_)
    n, rings = 0, 0
    for first in range(len(following)):
        if seen[first]:
            continue
        here = first
        while not seen[here]:
            seen[here] = True
            walk[n] = here
            n += 1
            here = following[here]
        rings += 1
        start[rings] = n
    return walk, start[: rings + 1]


def _ring_areas(xy: Metres, start: Ids) -> Metres:
    """Return the signed areas of rings of nodes, shape (r,): the lines between them do not change the sign."""
    follow = np.arange(1, len(xy) + 1)
    follow[start[1:] - 1] = start[:-1]
    cross = xy[:, 0] * xy[follow, 1] - xy[follow, 0] * xy[:, 1]
    return np.add.reduceat(cross, start[:-1]) / 2


def _owners(xy: Metres, start: Ids, area: Ids, is_shell: Flags, polygon: Ids) -> Ids:
    """Return the polygon of each ring, holes with the smallest shell of their area around them."""
    owner = polygon.copy()
    for hole in np.flatnonzero(~is_shell):
        shells = np.flatnonzero((area == area[hole]) & is_shell)
        shapes = shapely.polygons([shapely.linearrings(xy[start[s] : start[s + 1]]) for s in shells])
        around = shapely.covers(shapes, shapely.points(xy[start[hole]]))
        owner[hole] = polygon[shells[np.argmin(np.where(around, shapely.area(shapes), np.inf))]]
    return owner
