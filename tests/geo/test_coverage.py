"""What the coverage check finds in drawn cases, in metres (planar) and on the lattice."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from geo.areas import areas
from geo.coverage import Planar, Terms, check, check_hierarchy
from geo.errors import BadInput

METRES = Planar(1.0)


def checked(shapes, parents=None, **terms):
    """Check areas {code: shape} or {code: (shape, parent)} against parents {code: shape}, in metres."""
    shapes = {code: value if isinstance(value, tuple) else (value, "") for code, value in shapes.items()}
    level = areas("grid", list(shapes), [s for s, _ in shapes.values()], parents=[p for _, p in shapes.values()])
    upper = None if parents is None else areas("community", list(parents), list(parents.values()))
    return check(level, upper, lattice=False, metric=METRES, **terms)


def told(result):
    """Return kind, codes and m² of each finding, in order."""
    return [(f.kind, f.codes, round(f.area_m2, 6)) for f in result.findings]


def ring(*corners):
    """Return a polygon by its corners."""
    return Polygon(corners)


#  0    1    2    3
#  [  west   ]
#       [  east   ]
def test_the_overlap_is_the_shared_square():
    result = checked({"W": box(0, 0, 2, 2), "E": box(1, 0, 3, 2)})
    assert told(result) == [("overlap", ("E", "W"), 2.0)]
    assert result.findings[0].geometry.equals(box(1, 0, 2, 2))
    assert result.findings[0].width_m == pytest.approx(2 * 2 / 6)
    assert result.verdict == "defects"
    assert (result.covered_m2, result.declared_m2) == (6.0, 6.0)


#  0    2    4
#  [ W ][ E ]
def test_a_shared_edge_is_no_overlap():
    result = checked({"W": box(0, 0, 2, 2), "E": box(2, 0, 4, 2)})
    assert told(result) == []
    assert result.verdict == "covered"
    assert not result.outer_checked


#  [ W ]
#       [ E ]
def test_a_shared_corner_is_no_finding():
    assert told(checked({"W": box(0, 0, 2, 2), "E": box(2, 2, 4, 4)})) == []


#  +-----------+
#  |  outer    |
#  |   [in]    |
#  +-----------+
def test_an_area_inside_another_overlaps_with_all_of_itself():
    assert told(checked({"in": box(2, 2, 3, 4), "outer": box(0, 0, 9, 9)})) == [("overlap", ("in", "outer"), 2.0)]


#      [b]
#  [a  [+]  ]     no vertex of one lies on the other
#      [b]
def test_areas_that_cross_without_a_common_vertex_overlap():
    assert told(checked({"a": box(0, 2, 9, 4), "b": box(3, 0, 5, 9)})) == [("overlap", ("a", "b"), 4.0)]


#  [ a1 | a2 ]    c covers exactly a1 and a2, and all edges of the three occur elsewhere, too
#  [    c    ]
def test_an_area_over_two_others_overlaps_with_both():
    whole = ring((0, 0), (2, 0), (4, 0), (4, 2), (2, 2), (0, 2))
    result = checked({"a1": box(0, 0, 2, 2), "a2": box(2, 0, 4, 2), "c": whole})
    assert told(result) == [("overlap", ("a1", "c"), 4.0), ("overlap", ("a2", "c"), 4.0)]


#  +--+--+--+
#  |a |b |c |    big lies over b alone in the middle of nine, far from every unpaired edge but its own
def test_an_overlap_is_found_with_areas_whose_own_edges_all_pair():
    nine = {f"{x}{y}": box(x * 2, y * 2, x * 2 + 2, y * 2 + 2) for x in range(3) for y in range(3)}
    result = checked({**nine, "big": box(-1, -1, 7, 7)})
    assert told(result) == [("overlap", (code, "big"), 4.0) for code in sorted(nine)]


#  +-------+
#  | W| |E |     a slit of 0.4 m between W and E, closed above and below
def test_an_enclosed_slit_is_a_gap_and_a_sliver():
    frame = Polygon(box(0, 0, 9, 9).exterior, [box(4, 1, 4.4, 6).exterior])
    result = checked({"frame": frame})
    assert told(result) == [("gap", ("frame",), 2.0)]
    assert result.findings[0].sliver
    assert result.findings[0].width_m == pytest.approx(2 * 2.0 / 10.8)


def test_without_parents_an_open_bay_is_no_gap():
    assert told(checked({"U": ring((0, 0), (9, 0), (9, 9), (6, 9), (6, 3), (3, 3), (3, 9), (0, 9))})) == []


#  +---------+
#  | hole    |
#  |  [isle] |
#  +---------+
def test_an_island_in_a_hole_is_not_part_of_the_gap():
    frame = Polygon(box(0, 0, 9, 9).exterior, [box(2, 2, 7, 7).exterior])
    result = checked({"frame": frame, "isle": box(3, 3, 5, 5)})
    assert told(result) == [("gap", ("frame", "isle"), 21.0)]


PARENTS = {"P": ring((0, 0), (2, 0), (4, 0), (4, 2), (2, 2), (0, 2)), "Q": box(4, 0, 6, 2)}


#  [ p1 | p2 | q1 ]
def test_children_that_fill_their_parents_are_covered():
    result = checked(
        {"p1": (box(0, 0, 2, 2), "P"), "p2": (box(2, 0, 4, 2), "P"), "q1": (box(4, 0, 6, 2), "Q")}, PARENTS
    )
    assert told(result) == []
    assert (result.verdict, result.covered_m2, result.declared_m2, result.outer_checked) == ("covered", 12, 12, True)


#  [ p1 |    | q1 ]
def test_a_missing_child_is_a_gap_of_its_parent():
    result = checked({"p1": (box(0, 0, 2, 2), "P"), "q1": (box(4, 0, 6, 2), "Q")}, PARENTS)
    assert told(result) == [("gap", ("P",), 4.0)]
    assert (result.covered_m2, result.declared_m2) == (8.0, 12.0)


#  [ p1 | p2 |    ]
def test_a_parent_without_children_is_one_gap_of_its_full_extent():
    shapes = {"p1": (box(0, 0, 2, 2), "P"), "p2": (box(2, 0, 4, 2), "P")}
    parts = MultiPolygon([box(4, 0, 6, 2), box(9, 0, 10, 1)])
    assert told(checked(shapes, PARENTS)) == [("gap", ("Q",), 4.0)]
    assert told(checked(shapes, {**PARENTS, "Q": parts})) == [("gap", ("Q",), 5.0)]
    assert told(checked(shapes, PARENTS, not_subdivided={"Q"})) == []
    assert told(checked(shapes, PARENTS, not_subdivided={"P"})) == [("gap", ("Q",), 4.0)]


def test_not_subdivided_excuses_no_parent_that_has_children():
    assert told(checked({"p1": (box(0, 0, 2, 2), "P")}, {"P": PARENTS["P"]}, not_subdivided={"P"})) == [
        ("gap", ("P",), 4.0)
    ]


def test_two_gaps_of_one_parent_are_two_findings():
    shapes = {"mid": (ring((1, 0), (3, 0), (3, 1), (1, 1)), "P")}
    row = ring((0, 0), (1, 0), (3, 0), (4, 0), (4, 1), (3, 1), (1, 1), (0, 1))
    assert told(checked(shapes, {"P": row})) == [("gap", ("P",), 1.0), ("gap", ("P",), 1.0)]


#  [ p1 | p2 | q1 ]     p2 belongs to P but was drawn into Q by one metre, and q1 left the room
#            ^ P ends at 4, p2 ends at 5
def test_a_child_beyond_its_parent_is_named_with_the_parent():
    shapes = {
        "p1": (box(0, 0, 2, 2), "P"),
        "p2": (ring((2, 0), (4, 0), (5, 0), (5, 2), (4, 2), (2, 2)), "P"),
        "q1": (box(5, 0, 6, 2), "Q"),
    }
    wide = {"P": PARENTS["P"], "Q": ring((4, 0), (5, 0), (6, 0), (6, 2), (5, 2), (4, 2))}
    assert told(checked(shapes, wide)) == [("outside_parent", ("p2", "P"), 2.0)]


def test_a_child_that_names_the_wrong_parent_lies_outside_it():
    shapes = {"p1": (box(0, 0, 2, 2), "P"), "p2": (box(2, 0, 4, 2), "Q"), "q1": (box(4, 0, 6, 2), "Q")}
    assert told(checked(shapes, PARENTS)) == [("outside_parent", ("p2", "Q"), 4.0)]


def test_children_without_a_parent_field_belong_to_the_largest_share():
    shapes = {
        "a": box(0, 0, 2, 2),
        "b": ring((2, 0), (4, 0), (4.5, 0), (4.5, 2), (4, 2), (2, 2)),
        "c": box(4.5, 0, 6, 2),
    }
    wide = {"P": PARENTS["P"], "Q": ring((4, 0), (4.5, 0), (6, 0), (6, 2), (4.5, 2), (4, 2))}
    assert told(checked(shapes, wide)) == [("outside_parent", ("b", "P"), 1.0)]


#  +--------+
#  |   a    |
#  +---+----+     the long edge of a has no vertex where b and c meet
#  | b | c  |
#  +---+----+
def test_a_node_on_one_side_only_is_an_unmatched_edge():
    shapes = {"a": box(0, 2, 4, 4), "b": box(0, 0, 2, 2), "c": box(2, 0, 4, 2)}
    result = checked(shapes)
    assert told(result) == [("unmatched_edge", ("a", "b"), 0.0), ("unmatched_edge", ("a", "c"), 0.0)]
    assert result.findings[0].geometry.equals(shapely.LineString([(0, 2), (2, 2)]))
    assert result.verdict == "defects"


def test_a_parent_must_have_its_children_s_vertices():
    shapes = {"p1": (box(0, 0, 2, 2), "P"), "p2": (box(2, 0, 4, 2), "P")}
    result = checked(shapes, {"P": box(0, 0, 4, 2)})
    assert told(result) == [("unmatched_edge", ("P", "p1"), 0.0), ("unmatched_edge", ("P", "p2"), 0.0)]


def test_equal_boundaries_are_a_duplicate_and_no_overlap():
    turned = ring((2, 2), (0, 2), (0, 0), (2, 0))
    assert told(checked({"a": box(0, 0, 2, 2), "b": turned})) == [("duplicate", ("a", "b"), 4.0)]


def test_a_code_that_occurs_twice_is_a_duplicate():
    level = areas("grid", ["x", "x"], [box(0, 0, 2, 2), box(2, 0, 4, 2)])
    (finding,) = check(level, lattice=False, metric=METRES).findings
    assert (finding.kind, finding.codes, finding.text("en")) == (
        "duplicate",
        ("x",),
        "duplicate (same code): x, 0.0 m², 0.00 m wide",
    )


def test_a_child_of_nobody_is_an_orphan():
    shapes = {"p1": (box(0, 0, 2, 2), "P"), "p2": (box(2, 0, 4, 2), "gone"), "far": box(50, 50, 51, 51)}
    found = told(checked(shapes, {"P": PARENTS["P"]}))
    assert found == [("orphan", ("far",), 0.0), ("orphan", ("p2",), 0.0)]


def test_a_code_that_names_another_parent_is_an_orphan():
    shapes = {"511402002001001": (box(0, 0, 2, 2), "511402002002")}
    assert told(checked(shapes, {"511402002002": box(0, 0, 2, 2)})) == [("orphan", ("511402002001001",), 0.0)]


def test_the_top_level_is_never_an_orphan():
    assert told(checked({"top": (box(0, 0, 2, 2), "elsewhere")})) == []


def test_an_area_in_pieces_is_a_remark_with_the_lesser_pieces():
    result = checked({"a": MultiPolygon([box(0, 0, 3, 3), box(5, 0, 6, 1), box(7, 0, 8, 1)])})
    assert told(result) == [("multipart", ("a",), 2.0)]
    assert not result.findings[0].blocking
    assert result.verdict == "covered"


def test_a_parent_without_boundary_leaves_the_verdict_unproved_by_name():
    shapes = {"p1": (box(0, 0, 4, 2), "P"), "x": (box(4, 0, 6, 2), "X")}
    result = checked(shapes, {"P": box(0, 0, 4, 2), "X": None})
    assert (told(result), result.verdict, result.unproved) == ([], "unproved", ("X",))


def test_a_hole_beside_children_of_an_unproved_parent_is_a_gap():
    frame = Polygon(box(0, 0, 9, 9).exterior, [box(2, 2, 4, 4).exterior])
    result = checked({"f": (frame, "X")}, {"X": None, "P": box(20, 0, 21, 1)}, not_subdivided={"P"})
    assert told(result) == [("gap", ("f",), 4.0)]


def test_an_enclave_is_a_hole_without_parents_and_nothing_with_them():
    land = Polygon(box(0, 0, 9, 9).exterior, [box(2, 2, 4, 4).exterior])
    assert told(checked({"g": land})) == [("gap", ("g",), 4.0)]
    assert told(checked({"g": (land, "C")}, {"C": land})) == []


def test_a_sparse_level_leaves_no_gaps_but_where_its_parent_is_divided():
    shapes = {"m1": (box(0, 0, 1, 1), "P"), "m2": (box(4, 0, 5, 2), "Q")}
    assert told(checked(shapes, PARENTS, sparse=True)) == []
    wide = {**PARENTS, "Q": ring((4, 0), (5, 0), (6, 0), (6, 2), (5, 2), (4, 2))}
    assert told(checked(shapes, wide, sparse=True, divided={"Q"})) == [("gap", ("Q",), 2.0)]


def test_nothing_at_all_proves_nothing():
    assert checked({}).verdict == "unproved"
    assert told(checked({}, {"P": box(0, 0, 2, 2)})) == [("gap", ("P",), 4.0)]


def test_the_worst_comes_first_and_remarks_last():
    shapes = {
        "a": box(0, 0, 10, 10),
        "b": box(8, 0, 20, 10),
        "c": ring((20, 0), (30, 0), (30, 10), (19.98, 10)),
        "d": MultiPolygon([box(40, 0, 41, 1), box(42, 0, 43, 1)]),
        "e": None,
    }
    kinds = [(f.kind, f.sliver) for f in checked(shapes).findings]
    assert kinds == [("overlap", False), ("invalid_geometry", False), ("overlap", True), ("multipart", False)]


def test_ids_and_order_do_not_depend_on_the_order_of_the_input():
    shapes = {f"{x}{y}": box(x * 2 - 0.1 * (y % 2), y * 2, x * 2 + 2, y * 2 + 2) for x in range(4) for y in range(4)}
    forward = checked(shapes, {"P": box(0, 0, 9, 9)})
    backward = checked(dict(reversed(shapes.items())), {"P": box(0, 0, 9, 9)})
    assert [f.id for f in forward.findings] == [f.id for f in backward.findings]
    assert len({f.id for f in forward.findings}) == len(forward.findings) > 20


def test_ids_do_not_depend_on_where_a_ring_starts_or_how_it_is_wound():
    turned = ring((3, 2), (1, 2), (1, 0), (3, 0))
    first = checked({"W": box(0, 0, 2, 2), "E": box(1, 0, 3, 2)}).findings
    again = checked({"W": box(0, 0, 2, 2).reverse(), "E": turned}).findings
    assert [f.id for f in first] == [f.id for f in again]


def test_a_grown_defect_has_another_id():
    small = checked({"W": box(0, 0, 2, 2), "E": box(1, 0, 3, 2)}).findings[0]
    large = checked({"W": box(0, 0, 2, 2), "E": box(0.9, 0, 3, 2)}).findings[0]
    assert small.id != large.id


LON, LAT = 1038000000, 300000000


def cells(*corners):
    """Return a polygon by corners in lattice cells from 103.8° E, 30° N."""
    return Polygon(np.add(corners, (LON, LAT)) / 1e7)


#  a's long edge runs from (0, 0) to (1000, 1); b and c meet beside it, at (500, 0): half a cell off the line
def test_half_a_cell_over_a_long_edge_is_a_sliver_and_no_unmatched_edge():
    a = cells((0, 0), (1000, 1), (1000, 900), (0, 900))
    b, c = cells((0, -900), (500, -900), (500, 0), (0, 0)), cells((500, -900), (1000, -900), (1000, 1), (500, 0))
    result = check(areas("grid", ["a", "b", "c"], [a, b, c]), lattice=True)
    assert [(f.kind, f.codes, f.sliver) for f in result.findings] == [("gap", ("a", "b", "c"), True)]
    assert result.findings[0].area_m2 == pytest.approx(250 * 1.0686e-4 * 1.0, rel=0.02)


#  the same with an edge of two cells: the triangle is half a cell, and no place of its own
def test_half_a_cell_over_a_short_edge_is_an_unmatched_edge():
    a = cells((0, 0), (2, 1), (2, 900), (0, 900))
    b, c = cells((0, -900), (1, -900), (1, 0), (0, 0)), cells((1, -900), (2, -900), (2, 1), (1, 0))
    result = check(areas("grid", ["a", "b", "c"], [a, b, c]), lattice=True)
    assert {f.kind for f in result.findings} == {"unmatched_edge"}


def test_stored_data_must_lie_on_the_lattice():
    level = areas("grid", ["on", "off"], [cells((0, 0), (9, 0), (9, 9)), box(103.80000001, 30, 103.9, 30.1)])
    with pytest.raises(BadInput) as refused:
        check(level, lattice=True)
    assert (refused.value.kind, refused.value.place["code"]) == ("not-on-lattice", "off")


#  a bow-tie on the lattice whose borders cross between lattice points
def test_an_invalid_area_on_the_lattice_is_a_finding_although_its_crossing_lies_between():
    level = areas("grid", ["bow", "on"], [cells((0, 0), (9, 4), (9, 0), (0, 5)), cells((20, 0), (29, 0), (29, 9))])
    assert [(f.kind, f.codes) for f in check(level, lattice=True).findings] == [("invalid_geometry", ("bow",))]


def test_an_invalid_area_off_the_lattice_is_refused_all_the_same():
    off = Polygon([(103.80000001, 30), (103.9, 30.1), (103.9, 30), (103.8, 30.1)])
    with pytest.raises(BadInput) as refused:
        check(areas("grid", ["off"], [off]), lattice=True)
    assert (refused.value.kind, refused.value.place["code"]) == ("not-on-lattice", "off")


def test_every_level_is_checked_against_the_nearest_level_above():
    town = areas("town", ["t"], [cells((0, 0), (500, 0), (900, 0), (900, 900), (0, 900))])
    halves = [cells((0, 0), (500, 0), (500, 900), (0, 900)), cells((500, 0), (900, 0), (900, 900), (500, 900))]
    grids = areas("grid", ["g1"], halves[:1], parents=["t"])
    micro = areas("microgrid", ["m1"], [cells((0, 0), (9, 0), (9, 9))], parents=["g1"])
    results = check_hierarchy({"microgrid": micro, "grid": grids, "town": town}, terms=Terms(lattice=True))
    assert list(results) == ["town", "grid", "microgrid"]
    assert [result.verdict for result in results.values()] == ["covered", "defects", "covered"]
    assert "gap" in results["grid"].counts
    together = results["town"].joined([results["grid"], results["microgrid"]])
    assert (together.areas, together.counts["gap"], together.verdict) == (3, 1, "defects")
