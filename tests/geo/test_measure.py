"""Square metres and metres: against geodesics on edges cut very fine, and against what must hold exactly."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import LineString, MultiPolygon, Point, Polygon, box

from geo.lattice import degrees, snap
from geo.measure import (
    FLATTENING,
    SEMI_MAJOR_M,
    area_m2,
    distance_m,
    length_m,
    metres_per_degree,
    perimeter_m,
    ring_areas_m2,
    width_m,
)
from geo.rings import rings_of

GEOD = Geod(a=SEMI_MAJOR_M, f=FLATTENING)
CELL = 1e-7


def column(*geoms):
    out = np.empty(len(geoms), dtype=object)
    out[:] = geoms
    return out


def by_geodesics(polygon, step_deg):
    """Area and perimeter with edges cut so short that a geodesic cannot leave the straight lon-lat line."""
    fine = shapely.orient_polygons(shapely.segmentize(polygon, step_deg))
    return GEOD.geometry_area_perimeter(fine)


GRID = Polygon([(103.84, 30.07), (103.85, 30.071), (103.852, 30.08), (103.845, 30.078), (103.841, 30.083)])
COUNTY = Polygon([(103.5, 29.9), (104.0, 30.0), (104.1, 30.3), (103.6, 30.35)])
PROVINCE = box(97, 26, 109, 34.5)


@pytest.mark.parametrize(
    ("polygon", "step_deg"), [(GRID, 1e-6), (COUNTY, 5e-5), (PROVINCE, 2e-4)], ids=["grid", "county", "province"]
)
def test_areas_and_perimeters_agree_with_geodesics_on_fine_edges(polygon, step_deg):
    expected_m2, expected_m = by_geodesics(polygon, step_deg)
    assert area_m2(column(polygon))[0] == pytest.approx(expected_m2, rel=1e-9)
    assert perimeter_m(column(polygon))[0] == pytest.approx(expected_m, rel=1e-9)


def test_the_whole_ellipsoid_has_its_known_surface():
    assert area_m2(column(box(-180, -90, 180, 90)))[0] == pytest.approx(510_065_621_718_491.0, rel=1e-9)


#   a ------- n ------- b      5 km along 30.05° N; the geodesic a-b runs 284 mm north of n
def test_a_node_on_a_5_km_east_west_edge_spans_nothing():
    half_deg = 2500 / float(metres_per_degree(30.05)[0])
    triangle = Polygon([(104 - half_deg, 30.05), (104, 30.05), (104 + half_deg, 30.05)])
    assert abs(GEOD.geometry_area_perimeter(triangle)[0]) == pytest.approx(708, abs=0.5)
    assert area_m2(column(triangle)).tolist() == [0.0]


def lattice_polygon(*cells):
    return Polygon(degrees(np.array(cells)))


#   o            a triangle of one cell by one cell: 0.6 cm² at 30° N
#   oo
@pytest.mark.parametrize(("lon", "lat"), [(104.0, 30.0), (87.6, 43.8), (121.5, 31.2), (-0.1, 51.5)])
def test_a_triangle_of_one_lattice_cell_keeps_its_digits(lon, lat):
    x, y = (int(value) for value in snap([lon, lat]))
    lon_m, lat_m = metres_per_degree(lat + CELL / 3)
    expected_m2 = float(lon_m * lat_m) * CELL * CELL / 2
    found_m2 = area_m2(column(lattice_polygon((x, y), (x + 1, y), (x, y + 1))))[0]
    # Doubles near 104 keep 1.4e-14 degrees, which is 1.4e-7 of a cell.
    assert found_m2 == pytest.approx(expected_m2, rel=5e-7)


def test_a_sliver_of_one_cell_along_a_kilometre_keeps_its_digits():
    x, y = 1_038_464_354, 300_782_570
    sliver = lattice_polygon((x, y), (x + 100_000, y + 3), (x + 100_000, y + 4), (x, y + 1))
    lon_m, lat_m = metres_per_degree(30.0782572)
    assert area_m2(column(sliver))[0] == pytest.approx(float(lon_m * lat_m) * 100_000 * CELL**2, rel=1e-6)
    assert width_m(column(sliver))[0] == pytest.approx(float(lat_m) * CELL, rel=1e-4)


#   +-----------+
#   |   +---+   |   the hole, wound either way, is taken away
#   |   +---+   |
#   +-----------+
@pytest.mark.parametrize("shell_turn", [1, -1])
@pytest.mark.parametrize("hole_turn", [1, -1])
def test_a_hole_is_subtracted_whatever_its_winding(shell_turn, hole_turn):
    shell, hole = box(104, 30, 104.03, 30.03), box(104.01, 30.01, 104.02, 30.02)
    ring = Polygon(list(shell.exterior.coords)[::shell_turn], [list(hole.exterior.coords)[::hole_turn]])
    expected_m2 = area_m2(column(shell))[0] - area_m2(column(hole))[0]
    assert area_m2(column(ring))[0] == pytest.approx(expected_m2, rel=1e-12)
    expected_m = perimeter_m(column(shell))[0] + perimeter_m(column(hole))[0]
    assert perimeter_m(column(ring))[0] == pytest.approx(expected_m, rel=1e-12)


def test_parts_are_summed_whatever_their_winding():
    west, east = box(104, 30, 104.01, 30.01), box(104.05, 30, 104.06, 30.01)
    both = MultiPolygon([west, east.reverse()])
    assert area_m2(column(both))[0] == pytest.approx(area_m2(column(west, east)).sum(), rel=1e-12)


def test_nothing_measures_zero():
    nothing = column(None, Polygon(), MultiPolygon(), Polygon([(104, 30), (104, 30), (104, 30)]))
    for measure in (area_m2, perimeter_m, width_m, length_m):
        assert measure(nothing).tolist() == [0.0] * 4
        assert measure(column()).shape == (0,)


def test_rows_keep_their_place_between_empty_ones():
    found = area_m2(column(None, GRID, Polygon(), COUNTY, None))
    assert found.tolist() == [0.0, area_m2(column(GRID))[0], 0.0, area_m2(column(COUNTY))[0], 0.0]


def test_areas_do_not_depend_on_what_else_is_measured():
    together = area_m2(column(PROVINCE, GRID, COUNTY))
    assert together.tolist() == [area_m2(column(one))[0] for one in (PROVINCE, GRID, COUNTY)]


def test_ring_areas_are_signed_and_read_lattice_integers_alike():
    ring = Polygon(box(104, 30, 104.03, 30.03).exterior, [box(104.01, 30.01, 104.02, 30.02).exterior])
    in_degrees = ring_areas_m2(rings_of(column(ring)))
    assert in_degrees[0] > 0 > in_degrees[1]
    np.testing.assert_array_equal(ring_areas_m2(rings_of(column(ring), lattice=True)), in_degrees)


@settings(deadline=None, max_examples=60)
@given(
    lon=st.floats(73, 135),
    lat=st.floats(-60, 60),
    size=st.floats(1e-5, 0.5),
    cut=st.floats(0.1, 0.9),
)
def test_a_box_cut_in_two_measures_the_same(lon, lat, size, cut):
    middle = lon + cut * size
    whole = box(lon, lat, lon + size, lat + size)
    halves = column(box(lon, lat, middle, lat + size), box(middle, lat, lon + size, lat + size))
    assert area_m2(halves).sum() == pytest.approx(area_m2(column(whole))[0], rel=1e-10)


@settings(deadline=None, max_examples=60)
@given(st.floats(73, 135), st.floats(-60, 60), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_a_node_on_an_edge_changes_neither_length_nor_area(lon, lat, dx, dy):
    ends = [(lon, lat), (lon + dx, lat + dy)]
    middle = (lon + dx / 2, lat + dy / 2)
    straight, noded = length_m(column(LineString(ends), LineString([ends[0], middle, ends[1]])))
    assert noded == pytest.approx(straight, rel=1e-9, abs=1e-9)


def test_lengths_follow_the_straight_lon_lat_line():
    lines = column(
        LineString([(104, 30), (104, 31)]),
        shapely.MultiLineString([[(104, 30), (104, 30.5)], [(105, 30.5), (105, 31)]]),
        Point(104, 30),
        None,
        GRID,
    )
    meridian_m = GEOD.inv(104, 30, 104, 31)[2]
    expected = [meridian_m, meridian_m, 0, 0, perimeter_m(column(GRID))[0]]
    np.testing.assert_allclose(length_m(lines), expected, rtol=1e-10)


def test_distances_broadcast_and_agree_with_geodesics_near_by():
    lon, lat = np.array([104.0, 104.01, 104.05]), np.array([30.0, 30.02, 29.97])
    found = distance_m(104.0, 30.0, lon, lat)
    expected = GEOD.inv(np.full(3, 104.0), np.full(3, 30.0), lon, lat)[2]
    assert found[0] == 0.0
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-3)
    assert distance_m(104, 30, 104, 30.001).shape == ()


@pytest.mark.parametrize("lat", [0.0, 30.0, 53.0, -45.0])
def test_a_degree_is_what_a_short_geodesic_says(lat):
    lon_m, lat_m = metres_per_degree(lat)
    step = 1e-3
    assert float(lon_m) == pytest.approx(GEOD.inv(104, lat, 104 + step, lat)[2] / step, rel=1e-8)
    assert float(lat_m) == pytest.approx(GEOD.inv(104, lat - step / 2, 104, lat + step / 2)[2] / step, rel=1e-8)


def test_a_degree_of_the_equator_follows_from_the_semi_major_axis():
    assert float(metres_per_degree(0.0)[0]) == pytest.approx(math.radians(SEMI_MAJOR_M), rel=1e-15)


def test_twenty_thousand_grids_are_measured_alike():
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    centre = np.random.default_rng(7).uniform([103, 29], [105, 31], (20_000, 2))
    xy = (centre[:, None, :] + np.stack([np.cos(turn), np.sin(turn)], axis=-1) * 0.002).reshape(-1, 2)
    grids = shapely.polygons(shapely.linearrings(xy, indices=np.repeat(np.arange(len(centre)), 24)))
    lon_m, lat_m = metres_per_degree(centre[:, 1])
    np.testing.assert_allclose(area_m2(grids), shapely.area(grids) * lon_m * lat_m, rtol=1e-6)
