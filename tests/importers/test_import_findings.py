"""Findings stop a publication, unless someone accepts them by name, with a reason."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from shapely import Polygon, box

from geo.matching import MIN_TOLERANCE_M
from importers.import_request import LEAST_TOLERANCE_M

#  0     1     2     3     4
#  [ one | two ]     [three]      the town is 0 to 4: a gap lies between two and three
TOWN = {"511402001": box(0, 0, 4, 1)}
ONE, TWO, THREE = "511402001001001", "511402001001002", "511402001001003"
GRIDS = {ONE: box(0, 0, 1, 1), TWO: box(1, 0, 2, 1), THREE: box(3, 0, 4, 1)}
WHOLE = GRIDS | {TWO: box(1, 0, 3, 1)}
OVERLAPPING = GRIDS | {TWO: box(0.5, 0, 3, 1)}
BEYOND = WHOLE | {THREE: box(3, 0, 5, 1)}


@pytest.fixture
def town(door):
    door.take(door.draw("town", TOWN), "town")
    return door


def published(door, grids, *words, level="grid"):
    return door.run("import", door.draw("grids", grids), "--level", level, "--publish", "--json", *words)


@pytest.mark.parametrize(
    ("grids", "kind", "codes"),
    [
        (GRIDS, "gap", ["511402001"]),
        (OVERLAPPING, "overlap", [ONE, TWO]),
        (BEYOND, "outside_parent", [THREE, "511402001"]),
        (WHOLE | {"511402001001004": WHOLE[ONE]}, "duplicate", [ONE, "511402001001004"]),
    ],
)
def test_a_blocking_finding_stops_the_publication_and_nothing_changes(town, grids, kind, codes):
    before = town.state()
    said = published(town, grids)
    assert said.exit_code == 1
    assert (kind, codes) in [(one["kind"], one["codes"]) for one in said.report["findings"] if one["blocking"]]
    assert said.report["edition"] is None
    assert town.state() == before


def test_the_text_lists_them_with_their_measures(town):
    said = town.run("import", town.draw("grids", GRIDS), "--level", "grid", "--publish")
    assert "覆盖检查：1 个问题，其中 1 个阻止发布" in said.output
    assert "空白：511402001，面积 10,6" in said.output
    assert "没有发布：1 个问题阻止发布" in said.output


def test_a_draft_with_findings_ends_with_one_too(town):
    assert town.run("import", town.draw("grids", GRIDS), "--level", "grid").exit_code == 1


class TestAccepting:
    def test_by_kind_records_who_why_and_until_when(self, town):
        said = published(town, GRIDS, "--accept", "gap", "--reason", "水面", "--until", "2099-12-31", "--as", "王工")
        assert (said.exit_code, said.report["edition"]) == (0, 2)
        rows = town.ask("SELECT kind, codes, reason, accepted_by, until::text, edition, baseline FROM accepted_finding")
        assert rows == [("gap", ["511402001"], "水面", "王工", "2099-12-31", 2, None)]

    def test_as_a_baseline_is_one_dated_list_under_the_title(self, town):
        said = published(
            town, OVERLAPPING | {THREE: box(3.5, 0, 4, 1)}, "--baseline", "--reason", "首次导入", "--title", "2026 初始"
        )
        assert said.exit_code == 0
        assert set(town.ask("SELECT kind, baseline FROM accepted_finding")) == {
            ("gap", "2026 初始"),
            ("overlap", "2026 初始"),
        }

    def test_of_another_kind_does_not_help(self, town):
        assert published(town, GRIDS, "--accept", "overlap", "--reason", "x").exit_code == 1

    def test_needs_a_reason(self, town):
        for words in (["--accept", "gap"], ["--baseline"], ["--baseline", "--reason", "  "]):
            assert published(town, GRIDS, *words).refusal.kind == "reason-needed"

    def test_an_unknown_kind_is_refused_with_the_known_ones(self, town):
        refusal = published(town, GRIDS, "--accept", "gap,hole", "--reason", "x").refusal
        assert refusal.kind == "unknown-finding-kind"
        assert "outside_parent" in refusal.text("en")

    def test_what_was_accepted_does_not_stop_a_later_import(self, town):
        published(town, GRIDS, "--accept", "gap", "--reason", "水面")
        said = published(town, GRIDS | {ONE: box(0, 0, 0.5, 1), TWO: box(0.5, 0, 2, 1)})
        assert (said.exit_code, said.report["edition"]) == (0, 3)
        assert [(one["kind"], one["blocking"]) for one in said.report["findings"]] == [("gap", False)]
        assert len(town.ask("SELECT * FROM accepted_finding")) == 1

    def test_a_smaller_piece_of_it_does_not_stop_one_either_but_a_larger_does(self, town):
        published(town, GRIDS, "--accept", "gap", "--reason", "水面")
        assert published(town, GRIDS | {TWO: box(1, 0, 1.9, 1)}).exit_code == 1
        assert published(town, GRIDS | {TWO: box(1, 0, 2.1, 1)}).exit_code == 0

    def test_expiry_stops_nothing_that_the_import_does_not_touch(self, town):
        published(town, GRIDS, "--accept", "gap", "--reason", "水面", "--until", "2000-01-01")
        assert published(town, GRIDS | {ONE: box(0, 0, 0.5, 1), TWO: box(0.5, 0, 2, 1)}).exit_code == 0

    @pytest.mark.parametrize(("zone", "exit_code"), [("Etc/GMT+12", 0), ("Pacific/Kiritimati", 1)])
    def test_ends_with_the_day_at_the_site_wherever_the_database_is(self, town, monkeypatch, zone, exit_code):
        # Twenty-six hours apart: at no moment do these places have the same date, and one of them differs from UTC.
        day = datetime.now(UTC).astimezone(timezone(timedelta(hours=-12))).date()
        monkeypatch.setenv("GRIDWARDEN_ZONE", "Etc/GMT+12")
        published(town, GRIDS, "--accept", "gap", "--reason", "水面", "--until", day.isoformat())
        published(town, WHOLE)
        monkeypatch.setenv("GRIDWARDEN_ZONE", zone)
        assert published(town, GRIDS).exit_code == exit_code


class TestSpecialGrids:
    """They are looked at again when the area that they lie in is redrawn."""

    #  0     1     2     3     4
    #  |        [market]       |       the town is 0 to 4, then 0 to 2.5
    MARKET = "511402001000801"

    @pytest.fixture
    def market(self, town):
        drawn = town.draw("market", {self.MARKET: box(2, 0, 3, 1)})
        town.take(drawn, "grid", "--kind", "special", "--accept", "orphan,outside_parent", "--reason", "x")
        return town

    def test_a_town_that_leaves_one_behind_is_stopped(self, market):
        said = published(market, {"511402001": box(0, 0, 2.5, 1)}, level="town")
        assert said.exit_code == 1
        found = {(one["kind"], tuple(one["codes"])) for one in said.report["findings"] if one["blocking"]}
        assert found == {("outside_parent", (self.MARKET, "511402001"))}

    def test_a_town_that_still_holds_it_is_not(self, market):
        assert published(market, {"511402001": box(0, 0, 3.5, 1)}, level="town").exit_code == 0


def test_importing_top_down_other_parents_without_children_are_no_gaps(town):
    town.take(town.draw("more", TOWN | {"511402002": box(4, 0, 8, 1)}), "town")
    assert published(town, WHOLE).report["findings"] == []


def test_siblings_far_from_the_file_are_no_gaps(town):
    published(town, WHOLE)
    said = published(town, {THREE: box(3, 0, 4, 1), TWO: box(1, 0, 3, 1)}, "--accept", "gap", "--reason", "none")
    assert said.report["findings"] == []
    renamed = town.draw("renamed", {THREE: WHOLE[THREE]}, name={THREE: "东"})
    assert town.take(renamed, "grid")["findings"] == []


def test_a_grid_given_to_another_parent_lies_beyond_it_and_its_code_contradicts(town):
    town.take(town.draw("more", TOWN | {"511402002": box(4, 0, 8, 1)}), "town")
    published(town, WHOLE | {"511402002001001": box(4, 0, 8, 1)})
    moved = town.draw("moved", {"511402002001001": box(4, 0, 8, 1)}, parent={"511402002001001": "511402001"})
    said = town.run("import", moved, "--level", "grid", "--json")
    kinds = {(one["kind"], one["codes"][-1]) for one in said.report["findings"] if one["blocking"]}
    assert kinds == {("outside_parent", "511402001"), ("orphan", "511402002001001")}


def test_a_grid_that_reaches_into_a_neighbouring_parent_overlaps_the_grid_there(town):
    town.take(town.draw("more", TOWN | {"511402002": box(4, 0, 8, 1)}), "town")
    published(town, WHOLE | {"511402002001001": box(4, 0, 8, 1)})
    said = published(town, BEYOND)
    kinds = {(one["kind"], tuple(one["codes"])) for one in said.report["findings"]}
    assert kinds == {("outside_parent", (THREE, "511402001")), ("overlap", (THREE, "511402002001001"))}


def test_a_hole_that_the_top_level_encloses_is_a_gap(door):
    ring = box(0, 0, 4, 4).difference(box(1, 1, 2, 2))
    said = published(door, {"511402": ring}, level="county")
    assert [(one["kind"], one["codes"]) for one in said.report["findings"]] == [("gap", ["511402"])]


def test_the_json_report_has_its_documented_keys(town):
    report = published(town, GRIDS).report
    assert list(report) == [
        "format", "input", "encoding", "crs", "level", "kind", "counts", "refusals", "repairs", "matching", "findings",
        "finding_counts", "remarks", "edition", "plan",
    ]  # fmt: skip
    assert report["format"] == "gridwarden-import/1"
    assert set(report["counts"]) == {
        "read", "new", "redrawn", "renamed", "unchanged", "retired", "noded", "refused", "derived",
    }  # fmt: skip
    (gap,) = report["findings"]
    assert set(gap) == {
        "id", "kind", "codes", "detail", "blocking", "sliver", "area_m2", "width_m", "place",
    }  # fmt: skip
    assert 104.002 < gap["place"][0] < 104.003
    assert report["finding_counts"] == {"gap": 1}


def test_the_register_of_editions_keeps_the_report_and_the_files_digest(town):
    published(town, WHOLE)
    ((report, inputs),) = town.ask("SELECT report, inputs FROM edition WHERE id = 2")
    assert (report["counts"]["new"], report["format"]) == (3, "gridwarden-import/1")
    assert [(one["name"], len(one["sha256"])) for one in inputs] == [("grids.geojson", 64)]


#  3     B
#       / \
#  A===/===\======>      A has a spike 15 cm wide at its root; the lowest vertex of B lies in it, 4 cm from both sides
SPIKED = Polygon([(0, 0), (1, 0), (1, 0.4993), (3, 0.5), (1, 0.5007), (1, 1), (0, 1)])
ON_THE_SPIKE = Polygon([(2, 0.5), (2.5, 2), (1.5, 2)])


def test_a_stored_spike_is_not_folded_away_by_a_vertex_between_its_sides(door):
    door.take(door.draw("stored", {"511402001": SPIKED}), "town")
    before = door.areas()["511402001"]
    said = door.run("import", door.draw("new", {"511402002": ON_THE_SPIKE}), "--level", "town", "--publish", "--json")
    assert said.exit_code == 1
    assert [one["kind"] for one in said.report["findings"]] == ["overlap"]
    door.run(
        "import", door.folder / "new.geojson", "--level", "town", "--publish", "--baseline", "--reason", "as drawn"
    )
    assert door.areas()["511402001"].equals(before)


def test_the_report_says_in_its_own_language_how_the_texts_were_read(town):
    said = town.run("import", town.draw("grids", WHOLE), "--level", "grid")
    assert "文字编码 utf-8（格式规定）" in said.output


def test_a_tolerance_below_what_the_lattice_allows_is_refused_rather_than_raised(town):
    file = town.draw("grids", WHOLE)
    assert town.run("import", file, "--level", "grid", "--tolerance", "0.02").exit_code == 2
    report = town.run("import", file, "--level", "grid", "--tolerance", "0.03", "--json").report
    assert report["matching"]["tolerance_m"] == LEAST_TOLERANCE_M >= MIN_TOLERANCE_M
