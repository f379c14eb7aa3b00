"""What browsers are told of every answer, and what leaves the machine when something goes wrong inside."""

import asyncio
import base64
import hashlib
import logging
import re

import httpx
import pytest

from api.access_log import AccessLog, _Lines
from api.app import create_app
from api.secure_headers import BUNDLED, NOTHING, SecureHeaders
from api.settings import Settings

PLANS = "/api/v1/plans"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SECRET = "squirrel"
POINT = "/api/v1/locate?lon=104.2802048&lat=30.1859716&crs=cgcs2000"


@pytest.fixture(scope="module")
def client(served, city_url):
    with served(city_url) as found:
        yield found


def policy_of(answer):
    return dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))


@pytest.mark.parametrize(
    "path", [POINT, "/api/v1/areas", "/health", "/metrics", "/nowhere", "/api/v1/locate?lon=x", "/assets/leaflet.js"]
)
def test_what_is_no_page_may_do_nothing_in_a_browser(client, path):
    answer = client.get(path)
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert answer.headers["Content-Security-Policy"] == NOTHING
    assert "Cache-Control" in answer.headers
    assert "server" not in answer.headers or answer.headers["server"] == "uvicorn"


@pytest.mark.parametrize("path", ["/", "/docs", "/maps?level=town"])
def test_a_page_may_run_what_stands_in_it_and_load_what_is_here(client, path):
    answer = client.get(path)
    policy = policy_of(answer)
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy.get("script-src", "")
    assert "://" not in answer.headers["Content-Security-Policy"]
    allowed = set(policy.get("script-src", "").split())
    for program in re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in allowed


def test_a_page_without_a_policy_of_its_own_runs_nothing():
    async def careless(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"<script>alert(1)</script>"})

    assert asked(SecureHeaders(careless), "/x").headers["Content-Security-Policy"] == NOTHING
    assert asked(SecureHeaders(careless), "/planner").headers["Content-Security-Policy"] == BUNDLED
    assert "unsafe-inline" not in re.search("script-src[^;]*", BUNDLED)[0]


def test_only_over_tls_is_tls_demanded_from_then_on():
    async def greeting(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = SecureHeaders(greeting)
    assert asked(app, "/", base="https://here").headers["Strict-Transport-Security"].startswith("max-age=")
    assert "Strict-Transport-Security" not in asked(app, "/").headers


def asked(app, path, base="http://here"):
    async def one():
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=base) as asking:
            return await asking.get(path)

    return asyncio.run(one())


# ---- what goes wrong inside


def test_what_nobody_foresaw_reveals_nothing_in_the_whole_service_either(caplog):
    caplog.set_level(logging.DEBUG)
    app = create_app(Settings(home="none", database_url="postgresql://nobody@127.0.0.1:1/nothing"))

    @app.get("/broken")
    def broken():
        raise ZeroDivisionError(SECRET)

    # behind the sign-in, which needs a database: what is asked here is how the rest answers
    app.router.dependencies.clear()
    for route in app.router.routes:
        if getattr(route, "path", "") == "/broken":
            route.dependant.dependencies.clear()
    answer = asked(SecureHeaders(AccessLog(super(type(app), app).__call__)), "/broken")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["type"] == "urn:gridwarden:problem:internal-error"
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    (entry,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert entry.split()[0] in answer.json()["zh"]
    assert SECRET not in entry


def test_what_the_database_says_of_its_tables_stays_inside(client):
    from api.errors import problem
    from geo.errors import Conflict

    said = 'new row for relation "person" violates check constraint "person_phone_check"'
    shown = problem(409, [Conflict("database-refused", reason=said)], "en").body.decode()
    assert "person" not in shown


def test_a_log_line_is_one_line_whoever_worded_it():
    record = logging.LogRecord(
        "gridwarden", logging.INFO, "", 0, "%s", ("one\r\n2026 GET /forged 200\x1b[2K\u2028x",), None
    )
    line = _Lines().format(record)
    assert line.isprintable()
    assert "one\\r\\n2026 GET /forged" in line


@pytest.mark.parametrize(
    "path",
    [
        "/x%0d%0aSet-Cookie:%20a=b",
        "/api/v1/areas/%0d%0aX-Forged:%201",
        "/?lang=en%0d%0aX-Forged:%201",
        "/assets/%0d%0ax",
    ],
)
def test_line_ends_in_an_address_reach_no_header_and_no_log(client, caplog, path):
    caplog.set_level(logging.INFO)
    answer = client.get(path)
    assert answer.status_code < 500
    assert not {"set-cookie", "x-forged"} & set(answer.headers)
    assert all("\n" not in record.getMessage() for record in caplog.records if record.name.startswith("gridwarden"))
