"""What cannot be done with plans over HTTP: a problem document each, with the place; and nothing is kept of it."""

import json

import pytest
from shapely import LineString, Polygon, box

from api.errors import MEDIA_TYPE

WEST, EAST = "511402002001", "511402002002"
STREET = "511402002"
G1, G2, G3, G4 = (f"{WEST}00{number}" for number in (1, 2, 3, 4))
G5, G6 = f"{EAST}001", f"{EAST}002"
PLANS = "/api/v1/plans"
BOW_TIE = Polygon([(0, 0), (2, 4), (2, 0), (0, 4)])


@pytest.fixture
def plan(http):
    return http.post(PLANS, json={"title": "试拟", "actor": "李四"}).json()["plan"]


def post(http, path, **body):
    return http.post(f"{PLANS}/{path}", json={"actor": "李四", **body})


def refused(answer, status, kind):
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE), answer.text
    problem = answer.json()
    assert problem["type"] == f"urn:gridwarden:problem:{kind}", problem
    assert problem["zh"] != problem["en"]
    return problem


def drafts(http, plan):
    return http.get(f"{PLANS}/{plan}").json()["draft"]


CASES = {
    "an area that is not there": ({"op": "rename", "code": "511402002009001", "name": "x"}, 404, "area-unknown"),
    "an operation that there is none of": ({"op": "blow-up", "code": G1}, 422, "operation-unknown"),
    "a member that there is none of": ({"op": "rename", "code": G1, "colour": "red"}, 422, "operation-field-unknown"),
    "a member that is missing": ({"op": "redraw", "code": G1}, 422, "operation-field-missing"),
    "a member of another kind": ({"op": "merge", "codes": G1}, 422, "operation-field-wrong"),
    "no geometry at all": (
        {"op": "redraw", "code": G1, "geometry": {"type": "Polygon"}},
        422,
        "operation-geometry-wrong",
    ),
    "merging an area with itself": ({"op": "merge", "codes": [G1, G1]}, 422, "merge-with-itself"),
    "merging areas that do not touch": ({"op": "merge", "codes": [G1, G6]}, 409, "areas-do-not-touch"),
    "an area that would be its own parent": (
        {"op": "reparent", "codes": [STREET], "parent": WEST},
        422,
        "reparent-cycle",
    ),
    "a code that somebody bears": ({"op": "recode", "code": G1, "to": G2}, 409, "code-taken"),
    "an heir that is the area itself": ({"op": "retire", "code": G1, "heir": G1}, 422, "merge-with-itself"),
    "an end without an heir": ({"op": "retire", "code": G1}, 409, "retire-leaves-gap"),
}
DRAWN = {
    "a line that misses": ("split", {"code": G1, "line": LineString([(10, 10), (12, 10)])}, 422, "split-line-misses"),
    "a line that only touches": ("split", {"code": G1, "line": LineString([(0, 0), (0, 4)])}, 422, "split-line-misses"),
    "a boundary that crosses itself": ("redraw", {"code": G1, "geometry": BOW_TIE}, 422, "drawn-invalid"),
    "a boundary beyond the parent": ("redraw", {"code": G1, "geometry": box(-1, 0, 2, 4)}, 409, "beyond-parent"),
    "a piece that the giver does not have": (
        "transfer",
        {"from_": G1, "to": G2, "geometry": box(6, 0, 7, 1)},
        422,
        "transfer-misses",
    ),
    "land of another community": ("redraw", {"code": G4, "geometry": box(2, 2, 5, 4)}, 409, "beyond-parent"),
}


@pytest.mark.parametrize("case", CASES)
def test_an_operation_that_cannot_be_done(http, plan, case):
    operation, status, kind = CASES[case]
    answer = post(http, f"{plan}/operations", operations=[operation], crs="cgcs2000")
    problem = refused(answer, status, kind)
    assert {"field", "code"} & problem["place"].keys()
    assert drafts(http, plan) == 0


@pytest.mark.parametrize("case", DRAWN)
def test_a_drawing_that_cannot_be_meant(http, plan, record, case):
    op, members, status, kind = DRAWN[case]
    answer = post(http, f"{plan}/operations", operations=[record(op, **members)], crs="cgcs2000")
    problem = refused(answer, status, kind)
    assert {"lon", "lat"} <= problem["place"].keys() or "code" in problem["place"]
    assert drafts(http, plan) == 0


