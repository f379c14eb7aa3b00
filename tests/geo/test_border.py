"""Who claims a point on a border: a drawing for each clause, then random coverages against fractions."""

from fractions import Fraction
from itertools import pairwise
from math import gcd

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay
from shapely import Polygon, box

from geo.lattice import degrees
from geo.locate.border import Claim, Edges, Layer, claim, edges_of, first_covered, sector_cover
from geo.rings import Rings, rings_of

UPPER, GENERAL, SPECIAL, MICROGRID = Layer


def around(point, shapes):
    """Read the surroundings of a lattice point among shapes drawn in lattice units."""
    geoms = np.array([shapely.transform(shape, degrees) for shape in shapes], dtype=object)
    return sector_cover(point, edges_of(rings_of(geoms, lattice=True)), len(shapes))


def claimed(point, *drawn):
    """Claim a point among (shape, layer) or (shape, layer, depth)."""
    depths = [rest[0] if rest else 9 for _, _, *rest in drawn]
    return claim(around(point, [shape for shape, *_ in drawn]), [layer for _, layer, *_ in drawn], depths)


#  2 +-------+-------+
#    |  NW   |  NE   |
#  1 +-------p-------+
#    |  SW   |  SE   |
#  0 +-------+-------+
#    0       1       2
NE, NW, SW, SE = box(1, 1, 2, 2), box(0, 1, 1, 2), box(0, 0, 1, 1), box(1, 0, 2, 1)
FOUR = [(NE, GENERAL), (NW, GENERAL), (SW, GENERAL), (SE, GENERAL)]


def test_where_four_grids_meet_the_one_just_north_of_east_claims_the_point():
    assert claimed((1, 1), *FOUR) == Claim("found", on_border=True, generals=(0,), touching=(0, 1, 2, 3))


@pytest.mark.parametrize(("present", "winner"), [([1, 2, 3], NW), ([2, 3], SW), ([3], SE), ([0, 2], NE), ([1, 3], NW)])
def test_uncovered_sectors_are_skipped_turning_counter_clockwise(present, winner):
    drawn = [FOUR[row] for row in present]
    claim_ = claimed((1, 1), *drawn)
    assert (claim_.status, claim_.on_border) == ("found", True)
    assert drawn[claim_.generals[0]][0] is winner


def test_the_surroundings_are_read_sector_by_sector():
    read = around((1, 1), [NE, NW, SW, SE])
    assert read.rays == ((0, 1), (-1, 0), (0, -1), (1, 0))
    assert read.covers.tolist() == np.eye(4, dtype=bool).tolist()


def test_a_point_on_an_edge_running_east_belongs_to_its_north():
    north, south = box(0, 1, 4, 2), box(0, 0, 4, 1)
    assert claimed((2, 1), (south, GENERAL), (north, GENERAL)).generals == (1,)


def test_a_point_on_an_edge_running_north_belongs_to_its_east():
    west, east = box(0, 0, 1, 2), box(1, 0, 2, 2)
    assert claimed((1, 1), (west, GENERAL), (east, GENERAL)).generals == (1,)


@pytest.mark.parametrize("point", [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)])
def test_an_outer_border_is_inside(point):
    assert claimed(point, (box(0, 0, 2, 2), GENERAL)).status == "found"


@pytest.mark.parametrize("point", [(-1, 0), (3, 0), (3, 2), (1, 3), (1, -1), (2, -1)])
def test_a_point_in_line_with_an_edge_but_beyond_it_is_outside(point):
    assert claimed(point, (box(0, 0, 2, 2), GENERAL)) == Claim("outside", on_border=False)


#  4 +---------------+
#    |   3 p---+     |      the grid has a hole; nothing covers the hole but the community
#    |     |   |     |
#    |   1 +---q     |
#  0 +---------------+
#    0     1   3     4
HOLED = box(0, 0, 4, 4) - box(1, 1, 3, 3)


@pytest.mark.parametrize("point", [(1, 3), (3, 1), (1, 1), (3, 3), (2, 1), (1, 2), (3, 2), (2, 3)])
def test_a_gaps_rim_belongs_to_the_grid_around_it(point):
    found = claimed(point, (box(0, 0, 4, 4), UPPER, 4), (HOLED, GENERAL))
    assert (found.status, found.generals, found.on_border) == ("found", (1,), True)


def test_within_the_hole_there_is_a_gap_of_the_deepest_level():
    found = claimed((2, 2), (box(0, 0, 9, 9), UPPER, 3), (box(0, 0, 4, 4), UPPER, 4), (HOLED, GENERAL))
    assert found == Claim("gap", on_border=False, uppers=(0, 1), deepest=(1,), touching=(1,))


def test_a_gap_takes_the_first_sector_in_which_its_deepest_level_is_covered():
    #  the town lies on both sides, a community in the west: its east border is the community's
    town, community = box(0, 0, 4, 2), box(0, 0, 2, 2)
    found = claimed((2, 1), (town, UPPER, 3), (community, UPPER, 4))
    assert found == Claim("gap", on_border=True, uppers=(0, 1), deepest=(1,), touching=(0, 1))


