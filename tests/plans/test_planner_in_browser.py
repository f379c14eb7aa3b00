"""The web editor, driven by the mouse as planners drive it: real Chromium, real service, real PostGIS.

The town is drawn in ``conftest.py``. Screenshots go to the folder that ``$PICTURES`` names.
"""

import math
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright
from shapely import LineString

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WEST, EAST = "511402002001", "511402002002"
G1, G2, G3, G4 = (f"{WEST}00{number}" for number in (1, 2, 3, 4))
G5, G6 = f"{EAST}001", f"{EAST}002"
MARKET = f"{WEST}801"
NASTY = "<script>alert(1)</script>"
ORIGIN, UNIT = (104.0, 30.0), 0.001
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
ZOOM = 17
METRES_A_PIXEL = 2 * math.pi * 6378137 / 256 / 2**ZOOM


def mercator(lon, lat):
    radius = 6378137
    return radius * math.radians(lon), radius * math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))


class Editor:
    """A planner before the screen."""

    def __init__(self, context, client):
        self.client, self.base = client, str(client.base_url)
        self.page = context.new_page()
        self.foreign, self.complaints, self.edition = [], [], 0
        self.page.on("request", self._asked)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))

    def _asked(self, request):
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.foreign.append(request.url)

    def open(self, name="李四", x=4.0, y=2.0, more=""):
        """Open the page, looking at a drawn place."""
        lon, lat = ORIGIN[0] + x * UNIT, ORIGIN[1] + y * UNIT
        self.centre = mercator(lon, lat)
        self.page.goto(f"{self.base}/planner#map={ZOOM}/{lat:.6f}/{lon:.6f}{more}")
        self.page.locator("body[data-ready=yes]").wait_for()
        self.page.locator("input.name").fill(name)

    def reload(self):
        self.page.reload()
        self.page.locator("body[data-ready=yes]").wait_for()

    def at(self, x, y):
        """Return where a drawn point stands on the screen."""
        box = self.page.locator("#map").bounding_box()
        east, north = mercator(ORIGIN[0] + x * UNIT, ORIGIN[1] + y * UNIT)
        return (
            box["x"] + box["width"] / 2 + (east - self.centre[0]) / METRES_A_PIXEL,
            box["y"] + box["height"] / 2 - (north - self.centre[1]) / METRES_A_PIXEL,
        )

    def click(self, x, y):
        self.page.mouse.click(*self.at(x, y))

    def drag(self, start, end, drop=True):
        """Drag from one drawn point to another."""
        mouse = self.page.mouse
        mouse.move(*self.at(*start))
        mouse.down()
        mouse.move(*self.at((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), steps=4)
        mouse.move(*self.at(*end), steps=4)
        if drop:
            mouse.up()

    def draw(self, *places):
        """Click along a line, and on its end once more."""
        for place in places:
            self.page.mouse.move(*self.at(*place))
            self.click(*place)
        self.page.keyboard.press("Enter")

    def begin(self, title):
        """Begin a plan; return its number."""
        self.page.get_by_role("tab", name="方案").click()
        self.page.get_by_label("方案名称").fill(title)
        self.page.get_by_role("button", name="开始").click()
        self.tools()
        return int(re.search(r"plan=(\d+)", self.page.url)[1])

    def tools(self):
        """Wait until the areas can be edited."""
        expect(self.page.locator("#tool-redraw")).to_be_enabled()

    def take(self, tool):
        self.page.locator(f"#tool-{tool}").click()

    def steps(self, count):
        """Wait until so many steps are kept, and everything is told about them."""
        expect(self.page.locator("#panel-plan .steps li")).to_have_count(count)
        self.page.locator("body[data-keeping=saved]").wait_for()

    def tab(self, name):
        self.page.get_by_role("tab", name=name).click()

    def panel(self, name):
        return self.page.locator(f"#panel-{name}").inner_text()

    def decide(self):
        """Hand the plan in, let somebody else approve and publish it; return the edition."""
        page = self.page
        self.tab("审核")
        page.locator("#submit").click()
        page.get_by_label("以上我都看过").check()
        page.locator("dialog").get_by_role("button", name="提交审核").click()
        page.locator("input.name").fill("王五")
        page.locator("#approve").click()
        page.locator("#publish").click()
        expect(page.locator("#panel-plan .state.published")).to_have_count(1)
        self.sound()
        page.locator("body[data-published]").wait_for()
        self.edition = int(page.locator("body").get_attribute("data-published"))
        return self.edition

    def sound(self):
        """Nothing went to another host, and nothing went wrong unseen."""
        assert (self.foreign, self.complaints) == ([], [])

    def picture(self, name):
        folder = os.environ.get("PICTURES")
        if folder:
            self.page.wait_for_timeout(1500)
            self.page.screenshot(path=Path(folder) / f"{name}.png")

    def grid_at(self, x, y):
        """Ask the service, as an app does."""
        lon, lat = ORIGIN[0] + x * UNIT, ORIGIN[1] + y * UNIT
        answer = self.client.get(
            "/api/v1/locate", params={"lon": lon, "lat": lat, "crs": "cgcs2000", "min_edition": self.edition}
        )
        grid = answer.json()["grid"]
        return grid and grid["code"]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        expect.set_options(timeout=40_000)
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET.split())
        yield chromium
        chromium.close()


