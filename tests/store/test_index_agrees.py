"""The index in memory and PostGIS give the same answer on every point, wherever it lies: invented and real cities."""

import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from geo.areas import texts
from geo.lattice import degrees, snap_columns
from geo.locate.city import NO_ROW, STATUSES, CityIndex
from geo.matching import match, polygonal, snapped
from geo.rings import rings_of
from geo.store.areas import load_areas
from geo.store.connect import connect
from geo.store.locating import Loaded, Question, full_view, locate
from geo.stored import StoredAreas

DATA = Path(__file__).parents[3] / "shared/data"
WHOLE = bool(os.environ.get("GRIDWARDEN_SOAK"))
POINTS = 500_000 if WHOLE else 10_000
ASKED_OF_POSTGIS = POINTS // 250
NEAR_M = 0.05


def points_for(areas, count, seed=1):
    """Return lattice points: random ones, corners, points on edges, and all of these one step aside."""
    dice = np.random.default_rng(seed)
    boxes = shapely.bounds(areas.geoms[dice.integers(0, len(areas), count // 4)])
    random = np.rint((boxes[:, :2] + dice.random((len(boxes), 2)) * (boxes[:, 2:] - boxes[:, :2])) * 1e7).astype(int)
    rings = rings_of(areas.geoms, lattice=True)
    a, b = rings.xy, rings.xy[rings.next_vertex()]
    step = np.gcd.reduce(b - a, axis=1)[:, None]
    some = dice.integers(0, len(a), count // 4)
    on_edge = (a + (b - a) // step * (step // 2))[some]
    long = np.flatnonzero(step[:, 0] > 1)
    on_edge[::2] = (a + (b - a) // step)[dice.choice(long, len(on_edge[::2]))] if len(long) else on_edge[::2]
    beside = np.rint(a + (b - a) * dice.random((len(a), 1))).astype(int)[some]
    aside = a[dice.integers(0, len(a), count // 8)]
    corners = a[dice.integers(0, len(a), count // 8)]
    shifted = aside + dice.integers(-1, 2, aside.shape)
    return np.concatenate([random, on_edge, beside, corners, shifted])


def answered(found, areas):
    """Return what can be compared of an answer: rows by code, and whether it lies on a border."""
    row_of = {code: row for row, code in enumerate(areas.codes)}
    return (
        found.status,
        found.on_border,
        row_of[found.grid.code] if found.grid else NO_ROW,
        row_of[found.microgrid.code] if found.microgrid else NO_ROW,
    )


def assert_same(areas, points, ask):
    index = CityIndex.of(areas)
    x, y = points.T
    assert np.array_equal(np.column_stack(snap_columns(degrees(points))), points)
    found = index.locate(x, y)
    ours = zip(
        [STATUSES[k] for k in found.status], found.on_border.tolist(), found.grid.tolist(),
        np.maximum(found.microgrid, NO_ROW).tolist(), strict=True,
    )  # fmt: skip
    for row, mine in enumerate(ours):
        lon, lat = degrees(points[row]).tolist()
        assert mine == answered(ask(Question(lon, lat, radius_m=NEAR_M)), areas), (points[row].tolist(), mine)


def test_postgis_and_the_index_agree_in_the_invented_city(city_url):
    with connect(city_url) as connection:
        now = datetime.now(UTC)
        areas = load_areas(connection, now)
        points = points_for(areas, ASKED_OF_POSTGIS)
        assert_same(areas, points, lambda question: locate(connection, now, question, full_view))


@pytest.mark.slow
def test_what_postgis_holds_and_the_index_agree_in_the_invented_city(city_url):
    with connect(city_url) as connection:
        loaded = Loaded.within(connection, datetime.now(UTC), None, full_view)
    assert_same(loaded.areas, points_for(loaded.areas, POINTS), loaded.answer)


@cache
def real(path, query=None):
    """Return a file's areas as one matched level of grids on the lattice."""
    file = DATA / path
    frame = geopandas.read_parquet(file) if file.suffix == ".parquet" else geopandas.read_file(file)
    frame = frame.query(query) if query else frame
    frame = frame if WHOLE else frame.iloc[:5_000]
    geoms = np.asarray(frame.to_crs(4490).geometry.values, dtype=object)
    bad = ~shapely.is_valid(geoms)
    geoms[bad] = [polygonal(one) for one in shapely.make_valid(geoms[bad], method="structure")]
    geoms = snapped(match(geoms, tolerance_m=0.1).geoms)
    return stored(geoms[[geom is not None for geom in geoms]])


def stored(geoms):
    count = len(geoms)
    codes, empty, flags = (
        texts([f"{row:06d}" for row in range(count)]),
        texts([""] * count),
        np.zeros(count, dtype=bool),
    )
    level, kind = texts(["grid"] * count), texts(["general"] * count)
    zero = np.zeros(count, dtype=np.int64)
    ids = np.arange(1, count + 1)
    return StoredAreas(ids, level, codes, empty, codes, kind, empty, zero, flags, flags, empty, geoms)


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("uk-census/oa11_ew.parquet", None),
        ("us-maup/providence/blocks", None),
        ("cn-admin/amap_wgs84_sichuan_district.geojson", "city_adcode == '511400'"),
    ],
    ids=["UK output areas", "Providence blocks", "Meishan"],
)
def test_the_index_agrees_on_real_boundaries(path, query):
    areas = real(path, query)
    assert_same(areas, points_for(areas, POINTS), Loaded(areas, {}, full_view).answer)
