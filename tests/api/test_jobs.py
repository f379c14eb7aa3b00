"""Long work over HTTP: started, watched to its end, cancelled, and begun again when its service dies."""

import json
import time

import pytest

JOBS = "/api/v1/jobs"
ENDED = {"succeeded", "failed", "cancelled", "aborted"}


@pytest.fixture(scope="module")
def client(served, city_url):
    with served(city_url) as found:
        yield found


def watched(client, job, *, until=lambda found: found["status"] in ENDED, seconds=60):
    """Poll a job, as people do."""
    deadline = time.monotonic() + seconds
    while True:
        found = client.get(f"{JOBS}/{job}").json()
        if until(found):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def test_an_audit_goes_on_by_itself_and_gives_what_findings_gives(client):
    answer = client.post(JOBS, json={"task": "audit", "level": "grid"})
    assert answer.status_code == 202, answer.text
    job = answer.json()
    assert (job["status"], set(job["asked"]), job["asked"]["level"]) == ("todo", {"level", "at"}, "grid")
    assert answer.headers["location"] == f"{JOBS}/{job['job']}"
    done = watched(client, job["job"])
    assert (done["status"], done["progress"], done["refusal"]) == (
        "succeeded",
        {"stage": "", "done": 2, "total": 2},
        None,
    )
    assert done["created_at"] <= done["started_at"] <= done["ended_at"]
    found = client.get(done["result"]).json()
    now = client.get("/api/v1/findings", params=job["asked"]).json()
    assert (found["verdict"], found) == ("covered", now)
    assert client.get(JOBS).json()["items"][0] == done


def test_a_job_that_cannot_be_done_says_why(client):
    job = client.post(JOBS, json={"task": "audit", "level": "street"}).json()["job"]
    done = watched(client, job)
    assert (done["status"], done["refusal"]["kind"], done["attempts"]) == ("failed", "unknown-level", 1)
    assert client.get(f"{JOBS}/{job}/result").status_code == 409


def test_a_running_job_is_cancelled_at_once(client):
    job = client.post(JOBS, json={"task": "audit"}).json()["job"]
    watched(client, job, until=lambda found: found["status"] == "doing")
    assert client.post(f"{JOBS}/{job}/cancel").json()["cancelling"]
    done = watched(client, job, seconds=10)
    assert (done["status"], done["result"]) == ("aborted", None)
    again = client.post(f"{JOBS}/{job}/cancel")
    assert (again.status_code, again.json()["type"]) == (409, "urn:gridwarden:problem:job-has-ended")
    assert client.get(f"{JOBS}/{job}/result").status_code == 409


def test_a_waiting_job_is_cancelled_before_it_begins(client):
    first, second = (client.post(JOBS, json={"task": "audit"}).json()["job"] for _ in range(2))
    assert client.post(f"{JOBS}/{second}/cancel").json()["status"] in {"cancelled", "doing"}
    assert client.post(f"{JOBS}/{first}/cancel").status_code == 200
    assert watched(client, second)["status"] in {"cancelled", "aborted"}
    assert watched(client, first)["status"] in {"cancelled", "aborted"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"task": "everything"}, 422),
        ({"task": "audit", "edition": 0}, 422),
        ({"task": "audit", "edition": 99}, 404),
        ({"task": "audit", "at": "2999-01-01"}, 422),
        ({"task": "audit", "unknown": 1}, 422),
    ],
)
def test_what_cannot_be_asked_never_becomes_a_job(client, body, status):
    before = client.get(JOBS).json()["items"]
    answer = client.post(JOBS, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert client.get(JOBS).json()["items"] == before


def test_unknown_jobs_are_not_found(client):
    for answer in (
        client.get(f"{JOBS}/99999"),
        client.post(f"{JOBS}/99999/cancel"),
        client.get(f"{JOBS}/99999/result"),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:gridwarden:problem:unknown-job")


def test_a_page_of_another_site_cannot_start_one(client):
    """A browser sends text without asking first; only JSON counts."""
    answer = client.post(JOBS, content=json.dumps({"task": "audit"}), headers={"Content-Type": "text/plain"})
    assert answer.status_code == 422


def test_a_job_of_a_service_that_was_stopped_is_begun_again_by_the_next(served, cluster, clone, city_template):
    with clone(city_template) as name:
        url = cluster.url("app", name)
        with served(url) as first:
            job = first.post(JOBS, json={"task": "audit"}).json()["job"]
            watched(first, job, until=lambda found: found["status"] == "doing")
        with served(url) as second:
            done = watched(second, job)
        assert done["status"] == "succeeded"
