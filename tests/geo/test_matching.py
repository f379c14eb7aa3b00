"""Shared borders get the same vertices on all sides and at all levels; stored ones stay where they are."""

import time
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from geo.lattice import SCALE, is_on_lattice, snap
from geo.matching import MIN_TOLERANCE_M, Matched, match, polygonal, snapped
from geo.rings import rings_of

DATA = Path(__file__).parents[3] / "shared" / "data"
M = 1 / (np.pi / 180 * 6378137.0)
"""One metre along a meridian in degrees."""


def column(*shapes: object) -> np.ndarray:
    out = np.empty(len(shapes), dtype=object)
    out[:] = shapes
    return out


def metric(*shapes: object, stored: list[bool] | None = None, tolerance_m: float = 0.1) -> Matched:
    mask = None if stored is None else np.array(stored)
    return match(column(*shapes), stored=mask, tolerance_m=tolerance_m, metres_per_unit=1.0)


def vertices(shape: object) -> set[tuple[float, float]]:
    return set(map(tuple, shapely.get_coordinates(shape).tolist()))


def ring(shape: Polygon) -> list[tuple[float, float]]:
    return list(map(tuple, shapely.get_coordinates(shapely.normalize(shape))[:-1].tolist()))


def lattice_area(shape: object) -> int:
    """Return twice the area in lattice cells, exactly."""
    rings = rings_of(column(shape), lattice=True)
    xy, ahead = rings.xy, rings.xy[rings.next_vertex()]
    return sum(int(a) * int(d) - int(b) * int(c) for (a, b), (c, d) in zip(xy, ahead, strict=True))


def border_distance_m(before: object, after: object) -> float:
    """Return the Hausdorff distance of two boundaries, sampled finely."""
    lines = [shapely.boundary(before), shapely.boundary(after)]
    samples = [shapely.points(shapely.get_coordinates(shapely.segmentize(line, line.length / 500))) for line in lines]
    return max(float(shapely.distance(samples[i], lines[1 - i]).max()) for i in (0, 1))


#  W and E share the line x = 10; only E knows the node at y = 4
#  0        10       20
#  +---------+--------+ 10
#  |    W    o   E    |
#  +---------+--------+ 0
W, E = box(0, 0, 10, 10), Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10.03, 4)])


def test_a_node_of_one_side_enters_the_other():
    matched = metric(W, E)
    assert matched.changed.tolist() == [True, False]
    assert matched.nodes == 1
    assert ring(matched.geoms[0]) == [(0, 0), (0, 10), (10, 10), (10.03, 4), (10, 0)]
    assert matched.geoms[1] is not None
    assert np.allclose(matched.moved_m, [0.03, 0])


def test_a_node_enters_every_level_that_uses_the_edge():
    city = box(-5, -5, 10, 15)
    matched = metric(W, box(0, 0, 10, 10), box(-5, 0, 10, 10), city, E)
    assert matched.changed.tolist() == [True, True, True, True, False]
    # the city's long edge from (10, -5) to (10, 15) also gets the corners of the lower levels
    on_the_line = [(10, 15), (10, 10), (10.03, 4), (10, 0), (10, -5)]
    assert {point for point in ring(matched.geoms[3]) if point[0] >= 10} == set(on_the_line)


def test_noise_at_shared_corners_goes_to_the_vertex_that_most_use():
    matched = metric(box(0, 0, 10, 10), box(10, 0, 20, 10), Polygon([(0, 10), (10.02, 10.03), (20, 10), (10, 20)]))
    assert (10.02, 10.03) not in vertices(matched.geoms[2])
    assert (10, 10) in vertices(matched.geoms[2])
    assert matched.moved_m[2] == pytest.approx(np.hypot(0.02, 0.03))
    assert matched.changed.tolist() == [False, False, True]


def test_a_new_vertex_goes_to_the_stored_one():
    matched = metric(W, Polygon([(10.08, 0), (20, 0), (20, 10)]), stored=[True, False])
    assert (10.0, 0.0) in vertices(matched.geoms[1])
    assert matched.changed.tolist() == [False, True]


def test_a_stored_neighbour_gains_the_node_and_moves_no_vertex():
    matched = metric(W, E, stored=[True, False])
    assert matched.changed.tolist() == [True, False]
    assert vertices(matched.geoms[0]) == vertices(W) | {(10.03, 4)}


