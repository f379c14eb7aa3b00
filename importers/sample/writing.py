"""The files of the invented city."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np

from geo.areas import Areas, Geometries
from geo.errors import BadInput
from importers.sample import people as ledgers
from importers.sample.city import City, Layer, build_city, sector_households
from importers.sample.files import GeoJsonFile, GeoParquetFile, LayerFile, write_csv
from importers.sample.naming import CITY_CODE, SOURCE
from importers.sample.plots import Specials, place_estates, place_specials
from importers.sample.readme import MARK, README, readme
from importers.sample.streets import lay_streets
from importers.sample.summary import SampleSummary, summarise
from importers.sample.teams import COLUMNS as TEAM_COLUMNS
from importers.sample.teams import teams

LEAST_GRIDS: Final = 200
MOST_GRIDS: Final = 1_000_000
MOST_GEOJSON_GRIDS: Final = 20_000
"""Beyond so many grids boundaries are GeoParquet, and people are left out unless asked for."""
STEMS: Final = {
    "city": "city",
    "county": "counties",
    "town": "towns",
    "community": "communities",
    "grid": "grids",
    "microgrid": "microgrids",
    "special": "special",
}
_LAYERS: Final = (*STEMS.values(), "estates", "streets")
_LEDGERS: Final = ("facilities.csv", "residences.csv", "teams.csv")
OWN_FILES: Final = frozenset(
    {README, *_LEDGERS, *(f"{stem}.{kind}" for stem in _LAYERS for kind in ("geojson", "parquet"))}
)
_ROWS_A_PART: Final = 20_000

Progress = Callable[[str, int, int], None]
"""Called with the file's name, the rows written so far, and the rows in all."""


def sample_levels(grids: int, seed: int = 1) -> dict[str, Areas]:
    """Return the invented city in memory.

    Parameters
    ----------
    grids
        Number of general grids, 200 to 1,000,000.
    seed
        The same seed gives the same city.

    Returns
    -------
    dict
        ``city``, ``county``, ``town``, ``community``, ``grid``, ``microgrid`` and ``special`` (whose level is
        ``grid``): rows by ascending code, boundaries in lattice degrees (EPSG:4490).

    Raises
    ------
    BadInput
        ``sample-size`` for another number of grids.
    """
    _require_size(grids)
    city = build_city(grids, seed)
    layers = {**city.layers, "special": place_specials(city).layer}
    return {level: layer.areas() for level, layer in layers.items()}


def write_sample(
    out: Path, grids: int, seed: int = 1, progress: Progress | None = None, *, people: bool | None = None
) -> SampleSummary:
    """Write the invented city to a folder: the same arguments give the same bytes.

    Parameters
    ----------
    out
        A new or empty folder, or one with an earlier sample, which is replaced.
    grids, seed
        See :func:`sample_levels`.
    progress
        Called now and then; see :data:`Progress`.
    people
        Whether to write residences, teams, facilities, estates and streets too; by default up to 20,000 grids.
        They are made in memory; only boundaries are bounded (under 2 GiB for 1,000,000 grids).

    Raises
    ------
    BadInput
        ``sample-size``, ``sample-not-a-folder``, ``sample-folder-in-use``; nothing was written then.
    """
    _require_size(grids)
    _clear(out)
    (out / README).write_text(readme(grids, seed), encoding="utf-8")
    city = build_city(grids, seed)
    specials = place_specials(city)
    writer = _Writer(out, grids <= MOST_GEOJSON_GRIDS, progress)
    for level, layer in {**city.layers, "special": specials.layer}.items():
        writer.areas(STEMS[level], layer)
    if grids <= MOST_GEOJSON_GRIDS if people is None else people:
        _write_people(writer, city, specials)
    return summarise(out, writer.rows, city, specials)


