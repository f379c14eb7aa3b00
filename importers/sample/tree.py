"""Codes, names and parents of every level of the invented city, each level in the order of its codes."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.areas import Texts
from importers.sample.dice import Ids, choice
from importers.sample.mesh import Mesh
from importers.sample.naming import CITY_CODE, CITY_NAME, COUNTIES, ordinals, place_names, places_in

FIRST_TOWNSHIP: Final = np.array([1, 100, 200])
"""First town code of 街道, 镇 and 乡 within a county."""
FIRST_VILLAGE: Final = 200
"""First community code of villages within a town; urban communities start at 1."""
GRIDS_A_BLOCK: Final = 20
"""In every so many grids one is wholly divided into microgrids and one in part."""
SPARSE_SIDES: Final = ((0, 2, 4), (1, 4), (2, 3))
"""Sectors of a partly divided grid that are microgrids: one of these sets."""


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """One level.

    Attributes
    ----------
    codes
        Ascending, shape (n,).
    names
        Text, shape (n,).
    parent_row
        Row of the parent in the level above, shape (n,).
    """

    codes: Ids
    names: Texts
    parent_row: Ids


def city_tree() -> Tree:
    """Return the one city."""
    return Tree(np.array([CITY_CODE]), np.array([CITY_NAME], dtype=object), np.array([0]))


def county_tree(seed: int, count: int) -> Tree:
    """Return counties 01 to 99: the first third are 区, the others 县."""
    place = np.arange(count)
    suffix = np.where(place * 3 < count, "区", "县")
    city = np.zeros(count, dtype=np.int64)
    return Tree(CITY_CODE + 1 + place, place_names(seed, city, place, suffix, COUNTIES), city)


def town_tree(seed: int, counties: Tree, county: Ids) -> tuple[Tree, Ids]:
    """Return the towns, and the row of each label.

    Parameters
    ----------
    seed
        Of the city.
    counties
        The level above.
    county
        Row of the county of each label, shape (n,).
    """
    order = np.argsort(county, kind="stable")
    parent = county[order]
    place, share = _place_and_share(parent)
    kind = np.searchsorted([0.55, 0.85], share, side="right")
    number = FIRST_TOWNSHIP[kind] + places_in(parent * 3 + kind)
    names = place_names(seed, counties.codes[parent], place, np.array(["街道", "镇", "乡"])[kind])
    return Tree(counties.codes[parent] * 1000 + number, names, parent), _inverse(order)


def community_tree(seed: int, towns: Tree, town: Ids) -> tuple[Tree, Ids]:
    """Return the communities (社区 and, outside 街道, also 村), and the row of each label; see :func:`town_tree`."""
    order = np.argsort(town, kind="stable")
    parent = town[order]
    place, share = _place_and_share(parent)
    urban_share = np.array([1.0, 0.4, 0.15])[np.searchsorted(FIRST_TOWNSHIP, towns.codes[parent] % 1000, "right") - 1]
    village = (share >= urban_share).astype(np.int64)
    number = np.where(village > 0, FIRST_VILLAGE, 1) + places_in(parent * 2 + village)
    names = place_names(seed, towns.codes[parent], place, np.where(village > 0, "村", "社区"))
    return Tree(towns.codes[parent] * 1000 + number, names, parent), _inverse(order)


def grid_tree(mesh: Mesh, communities: Tree, label: Ids) -> tuple[Tree, Ids]:
    """Return the grids, numbered west to east and north to south in each community, and the cell of each.

    Parameters
    ----------
    mesh
        The mesh.
    communities
        The level above.
    label
        Row of the community of each cell, -1 outside the city.
    """
    cells = np.flatnonzero(label >= 0)
    row, column = np.divmod(cells, mesh.columns)
    cells = cells[np.lexsort((column, -row, label[cells]))]
    parent = label[cells]
    number = places_in(parent) + 1
    return Tree(communities.codes[parent] * 1000 + number, ordinals(number, "网格"), parent), cells


def divided_grids(seed: int, grids: int) -> tuple[Ids, Ids]:
    """Choose the grids with microgrids.

    Returns
    -------
    tuple
        Of each grid 2 (wholly divided), 1 (in part) or 0; grid row and side of each microgrid, shape (m, 2).
    """
    row = np.arange(grids)
    block, place = np.divmod(row, GRIDS_A_BLOCK)
    whole = choice(seed, "divided grid", block, GRIDS_A_BLOCK)
    share = np.where(place == whole, 2, np.where(place == (whole + 7) % GRIDS_A_BLOCK, 1, 0))
    sides = np.zeros((len(SPARSE_SIDES) + 1, 6), dtype=bool)
    sides[-1] = True
    for which, chosen in enumerate(SPARSE_SIDES):
        sides[which, list(chosen)] = True
    pattern = np.where(share == 2, len(SPARSE_SIDES), choice(seed, "sparse sides", row, len(SPARSE_SIDES)))
    return share, np.argwhere(sides[pattern] & (share > 0)[:, None])


def microgrid_tree(grids: Tree, sector: Ids) -> Tree:
    """Return the microgrids of some sectors, rows (grid row, side) in ascending order."""
    parent = sector[:, 0]
    number = places_in(parent) + 1
    return Tree(grids.codes[parent] * 100 + number, ordinals(number, "微网格"), parent)


def lift(tree: Tree, label: Ids) -> Ids:
    """Return the labels of the level above; -1 stays."""
    return np.where(label >= 0, tree.parent_row[label], -1)


def _place_and_share(parent: Ids) -> tuple[Ids, npt.NDArray[np.float64]]:
    """Return the place of each row within its parent, and the same as a share of the parent's rows."""
    place = places_in(parent)
    return place, place / np.bincount(parent)[parent]


def _inverse(order: Ids) -> Ids:
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank
