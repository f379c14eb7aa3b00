"""The register of exceptions: who accepted which finding, why and until when, and what was revoked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import shapely
from sqlalchemy import Connection

from geo.errors import NotFound
from geo.exceptions import ExceptionRecord
from geo.findings import Finding
from geo.store.editions import present
from geo.store.findings import codes_of, record_accepted
from geo.store.publish import Publication
from geo.store.sql import statement


@dataclass(frozen=True, slots=True)
class Signed:
    """Who accepts or revokes, through which door (``command`` or ``http``), and why."""

    actor: str
    via: str
    reason: str


def list_exceptions(
    connection: Connection, numbers: Sequence[int] | None = None, at: datetime | None = None
) -> list[ExceptionRecord]:
    """Return accepted findings, the newest first, revoked ones among them.

    Parameters
    ----------
    numbers
        Only these; None takes all.
    at
        Areas bear the codes that they had at this moment; None takes those of now.
    """
    given = {"numbers": None if numbers is None else list(numbers), "at": at}
    rows = connection.execute(statement("exceptions_list"), given).all()
    return [
        ExceptionRecord(
            number=row.id,
            finding_id=row.finding_id,
            kind=row.kind,
            codes=codes_of(row.kind, row.codes),
            geometry=shapely.from_wkb(row.wkb),
            area_m2=row.area_m2,
            reason=row.reason,
            accepted_by=row.accepted_by,
            accepted_at=row.accepted_at,
            accepted_via=row.accepted_via,
            until=row.until,
            baseline=row.baseline,
            edition=row.edition,
            revoked_at=row.revoked_at,
        )
        for row in rows
    ]


def accept(
    connection: Connection,
    findings: Sequence[Finding],
    signed: Signed,
    *,
    until: date | None = None,
    baseline: str | None = None,
) -> list[ExceptionRecord]:
    """Accept findings of what is published now, and return the new records, the newest first.

    Parameters
    ----------
    connection
        Without an open transaction.
    findings
        In EPSG:4490.
    until
        The last day on which they are accepted.
    baseline
        Title, where they are accepted as one dated list.
    """
    with connection.begin():
        last = max((one.number for one in list_exceptions(connection)), default=0)
        now = present(connection)
        record_accepted(
            connection,
            Publication(now.edition, now.at),
            findings,
            reason=signed.reason,
            actor=signed.actor,
            until=until,
            baseline=baseline,
            via=signed.via,
        )
        return [one for one in list_exceptions(connection) if one.number > last]


def revoke(connection: Connection, numbers: Sequence[int], signed: Signed) -> list[int]:
    """Take exceptions back; return the numbers of those that stood until now.

    Parameters
    ----------
    connection
        Without an open transaction.
    numbers
        Of the records.

    Raises
    ------
    NotFound
        ``unknown-exception``.
    """
    with connection.begin():
        known = {one.number for one in list_exceptions(connection, numbers)}
        for number in numbers:
            if number not in known:
                raise NotFound("unknown-exception", number=number)
        rows = connection.execute(
            statement("exceptions_revoke"),
            {
                "numbers": list(numbers),
                "actor": signed.actor,
                "via": signed.via,
                "reason": signed.reason,
                "at": present(connection).at,
            },
        )
        return sorted(number for (number,) in rows)
