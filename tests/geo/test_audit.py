"""Audits of drawn levels: what is kept of an area and all below, and how levels come together in counties."""

from datetime import UTC, datetime

import numpy as np
import pytest
from shapely import Polygon

from geo.areas import areas
from geo.audit import Known, LevelToAudit, SpecialsToAudit, audit_level, audit_specials
from geo.audit_result import Inventory, conclude
from geo.coverage import ELLIPSOIDAL
from geo.exceptions import ExceptionRecord
from geo.lattice import degrees, snap

STEP = 0.001


def square(west, south, east, north):
    """Return a rectangle in steps of about 100 m, on the lattice; with a vertex at every step, so that all match."""
    around = [(x, south) for x in range(west, east)] + [(east, y) for y in range(south, north)]
    around += [(x, north) for x in range(east, west, -1)] + [(west, y) for y in range(north, south, -1)]
    return Polygon(degrees(snap(np.array([104, 30]) + np.array(around) * STEP)))


def m2(*shapes):
    return float(ELLIPSOIDAL.area_m2(np.array(shapes, dtype=object)).sum())


#    0     2     4     6
#  2 +-----+-----+-----+      two counties, each with its grids; nothing covers 4–6 of the east
#    | W1  | E1  |     |
#  0 +-----+-----+-----+
#    | west|    east   |
WEST, EAST = square(0, 0, 2, 2), square(2, 0, 6, 2)
COUNTIES = areas("county", ["west", "east"], [WEST, EAST])
W1, E1, E2 = square(0, 0, 2, 2), square(2, 0, 4, 2), square(4, 0, 6, 2)


def grids(shapes, parents):
    return areas("grid", list(shapes), list(shapes.values()), parents=parents)


def level(given, *, own=None, own_parents=None, **more):
    settings = {
        "known_parents": frozenset(),
        "sparse": False,
        "not_subdivided": frozenset(),
        "divided": frozenset(),
        "has_level_below": False,
        **more,
    }
    return LevelToAudit(
        areas=given,
        own=np.ones(len(given), dtype=bool) if own is None else np.array(own),
        parents=settings.pop("parents", COUNTIES),
        own_parents=np.array([True, True] if own_parents is None else own_parents),
        **settings,
    )


def found(audit):
    return [(one.kind, one.codes) for one in audit.findings]


class TestOneLevel:
    def test_what_no_child_covers_is_a_gap_and_bare(self):
        audit = audit_level(level(grids({"W1": W1, "E1": E1}, ["west", "east"])))
        assert found(audit) == [("gap", ("east",))]
        assert audit.bare_m2 == {"east": pytest.approx(m2(E2), rel=1e-9)}
        assert audit.declared_m2 == {"west": pytest.approx(m2(WEST)), "east": pytest.approx(m2(EAST))}

    def test_a_parent_without_children_is_one_gap_of_its_full_extent(self):
        audit = audit_level(level(grids({"W1": W1}, ["west"])))
        assert found(audit) == [("gap", ("east",))]
        assert audit.findings[0].area_m2 == pytest.approx(m2(EAST), abs=0.1)

    def test_marked_as_not_subdivided_it_is_no_gap_and_still_not_covered(self):
        audit = audit_level(level(grids({"W1": W1}, ["west"]), not_subdivided=frozenset({"east"})))
        assert found(audit) == []
        assert audit.bare_m2 == {"east": pytest.approx(m2(EAST), rel=1e-9)}

    def test_a_sparse_level_declares_nothing(self):
        audit = audit_level(level(grids({"W1": square(0, 0, 1, 1)}, ["west"]), sparse=True))
        assert (found(audit), audit.declared_m2, audit.bare_m2) == ([], {}, {})

    def test_a_sparse_level_covers_a_parent_that_is_fully_divided(self):
        given = grids({"W1": square(0, 0, 1, 2)}, ["west"])
        audit = audit_level(level(given, sparse=True, divided=frozenset({"west"})))
        assert ("gap", ("west",)) in found(audit)

    def test_a_boundary_that_nobody_knows_leaves_those_below_unproved(self):
        given = grids({"W1": W1, "E1": E1, "E2": None}, ["west", "east", "east"])
        lowest, above = audit_level(level(given)), audit_level(level(given, has_level_below=True))
        assert ("invalid_geometry", ("E2",)) in found(lowest)
        assert found(above) == [("gap", ("east",))]
        assert (lowest.unproved, above.unproved) == ((), ("E2",))

    def test_sizes_that_are_not_known_are_counted_and_no_remark(self):
        given = grids({"W1": W1, "E1": E1, "E2": E2}, ["west", "east", "east"])
        known = Known(households=np.array([299, 300, -1]), wanted=(300, 500), staff={"W1": (1, 1, 1), "E1": (1, 0, 1)})
        audit = audit_level(level(given, known=known))
        assert sorted(found(audit)) == [("size", ("W1",)), ("team", ("E1",)), ("team", ("E2",))]
        assert audit.households_unknown == 1

    def test_a_border_that_cuts_an_estate_is_a_remark(self):
        given = grids({"W1": W1, "E1": E1, "E2": E2}, ["west", "east", "east"])
        estates = areas("estate", ["s"], [square(3, 0, 5, 1)], names=["青禾小区"])
        (one,) = audit_level(level(given, known=Known(estates=estates))).findings
        assert (one.kind, one.codes, one.detail, one.blocking) == ("splits_estate", ("E1", "E2"), "青禾小区", False)


