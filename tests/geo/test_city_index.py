"""The index of all layers: on random cities the same as the border rule among all areas, and the same distances."""

import json
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay
from shapely import box

from geo.areas import texts
from geo.lattice import degrees
from geo.levels import DEFAULT
from geo.locate.answer import answer
from geo.locate.border import Layer, claim, edges_of, sector_cover
from geo.locate.city import NO_ROW, SEVERAL_ROWS, STATUSES, CityIndex
from geo.locate.ready import ReadyCity
from geo.locate.records import Candidate
from geo.rings import rings_of
from geo.stored import StoredAreas

WEST, SOUTH = 1_038_000_000, 300_000_000
ORIGIN = np.array([WEST, SOUTH])
LEVELS = ("city", "county", "town", "community", "grid", "microgrid")


def city(*drawn):
    """Return stored areas from (level, kind, shape in lattice steps)."""
    count = len(drawn)
    levels, kinds, shapes = zip(*drawn, strict=True)
    geoms = np.empty(count, dtype=object)
    geoms[:] = [shapely.transform(shape, lambda xy: degrees(np.rint(xy) + ORIGIN)) for shape in shapes]
    codes = texts([f"{row:03}" for row in range(count)])
    flags, empty = np.zeros(count, dtype=bool), texts([""] * count)
    ids = np.arange(1, count + 1)
    parents = np.zeros(count, dtype=np.int64)
    return StoredAreas(
        ids, texts(levels), codes, empty, codes, texts(kinds), empty, parents, flags, flags, empty, geoms
    )


def layer_of(level, kind):
    if level == "microgrid":
        return Layer.MICROGRID
    if level != "grid":
        return Layer.UPPER
    return Layer.SPECIAL if kind == "special" else Layer.GENERAL


def by_the_rule(areas, points):
    """Return status, border, and the rows of special grid, grid, microgrid and deepest area, as the rule has them."""
    edges = edges_of(rings_of(areas.geoms, lattice=True))
    layers = [layer_of(*each) for each in zip(areas.levels, areas.kinds, strict=True)]
    depths = [DEFAULT.levels.index(level) for level in areas.levels]

    def one(rows):
        return NO_ROW if not rows else rows[0] if len(rows) == 1 else SEVERAL_ROWS

    answers = []
    for point in points.tolist():
        found = claim(sector_cover(tuple(point), edges, len(areas)), layers, depths)
        rows = (found.specials, found.generals, found.microgrids, found.deepest)
        answers.append((found.status, found.on_border, *map(one, rows)))
    return answers


def by_the_index(areas, points, threads=1):
    index = CityIndex.of(areas)
    again = CityIndex.from_arrays(index.arrays())
    found = again.locate(*points.T, threads)
    columns = (found.on_border, found.special, found.general, found.microgrid, found.upper)
    return list(zip([STATUSES[k] for k in found.status], *(column.tolist() for column in columns), strict=True))


def everywhere(side):
    return np.array([(WEST + x, SOUTH + y) for x in range(-2, side + 3) for y in range(-2, side + 3)])


#  8 +---------------+-------+
#    |   +-------+   |       |    grids 2 (west), 3 (east) of community 1; school 4 over both;
#    | 2 |   4   | 3 |  gap  |    microgrid 5 in the west half of grid 2
#    |   +-------+   |       |
#  0 +-------+-------+-------+
#    0       4       8      12
TOWN = [
    ("town", "general", box(0, 0, 12, 8)),
    ("community", "general", box(0, 0, 11, 8)),
    ("grid", "general", box(0, 0, 4, 8)),
    ("grid", "general", box(4, 0, 8, 8)),
    ("grid", "special", box(2, 2, 6, 6)),
    ("microgrid", "general", box(0, 0, 2, 8)),
]


@pytest.mark.parametrize("threads", [1, 2])
def test_every_point_of_a_town_goes_by_the_rule(threads):
    points = everywhere(12)
    assert by_the_index(city(*TOWN), points, threads) == by_the_rule(city(*TOWN), points)


def test_overlapping_grids_are_a_conflict_of_several():
    areas = city(*TOWN, ("grid", "general", box(1, 1, 3, 7)), ("microgrid", "general", box(1, 0, 2, 1)))
    rule, index = by_the_rule(areas, everywhere(12)), by_the_index(areas, everywhere(12))
    assert [row[:1] + row[2:] for row in index] == [row[:1] + row[2:] for row in rule]
    assert {status for status, *_ in index} == {"found", "gap", "outside", "conflict"}


