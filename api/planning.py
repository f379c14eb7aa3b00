"""Working on plans: drafting, checking, deciding and publishing; at the command line, over HTTP and in jobs.

Every function runs in a transaction of its own, on a connection without one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from api.desk import Desk
from api.plan_access import (
    TOUCHES,
    is_approved_by,
    require_beside,
    require_on_plan,
    require_touched,
    touched_by,
)
from geo.adjust import Operation, operation_of, record_of
from geo.errors import BadInput, Conflict
from geo.impact import impact
from geo.impact_records import Impact
from geo.messages import sentence
from geo.plans import Clash, Footprint, clashes, next_state, plan_hash, require_few, require_reason
from geo.store.bystanders import load_bystanders
from geo.store.drafting import Worked, work_out
from geo.store.editions import Present, present
from geo.store.plan_history import read_back
from geo.store.plan_publishing import PlanDefects
from geo.store.plans import (
    NO_DRAFT,
    Draft,
    NewDraft,
    NewPlan,
    Plan,
    add_draft,
    change_state,
    create_plan,
    footprints,
    list_events,
    one_draft,
    one_plan,
    record_event,
    redo,
    undo,
)
from importers.import_plans import KIND as IMPORT
from importers.import_plans import accepted_by, with_acceptance, work_out_import

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Drafted:
    """A draft worked out on the present boundaries.

    Attributes
    ----------
    now
        The present that it was worked out on.
    clashes
        Other open plans that change some of the same areas.
    """

    plan: Plan
    draft: Draft
    now: Present
    worked: Worked
    clashes: tuple[Clash, ...]


def begin_plan(desk: Desk, new: NewPlan, records: Sequence[Record] = ()) -> tuple[Plan, Drafted | None]:
    """Begin a plan, with its first draft where there are operations.

    Raises
    ------
    BadInput, Conflict, NotFound
        For an operation that cannot be done: nothing is kept.
    """
    operations = operations_of(records)
    with desk.connection.begin():
        plan = create_plan(desk.connection, new, desk.acting)
        if not operations:
            return plan, None
        drafted = _kept(desk, plan, operations)
        return drafted.plan, drafted


def add_operations(
    desk: Desk, number: int, records: Sequence[Record], *, before: int | None = None, expected: int | None = None
) -> Drafted:
    """Add operations to a plan's draft, at its end or before one of them, and check what comes of it.

    Parameters
    ----------
    before
        Index of the operation that they are to stand before.
    expected
        The draft that the caller has seen.

    Raises
    ------
    BadInput, Conflict, NotFound
        For an operation that cannot be done, a stale draft or a wrong state: nothing is kept.
    """
    with desk.connection.begin():
        plan, kept = _edited(desk, number, expected)
        place = len(kept) if before is None else _index(before, len(kept) + 1, number)
        require_few(len(kept) + len(records), desk.settings.limits.operations)
        added = operations_of(records, first=place)
        return _kept(desk, plan, [*kept[:place], *added, *kept[place:]])


def try_operations(desk: Desk, number: int, records: Sequence[Record], *, expected: int | None = None) -> Drafted:
    """Return what adding operations would come to, and keep nothing; raises like :func:`add_operations`."""
    with desk.connection.begin() as tried:
        plan, kept = _edited(desk, number, expected)
        drafted = _kept(desk, plan, [*kept, *operations_of(records, first=len(kept))])
        tried.rollback()
        return drafted


def replace_operation(desk: Desk, number: int, place: int, record: Record, *, expected: int | None = None) -> Drafted:
    """Let an operation take the place of another; raises like :func:`add_operations`."""
    with desk.connection.begin():
        plan, kept = _edited(desk, number, expected)
        kept[_index(place, len(kept), number)] = operation_of(record, place=f"operations[{place}]")
        return _kept(desk, plan, kept)


def remove_operation(desk: Desk, number: int, place: int, *, expected: int | None = None) -> Drafted:
    """Take an operation out; raises like :func:`add_operations`."""
    with desk.connection.begin():
        plan, kept = _edited(desk, number, expected)
        del kept[_index(place, len(kept), number)]
        return _kept(desk, plan, kept)


def step_back(desk: Desk, number: int, *, expected: int | None = None) -> Plan:
    """Undo the last change of a draft."""
    with desk.connection.begin():
        return undo(desk.connection, _own(desk, number, expected), desk.acting)


def step_forward(desk: Desk, number: int, *, expected: int | None = None) -> Plan:
    """Do again what was undone."""
    with desk.connection.begin():
        return redo(desk.connection, _own(desk, number, expected), desk.acting)


def check_plan(desk: Desk, number: int) -> Drafted:
    """Work the draft of a plan out on the present boundaries, and check it; of a published one tell what it did.

    Raises
    ------
    Conflict
        ``plan-without-draft``.
    """
    with desk.connection.begin():
        plan = one_plan(desk.connection, number)
        return _worked(desk, plan, require_draft(desk.connection, plan))


def personal(desk: Desk, number: int) -> Drafted:
    """Work the draft of a plan out for somebody who may see the residences that it touches.

    Raises
    ------
    Unidentified, Refused
        As :meth:`geo.access.Principal.require`.
    """
    with desk.connection.begin():
        require_on_plan(desk.connection, desk.who, "residences", one_plan(desk.connection, number))
    return check_plan(desk, number)


def impact_of(desk: Desk, drafted: Drafted) -> Impact:
    """Return what a draft changes for people."""
    before, after = drafted.worked.seen.scene.areas, drafted.worked.adjusted.after
    with desk.connection.begin():
        return impact(before, after, load_bystanders(desk.connection, drafted.now.at, before, after))


def first_reason(desk: Desk, plan: Plan) -> str:
    """Return why a plan was begun, ``""`` where nobody said."""
    with desk.connection.begin():
        return next((one.reason or "" for one in list_events(desk.connection, plan)), "")


def submit_plan(desk: Desk, number: int, *, acknowledged: bool = False, expected: int | None = None) -> Plan:
    """Hand a plan in for review, if nothing would stop its publication.

    Parameters
    ----------
    acknowledged
        Households that nobody can place are known of.

    Raises
    ------
    PlanDefects
        Where the plan creates or enlarges defects.
    Conflict
        ``plan-unplaced``, ``plan-without-draft``, ``plan-wrong-state``, ``plan-stale-draft``.
    """
    with desk.connection.begin():
        _own(desk, number, expected)
    drafted = check_plan(desk, number)
    if drafted.plan.kind != IMPORT and not drafted.draft.operations:
        raise Conflict("plan-without-draft", place={"field": "draft"}, plan=number)
    stopping = drafted.worked.stopping()
    if stopping:
        raise PlanDefects(stopping, plan=number, count=len(stopping))
    unplaced = impact_of(desk, drafted).unplaced
    households = sum(one.households for one in unplaced)
    if unplaced and not acknowledged:
        place = {"code": unplaced[0].code}
        raise Conflict("plan-unplaced", place=place, plan=number, count=len(unplaced), households=households)
    details = {"unplaced": len(unplaced), "households": households} if unplaced else None
    with desk.connection.begin():
        return change_state(desk.connection, drafted.plan, "submit", desk.acting, details=details)


def approve_plan(desk: Desk, number: int, *, expected: int | None = None) -> Plan:
    """Approve a plan, or the part of it that lies in one's own areas: it is approved once all parts are.

    Nobody approves their own; only what the machine's own user does is merely recorded.

    Raises
    ------
    Refused
        ``plan-own-approval``, ``access-elsewhere``.
    """
    with desk.connection.begin():
        plan = _seen(desk, number, expected)
        next_state(plan.state, "approve", plan=number)
        if not is_approved_by(desk.connection, desk.who, plan, desk.acting):
            return plan
        return change_state(desk.connection, plan, "approve", desk.acting)


def reject_plan(desk: Desk, number: int, *, expected: int | None = None) -> Plan:
    """Reject a plan, with a reason.

    Raises
    ------
    BadInput
        ``plan-reason-needed``.
    """
    require_reason(desk.acting.reason)
    with desk.connection.begin():
        plan = _seen(desk, number, expected)
        require_beside(desk.connection, desk.who, "approve", plan)
        return change_state(desk.connection, plan, "reject", desk.acting)


def withdraw_plan(desk: Desk, number: int, *, expected: int | None = None) -> Plan:
    """Give a plan up."""
    with desk.connection.begin():
        return change_state(desk.connection, _own(desk, number, expected), "withdraw", desk.acting)


def comment_plan(desk: Desk, number: int) -> Plan:
    """Write a comment down: the reason of who acts.

    Raises
    ------
    BadInput
        ``plan-reason-needed``.
    """
    require_reason(desk.acting.reason)
    with desk.connection.begin():
        plan = one_plan(desk.connection, number)
        record_event(desk.connection, plan, "commented", desk.acting)
        return plan


def revert_plan(desk: Desk, number: int, title: str | None = None) -> Drafted:
    """Begin a plan that undoes a published one: every area that it changed is as before.

    Raises
    ------
    Conflict
        ``plan-not-published``, and what keeps the areas from being as before.
    """
    with desk.connection.begin():
        undone = one_plan(desk.connection, number)
        if undone.edition is None:
            raise Conflict("plan-not-published", place={"field": "plan"}, plan=number, state=undone.state)
        new = NewPlan(
            title or sentence("plan-revert-title", plan=number, title=undone.title),
            kind="revert",
            reverts=undone.edition,
        )
        plan = create_plan(desk.connection, new, desk.acting)
        return _kept(desk, plan, operations_of([{"op": "revert", "edition": undone.edition}]))


def operations_of(records: Sequence[Record], *, first: int = 0) -> list[Operation]:
    """Read operations; ``first`` is the number of the first one in its plan.

    Raises
    ------
    BadInput
        With the place, such as ``operations[3].geometry``.
    TooLarge
        ``plan-too-many-operations``.
    """
    require_few(len(records))
    return [operation_of(record, place=f"operations[{first + row}]") for row, record in enumerate(records)]


def require_draft(connection: Connection, plan: Plan) -> Draft:
    """Return the draft of a plan that counts.

    Raises
    ------
    Conflict
        ``plan-without-draft``.
    """
    if plan.draft == NO_DRAFT:
        raise Conflict("plan-without-draft", place={"field": "draft"}, plan=plan.id)
    return one_draft(connection, plan)


def _seen(desk: Desk, number: int, expected: int | None) -> Plan:
    """Return a plan, if its draft is still the one that the caller has seen."""
    plan = one_plan(desk.connection, number)
    if expected is not None and expected != plan.draft:
        facts = {"plan": number, "draft": expected, "now": plan.draft, "state": plan.state}
        raise Conflict("plan-stale-draft", place={"field": "draft"}, **facts)
    return plan


def _own(desk: Desk, number: int, expected: int | None) -> Plan:
    """Return a plan that whoever acts may draft, in all the places that it touches."""
    plan = _seen(desk, number, expected)
    require_on_plan(desk.connection, desk.who, "draft", plan)
    return plan


def _edited(desk: Desk, number: int, expected: int | None) -> tuple[Plan, list[Operation]]:
    """Return a plan that is to be edited, and its operations."""
    plan = _own(desk, number, expected)
    if plan.kind != "operations":
        raise Conflict("plan-not-of-operations", place={"field": "plan"}, plan=number, made_by=plan.kind)
    return plan, operations_of(one_draft(desk.connection, plan).operations) if plan.draft != NO_DRAFT else []


def _index(place: int, count: int, number: int) -> int:
    if not 0 <= place < count:
        raise BadInput("plan-no-such-operation", place={"field": f"operations[{place}]"}, plan=number, given=place)
    return place


def _kept(desk: Desk, plan: Plan, operations: Sequence[Operation]) -> Drafted:
    """Work operations out, and keep them as the draft of a plan."""
    now = present(desk.connection)
    worked = work_out(desk.connection, now.at, operations, desk.settings.hierarchy, zone=desk.settings.zone)
    require_touched(desk.connection, desk.who, "draft", worked)
    records = [record_of(operation) for operation in operations]
    new = NewDraft(
        operations=records,
        base_edition=now.edition,
        seen=worked.versions_seen(),
        digest=plan_hash(plan.title, plan.effective_date, records),
        outcome={"codes": worked.new_codes(), TOUCHES: touched_by(worked)},
    )
    draft = add_draft(desk.connection, plan, new, desk.acting)
    kept = replace(plan, draft=draft.number, state="draft")
    return Drafted(kept, draft, now, worked, _clashes(desk, kept, worked))


def _worked(desk: Desk, plan: Plan, draft: Draft) -> Drafted:
    now, settings = present(desk.connection), desk.settings
    if plan.edition is not None:
        before, done = read_back(desk.connection, plan.edition, draft, settings.hierarchy)
        return Drafted(plan, draft, before, done, ())
    if plan.kind == IMPORT:
        found = work_out_import(desk.connection, now, draft, settings.hierarchy, settings.zone)
        worked, _ = with_acceptance(found, accepted_by(draft))
    else:
        worked = work_out(
            desk.connection, now.at, operations_of(draft.operations), settings.hierarchy, zone=settings.zone
        )
    return Drafted(plan, draft, now, worked, _clashes(desk, plan, worked))


def _clashes(desk: Desk, plan: Plan, worked: Worked) -> tuple[Clash, ...]:
    changed = frozenset(worked.versions_seen())
    own = Footprint(plan.id, plan.title, plan.state, changed)
    return tuple(clashes(own, footprints(desk.connection, changed))) if changed else ()
