"""Settling noise: a mended copy in which only pieces below the tolerance changed hands."""

from collections.abc import Sequence
from dataclasses import dataclass

from geo.areas import Areas
from geo.coverage import ELLIPSOIDAL, Metric
from geo.coverage.terms import TOLERANCE_M
from geo.errors import Conflict
from geo.findings import Finding
from geo.repair.applying import Proposal, apply, node_parents
from geo.repair.proposals import propose


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """What settling slivers made of a level.

    Attributes
    ----------
    level
        The areas afterwards, in their order.
    parents
        The parents afterwards: some may have received nodes.
    applied
        The proposals that were applied.
    """

    level: Areas
    parents: Areas | None
    applied: tuple[Proposal, ...]

    @property
    def displacement_m(self) -> float:
        """How far a border moved at most."""
        return max((proposal.displacement_m for proposal in self.applied), default=0.0)


def apply_slivers(
    level: Areas,
    parents: Areas | None,
    findings: Sequence[Finding],
    *,
    tolerance_m: float = TOLERANCE_M,
    lattice: bool,
    metric: Metric = ELLIPSOIDAL,
) -> Settled:
    """Settle what is narrower than the tolerance, and nothing else: wide gaps, enclaves among them, stay.

    A proposal that would move a border further than the tolerance is not applied.

    Parameters
    ----------
    level, parents, tolerance_m, lattice, metric
        As for the check.
    findings
        What it found.
    """
    slivers = [finding for finding in findings if finding.sliver]
    offered = propose(level, parents, slivers, lattice=lattice, metric=metric)
    chosen: dict[tuple[str, ...], Proposal] = {}
    for proposal in offered:
        if proposal.displacement_m <= tolerance_m:
            chosen.setdefault(proposal.findings, proposal)
    mended, applied = _applied(level, list(chosen.values()))
    upper = None if parents is None else node_parents(parents, level, applied)
    return Settled(mended, upper, tuple(applied))


def _applied(level: Areas, proposals: list[Proposal]) -> tuple[Areas, list[Proposal]]:
    """Apply proposals together; leave out those that change an area on which they clash."""
    while True:
        try:
            return apply(level, proposals), proposals
        except Conflict as clash:
            proposals = [one for one in proposals if clash.place["code"] not in one.families]
