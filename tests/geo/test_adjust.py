"""Adjustments on a drawn town: what moves, who keeps what, and what is refused, in exact numbers.

Units in drawings are thousandths of a degree. The town is 4 wide and 2 high; two communities, west and east, of
four grids each:

    2 +----+----+----+----+
      | g3 | g4 | h3 | h4 |
    1 +----+----+----+----+
      | g1 | g2 | h1 | h2 |
    0 +----+----+----+----+
      0    1    2    3    4
"""

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiLineString, Polygon

from geo.adjust import NOBODY, Former, Households, Scene, adjust
from geo.adjust.operations import (
    Boundary,
    Create,
    Merge,
    Patch,
    Recode,
    Redraw,
    Rename,
    Reparent,
    Retire,
    Revert,
    Split,
    Transfer,
)
from geo.adjust.state import Area, multi, rows_of, stored
from geo.coverage import Terms, check_hierarchy
from geo.errors import BadInput, Conflict, NotFound
from geo.lattice import degrees, is_on_lattice, snap

TOWN = "511402002"
WEST, EAST = TOWN + "001", TOWN + "002"
G = {n: f"{WEST}00{n}" for n in (1, 2, 3, 4)}
H = {n: f"{EAST}00{n}" for n in (1, 2, 3, 4)}
ORIGIN = np.array([103.8, 30.0])


def at(*corners):
    """Return corners given in thousandths of a degree from the town's corner, on the lattice."""
    return degrees(snap(ORIGIN + np.array(corners) / 1000))


def polygon(*corners):
    return Polygon(at(*corners))