def test_an_area_that_ended_cannot_be_worked_on(http, plan, town):
    done = town.new("合并")
    town.add(done, "merge", "--codes", f"{G2},{G3}", "--into", G3)
    town.publish(done)
    answer = post(http, f"{plan}/operations", operations=[{"op": "rename", "code": G2, "name": "旧"}])
    assert refused(answer, 404, "area-retired")["place"] == {"code": G2, "operation": 0}


def test_a_retired_code_is_never_given_again(http, plan, town):
    done = town.new("合并")
    town.add(done, "merge", "--codes", f"{G2},{G3}", "--into", G3)
    town.publish(done)
    answer = post(http, f"{plan}/operations", operations=[{"op": "recode", "code": G4, "to": G2}])
    assert refused(answer, 409, "code-taken")["place"]["code"] == G2


def test_ten_thousand_operations_are_too_many(http, plan):
    many = [{"op": "rename", "code": G1, "name": f"第{number}"} for number in range(10_000)]
    problem = refused(post(http, f"{plan}/operations", operations=many), 413, "plan-too-many-operations")
    assert problem["place"] == {"field": "operations[500]"}


def test_coordinates_need_a_system(http, plan, record):
    operation = record("redraw", code=G3, geometry=box(2, 1, 4, 1.5))
    assert refused(post(http, f"{plan}/operations", operations=[operation]), 422, "crs-missing")["place"] == {
        "field": "crs"
    }
    problem = refused(
        post(http, f"{plan}/operations", operations=[operation], crs="EPSG:4523"), 422, "crs-degrees-as-metres"
    )
    assert problem["place"]["field"] == "operations[0].geometry"


def test_the_last_operation_of_a_plan_is_taken_out_and_it_is_as_it_began(planner, town):
    """What is left is a draft of nothing: nothing stands in its way, and nothing can be handed in."""
    plan = planner.new("试拟")
    planner.add(plan, "rename", code=G1, name="甲")
    check = planner.remove(plan, 0)
    assert (check["draft"], check["clean"], check["changed"], check["steps"]) == (2, True, [], [])
    assert town.ask("SELECT operations FROM plan_draft WHERE plan_id = %s AND number = 2", plan) == [([],)]
    said = town.run("plan", "submit", plan)
    assert (said.refusal.kind, said.refusal.place) == ("plan-without-draft", {"field": "draft"})
    # it was a version like others: undo brings the operation back
    town.run("plan", "undo", plan)
    assert planner.ask(plan, "check")["changed"] == [G1]


COMMANDS = {
    "an unknown area": (("rename", "--codes", "511402002009001", "--name", "x"), "area-unknown", {"code", "operation"}),
    "merging an area with itself": (("merge", "--codes", f"{G1},{G1}"), "merge-with-itself", {"code", "operation"}),
    "a cycle": (("reparent", "--codes", STREET, "--parent", WEST), "reparent-cycle", {"code", "operation"}),
    "a line that misses": (("split", "--codes", G1), "split-line-misses", {"code", "operation", "lon", "lat"}),
    "a boundary that crosses itself": (("redraw", "--codes", G1), "drawn-invalid", {"operation", "lon", "lat"}),
    "beyond the parent": (("redraw", "--codes", G1), "beyond-parent", {"code", "lon", "lat"}),
}
SHAPES = {
    "a line that misses": LineString([(10, 10), (12, 10)]),
    "a boundary that crosses itself": BOW_TIE,
    "beyond the parent": box(-1, 0, 2, 4),
}


@pytest.mark.parametrize("case", COMMANDS)
def test_an_operation_that_cannot_be_done_at_the_command_line(town, case):
    words, kind, places = COMMANDS[case]
    drawn = ("--geometry", town.draw("drawing", SHAPES[case])) if case in SHAPES else ()
    plan = town.new("试拟")
    said = town.run("plan", "add", plan, *words, *drawn)
    assert (said.exit_code, said.refusal.kind) == (2, kind)
    assert places <= said.refusal.place.keys(), said.refusal.place
    assert town.ask("SELECT draft FROM plan WHERE id = %s", plan) == [(0,)]


