"""Plans: their states, who may move them from one to the next, what they are known by, and which of them clash."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from geo.errors import BadInput, Conflict, Refused, TooLarge

State = Literal["draft", "submitted", "approved", "published", "rejected", "withdrawn"]
Action = Literal["edit", "submit", "approve", "reject", "publish", "withdraw"]

STATES: Final[tuple[State, ...]] = ("draft", "submitted", "approved", "published", "rejected", "withdrawn")
OPEN_STATES: Final[tuple[State, ...]] = ("draft", "submitted", "approved")
"""Plans that may yet be published."""

TRANSITIONS: Final[Mapping[Action, Mapping[State, State]]] = {
    # a rejected plan that is worked on again is a draft
    "edit": {"draft": "draft", "rejected": "draft"},
    "submit": {"draft": "submitted"},
    "approve": {"submitted": "approved"},
    "reject": {"submitted": "rejected", "approved": "rejected"},
    "publish": {"approved": "published"},
    "withdraw": {"draft": "withdrawn", "submitted": "withdrawn", "approved": "withdrawn", "rejected": "withdrawn"},
}
"""What each action makes of each state; what does not stand here is refused."""

MOST_OPERATIONS: Final = 500
"""More would be several decisions; a boundary file is the way to change a whole city."""


def next_state(state: str, action: Action, *, plan: int) -> State:
    """Return the state that an action leads to.

    Raises
    ------
    Conflict
        ``plan-wrong-state``: the action is not possible from here.
    """
    ways: Mapping[Any, State] = TRANSITIONS[action]
    if state not in ways:
        needed = " / ".join(ways)
        raise Conflict(
            "plan-wrong-state", place={"field": "state"}, plan=plan, state=state, action=action, needed=needed
        )
    return ways[state]


def require_other(author: str, reviewer: str, *, plan: int) -> None:
    """Refuse that someone approves a plan of their own.

    Raises
    ------
    Refused
        ``plan-own-approval``.
    """
    if author.strip().casefold() == reviewer.strip().casefold():
        raise Refused("plan-own-approval", place={"field": "actor"}, plan=plan, actor=reviewer)


def require_reason(reason: str | None) -> str:
    """Return a reason that says something.

    Raises
    ------
    BadInput
        ``plan-reason-needed``.
    """
    if not (reason or "").strip():
        raise BadInput("plan-reason-needed", place={"field": "reason"})
    return str(reason).strip()


def require_few(count: int, most: int = MOST_OPERATIONS) -> None:
    """Refuse a plan with more operations than one decision can be.

    Parameters
    ----------
    most
        A site may set it lower.

    Raises
    ------
    TooLarge
        ``plan-too-many-operations``.
    """
    if count > most:
        place = {"field": f"operations[{most}]"}
        raise TooLarge("plan-too-many-operations", place=place, count=count, most=most)


def plan_hash(title: str, effective: date | None, operations: Sequence[Mapping[str, Any]]) -> str:
    """Return what a signed sheet is compared by: the same for the same title, date and operations.

    Parameters
    ----------
    operations
        As records, GeoJSON in EPSG:4490 degrees.
    """
    content = {"title": title, "effective": None if effective is None else effective.isoformat(), "ops": operations}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Footprint:
    """Which stored areas a plan changes.

    Attributes
    ----------
    plan, title, state
        The plan.
    area_ids
        Those that get a new version or end, mere new nodes aside.
    """

    plan: int
    title: str
    state: str
    area_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Clash:
    """Another plan that changes some of the same areas: whichever is published first makes the other one stale."""

    plan: int
    title: str
    state: str
    area_ids: frozenset[int]


def clashes(own: Footprint, others: Iterable[Footprint]) -> list[Clash]:
    """Return the open plans that change areas of this one, by number."""
    found = [
        Clash(other.plan, other.title, other.state, own.area_ids & other.area_ids)
        for other in others
        if other.plan != own.plan and other.state in OPEN_STATES and not own.area_ids.isdisjoint(other.area_ids)
    ]
    return sorted(found, key=lambda clash: clash.plan)
