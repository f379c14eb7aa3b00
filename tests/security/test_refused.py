"""What was tried on the service and came to nothing: every text is a text, every path is one of ours.

The town is the invented city; each attempt goes through the door that an attacker takes.
"""

import json
import re
import shutil
from urllib.parse import quote

import pytest
from playwright.sync_api import sync_playwright

from maps.bundle_files import MEDIA_TYPES

PLANS = "/api/v1/plans"
GRID = "519801001001001"
SQL = (
    "'; DROP TABLE area; --",
    "' OR '1'='1",
    "1); SELECT pg_sleep(20); --",
    "\\'; DELETE FROM plan; --",
    "$$; DROP SCHEMA gridwarden CASCADE; $$",
    ":at; SELECT 1",
    "%(code)s",
    "{0.__class__}",
    "{{7*7}}",
)
SCRIPTS = (
    "<script>window.pwned=1</script>",
    '"><img src=x onerror=window.pwned=1>',
    "</script><script>window.pwned=1</script>",
    "'-(window.pwned=1)-'",
    "{{ cycler.__init__.__globals__ }}{% raw %}<svg onload=window.pwned=1>",
    "</title><script>window.pwned=1</script>",
    "</style><script>window.pwned=1</script>",
    "javascript:window.pwned=1",
)
ESCAPES = (
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "..\\..\\etc\\passwd",
    "/etc/passwd",
    "....//....//etc/passwd",
    "%00leaflet.js",
    "leaflet.js%00",
    "file:///etc/passwd",
)


@pytest.fixture(scope="module")
def client(served, city_url):
    with served(city_url) as found:
        yield found


@pytest.fixture(scope="module")
def before(client):
    return state(client)


def state(client):
    found = [client.get("/health").json()["edition"]]
    for level in ("city", "county", "town", "community", "grid"):
        items = client.get("/api/v1/areas", params={"level": level, "limit": 1000}).json()["items"]
        found.append([(one["code"], one["name"]) for one in items])
    return found


def text_parameters(client):
    """Yield every query and path parameter of the service that takes a text, with a whole question around it."""
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        operation = methods.get("get")
        if operation is None:
            continue
        given = {each["name"]: each for each in operation.get("parameters", [])}
        for name, each in given.items():
            kinds = [each["schema"].get("type"), *(one.get("type") for one in each["schema"].get("anyOf", ()))]
            if "string" in kinds:
                yield path, name, given


def example_of(parameter):
    if "examples" in parameter:
        return next(iter(parameter["examples"].values()))["value"]
    return parameter["schema"]["examples"][0]


def asked(client, path, given, name, value):
    """Ask with one parameter of the attacker's, and the required ones as the document shows them."""
    values = {key: example_of(each) for key, each in given.items() if each["required"]} | {name: value}
    inside = {key for key, each in given.items() if each["in"] == "path"}
    for key in inside:
        path = path.replace("{" + key + "}", quote(str(values[key]), safe=""))
    return client.get(path, params={key: one for key, one in values.items() if key not in inside})


@pytest.mark.parametrize("attempt", SQL)
def test_sql_in_any_text_of_a_question_is_a_text(client, before, attempt):
    tried = 0
    for path, name, given in text_parameters(client):
        answer = asked(client, path, given, name, attempt)
        assert answer.status_code < 500, (path, name, answer.text)
        assert answer.elapsed.total_seconds() < 15, (path, name)
        tried += 1
    assert tried > 20
    assert state(client) == before


@pytest.mark.parametrize("attempt", SQL)
def test_sql_in_any_text_of_a_plan_is_a_text(client, before, attempt):
    operations = [{"op": "rename", "code": GRID, "name": attempt, "local_code": attempt[:20]}]
    made = client.post(PLANS, json={"title": attempt, "actor": "tester", "reason": attempt, "operations": operations})
    assert made.status_code == 201, made.text
    plan = made.json()
    assert (plan["title"], plan["operations"][0]["name"]) == (attempt, attempt)
    number = plan["plan"]
    for action in ("comments", "submit", "approve", "reject", "withdraw"):
        answer = client.post(f"{PLANS}/{number}/{action}", json={"actor": "other", "reason": attempt})
        assert answer.status_code < 500, answer.text
    unknown = {"op": "rename", "code": attempt, "name": "x"}
    answer = client.post(PLANS, json={"title": "t", "actor": "a", "operations": [unknown]})
    assert answer.status_code in (404, 409, 422), answer.text
    assert state(client) == before


@pytest.mark.parametrize("attempt", SQL)
def test_sql_in_jobs_exceptions_and_tables_of_points_is_a_text(client, before, attempt):
    for path, body in (
        ("/api/v1/jobs", {"task": "audit", "within": attempt, "level": attempt}),
        ("/api/v1/findings/accept", {"ids": [attempt], "kinds": [attempt], "reason": attempt, "actor": "a"}),
        ("/api/v1/findings/accept", {"baseline": attempt, "within": attempt, "reason": attempt, "actor": "a"}),
        ("/api/v1/findings/revoke", {"exceptions": [1], "reason": attempt, "actor": "a"}),
        ("/api/v1/locate", {"crs": attempt, "at": attempt, "points": [{"lon": 104.28, "lat": 30.18, "crs": attempt}]}),
    ):
        answer = client.post(path, json=body)
        assert answer.status_code < 500, (path, answer.text)
    table = f'lon,lat,"{attempt}"\n104.28,30.18,"{attempt}"\n'.encode()
    answer = client.post("/api/v1/locate?crs=cgcs2000", content=table, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 200
    assert state(client) == before


@pytest.mark.parametrize("attempt", ESCAPES)
def test_a_path_leads_to_none_but_our_own_files(client, attempt):
    for root in ("/assets/", "/planner/", "/planner/assets/", "/tiles/", "/basemap/", "/"):
        answer = client.get(f"{root}{attempt}")
        assert answer.status_code in (307, 400, 401, 404, 422) or "text/html" in answer.headers["content-type"], root
        assert "root:" not in answer.text
    assert client.get("/assets/leaflet.js").status_code == 200
    assert "__init__.py" not in MEDIA_TYPES


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "/vsicurl/http://127.0.0.1:1/x", "a.vrt"])
def test_a_crs_reads_no_file_and_asks_no_host(client, name):
    for crs in (name, f"+proj=longlat +nadgrids={name}", f"+init={name}:4326", f"urn:{name}"):
        answer = client.get("/api/v1/locate", params={"lon": 104.28, "lat": 30.18, "crs": crs})
        assert answer.status_code == 422, answer.text


