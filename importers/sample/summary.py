"""What a written sample city holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from importers.sample.city import City
from importers.sample.plots import Specials


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was written.

    Attributes
    ----------
    folder, files
        Where, and the names of the files in the order of writing.
    grids, seed
        As asked for.
    rows
        Number of rows by file.
    households
        Of all grids together.
    vertices_per_grid
        Mean number of vertices of a grid's ring.
    enclosed_town, enclosing_town
        Codes of the town enclosed by another, and of that other, whose polygon has it as a hole; None without room.
    exclave
        Code of the community in two pieces (飞地); None without room.
    spanning_special
        Code of the special grid that spans two communities.
    overload_grid
        Code of the grid with the most households, 1,224.
    """

    folder: Path
    files: tuple[str, ...]
    grids: int
    seed: int
    rows: Mapping[str, int]
    households: int
    vertices_per_grid: float
    enclosed_town: str | None
    enclosing_town: str | None
    exclave: str | None
    spanning_special: str
    overload_grid: str


def summarise(folder: Path, rows: Mapping[str, int], city: City, specials: Specials) -> SampleSummary:
    """Sum up a city after its files were written."""
    edges = city.mesh.cell_edges(city.cells)
    pieces = np.diff(city.lines.start) - 1
    towns, communities = city.trees["town"].codes, city.trees["community"].codes
    enclosing = _town_around(city) if city.enclave >= 0 else -1
    return SampleSummary(
        folder=folder,
        files=tuple(rows),
        grids=len(city.cells),
        seed=city.seed,
        rows=dict(rows),
        households=int(city.households.sum()),
        vertices_per_grid=float(pieces[edges].sum() / len(edges)),
        enclosed_town=str(towns[city.enclave]) if city.enclave >= 0 else None,
        enclosing_town=str(towns[enclosing]) if enclosing >= 0 else None,
        exclave=str(communities[city.exclave]) if city.exclave >= 0 else None,
        spanning_special=str(specials.spanning_code),
        overload_grid=str(city.trees["grid"].codes[city.households.argmax()]),
    )


def _town_around(city: City) -> int:
    """Return the row of the town beside the enclave: it has one neighbour only."""
    town_of_grid = city.trees["community"].parent_row[city.trees["grid"].parent_row]
    inside = np.flatnonzero(town_of_grid == city.enclave)
    beside = town_of_grid[city.grid_of[city.mesh.neighbours(city.cells[inside])]]
    return int(beside[beside != city.enclave][0])
