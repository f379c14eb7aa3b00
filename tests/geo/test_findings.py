"""Findings as values, and the remarks that need households, teams and estates."""

import numpy as np
import pytest
import shapely
from shapely import box

from geo.areas import areas
from geo.coverage import Planar, sizes, split_estates, teams
from geo.findings import DETAILS, NAMES, REMARKS, count_kinds, make_findings, worst_first

METRES = Planar(1.0)
SQUARE = box(0, 0, 1, 1)
GRIDS = areas("grid", ["g1", "g2", "g3"], [box(0, 0, 10, 10), box(10, 0, 20, 10), box(20, 0, 30, 10)])


def shapes(*geoms):
    column = np.full(len(geoms), None, dtype=object)
    column[:] = geoms
    return column


def made(kind="overlap", geom=SQUARE, codes=("a", "b"), **facts):
    return make_findings(kind, [codes], shapes(geom), cell=1e-2, **facts)[0]


def test_an_id_tells_kinds_codes_and_places_apart():
    ids = {made().id, made("gap").id, made(codes=("a", "c")).id, made(geom=box(0, 0, 1, 1.1)).id, made(geom=None).id}
    assert len(ids) == 5
    assert all(len(one) == 16 for one in ids)


def test_an_id_does_not_depend_on_nodes_along_straight_edges():
    noded = shapely.Polygon([(1, 1), (0, 1), (0, 0.5), (0, 0), (0.3, 0), (1, 0)])
    assert made(geom=noded).id == made().id


def test_codes_cannot_be_mixed_up_with_each_other():
    assert made(codes=("a", "bc")).id != made(codes=("ab", "c")).id


def test_a_piece_below_the_tolerance_is_a_sliver():
    assert made(width_m=0.9, tolerance_m=1.0).sliver
    assert not made(width_m=1.0, tolerance_m=1.0).sliver
    assert not made(geom=shapely.Point(0, 0), width_m=0.0, tolerance_m=1.0).sliver


def test_only_remarks_do_not_block():
    assert {kind for kind in NAMES if not made(kind).blocking} == REMARKS


def test_each_finding_is_told_once():
    assert worst_first([made(), made(), made("gap")]) == [made(), made("gap")]
    assert count_kinds([made("gap"), made(), made("gap")]) == {"overlap": 1, "gap": 2}


@pytest.mark.parametrize("kind", NAMES)
def test_every_kind_can_be_said_in_both_languages(kind):
    finding = made(kind, details=["spike"], area_m2=1234.56, width_m=1.5)
    assert "1,234.6" in finding.text("zh")
    assert finding.text("en").isascii() or "²" in finding.text("en")


def test_every_detail_can_be_said_in_both_languages():
    for detail in DETAILS:
        finding = made("invalid_geometry", details=[detail])
        assert not finding.text("zh").split("（")[1].isascii()


def test_households_outside_the_range_are_a_remark():
    found = sizes(GRIDS, [300, 1224, -1], metric=METRES)
    assert [(f.kind, f.codes, f.detail, f.area_m2, f.blocking) for f in found] == [
        ("size", ("g2",), "1224", 100.0, False)
    ]
    assert sizes(GRIDS, [299, 500, 501], metric=METRES)[0].codes == ("g1",)
    assert not sizes(GRIDS, [30, 100, 65], (30, 100), metric=METRES)


def test_a_team_needs_one_of_each():
    found = teams(GRIDS, {"g1": (1, 1, 1), "g2": (2, 1, 0)}, metric=METRES)
    assert [(f.codes, f.detail) for f in found] == [(("g2",), "incomplete"), (("g3",), "no team")]


#  [   g1   ][   g2   ][   g3   ]
#       [ cut ]   [in]
#                        [ .| ]  edge: reaches into g2 by half a metre only
def test_an_estate_in_two_grids_is_cut_but_not_by_half_a_metre():
    estates = areas(
        "estate",
        ["e1", "e2", "e3"],
        [box(5, 2, 15, 8), box(16, 2, 18, 4), box(19.75, 2, 24, 8)],
        names=["花园", "里", "苑"],
    )
    found = split_estates(GRIDS, estates, metric=METRES)
    assert [(f.codes, f.detail, f.area_m2) for f in found] == [(("g1", "g2"), "花园", 60.0)]
    assert len(split_estates(GRIDS, estates, tolerance_m=0.1, metric=METRES)) == 2
