"""The index of a layer: the same answers as the border rule, on random coverages and on their lines and corners."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay
from shapely import MultiPolygon, Polygon, box

from geo.lattice import degrees
from geo.locate import segments
from geo.locate.border import edges_of, first_covered, sector_cover
from geo.locate.index import NO_ROW, SEVERAL_ROWS, LayerIndex
from geo.rings import rings_of


def drawn(*shapes):
    """Return shapes drawn in lattice units as stored geometries."""
    geoms = np.empty(len(shapes), dtype=object)
    geoms[:] = [shape and shapely.transform(shape, degrees) for shape in shapes]
    return geoms


def by_the_rule(geoms, points):
    """Return the row that the border rule gives each point, and whether two sectors differ."""
    edges = edges_of(rings_of(geoms, lattice=True))
    rows, border = [], []
    for point in points.tolist():
        around = sector_cover(tuple(point), edges, len(geoms))
        found = first_covered(around)
        rows.append(NO_ROW if found is None else found[1][0] if len(found[1]) == 1 else SEVERAL_ROWS)
        border.append(len({tuple(sector) for sector in around.covers.tolist()}) > 1)
    return rows, border


def everywhere(side, margin=2):
    return np.array([(x, y) for x in range(-margin, side + margin + 1) for y in range(-margin, side + margin + 1)])


def assert_by_the_rule(geoms, points):
    claims = LayerIndex.of(geoms).claim(*points.T)
    rows, border = by_the_rule(geoms, points)
    assert claims.row.tolist() == rows
    assert claims.on_border.tolist() == border


#  4 +-------+-------+
#    |   +---+---+   |      four quarters, cut out of the middle an enclave with a hole of its own
#    |   | c   c |   |
#    |   +---+---+   |
#  0 +-------+-------+
#    0       4       8
ENCLAVE = box(2, 2, 6, 6) - box(3, 3, 5, 4)
QUARTERS = [box(x, y, x + 4, y + 4) - box(2, 2, 6, 6) for x in (0, 4) for y in (0, 4)]


def test_every_point_of_an_enclave_in_four_quarters_goes_by_the_rule():
    assert_by_the_rule(drawn(*QUARTERS, ENCLAVE), everywhere(8))


def test_areas_of_several_parts_and_missing_ones_go_by_the_rule():
    parts = MultiPolygon([box(0, 0, 1, 1), box(1, 1, 2, 2), box(4, 0, 5, 1)])
    assert_by_the_rule(drawn(parts, None, box(1, 0, 4, 1)), everywhere(5))


def test_where_areas_overlap_several_claim_the_point():
    assert_by_the_rule(drawn(box(0, 0, 4, 4), box(2, 1, 6, 3), box(2, 2, 5, 8)), everywhere(8))


def test_areas_that_are_taken_apart_in_several_goes_are_the_same(monkeypatch):
    whole = LayerIndex.of(drawn(*QUARTERS, None, ENCLAVE)).claim(*everywhere(8).T)
    monkeypatch.setattr(segments, "_AT_ONCE", 2)
    parts = LayerIndex.of(drawn(*QUARTERS, None, ENCLAVE)).claim(*everywhere(8).T)
    assert parts.row.tolist() == whole.row.tolist()


def test_an_empty_layer_covers_nothing():
    for geoms in (drawn(), drawn(None)):
        claims = LayerIndex.of(geoms).claim(*everywhere(2).T)
        assert set(claims.row.tolist()) == {NO_ROW} and not claims.on_border.any()


@st.composite
def coverages(draw):
    side = draw(st.sampled_from([6, 40, 1000]))
    corner = st.integers(0, side)
    points = draw(st.lists(st.tuples(corner, corner), min_size=4, max_size=30, unique=True))
    xy = np.array([(-1, -1), (side + 1, -1), (side + 1, side + 1), (-1, side + 1), *points])
    corners = Delaunay(xy).simplices
    triangles = shapely.orient_polygons(shapely.polygons(xy[corners]))
    paint = draw(st.lists(st.integers(0, 5), min_size=len(corners), max_size=len(corners)))
    shapes = [shapely.union_all(triangles[np.array(paint) == color]) for color in sorted(set(paint) - {0})]
    geoms = drawn(*[shape for shape in shapes if shape.area > 0])
    probes = draw(st.lists(st.tuples(corner, corner), max_size=20))
    return geoms, np.array([*xy.tolist(), *probes, *(xy[4:] + 1).tolist(), *(xy[4:] - 1).tolist()])


def lattice_points_on(geoms):
    """Return lattice points that lie on edges, corners among them."""
    rings = rings_of(geoms, lattice=True)
    a, b = rings.xy, rings.xy[rings.next_vertex()]
    step = np.gcd.reduce(b - a, axis=1)
    inner = a + (b - a) // step[:, None] * (step[:, None] // 2)
    return np.concatenate([a, inner])


@settings(deadline=None, max_examples=150)
@given(coverages())
def test_a_random_coverage_goes_by_the_rule(case):
    geoms, probes = case
    if len(geoms):
        probes = np.concatenate([probes, lattice_points_on(geoms)])
    assert_by_the_rule(geoms, np.unique(probes, axis=0))
    claims = LayerIndex.of(geoms).claim(*probes.T)
    assert (claims.row != SEVERAL_ROWS).all()


@settings(deadline=None, max_examples=80)
@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 20), st.integers(1, 20)),
        min_size=1,
        max_size=12,
    )
)
def test_random_boxes_that_overlap_go_by_the_rule(sides):
    assert_by_the_rule(drawn(*[box(x, y, x + w, y + h) for x, y, w, h in sides]), everywhere(40)[::7])


def test_it_is_exact_on_edges_that_span_the_country():
    long, beyond = 600_000_000, 599_999_999
    triangle = Polygon([(0, 0), (long, beyond), (0, beyond)])
    points = np.array(
        [(1, 0), (beyond, beyond - 1), (beyond, beyond), (long // 2, beyond // 2), (long // 2, beyond // 2 + 1)]
    )
    assert_by_the_rule(drawn(triangle), points)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_work_can_be_shared(threads):
    points = everywhere(8)
    index = LayerIndex.of(drawn(*QUARTERS, ENCLAVE))
    assert index.claim(*points.T, threads).row.tolist() == index.claim(*points.T).row.tolist()


def test_the_arrays_are_the_index():
    index = LayerIndex.of(drawn(*QUARTERS, ENCLAVE))
    again = LayerIndex.from_arrays({name: array.copy() for name, array in index.arrays().items()})
    assert again.claim(*everywhere(8).T).row.tolist() == index.claim(*everywhere(8).T).row.tolist()
