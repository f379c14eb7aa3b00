"""What is over a limit is refused before anything is parsed, and nobody waits for ever."""

import asyncio
import gzip
import io
import json
import socket
import struct
import time
from threading import Thread

import httpx
import pyarrow as pa
import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from api.access_log import AccessLog
from api.limits import Limits
from api.listening import server_config
from api.secure_headers import SecureHeaders
from api.settings import Settings
from api.wall import Wall
from geo.errors import BadInput

PLANS, POINTS = "/api/v1/plans", "/api/v1/locate"
NDJSON, CSV, ARROW = "application/x-ndjson", "text/csv", "application/vnd.apache.arrow.stream"
NARROW = Limits(json_mib=1, table_mib=1, points=100, vertices=1000, operations=3, read_s=1, statement_s=2)
READ_S = 1


@pytest.fixture(scope="module")
def client(served, city_url):
    with served(city_url, limits=NARROW) as found:
        yield found


@pytest.fixture(scope="module")
def patient():
    """The server as it is really run, with a service behind it that knows nothing."""

    async def answering(scope, receive, send):
        if scope["type"] != "lifespan":
            body = b""
            while (message := await receive()).get("more_body"):
                body += message["body"]
            await PlainTextResponse(f"{len(body + message['body'])}")(scope, receive, send)

    app = SecureHeaders(AccessLog(Wall(answering, NARROW)))
    server = uvicorn.Server(server_config(app, READ_S))
    server.config.lifespan = "off"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()
        server.should_exit = True
        thread.join()


def refused(answer, status, kind):
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:gridwarden:problem:{kind}"), answer.text
    return answer.json()


def plan(**more):
    return {"title": "a plan", "actor": "someone", **more}


def sent(client, body, kind="application/json", path=PLANS, **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(path, content=content, headers={"Content-Type": kind, **headers})


def nested(levels):
    return b"[" * levels + b"]" * levels


# ---- settings


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "1" * 20, "１"])
def test_a_limit_that_is_no_sensible_number_is_refused(value):
    with pytest.raises(BadInput) as refusal:
        Settings.from_environment({"GRIDWARDEN_MOST_JSON_MIB": value})
    assert refusal.value.facts["name"] == "GRIDWARDEN_MOST_JSON_MIB"


def test_limits_are_read_from_the_environment():
    limits = Settings.from_environment({"GRIDWARDEN_MOST_POINTS": "7", "GRIDWARDEN_REQUESTS_A_MINUTE": "30"}).limits
    assert (limits.points, limits.a_minute, limits.json_mib) == (7, 30, Limits().json_mib)


# ---- size, depth, what cannot be kept


@pytest.mark.parametrize("path", [PLANS, "/api/v1/findings/accept", "/api/v1/jobs", f"{PLANS}/1/submit"])
@pytest.mark.parametrize("announced", [True, False])
def test_an_oversized_body_is_refused_wherever_it_goes(client, path, announced):
    body = b" " * ((1 << 20) + 1)
    content = body if announced else iter([body[: 1 << 19], body[1 << 19 :]])
    answer = client.post(path, content=content, headers={"Content-Type": "application/json"})
    assert "1 MiB" in refused(answer, 413, "body-too-large")["en"]
    assert answer.headers["Connection"] == "close"


@pytest.mark.parametrize("levels", [40, 900, 100_000])
@pytest.mark.parametrize("path", [PLANS, POINTS])
def test_json_that_is_nested_too_deep_is_refused(client, levels, path):
    body = b'{"crs": "wgs84", "title": "t", "actor": "a", "points": [{"lon": 1, "lat": ' + nested(levels) + b"}]}"
    refused(sent(client, body, path=path), 413, "body-too-deep")


def test_a_line_that_is_nested_too_deep_does_not_spoil_its_neighbours(client):
    lines = b'{"lon": 104.28, "lat": ' + nested(500) + b'}\n{"lon": 104.28, "lat": 30.18}\n'
    deep, good = sent(client, lines, NDJSON, f"{POINTS}?crs=wgs84").text.splitlines()
    assert "body-too-deep" in deep
    assert json.loads(good)["status"] == "outside"


