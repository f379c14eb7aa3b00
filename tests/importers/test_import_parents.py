"""Parents of imported areas: by a field, by largest share, made from their children, and of special grids."""

import pytest
import shapely
from shapely import MultiPolygon, box

#  3 +-----+-----+-----+
#    |     |     |     |
#    | P1  | P2  | P3  |     P1 and P2 are communities of the town 511402001, P3 of 511402002
#  0 +-----+-----+-----+
#    0     2     4     6
TOWNS = {"511402001": box(0, 0, 4, 3), "511402002": box(4, 0, 6, 3)}
P1, P2, P3 = "511402001001", "511402001002", "511402002001"
COMMUNITIES = {P1: box(0, 0, 2, 3), P2: box(2, 0, 4, 3), P3: box(4, 0, 6, 3)}
NAMES = {P1: "桐花社区", P2: "梧桐社区", P3: "梧桐社区"}
GRIDS = {f"{code}001": shape for code, shape in COMMUNITIES.items()}


@pytest.fixture
def city(door):
    door.take(door.draw("towns", TOWNS), "town")
    door.take(door.draw("communities", COMMUNITIES, name=NAMES, local_code={P1: "A-1"}), "community")
    return door


class TestAParentByField:
    @pytest.mark.parametrize("said", [P1, "A-1", "桐花社区"])
    def test_it_is_a_code_a_local_code_or_a_name(self, city, said):
        file = city.draw("grid", {P1 + "001": COMMUNITIES[P1]}, belongs={P1 + "001": said})
        city.take(file, "grid", "--parent-field", "belongs")
        assert city.parents()[P1 + "001"] == P1

    def test_unknown_and_ambiguous_ones_are_refused_row_by_row(self, city):
        belongs = dict(zip(GRIDS, ("桐花社区", "梧桐社区", "无此社区"), strict=True))
        before = city.state()
        said = city.run(
            "import",
            city.draw("grids", GRIDS, belongs=belongs),
            "--level",
            "grid",
            "--parent-field",
            "belongs",
            "--publish",
            "--json",
        )
        assert said.exit_code == 2
        assert said.refusal.kind == "rows-refused"
        assert [(one["row"], one["code"], one["type"]) for one in said.report["refusals"]] == [
            (2, P2 + "001", "ambiguous-parent"),
            (3, P3 + "001", "unknown-parent"),
        ]
        assert f"{P2}, {P3}" in said.report["refusals"][0]["en"]
        assert city.state() == before

    def test_the_other_rows_come_in_where_bad_ones_may_be_skipped(self, city):
        belongs = dict(zip(GRIDS, ("桐花社区", "梧桐社区", "无此社区"), strict=True))
        file = city.draw("grids", GRIDS, belongs=belongs)
        report = city.take(file, "grid", "--parent-field", "belongs", "--skip-bad-rows")
        assert (report["counts"]["read"], report["counts"]["new"], report["counts"]["refused"]) == (3, 1, 2)

    def test_a_parent_far_from_the_file_is_found_and_the_place_is_a_finding(self, city):
        file = city.draw("grid", {P3 + "001": COMMUNITIES[P1]}, belongs={P3 + "001": P3})
        said = city.run("import", file, "--level", "grid", "--parent-field", "belongs", "--json", "--publish")
        assert said.exit_code == 1
        assert {one["kind"] for one in said.report["findings"]} == {"outside_parent", "gap"}


