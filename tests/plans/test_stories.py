"""What planners do, from the first line to the day after: at the command line and over HTTP.

The town is drawn in ``conftest.py``.
"""

import pytest
from shapely import LineString, Polygon, box
from shapely.geometry import shape

WEST, EAST = "511402002001", "511402002002"
G1, G2, G3, G4 = (f"{WEST}00{number}" for number in (1, 2, 3, 4))
G5 = f"{EAST}001"
MARKET = f"{WEST}801"

STREET = LineString([(0.02, 2.1), (1.98, 1.9)])
"""A street across the first grid, surveyed nearly to its borders."""
STRIP = box(4, 0, 4.5, 4)
"""The west of the eastern community, with twenty households."""


def found(check, *names):
    return {name: check[name] for name in names}


def lineage(check):
    return {(one["from_code"], one["to_code"]): (one["share_of_from"], one["households"]) for one in check["lineage"]}


def moves(impact, level="grid"):
    return {
        (one["from_code"], one["to_code"]): one["households"] for one in impact["handovers"] if one["level"] == level
    }


def sizes(impact):
    return {one["code"]: (one["before"], one["after"]) for one in impact["sizes"]}


def test_a_grid_of_1224_households_is_split_along_a_street(planner, town):
    plan = planner.new("第一网格一分为二")
    check = planner.add(plan, "split", code=G1, line=STREET, keep=(1, 0.5), names=["第一网格北"])
    (north,) = check["created"]
    assert found(check, "clean", "changed", "ended") == {"clean": True, "changed": [G1], "ended": []}
    assert north == f"{WEST}005"
    shares = lineage(check)
    assert {pair: households for pair, (_, households) in shares.items()} == {(G1, G1): 612, (G1, north): 612}
    assert shares[G1, G1][0] + shares[G1, north][0] == pytest.approx(1.0)

    impact = planner.ask(plan, "impact")
    assert moves(impact) == {(G1, north): 612}
    assert sizes(impact) == {G1: (1224, 612), north: (None, 612)}
    assert impact["without_team"] == [north]

    sides = planner.sides(plan)
    assert north not in sides["before"]
    whole, parts = (
        shape(sides["before"][G1]["geometry"]),
        [shape(sides["after"][one]["geometry"]) for one in (G1, north)],
    )
    assert parts[0].union(parts[1]).symmetric_difference(whole).area < 1e-12
    assert {north, "第一网格一分为二", "1,224"} <= set_of_words(planner.sheet(plan), north, "第一网格一分为二", "1,224")

    assert set_of_words(planner.map(plan), G1, north) == {G1, north}

    edition = planner.publish(plan)
    assert town.lineage(edition) == {(G1, G1): 612, (G1, north): 612}
    assert town.grid_at(1, 3) == north
    assert town.grid_at(1, 1) == G1
    assert town.grid_at(1, 3, town.just_before(edition)) == G1


def set_of_words(page, *words):
    return {word for word in words if word in page}


def test_two_small_grids_become_one(planner, town):
    plan = planner.new("第二、第三网格合并")
    check = planner.add(plan, "merge", codes=[G2, G3], name="南网格")
    assert found(check, "clean", "created", "changed", "ended") == {
        "clean": True,
        "created": [],
        "changed": [G3],
        "ended": [G2],
    }
    assert lineage(check)[G2, G3] == (1.0, 120)
    assert sizes(planner.ask(plan, "impact")) == {G2: (120, None), G3: (140, 260)}
    assert set_of_words(planner.sheet(plan), G2, G3) == {G2, G3}
    sides = planner.sides(plan)
    assert ({G2, G3} <= sides["before"].keys(), G2 in sides["after"]) == (True, False)
    joined = shape(sides["before"][G2]["geometry"]).union(shape(sides["before"][G3]["geometry"]))
    assert shape(sides["after"][G3]["geometry"]).symmetric_difference(joined).area < 1e-13
    assert set_of_words(planner.map(plan), G2, G3) == {G2, G3}

    edition = planner.publish(plan)
    assert town.lineage(edition) == {(G2, G3): 120, (G3, G3): 140}
    assert (town.grid_at(3, 0.5), town.grid_at(3, 1.5)) == (G3, G3)
    assert town.grid_at(3, 0.5, town.just_before(edition)) == G2
    assert town.ask("SELECT name FROM area_version WHERE code = %s AND upper_inf(valid)", G3) == [("南网格",)]


def test_a_market_moves_to_the_other_community_and_its_old_grid_ends(planner, town):
    plan = planner.new("青禾市场迁址")
    place = box(4.5, 1, 5, 1.5)
    planner.add(plan, "create", level="grid", kind="special", category="market", name="青禾市场", geometry=place)
    check = planner.add(plan, "retire", code=MARKET)
    (moved,) = check["created"]
    assert moved == f"{EAST}800"
    assert found(check, "clean", "changed", "ended") == {"clean": True, "changed": [], "ended": [MARKET]}
    assert lineage(check) == {(MARKET, None): (1.0, 0)}
    assert moves(planner.ask(plan, "impact")) == {("", moved): 0, (MARKET, ""): 0}
    assert set_of_words(planner.sheet(plan), moved, MARKET) == {moved, MARKET}
    sides = planner.sides(plan)
    assert {side: {MARKET, moved} & found.keys() for side, found in sides.items()} == {
        "before": {MARKET},
        "after": {moved},
    }
    assert set_of_words(planner.map(plan), moved, MARKET) == {moved, MARKET}

    edition = planner.publish(plan)
    assert town.lineage(edition) == {(MARKET, None): 0}
    assert (town.grid_at(4.7, 1.2), town.grid_at(3, 2.7)) == (moved, G4)
    before = town.just_before(edition)
    assert (town.grid_at(4.7, 1.2, before), town.grid_at(3, 2.7, before)) == (G5, MARKET)