def test_brackets_inside_texts_are_not_depth(client):
    title = "[" * 200 + '\\"{{{'
    assert sent(client, plan(title=title)).status_code == 201


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"title": "a\\u0000b", "actor": "a"}', "body-not-plain"),
        (b'{"title": "a", "actor": "a", "operations": [{"op": "rename", "code": "\\ud800"}]}', "body-not-plain"),
        (b'{"title": "a", "actor": "a", "operations": [{"op": "rename", "code": "\\udc00\\ud800"}]}', "body-not-plain"),
        (b'{"title": "a", "actor": "a", "operations": [{"x": NaN}]}', "body-not-plain"),
        (b'{"title": "a", "actor": "a", "operations": [{"x": -Infinity}]}', "body-not-plain"),
        (b'{"title": "a", "actor": "a", "operations": [{"x": 1e999}]}', "body-not-plain"),
        (b'{"title": "a", "actor": "a", "operations": [{"x": ' + b"9" * 400 + b"}]}", "body-not-plain"),
        (b'{"title": "\xff", "actor": "a"}', "body-not-json"),
        (b'{"title": "\xed\xa0\x80", "actor": "a"}', "body-not-json"),
        ('{"title": "a", "actor": "a"}'.encode("utf-16"), "body-not-json"),
        (b"{", "body-not-json"),
    ],
)
def test_what_can_be_neither_kept_nor_answered_is_refused(client, body, kind):
    refused(sent(client, body), 422, kind)


def test_characters_beyond_the_first_plane_and_escaped_backslashes_are_kept(client):
    body = b'{"title": "\\ud842\\udfb7 \\\\u0000 \\\\ud800 1e999 NaN", "actor": "a"}'
    assert sent(client, body).json()["title"] == "𠮷 \\u0000 \\ud800 1e999 NaN"


@pytest.mark.parametrize("path", [PLANS, POINTS])
def test_a_compressed_body_is_refused_unopened(client, path):
    bomb = gzip.compress(b"[" * (64 << 20))
    refused(sent(client, bomb, path=path, **{"Content-Encoding": "gzip"}), 422, "body-compressed")


# ---- what a request holds


def test_too_many_points_are_refused_before_the_answer_begins(client):
    point = {"lon": 104.28, "lat": 30.18}
    refused(sent(client, {"crs": "wgs84", "points": [point] * 101}, path=POINTS), 413, "points-too-many")
    where = f"{POINTS}?crs=wgs84"
    refused(sent(client, b'{"lon": 104.28, "lat": 30.18}\n' * 102, NDJSON, where), 413, "points-too-many")
    refused(sent(client, b"lon,lat\n" + b"104.28,30.18\n" * 102, CSV, where), 413, "points-too-many")
    refused(sent(client, arrow(104.0, 101), ARROW, where), 413, "points-too-many")
    assert sent(client, arrow(104.0, 100), ARROW, where).status_code == 200


def arrow(lon, count, **options):
    sink = io.BytesIO()
    batch = pa.record_batch({"lon": pa.array([lon] * count), "lat": pa.array([30.0] * count)})
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


@pytest.mark.parametrize("codec", ["zstd", "lz4"])
def test_an_arrow_stream_that_swells_is_refused_unopened(client, codec):
    bomb = arrow(0.0, 2_000_000, compression=codec)
    assert len(bomb) < 1 << 20
    refused(sent(client, bomb, ARROW, f"{POINTS}?crs=wgs84"), 413, "points-batch-too-large")


def test_an_arrow_stream_may_be_compressed(client):
    packed = arrow(104.28, 90, compression="zstd")
    assert sent(client, packed, ARROW, f"{POINTS}?crs=cgcs2000").status_code == 200


def test_rows_without_bytes_are_refused(client):
    count = 50_000_000
    sink = io.BytesIO()
    batch = pa.record_batch({"lon": pa.nulls(count), "lat": pa.nulls(count)})
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    refused(sent(client, sink.getvalue(), ARROW, f"{POINTS}?crs=wgs84"), 413, "points-batch-too-large")


