import logging
import re
import time

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from api.access_log import AccessLog
from api.app import create_app
from api.settings import Settings

SECRET = "104.2802048"


@pytest.fixture(scope="module")
def client(served, city_url):
    with served(city_url) as found:
        yield found


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.DEBUG)
    return caplog


def lines(log):
    """Return our lines, as soon as there is one: it is written after the answer was sent."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if found := [record.getMessage() for record in log.records if record.name == "gridwarden.http"]:
            return found
        time.sleep(0.01)
    raise AssertionError("nothing was logged")


def test_a_line_has_method_path_status_and_time_and_no_query(client, log):
    client.get(f"/api/v1/locate?lon={SECRET}&lat=30.1859716&crs=cgcs2000")
    (line,) = lines(log)
    assert re.fullmatch(r"GET /api/v1/locate 200 \d+\.\d ms", line)


@pytest.mark.parametrize(
    "question", ["locate?lon=104.2802048&lat=x", "locate?lon=104.2802048&lat=95&crs=wgs84", "areas?bbox=104.2802048"]
)
def test_nothing_that_was_asked_is_logged(client, log, question):
    assert client.get(f"/api/v1/{question}").status_code == 422
    assert lines(log)
    for record in log.records:
        if not record.name.startswith(("httpx", "httpcore")):
            assert SECRET not in record.getMessage()


def test_a_path_cannot_forge_a_line(client, log):
    client.get("/x%0aGET%20/forged%20200")
    (line,) = lines(log)
    assert line.startswith("GET /x%0AGET%20/forged%20200 404 ")


def test_what_nobody_foresaw_reveals_nothing_and_is_logged_by_number(served, log):
    app = broken_app()
    answer = ask(app, "/broken")
    found = answer.json()
    assert (answer.status_code, found["type"]) == (500, "urn:gridwarden:problem:internal-error")
    assert SECRET not in answer.text
    (entry,) = [record.getMessage() for record in log.records if record.levelno == logging.ERROR]
    number = entry.split()[0]
    assert number in found["zh"]
    assert number in found["en"]
    assert "ZeroDivisionError" in entry
    assert SECRET not in entry


def broken_app():
    app = FastAPI()
    app.add_middleware(AccessLog)

    @app.get("/broken")
    def broken(request: Request):
        raise ZeroDivisionError(f"at {SECRET}")

    return app


def ask(app, path):
    """Ask an app without a server, as far as it answers."""
    import asyncio

    async def asking():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.get(path)

    return asyncio.run(asking())


def test_an_app_needs_no_database_to_be_made(tmp_path):
    assert create_app(Settings(home=tmp_path / "none")).title.startswith("Gridwarden")
