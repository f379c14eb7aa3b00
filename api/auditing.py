"""Audits for people: of the moment that someone asks for, as a report; at the command line, over HTTP and in jobs."""

from dataclasses import dataclass

from sqlalchemy import Connection

from api.asked_moment import asked_moment
from api.settings import Settings
from geo.audit_report import AuditReport
from geo.exceptions import site_day
from geo.store.auditing import Advance, AuditRequest, run_audit
from importers.checking import versions


@dataclass(frozen=True, slots=True)
class AskedAudit:
    """What someone asks for; the present where neither moment nor edition is given."""

    level: str | None = None
    within: str | None = None
    at: str | None = None
    edition: int | None = None


def audit_report(
    connection: Connection,
    settings: Settings,
    asked: AskedAudit,
    advance: Advance = lambda stage, done, total: None,
) -> AuditReport:
    """Audit what was published at the moment asked for.

    Raises
    ------
    BadInput, NotFound
        As :func:`api.asked_moment.asked_moment` and :func:`geo.store.auditing.run_audit`.
    """
    moment, edition = asked_moment(connection, settings, asked.at, asked.edition)
    request = AuditRequest(moment, site_day(moment, settings.zone), edition, asked.level, asked.within)
    return AuditReport.of(run_audit(connection, request, settings.hierarchy, advance), versions())
