"""The map of circles: whole in itself, estimated circles drawn otherwise, texts never run."""

import json
import re

import pytest
import shapely

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