@pytest.fixture
def editor(browser, http):
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    context.set_default_timeout(40_000)
    planner = Editor(context, http)
    yield planner
    planner.picture("last")
    context.close()


def test_an_overloaded_grid_is_split_along_a_drawn_street(editor, town):
    editor.open()
    editor.click(1, 3)
    expect(editor.page.locator("#panel-ask .grid-title")).to_contain_text(G1)
    editor.picture("ask")
    editor.begin("第一网格一分为二")
    editor.take("split")
    editor.draw((-0.1, 2.1), (1, 2.0), (2.1, 1.9))
    editor.steps(1)
    editor.tab("检查")
    expect(editor.page.locator("#panel-check .sizes tbody tr")).to_have_count(2)
    assert re.findall(r"612", editor.panel("check")) == ["612", "612"]
    editor.picture("split")
    edition = editor.decide()
    assert edition == town.edition()
    assert {editor.grid_at(1, 3), editor.grid_at(1, 1)} == {G1, f"{WEST}005"}


def test_two_small_grids_become_one_on_everybodys_map(editor, town):
    editor.open()
    watcher = editor.page.context.new_page()
    watcher.goto(f"{editor.base}/planner#map={ZOOM}/30.002/104.004")
    watcher.locator("body[data-edition]").wait_for()
    editor.page.bring_to_front()
    editor.begin("第二、第三网格合并")
    editor.take("merge")
    editor.click(3, 0.5)
    editor.page.wait_for_timeout(300)
    editor.click(3, 1.5)
    expect(editor.page.get_by_role("button", name="合并 2 个网格")).to_be_enabled()
    editor.picture("merge")
    editor.page.keyboard.press("Enter")
    editor.steps(1)
    editor.tab("检查")
    expect(editor.page.locator("#panel-check .sizes")).to_contain_text("260")
    editor.tab("审核")
    editor.page.locator("#swipe-on").check()
    editor.page.wait_for_timeout(300)
    editor.picture("swipe")
    edition = editor.decide()
    watcher.locator(f"body[data-edition='{edition}']").wait_for()
    assert (editor.grid_at(3, 0.5), editor.grid_at(3, 1.5)) == (G3, G3)


def test_a_market_moves_and_its_old_site_ends_in_the_same_step(editor, town):
    editor.open()
    editor.begin("青禾市场迁址")
    editor.take("special")
    editor.draw((4.5, 1), (5, 1), (5, 1.5), (4.5, 1.5))
    page = editor.page
    page.locator("[name=special-name]").fill(f"青禾新市场{NASTY}")
    page.locator("[name=replaces]").select_option(MARKET)
    editor.picture("special")
    page.get_by_role("button", name="建立").click()
    editor.steps(2)
    assert NASTY in editor.panel("plan")
    editor.decide()
    moved = f"{EAST}800"
    assert (editor.grid_at(4.7, 1.2), editor.grid_at(3, 2.7)) == (moved, G4)
    editor.tab("查询")
    editor.click(4.7, 1.2)
    expect(page.locator("#panel-ask .grid-title")).to_contain_text(f"青禾新市场{NASTY}")


def test_a_dragged_node_moves_both_neighbours_and_leaves_no_gap(editor, town):
    editor.open()
    editor.begin("边界东移")
    editor.take("redraw")
    editor.drag((3.0, 1.0), (3.0, 1.3))
    editor.steps(1)
    editor.tab("检查")
    expect(editor.page.locator("#panel-check .sizes tbody tr")).to_have_count(2)
    editor.picture("redraw")
    before = town.shape(G2).area
    edition = editor.decide()
    south, north = town.shape(G2), town.shape(G3)
    assert south.area > before
    place = (104.003, 30.0013)
    assert south.boundary.distance(point(place)) < 2e-5
    assert north.boundary.distance(point(place)) < 2e-5
    assert (south.intersection(north).area, edition) == (0, town.edition())
    audit = town.run("audit", "--json")
    assert audit.document["counts"].keys() <= {"team", "size", "multipart"}