def test_a_grid_beats_a_gap_that_comes_first():
    town, grid = box(0, 0, 4, 2), box(0, 0, 2, 2)
    assert claimed((2, 1), (town, UPPER, 3), (grid, GENERAL)).generals == (1,)


#  4 +-------+-------+
#    |   +-------+   |
#    |   |   s   |   |      a school over the border of two general grids
#    |   +---q---p   |
#  0 +-------+-------+
#    0   1   2   3   4
WEST, EAST, SCHOOL = box(0, 0, 2, 4), box(2, 0, 4, 4), box(1, 1, 3, 3)
LAID_OVER = [(WEST, GENERAL), (EAST, GENERAL), (SCHOOL, SPECIAL)]


def test_a_general_border_underneath_a_special_grid_is_no_border():
    found = claimed((2, 2), *LAID_OVER)
    assert found == Claim("found", on_border=False, specials=(2,), generals=(1,), touching=(2,))


def test_a_special_grids_outline_is_a_border_against_general_land():
    corner = claimed((3, 1), *LAID_OVER)
    assert corner == Claim("found", on_border=True, specials=(), generals=(1,), touching=(1, 2))
    below = claimed((2, 1), *LAID_OVER)
    assert below == Claim("found", on_border=True, specials=(2,), generals=(1,), touching=(0, 1, 2))


def test_the_host_and_the_microgrid_are_read_in_the_chosen_sector():
    #  p on the school's west side: just north of east is the school, over WEST, over the eastern microgrid
    micro_west, micro_east = box(0, 0, 1, 4), box(1, 0, 2, 4)
    found = claimed((1, 2), *LAID_OVER, (micro_west, MICROGRID), (micro_east, MICROGRID))
    assert (found.specials, found.generals, found.microgrids) == ((2,), (0,), (4,))


def test_a_microgrids_border_is_no_border():
    found = claimed((1, 2), (WEST, GENERAL), (box(0, 0, 1, 4), MICROGRID))
    assert found == Claim("found", on_border=False, generals=(0,), microgrids=(), touching=(0,))


def test_a_special_grid_over_a_gap_is_found_without_a_host():
    found = claimed((2, 2), (box(0, 0, 4, 4), UPPER, 4), (SCHOOL, SPECIAL))
    assert (found.status, found.specials, found.generals) == ("found", (1,), ())


@pytest.mark.parametrize("layer", [GENERAL, SPECIAL])
def test_two_grids_of_one_layer_over_the_chosen_sector_are_a_conflict(layer):
    #  0    1    2    3
    #  [  west   ]
    #       [  east   ]
    west, east = box(0, 0, 2, 2), box(1, 0, 3, 2)
    inside = claimed((1, 1), (west, layer), (east, layer))
    assert inside.status == "conflict" and inside.on_border and inside.specials + inside.generals == (0, 1)
    beside = claimed((2, 1), (west, layer), (east, layer))
    assert beside.status == "found" and beside.on_border and beside.specials + beside.generals == (1,)


def test_where_an_area_touches_itself_in_a_point_it_claims_that_point():
    #  2     +---+
    #        | B |
    #  1 +---p---+
    #    | A |
    #  0 +---+        one area of two parts
    both = shapely.MultiPolygon([box(0, 0, 1, 1), box(1, 1, 2, 2)])
    rest = shapely.MultiPolygon([box(0, 1, 1, 2), box(1, 0, 2, 1)])
    assert claimed((1, 1), (rest, GENERAL), (both, GENERAL)).generals == (1,)


def test_a_slit_within_an_area_is_no_border():
    #  two edges of one area that run back and forth on the same line
    ring = [(0, 0), (2, 0), (2, 2), (0, 2), (0, 1), (1, 1), (0, 1)]
    rings = Rings(np.array(ring), np.array([0, 7]), np.array([0]), np.array([0]))
    assert sector_cover((1, 1), edges_of(rings), 1).covers.all()


def test_it_is_exact_where_a_cross_product_leaves_the_doubles():
    #  1e9 cells long: one cell beside the line, the cross product is 1 of 1e18
    long, beyond = 1_000_000_000, 999_999_999
    triangle = Edges(
        np.array([[0, 0], [long, beyond], [0, beyond]]),
        np.array([[long, beyond], [0, beyond], [0, 0]]),
        np.zeros(3, int),
    )
    assert not sector_cover((1, 0), triangle, 1).covers.any()
    assert not sector_cover((beyond, beyond - 1), triangle, 1).covers.any()
    assert sector_cover((beyond, beyond), triangle, 1).covers.any()


def test_nothing_covers_a_point_without_areas():
    read = sector_cover((0, 0), edges_of(rings_of(np.array([None]), lattice=True)), 1)
    assert first_covered(read) is None
    assert claim(read, [GENERAL], [5]) == Claim("outside", on_border=False)


