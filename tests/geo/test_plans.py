"""The life of a plan, as a table; and what two plans have in common."""

from datetime import date

import pytest

from geo.errors import BadInput, Conflict, Refused, TooLarge
from geo.plans import (
    MOST_OPERATIONS,
    STATES,
    TRANSITIONS,
    Footprint,
    clashes,
    next_state,
    plan_hash,
    require_few,
    require_other,
    require_reason,
)

WAYS = {
    ("draft", "edit", "draft"),
    ("rejected", "edit", "draft"),
    ("draft", "submit", "submitted"),
    ("submitted", "approve", "approved"),
    ("submitted", "reject", "rejected"),
    ("approved", "reject", "rejected"),
    ("approved", "publish", "published"),
    ("draft", "withdraw", "withdrawn"),
    ("submitted", "withdraw", "withdrawn"),
    ("approved", "withdraw", "withdrawn"),
    ("rejected", "withdraw", "withdrawn"),
}


def outcome(state, action):
    try:
        return next_state(state, action, plan=7)
    except Conflict as refusal:
        assert (refusal.kind, refusal.place) == ("plan-wrong-state", {"field": "state"})
        return None


def test_a_plan_goes_these_ways_and_no_others():
    tried = {(state, action, outcome(state, action)) for state in STATES for action in TRANSITIONS}
    assert {way for way in tried if way[2]} == WAYS


def test_nothing_can_be_done_with_a_plan_that_is_published_or_withdrawn():
    assert all(outcome(state, action) is None for state in ("published", "withdrawn") for action in TRANSITIONS)


def test_a_refusal_names_the_states_that_would_do():
    with pytest.raises(Conflict, match="Plan 7 is “draft”, so “approve” is not possible; it takes the state “submitte"):
        next_state("draft", "approve", plan=7)


@pytest.mark.parametrize("reviewer", ["李四", " 李四", "李四 "])
def test_nobody_approves_a_plan_of_their_own(reviewer):
    with pytest.raises(Refused) as refusal:
        require_other("李四", reviewer, plan=7)
    assert refusal.value.kind == "plan-own-approval"
    require_other("李四", "王五", plan=7)


@pytest.mark.parametrize("reason", [None, "", "  \n"])
def test_a_reason_says_something(reason):
    with pytest.raises(BadInput, match="reason"):
        require_reason(reason)


def test_more_operations_than_a_plan_may_have_are_refused_at_the_first_that_is_too_many():
    require_few(MOST_OPERATIONS)
    with pytest.raises(TooLarge) as refusal:
        require_few(10_000)
    assert refusal.value.place == {"field": f"operations[{MOST_OPERATIONS}]"}


OPERATION = {"op": "rename", "code": "511402002001001", "name": "一号网格"}


def test_the_digest_is_that_of_what_is_decided():
    digest = plan_hash("调整", date(2026, 7, 1), [OPERATION])
    assert digest == plan_hash("调整", date(2026, 7, 1), [dict(reversed(OPERATION.items()))])
    others = [
        plan_hash("调整二", date(2026, 7, 1), [OPERATION]),
        plan_hash("调整", None, [OPERATION]),
        plan_hash("调整", date(2026, 7, 1), [OPERATION, OPERATION]),
        plan_hash("调整", date(2026, 7, 1), [{**OPERATION, "name": "二号网格"}]),
    ]
    assert len({digest, *others}) == 5


def test_plans_clash_in_the_areas_that_both_change_while_both_may_be_published():
    own = Footprint(3, "own", "draft", frozenset({1, 2, 3}))
    others = [
        Footprint(3, "own", "draft", frozenset({1, 2, 3})),
        Footprint(9, "later", "submitted", frozenset({3, 4})),
        Footprint(5, "other", "draft", frozenset({2, 3})),
        Footprint(6, "apart", "approved", frozenset({7})),
        Footprint(7, "done", "published", frozenset({1})),
        Footprint(8, "gone", "withdrawn", frozenset({1})),
    ]
    found = [(clash.plan, clash.title, clash.area_ids) for clash in clashes(own, others)]
    assert found == [(5, "other", frozenset({2, 3})), (9, "later", frozenset({3}))]