def point(place):
    return LineString([place, place]).centroid


def test_a_corner_that_communities_share_moves_at_both_levels(editor, town):
    editor.open()
    editor.begin("东西社区界线调整")
    editor.take("redraw")
    editor.drag((4.0, 1.0), (4.3, 1.0))
    editor.steps(2)
    editor.tab("检查")
    expect(editor.page.locator("#panel-check")).to_contain_text("没有妨碍发布的问题")
    editor.decide()
    assert town.grid_at(4.1, 1.0) in (G2, G3)


def test_an_overlap_is_shown_and_cannot_be_handed_in_until_it_is_undone(editor, town):
    before = town.edition()
    editor.open()
    plan = editor.begin("只改一个网格")
    editor.take("redraw")
    editor.click(3, 0.5)
    editor.page.wait_for_timeout(300)
    editor.page.locator("#follow").uncheck()
    editor.drag((3.0, 1.0), (3.0, 1.4))
    editor.steps(1)
    editor.tab("检查")
    expect(editor.page.locator("#panel-check .finding.stops").first).to_contain_text("重叠")
    editor.page.locator("#panel-check .finding.stops").first.click()
    editor.page.wait_for_timeout(400)
    editor.picture("overlap")
    editor.tab("审核")
    editor.page.locator("#submit").click()
    expect(editor.page.locator(".toast")).to_contain_text("妨碍发布")
    assert editor.page.locator("dialog").count() == 0
    refused = editor.client.post(f"/api/v1/plans/{plan}/submit", json={"actor": "李四"})
    assert (refused.status_code, town.edition()) == (409, before)
    editor.page.keyboard.press("Control+z")
    editor.steps(0)
    editor.sound()


def test_undoing_everything_is_the_start_and_a_reload_loses_nothing(editor, town):
    start = {code: town.shape(code).wkb for code in (G1, G2, G3)}
    editor.open()
    plan = editor.begin("试画")
    editor.take("redraw")
    editor.drag((3.0, 1.0), (3.0, 1.3))
    editor.steps(1)
    editor.take("split")
    editor.draw((-0.1, 2.1), (2.1, 1.9))
    editor.steps(2)
    editor.reload()
    editor.tools()
    editor.steps(2)
    for left in (1, 0):
        editor.page.keyboard.press("Control+z")
        editor.steps(left)
    check = editor.client.get(f"/api/v1/plans/{plan}").json()
    assert check["operations"] == []
    assert {code: town.shape(code).wkb for code in start} == start
    editor.reload()
    editor.tools()
    editor.page.keyboard.press("Control+y")
    editor.steps(1)
    editor.page.keyboard.press("Control+Shift+z")
    editor.steps(2)
    editor.sound()


@contextmanager
def process(town, port):
    """Run the service on a port as a process of its own."""
    home = town.folder / "home"
    command = [str(Path(sys.executable).with_name("gridwarden")), "serve", "--port", str(port), "--workers", "1"]
    environment = {**os.environ, "DATABASE_URL": town.url, "GRIDWARDEN_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False, timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        yield running
        running.send_signal(signal.SIGKILL)


def test_the_service_dies_in_the_middle_of_a_drag_and_the_draft_survives(browser, town):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    context = browser.new_context(viewport={"width": 1024, "height": 768}, locale="zh-CN")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
        editor = Editor(context, client)
        with process(town, port) as running:
            editor.open()
            plan = editor.begin("拖到一半")
            editor.take("redraw")
            editor.drag((3.0, 1.0), (3.0, 1.3), drop=False)
            running.kill()
            running.wait()
            editor.page.mouse.up()
            expect(editor.page.locator(".banner")).to_contain_text("改动留在本机")
            editor.picture("unsaved")
        with process(town, port):
            editor.steps(1)
            operations = client.get(f"/api/v1/plans/{plan}").json()["operations"]
            assert [one["op"] for one in operations] == ["patch"]
            assert {one["code"] for one in operations[0]["boundaries"]} == {G2, G3}
            assert editor.foreign == []
            context.close()
