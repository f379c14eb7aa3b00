"""Plans in the store: what was drafted, by whom, every version of it, and what happened since.

Everything here runs inside the caller's transaction. Whoever changes a plan hands over the plan as it was read: where
somebody else changed it meanwhile, nothing is written.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from geo.errors import Conflict, NotFound
from geo.plans import OPEN_STATES, Action, Footprint, next_state
from geo.store.plan_records import Acting, Draft, Event, NewDraft, NewPlan, Plan, Record
from geo.store.sql import statement

__all__ = [
    "NO_DRAFT",
    "Acting",
    "Draft",
    "Event",
    "NewDraft",
    "NewPlan",
    "Plan",
    "Record",
    "add_draft",
    "change_state",
    "create_plan",
    "describe",
    "footprints",
    "list_drafts",
    "list_events",
    "list_plans",
    "mark_published",
    "one_draft",
    "one_plan",
    "postpone",
    "record_event",
    "redo",
    "undo",
]

NO_DRAFT: Final = 0


def create_plan(connection: Connection, new: NewPlan, acting: Acting) -> Plan:
    """Begin a plan, without any draft."""
    row = connection.execute(
        statement("plan_create"),
        {
            "title": new.title,
            "kind": new.kind,
            "author": acting.actor,
            "effective_date": new.effective_date,
            "publish_not_before": new.publish_not_before,
            "reverts": new.reverts,
        },
    ).one()
    plan = Plan(*row)
    record_event(connection, plan, "created", acting)
    return plan


def one_plan(connection: Connection, plan: int) -> Plan:
    """Return one plan.

    Raises
    ------
    NotFound
        ``unknown-plan``.
    """
    found = list_plans(connection, plan=plan, limit=1)
    if not found:
        raise NotFound("unknown-plan", place={"field": "plan"}, plan=plan)
    return found[0]


def list_plans(
    connection: Connection,
    *,
    states: Collection[str] | None = None,
    before: int | None = None,
    plan: int | None = None,
    limit: int,
) -> list[Plan]:
    """Return plans, the newest first.

    Parameters
    ----------
    states
        Only plans in these; None takes all.
    before
        Only plans with a smaller number.
    plan
        Only the one of a number.
    limit
        Plans at most.
    """
    rows = connection.execute(
        statement("plans_list"),
        {"states": None if states is None else list(states), "before": before, "plan": plan, "limit": limit},
    )
    return [Plan(*row) for row in rows]


def one_draft(connection: Connection, plan: Plan, number: int | None = None) -> Draft:
    """Return a version of a plan's draft, by default the one that counts.

    Raises
    ------
    NotFound
        ``unknown-draft``.
    """
    wanted = plan.draft if number is None else number
    found = list_drafts(connection, plan, number=wanted)
    if not found:
        raise NotFound("unknown-draft", place={"field": "draft"}, plan=plan.id, draft=wanted)
    return found[0]


def list_drafts(connection: Connection, plan: Plan, *, number: int | None = None) -> list[Draft]:
    """Return all versions of a plan's draft, the first one first; or the one of a number."""
    rows = connection.execute(statement("plan_drafts"), {"plan": plan.id, "number": number})
    return [
        Draft(
            plan=row.plan_id,
            number=row.number,
            parent=row.parent,
            operations=tuple(row.operations),
            base_edition=row.base_edition,
            seen={int(area): version for area, version in row.seen.items()},
            outcome=row.outcome,
            digest=row.digest,
            author=row.author,
            at=row.at,
        )
        for row in rows
    ]


def list_events(connection: Connection, plan: Plan) -> list[Event]:
    """Return what happened to a plan, the first thing first."""
    rows = connection.execute(
        text(
            "SELECT id, plan_id, at, actor, via, event, draft, reason, details FROM plan_event "
            "WHERE plan_id = :plan ORDER BY id"
        ),
        {"plan": plan.id},
    )
    return [Event(*row) for row in rows]


