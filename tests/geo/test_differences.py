"""Differences of drawn states: a redraw, a rename and a mere re-digitising are told apart."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from geo.areas import texts
from geo.differences import AreaSet, differences
from geo.exchange import NOBODY, displacements_m, exchanged, same_boundaries
from geo.lattice import degrees, snap
from geo.measure import area_m2
from geo.stored import StoredAreas, together

STEP = 0.001


def square(west, south, east, north):
    """Return a rectangle in steps of about 100 m, on the lattice."""
    corners = np.array([(west, south), (east, south), (east, north), (west, north)])
    return Polygon(degrees(snap(np.array([104, 30]) + corners * STEP)))


def stored(level, rows, *, kind="general", **more):
    """Return areas {id: (code, shape)} of one level."""
    ids = list(rows)
    count = len(ids)
    geoms = np.empty(count, dtype=object)
    geoms[:] = [shape and shapely.MultiPolygon(shapely.get_parts([shape]).tolist()) for _, shape in rows.values()]
    columns = {
        "ids": np.array(ids, dtype=np.int64),
        "levels": texts([level] * count),
        "codes": texts([code for code, _ in rows.values()]),
        "local_codes": np.full(count, None, dtype=object),
        "names": texts([f"name of {code}" for code, _ in rows.values()]),
        "kinds": texts([kind] * count),
        "categories": np.full(count, None, dtype=object),
        "parent_ids": np.zeros(count, dtype=np.int64),
        "not_subdivided": np.zeros(count, dtype=bool),
        "fully_divided": np.zeros(count, dtype=bool),
        "digests": np.full(count, None, dtype=object),
        "geoms": geoms,
    }
    return StoredAreas(**{**columns, **more})


def compared(before, after, **options):
    return differences(AreaSet.of(before), AreaSet.of(after), **options)


def told(found):
    return [(row.code, row.changes) for row in found.rows]


def m2(*shapes):
    return float(area_m2(np.array(shapes, dtype=object)).sum())


#    0     2     4
#  2 +-----+-----+
#    |  W  |  E  |
#  0 +-----+-----+
WEST, EAST = square(0, 0, 2, 2), square(2, 0, 4, 2)
TOWN = stored("grid", {1: ("W", WEST), 2: ("E", EAST)})


def test_nothing_differs_from_itself():
    turned = TOWN.geoms.copy()
    turned[0] = shapely.MultiPolygon([Polygon([*WEST.exterior.coords[2:-1], *WEST.exterior.coords[:3]])])
    found = compared(TOWN, TOWN.with_geoms(turned))
    assert (found.rows, found.pieces, found.unchanged) == ((), (), 2)


def test_a_redraw_tells_the_land_that_changed_hands():
    after = stored("grid", {1: ("W", square(0, 0, 3, 2)), 2: ("E", square(3, 0, 4, 2))})
    found = compared(TOWN, after)
    assert told(found) == [("E", ("redrawn",)), ("W", ("redrawn",))]
    east, west = found.rows
    strip = m2(square(2, 0, 3, 2))
    assert (east.gained_m2, east.lost_m2) == (0.0, pytest.approx(strip, rel=1e-9))
    assert (west.gained_m2, west.lost_m2) == (pytest.approx(strip, rel=1e-9), 0.0)
    assert east.moved_m == west.moved_m == pytest.approx(96.49, abs=0.01)
    assert [(share.code, round(share.share, 6)) for share in east.went_to] == [("W", 0.5)]
    assert [(share.code, round(share.share, 6)) for share in west.came_from] == [("E", 0.333333)]
    assert [(piece.from_code, piece.to_code) for piece in found.pieces] == [("E", "W")]
    assert found.pieces[0].geometry.equals(square(2, 0, 3, 2))


@pytest.mark.parametrize(
    ("moved", "change"), [(1e-8, "noded"), (1e-7, "noded"), (5e-6, "redigitised"), (2e-5, "redrawn")]
)
def test_how_far_the_line_moved_decides_what_it_is_called(moved, change):
    edge = 2 + moved / STEP
    shapes = [
        Polygon(np.array([104, 30]) + np.array([(0, 0), (edge, 0), (edge, 2), (0, 2)]) * STEP),
        Polygon(np.array([104, 30]) + np.array([(edge, 0), (4, 0), (4, 2), (edge, 2)]) * STEP),
    ]
    found = compared(TOWN, stored("grid", {1: ("W", shapes[0]), 2: ("E", shapes[1])}))
    assert told(found) == [("E", (change,)), ("W", (change,))]


def test_the_tolerance_is_for_the_reader_to_choose():
    after = stored("grid", {1: ("W", square(0, 0, 2.05, 2)), 2: ("E", square(2.05, 0, 4, 2))})
    assert {row.changes for row in compared(TOWN, after).rows} == {("redrawn",)}
    assert {row.changes for row in compared(TOWN, after, tolerance_m=5).rows} == {("redigitised",)}


def test_a_new_node_on_the_line_is_no_redraw():
    noded = Polygon(degrees(snap(np.array([104, 30]) + np.array([(0, 0), (2, 0), (2, 1), (2, 2), (0, 2)]) * STEP)))
    found = compared(TOWN, stored("grid", {1: ("W", noded), 2: ("E", EAST)}))
    assert (told(found), found.pieces, found.unchanged) == ([("W", ("noded",))], (), 1)


#  a spike of 50 m on a long straight line: hardly any land, and yet no mere digitising
def test_a_spike_is_a_redraw():
    corners = [(0, 0), (2, 0), (2, 0.9), (2.5, 1), (2, 1.0001), (2, 2), (0, 2)]
    spiky = Polygon(np.array([104, 30]) + np.array(corners) * STEP)
    assert told(compared(TOWN, stored("grid", {1: ("W", spiky), 2: ("E", EAST)}))) == [("W", ("redrawn",))]


def test_names_codes_parents_and_marks_are_told_apart():
    after = replace(
        stored("grid", {1: ("W", WEST), 2: ("X", EAST)}),
        names=texts(["another name", "name of E"]),
        parent_ids=np.array([9, 0]),
        fully_divided=np.array([False, True]),
    )
    found = compared(TOWN, after)
    assert told(found) == [("W", ("renamed", "reparented")), ("X", ("recoded", "marked"))]
    assert found.counts() == {"renamed": 1, "recoded": 1, "reparented": 1, "marked": 1}
    assert found.rows[1].before.code == "E"
    assert {row.moved_m for row in found.rows} == {0.0}


def test_one_area_may_undergo_several_changes():
    after = replace(stored("grid", {1: ("W", square(0, 0, 1, 2)), 2: ("E", EAST)}), names=texts(["w", "name of E"]))
    assert told(compared(TOWN, after)) == [("W", ("redrawn", "renamed"))]


def test_a_split_says_where_the_new_area_comes_from():
    after = stored("grid", {1: ("W", square(0, 0, 2, 1)), -1: ("N", square(0, 1, 2, 2)), 2: ("E", EAST)})
    found = compared(TOWN, after)
    assert told(found) == [("N", ("created",)), ("W", ("redrawn",))]
    assert [(share.code, round(share.share, 4)) for share in found.rows[0].came_from] == [("W", 1.0)]
    assert found.rows[0].before is None
    assert found.rows[0].moved_m is None


def test_a_merge_says_where_the_old_area_went():
    found = compared(TOWN, stored("grid", {1: ("W", square(0, 0, 4, 2))}))
    assert told(found) == [("E", ("retired",)), ("W", ("redrawn",))]
    assert [(share.code, round(share.share, 4)) for share in found.rows[0].went_to] == [("W", 1.0)]
    assert found.rows[0].geometry.equals(EAST)


def test_land_may_come_from_nobody_and_go_to_nobody():
    found = compared(TOWN, stored("grid", {1: ("W", square(0, 1, 2, 3)), 2: ("E", EAST)}))
    assert [(piece.from_code, piece.to_code) for piece in found.pieces] == [("", "W"), ("W", "")]
    assert [round(piece.area_m2) for piece in found.pieces] == [
        round(m2(square(0, 2, 2, 3))),
        round(m2(square(0, 0, 2, 1))),
    ]


def test_layers_do_not_mix():
    market = stored("grid", {7: ("M", square(1, 0, 3, 1))}, kind="special")
    community = stored("community", {8: ("C", square(0, 0, 4, 2))})
    before = together(TOWN, market, community)
    after = together(TOWN, stored("grid", {7: ("M", square(1, 0, 2, 1))}, kind="special"), community)
    found = compared(before, after)
    assert [(row.level, row.kind, row.code) for row in found.rows] == [("grid", "special", "M")]
    assert [(piece.from_code, piece.to_code) for piece in found.pieces] == [("M", "")]


def test_a_boundary_that_becomes_known_is_a_redraw():
    unknown = stored("grid", {1: ("W", None), 2: ("E", EAST)})
    assert told(compared(unknown, TOWN)) == [("W", ("redrawn",))]
    assert compared(unknown, unknown).rows == ()


def test_displacements_are_measured_to_the_line_and_not_to_its_vertices():
    noded = Polygon(np.array([104, 30]) + np.array([(0, 0), (1, 0), (2, 0), (2, 2), (0, 2)]) * STEP)
    assert displacements_m(np.array([WEST]), np.array([noded])) == pytest.approx([0], abs=1e-6)
    assert np.isinf(displacements_m(np.array([WEST]), np.array([None]))).all()


def test_boundaries_are_the_same_wherever_their_rings_begin():
    turned = Polygon([*WEST.exterior.coords[1:], WEST.exterior.coords[1]])
    assert same_boundaries(np.array([WEST, None, WEST]), np.array([turned, None, EAST])).tolist() == [True, True, False]


@st.composite
def partitions(draw):
    """Two ways to give 16 cells to the areas 1-5; 0 is nobody."""
    owners = st.lists(st.integers(0, 5), min_size=16, max_size=16)
    return draw(owners), draw(owners)


def owned(owners):
    """Return the areas that have cells, each the union of its own."""
    rows = {}
    for area_id in sorted(set(owners) - {NOBODY}):
        cells = [square(n % 4, n // 4, n % 4 + 1, n // 4 + 1) for n, owner in enumerate(owners) if owner == area_id]
        rows[area_id] = (str(area_id), shapely.union_all(cells))
    return stored("grid", rows)


@settings(max_examples=60, deadline=None)
@given(partitions())
def test_every_cell_that_changes_hands_is_told_once(ways):
    old, new = ways
    expected = {}
    for n, (giver, taker) in enumerate(zip(old, new, strict=True)):
        if giver != taker:
            cell = m2(square(n % 4, n // 4, n % 4 + 1, n // 4 + 1))
            expected[giver, taker] = expected.get((giver, taker), 0.0) + cell
    land = exchanged(owned(old), owned(new))
    pairs = list(zip(land.from_ids.tolist(), land.to_ids.tolist(), strict=True))
    assert pairs == sorted(expected)
    assert land.area_m2 == pytest.approx([expected[pair] for pair in pairs], rel=1e-6)
