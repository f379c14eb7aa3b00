"""Publishing what an import prepared: accepted findings, the edition, the report that goes with it."""

from collections.abc import Sequence

from sqlalchemy import Connection

from geo.store.editions import present
from geo.store.findings import record_accepted
from geo.store.lineage import write_lineage
from geo.store.plans import Acting
from geo.store.publish import Signature, publication
from importers.acceptance import Acceptance
from importers.aliases import PreparedAliases
from importers.boundaries import Prepared
from importers.facility_import import PreparedFacilities
from importers.import_lineage import OPERATION, import_lineage
from importers.import_plans import record_import
from importers.ledger_import import PreparedResidences, PreparedTeams
from importers.street_import import PreparedStreets

PreparedLedger = PreparedAliases | PreparedTeams | PreparedResidences | PreparedFacilities | PreparedStreets


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
    with connection.begin():
        at = present(connection).at
        noded = prepared.versions.areas.ids[prepared.versions.noded]
        lineage = import_lineage(connection, at, prepared.before, prepared.after, noded)
    with publication(connection, signature, expected=prepared.edition) as opened:
        given = prepared.write(connection, opened)
        report.plan = record_import(connection, opened, prepared, title, Acting(actor))
        write_lineage(connection, opened, lineage, [OPERATION], given, plan=report.plan)
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
