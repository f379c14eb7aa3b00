"""How addresses are taken apart: what people write differently comes out alike."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.addresses.asking import Asked
from geo.addresses.likeness import likeness
from geo.addresses.numbering import ALL, COARSER, FINER, NONE, PHASE_LEFT_OUT, WHOLE, fit
from geo.addresses.sounds import forms, keys_of_stem, sound_of, syllables
from geo.addresses.spelling import digits_of, parts_of, plain, spelt


@pytest.mark.parametrize(
    "written",
    [
        "兰溪花园8期3栋2单元",
        "兰溪花园八期三幢二单元",
        "兰溪花园 第八期，３号楼２单元",
        "兰溪花园（8期）03#2单",
        "兰溪花园8期2单元3栋",
    ],
)
def test_one_staircase_is_written_in_many_ways(written):
    said = spelt(written)
    assert (said.stem, digits_of(said.numbers), [each.unit for each in said.numbers]) == (
        "兰溪花园",
        "8.3.2",
        ["期", "栋", "单元"],
    )


@pytest.mark.parametrize(
    ("written", "stem", "digits"),
    [
        ("兰溪花园8-3-2", "兰溪花园", "8.3.2"),
        ("青竹路12号附3号", "青竹路", "12.3"),
        ("青竹路一千二百零三号", "青竹路", "1203"),
        ("第三网格", "网格", "3"),
        ("共和村三社12号", "共和村", "3.12"),
        ("八一社区", "八一社区", ""),
        ("五星村", "五星村", ""),
        ("Oak  Street, 12", "oak street", "12"),
        ("兰溪花园 13800001111", "兰溪花园", ""),
    ],
)
def test_numbers_are_told_from_names(written, stem, digits):
    said = spelt(written)
    assert (said.stem, digits_of(said.numbers)) == (stem, digits)


def test_a_storey_is_no_building():
    assert [(each.value, each.unit) for each in spelt("A栋3楼").numbers] == [("a", "栋"), ("3", "层")]
    assert [(each.value, each.unit) for each in spelt("兰溪花园3楼").numbers] == [("3", "栋")]


@given(st.text(max_size=500))
def test_any_text_can_be_taken_apart(text):
    form = plain(text)
    assert all(sign.isalnum() or sign in " -#" for sign in form)
    assert all(form[part.begin : part.end] for part in parts_of(form))
    assert plain(form) == form


# the readings are loaded by whoever asks first
@settings(deadline=None)
@given(st.text("兰溪花园期栋单元零一二三十百0123456789 -第号", max_size=30))
def test_a_name_is_found_by_itself(name):
    said = spelt(name)
    if said.stem and len(Asked.of(name).runs) == 1 and 1 < len(syllables(said.stem)) < 14:
        assert {key for kind, key in keys_of_stem(said.stem) if kind == 0} & Asked.of(name).keys().keys()


@pytest.mark.parametrize(
    ("one", "other"), [("侨", "桥"), ("溪", "西"), ("中", "宗"), ("兰", "南"), ("林", "领"), ("湖", "浮")]
)
def test_what_many_people_do_not_tell_apart_sounds_alike(one, other):
    assert sound_of(one) == sound_of(other)


@pytest.mark.parametrize(
    ("written", "stem", "degree"),
    [
        ("兰溪花园", "兰溪花园", 1.0),
        ("兰西花园", "兰溪花园", 0.97),
        ("溪兰花园", "兰溪花园", 0.88),
        ("兰溪花", "兰溪花园", 0.88),
        ("兰溪溪花园", "兰溪花园", 0.88),
        ("青溪花园", "兰溪花园", 0.74),
        ("青竹花园", "兰溪花园", 0.0),
        ("庄店社区", "庄店社区居民委员会", 0.98),
        ("庄店居委会", "庄店社区居民委员会", 0.98),
        ("庄店", "庄店社区居民委员会", 0.93),
        ("大石侨接道", "大石桥街道", 0.97),
    ],
)
def test_how_like_a_name_what_is_written_is(written, stem, degree):
    assert likeness(syllables(written), stem).degree == pytest.approx(degree)


def test_a_village_is_called_by_its_name_alone():
    assert {form.text for form in forms("共和村村民委员会")} >= {"共和村", "共和", "共和村委会"}
    assert [form.text for form in forms("共和村村民委员会") if form.bare] == ["共和"]


@pytest.mark.parametrize(
    ("own", "meant", "expected"),
    [
        ("8期3栋2单元", "8期3栋2单元501室", ALL),
        ("8期3栋2单元", "8期3栋", FINER),
        ("8期", "8期3栋", COARSER),
        ("8期3栋", "3栋", PHASE_LEFT_OUT),
        ("8期3栋", "", WHOLE),
        ("", "12号", COARSER),
        ("8期", "9期", NONE),
        ("1期", "1-7期2栋", NONE),
        ("3号", "3栋", ALL),
    ],
)
def test_numbers_fit_as_far_as_they_go(own, meant, expected):
    assert fit(spelt(f"园{own}").numbers, spelt(f"园{meant}").numbers, lived_in=True) == expected
