"""The answer for a point: who covers it, who is responsible, how certain that is."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import box

from geo.errors import BadInput
from geo.lattice import degrees, snap
from geo.locate.answer import answer, search_box
from geo.locate.records import AreaRecord, Candidate, Team

# Drawings use steps of 0.001 degrees from 103.8 E, 30 N: 96.486 m to the east, 110.852 m to the north.
WEST_M, NORTH_M = 96.486, 110.852
ORIGIN = (1_038_000_000, 300_000_000)


def team(name):
    return Team(name=name, members=({"role": "grid_worker", "name": "invented"},))


def record(number, level, parent, *, kind="general", with_team=False):
    code = f"{level[0].upper()}{number}"
    return AreaRecord(
        id=number,
        code=code,
        name=f"the {level} {number}",
        level=level,
        kind=kind,
        parent_id=parent,
        team=team(f"team {code}") if with_team else None,
    )


def drawn(area, *shapes):
    geom = shapely.union_all(list(shapes))
    return Candidate(area, shapely.transform(geom, lambda xy: degrees(np.rint(xy * 10_000) + ORIGIN)))


def at(x, y):
    return round(ORIGIN[0] + x * 10_000), round(ORIGIN[1] + y * 10_000)


#  4 +-----------+-----------+-----+      city 1 > county 2 > town 3 > communities 4 (west), 5 (east)
#    |   +---------------+   |     |      grids 6 and 7 in community 4, grid 8 in community 5;
#    | 6 |      9  | 7   | 8 | gap |      school 9 lies over 6, 7 and a strip of 8, so its parent is the town;
#    |   +---------------+   |     |      the strip from 9 to 11 is community 5 without a grid
#  0 +-----------+-----------+-----+
#    0   1       4   6   7   9     11
CITY, COUNTY, TOWN = record(1, "city", None, with_team=True), record(2, "county", 1), record(3, "town", 2)
C4, C5 = record(4, "community", 3), record(5, "community", 3, with_team=True)
G6, G7, G8 = (record(n, "grid", p, with_team=True) for n, p in ((6, 4), (7, 4), (8, 5)))
SCHOOL = record(9, "grid", 3, kind="special", with_team=True)
MICRO = record(10, "microgrid", 6)
ALL = {area.id: area for area in (CITY, COUNTY, TOWN, C4, C5, G6, G7, G8, SCHOOL, MICRO)}
SCENE = [
    drawn(CITY, box(0, 0, 11, 4)),
    drawn(COUNTY, box(0, 0, 11, 4)),
    drawn(TOWN, box(0, 0, 11, 4)),
    drawn(C4, box(0, 0, 6, 4)),
    drawn(C5, box(6, 0, 11, 4)),
    drawn(G6, box(0, 0, 4, 4)),
    drawn(G7, box(4, 0, 6, 4)),
    drawn(G8, box(6, 0, 9, 4)),
    drawn(SCHOOL, box(1, 1, 7, 3)),
    drawn(MICRO, box(0, 0, 1, 1)),
]


def ask(x, y, *, scene=SCENE, ancestors=ALL, **more):
    return answer(at(x, y), scene, ancestors, **more)


def without_teams(*areas):
    bare = {area.id: replace(area, team=None) for area in areas}
    scene = [Candidate(bare.get(one.area.id, one.area), one.geom) for one in SCENE]
    return {"scene": scene, "ancestors": {**ALL, **bare}}


def codes(areas):
    return [area.code for area in areas]


def test_on_general_land_the_grid_its_chain_and_its_team_are_found():
    found = ask(0.5, 2)
    assert (found.status, found.certain, found.on_border) == ("found", True, False)
    assert (found.grid, found.host_grid, found.microgrid) == (G6, G6, None)
    assert codes(found.chain) == ["C1", "C2", "T3", "C4"]
    assert found.team == team("team G6")
    assert (found.responsible.area, found.responsible.reason) == (G6, "grid")
    assert found.matches == () and found.neighbours == () and found.circles == ()


def test_the_microgrid_is_named_beside_the_grid():
    found = ask(0.5, 0.5)
    assert (found.grid, found.microgrid, found.responsible.reason) == (G6, MICRO, "grid")


def test_a_microgrid_with_a_team_is_the_smallest_that_is_responsible():
    own = replace(MICRO, team=team("micro"))
    found = ask(0.5, 0.5, scene=[*SCENE[:-1], Candidate(own, SCENE[-1].geom)])
    assert (found.responsible.area, found.responsible.reason) == (own, "microgrid")


def test_a_special_grid_overrides_and_keeps_its_own_chain():
    found = ask(4, 2)
    assert (found.status, found.on_border, found.certain) == ("found", False, True)
    assert (found.grid, found.host_grid) == (SCHOOL, G7)
    assert codes(found.chain) == ["C1", "C2", "T3"]
    assert (found.responsible.area, found.responsible.reason) == (SCHOOL, "special_grid")


def test_a_special_grid_without_a_team_leaves_it_to_its_host():
    found = ask(2, 2, **without_teams(SCHOOL))
    assert found.team is None
    assert (found.responsible.area, found.responsible.reason) == (G6, "host_grid")


def test_without_grid_teams_the_hosts_community_comes_before_the_special_grids_town():
    found = ask(6.5, 2, **without_teams(SCHOOL, G8))
    assert (found.responsible.area, found.responsible.reason) == (C5, "grid_without_team_covered_by_community")


def test_a_team_far_up_the_chain_is_reached():
    found = ask(0.5, 2, **without_teams(G6))
    assert (found.responsible.area, found.responsible.reason) == (CITY, "grid_without_team_covered_by_city")


def test_an_ancestor_without_a_boundary_is_reached_by_parent():
    bare = without_teams(G6)
    found = ask(0.5, 2, scene=[one for one in bare["scene"] if one.area.level == "grid"], ancestors=ALL)
    assert found.responsible.area == CITY


def test_an_orphans_upper_areas_are_reached_by_boundary():
    orphan = replace(G6, team=None, parent_id=None)
    found = ask(0.5, 2, scene=[*SCENE[:5], Candidate(orphan, SCENE[5].geom)], ancestors={})
    assert found.chain == ()
    assert (found.responsible.area, found.responsible.reason) == (CITY, "grid_without_team_covered_by_city")


def test_where_nobody_has_a_team_the_smallest_area_is_named_all_the_same():
    found = ask(0.5, 2, **without_teams(CITY, C5, G6, G7, G8, SCHOOL))
    assert (found.responsible.area.code, found.responsible.reason) == ("G6", "no_team")
    assert found.responsible.document()["team"] is None


def test_a_gap_has_the_chain_as_deep_as_known_and_someone_responsible():
    found = ask(10, 2)
    assert (found.status, found.certain, found.grid, found.team) == ("gap", True, None, None)
    assert codes(found.chain) == ["C1", "C2", "T3", "C5"]
    assert (found.responsible.area, found.responsible.reason) == (C5, "gap_covered_by_community")
    assert found.border_distance_m == pytest.approx(WEST_M, rel=1e-3)


def test_outside_reaches_nobody():
    found = ask(12, 2)
    assert (found.status, found.certain, found.responsible, found.chain) == ("outside", True, None, ())
    assert found.border_distance_m == pytest.approx(WEST_M, rel=1e-3)


def test_nothing_at_all_is_outside():
    found = answer((0, 0), [], {})
    assert (found.status, found.certain, found.border_distance_m) == ("outside", True, None)


def test_a_candidate_without_a_boundary_is_passed_over():
    assert answer(at(0, 0), [Candidate(G6, None)], ALL).status == "outside"


# ---- borders and certainty ----


def test_on_a_border_the_answer_is_one_area_but_not_certain():
    found = ask(4, 0.5)
    assert (found.grid, found.on_border, found.certain) == (G7, True, False)
    assert found.border_distance_m == 0.0
    assert [(n.area, n.distance_m) for n in found.neighbours] == [(G6, 0.0)]


def test_where_three_meet_the_two_others_are_neighbours():
    found = ask(6, 3)
    assert (found.grid, codes(n.area for n in found.neighbours)) == (G8, ["G7", "G9"])


def test_a_rim_towards_a_gap_is_a_border_without_a_neighbour():
    found = ask(9, 2)
    assert (found.status, found.grid, found.on_border, found.certain) == ("found", G8, True, False)
    assert found.neighbours == ()


def test_another_area_within_accuracy_makes_it_uncertain():
    assert ask(3.9, 0.5, accuracy_m=9.6).certain
    near = ask(3.9, 0.5, accuracy_m=9.7)
    assert (near.certain, near.on_border) == (False, False)
    assert [(n.area, round(n.distance_m, 1)) for n in near.neighbours] == [(G7, 9.6)]


def test_neighbours_come_nearest_first():
    near = ask(5.9, 0.8, accuracy_m=50)
    assert [(n.area.code, round(n.distance_m, 1)) for n in near.neighbours] == [("G8", 9.6), ("G9", 22.2)]


@pytest.mark.parametrize("point", [(0.1, 2), (8.9, 2)])
def test_the_outer_border_and_a_gap_within_accuracy_make_it_uncertain_too(point):
    assert ask(*point, accuracy_m=9.6).certain
    found = ask(*point, accuracy_m=9.7)
    assert (found.certain, found.neighbours) == (False, ())


def test_from_outside_a_grid_within_accuracy_is_listed_instead_of_all_that_hold_it():
    found = ask(-0.1, 2, accuracy_m=10)
    assert (found.status, found.certain, codes(n.area for n in found.neighbours)) == ("outside", False, ["G6"])


def test_within_a_special_grid_the_borders_underneath_count_for_nothing():
    found = ask(4.01, 2, accuracy_m=50)
    assert (found.certain, found.neighbours) == (True, ())
    assert found.border_distance_m == pytest.approx(NORTH_M, rel=1e-3)


def test_the_land_around_a_special_grid_is_its_neighbour_at_its_outline():
    found = ask(2, 2.9, accuracy_m=12)
    assert [(n.area, round(n.distance_m, 1)) for n in found.neighbours] == [(G6, 11.1)]


def test_a_neighbour_is_as_far_as_its_land_that_no_special_grid_covers():
    # grid 8 begins 0.5 steps east, but its free land only north of the school: the diagonal counts
    found = ask(5.5, 2.9, accuracy_m=100)
    assert [(n.area, round(n.distance_m, 1)) for n in found.neighbours] == [
        (G7, 11.1),
        (G8, round(math.hypot(0.5 * WEST_M, 0.1 * NORTH_M), 1)),
    ]


def test_the_outline_of_a_special_grid_bounds_general_land():
    assert ask(0.9, 2).border_distance_m == pytest.approx(0.1 * WEST_M, rel=1e-3)


def test_a_border_beyond_the_radius_is_not_measured():
    assert ask(3, 2, radius_m=110).border_distance_m is None
    assert ask(3, 2, radius_m=111).border_distance_m == pytest.approx(NORTH_M, rel=1e-3)


@settings(deadline=None, max_examples=40)
@given(st.floats(18, 53), st.floats(0, 2 * math.pi), st.floats(20, 1000))
def test_distances_are_good_to_a_thousandth(lat, angle, away_m):
    #  the nearest corner of a grid lies away_m from the point
    geod = Geod(ellps="GRS80")
    lon2, lat2, _ = geod.fwd(104, lat, math.degrees(angle), away_m)
    point, corner = snap([104, lat]), snap([lon2, lat2])
    outward = np.where(corner >= point, 1, -1) * 1000
    grid = shapely.transform(box(*np.minimum(corner, corner + outward), *np.maximum(corner, corner + outward)), degrees)
    found = answer(tuple(point.tolist()), [Candidate(G6, grid)], ALL, radius_m=2000)
    exact_m = geod.inv(*degrees(point), *degrees(corner))[2]
    assert found.border_distance_m == pytest.approx(exact_m, rel=1e-3)


# ---- conflicts ----

TWIN = record(16, "grid", 5, with_team=True)


def test_an_accepted_overlap_is_a_conflict_that_names_all_and_guesses_none():
    found = ask(0.5, 3.5, scene=[*SCENE, drawn(TWIN, box(0, 3, 1, 4))])
    assert (found.status, found.certain, found.grid, found.host_grid, found.team) == (
        "conflict",
        False,
        None,
        None,
        None,
    )
    assert codes(found.matches) == ["G6", "G16"]
    assert codes(found.chain) == ["C1", "C2", "T3"]
    assert (found.responsible.area, found.responsible.reason) == (TWIN, "conflict_smallest_grid")


def test_under_a_special_grid_an_overlap_is_a_conflict_but_the_grid_is_known():
    found = ask(2, 2, scene=[*SCENE, drawn(TWIN, box(1, 1, 3, 3))])
    assert (found.status, found.certain, found.grid, found.host_grid) == ("conflict", False, SCHOOL, None)
    assert codes(found.matches) == ["G9", "G6", "G16"]
    assert found.responsible.reason == "special_grid"


def test_two_special_grids_are_a_conflict():
    hospital = record(17, "grid", 4, kind="special")
    found = ask(2, 2, scene=[*SCENE, drawn(hospital, box(1, 1, 3, 3))])
    assert (found.status, found.grid, codes(found.matches)) == ("conflict", None, ["G9", "G17", "G6"])
    assert (found.responsible.area, found.responsible.reason) == (SCHOOL, "conflict_smallest_special_grid")


def test_two_communities_over_a_gap_are_a_conflict():
    other = record(18, "community", 3)
    found = ask(10, 2, scene=[*SCENE, drawn(other, box(9, 0, 11, 4))])
    assert (found.status, codes(found.matches), codes(found.chain)) == ("conflict", ["C5", "C18"], ["C1", "C2", "T3"])
    assert (found.responsible.area, found.responsible.reason) == (C5, "conflict_covered_by_community")


# ---- contract ----


def test_the_document_has_the_fields_of_the_contract():
    document = ask(4, 0.5, accuracy_m=10).document()
    assert list(document) == [
        "status",
        "certain",
        "on_border",
        "grid",
        "host_grid",
        "microgrid",
        "chain",
        "team",
        "responsible",
        "border_distance_m",
        "neighbours",
        "matches",
        "circles",
    ]
    assert document["grid"] == {
        "code": "G7",
        "local_code": None,
        "name": "the grid 7",
        "kind": "general",
        "category": None,
    }
    assert document["chain"][0] == {"level": "city", "code": "C1", "name": "the city 1"}
    assert document["team"] == {"name": "team G7", "members": [{"role": "grid_worker", "name": "invented"}]}
    assert document["responsible"] == {
        "level": "grid",
        "code": "G7",
        "name": "the grid 7",
        "team": document["team"],
        "reason": "grid",
    }
    assert document["neighbours"] == [{"code": "G6", "name": "the grid 6", "distance_m": 0.0}]
    assert json.loads(json.dumps(document)) == document


def test_the_document_says_null_where_there_is_nothing():
    document = ask(500, 2).document()
    empty = {key for key, value in document.items() if value is None}
    assert empty == {"grid", "host_grid", "microgrid", "team", "responsible", "border_distance_m"}


@settings(deadline=None, max_examples=40)
@given(
    st.integers(-2, 24), st.integers(-2, 10), st.permutations(range(len(SCENE))), st.sampled_from([0.0, 30.0, 120.0])
)
def test_the_order_of_candidates_does_not_matter(x, y, order, accuracy_m):
    one = ask(x / 2, y / 2, accuracy_m=accuracy_m)
    other = ask(x / 2, y / 2, scene=[SCENE[k] for k in order], accuracy_m=accuracy_m)
    assert one.document() == other.document()
    assert (one.status == "outside") == (one.responsible is None)
    assert not (one.certain and one.on_border)


@settings(deadline=None, max_examples=30)
@given(st.floats(-0.5, 11.5), st.floats(-0.5, 4.5), st.sampled_from([20.0, 150.0]))
def test_candidates_beyond_the_search_box_change_nothing(x, y, reach_m):
    window = box(*search_box(at(x, y), reach_m))
    close = [one for one in SCENE if one.geom.intersects(window)]
    near = answer(at(x, y), close, ALL, accuracy_m=reach_m, radius_m=reach_m)
    assert near.document() == ask(x, y, accuracy_m=reach_m, radius_m=reach_m).document()


@pytest.mark.parametrize("wrong", [-1.0, math.nan, math.inf])
@pytest.mark.parametrize("field", ["accuracy", "radius"])
def test_a_length_that_is_none_is_refused(field, wrong):
    with pytest.raises(BadInput) as refusal:
        ask(1, 1, **{f"{field}_m": wrong})
    assert (refusal.value.kind, refusal.value.place) == ("not-a-length", {"field": field})


def test_a_loop_among_ancestors_ends():
    first, second = record(20, "town", 21), record(21, "county", 20)
    found = answer(at(1, 1), [drawn(replace(G6, parent_id=20), box(0, 0, 2, 2))], {20: first, 21: second})
    assert codes(found.chain) == ["C21", "T20"]
