"""What drawn plans change for people: who gets another grid, which grids grow too large, who cannot be placed."""

import json
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from geo.areas import areas, texts
from geo.impact import impact
from geo.impact_records import Bystanders, Facilities, Residences
from geo.lattice import degrees, snap
from geo.measure import area_m2
from geo.stored import StoredAreas, together

STEP = 0.001


def at(x, y):
    """Return a place of the drawing in degrees, on the lattice; NaN stays."""
    if x is None:
        return (np.nan, np.nan)
    return tuple(degrees(snap(np.array([104 + x * STEP, 30 + y * STEP]))).tolist())


def square(west, south, east, north):
    """Return a rectangle in steps of about 100 m."""
    return Polygon([at(west, south), at(east, south), at(east, north), at(west, north)])


def stored(level, rows, *, kind="general", parents=None):
    """Return areas {id: (code, shape)} of one level."""
    count = len(rows)
    geoms = np.empty(count, dtype=object)
    geoms[:] = [shapely.MultiPolygon([shape]) for _, shape in rows.values()]
    return StoredAreas(
        ids=np.array(list(rows), dtype=np.int64),
        levels=texts([level] * count),
        codes=texts([code for code, _ in rows.values()]),
        local_codes=np.full(count, None, dtype=object),
        names=texts([f"name of {code}" for code, _ in rows.values()]),
        kinds=texts([kind] * count),
        categories=np.full(count, "market" if kind == "special" else None, dtype=object),
        parent_ids=np.array(parents or [0] * count, dtype=np.int64),
        not_subdivided=np.zeros(count, dtype=bool),
        fully_divided=np.zeros(count, dtype=bool),
        digests=np.full(count, None, dtype=object),
        geoms=geoms,
    )


def residences(*rows):
    """Return residences (address, x, y, households, residents, id of the area that the ledger names)."""
    rows = [(*row, *(-1, 0)[len(row) - 4 :]) for row in rows]
    return Residences(
        addresses=texts([row[0] for row in rows]),
        estates=texts([""] * len(rows)),
        households=np.array([row[3] for row in rows], dtype=np.int64),
        residents=np.array([row[4] for row in rows], dtype=np.int64),
        area_ids=np.array([row[5] for row in rows], dtype=np.int64),
        lonlat=np.array([at(row[1], row[2]) for row in rows], dtype=float).reshape(-1, 2),
    )


def facilities(*rows):
    """Return facilities (name, x, y)."""
    return Facilities(
        names=texts([row[0] for row in rows]),
        categories=texts(["clinic"] * len(rows)),
        lonlat=np.array([at(*row[1:]) for row in rows], dtype=float).reshape(-1, 2),
    )


def touched(before, after, *people, places=(), **more):
    return impact(before, after, Bystanders(residences(*people), facilities(*places), **more))


def m2(shape):
    return float(area_m2(np.array([shape], dtype=object))[0])


#    0     2     4
#  2 +-----+-----+
#    |  W  |  E  |
#  0 +-----+-----+
BEFORE = stored("grid", {1: ("W", square(0, 0, 2, 2)), 2: ("E", square(2, 0, 4, 2))})
#  the border goes one step to the west: E gets a strip of W
WIDER_EAST = stored("grid", {1: ("W", square(0, 0, 1, 2)), 2: ("E", square(1, 0, 4, 2))})
#  W is divided in a southern half, which keeps the id, and a northern one
SPLIT = stored("grid", {1: ("W", square(0, 0, 2, 1)), -1: ("N", square(0, 1, 2, 2)), 2: ("E", square(2, 0, 4, 2))})
MERGED = stored("grid", {2: ("E", square(0, 0, 4, 2))})
HOMES = (("1号", 0.5, 0.5, 10, 25), ("2号", 1.5, 0.5, 20, 50), ("3号", 1.5, 1.5, 40, 90), ("4号", 3, 1, 300, 700))


def test_no_change_touches_nobody():
    found = touched(BEFORE, BEFORE, *HOMES, ("5号", None, None, 3, 9, 1), places=[("诊所", 1.5, 1)])
    assert {name: value for name, value in found.document().items() if value} == {}


def test_a_strip_that_changes_hands_takes_its_people_along():
    (pair,) = touched(BEFORE, WIDER_EAST, *HOMES).handovers
    assert (pair.level, pair.kind, pair.from_code, pair.to_code) == ("grid", "general", "W", "E")
    assert (pair.residences, pair.households, pair.residents) == (2, 60, 140)
    assert pair.area_m2 == pytest.approx(m2(square(1, 0, 2, 2)), rel=1e-9)