def rect(x0, y0, x1, y1):
    return polygon((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def outline(*shapes):
    return shapely.coverage_union_all(list(shapes))


def area(number, level, code, parent, geom, kind="general", **more):
    fields = {
        "local_code": "", "name": code, "category": "", "not_subdivided": False, "fully_divided": False, "digest": b"x"
    }  # fmt: skip
    return Area(id=number, level=level, code=code, kind=kind, parent_id=parent, geom=multi(geom), **(fields | more))


WESTERN = [rect(0, 0, 1, 1), rect(1, 0, 2, 1), rect(0, 1, 1, 2), rect(1, 1, 2, 2)]
EASTERN = [rect(2, 0, 3, 1), rect(3, 0, 4, 1), rect(2, 1, 3, 2), rect(3, 1, 4, 2)]


def town(*more, without=()):
    """Return the drawn town as stored areas; ids are 1 (town), 2, 3 (communities), 11–14 and 21–24 (grids)."""
    rows = [
        area(1, "town", TOWN, 0, outline(*WESTERN, *EASTERN)),
        area(2, "community", WEST, 1, outline(*WESTERN)),
        area(3, "community", EAST, 1, outline(*EASTERN)),
        *(area(10 + n, "grid", G[n], 2, WESTERN[n - 1]) for n in G),
        *(area(20 + n, "grid", H[n], 3, EASTERN[n - 1]) for n in H),
    ]
    return stored([*(row for row in rows if row.code not in without), *more])


def homes(*rows):
    """Return households from (x, y, how many), or (area id, how many) for those without a position."""
    xy = [snap(at(row[:2]))[0] if len(row) == 3 else (0, 0) for row in rows]
    ids = [0 if len(row) == 3 else row[0] for row in rows]
    many = [row[-1] for row in rows]
    return Households(np.arange(1, len(rows) + 1), np.array(xy).reshape(-1, 2), np.array(many), np.array(ids))


def done(*operations, areas=None, **scene):
    return adjust(Scene(town() if areas is None else areas, **scene), operations)


def by_code(areas):
    return {row.code: row for row in rows_of(areas)}


def cells(geom):
    """Return an area in cells, exact for what is drawn here."""
    xy = shapely.get_coordinates(shapely.normalize(geom))
    assert is_on_lattice(geom), xy
    return round(shapely.area(shapely.transform(geom, lambda xy: (xy - ORIGIN) * 1e7)))


def judged(areas, **terms):
    """Return the kinds of finding at every level."""
    levels = {}
    for level in dict.fromkeys(areas.levels):
        general = areas.take((areas.levels == level) & (areas.kinds == "general"))
        levels[level] = general.as_areas(level, areas)
    found = check_hierarchy(levels, terms=Terms(lattice=True, **terms))
    return {(level, kind) for level, result in found.items() for kind in result.counts}


def refused(kind, *operations, error=Conflict, areas=None, **scene):
    with pytest.raises(error) as refusal:
        done(*operations, areas=areas, **scene)
    assert refusal.value.kind == kind
    return refusal.value


SQUARE = 10_000 * 10_000
"""Cells in a grid of the drawing."""


def test_the_drawn_town_is_sound():
    assert judged(town()) == set()


# redraw


def test_a_redrawn_grid_takes_from_its_neighbour_and_the_neighbour_follows():
    #   g1 grows east by a quarter into g2
    result = done(Redraw(G[1], rect(0, 0, 1.25, 1)))
    after = by_code(result.after)
    assert cells(after[G[1]].geom) == SQUARE * 5 // 4
    assert cells(after[G[2]].geom) == SQUARE * 3 // 4
    assert result.changed == (11, 12)
    assert result.noded == (1, 2, 13 + 1)
    assert judged(result.after) == set()


def test_land_given_up_goes_to_the_neighbour_with_the_longest_border():
    #   g1 gives up a strip along its east side, 0.25 wide: it borders g2 for 1, g3 for 0.25
    result = done(Redraw(G[1], rect(0, 0, 0.75, 1)))
    after = by_code(result.after)
    assert cells(after[G[2]].geom) == SQUARE * 5 // 4
    assert cells(after[G[3]].geom) == SQUARE
    assert [(row.from_id, row.to_id) for row in result.lineage] == [(11, 11), (11, 12), (12, 12)]
    assert [row.share_of_from for row in result.lineage] == pytest.approx([0.75, 0.25, 1.0])
    assert [row.share_of_to for row in result.lineage] == pytest.approx([1.0, 0.2, 0.8])
    assert judged(result.after) == set()


def test_land_given_up_never_leaves_the_parent():
    #   g2 gives up a strip along the border to h1; g1 and g4 are under the same parent, and g4 has 0.25 of border
    result = done(Redraw(G[2], rect(1, 0, 1.75, 1)))
    after = by_code(result.after)
    assert cells(after[H[1]].geom) == SQUARE
    assert cells(after[G[4]].geom) == SQUARE * 5 // 4
    assert judged(result.after) == set()


def test_keep_leaves_the_neighbours_and_says_what_results():
    step = done(Redraw(G[1], rect(0, 0, 1.25, 0.5), neighbours="keep")).steps[0]
    assert cells(step.overlap) == SQUARE // 8
    assert cells(step.gap) == SQUARE // 2
    assert step.gained_m2[11] == pytest.approx(1337.9, rel=1e-2)
    assert step.displacement_m == pytest.approx(55.4, abs=0.1)


def test_a_border_redrawn_within_the_tolerance_stays_as_it_is():
    #   the file's corner lies 5 cm off, and has a vertex more in the middle of an edge
    corners = at((0, 0), (0.5, 0), (1, 0), (1.0000005, 0.9999996), (0, 1))
    result = done(Redraw(G[1], Polygon(corners)))
    assert result.changed == result.noded == ()


def test_a_redraw_beyond_the_parent_is_refused_with_the_place():
    error = refused("beyond-parent", Redraw(G[2], rect(1, 0, 2.5, 1)))
    assert error.place["operation"] == 0
    assert error.place["code"] == G[2]
    assert 103.802 < error.place["lon"] < 103.8025


def test_a_self_crossing_redraw_is_refused_with_the_place():
    error = refused("drawn-invalid", Redraw(G[1], polygon((0, 0), (1, 1), (1, 0), (0, 1))), error=BadInput)
    assert (error.place["lon"], error.place["lat"]) == pytest.approx((103.8005, 30.0005))


def test_a_parent_redraw_that_strands_children_is_refused_with_their_list():
    error = refused("children-stranded", Redraw(WEST, rect(0, 0, 2.5, 2)))
    assert error.facts["children"] == f"{H[1]}, {H[3]}"
    assert error.facts["parent"] == EAST


def test_a_redraw_may_not_swallow_a_neighbour():
    error = refused("area-would-vanish", Redraw(G[1], rect(0, 0, 2, 1)))
    assert error.place["code"] == G[2]


# merge


def test_merged_grids_keep_the_id_of_the_one_with_most_households():
    people = homes((0.5, 0.5, 10), (1.5, 0.5, 30), (12, 5))
    result = done(Merge((G[1], G[2])), households=people)
    after = by_code(result.after)
    assert (after[G[2]].id, result.ended, result.changed) == (12, (11,), (12,))
    assert cells(after[G[2]].geom) == 2 * SQUARE
    assert [(row.from_id, row.to_id, row.households) for row in result.lineage] == [(11, 12, 10), (12, 12, 35)]
    assert judged(result.after) == set()


def test_merged_grids_keep_the_id_that_is_asked_for_and_may_get_a_name():
    result = done(Merge((G[1], G[2]), into=G[1], name="合并网格"))
    assert by_code(result.after)[G[1]].name == "合并网格"


def test_areas_that_touch_at_a_corner_only_are_not_merged_unless_told_to():
    refused("areas-do-not-touch", Merge((G[1], G[4])))
    result = done(Merge((G[1], G[4]), multipart=True))
    assert [row.geom.geoms.__len__() for row in rows_of(result.after) if row.code == G[1]] == [2]


def test_a_merge_across_parents_is_refused_unless_the_plan_moves_the_border_above():
    refused("beyond-parent", Merge((G[2], H[1]), into=G[2]))
    shapes = (Boundary(WEST, outline(*WESTERN, EASTERN[0])), Boundary(EAST, outline(*EASTERN[1:])))
    for order in ((0, 1), (1, 0)):
        operations = (Merge((G[2], H[1]), into=G[2]), Patch(shapes))
        result = done(*(operations[one] for one in order))
        assert judged(result.after) == set()
        assert result.ended == (21,)


def test_an_area_is_not_merged_with_itself():
    refused("merge-with-itself", Merge((G[1], G[1])), error=BadInput)
    refused("merge-needs-two", Merge((G[1],)), error=BadInput)


# split


def test_a_split_along_a_street_keeps_the_code_where_most_people_live():
    #   the line runs north to south at 0.4, and ends 0.01 (about 1 m) inside on both sides
    people = homes((0.2, 0.5, 900), (0.7, 0.5, 324))
    result = done(Split(G[1], line=LineString(at((0.4, 0.01), (0.4, 0.99)))), households=people)
    after = by_code(result.after)
    new = f"{WEST}005"
    assert (after[G[1]].id, after[new].id) == (11, -1)
    assert cells(after[G[1]].geom) == SQUARE * 4 // 10
    assert cells(after[new].geom) == SQUARE * 6 // 10
    assert [(row.from_id, row.to_id, row.households) for row in result.lineage] == [(11, -1, 324), (11, 11, 900)]
    assert sum(row.share_of_from for row in result.lineage) == 1.0
    # the node on the border to g3 enters g3, the one on the outer border all parents
    assert result.noded == (1, 2, 13)
    assert judged(result.after) == set()


def test_without_households_the_larger_part_keeps_the_code_and_of_equal_ones_the_western():
    line = LineString(at((0.4, -1), (0.4, 3)))
    assert cells(by_code(done(Split(G[1], line=line)).after)[G[1]].geom) == SQUARE * 6 // 10
    half = LineString(at((0.5, -1), (0.5, 3)))
    assert shapely.bounds(by_code(done(Split(G[1], line=half)).after)[G[1]].geom)[0] == 103.8


def test_the_part_named_in_keep_keeps_the_code():
    line = LineString(at((0.4, -1), (0.4, 3)))
    result = done(Split(G[1], line=line, keep=tuple(at((0.1, 0.5))[0]), codes=(f"{WEST}077",), names=("东半",)))
    after = by_code(result.after)
    assert cells(after[G[1]].geom) == SQUARE * 4 // 10
    assert after[f"{WEST}077"].name == "东半"
    refused("split-keep-outside", Split(G[1], line=line, keep=(103.9, 30.0)), error=BadInput)


def test_dangling_ends_are_trimmed_and_do_not_cut_the_neighbours():
    #   the line runs on through g3 and beyond the town
    result = done(Split(G[1], line=LineString(at((0.4, -1), (0.4, 1.5)))))
    assert cells(by_code(result.after)[G[3]].geom) == SQUARE
    assert len(shapely.get_coordinates(by_code(result.after)[G[3]].geom)) == 6


def test_three_lines_that_meet_make_three_parts():
    lines = MultiLineString([at((0.5, 0.5), (0.5, 1)), at((0.5, 0.5), (0, 0.2)), at((0.5, 0.5), (1, 0.2))])
    result = done(Split(G[1], line=lines))
    assert len(result.created) == 2
    assert judged(result.after) == set()


def test_a_line_that_ends_far_inside_is_refused_with_the_place():
    error = refused("split-line-ends-inside", Split(G[1], line=LineString(at((0.5, -1), (0.5, 0.5)))), error=BadInput)
    assert (error.place["lon"], error.place["lat"]) == (103.8005, 30.0005)
    # the nearest border lies east or west, 0.0005 degrees of longitude away
    assert error.facts["away_m"] == 48.2


def test_a_line_that_misses_is_refused_with_the_place():
    error = refused("split-line-misses", Split(G[1], line=LineString(at((2.5, 0), (2.5, 1)))), error=BadInput)
    assert error.place["lon"] == pytest.approx(103.8025)
    assert error.place["operation"] == 0


def test_a_split_by_one_polygon_cuts_it_out():
    result = done(Split(G[1], parts=(rect(0.25, 0.25, 0.75, 0.75),)))
    sizes = sorted(cells(row.geom) for row in rows_of(result.after) if row.id in (11, -1))
    assert sizes == [SQUARE // 4, SQUARE * 3 // 4]
    assert result.noded == ()
    assert judged(result.after) == set()


def test_polygons_that_overlap_or_lie_elsewhere_do_not_split():
    refused("split-parts-overlap", Split(G[1], parts=(rect(0, 0, 0.6, 1), rect(0.4, 0, 1, 1))), error=BadInput)
    refused("split-part-outside", Split(G[1], parts=(rect(2, 0, 3, 1),)), error=BadInput)
    refused("split-one-part", Split(G[1], parts=(rect(0, 0, 1, 1),)), error=BadInput)


def test_children_go_with_the_part_that_holds_them_and_their_codes_follow():
    result = done(Split(WEST, line=LineString(at((1, -1), (1, 3)))))
    after = by_code(result.after)
    new = next(row for row in after.values() if row.id == -1)
    assert new.code == f"{TOWN}003"
    moved = [row for row in after.values() if row.parent_id == -1]
    assert {row.id for row in moved} == {12, 14}
    assert {row.code for row in moved} == {f"{TOWN}003002", f"{TOWN}003004"}
    assert judged(result.after) == set()


def test_a_split_of_a_parent_across_its_children_is_refused_with_their_list():
    error = refused("children-stranded", Split(WEST, line=LineString(at((0.5, -1), (0.5, 3)))))
    assert error.facts["children"] == f"{G[1]}, {G[3]}"
    assert error.place["operation"] == 0


# transfer


def test_a_piece_goes_over_to_the_neighbour():
    people = homes((0.9, 0.5, 7), (0.5, 0.5, 3))
    result = done(Transfer(G[1], G[2], geometry=rect(0.8, -1, 3, 3)), households=people)
    after = by_code(result.after)
    assert cells(after[G[1]].geom) == SQUARE * 8 // 10
    assert cells(after[G[2]].geom) == SQUARE * 12 // 10
    assert [(row.from_id, row.to_id, row.households) for row in result.lineage] == [
        (11, 11, 3),
        (11, 12, 7),
        (12, 12, 0),
    ]
    assert result.steps[0].lost_m2[11] == result.steps[0].gained_m2[12]
    assert judged(result.after) == set()


def test_a_piece_that_does_not_touch_the_receiver_is_refused():
    refused("areas-do-not-touch", Transfer(G[1], G[2], geometry=rect(0.2, 0.2, 0.4, 0.4)))
    refused("transfer-misses", Transfer(G[1], G[2], geometry=rect(2, 0, 3, 1)), error=BadInput)
    refused("area-would-vanish", Transfer(G[1], G[2], geometry=rect(0, 0, 1, 1)))


def test_grids_move_to_the_next_community_and_its_border_moves_with_them():
    result = done(Transfer(WEST, EAST, areas=(G[2], G[4])))
    after = by_code(result.after)
    assert cells(after[WEST].geom) == 2 * SQUARE
    assert cells(after[EAST].geom) == 6 * SQUARE
    moved = {row.id: row.code for row in after.values() if row.id in (12, 14)}
    assert moved == {12: f"{EAST}005", 14: f"{EAST}006"}
    assert result.noded == ()
    assert {(row.from_id, row.to_id) for row in result.lineage} == {(2, 2), (2, 3), (3, 3)}
    assert judged(result.after) == set()


def test_a_piece_across_parents_is_refused_unless_the_border_above_moves_as_well():
    piece = rect(1.5, 0, 2, 1)
    error = refused("beyond-parent", Transfer(G[2], H[1], geometry=piece))
    assert error.place["code"] == H[1]
    both = (Transfer(G[2], H[1], geometry=piece), Transfer(WEST, EAST, geometry=piece))
    for operations in (both, both[::-1]):
        result = done(*operations)
        assert judged(result.after) == set()
        assert cells(by_code(result.after)[EAST].geom) == SQUARE * 45 // 10


# create, retire


def test_a_new_grid_is_carved_out_of_its_neighbours():
    result = done(Create("grid", rect(0.5, 0.5, 1.5, 1.5), neighbours="follow", name="新网格"))
    after = by_code(result.after)
    new = after[f"{WEST}005"]
    assert (new.id, new.parent_id, new.name, cells(new.geom)) == (-1, 2, "新网格", SQUARE)
    assert [row.share_of_to for row in result.lineage if row.to_id == -1] == pytest.approx([0.25] * 4, rel=1e-4)
    assert judged(result.after) == set()


def test_a_special_grid_changes_nothing_of_the_general_ones_and_its_parent_holds_all_of_it():
    market = done(Create("grid", rect(0.5, 0.5, 1.5, 1.5), kind="special", category="market"))
    assert market.changed == market.noded == ()
    assert next(row for row in rows_of(market.after) if row.id == -1).code == f"{WEST}800"
    campus = done(Create("grid", rect(1.5, 0.5, 2.5, 1.5), kind="special", category="school"))
    made = next(row for row in rows_of(campus.after) if row.id == -1)
    assert (made.code, made.parent_id) == (f"{TOWN}000800", 1)


def test_a_new_code_is_never_a_retired_one():
    result = done(Create("grid", rect(0.5, 0.5, 1, 1), neighbours="follow"), codes_taken=frozenset({f"{WEST}005"}))
    assert result.steps[0].codes == {-1: f"{WEST}006"}
    refused("code-taken", Create("grid", rect(0.5, 0.5, 1, 1), code=f"{WEST}005"), codes_taken={f"{WEST}005"})


def test_a_retired_grid_goes_to_its_heir():
    result = done(Retire(G[1], heir=G[2]))
    assert result.ended == (11,)
    assert cells(by_code(result.after)[G[2]].geom) == 2 * SQUARE
    refused("areas-do-not-touch", Retire(G[1], heir=G[4]))


def test_a_retired_grid_without_an_heir_leaves_a_gap_that_must_be_accepted():
    refused("retire-leaves-gap", Retire(G[1]))
    result = done(Retire(G[1], accept_gap=True))
    assert [(cells(gap.geometry), gap.parent) for gap in result.accepted_gaps] == [(SQUARE, WEST)]
    assert [(row.from_id, row.to_id, row.share_of_from) for row in result.lineage] == [(11, NOBODY, 1.0)]
    assert judged(result.after) == {("grid", "gap")}


def test_a_special_grid_may_end_without_either():
    market = area(31, "grid", f"{WEST}800", 2, rect(0.2, 0.2, 0.4, 0.4), kind="special")
    result = done(Retire(market.code), areas=town(market))
    assert (result.ended, result.accepted_gaps) == ((31,), ())


def test_an_area_with_children_ends_only_with_an_heir():
    refused("retire-has-children", Retire(WEST, accept_gap=True))
    result = done(Retire(WEST, heir=EAST))
    assert {row.parent_id for row in rows_of(result.after) if row.level == "grid"} == {3}
    assert judged(result.after) == set()


# names


def test_names_codes_and_parents_keep_the_id():
    result = done(Rename(G[1], name="甲"), Recode(G[1], f"{WEST}099"), Rename(f"{WEST}099", local_code="7"))
    row = by_code(result.after)[f"{WEST}099"]
    assert (row.id, row.name, row.local_code, row.digest) == (11, "甲", "7", b"x")
    assert (result.changed, result.noded, result.lineage) == ((11,), (), ())


def test_a_code_in_use_or_retired_is_not_given_again():
    refused("code-taken", Recode(G[1], G[2]))
    refused("code-taken", Recode(G[1], f"{WEST}055"), codes_taken=frozenset({f"{WEST}055"}))


def test_the_codes_below_follow_a_recoded_community():
    result = done(Recode(WEST, f"{TOWN}009"))
    assert {row.code for row in rows_of(result.after) if row.parent_id == 2} == {
        f"{TOWN}00900{n}" for n in (1, 2, 3, 4)
    }
    assert judged(result.after) == set()


def test_no_area_comes_to_lie_below_itself():
    refused("reparent-cycle", Reparent((TOWN,), WEST), error=BadInput)
    refused("reparent-cycle", Reparent((WEST,), WEST), error=BadInput)
    refused("parent-not-above", Reparent((G[1],), G[2]), error=BadInput)


def test_a_reparented_grid_must_lie_in_its_new_parent():
    error = refused("beyond-parent", Reparent((G[1],), EAST))
    assert error.place["code"].startswith(EAST)


def test_unknown_and_retired_areas_are_told_apart():
    assert refused("area-unknown", Rename("999", name="x"), error=NotFound).place == {"code": "999", "operation": 0}
    refused("area-retired", Rename("998", name="x"), error=NotFound, codes_taken=frozenset({"998"}))
    refused("area-retired", Merge((G[1], G[2]), into=G[2]), Rename(G[1], name="x"), error=NotFound)


# patch


def test_a_shared_edge_moves_for_both_sides_and_the_levels_stay_matched():
    #   the border between the communities gets a bend at (2.3, 0.5), in both grids and both communities
    bend = (2.3, 0.5)
    g2, h1 = polygon((1, 0), (2, 0), bend, (2, 1), (1, 1)), polygon((2, 0), (3, 0), (3, 1), (2, 1), bend)
    grids = Patch((Boundary(G[2], g2), Boundary(H[1], h1)))
    west_and_east = Patch(
        (Boundary(WEST, outline(g2, *WESTERN[:1], *WESTERN[2:])), Boundary(EAST, outline(h1, *EASTERN[1:])))
    )
    for operations in ((grids, west_and_east), (west_and_east, grids)):
        result = done(*operations)
        assert result.changed == (2, 3, 12, 21)
        assert result.noded == ()
        assert judged(result.after) == set()
    error = refused("beyond-parent", grids)
    assert error.place["code"] == G[2]


# revert


def test_a_reverted_split_is_as_if_it_had_never_been():
    before = town()
    cut = done(Split(G[1], line=LineString(at((0.4, -1), (0.4, 3)))))
    stood = {name: getattr(by_code(cut.after)[f"{WEST}005"], name) for name in Area.__slots__}
    after = stored([*(row for row in rows_of(cut.after) if row.id > 0), Area(**stood | {"id": 99})])
    former = Former(before.take(before.ids == 11), created=(99,))
    result = adjust(Scene(after, former={7: former}), [Revert(7)])
    assert result.ended == (99,)
    assert result.changed == (11,)
    assert cells(by_code(result.after)[G[1]].geom) == SQUARE
    assert {(row.from_id, row.to_id) for row in result.lineage} == {(11, 11), (99, 11)}
    assert judged(result.after) == set()


def test_a_reverted_merge_brings_the_ended_area_back_with_its_code():
    before = town()
    merged = done(Merge((G[1], G[2]), into=G[2]))
    former = Former(before.take(np.isin(before.ids, (11, 12))))
    result = adjust(Scene(merged.after, former={7: former}, codes_taken=frozenset(before.codes)), [Revert(7)])
    assert (result.created, result.changed) == ((11,), (12,))
    assert by_code(result.after)[G[1]].id == 11
    assert shapely.equals(by_code(result.after)[G[1]].geom, WESTERN[0])
    assert judged(result.after) == set()


def test_what_changed_since_is_not_reverted():
    former = Former(town().take([0]), changed_since=(12,))
    assert G[2] in refused("revert-changed-since", Revert(7), former={7: former}).facts["codes"]
    refused("revert-unknown-edition", Revert(8), error=BadInput)


# special grids


def test_a_campus_finds_its_parent_anew_when_a_border_moves_over_it():
    #   the campus lies in the east beside the border; the border moves east by half a grid and cuts it in two
    campus = area(31, "grid", f"{EAST}800", 3, rect(2.4, 0.2, 2.6, 0.4), kind="special")
    piece = rect(2, 0, 2.5, 1)
    result = done(Transfer(EAST, WEST, geometry=piece), Transfer(H[1], G[2], geometry=piece), areas=town(campus))
    row = next(row for row in rows_of(result.after) if row.id == 31)
    # its code names the east, but the town above that does not contradict it
    assert (row.parent_id, row.code) == (1, f"{EAST}800")
    whole = done(Transfer(EAST, WEST, areas=(H[1],)), areas=town(campus))
    row = next(row for row in rows_of(whole.after) if row.id == 31)
    assert (row.parent_id, row.code) == (2, f"{WEST}800")


def test_special_grids_are_a_layer_of_their_own():
    market = area(31, "grid", f"{WEST}800", 2, rect(0.2, 0.2, 0.4, 0.4), kind="special")
    result = done(Redraw(market.code, rect(0.2, 0.2, 0.5, 0.4)), areas=town(market))
    assert (result.changed, result.noded) == ((31,), ())
    smaller = done(Redraw(market.code, rect(0.2, 0.2, 0.3, 0.4)), areas=town(market))
    assert [row.to_id for row in smaller.lineage] == [NOBODY, 31]
    assert [row.share_of_from for row in smaller.lineage] == pytest.approx([0.5, 0.5])
    overlapping = Create("grid", rect(0.3, 0.3, 0.6, 0.6), kind="special")
    assert cells(done(overlapping, areas=town(market)).steps[0].overlap) == SQUARE // 100
    refused("areas-of-several-levels", Merge((market.code, G[1])), areas=town(market), error=BadInput)
    refused("special-level", Create("community", rect(0, 0, 1, 1), kind="special"), error=BadInput)


# what was imported with a baseline: an overlap of 0.1 between g1 and g2, a gap of 0.1 between g3 and g4


def with_defects():
    return town(
        area(11, "grid", "x" + G[1], 2, rect(0, 0, 1.1, 1)),
        area(13, "grid", "x" + G[3], 2, rect(0, 1, 0.9, 2)),
        without=(G[1], G[3]),
    )


def test_old_defects_are_in_nobodys_way():
    before = judged(with_defects())
    result = done(Split(G[4], line=LineString(at((1.5, 0), (1.5, 3)))), areas=with_defects())
    assert judged(result.after) == before
    assert result.steps[0].overlap is None
    assert result.steps[0].gap is None


def test_overlapping_areas_merge_to_their_union():
    result = done(Merge(("x" + G[1], G[2])), areas=with_defects())
    assert cells(next(row.geom for row in rows_of(result.after) if row.id in (11, 12))) == 2 * SQUARE


def test_a_redraw_settles_an_overlap():
    result = done(Redraw("x" + G[1], rect(0, 0, 1, 1)), areas=with_defects())
    assert cells(by_code(result.after)[G[2]].geom) == SQUARE
    assert (result.changed, result.steps[0].gap) == ((11,), None)


def test_an_area_that_stuck_out_before_may_go_on_doing_so():
    beyond = town(area(12, "grid", G[2], 2, rect(1, 0, 2.1, 1)), without=(G[2],))
    assert done(Rename(G[2], name="x"), areas=beyond).changed == (12,)
    assert 12 in done(Redraw(G[2], rect(1, 0.5, 2.1, 1)), areas=beyond).changed
    assert 12 in done(Redraw(G[2], rect(1, 0, 2.05, 1)), areas=beyond).changed
    refused("beyond-parent", Redraw(G[2], rect(1, 0, 2.2, 1)), areas=beyond)


def test_areas_without_a_boundary_are_refused_where_one_is_needed():
    bare = town(Area(12, "grid", G[2], "", "", "general", "", 2, False, False, None, None), without=(G[2],))
    refused("area-without-boundary", Merge((G[1], G[2])), areas=bare)
    assert done(Rename(G[2], name="x"), areas=bare).changed == (12,)


def test_the_first_area_of_a_level_needs_no_neighbours():
    result = done(Create("community", rect(0, 0, 1, 1), code="C1", name="一"), areas=stored([]))
    assert [(row.id, row.code, row.parent_id) for row in rows_of(result.after)] == [(-1, "C1", 0)]
    refused("code-needed", Create("community", rect(0, 0, 1, 1)), areas=stored([]), error=BadInput)


def test_a_plan_of_several_steps_tells_the_lineage_of_the_whole():
    #   g1 is cut in two, and its new half joined with g2: seen from before, half of g1 went to g2
    people = homes((0.2, 0.5, 9), (0.7, 0.5, 4))
    cut = Split(G[1], line=LineString(at((0.5, -1), (0.5, 3))), codes=(f"{WEST}050",))
    result = done(cut, Merge((f"{WEST}050", G[2]), into=G[2]), households=people)
    told = [(row.from_id, row.to_id, round(row.share_of_from, 6), row.households) for row in result.lineage]
    assert told == [(11, 11, 0.5, 9), (11, 12, 0.5, 4), (12, 12, 1.0, 0)]
    assert (result.ended, result.created) == ((), ())
    assert judged(result.after) == set()
