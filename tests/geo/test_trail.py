"""The chain of the audit trail, by hand: what is changed, taken out or cut off shows, and where."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.trail import START, Break, Record, digest_of, verify

BEGUN = datetime(2026, 5, 1, tzinfo=UTC)


def chain(count: int) -> list[Record]:
    made: list[Record] = []
    for number in range(1, count + 1):
        previous = made[-1].digest if made else START
        at = BEGUN + timedelta(seconds=number)
        bare = Record(number, at, "李四", "http", "127.0.0.1", "POST /plans", f"{number}", "{}", previous, b"")
        made.append(replace(bare, digest=digest_of(bare)))
    return made


def head(records: list[Record]) -> tuple[int, bytes]:
    return (records[-1].number, records[-1].digest) if records else (0, START)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_chain_as_it_was_written_holds(count):
    records = chain(count)
    found = verify(records, head=head(records))
    assert (found.count, found.breaks) == (count, ())


@pytest.mark.parametrize("field", ["actor", "via", "address", "action", "subject", "details"])
def test_a_changed_field_is_found_at_its_record(field):
    records = chain(5)
    records[2] = replace(records[2], **{field: "x"})
    assert verify(records, head=head(records)).breaks == (Break(3, "changed"),)


def test_a_record_whose_digest_was_made_to_fit_is_found_at_the_next():
    records = chain(5)
    forged = replace(records[2], actor="x")
    records[2] = replace(forged, digest=digest_of(forged))
    assert verify(records, head=head(records)).breaks == (Break(4, "changed"),)


def test_a_record_taken_out_is_found_where_it_was():
    records = chain(5)
    assert verify([*records[:2], *records[3:]], head=head(records)).breaks == (Break(3, "missing"),)


def test_records_cut_off_at_the_end_are_found():
    records = chain(5)
    assert verify(records[:3], head=head(records)).breaks == (Break(4, "cut"),)
    assert verify([], head=head(records)).breaks == (Break(1, "cut"),)


def test_a_chain_written_anew_is_found_by_a_receipt():
    receipt = head(chain(4))
    anew = chain(3)
    forged = replace(anew[-1], number=4, subject="another", previous=anew[-1].digest)
    anew.append(replace(forged, digest=digest_of(forged)))
    assert verify(anew, head=head(anew)).breaks == ()
    assert verify(anew, head=head(anew), receipt=receipt).breaks == (Break(4, "changed"),)
    assert verify(anew[:2], head=head(anew[:2]), receipt=receipt).breaks == (Break(4, "cut"),)


@given(st.lists(st.text(), min_size=5, max_size=5), st.lists(st.text(), min_size=5, max_size=5))
def test_no_two_records_are_written_alike(one, other):
    made = [Record(1, BEGUN, *texts, details="{}", previous=START, digest=b"") for texts in (one, other)]
    assert (digest_of(made[0]) == digest_of(made[1])) == (one == other)