@pytest.mark.parametrize("cut", [4, 7, 8, 40, 200, -1])
def test_a_cut_stream_is_no_stream(client, cut):
    answer = sent(client, arrow(104.28, 10)[:cut], ARROW, f"{POINTS}?crs=wgs84")
    assert answer.status_code in (200, 422), answer.text


def test_a_head_that_claims_gigabytes_is_refused(client):
    body = struct.pack("<II", 0xFFFFFFFF, 2**31) + b"\0" * 64
    refused(sent(client, body, ARROW, f"{POINTS}?crs=wgs84"), 422, "points-not-arrow")


def test_too_many_vertices_are_refused(client):
    ring = [[104 + row * 1e-6, 30.0] for row in range(1001)]
    operation = {"op": "redraw", "code": "x", "geometry": {"type": "Polygon", "coordinates": [ring]}}
    found = refused(sent(client, plan(operations=[operation], crs="cgcs2000")), 413, "geometry-too-many-vertices")
    assert "1001" in found["en"]
    assert found["place"] == {"field": "operations[0]"}


def test_too_many_operations_are_refused(client):
    operations = [{"op": "rename", "code": "519801001001001", "name": f"第{number}网格"} for number in range(4)]
    refused(sent(client, plan(operations=operations)), 413, "plan-too-many-operations")
    begun = sent(client, plan(operations=operations[:3])).json()["plan"]
    more = {"operations": operations[3:], "actor": "someone"}
    refused(sent(client, more, path=f"{PLANS}/{begun}/operations"), 413, "plan-too-many-operations")


def test_a_statement_that_takes_too_long_is_ended(served, city_url):
    from sqlalchemy import text

    from geo.errors import Unavailable
    from geo.store.connect import open_engine, reading

    engine = open_engine(city_url, statement_s=1)
    with pytest.raises(Unavailable) as refusal, reading(engine) as connection:
        connection.execute(text("SELECT pg_sleep(30)"))
    assert refusal.value.kind == "statement-too-slow"
    engine.dispose()


def test_the_service_bounds_its_statements(served, city_url):
    from api.app import create_app

    app = create_app(Settings(home="none", database_url=city_url, limits=NARROW))

    async def timeout():
        from sqlalchemy import text

        async with app.router.lifespan_context(app):
            with app.state.engine.connect() as connection:
                return connection.execute(text("SHOW statement_timeout")).scalar_one()

    assert asyncio.run(timeout()) == "2s"


# ---- how often


