"""Area codes: what they say, and which comes next."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.codes import DEFAULT_SCHEME, assign_codes, code_scheme, reading_order
from geo.errors import BadInput, Conflict

DIVISIONS = Path(__file__).parents[3] / "shared/data/cn-division-codes"
CJT = code_scheme("cjt349:010203")


#            51 14 02 | 002 | 001 | 001 | 01
#  province  ~~                                 also 510000
#  city      ~~ ~~                              also 511400
#  county    ~~ ~~ ~~
#  town      ~~ ~~ ~~   ~~~
#  community ~~ ~~ ~~   ~~~   ~~~
#  grid      ~~ ~~ ~~   ~~~   ~~~   ~~~
@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("51", "province", None),
        ("510000", "province", None),
        ("5114", "city", "51"),
        ("511400", "city", "510000"),
        ("511402", "county", "511400"),
        ("511402002", "town", "511402"),
        ("511425001", "town", "511425"),
        ("511402002001", "community", "511402002"),
        ("511402002001001", "grid", "511402002001"),
        ("51140200200100101", "microgrid", "511402002001001"),
        ("441900003", "town", "441900"),
    ],
)
def test_a_code_tells_its_level_and_its_parent(code, level, parent):
    assert (DEFAULT_SCHEME.level_of(code), DEFAULT_SCHEME.parent_code(code)) == (level, parent)


@pytest.mark.parametrize(
    ("code", "parent"),
    [
        ("511402002001801", "511402002001"),
        ("511402002000801", "511402002"),
        ("511402000000999", "511402"),
        ("511400000000800", "511400"),
    ],
)
def test_a_special_grid_spanning_areas_has_zeros_for_them_and_names_what_holds_it(code, parent):
    assert DEFAULT_SCHEME.is_special(code)
    assert DEFAULT_SCHEME.parent_code(code) == parent
    assert DEFAULT_SCHEME.parent_code(code + "01") == code


def test_a_general_grid_is_not_special():
    assert not DEFAULT_SCHEME.is_special("511402002001799")
    assert not DEFAULT_SCHEME.is_special("511402002")


FREE_FORM = [
    "E01000001",
    "",
    "123",
    "000000",
    "511402000",
    "511402002000",
    "511402002001000",
    "511402002000001",
    "511402000001801",
    "51140200200100100",
    "５１１４０２",
    " 511402",
    "网格-07",
]


@pytest.mark.parametrize("code", FREE_FORM)
def test_a_free_form_code_has_no_level_no_parent_and_no_objection(code):
    assert DEFAULT_SCHEME.level_of(code) is None
    assert DEFAULT_SCHEME.parent_code(code) is None
    assert not any(DEFAULT_SCHEME.contradicts(code, "511402002001", level) for level in DEFAULT_SCHEME.digits)
    assert not DEFAULT_SCHEME.contradicts("511402002001001", code, "grid")


@pytest.mark.parametrize(
    ("code", "parent", "level", "contradicts"),
    [
        ("511402002001001", "511402002001", "grid", False),
        ("511402002001001", "511402002002", "grid", True),
        ("511402002001001", "511402001", "grid", True),
        ("511402002001001", "511402002", "grid", False),
        ("511402002001001", "511400", "grid", False),
        ("511402002001001", "511402002001001", "grid", True),
        ("511402002000801", "511402002", "grid", False),
        ("511402002000801", "511402002001", "grid", True),
        ("51140200200100101", "511402002001001", "microgrid", False),
        ("51140200200100101", "511402002001002", "microgrid", True),
        ("511402", "511400", "county", False),
        ("511402", "5114", "county", False),
        ("511402", "511000", "county", True),
        ("511402", "510000", "county", False),
        ("511400", "520000", "city", True),
    ],
)
def test_a_code_contradicts_a_parent_that_it_does_not_begin_with(code, parent, level, contradicts):
    assert DEFAULT_SCHEME.contradicts(code, parent, level) is contradicts


def test_a_files_own_number_that_looks_like_another_level_is_free_form():
    assert not DEFAULT_SCHEME.contradicts("510001", "511402002001", "grid")


# ---- the next free one ----


@pytest.mark.parametrize(
    ("parent", "kind", "code"),
    [
        ("511402002001", "general", "511402002001001"),
        ("511402002001", "special", "511402002001800"),
        ("511402002001001", "general", "51140200200100101"),
        ("511402", "subdistrict", "511402001"),
        ("511402", "town", "511402100"),
        ("511402", "township", "511402200"),
        ("511402002", "neighbourhood", "511402002001"),
        ("511402002", "village", "511402002200"),
    ],
)
def test_the_first_code_of_each_kind(parent, kind, code):
    assert DEFAULT_SCHEME.next_free(parent, [], kind) == code


@pytest.mark.parametrize(
    ("parent", "code"),
    [("511402002", "511402002000800"), ("511402", "511402000000800"), ("511400", "511400000000800")],
)
def test_a_special_grid_under_a_higher_parent_gets_zeros_between(parent, code):
    assert DEFAULT_SCHEME.next_free(parent, [], "special", level="grid") == code


def test_a_town_may_stand_directly_under_a_city():
    assert DEFAULT_SCHEME.next_free("441900", [], "town", level="town") == "441900100"


def test_the_next_free_code_fills_holes_but_never_a_taken_or_retired_one():
    taken = {"511402002001001", "511402002001003"}
    assert DEFAULT_SCHEME.next_free("511402002001", taken) == "511402002001002"


def test_when_all_numbers_are_used_it_says_so():
    taken = [f"511402002001{number}" for number in range(800, 1000)]
    with pytest.raises(Conflict) as refusal:
        DEFAULT_SCHEME.next_free("511402002001", taken, "special")
    assert refusal.value.kind == "codes-used-up"
    assert "511402002001" in refusal.value.text("zh") and "999" in refusal.value.text("en")


@pytest.mark.parametrize(
    ("parent", "kind", "level", "why"),
    [
        ("E01000001", "general", None, "parent-code-outside-scheme"),
        ("511402002", "general", "grid", "parent-code-of-wrong-level"),
        ("511402002001001", "general", "grid", "parent-code-of-wrong-level"),
        ("51140200200100101", "general", None, "parent-code-of-wrong-level"),
        ("511402002001", "village", None, "kind-without-numbers"),
        ("511400", "general", None, "kind-without-numbers"),
        ("511402002001", "general", "block", "kind-without-numbers"),
    ],
)
def test_what_cannot_be_numbered_is_refused_with_the_reason(parent, kind, level, why):
    with pytest.raises(BadInput) as refusal:
        DEFAULT_SCHEME.next_free(parent, [], kind, level=level)
    assert refusal.value.kind == why
    assert refusal.value.text("zh") and refusal.value.text("en")


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from([DEFAULT_SCHEME, CJT]),
    st.sampled_from(["511402002001", "511402002", "511402", "511400"]),
    st.sampled_from(["special", "general"]),
    st.sets(st.integers(1, 999)),
)
def test_a_new_code_has_its_level_names_its_parent_and_is_new(scheme, parent, kind, numbers):
    if kind == "general" and scheme.level_of(parent) != "community":
        return
    stem = scheme.next_free(parent, [], kind, level="grid")[: -scheme.digits["grid"]]
    taken = {f"{stem}{number:0{scheme.digits['grid']}}" for number in numbers if number % 7}
    code = scheme.next_free(parent, taken, kind, level="grid")
    assert code not in taken
    assert (scheme.level_of(code), scheme.parent_code(code)) == ("grid", parent)
    assert scheme.is_special(code) == (kind == "special")
    assert not scheme.contradicts(code, parent, "grid")


# ---- CJ/T 349-2010: what is managed 6, county 6, town 3, community 3, grid 2 ----


def test_the_standards_codes_have_twenty_digits():
    code = CJT.next_free("511402002001", ["01020351140200200101"])
    assert code == "01020351140200200102"
    assert (CJT.level_of(code), CJT.parent_code(code)) == ("grid", "511402002001")
    assert CJT.next_free(code, []) == code + "01"


def test_in_the_standard_grid_number_zero_is_an_undivided_community():
    assert CJT.level_of("01020351140200200100") == "grid"
    assert DEFAULT_SCHEME.level_of("01020351140200200100") is None


@pytest.mark.parametrize("setting", ["", "16", "cjt349", "cjt349:12", "cjt349:abcdef"])
def test_an_unknown_scheme_is_refused(setting):
    with pytest.raises(BadInput) as refusal:
        code_scheme(setting)
    assert refusal.value.kind == "unknown-code-scheme"


def test_the_default_scheme_is_the_one_of_fifteen_digits():
    assert code_scheme() is DEFAULT_SCHEME


# ---- numbering a whole file ----

#   30.02   a     b     c         one reads a b c d e f
#   30.01   d     e     f
#         103.80 103.81 103.82
SIX = np.array([(lon, lat) for lat in (30.02, 30.01) for lon in (103.80, 103.81, 103.82)])


def test_numbers_run_west_to_east_in_rows_from_north_to_south():
    assert reading_order(SIX).tolist() == [0, 1, 2, 3, 4, 5]
    assert reading_order(SIX[::-1]).tolist() == [5, 4, 3, 2, 1, 0]


def test_points_of_a_ragged_row_are_still_read_as_one_row():
    ragged = SIX + np.array([(0, 0), (0, 0.002), (0, -0.001), (0, -0.002), (0, 0.001), (0, 0)])
    assert reading_order(ragged).tolist() == [0, 1, 2, 3, 4, 5]


def test_a_single_row_and_a_single_column_are_read_along():
    assert reading_order(SIX[[2, 0, 1]]).tolist() == [1, 2, 0]
    assert reading_order(SIX[[3, 0]]).tolist() == [1, 0]
    assert reading_order(SIX[:1]).tolist() == [0]


def test_each_parent_and_kind_is_numbered_by_itself_and_taken_codes_are_passed_over():
    parents = ["511402002001", "511402002002", "511402002001", "511402002002", "511402002", "511402002001"]
    kinds = ["general", "general", "general", "general", "special", "special"]
    codes = assign_codes(parents, SIX, {"511402002001001"}, kinds=kinds)
    assert codes.tolist() == [
        "511402002001002",
        "511402002002001",
        "511402002001003",
        "511402002002002",
        "511402002000800",
        "511402002001800",
    ]


def test_no_areas_get_no_codes():
    assert assign_codes([], [], []).tolist() == []


def test_more_areas_than_numbers_are_refused_before_any_is_given_twice():
    with pytest.raises(Conflict):
        assign_codes(["511402002001"] * 800, np.column_stack([np.arange(800) / 1e4, np.zeros(800)]), [])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=40, unique=True),
    st.randoms(use_true_random=False),
)
def test_the_order_of_a_file_does_not_matter(steps, random):
    points = np.array(steps) / 1000 + (103.8, 30.0)
    parents = [f"51140200200{1 + east % 3}" for east, _ in steps]
    order = random.sample(range(len(steps)), len(steps))
    codes = assign_codes(parents, points, [])
    assert assign_codes([parents[row] for row in order], points[order], []).tolist() == codes[order].tolist()
    assert len(set(codes)) == len(codes)
    assert all(code.startswith(parent) for code, parent in zip(codes, parents, strict=True))


# 东莞, 中山 and 儋州 are cities without counties: their three rows in areas.csv have the form of cities.
@pytest.mark.real_data
@pytest.mark.skipif(not DIVISIONS.exists(), reason="needs ../shared/data/cn-division-codes")
@pytest.mark.parametrize(
    ("file", "parent_field", "level", "count"),
    [
        ("areas.csv", "cityCode", "county", 2975),
        ("streets.csv", "areaCode", "town", 41_351),
        ("villages_meishan_511400.csv", "streetCode", "community", 847),
        ("villages_neijiang_511000.csv", "streetCode", "community", 1290),
    ],
)
def test_the_states_own_codes_fit_the_scheme(file, parent_field, level, count):
    with (DIVISIONS / file).open(encoding="utf-8-sig", newline="") as rows:
        pairs = [(row["code"], row[parent_field]) for row in csv.DictReader(rows)]
    formed = [pair for pair in pairs if DEFAULT_SCHEME.level_of(pair[0]) == level]
    assert len(formed) == count
    assert not [pair for pair in formed if DEFAULT_SCHEME.contradicts(*pair, level)]
