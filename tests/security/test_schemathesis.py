"""Requests made up from the OpenAPI document: nothing of it brings the service down, and every answer is as described.

20,000 of them in a soak; a fiftieth otherwise, because each takes some 60 ms of a core.
"""

import math
import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.identity import CSRF_HEADER, SESSION, csrf_of
from geo.store.accounts import add_account, grant
from geo.store.connect import connect
from geo.store.sessions import open_session

REQUESTS = 20_000 if "GRIDWARDEN_SOAK" in os.environ else 400
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
EDITION_TO_COME = "urn:gridwarden:problem:edition-not-yet"
"""The one 503 that a question can ask for: ``min_edition`` beyond the present one."""
ROLES = ("nobody", "viewer", "planner", "approver", "steward", "auditor", "administrator")
HEAVY = {"GET /api/v1/findings", "POST /api/v1/findings/accept", "POST /api/v1/jobs", "GET /maps"}
"""Each of these takes as long as some hundred others: a tenth of their share is asked."""


@pytest.fixture(scope="module")
def url(cluster, clone, city_template):
    with clone(city_template) as name:
        yield cluster.url("app", name)


@pytest.fixture(scope="module")
def shown(url):
    """What each role shows with a request: the cookie of a session, and what pages send with every change."""
    found = {"nobody": {}}
    with connect(url) as connection, connection.begin():
        for role in ROLES[1:]:
            account = add_account(connection, role, password="Correct horse 42 staple")
            grant(connection, account, [role], None, three_officers=False)
            secret = open_session(connection, account.id)
            found[role] = {"Cookie": f"{SESSION}={secret}", CSRF_HEADER: csrf_of(secret)}
    return found


@pytest.fixture(scope="module")
def client(served, url, shown):
    with served(url) as found:
        yield found


@pytest.fixture(scope="module")
def operations(client):
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    return [found.ok() for found in schema.get_all_operations()]


def shares(operations):
    """Return how often each operation is asked by each role."""
    weights = [0.1 if operation.label in HEAVY else 1.0 for operation in operations]
    each = REQUESTS / len(ROLES) / sum(weights)
    return [max(1, math.ceil(each * weight)) for weight in weights]


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("role", ROLES)
def test_nothing_made_up_breaks_the_service_or_its_description(client, operations, shown, role):
    asked, wrong = 0, {}

    def ask(case):
        nonlocal asked
        asked += 1
        response = case.call(base_url=str(client.base_url), headers=shown[role])
        if response.status_code == 503 and EDITION_TO_COME in response.text:
            return
        case.validate_response(response, checks=CHECKS)

    for number, (operation, share) in enumerate(zip(operations, shares(operations), strict=True)):
        trying = settings(
            max_examples=share,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        try:
            trying(seed(f"{role} {number}")(given(case=operation.as_strategy())(ask)))()
        except Exception as failure:
            wrong[operation.label] = failure
    assert not wrong, "\n\n".join(f"{label}\n{failure}" for label, failure in wrong.items())
    assert asked >= REQUESTS / len(ROLES) * 0.9
