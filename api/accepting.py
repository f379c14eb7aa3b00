"""Accepting findings of what is published now, and taking exceptions back; at the command line and over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from api.auditing import AskedAudit, audit_report
from api.settings import Settings
from geo.errors import BadInput, NotFound
from geo.exceptions import ExceptionRecord, site_day
from geo.findings import NAMES
from geo.store.editions import present
from geo.store.exceptions import Signed, accept, list_exceptions


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which findings of an audit are accepted.

    Attributes
    ----------
    ids
        By id.
    kinds
        All of these kinds.
    baseline
        Title of a dated list: all findings that block.
    """

    ids: Sequence[str] = ()
    kinds: Sequence[str] = ()
    baseline: str | None = None


def accept_findings(
    connection: Connection,
    settings: Settings,
    asked: AskedAudit,
    chosen: Chosen,
    signed: Signed,
    until: date | None,
) -> list[ExceptionRecord]:
    """Audit what is published now, and accept some of the open findings; return the new exceptions.

    Parameters
    ----------
    connection
        Without an open transaction.
    asked
        Where to look for them: level and area.
    until
        The last day on which they are accepted, at the site.

    Raises
    ------
    BadInput
        ``reason-needed``, ``nothing-chosen``, ``unknown-finding-kind``, ``until-is-past``.
    NotFound
        ``unknown-finding``: not there now, or accepted already.
    """
    _require(chosen, signed)
    with connection.begin():
        today = site_day(present(connection).at, settings.zone)
        if until is not None and until < today:
            raise BadInput("until-is-past", place={"field": "until"}, until=until, today=today)
        findings = audit_report(connection, settings, asked).result.findings
    known = {one.id for one in findings}
    for wanted in chosen.ids:
        if wanted not in known:
            raise NotFound("unknown-finding", finding=wanted)
    taken = [
        one
        for one in findings
        if one.id in set(chosen.ids) or one.kind in chosen.kinds or (chosen.baseline is not None and one.blocking)
    ]
    return accept(connection, taken, signed, until=until, baseline=chosen.baseline) if taken else []


def exceptions_of(connection: Connection, settings: Settings, *, every: bool = False) -> list[ExceptionRecord]:
    """Return the exceptions in force, the newest first; with ``every`` also those that ended or were revoked."""
    now = present(connection)
    today = site_day(now.at, settings.zone)
    return [one for one in list_exceptions(connection) if every or one.in_force(now.at, today)]


def require_reason(signed: Signed) -> None:
    """Refuse a change to the register without a reason.

    Raises
    ------
    BadInput
        ``reason-needed``.
    """
    if not signed.reason.strip():
        raise BadInput("reason-needed", place={"field": "reason"})


def _require(chosen: Chosen, signed: Signed) -> None:
    require_reason(signed)
    if not (chosen.ids or chosen.kinds or chosen.baseline):
        raise BadInput("nothing-chosen")
    for kind in chosen.kinds:
        if kind not in NAMES:
            raise BadInput("unknown-finding-kind", place={"field": "kind"}, given=kind, known=", ".join(NAMES))
