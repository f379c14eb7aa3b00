"""Publishing what an import prepared: accepted findings, the edition, the report that goes with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from geo.errors import BadInput
from geo.findings import NAMES, Finding
from geo.store.findings import record_accepted
from geo.store.publish import Signature, publication
from importers.boundaries import Prepared
from importers.facility_import import PreparedFacilities
from importers.import_report import ImportReport
from importers.ledger_import import PreparedResidences, PreparedTeams

PreparedLedger = PreparedTeams | PreparedResidences | PreparedFacilities


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Which findings someone accepts by name, and why.

    ``kinds`` are finding kinds; ``baseline`` accepts all of them, as the dated list of a first import.
    """

    kinds: frozenset[str] = frozenset()
    baseline: bool = False
    reason: str | None = None
    until: date | None = None

    @classmethod
    def of(cls, kinds: str | None, baseline: bool, reason: str | None, until: date | None) -> "Acceptance":
        """Read it from the options of a command.

        Raises
        ------
        BadInput
            For an unknown kind, or without a reason.
        """
        wanted = frozenset(kind.strip() for kind in (kinds or "").split(",") if kind.strip())
        for kind in sorted(wanted - NAMES.keys()):
            raise BadInput("unknown-finding-kind", given=kind, known=", ".join(NAMES))
        if (wanted or baseline) and not (reason or "").strip():
            raise BadInput("reason-needed")
        return cls(wanted, baseline, reason, until)

    def covers(self, finding: Finding) -> bool:
        """Tell whether a finding is accepted by this."""
        return self.baseline or finding.kind in self.kinds

    def refused(self, report: ImportReport) -> list[Finding]:
        """Return the findings that stop a publication."""
        return [finding for finding in report.blocking() if not self.covers(finding)]


def publish_boundaries(
    connection: Connection, prepared: Prepared, acceptance: Acceptance, title: str, actor: str
) -> None:
    """Publish an import, unless nothing changes or a finding stands against it; the report says which.

    Raises
    ------
    Conflict
        Where something was published since the import was prepared.
    """
    report = prepared.report
    if not prepared.changes_anything() or acceptance.refused(report):
        return
    signature = Signature(
        kind="boundaries",
        title=title,
        actor=actor,
        reason=acceptance.reason,
        inputs=[{"name": report.file, "sha256": report.sha256}],
        report=report.as_record(),
    )
    with publication(connection, signature, expected=prepared.edition) as opened:
        prepared.write(connection, opened)
        record_accepted(
            connection,
            opened,
            report.blocking(),
            reason=acceptance.reason or "",
            actor=actor,
            until=acceptance.until,
            baseline=title if acceptance.baseline else None,
        )
    report.edition = opened.edition


def publish_ledger(connection: Connection, prepared: PreparedLedger, title: str, actor: str) -> None:
    """Publish a ledger, unless nothing changes.

    Raises
    ------
    Conflict
        Where something was published since it was prepared.
    """
    report = prepared.report
    if not prepared.changes_anything():
        return
    inputs: Sequence[dict[str, object]] = [{"name": report.file, "sha256": report.sha256}]
    signature = Signature(kind=report.subject, title=title, actor=actor, inputs=inputs, report=report.as_json())
    with publication(connection, signature, expected=prepared.edition) as opened:
        prepared.write(connection, opened)
    report.edition = opened.edition
