"""An audit as people read it: the first line, a row a county, exceptions; the rest as of any check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from geo.audit_result import AuditResult, CountyRow
from geo.check_report import CheckInput, CheckReport, codes_text, kind_name, plain
from geo.exceptions import Excepted, ExceptionRecord
from geo.levels import DEFAULT, level_name
from geo.messages import Language, sentence

CRS: Final = "EPSG:4490"
MOST_EXCEPTIONS: Final = 20
_VERDICTS: Final = {"covered": "verdict-covered", "defects": "verdict-defects", "unproved": "verdict-unproved"}
_DECIMALS: Final = 4


@dataclass(frozen=True)
class AuditReport(CheckReport):
    """A check's report, of what is published.

    Attributes
    ----------
    audit
        Beside the open findings, which are the check's.
    """

    audit: AuditResult = field(kw_only=True)

    @classmethod
    def of(cls, audit: AuditResult, versions: Mapping[str, str]) -> "AuditReport":
        """Make the report of an audit.

        Parameters
        ----------
        versions
            Name and version of the programs that took part.
        """
        levels = ", ".join(audit.levels)
        own = CheckInput(
            f"edition {audit.edition}", audit.sha256, "areas", "PostGIS", levels, CRS, sum(audit.counts.values())
        )
        return cls(
            result=audit.check,
            crs=CRS,
            areas=audit.ground,
            parents=audit.ground_parents,
            inputs=(own,),
            versions=versions,
            command=_command(audit),
            remarks=(),
            audit=audit,
        )

    def headline(self, lang: Language) -> str:
        """Return the first line: date, edition, verdict, areas by kind, m², exceptions, what was not proved."""
        audit, check = self.audit, self.audit.check
        parts = [
            sentence("audit-of", lang, date=audit.today.isoformat(), edition=audit.edition),
            self.verdict_name(lang),
            *([sentence("audit-within", lang, code=audit.within)] if audit.within else []),
            *([sentence("audit-level", lang, level=level_name(audit.level, lang))] if audit.level else []),
            counts_text(audit.counts, lang),
            _covered(check.covered_m2, check.declared_m2, lang),
            sentence("audit-in-force", lang, count=audit.in_force, found=len(audit.exceptions)),
            self._unproved(lang),
        ]
        return ("；" if lang == "zh" else "; ").join(parts)

    def _unproved(self, lang: Language) -> str:
        codes = self.audit.check.unproved
        if codes:
            return sentence("audit-unproved", lang, codes=codes_text(codes, lang))
        return sentence("audit-all-proved" if self.result.outer_checked else "audit-nothing-proved", lang)

    def verdict_name(self, lang: Language) -> str:
        """Return the verdict in words."""
        return sentence(_VERDICTS[self.audit.check.verdict], lang)

    def notes(self, lang: Language) -> list[str]:
        """Return the table by county, the exceptions that hold a finding, and what else could not be judged."""
        lines = [_county_line(row, lang) for row in self.audit.counties]
        lines += [_exception_line(one, lang) for one in self.audit.exceptions[:MOST_EXCEPTIONS]]
        if len(self.audit.exceptions) > MOST_EXCEPTIONS:
            lines.append(sentence("audit-more-exceptions", lang, count=len(self.audit.exceptions) - MOST_EXCEPTIONS))
        if self.audit.households_unknown:
            lines.append(sentence("audit-households-unknown", lang, count=f"{self.audit.households_unknown:,}"))
        return lines

    def document(self) -> dict[str, Any]:
        """Return the findings as of any check, and beside them what only an audit has."""
        audit = self.audit
        return {
            **super().document(),
            "edition": audit.edition,
            "at": audit.at.isoformat(),
            "date": audit.today.isoformat(),
            "level": audit.level,
            "within": audit.within,
            "levels": list(audit.levels),
            "areas_by_kind": _counts_document(audit.counts),
            "unproved": list(audit.check.unproved),
            "exceptions_in_force": audit.in_force,
            "exceptions": [
                {**exception_document(one.record), "finding": plain(one.finding)} for one in audit.exceptions
            ],
            "counties": [_county_document(row) for row in audit.counties],
            "households_unknown": audit.households_unknown,
        }


def counts_text(counts: Mapping[tuple[str, str], int], lang: Language) -> str:
    """Return how many areas there are by level and kind; special grids are never added to general ones."""
    named = {key: _kind_name(*key, lang) for key in counts}
    parts = [sentence("kind-and-count", lang, name=named[key], count=f"{counts[key]:,}") for key in _ordered(counts)]
    return ("，" if lang == "zh" else ", ").join(parts) or sentence("audit-no-areas", lang)


def exception_document(record: ExceptionRecord) -> dict[str, Any]:
    """Return an exception as JSON can hold it, without its geometry."""
    return {
        "exception": record.number,
        "finding_id": record.finding_id,
        "kind": record.kind,
        "codes": list(record.codes),
        "area_m2": round(record.area_m2, _DECIMALS),
        "reason": record.reason,
        "accepted_by": record.accepted_by,
        "accepted_at": record.accepted_at.isoformat(),
        "accepted_via": record.accepted_via,
        "until": record.until.isoformat() if record.until else None,
        "baseline": record.baseline,
        "edition": record.edition,
        "revoked_at": record.revoked_at.isoformat() if record.revoked_at else None,
    }


def exception_text(record: ExceptionRecord, lang: Language) -> str:
    """Return an exception in one line."""
    return sentence(
        "exception-line",
        lang,
        number=record.number,
        name=kind_name(record.kind, lang),
        codes=codes_text(record.codes, lang),
        area_m2=f"{record.area_m2:,.1f}",
        reason=record.reason,
        actor=record.accepted_by,
        until=record.until.isoformat() if record.until else sentence("exception-endless", lang),
        state=sentence("exception-revoked" if record.revoked_at else "exception-stands", lang),
    )


def _exception_line(one: Excepted, lang: Language) -> str:
    return sentence("audit-exception", lang, exception=exception_text(one.record, lang))


def _county_line(row: CountyRow, lang: Language) -> str:
    return sentence(
        "audit-county",
        lang,
        code=row.code,
        name=row.name,
        counts=counts_text(row.counts, lang),
        covered=_covered(row.covered_m2, row.declared_m2, lang),
        defects=row.defects,
        exceptions=row.exceptions,
        remarks=row.remarks,
        verdict=sentence(_VERDICTS[row.verdict] if row.verdict else "audit-not-asked", lang),
    )


def _covered(covered_m2: float | None, declared_m2: float | None, lang: Language) -> str:
    if covered_m2 is None or not declared_m2:
        return sentence("audit-not-measured", lang)
    return sentence("audit-covered-of", lang, covered_m2=f"{covered_m2:,.0f}", declared_m2=f"{declared_m2:,.0f}")


def _kind_name(level: str, kind: str, lang: Language) -> str:
    if kind == "special":
        return sentence("audit-special", lang)
    return sentence("audit-general", lang) if level == "grid" else level_name(level, lang)


def _ordered(counts: Mapping[tuple[str, str], int]) -> list[tuple[str, str]]:
    """Return the keys, the largest level first, levels that a site has named itself and special grids at the end."""
    place = {level: number for number, level in enumerate(DEFAULT.levels)}
    return sorted(counts, key=lambda key: (key[1] == "special", place.get(key[0], len(place)), key))


def _counts_document(counts: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    return [{"level": level, "kind": kind, "count": counts[level, kind]} for level, kind in _ordered(counts)]


def _county_document(row: CountyRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "areas_by_kind": _counts_document(row.counts),
        "covered_m2": None if row.covered_m2 is None else round(row.covered_m2, _DECIMALS),
        "declared_m2": None if row.declared_m2 is None else round(row.declared_m2, _DECIMALS),
        "defects": row.defects,
        "exceptions": row.exceptions,
        "remarks": row.remarks,
        "unproved": list(row.unproved),
        "verdict": row.verdict,
    }


def _command(audit: AuditResult) -> str:
    options = [f"--level {audit.level}"] if audit.level else []
    options += [f"--within {audit.within}"] if audit.within else []
    # The edition alone would leave out what was accepted since it was published.
    return " ".join(["gridwarden audit", *options, f"--at {audit.at.isoformat(timespec='microseconds')}"])
