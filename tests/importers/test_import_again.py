"""Importing again: the same file changes nothing, a changed one only what it changes."""

import numpy as np
import pytest
import shapely
from shapely import box

#  3 +-----+-----+
#    |  C  |  D  |
#  1 +-----+-----+
#    |  A  |  B  |
#  0 +-----+-----+
#    0     2     4
TOWN = {"511402001": box(0, 0, 4, 3)}
GRIDS = {
    "511402001001001": box(0, 0, 2, 1),
    "511402001001002": box(2, 0, 4, 1),
    "511402001001003": box(0, 1, 2, 3),
    "511402001001004": box(2, 1, 4, 3),
}
A, B, C, D = GRIDS
BENT = shapely.Polygon([(2, 0), (2.5, 0.5), (2, 1), (0, 1), (0, 0)])
BENT_BESIDE = shapely.Polygon([(2, 0), (4, 0), (4, 1), (2, 1), (2.5, 0.5)])


@pytest.fixture
def divided(door):
    door.take(door.draw("towns", TOWN), "town")
    door.take(door.draw("grids", GRIDS), "grid")
    return door


class TestTheSameFile:
    def test_it_changes_nothing_and_says_so(self, divided):
        before = divided.state()
        said = divided.run("import", divided.folder / "grids.geojson", "--level", "grid", "--publish")
        assert "没有任何变化：4 个区域" in said.output
        assert "不需要发布" in said.output
        assert divided.state() == before

    def test_nothing_changes_when_the_level_above_was_noded_meanwhile(self, divided):
        #  the county has a corner at (1, 0), within an edge of town and grid A
        county = shapely.Polygon([(0, 0), (1, 0), (4, 0), (4, 3), (0, 3)])
        report = divided.take(divided.draw("county", {"511402": county}), "county")
        assert report["counts"]["noded"] == 2
        assert divided.versions(report["edition"]) == {"511402": False, "511402001": True, A: True}
        for name, level in (("grids", "grid"), ("county", "county")):
            assert divided.take(divided.folder / f"{name}.geojson", level)["counts"]["unchanged"] > 0
        assert divided.edition() == report["edition"]

    def test_the_town_only_gets_its_parent_when_it_comes_again(self, divided):
        divided.take(divided.draw("county", {"511402": box(0, 0, 4, 3)}), "county")
        report = divided.take(divided.folder / "towns.geojson", "town")
        assert (report["counts"]["renamed"], report["counts"]["redrawn"]) == (1, 0)
        assert divided.parents()["511402001"] == "511402"

    def test_rings_that_begin_elsewhere_and_turn_the_other_way_are_the_same(self, divided):
        turned = {
            code: shapely.Polygon(np.roll(shapely.get_coordinates(g)[:-1], 2, axis=0)[::-1])
            for code, g in GRIDS.items()
        }
        assert divided.take(divided.draw("turned", turned), "grid")["counts"]["unchanged"] == 4

    @pytest.mark.parametrize("tolerance", [0.03, 0.1, 5.0])
    def test_another_tolerance_changes_nothing_where_nothing_was_apart(self, divided, tolerance):
        report = divided.take(divided.folder / "grids.geojson", "grid", "--tolerance", tolerance)
        assert report["counts"]["unchanged"] == 4

    def test_columns_that_a_file_lacks_keep_what_is_stored(self, divided):
        names = dict(zip(GRIDS, ("一", "二", "三", "四"), strict=True))
        marks = {A: True}
        divided.take(divided.draw("named", GRIDS, name=names, local_code=names, not_subdivided=marks), "grid")
        assert divided.take(divided.folder / "grids.geojson", "grid")["counts"]["unchanged"] == 4
        assert divided.ask(
            "SELECT name, local_code, not_subdivided FROM area_version WHERE code = %s AND upper_inf(valid)", A
        ) == [("一", "一", True)]


