"""Points to grids: one by one from PostGIS, and many from memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import geopandas
import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, text

from bench.databases import Databases
from bench.importing import BASELINE, fill_sample, sample_folder
from bench.points import points_over
from bench.spending import paired, timed
from bench.table import Row, Setting, require_same
from geo.store.connect import connect
from geo.store.locating import Loaded, Question, full_view, locate

POINTS: Final = 1000
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


@contextmanager
def _city(setting: Setting) -> Iterator[_City]:
    """Publish the sample city's communities and grids, and pick points over it."""
    folder = sample_folder(setting)
    databases = Databases(setting.home)
    file: Path = folder / "grids.geojson"
    with databases.migrated() as name:
        fill_sample(databases, name, folder)
        databases.run_command(name, ("import", str(file), "--level", "grid", "--parent-field", "parent", *BASELINE))
        grids = geopandas.read_file(file)
        with connect(databases.app_url(name)) as connection:
            yield _City(connection, grids, points_over(np.asarray(grids.geometry.values, dtype=object), POINTS))


def _same(ours: Codes, peer: Codes, xy: npt.NDArray[np.float64]) -> str:
    different = sum(mine != other for mine, other in zip(ours, peer, strict=True))
    require_same(different == 0, f"{different} of {len(xy)} points got another code")
    found = sum(code is not None for code in ours)
    return f"the same code for {len(xy):,} random points, {found:,} of them in a grid"
