import re
import shutil
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import sync_playwright
from shapely import box

from maps.area_map import area_map
from maps.bundle_files import MEDIA_TYPES, bundle_path
from maps.layers import MapArea, MapLayer, Member, Team

pytestmark = pytest.mark.browser

QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
NASTY = "<script>alert('名')</script>\"`${alert(2)}`</script>\u2028<img src=x onerror=alert(3)>&amp;{{7*7}}"
CHAIN = (("city", "510100", "青禾市"), ("community", "510100001001", "桐花社区"))
TEAM = Team("第一服务团队", (Member("全科网格员", "虚构甲", "138****0001"), Member("民警", "虚构乙", None)))
NASTY_TEAM = Team(NASTY, (Member(NASTY, NASTY, NASTY),))

#  30.01  [ west ][ east ]     the school lies across the border of both grids,
#  30.00  [      ][      ]     all inside one community
#         104.00  104.01  104.02
WEST = MapArea("510100001001001", "西区网格", box(104, 30, 104.01, 30.01), CHAIN, TEAM, households=472)
EAST = MapArea("E<b>2", NASTY, box(104.01, 30, 104.02, 30.01), (("city", "1", NASTY),), NASTY_TEAM, category=NASTY)
SCHOOL = MapArea("510100001000800", "青禾一中", box(104.008, 30.006, 104.012, 30.009), CHAIN, None, category="学校")
COMMUNITY = MapArea("510100001001", "桐花社区", box(104, 30, 104.02, 30.01), CHAIN[:1])
LAYERS = (
    MapLayer("专属网格", "grid", "special", [SCHOOL]),
    MapLayer("网格 <i>", "grid", "general", [WEST, EAST]),
    MapLayer("社区", "community", "general", [COMMUNITY]),
)
IN_WEST, IN_EAST, IN_SCHOOL = (104.003, 30.003), (104.016, 30.002), (104.0085, 30.0085)


@pytest.fixture(scope="module")
def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET.split())
        yield browser
        browser.close()


