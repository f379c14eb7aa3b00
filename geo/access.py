"""Who may do what, where: roles within an area and all below it, and what tokens of programs may do.

Areas are told apart by their ids. A place is an area with everything above it, so that a role held for a county reaches
its towns and grids: a :data:`Place` holds the area's own id and the ids of all its ancestors.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from geo.errors import BadInput, Refused, Unidentified

Anonymous = Literal["read", "locate", "none"]
Place = frozenset[int]
"""An area by its id, with the ids of everything above it; empty for what lies in no area."""


ACTIONS: Final = (
    *("locate", "read", "plans", "draft", "approve", "accept", "steward"),
    *("contacts", "residences", "work", "operate", "accounts", "trail"),
)
"""What can be asked for: points; published boundaries; plans, exceptions and jobs; then drafting, deciding on plans,
accepting findings, keeping ledgers; names and numbers of team members; residences with their addresses; starting and
cancelling jobs (``work``), other people's too (``operate``); deciding on accounts; reading the audit trail."""
_LOOKING: Final = frozenset({"locate", "read", "plans"})
MAY: Final[Mapping[str, frozenset[str]]] = {
    "viewer": _LOOKING,
    "planner": _LOOKING | {"draft", "residences", "work"},
    "approver": _LOOKING | {"approve", "accept", "residences", "work"},
    "auditor": _LOOKING | {"contacts", "residences", "work", "trail"},
    "steward": _LOOKING | {"steward", "contacts", "residences", "work"},
    "administrator": _LOOKING | {"accounts", "operate", "work"},
    "system_administrator": _LOOKING | {"operate", "work"},
    "security_administrator": frozenset({"accounts"}),
    "audit_administrator": frozenset({"trail"}),
}
"""What each role may do where it is held. Nobody who decides on accounts decides on boundaries by the same role."""

ROLES: Final = tuple(MAY)

OFFICERS: Final = frozenset({"system_administrator", "security_administrator", "audit_administrator"})
"""The three (三员): no two of them are one person."""

BY_SCOPE: Final[Mapping[str, frozenset[str]]] = {
    "locate": frozenset({"locate"}),
    "read": _LOOKING,
    "write": _LOOKING | {"draft", "steward", "work"},
    "contacts": frozenset({"contacts"}),
}
"""What a program's token may do: it drafts and keeps ledgers, but never decides."""

SCOPES: Final = tuple(BY_SCOPE)

BY_ANYBODY: Final[Mapping[str, frozenset[str]]] = {
    "read": frozenset({"locate", "read"}),
    "locate": frozenset({"locate"}),
    "none": frozenset(),
}
"""What those who have not signed in may do, by the site's setting."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in an area and all below it; everywhere where ``area`` is None."""

    role: str
    area: int | None = None

    def holds(self, action: str, place: Place | None) -> bool:
        """Tell whether it permits an action in a place; None stands for the whole site."""
        return action in MAY[self.role] and (self.area is None or (place is not None and self.area in place))


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks.

    Attributes
    ----------
    name
        What is written down: the account's or the token's name, ``""`` for those who did not sign in.
    kind
        ``unguarded``: there are no accounts, everybody may do everything; ``operator``: the user of the machine's own
        command line; ``anonymous``, ``person`` and ``token`` say what they are.
    account
        Number of the account, or of the token.
    grants
        Of a person.
    actions
        What a token, or somebody unknown, may do at all; of a person what anybody may.
    areas
        To which areas (ids) a token is confined; None for none.
    per_minute
        How many requests a token may send; None for the site's limit.
    """

    name: str
    kind: str
    account: int | None = None
    grants: tuple[Grant, ...] = ()
    actions: frozenset[str] = frozenset()
    areas: frozenset[int] | None = None
    per_minute: int | None = None

    @property
    def is_free(self) -> bool:
        """Whether nothing is asked of them: no accounts yet, or the machine's own user."""
        return self.kind in ("unguarded", "operator")

    def may(self, action: str, place: Place | None = None) -> bool:
        """Tell whether they may do something in a place; without one, on the whole site."""
        if self.is_free:
            return True
        within = self.areas is None or (place is not None and not self.areas.isdisjoint(place))
        return (action in self.actions and within) or any(grant.holds(action, place) for grant in self.grants)

    def confined(self, action: str) -> frozenset[int] | None:
        """Return the areas (ids) to which an action of theirs is confined; None where they may do it everywhere."""
        if self.may(action):
            return None
        held = {grant.area for grant in self.grants if action in MAY[grant.role] and grant.area is not None}
        return frozenset(held) | (self.areas if self.areas and action in self.actions else frozenset())

    def may_somewhere(self, action: str) -> bool:
        """Tell whether there is any place where they may do something."""
        if self.is_free:
            return True
        return action in self.actions or any(action in MAY[grant.role] for grant in self.grants)

    def require(self, action: str, place: Place | None = None, *, code: str = "") -> None:
        """Refuse what they may not do.

        Parameters
        ----------
        code
            Of the area, for the sentence.

        Raises
        ------
        Unidentified
            ``sign-in-needed``, for somebody unknown.
        Refused
            ``access-denied`` where no role of theirs permits it, ``access-elsewhere`` where one does, but not here.
        """
        if self.may(action, place):
            return
        if self.kind == "anonymous":
            raise Unidentified("sign-in-needed")
        if not self.may_somewhere(action):
            raise Refused("access-denied", name=self.name, action=action)
        raise Refused("access-elsewhere", place={"code": code} if code else None, name=self.name, action=action)