def test_residences_that_change_grid_are_listed_by_address():
    found = touched(BEFORE, WIDER_EAST, *HOMES).moved
    assert [(one.address, one.households, one.from_code, one.to_code) for one in found] == [
        *(("2号", 20, "W", "E"), ("3号", 40, "W", "E"))
    ]
    assert (found[0].lon, found[0].lat) == at(1.5, 0.5)


def test_residents_are_unknown_where_one_home_leaves_them_out():
    (pair,) = touched(BEFORE, WIDER_EAST, *HOMES, ("5号", 1.2, 1, 1)).handovers
    assert (pair.households, pair.residents) == (61, None)


def test_a_new_name_or_code_moves_nobody():
    renamed = replace(BEFORE, names=texts(["a", "b"]), codes=texts(["X", "Y"]))
    assert touched(BEFORE, renamed, *HOMES).document() == touched(BEFORE, BEFORE, *HOMES).document()


def test_households_before_and_after_are_held_against_the_range():
    found = touched(BEFORE, WIDER_EAST, *HOMES).sizes
    assert [(one.code, one.before, one.after, one.fits) for one in found] == [
        *(("E", 300, 360, True), ("W", 70, 10, False))
    ]
    assert {(one.least, one.most) for one in found} == {(300, 500)}


def test_an_overloaded_grid_split_in_two_fits():
    people = [(f"{n}号", 1, 0.5 + n % 2, 612) for n in range(2)]
    found = touched(BEFORE, SPLIT, *people).sizes
    assert [(one.code, one.before, one.after) for one in found] == [("N", None, 612), ("W", 1224, 612)]


def test_a_retired_grid_has_no_households_afterwards():
    found = touched(BEFORE, MERGED, *HOMES)
    assert [(one.code, one.before, one.after, one.fits) for one in found.sizes] == [
        *(("E", 300, 370, True), ("W", 70, None, None))
    ]
    assert [(one.from_code, one.to_code, one.households) for one in found.handovers] == [("W", "E", 70)]


#  on the common border the ledger decides, else the smaller code
@pytest.mark.parametrize(("named", "giver"), [(0, "E"), (1, "W"), (2, "E")])
def test_a_home_on_the_border_counts_once(named, giver):
    found = touched(BEFORE, stored("grid", {3: ("A", square(0, 0, 4, 2))}), ("1号", 2, 1, 7, 9, named))
    assert [(one.from_code, one.households) for one in found.handovers if one.households] == [(giver, 7)]


def test_homes_without_position_follow_their_grid_into_a_merger():
    found = touched(BEFORE, MERGED, ("1号", None, None, 10, 20, 1))
    assert [(one.from_code, one.to_code, one.households) for one in found.handovers] == [("W", "E", 10)]
    assert found.unplaced == ()
    assert (found.moved[0].lon, found.moved[0].lat) == (None, None)


def test_homes_without_position_in_a_divided_grid_are_unplaced():
    found = touched(BEFORE, SPLIT, ("1号", None, None, 10, 20, 1), ("2号", None, None, 5, 6, 2))
    assert [(one.address, one.households, one.code, one.candidates) for one in found.unplaced] == [
        ("1号", 10, "W", ("N", "W"))
    ]
    assert [(one.code, one.before, one.after) for one in found.sizes] == [("N", None, 0), ("W", 10, 10)]


def test_homes_without_position_in_a_grid_that_is_shared_out_are_with_nobody():
    shared = stored("grid", {2: ("E", square(1, 0, 4, 2)), 3: ("Z", square(0, 0, 1, 2))})
    found = touched(BEFORE, shared, ("1号", None, None, 10, 20, 1))
    assert [one.candidates for one in found.unplaced] == [("E", "Z")]
    assert [(one.from_code, one.to_code) for one in found.handovers if one.households] == [("W", "")]


def test_facilities_tell_their_new_grid():
    found = touched(BEFORE, WIDER_EAST, places=[("诊所", 1.5, 1), ("菜场", 0.5, 1)]).facilities
    assert [(one.name, one.level, one.from_code, one.to_code) for one in found] == [("诊所", "grid", "W", "E")]


#  communities A and B move their border with the grids on it
def test_every_level_tells_who_moves():
    upper = [stored("community", {11: ("A", square(0, 0, x, 2)), 12: ("B", square(x, 0, 4, 2))}) for x in (2, 1)]
    found = touched(together(BEFORE, upper[0]), together(WIDER_EAST, upper[1]), *HOMES)
    assert [(one.level, one.from_code, one.to_code, one.households) for one in found.handovers] == [
        *(("grid", "W", "E", 60), ("community", "A", "B", 60))
    ]