def test_stored_vertices_nearer_than_the_tolerance_stay_bit_for_bit():
    #  a stored strip three cells wide, and two vertices one cell apart
    strip = Polygon([(10, 0), (10.03, 0), (10.03, 10), (10.01, 10), (10, 10)])
    stored = (W, strip, Polygon([(10.03, 0), (20, 0), (20, 10), (10.03, 10)]))
    matched = metric(*stored, stored=[True] * 3, tolerance_m=1.0)
    assert not matched.changed.any()
    assert matched.nodes == 0
    assert all(after is before for after, before in zip(matched.geoms, stored, strict=True))


def test_a_stored_strip_survives_a_new_node_on_its_border():
    strip = Polygon([(10, 0), (10.05, 0), (10.05, 10), (10, 10)])
    new = Polygon([(20, 4), (10.05, 6), (10.05, 2)])
    matched = metric(W, strip, new, stored=[True, True, False], tolerance_m=0.04)
    assert matched.changed.tolist() == [False, True, False]
    assert ring(matched.geoms[1]) == [(10, 0), (10, 10), (10.05, 10), (10.05, 6), (10.05, 2), (10.05, 0)]


def test_new_nodes_do_not_carry_a_stored_line_across_a_stored_vertex():
    #  the stored line y = 0 passes 2 cm below the stored vertex (5, 0.02); a new node would pull it up by 4 cm
    below, above = box(0, -10, 10, 0), Polygon([(5, 0.02), (10, 10), (0, 10)])
    new = Polygon([(4.5, 0.04), (4.9, -0.2), (4.1, -0.2)])
    matched = metric(below, above, new, stored=[True, True, False], tolerance_m=0.05)
    assert shapely.area(matched.geoms[0] & matched.geoms[1]) == 0
    assert (5, 0.02) in vertices(matched.geoms[0])


def test_long_edges_against_many_short_ones_become_one_line():
    rng = np.random.default_rng(1)
    y = np.linspace(0, 10, 41)
    jitter = rng.uniform(-0.033, 0.033, (41, 2))
    jitter[[0, -1]] = 0
    wiggly = Polygon([*(np.column_stack([np.full(41, 10.0), y]) + jitter), (20, 10), (20, 0)])
    matched = metric(W, wiggly)
    assert matched.nodes == 39
    assert shapely.coverage_is_valid(matched.geoms)
    assert not matched.changed[1]


def test_an_overlap_and_a_gap_wider_than_the_tolerance_stay():
    overlapping, apart = box(9.8, 0, 20, 10), box(-10, 0, -0.2, 10)
    matched = metric(W, overlapping, apart)
    assert matched.moved_m.max() < 1e-12
    assert shapely.area(matched.geoms[0] & matched.geoms[1]) == pytest.approx(2.0)
    assert shapely.distance(matched.geoms[0], matched.geoms[2]) == 0.2


def test_a_hair_disappears():
    haired = Polygon([(0, 0), (10, 0), (10, 5), (14, 5.02), (10, 5.04), (10, 10), (0, 10)])
    matched = metric(haired)
    assert ring(matched.geoms[0]) == [(0, 0), (0, 10), (10, 10), (10, 5), (10, 0)]
    assert matched.moved_m[0] >= 4


def test_a_neck_becomes_two_parts_that_touch():
    #  0     10   12     22
    #  +-----+     +-----+
    #  |      >---<      |
    #  +-----+     +-----+
    neck = Polygon([(0, 0), (10, 0), (11, 4.98), (12, 0), (22, 0), (22, 10), (12, 10), (11, 5.02), (10, 10), (0, 10)])
    (shape,) = metric(neck).geoms
    assert shape.geom_type == "MultiPolygon"
    assert shape.is_valid
    assert sorted(len(part.exterior.coords) - 1 for part in shape.geoms) == [5, 5]
    assert shape.geoms[0].intersection(shape.geoms[1]).wkt.startswith("POINT (11 ")


def test_an_area_narrower_than_the_tolerance_vanishes_and_its_neighbours_meet():
    sliver = Polygon([(10, 0), (10.05, 0), (10.05, 10), (10, 10)])
    matched = metric(W, sliver, Polygon([(10.05, 0), (20, 0), (20, 10), (10.05, 10)]))
    assert matched.geoms[1] is None
    assert matched.changed.tolist()[1]
    assert shapely.coverage_is_valid(matched.geoms[[0, 2]])
    assert shapely.length(matched.geoms[0] & matched.geoms[2]) == pytest.approx(10, abs=0.01)