class TestWithin:
    """Only the west is asked for; of the east what touches it was read, too."""

    def audited(self, shapes, parents, own):
        given = grids(shapes, parents)
        return audit_level(level(given, own=own, own_parents=[True, False], scope=WEST))

    def test_a_defect_of_the_neighbour_is_not_ours(self):
        audit = self.audited({"W1": W1, "E1": E1}, ["west", "east"], [True, False])
        assert (found(audit), list(audit.declared_m2)) == ([], ["west"])

    def test_a_neighbour_that_reaches_in_is_found(self):
        audit = self.audited({"W1": W1, "E1": square(1, 0, 4, 2)}, ["west", "east"], [True, False])
        assert sorted(found(audit)) == [("outside_parent", ("E1", "east")), ("overlap", ("E1", "W1"))]

    def test_a_neighbour_that_covers_what_is_ours_is_found_although_nothing_is_bare(self):
        shapes = {"W1": square(0, 0, 1, 2), "E1": square(1, 0, 4, 2)}
        audit = self.audited(shapes, ["west", "east"], [True, False])
        assert found(audit) == [("outside_parent", ("E1", "east"))]

    def test_a_neighbour_that_only_touches_is_not_ours(self):
        audit = self.audited({"W1": W1, "E1": square(2, 0, 7, 2)}, ["west", "east"], [True, False])
        assert found(audit) == []


class TestSpecialGrids:
    def audited(self, shapes, parents, *, staff=None):
        given = grids(shapes, parents)
        own = np.ones(len(given), dtype=bool)
        return audit_specials(SpecialsToAudit(given, own, [COUNTIES], known=Known(staff=staff)))

    def test_they_leave_gaps_and_overlap_none_of_their_kind(self):
        assert found(self.audited({"S1": square(0, 0, 1, 1), "S2": square(3, 0, 4, 1)}, ["west", "east"])) == []
        audit = self.audited({"S1": square(3, 0, 5, 1), "S2": square(4, 0, 6, 1)}, ["east", "east"])
        assert found(audit) == [("overlap", ("S1", "S2"))]

    def test_they_stay_within_their_parents_and_have_one(self):
        assert found(self.audited({"S1": square(1, 0, 3, 1)}, ["west"])) == [("outside_parent", ("S1", "west"))]
        assert ("orphan", ("S1",)) in found(self.audited({"S1": square(7, 0, 8, 1)}, [""]))

    def test_each_needs_a_team(self):
        assert found(self.audited({"S1": square(0, 0, 1, 1)}, ["west"], staff={})) == [("team", ("S1",))]