def test_an_area_that_ended_is_refused_at_the_command_line(town):
    done = town.new("合并")
    town.add(done, "merge", "--codes", f"{G2},{G3}", "--into", G3)
    town.publish(done)
    said = town.run("plan", "add", town.new("试拟"), "rename", "--codes", G2, "--name", "旧")
    assert (said.refusal.kind, said.refusal.place) == ("area-retired", {"code": G2, "operation": 0})


def test_a_stale_draft_and_a_wrong_state_are_refused_at_the_command_line(town):
    plan = town.new("试拟")
    town.add(plan, "rename", "--codes", G1, "--name", "甲", "--draft", 0)
    stale = town.run("plan", "add", plan, "rename", "--codes", G2, "--name", "乙", "--draft", 0)
    assert (stale.refusal.kind, stale.refusal.place) == ("plan-stale-draft", {"field": "draft"})
    early = town.run("plan", "approve", plan, "--as", "王五")
    assert (early.refusal.kind, early.refusal.place) == ("plan-wrong-state", {"field": "state"})
    town.publish(plan)
    twice = town.run("plan", "publish", plan, "--as", "王五")
    assert (twice.refusal.kind, twice.refusal.place) == ("plan-wrong-state", {"field": "state"})


def test_approving_ones_own_plan_at_the_command_line_is_written_down(town):
    plan = town.new("试拟")
    town.add(plan, "rename", "--codes", G1, "--name", "甲")
    for action in ("submit", "approve", "publish"):
        edition = town.told("plan", action, plan, "--as", "李四").get("edition")
    assert town.ask("SELECT approval FROM edition WHERE id = %s", edition) == [("self-approved",)]


def test_ten_thousand_operations_in_a_file_are_too_many(town):
    path = town.folder / "many.json"
    path.write_text(json.dumps([{"op": "rename", "code": G1, "name": f"第{number}"} for number in range(10_000)]))
    plan = town.new("试拟")
    said = town.run("plan", "load", plan, path)
    assert (said.refusal.kind, said.refusal.place) == ("plan-too-many-operations", {"field": "operations[500]"})
    assert town.ask("SELECT draft FROM plan WHERE id = %s", plan) == [(0,)]


def test_a_later_operation_is_refused_with_its_number_and_the_earlier_ones_stay(http, plan):
    post(http, f"{plan}/operations", operations=[{"op": "rename", "code": G1, "name": "甲"}])
    answer = post(http, f"{plan}/operations", operations=[{"op": "merge", "codes": [G1, G6]}])
    assert refused(answer, 409, "areas-do-not-touch")["place"]["operation"] == 1
    assert [one["op"] for one in http.get(f"{PLANS}/{plan}").json()["operations"]] == ["rename"]


def test_a_stale_draft_is_refused(http, plan):
    first = post(http, f"{plan}/operations", operations=[{"op": "rename", "code": G1, "name": "甲"}], draft=0)
    assert first.json()["draft"] == 1
    second = post(http, f"{plan}/operations", operations=[{"op": "rename", "code": G2, "name": "乙"}], draft=0)
    assert refused(second, 409, "plan-stale-draft")["place"] == {"field": "draft"}
    for action in ("undo", "submit", "withdraw"):
        refused(post(http, f"{plan}/{action}", draft=0), 409, "plan-stale-draft")


@pytest.mark.parametrize(
    ("actions", "refused_one"),
    [
        ([], "approve"),
        ([], "publish"),
        (["submit"], "submit"),
        (["submit"], "undo"),
        (["submit", "approve"], "approve"),
        (["submit", "approve", "publish"], "publish"),
        (["submit", "approve", "publish"], "withdraw"),
        (["withdraw"], "submit"),
    ],
)
def test_a_wrong_state_is_refused(http, plan, actions, refused_one):
    post(http, f"{plan}/operations", operations=[{"op": "rename", "code": G1, "name": "甲"}])
    for action in actions:
        assert post(http, f"{plan}/{action}", actor="王五").status_code == 200
    problem = refused(post(http, f"{plan}/{refused_one}", actor="王五"), 409, "plan-wrong-state")
    assert problem["place"] == {"field": "state"}