class TestAParentByShare:
    def test_it_is_the_area_that_holds_most(self, city):
        #  three tenths of the grid lie in P2
        city.take(
            city.draw("grid", {P1 + "001": box(0, 0, 2.9, 3)}),
            "grid",
            "--accept",
            "outside_parent",
            "--reason",
            "drawn before",
        )
        assert city.parents()[P1 + "001"] == P1

    def test_it_is_so_where_the_inner_point_of_the_area_lies_in_another(self, city):
        #  the widest stretch of the grid is in P1, most of it in P2
        shape = MultiPolygon([box(0.1, 1.4, 1.9, 1.5), box(2.1, 0, 2.5, 3)])
        assert shapely.point_on_surface(shape).x < 2
        report = city.take(
            city.draw("grid", {P1 + "001": shape}),
            "grid",
            "--accept",
            "outside_parent,gap,orphan",
            "--reason",
            "drawn so",
        )
        assert city.parents()[P1 + "001"] == P2
        assert [(one["kind"], one["codes"]) for one in report["findings"] if one["kind"] == "outside_parent"] == [
            ("outside_parent", [P1 + "001", P2])
        ]

    def test_the_nearest_level_that_has_areas_counts(self, door):
        door.take(door.draw("towns", TOWNS), "town")
        door.take(door.draw("grids", {"511402001001001": TOWNS["511402001"]}), "grid")
        assert door.parents()["511402001001001"] == "511402001"

    def test_an_area_beyond_all_parents_is_an_orphan(self, city):
        said = city.run(
            "import", city.draw("far", {P1 + "009": box(50, 50, 51, 51)}), "--level", "grid", "--publish", "--json"
        )
        assert (said.exit_code, [one["kind"] for one in said.report["findings"]]) == (1, ["orphan"])

    def test_a_file_of_the_top_level_needs_none(self, door):
        report = door.take(door.draw("towns", TOWNS), "town")
        assert (report["findings"], door.parents()) == ([], {"511402001": None, "511402002": None})


class TestDerivedParents:
    TEXTS = dict(zip(GRIDS, NAMES.values(), strict=True)) | {P3 + "001": "新村社区"}

    @pytest.fixture
    def derived(self, door):
        door.take(door.draw("towns", TOWNS), "town")
        door.take(door.draw("grids", GRIDS, belongs=self.TEXTS), "grid", "--derive-parents", "belongs")
        return door

    def test_they_are_the_union_with_the_code_that_their_children_begin_with(self, derived):
        areas = derived.areas()
        assert {code: areas[code].equals(areas[code + "001"]) for code in (P1, P2, P3)} == {
            P1: True,
            P2: True,
            P3: True,
        }
        assert derived.ask("SELECT name FROM area_version WHERE code = %s", P1) == [("桐花社区",)]

    def test_their_own_parents_are_found_by_share(self, derived):
        parents = derived.parents()
        assert (parents[P1], parents[P3], parents[P3 + "001"]) == ("511402001", "511402002", P3)

    def test_a_second_run_changes_nothing(self, derived):
        before = derived.state()
        report = derived.take(derived.folder / "grids.geojson", "grid", "--derive-parents", "belongs")
        assert (report["counts"]["unchanged"], report["counts"]["derived"]) == (3, 0)
        assert derived.state() == before

    def test_their_boundary_follows_when_children_change(self, derived):
        moved = {P1 + "001": box(0, 0, 1.5, 3), P2 + "001": box(1.5, 0, 4, 3)}
        report = derived.take(
            derived.draw("moved", GRIDS | moved, belongs=self.TEXTS), "grid", "--derive-parents", "belongs"
        )
        areas = derived.areas()
        assert areas[P1].equals(areas[P1 + "001"])
        assert report["counts"]["derived"] == 2
        assert set(derived.versions(report["edition"])) == {P1, P2, P1 + "001", P2 + "001", "511402001"}

    def test_children_that_a_second_file_leaves_out_still_belong_to_the_union(self, door):
        door.take(door.draw("towns", TOWNS), "town")
        halves = {P1 + "001": box(0, 0, 2, 1), P1 + "002": box(0, 1, 2, 3)} | {
            k: GRIDS[k] for k in (P2 + "001", P3 + "001")
        }
        texts = self.TEXTS | {P1 + "002": "桐花社区"}
        door.take(door.draw("halves", halves, belongs=texts), "grid", "--derive-parents", "belongs")
        one = door.draw("one", {P1 + "001": halves[P1 + "001"]}, belongs=texts, name={P1 + "001": "东"})
        report = door.take(one, "grid", "--derive-parents", "belongs")
        assert (report["counts"]["derived"], report["counts"]["renamed"]) == (0, 1)

    def test_a_text_that_means_two_stored_parents_is_refused(self, city):
        file = city.draw("grids", {P2 + "001": COMMUNITIES[P2]}, belongs={P2 + "001": "梧桐社区"})
        said = city.run("import", file, "--level", "grid", "--derive-parents", "belongs", "--json")
        assert [one["type"] for one in said.report["refusals"]] == ["ambiguous-parent"]

    def test_codes_are_assigned_from_the_parents_down(self, door):
        door.take(door.draw("towns", TOWNS), "town")
        shapes = {f"?{row}": shape for row, shape in enumerate(COMMUNITIES.values())}
        texts = dict(zip(shapes, ("桐花社区", "梧桐村", "新村"), strict=True))
        door.take(door.draw("grids", shapes, belongs=texts), "grid", "--derive-parents", "belongs", "--assign-codes")
        assert door.parents() == {
            "511402001": None,
            "511402002": None,
            "511402001001": "511402001",
            "511402001200": "511402001",
            "511402002200": "511402002",
            "511402001001001": "511402001001",
            "511402001200001": "511402001200",
            "511402002200001": "511402002200",
        }