def test_what_is_not_asked_for_cannot_be_set(client):
    """Mass assignment: members that a body may not have change nothing."""
    extra = {"state": "approved", "author": "boss", "edition": 7, "plan": 1, "digest": "0", "kind": "import", "id": 1}
    answer = client.post(PLANS, json={"title": "t", "actor": "tester", **extra})
    if answer.status_code == 201:
        made = answer.json()
        assert (made["state"], made["kind"], made["edition"]) == ("draft", "operations", None)
        assert made["author"] != "boss"
    else:
        assert answer.status_code == 422


def test_an_operation_cannot_smuggle_members(client):
    operation = {"op": "rename", "code": GRID, "name": "x", "level": "city", "author": "boss", "__class__": "x"}
    answer = client.post(PLANS, json={"title": "t", "actor": "a", "operations": [operation]})
    assert answer.status_code in (201, 422)
    if answer.status_code == 201:
        assert set(answer.json()["operations"][0]) <= {"op", "code", "name", "local_code", "category"}


# ---- scripts in texts, in every page


@pytest.fixture(scope="module")
def spoilt(served, cluster, clone, city_template):
    """A city whose names, teams and plans are attempts: published, as if a planner had been careless."""
    with clone(city_template) as name:
        url = cluster.url("app", name)
        with served(url) as client:
            yield client, spoil(client)


def spoil(client):
    grids = client.get("/api/v1/areas", params={"level": "grid", "limit": len(SCRIPTS)}).json()["items"]
    operations = [
        {"op": "rename", "code": grid["code"], "name": attempt, "local_code": attempt[:60]}
        for grid, attempt in zip(grids, SCRIPTS, strict=True)
    ]
    body = {"title": " ".join(SCRIPTS)[:500], "actor": "<b onclick=window.pwned=1>", "reason": SCRIPTS[0]}
    number = client.post(PLANS, json={**body, "operations": operations}).json()["plan"]
    signed = {"actor": SCRIPTS[1][:64], "reason": SCRIPTS[2]}
    submitted = client.post(f"{PLANS}/{number}/submit", json={**signed, "acknowledge_unplaced": True})
    assert submitted.status_code == 200, submitted.text
    assert client.post(f"{PLANS}/{number}/approve", json=signed).status_code == 200
    published = client.post(f"{PLANS}/{number}/publish", json=signed)
    assert published.status_code == 200, published.text
    return number, grids[0]["code"][:12]


def pages(number, community):
    return (
        "/",
        f"/maps?level=grid&within={community}",
        f"/maps?level=grid&within={community}&lang=en",
        f"{PLANS}/{number}/sheet",
        f"{PLANS}/{number}/map",
        "/sign-in?next=%22%3E%3Cscript%3Ewindow.pwned=1%3C/script%3E",
    )


def test_scripts_in_texts_never_stand_as_scripts_in_a_page(spoilt):
    client, made = spoilt
    shown = 0
    for path in pages(*made):
        text = client.get(path).text
        outside = re.sub(r"<(script|style)>.*?</\1>", "", text, flags=re.DOTALL)
        for attempt in SCRIPTS[:3]:
            assert attempt not in outside, path
        assert "<img src=x" not in text
        assert "<svg onload" not in text
        shown += "pwned" in text
    assert shown >= 4


@pytest.mark.browser
@pytest.mark.slow
def test_scripts_in_texts_are_not_run_by_a_browser(spoilt):
    client, made = spoilt
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            for path in pages(*made):
                page = browser.new_page()
                complaints = []
                page.on("console", lambda line, heard=complaints: heard.append(line.text))
                page.on("dialog", lambda dialog, heard=complaints: heard.append("dialog"))
                page.goto(str(client.base_url).rstrip("/") + path)
                page.wait_for_load_state("load")
                for shape in page.locator("path.leaflet-interactive").all()[:10]:
                    shape.dispatch_event("click")
                assert page.evaluate("window.pwned") is None, path
                assert [text for text in complaints if "Content Security Policy" in text] == [], path
                page.close()
        finally:
            browser.close()


def test_a_foreign_file_name_is_a_text_in_reports(tmp_path, gridwarden):
    name = "<img src=x onerror=window.pwned=1>.geojson"
    ring = [[104.0, 30.0], [104.01, 30.0], [104.01, 30.01], [104.0, 30.0]]
    feature = {
        "type": "Feature",
        "properties": {"code": GRID, "name": SCRIPTS[0]},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    file = tmp_path / name
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    out = tmp_path / "report.html"
    gridwarden("check", file, "--format", "html", "--out", out)
    text = out.read_text("utf-8")
    assert "<img src=x" not in text
    assert SCRIPTS[0] not in re.sub(r"<(script|style)>.*?</\1>", "", text, flags=re.DOTALL)
