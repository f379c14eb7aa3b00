"""Who may draft, approve and publish which plans: by the areas that a plan touches."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from sqlalchemy import Connection

from geo.access import Place, Principal, covered, require_everywhere
from geo.plans import require_other
from geo.store.access_book import places_of
from geo.store.drafting import Worked
from geo.store.plans import NO_DRAFT, Acting, Plan, list_events, one_draft, record_event
from geo.store.sql import statement

TOUCHES: Final = "touches"
"""Member of a draft's outcome: ids of the stored areas that it touches; 0 for what has no parent."""
ENDORSED: Final = "endorsed"
"""The event of an approval that does not yet cover all that a plan touches."""
_BEFORE_IT_COUNTS: Final = ("submitted", "rejected", "drafted", "undone", "redone")


def touched_by(worked: Worked) -> list[int]:
    """Return the ids of the stored areas that a draft touches: what changes or ends, and parents before and after."""
    changed = {*worked.adjusted.changed, *worked.adjusted.created}
    touched = {int(area) for area in (*worked.adjusted.changed, *worked.adjusted.ended) if area > 0}
    after = worked.adjusted.after
    ours = np.isin(after.ids, np.array(sorted(changed), dtype=np.int64))
    touched |= {int(parent) for parent in after.parent_ids[ours] if parent >= 0}
    return sorted(touched)


def places_touched(connection: Connection, plan: Plan) -> dict[int, Place]:
    """Return where the draft of a plan that counts touches something, by the ids of areas."""
    if plan.draft == NO_DRAFT:
        return {}
    draft = one_draft(connection, plan)
    ids = {int(area) for area in draft.outcome.get(TOUCHES, draft.seen)}
    ids |= set(connection.scalars(statement("plan_touches"), {"plan": plan.id, "draft": draft.number}))
    return _places(connection, ids)


def require_touched(connection: Connection, who: Principal, action: str, worked: Worked) -> None:
    """Refuse a draft that touches an area where somebody may not draft.

    Raises
    ------
    Unidentified, Refused
        As :meth:`geo.access.Principal.require`.
    """
    if not who.is_free:
        require_everywhere(who, action, _places(connection, touched_by(worked)))


def require_on_plan(connection: Connection, who: Principal, action: str, plan: Plan) -> None:
    """Refuse what somebody may not do in all places that a plan touches."""
    if not who.is_free:
        require_everywhere(who, action, places_touched(connection, plan))


def require_beside(connection: Connection, who: Principal, action: str, plan: Plan) -> None:
    """Refuse what somebody may do in none of the places that a plan touches."""
    places = {} if who.is_free else places_touched(connection, plan)
    if places and not covered(who, action, places):
        who.require(action, next(iter(places.values())))


def is_approved_by(connection: Connection, who: Principal, plan: Plan, acting: Acting) -> bool:
    """Take somebody's approval of a plan; tell whether all that it touches is approved now.

    Nobody approves what they began or drafted. Where the approval covers only a part, it is written down, and counts
    until the plan is submitted anew.

    Raises
    ------
    Refused
        ``plan-own-approval``; ``access-elsewhere`` where the approval covers nothing.
    """
    if who.kind != "operator":
        for author in {plan.author, *([] if plan.draft == NO_DRAFT else [one_draft(connection, plan).author])}:
            require_other(author, acting.actor, plan=plan.id)
    if who.is_free:
        return True
    places = places_touched(connection, plan)
    require_beside(connection, who, "approve", plan)
    mine = covered(who, "approve", places)
    missing = set(places) - mine - _endorsed(connection, plan)
    if missing:
        record_event(connection, plan, ENDORSED, acting, {"covers": sorted(mine), "missing": sorted(missing)})
    return not missing


def _endorsed(connection: Connection, plan: Plan) -> set[int]:
    """Return the areas for which others have approved the draft as it was submitted last."""
    found: set[int] = set()
    for event in list_events(connection, plan):
        if event.event in _BEFORE_IT_COUNTS or event.draft != plan.draft:
            found = set()
        elif event.event == ENDORSED:
            found |= {int(area) for area in event.details["covers"]}
    return found


def _places(connection: Connection, ids: Iterable[int]) -> dict[int, Place]:
    """Return places by area; 0 stands for what lies in no area: there only a role for the whole site helps."""
    wanted = set(ids)
    places = places_of(connection, sorted(wanted - {0}))
    return {**places, **({0: frozenset()} if 0 in wanted else {})}
