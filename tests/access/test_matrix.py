"""Every route × every role × inside and outside the area: who is let in, and who is turned away.

The table says it once more, by hand; routes come from the OpenAPI document, and a route without a line here, or without
a rule in the program, fails. ``let in`` means any answer but 401 and 403: what was asked for may not be there.
"""

import re

import pytest

from api.app import create_app
from api.guarding import Guarding
from api.rules import RULES, rule_of
from api.settings import Settings
from geo.access import ROLES

#  v viewer   p planner   a approver   A auditor   s steward   m administrator
#  S system   C security   T audit administrator
LETTERS = dict(zip("vpaAsmSCT", ROLES, strict=True))
ANYBODY = "vpaAsmSCT"
"""Those who have not signed in, too, while the site lets everybody read."""
LOOKS, WORKS = "vpaAsmS", "paAsmS"
PAGES = {
    *("/", "/docs", "/assets/{name}", "/sign-in", "/sign-out", "/sign-in/oidc", "/sign-in/oidc/back", "/openapi.json"),
    *("/planner", "/planner/", "/planner/assets/{name}", "/api/v1/editions/stream", "/api/v1/locate{of:path}"),
}
"""Not in the document: pages for people."""

TABLE = {
    "GET /health": ANYBODY,
    "GET /metrics": ANYBODY,
    "GET /maps": ANYBODY,
    "GET /basemap": ANYBODY,
    "GET /basemap/{name}/{z}/{x}/{y}": ANYBODY,
    "GET /tiles": ANYBODY,
    "GET /tiles/{layer}/{z}/{x}/{y}.mvt": ANYBODY,
    "GET /api/v1/me": ANYBODY,
    "GET /api/v1/locate": ANYBODY,
    "POST /api/v1/locate": ANYBODY,
    "GET /api/v1/areas": ANYBODY,
    "GET /api/v1/areas/{code}": ANYBODY,
    "GET /api/v1/areas/{code}/children": ANYBODY,
    "GET /api/v1/areas/{code}/history": ANYBODY,
    "GET /api/v1/areas/{code}/lineage": ANYBODY,
    "GET /api/v1/teams": ANYBODY,
    "GET /api/v1/editions": ANYBODY,
    "GET /api/v1/findings": ANYBODY,
    "GET /api/v1/findings/exceptions": LOOKS,
    "POST /api/v1/findings/accept": "a",
    "POST /api/v1/findings/revoke": "a",
    "GET /api/v1/plans": LOOKS,
    "POST /api/v1/plans": "p",
    "GET /api/v1/plans/{plan}": LOOKS,
    "POST /api/v1/plans/{plan}/operations": "p",
    "PUT /api/v1/plans/{plan}/operations/{operation}": "p",
    "DELETE /api/v1/plans/{plan}/operations/{operation}": "p",
    "POST /api/v1/plans/{plan}/undo": "p",
    "POST /api/v1/plans/{plan}/redo": "p",
    "GET /api/v1/plans/{plan}/check": LOOKS,
    "GET /api/v1/plans/{plan}/areas": LOOKS,
    "GET /api/v1/plans/{plan}/impact": "paAs",
    "GET /api/v1/plans/{plan}/residences": "paAs",
    "GET /api/v1/plans/{plan}/sheet": "paAs",
    "GET /api/v1/plans/{plan}/map": LOOKS,
    "POST /api/v1/plans/{plan}/submit": "p",
    "POST /api/v1/plans/{plan}/withdraw": "p",
    "POST /api/v1/plans/{plan}/revert": "p",
    "POST /api/v1/plans/{plan}/comments": WORKS,
    "POST /api/v1/plans/{plan}/approve": "a",
    "POST /api/v1/plans/{plan}/reject": "a",
    "POST /api/v1/plans/{plan}/publish": "a",
    "GET /api/v1/jobs": LOOKS,
    "GET /api/v1/jobs/{job}": LOOKS,
    "GET /api/v1/jobs/{job}/result": LOOKS,
    "POST /api/v1/jobs": WORKS,
    "POST /api/v1/jobs/{job}/cancel": "mS",
    "GET /api/v1/locate/address": ANYBODY,
    "GET /api/v1/search": ANYBODY,
    "GET /api/v1/places/history": ANYBODY,
    "GET /api/v1/facilities": ANYBODY,
    "GET /api/v1/circles": ANYBODY,
    "GET /api/v1/circles/shares": ANYBODY,
    "GET /api/v1/circles/serving": ANYBODY,
    "GET /api/v1/circles/unserved": "paAs",
    "POST /api/v1/circles/draft": ANYBODY,
    "GET /api/v1/residences": "paAs",
    "GET /api/v1/plans/{plan}/scene": LOOKS,
    "GET /api/v1/plans/{plan}/others": LOOKS,
    "POST /api/v1/plans/{plan}/trial": "p",
    "GET /api/v1/trail": "AT",
    "GET /api/v1/trail/verify": "AT",
}
OFFICES = ("security_administrator", "audit_administrator")
"""Roles that read nothing of the areas."""
WHOLE_SITE = {
    *("POST /api/v1/jobs/{job}/cancel", "GET /api/v1/trail", "GET /api/v1/trail/verify"),
    "GET /api/v1/residences",
}
"""About no area: a role in one county does not do."""
SCOPES = {
    "locate": {"locate"},
    "read": {"locate", "read", "plans"},
    "write": {"locate", "read", "plans", "draft", "work"},
}
BY_AREA = {
    "/api/v1/areas": "within",
    "/api/v1/areas/{code}": "code",
    "/api/v1/areas/{code}/children": "code",
    "/api/v1/areas/{code}/history": "code",
    "/api/v1/areas/{code}/lineage": "code",
    "/api/v1/teams": "area",
    "/api/v1/findings": "within",
    "/api/v1/circles/unserved": "within",
    "/maps": "within",
}
QUICK = {"/api/v1/findings": {"level": "none"}, "/maps": {"level": "none"}}
"""Refused once one is let in, so that nothing large is made."""


