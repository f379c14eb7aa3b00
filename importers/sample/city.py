"""The invented city: coded areas of every level over one mesh of lines."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo.areas import Areas, Geometries, Texts, texts
from importers.sample.dice import Ids, bits, choice, unit
from importers.sample.lines import Lines, draw_edges, draw_spokes, join
from importers.sample.mesh import SIDES, Mesh, build_mesh
from importers.sample.outlines import Outlines, cell_outlines, sector_outlines, union_outlines
from importers.sample.partition import Partition, divide, extent
from importers.sample.tree import (
    Tree,
    city_tree,
    community_tree,
    county_tree,
    divided_grids,
    grid_tree,
    lift,
    microgrid_tree,
    town_tree,
)

OVERLOAD: Final = 1224
"""Households of the most overloaded grid."""
OVERLOADED_SHARE: Final = 0.03
LEVELS: Final = ("city", "county", "town", "community", "grid", "microgrid")


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Areas of one level, whose boundaries are made when they are asked for.

    Attributes
    ----------
    level
        The level.
    codes, parents
        Numbers, shape (n,), ascending codes; parent 0 for none.
    names
        Text, shape (n,).
    shapes
        Gives the boundaries of rows ``begin`` to ``end``, lattice degrees (EPSG:4490).
    fields
        Further columns, each of shape (n,).
    """

    level: str
    codes: Ids
    parents: Ids
    names: Texts
    shapes: Callable[[int, int], Geometries]
    fields: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.codes)

    def areas(self, begin: int = 0, end: int | None = None) -> Areas:
        """Return some rows, or all, as :class:`geo.areas.Areas`."""
        rows = slice(begin, len(self) if end is None else end)
        parents = texts([code or "" for code in self.parents[rows].tolist()])
        shapes = self.shapes(rows.start, rows.stop)
        return Areas(self.level, texts(self.codes[rows].tolist()), self.names[rows], parents, shapes)


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """Everything that files are made from.

    Attributes
    ----------
    mesh, lines
        The street mesh; its edges as lines, then six spokes for each cell with microgrids.
    trees
        Codes, names and parents by level, city to microgrid.
    layers
        The same with boundaries.
    cells, grid_of
        Cell of each grid; grid of each cell of the mesh, -1 outside the city.
    households
        Of each grid.
    divided
        Of each grid: 2 wholly divided into microgrids, 1 in part, 0 not.
    sector
        Grid row and side of each microgrid, shape (m, 2).
    enclave, exclave
        Row of the enclosed town and of the community in two pieces; -1 for none.
    """

    mesh: Mesh
    lines: Lines
    trees: Mapping[str, Tree]
    layers: Mapping[str, Layer]
    cells: Ids
    grid_of: Ids
    households: Ids
    divided: Ids
    sector: Ids
    enclave: int
    exclave: int

    @property
    def seed(self) -> int:
        """Return what every chance depends on."""
        return self.mesh.seed


@dataclass(frozen=True, slots=True, eq=False)
class _Upper:
    """The levels above grids: trees, the row of each cell, and the rows of the oddities."""

    trees: dict[str, Tree]
    rows: dict[str, Ids]
    enclave: int
    exclave: int


def build_city(grids: int, seed: int) -> City:
    """Make the city of so many grids."""
    mesh = build_mesh(*extent(grids), seed)
    upper = _upper_levels(seed, divide(mesh, grids))
    grid, cells = grid_tree(mesh, upper.trees["community"], upper.rows["community"])
    divided, sector = divided_grids(seed, grids)
    households = households_of(seed, divided)
    trees = {**upper.trees, "grid": grid, "microgrid": microgrid_tree(grid, sector)}
    spoked = np.flatnonzero(divided)
    lines = _draw(mesh, cells[spoked])
    outlines = {level: union_outlines(mesh, rows) for level, rows in upper.rows.items()}
    outlines["grid"] = cell_outlines(mesh, cells)
    spokes = mesh.edges + SIDES * np.searchsorted(spoked, sector[:, 0])
    outlines["microgrid"] = sector_outlines(mesh, cells[sector[:, 0]], spokes, sector[:, 1])
    fields: dict[str, dict[str, npt.NDArray[Any]]] = {
        "community": {"divided": np.ones(len(trees["community"].codes), dtype=bool)},
        "grid": {"divided": divided == 2, "households": households},
        "microgrid": {"households": sector_households(households)[sector[:, 0], sector[:, 1]]},
    }
    layers = {level: _layer(level, trees, outlines[level], lines, fields.get(level, {})) for level in LEVELS}
    grid_of = np.full(mesh.rows * mesh.columns, -1)
    grid_of[cells] = np.arange(grids)
    return City(mesh, lines, trees, layers, cells, grid_of, households, divided, sector, upper.enclave, upper.exclave)


def households_of(seed: int, divided: Ids) -> Ids:
    """Return the households of each grid: 300 to 500; some undivided grids hold far more, one of them 1,224."""
    row = np.arange(len(divided))
    usual = 300 + choice(seed, "households", row, 201)
    crowded = (unit(seed, "overload", row) < OVERLOADED_SHARE) & (divided == 0)
    households = np.where(crowded, 600 + choice(seed, "crowded households", row, 501), usual)
    undivided = np.flatnonzero(divided == 0)
    households[undivided[np.argmin(bits(seed, "most households", undivided))]] = OVERLOAD
    return households


def sector_households(households: Ids) -> Ids:
    """Return the households in each of the six sectors of each grid, shape (n, 6)."""
    share, rest = np.divmod(households, SIDES)
    return share[:, None] + (np.arange(SIDES) < rest[:, None])


def _upper_levels(seed: int, partition: Partition) -> _Upper:
    used = np.unique(partition.community[partition.community >= 0])
    county = county_tree(seed, int(partition.county.max()) + 1)
    town, town_row = town_tree(seed, county, partition.county)
    community, community_row = community_tree(seed, town, town_row[partition.town[used]])
    row_of_label = np.full(len(partition.town), -1)
    row_of_label[used] = community_row
    rows = {"community": np.where(partition.community >= 0, row_of_label[partition.community], -1)}
    rows["town"] = lift(community, rows["community"])
    rows["county"] = lift(town, rows["town"])
    rows["city"] = lift(county, rows["county"])
    trees = {"city": city_tree(), "county": county, "town": town, "community": community}
    enclave = int(town_row[partition.enclave]) if partition.enclave >= 0 else -1
    exclave = int(row_of_label[partition.exclave]) if partition.exclave >= 0 else -1
    return _Upper(trees, rows, enclave, exclave)


def _draw(mesh: Mesh, spoked: Ids) -> Lines:
    """Draw the edges of the mesh and the spokes of some cells."""
    spokes = SIDES * len(spoked)
    upright = mesh.edges - mesh.horizontals
    most_vertices = 10 * mesh.horizontals + 14 * upright + 6 * spokes
    return join(chain(draw_edges(mesh), [draw_spokes(mesh, spoked)]), most_vertices, mesh.edges + spokes)


def _layer(
    level: str,
    trees: Mapping[str, Tree],
    outlines: Outlines,
    lines: Lines,
    fields: Mapping[str, npt.NDArray[Any]],
) -> Layer:
    tree = trees[level]
    above = LEVELS[LEVELS.index(level) - 1]
    parents = np.zeros(1, dtype=np.int64) if level == "city" else trees[above].codes[tree.parent_row]
    return Layer(level, tree.codes, parents, tree.names, lambda begin, end: outlines.geoms(lines, begin, end), fields)
