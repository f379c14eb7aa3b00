"""Exceptions hold what was accepted, where it was accepted, and no longer than that."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from shapely import LineString, Polygon, box

from geo.exceptions import ExceptionRecord, apart
from geo.findings import make_findings
from geo.lattice import CELL_DEG

DAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

#   0    1    2    3      in 1/1000 degree
# 1 +----+
#   |once|
# 0 +----+----+
ONCE, TWICE = box(104, 30, 104.001, 30.001), box(104, 30, 104.002, 30.001)
#  an L of three squares reaches as far as the whole square
CORNER = Polygon([(104, 30), (104.002, 30), (104.002, 30.001), (104.001, 30.001), (104.001, 30.002), (104, 30.002)])
SQUARE = box(104, 30, 104.002, 30.002)


def finding(geometry, kind="gap", codes=("511402",)):
    geoms = np.full(1, None, dtype=object)
    geoms[0] = geometry
    return make_findings(kind, [tuple(codes)], geoms, cell=CELL_DEG)[0]


def accepted(one, *, number=1, until=None, revoked_at=None):
    return ExceptionRecord(
        number,
        one.id,
        one.kind,
        one.codes,
        one.geometry,
        one.area_m2,
        reason="the river",
        accepted_by="planner",
        accepted_at=datetime(2026, 1, 1, tzinfo=UTC),
        accepted_via="command",
        until=until,
        baseline=None,
        edition=1,
        revoked_at=revoked_at,
    )


def is_held(one, record):
    still_open, excepted = apart([one], [record])
    assert len(still_open) + len(excepted) == 1
    return bool(excepted)


def test_the_same_finding_is_held():
    assert is_held(finding(ONCE), accepted(finding(ONCE)))


def test_a_smaller_one_in_its_place_is_held():
    assert is_held(finding(ONCE), accepted(finding(TWICE)))


def test_a_grown_one_is_a_new_finding():
    assert not is_held(finding(TWICE), accepted(finding(ONCE)))


def test_one_that_grew_within_its_own_reach_is_a_new_finding():
    filled = Polygon([*CORNER.exterior.coords[:3], (104.002, 30.0015), (104.001, 30.002), (104, 30.002)])
    assert not is_held(finding(filled), accepted(finding(CORNER)))
    assert is_held(finding(CORNER), accepted(finding(SQUARE)))


def test_one_cell_of_growth_is_the_rounding_of_a_border():
    grown = box(104, 30, 104.001 + CELL_DEG / 2, 30.001)
    assert is_held(finding(grown), accepted(finding(ONCE)))
    further = box(104, 30, 104.001 + 2 * CELL_DEG, 30.001)
    assert not is_held(finding(further), accepted(finding(ONCE)))


def test_other_areas_or_another_kind_are_other_findings():
    assert not is_held(finding(ONCE, codes=("511403",)), accepted(finding(ONCE)))
    assert not is_held(finding(ONCE, kind="overlap"), accepted(finding(ONCE)))


def test_a_line_is_held_by_a_line_that_covers_it():
    long, short = LineString([(104, 30), (104.002, 30)]), LineString([(104, 30), (104.001, 30)])
    assert is_held(finding(short, "unmatched_edge"), accepted(finding(long, "unmatched_edge")))
    assert not is_held(finding(long, "unmatched_edge"), accepted(finding(short, "unmatched_edge")))


def test_a_finding_without_a_place_is_held_by_its_id():
    nowhere = finding(None, "orphan")
    assert is_held(nowhere, accepted(nowhere))
    assert not is_held(nowhere, accepted(finding(ONCE, "orphan")))


def test_of_several_the_one_that_lasts_longest_counts():
    one = finding(ONCE)
    records = [accepted(one, number=1, until=date(2026, 5, 1)), accepted(one, number=2, until=date(2026, 6, 1))]
    for order in (records, records[::-1]):
        assert apart([one], order)[1][0].record.number == 2
    assert apart([one], [*records, accepted(one, number=3)])[1][0].record.number == 3


@pytest.mark.parametrize(
    ("until", "holds"), [(None, True), (date(2026, 3, 1), True), (date(2026, 3, 2), True), (date(2026, 2, 28), False)]
)
def test_it_holds_through_its_last_day(until, holds):
    assert accepted(finding(ONCE), until=until).in_force(NOON, DAY) is holds


def test_it_holds_from_its_acceptance_to_its_revocation():
    record = accepted(finding(ONCE), revoked_at=datetime(2026, 2, 1, tzinfo=UTC))
    assert not record.in_force(NOON, DAY)
    assert record.in_force(datetime(2026, 1, 15, tzinfo=UTC), date(2026, 1, 15))
    assert not record.in_force(datetime(2025, 12, 31, tzinfo=UTC), date(2025, 12, 31))
    assert replace(record, revoked_at=None).in_force(NOON, DAY)
