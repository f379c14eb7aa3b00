"""Publishing a plan: locked, worked out again on the present state, checked, written and numbered, or refused whole."""

import random
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from geo.adjust import Operation, operation_of
from geo.errors import Conflict, GeoError
from geo.findings import Finding
from geo.levels import Hierarchy
from geo.plans import next_state
from geo.store.drafting import SITE_ZONE, Worked, work_out
from geo.store.editions import present
from geo.store.findings import record_accepted
from geo.store.lineage import write_lineage
from geo.store.plan_locks import locks_of
from geo.store.plans import Acting, Draft, Plan, mark_published, one_draft, one_plan, record_event
from geo.store.publish import (
    PROVISIONAL,
    Publication,
    Signature,
    check_coverage,
    close_areas,
    open_versions,
    raise_edition,
    seal,
    share_the_map,
)
from geo.store.scenes import is_changed
from geo.store.sql import statement

ATTEMPTS: Final = 8
"""How often a publication is tried where the database let another one go first."""
_LOST: Final = frozenset({"40001", "40P01"})
"""What PostgreSQL says to the transaction that has to let another one go first."""
_ROUNDS: Final = 20
"""How often a plan is worked out where something around it is published meanwhile."""
_PAUSE_S: Final = 0.02


class PlanDefects(Conflict):
    """The plan creates or enlarges defects: ``plan-defects``.

    Attributes
    ----------
    findings
        Those that stop it, worst first.
    """

    def __init__(self, findings: Sequence[Finding], **facts: Any) -> None:
        self.findings = tuple(findings)
        super().__init__("plan-defects", place=_place_of(self.findings), **facts)


def publish_plan(
    connection: Connection,
    plan: int,
    acting: Acting,
    hierarchy: Hierarchy,
    *,
    now: datetime | None = None,
    attempts: int = ATTEMPTS,
    zone: str = SITE_ZONE,
) -> Publication:
    """Publish an approved plan, in a transaction of its own, and return its edition and moment.

    A refusal of an approved plan is written down as its event ``refused``, with kind, place and facts, and then raised.

    Parameters
    ----------
    connection
        Without an open transaction, READ COMMITTED.
    now
        For ``publish_not_before``; the database's clock by default.
    attempts
        How often it is tried where the database lets another publication go first (40001, 40P01).
    zone
        The site's, in which exceptions end with the day.

    Raises
    ------
    NotFound
        ``unknown-plan``.
    Conflict
        ``plan-wrong-state``, ``plan-too-early``; ``plan-clash`` with ``code``, ``lon``, ``lat`` as place and the other
        plan's number and title; ``plan-defects``; ``plan-codes-moved`` where the codes that the draft gave new areas
        are taken; ``plan-busy`` where others went first every time.
    """
    try:
        for attempt in range(attempts):
            try:
                with connection.begin():
                    return _Publishing(connection, plan, acting, hierarchy, zone).run(now)
            except IntegrityError as failure:
                raise Conflict("database-refused", reason=str(failure.orig).splitlines()[0]) from None
            except DBAPIError as failure:
                if getattr(failure.orig, "sqlstate", None) not in _LOST:
                    raise
                time.sleep(random.uniform(0, _PAUSE_S * 2**attempt))  # noqa: S311 - spreads, hides nothing
        raise Conflict("plan-busy", plan=plan, attempts=attempts)
    except GeoError as refusal:
        _write_refusal(connection, plan, acting, refusal)
        raise