class TestAChangedFile:
    def test_a_moved_border_makes_new_versions_of_its_two_areas_only(self, divided):
        changed = divided.draw("changed", GRIDS | {A: BENT, B: BENT_BESIDE})
        report = divided.take(changed, "grid")
        assert divided.versions(report["edition"]) == {A: False, B: False}
        assert (report["counts"]["redrawn"], report["counts"]["unchanged"]) == (2, 2)

    def test_neighbours_that_receive_the_new_node_are_only_noded(self, divided):
        #  the foot of the border moves along the town's southern edge, its head along the edge of C
        moved = {A: shapely.Polygon([(0, 0), (2.5, 0), (1.5, 1), (0, 1)])}
        moved[B] = shapely.Polygon([(2.5, 0), (4, 0), (4, 1), (1.5, 1)])
        report = divided.take(divided.draw("moved", GRIDS | moved), "grid")
        assert divided.versions(report["edition"]) == {A: False, B: False, C: True, "511402001": True}
        assert report["counts"]["noded"] == 2
        assert divided.take(divided.folder / "moved.geojson", "grid")["counts"]["unchanged"] == 4

    def test_a_name_alone_is_a_new_version_with_the_same_boundary(self, divided):
        report = divided.take(divided.draw("named", GRIDS, name={A: "东门网格"}), "grid")
        assert report["counts"] | {"renamed": 1, "redrawn": 0, "unchanged": 3} == report["counts"]
        assert divided.versions(report["edition"]) == {A: False}

    def test_the_old_version_ends_when_the_new_one_begins(self, divided):
        divided.take(divided.draw("changed", GRIDS | {A: BENT, B: BENT_BESIDE}), "grid")
        ends = divided.ask("SELECT upper(valid) FROM area_version WHERE code = %s AND NOT upper_inf(valid)", A)
        begins = divided.ask("SELECT lower(valid) FROM area_version WHERE code = %s AND upper_inf(valid)", A)
        assert ends == begins

    def test_a_draft_reports_the_same_and_changes_no_area(self, divided):
        before = divided.state()
        changed = divided.draw("changed", GRIDS | {A: BENT, B: BENT_BESIDE})
        said = divided.run("import", changed, "--level", "grid", "--json")
        assert (said.exit_code, said.report["counts"]["redrawn"], said.report["edition"]) == (0, 2, None)
        assert divided.state() == before


class TestAreasThatTheFileLeavesOut:
    def test_they_stay(self, divided):
        assert divided.take(divided.draw("part", {A: GRIDS[A]}), "grid")["counts"]["retired"] == 0
        assert set(divided.areas()) == {*GRIDS, *TOWN}

    def test_they_end_where_it_is_asked_for_and_the_others_take_their_place(self, divided):
        merged = divided.draw("merged", {A: box(0, 0, 4, 1), C: GRIDS[C], D: GRIDS[D]})
        assert divided.take(merged, "grid", "--retire-missing")["counts"]["retired"] == 1
        assert set(divided.areas()) == {A, C, D, *TOWN}

    def test_areas_of_other_parents_stay(self, divided):
        divided.take(divided.draw("more", TOWN | {"511402002": box(4, 0, 8, 3)}), "town")
        divided.take(divided.draw("other", {"511402002001001": box(4, 0, 8, 3)}), "grid", "--retire-missing")
        assert set(GRIDS) < set(divided.areas())

    def test_leaving_a_gap_stops_the_publication(self, divided):
        before = divided.state()
        part = divided.draw("part", {A: GRIDS[A], B: GRIDS[B], C: GRIDS[C]})
        said = divided.run("import", part, "--level", "grid", "--retire-missing", "--publish", "--json")
        assert said.exit_code == 1
        assert [(one["kind"], one["codes"]) for one in said.report["findings"] if one["blocking"]] == [
            ("gap", ["511402001"])
        ]
        assert divided.state() == before

    def test_a_parent_that_ends_leaves_orphans_which_stop_the_publication(self, divided):
        divided.take(divided.draw("more", TOWN | {"511402002": box(4, 0, 8, 3)}), "town")
        part = divided.draw("part", {"511402002": box(4, 0, 8, 3)})
        said = divided.run("import", part, "--level", "town", "--retire-missing", "--publish", "--json")
        assert said.exit_code == 1
        assert {one["codes"][0] for one in said.report["findings"] if one["kind"] == "orphan"} == set(GRIDS)


def test_a_parent_redrawn_smaller_strands_its_children(divided):
    smaller = divided.draw("smaller", {"511402001": box(0, 0, 4, 2)})
    said = divided.run("import", smaller, "--level", "town", "--publish", "--json")
    assert said.exit_code == 1
    assert {tuple(one["codes"]) for one in said.report["findings"] if one["kind"] == "outside_parent"} == {
        (C, "511402001"),
        (D, "511402001"),
    }


def test_a_parent_redrawn_larger_leaves_a_gap_among_its_children(divided):
    larger = divided.draw("larger", {"511402001": box(0, 0, 5, 3)})
    said = divided.run("import", larger, "--level", "town", "--publish", "--json")
    assert [one["kind"] for one in said.report["findings"]] == ["gap"]


def test_what_is_stored_lies_on_the_lattice(divided):
    divided.take(divided.draw("apart", {"511402002": box(4.0000004, 0, 8.000000123, 3)}), "town")
    for shape in divided.areas().values():
        xy = shapely.get_coordinates(shape)
        assert (xy == np.rint(xy * 1e7) / 1e7).all()


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp", "parquet"])
def test_exported_and_imported_again_nothing_changes(divided, suffix):
    before = divided.state()
    for level in ("town", "grid"):
        file = divided.folder / f"out.{suffix}"
        assert divided.run("export", "--level", level, "--out", file).exit_code == 0
        assert divided.take(file, level)["counts"]["unchanged"] > 0
    assert divided.state() == before
