"""A finished check with all that is needed to tell people about it, and to repeat it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Areas, Geometries
from geo.coverage.report import CheckResult
from geo.crs import parse_crs
from geo.errors import GeoError
from geo.findings import DETAILS, REMARKS, SPECK_M2, Finding, area_text, width_text
from geo.mending_report import Offered, Settlement
from geo.messages import Language, sentence

FORMAT: Final = "gridwarden-findings/1"
KIND_NAMES: Final = {
    "invalid_geometry": "kind-invalid-geometry",
    "overlap": "kind-overlap",
    "gap": "kind-gap",
    "outside_parent": "kind-outside-parent",
    "unmatched_edge": "kind-unmatched-edge",
    "duplicate": "kind-duplicate",
    "orphan": "kind-orphan",
    "multipart": "kind-multipart",
    "size": "kind-size",
    "team": "kind-team",
    "splits_estate": "kind-splits-estate",
}
"""The sentence that names a group of findings of each kind."""
_VERDICTS: Final = {
    "covered": "verdict-covered",
    "clean": "verdict-clean",
    "defects": "verdict-defects",
    "unproved": "verdict-unproved",
}
_DECIMALS: Final = 4
"""Of m² and m in documents: the last digits of a sum depend on its order."""

Role = Literal["areas", "parents"]


@dataclass(frozen=True, slots=True)
class CheckInput:
    """A file that went into a check.

    Attributes
    ----------
    name, sha256, format, layer
        What was read.
    role
        ``"areas"`` for what was checked, ``"parents"`` for what it should cover.
    crs
        As the file's coordinates were taken.
    areas
        How many rows it has.
    """

    name: str
    sha256: str
    role: Role
    format: str
    layer: str
    crs: str
    areas: int


@dataclass(frozen=True)
class CheckReport:
    """A check's result, what it was made from, and how.

    Attributes
    ----------
    result
        Findings, with geometries in ``crs``.
    crs
        ``EPSG:n``, ``gcj02``, ``bd09``, or WKT.
    areas, parents
        What was checked, in ``crs``.
    inputs
        The files.
    versions
        Name and version of the programs that took part.
    command
        The command line that repeats the check.
    remarks
        What was assumed.
    offered, settlement
        What could mend it, and what was settled in a copy of it; None where nobody asked.
    """

    result: CheckResult
    crs: str
    areas: Areas
    parents: Areas | None
    inputs: tuple[CheckInput, ...]
    versions: Mapping[str, str]
    command: str
    remarks: tuple[GeoError, ...]
    offered: Offered | None = None
    settlement: Settlement | None = None

    @cached_property
    def places(self) -> npt.NDArray[np.float64]:
        """A point in or on each finding, longitude and latitude in degrees, EPSG:4490, shape (n, 2); NaN without."""
        shapes = np.full(len(self.result.findings), None, dtype=object)
        shapes[:] = [finding.geometry for finding in self.result.findings]
        points = shapely.point_on_surface(shapes)
        return parse_crs(self.crs).converted(np.column_stack([shapely.get_x(points), shapely.get_y(points)]))

    @property
    def groups(self) -> list["Group"]:
        """The findings by kind, the kind with the worst finding first."""
        rows: dict[str, list[int]] = {}
        for row, finding in enumerate(self.result.findings):
            rows.setdefault(finding.kind, []).append(row)
        return [
            Group(kind, self._listed(own, speck=False), self._listed(own, speck=True)) for kind, own in rows.items()
        ]

    def _listed(self, rows: Sequence[int], *, speck: bool) -> tuple[int, ...]:
        return tuple(row for row in rows if is_speck(self.result.findings[row]) == speck)

    def document(self) -> dict[str, Any]:
        """Return the findings as JSON can hold them, in the form :data:`FORMAT`."""
        result = self.result
        return {
            "format": FORMAT,
            "verdict": result.verdict,
            "areas": result.areas,
            "findings": [plain(finding) for finding in result.findings],
            "counts": result.counts,
            "crs": self.crs,
            "tolerance_m": result.tolerance_m,
            "covered_m2": round(result.covered_m2, _DECIMALS),
            "declared_m2": round(result.declared_m2, _DECIMALS),
            "inputs": [{"name": one.name, "sha256": one.sha256} for one in self.inputs],
            "versions": dict(self.versions),
            **({} if self.offered is None else self.offered.document()),
            **({} if self.settlement is None else {"settled": self.settlement.document()}),
        }

    def headline(self, lang: Language) -> str:
        """Return the first line: the verdict, how many areas, the findings by kind, and what was not checked."""
        result = self.result
        counts = result.counts
        parts = [self.verdict_name(lang), sentence("check-areas", lang, areas=f"{result.areas:,}")]
        defects = {kind: count for kind, count in counts.items() if kind not in REMARKS}
        remarks = {kind: count for kind, count in counts.items() if kind in REMARKS}
        if defects:
            parts.append(sentence("check-defects", lang, **_counted(defects, lang)))
        else:
            parts.append(sentence("check-no-defects", lang))
        if remarks:
            parts.append(sentence("check-remarks", lang, **_counted(remarks, lang)))
        if not result.outer_checked:
            parts.append(sentence("outer-not-checked", lang))
        return ("；" if lang == "zh" else "; ").join(parts)

    def verdict_name(self, lang: Language) -> str:
        """Return the verdict in words; without parents nothing is called covered."""
        verdict = self.result.verdict
        key = "clean" if verdict == "covered" and not self.result.outer_checked else verdict
        return sentence(_VERDICTS[key], lang)

    def mending(self, lang: Language, most: int) -> list[str]:
        """Return what could mend the findings, and what was settled: a title, then a line each."""
        lines = [] if self.offered is None else self.offered.lines(lang, most)
        return lines if self.settlement is None else [*lines, *self.settlement.lines(lang)]

    def notes(self, lang: Language) -> list[str]:
        """Return what else a reader must know: how much is covered, what is not proved, what was assumed."""
        result = self.result
        covered_m2, declared_m2 = f"{result.covered_m2:,.0f}", f"{result.declared_m2:,.0f}"
        if result.outer_checked:
            lines = [sentence("check-covered-of", lang, covered_m2=covered_m2, declared_m2=declared_m2)]
        else:
            lines = [sentence("check-covered", lang, covered_m2=covered_m2), sentence("outer-how", lang)]
        if result.unproved:
            lines.append(sentence("check-unproved", lang, codes=codes_text(result.unproved, lang)))
        return [*lines, *(remark.text(lang) for remark in self.remarks)]


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one kind.

    Attributes
    ----------
    kind
        A key of :data:`KIND_NAMES`.
    listed, specks
        Rows among the findings, worst first: those to be seen one by one, and those that only count.
    """

    kind: str
    listed: tuple[int, ...]
    specks: tuple[int, ...]

    def title(self, findings: Sequence[Finding], lang: Language) -> str:
        """Return the kind, how many there are, and their m² together."""
        rows = (*self.listed, *self.specks)
        facts: dict[str, object] = {"name": kind_name(self.kind, lang), "count": f"{len(rows):,}"}
        if self.kind in REMARKS:
            return sentence("group-line-remark", lang, **facts)
        total_m2 = sum(findings[row].area_m2 for row in rows)
        if not total_m2:
            return sentence("group-count", lang, **facts)
        return sentence("group-line", lang, area_m2=area_text(total_m2), **facts)

    def specks_line(self, findings: Sequence[Finding], tolerance_m: float, lang: Language) -> str:
        """Return the one line for all specks."""
        own = [findings[row] for row in self.specks]
        facts: dict[str, object] = {
            "count": f"{len(own):,}",
            "tolerance_m": f"{tolerance_m:g}",
        }
        total_m2 = sum(finding.area_m2 for finding in own)
        if not total_m2:
            return sentence("specks-line-edges", lang, **facts)
        facts |= {"area_m2": area_text(total_m2), "width_m": width_text(max(finding.width_m for finding in own))}
        return sentence("specks-line", lang, speck_m2=f"{SPECK_M2:g}", **facts)


