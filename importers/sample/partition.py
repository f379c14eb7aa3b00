"""Which cell belongs to which community, town and county: runs of a space-filling curve, and two oddities.

The oddities are what real cities have: a town wholly enclosed by another, and a community in two pieces (飞地).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from importers.sample.curve import curve
from importers.sample.dice import Ids, choice, unit
from importers.sample.mesh import Mesh

GRIDS_PER_COMMUNITY: Final = 12
COMMUNITIES_PER_TOWN: Final = 10
TOWNS_PER_COUNTY: Final = 13
MOST_COUNTIES: Final = 99
"""Two digits: more would need a second city, so counties of a huge sample get more towns instead."""
SMALLEST_COMMUNITY: Final = 5
_TRIES: Final = 40


@dataclass(slots=True, eq=False)
class Partition:
    """Labels, not yet codes; numbers of communities and towns may have holes.

    Attributes
    ----------
    community
        Community of each cell of the mesh, -1 outside the city.
    town, county
        Town of each community, county of each town.
    enclave
        The town enclosed by another; -1 without one.
    exclave
        The community in two pieces; -1 without one.
    """

    community: Ids
    town: Ids
    county: Ids
    enclave: int = -1
    exclave: int = -1


def extent(grids: int) -> tuple[int, int]:
    """Return (rows, columns), both even, of a mesh with a little more room than the grids need."""
    rows = 2 * int(np.ceil(np.sqrt(grids * 1.03 / 1.15) / 2))
    return rows, 2 * int(np.ceil(grids * 1.03 / rows / 2))


def divide(mesh: Mesh, grids: int) -> Partition:
    """Divide the first ``grids`` cells of the curve into communities, towns and counties, all connected."""
    communities = max(16, round(grids / GRIDS_PER_COMMUNITY))
    towns = max(4, round(communities / COMMUNITIES_PER_TOWN))
    counties = min(MOST_COUNTIES, max(2, round(towns / TOWNS_PER_COUNTY)))
    community = np.full(mesh.rows * mesh.columns, -1)
    community[curve(mesh.columns, mesh.rows)[:grids]] = _runs(grids, communities, mesh.seed, "community", 1.0)
    partition = Partition(
        community,
        town=_runs(communities, towns, mesh.seed, "town", 1.0),
        county=_runs(towns, counties, mesh.seed, "county", 1.5),
    )
    _enclose_a_town(mesh, partition)
    _detach_a_grid(mesh, partition)
    return partition


def _runs(count: int, parts: int, seed: int, purpose: str, wobble: float) -> Ids:
    """Cut 0 .. count - 1 into consecutive parts of about equal length; return the part of each."""
    wobble = min(wobble, (count / parts - 1) / 2)
    inner = np.arange(1, parts)
    cuts = np.floor(inner * (count / parts) + wobble * (2 * unit(seed, purpose, inner) - 1))
    return np.searchsorted(cuts, np.arange(count), side="right")


def _enclose_a_town(mesh: Mesh, partition: Partition) -> None:
    """Make a town of one community in the middle of another town, the roomiest one first."""
    for town, cells in _towns_by_room(mesh, partition):
        for size in range(min(GRIDS_PER_COMMUNITY, len(cells) // 5), 3, -1):
            blob = _middle_of(mesh, cells, size)
            if blob and _is_connected(mesh, cells - blob):
                _found(partition, town, blob)
                _heal(mesh, partition, town, cells - blob)
                return


def _found(partition: Partition, town: int, blob: set[int]) -> None:
    community, partition.enclave = len(partition.town), len(partition.county)
    partition.community[sorted(blob)] = community
    partition.town = np.append(partition.town, partition.enclave)
    partition.county = np.append(partition.county, partition.county[town])


def _towns_by_room(mesh: Mesh, partition: Partition) -> Iterator[tuple[int, set[int]]]:
    """Yield towns and their cells, those with most inner cells first."""
    town = _town_of_cell(partition)
    cells = np.flatnonzero(town >= 0)
    inner = cells[(np.append(town, -1)[mesh.neighbours(cells)] == town[cells, None]).all(axis=1)]
    room = np.bincount(town[inner], minlength=len(partition.county))
    for candidate in np.argsort(-room, kind="stable")[:_TRIES]:
        yield int(candidate), set(np.flatnonzero(town == candidate).tolist())


def _town_of_cell(partition: Partition) -> Ids:
    return np.where(partition.community >= 0, partition.town[partition.community], -1)


def _middle_of(mesh: Mesh, cells: set[int], size: int) -> set[int] | None:
    """Return a connected piece of so many cells that touches nothing outside the given cells, or None."""
    depth, layer, rest = [cells], cells, cells
    while layer := {cell for cell in rest if set(_beside(mesh, cell)) <= rest}:
        depth.append(layer)
        rest = layer
    if len(depth) < 2:
        return None
    blob, queue = set[int](), [min(depth[-1])]
    while queue and len(blob) < size:
        cell = queue.pop(0)
        if cell not in blob:
            blob.add(cell)
            queue += [other for other in _beside(mesh, cell) if other in depth[1]]
    return blob if len(blob) == size else None


def _heal(mesh: Mesh, partition: Partition, town: int, cells: set[int]) -> None:
    """Give splinters of a town's communities to a neighbour in the town until every community is one piece."""
    label = partition.community
    while True:
        splinter = next(_splinters(mesh, partition, cells), None)
        if splinter is None:
            return
        own = {int(label[cell]) for cell in splinter}
        beside = {int(label[o]) for cell in splinter for o in _beside(mesh, cell) if o in cells} - own
        members = np.bincount(label[sorted(cells)], minlength=len(partition.town))
        label[sorted(splinter)] = min(beside, key=lambda community: (members[community], community))