@pytest.fixture(scope="module")
def document(client):
    return client.get("/openapi.json").json()


def send(client, line, headers, **parameters):
    """Ask with numbers that nothing has, and without a body."""
    method, path = line.split(" ")
    query = {**QUICK.get(path, {}), **{name: each for name, each in parameters.items() if f"{{{name}}}" not in path}}
    given = {"layer": "none", "z": 0, "x": 0, "y": 0, "name": "none", "code": "none", **parameters}
    address = re.sub(r"\{(\w+)\}", lambda found: str(given.get(found[1], 987_654)), path)
    return client.request(method, address, headers=headers, params=query).status_code


def let_in(status):
    return status not in (401, 403)


def test_every_route_stands_in_the_table_and_has_a_rule(document):
    routes = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert routes - set(TABLE) == set()
    assert {line for line in RULES if line.split(" ")[1] not in PAGES} == set(TABLE)


@pytest.fixture(scope="module")
def lines(document):
    """Return the lines of the table whose routes are there."""
    return {line for line in TABLE if line.split(" ")[0].lower() in document["paths"].get(line.split(" ")[1], {})}


def of(letters):
    return {LETTERS[one] for one in letters}


def test_whatever_the_framework_answers_has_a_rule_or_is_a_page(tmp_path):
    app = create_app(Settings(home=tmp_path))
    hidden = {
        (method, context.path)
        for included in app.routes
        for context in getattr(included, "effective_candidates", list)()
        for method in context.methods
    } | {(method, route.path) for route in app.routes if hasattr(route, "path") for method in route.methods}
    assert len(hidden) > 50
    assert {path for method, path in hidden if rule_of(method, path) is None} == {"/openapi.json"}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_for_the_whole_site_is_let_in_where_the_table_says(client, people, lines, role):
    found = {line for line in lines if let_in(send(client, line, people.as_person(f"{role}-everywhere")))}
    assert found == {line for line in lines if role in of(TABLE[line])}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_in_a_county_is_let_in_there(client, people, lines, role):
    inside = {line: send(client, line, people.as_person(role), **named(line, people.here)) for line in lines}
    expected = {line for line in lines if role in of(TABLE[line])} - WHOLE_SITE
    assert {line for line, status in inside.items() if let_in(status)} == expected


def named(line, code):
    parameter = BY_AREA.get(line.split(" ")[1])
    return {} if parameter is None else {parameter: code}


@pytest.fixture(scope="module")
def closed(guarded):
    """Serve another copy of the city, to nobody who has not signed in; yield the client and its people."""
    with guarded(guarding=Guarding(anonymous="none")) as found:
        yield found


class TestWhereNobodyReadsWithoutSigningIn:
    def test_nobody_is_let_in_but_where_everybody_is(self, closed, lines):
        client, _ = closed
        found = {line for line in lines if let_in(send(client, line, {}))}
        assert found == {"GET /health", "GET /metrics", "GET /api/v1/me"}

    @pytest.mark.parametrize("role", [role for role in ROLES if role not in OFFICES])
    def test_a_role_in_a_county_reads_there_and_nowhere_else(self, closed, role):
        client, people = closed
        lines = [f"GET {path}" for path in BY_AREA if RULES[f"GET {path}"].action == "read"]
        me = people.as_person(role)
        assert all(let_in(send(client, line, me, **named(line, people.here))) for line in lines)
        assert [line for line in lines if let_in(send(client, line, me, **named(line, people.there)))] == []

    @pytest.mark.parametrize("role", OFFICES)
    def test_officers_read_nothing_by_their_office(self, closed, role):
        client, people = closed
        me = people.as_person(f"{role}-everywhere")
        assert not let_in(send(client, "GET /api/v1/areas", me))


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_a_token_is_let_in_where_its_scope_says(client, people, lines, scope):
    actions = {line: RULES[line].action for line in lines}
    found = {line for line in lines if let_in(send(client, line, people.as_token(scope)))}
    assert found == {line for line, action in actions.items() if action is None or action in SCOPES[scope]}


@pytest.mark.parametrize("path", sorted(path for path in BY_AREA if RULES[f"GET {path}"].action == "read"))
def test_a_token_of_a_county_reads_there_and_nowhere_else(client, people, path):
    line, me = f"GET {path}", people.as_token("read-here")
    assert let_in(send(client, line, me, **named(line, people.here)))
    assert send(client, line, me, **named(line, people.there)) == 403


def test_who_has_not_signed_in_is_let_in_where_everybody_reads(client, lines):
    found = {line for line in lines if let_in(send(client, line, {}))}
    assert found == {line for line in lines if TABLE[line] == ANYBODY}