def ask(app, host, path="/health"):
    async def one():
        transport = httpx.ASGITransport(app, client=(host, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as asking:
            return await asking.get(path)

    return asyncio.run(one())


async def greeting(scope, receive, send):
    await PlainTextResponse("hello")(scope, receive, send)


def test_an_address_may_ask_so_often_a_minute_and_others_are_not_touched():
    app = Wall(greeting, Limits(a_minute=3))
    assert [ask(app, "203.0.113.7").status_code for _ in range(3)] == [200, 200, 200]
    fourth = ask(app, "203.0.113.7")
    refused(fourth, 429, "too-many-requests")
    assert 1 <= int(fourth.headers["Retry-After"]) <= 61
    assert ask(app, "203.0.113.8").status_code == 200


def test_addresses_of_one_household_count_together_and_the_loopback_is_not_counted():
    app = Wall(greeting, Limits(a_minute=1))
    assert ask(app, "2001:db8:1:2::1").status_code == 200
    assert ask(app, "2001:db8:1:2:ffff::9").status_code == 429
    assert ask(app, "2001:db8:1:3::1").status_code == 200
    assert {ask(app, "127.0.0.1").status_code for _ in range(5)} == {200}


def test_a_token_with_a_limit_of_its_own_is_not_stopped_by_its_address(served, cluster, clone):
    from api.app import create_app
    from geo.store.accounts import add_account
    from geo.store.connect import connect
    from geo.store.tokens import NewToken, create_token

    with clone() as name:
        url = cluster.url("app", name)
        with connect(url) as connection, connection.begin():
            add_account(connection, "chief", password="Correct horse 42 staple")
            _, fast = create_token(connection, NewToken("fast", ("locate",), per_minute=5), "chief")
            _, plain = create_token(connection, NewToken("plain", ("locate",)), "chief")
        app = create_app(Settings(home="none", database_url=url, limits=Limits(a_minute=2)))

        async def codes(token, count):
            async with app.router.lifespan_context(app):
                transport = httpx.ASGITransport(app, client=("203.0.113.7", 1))
                async with httpx.AsyncClient(transport=transport, base_url="http://here") as asking:
                    headers = {"Authorization": f"Bearer {token}"}
                    return [(await asking.get("/api/v1/me", headers=headers)).status_code for _ in range(count)]

        assert asyncio.run(codes(fast, 6)) == [200] * 5 + [429]
        assert asyncio.run(codes(plain, 3)) == [429] * 3


def test_a_new_minute_begins_anew_and_what_is_remembered_is_bounded():
    from api.request_rates import Rates

    rates = Rates(1)
    assert (rates.wait_s("a", 119.0), rates.wait_s("a", 119.5), rates.wait_s("a", 120.0)) == (0, 1, 0)
    for number in range(150_000):
        rates.wait_s(str(number), 121.0)
    assert len(rates._counts) <= 100_001


# ---- slow requests


def until_closed(address, *parts, pause_s=0.3):
    """Send parts slowly; return what came back and after how long the connection was closed."""
    begun = time.monotonic()
    with socket.create_connection(address, timeout=20) as line:
        try:
            for part in parts:
                line.sendall(part)
                time.sleep(pause_s)
        except OSError:
            pass
        heard = b""
        try:
            while more := line.recv(4096):
                heard += more
        except ConnectionError:
            pass
    return heard, time.monotonic() - begun


def test_nobody_holds_a_connection_with_half_a_head(patient):
    drops = (b"X-A: 1\r\n" for _ in range(30))
    heard, took_s = until_closed(patient, b"GET / HTTP/1.1\r\nHost: x\r\n", *drops)
    assert (heard, took_s < 12) == (b"", True)


def test_nobody_holds_a_connection_without_a_word(patient):
    heard, took_s = until_closed(patient)
    assert (heard, took_s < 12) == (b"", True)


def test_a_second_head_must_come_soon_too(patient):
    first = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    heard, took_s = until_closed(patient, first + b"GET / HT")
    assert heard.startswith(b"HTTP/1.1 200")
    assert took_s < 12


def test_a_head_without_end_is_cut(patient):
    heard, took_s = until_closed(patient, b"GET / HTTP/1.1\r\n" + b"X: " + b"x" * (1 << 20), pause_s=0)
    assert heard == b""
    assert took_s < 12


@pytest.mark.parametrize("path", [b"/api/v1/plans", b"/x"])
def test_a_body_that_does_not_come_is_given_up(patient, path):
    head = b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nabc"
    heard, took_s = until_closed(patient, head)
    assert b" 408 " in heard.splitlines()[0]
    assert b"request-too-slow" in heard
    assert took_s < 12


def test_a_body_that_comes_drop_by_drop_is_given_up(patient):
    head = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n"
    heard, took_s = until_closed(patient, head, *(b"x" for _ in range(40)), pause_s=0.25)
    assert b" 408 " in heard.splitlines()[0]
    assert took_s < 12


def test_a_steady_sender_is_heard_out(patient):
    head = (
        b"POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 60000\r\n\r\n"
    )
    heard, _ = until_closed(patient, head, *(b"x" * 10_000 for _ in range(6)))
    assert heard.endswith(b"60000")


def test_a_table_that_does_not_come_is_given_up(client):
    def slowly():
        yield b"lon,lat\n"
        time.sleep(3)
        yield b"1,2\n"

    answer = client.post(f"{POINTS}?crs=wgs84", content=slowly(), headers={"Content-Type": CSV})
    refused(answer, 408, "request-too-slow")
