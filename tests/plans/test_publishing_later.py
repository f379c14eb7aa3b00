"""Plans that are published at a moment to come: by the job of a running service, after checking again.

The town is drawn in ``conftest.py``.
"""

import time
from datetime import UTC, datetime, timedelta

import pytest

WEST = "511402002001"
G2, G3 = f"{WEST}002", f"{WEST}003"
PLANS = "/api/v1/plans"


def approved(client, title, code, name):
    """Draft a plan that renames a grid, and let it be approved; return its number."""
    body = {"title": title, "actor": "李四", "operations": [{"op": "rename", "code": code, "name": name}]}
    plan = client.post(PLANS, json=body).json()["plan"]
    client.post(f"{PLANS}/{plan}/submit", json={"actor": "李四"})
    assert client.post(f"{PLANS}/{plan}/approve", json={"actor": "王五"}).json()["state"] == "approved"
    return plan


def watched(client, job, seconds=40):
    """Poll a job until it ended."""
    deadline = time.monotonic() + seconds
    while (found := client.get(f"/api/v1/jobs/{job}").json())["status"] in ("todo", "doing"):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


def state(client, plan):
    return client.get(f"{PLANS}/{plan}").json()["state"]


def name_of(town, code):
    return town.ask("SELECT name FROM area_version WHERE code = %s AND upper_inf(valid)", code)[0][0]


@pytest.mark.slow
def test_a_job_publishes_at_the_moment_and_refuses_what_clashes_by_then(http, town):
    first, second = approved(http, "先定的", G3, "甲"), approved(http, "后定的", G3, "乙")
    moment = datetime.now(UTC) + timedelta(seconds=2)
    jobs = []
    for plan, later in ((first, moment), (second, moment + timedelta(seconds=1))):
        body = {"actor": "王五", "not_before": later.isoformat()}
        answer = http.post(f"{PLANS}/{plan}/publish", json=body)
        assert (answer.status_code, answer.json()["edition"]) == (202, None)
        jobs.append(answer.json()["job"])
    assert (state(http, first), name_of(town, G3)) == ("approved", "第3网格")

    done = watched(http, jobs[0])
    assert (done["status"], state(http, first), name_of(town, G3)) == ("succeeded", "published", "甲")
    ((edition, published_at),) = town.ask(
        "SELECT e.id, e.published_at FROM edition AS e JOIN plan AS p ON p.edition = e.id WHERE p.id = %s", first
    )
    assert moment <= published_at < moment + timedelta(seconds=30)
    assert http.get(f"/api/v1/areas/{G3}", params={"edition": edition - 1}).json()["name"] == "第3网格"

    refused = watched(http, jobs[1])
    assert (refused["status"], refused["refusal"]["kind"]) == ("failed", "plan-clash")
    last = http.get(f"{PLANS}/{second}").json()["events"][-1]
    assert (last["event"], last["actor"], last["details"]["facts"]["title"]) == ("refused", "王五", "先定的")
    assert (state(http, second), name_of(town, G3)) == ("approved", "甲")


@pytest.mark.slow
def test_a_plan_postponed_at_the_command_line_waits_for_a_service(served, town):
    plan = town.new("改名")
    town.add(plan, "rename", "--codes", G2, "--name", "甲")
    town.told("plan", "submit", plan, "--as", "李四")
    town.told("plan", "approve", plan, "--as", "王五")
    moment = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    said = town.told("plan", "publish", plan, "--as", "王五", "--not-before", moment)
    assert said["edition"] is None
    time.sleep(1.2)
    assert name_of(town, G2) == "第2网格"
    with served(town.url) as client:
        assert watched(client, said["job"])["status"] == "succeeded"
        events = client.get(f"{PLANS}/{plan}").json()["events"]
    assert name_of(town, G2) == "甲"
    assert [(one["event"], one["actor"]) for one in events[-2:]] == [("postponed", "王五"), ("published", "王五")]
