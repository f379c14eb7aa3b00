"""Who may do what, where: roles by hand, on a drawn city.

::

    1 city ─┬─ 10 county ─┬─ 100 street
            │             └─ 101 street
            └─ 20 county ─── 200 street
"""

from datetime import UTC, datetime, timedelta

import pytest

from geo.access import (
    ACTIONS,
    MAY,
    OFFICERS,
    ROLES,
    SCOPES,
    UNGUARDED,
    Grant,
    Principal,
    anonymous,
    by_token,
    covered,
    is_administered,
    operator,
    require_everywhere,
    require_scopes,
    require_separate,
)
from geo.errors import BadInput, Refused, Unidentified
from geo.passwords import FAILURES, LOCKED, locked_until, require_password

CITY, COUNTY, STREET, OTHER_STREET, OTHER_COUNTY, FAR_STREET = 1, 10, 100, 101, 20, 200
PLACES = {
    CITY: frozenset({CITY}),
    COUNTY: frozenset({CITY, COUNTY}),
    STREET: frozenset({CITY, COUNTY, STREET}),
    OTHER_STREET: frozenset({CITY, COUNTY, OTHER_STREET}),
    OTHER_COUNTY: frozenset({CITY, OTHER_COUNTY}),
    FAR_STREET: frozenset({CITY, OTHER_COUNTY, FAR_STREET}),
}
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def person(*grants: tuple[str, int | None]) -> Principal:
    return Principal("李四", "person", 1, tuple(Grant(*one) for one in grants))


def where(principal: Principal, action: str) -> set[int]:
    return set(covered(principal, action, PLACES))


def test_a_role_reaches_its_area_and_all_below_it():
    assert where(person(("planner", COUNTY)), "draft") == {COUNTY, STREET, OTHER_STREET}
    assert where(person(("planner", STREET)), "draft") == {STREET}
    assert where(person(("planner", None)), "draft") == set(PLACES)


def test_a_role_in_an_area_is_none_for_the_whole_site():
    assert not person(("planner", CITY)).may("draft")
    assert person(("planner", None)).may("draft")
    assert person(("planner", CITY)).may_somewhere("draft")


def test_roles_in_several_areas_add_up_action_by_action():
    both = person(("planner", COUNTY), ("approver", FAR_STREET))
    assert where(both, "draft") == {COUNTY, STREET, OTHER_STREET}
    assert where(both, "approve") == {FAR_STREET}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_permits_what_its_row_says_and_nothing_else(role):
    who = person((role, None))
    assert {action for action in ACTIONS if who.may(action)} == MAY[role]


def test_the_rows_hold_to_the_principles():
    assert "accept" not in MAY["auditor"]
    assert not MAY["auditor"] & {"draft", "approve", "steward", "accounts"}
    assert {role for role in ROLES if "accounts" in MAY[role]} == {"administrator", "security_administrator"}
    assert {role for role in ROLES if "trail" in MAY[role]} == {"auditor", "audit_administrator"}
    assert {role for role in ROLES if "contacts" in MAY[role]} == {"auditor", "steward"}
    assert all(
        MAY[one].isdisjoint(MAY[other] - {"locate", "read", "plans"}) for one in OFFICERS for other in OFFICERS - {one}
    )
    assert not any(action in UNGUARDED.actions for action in ACTIONS)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_never_decides(scope):
    token = by_token("app", 1, [scope], None, None)
    assert not any(token.may(action) for action in ("approve", "accept", "accounts", "operate", "trail"))


def test_a_token_stays_in_its_areas():
    token = by_token("app", 1, ["locate"], [COUNTY], 60)
    assert where(token, "locate") == {COUNTY, STREET, OTHER_STREET}
    assert where(token, "read") == set()
    assert token.confined("locate") == {COUNTY}
    assert by_token("app", 1, ["locate"], None, None).confined("locate") is None


def test_where_a_person_is_confined_to_is_said_for_each_action():
    who = person(("viewer", COUNTY), ("planner", STREET))
    assert who.confined("draft") == {STREET}
    assert who.confined("read") == {COUNTY, STREET}
    assert person(("viewer", None)).confined("read") is None


