"""Boundaries that are no valid polygons: never a traceback, never a silent miss."""

import numpy as np
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from geo.areas import areas
from geo.coverage import Planar, check

WEST = box(0, 0, 2, 2)
METRES = Planar(1.0)


def checked(*shapes, metric=METRES):
    level = areas("grid", [f"a{row}" for row in range(len(shapes))], shapes)
    return check(level, lattice=False, metric=metric)


def with_corner(x):
    with np.errstate(invalid="ignore"):
        return shapely.polygons([(5, 0), (x, 4), (9, 0), (5, 0)])


def told(result):
    return [(f.kind, f.codes, f.detail) for f in result.findings]


@pytest.mark.parametrize(
    ("shape", "reason", "place"),
    [
        (None, "no boundary", None),
        (Polygon(), "no boundary", None),
        (MultiPolygon(), "no boundary", None),
        (GeometryCollection(), "no boundary", None),
        (Point(9, 9), "not a polygon", (9, 9)),
        (LineString([(9, 9), (8, 8)]), "not a polygon", (9, 9)),
        (Polygon([(5, 0), (9, 4), (9, 0), (5, 4)]), "Self-intersection", (7, 2)),
        (Polygon([(5, 0), (9, 0), (9, 4), (9, 8), (9, 4), (5, 4)]), "Ring Self-intersection", (9, 4)),
        (Polygon(box(5, 0, 9, 4).exterior, [box(6, 9, 7, 10).exterior]), "Hole lies outside shell", (7, 9)),
        (
            Polygon(box(5, 0, 9, 4).exterior, [box(6, 1, 8, 3).exterior, box(6.5, 1.5, 7, 2).exterior]),
            "Holes are nested",
            (7, 1.5),
        ),
        (MultiPolygon([box(5, 0, 9, 4), box(6, 1, 8, 3)]), "Nested shells", (8, 1)),
        (with_corner(np.nan), "coordinate not finite", None),
        (with_corner(np.inf), "coordinate not finite", None),
    ],
    ids=str,
)
def test_what_is_no_valid_polygon_is_said_with_reason_and_place(shape, reason, place):
    result = checked(WEST, shape)
    invalid = [finding for finding in result.findings if finding.kind == "invalid_geometry"]
    assert [(f.codes, f.detail) for f in invalid] == [(("a1",), reason)]
    where = invalid[0].geometry
    assert (None if where is None else where.coords[0]) == place
    assert result.verdict == "defects"
    assert invalid[0].text("zh")


#  a0 [    ]
#  a1    [><]     the bow-tie's left wing reaches into a0
def test_the_overlaps_of_an_invalid_polygon_are_found_all_the_same():
    result = checked(WEST, Polygon([(1, 0), (5, 2), (5, 0), (1, 2)]))
    assert [(f.kind, round(f.area_m2, 6)) for f in result.findings] == [("overlap", 1.5), ("invalid_geometry", 0.0)]


def test_the_polygons_of_a_collection_are_checked_and_the_rest_is_said():
    mixed = GeometryCollection([box(1, 0, 3, 2), LineString([(0, 0), (9, 9)])])
    result = checked(WEST, mixed)
    assert told(result) == [("overlap", ("a0", "a1"), ""), ("invalid_geometry", ("a1",), "not a polygon")]


def test_heights_and_measures_are_dropped():
    deep = shapely.force_3d(box(2, 0, 4, 2), 7.0)
    measured = shapely.from_wkt("POLYGON ZM ((4 0 1 2, 6 0 1 2, 6 2 1 2, 4 2 1 2, 4 0 1 2))")
    assert told(checked(WEST, deep, measured)) == []


def test_repeated_vertices_are_no_finding():
    again = Polygon([(2, 0), (2, 0), (4, 0), (4, 2), (4, 2), (4, 2), (2, 2), (2, 0), (2, 0)])
    assert told(checked(WEST, again)) == []


def test_a_hole_that_touches_its_shell_in_a_point_is_valid():
    land = Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(0, 0), (1, 2), (2, 1)]])
    assert told(checked(land, Polygon([(0, 0), (2, 1), (1, 2)]))) == []


def test_a_hole_that_shares_an_edge_with_its_shell_is_invalid():
    land = Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(0, 0), (1, 1), (2, 0)]])
    assert told(checked(land))[0][:2] == ("invalid_geometry", ("a0",))


def test_rings_wound_either_way_are_no_finding():
    assert told(checked(WEST.reverse(), box(2, 0, 4, 2))) == []


#  a spike 4 m long that encloses 2 mm² (less than a cell), valid in itself
def test_a_spike_is_invalid_where_it_points():
    spiky = Polygon([(0, 0), (2, 0), (2, 1), (6, 1), (2, 1.00001), (2, 2), (0, 2)])
    result = checked(spiky)
    assert told(result) == [("invalid_geometry", ("a0",), "spike")]
    assert result.findings[0].geometry.equals(Point(6, 1))


def test_an_area_across_the_antimeridian_is_said_and_not_taken_for_the_rest_of_the_world():
    across = Polygon([(179, 30), (-179, 30), (-179, 31), (179, 31)])
    level = areas("grid", ["far", "home"], [across, box(103, 30, 104, 31)])
    assert told(check(level, lattice=False)) == [("invalid_geometry", ("far",), "wider than 180 degrees")]


def test_areas_on_both_sides_of_the_antimeridian_are_fine():
    level = areas("grid", ["east", "west"], [box(179, 30, 180, 31), box(-180, 30, -179, 31)])
    assert told(check(level, lattice=False)) == []


def test_invalid_parents_are_said_as_well():
    bow = Polygon([(0, 0), (4, 4), (4, 0), (0, 4)])
    result = check(areas("grid", [], []), areas("community", ["P"], [bow]), lattice=False, metric=METRES)
    assert told(result) == [("gap", ("P",), ""), ("invalid_geometry", ("P",), "Self-intersection")]


def test_a_single_area_and_no_area_are_fine():
    assert told(checked(WEST)) == []
    assert told(checked()) == []
