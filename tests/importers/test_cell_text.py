"""One number, many writings: counts, telephone numbers and numerals as people type them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.cell_text import arabic, clean, decimal_number, folded, phone, whole_number

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@given(st.integers(0, 999_999))
@settings(deadline=None, max_examples=100)
def test_a_count_is_the_same_in_every_writing(count):
    writings = [
        str(count),
        f"{count:,}",
        f" {count} 户",
        str(count).translate(FULL_WIDTH),
        clean(float(count)),
        f"{count}.0",
        f"{count:,}".replace(",", "，"),
    ]
    assert {whole_number(clean(text)) for text in writings} == {count}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("-3", "negative"), ("－３", "negative"), ("12.5", "fraction"), ("约400", "unreadable"), ("1,22", "unreadable"),
     ("", "unreadable"), ("nan", "unreadable"), ("1e999", "too-large"), ("1000001", "too-large")],
)  # fmt: skip
def test_what_is_no_count_is_told_apart(text, wrong):
    assert whole_number(text) == wrong


@given(st.integers(3, 9), st.integers(0, 999_999_999))
@settings(deadline=None, max_examples=100)
def test_a_mobile_number_is_the_same_in_every_writing(second, rest):
    digits = f"1{second}{rest:09d}"
    writings = [
        clean(float(digits)),
        clean(int(digits)),
        digits + ".0",
        f"+86 {digits}",
        f"0086-{digits}",
        f"{digits[:3]} {digits[3:7]}　{digits[7:]}",
        f"{digits[:3]}-{digits[3:7]}-{digits[7:]}",
        digits.translate(FULL_WIDTH),
        f"{digits[0]}.{digits[1:]}E+10",
        f'="{digits}"',
        f"'{digits}",
    ]
    assert {phone(clean(text)).digits for text in writings} == {digits}


@pytest.mark.parametrize(
    ("text", "digits", "doubt"),
    [
        ("1.38E+10", "", "rounded"),
        ("见微信", "", "unreadable"),
        ("1380000111", "1380000111", "form"),
        ("028-38290000", "02838290000", None),
        ("无", "", None),
        ("110", "110", None),
    ],
)
def test_a_doubtful_number_is_said_to_be_so(text, digits, doubt):
    assert (phone(text).digits, phone(text).doubt) == (digits, doubt)


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=200)
def test_cleaning_twice_changes_nothing_and_no_reader_of_cells_fails(text):
    once = clean(text)
    assert folded(once) == folded(folded(once))
    assert not any("\uff10" <= sign <= "\uff19" for sign in once)
    whole_number(once)
    phone(once)
    decimal_number(once)
    arabic(once)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("第三网格", "第3网格"),
        ("第03网格", "第3网格"),
        ("第十二网格", "第12网格"),
        ("第二十网格", "第20网格"),
        ("二〇二", "202"),
    ],
)
def test_numerals_are_compared_in_digits(text, plain):
    assert arabic(text) == plain
