"""Many points in one request: the same answers as one by one, of one edition, whatever their neighbours are."""

import io
import json
import random
import tempfile
import time

import pyarrow as pa
import pytest

from api.limits import Limits
from api.many_models import AskedPoints, LocatedMany
from geo.store.connect import connect
from geo.store.publish import Signature, publication
from geo.store.teams import Member, Team, write_teams
from importers.point_columns import ADDED

PATH = "/api/v1/locate"
GRID = {"lon": 104.2802048, "lat": 30.1859716}
OUTSIDE = {"lon": 80.0, "lat": 40.0}
NDJSON, CSV, ARROW = "application/x-ndjson", "text/csv", "application/vnd.apache.arrow.stream"
TEAMS_CAME = 6


@pytest.fixture(scope="module")
def client(served, city_url):
    with served(city_url) as found:
        until = time.monotonic() + 30
        while found.get("/health").json().get("in_memory") is None:
            assert time.monotonic() < until
            time.sleep(0.02)
        yield found


@pytest.fixture(scope="module")
def narrow(served, city_url):
    with served(city_url, limits=Limits(json_mib=1, table_mib=1)) as found:
        yield found


def asked(client, body, kind="application/json", accept=None, **params):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": kind, **({"Accept": accept} if accept else {})}
    return client.post(PATH, params=params, content=content, headers=headers)


