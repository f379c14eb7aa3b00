"""The map of circles: whole in itself, estimated circles drawn otherwise, texts never run."""

import json
import re
import shutil

import pytest
import shapely
from playwright.sync_api import sync_playwright

from geo.errors import NotFound, TooLarge
from maps.circle_map import MOST_SHAPES, CircleScene, MapPoint, ShareTable, circle_map

AREA = shapely.box(104.0, 30.0, 104.02, 30.02)
EVIL = "</script><b>{{ 7*7 }}</b>"


def scene(**changed):
    given = {
        "areas": [AREA],
        "circles": [(AREA.centroid.buffer(0.005), "walked"), (AREA.centroid.buffer(0.004), "radius")],
        "places": [MapPoint(104.01, 30.01, (EVIL, "800 m"))],
        "left": [MapPoint(104.001, 30.001, ("画街1号", "12"))],
        "tables": [ShareTable("街道", ("编码", "名称"), [("1", EVIL)])],
    }
    return CircleScene(**{**given, **changed})


def page(**changed):
    return circle_map(scene(**changed), title="诊所", source="", date_text="2026")


def data(html):
    return json.loads(re.search(r"gridwarden\.drawCircles\(map_page, (.*)\);</script>", html, re.DOTALL)[1])


def test_circles_places_and_who_is_left_are_on_the_page_with_their_table():
    found = data(page())
    assert [one["properties"]["means"] for one in found["circles"]["features"]] == ["walked", "radius"]
    assert found["left"] == [{"point": [104.001, 30.001], "lines": ["画街1号", "12"]}]
    assert found["tables"] == [{"title": "街道", "heading": ["编码", "名称"], "rows": [["1", EVIL]]}]
    assert found["bounds"] == [[30.0, 104.0], [30.02, 104.02]]


def test_no_text_of_the_data_is_markup_or_a_template():
    html = page()
    assert EVIL not in html and "49" not in data(html)["places"][0]["lines"][0]
    assert "default-src 'none'" in html


def test_an_empty_map_and_one_too_large_are_refused():
    with pytest.raises(NotFound):
        page(areas=[], circles=[])
    with pytest.raises(TooLarge):
        page(areas=[AREA] * (MOST_SHAPES + 1))


def test_equal_input_gives_an_equal_page():
    assert page() == page()


@pytest.mark.browser
def test_a_browser_draws_everything_without_asking_anybody(tmp_path):
    file = tmp_path / "circles.html"
    file.write_text(page(), "utf-8")
    troubles, asked = [], []
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page()
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("console", lambda said: troubles.append(said.text) if said.type in ("error", "warning") else None)
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(file.as_uri())
        drawn = tab.locator(".leaflet-overlay-pane path").count()
        switches = tab.locator(".leaflet-control-layers-overlays label").all_inner_texts()
        tab.locator(".gw-tables summary").click()
        cells = tab.locator(".gw-shares td").all_inner_texts()
        browser.close()
    assert (troubles, asked) == ([], [file.as_uri()])
    # an area, two circles, a facility and a residence
    assert drawn == 5
    assert [text.strip() for text in switches] == ["辖区界", "走得到的范围（虚线为估算）", "到不了的住户", "设施"]
    assert cells == ["1", EVIL]
