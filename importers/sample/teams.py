"""The team ledger of the invented city: 1 grid worker + 1 community worker + 1 police officer + N others.

Community workers serve up to three grids and their community, police officers all grids of a community: one person in
several teams is the rule. Some grids have no team, some only two people, as in real ledgers.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from geo.areas import Texts
from importers.sample.city import City
from importers.sample.dice import Ids, choice
from importers.sample.naming import SOURCE, people_names, phones
from importers.sample.plots import Specials

COLUMNS: Final = ("网格编码", "网格名称", "姓名", "角色", "电话", "来源")
WORKER, COMMUNITY_WORKER, POLICE, OTHER = "网格员", "社区专职工作者", "民警", "其他"
GRIDS_A_COMMUNITY_WORKER: Final = 3
BLOCK: Final = 40
"""Of so many grids one has no team and one only a grid worker and a community worker."""

Part = tuple[Ids, Ids, str]
"""Rows of areas, the person of each, and the role they have there."""


class _People:
    """Numbers of the people of a city: one number, one person, one name and telephone."""

    def __init__(self, city: City, specials: Specials) -> None:
        self.grids = len(city.cells)
        self.communities = len(city.trees["community"].codes)
        self.community = city.trees["grid"].parent_row
        self.specials = len(specials.layer)

    def worker(self, grid: Ids) -> Ids:
        return grid

    def community_worker(self, grid: Ids) -> Ids:
        place = grid - np.searchsorted(self.community, self.community[grid])
        return self.grids + grid - place % GRIDS_A_COMMUNITY_WORKER

    def police(self, community: Ids) -> Ids:
        return 2 * self.grids + community

    def other(self, grid: Ids, number: int) -> Ids:
        return 2 * self.grids + self.communities + 3 * grid + number

    def of_special(self, special: Ids, number: int) -> Ids:
        return 5 * self.grids + self.communities + 2 * special + number

    def on_duty(self, area: Ids) -> Ids:
        return 5 * self.grids + self.communities + 2 * self.specials + area


def teams(city: City, specials: Specials) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the team ledger, one a member, from the city down; columns :data:`COLUMNS`."""
    people = _People(city, specials)
    duty = 0
    for level in ("city", "county", "town"):
        tree = city.trees[level]
        rows = np.arange(len(tree.codes))
        yield from _rows(city.seed, tree.codes, tree.names, [(rows, people.on_duty(duty + rows), OTHER)])
        duty += len(rows)
    community, grid = city.trees["community"], city.trees["grid"]
    yield from _rows(city.seed, community.codes, community.names, _community_parts(people))
    yield from _rows(city.seed, grid.codes, grid.names, _grid_parts(city.seed, people))
    layer = specials.layer
    yield from _rows(city.seed, layer.codes, layer.names, _special_parts(people, specials))


def _rows(seed: int, codes: Ids, names: Texts, parts: Sequence[Part]) -> Iterator[tuple[object, ...]]:
    area = np.concatenate([rows for rows, _, _ in parts])
    person = np.concatenate([who for _, who, _ in parts])
    role = np.repeat([role for _, _, role in parts], [len(rows) for rows, _, _ in parts])
    order = np.argsort(area, kind="stable")
    area, person = area[order], person[order]
    columns = (codes[area], names[area], people_names(seed, person), role[order], phones(person))
    for row in zip(*(column.tolist() for column in columns), strict=True):
        yield (*row, SOURCE)


def _community_parts(people: _People) -> list[Part]:
    row = np.arange(people.communities)
    first = np.searchsorted(people.community, row)
    return [(row, people.community_worker(first), COMMUNITY_WORKER), (row, people.police(row), POLICE)]


def _grid_parts(seed: int, people: _People) -> list[Part]:
    grid = np.arange(people.grids)
    block, place = np.divmod(grid, BLOCK)
    without = choice(seed, "no team", block, BLOCK)
    some = grid[place != without]
    full = grid[(place != without) & (place != (without + 11) % BLOCK)]
    parts = [
        (some, people.worker(some), WORKER),
        (some, people.community_worker(some), COMMUNITY_WORKER),
        (full, people.police(people.community[full]), POLICE),
    ]
    others = choice(seed, "others", full, 4)
    for number in range(3):
        rows = full[others > number]
        parts.append((rows, people.other(rows, number), OTHER))
    return parts


def _special_parts(people: _People, specials: Specials) -> list[Part]:
    row = np.arange(people.specials)
    staffed = row[row % 5 != 3]
    return [
        (staffed, people.of_special(staffed, 0), WORKER),
        (staffed, people.police(people.community[specials.grid[staffed]]), POLICE),
        (staffed, people.of_special(staffed, 1), OTHER),
    ]
