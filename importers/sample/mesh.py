"""The street mesh under the invented city: cells laid like bricks, three meeting at every node.

Each row of cells is shifted by half a cell against the next, so that a cell has six nodes and six sides and every
inner node joins exactly three cells: a union of cells never touches itself in a single point. Nodes are bent and
jittered; a cell stays star-shaped around its centre, with at least 15 degrees between a side and the lines from its
ends to the centre (a test holds it), and :mod:`importers.sample.lines` never leaves a narrower wedge: no two lines
of the city can meet but in a shared node.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.lattice import Cells
from importers.sample.dice import Ids, spread

ORIGIN_LON_CELLS: Final = 1_043_000_000
ORIGIN_LAT_CELLS: Final = 302_000_000
"""The middle of the city, 104.3 E 30.2 N, in lattice cells (1e-7 degree, EPSG:4490)."""
CELLS_PER_M_EAST: Final = 1e7 / 96_300.0
CELLS_PER_M_NORTH: Final = 1e7 / 110_860.0
CELL_SIZE_M: Final = 300.0
SIDES: Final = 6

Metres = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Nodes and cells; a cell is numbered ``row * columns + column``, row 0 in the south.

    Attributes
    ----------
    rows, columns
        Size in cells.
    seed
        What every jitter depends on.
    node_m
        Nodes in m east and north of the origin, shape ((rows + 1) * (2 * columns + 2), 2).
    """

    rows: int
    columns: int
    seed: int
    node_m: Metres

    @property
    def line_nodes(self) -> int:
        """Return the number of nodes on each line between two rows."""
        return 2 * self.columns + 2

    @property
    def horizontals(self) -> int:
        """Return the number of edges along the lines; the edges across the rows are numbered after them."""
        return (self.rows + 1) * (self.line_nodes - 1)

    @property
    def edges(self) -> int:
        """Return the number of edges."""
        return self.horizontals + self.rows * (self.columns + 1)

    def edge_nodes(self, edges: Ids) -> tuple[Ids, Ids]:
        """Return the first and last node of edges: west to east along lines, south to north across rows."""
        per_line, across = self.line_nodes - 1, self.columns + 1
        line, along = np.divmod(edges, per_line)
        row, place = np.divmod(edges - self.horizontals, across)
        upright = edges >= self.horizontals
        first = np.where(upright, row * self.line_nodes + 2 * place + row % 2, line * self.line_nodes + along)
        return first, first + np.where(upright, self.line_nodes, 1)

    def cell_nodes(self, cells: Ids) -> Ids:
        """Return the nodes of cells, shape (n, 6), counter-clockwise from the south-west."""
        row, column = np.divmod(cells, self.columns)
        south = row * self.line_nodes + 2 * column + row % 2
        north = south + self.line_nodes
        return np.stack([south, south + 1, south + 2, north + 2, north + 1, north], axis=-1)

    def cell_edges(self, cells: Ids) -> Ids:
        """Return the edges of cells, shape (n, 6), side i from node i to node i + 1; see :data:`FORWARD`."""
        row, column = np.divmod(cells, self.columns)
        south = row * (self.line_nodes - 1) + 2 * column + row % 2
        north = south + self.line_nodes - 1
        west = self.horizontals + row * (self.columns + 1) + column
        return np.stack([south, south + 1, west + 1, north + 1, north, west], axis=-1)

    def neighbours(self, cells: Ids) -> Ids:
        """Return the cells beyond the six sides, shape (n, 6); -1 beyond the rim of the mesh."""
        row, column = np.divmod(cells, self.columns)
        left = column - 1 + row % 2
        rows = np.stack([row - 1, row - 1, row, row + 1, row + 1, row], axis=-1)
        columns = np.stack([left, left + 1, column + 1, left + 1, left, column - 1], axis=-1)
        inside = (rows >= 0) & (rows < self.rows) & (columns >= 0) & (columns < self.columns)
        return np.where(inside, rows * self.columns + columns, -1)

    def centre_m(self, cells: Ids) -> Metres:
        """Return the centres of cells in m, shape (n, 2)."""
        corners = self.node_m[self.cell_nodes(cells)]
        total: Metres = corners[:, 0]
        for side in range(1, SIDES):
            total = total + corners[:, side]
        return total / SIDES

    def side_m(self, cells: Ids, side: npt.ArrayLike, along: npt.ArrayLike, out: npt.ArrayLike) -> Metres:
        """Return points in m, shape (n, 2), inside the triangle of a side and the centre.

        Parameters
        ----------
        cells, side
            The cell and its side, 0 to 5, of each point.
        along, out
            Where along the side, 0 to 1, and how far from the centre (0) to the side (1).
        """
        nodes = self.cell_nodes(cells)
        row = np.arange(len(cells))
        turn = np.broadcast_to(np.asarray(side), len(cells))
        first, last = self.node_m[nodes[row, turn]], self.node_m[nodes[row, (turn + 1) % SIDES]]
        centre = self.centre_m(cells)
        t = np.broadcast_to(np.asarray(along, dtype=np.float64), len(cells))[:, None]
        s = np.broadcast_to(np.asarray(out, dtype=np.float64), len(cells))[:, None]
        return centre + s * (first + t * (last - first) - centre)


FORWARD: Final = np.array([True, True, True, False, False, False])
"""Whether a cell, walked counter-clockwise, follows its side's edge from first to last node."""


def build_mesh(rows: int, columns: int, seed: int) -> Mesh:
    """Make a mesh of rows × columns cells of about 300 m, bent and jittered."""
    line_nodes = 2 * columns + 2
    ids = np.arange((rows + 1) * line_nodes)
    line, along = np.divmod(ids, line_nodes)
    x = along / 2 + 0.08 * spread(seed, "node east", ids) - columns / 2
    y = line + 0.09 * spread(seed, "node north", ids) - rows / 2
    # Denser and looser quarters, and a bend of the whole: gentle slopes, or cells would lose their shape.
    x, y = x + 0.34 * _wave(x / 17 + y / 97), y + 0.34 * _wave(y / 19 - x / 89)
    x, y = x + 0.007 * rows * _wave(y / (0.7 * rows)), y + 0.007 * columns * _wave(x / (0.8 * columns))
    turned = np.stack([0.98 * x - 0.19899748742132 * y, 0.19899748742132 * x + 0.98 * y], axis=1)
    return Mesh(rows, columns, seed, CELL_SIZE_M * turned)


def to_lattice(metres: Metres) -> Cells:
    """Return m east and north of the origin, shape (..., 2), as lattice cells of EPSG:4490."""
    scaled = metres * np.array([CELLS_PER_M_EAST, CELLS_PER_M_NORTH])
    return np.rint(scaled).astype(np.int64) + np.array([ORIGIN_LON_CELLS, ORIGIN_LAT_CELLS])


def _wave(z: Metres) -> Metres:
    """Return a wave of period 1 and height 1 made of parabolas: sines differ between machines in the last bit."""
    f = z - np.floor(z)
    half = np.where(f < 0.5, f, f - 0.5)
    return np.where(f < 0.5, 16.0, -16.0) * half * (0.5 - half)
