"""Exceptions: findings that someone accepted by name, with a reason and an end date, and what they still hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from geo.findings import Finding
from geo.lattice import CELL_DEG


@dataclass(frozen=True, slots=True, eq=False)
class ExceptionRecord:
    """One accepted finding.

    Attributes
    ----------
    number
        Of the record in the register.
    finding_id, kind, codes, geometry, area_m2
        The finding as it was accepted; geometry in EPSG:4490, None where it has no place.
    reason, accepted_by, accepted_at
        Why, who, when.
    accepted_via
        ``command`` or ``http``: over HTTP the person is whoever the request says, while there are no accounts.
    until
        The last day on which it holds, None without end.
    baseline
        Title of the dated list that it belongs to, None alone.
    edition
        Present when it was accepted.
    revoked_at
        When someone took it back, None while it stands.
    """

    number: int
    finding_id: str
    kind: str
    codes: tuple[str, ...]
    geometry: shapely.Geometry | None
    area_m2: float
    reason: str
    accepted_by: str
    accepted_at: datetime
    accepted_via: str
    until: date | None
    baseline: str | None
    edition: int
    revoked_at: datetime | None

    def in_force(self, at: datetime, today: date) -> bool:
        """Tell whether it holds at a moment.

        Parameters
        ----------
        at
            The moment.
        today
            The day of that moment at the site: end dates are days there.
        """
        revoked = self.revoked_at is not None and self.revoked_at <= at
        return self.accepted_at <= at and not revoked and (self.until is None or self.until >= today)


@dataclass(frozen=True, slots=True, eq=False)
class Excepted:
    """A finding that an exception in force holds."""

    finding: Finding
    record: ExceptionRecord


def site_day(moment: datetime, zone: str) -> date:
    """Return the day of a moment at the site: what end dates are compared with, at every door."""
    return moment.astimezone(ZoneInfo(zone)).date()


def apart(findings: Iterable[Finding], records: Sequence[ExceptionRecord]) -> tuple[list[Finding], list[Excepted]]:
    """Tell open findings from those that are accepted.

    An exception holds a finding of the same kind and the same areas that lies within the accepted piece, grown by one
    lattice cell: a defect that has grown, or moved, is a new finding. Where several hold it, the one that lasts
    longest counts.

    Parameters
    ----------
    findings
        In EPSG:4490 degrees.
    records
        Those in force.

    Returns
    -------
    tuple
        Open findings and excepted ones, each in the order given.
    """
    alike: dict[tuple[str, tuple[str, ...]], list[ExceptionRecord]] = {}
    for record in sorted(records, key=_lasting, reverse=True):
        alike.setdefault((record.kind, record.codes), []).append(record)
    still_open: list[Finding] = []
    excepted: list[Excepted] = []
    for finding in findings:
        known = alike.get((finding.kind, finding.codes), ())
        holding = next((record for record in known if holds(record, finding)), None)
        if holding is None:
            still_open.append(finding)
        else:
            excepted.append(Excepted(finding, holding))
    return still_open, excepted


def holds(record: ExceptionRecord, finding: Finding) -> bool:
    """Tell whether an exception's piece, grown by one lattice cell, holds a finding of its kind and areas.

    The ids do not tell: they know how far a piece reaches, not what fills it, and they change with a code.
    """
    if finding.geometry is None or record.geometry is None:
        return finding.geometry is record.geometry and (finding.kind, finding.codes) == (record.kind, record.codes)
    return lies_within(finding.geometry, record.geometry)


def lies_within(geometry: shapely.Geometry, piece: shapely.Geometry) -> bool:
    """Tell whether a geometry lies within a piece grown by one lattice cell; both in EPSG:4490 degrees."""
    # Nearly always unchanged, which costs less to see than a buffer.
    if shapely.equals_identical(shapely.normalize(piece), shapely.normalize(geometry)):
        return True
    low, high = np.split(shapely.bounds(piece), 2)
    own_low, own_high = np.split(shapely.bounds(geometry), 2)
    if (own_low < low - CELL_DEG).any() or (own_high > high + CELL_DEG).any():
        return False
    return bool(shapely.covers(shapely.buffer(piece, CELL_DEG), geometry))


def _lasting(record: ExceptionRecord) -> tuple[date, int]:
    return record.until or date.max, record.number
