"""Points to grids: one by one from PostGIS, and many from memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, text

from bench.databases import Databases
from bench.importing import BASELINE, fill_sample, sample_folder
from bench.points import points_over
from bench.spending import on_processor, paired, timed
from bench.table import Row, Setting, require_same
from geo.crs import parse_crs
from geo.levels import DEFAULT
from geo.store.connect import connect
from geo.store.editions import present
from geo.store.locating import Loaded, Question, full_view, locate
from geo.store.snapshot import build_snapshot
from importers.point_file import PointRequest, locate_file

POINTS: Final = 1000
TABLE_ROWS: Final = 5_000_000
TABLE_GRIDS: Final = 2_500
ONE_POINT: Final = text(
    "SELECT v.code FROM area_version AS v JOIN area AS a ON a.id = v.area_id WHERE a.level = 'grid' "
    "AND upper_inf(v.valid) AND ST_Intersects(v.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490))"
)

Codes = list[str | None]


class _City(NamedTuple):
    connection: Connection
    grids: geopandas.GeoDataFrame
    xy: npt.NDArray[np.float64]


def one_by_one(setting: Setting) -> Row:
    """Ask for one point after the other on one connection."""
    with _city(setting) as (connection, grids, xy):
        now = connection.scalar(text("SELECT clock_timestamp()"))

        def ours() -> Codes:
            found = (locate(connection, now, Question(lon, lat), full_view).grid for lon, lat in xy.tolist())
            return [None if grid is None else grid.code for grid in found]

        def peer() -> Codes:
            return [connection.scalar(ONE_POINT, {"lon": lon, "lat": lat}) for lon, lat in xy.tolist()]

        same = _same(ours(), peer(), xy)
        pairs = paired(lambda: timed(ours)[0], lambda: timed(peer)[0], setting.runs)
    remark = "ours also gives chain, team, responsible, the distance to the border within 500 m and the border rule"
    size = f"{len(xy):,} points, {len(grids):,} grids"
    peer_name = "a bare SELECT … ST_Intersects on the same connection"
    return Row(
        "locate one point from PostGIS", peer_name, size, pairs, same, count=len(xy), unit="points", remark=remark
    )


def from_memory(setting: Setting) -> Row:
    """Answer many points from areas that were loaded before."""
    with _city(setting) as (connection, grids, xy):
        now = connection.scalar(text("SELECT clock_timestamp()"))
        loaded = Loaded.within(connection, now, None, full_view)
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*xy.T, crs=grids.crs))
    # both may prepare once: ours its tree, GeoPandas its index
    grids.sindex.size  # noqa: B018 - asking for it builds it, outside the time

    def ours() -> Codes:
        found = (loaded.answer(Question(lon, lat)).grid for lon, lat in xy.tolist())
        return [None if grid is None else grid.code for grid in found]

    def peer() -> Codes:
        joined = points.sjoin(grids[["code", "geometry"]], how="left", predicate="within")
        return [code if isinstance(code, str) else None for code in joined["code"]]

    same = _same(ours(), peer(), xy)
    pairs = paired(lambda: timed(ours)[0], lambda: timed(peer)[0], setting.runs)
    remark = (
        "ours answers point by point, border distance included; the memory index that is to be compared comes later"
    )
    size = f"{len(xy):,} points, {len(grids):,} grids"
    return Row(
        "locate many points in memory",
        "geopandas.sjoin",
        size,
        pairs,
        same,
        count=len(xy),
        unit="points",
        remark=remark,
    )


def whole_table(setting: Setting) -> Row:
    """Locate a Parquet file of points into another Parquet file."""
    count = TABLE_ROWS // 20 if setting.quick else TABLE_ROWS
    with _city(setting, TABLE_GRIDS) as (connection, grids, _), TemporaryDirectory() as folder:
        source, located, joined = (Path(folder) / f"{name}.parquet" for name in ("points", "located", "joined"))
        xy = points_over(np.asarray(grids.geometry.values, dtype=object), count)
        columns = {"number": np.arange(len(xy)), "lon": xy[:, 0], "lat": xy[:, 1]}
        pq.write_table(pa.table(columns), source)
        now = present(connection).at
        snapshot = build_snapshot(connection, full_view, DEFAULT)
        connection.rollback()
        grids.sindex.size  # noqa: B018 - asking for it builds it, outside the time

        def ours() -> None:
            request = PointRequest(source, located, parse_crs("cgcs2000"), now, now, force=True)
            locate_file(connection, request, lambda done, total: None, lambda connection: snapshot)

        def peer() -> None:
            table = pd.read_parquet(source)
            points = geopandas.GeoDataFrame(
                table, geometry=geopandas.points_from_xy(table.lon, table.lat, crs=grids.crs)
            )
            found = points.sjoin(grids[["code", "name", "geometry"]], how="left", predicate="within")
            pd.DataFrame(found.drop(columns=["geometry", "index_right"])).to_parquet(joined)

        pairs = paired(lambda: on_processor(ours)[0], lambda: on_processor(peer)[0], setting.runs)
        codes = (pq.read_table(located)["gw_grid_code"].to_pylist(), pq.read_table(joined)["code"].to_pylist())
        same = _same(*codes, xy)
    return Row(
        "locate a table, Parquet to Parquet",
        "geopandas: read_parquet, sjoin, to_parquet",
        f"{len(xy):,} rows, {len(grids):,} grids",
        pairs,
        same,
        count=len(xy),
        unit="rows",
        remark="processor time; ours also writes chain, team, status, reason and the distance to the border",
        rate_target=1_000_000,
    )


@contextmanager
def _city(setting: Setting, grids: int = 20_000) -> Iterator[_City]:
    """Publish the sample city's communities and grids, and pick points over it."""
    folder = sample_folder(setting, grids)
    databases = Databases(setting.home)
    file: Path = folder / "grids.geojson"
    with databases.migrated() as name:
        fill_sample(databases, name, folder)
        databases.run_command(name, ("import", str(file), "--level", "grid", "--parent-field", "parent", *BASELINE))
        frame = geopandas.read_file(file)
        with connect(databases.app_url(name)) as connection:
            yield _City(connection, frame, points_over(np.asarray(frame.geometry.values, dtype=object), POINTS))


def _same(ours: Codes, peer: Codes, xy: npt.NDArray[np.float64]) -> str:
    different = sum(mine != other for mine, other in zip(ours, peer, strict=True))
    require_same(different == 0, f"{different} of {len(xy)} points got another code")
    found = sum(code is not None for code in ours)
    return f"the same code for {len(xy):,} random points, {found:,} of them in a grid"
