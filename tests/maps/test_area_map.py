import json
import re

import numpy as np
import pytest
import shapely
from shapely import box

from geo.errors import BadInput, NotFound, TooLarge, Unavailable
from maps import bundle_files
from maps.area_map import MOST_AREAS, area_map
from maps.drawing import MOST_VERTICES
from maps.layers import MapArea, MapLayer, Member, Team
from maps.offline import script_json
from maps.words import WORDS

HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "`${alert(1)}`",
    "');alert(1);//",
    "a\u2028alert(1)\u2029b",
    "<!--<script>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &amp; \\u003cb>",
    "\ud800 lone",
]
#  [ west ][ east ]
WEST = MapArea("510100001001001", "西区网格", box(104, 30, 104.01, 30.01))
EAST = MapArea("510100001001002", "东区网格", box(104.01, 30, 104.02, 30.01), local_code="D-7", households=472)


def grids(*areas):
    return MapLayer("网格", "grid", "general", areas)


def page(*layers, lang="zh", **more):
    texts = {"title": "青禾市网格图", "source": "虚构的样例", "date_text": "2025-11-21 · 第 3 期", **more}
    return area_map(layers, lang=lang, **texts)


def data_of(html):
    return json.loads(re.search(r"gridwarden\.drawAreas\(map_page, (\{.*\})\);", html).group(1))


@pytest.mark.parametrize("text", HOSTILE)
def test_json_in_a_script_neither_ends_it_nor_loses_anything(text):
    written = script_json({text: [text]})
    assert json.loads(written) == {text: [text]}
    assert not set(written) & set("<>&\u2028\u2029")
    assert not re.search(r"\{[{%#]", written)
    written.encode()


def test_infinite_numbers_are_no_json():
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_json(float("nan"))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_adds_an_element_to_the_page(text):
    team = Team(text, (Member(text, text, text),))
    area = MapArea(text, text, WEST.geometry, (("town", text, text),), team, local_code=text, category=text)
    texts = dict.fromkeys(("title", "source", "date_text", "attribution", "review_number"), text.replace("\ud800", ""))
    html = page(MapLayer(text, "grid", "special", [area]), **texts)
    plain = page(
        MapLayer("x", "grid", "special", [MapArea("x", "x", WEST.geometry)]), attribution="x", review_number="x"
    )
    assert html.count("<script>") == plain.count("<script>")
    assert html.count("</script>") == plain.count("</script>")
    assert html.count("<img") == plain.count("<img")
    assert data_of(html)["layers"][0]["areas"]["features"][0]["properties"]["name"] == text


def test_the_page_loads_nothing():
    html = page(grids(WEST, EAST))
    markup = re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.DOTALL)
    assert "://" not in markup
    assert re.findall(r"(?:src|href)=[\"']?([^\"'> ]*)", markup) == ["data:,"]
    for absent in ("jquery", "bootstrap", "cdn.", "fontawesome", "awesome-markers"):
        assert absent not in html.lower()


def test_the_policy_allows_only_the_scripts_of_the_page():
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page(grids(WEST)))
    rules = dict(rule.strip().split(" ", 1) for rule in policy.group(1).split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert all(source.startswith("'sha256-") for source in rules["script-src"].split())


def test_equal_input_gives_an_equal_page():
    assert page(grids(WEST, EAST)) == page(grids(WEST, EAST))


def test_larger_levels_come_first_and_special_grids_last():
    special = MapLayer("专属网格", "grid", "special", [WEST])
    town, micro = MapLayer("街道", "town", "general", [WEST]), MapLayer("微网格", "microgrid", "general", [WEST])
    drawn = data_of(page(special, micro, grids(WEST, EAST), town))["layers"]
    assert [(layer["name"], layer["style"]) for layer in drawn] == [
        ("街道", "cover"),
        ("网格", "cover"),
        ("微网格", "inset"),
        ("专属网格", "special"),
    ]


def test_facts_are_shown_where_they_are_known():
    west, east = data_of(page(grids(WEST, EAST)))["layers"][0]["areas"]["features"]
    assert west["properties"]["facts"] == [["编码", "510100001001001"]]
    assert east["properties"]["facts"] == [["编码", "510100001001002"], ["本地编号", "D-7"], ["户数", "472"]]
    assert west["properties"]["fill"] != east["properties"]["fill"]


@pytest.mark.parametrize(("lang", "hidden"), [("zh", "已隐藏"), ("en", "hidden")])
def test_what_the_reader_may_not_see_is_said_to_be_hidden(lang, hidden):
    team = Team("一队", (Member("民警"), Member("其他", "虚构甲", "")))
    area = MapArea("1", "甲", WEST.geometry, team=team)
    members = data_of(page(grids(area), lang=lang))["layers"][0]["areas"]["features"][0]["properties"]["team"][
        "members"
    ]
    assert members == [
        {"role": "民警", "name": hidden, "phone": hidden},
        {"role": "其他", "name": "虚构甲", "phone": ""},
    ]


def test_areas_without_a_boundary_are_counted_on_the_page():
    html = page(grids(WEST, MapArea("2", "乙", None), MapArea("3", "丙", shapely.Polygon())))
    assert "2 个辖区没有边界，未画出" in html
    assert len(data_of(html)["layers"][0]["areas"]["features"]) == 1


def test_simplified_borders_are_said_on_the_page():
    turn = np.linspace(0, 2 * np.pi, MOST_VERTICES + 1)
    ring = shapely.Polygon(np.column_stack([104 + 0.1 * np.cos(turn), 30 + 0.1 * np.sin(turn)]))
    assert "“网格”的边界已简化（约 2 米），不作划界依据" in page(grids(MapArea("1", "圆", ring)))
    assert "已简化" not in re.sub(r"<script>.*?</script>", "", page(grids(WEST)), flags=re.DOTALL)


def test_the_review_number_stands_there_only_if_there_is_one():
    assert "审图号</b> 示例 001 号" in page(grids(WEST), review_number="示例 001 号")
    assert "审图号</b>" not in page(grids(WEST))


def test_a_map_of_nothing_is_refused():
    for layers in ((), (grids(),), (grids(MapArea("2", "乙", None)),)):
        with pytest.raises(NotFound) as refusal:
            page(*layers)
        assert refusal.value.kind == "map-empty"


def test_too_many_areas_are_refused_with_the_way_out():
    with pytest.raises(TooLarge) as refusal:
        page(grids(*[WEST] * (MOST_AREAS + 1)))
    assert "--within" in refusal.value.text("zh")
    assert "5001" in refusal.value.text("en")


def test_an_unknown_level_is_refused():
    with pytest.raises(BadInput) as refusal:
        page(MapLayer("x", "street", "general", [WEST]))
    assert refusal.value.kind == "unknown-level"


def test_without_the_bundle_there_is_no_map(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle_files, "FOLDER", tmp_path)
    with pytest.raises(Unavailable) as refusal:
        page(grids(WEST))
    assert refusal.value.kind == "bundle-missing"


def test_both_languages_have_the_same_words_with_the_same_facts():
    assert WORDS["zh"].keys() == WORDS["en"].keys()
    for key, text in WORDS["zh"].items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", WORDS["en"][key]))