class _Writer:
    """Writes layers and ledgers into one folder and counts their rows."""

    def __init__(self, out: Path, geojson: bool, progress: Progress | None) -> None:
        self.out = out
        self.rows: dict[str, int] = {}
        self.suffix = ".geojson" if geojson else ".parquet"
        self.open: Callable[[Path], LayerFile] = GeoJsonFile if geojson else GeoParquetFile
        self.progress = progress

    def areas(self, stem: str, layer: Layer) -> None:
        """Write a layer of the hierarchy part by part."""

        def part(begin: int, end: int) -> tuple[dict[str, list[Any]], Geometries]:
            rows = layer.areas(begin, end)
            columns = {"code": rows.codes, "name": rows.names, "parent": rows.parents}
            columns |= {name: values[begin:end] for name, values in layer.fields.items()}
            return {name: values.tolist() for name, values in columns.items()}, rows.geoms

        self.layer(stem, len(layer), part)

    def layer(self, stem: str, count: int, part: Callable[[int, int], tuple[dict[str, list[Any]], Geometries]]) -> None:
        """Write a layer part by part; ``part`` gives the columns and geometries of rows begin to end."""
        name = stem + self.suffix
        with self.open(self.out / name) as file:
            for begin in range(0, count, _ROWS_A_PART):
                end = min(begin + _ROWS_A_PART, count)
                columns, geoms = part(begin, end)
                file.write({**columns, "source": [SOURCE] * (end - begin)}, geoms)
                self._report(name, end, count)
        self.rows[name] = count

    def ledger(self, name: str, header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
        """Write a table."""
        self.rows[name] = write_csv(self.out / name, header, rows)
        self._report(name, self.rows[name], self.rows[name])

    def _report(self, name: str, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(name, done, total)


def _write_people(writer: _Writer, city: City, specials: Specials) -> None:
    estates, streets = place_estates(city, specials), lay_streets(city)
    halves = sector_households(city.households).reshape(-1, 2, 3).sum(axis=2)
    households = np.zeros(len(estates.names), dtype=np.int64)
    housed = estates.of_half >= 0
    households[estates.of_half[housed]] = halves[housed]
    communities = city.trees["community"].codes[estates.community]
    estate_columns: dict[str, list[Any]] = {
        "code": [f"{c}E{n:02d}" for c, n in zip(communities.tolist(), estates.number.tolist(), strict=True)],
        "name": estates.names.tolist(),
        "parent": [str(code) for code in communities.tolist()],
        "households": households.tolist(),
    }
    street_columns: dict[str, list[Any]] = {
        "code": streets.codes.tolist(),
        "name": streets.names.tolist(),
        "parent": [str(CITY_CODE)] * len(streets.codes),
    }
    for stem, columns, shapes in (
        ("estates", estate_columns, estates.shapes),
        ("streets", street_columns, streets.shapes),
    ):
        writer.layer(stem, len(shapes), _parts_of(columns, shapes))
    writer.ledger("facilities.csv", ledgers.FACILITY_COLUMNS, ledgers.facilities(city, specials))
    writer.ledger("residences.csv", ledgers.RESIDENCE_COLUMNS, ledgers.residences(city, estates))
    writer.ledger("teams.csv", TEAM_COLUMNS, teams(city, specials))


def _parts_of(
    columns: dict[str, list[Any]], shapes: Geometries
) -> Callable[[int, int], tuple[dict[str, list[Any]], Geometries]]:
    return lambda begin, end: (
        {name: values[begin:end] for name, values in columns.items()},
        shapes[begin:end],
    )


def _require_size(grids: int) -> None:
    if not LEAST_GRIDS <= grids <= MOST_GRIDS:
        raise BadInput("sample-size", grids=grids, least=LEAST_GRIDS, most=f"{MOST_GRIDS:,}")


def _clear(out: Path) -> None:
    """Make the folder, or take an earlier sample out of it; refuse one that holds anything else."""
    if out.exists() and not out.is_dir():
        raise BadInput("sample-not-a-folder", place={"file": str(out)}, folder=out)
    out.mkdir(parents=True, exist_ok=True)
    present = sorted(path.name for path in out.iterdir())
    page = out / README
    is_sample = page.is_file() and page.read_text(encoding="utf-8", errors="replace").startswith(MARK)
    foreign = [name for name in present if not is_sample or name not in OWN_FILES]
    if foreign:
        raise BadInput("sample-folder-in-use", place={"file": str(out)}, folder=out, file=foreign[0])
    for name in present:
        if name != README:
            (out / name).unlink()
