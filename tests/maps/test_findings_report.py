"""The report of a check as a page: what a planner sees, clicks and hands on."""

import shutil
from dataclasses import replace

import pytest
import shapely
from playwright.sync_api import sync_playwright
from shapely import box

from geo.areas import areas
from geo.check_report import CheckInput, CheckReport
from geo.coverage import check
from geo.errors import BadInput
from maps.findings_map import MOST_FINDINGS, map_data
from maps.findings_report import MOST_LISTED, findings_page

QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
NASTY = "<script>alert('名')</script>\"`${alert(2)}`</script>\u2028<img src=x onerror=alert(3)>&amp;{{7*7}}"
SHA = "0123456789abcdef" * 4

#  30.01  [  west  ]             east lies over west by a tenth,
#  30.00  [  west [][  east ]    and nothing covers the land above east
#         104.00  104.009  104.02
WEST, EAST = box(104, 30, 104.01, 30.01), box(104.009, 30, 104.02, 30.005)
PARENT = box(104, 30, 104.02, 30.01)
SPIKY = shapely.Polygon([(104, 30.02), (104.01, 30.03), (104.01, 30.02), (104, 30.03)])


def report_of(level, parents=None, **given):
    facts = {
        "result": check(level, parents, lattice=False),
        "crs": "EPSG:4490",
        "areas": level,
        "parents": parents,
        "inputs": (CheckInput("grids.shp", SHA, "areas", "Shapefile", "grids", "CGCS2000 (EPSG:4490)", len(level)),),
        "versions": {"gridwarden": "0.1.0", "geos": "3.14.1"},
        "command": "gridwarden check grids.shp --tolerance 1",
        "remarks": (),
    }
    return CheckReport(**{**facts, **given})


LEVEL = areas("grid", ["W", NASTY, "X"], [WEST, EAST, SPIKY], names=["西区网格", NASTY, "X"])
REPORT = report_of(
    LEVEL,
    areas("community", ["P"], [PARENT], names=[NASTY]),
    inputs=(CheckInput(NASTY, SHA, "areas", "GeoJSON", NASTY, NASTY, 3),),
    command=NASTY,
    remarks=(BadInput("rows-doubtful", name=NASTY, count=2),),
)


@pytest.fixture(scope="module")
def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET.split())
        yield browser
        browser.close()


@pytest.fixture(params=["zh", "en"])
def lang(request):
    return request.param


@pytest.fixture
def page(chromium, lang, tmp_path):
    """Open the report from disk, as someone who was handed the file; it may ask for nothing and complain of nothing."""
    file = tmp_path / "report.html"
    file.write_text(findings_page(REPORT, lang), "utf-8")
    opened = chromium.new_page(viewport={"width": 1366, "height": 768})
    asked, complaints = [], []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.append(message.text))
    opened.goto(file.as_uri())
    opened.wait_for_selector(".gw-pin span")
    yield opened
    opened.close()
    assert asked == [file.as_uri()]
    assert complaints == []


@pytest.mark.browser
def test_the_verdict_stands_at_the_top_and_the_kinds_below_it(page, lang):
    headline = page.locator(".gw-verdict").text_content()
    assert headline.startswith({"zh": "有问题；辖区 3 个；问题 ", "en": "defects; areas: 3; findings: "}[lang])
    titles = page.locator(".gw-list h2").all_text_contents()
    first = {"zh": "空白 1 处，", "en": "gaps: 1, "}[lang]
    assert titles[0].startswith(first) or titles[1].startswith(first)
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[lang]


@pytest.mark.browser
def test_hostile_text_is_shown_as_text_everywhere(page):
    assert page.locator("h1").text_content().count(NASTY) == 1
    assert page.title().count(NASTY) == 1
    texts = page.locator(".gw-list").text_content()
    # Its name, its layer and its CRS, the command, the remark, and the codes of findings.
    assert texts.count("<img src=x onerror=alert(3)>") >= 6
    assert page.locator(".gw-list img, .gw-list script, main img, main script").count() == 0
    page.locator("tr[data-finding]", has_text="<img").first.click()
    assert "<img src=x onerror=alert(3)>" in page.locator(".gw-popup").text_content()


@pytest.mark.browser
def test_a_click_on_a_row_moves_the_map_there_and_marks_the_areas(page):
    row = page.locator("tr[data-finding]", has_text="W").first
    number = row.locator("button").text_content()
    row.click()
    assert page.locator("tr.gw-chosen").count() == 1
    assert page.locator(".gw-popup h2").text_content().startswith(f"{number} · ")
    assert page.locator(".gw-pin.gw-chosen").text_content() == number
    assert page.evaluate("map_page.getBounds().contains(L.latLng(30.0025, 104.0095))")
    assert page.evaluate("map_page.getZoom()") > 14
    fills = "[...map_page.getPane('gw-ground').querySelectorAll('path')].map(p => p.getAttribute('fill'))"
    assert page.evaluate(fills).count("#ffe9a8") == 2