# ---- random coverages: triangles over random lattice points, painted with areas; 0 stays uncovered ----

SIZE = 6


@st.composite
def coverages(draw):
    corner = st.integers(0, SIZE)
    points = draw(st.lists(st.tuples(corner, corner), min_size=4, max_size=14, unique=True))
    frame = [(-1, -1), (SIZE + 1, -1), (SIZE + 1, SIZE + 1), (-1, SIZE + 1)]
    xy = np.array(frame + points)
    corners = Delaunay(xy).simplices
    triangles = shapely.orient_polygons(shapely.polygons(xy[corners]))
    paint = draw(st.lists(st.integers(0, 4), min_size=len(corners), max_size=len(corners)))
    shapes = [shapely.union_all(triangles[np.array(paint) == color]) for color in sorted(set(paint) - {0})]
    return [shape for shape in shapes if shape.area > 0]


def covers_exactly(shape, x: Fraction, y: Fraction) -> bool:
    """Even-odd rule in fractions, for a point on no edge."""
    inside = False
    for part in shapely.get_parts(shape):
        for ring in shapely.get_rings(part):
            ends = [(int(px), int(py)) for px, py in ring.coords]
            for (ax, ay), (bx, by) in pairwise(ends):
                if (ay > y) != (by > y) and x < ax + (y - ay) * Fraction(bx - ax, by - ay):
                    inside = not inside
    return inside


REACH = SIZE + 3
RAYS = {
    (dx // gcd(dx, dy), dy // gcd(dx, dy))
    for dx in range(-REACH, REACH + 1)
    for dy in range(-REACH, REACH + 1)
    if (dx, dy) != (0, 0)
}
TURN = sorted(RAYS, key=lambda ray: np.arctan2(ray[1], ray[0]) % (2 * np.pi))


def nudged_claims(point, shapes):
    """Claim by moving the point a little into every sector between lattice directions, east first."""
    for first, second in pairwise([*TURN, TURN[0]]):
        between = (first[0] + second[0], first[1] + second[1])
        x, y = (Fraction(at) + Fraction(step, 10_000) for at, step in zip(point, between, strict=True))
        found = [row for row, shape in enumerate(shapes) if covers_exactly(shape, x, y)]
        if found:
            return found
    return []


everywhere = st.tuples(st.integers(-2, SIZE + 2), st.integers(-2, SIZE + 2))


@settings(deadline=None, max_examples=40)
@given(coverages(), st.lists(everywhere, min_size=1, max_size=3))
def test_one_area_claims_each_point_and_it_is_that_of_the_nudged_point(shapes, points):
    corners = [tuple(int(k) for k in xy) for xy in shapely.get_coordinates(shapes)[:4]]
    for point in points + corners:
        found = first_covered(around(point, shapes)) if shapes else None
        assert list(found[1] if found else ()) == nudged_claims(point, shapes)
        assert found is None or len(found[1]) == 1


@settings(deadline=None, max_examples=60)
@given(coverages(), everywhere)
def test_a_point_just_north_of_east_in_an_area_belongs_to_that_area(shapes, point):
    x, y = point[0] + Fraction(1, 10_000), point[1] + Fraction(1, 10**12)
    there = [row for row, shape in enumerate(shapes) if covers_exactly(shape, x, y)]
    if there:
        assert list(first_covered(around(point, shapes))[1]) == there


@settings(deadline=None, max_examples=60)
@given(coverages(), everywhere, st.randoms(use_true_random=False))
def test_neither_the_order_of_areas_nor_the_start_of_rings_matters(shapes, point, random):
    def restarted(part):
        def turned(ring):
            corners = list(ring.coords)[:-1]
            k = random.randrange(len(corners))
            corners = corners[k:] + corners[:k]
            return corners if random.random() < 0.5 else corners[::-1]

        return Polygon(turned(part.exterior), [turned(hole) for hole in part.interiors])

    mixed = [shapely.MultiPolygon([restarted(part) for part in shapely.get_parts(shape)]) for shape in shapes]
    order = random.sample(range(len(shapes)), len(shapes))
    before, after = around(point, shapes), around(point, [mixed[row] for row in order])
    assert before.rays == after.rays
    assert before.covers[:, order].tolist() == after.covers.tolist()


@settings(deadline=None, max_examples=60)
@given(coverages(), everywhere)
def test_after_a_full_turn_the_first_sector_is_met_again(shapes, point):
    read = around(point, shapes)
    if (1, 0) not in read.rays:
        assert read.covers[0].tolist() == read.covers[-1].tolist()


@settings(deadline=None, max_examples=60)
@given(coverages(), everywhere)
def test_a_point_is_on_a_border_exactly_where_geos_sees_one(shapes, point):
    found = claim(around(point, shapes), [GENERAL] * len(shapes), [5] * len(shapes))
    on_line = any(shapely.boundary(shape).intersects(shapely.Point(point)) for shape in shapes)
    assert found.on_border == on_line
