"""The sheet of a plan: what stands on it, how it is drawn, and what it looks like to a printer."""

import hashlib
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
import shapely
from playwright.sync_api import sync_playwright
from shapely import Polygon

from geo.areas import texts
from geo.errors import Unavailable
from geo.impact import impact
from geo.impact_records import Bystanders, Facilities, Residences
from geo.lattice import degrees, snap
from geo.measure import area_m2, distance_m
from geo.stored import StoredAreas, together
from maps import printing
from maps.plan_sheet import BaseMap, DescentRow, SheetPlan, plan_sheet
from maps.printing import pdf_of
from maps.sheet_map import Frame
from maps.sheet_tables import operation_lines

STEP = 0.001
QUIET = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking"
NASTY = "<script>alert('名')</script>\"`${alert(2)}`</style><img src=x onerror=alert(3)>&amp;{{7*7}}\\\n"
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63f8cfc0500f000385"
    "0180d8b3f9e50000000049454e44ae426082"
)


def square(west, south, east, north):
    """Return a rectangle in steps of about 100 m, on the lattice."""
    corners = np.array([(west, south), (east, south), (east, north), (west, north)])
    return Polygon(degrees(snap(np.array([104, 30]) + corners * STEP)))


def stored(level, rows, *, kind="general"):
    """Return areas {id: (code, name, shape)} of one level."""
    count = len(rows)
    geoms = np.empty(count, dtype=object)
    geoms[:] = [shapely.MultiPolygon([shape]) for _, _, shape in rows.values()]
    nothing = np.full(count, None, dtype=object)
    return StoredAreas(
        ids=np.array(list(rows), dtype=np.int64),
        levels=texts([level] * count),
        codes=texts([code for code, _, _ in rows.values()]),
        local_codes=nothing,
        names=texts([name for _, name, _ in rows.values()]),
        kinds=texts([kind] * count),
        categories=nothing,
        parent_ids=np.zeros(count, dtype=np.int64),
        not_subdivided=np.zeros(count, dtype=bool),
        fully_divided=np.zeros(count, dtype=bool),
        digests=nothing,
        geoms=geoms,
    )


def residences(*rows):
    """Return residences (address, x, y, households)."""
    count = len(rows)
    return Residences(
        texts([row[0] for row in rows]),
        texts([""] * count),
        np.array([row[3] for row in rows]),
        np.full(count, -1),
        np.zeros(count, dtype=np.int64),
        np.array([[104 + row[1] * STEP, 30 + row[2] * STEP] for row in rows]),
    )


#    0     2     4
#  2 +-----+-----+      W is divided in two; E stays as it is; both lie in one community, with a market
#    |  W  |  E  |
#  0 +-----+-----+
P = "519801001001"
COMMUNITY = stored("community", {9: (P, "梅坪社区", square(0, 0, 4, 2))})
MARKET = stored("grid", {7: (P + "800", "市场", square(3, 0.5, 3.5, 1))}, kind="special")
EAST = (P + "002", "东网格", square(2, 0, 4, 2))
BEFORE = together(stored("grid", {1: (P + "001", "西网格", square(0, 0, 2, 2)), 2: EAST}), MARKET, COMMUNITY)
AFTER = together(
    stored("grid", {1: (P + "001", "西网格", square(0, 0, 2, 1)), 2: EAST, -1: (P + "003", NASTY, square(0, 1, 2, 2))}),
    MARKET,
    COMMUNITY,
)
HOMES = residences(("1号", 1, 0.5, 612), ("2号", 1, 1.5, 612))
NOWHERE = Facilities(texts([]), texts([]), np.zeros((0, 2)))
IMPACT = impact(BEFORE, AFTER, Bystanders(HOMES, NOWHERE, {1: "西队"}))
PLAN = SheetPlan(
    number="12",
    title="西网格一分为二",
    author="王规划",
    reason="户数 1,224，超过上限",
    state="approved",
    effective_date="2026-12-01",
    digest=hashlib.sha256(b"plan").hexdigest(),
    edition=9,
    at="2026-11-21T23:15:00.123456+08:00",
    operations=[{"op": "split", "code": P + "001"}],
)
LINEAGE = [
    DescentRow(P + "001", "西网格", P + "001", "西网格", "split", 10_688.0, 0.5, 1.0, 612),
    DescentRow(P + "001", "西网格", P + "003", "北网格", "split", 10_688.0, 0.5, 1.0, 612),
]


