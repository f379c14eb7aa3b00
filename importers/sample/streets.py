"""Streets: the edges of the mesh, and a lane through every cell."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries, Texts
from geo.lattice import degrees
from importers.sample.city import City
from importers.sample.dice import Ids
from importers.sample.lines import Lines, draw_spokes
from importers.sample.mesh import SIDES, Mesh
from importers.sample.naming import place_names

LANE_SPOKES: Final = (0, 3)
"""The lane of a cell runs from its south-west node through the centre to its north-east node."""


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """Pieces of street between two nodes.

    Attributes
    ----------
    codes, names
        Text, shape (n,): one code for each piece, one name for each street.
    shapes
        LineStrings on the lattice (EPSG:4490), shape (n,).
    """

    codes: Texts
    names: Texts
    shapes: Geometries


def street_names(mesh: Mesh, edges: Ids) -> Texts:
    """Return the name of the street that each edge belongs to: 路 run west to east, 街 south to north."""
    line = edges // (mesh.line_nodes - 1)
    column = (edges - mesh.horizontals) % (mesh.columns + 1)
    upright = edges >= mesh.horizontals
    suffix = np.where(upright, "街", "路")
    return place_names(mesh.seed, upright.astype(np.int64), np.where(upright, column, line), suffix)


def lay_streets(city: City) -> Streets:
    """Return all streets: every edge of a cell of the city once, and the lane of every cell."""
    edges = np.unique(city.mesh.cell_edges(city.cells))
    lanes = draw_spokes(city.mesh, city.cells)
    spokes = (np.arange(len(city.cells))[:, None] * SIDES + np.array(LANE_SPOKES)).ravel()
    community = city.trees["grid"].parent_row
    place = np.arange(len(city.cells)) - np.searchsorted(community, community)
    lane_names = place_names(city.seed, community, place, "巷")
    grid_codes = np.repeat(city.trees["grid"].codes, len(LANE_SPOKES)).tolist()
    codes = [f"J{edge:08d}" for edge in edges.tolist()]
    codes += [f"X{code}{part}" for code, part in zip(grid_codes, [1, 2] * len(city.cells), strict=True)]
    column = np.empty(len(codes), dtype=object)
    column[:] = codes
    return Streets(
        column,
        np.concatenate([street_names(city.mesh, edges), np.repeat(lane_names, len(LANE_SPOKES))]),
        np.concatenate([_linestrings(city.lines, edges), _linestrings(lanes, spokes)]),
    )


def _linestrings(lines: Lines, chosen: Ids) -> npt.NDArray[np.object_]:
    counts = lines.start[chosen + 1] - lines.start[chosen]
    offset = np.cumsum(counts) - counts
    index = np.repeat(lines.start[chosen] - offset, counts) + np.arange(counts.sum())
    row = np.repeat(np.arange(len(chosen)), counts)
    return np.asarray(shapely.linestrings(degrees(lines.xy[index]), indices=row), dtype=object)
