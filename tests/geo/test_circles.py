"""Walking circles on drawn streets, in metres around 104° E 30° N."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.circles import GB50180, RADIUS, SEED, Profile, Tier, Walks, circles_of, profile_of
from geo.errors import BadInput, NotFound
from geo.lattice import is_on_lattice
from geo.measure import area_m2, metres_per_degree_at
from geo.messages import MESSAGES
from geo.street_noding import noded
from geo.streets import StreetLines, network_of

ORIGIN = np.array([104.0, 30.0])
SCALE = np.array(metres_per_degree_at(30.0))
SHORT = Profile("short", (Tier("near", 100.0), Tier("far", 200.0)))


def degrees(*metres):
    return ORIGIN + np.array(metres) / SCALE


def street(*metres):
    return shapely.LineString(degrees(*metres))


def network(*streets, **columns):
    return network_of(noded(StreetLines.of(np.array(streets, dtype=object), **columns)))


def holds(shape, x, y):
    return bool(shapely.intersects_xy(shape, *degrees((x, y))[0]))


def circles(streets, at=(0, 0), profile=SHORT):
    return circles_of(streets, degrees(at), profile)


#  -300 ------------- 0 ------------- 300      limits 100 and 200, depth 30
LONG_STREET = network(street((-300, 0), (300, 0)))


@pytest.mark.parametrize(
    ("x", "y", "near", "far"),
    [
        (0, 29.8, True, True),
        (0, 30.2, False, False),
        (95, 29.8, True, True),
        (114, 14, True, True),  # 114 along the street, then 14 aside: 128 of 130
        (117, 15, False, True),  # 132 of 130, though it lies 22.7 from the place that is 100 away
        (124, 0, True, True),  # sharp corners are cut within a square of the grid, 5 m wide
        (131, 0, False, True),
        (224, 0, False, True),
        (231, 0, False, False),
    ],
)
def test_land_is_inside_by_the_way_to_the_nearest_street_and_then_straight(x, y, near, far):
    found = circles(LONG_STREET)
    assert [holds(shape, x, y) for shape in found.shapes[0]] == [near, far]


def test_the_area_is_a_strip_with_two_pointed_ends():
    near, far = area_m2(circles(LONG_STREET).shapes[0])
    assert near == pytest.approx(200 * 60 + 2 * 30 * 30, rel=0.002)
    assert far == pytest.approx(400 * 60 + 2 * 30 * 30, rel=0.002)


def test_circles_are_valid_multipolygons_on_the_lattice():
    shapes = circles(LONG_STREET).shapes[0]
    assert [shape.geom_type for shape in shapes] == ["MultiPolygon"] * 2
    assert shapely.is_valid(shapes).all()
    assert is_on_lattice(shapes)


def test_the_end_of_a_street_is_rounded():
    end = circles(network(street((0, 0), (50, 0)))).shapes[0, 1]
    assert [holds(end, x, y) for x, y in [(79.5, 0), (80.5, 0), (71, 21), (72, 22)]] == [True, False, True, False]


#        0        100       the block's inside is 40 x 40 deeper than 30
#    0   +---------+
#        |  . . .  |
#  100   +---------+
BLOCK = network(street((0, 0), (100, 0), (100, 100), (0, 100), (0, 0)))


def test_the_inside_of_a_block_deeper_than_the_depth_is_a_hole():
    shape = circles(BLOCK, (50, 0)).shapes[0, 1]
    (part,) = shape.geoms
    (hole,) = part.interiors
    assert area_m2([shapely.Polygon(hole)])[0] == pytest.approx(40 * 40, rel=0.02)
    assert not holds(shape, 50, 50)
    assert holds(shape, 50, 29)


def test_a_depth_that_covers_the_block_leaves_no_hole():
    deep = Profile("deep", SHORT.tiers, depth_m=60.0)
    (part,) = circles(BLOCK, (50, 0), deep).shapes[0, 1].geoms
    assert len(part.interiors) == 0


#   y = 40  =========== far bank, joined to nothing
#   (river)
#   y = 0   ----------- where the facility is
RIVER = network(street((-300, 0), (300, 0)), street((-300, 40), (300, 40)))


def test_a_far_bank_is_outside_from_the_middle_of_the_river_on():
    shape = circles(RIVER).shapes[0, 1]
    assert [holds(shape, 0, y) for y in (19.8, 20.2, 39, 45)] == [True, False, False, False]


def test_a_bridge_far_away_leads_to_the_other_bank_by_its_length():
    bridged = network(
        street((-300, 0), (0, 0), (100, 0), (300, 0)),
        street((-300, 40), (100, 40), (300, 40)),
        street((100, 0), (100, 40)),
    )
    near, far = circles(bridged).shapes[0]
    # Over the bridge 100 + 40 are walked, so 90 of the limit and the depth remain on the other side.
    assert not holds(near, 0, 45)
    assert [holds(far, x, 41) for x in (100, 12, 9)] == [True, True, False]


def test_streets_that_only_cross_on_a_bridge_are_not_joined():
    crossing = network(street((-300, 0), (300, 0)), street((50, -300), (50, 300)), layers=[0, 1])
    assert not holds(circles(crossing).shapes[0, 1], 50, 60)


def test_stairs_count_as_many_times_their_length_as_the_profile_says():
    stairs = network(street((0, 0), (60, 0)), street((60, 0), (300, 0)), steps=[True, False])
    double = Profile("double", SHORT.tiers, stairs_factor=2.0)
    plain, slow = circles(stairs).shapes[0, 1], circles(stairs, profile=double).shapes[0, 1]
    assert [holds(plain, x, 0) for x in (224, 231)] == [True, False]
    assert [holds(slow, x, 0) for x in (164, 171)] == [True, False]


def test_climbing_costs_and_going_down_does_not():
    slope = network(street((-300, 0), (300, 0)), inclines=[0.1])
    uphill = Profile("uphill", SHORT.tiers, slope_factor=10.0)
    shape = circles(slope, profile=uphill).shapes[0, 1]
    # Twice the way eastwards: 230 metres of level walking end at 115.
    assert [holds(shape, x, 0) for x in (109, 116, -224, -231)] == [True, False, True, False]


def test_the_way_to_the_entrance_is_not_counted_and_is_told():
    found = circles(LONG_STREET, (0, 50))
    assert found.snapped_m[0] == pytest.approx(50, abs=0.02)
    assert found.entrances[0] == pytest.approx(ORIGIN, abs=1e-7)
    assert holds(found.shapes[0, 0], 124, 0)
    assert found.reasons[0] == ""


def test_a_facility_in_a_lake_is_refused_with_the_reason():
    found = circles(LONG_STREET, (0, 101))
    assert found.reasons[0] == "circle-entrance-far"
    assert found.shapes[0].tolist() == [None, None]
    assert np.isnan(found.snapped_m[0])
    assert np.isnan(found.entrances[0]).all()
    assert "100 m" in MESSAGES[found.reasons[0]].en.format(within=f"{SHORT.snap_m:g}")


#  a courtyard path of 10 m at the facility, joined to nothing; the street lies 25 m behind it
def courtyard(street_y):
    return network(street((-900, street_y), (900, street_y)), street((-5, 0), (5, 0)))


def test_a_street_joined_to_the_rest_is_preferred_to_a_path_joined_to_nothing():
    found = circles(courtyard(25.0))
    assert found.snapped_m[0] == pytest.approx(25, abs=0.02)
    assert not found.on_small_piece[0]


def test_a_path_joined_to_nothing_is_taken_and_remarked_where_the_street_is_farther_than_the_depth():
    found = circles(courtyard(35.0))
    assert found.snapped_m[0] == pytest.approx(0, abs=0.02)
    assert found.on_small_piece[0]
    assert not holds(found.shapes[0, 1], 0, 35)


def test_an_entrance_in_the_middle_of_a_long_edge_reaches_both_ways_without_any_node():
    found = circles(network(street((-2000, 0), (2000, 0))))
    assert area_m2(found.shapes[0])[0] == pytest.approx(200 * 60 + 1800, rel=0.002)


@pytest.mark.parametrize("nothing", [None, network()])
def test_without_a_network_circles_are_estimated_and_say_so(nothing):
    found = circles(nothing)
    assert found.reasons.tolist() == [RADIUS]
    radius_m = 200 / SHORT.detour_factor
    assert area_m2(found.shapes[0])[1] == pytest.approx(np.pi * radius_m**2, rel=0.002)
    assert is_on_lattice(found.shapes[0])


def test_facilities_at_one_place_have_equal_circles_and_rows_keep_their_order():
    found = circles_of(LONG_STREET, degrees((0, 0), (150, 3), (0, 0), (5000, 0)), SHORT)
    assert shapely.to_wkb(found.shapes[0, 1]) == shapely.to_wkb(found.shapes[2, 1])
    assert found.reasons.tolist() == ["", "", "", "circle-entrance-far"]
    assert holds(found.shapes[1, 1], 370, 0) is False
    assert holds(found.shapes[1, 1], 310, 0) is True


def test_the_shipped_profiles_are_those_of_the_design():
    assert [(tier.name, tier.limit_m) for tier in SEED.tiers] == [("estate", 400), ("community", 800), ("block", 1200)]
    assert [tier.limit_m for tier in GB50180.tiers] == [300, 500, 1000]
    assert profile_of("seed") is SEED


def test_profiles_come_from_a_configuration_by_time_or_by_distance():
    slow = profile_of("slow", {"minutes": {"ten": 10}, "speed_m_per_min": 50, "stairs_factor": 3})
    assert (slow.tiers, slow.stairs_factor) == ((Tier("ten", 500.0),), 3)
    assert profile_of("own", {"metres": {"a": 250, "b": 700}, "depth_m": 40}).depth_m == 40


@pytest.mark.parametrize("speed", [0, -80, float("nan"), float("inf"), 1000, "80"])
def test_speeds_that_make_no_sense_are_refused(speed):
    with pytest.raises(BadInput) as refusal:
        profile_of("bad", {"minutes": {"ten": 10}, "speed_m_per_min": speed})
    assert refusal.value.kind == "circle-number"


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"metres": {}}, "circle-limits"),
        ({"metres": {"a": 0}}, "circle-limits"),
        ({"metres": {"a": -5}}, "circle-limits"),
        ({"metres": {"a": 500, "b": 300}}, "circle-limits"),
        ({"metres": {"a": 6000}}, "circle-limits"),
        ({"metres": {"a": float("nan")}}, "circle-limits"),
        ({"metres": {"a": 300}, "stairs_factor": 0.5}, "circle-number"),
        ({"metres": {"a": 300}, "depth_m": 0}, "circle-number"),
        ({"metres": {"a": 300}, "detour_factor": 0.9}, "circle-number"),
        ({"metres": {"a": 300}, "minutes": {"a": 3}}, "circle-profile-fields"),
        ({"metres": [300]}, "circle-profile-fields"),
        ({"minutes": {"a": 3}}, "circle-profile-fields"),
        ({"metres": {"a": 300}, "speed": 80}, "circle-profile-fields"),
    ],
)
def test_figures_and_fields_that_make_no_sense_are_refused(settings, kind):
    with pytest.raises(BadInput) as refusal:
        profile_of("bad", settings)
    assert refusal.value.kind == kind


def test_an_unknown_profile_is_named_with_those_that_are_known():
    with pytest.raises(NotFound, match="gb50180, seed"):
        profile_of("other")


def test_two_tiers_of_one_name_are_refused():
    with pytest.raises(BadInput) as refusal:
        Profile("twice", (Tier("a", 100.0), Tier("a", 200.0)))
    assert refusal.value.kind == "circle-tiers-twice"


def town(seed):
    """Return streets of a small town: a bent grid with streets missing, and a path joined to nothing."""
    dice = np.random.default_rng(seed)
    at = dice.uniform(-20, 20, (6, 6, 2)) + 90 * np.stack(np.meshgrid(range(6), range(6), indexing="ij"), axis=-1)
    across = [street(at[i, j], at[i + 1, j]) for i in range(5) for j in range(6) if dice.random() < 0.8]
    along = [street(at[i, j], at[i, j + 1]) for i in range(6) for j in range(5) if dice.random() < 0.8]
    return [*across, *along, street((200, 210), (240, 230))]


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_the_order_of_streets_and_facilities_and_their_direction_change_no_byte(seed):
    streets = town(seed)
    dice = np.random.default_rng(seed)
    shuffled = [
        streets[row].reverse() if dice.random() < 0.5 else streets[row] for row in dice.permutation(len(streets))
    ]
    facilities = degrees((225, 225), (40, 300), (410, 90))
    order = dice.permutation(3)
    one = circles_of(network(*streets), facilities, SHORT).shapes[order]
    other = circles_of(network(*shuffled), facilities[order], SHORT).shapes
    assert shapely.to_wkb(one.ravel()).tolist() == shapely.to_wkb(other.ravel()).tolist()


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_circles_of_any_town_are_valid_and_a_farther_one_holds_the_nearer(seed):
    profile = Profile("three", (Tier("a", 90.0), Tier("b", 180.0), Tier("c", 400.0)))
    shapes = circles_of(network(*town(seed)), degrees((225, 225)), profile).shapes[0]
    assert shapely.is_valid(shapes).all()
    assert is_on_lattice(shapes)
    # Vertices that are left out move a line by up to 0.25 m, each circle's its own way.
    assert area_m2(shapely.difference(shapes[:-1], shapely.buffer(shapes[1:], 6e-6))).max() == 0


def test_making_one_by_one_gives_the_bytes_of_making_all():
    streets = network(*town(3))
    facilities = degrees((225, 225), (40, 300), (410, 90))
    walks = Walks(streets, SHORT)
    together = circles_of(streets, facilities, SHORT).shapes
    apart = [walks.around_one(place).shapes for place in facilities]
    assert shapely.to_wkb(together).tolist() == [shapely.to_wkb(np.array(row)).tolist() for row in apart]
