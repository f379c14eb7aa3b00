"""Ledgers of places where people live and are served: residences and facilities of the invented city."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from geo.areas import Texts
from geo.lattice import Cells
from importers.sample.city import City, sector_households
from importers.sample.dice import Ids, unit
from importers.sample.mesh import SIDES, to_lattice
from importers.sample.naming import SOURCE, places_in
from importers.sample.plots import Estates, Specials
from importers.sample.streets import street_names

Row = tuple[object, ...]
RESIDENCE_COLUMNS: Final = ("地址", "小区", "网格编码", "网格名称", "户数", "人数", "经度", "纬度", "来源")
FACILITY_COLUMNS: Final = ("名称", "类别", "层级", "网格编码", "经度", "纬度", "来源")
HOUSEHOLDS_A_STAIR: Final = 36
"""Most households of one residence row: a staircase (单元) of a building."""
_CATEGORY_NAMES: Final = np.array(["学校", "市场", "医院"], dtype=object)
_CATEGORY_REACH: Final = np.array(["社区级", "社区级", "街区级"], dtype=object)


def residences(city: City, estates: Estates) -> Iterator[Row]:
    """Yield the rows of the residence ledger, in the order of grids; columns :data:`RESIDENCE_COLUMNS`.

    Points lie on the lattice (EPSG:4490), strictly inside their grid and, where it has some, their microgrid.
    """
    sectors = sector_households(city.households).ravel()
    stairs = np.maximum(2, -(-sectors // HOUSEHOLDS_A_STAIR))
    sector = np.repeat(np.arange(len(sectors)), stairs)
    place = places_in(sector)
    base, rest = np.divmod(sectors, stairs)
    households = base[sector] + (place < rest[sector])
    stair = sector * 64 + place
    residents = np.floor(households * (2.2 + unit(city.seed, "residents", stair))).astype(np.int64)
    grid, side = np.divmod(sector, SIDES)
    estate = estates.of_half[grid, side // 3]
    out = unit(city.seed, "residence out", stair)
    along = 0.15 + 0.7 * unit(city.seed, "residence along", stair)
    where = city.mesh.side_m(city.cells[grid], side, along, np.where(estate >= 0, 0.2 + 0.36 * out, 0.64 + 0.04 * out))
    lon, lat = printed(to_lattice(where))
    columns = (
        _addresses(city, grid, side, estate, estates.names),
        np.where(estate >= 0, estates.names[estate], ""),
        city.trees["grid"].codes[grid],
        city.trees["grid"].names[grid],
        households,
        residents,
    )
    for row in zip(*(column.tolist() for column in columns), lon, lat, strict=True):
        yield (*row, SOURCE)


def facilities(city: City, specials: Specials) -> Iterator[Row]:
    """Yield the rows of the facility ledger; columns :data:`FACILITY_COLUMNS`."""
    community, grid = city.trees["community"], city.trees["grid"]
    first = np.flatnonzero(np.diff(grid.parent_row, prepend=-1))
    stems = [name.removesuffix("社区") for name in community.names]
    kinds = (
        ("邻里中心", "小区级", first, 1),
        ("党群服务中心", "社区级", first, 4),
        ("卫生服务站", "社区级", first + 1, 1),
    )
    for noun, reach, grids, side in kinds:
        lon, lat = printed(to_lattice(city.mesh.side_m(city.cells[grids], side, 0.5, 0.08)))
        for stem, code, x, y in zip(stems, grid.codes[grids].tolist(), lon, lat, strict=True):
            yield f"{stem}{noun}", noun, reach, code, x, y, SOURCE
    out = np.where(specials.is_inner, 0.35, 0.77)
    lon, lat = printed(to_lattice(city.mesh.side_m(city.cells[specials.grid], specials.side, 0.5, out)))
    columns = (
        specials.layer.names,
        _CATEGORY_NAMES[specials.category],
        _CATEGORY_REACH[specials.category],
        specials.layer.codes,
    )
    for row in zip(*(column.tolist() for column in columns), lon, lat, strict=True):
        yield (*row, SOURCE)


def printed(lattice: Cells) -> tuple[list[str], list[str]]:
    """Return longitudes and latitudes of lattice points, shape (n, 2), with all seven decimals."""
    whole, part = np.divmod(lattice, 10**7)
    lon, lat = (
        [f"{w}.{p:07d}" for w, p in zip(whole[:, axis].tolist(), part[:, axis].tolist(), strict=True)]
        for axis in (0, 1)
    )
    return lon, lat


def _addresses(city: City, grid: Ids, side: Ids, estate: Ids, estate_names: Texts) -> Texts:
    """Return 兰溪花园8期3栋2单元 in an estate, 青竹路12号 elsewhere."""
    half = places_in(grid * 2 + side // 3)
    address = np.empty(len(grid), dtype=object)
    inside = estate >= 0
    address[inside] = [
        f"{name}{stair // 2 + 1}栋{stair % 2 + 1}单元"
        for name, stair in zip(estate_names[estate[inside]], half[inside].tolist(), strict=True)
    ]
    cells = city.cells[grid[~inside]]
    street = street_names(city.mesh, city.mesh.cell_edges(cells)[:, 3])
    number = (cells % city.mesh.columns + 1) * 100 + half[~inside]
    address[~inside] = [f"{name}{n}号" for name, n in zip(street, number.tolist(), strict=True)]
    return address