def add_draft(connection: Connection, plan: Plan, new: NewDraft, acting: Acting) -> Draft:
    """Keep a new version of a plan's draft, made from the one that counts; it counts from now on.

    Raises
    ------
    Conflict
        ``plan-wrong-state``, or ``plan-stale-draft`` where the plan changed since it was read.
    """
    state = next_state(plan.state, "edit", plan=plan.id)
    number = int(connection.scalar(statement("plan_draft_next"), {"plan": plan.id}) or 1)
    _move(connection, plan, state=state, draft=number)
    asked = {
        "plan": plan.id,
        "number": number,
        "parent": plan.draft,
        "operations": _json(list(new.operations)),
        "base_edition": new.base_edition,
        "seen": _json({str(area): version for area, version in new.seen.items()}),
        "outcome": _json(new.outcome),
        "digest": new.digest,
        "author": acting.actor,
    }
    at = connection.execute(statement("plan_draft_add"), asked).scalar_one()
    record_event(connection, replace(plan, state=state, draft=number), "drafted", acting)
    return Draft(
        plan=plan.id,
        number=number,
        parent=plan.draft,
        operations=tuple(new.operations),
        base_edition=new.base_edition,
        seen=new.seen,
        outcome=new.outcome,
        digest=new.digest,
        author=acting.actor,
        at=at,
    )


def undo(connection: Connection, plan: Plan, acting: Acting) -> Plan:
    """Go back to the version that the present draft was made from; before the first there is none (0).

    Raises
    ------
    Conflict
        ``plan-nothing-to-undo``, ``plan-wrong-state``, ``plan-stale-draft``.
    """
    if plan.draft == NO_DRAFT:
        raise Conflict("plan-nothing-to-undo", place={"field": "draft"}, plan=plan.id)
    return _point(connection, plan, one_draft(connection, plan).parent, "undone", acting)


def redo(connection: Connection, plan: Plan, acting: Acting) -> Plan:
    """Go forward to the newest version that was made from the present one.

    Raises
    ------
    Conflict
        ``plan-nothing-to-redo``, ``plan-wrong-state``, ``plan-stale-draft``.
    """
    later = [one.number for one in list_drafts(connection, plan) if one.parent == plan.draft]
    if not later:
        raise Conflict("plan-nothing-to-redo", place={"field": "draft"}, plan=plan.id)
    return _point(connection, plan, max(later), "redone", acting)


def change_state(
    connection: Connection, plan: Plan, action: Action, acting: Acting, *, details: Record | None = None
) -> Plan:
    """Take a plan to its next state, and write down who did it; approving and rejecting name the reviewer.

    Publishing goes through :mod:`geo.store.plan_publishing`.

    Raises
    ------
    Conflict
        ``plan-wrong-state``, ``plan-stale-draft``, or ``plan-without-draft`` where there is nothing to submit.
    """
    state = next_state(plan.state, action, plan=plan.id)
    if action == "submit" and plan.draft == NO_DRAFT:
        raise Conflict("plan-without-draft", place={"field": "draft"}, plan=plan.id)
    reviewer = acting.actor if action in ("approve", "reject") else plan.reviewer
    _move(connection, plan, state=state, draft=plan.draft, reviewer=reviewer)
    now = one_plan(connection, plan.id)
    record_event(connection, now, _PAST[action], acting, details)
    return now


_PAST: Final[Mapping[Action, str]] = {
    "edit": "drafted",
    "submit": "submitted",
    "approve": "approved",
    "reject": "rejected",
    "publish": "published",
    "withdraw": "withdrawn",
}


def describe(connection: Connection, plan: Plan, new: NewPlan, acting: Acting) -> Plan:
    """Change title and dates of a plan that is still being drafted.

    Raises
    ------
    Conflict
        ``plan-wrong-state``, ``plan-stale-draft``.
    """
    next_state(plan.state, "edit", plan=plan.id)
    connection.execute(
        statement("plan_describe"),
        {
            "plan": plan.id,
            "title": new.title,
            "effective_date": new.effective_date,
            "publish_not_before": new.publish_not_before,
        },
    )
    record_event(connection, plan, "described", acting)
    return one_plan(connection, plan.id)


