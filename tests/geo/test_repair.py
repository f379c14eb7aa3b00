"""Proposals for drawn defects: who gains, who loses, how far borders move."""

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from geo.areas import areas
from geo.coverage import Planar, check
from geo.errors import Conflict
from geo.repair import apply, apply_slivers, node_parents, propose

METRES = Planar()


def level(**shapes):
    return areas("grid", list(shapes), list(shapes.values()))


def proposed(grids, parents=None, **more):
    findings = check(grids, parents, lattice=False, metric=METRES).findings
    return propose(grids, parents, findings, lattice=False, metric=METRES, **more)


def settled_by(grids, **more):
    findings = check(grids, lattice=False, metric=METRES, **more).findings
    return apply_slivers(grids, None, findings, lattice=False, metric=METRES, **more)


def left(grids, parents=None):
    return [f.kind for f in check(grids, parents, lattice=False, metric=METRES).findings if f.kind != "multipart"]


def same(shape, other):
    return shape.equals(other) and shapely.symmetric_difference(shape, other).area == 0


#  0        100  104       200
#  [   W      ][ gap ][ E   ]     a gap 4 m wide and 50 m long, closed above and below
#  [   W      ][     E      ]
WEST = Polygon([(0, 0), (100, 0), (100, 50), (100, 100), (100, 150), (0, 150)])
EAST = Polygon([(100, 0), (200, 0), (200, 150), (100, 150), (100, 100), (104, 100), (104, 50), (100, 50)])


def test_a_gap_goes_to_whom_it_shares_the_longest_border_with():
    best, other = proposed(level(W=WEST, E=EAST))
    assert (best.rank, best.gains, best.loses) == (1, {"E": 200.0}, {})
    assert (other.rank, other.gains, other.loses) == (2, {"W": 200.0}, {})
    assert (best.displacement_m, other.displacement_m) == (4.0, 4.0)
    assert same(best.geometries["E"], box(100, 0, 200, 150))
    assert same(other.geometries["W"], shapely.union(WEST, box(100, 50, 104, 100)))
    assert best.geometries.keys() == {"E"}


def test_either_proposal_leaves_nothing_to_mend():
    grids = level(W=WEST, E=EAST)
    for proposal in proposed(grids):
        assert left(apply(grids, [proposal])) == []


#  [   W      [====]   E    ]     W reaches 10 m into E
def test_an_overlap_goes_to_the_one_that_leaves_the_shorter_border():
    grids = level(W=Polygon([(0, 0), (100, 0), (100, 40), (110, 40), (110, 60), (100, 60), (100, 100), (0, 100)]),
                  E=Polygon([(100, 0), (200, 0), (200, 100), (100, 100)]))  # fmt: skip
    best, other, noded = proposed(grids)
    assert (best.gains, best.loses, best.displacement_m) == ({}, {"W": 200.0}, 10.0)
    assert (other.gains, other.loses) == ({}, {"E": 200.0})
    mended = apply(grids, [best, noded])
    assert left(mended) == []
    assert same(mended.geoms[0], box(0, 0, 100, 100))


#  N1 |  N2
#  ---+----      E knows the corner between N1 and N2, S does not
#     S
def test_neighbours_that_follow_one_line_get_the_same_vertices():
    grids = level(N1=box(0, 100, 50, 200), N2=box(50, 100, 100, 200), S=box(0, 0, 100, 100))
    assert left(grids) == ["unmatched_edge", "unmatched_edge"]
    offered = proposed(grids)
    assert all((p.rank, p.gains, p.loses, p.displacement_m) == (1, {}, {}, 0.0) for p in offered)
    mended = apply(grids, offered)
    assert left(mended) == []
    assert [50.0, 100.0] in shapely.get_coordinates(mended.geoms[2]).tolist()
    assert mended.geoms[0] is grids.geoms[0]


def test_a_border_that_ends_on_the_edge_of_a_parent_gives_it_a_node():
    grids = areas("grid", ["A", "B"], [box(0, 0, 50, 100), box(50, 0, 100, 100)], parents=["P", "P"])
    parents = areas("community", ["P"], [box(0, 0, 100, 100)])
    offered = proposed(grids, parents)
    assert {code for proposal in offered for code in proposal.noded_parents} == {"P"}
    chosen = [proposal for proposal in offered if proposal.rank == 1]
    mended, upper = apply(grids, chosen), node_parents(parents, grids, chosen)
    assert left(mended, upper) == []
    assert same(upper.geoms[0], parents.geoms[0])
    assert {(50.0, 0.0), (50.0, 100.0)} < set(map(tuple, shapely.get_coordinates(upper.geoms[0]).tolist()))