def answers(client, points, **more):
    answer = asked(client, {"crs": "cgcs2000", "points": points, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["answers"]


def refused(answer, kind, status=422):
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:gridwarden:problem:{kind}"), answer.text
    return answer.json()


def around(count, seed=1):
    rng = random.Random(seed)
    return [{"lon": rng.uniform(104.27, 104.33), "lat": rng.uniform(30.15, 30.2)} for _ in range(count)]


def plain(document):
    return {name: value for name, value in document.items() if name not in ("at", "id")}


def test_every_point_is_answered_as_if_it_had_been_asked_alone(client):
    points = [{**point, "id": number} for number, point in enumerate([*around(60), OUTSIDE])]
    found = answers(client, points, accuracy=30)
    alone = [
        client.get(PATH, params={"lon": one["lon"], "lat": one["lat"], "crs": "cgcs2000", "accuracy": 30}).json()
        for one in points
    ]
    assert [one["id"] for one in found] == list(range(61))
    assert [plain(one) for one in found] == [plain(one) for one in alone]
    assert {one["status"] for one in found} >= {"found", "outside"}


@pytest.mark.parametrize("accuracy_m", [0, 300])
def test_many_points_together_are_told_what_few_are_told(client, accuracy_m):
    """From 64 points on those far outside are told apart all at once; near the border, on it and inside as ever."""
    corner = client.get("/api/v1/areas", params={"level": "city", "format": "geojson"}).json()
    ring = corner["features"][0]["geometry"]["coordinates"][0]
    ring = ring[0] if isinstance(ring[0][0], list) else ring
    rng = random.Random(4)
    near = [
        {"lon": lon + rng.gauss(0, 0.003) * (n % 2), "lat": lat + rng.gauss(0, 0.003) * (n % 2)}
        for n, (lon, lat) in enumerate(rng.sample(ring, min(len(ring), 120)))
    ]
    points = [*near, *around(40, seed=5), OUTSIDE]
    together = answers(client, points, accuracy=accuracy_m)
    few = [
        one
        for first in range(0, len(points), 20)
        for one in answers(client, points[first : first + 20], accuracy=accuracy_m)
    ]
    assert [plain(one) for one in together] == [plain(one) for one in few]
    told = [(one["status"], one["certain"], one["border_distance_m"] is None) for one in together]
    assert {("outside", True, True), ("outside", not accuracy_m, False)} <= set(told)


def test_memory_and_the_database_answer_alike(client):
    points = around(200, seed=2)
    now = client.get("/health").json()["edition"]
    memory = answers(client, points, accuracy=20)
    store = asked(client, {"crs": "cgcs2000", "accuracy": 20, "points": points}, edition=now).json()["answers"]
    assert [plain(one) for one in memory] == [plain(one) for one in store]


def test_requests_and_answers_are_as_documented(client):
    points = [{**GRID, "id": "a"}, {"lon": "x", "lat": None}, OUTSIDE]
    AskedPoints.model_validate({"points": [GRID]})
    LocatedMany.model_validate(asked(client, {"crs": "wgs84", "points": points}).json())


@pytest.mark.parametrize("accept", [None, "application/json", "*/*"])
def test_lines_come_back_as_lines_or_as_one_document(client, accept):
    lines = b"".join(json.dumps({**point, "id": n}).encode() + b"\n" for n, point in enumerate(around(2500)))
    answer = asked(client, lines, NDJSON, accept, crs="cgcs2000")
    found = (
        answer.json()["answers"] if accept == "application/json" else list(map(json.loads, answer.text.splitlines()))
    )
    assert [one["id"] for one in found] == list(range(2500))
    assert {one["edition"] for one in found} == {client.get("/health").json()["edition"]}


BAD = [
    ({"lon": 999.0, "lat": 0.0}, "crs-latitude-beyond-90", "lon"),
    ({"lat": 30.0}, "point-empty", "lon"),
    ({"lon": "abc", "lat": 30.0}, "point-not-a-number", "lon"),
    ({"lon": True, "lat": 30.0}, "point-not-a-number", "lon"),
    ({"lon": 104.28, "lat": {"deg": 30}}, "point-not-a-number", "lat"),
    ({**GRID, "crs": "wgs48"}, "crs-unknown", "crs"),
    ({**GRID, "crs": 4490}, "parameter-malformed", "crs"),
    ({**GRID, "crs": "x" * 20_001}, "parameter-malformed", "crs"),
    ({**GRID, "crs": "EPSG:4523"}, "crs-degrees-as-metres", "lon"),
    ({**GRID, "at": "2999-01-01"}, "future-moment", "at"),
    ({**GRID, "at": "1999-01-01"}, "before-first-edition", "at"),
    ({**GRID, "accuracy": -1}, "parameter-out-of-range", "accuracy"),
    ({**GRID, "accuracy": "30"}, "parameter-not-a-number", "accuracy"),
    ([104.28, 30.18], "point-not-json", None),
    (None, "point-not-json", None),
]


@pytest.mark.parametrize(("bad", "kind", "field"), BAD)
@pytest.mark.parametrize("lines", [False, True])
def test_a_bad_point_says_why_and_does_not_spoil_its_neighbours(client, lines, bad, kind, field):
    points = [GRID, bad, GRID]
    if lines:
        body = b"".join(json.dumps(point).encode() + b"\n" for point in points)
        found = list(map(json.loads, asked(client, body, NDJSON, crs="cgcs2000").text.splitlines()))
    else:
        found = answers(client, points)
    assert [one["status"] for one in found] == ["found", "error", "found"]
    error = found[1]["error"]
    assert error["type"] == f"urn:gridwarden:problem:{kind}"
    assert error["place"] == {"row": 2, **({"field": field} if field else {})}
    assert error["zh"] != error["en"] != ""


@pytest.mark.parametrize(
    "line",
    [b"{", b"nonsense", b"\xff\xfe", b"[" * 60_000, b'{"lon": ' + b"1" * 5000 + b"}", b'{"lon": NaN, "lat": 1}'],
)
def test_a_line_that_is_no_json_is_one_bad_point(client, line):
    good = json.dumps(GRID).encode()
    answer = asked(client, b"\n\n".join((good, line, good)), NDJSON, crs="cgcs2000")
    assert [json.loads(one)["status"] for one in answer.text.splitlines()] == ["found", "error", "found"]


def test_a_huge_line_is_passed_over_without_being_held(client):
    good = json.dumps(GRID).encode()
    answer = asked(client, good + b'\n{"lon": "' + b"9" * (40 << 20) + b'"}\n' + good, NDJSON, crs="cgcs2000")
    found = list(map(json.loads, answer.text.splitlines()))
    assert [one["status"] for one in found] == ["found", "error", "found"]
    assert found[1]["error"]["type"].endswith("point-line-too-long")


def test_ids_come_back_as_they_were(client):
    for given in ("甲 \ud800", 2**70, {"a": [1.5, None]}, None, False):
        (found,) = answers(client, [{**GRID, "id": given}])
        assert found["id"] == given


def test_degrees_minutes_and_seconds_are_understood(client):
    (found,) = answers(client, [{"lon": "104°16′48.737″E", "lat": "30°11′9.498″N"}])
    assert found["grid"] == answers(client, [GRID])[0]["grid"]


def test_a_point_may_have_its_own_moment(client):
    from_edition = client.get(PATH, params={**GRID, "crs": "cgcs2000", "edition": TEAMS_CAME - 1}).json()
    past, now = answers(client, [{**GRID, "at": from_edition["at"]}, GRID])
    assert plain(past) == plain(from_edition)
    assert (past["team"], past["edition"]) == (None, TEAMS_CAME - 1)
    assert now["team"] is not None


@pytest.mark.parametrize("where", ["query", "body", "edition"])
def test_all_points_may_be_asked_of_the_past(client, where):
    past = client.get(PATH, params={**GRID, "crs": "cgcs2000", "edition": TEAMS_CAME - 1}).json()
    body = {"crs": "cgcs2000", "points": [GRID, GRID]} | ({"at": past["at"]} if where == "body" else {})
    params = {"query": {"at": past["at"]}, "edition": {"edition": past["edition"]}, "body": {}}[where]
    document = asked(client, body, **params).json()
    assert document["edition"] == past["edition"]
    assert [plain(one) for one in document["answers"]] == [plain(past)] * 2


def test_all_points_of_a_request_see_one_edition(client, city_url):
    """The city changes while a request of many parts is read: its answers do not."""
    lines = b"".join(json.dumps(point).encode() + b"\n" for point in around(20_000))
    before = client.get("/health").json()["edition"]
    with client.stream(
        "POST", PATH, params={"crs": "cgcs2000"}, content=lines, headers={"Content-Type": NDJSON}
    ) as answer:
        received = answer.iter_lines()
        editions = {json.loads(next(received))["edition"]}
        with (
            connect(city_url) as connection,
            publication(connection, Signature("teams", "later", "test")) as opened,
        ):
            write_teams(connection, opened, {1: Team("甲", (Member("乙", "grid_worker", None, None),))})
        assert asked(client, {"crs": "wgs84", "points": []}, min_edition=opened.edition).json()["edition"] > before
        editions |= {json.loads(line)["edition"] for line in received}
    assert editions == {before}


@pytest.mark.parametrize("kind", [NDJSON, CSV, ARROW])
@pytest.mark.parametrize("whole", [True, False])
def test_nothing_is_left_on_the_disk(client, monkeypatch, tmp_path, kind, whole):
    """Neither after an answer, nor after a refusal, nor where the client goes away in the middle."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    points = around(20_000)
    bodies = {
        NDJSON: "".join(json.dumps(point) + "\n" for point in points).encode(),
        CSV: "\n".join(["lon,lat", *(f"{one['lon']},{one['lat']}" for one in points)]).encode(),
        ARROW: streamed(pa.Table.from_pylist(points)),
    }
    with client.stream(
        "POST", PATH, params={"crs": "cgcs2000"}, content=bodies[kind], headers={"Content-Type": kind}
    ) as answer:
        received = answer.iter_raw()
        next(received)
        if whole:
            assert sum(map(len, received)) > len(bodies[kind]) / 2
    asked(client, b"nothing of the kind", ARROW, crs="wgs84")
    until = time.monotonic() + 20
    while list(tmp_path.iterdir()):
        assert time.monotonic() < until, list(tmp_path.iterdir())
        time.sleep(0.02)


def test_an_edition_that_is_not_there_yet_is_waited_for_and_then_refused(client):
    answer = asked(client, {"crs": "wgs84", "points": [GRID]}, min_edition=10_000)
    refused(answer, "edition-not-yet", 503)
    assert answer.headers["Retry-After"] == "1"


def test_a_request_without_points_has_no_answers(client):
    assert answers(client, []) == []
    assert asked(client, b"", NDJSON, crs="wgs84").content == b""


@pytest.mark.parametrize(
    ("body", "kind", "params", "refusal"),
    [
        (b"{", "application/json", {}, "points-not-json"),
        (b"[" * 100_000, "application/json", {}, "body-too-deep"),
        (b"[]", "application/json", {}, "points-no-list"),
        (b'{"points": 1}', "application/json", {}, "points-no-list"),
        (b'{"crs": 1, "points": []}', "application/json", {}, "parameter-malformed"),
        (b'{"points": []}', "application/json", {"crs": "wgs48"}, "crs-unknown"),
        (b"", "application/xml", {}, "points-body-format"),
        (b"", NDJSON, {"crs": "wgs84", "accuracy": "-1"}, "parameter-out-of-range"),
        (b"", CSV, {"crs": "wgs84"}, "ledger-empty"),
        (b"a,b\n1,2\n", CSV, {"crs": "wgs84"}, "point-column-missing"),
        (b"lon,lat\n1,2\n", CSV, {}, "crs-missing"),
        (b"lon,lat\n" + b"1" * (2 << 20), CSV, {"crs": "wgs84"}, "ledger-line-too-long"),
        (b"lon,lat\n", ARROW, {"crs": "wgs84"}, "points-not-arrow"),
        (b"", ARROW, {"crs": "wgs84"}, "points-not-arrow"),
    ],
)
def test_what_is_wrong_with_a_request_is_a_problem(client, body, kind, params, refusal):
    status = 413 if refusal in {"ledger-line-too-long", "body-too-deep"} else 422
    refused(asked(client, body, kind, **params), refusal, status)


def test_a_format_that_cannot_be_written_is_refused(client):
    refused(asked(client, b"lon,lat\n", CSV, ARROW, crs="wgs84"), "points-answer-format")


@pytest.mark.parametrize("kind", ["application/json", NDJSON])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_over_the_limit_is_refused(narrow, kind, announced):
    body = b" " * ((1 << 20) + 1)
    content = body if announced else iter([body[: 1 << 19], body[1 << 19 :]])
    answer = narrow.post(PATH, content=content, headers={"Content-Type": kind})
    assert "1 MiB" in refused(answer, "points-body-too-large", 413)["en"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_keeps_its_columns_and_its_encoding(client, encoding):
    table = '编号;说明;经度;纬度\r\n1;"a;b";104.2802048;30.1859716\r\n2;;abc;1\r\n'
    answer = asked(client, table.encode(encoding), f"{CSV}; charset={encoding}", crs="cgcs2000")
    header, good, bad = answer.content.decode(encoding).splitlines()
    assert header == "编号;说明;经度;纬度;" + ";".join(ADDED)
    assert good.startswith('1;"a;b";104.2802048;30.1859716;found;true;519801001001001;')
    assert bad.startswith("2;;abc;1;invalid;false;;")
    assert answer.headers["Content-Type"] == f"text/csv; charset={encoding.removesuffix('-sig')}"


def streamed(table):
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def test_an_arrow_stream_keeps_its_columns_and_their_types(client):
    points = around(2500, seed=3)
    past = client.get(PATH, params={**GRID, "crs": "cgcs2000", "edition": TEAMS_CAME - 1}).json()["at"]
    table = pa.table(
        {
            "id": pa.array(range(2502), pa.int32()),
            "lon": [*(one["lon"] for one in points), None, GRID["lon"]],
            "lat": [*(one["lat"] for one in points), 30.0, GRID["lat"]],
            "at": [*[None] * 2501, past],
            "tag": pa.array(["x"] * 2502).dictionary_encode(),
        }
    )
    answer = asked(client, streamed(table), ARROW, crs="cgcs2000")
    found = pa.ipc.open_stream(answer.content).read_all()
    assert found.select(table.column_names).equals(table)
    expected = [one["grid"] and one["grid"]["code"] for one in answers(client, points)]
    assert found["gw_grid_code"].to_pylist()[:2500] == expected
    assert found["gw_certain"].type == pa.bool_()
    assert found["gw_border_m"].type == pa.float64()
    *_, empty, old = found.select(list(ADDED)).to_pylist()
    assert (empty["gw_status"], empty["gw_grid_code"], "empty" in asked_reason(empty)) == ("invalid", None, True)
    assert (old["gw_status"], old["gw_grid_code"]) == ("found", "519801001001001")


def asked_reason(row):
    return row["gw_reason"].replace("坐标为空", "empty")
