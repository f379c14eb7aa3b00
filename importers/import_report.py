"""What an import did or would do: for people as lines of text, for programs as JSON."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from geo.errors import GeoError
from geo.findings import NAMES, Finding
from geo.messages import Language, sentence

SHOWN: Final = 20
"""Refusals, repairs and findings that the text lists; JSON has them all."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many areas of each fate."""

    read: int = 0
    new: int = 0
    redrawn: int = 0
    renamed: int = 0
    unchanged: int = 0
    retired: int = 0
    noded: int = 0
    refused: int = 0
    derived: int = 0

    def changed(self) -> int:
        """Return how many areas get or end a version for their own sake."""
        return self.new + self.redrawn + self.renamed + self.retired


@dataclass(frozen=True, slots=True)
class RepairNote:
    """One row that ``--make-valid`` mended."""

    row: int
    code: str
    reason: str
    area_change_m2: float


@dataclass(slots=True)
class ImportReport:
    """The report of one import.

    Attributes
    ----------
    file, format, sha256, layer, encoding, crs, crs_note
        What was read, and how its texts and coordinates were taken.
    level, kind
        What the areas are.
    counts
        How many came in, by what became of them.
    refusals
        Row, code and reason of each row that did not come in.
    repairs
        Rows that were mended.
    tolerance_m, nodes, moved_m, moved_code, area_before_m2, area_after_m2
        What matching and snapping moved and by how much.
    findings
        Of the new boundaries; ``accepted`` of them do not block.
    remarks
        Sentences worth reading.
    edition
        The edition published, None for a dry run or when nothing changed.
    """

    file: str
    format: str
    sha256: str
    layer: str
    encoding: str
    crs: str
    crs_note: Callable[[Language], str]
    level: str
    kind: str
    tolerance_m: float
    counts: Counts = field(default_factory=Counts)
    refusals: list[tuple[int, str, GeoError]] = field(default_factory=list)
    repairs: list[RepairNote] = field(default_factory=list)
    nodes: int = 0
    moved_m: float = 0.0
    moved_code: str = ""
    area_before_m2: float = 0.0
    area_after_m2: float = 0.0
    findings: Sequence[Finding] = ()
    remarks: list[GeoError] = field(default_factory=list)
    edition: int | None = None

    def blocking(self) -> list[Finding]:
        """Return the findings that stop a publication."""
        return [finding for finding in self.findings if finding.blocking]

    def kinds(self) -> dict[str, int]:
        """Return how many findings of each kind there are, in the order of reports."""
        counted = Counter(finding.kind for finding in self.findings)
        return {kind: counted[kind] for kind in NAMES if kind in counted}

    def as_json(self) -> dict[str, Any]:
        """Return everything, for ``--json`` and for the register of editions; no personal data is in it."""
        counts = {name: getattr(self.counts, name) for name in Counts.__dataclass_fields__}
        return {
            "format": "gridwarden-import/1",
            "input": {"name": self.file, "sha256": self.sha256, "format": self.format, "layer": self.layer},
            "encoding": self.encoding,
            "crs": self.crs,
            "level": self.level,
            "kind": self.kind,
            "counts": counts,
            "refusals": [
                {"row": row, "code": code, "type": error.kind, "zh": error.text("zh"), "en": error.text("en")}
                for row, code, error in self.refusals
            ],
            "repairs": [
                {"row": note.row, "code": note.code, "reason": note.reason, "area_change_m2": note.area_change_m2}
                for note in self.repairs
            ],
            "matching": {
                "tolerance_m": self.tolerance_m,
                "nodes": self.nodes,
                "moved_m": self.moved_m,
                "moved_code": self.moved_code,
                "area_before_m2": self.area_before_m2,
                "area_after_m2": self.area_after_m2,
            },
            "findings": {"counts": self.kinds(), "ids": [finding.id for finding in self.findings]},
            "remarks": [
                {"type": remark.kind, "zh": remark.text("zh"), "en": remark.text("en")} for remark in self.remarks
            ],
            "edition": self.edition,
        }

    def lines(self, lang: Language) -> list[str]:
        """Return the report as lines of text."""
        return [
            sentence("report-input", lang, file=self.file, format=self.format, layer=self.layer),
            sentence("report-taken", lang, encoding=self.encoding, crs=self.crs, level=self.level),
            self.crs_note(lang),
            self._counted(lang),
            sentence(
                "report-matching",
                lang,
                tolerance_m=self.tolerance_m,
                nodes=self.nodes,
                moved_m=self.moved_m,
                code=self.moved_code or "–",
                noded=self.counts.noded,
                change_m2=self.area_after_m2 - self.area_before_m2,
            ),
            *_listed(
                [f"  {row}  {code}  {error.text(lang)}" for row, code, error in self.refusals],
                sentence("report-refused", lang, count=len({row for row, _, _ in self.refusals})),
                lang,
            ),
            *_listed(
                [f"  {note.row}  {note.code}  {note.reason}  {note.area_change_m2:+.2f} m²" for note in self.repairs],
                sentence("report-repaired", lang, count=len(self.repairs)),
                lang,
            ),
            *self._found(lang),
            *(remark.text(lang) for remark in self.remarks),
        ]

    def _counted(self, lang: Language) -> str:
        if not self.counts.changed() and not self.counts.noded:
            return sentence("report-unchanged", lang, count=self.counts.unchanged)
        facts = {name: getattr(self.counts, name) for name in Counts.__dataclass_fields__}
        return sentence("report-counts", lang, **facts)

    def _found(self, lang: Language) -> list[str]:
        if not self.findings:
            return [sentence("report-no-findings", lang)]
        noise = [finding for finding in self.findings if finding.sliver]
        clear = [finding for finding in self.findings if not finding.sliver]
        lines = _listed(
            [f"  {finding.text(lang)}" for finding in clear],
            sentence("report-findings", lang, count=len(self.findings)),
            lang,
        )
        if noise:
            total_m2 = sum(finding.area_m2 for finding in noise)
            lines.append(sentence("report-slivers", lang, count=len(noise), area_m2=total_m2))
        return lines


def _listed(items: Sequence[str], title: str, lang: Language) -> list[str]:
    """Return a title and the first items below it; nothing where there are none."""
    if not items:
        return []
    more = len(items) - SHOWN
    rest = [sentence("report-more", lang, count=more)] if more > 0 else []
    return [title, *items[:SHOWN], *rest]
