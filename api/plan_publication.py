"""Publishing plans: now, or at a moment to come by a job that checks again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from api.asked_moment import moment_text
from api.desk import Desk
from api.jobs import defer_publication
from api.plan_access import require_beside
from api.settings import Settings
from geo.plans import next_state
from geo.store.connect import connect
from geo.store.editions import present
from geo.store.plan_publishing import publish_plan
from geo.store.plans import Acting, Plan, one_plan, postpone
from geo.store.publish import Publication
from importers.import_plans import KIND as IMPORT
from importers.import_plans import publish_import


@dataclass(frozen=True, slots=True)
class Published:
    """What became of asking for a publication: the edition, or the job that publishes at a later moment."""

    plan: int
    edition: int | None = None
    at: datetime | None = None
    job: int | None = None

    def document(self, settings: Settings) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        moment = None if self.at is None else moment_text(self.at, settings)
        return {"plan": self.plan, "edition": self.edition, "at": moment, "job": self.job}


def publish_or_postpone(desk: Desk, number: int, not_before: datetime | None) -> Published:
    """Publish an approved plan, or let a job do it where its moment is still to come.

    Raises
    ------
    Conflict
        As :func:`geo.store.plan_publishing.publish_plan`.
    """
    with desk.connection.begin():
        plan = one_plan(desk.connection, number)
        require_beside(desk.connection, desk.who, "approve", plan)
        next_state(plan.state, "publish", plan=number)
        now = present(desk.connection).at
        moment = not_before or plan.publish_not_before
        if moment is not None and moment > now:
            postpone(desk.connection, plan, moment, desk.acting)
            job = defer_publication(desk.connection, number, desk.acting, moment)
            return Published(number, at=moment, job=job)
        if not_before is not None:
            postpone(desk.connection, plan, not_before, desk.acting)
    opened = _published(desk.connection, desk.settings, plan, desk.acting)
    return Published(number, opened.edition, opened.at)


def publish_as_job(settings: Settings, plan: int, actor: str, via: str) -> dict[str, Any]:
    """Publish a plan whose moment has come; one that was published already stays as it is.

    Raises
    ------
    Conflict
        As :func:`geo.store.plan_publishing.publish_plan`.
    """
    with connect(settings.url()) as connection:
        with connection.begin():
            found = one_plan(connection, plan)
        if found.edition is not None:
            return Published(plan, found.edition).document(settings)
        opened = _published(connection, settings, found, Acting(actor, via))
    return Published(plan, opened.edition, opened.at).document(settings)


def _published(connection: Connection, settings: Settings, plan: Plan, acting: Acting) -> Publication:
    if plan.kind == IMPORT:
        return publish_import(connection, plan.id, acting, settings.hierarchy, settings.zone)
    return publish_plan(connection, plan.id, acting, settings.hierarchy, zone=settings.zone)
