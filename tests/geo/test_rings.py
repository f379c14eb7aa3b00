"""Polygons as flat arrays of rings, and back again."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from geo.areas import areas
from geo.rings import geoms_of, rings_of


def column(*shapes: object) -> np.ndarray:
    out = np.empty(len(shapes), dtype=object)
    out[:] = shapes
    return out


#  0 1 2 3 4    6
#  +-------+    +
#  | +---+ |    |\
#  | +---+ |    +-+
#  +-------+
FRAME = box(0, 0, 4, 4) - box(1, 1, 3, 3)
TRIANGLE = Polygon([(6, 0), (8, 0), (6, 2)])
BOTH = MultiPolygon([FRAME, TRIANGLE])


def test_shells_run_counter_clockwise_holes_clockwise_and_no_vertex_is_repeated():
    rings = rings_of(column(BOTH))
    assert np.diff(rings.start).tolist() == [4, 4, 3]
    assert rings.polygon.tolist() == [0, 0, 1]
    assert rings.area.tolist() == [0, 0, 0]
    assert rings.is_hole().tolist() == [False, True, False]
    sizes = [Polygon(rings.xy[a:b]).exterior for a, b in zip(rings.start, rings.start[1:], strict=False)]
    assert shapely.is_ccw(np.array(sizes)).tolist() == [True, False, True]


def test_the_next_vertex_of_the_last_is_the_first():
    rings = rings_of(column(TRIANGLE, None, box(0, 0, 1, 1)))
    assert rings.next_vertex().tolist() == [1, 2, 0, 4, 5, 6, 3]
    assert rings.ring_of_vertex().tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert rings.area.tolist() == [0, 2]


def test_missing_and_empty_boundaries_give_no_ring_and_come_back_missing():
    given_shapes = column(None, Polygon(), TRIANGLE, MultiPolygon())
    rings = rings_of(given_shapes)
    assert rings.area.tolist() == [2]
    back = geoms_of(rings, 4)
    assert [shape is None for shape in back] == [True, True, False, True]


@pytest.mark.parametrize("shapes", [column(), column(None), column(Polygon(), None)])
@pytest.mark.parametrize("lattice", [False, True])
def test_no_rings_at_all_are_no_crash(shapes: np.ndarray, lattice: bool):
    rings = rings_of(shapes, lattice=lattice)
    assert rings.xy.shape == (0, 2)
    assert rings.start.tolist() == [0]
    assert len(rings.next_vertex()) == len(rings.ring_of_vertex()) == len(rings.is_hole()) == 0
    assert all(shape is None for shape in geoms_of(rings, len(shapes)))


def test_heights_are_dropped():
    high = shapely.force_3d(TRIANGLE, 7.0)
    assert geoms_of(rings_of(column(high)), 1)[0] == shapely.orient_polygons(TRIANGLE)


def test_lattice_rings_are_integers():
    rings = rings_of(column(box(103.8464354, 30, 104, 30.078257)), lattice=True)
    assert rings.xy.dtype == np.int64
    assert rings.xy.min(axis=0).tolist() == [1038464354, 300000000]


def test_a_polygon_of_one_part_comes_back_as_polygon():
    assert geoms_of(rings_of(column(MultiPolygon([TRIANGLE]))), 1)[0].geom_type == "Polygon"


def test_areas_without_rows_can_be_built_and_taken_from():
    none = areas("grid", [], [])
    assert len(none) == 0
    assert len(none.take([])) == 0
    some = areas("grid", ["a", "b"], [TRIANGLE, None])
    assert some.names.tolist() == ["a", "b"]
    assert some.parents.tolist() == ["", ""]
    assert some.take([True, False]).codes.tolist() == ["a"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([FRAME, TRIANGLE, BOTH, None, Polygon(), box(0, 0, 1, 1)]), max_size=8))
def test_taking_apart_and_putting_together_keeps_every_vertex(shapes: list[object]):
    back = geoms_of(rings_of(column(*shapes)), len(shapes))
    for before, after in zip(shapes, back, strict=True):
        if before is None or before.is_empty:
            assert after is None
        else:
            assert shapely.orient_polygons(before) == after
