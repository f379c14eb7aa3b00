"""What an import did or would do: for people as lines of text, for programs as JSON."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries, Texts
from geo.errors import BadInput, GeoError
from geo.findings import Finding, count_kinds
from geo.levels import level_name
from geo.messages import Language, sentence
from importers.encoding import Encoding, Origin
from importers.incoming import Incoming
from importers.layer import Layer

SHOWN: Final = 20
"""Refusals, repairs and findings that the text lists; JSON has them all."""
FATES: Final = {
    "new": "fate-new",
    "redrawn": "fate-redrawn",
    "renamed": "fate-renamed",
    "unchanged": "fate-unchanged",
    "retired": "fate-retired",
    "derived": "fate-derived",
    "refused": "fate-refused",
    "noded": "fate-noded",
}
"""The sentence for each count, in the order of the report."""
ORIGINS: Final[dict[Origin, str]] = {
    "given": "encoding-given",
    "cpg": "encoding-cpg",
    "dbf": "encoding-dbf",
    "texts": "encoding-texts",
    "format": "encoding-format",
}
"""The words for how an encoding was decided."""
RECORDED: Final = 1000
"""Findings that the register of editions keeps: the worst come first."""


_Rows = TypeVar("_Rows", Incoming, Layer)


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
    file, format, sha256, layer, encoding, crs, crs_note, rows
        What was read, how its texts and coordinates were taken, and how many rows it has.
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
        Around what changes, as the areas would be afterwards.
    standing
        Ids of the findings that stop nothing: they were there before or are accepted.
    remarks
        Sentences worth reading.
    edition
        The edition published, None for a draft or when nothing changed.
    plan
        The plan that the import became, None when nothing changed.
    """

    file: str
    format: str
    sha256: str
    layer: str
    encoding: Encoding
    crs: str
    crs_note: Callable[[Language], str]
    level: str
    kind: str
    tolerance_m: float
    rows: int = 0
    counts: Counts = field(default_factory=Counts)
    refusals: list[tuple[int, str, GeoError]] = field(default_factory=list)
    repairs: list[RepairNote] = field(default_factory=list)
    nodes: int = 0
    moved_m: float = 0.0
    moved_code: str = ""
    area_before_m2: float = 0.0
    area_after_m2: float = 0.0
    findings: Sequence[Finding] = ()
    standing: Collection[str] = ()
    remarks: list[GeoError] = field(default_factory=list)
    edition: int | None = None
    plan: int | None = None

    def refuse(self, row: int, code: str, error: str, /, **facts: object) -> None:
        """Write down why a row does not come in."""
        place = {"file": self.file, "row": row, "code": code}
        self.refusals.append((row, code, BadInput(error, place=place, **facts)))

    def refused_rows(self) -> set[int]:
        """Return the numbers of the rows that do not come in."""
        return {row for row, _, _ in self.refusals}

    def without_refused(self, areas: _Rows) -> _Rows:
        """Return the areas whose rows were not refused."""
        refused = self.refused_rows()
        return areas if not refused else areas.take(~np.isin(areas.rows, list(refused)))

    def without_vanished(self, areas: _Rows, geoms: Geometries) -> _Rows:
        """Refuse the rows of which matching left nothing, and return the others."""
        for place in np.flatnonzero(shapely.is_missing(geoms)).tolist():
            self.refuse(int(areas.rows[place]), areas.codes[place], "area-vanished", tolerance_m=self.tolerance_m)
        return self.without_refused(areas)

    def require_whole(self, skip_bad_rows: bool) -> None:
        """Stop where rows are refused, unless they may be skipped.

        Raises
        ------
        RowsRefused
            With the first reason's place; the report has them all.
        """
        if self.refusals and not skip_bad_rows:
            raise RowsRefused(self)

    def note_moved(self, moved_m: npt.NDArray[np.float64], codes: Texts) -> None:
        """Remember the largest displacement and whose it was."""
        if len(moved_m) and float(moved_m.max()) > self.moved_m:
            worst = int(moved_m.argmax())
            self.moved_m, self.moved_code = float(moved_m[worst]), str(codes[worst])

    def blocking(self) -> list[Finding]:
        """Return the findings that stop a publication: those that the import creates or enlarges."""
        return [finding for finding in self.findings if finding.blocking and finding.id not in self.standing]

    def as_record(self) -> dict[str, Any]:
        """Return what the register of editions keeps; no personal data is in it."""
        document = self.as_json()
        return document | {"findings": document["findings"][:RECORDED]}

    def as_json(self) -> dict[str, Any]:
        """Return everything, for ``--json``."""
        places = _places(self.findings)
        return {
            "format": "gridwarden-import/1",
            "input": {"name": self.file, "sha256": self.sha256, "format": self.format, "layer": self.layer},
            "encoding": f"{self.encoding.name} ({self.encoding.origin})",
            "crs": self.crs,
            "level": self.level,
            "kind": self.kind,
            "counts": asdict(self.counts),
            "refusals": [{"row": row, "code": code, **_said(error)} for row, code, error in self.refusals],
            "repairs": [asdict(note) for note in self.repairs],
            "matching": {
                "tolerance_m": self.tolerance_m,
                "nodes": self.nodes,
                "moved_m": self.moved_m,
                "moved_code": self.moved_code,
                "area_before_m2": self.area_before_m2,
                "area_after_m2": self.area_after_m2,
            },
            "findings": [
                _finding(one, place, one.blocking and one.id not in self.standing)
                for one, place in zip(self.findings, places, strict=True)
            ],
            "finding_counts": count_kinds(self.findings),
            "remarks": [_said(remark) for remark in self.remarks],
            "edition": self.edition,
            "plan": self.plan,
        }

    def lines(self, lang: Language) -> list[str]:
        """Return the report as lines of text."""
        return [
            sentence("report-input", lang, file=self.file, format=self.format, layer=self.layer),
            sentence(
                "report-taken", lang, encoding=self._read_as(lang), crs=self.crs, level=level_name(self.level, lang)
            ),
            self.crs_note(lang),
            *self._fates(lang),
            *_listed(
                [f"  {row}  {code}  {error.text(lang)}" for row, code, error in self.refusals],
                sentence("report-refused", lang, count=len(self.refused_rows())),
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

    def _read_as(self, lang: Language) -> str:
        origin = sentence(ORIGINS[self.encoding.origin], lang)
        return sentence("report-encoding", lang, name=self.encoding.name, origin=origin)

    def _fates(self, lang: Language) -> list[str]:
        """Say what became of the rows; nothing where they were not looked at further."""
        counts = self.counts
        if not counts.read:
            return [sentence("report-stopped", lang, rows=self.rows)]
        if not counts.changed() and not counts.noded:
            return [sentence("report-unchanged", lang, count=counts.unchanged)]
        fates = [sentence(kind, lang, count=asdict(counts)[name]) for name, kind in FATES.items()]
        told = [fate for fate, name in zip(fates, FATES, strict=True) if asdict(counts)[name]]
        joined = ("，" if lang == "zh" else ", ").join(told)
        return [sentence("report-counts", lang, read=counts.read, fates=joined), self._matched(lang)]

    def _matched(self, lang: Language) -> str:
        """Say what matching and rounding moved, and by how much."""
        if not self.nodes and not self.moved_m:
            return sentence("report-still", lang, tolerance_m=self.tolerance_m)
        return sentence(
            "report-matching",
            lang,
            tolerance_m=self.tolerance_m,
            nodes=self.nodes,
            moved_m=self.moved_m,
            code=self.moved_code or "–",
            change_m2=self.area_after_m2 - self.area_before_m2,
        )

    def _found(self, lang: Language) -> list[str]:
        if not self.counts.changed() and not self.counts.noded:
            return []
        if not self.findings:
            return [sentence("report-no-findings", lang)]
        title = sentence("report-findings", lang, count=len(self.findings), blocking=len(self.blocking()))
        lines = _listed([f"  {self._told(finding, lang)}" for finding in self.findings], title, lang)
        slivers_m2 = [finding.area_m2 for finding in self.findings if finding.sliver]
        if slivers_m2:
            lines.append(sentence("report-slivers", lang, count=len(slivers_m2), area_m2=sum(slivers_m2)))
        return lines

    def _told(self, finding: Finding, lang: Language) -> str:
        told = finding.text(lang)
        return told + sentence("report-standing", lang) if finding.blocking and finding.id in self.standing else told


class RowsRefused(BadInput):
    """Rows of a file cannot come in; ``report`` lists them with their reasons."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report
        row, code, error = report.refusals[0]
        place = {"file": report.file, "row": row, "code": code, **error.place}
        super().__init__("rows-refused", place=place, count=len(report.refused_rows()))


def _said(error: GeoError) -> dict[str, Any]:
    return {"type": error.kind, "place": error.place, "zh": error.text("zh"), "en": error.text("en")}


def _places(findings: Sequence[Finding]) -> list[list[float] | None]:
    """Return a point of each finding, longitude and latitude; None where it has no place."""
    geoms = np.full(len(findings), None, dtype=object)
    geoms[:] = [finding.geometry for finding in findings]
    inner = shapely.point_on_surface(geoms)
    lonlat = np.column_stack([shapely.get_x(inner), shapely.get_y(inner)])
    return [place if known else None for place, known in zip(lonlat.tolist(), np.isfinite(lonlat[:, 0]), strict=True)]


def _finding(finding: Finding, place: list[float] | None, blocking: bool) -> dict[str, Any]:
    return {
        "id": finding.id,
        "kind": finding.kind,
        "codes": list(finding.codes),
        "detail": finding.detail,
        "blocking": blocking,
        "sliver": finding.sliver,
        "area_m2": finding.area_m2,
        "width_m": finding.width_m,
        "place": place,
    }


def _listed(items: Sequence[str], title: str, lang: Language) -> list[str]:
    """Return a title and the first items below it; nothing where there are none."""
    if not items:
        return []
    more = len(items) - SHOWN
    rest = [sentence("report-more", lang, count=more)] if more > 0 else []
    return [title, *items[:SHOWN], *rest]
