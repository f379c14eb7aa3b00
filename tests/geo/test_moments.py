"""What people mean by ``at``."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import BadInput, NotFound
from geo.moments import parse_at

#  first edition        2026-03-02 09:00 Shanghai = 01:00 UTC
#  now                  2026-07-15 10:30 Shanghai = 02:30 UTC
NOW = datetime(2026, 7, 15, 2, 30, tzinfo=UTC)
FIRST = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def at(text, **more):
    return parse_at(text, now=NOW, **{"first": FIRST, **more})


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-07-01T08:00:00+08:00", utc(2026, 7, 1)),
        ("2026-07-01T00:00:00Z", utc(2026, 7, 1)),
        ("2026-07-01t00:00:00z", utc(2026, 7, 1)),
        ("2026-06-30T19:00:00-05:00", utc(2026, 7, 1)),
        ("2026-07-01T00:00:00-00:00", utc(2026, 7, 1)),
        ("2026-07-01T08:00:00.5+08:00", utc(2026, 7, 1, 0, 0, 0, 500_000)),
        ("2026-07-01T08:00:00.123456789+08:00", utc(2026, 7, 1, 0, 0, 0, 123_456)),
        ("  2026-07-01T08:00:00+08:00 ", utc(2026, 7, 1)),
    ],
)
def test_rfc_3339_is_read(text, moment):
    assert at(text) == moment
    assert at(text).tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-07-01T08:00:00", "2026-07-01 08:00:00", "2026-07-01 08:00", "2026-07-01T08:00"])
def test_without_offset_it_is_site_time(text):
    assert at(text) == utc(2026, 7, 1)
    assert at(text, zone="UTC") == utc(2026, 7, 1, 8)


@pytest.mark.parametrize("text", ["2026-07-01T08:00:00 08:00", "2026-07-01 08:00 08:00", "2026-07-01T08:00:00.0 08:00"])
def test_a_space_where_plus_was_meant_is_accepted(text):
    assert at(text) == utc(2026, 7, 1)


def test_a_bare_date_means_the_close_of_that_day():
    assert at("2026-07-01") == utc(2026, 7, 1, 15, 59, 59, 999_999)


def test_the_day_of_the_first_edition_counts_although_it_began_before():
    assert at("2026-03-02") == utc(2026, 3, 2, 15, 59, 59, 999_999)


def test_today_is_capped_at_now():
    assert at("2026-07-15") == NOW


def test_today_is_the_sites_day():
    late = utc(2026, 7, 14, 16, 30)
    assert parse_at("2026-07-15", now=late) == late
    with pytest.raises(BadInput, match="2026-07-14"):
        parse_at("2026-07-15", now=late, zone="UTC")


def test_up_to_sixty_seconds_ahead_is_taken_for_now():
    assert at("2026-07-15T10:31:00+08:00") == NOW


@pytest.mark.parametrize("text", ["2026-07-15T10:31:00.000001+08:00", "2026-07-16", "9999-12-31", "2026-07-15 10:32"])
def test_more_than_sixty_seconds_ahead_is_refused(text):
    with pytest.raises(BadInput) as refusal:
        at(text)
    assert (refusal.value.kind, refusal.value.place) == ("future-moment", {"field": "at"})
    assert "2026-07-15T10:30:00+08:00" in refusal.value.text("zh")


@pytest.mark.parametrize("text", ["2026-03-02T08:59:59", "2026-03-01", "0001-01-02"])
def test_before_the_first_edition_is_said_as_such(text):
    with pytest.raises(NotFound) as refusal:
        at(text)
    assert refusal.value.kind == "before-first-edition"
    assert "2026-03-02T09:00:00+08:00" in refusal.value.text("en")


def test_the_moment_of_the_first_edition_is_in_it():
    assert at("2026-03-02T09:00:00") == FIRST


def test_without_a_first_edition_nothing_is_too_early():
    assert at("1999-12-31T00:00:00Z", first=None) == utc(1999, 12, 31)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "yesterday",
        "2026-13-01",
        "2026-02-30",
        "2026-7-1",
        "20260701",
        "2026/07/01",
        "2026-07-01T25:00:00Z",
        "2026-07-01T08:00:00+0800",
        "2026-07-01T08:00:00+99:00",
        "2026-07-01T08:00:00+08:00Z",
        "2026-07-01T08",
        "2026-07-01T08:00:00.",
        "0000-01-01",
        "0001-01-01",
        "２０２６-07-01",
        "2026-07-01T08:00:00\n2026",
        "1751328000",
    ],
)
def test_a_malformed_moment_is_refused_with_examples(text):
    with pytest.raises(BadInput) as refusal:
        at(text)
    assert refusal.value.kind == "malformed-moment"
    for lang in ("zh", "en"):
        assert "2026-07-01T08:00:00+08:00" in refusal.value.text(lang)


def test_a_long_malformed_text_is_cut():
    with pytest.raises(BadInput) as refusal:
        at("9" * 10_000)
    assert len(refusal.value.text("en")) < 400


@pytest.mark.parametrize("zone", ["Asia/Chengdu", "../etc/passwd", ""])
def test_an_unknown_time_zone_is_said(zone):
    with pytest.raises(BadInput) as refusal:
        at("2026-07-01", zone=zone)
    assert refusal.value.kind == "unknown-time-zone"


@given(st.datetimes(datetime(2026, 3, 3), datetime(2026, 7, 14)), st.integers(-14 * 60, 14 * 60))
def test_what_is_written_is_read_back_in_any_offset(moment, offset_min):
    exact = moment.replace(tzinfo=UTC)
    minutes = abs(offset_min)
    sign = "+" if offset_min >= 0 else "-"
    local = moment + timedelta(minutes=offset_min)
    assert at(f"{local.isoformat(timespec='microseconds')}{sign}{minutes // 60:02}:{minutes % 60:02}") == exact
