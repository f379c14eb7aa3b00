"""Plans by areas: who drafts where, and that what touches two counties is approved for both."""

import pytest

from api.identity import CSRF_HEADER
from geo.store.connect import connect
from geo.store.trail import verify_trail


@pytest.fixture(scope="module")
def city(guarded):
    with guarded() as (client, people):
        for county, names in ((people.here, ("甲拟", "甲审")), (people.there, ("乙拟", "乙审"))):
            for name, role in zip(names, ("planner", "approver"), strict=True):
                people.add(name, (role, county))
        people.add("总拟", ("planner", None), ("approver", None))
        yield client, people


def grid_of(people, county, row=0):
    """Return the code of some general grid of a county."""
    found = people.ask(
        "SELECT v.code FROM area_version v JOIN area a ON a.id = v.area_id "
        "WHERE a.level = 'grid' AND upper_inf(v.valid) AND v.kind = 'general' AND v.code LIKE %s || '%%' "
        "ORDER BY v.code",
        county,
    )
    return found[row][0]


def rename(code, name):
    return {"op": "rename", "code": code, "name": name}


def post(city, who, path, **body):
    client, people = city
    client.cookies.clear()
    return client.post(f"/api/v1/plans{path}", json=body, headers=people.as_person(who))


def drafted(city, who, *operations):
    answer = post(city, who, "", title="更名", operations=list(operations))
    assert answer.status_code == 201, answer.text
    return answer.json()["plan"]


def refusal(answer):
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def test_a_planner_of_one_county_cannot_draft_in_another(city):
    _, people = city
    here, there = grid_of(people, people.here), grid_of(people, people.there)
    before = people.ask("SELECT count(*) FROM plan")
    assert refusal(post(city, "甲拟", "", title="x", operations=[rename(there, "越界")])) == (403, "access-elsewhere")
    assert refusal(post(city, "甲拟", "", title="x", operations=[rename(here, "甲"), rename(there, "乙")]))[0] == 403
    assert people.ask("SELECT count(*) FROM plan") == before
    plan = drafted(city, "甲拟", rename(here, "甲新"))
    assert refusal(post(city, "甲拟", f"/{plan}/operations", operations=[rename(there, "越界")]))[0] == 403
    assert refusal(post(city, "乙拟", f"/{plan}/submit")) == (403, "access-elsewhere")
    assert refusal(post(city, "乙拟", f"/{plan}/withdraw"))[0] == 403
    assert post(city, "甲拟", f"/{plan}/withdraw").status_code == 200


def test_what_touches_two_counties_is_approved_once_both_have_approved(city):
    _, people = city
    plan = drafted(
        city, "总拟", rename(grid_of(people, people.here, 1), "甲"), rename(grid_of(people, people.there, 1), "乙")
    )
    assert post(city, "总拟", f"/{plan}/submit", acknowledge_unplaced=True).json()["state"] == "submitted"
    first = post(city, "甲审", f"/{plan}/approve").json()
    assert (first["state"], first["events"][-1]["event"]) == ("submitted", "endorsed")
    assert post(city, "甲审", f"/{plan}/approve").json()["state"] == "submitted", "the same approval twice is one"
    assert post(city, "甲审", f"/{plan}/publish").status_code == 409
    second = post(city, "乙审", f"/{plan}/approve").json()
    assert (second["state"], second["reviewer"]) == ("approved", "乙审")
    assert post(city, "乙审", f"/{plan}/publish").status_code == 200
    assert refusal(post(city, "乙审", f"/{plan}/approve")) == (409, "plan-wrong-state")