class TestTogether:
    #             city
    #        west      east
    #        W1, S     E1, E2
    INVENTORY = Inventory(
        levels=np.array(["city", "county", "county", "grid", "grid", "grid", "grid"], dtype=object),
        codes=np.array(["city", "west", "east", "W1", "E1", "E2", "S"], dtype=object),
        names=np.array(["城", "西", "东", "一", "二", "三", "校"], dtype=object),
        kinds=np.array(["general"] * 6 + ["special"], dtype=object),
        parent_rows=np.array([-1, 0, 0, 1, 2, 2, 1]),
    )
    EVERYTHING = np.ones(7, dtype=bool)

    def concluded(self, shapes, parents, records=()):
        city = areas("city", ["city"], [square(0, 0, 6, 2)])
        counties = areas("county", ["west", "east"], [WEST, EAST], parents=["city", "city"])
        levels = [
            audit_level(level(counties, parents=city, own_parents=[True], has_level_below=True)),
            audit_level(level(grids(shapes, parents))),
        ]
        return conclude(levels, self.INVENTORY, self.EVERYTHING, records, ["city"])

    def test_below_and_ancestors(self):
        assert self.INVENTORY.below("west").tolist() == [False, True, False, True, False, False, True]
        assert self.INVENTORY.ancestors_at("county").tolist() == [-1, 1, 2, 1, 2, 2, 1]

    def test_covered_counts_general_areas_only(self):
        done = self.concluded({"W1": W1, "E1": E1, "E2": E2}, ["west", "east", "east"])
        assert (done.check.verdict, done.check.areas) == ("covered", 5)
        assert done.check.covered_m2 == done.check.declared_m2 == pytest.approx(m2(square(0, 0, 6, 2)))
        assert [(row.code, row.verdict, row.defects) for row in done.counties] == [
            ("east", "covered", 0),
            ("west", "covered", 0),
        ]
        assert done.counties[1].counts == {("county", "general"): 1, ("grid", "general"): 1, ("grid", "special"): 1}

    def test_a_gap_is_its_county_s(self):
        done = self.concluded({"W1": W1, "E1": E1}, ["west", "east"])
        assert done.check.verdict == "defects"
        assert done.check.declared_m2 - done.check.covered_m2 == pytest.approx(m2(E2), abs=0.1)
        assert [(row.code, row.verdict, row.defects) for row in done.counties] == [
            ("east", "defects", 1),
            ("west", "covered", 0),
        ]
        assert done.counties[0].covered_m2 == pytest.approx(m2(E1), abs=0.1)

    def test_an_overlap_across_counties_counts_in_both(self):
        done = self.concluded({"W1": square(0, 0, 3, 2), "E1": E1, "E2": E2}, ["west", "east", "east"])
        assert [(row.code, row.defects) for row in done.counties] == [("east", 1), ("west", 2)]

    def test_an_accepted_gap_is_no_defect_and_still_not_covered(self):
        (gap,) = self.concluded({"W1": W1, "E1": E1}, ["west", "east"]).check.findings
        day = datetime(2026, 1, 1, tzinfo=UTC)
        record = ExceptionRecord(
            1,
            gap.id,
            gap.kind,
            gap.codes,
            gap.geometry,
            gap.area_m2,
            "水库",
            "张工",
            day,
            "command",
            None,
            None,
            1,
            None,
        )
        done = self.concluded({"W1": W1, "E1": E1}, ["west", "east"], [record])
        assert (done.check.verdict, done.check.findings) == ("covered", ())
        assert [one.record.number for one in done.exceptions] == [1]
        assert done.check.covered_m2 < done.check.declared_m2
        assert [(row.code, row.verdict, row.exceptions) for row in done.counties] == [
            ("east", "covered", 1),
            ("west", "covered", 0),
        ]

    def test_without_anything_to_compare_with_nothing_is_proved(self):
        given = level(areas("city", ["city"], [square(0, 0, 6, 2)]), parents=None, own_parents=[])
        done = conclude([audit_level(given)], self.INVENTORY, self.EVERYTHING, [], ["city"])
        assert (done.check.verdict, done.check.unproved) == ("unproved", ("city",))