def test_collapsed_holes_and_parts_disappear():
    hole = [(2, 2), (2.05, 2), (2.05, 8), (2, 8)]
    part = Polygon([(30, 0), (30.05, 0), (30.05, 9)])
    matched = metric(MultiPolygon([Polygon(box(0, 0, 10, 10).exterior, [hole]), part]))
    assert ring(matched.geoms[0]) == ring(box(0, 0, 10, 10))


def test_a_hole_that_reaches_its_shell_touches_it_or_opens_it():
    touching = Polygon(box(0, 0, 10, 10).exterior, [[(5, 0.05), (7, 5), (3, 5)]])
    (shape,) = metric(touching).geoms
    assert shape.is_valid
    assert (5, 0.05) in vertices(shape.exterior) | {v for hole in shape.interiors for v in vertices(hole)}
    opened = Polygon(box(0, 0, 10, 10).exterior, [[(3, 0.05), (7, 0.05), (7, 5), (3, 5)]])
    (shape,) = metric(opened).geoms
    assert ring(shape) == [(0, 0), (0, 10), (10, 10), (10, 0), (7, 0.05), (7, 5), (3, 5), (3, 0.05)]


def test_parts_that_grow_together_become_one():
    matched = metric(MultiPolygon([W, box(10.05, 0, 20, 10)]))
    assert matched.geoms[0].geom_type == "Polygon"
    assert shapely.area(matched.geoms[0]) == pytest.approx(200, abs=0.6)


def test_an_enclave_and_its_hole_get_the_same_vertices():
    frame = Polygon(box(0, 0, 10, 10).exterior, [box(3, 3, 6, 6).exterior])
    enclave = Polygon([(3.02, 3), (6, 3.02), (6, 6), (4, 6.03), (3, 6)])
    matched = metric(frame, enclave)
    assert shapely.coverage_is_valid(matched.geoms)
    assert not shapely.get_rings(matched.geoms[0] | matched.geoms[1])[1:].size


def test_duplicates_stay_duplicates():
    matched = metric(W, W, E, E)
    assert matched.geoms[0].equals_exact(matched.geoms[1], 0)
    assert matched.nodes == 1


def test_two_corners_that_lie_on_each_others_edges_do_not_swing_for_ever():
    #  the corners (1.6, 0) and (1.48, 0.62) see each other from (0, 0) as on each other's edge
    spike = Polygon([(0, 0), (1.6, 0), (1.48, 0.62)])
    matched = metric(spike, tolerance_m=0.61)
    assert matched.rounds <= 3
    assert matched.geoms[0] is not None
    again = metric(matched.geoms[0], tolerance_m=0.61)
    assert not again.changed.any()


@pytest.mark.parametrize("shapes", [(), (None,), (Polygon(),), (None, Polygon(), MultiPolygon())])
def test_nothing_to_match_is_no_crash(shapes: tuple[object, ...]):
    for scale in (None, 1.0):
        matched = match(column(*shapes), tolerance_m=0.1, metres_per_unit=scale)
        assert not matched.changed.any()
        assert matched.nodes == 0
        assert len(matched.geoms) == len(matched.moved_m) == len(shapes)
        assert len(snapped(matched.geoms)) == len(shapes)


def test_one_area_alone_among_missing_ones_comes_back_as_it_is():
    matched = metric(None, W, Polygon())
    assert matched.geoms[1] is W
    assert matched.geoms[0] is None


def test_degenerate_rings_vanish():
    flat, point = Polygon([(0, 0), (5, 0), (9, 0)]), Polygon([(3, 3)] * 4)
    matched = metric(flat, point, W)
    assert matched.geoms[0] is None
    assert matched.geoms[1] is None


def test_the_least_tolerance_outlasts_rounding():
    assert MIN_TOLERANCE_M * 0.86 > 2 * 0.00787
    tiny = metric(W, Polygon([(10.02, 0), (20, 0), (20, 10), (10, 10)]), tolerance_m=0.0)
    assert (10, 0) in vertices(tiny.geoms[1])