def test_what_reaches_beyond_its_parent_is_cut_off_and_the_outline_stays():
    grids = areas("grid", ["A", "B"], [Polygon([(-5, 0), (50, 0), (50, 100), (0, 100)]), box(50, 0, 100, 100)],
                  parents=["P", "P"])  # fmt: skip
    parents = areas("community", ["P"], [Polygon([(0, 0), (50, 0), (100, 0), (100, 100), (50, 100), (0, 100)])])
    best, _ = proposed(grids, parents)
    assert (best.gains, best.loses, best.noded_parents) == ({}, {"A": 250.0}, {})
    assert same(best.geometries["A"], box(0, 0, 50, 100))


#   +---------+
#   |  A +--+ |
#   |    |B | |      B lies inside A, and A has no hole for it
#   |    +--+ |
#   +---------+
def test_an_area_inside_another_is_not_swallowed():
    grids = level(A=box(0, 0, 100, 100), B=box(40, 40, 60, 60))
    (only,) = proposed(grids)
    assert (only.gains, only.loses) == ({}, {"A": 400.0})
    mended = apply(grids, [only])
    assert left(mended) == []
    assert mended.geoms[1] is grids.geoms[1]
    assert len(mended.geoms[0].interiors) == 1


#        |B|
#    A  A|X|A  A      bars that cross: whoever loses X falls to pieces
#        |B|
def test_nothing_is_offered_that_would_split_an_area():
    assert proposed(level(A=box(0, 40, 100, 60), B=box(40, 0, 60, 100))) == []


def along(x_from, x_to, y):
    """Return points every 20 m."""
    steps = np.arange(x_from, x_to, np.sign(x_to - x_from) * 20)
    return [(x, y) for x in [*steps.tolist(), x_to]]


#     N1   |   N2
#  W ------+------ E    a gap 600 m long and 30 m wide, nobody's more than another's
#     S1   |   S2
def test_a_gap_that_several_areas_surround_is_divided_along_its_middle():
    grids = level(
        S1=Polygon([(0, -100), (300, -100), *along(300, 0, 0)]),
        S2=Polygon([(300, -100), (600, -100), *along(600, 300, 0)]),
        N1=Polygon([*along(0, 300, 30), (300, 130), (0, 130)]),
        N2=Polygon([*along(300, 600, 30), (600, 130), (300, 130)]),
        W=Polygon([(-100, -100), (0, -100), (0, 0), (0, 30), (0, 130), (-100, 130)]),
        E=Polygon([(600, -100), (700, -100), (700, 130), (600, 130), (600, 30), (600, 0)]),
    )
    best = proposed(grids)[0]
    assert best.displacement_m < 20
    assert [best.gains[code] for code in ("N1", "N2", "S1", "S2")] == pytest.approx([4_500] * 4, rel=0.1)
    assert sum(best.gains.values()) == pytest.approx(18_000)
    assert left(apply(grids, [best])) == []


def test_a_wide_hole_is_an_enclave_if_told_so():
    ring = shapely.difference(box(0, 0, 300, 300), box(100, 100, 200, 200))
    grids = level(
        A=shapely.intersection(ring, box(0, 0, 150, 300)), B=shapely.intersection(ring, box(150, 0, 300, 300))
    )
    assert len(proposed(grids)) == 2
    assert proposed(grids, enclave_width_m=20.0) == []
    assert settled_by(grids).level is grids


def test_settling_slivers_moves_no_border_further_than_the_tolerance():
    sliver = Polygon([(100, 0), (200, 0), (200, 150), (100, 150), (100, 100), (100.3, 75), (100, 50)])
    grids = level(W=WEST, E=sliver)
    settled = settled_by(grids, tolerance_m=0.5)
    assert (settled.displacement_m, len(settled.applied)) == (pytest.approx(0.3), 1)
    assert left(settled.level) == []
    assert settled_by(grids, tolerance_m=0.1).level is grids


def test_proposals_that_exclude_each_other_are_refused_together():
    grids = level(W=WEST, E=EAST)
    with pytest.raises(Conflict) as refused:
        apply(grids, proposed(grids))
    assert (refused.value.kind, refused.value.place) == ("proposals-clash", {"code": "E"})