def test_the_border_between_two_communities_moves_with_their_grids(planner, town, record):
    plan = planner.new("东西社区界线调整")
    check = planner.add_all(
        plan,
        record("transfer", from_=EAST, to=WEST, geometry=STRIP),
        record("transfer", from_=G5, to=G2, geometry=box(4, 0, 4.5, 1)),
        record("transfer", from_=G5, to=G3, geometry=box(4, 1, 4.5, 2)),
        record("transfer", from_=G5, to=G4, geometry=box(4, 2, 4.5, 4)),
    )
    assert found(check, "clean", "created", "changed", "ended") == {
        "clean": True,
        "created": [],
        "changed": [WEST, G2, G3, G4, EAST, G5],
        "ended": [],
    }
    shares = lineage(check)
    assert shares[EAST, WEST] == (pytest.approx(0.125, abs=1e-4), 20)
    assert shares[G5, G2][1] == 20

    impact = planner.ask(plan, "impact")
    assert moves(impact, "community") == {(EAST, WEST): 20}
    assert moves(impact)[G5, G2] == 20
    assert set_of_words(planner.sheet(plan), EAST, WEST, G5) == {EAST, WEST, G5}
    sides = planner.sides(plan)
    west = {side: shape(found[WEST]["geometry"]) for side, found in sides.items()}
    assert west["after"].area / west["before"].area == pytest.approx(1.125, abs=1e-6)
    assert set_of_words(planner.map(plan), EAST, WEST, G5) == {EAST, WEST, G5}

    edition = planner.publish(plan)
    assert {pair: homes for pair, homes in town.lineage(edition).items() if len(set(pair)) > 1} == {
        (EAST, WEST): 20,
        (G5, G2): 20,
        (G5, G3): 0,
        (G5, G4): 0,
    }
    assert town.grid_at(4.2, 0.5) == G2
    assert town.grid_at(4.2, 0.5, town.just_before(edition)) == G5
    audit = town.run("audit", "--json")
    assert audit.document["counts"].keys() <= {"team", "size", "multipart"}


def test_a_published_plan_is_undone_by_another(planner, town):
    first = planner.new("第一网格一分为二")
    (north,) = planner.add(first, "split", code=G1, line=STREET, keep=(1, 0.5))["created"]
    before = town.shape(G1)
    planner.publish(first)
    undone = revert(planner, first)
    assert undone["clean"]
    assert undone["ended"] == [north]
    planner.publish(undone["plan"])
    assert north not in town.codes()
    assert town.shape(G1).symmetric_difference(before).area < 1e-13
    assert town.grid_at(1, 3) == G1


def revert(planner, plan):
    if hasattr(planner, "client"):
        return planner.post(f"/{plan}/revert")
    return planner.town.told("plan", "revert", plan)


@pytest.mark.parametrize("heir", [G3])
def test_a_grid_that_ends_leaves_its_land_to_its_heir(planner, town, heir):
    plan = planner.new("撤销第二网格")
    check = planner.add(plan, "retire", code=G2, heir=heir)
    assert found(check, "clean", "changed", "ended") == {"clean": True, "changed": [heir], "ended": [G2]}
    planner.publish(plan)
    assert town.grid_at(3, 0.5) == heir


def test_a_redraw_takes_its_neighbours_along(planner, town):
    plan = planner.new("第三网格扩大")
    wider = Polygon([(2, 0.5), (4, 0.5), (4, 2), (2, 2)])
    check = planner.add(plan, "redraw", code=G3, geometry=wider)
    assert found(check, "clean", "changed") == {"clean": True, "changed": [G2, G3]}
    planner.publish(plan)
    assert (town.grid_at(3, 0.4), town.grid_at(3, 0.6)) == (G2, G3)


def test_a_redraw_that_keeps_its_neighbours_shows_what_it_would_leave(planner):
    plan = planner.new("第三网格缩小")
    narrower = Polygon([(2, 1.5), (4, 1.5), (4, 2), (2, 2)])
    check = planner.add(plan, "redraw", stops=True, code=G3, geometry=narrower, neighbours="keep")
    assert {(one["kind"], tuple(one["codes"])) for one in check["findings"] if one["stops"]} == {("gap", (WEST,))}


def test_a_published_plan_still_tells_what_it_did(planner):
    plan = planner.new("第二、第三网格合并")
    drafted = planner.add(plan, "merge", codes=[G2, G3])
    planner.publish(plan)
    done = planner.ask(plan, "check")
    assert found(done, "clean", "created", "changed", "ended") == found(drafted, "clean", "created", "changed", "ended")
    assert lineage(done) == lineage(drafted)
    assert sizes(planner.ask(plan, "impact")) == {G2: (120, None), G3: (140, 260)}
    assert set_of_words(planner.sheet(plan), G2, G3) == {G2, G3}