@pytest.mark.browser
def test_a_click_on_the_map_marks_the_row(page):
    pin = page.locator(".gw-pin", has_text="1").first
    pin.locator("span").click()
    assert page.locator("tr.gw-chosen th").text_content() == "1"


@pytest.mark.browser
def test_a_kind_can_be_hidden(page):
    before = page.locator(".gw-pin").count()
    page.locator(".leaflet-control-layers-selector").first.click()
    assert page.locator(".gw-pin").count() < before


@pytest.mark.browser
def test_everything_fits_the_window(page):
    size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [1366, 768]
    width = page.evaluate("(list => [list.scrollWidth, list.clientWidth])(document.querySelector('.gw-list'))")
    assert width[0] == width[1]
    assert page.locator("main").bounding_box()["width"] > 700


@pytest.mark.browser
def test_the_page_may_not_ask_another_host(chromium, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(findings_page(REPORT), "utf-8")
    opened = chromium.new_page()
    opened.goto(file.as_uri())
    asked = opened.evaluate("fetch('http://127.0.0.1:9/').then(() => 'asked', error => error.name)")
    opened.close()
    assert asked == "TypeError"


def test_whoever_reads_it_can_repeat_the_check():
    page = findings_page(report_of(areas("grid", ["W"], [WEST])))
    for fact in ("grids.shp", SHA, "gridwarden check grids.shp --tolerance 1", "geos 3.14.1", "CGCS2000 (EPSG:4490)"):
        assert fact in page


def test_equal_input_gives_an_equal_page():
    assert findings_page(REPORT) == findings_page(REPORT)


def test_a_file_without_findings_or_places_has_a_page_as_well():
    assert "gw-clean" in findings_page(report_of(areas("grid", ["W"], [WEST])))
    page = findings_page(report_of(areas("grid", ["W"], [None])), "en")
    assert "no boundary" in page
    assert "no place" in page


def test_without_parents_the_page_says_that_the_outer_border_was_not_checked():
    level = areas("grid", ["W"], [WEST])
    assert "外边界未检查" in findings_page(report_of(level))
    page = findings_page(report_of(level, areas("community", ["P"], [WEST])))
    assert "外边界未检查" not in page
    assert "gw-covered" in page


def test_findings_of_a_projected_file_lie_where_they_are_on_the_globe():
    metres = areas("grid", ["a", "b"], [box(35388000, 3329000, 35389000, 3330000)] * 2)
    data = map_data(report_of(metres, crs="EPSG:4523"), {0: 1}, "zh")
    assert data["findings"][0]["place"] == pytest.approx([30.08, 103.84], abs=0.01)
    assert data["bounds"][0] == pytest.approx([30.075, 103.838], abs=0.01)


#  n areas in a row, each over the next by a hundredth: specks where `deep` is small
def row_of(count, deep):
    shapes = [box(104 + i / 1000, 30, 104.001 + i / 1000 + deep, 30.001) for i in range(count)]
    return areas("grid", [f"a{i:05}" for i in range(count)], shapes)


def test_what_is_left_out_is_said():
    many = report_of(row_of(MOST_FINDINGS + 100, 1e-4))
    page = findings_page(many, "en")
    assert page.count("<tr id=") == MOST_LISTED
    assert f"{MOST_FINDINGS + 99 - MOST_LISTED:,} more are not listed" in page
    assert f"The map shows {MOST_FINDINGS:,} of {MOST_FINDINGS + 99:,} findings" in page


def test_areas_with_findings_are_drawn_before_others(monkeypatch):
    monkeypatch.setattr("maps.findings_map.MOST_VERTICES", 10)
    level = areas("grid", ["far", "W", "E"], [box(105, 30, 105.01, 30.01), WEST, EAST])
    data = map_data(report_of(level), {}, "en")
    assert [one["properties"]["code"] for one in data["areas"]] == ["W", "E"]
    assert "The map shows 2 of 3 areas, those with findings first." in data["notes"]


def test_specks_are_dots_without_a_number_and_one_line():
    thin = report_of(row_of(3, 1e-9))
    assert {finding.sliver for finding in thin.result.findings} == {True}
    page = findings_page(thin, "en")
    assert "<tr id=" not in page
    assert [one["number"] for one in map_data(thin, {}, "en")["findings"]] == [None] * len(thin.result.findings)


def test_an_unproved_check_is_not_green():
    level = areas("grid", ["W"], [WEST])
    parents = areas("community", ["P", "Q"], [WEST, None])
    report = report_of(level, parents)
    assert "gw-verdict gw-unproved" in findings_page(report)
    assert "Q" in " ".join(report.notes("zh"))
    assert replace(report, parents=None).verdict_name("en") == "unproved"