def _splinters(mesh: Mesh, partition: Partition, cells: set[int]) -> Iterator[set[int]]:
    label = partition.community
    communities = sorted({int(label[cell]) for cell in cells})
    for community in communities:
        pieces = _pieces(mesh, {cell for cell in cells if label[cell] == community})
        small = len(communities) > 1 and len(pieces[0]) < SMALLEST_COMMUNITY
        yield from pieces if small else pieces[1:]


def _detach_a_grid(mesh: Mesh, partition: Partition) -> None:
    """Give one cell of a community to another community of its town that does not touch it."""
    towns = len(partition.county)
    begin = int(choice(mesh.seed, "exclave", [0], towns)[0])
    cells_town = _town_of_cell(partition)
    for turn in range(min(towns, _TRIES)):
        town = (begin + turn) % towns
        cells = np.flatnonzero(cells_town == town).tolist()
        found = next(_far_cells(mesh, partition, cells), None)
        if found is not None:
            cell, partition.exclave = found
            partition.community[cell] = partition.exclave
            return


def _far_cells(mesh: Mesh, partition: Partition, cells: list[int]) -> Iterator[tuple[int, int]]:
    """Yield cells that their community can spare, each with a community of the town that lies elsewhere."""
    label = partition.community
    members: dict[int, set[int]] = {}
    for cell in cells:
        members.setdefault(int(label[cell]), set()).add(cell)
    for cell in cells:
        rest = members[int(label[cell])] - {cell}
        beside = {int(label[other]) for other in _beside(mesh, cell) if other >= 0}
        far = sorted(members.keys() - beside - {int(label[cell])})
        if far and len(rest) >= SMALLEST_COMMUNITY and _is_connected(mesh, rest):
            yield cell, far[-1]


def _is_connected(mesh: Mesh, cells: set[int]) -> bool:
    return len(_pieces(mesh, cells)) == 1


def _pieces(mesh: Mesh, cells: Iterable[int]) -> list[set[int]]:
    """Return the connected pieces of some cells, the largest first."""
    left, pieces = set(cells), []
    while left:
        queue = [min(left)]
        piece = set(queue)
        while queue:
            fresh = {other for other in _beside(mesh, queue.pop()) if other in left} - piece
            piece |= fresh
            queue += sorted(fresh)
        left -= piece
        pieces.append(piece)
    return sorted(pieces, key=lambda piece: (-len(piece), min(piece)))


def _beside(mesh: Mesh, cell: int) -> list[int]:
    neighbours: list[int] = mesh.neighbours(np.array([cell]))[0].tolist()
    return neighbours
