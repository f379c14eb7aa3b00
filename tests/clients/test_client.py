"""The Python client against a real service, and against one that fails in between."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from gridwarden_client import AsyncGridwarden, Gridwarden, Place, Problem, Unreachable

FOUND = {"status": "found", "edition": 7, "certain": True, "at": "2026-01-01T00:00:00+08:00"}
IN_THE_CITY, NOWHERE = (104.2826, 30.1834), (80.0, 40.0)


@contextmanager
def answering(*responses: tuple[int, dict[str, str], object]) -> Iterator[tuple[str, list[str]]]:
    """Serve some responses on loopback, one a request, the last one for ever; yields the address and the requests."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = responses[min(len(asked), len(responses) - 1)]
            asked.append(self.path)
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def address(served, city_url) -> Iterator[str]:
    with served(city_url) as http:
        yield str(http.base_url)


def client(url: str, **options: object) -> Gridwarden:
    # An environment's proxy is for other hosts.
    return Gridwarden(url, trust_env=False, **options)


def test_one_point_has_its_grid_chain_and_team(address):
    with client(address) as service:
        answer = service.locate(*IN_THE_CITY, crs="gcj02", accuracy_m=30)
    assert answer.status == "found"
    assert answer.grid.code.startswith(answer.chain[0].code[:4])
    assert [area.level for area in answer.chain] == ["city", "county", "town", "community"]
    assert answer.team.members[0].role == "grid_worker"
    assert len(answer.team.members) == len(answer.raw["team"]["members"]) > 1
    assert answer.responsible.code == answer.grid.code
    assert answer.edition == answer.raw["edition"] > 0


def test_nowhere_has_no_grid_and_nobody(address):
    with client(address) as service:
        answer = service.locate(*NOWHERE, crs="wgs84")
    assert (answer.status, answer.grid, answer.team, answer.responsible, answer.chain) == (
        "outside",
        None,
        None,
        None,
        (),
    )


def test_a_refusal_is_raised_with_its_place(address):
    with client(address) as service, pytest.raises(Problem) as refused:
        service.locate(*IN_THE_CITY, crs="wgs48")
    assert refused.value.status == 422
    assert refused.value.place == {"field": "crs"}
    assert refused.value.zh != refused.value.en != ""


def test_an_area_is_read_by_its_code(address):
    with client(address) as service:
        code = service.locate(*IN_THE_CITY, crs="gcj02").chain[0].code
        assert service.area(code)["level"] == "city"


def test_many_points_are_answered_in_order_over_several_batches(address):
    places = [Place(*(IN_THE_CITY if n % 3 else NOWHERE), id=n) for n in range(25)]
    with client(address) as service:
        answers = list(service.locate_many(places, crs="gcj02", batch_points=10))
    assert [answer.id for answer in answers] == list(range(25))
    assert [answer.status for answer in answers] == ["found" if n % 3 else "outside" for n in range(25)]
    assert len({answer.edition for answer in answers}) == 1


def test_a_point_that_cannot_be_placed_does_not_spoil_its_neighbours(address):
    places = [Place(*IN_THE_CITY), Place(999.0, 0.0, id="far"), Place(*IN_THE_CITY, crs="wgs48")]
    with client(address) as service:
        answers = list(service.locate_many(places, crs="gcj02"))
    assert [answer.status for answer in answers] == ["found", "error", "error"]
    assert (answers[1].id, answers[1].grid) == ("far", None)
    assert answers[2].error.place["field"] == "crs"


def test_the_awaiting_client_answers_alike(address):
    async def ask() -> tuple[object, list[object]]:
        async with AsyncGridwarden(address, trust_env=False) as service:
            one = await service.locate(*IN_THE_CITY, crs="gcj02")
            return one, [answer async for answer in service.locate_many([Place(*IN_THE_CITY)], crs="gcj02")]

    one, many = asyncio.run(ask())
    with client(address) as service:
        assert service.locate(*IN_THE_CITY, crs="gcj02").grid == one.grid == many[0].grid


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_passes_by_itself_is_tried_again(status):
    with answering((status, {"Retry-After": "0"}, {}), (200, {}, FOUND)) as (url, asked), client(url) as service:
        assert service.locate(1, 2, crs="wgs84").edition == 7
    assert asked == ["/api/v1/locate?lon=1&lat=2&crs=wgs84"] * 2


def test_what_is_wrong_is_asked_only_once():
    with (
        answering((422, {}, {"type": "t", "en": "no"})) as (url, asked),
        client(url) as service,
        pytest.raises(Problem),
    ):
        service.locate(1, 2, crs="wgs84")
    assert len(asked) == 1


def test_patience_ends():
    refusing = (503, {"Retry-After": "0"}, {"type": "t"})
    with answering(refusing) as (url, asked), client(url, tries=3) as service, pytest.raises(Problem) as refused:
        service.locate(1, 2, crs="wgs84")
    assert (refused.value.status, len(asked)) == (503, 3)


def test_a_service_that_is_not_there_is_unreachable():
    with answering((200, {}, FOUND)) as (url, _):
        pass
    with client(url, tries=1) as service, pytest.raises(Unreachable):
        service.locate(1, 2, crs="wgs84")
    with pytest.raises(Unreachable):
        asyncio.run(AsyncGridwarden(url, tries=1, trust_env=False).locate(1, 2, crs="wgs84"))