class _Publishing:
    """One attempt, inside its transaction."""

    def __init__(self, connection: Connection, plan: int, acting: Acting, hierarchy: Hierarchy, zone: str) -> None:
        self.connection, self.acting, self.hierarchy, self.zone = connection, acting, hierarchy, zone
        share_the_map(connection)
        connection.execute(statement("plan_lock"), {"plan": plan})
        self.plan: Plan = one_plan(connection, plan)

    def run(self, now: datetime | None) -> Publication:
        """Do it all, up to the commit."""
        next_state(self.plan.state, "publish", plan=self.plan.id)
        not_before = self.plan.publish_not_before
        if not_before is not None and not_before > (now or present(self.connection).at):
            facts = {"plan": self.plan.id, "not_before": not_before.isoformat()}
            raise Conflict("plan-too-early", place={"field": "publish_not_before"}, **facts)
        draft = one_draft(self.connection, self.plan)
        operations = [operation_of(record, place=f"operations[{row}]") for row, record in enumerate(draft.operations)]
        worked = self._worked_under_lock(draft, operations)
        self._require_same(draft, worked)
        stopping = worked.stopping()
        if stopping:
            raise PlanDefects(stopping, plan=self.plan.id, count=len(stopping))
        return self._write(draft, worked)

    def _worked_under_lock(self, draft: Draft, operations: Sequence[Operation]) -> Worked:
        """Work the operations out on a state that nobody else can change until the transaction ends.

        The work is done before the locks are taken, and again only where something around was published meanwhile.
        Locks are then given back and taken anew in their order: those who wait for each other never stand in a circle.
        """
        for _ in range(_ROUNDS):
            self._require_unchanged(draft.seen)
            worked = self._worked(draft, operations)
            locks = locks_of(self.connection, worked)
            savepoint = self.connection.begin_nested()
            self.connection.execute(
                text("SELECT gridwarden.take_coverage_locks(CAST(:ids AS bigint[]))"), {"ids": locks}
            )
            now = present(self.connection).at
            if not is_changed(self.connection, now, operations, worked.seen, frozenset(locks)):
                savepoint.commit()
                return worked
            savepoint.rollback()
        raise Conflict("plan-busy", plan=self.plan.id, attempts=_ROUNDS)

    def _worked(self, draft: Draft, operations: Sequence[Operation]) -> Worked:
        try:
            at = present(self.connection).at
            return work_out(self.connection, at, operations, self.hierarchy, zone=self.zone)
        except GeoError:
            # what somebody else published meanwhile explains it better
            self._require_unchanged(draft.seen)
            raise

    def _require_unchanged(self, seen: Mapping[int, int]) -> None:
        """Refuse where an area that the draft changes was changed since."""
        asked = {"areas": list(seen.keys()), "versions": list(seen.values())}
        other = self.connection.execute(statement("plan_clashes"), asked).first()
        if other is not None:
            place = {"code": other.code, "lon": other.lon, "lat": other.lat}
            facts = {"code": other.code, "edition": other.edition, "title": other.title, "other": other.plan or "—"}
            raise Conflict("plan-clash", place=place, plan=self.plan.id, **facts)

    def _require_same(self, draft: Draft, worked: Worked) -> None:
        """Refuse where the plan would do something else than what was approved."""
        self._require_unchanged(draft.seen)
        further = sorted(worked.versions_seen().keys() - draft.seen.keys())
        if further:
            areas = worked.seen.scene.areas
            code = str(areas.codes[areas.ids == further[0]][0])
            raise Conflict("plan-reaches-further", place={"code": code}, plan=self.plan.id, code=code)
        agreed = draft.outcome.get("codes")
        codes = worked.new_codes()
        if agreed is not None and list(agreed) != codes:
            moved = sorted(set(codes) ^ set(agreed))
            raise Conflict("plan-codes-moved", place={"code": moved[0]}, plan=self.plan.id, codes=", ".join(moved))

    def _write(self, draft: Draft, worked: Worked) -> Publication:
        adjusted, connection = worked.adjusted, self.connection
        close_areas(connection, PROVISIONAL, adjusted.ended)
        given = open_versions(connection, PROVISIONAL, worked.new_versions())
        check_coverage(connection)
        opened = seal(connection, self._signature(draft, worked))
        names = [step.op for step in adjusted.steps]
        write_lineage(connection, opened, adjusted.lineage, names, given, plan=self.plan.id)
        record_accepted(
            connection,
            opened,
            worked.accepting,
            reason=self.acting.reason or self.plan.title,
            actor=self.plan.reviewer or self.acting.actor,
            until=None,
            baseline=None,
            via=self.acting.via,
        )
        mark_published(connection, self.plan, opened.edition, self.acting)
        raise_edition(connection, opened)
        return opened

    def _signature(self, draft: Draft, worked: Worked) -> Signature:
        plan, adjusted = self.plan, worked.adjusted
        alone = plan.reviewer is None or plan.reviewer.strip().casefold() == plan.author.strip().casefold()
        return Signature(
            kind="boundaries",
            title=plan.title,
            actor=self.acting.actor,
            approval="self-approved" if alone else "approved",
            reason=self.acting.reason,
            report={
                "plan": plan.id,
                "draft": draft.number,
                "digest": draft.digest,
                "author": plan.author,
                "reviewer": plan.reviewer,
                "changed": len(adjusted.changed),
                "created": len(adjusted.created),
                "ended": len(adjusted.ended),
                "noded": len(adjusted.noded),
            },
        )


def _place_of(findings: Sequence[Finding]) -> dict[str, object]:
    """Return the code and a point of the worst finding."""
    if not findings:
        return {}
    place: dict[str, object] = {"code": findings[0].codes[0]} if findings[0].codes else {}
    if findings[0].geometry is not None and not findings[0].geometry.is_empty:
        point = findings[0].geometry.representative_point()
        place |= {"lon": round(point.x, 7), "lat": round(point.y, 7)}
    return place


def _write_refusal(connection: Connection, number: int, acting: Acting, refusal: GeoError) -> None:
    """Keep why an approved plan was not published."""
    with connection.begin():
        plans = connection.execute(text("SELECT state FROM plan WHERE id = :plan"), {"plan": number}).all()
        if plans != [("approved",)] or refusal.kind == "plan-wrong-state":
            return
        facts = {name: value if isinstance(value, int | float) else str(value) for name, value in refusal.facts.items()}
        details = {"kind": refusal.kind, "place": refusal.place, "facts": facts}
        record_event(connection, one_plan(connection, number), "refused", acting, details)
