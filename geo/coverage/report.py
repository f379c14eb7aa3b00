"""What a check found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from geo.findings import Finding, count_kinds, worst_first

Verdict = Literal["covered", "defects", "unproved"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Findings and verdict of one check.

    Attributes
    ----------
    findings
        Worst first; the order does not depend on the order of the input.
    areas
        How many areas were checked.
    covered_m2, declared_m2
        m² covered by the level, of the m² that its parents claim; without parents both are what the level covers.
    unproved
        Codes of parents without a boundary: nothing is known about them.
    outer_checked
        False without parents: then only enclosed gaps can be found.
    tolerance_m
        Width below which a piece is a sliver.
    """

    findings: tuple[Finding, ...]
    areas: int
    covered_m2: float
    declared_m2: float
    unproved: tuple[str, ...]
    outer_checked: bool
    tolerance_m: float

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each kind that occurs."""
        return count_kinds(self.findings)

    @property
    def verdict(self) -> Verdict:
        """``defects`` where anything blocks; else ``unproved`` where something could not be checked.

        No area and no parent at all prove nothing.
        """
        if any(finding.blocking for finding in self.findings):
            return "defects"
        nothing = self.areas == 0 and self.declared_m2 == 0
        return "unproved" if self.unproved or nothing else "covered"

    def joined(self, others: Sequence["CheckResult"]) -> "CheckResult":
        """Return one result for several levels; m² are those of this one."""
        every = [self, *others]
        return CheckResult(
            tuple(worst_first(finding for result in every for finding in result.findings)),
            sum(result.areas for result in every),
            self.covered_m2,
            self.declared_m2,
            tuple(sorted({code for result in every for code in result.unproved})),
            self.outer_checked,
            self.tolerance_m,
        )