class TestSpecialGrids:
    @pytest.fixture
    def divided(self, city):
        city.take(city.draw("grids", GRIDS), "grid")
        return city

    def special(self, door, rows, *words):
        return door.run(
            "import", door.draw("special", rows), "--level", "grid", "--kind", "special", "--publish", "--json", *words
        )

    def test_their_parent_is_the_lowest_area_that_holds_all(self, divided):
        rows = {
            "511402001001800": box(0.5, 0.5, 1.5, 1),
            "511402001000800": box(1.5, 1.5, 2.5, 2),
            "511402000000800": box(3.5, 0.5, 4.5, 1),
        }
        said = self.special(divided, rows, "--accept", "orphan", "--reason", "there is no county")
        assert said.exit_code == 0
        parents = divided.parents()
        assert [parents[code] for code in rows] == [P1, "511402001", None]

    def test_they_may_lie_over_general_grids_but_not_over_each_other(self, divided):
        assert self.special(divided, {P1 + "800": box(0, 0, 1, 1)}).exit_code == 0
        said = self.special(divided, {P1 + "801": box(0.5, 0.5, 1.5, 1.5)})
        assert said.exit_code == 1
        assert [(one["kind"], one["codes"]) for one in said.report["findings"]] == [
            ("overlap", [P1 + "800", P1 + "801"])
        ]

    def test_one_beyond_the_parent_that_its_row_names_is_a_finding(self, divided):
        file = divided.draw("special", {P1 + "800": box(1, 1, 3, 2)}, parent={P1 + "800": P1})
        said = divided.run("import", file, "--level", "grid", "--kind", "special", "--publish", "--json")
        assert (said.exit_code, [one["kind"] for one in said.report["findings"]]) == (1, ["outside_parent"])

    def test_they_leave_the_general_borders_alone(self, divided):
        report = self.special(divided, {P1 + "800": box(0, 0.5, 1, 1)}).report
        assert set(divided.versions(report["edition"])) == {P1 + "800"}

    def test_only_grids_can_be_special(self, city):
        said = city.run("import", city.draw("towns", TOWNS), "--level", "town", "--kind", "special")
        assert said.refusal.kind == "special-level"


class TestMicrogrids:
    @pytest.mark.parametrize(("divided", "found"), [(False, []), (True, ["gap"])])
    def test_they_cover_their_grid_only_where_it_is_marked_fully_divided(self, city, divided, found):
        city.take(city.draw("grids", GRIDS, fully_divided={P1 + "001": divided}), "grid")
        said = city.run(
            "import", city.draw("micro", {P1 + "00101": box(0, 0, 2, 1)}), "--level", "microgrid", "--publish", "--json"
        )
        assert [one["kind"] for one in said.report["findings"]] == found
        assert said.exit_code == (1 if found else 0)
