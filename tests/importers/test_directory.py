"""What a ledger calls an area, and which area that is.

511402 东坡区
└ 511402002 大石桥街道
  ├ 511402002001 城南社区居民委员会 ─ …001 第一网格, …002 第二网格, …003 第三网格
  └ 511402002002 城北社区居民委员会 ─ …001 第一网格, …002 城北社区第12网格
"""

import pytest

from geo.errors import BadInput
from importers.directory import AreaDirectory, quotable

TOWN, SOUTH, NORTH = "511402002", "511402002001", "511402002002"
ROWS = [
    ("511402", "", "东坡区", "county", ""),
    (TOWN, "", "大石桥街道", "town", "511402"),
    (SOUTH, "", "城南社区居民委员会", "community", TOWN),
    (NORTH, "", "城北社区居民委员会", "community", TOWN),
    (SOUTH + "001", "1", "第一网格", "grid", SOUTH),
    (SOUTH + "002", "2", "第二网格", "grid", SOUTH),
    (SOUTH + "003", "3", "第三网格", "grid", SOUTH),
    (NORTH + "001", "1", "第一网格", "grid", NORTH),
    (NORTH + "002", "02", "城北社区第12网格", "grid", NORTH),
]


@pytest.fixture
def directory():
    codes, local_codes, names, levels, parents = map(list, zip(*ROWS, strict=True))
    return AreaDirectory.from_columns(codes, names, levels, parents, local_codes=local_codes)


@pytest.mark.parametrize(
    ("text", "above", "code"),
    [
        (SOUTH + "001", {}, SOUTH + "001"),
        ("５１１４０２００２００１００１", {}, SOUTH + "001"),
        ("1", {"community": "城南社区"}, SOUTH + "001"),
        ("1", {"community": NORTH}, NORTH + "001"),
        ("第一网格", {"community": "城北社区居委会"}, NORTH + "001"),
        ("第 一 网格", {"community": "城南社区", "town": "大石桥街道办事处", "county": "东坡区"}, SOUTH + "001"),
        ("第3网格", {}, SOUTH + "003"),
        ("第０３网格", {}, SOUTH + "003"),
        ("城南社区第一网格", {}, SOUTH + "001"),
        ("城南社区第一网格", {"community": "城南社区"}, SOUTH + "001"),
        ("第十二网格", {"community": "城北社区"}, NORTH + "002"),
        ("城北社区第十二网格", {}, NORTH + "002"),
        ("城南社区", {}, SOUTH),
        ("大石桥街道", {"county": "东坡区"}, TOWN),
    ],
)
def test_an_area_is_found_by_any_of_its_names(directory, text, above, code):
    assert directory.resolve(text, **above) == code


def test_a_name_that_several_areas_have_lists_them_with_what_they_lie_in(directory):
    with pytest.raises(BadInput) as caught:
        directory.resolve("第1网格")
    assert caught.value.kind == "ledger-area-ambiguous"
    south = f"{SOUTH}001 第一网格‹城南社区居民委员会‹大石桥街道"
    north = f"{NORTH}001 第一网格‹城北社区居民委员会‹大石桥街道"
    assert caught.value.facts == {"count": 2, "candidates": f"{south}；{north}"}


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("第九网格", {}),
        ("第三网格", {"community": "城北社区"}),
        ("城南社区", {"level": "grid"}),
        ("", {}),
    ],
)
def test_what_fits_no_area_is_unknown(directory, text, options):
    with pytest.raises(BadInput) as caught:
        directory.resolve(text, **options)
    assert caught.value.kind == "ledger-area-unknown"
    assert caught.value.text("zh") and caught.value.text("en")


def test_a_code_that_lost_its_digits_is_said_to_have(directory):
    with pytest.raises(BadInput) as caught:
        directory.resolve("5.11402E+14")
    assert caught.value.kind == "ledger-area-rounded"


@pytest.mark.parametrize(
    "text", ["张三", "13800001111", "张三13800001111网格", "511402199001011234", "张晓村", "028-38290000"]
)
def test_what_may_be_a_person_is_not_repeated_in_an_error(text):
    assert quotable(text) == "…"


@pytest.mark.parametrize("text", ["第九网格", "511402002001009", "城南社区", "大石桥街道"])
def test_what_can_only_be_an_area_is_repeated(text):
    assert quotable(text) == text


def test_a_circle_of_parents_ends(directory):
    loop = AreaDirectory.from_columns(["A", "B"], ["甲", "乙"], ["grid", "grid"], ["B", "A"])
    assert [item.code for item in loop.chain("A")] == ["A", "B"]


def test_a_name_that_every_community_has_is_found_within_its_own():
    communities = [f"99010100{town}{number:03d}" for town in (1, 2) for number in range(1, 21)]
    codes = ["990101001", "990101002", *communities, *(code + "001" for code in communities)]
    names = ["东街道", "西街道", *(f"{int(code[-3:])}号社区" for code in communities), *["第一网格"] * 40]
    levels = ["town"] * 2 + ["community"] * 40 + ["grid"] * 40
    parents = ["", "", *(code[:9] for code in communities), *communities]
    many = AreaDirectory.from_columns(codes, names, levels, parents)
    assert many.resolve("第1网格", community="七号社区", town="西街道") == "990101002007001"
    with pytest.raises(BadInput) as caught:
        many.resolve("第一网格", community="7号社区")
    assert (caught.value.kind, caught.value.facts["count"]) == ("ledger-area-ambiguous", 2)
    with pytest.raises(BadInput) as caught:
        many.resolve("第一网格", community="99号社区")
    assert caught.value.kind == "ledger-area-unknown"