UNGUARDED: Final = Principal("", "unguarded")
"""Whoever asks while there are no accounts."""


def anonymous(setting: str) -> Principal:
    """Return somebody who has not signed in, for what the site lets them do."""
    return Principal("", "anonymous", actions=BY_ANYBODY[setting])


def operator(name: str) -> Principal:
    """Return the machine's own user, who has the database in hand anyway."""
    return Principal(name, "operator")


def by_token(
    name: str, number: int, scopes: Iterable[str], areas: Iterable[int] | None, per_minute: int | None
) -> Principal:
    """Return the program that holds a token."""
    actions: frozenset[str] = frozenset().union(*(BY_SCOPE[scope] for scope in scopes))
    return Principal(
        name,
        "token",
        account=number,
        actions=actions,
        areas=None if areas is None else frozenset(areas),
        per_minute=per_minute,
    )


def covered(principal: Principal, action: str, places: Mapping[int, Place]) -> frozenset[int]:
    """Return those of some places where a principal may do something, by the ids of their areas."""
    return frozenset(area for area, place in places.items() if principal.may(action, place))


def require_everywhere(principal: Principal, action: str, places: Mapping[int, Place]) -> None:
    """Refuse what touches a place where a principal may not do it.

    Raises
    ------
    Unidentified, Refused
        As :meth:`Principal.require`.
    """
    for place in places.values():
        principal.require(action, place)
    if not places and not principal.may_somewhere(action):
        principal.require(action)


def require_separate(roles: Collection[str], *, name: str, three_officers: bool) -> None:
    """Refuse roles that one person must not hold together.

    Where the site keeps the three officers apart (三员分立) nobody holds two of them, nobody is an ``administrator``,
    who would be all of them, and no officer decides on boundaries.

    Raises
    ------
    BadInput
        ``unknown-role``.
    Refused
        ``officers-apart``.
    """
    for role in roles:
        if role not in MAY:
            raise BadInput("unknown-role", place={"field": "role"}, given=role, known=", ".join(ROLES))
    held = set(roles)
    officers = held & OFFICERS
    mixed = bool(officers) and bool(held - OFFICERS - {"viewer"})
    if three_officers and (len(officers) > 1 or mixed or "administrator" in held):
        raise Refused("officers-apart", place={"field": "role"}, name=name, roles=", ".join(sorted(held)))


def is_administered(grants: Iterable[Collection[str]], *, three_officers: bool) -> bool:
    """Tell whether somebody looks after accounts: an administrator, or all three officers.

    Parameters
    ----------
    grants
        The roles that each account in force holds for the whole site.
    """
    held = [set(roles) for roles in grants]
    if three_officers:
        return all(any(officer in roles for roles in held) for officer in OFFICERS)
    return any({"administrator", "security_administrator"} & roles for roles in held)


def require_scopes(scopes: Collection[str]) -> None:
    """Refuse scopes that there are none of.

    Raises
    ------
    BadInput
        ``unknown-scope``.
    """
    for scope in scopes:
        if scope not in BY_SCOPE:
            raise BadInput("unknown-scope", place={"field": "scope"}, given=scope, known=", ".join(SCOPES))


def in_force(until: datetime | None, now: datetime) -> bool:
    """Tell whether something with an end still holds."""
    return until is None or now < until