@st.composite
def cities(draw):
    side = draw(st.sampled_from([8, 60]))
    corner = st.integers(0, side)
    points = draw(st.lists(st.tuples(corner, corner), min_size=4, max_size=12, unique=True))
    xy = np.array([(-1, -1), (side + 1, -1), (side + 1, side + 1), (-1, side + 1), *points])
    corners = Delaunay(xy).simplices
    triangles = shapely.orient_polygons(shapely.polygons(xy[corners]))

    def painted(level, kind, colors):
        paint = np.array(draw(st.lists(st.integers(0, colors), min_size=len(corners), max_size=len(corners))))
        shapes = [shapely.union_all(triangles[paint == color]) for color in sorted({*paint.tolist()} - {0})]
        return [(level, kind, shape) for shape in shapes if shape.area > 0]

    layers = [("town", "general", 1), ("community", "general", 2), ("grid", "general", 3)]
    layers += [("grid", "special", 1), ("microgrid", "general", 2)]
    drawn = [area for layer in layers for area in painted(*layer)]
    probes = draw(st.lists(st.tuples(corner, corner), max_size=10))
    return drawn, np.array([*xy.tolist(), *probes]) + ORIGIN


def points_on(areas):
    rings = rings_of(areas.geoms, lattice=True)
    a, b = rings.xy, rings.xy[rings.next_vertex()]
    step = np.gcd.reduce(b - a, axis=1)[:, None]
    return np.concatenate([a, a + (b - a) // step * (step // 2)])


@settings(deadline=None, max_examples=60)
@given(cities())
def test_a_random_city_goes_by_the_rule(case):
    drawn, points = case
    if drawn:
        areas = city(*drawn)
        points = np.unique(np.concatenate([points, points_on(areas)]), axis=0)
        assert by_the_index(areas, points) == by_the_rule(areas, points)


@settings(deadline=None, max_examples=40)
@given(cities(), st.sampled_from([0.02, 0.2, 5.0]))
def test_the_nearest_border_is_as_far_as_geos_measures_it(case, radius_m):
    drawn, points = case
    if not drawn:
        return
    areas, index = city(*drawn), CityIndex.of(city(*drawn))
    found = index.locate(*points.T)
    away_m = index.border_m(*points.T, found, radius_m)
    for row, expected_m in enumerate(measured(areas, points, found)):
        assert away_m[row] == pytest.approx(expected_m if expected_m <= radius_m else np.inf, rel=1e-3, abs=1e-6)


def measured(areas, points, found):
    special = (areas.levels == "grid") & (areas.kinds == "special")
    general = (areas.levels == "grid") & ~special
    for row, point in enumerate(points):
        counts = special.copy()
        if found.special[row] == NO_ROW:
            counts |= general
            if found.general[row] == NO_ROW:
                deepest = areas.levels[found.upper[row]] if found.upper[row] >= 0 else "town"
                counts |= (areas.levels == deepest) | (areas.levels == "community")
        if found.on_border[row]:
            yield 0.0
        else:
            scale = np.array([0.0964860, 0.1108520]) / 10
            plane = shapely.transform(areas.geoms[counts], lambda xy: (np.rint(xy * 1e7) - point) * scale)  # noqa: B023
            yield float(shapely.distance(shapely.boundary(plane), shapely.Point(0, 0)).min(initial=np.inf))


@settings(deadline=None, max_examples=25)
@given(cities(), st.sampled_from([0.0, 0.03, 0.3]), st.sampled_from([0.02, 5.0]))
def test_a_city_held_ready_answers_as_the_boundaries_do(case, accuracy_m, radius_m):
    drawn, points = case
    if not drawn:
        return
    # of the same parents: chains tell no more than boundaries, so that both ways are taken
    areas = city(*drawn)
    parents = np.array([next((up for up in range(row) if LEVELS.index(areas.levels[up]) < LEVELS.index(level)), -1)
                        for row, level in enumerate(areas.levels)]) + 1  # fmt: skip
    areas = replace(areas, parent_ids=parents)
    ready = ReadyCity.of(areas, {}, DEFAULT)
    records = ready._known(range(len(areas)))
    candidates = [Candidate(records[row + 1], geom) for row, geom in enumerate(areas.geoms)]
    for point in map(tuple, np.concatenate([points[-8:], points_on(areas)[::12]]).tolist()):
        expected = answer(point, candidates, records, accuracy_m=accuracy_m, radius_m=radius_m).document()
        assert ready.answer(point, accuracy_m, radius_m).document() == expected
        assert json.loads(ready.text(point, accuracy_m, radius_m) + b"}") == expected
