"""File to published boundaries, against GeoPandas' road into PostGIS."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import geopandas
import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from sqlalchemy import Connection, text

from bench.databases import Databases
from bench.points import points_over
from bench.spending import Spent, paired, whole_process
from bench.table import GIB, LeftOut, Row, Setting, require_same
from geo.store.connect import connect
from geo.store.locating import Question, full_view, locate
from importers.sample import write_sample

PEER_TABLE: Final = "peer"
PEER: Final = "read the file + to_postgis + GiST index"
COMPARED_POINTS: Final = 2000
QUICK_ROWS: Final = 5000
BASELINE: Final = ("--publish", "--baseline", "--reason", "benchmark")


def uk_output_areas(setting: Setting) -> Row | LeftOut:
    """Import the output areas of England and Wales below their LSOA."""
    folder = setting.shared / "uk-census"
    if not folder.is_dir():
        return LeftOut("import of UK output areas as one plan", "needs ../shared/data/uk-census")
    parents, areas = folder / "lsoa11_ew.parquet", folder / "oa11_ew.parquet"
    if setting.quick:
        areas = _first_rows(areas, setting.home / "oa-quick.parquet")
    options = ("--level", "grid", "--code-field", "OA11CD", "--make-valid", *BASELINE)

    def fill(databases: Databases, name: str) -> None:
        settings = ("--level", "community", "--code-field", "LSOA11CD", "--make-valid", *BASELINE)
        databases.run_command(name, ("import", str(parents), *settings))

    return _import_row(
        setting, "import of UK output areas as one plan, file to published", areas, options, "OA11CD", fill
    )


def sample_grids(setting: Setting) -> Row:
    """Import the grids of the invented city below their communities, from GeoJSON."""
    folder = sample_folder(setting)

    def fill(databases: Databases, name: str) -> None:
        fill_sample(databases, name, folder)

    options = ("--level", "grid", "--parent-field", "parent", *BASELINE)
    what = "import of the sample city's grids, GeoJSON to published"
    return _import_row(setting, what, folder / "grids.geojson", options, "code", fill)


def sample_folder(setting: Setting, grids: int = 20_000) -> Path:
    """Write the boundaries of the invented city, and return the folder."""
    count = 1_000 if setting.quick else grids
    folder = setting.home / f"sample-{count}"
    write_sample(folder, count, people=False)
    return folder


def fill_sample(databases: Databases, name: str, folder: Path) -> None:
    """Publish the communities of the invented city."""
    databases.run_command(name, ("import", str(folder / "communities.geojson"), "--level", "community", *BASELINE))


def _import_row(
    setting: Setting,
    what: str,
    file: Path,
    options: Sequence[str],
    code_field: str,
    fill: Callable[[Databases, str], None],
) -> Row:
    databases = Databases(setting.home)
    read = geopandas.read_parquet if file.suffix == ".parquet" else geopandas.read_file
    geoms = np.asarray(read(file).geometry.values, dtype=object)
    xy = points_over(geoms, COMPARED_POINTS)
    size = f"{len(geoms):,} areas, {file.stat().st_size / 2**20:.0f} MiB"
    with databases.migrated() as template:
        fill(databases, template)
        answers: list[list[str | None]] = [[], []]

        def ours() -> Spent:
            with databases.fresh(template) as name:
                spent = databases.run_command(name, ("import", str(file), *options))
                with connect(databases.app_url(name)) as connection:
                    answers[0] = _ours_at(connection, xy, len(geoms))
            return spent

        def peer() -> Spent:
            with databases.fresh() as name:
                url = databases.owner_url(name)
                spent = whole_process(_peer_command(file, url), {})
                with connect(url, role=None) as connection:
                    answers[1] = _peer_at(connection, xy, len(geoms), code_field)
            return spent

        pairs = paired(ours, peer, setting.runs)
    different = sum(mine != other for mine, other in zip(*answers, strict=True))
    require_same(different == 0, f"{different} of {len(xy)} points got another code")
    found = sum(code is not None for code in answers[0])
    same = f"both hold {len(geoms):,} rows; {len(xy):,} random points, {found:,} of them in an area, got the same code"
    remark = "both durable, whole processes; ours also mends, matches, checks coverage, keeps history and digests"
    return Row(what, PEER, size, pairs, same, 4.0, 3 * GIB, len(geoms), "areas", remark)


def _peer_command(file: Path, url: str) -> list[str]:
    return [sys.executable, "-m", "bench.peer_postgis", str(file), url, PEER_TABLE]


def _first_rows(file: Path, out: Path) -> Path:
    table = pq.read_table(file)
    pq.write_table(table.slice(0, QUICK_ROWS), out)
    return out


def _ours_at(connection: Connection, xy: npt.NDArray[np.float64], count: int) -> list[str | None]:
    """Return the code of the grid at each point, by the door that a user takes."""
    rows, now = connection.execute(
        text(
            "SELECT count(*), clock_timestamp() FROM area_version AS v JOIN area AS a ON a.id = v.area_id "
            "WHERE a.level = 'grid' AND upper_inf(v.valid)"
        )
    ).one()
    require_same(rows == count, f"ours holds {rows} rows, the file {count}")
    found = [locate(connection, now, Question(lon, lat), full_view).grid for lon, lat in xy.tolist()]
    return [None if grid is None else grid.code for grid in found]


def _peer_at(connection: Connection, xy: npt.NDArray[np.float64], count: int, code_field: str) -> list[str | None]:
    rows = connection.scalar(text(f"SELECT count(*) FROM public.{PEER_TABLE}"))
    require_same(rows == count, f"the peer holds {rows} rows, the file {count}")
    found = connection.execute(
        text(
            f'SELECT p.n, min(t."{code_field}") FROM unnest(CAST(:lon AS float8[]), CAST(:lat AS float8[])) '
            f"WITH ORDINALITY AS p(lon, lat, n) JOIN public.{PEER_TABLE} AS t "
            "ON ST_Intersects(t.geometry, ST_SetSRID(ST_MakePoint(p.lon, p.lat), ST_SRID(t.geometry))) GROUP BY p.n"
        ),
        {"lon": xy[:, 0].tolist(), "lat": xy[:, 1].tolist()},
    ).all()
    codes: list[str | None] = [None] * len(xy)
    for place, code in found:
        codes[place - 1] = code
    return codes
