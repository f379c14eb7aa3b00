"""GCJ-02 and BD-09: published vectors, round trips, and that a point never depends on its neighbours."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from geo.offset import BOX, bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02

# city        WGS 84                      GCJ-02                        BD-09
VECTORS = {
    "眉山": ((103.8464354, 30.078257), (103.848540966, 30.075438964), (103.855101541, 30.081177809)),
    "成都": ((104.0640437, 30.5747262), (104.066544059, 30.572269018), (104.073008499, 30.578319606)),
    "内江": ((105.055217, 29.5828101), (105.058434055, 29.580228982), (105.065022266, 29.585914800)),
    "南充": ((106.1066742, 30.8400721), (106.110694972, 30.837792951), (106.117196123, 30.843780726)),
}
WEST, SOUTH, EAST, NORTH = BOX
IN_BOX = st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH))
TO_AND_FRO = [(wgs84_to_gcj02, gcj02_to_wgs84), (wgs84_to_bd09, bd09_to_wgs84)]


@pytest.mark.parametrize("city", VECTORS)
def test_the_four_cities_are_shifted_as_published(city):
    wgs84, gcj02, bd09 = (np.array([point]) for point in VECTORS[city])
    np.testing.assert_allclose(wgs84_to_gcj02(wgs84), gcj02, rtol=0, atol=1e-9)
    np.testing.assert_allclose(wgs84_to_bd09(wgs84), bd09, rtol=0, atol=1e-9)


@pytest.mark.parametrize("city", VECTORS)
def test_the_four_cities_come_back_from_the_published_shift(city):
    wgs84, gcj02, bd09 = (np.array([point]) for point in VECTORS[city])
    np.testing.assert_allclose(gcj02_to_wgs84(gcj02), wgs84, rtol=0, atol=1e-9)
    np.testing.assert_allclose(bd09_to_wgs84(bd09), wgs84, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("shift", "undo"), TO_AND_FRO)
def test_a_fine_net_over_the_whole_box_comes_back(shift, undo):
    lon, lat = np.meshgrid(np.linspace(WEST, EAST, 601), np.linspace(SOUTH, NORTH, 501))
    points = np.column_stack([lon.ravel(), lat.ravel()])
    assert np.abs(undo(shift(points)) - points).max() < 1e-9


@pytest.mark.parametrize(("shift", "undo"), TO_AND_FRO)
@settings(deadline=None, max_examples=200)
@given(point=IN_BOX)
def test_any_point_of_the_box_comes_back(shift, undo, point):
    points = np.array([point])
    assert np.abs(undo(shift(points)) - points).max() < 1e-9


@pytest.mark.parametrize(("shift", "undo"), TO_AND_FRO)
def test_the_meridian_where_the_formula_has_a_cusp_comes_back(shift, undo):
    lon = 105 + np.concatenate([[0.0], 10.0 ** np.arange(-16, 0), -(10.0 ** np.arange(-16, 0))])
    points = np.column_stack([lon, np.full(len(lon), 29.58)])
    assert np.abs(undo(shift(points)) - points).max() < 1e-9


#        north
#     o    .    o          o: outside, never moved
#   ......box......
#     o    .    o
@pytest.mark.parametrize("point", [(71.9, 30.0), (137.9, 30.0), (104.0, 0.8), (104.0, 55.9), (-0.1, 51.5), (180, -90)])
@pytest.mark.parametrize("convert", [wgs84_to_gcj02, gcj02_to_wgs84, wgs84_to_bd09, bd09_to_wgs84])
def test_outside_the_box_nothing_moves(convert, point):
    assert convert([point]).tolist() == [list(map(float, point))]


@pytest.mark.parametrize("convert", [wgs84_to_gcj02, gcj02_to_wgs84, wgs84_to_bd09, bd09_to_wgs84])
@settings(deadline=None, max_examples=40)
@given(
    points=hnp.arrays(np.float64, st.tuples(st.integers(1, 60), st.just(2)), elements=st.floats(20, 110)),
    data=st.data(),
)
def test_a_point_gets_the_same_bits_in_any_company(convert, points, data):
    row = data.draw(st.integers(0, len(points) - 1))
    assert np.array_equal(convert(points)[row], convert(points[row : row + 1])[0])
    assert np.array_equal(convert(points[::-1])[::-1], convert(points))


def test_no_point_gives_no_point():
    assert wgs84_to_gcj02(np.empty((0, 2))).shape == (0, 2)
    assert bd09_to_wgs84(np.empty((0, 2))).shape == (0, 2)