def is_speck(finding: Finding) -> bool:
    """Tell whether a finding is too small to be looked at one by one: a sliver of less than :data:`SPECK_M2`."""
    return finding.sliver and finding.blocking and finding.area_m2 < SPECK_M2


def kind_name(kind: str, lang: Language) -> str:
    """Return what people call the findings of a kind."""
    return sentence(KIND_NAMES[kind], lang)


def detail_text(finding: Finding, lang: Language) -> str:
    """Return what belongs to a finding besides its size, "" without."""
    if finding.kind == "multipart":
        return sentence("pieces", lang, count=finding.detail)
    words = DETAILS.get(finding.detail)
    return finding.detail if words is None else sentence(words, lang)


def codes_text(codes: Sequence[str], lang: Language, most: int = 6) -> str:
    """Return codes in one line, the first few of many."""
    shown = ("、" if lang == "zh" else ", ").join(codes[:most])
    return sentence("codes-and-more", lang, codes=shown, count=len(codes)) if len(codes) > most else shown


def stored(geoms: Geometries, crs: str) -> Geometries:
    """Return geometries of any type in EPSG:4490 degrees, for drawing; edges are not divided."""
    system = parse_crs(crs)
    return geoms if system.is_stored else shapely.transform(geoms, system.converted)


def plain(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON can hold it."""
    return {
        "id": finding.id,
        "kind": finding.kind,
        "blocking": finding.blocking,
        "sliver": finding.sliver,
        "codes": list(finding.codes),
        "area_m2": round(finding.area_m2, _DECIMALS),
        "width_m": round(finding.width_m, _DECIMALS),
        "geometry": None if finding.geometry is None else shapely.geometry.mapping(finding.geometry),
    }


def _counted(counts: Mapping[str, int], lang: Language) -> dict[str, object]:
    kinds = ("，" if lang == "zh" else ", ").join(
        sentence("kind-and-count", lang, name=kind_name(kind, lang), count=f"{count:,}")
        for kind, count in counts.items()
    )
    return {"count": f"{sum(counts.values()):,}", "kinds": kinds}