def test_nobody_approves_their_own_plan_over_http(http, plan):
    post(http, f"{plan}/operations", operations=[{"op": "rename", "code": G1, "name": "甲"}])
    post(http, f"{plan}/submit")
    assert refused(post(http, f"{plan}/approve"), 403, "plan-own-approval")["place"] == {"field": "actor"}
    assert http.get(f"{PLANS}/{plan}").json()["state"] == "submitted"


def test_rejecting_needs_a_reason_and_lets_the_author_go_on(http, plan):
    post(http, f"{plan}/operations", operations=[{"op": "rename", "code": G1, "name": "甲"}])
    post(http, f"{plan}/submit")
    refused(post(http, f"{plan}/reject", actor="王五"), 422, "plan-reason-needed")
    assert post(http, f"{plan}/reject", actor="王五", reason="名称有误").json()["state"] == "rejected"
    edited = http.put(
        f"{PLANS}/{plan}/operations/0",
        json={"actor": "李四", "operation": {"op": "rename", "code": G1, "name": "乙"}, "draft": 1},
    )
    assert (edited.status_code, edited.json()["draft"]) == (200, 2)
    found = http.get(f"{PLANS}/{plan}").json()
    assert (found["state"], [one["event"] for one in found["events"]][-2:]) == ("draft", ["rejected", "drafted"])


def test_of_two_plans_that_change_one_grid_the_later_is_refused_by_name(http, plan, record):
    post(http, f"{plan}/operations", operations=[{"op": "rename", "code": G3, "name": "甲"}])
    other = http.post(PLANS, json={"title": "先行一步", "actor": "赵六"}).json()["plan"]
    check = post(http, f"{other}/operations", operations=[{"op": "rename", "code": G3, "name": "乙"}]).json()
    assert [(one["plan"], one["codes"]) for one in check["clashes"]] == [(plan, [G3])]
    for number in (plan, other):
        post(http, f"{number}/submit")
        post(http, f"{number}/approve", actor="王五")
    assert post(http, f"{other}/publish", actor="王五").status_code == 200
    problem = refused(post(http, f"{plan}/publish", actor="王五"), 409, "plan-clash")
    assert "先行一步" in problem["zh"]
    assert problem["place"]["code"] == G3
    assert {"lon", "lat"} <= problem["place"].keys()
    last = http.get(f"{PLANS}/{plan}").json()["events"][-1]
    assert (last["event"], last["details"]["kind"]) == ("refused", "plan-clash")


def test_a_plan_that_leaves_a_gap_cannot_be_submitted(http, plan, record):
    narrower = record("redraw", code=G3, geometry=box(2, 1.5, 4, 2), neighbours="keep")
    assert post(http, f"{plan}/operations", operations=[narrower], crs="cgcs2000").json()["clean"] is False
    problem = refused(post(http, f"{plan}/submit"), 409, "plan-defects")
    assert problem["place"]["code"] == WEST


@pytest.mark.parametrize(
    ("method", "path", "body", "kind"),
    [
        ("get", "/99", None, "unknown-plan"),
        ("post", "/99/submit", {"actor": "李四"}, "unknown-plan"),
        ("post", "/{plan}/undo", {"actor": "李四"}, "plan-nothing-to-undo"),
        ("post", "/{plan}/redo", {"actor": "李四"}, "plan-nothing-to-redo"),
        ("post", "/{plan}/submit", {"actor": "李四"}, "plan-without-draft"),
        ("post", "/{plan}/revert", {"actor": "李四"}, "plan-not-published"),
        ("get", "/{plan}/check", None, "plan-without-draft"),
        ("post", "/{plan}/operations", {"actor": "李四"}, "parameter-missing"),
        ("post", "/{plan}/operations", {"actor": "李四", "operations": ["split"]}, "parameter-malformed"),
        ("post", "/{plan}/publish", {"actor": "李四", "not_before": "明天"}, "malformed-moment"),
        ("delete", "/{plan}/operations/3?actor=x", None, "plan-no-such-operation"),
    ],
)
def test_a_request_that_leads_nowhere(http, plan, method, path, body, kind):
    answer = http.request(method, PLANS + path.format(plan=plan), json=body)
    assert answer.status_code in (404, 409, 422)
    refused(answer, answer.status_code, kind)
