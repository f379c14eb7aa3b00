"""Which findings of an import someone accepts."""

from dataclasses import dataclass
from datetime import date

from geo.errors import BadInput
from geo.findings import NAMES, Finding
from importers.import_report import ImportReport


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
