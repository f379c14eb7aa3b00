"""Files that are tried before they are published: what becomes of the plans that trying them makes.

The town is drawn in ``conftest.py``.
"""

import pytest
from shapely import box

WEST, EAST = "511402002001", "511402002002"
G1, G2, G3, G4 = (f"{WEST}00{number}" for number in (1, 2, 3, 4))
G5 = f"{EAST}001"
NORTH = f"{WEST}005"
HALVES = {G1: box(0, 0, 2, 2), NORTH: box(0, 2, 2, 4)}
OTHER_HALVES = {G1: box(0, 0, 2, 3), NORTH: box(0, 3, 2, 4)}


def tried(town, rows, *words, name="changed", code=0):
    """Import grids as 李四, without publishing them; return the report."""
    path = town.draw(name, *rows.values(), codes=tuple(rows))
    return town.told("import", path, "--level", "grid", "--as", "李四", *words, code=code)


def plans(town):
    """Return number, state, draft and title of the plans that no set-up made, the newest first."""
    rows = town.ask("SELECT id, state, draft, title FROM plan WHERE author = '李四' ORDER BY id DESC")
    return [tuple(row) for row in rows]


def test_a_kept_import_is_submitted_approved_and_published_like_any_plan(planner, town):
    plan = tried(town, HALVES)["plan"]
    assert (town.grid_at(1, 3), plans(town)) == (G1, [(plan, "draft", 1, "changed.geojson")])
    check = planner.ask(plan, "check")
    assert {name: check[name] for name in ("clean", "created", "changed", "ended")} == {
        "clean": True,
        "created": [NORTH],
        "changed": [G1],
        "ended": [],
    }
    assert planner.ask(plan, "impact")["handovers"][0]["households"] == 612
    assert NORTH in planner.sheet(plan)
    edition = planner.publish(plan)
    assert (town.grid_at(1, 3), town.grid_at(1, 3, town.just_before(edition))) == (NORTH, G1)
    assert town.ask("SELECT approval, kind FROM edition WHERE id = %s", edition) == [("approved", "boundaries")]
    assert plans(town) == [(plan, "published", 1, "changed.geojson")]


def test_a_kept_import_is_refused_once_somebody_changed_its_areas(planner, town):
    plan = tried(town, HALVES)["plan"]
    other = planner.new("改名在先")
    planner.add(other, "rename", code=G1, name="先改的名")
    planner.publish(other)
    said = town.run("plan", "check", plan)
    assert (said.refusal.kind, said.refusal.place) == ("plan-import-stale", {"code": G1})


def test_a_kept_import_takes_no_operations(planner, town):
    plan = tried(town, HALVES)["plan"]
    said = town.run("plan", "add", plan, "rename", "--codes", G2, "--name", "别名")
    assert said.refusal.kind == "plan-not-of-operations"


def test_a_dry_run_reports_and_keeps_nothing(town):
    report = tried(town, HALVES, "--dry-run")
    assert (report["counts"]["new"], report["counts"]["redrawn"], report["plan"]) == (1, 1, None)
    assert plans(town) == []
    said = town.run("import", town.folder / "changed.geojson", "--level", "grid", "--dry-run")
    assert "没有改变任何数据" in said.output


def test_a_dry_run_with_findings_ends_with_one(town):
    assert tried(town, {G1: box(0, 0, 2, 3)}, "--dry-run", code=1)["plan"] is None
    assert plans(town) == []


def test_a_dry_run_is_not_published(town):
    path = town.draw("changed", *HALVES.values(), codes=tuple(HALVES))
    said = town.run("import", path, "--level", "grid", "--dry-run", "--publish")
    assert (said.refusal.kind, said.refusal.place) == ("import-trial-published", {"field": "--dry-run"})


def test_trying_the_same_file_again_leaves_one_plan_as_it_is(town):
    plan = tried(town, HALVES)["plan"]
    assert tried(town, HALVES)["plan"] == plan
    assert plans(town) == [(plan, "draft", 1, "changed.geojson")]


def test_a_file_that_was_worked_on_is_the_next_version_of_its_plan(town):
    plan = tried(town, {G1: box(0, 0, 2, 3)}, code=1)["plan"]
    assert tried(town, OTHER_HALVES)["plan"] == plan
    assert plans(town) == [(plan, "draft", 2, "changed.geojson")]
    assert town.told("plan", "check", plan)["created"] == [NORTH]
    # the version before is still there
    town.run("plan", "undo", plan)
    assert town.told("plan", "check", plan, code=1)["created"] == []


def test_publishing_what_was_tried_publishes_that_plan_and_leaves_no_draft(town):
    plan = tried(town, HALVES)["plan"]
    report = tried(town, OTHER_HALVES, "--publish", "--title", "一分为二")
    assert report["plan"] == plan
    assert plans(town) == [(plan, "published", 2, "一分为二")]
    assert town.grid_at(1, 2.5) == G1


def test_a_rejected_import_is_worked_on_under_its_number(town):
    plan = tried(town, HALVES)["plan"]
    town.told("plan", "submit", plan, "--as", "李四")
    town.told("plan", "reject", plan, "--as", "王五", "--reason", "北界有误")
    assert tried(town, HALVES)["plan"] == plan
    assert plans(town) == [(plan, "draft", 2, "changed.geojson")]


@pytest.mark.parametrize("action", ["submit", "withdraw"])
def test_what_was_handed_in_or_given_up_stays_and_trying_again_begins_anew(town, action):
    plan = tried(town, HALVES)["plan"]
    town.told("plan", action, plan, "--as", "李四")
    assert tried(town, HALVES)["plan"] > plan
    assert plans(town)[1][:3] == (plan, {"submit": "submitted", "withdraw": "withdrawn"}[action], 1)


def test_files_of_other_people_names_or_areas_are_plans_of_their_own(town):
    numbers = {
        tried(town, HALVES)["plan"],
        tried(town, HALVES, name="other")["plan"],
        tried(town, HALVES, "--as", "赵六")["plan"],
        # another file of the same name, from another folder: it shares no area
        tried(town, {G5: box(4, 0, 6, 3), f"{EAST}005": box(4, 3, 6, 4)})["plan"],
    }
    assert len(numbers) == 4