def drawn(**given):
    settings = {"source": "示例", "lang": "zh", **given}
    plan = settings.pop("plan", PLAN)
    return plan_sheet(plan, BEFORE, AFTER, IMPACT, LINEAGE, **settings)


def plain(page):
    """Return the words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.split("<body")[1]))


@pytest.fixture(scope="module")
def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET.split())
        yield browser
        browser.close()


def test_the_sheet_holds_what_is_signed():
    words = plain(drawn())
    for text in ("编号 12", "编制人 王规划", "生效日期 2026-12-01", "状态 已批准", "第 9 期（2026-11-21 23:15）"):
        assert text in words
    assert PLAN.digest in words
    assert [box in words for box in ("编制", "审核", "批准", "盖章")] == [True] * 4


def test_the_households_table_holds_each_grid_against_the_range():
    words = plain(drawn())
    assert f"{P}001 西网格 偏多 1,224 612" in words
    assert "偏多 – 612" in words
    assert "每个网格 300–500 户" in words


def test_impact_and_lineage_stand_on_it():
    words = plain(drawn())
    assert re.search(rf"网格 {P}001 {P}003 [0-9,.]+ 1 612 不详", words)
    assert f"{P}001 西网格 {P}003 北网格 拆分 10,688.0 50.0% 100.0% 612" in words
    assert f"尚无团队的新网格：{P}003" in words


def test_areas_tell_m2_before_and_after():
    whole, half = (f"{size_m2:,.1f}" for size_m2 in area_m2(np.array([square(0, 0, 2, 2), square(0, 0, 2, 1)])))
    words = plain(drawn())
    assert f"网格 {P}001 西网格 改界 {whole} {half}" in words
    assert f"网格 {P}002" not in words


def test_both_languages_are_whole():
    words = plain(drawn(lang="en"))
    assert "Plan of boundary adjustment" in words
    assert "too many 1,224 612" in words


def test_a_plan_without_date_or_source_says_so():
    words = plain(drawn(plan=replace(PLAN, effective_date=""), source=""))
    assert "生效日期 未定" in words
    assert "来源：未注明" in words


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"op": "create", "level": "grid", "name": "新"}, "新建网格“新”（编码自动分配）"),
        ({"op": "redraw", "code": "1"}, "重划 1 的边界"),
        ({"op": "merge", "codes": ["1", "2"]}, "合并 1、2"),
        ({"op": "merge", "codes": ["1", "2"], "into": "1"}, "合并 1、2，并入 1"),
        ({"op": "split", "code": "1"}, "拆分 1"),
        ({"op": "transfer", "from": "1", "to": "2"}, "从 1 调一块土地给 2"),
        ({"op": "transfer", "from": "1", "to": "2", "areas": ["3"]}, "把 3 从 1 调给 2"),
        ({"op": "retire", "code": "1", "heir": "2"}, "撤销 1，由 2 承接"),
        ({"op": "retire", "code": "1", "accept_gap": True}, "撤销 1，所留空白已接受"),
        ({"op": "reparent", "codes": ["1"], "parent": "2"}, "把 1 改属 2"),
        ({"op": "rename", "code": "1", "name": "新", "category": "market"}, "修改 1 的名称或标注：新、market"),
        ({"op": "recode", "code": "1", "to": "2"}, "1 改用编码 2"),
        ({"op": "patch", "boundaries": [{"code": "1"}, {"code": "2"}]}, "同时修改 1、2 的边界"),
        ({"op": "revert", "edition": 7}, "撤回第 7 期的变动"),
    ],
)
def test_every_operation_is_a_sentence(record, said):
    assert operation_lines([record], "zh") == [said]


def test_a_frame_is_true_to_scale():
    frame = Frame.around((104.0, 30.0, 104.004, 30.002), 89, 126)
    (x0, y0), (x1, y1) = frame.on_paper(np.array([[104.0, 30.001], [104.004, 30.001]])).tolist()
    metres = float(distance_m(104.0, 30.001, 104.004, 30.001))
    assert (x1 - x0) * frame.denominator / 1000 == pytest.approx(metres, rel=1e-6)
    (_, y0), (_, y1) = frame.on_paper(np.array([[104.002, 30.0], [104.002, 30.002]])).tolist()
    assert (y0 - y1) * frame.denominator / 1000 == pytest.approx(float(distance_m(104.002, 30, 104.002, 30.002)), 1e-6)
    assert frame.denominator == 5000


@pytest.mark.parametrize(("reach", "scale"), [(1e-4, 500), (0.01, 15_000), (1.0, 1_300_000)])
def test_a_frame_takes_a_usual_scale_that_shows_everything(reach, scale):
    frame = Frame.around((104.0, 30.0, 104.0 + reach, 30.0 + reach), 89, 126)
    west, south, east, north = frame.bounds()
    assert west <= 104.0 <= 104.0 + reach <= east
    assert south <= 30.0 <= 30.0 + reach <= north
    assert frame.denominator == scale


def test_the_scale_bar_is_as_long_as_it_says():
    frame = Frame.around((104.0, 30.0, 104.004, 30.002), 89, 126)
    assert frame.scale_bar() == (20.0, 100)


def test_maps_show_before_and_after_with_short_codes(chromium):
    page = chromium.new_page()
    page.set_content(drawn())
    labels = [figure.locator("text.changed").all_text_contents() for figure in page.locator("figure").all()]
    assert [sorted(one) for one in labels] == [["001"], ["001", "003"]]
    assert page.locator("figure path.former").count() == 1
    assert page.locator("figure path.handed").count() == 1
    assert f"图上编码省略前面的 {P}" in page.inner_text("body")
    page.close()


def test_any_text_stays_text_and_nothing_is_asked_of_any_host(chromium, tmp_path):
    nasty = replace(PLAN, number=NASTY, title=NASTY, author=NASTY, reason=NASTY, state=NASTY, digest=NASTY)
    base = BaseMap(DOT, (104.0, 30.0, 104.004, 30.002), NASTY, NASTY)
    file = tmp_path / "sheet.html"
    file.write_text(drawn(plan=nasty, source=NASTY, base_map=base), "utf-8")
    page = chromium.new_page()
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(file.as_uri())
    assert NASTY.strip() in page.inner_text(".title").replace("\n", " ") + "\\"
    assert page.locator("script").count() == 0
    assert page.locator("image").count() == 2
    assert [one for one in asked if not one.startswith("data:")] == [file.as_uri()]
    assert complaints == []
    page.close()


@pytest.mark.parametrize(("paper", "size_pt"), [("A4", (595, 842)), ("A3", (1191, 842))])
def test_a_pdf_has_the_paper_that_was_asked_for(paper, size_pt):
    pdf = pdf_of(drawn(paper=paper))
    assert pdf.startswith(b"%PDF-")
    boxes = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", pdf)
    assert len(boxes) == 2
    for width, height in boxes:
        assert (float(width), float(height)) == pytest.approx(size_pt, abs=1.5)


def test_a_machine_without_a_browser_says_what_to_do(monkeypatch):
    monkeypatch.setattr(printing, "BROWSERS", ("no-such-browser",))
    with pytest.raises(Unavailable, match="chromium"):
        pdf_of("<p>")


def test_equal_plans_give_equal_sheets():
    assert drawn() == drawn()