@pytest.mark.parametrize("now", [box(0, 0, 45, 45), box(0, 0, 39, 39)])
def test_proposals_for_boundaries_that_have_changed_are_refused(now):
    grids = level(A=box(0, 0, 100, 100), B=box(40, 40, 60, 60))
    with pytest.raises(Conflict) as refused:
        apply(level(A=now, B=grids.geoms[1]), proposed(grids))
    assert refused.value.place == {"code": "A"}


def test_no_finding_gives_no_proposal():
    grids = level(W=box(0, 0, 1, 1), E=box(1, 0, 2, 1))
    assert proposed(grids) == []
    assert apply(grids, []) is grids


def test_findings_that_are_left_out_stay():
    first, second = (shapely.transform(shape, lambda xy: xy + np.array([0, 300])) for shape in (WEST, EAST))
    grids = level(W=WEST, E=EAST, W2=first, E2=second)
    findings = check(grids, lattice=False, metric=METRES).findings
    chosen = [f for f in findings if "E" in f.codes]
    mended = apply(grids, [propose(grids, None, chosen, lattice=False, metric=METRES)[0]])
    assert left(mended) == ["gap"]
    assert mended.geoms[3] is second


def test_a_proposal_says_what_it_does_in_both_languages():
    best, _ = proposed(level(W=WEST, E=EAST))
    assert best.text("zh") == "方案 1：E 增加 200.0 平方米；边界最多移动 4.00 米"
    assert best.text("en") == "proposal 1: E gains 200.0 m²; borders move by at most 4.00 m"
    noded = proposed(level(N1=box(0, 100, 50, 200), N2=box(50, 100, 100, 200), S=box(0, 0, 100, 100)))[0]
    assert noded.text("en") == (
        "proposal 1: only nodes are put on the borders of 1 areas; borders move by at most 0.00 m"
    )


def test_the_order_of_the_areas_does_not_matter():
    grids = level(W=WEST, E=EAST)
    one, other = proposed(grids), proposed(grids.take(np.array([1, 0])))
    assert [(p.findings, p.gains, p.loses) for p in one] == [(p.findings, p.gains, p.loses) for p in other]


#  N | S with the same corners, but for the last bits of the doubles: as when each was converted by itself
def test_borders_that_differ_by_float_noise_get_the_same_vertices():
    noise = np.array([[0, 0], [0, 3e-12], [1e-12, -2e-12], [0, 0]])
    north = Polygon([(0, 100), *(np.array([[0, 50], [30, 50], [70, 50], [100, 50]]) + noise), (100, 100)])
    south = Polygon([(0, 0), (100, 0), (100, 50), (70, 50), (30, 50), (0, 50)])
    grids = level(N=north, S=south)
    assert set(left(grids)) == {"unmatched_edge"}
    assert left(settled_by(grids).level) == []


#  a vertex of A that is there twice, far from the gap
def test_repeated_vertices_elsewhere_stay_as_they_are():
    twice = Polygon([(200, 150), (200, 150), (200, 150), *EAST.exterior.coords[3:], (200, 0), (200, 0), (200, 150)])
    grids = level(W=WEST, E=twice)
    best = proposed(grids)[0]
    assert list(best.geometries) == ["E"]
    xy = shapely.get_coordinates(best.geometries["E"])[:-1].tolist()
    assert (xy.count([200.0, 150.0]), xy.count([200.0, 0.0])) == (3, 2)


#       W ______ . -'       borders that cross at a very acute angle: on the left an overlap, on the right a gap;
#     E'------''            rounding moves the node where they cross far along both
def test_what_lies_on_both_sides_of_an_acute_crossing_is_settled_together():
    upper = Polygon([(0, 0), (600, 0.02), (1000, 0), (1000, 50), (0, 50)])
    lower = Polygon([(0, -50), (1000, -50), (1000, 0), (590, 0.005), (0, 0.03)])
    grids = level(U=upper, L=lower)
    for chosen in proposed(grids):
        if chosen.rank == 1:
            grids = apply(grids, [chosen])
    assert left(grids) == []


def test_a_boundary_that_is_no_valid_polygon_is_left_to_its_owner():
    bow = Polygon([*EAST.exterior.coords[:2], (200, 60), (180, 20), (220, 20), *EAST.exterior.coords[2:-1]])
    assert not bow.is_valid
    assert proposed(level(W=WEST, E=bow)) == []


def test_of_two_areas_with_one_code_none_is_changed():
    far = shapely.transform(EAST, lambda xy: xy + np.array([0, 1000]))
    assert proposed(areas("grid", ["W", "E", "E"], [WEST, EAST, far])) == []
