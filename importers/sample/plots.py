"""Plots inside the cells: special grids and estates.

A plot lies in the triangles between a cell's centre and some of its sides, at a stated share of the way out. Inner
plots end at 0.62 of the way and plots across an edge begin at 0.72, so that none of them meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.lattice import degrees
from importers.sample.city import City, Layer
from importers.sample.dice import Ids, bits, choice, unit
from importers.sample.mesh import SIDES, Mesh, to_lattice
from importers.sample.naming import PLACES, place_names, places_in

CATEGORIES: Final = ("school", "market", "hospital")
_NOUNS: Final = np.array(["小学", "农贸市场", "医院"], dtype=object)
_SPANNING_NOUNS: Final = np.array(["中学", "批发市场", "中心医院"], dtype=object)
_SIDES_USED: Final = ((3, 4), (3, 3), (3, 5))
_INNER: Final = (0.15, 0.55)
_ESTATE: Final = (0.12, 0.62)
_ACROSS: Final = 0.72
_MARKET_SHARE: Final = 0.35
_SPANNING_SHARE: Final = 0.05
_SPLIT_ESTATE_SHARE: Final = 0.04
_FIRST_SPECIAL: Final = 800


@dataclass(frozen=True, slots=True, eq=False)
class Borders:
    """Edges between two grids, each once: the grid on the left, its side, and the grid beyond."""

    grid: Ids
    side: Ids
    beyond: Ids

    def take(self, rows: npt.ArrayLike) -> "Borders":
        """Return some of them."""
        index = np.asarray(rows)
        return Borders(self.grid[index], self.side[index], self.beyond[index])


@dataclass(frozen=True, slots=True, eq=False)
class Specials:
    """Special grids.

    Attributes
    ----------
    layer
        Codes, names, parents, boundaries.
    grid, side
        A grid that each lies in (the one on the left of a spanned edge) and the side it lies at, shape (n,).
    category
        Index into :data:`CATEGORIES`, shape (n,).
    is_inner
        Whether it lies in one grid, shape (n,).
    spanning_code
        Code of the one that spans two communities.
    """

    layer: Layer
    grid: Ids
    side: Ids
    category: Ids
    is_inner: npt.NDArray[np.bool_]
    spanning_code: int


@dataclass(frozen=True, slots=True, eq=False)
class Estates:
    """Residential estates.

    Attributes
    ----------
    community
        Row of the community of each, shape (n,); with ``number`` it makes the code.
    number
        From 1 within the community, shape (n,).
    names
        Text, shape (n,).
    shapes
        Boundaries on the lattice (EPSG:4490), shape (n,).
    of_half
        Estate of the first and the last three sectors of each grid, shape (grids, 2); -1 where there is none.
    """

    community: Ids
    number: Ids
    names: npt.NDArray[np.object_]
    shapes: Geometries
    of_half: Ids


def place_specials(city: City) -> Specials:
    """Place a school in every community, markets in some, a hospital in every town, and a few across borders."""
    grid, category = _inner_sites(city)
    community = city.trees["grid"].parent_row
    within, across = _spanned(city)
    spanned = Borders(*(np.concatenate(pair) for pair in zip(_columns(within), _columns(across), strict=True)))
    kind = np.concatenate([category, choice(city.seed, "spanning kind", spanned.grid, 2)])
    first = np.concatenate([grid, spanned.grid])
    towns = city.trees["town"].codes[city.trees["community"].parent_row[community[across.grid]]]
    parent = np.concatenate([city.trees["community"].codes[community[np.concatenate([grid, within.grid])]], towns])
    shapes = np.concatenate(
        [*(_inner_shapes(city, grid, category, kind) for kind in range(3)), _across_shapes(city, spanned)]
    )
    by_kind = np.argsort(category, kind="stable")
    place = np.empty(len(shapes), dtype=np.int64)
    place[np.concatenate([by_kind, np.arange(len(grid), len(shapes))])] = np.arange(len(shapes))
    is_inner = np.arange(len(first)) < len(grid)
    side = np.concatenate([np.array([s for s, _ in _SIDES_USED])[category], spanned.side])
    prefix = np.where(parent < 10**9, parent * 1000, parent)
    order = np.lexsort((~is_inner, kind, prefix))
    codes = prefix[order] * 1000 + _FIRST_SPECIAL + places_in(prefix[order])
    layer = _special_layer(city, codes, parent[order], kind[order], is_inner[order], shapes[place[order]])
    spanning = int(codes[parent[order] < 10**9][0])
    return Specials(layer, first[order], side[order], kind[order], is_inner[order], spanning)


def place_estates(city: City, specials: Specials) -> Estates:
    """Place one estate on each half of a grid, none on the half with a special grid, and a few across borders."""
    grids = np.arange(len(city.cells))
    built = np.ones((len(grids), 2), dtype=bool)
    built[specials.grid[specials.is_inner], 1] = False
    grid, half = np.nonzero(built)
    shapes = np.empty(len(grid), dtype=object)
    for which, sides in enumerate(((0, 2), (3, 5))):
        rows = half == which
        shapes[rows] = plots(city.mesh, city.cells[grid[rows]], sides, _ESTATE)
    split = _one_a_community(city, "split estate", _SPLIT_ESTATE_SHARE, avoid=specials)
    community = city.trees["grid"].parent_row[np.concatenate([grid, split.grid])]
    order = np.argsort(community, kind="stable")
    community = community[order]
    number = places_in(community) + 1
    of_half = np.full((len(grids), 2), -1)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    of_half[grid, half] = rank[: len(grid)]
    shapes = np.concatenate([shapes, _across_shapes(city, split)])[order]
    return Estates(community, number, _estate_names(city, community, number), shapes, of_half)


def plots(mesh: Mesh, cells: Ids, sides: tuple[int, int], reach: tuple[float, float]) -> Geometries:
    """Return the plot of each cell at its sides from first to last, between two shares of the way out."""
    first, last = sides
    rim = [(first, 0.1), *((side, 0.0) for side in range(first + 1, last + 1)), (last, 0.9)]
    outer = [mesh.side_m(cells, side, along, reach[1]) for side, along in rim]
    inner = [mesh.side_m(cells, side, along, reach[0]) for side, along in reversed(rim)]
    return _polygons([*outer, *inner])


def _polygons(corners: Sequence[npt.NDArray[np.float64]]) -> Geometries:
    rings = degrees(to_lattice(np.stack(corners, axis=1)))
    shapes = np.empty(len(rings), dtype=object)
    if len(rings):
        shapes[:] = shapely.orient_polygons(shapely.polygons(rings))
    return shapes


def _inner_sites(city: City) -> tuple[Ids, Ids]:
    """Return grid and category of the special grids inside one grid; no grid has two."""
    parent = city.trees["grid"].parent_row
    start = np.flatnonzero(np.diff(parent, prepend=-1))
    size = np.diff(start, append=len(parent))
    row = np.arange(len(start))
    turn = choice(city.seed, "school", row, size)
    with_market = unit(city.seed, "with market", row) < _MARKET_SHARE
    market = start + (turn + 1 + choice(city.seed, "market", row, size - 2)) % size
    with_hospital = np.diff(city.trees["community"].parent_row, prepend=-1) > 0
    hospital = start + (turn + size - 1) % size
    grid = np.concatenate([start + turn, market[with_market], hospital[with_hospital]])
    return grid, np.repeat([0, 1, 2], [len(start), with_market.sum(), with_hospital.sum()])


def _inner_shapes(city: City, grid: Ids, category: Ids, kind: int) -> Geometries:
    return plots(city.mesh, city.cells[grid[category == kind]], _SIDES_USED[kind], _INNER)


def _spanned(city: City) -> tuple[Borders, Borders]:
    """Choose borders between two grids of a community, and the one between two communities of a town."""
    borders = _borders(city)
    community = city.trees["grid"].parent_row
    town = city.trees["community"].parent_row
    left, right = community[borders.grid], community[borders.beyond]
    between = borders.take((left != right) & (town[left] == town[right]))
    chosen = np.argmin(bits(city.seed, "spanning special", between.grid * SIDES + between.side))
    return _one_a_community(city, "spanned", _SPANNING_SHARE), between.take([int(chosen)])


def _borders(city: City) -> Borders:
    beyond = city.mesh.neighbours(city.cells)[:, : SIDES // 2]
    other = np.where(beyond >= 0, city.grid_of[beyond], -1)
    grid, side = np.nonzero(other >= 0)
    return Borders(grid, side, other[grid, side])


def _one_a_community(city: City, purpose: str, share: float, avoid: Specials | None = None) -> Borders:
    """Choose one border inside each of a share of the communities, one that no special grid spans."""
    borders = _borders(city)
    community = city.trees["grid"].parent_row
    key = borders.grid * SIDES + borders.side
    fits = community[borders.grid] == community[borders.beyond]
    if avoid is not None:
        fits &= ~np.isin(key, (avoid.grid * SIDES + avoid.side)[~avoid.is_inner])
    borders, key = borders.take(fits), key[fits]
    own = community[borders.grid]
    order = np.lexsort((bits(city.seed, purpose, key), own))
    first = order[np.flatnonzero(np.diff(own[order], prepend=-1))]
    # The first community always has one, so that the smallest sample shows the case too.
    chosen = (unit(city.seed, purpose, own[first]) < share) | (own[first] == 0)
    return borders.take(first[chosen])


def _across_shapes(city: City, borders: Borders) -> Geometries:
    """Return plots on both sides of borders."""
    near, far = city.cells[borders.grid], city.cells[borders.beyond]
    beyond_side = (borders.side + SIDES // 2) % SIDES
    return _polygons(
        [
            city.mesh.side_m(near, borders.side, 0.25, _ACROSS),
            city.mesh.side_m(far, beyond_side, 0.75, _ACROSS),
            city.mesh.side_m(far, beyond_side, 0.25, _ACROSS),
            city.mesh.side_m(near, borders.side, 0.75, _ACROSS),
        ]
    )


def _special_layer(
    city: City, codes: Ids, parents: Ids, category: Ids, is_inner: npt.NDArray[np.bool_], shapes: Geometries
) -> Layer:
    known = {level: city.trees[level] for level in ("town", "community")}
    names = np.empty(len(codes), dtype=object)
    for level, tree in known.items():
        rows = np.flatnonzero((parents < 10**9) == (level == "town"))
        owner = tree.names[np.searchsorted(tree.codes, parents[rows])]
        names[rows] = [text.removesuffix("社区").removesuffix("街道").rstrip("村镇乡") for text in owner]
    names = names + np.where(is_inner, _NOUNS[category], _SPANNING_NOUNS[category])
    fields: dict[str, npt.NDArray[Any]] = {
        "kind": np.full(len(codes), "special", dtype=object),
        "category": np.array(CATEGORIES, dtype=object)[category],
    }
    return Layer("grid", codes, parents, names, lambda begin, end: shapes[begin:end], fields)


def _estate_names(city: City, community: Ids, number: Ids) -> npt.NDArray[np.object_]:
    """Return names such as 兰溪花园8期."""
    suffix = np.array(["花园", "雅苑", "家园", "嘉园"], dtype=object)[choice(city.seed, "estate", community, 4)]
    phase = np.array([f"{n}期" for n in range(int(number.max(initial=0)) + 1)], dtype=object)
    base = place_names(city.seed, community, np.zeros_like(community), suffix, PLACES)
    return np.asarray(base + phase[number], dtype=object)


def _columns(borders: Borders) -> tuple[Ids, Ids, Ids]:
    return borders.grid, borders.side, borders.beyond
