"""Wiggly lines between nodes, the same vertices for whoever reads them: the streets of the invented city.

A line walks from its first to its last node without ever turning back, and stays in a thin diamond around the
straight way: it cannot cross itself nor, in a mesh whose angles are wide enough, any other line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.lattice import Cells
from importers.sample.dice import Ids, choice, spread
from importers.sample.mesh import Mesh, Metres, to_lattice

EDGE_SLOPE: Final = 0.2
"""Tangent of the half angle of the diamond around an edge: 11.3 degrees."""
SPOKE_SLOPE: Final = 0.05
"""The same around a line from the centre of a cell to a node: 2.9 degrees."""
_CHUNK: Final = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Many polylines.

    Attributes
    ----------
    xy
        Vertices on the lattice (EPSG:4490), int32, shape (v, 2); both end nodes included.
    start
        First vertex of each line, shape (n + 1,); the last entry is v.
    """

    xy: npt.NDArray[np.int32]
    start: Ids

    def walk(self, lines: Ids, forward: npt.NDArray[np.bool_]) -> tuple[Cells, Ids]:
        """Return the vertices of lines walked one after the other, each without its last vertex.

        Returns
        -------
        tuple
            Vertices, shape (m, 2), and the number of vertices of each line, shape (len(lines),).
        """
        first = self.start[lines]
        counts = self.start[lines + 1] - first - 1
        offset = np.cumsum(counts) - counts
        step = np.where(forward, 1, -1)
        begin = np.where(forward, first, first + counts)
        index = np.repeat(begin - step * offset, counts) + np.repeat(step, counts) * np.arange(counts.sum())
        return self.xy[index].astype(np.int64), counts


def draw_edges(mesh: Mesh) -> Iterator[Lines]:
    """Draw all edges of a mesh in parts: five to nine pieces along the rows, nine to thirteen across."""
    for begin in range(0, mesh.edges, _CHUNK):
        edges = np.arange(begin, min(begin + _CHUNK, mesh.edges))
        first, last = mesh.edge_nodes(edges)
        pieces = np.where(edges < mesh.horizontals, 5, 9) + choice(mesh.seed, "edge pieces", edges, 5)
        yield _draw(mesh.node_m[first], mesh.node_m[last], pieces, EDGE_SLOPE, mesh.seed, edges)


def draw_spokes(mesh: Mesh, cells: Ids) -> Lines:
    """Draw the six lines from each cell's centre to its nodes, in the cells' order."""
    nodes = mesh.cell_nodes(cells)
    centre = np.repeat(mesh.centre_m(cells), nodes.shape[1], axis=0)
    ids = (mesh.edges + cells[:, None] * nodes.shape[1] + np.arange(nodes.shape[1])).ravel()
    pieces = 3 + choice(mesh.seed, "spoke pieces", ids, 3)
    return _draw(centre, mesh.node_m[nodes.ravel()], pieces, SPOKE_SLOPE, mesh.seed, ids)


def join(parts: Iterator[Lines], vertices: int, lines: int) -> Lines:
    """Join parts into one; give upper bounds of vertices and lines, so that memory is taken once."""
    xy = np.empty((vertices, 2), dtype=np.int32)
    start = np.zeros(lines + 1, dtype=np.int64)
    v, n = 0, 0
    for part in parts:
        count = len(part.start) - 1
        xy[v : v + len(part.xy)] = part.xy
        start[n + 1 : n + count + 1] = v + part.start[1:]
        v, n = v + len(part.xy), n + count
    return Lines(xy[:v], start[: n + 1])


def _draw(a_m: Metres, b_m: Metres, pieces: Ids, slope: float, seed: int, ids: Ids) -> Lines:
    """Draw one line from each a to its b in so many pieces."""
    start = np.concatenate([[0], np.cumsum(pieces + 1)])
    line = np.repeat(np.arange(len(ids)), pieces + 1)
    step = np.arange(start[-1]) - start[line]
    vertex = ids[line] * 16 + step
    t = (step + 0.3 * spread(seed, "vertex along", vertex)) / pieces[line]
    way = b_m - a_m
    aside = _bow(t, line, seed, ids) + 0.4 * spread(seed, "vertex aside", vertex)
    aside *= np.minimum(slope * np.minimum(t, 1 - t), 0.08)
    normal = np.stack([-way[:, 1], way[:, 0]], axis=1)
    xy = to_lattice(a_m[line] + t[:, None] * way[line] + aside[:, None] * normal[line])
    xy[start[:-1]], xy[start[1:] - 1] = to_lattice(a_m), to_lattice(b_m)
    return Lines(xy.astype(np.int32), start)


def _bow(t: Metres, line: Ids, seed: int, ids: Ids) -> Metres:
    """Return a smooth swing within ±0.6 along each line: an arc and an S in chance shares."""
    arc = spread(seed, "line arc", ids)[line] * 0.35
    swing = spread(seed, "line swing", ids)[line] * 0.25
    return arc * 4 * t * (1 - t) + swing * 10 * t * (1 - t) * (1 - 2 * t)
