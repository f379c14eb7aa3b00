"""What is told of proposals, and of a copy in which slivers were settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from geo.coverage.report import CheckResult
from geo.findings import Finding
from geo.messages import Language, sentence
from geo.repair import MENDED, Proposal

_DECIMALS: Final = 4
"""Of m² and m in documents, as for findings."""


@dataclass(frozen=True, slots=True, eq=False)
class Offered:
    """Proposals for findings.

    Attributes
    ----------
    findings
        Those of a kind that there are proposals for, worst first.
    proposals
        In their order, the best for each first.
    """

    findings: tuple[Finding, ...]
    proposals: tuple[Proposal, ...]

    @classmethod
    def of(cls, findings: Sequence[Finding], proposals: Sequence[Proposal]) -> "Offered":
        """Keep the findings that proposals could be for, and bring the proposals into their order."""
        wanted = tuple(finding for finding in findings if finding.kind in MENDED)
        place = {finding.id: at for at, finding in enumerate(wanted)}
        ordered = sorted(proposals, key=lambda one: (min(place[name] for name in one.findings), one.rank))
        return cls(wanted, tuple(ordered))

    @property
    def unsettled(self) -> tuple[str, ...]:
        """Ids of findings without any proposal."""
        told = {name for proposal in self.proposals for name in proposal.findings}
        return tuple(finding.id for finding in self.findings if finding.id not in told)

    def lines(self, lang: Language, most: int) -> list[str]:
        """Return a title, the best proposal for each finding, and how many findings have none."""
        text = {finding.id: finding.text(lang) for finding in self.findings}
        best = [proposal for proposal in self.proposals if proposal.rank == 1]
        count = {"count": f"{len(self.proposals):,}", "findings": f"{len(self.findings):,}"}
        lines = [sentence("offered-line", lang, settled=f"{len(self.findings) - len(self.unsettled):,}", **count)]
        for number, proposal in enumerate(best[:most], start=1):
            first, others = proposal.findings[0], len(proposal.findings) - 1
            found = sentence("offered-together", lang, finding=text[first], count=others) if others else text[first]
            lines.append(f"  {number:>3}. {found} → {proposal.text(lang)}  {first}")
        if len(best) > most:
            lines.append("       " + sentence("more-offered", lang, count=f"{len(best) - most:,}"))
        if self.unsettled:
            names = ", ".join(self.unsettled[:3]) + (" …" if len(self.unsettled) > 3 else "")
            lines.append("       " + sentence("not-offered", lang, count=f"{len(self.unsettled):,}", ids=names))
        return lines

    def document(self) -> dict[str, Any]:
        """Return the proposals, and the findings without any, as JSON can hold them."""
        return {"proposals": [_plain(one) for one in self.proposals], "unsettled": list(self.unsettled)}


@dataclass(frozen=True, slots=True, eq=False)
class Settlement:
    """What a copy of a file has instead of slivers.

    Attributes
    ----------
    slivers
        How many there were.
    applied
        The proposals that were applied.
    result
        Of the check of the copy.
    areas, noded_parents
        Codes of the areas whose boundary changed, and of the parents that received nodes.
    displacement_m
        How far a border moved at most.
    """

    slivers: int
    applied: tuple[Proposal, ...]
    result: CheckResult
    areas: tuple[str, ...]
    noded_parents: tuple[str, ...]
    displacement_m: float

    @property
    def moved_m2(self) -> float:
        """How many m² changed hands."""
        return sum(proposal.moved_m2 for proposal in self.applied)

    @property
    def settled(self) -> int:
        """How many slivers were settled."""
        return max(self.slivers - sum(finding.sliver for finding in self.result.findings), 0)

    def lines(self, lang: Language) -> list[str]:
        """Return what was settled, and what the copy has left."""
        left = [finding for finding in self.result.findings if finding.blocking]
        facts = {
            "settled": f"{self.settled:,}",
            "slivers": f"{self.slivers:,}",
            "areas": f"{len(self.areas):,}",
            "moved_m2": f"{self.moved_m2:,.2f}",
            "distance_m": f"{self.displacement_m:,.3f}",
        }
        lines = [sentence("slivers-settled", lang, **facts)]
        if self.noded_parents:
            lines.append(sentence("parents-noded", lang, count=f"{len(self.noded_parents):,}"))
        small = sum(finding.sliver for finding in left)
        facts = {"count": f"{len(left):,}", "slivers": f"{small:,}"}
        lines.append(sentence("copy-has-left", lang, **facts) if left else sentence("copy-has-none", lang))
        return lines

    def document(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "slivers": self.slivers,
            "settled": self.settled,
            "moved_m2": round(self.moved_m2, _DECIMALS),
            "displacement_m": round(self.displacement_m, _DECIMALS),
            "areas": list(self.areas),
            "noded_parents": list(self.noded_parents),
            "left": self.result.counts,
        }


def _plain(proposal: Proposal) -> dict[str, Any]:
    return {
        "findings": list(proposal.findings),
        "rank": proposal.rank,
        "gains": {code: round(area_m2, _DECIMALS) for code, area_m2 in proposal.gains.items()},
        "loses": {code: round(area_m2, _DECIMALS) for code, area_m2 in proposal.loses.items()},
        "moved_m2": round(proposal.moved_m2, _DECIMALS),
        "displacement_m": round(proposal.displacement_m, _DECIMALS),
        "areas": sorted(proposal.geometries),
        "noded_parents": sorted(proposal.noded_parents),
    }
