"""The map of a plan in a browser: before and after, the land that changes hands, and no word to any other host.

The town is drawn in ``conftest.py``.
"""

import shutil

import pytest
from playwright.sync_api import sync_playwright
from shapely import box

pytestmark = pytest.mark.browser

G1, G2 = "511402002001001", "511402002001002"
NORTH = "511402002001005"
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
NASTY = "<script>alert(1)</script>{{7*7}}"


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=QUIET.split())
        yield browser.new_page(viewport={"width": 1366, "height": 768})
        browser.close()


def test_the_map_of_a_plan_shows_both_sides_and_asks_no_host(town, page):
    plan = town.new(f"一分为二{NASTY}")
    town.add(plan, "split", "--codes", G1, "--geometry", town.draw("parts", box(0, 2, 2, 4)), "--new-names", NASTY)
    town.add(plan, "rename", "--codes", G2, "--name", "南门网格")
    out = town.folder / "plan.html"
    assert town.run("plan", "map", plan, "--out", out).exit_code == 0
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.goto(out.as_uri())
    drawn = page.locator(".leaflet-gw-state-pane path")
    after = drawn.count()
    page.get_by_label("之前").check()
    before = drawn.count()
    rows = page.locator("tr[data-row]").all_inner_texts()
    page.locator("tr[data-row]").first.click()
    assert after == before + 1
    changed = [row for row in rows if not row.startswith("仅增节点")]
    assert [row.split()[1] for row in changed] == [G1, G2, NORTH]
    assert f"一分为二{NASTY}" in page.locator("body").inner_text()
    assert NASTY in changed[2]
    assert (asked, complaints) == ([out.as_uri()], [])
