"""Accepted findings in the store: exceptions, each with a reason, a person and an end date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from sqlalchemy import Connection

from geo.findings import Finding
from geo.store.publish import Publication
from geo.store.schema import SRID
from geo.store.sql import statement


@dataclass(frozen=True, slots=True, eq=False)
class Accepted:
    """A finding that someone accepted; ``geometry`` in EPSG:4490, None where it has no place."""

    id: str
    kind: str
    codes: tuple[str, ...]
    geometry: shapely.Geometry | None


def accepted_findings(connection: Connection, today: date) -> list[Accepted]:
    """Return the findings that are accepted now.

    Parameters
    ----------
    today
        The day at the site (:func:`geo.exceptions.site_day`); the database's own day is that of UTC.
    """
    rows = connection.execute(statement("exceptions_list"), {"numbers": None, "at": None}).all()
    return [
        Accepted(row.finding_id, row.kind, codes_of(row.kind, row.codes), shapely.from_wkb(row.wkb))
        for row in rows
        if row.revoked_at is None and (row.until is None or row.until >= today)
    ]


def codes_of(kind: str, codes: Sequence[str]) -> tuple[str, ...]:
    """Return codes in the order of a finding's: new codes may sort otherwise than those accepted did."""
    return tuple(codes) if kind == "outside_parent" else tuple(sorted(codes))


def record_accepted(
    connection: Connection,
    opened: Publication,
    findings: Sequence[Finding],
    *,
    reason: str,
    actor: str,
    until: date | None,
    baseline: str | None,
    via: str = "command",
) -> None:
    """Write down findings that someone accepts.

    Parameters
    ----------
    opened
        The edition they are accepted in, and the moment: of a publication, or the present ones.
    via
        The door, ``command`` or ``http``.
    """
    if not findings:
        return
    connection.execute(
        statement("exceptions_accept"),
        [
            {
                "id": finding.id,
                "kind": finding.kind,
                "codes": list(finding.codes),
                "geom": _ewkb(finding.geometry),
                "area_m2": finding.area_m2,
                "baseline": baseline,
                "reason": reason,
                "actor": actor,
                "via": via,
                "at": opened.at,
                "until": until,
                "edition": opened.edition,
            }
            for finding in findings
        ],
    )


def _ewkb(geometry: shapely.Geometry | None) -> str | None:
    if geometry is None:
        return None
    return str(shapely.to_wkb(shapely.set_srid(geometry, SRID), hex=True, include_srid=True))