def test_only_polygons_are_left_of_a_mixture():
    mixed = shapely.from_wkt(
        "GEOMETRYCOLLECTION (POINT (1 1), POLYGON ((0 0, 1 0, 0 1, 0 0)),"
        " GEOMETRYCOLLECTION (LINESTRING (0 0, 1 1), MULTIPOLYGON (((5 5, 6 5, 5 6, 5 5)))))"
    )
    assert polygonal(mixed).geom_type == "MultiPolygon"
    assert len(polygonal(mixed).geoms) == 2
    assert polygonal(shapely.from_wkt("LINESTRING (0 0, 1 1)")) is None


# ---- random coverages of two levels --------------------------------------------------------------------------------

SIDE = 4
"""Cells along one side; a parent holds 2 x 2 of them."""


def city(rng: np.random.Generator, unit: float, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Draw cells of about 10 m with wiggly borders and noise, and parents that lack some of the vertices.

    Each area draws its own noise; nodes in the middle of an edge lie on the straight line and may be missing.
    """
    corners = np.stack(np.meshgrid(np.arange(SIDE + 1), np.arange(SIDE + 1), indexing="ij"), axis=-1) * 10.0
    corners += rng.uniform(-2, 2, corners.shape)
    bends = {}

    def line(a: tuple[int, int], b: tuple[int, int]) -> np.ndarray:
        if a > b:
            return line(b, a)[::-1]
        if (a, b) not in bends:
            p, q = corners[a], corners[b]
            t = np.sort(rng.choice(np.arange(1, 8), rng.integers(0, 4), replace=False)) / 8
            bends[a, b] = np.vstack([p, p + t[:, None] * (q - p), q])
        whole = bends[a, b]
        return whole[np.concatenate([[True], rng.random(len(whole) - 2) < 0.6, [True]])]

    def area(i: int, j: int, size: int) -> Polygon:
        walk = [(i + k, j) for k in range(size)] + [(i + size, j + k) for k in range(size)]
        walk += [(i + size - k, j + size) for k in range(size)] + [(i, j + size - k) for k in range(size)]
        path = np.vstack([line(a, b)[:-1] for a, b in zip(walk, walk[1:] + walk[:1], strict=True)])
        path = path + rng.uniform(-noise, noise, path.shape) / np.sqrt(2)
        return Polygon(np.roll(path, rng.integers(len(path)), axis=0) * unit + origin)

    origin = np.array([103.8, 30.05]) if unit != 1.0 else np.array([388000.0, 3329000.0])
    cells = column(*[area(i, j, 1) for i in range(SIDE) for j in range(SIDE)])
    parents = column(*[area(i, j, 2) for i in range(0, SIDE, 2) for j in range(0, SIDE, 2)])
    return cells, parents


def children_of(cells: np.ndarray, parent: int) -> np.ndarray:
    i, j = 2 * (parent // 2), 2 * (parent % 2)
    return cells[[i * SIDE + j, i * SIDE + j + 1, (i + 1) * SIDE + j, (i + 1) * SIDE + j + 1]]


def assert_one_coverage(cells: np.ndarray, parents: np.ndarray) -> None:
    for level in (cells, parents):
        assert shapely.is_valid(level).all()
        assert shapely.coverage_is_valid(level)
        assert len(shapely.get_rings(shapely.coverage_union_all(level))) == 1
    for row, parent in enumerate(parents):
        outline = shapely.coverage_union_all(children_of(cells, row))
        assert shapely.normalize(outline) == shapely.normalize(parent)


seeds = st.integers(0, 2**32 - 1)
TOLERANCE_M = 0.3
some_unit = st.sampled_from([1.0, M])


@settings(deadline=None, max_examples=60)
@given(seeds, some_unit)
def test_noise_and_missing_nodes_become_one_coverage_at_all_levels(seed: int, unit: float):
    cells, parents = city(np.random.default_rng(seed), unit, TOLERANCE_M / 3)
    both = np.concatenate([cells, parents])
    scale = None if unit == M else 1.0
    matched = match(both, tolerance_m=TOLERANCE_M, metres_per_unit=scale)
    assert_one_coverage(matched.geoms[: len(cells)], matched.geoms[len(cells) :])
    assert shapely.is_valid(matched.geoms).all()
    for before, after, moved_m in zip(both, matched.geoms, matched.moved_m, strict=True):
        stretch = np.array([1.0, 1.0]) if scale else np.array([np.cos(np.radians(30.0502)), 1.0]) / M
        pair = [shapely.transform(one, lambda xy, by=stretch: xy * by) for one in (before, after)]
        assert border_distance_m(*pair) <= moved_m * 1.001 + 1e-6
        assert moved_m <= 2 * TOLERANCE_M
    again = match(matched.geoms, tolerance_m=TOLERANCE_M, metres_per_unit=scale)
    assert not again.changed.any()
    assert again.nodes == 0


@settings(deadline=None, max_examples=40)
@given(seeds)
def test_on_the_lattice_it_stays_a_coverage_and_conserves_area_exactly(seed: int):
    cells, parents = city(np.random.default_rng(seed), M, TOLERANCE_M / 3)
    matched = snapped(match(np.concatenate([cells, parents]), tolerance_m=TOLERANCE_M).geoms)
    assert is_on_lattice(matched)
    assert_one_coverage(matched[: len(cells)], matched[len(cells) :])
    for row, parent in enumerate(matched[len(cells) :]):
        assert sum(map(lattice_area, children_of(matched, row))) == lattice_area(parent)
    for tolerance_m in (TOLERANCE_M, 3.0):
        again = match(matched, stored=np.ones(len(matched), dtype=bool), tolerance_m=tolerance_m)
        assert not again.changed.any()
        assert again.nodes == 0
        assert again.moved_m.max() == 0


@settings(deadline=None, max_examples=40)
@given(seeds, st.floats(0, 1))
def test_stored_neighbours_keep_every_vertex_and_new_ones_join_them(seed: int, share: float):
    rng = np.random.default_rng(seed)
    cells, parents = city(rng, M, TOLERANCE_M / 6)
    stored = rng.random(len(cells) + len(parents)) < share
    both = np.concatenate([cells, parents])
    if stored.any():
        both[stored] = snapped(match(both[stored], tolerance_m=TOLERANCE_M).geoms)
    matched = match(both, stored=stored, tolerance_m=TOLERANCE_M)
    for row in np.flatnonzero(stored):
        assert vertices(both[row]) <= vertices(matched.geoms[row])
        assert matched.changed[row] == (vertices(both[row]) != vertices(matched.geoms[row]))
    final = snapped(matched.geoms)
    assert_one_coverage(final[: len(cells)], final[len(cells) :])
    assert not match(final, stored=np.ones(len(final), dtype=bool), tolerance_m=TOLERANCE_M).changed.any()


@settings(deadline=None, max_examples=30)
@given(seeds)
def test_neither_the_order_of_areas_nor_where_rings_start_matters(seed: int):
    rng = np.random.default_rng(seed)
    both = np.concatenate(city(rng, 1.0, TOLERANCE_M / 3))
    order = rng.permutation(len(both))
    turned = [Polygon(np.roll(shapely.get_coordinates(one)[:-1], rng.integers(20), axis=0)) for one in both[order]]
    first = match(both, tolerance_m=TOLERANCE_M, metres_per_unit=1.0)
    second = match(column(*turned), tolerance_m=TOLERANCE_M, metres_per_unit=1.0)
    for one, other in zip(first.geoms[order], second.geoms, strict=True):
        assert shapely.normalize(one) == shapely.normalize(other)
    assert first.moved_m[order].tolist() == second.moved_m.tolist()
    assert first.nodes == second.nodes


@st.composite
def crowds(draw: st.DrawFn) -> np.ndarray:
    """Draw triangles with corners on a coarse grid of the tolerance's own size: everything is nearly too near."""
    corner = st.tuples(st.integers(0, 12), st.integers(0, 12))
    triangles = [Polygon(draw(st.lists(corner, min_size=3, max_size=3))) for _ in range(draw(st.integers(1, 6)))]
    return column(*[one for one in triangles if one.is_valid and one.area])


@settings(deadline=None, max_examples=200)
@given(crowds(), st.sampled_from([0.5, 0.99, 1.0, 1.5, 2.5]))
def test_whatever_is_drawn_comes_out_valid_finished_and_measured(shapes: np.ndarray, tolerance_m: float):
    matched = match(shapes, tolerance_m=tolerance_m, metres_per_unit=1.0)
    for before, after, moved_m in zip(shapes, matched.geoms, matched.moved_m, strict=True):
        if after is not None:
            assert after.is_valid
            assert border_distance_m(before, after) <= moved_m + 1e-9
            assert vertices(after) <= vertices(shapely.GeometryCollection(list(shapes)))
    again = match(matched.geoms, tolerance_m=tolerance_m, metres_per_unit=1.0)
    assert not again.changed.any()


# ---- size -----------------------------------------------------------------------------------------------------------


def star(points: int, radius: float) -> Polygon:
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    far = np.where(np.arange(points) % 2, radius, radius / 2)
    return Polygon(np.column_stack([far * np.cos(angle), far * np.sin(angle)]))


def test_a_burst_within_the_tolerance_vanishes_at_once():
    began = time.process_time()
    assert metric(star(100_000, 0.04)).geoms[0] is None
    assert time.process_time() - began < 30


def test_a_comb_of_narrow_teeth_ends_soon():
    x = np.arange(4000) * 0.03
    teeth = Polygon([*np.column_stack([x, np.where(np.arange(4000) % 2, 5.0, 0.0)]), (x[-1], -5), (0, -5)])
    began = time.process_time()
    matched = metric(teeth)
    assert time.process_time() - began < 30
    assert matched.geoms[0] is None or matched.geoms[0].is_valid


def test_a_far_outlier_does_not_slow_a_town():
    block = np.stack(np.meshgrid(np.arange(220), np.arange(220)), axis=-1).reshape(-1, 2) * 1e-4 + [103.8, 30.0]
    town = shapely.box(*block.T, *(block + 1e-4).T)
    match(town[:4], tolerance_m=0.05)
    began = time.process_time()
    matched = match(np.append(town, box(123, 50, 124, 51)), tolerance_m=0.05)
    assert time.process_time() - began < 30
    assert matched.geoms[-1] is not None
    assert shapely.coverage_is_valid(matched.geoms[:-1])


# ---- real files ------------------------------------------------------------------------------------------------------


def read(path: str) -> np.ndarray:
    if not (DATA / path).exists():
        pytest.skip(f"../shared/data/{path} is absent")
    import geopandas

    reader = geopandas.read_parquet if path.endswith("parquet") else geopandas.read_file
    shapes = np.asarray(reader(DATA / path).geometry.values, dtype=object)
    bad = ~shapely.is_valid(shapes)
    shapes[bad] = [polygonal(one) for one in shapely.make_valid(shapes[bad], method="structure")]
    return shapes


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.soak_only
def test_the_census_of_england_becomes_one_coverage_at_both_levels():
    lower, upper = read("uk-census/oa11_ew.parquet"), read("uk-census/lsoa11_ew.parquet")
    matched = match(np.concatenate([lower, upper]), tolerance_m=0.05)
    assert matched.nodes == 0
    assert matched.moved_m.max() < 0.01
    level = snapped(matched.geoms)
    assert shapely.is_valid(level).all()
    assert shapely.coverage_is_valid(level[: len(lower)])
    assert shapely.coverage_is_valid(level[len(lower) :])
    inner, outer = (
        np.unique(snap(shapely.get_coordinates(part)) @ np.array([1, 4 * SCALE * 360]))
        for part in (level[: len(lower)], level[len(lower) :])
    )
    assert np.isin(outer, inner).mean() > 0.999


@pytest.mark.real_data
def test_the_precincts_of_providence_keep_their_real_defects():
    old = read("us-maup/providence/precincts/precincts.shp")
    matched = snapped(match(old, tolerance_m=0.05).geoms)
    assert shapely.is_valid(matched).all()
    holes = [shapely.get_rings(shapely.union_all(shapes)).size for shapes in (old, matched)]
    assert holes[1] == holes[0]


@pytest.mark.real_data
def test_the_precincts_of_denver_match_in_feet():
    feet = 1200 / 3937
    orig = read("us-maup/denver/DenverCo_precincts2020_orig/DenverCo_precincts2020_orig.shp")
    bad = shapely.coverage_invalid_edges(orig)
    matched = match(orig, tolerance_m=0.1, metres_per_unit=feet)
    assert shapely.is_valid(matched.geoms).all()
    left = shapely.coverage_invalid_edges(matched.geoms)
    assert (~shapely.is_empty(left)).sum() < (~shapely.is_empty(bad)).sum()
    again = match(matched.geoms, tolerance_m=0.1, metres_per_unit=feet)
    assert not again.changed.any()
