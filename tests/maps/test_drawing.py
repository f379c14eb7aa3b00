import numpy as np
import pytest
import shapely
from shapely import box

from maps.drawing import DECIMALS, drawing

#  [ west ~ east ]   one wavy border of 4,001 vertices between two areas
WAVE = np.column_stack([100 + 0.001 * np.sin(np.linspace(0, 60, 4001)), np.linspace(30, 30.1, 4001)])
WEST = shapely.Polygon([(99.9, 30), *WAVE, (99.9, 30.1)])
EAST = shapely.Polygon([(100.1, 30), *WAVE, (100.1, 30.1)])


def column(*geoms):
    shapes = np.empty(len(geoms), dtype=object)
    shapes[:] = geoms
    return shapes


def test_coordinates_have_six_decimals_and_no_height():
    drawn = drawing(column(shapely.Polygon([(103.12345678, 30, 5), (104, 30, 5), (104, 31.98765432, 5)])))
    assert shapely.get_coordinates(drawn.geoms[0])[0].tolist() == [103.123457, 30.0]
    assert not shapely.has_z(drawn.geoms[0])


def test_a_light_layer_keeps_every_vertex():
    drawn = drawing(column(WEST, EAST))
    assert drawn.tolerance_m == 0
    assert shapely.get_num_coordinates(drawn.geoms).tolist() == shapely.get_num_coordinates([WEST, EAST]).tolist()


@pytest.mark.parametrize("most_vertices", [3000, 800, 300])
def test_a_heavy_layer_is_simplified_without_a_seam(most_vertices):
    drawn = drawing(column(WEST, EAST), most_vertices=most_vertices)
    west, east = drawn.geoms
    assert drawn.tolerance_m >= 2
    assert shapely.get_num_coordinates(drawn.geoms).sum() <= most_vertices
    assert shapely.coverage_is_valid(drawn.geoms)
    assert shapely.union(west, east).symmetric_difference(box(99.9, 30, 100.1, 30.1)).area == pytest.approx(
        0, abs=1e-12
    )


def test_simplified_lines_stay_as_near_as_the_page_says():
    drawn = drawing(column(WEST, EAST), most_vertices=800)
    moved_degrees = shapely.hausdorff_distance(drawn.geoms[0].exterior, WEST.exterior)
    assert moved_degrees * 111_320 <= drawn.tolerance_m


def test_what_cannot_become_lighter_is_drawn_all_the_same():
    drawn = drawing(column(box(0, 0, 1, 1), box(1, 0, 2, 1)), most_vertices=1)
    assert drawn.tolerance_m == 256
    assert shapely.area(drawn.geoms).tolist() == [1, 1]


def test_a_name_stands_inside_its_area():
    ring = shapely.difference(box(0, 0, 3, 3), box(1, 1, 2, 2))
    drawn = drawing(column(ring))
    assert shapely.contains(ring, shapely.Point(drawn.labels[0]))
    assert np.array_equal(drawn.labels, np.round(drawn.labels, DECIMALS))