def postpone(connection: Connection, plan: Plan, moment: datetime, acting: Acting) -> Plan:
    """Let an approved plan be published no earlier than a moment.

    Raises
    ------
    Conflict
        ``plan-wrong-state``.
    """
    next_state(plan.state, "publish", plan=plan.id)
    connection.execute(
        text("UPDATE plan SET publish_not_before = :moment WHERE id = :plan AND state = :state"),
        {"moment": moment, "plan": plan.id, "state": plan.state},
    )
    now = one_plan(connection, plan.id)
    record_event(connection, now, "postponed", acting, {"not_before": moment.isoformat()})
    return now


def mark_published(connection: Connection, plan: Plan, edition: int, acting: Acting) -> Plan:
    """Take an approved plan to its end, inside the publication that makes it an edition.

    Raises
    ------
    Conflict
        ``plan-wrong-state``, ``plan-stale-draft``.
    """
    state = next_state(plan.state, "publish", plan=plan.id)
    moved = connection.execute(
        text(
            "UPDATE plan SET state = :state, edition = :edition "
            "WHERE id = :plan AND state = :old_state AND draft = :draft"
        ),
        {"state": state, "edition": edition, "plan": plan.id, "old_state": plan.state, "draft": plan.draft},
    )
    if not moved.rowcount:
        raise _stale(connection, plan)
    now = one_plan(connection, plan.id)
    record_event(connection, now, _PAST["publish"], acting, {"edition": edition})
    return now


def record_event(connection: Connection, plan: Plan, event: str, acting: Acting, details: Record | None = None) -> None:
    """Write down something that happened to a plan: ``commented``, ``refused``, ``acknowledged`` and the like."""
    connection.execute(
        statement("plan_event_add"),
        {
            "plan": plan.id,
            "actor": acting.actor,
            "via": acting.via,
            "event": event,
            "draft": plan.draft,
            "reason": acting.reason,
            "details": _json(details or {}),
        },
    )


def footprints(connection: Connection, area_ids: Collection[int] | None = None) -> list[Footprint]:
    """Return which areas the open plans change, by the versions of their drafts that count.

    Parameters
    ----------
    area_ids
        Only plans that change one of these; None takes all.
    """
    rows = connection.execute(
        statement("plan_footprints"),
        {
            "states": list(OPEN_STATES),
            "areas": None if area_ids is None else [str(int(one)) for one in area_ids],
        },
    )
    return [Footprint(plan, title, state, frozenset(map(int, ids))) for plan, title, state, ids in rows]


def _point(connection: Connection, plan: Plan, number: int, event: str, acting: Acting) -> Plan:
    _move(connection, plan, state=next_state(plan.state, "edit", plan=plan.id), draft=number)
    now = one_plan(connection, plan.id)
    record_event(connection, now, event, acting)
    return now


def _move(connection: Connection, plan: Plan, *, state: str, draft: int, reviewer: str | None = None) -> None:
    """Set state and draft of a plan, if both are still what the caller read."""
    moved = connection.execute(
        statement("plan_move"),
        {
            "plan": plan.id,
            "old_state": plan.state,
            "old_draft": plan.draft,
            "state": state,
            "draft": draft,
            "reviewer": plan.reviewer if reviewer is None else reviewer,
        },
    )
    if not moved.rowcount:
        raise _stale(connection, plan)


def _stale(connection: Connection, plan: Plan) -> Conflict:
    now = one_plan(connection, plan.id)
    return Conflict(
        "plan-stale-draft", place={"field": "draft"}, plan=plan.id, draft=plan.draft, now=now.draft, state=now.state
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