@contextmanager
def served(files):
    """Serve a few texts on a loopback port; yields the address and the paths that were asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            media_type, body = files.get(self.path, ("text/plain", b""))
            self.send_response(200 if self.path in files else 404)
            self.send_header("Content-Type", f"{media_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


class Visit:
    """A page that is open in the browser, with everything that it asked for or complained about."""

    def __init__(self, page):
        self.page = page
        self.requests, self.dialogs, self.complaints = [], [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self.complaints.append(message.text))

    def spot(self, place):
        lon, lat = place
        x, y = self.page.evaluate(
            "([lon, lat]) => { const p = map_page.latLngToContainerPoint([lat, lon]);"
            " const b = map_page.getContainer().getBoundingClientRect(); return [p.x + b.x, p.y + b.y]; }",
            [lon, lat],
        )
        return x, y

    def click(self, place):
        self.page.mouse.click(*self.spot(place))
        self.page.wait_for_selector(".gw-popup")

    def texts(self, selector):
        return self.page.locator(selector).all_text_contents()


@contextmanager
def visit(chromium, files, path="/"):
    with served(files) as (address, asked):
        page = chromium.new_page(viewport={"width": 1366, "height": 768})
        try:
            seen = Visit(page)
            page.goto(address + path)
            seen.address, seen.asked = address, asked
            yield seen
        finally:
            page.close()


@pytest.fixture(params=["zh", "en"])
def lang(request):
    return request.param


@pytest.fixture
def shown(chromium, lang):
    html = area_map(
        LAYERS,
        title="青禾市网格图 <b>",
        source="虚构的样例 " + NASTY,
        date_text="2025-11-21 · 第 3 期",
        lang=lang,
        attribution="某某测绘",
        review_number="示例 001 号",
    )
    with visit(chromium, {"/": ("text/html", html.encode())}) as seen:
        seen.page.wait_for_selector(".gw-legend li")
        yield seen
        assert seen.requests == [seen.address + "/"]
        assert seen.asked == ["/"]
        assert seen.dialogs == []
        assert seen.complaints == []


def test_a_click_on_an_area_shows_its_chain_and_team(shown, lang):
    shown.click(IN_WEST)
    assert shown.texts(".gw-popup h2") == ["西区网格"]
    assert shown.texts(".gw-step") == ["青禾市", "桐花社区"]
    assert shown.texts(".gw-facts td") == ["510100001001001", "472"]
    assert shown.texts(".gw-popup h3") == [{"zh": "服务团队：", "en": "Service team: "}[lang] + "第一服务团队"]
    hidden = {"zh": "已隐藏", "en": "hidden"}[lang]
    assert shown.texts(".gw-team th") == ["全科网格员", "民警"]
    assert shown.texts(".gw-team td") == ["虚构甲", "138****0001", "虚构乙", hidden]


def test_hostile_text_is_shown_as_text(shown):
    shown.page.mouse.move(*shown.spot(IN_EAST))
    shown.page.wait_for_selector(".gw-tooltip")
    assert shown.texts(".gw-tooltip b") == [NASTY]
    assert shown.texts(".gw-tooltip .gw-code") == ["E<b>2"]
    shown.click(IN_EAST)
    assert shown.texts(".gw-popup h2") == [NASTY]
    assert shown.texts(".gw-step") == [NASTY]
    assert shown.texts(".gw-facts td") == ["E<b>2", NASTY]
    assert shown.texts(".gw-popup h3")[0].endswith(NASTY)
    assert shown.texts(".gw-team th") == [NASTY]
    assert shown.texts(".gw-team td") == [NASTY, NASTY]
    assert shown.texts("h1") == ["青禾市网格图 <b>"]
    assert shown.page.title() == "青禾市网格图 <b>"
    assert shown.page.locator("main img, main script, main b b, main i i i").count() == 0


def test_layer_names_are_text_in_the_switch_and_the_legend(shown):
    assert "网格 <i>" in shown.texts(".gw-legend li span")
    assert any("网格 <i>" in text for text in shown.texts(".leaflet-control-layers label"))


def test_a_special_grid_lies_above_the_general_ones(shown, lang):
    shown.click(IN_SCHOOL)
    assert shown.texts(".gw-popup h2") == ["青禾一中"]
    assert shown.texts(".gw-kind") == [{"zh": "专属网格", "en": "special grid"}[lang]]
    assert shown.texts(".gw-none") == [{"zh": "没有登记团队", "en": "No team on record"}[lang]]
    hatched = shown.page.locator(".leaflet-pane path[fill='url(#gw-hatch)']")
    assert hatched.count() == 1
    assert shown.page.locator("#gw-hatch").count() == 1


def test_legend_scale_source_and_date_stand_on_the_page(shown, lang):
    assert shown.texts(".gw-legend h2") == [{"zh": "图例", "en": "Legend"}[lang]]
    assert shown.texts(".gw-legend li span") == ["社区", "网格 <i>", "专属网格"]
    assert re.fullmatch(r"[1-9]00 m", shown.texts(".leaflet-control-scale-line")[0])
    footer = shown.texts(".gw-footer")[0]
    for text in ("虚构的样例 " + NASTY, "2025-11-21 · 第 3 期", "某某测绘", "示例 001 号"):
        assert text in footer
    assert shown.page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[lang]
    assert shown.texts("header span") == ["社区 1", "网格 <i> 2", "专属网格 1", "2025-11-21 · 第 3 期"]


def test_the_scale_bar_is_as_long_as_it_says(shown):
    bar = shown.page.locator(".leaflet-control-scale-line")
    measured_m = shown.page.evaluate(
        "width => { const at = x => map_page.containerPointToLatLng([x, map_page.getSize().y / 2]);"
        " return map_page.distance(at(0), at(width)); }",
        bar.bounding_box()["width"],
    )
    assert measured_m == pytest.approx(int(bar.text_content().removesuffix(" m")), rel=0.02)


def test_no_address_of_another_host_is_on_the_page(shown):
    shown.click(IN_EAST)
    addresses = shown.page.evaluate(
        "[...document.querySelectorAll('[src],[href]')].map(e => e.getAttribute('src') ?? e.getAttribute('href'))"
    )
    assert all(address in ("data:,", "#", "#close") for address in addresses)


def test_the_page_may_not_ask_another_host(shown):
    denied = shown.page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'asked', error => error.name)")
    assert denied == "TypeError"
    assert any("Content Security Policy" in text for text in shown.complaints)
    shown.complaints.clear()
    shown.requests[:] = [url for url in shown.requests if ":9/" not in url]


def test_the_finest_level_on_show_is_the_coloured_one(shown):
    def fills():
        return shown.page.evaluate(
            "map_page.getPane('gw-areas-0').querySelector('path').getAttribute('fill').toUpperCase()"
        )

    assert fills() == "#F3F2EE"
    shown.page.locator(".leaflet-control-layers-selector").nth(1).click()
    assert fills() == "#77AADD"
    assert shown.texts(".gw-legend li span") == ["社区", "专属网格"]
    shown.click(IN_WEST)
    assert shown.texts(".gw-popup h2") == ["桐花社区"]


def test_neighbours_have_different_fills(shown):
    fills = shown.page.evaluate(
        "[...map_page.getPane('gw-areas-1').querySelectorAll('path')].map(path => path.getAttribute('fill'))"
    )
    assert sorted(fills) == ["#77AADD", "#EEDD88"]


def test_names_stand_on_the_map_and_can_be_hidden(shown):
    assert shown.texts(".gw-label") == ["西区网格"]
    shown.page.locator(".leaflet-control-layers-selector").last.click()
    assert shown.texts(".gw-label") == []


def test_everything_fits_the_window(shown):
    size = shown.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [1366, 768]
    for control in (".gw-legend", ".leaflet-control-layers", ".leaflet-control-scale", ".gw-footer", ".gw-banner"):
        box_px = shown.page.locator(control).bounding_box()
        assert box_px["x"] >= 0
        assert box_px["x"] + box_px["width"] <= 1366
        assert box_px["y"] + box_px["height"] <= 768


def test_swagger_ui_runs_from_the_bundle_alone(chromium):
    files = {f"/{name}": (kind, bundle_path(name).read_bytes()) for name, kind in MEDIA_TYPES.items()}
    page = (
        "<!DOCTYPE html><link rel=icon href='data:,'><link rel=stylesheet href=/swagger-ui.css><div id=ui></div>"
        "<script src=/swagger-ui-bundle.js></script>"
        "<script>SwaggerUIBundle({url: '/openapi.json', dom_id: '#ui', validatorUrl: null})</script>"
    )
    api = b'{"openapi":"3.1.0","info":{"title":"T","version":"1"},"paths": {"/locate": {"get": {"responses": {}}}}}'
    files |= {"/": ("text/html", page.encode()), "/openapi.json": ("application/json", api)}
    with visit(chromium, files) as seen:
        seen.page.wait_for_selector(".opblock")
        assert "/locate" in seen.texts(".opblock-summary-path")[0].replace("\u200b", "")
        asked = {url.removeprefix(seen.address) for url in seen.requests if not url.startswith("data:")}
        assert asked == {"/", "/swagger-ui.css", "/swagger-ui-bundle.js", "/openapi.json"}
        assert seen.complaints == []