def test_an_approval_does_not_count_for_another_draft(city):
    _, people = city
    plan = drafted(
        city, "总拟", rename(grid_of(people, people.here, 2), "甲"), rename(grid_of(people, people.there, 2), "乙")
    )
    post(city, "总拟", f"/{plan}/submit", acknowledge_unplaced=True)
    post(city, "甲审", f"/{plan}/approve")
    post(city, "乙审", f"/{plan}/reject", reason="名称有误")
    post(city, "总拟", f"/{plan}/operations", operations=[rename(grid_of(people, people.here, 3), "丙")])
    post(city, "总拟", f"/{plan}/submit", acknowledge_unplaced=True)
    assert post(city, "乙审", f"/{plan}/approve").json()["state"] == "submitted"
    assert post(city, "甲审", f"/{plan}/approve").json()["state"] == "approved"


def test_nobody_approves_a_plan_of_their_own_whatever_name_they_give(city):
    _, people = city
    plan = drafted(city, "总拟", rename(grid_of(people, people.here, 4), "甲"))
    post(city, "总拟", f"/{plan}/submit", acknowledge_unplaced=True)
    assert refusal(post(city, "总拟", f"/{plan}/approve", actor="别人")) == (403, "plan-own-approval")
    assert refusal(post(city, "乙审", f"/{plan}/approve")) == (403, "access-elsewhere")
    assert refusal(post(city, "乙审", f"/{plan}/reject", reason="x")) == (403, "access-elsewhere")
    assert post(city, "甲审", f"/{plan}/approve").json()["state"] == "approved"


@pytest.mark.parametrize("more", [{"state": "approved"}, {"author": "别人"}, {"reviewer": "别人"}, {"edition": 9}])
def test_what_is_not_for_the_caller_to_say_is_refused(city, more):
    assert post(city, "总拟", "", title="x", **more).status_code == 422


def test_programs_draft_and_never_decide(city):
    client, people = city
    client.cookies.clear()
    me = people.as_token("write-here")
    body = {"title": "程序拟定", "operations": [rename(grid_of(people, people.here, 5), "甲")]}
    plan = client.post("/api/v1/plans", json=body, headers=me)
    assert (plan.status_code, plan.json()["author"]) == (201, "token:write-here")
    assert client.post(f"/api/v1/plans/{plan.json()['plan']}/approve", json={}, headers=me).status_code == 403
    body["operations"] = [rename(grid_of(people, people.there, 5), "乙")]
    assert client.post("/api/v1/plans", json=body, headers=me).status_code == 403


def test_residents_of_another_county_are_not_shown(city):
    client, people = city
    plan = drafted(city, "甲拟", rename(grid_of(people, people.here, 6), "甲"))
    client.cookies.clear()
    path = f"/api/v1/plans/{plan}/residences"
    assert client.get(path, headers=people.as_person("乙审")).status_code == 403
    assert client.get(path, headers=people.as_person("甲审")).status_code == 200
    assert client.get(f"/api/v1/plans/{plan}/check", headers=people.as_person("乙审")).status_code == 200


def test_every_change_is_written_down_with_who_whence_and_what(city):
    client, people = city
    plan = drafted(city, "甲拟", rename(grid_of(people, people.here, 7), "甲"))
    post(city, "乙拟", f"/{plan}/submit")
    client.cookies.clear()
    found = client.get("/api/v1/trail?limit=2", headers=people.as_person("auditor-everywhere")).json()["items"]
    assert [(one["actor"], one["address"], one["action"], one["details"]["status"]) for one in found] == [
        ("乙拟", "127.0.0.1", "POST /api/v1/plans/{plan}/submit", 403),
        ("甲拟", "127.0.0.1", "POST /api/v1/plans", 201),
    ]
    assert found[0]["subject"] == f"/api/v1/plans/{plan}/submit"
    with connect(people.url) as connection:
        assert verify_trail(connection).breaks == ()


def test_a_header_that_only_looks_right_is_none(city):
    client, people = city
    client.cookies.clear()
    headers = {**people.as_person("总拟"), CSRF_HEADER: "0" * 32}
    assert client.post("/api/v1/plans", json={"title": "x"}, headers=headers).status_code == 403
