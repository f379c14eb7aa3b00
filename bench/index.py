"""Many points to areas by the index in memory: against GeoPandas and SedonaDB, one core each, in processor time."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

import geopandas
import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import shapely

from bench.alone import run_alone
from bench.environments import python_with
from bench.points import NEAR_BORDER_DEG
from bench.spending import Pairs, Spent, on_processor, paired
from bench.table import GIB, LeftOut, Row, Setting, require_same
from geo.areas import Geometries
from geo.lattice import snap, snap_columns
from geo.locate.index import LayerIndex
from importers.sample import sample_levels

SEDONA: Final = ("sedonadb==0.5.0", "geopandas==1.2.0", "geoarrow-pyarrow==0.3.0")
POINTS: Final = 1_000_000
Rows = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    name: str
    geoms: Geometries
    lonlat: npt.NDArray[np.float64]

    @property
    def size(self) -> str:
        vertices = int(shapely.get_num_coordinates(self.geoms).sum())
        return f"{len(self.lonlat):,} points, {len(self.geoms):,} areas, {vertices:,} vertices"


@cache
def _sample(grids: int, points: int) -> _Case:
    geoms = sample_levels(grids)["grid"].geoms
    return _Case(f"{grids:,} grids", geoms, _points(geoms, points))


@cache
def _uk(file: Path, count: int | None, points: int) -> _Case:
    table = pq.read_table(file, columns=["geometry"])
    geoms = shapely.from_wkb(table["geometry"].slice(0, count or len(table)).to_pylist())
    geoms = shapely.make_valid(shapely.transform(geoms, lambda xy: snap(xy) / 1e7))
    kept = geoms[np.isin(shapely.get_type_id(geoms), (3, 6))]
    return _Case("UK output areas", kept, _points(kept, points))


def _points(geoms: Geometries, count: int) -> npt.NDArray[np.float64]:
    """Return random lattice points in the boxes of random areas: most lie in some area, and many near a border."""
    dice = np.random.default_rng(1)
    boxes = shapely.bounds(geoms)[dice.integers(0, len(geoms), count)]
    return snap(boxes[:, :2] + dice.random((count, 2)) * (boxes[:, 2:] - boxes[:, :2])) / 1e7


def _ours(index: LayerIndex, lonlat: npt.NDArray[np.float64]) -> Rows:
    return index.claim(*snap_columns(lonlat)).row


def _build_and_look(case: _Case) -> Rows:
    return _ours(LayerIndex.of(case.geoms), case.lonlat)


def _joined(frame: geopandas.GeoDataFrame, points: geopandas.GeoDataFrame) -> Rows:
    found = points.sjoin(frame, how="left", predicate="intersects")["index_right"]
    first = found[~found.index.duplicated()]
    return first.fillna(-1).to_numpy().astype(np.int32)


def _frames(case: _Case) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame]:
    frame = geopandas.GeoDataFrame(geometry=case.geoms, crs=4490)
    return frame, geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*case.lonlat.T, crs=4490))


def _against_geopandas(case: _Case, setting: Setting, target: float, *, whole: bool) -> Row:
    frame, points = _frames(case)
    index = LayerIndex.of(case.geoms)
    frame.sindex.size  # noqa: B018 - asking for it builds it, outside the time

    def peer() -> Rows:
        own, many = (frame.copy(), points) if whole else (frame, points)
        return _joined(own, many)

    def ours() -> Rows:
        return _build_and_look(case) if whole else _ours(index, case.lonlat)

    same = _same(case, ours(), peer())
    pairs = paired(lambda: on_processor(ours)[0], lambda: on_processor(peer)[0], setting.runs)
    return _row(case, "geopandas.sjoin", pairs, same, target, whole=whole)


def _against_sedona(case: _Case, setting: Setting, target: float, *, whole: bool) -> Row | LeftOut:
    python = python_with(setting.home, "sedona", SEDONA)
    if python is None:
        return LeftOut(f"points to {case.name}, SedonaDB", "sedonadb cannot be installed here")
    files = [setting.home / name for name in ("sedona-areas.parquet", "sedona-points.npy", "sedona-rows.npy")]
    frame = geopandas.GeoDataFrame({"row": np.arange(len(case.geoms))}, geometry=case.geoms, crs=4490)
    frame.to_parquet(files[0])
    np.save(files[1], case.lonlat)
    index = LayerIndex.of(case.geoms)

    def peer() -> Spent:
        command = [str(python), str(Path(__file__).with_name("peer_sedona.py")), *map(str, files)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return Spent(json.loads(done.stdout)["seconds"])

    def ours() -> Rows:
        return _build_and_look(case) if whole else _ours(index, case.lonlat)

    peer()
    same = _same(case, ours(), np.load(files[2]))
    pairs = paired(lambda: on_processor(ours)[0], peer, setting.runs)
    return _row(case, "SedonaDB, a join on one partition", pairs, same, target, whole=whole)


def _row(case: _Case, peer: str, pairs: Pairs, same: str, target: float, *, whole: bool) -> Row:
    what = f"points to {case.name}" + (", building included" if whole else "")
    remark = "processor time; ours starts from doubles, rounds them, and also tells what lies on a border"
    count = len(case.lonlat)
    return Row(what, peer, case.size, pairs, same, target=1 / target, count=count, unit="points", remark=remark)


def _same(case: _Case, ours: Rows, peer: Rows) -> str:
    """Require the same area for every point that lies on no border."""
    different = np.flatnonzero(ours != peer)
    tree = shapely.STRtree(shapely.boundary(case.geoms))
    near = tree.query(shapely.points(case.lonlat[different]), predicate="dwithin", distance=NEAR_BORDER_DEG)[0]
    wrong = len(different) - len(np.unique(near))
    require_same(wrong == 0, f"{wrong} of {len(ours):,} points got another area")
    return f"the same area for {len(ours):,} points but {len(different)} on a border, where the peer gives any"


def _batch(against: Callable[..., Row | LeftOut], grids: int, target: float, setting: Setting) -> Row | LeftOut:
    count = POINTS // 10 if setting.quick else POINTS
    return against(_sample(grids // 5 if setting.quick else grids, count), setting, target, whole=False)


def _whole(against: Callable[..., Row | LeftOut], target: float, setting: Setting) -> Row | LeftOut:
    count = POINTS // 5 if setting.quick else 10 * POINTS
    return against(_sample(500 if setting.quick else 2_500, count), setting, target, whole=True)


def _of_uk(against: Callable[..., Row | LeftOut], target: float, setting: Setting) -> Row | LeftOut:
    file = setting.shared / "uk-census" / "oa11_ew.parquet"
    if not file.is_file():
        return LeftOut("points to UK output areas", "needs ../shared/data/uk-census")
    case = _uk(file, 5_000 if setting.quick else None, POINTS // 10 if setting.quick else POINTS)
    return against(case, setting, target, whole=False)


def _building(grids: int, setting: Setting) -> Row:
    """Build the index of a sample city in a process of its own."""
    count = grids // 5 if setting.quick else grids
    told = run_alone("index", count)
    ours = tuple(Spent(seconds, told["peak_bytes"]) for seconds in told["seconds"])
    peer = tuple(Spent(seconds) for seconds in told["tree_seconds"])
    held_gib = told["held_bytes"] / GIB
    return Row(
        f"building the index of {count:,} grids",
        "shapely.STRtree of the same boundaries",
        f"{count:,} grids, {told['vertices']:,} vertices",
        Pairs(ours, peer),
        f"{told['same']:,} random points have the same area in both",
        peak_target_bytes=6 * GIB,
        remark=f"holds {held_gib:.3f} GiB; the tree knows boxes only; the peak includes the boundaries",
    )


ROWS: Final = (
    *(partial(_batch, _against_geopandas, grids, 25.0) for grids in (2_500, 100_000)),
    *(partial(_batch, _against_sedona, grids, 15.0) for grids in (2_500, 100_000)),
    partial(_of_uk, _against_geopandas, 25.0),
    partial(_of_uk, _against_sedona, 15.0),
    partial(_whole, _against_geopandas, 10.0),
    partial(_whole, _against_sedona, 4.0),
    *(partial(_building, grids) for grids in (2_500, 100_000, 1_000_000)),
)
