"""The lattice: canonical doubles, and predicates that are exact up to the ends of the earth."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, box

from geo.lattice import CELL_DEG, CELL_M, SCALE, degrees, is_on_lattice, on_segment, orientation, snap, snap_columns

EDGE = 180 * SCALE
cells = st.integers(-EDGE, EDGE)
# less than 180 degrees apart, where the products still fit in int64
east = st.integers(0, EDGE)
near_the_antimeridian = st.integers(EDGE - 3, EDGE)


def test_the_canonical_double_is_the_quotient_not_the_product():
    assert degrees(13) == 13 / 1e7
    assert degrees(13) != 13 * 1e-7


def test_a_cell_is_a_centimetre_at_the_equator():
    assert abs(CELL_M - np.pi / 180 * 6378137 * CELL_DEG) < 1e-12


def test_rounding_goes_to_the_nearest_cell_and_halves_to_the_even_one():
    assert snap([1.4e-7, 1.6e-7, -1.6e-7, 103.84643543]).tolist() == [1, 2, -2, 1038464354]
    assert snap(-0.0) == 0


def test_no_coordinates_round_to_none():
    assert snap(np.empty((0, 2))).shape == (0, 2)
    assert degrees(np.empty((0, 2), dtype=np.int64)).dtype == np.float64


def test_what_lies_on_the_lattice_is_told_from_what_lies_beside_it():
    assert is_on_lattice([Point(103.8464354, 30.078257), None, Polygon()])
    assert not is_on_lattice(Point(np.nextafter(103.8464354, 180), 30.078257))
    assert not is_on_lattice(box(0, 0, 1, 1.00000005))


@settings(deadline=None, max_examples=300)
@given(cells)
def test_every_cell_comes_back_from_its_double(k: int):
    assert int(snap(degrees(k))) == k
    assert float(degrees(k)) == k / 1e7
    assert is_on_lattice(Point(float(degrees(k)), 0))


@settings(deadline=None, max_examples=300)
@given(st.floats(-180, 180))
def test_rounding_moves_by_half_a_cell_and_a_second_time_by_nothing(x: float):
    once = degrees(snap(x))
    assert abs(Fraction(float(once)) - Fraction(x)) <= Fraction(1, 2 * SCALE) + Fraction(1, 10**13)
    assert degrees(snap(once)) == once


def test_one_cell_beside_a_line_across_half_the_earth_is_beside_it():
    #  a line from the antimeridian's south to the prime meridian's north
    a, b = (0, -90 * SCALE), (EDGE, 90 * SCALE)
    middle = (90 * SCALE, 0)
    assert orientation(*a, *b, *middle) == 0
    assert orientation(*a, *b, middle[0], 1) == 1
    assert orientation(*a, *b, middle[0], -1) == -1
    assert on_segment(*middle, *a, *b)
    assert not on_segment(middle[0] + 1, 0, *a, *b)


def test_beyond_the_ends_of_a_segment_is_not_on_it():
    assert on_segment(0, 0, 0, 0, 2, 2)
    assert on_segment(2, 2, 0, 0, 2, 2)
    assert not on_segment(3, 3, 0, 0, 2, 2)
    assert not on_segment(-1, -1, 0, 0, 2, 2)


@settings(deadline=None, max_examples=300)
@given(*[east | near_the_antimeridian] * 3, *[st.integers(-90 * SCALE, 90 * SCALE)] * 3)
def test_orientation_is_exact_in_int64_too(ax: int, bx: int, cx: int, ay: int, by: int, cy: int):
    exact = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    expected = (exact > 0) - (exact < 0)
    assert orientation(ax, ay, bx, by, cx, cy) == expected
    wide = [np.int64(value) for value in (ax, ay, bx, by, cx, cy)]
    assert (
        int(np.sign((wide[2] - wide[0]) * (wide[5] - wide[1]) - (wide[3] - wide[1]) * (wide[4] - wide[0]))) == expected
    )
    assert orientation(bx, by, ax, ay, cx, cy) == -expected
    assert orientation(bx, by, cx, cy, ax, ay) == expected


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=20))
def test_columns_are_rounded_as_single_points_are(points):
    lonlat = np.array([*points, (103.85, 30.05), (5e-8, -5e-8), (1.5e-7, -1.5e-7)])
    assert np.column_stack(snap_columns(lonlat)).tolist() == snap(lonlat).tolist()