@pytest.mark.parametrize(
    ("setting", "actions"), [("read", {"locate", "read"}), ("locate", {"locate"}), ("none", set())]
)
def test_those_who_do_not_sign_in_may_do_what_the_setting_says(setting, actions):
    assert {action for action in ACTIONS if anonymous(setting).may(action)} == actions


@pytest.mark.parametrize("free", [UNGUARDED, operator("root")])
def test_without_accounts_and_at_the_machine_everything_is_permitted(free):
    assert all(free.may(action, PLACES[STREET]) and free.may(action) for action in ACTIONS)


@pytest.mark.parametrize(
    ("who", "place", "error", "kind"),
    [
        (anonymous("read"), STREET, Unidentified, "sign-in-needed"),
        (person(("viewer", None)), STREET, Refused, "access-denied"),
        (person(("planner", COUNTY)), FAR_STREET, Refused, "access-elsewhere"),
        (person(("planner", STREET)), COUNTY, Refused, "access-elsewhere"),
    ],
)
def test_refusals_say_what_is_missing(who, place, error, kind):
    with pytest.raises(error) as refusal:
        who.require("draft", PLACES[place], code="x")
    assert refusal.value.kind == kind


def test_what_touches_two_counties_needs_a_role_in_both():
    touched = {area: PLACES[area] for area in (STREET, FAR_STREET)}
    require_everywhere(person(("planner", COUNTY), ("planner", OTHER_COUNTY)), "draft", touched)
    with pytest.raises(Refused):
        require_everywhere(person(("planner", COUNTY)), "draft", touched)


def test_what_touches_nothing_yet_still_needs_the_role():
    require_everywhere(person(("planner", COUNTY)), "draft", {})
    with pytest.raises(Refused):
        require_everywhere(person(("viewer", None)), "draft", {})


@pytest.mark.parametrize(
    "roles",
    [
        {"system_administrator", "audit_administrator"},
        {"administrator"},
        {"security_administrator", "planner"},
        {"audit_administrator", "auditor"},
    ],
)
def test_three_officers_are_three_people(roles):
    with pytest.raises(Refused) as refusal:
        require_separate(roles, name="张工", three_officers=True)
    assert refusal.value.kind == "officers-apart"
    require_separate(roles, name="张工", three_officers=False)


@pytest.mark.parametrize("roles", [{"security_administrator", "viewer"}, {"planner", "approver"}, {"auditor"}, set()])
def test_other_roles_go_together(roles):
    require_separate(roles, name="张工", three_officers=True)


def test_unknown_roles_and_scopes_are_refused():
    with pytest.raises(BadInput):
        require_separate({"king"}, name="张工", three_officers=False)
    with pytest.raises(BadInput):
        require_scopes(["locate", "everything"])


def test_a_site_is_administered_by_one_administrator_or_by_all_three_officers():
    apart = [{one} for one in sorted(OFFICERS)]
    assert is_administered([{"viewer"}, {"administrator"}], three_officers=False)
    assert not is_administered([{"viewer"}, {"approver"}], three_officers=False)
    assert is_administered(apart, three_officers=True)
    assert not is_administered(apart[:2], three_officers=True)


@pytest.mark.parametrize("password", ["Meishan-2026", "青禾 River 81", "xK9#mm22wq"])
def test_passwords_of_three_kinds_pass(password):
    require_password("lisi", password)


@pytest.mark.parametrize(
    "password", ["Short1!", "onlylowercase", "Password-2026", "Lisi-river-81", "x" * 129 + "A1", "Line\nbreak 81"]
)
def test_passwords_that_would_be_guessed_do_not(password):
    with pytest.raises(BadInput) as refusal:
        require_password("lisi", password)
    assert refusal.value.kind == "password-weak"
    assert password not in refusal.value.text("zh")


def test_wrong_passwords_in_a_row_lock_for_a_while():
    failures = [NOON + timedelta(minutes=each) for each in range(FAILURES)]
    assert locked_until(failures[:-1]) is None
    assert locked_until(failures) == failures[-1] + LOCKED
    assert locked_until([NOON + timedelta(minutes=5 * each) for each in range(FAILURES)]) is None
