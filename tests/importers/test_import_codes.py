"""Codes: assigned where a file has none, never used twice, never at two levels."""

import pytest
from shapely import box

#  2 +----+----+
#    | nw | ne |      read like a page: nw 001, ne 002, sw 003, se 004
#  1 +----+----+
#    | sw | se |
#  0 +----+----+
COMMUNITY = {"511402001001": box(0, 0, 2, 2)}
NW, NE, SW, SE = box(0, 1, 1, 2), box(1, 1, 2, 2), box(0, 0, 1, 1), box(1, 0, 2, 1)
UNCODED = {"?1": SE, "?2": NW, "?3": SW, "?4": NE}
NUMBERS = {"?1": "G-1", "?2": "G-2", "?3": "G-3", "?4": "G-4"}


@pytest.fixture
def community(door):
    door.take(door.draw("community", COMMUNITY), "community")
    return door


def assigned(door, rows, *words, **columns):
    return door.take(door.draw("grids", rows, **columns), "grid", "--assign-codes", *words)


def test_numbers_run_west_to_east_in_rows_from_north_to_south(community):
    assigned(community, UNCODED)
    areas = community.areas()
    drawn = {
        code[-3:]: tuple(round((v - o) / 0.001) for v, o in zip(shape.bounds[:2], (104, 30), strict=True))
        for code, shape in areas.items()
        if len(code) == 15
    }
    assert drawn == {"001": (0, 1), "002": (1, 1), "003": (0, 0), "004": (1, 0)}


def test_the_same_file_again_changes_nothing(community):
    assigned(community, UNCODED)
    before = community.state()
    assert assigned(community, UNCODED)["counts"]["unchanged"] == 4
    assert community.state() == before


def test_the_number_that_a_file_has_is_kept_as_local_code(community):
    file = community.draw("grids", {f"G-{n}": shape for n, shape in enumerate((NW, NE, SW, SE))})
    community.take(file, "grid", "--assign-codes")
    assert community.ask("SELECT code, local_code FROM area_version WHERE length(code) = 15 ORDER BY code")[0] == (
        "511402001001001",
        "G-0",
    )
    assert community.take(file, "grid", "--assign-codes")["counts"]["unchanged"] == 4


def test_a_redrawn_area_is_recognised_by_its_local_code(community):
    assigned(community, UNCODED, local_code=NUMBERS)
    moved = UNCODED | {"?2": box(0, 1, 1.25, 2), "?4": box(1.25, 1, 2, 2)}
    report = assigned(community, moved, local_code=NUMBERS)
    assert (report["counts"]["redrawn"], report["counts"]["new"]) == (2, 0)


def test_a_name_that_lies_elsewhere_is_another_area(community):
    names = {"?1": "第一网格"}
    community.take(community.draw("more", COMMUNITY | {"511402001002": box(2, 0, 4, 2)}), "community")
    assigned(community, {"?1": box(0, 0, 2, 2)}, name=names)
    report = assigned(community, {"?1": box(2, 0, 4, 2)}, name=names)
    assert report["counts"]["new"] == 1
    assert {"511402001001001", "511402001002001"} < set(community.areas())


def test_the_number_of_an_area_that_ended_is_never_given_again(community):
    assigned(community, UNCODED)
    merged = {"?1": box(0, 0, 2, 1), "?2": NW, "?4": NE}
    report = assigned(community, merged, "--retire-missing")
    assert (report["counts"]["retired"], report["counts"]["new"]) == (2, 1)
    assert {code[-3:] for code in community.areas() if len(code) == 15} == {"001", "002", "005"}


class TestACodeThatEnded:
    @pytest.fixture
    def ended(self, community):
        community.take(
            community.draw("two", {"511402001001001": box(0, 0, 1, 2), "511402001001002": box(1, 0, 2, 2)}), "grid"
        )
        community.take(community.draw("one", {"511402001001001": box(0, 0, 2, 2)}), "grid", "--retire-missing")
        return community

    def test_cannot_be_given_to_another_area(self, ended):
        other = ended.draw("other", {"511402001001001": box(0, 0, 2, 1), "511402001001002": box(0, 1, 2, 2)})
        said = ended.run("import", other, "--level", "grid", "--json")
        assert [(one["row"], one["code"], one["type"]) for one in said.report["refusals"]] == [
            (2, "511402001001002", "code-ended")
        ]

    def test_comes_back_with_the_very_same_boundary_as_the_same_area(self, ended):
        ended.take(ended.folder / "two.geojson", "grid")
        assert ended.ask(
            "SELECT count(DISTINCT area_id), count(*) FROM area_version WHERE code = '511402001001002'"
        ) == [(1, 2)]


def test_a_code_of_another_level_is_refused(community):
    said = community.run(
        "import", community.draw("grids", {"511402001001": box(0, 0, 2, 2)}), "--level", "grid", "--json"
    )
    assert [one["type"] for one in said.report["refusals"]] == ["code-other-level"]


def test_a_code_of_another_kind_is_refused(community):
    community.take(community.draw("grids", {"511402001001001": box(0, 0, 2, 2)}), "grid")
    said = community.run(
        "import", community.draw("special", {"511402001001001": NW}), "--level", "grid", "--kind", "special", "--json"
    )
    assert [one["type"] for one in said.report["refusals"]] == ["code-other-kind"]


def test_without_a_parent_no_code_is_assigned(community):
    said = community.run(
        "import", community.draw("far", {"?1": box(50, 50, 51, 51)}), "--level", "grid", "--assign-codes", "--json"
    )
    assert [(one["row"], one["type"]) for one in said.report["refusals"]] == [(1, "no-parent-for-code")]


def test_special_grids_have_numbers_of_their_own(community):
    assigned(community, UNCODED)
    assigned(
        community,
        {"?1": box(0.25, 0.25, 0.5, 0.5), "?2": box(1.25, 1.25, 1.5, 1.5)},
        "--kind",
        "special",
        "--category",
        "school",
    )
    assert community.ask("SELECT code, category FROM area_version WHERE kind = 'special' ORDER BY code") == [
        ("511402001001800", "school"),
        ("511402001001801", "school"),
    ]