def test_homes_without_position_change_community_with_their_grid():
    upper = stored("community", {11: ("A", square(0, 0, 2, 2)), 12: ("B", square(2, 0, 4, 2))})
    before = together(replace(BEFORE, parent_ids=np.array([11, 12])), upper)
    after = together(replace(BEFORE, parent_ids=np.array([12, 12])), upper)
    found = touched(before, after, ("1号", None, None, 10, 20, 1))
    assert [(one.level, one.from_code, one.to_code) for one in found.moved] == [("community", "A", "B")]


#  the market lies in W, at the border; it moves to E with the strip, and to another parent
MARKET = stored("grid", {7: ("M", square(1, 0, 2, 1))}, kind="special", parents=[11])


def test_a_special_grid_tells_its_new_host_and_its_new_parent():
    upper = stored("community", {11: ("A", square(0, 0, 2, 2)), 12: ("B", square(2, 0, 4, 2))})
    before = together(BEFORE, MARKET, upper)
    after = together(WIDER_EAST, replace(MARKET, parent_ids=np.array([12])), upper)
    found = touched(before, after).specials
    assert [(one.code, one.category, one.level, one.from_code, one.to_code) for one in found] == [
        *(("M", "market", "community", "A", "B"), ("M", "market", "grid", "W", "E"))
    ]


def test_homes_in_a_special_grid_keep_it_while_the_grid_below_changes():
    found = touched(together(BEFORE, MARKET), together(WIDER_EAST, MARKET), *HOMES)
    assert [(one.kind, one.households) for one in found.handovers] == [("general", 60)]


def test_a_retired_area_leaves_its_team_and_a_new_grid_has_none():
    found = touched(BEFORE, MERGED, teams={1: "西队", 2: "东队"})
    assert (found.teams_left, found.without_team) == ((("W", "西队"),), ())
    found = touched(BEFORE, SPLIT, teams={1: "西队"})
    assert (found.teams_left, found.without_team) == ((), ("N",))


def test_an_estate_that_a_new_border_cuts_is_named():
    estates = areas("estate", ["a", "b", "c"], [square(0, 0.5, 1, 1.5), square(1.5, 0, 2.5, 0.5), square(0, 0, 1, 0.5)])
    (cut,) = touched(BEFORE, SPLIT, overlays={"estate": estates}).cuts
    assert (cut.layer, cut.name, cut.codes) == ("estate", "a", ("N", "W"))


def test_the_document_is_plain_data():
    found = touched(BEFORE, SPLIT, *HOMES, ("5号", None, None, 3, 9, 1), teams={1: "西队"}, places=[("诊所", 1.5, 1.5)])
    document = json.loads(json.dumps(found.document()))
    assert [size["fits"] for size in document["sizes"]] == [False, False]
    assert document["facilities"][0]["to_code"] == "N"
    assert set(document) == {
        *("handovers", "moved", "facilities", "specials", "sizes", "teams_left", "without_team", "cuts", "unplaced")
    }


owners = st.lists(st.integers(1, 4), min_size=9, max_size=9)


def owned(ids):
    """Return areas that are made of the cells of a 3 × 3 square, by owner."""
    rows = {}
    for area_id in sorted(set(ids)):
        cells = [square(n % 3, n // 3, n % 3 + 1, n // 3 + 1) for n, one in enumerate(ids) if one == area_id]
        rows[area_id] = (str(area_id), shapely.union_all(cells))
    geoms = {one: shapely.MultiPolygon(shapely.get_parts([shape]).tolist()) for one, (_, shape) in rows.items()}
    found = stored("grid", {one: (code, square(0, 0, 1, 1)) for one, (code, _) in rows.items()})
    return found.with_geoms(np.array([*geoms.values(), None], dtype=object)[:-1])


@settings(max_examples=40, deadline=None)
@given(owners, owners, st.lists(st.integers(0, 50), min_size=9, max_size=9))
def test_nobody_is_counted_twice_or_lost(old, new, households):
    people = [(f"{n}号", n % 3 + 0.5, n // 3 + 0.5, count) for n, count in enumerate(households)]
    found = touched(owned(old), owned(new), *people)
    moving = sum(count for was, will, count in zip(old, new, households, strict=True) if was != will)
    assert sum(one.households for one in found.handovers) == sum(one.households for one in found.moved) == moving
    changes = {one.code: (one.after or 0) - (one.before or 0) for one in found.sizes}
    for code, more in changes.items():
        gained = sum(one.households for one in found.handovers if one.to_code == code)
        lost = sum(one.households for one in found.handovers if one.from_code == code)
        assert more == gained - lost
    assert sum(changes.values()) == 0
