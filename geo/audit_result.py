"""What an audit comes to: verdict, exceptions in force, m², and a row a county."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from geo.areas import Areas, Texts
from geo.audit import LevelAudit
from geo.coverage.report import CheckResult, Verdict
from geo.coverage.terms import TOLERANCE_M
from geo.exceptions import Excepted, ExceptionRecord, apart
from geo.findings import Finding, worst_first

COUNTY = "county"


@dataclass(frozen=True, slots=True, eq=False)
class Inventory:
    """All areas of a moment without their boundaries; row ``i`` of every column is one area.

    ``parent_rows`` is -1 where there is no parent.
    """

    levels: Texts
    codes: Texts
    names: Texts
    kinds: Texts
    parent_rows: npt.NDArray[np.int64]

    def below(self, code: str) -> npt.NDArray[np.bool_]:
        """Return which areas are the one of this code or anywhere below it, shape (n,)."""
        inside = np.asarray(self.codes == code, dtype=np.bool_)
        while True:
            more = inside | ((self.parent_rows >= 0) & inside[self.parent_rows])
            if (more == inside).all():
                return inside
            inside = more

    def ancestors_at(self, level: str) -> npt.NDArray[np.int64]:
        """Return the row of each area's ancestor at a level, itself included; -1 where it has none, shape (n,)."""
        own = np.where(self.levels == level, np.arange(len(self.codes)), -1)
        while True:
            from_parent = np.where(self.parent_rows >= 0, own[self.parent_rows], -1)
            more = np.where(own >= 0, own, from_parent)
            if (more == own).all():
                return own
            own = more

    def counts(self, scope: npt.NDArray[np.bool_]) -> dict[tuple[str, str], int]:
        """Return the number of areas in a scope by level and kind."""
        return dict(Counter(zip(self.levels[scope], self.kinds[scope], strict=True)))


@dataclass(frozen=True, slots=True)
class CountyRow:
    """What an audit found in one county.

    Attributes
    ----------
    counts
        Areas below it by level and kind.
    covered_m2, declared_m2
        None where the audit did not ask for coverage there.
    defects, exceptions, remarks
        Findings that block, accepted ones, and those that block nothing; one on a border of two counties counts in
        both.
    unproved
        Codes of which nothing could be proved.
    """

    code: str
    name: str
    counts: Mapping[tuple[str, str], int]
    covered_m2: float | None
    declared_m2: float | None
    defects: int
    exceptions: int
    remarks: int
    unproved: tuple[str, ...]

    @property
    def verdict(self) -> Verdict | None:
        """As for the whole; None where nothing was asked of the county and nothing found."""
        if self.defects:
            return "defects"
        if self.unproved:
            return "unproved"
        return None if self.declared_m2 is None else "covered"


@dataclass(frozen=True, slots=True, eq=False)
class AuditResult:
    """An audit of what is published.

    Attributes
    ----------
    at, today, edition
        The moment, its day at the site, and the edition that held then.
    level, within
        What was asked for; None for the whole hierarchy and for everything.
    levels
        The levels checked, the largest first.
    counts
        Areas in the scope by level and kind.
    check
        The open findings, worst first; m² of the first level's parents and of what lies below them.
    exceptions
        Accepted findings that are still there, worst first.
    in_force
        How many exceptions are in force, whether or not their finding is still there.
    counties
        A row a county.
    households_unknown
        Areas whose size cannot be judged.
    ground, ground_parents
        Areas to draw: those of the lowest level that covers its parents.
    sha256
        Of every code, parent and boundary that went in.
    """

    at: datetime
    today: date
    edition: int
    level: str | None
    within: str | None
    levels: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]
    check: CheckResult
    exceptions: tuple[Excepted, ...]
    in_force: int
    counties: tuple[CountyRow, ...]
    households_unknown: int
    ground: Areas
    ground_parents: Areas | None
    sha256: str

    @property
    def findings(self) -> list[Finding]:
        """All findings, open and accepted, worst first."""
        return worst_first([*self.check.findings, *(one.finding for one in self.exceptions)])


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Levels brought together."""

    check: CheckResult
    exceptions: tuple[Excepted, ...]
    counties: tuple[CountyRow, ...]
    households_unknown: int


def conclude(
    audits: Sequence[LevelAudit],
    inventory: Inventory,
    scope: npt.NDArray[np.bool_],
    records: Sequence[ExceptionRecord],
    tops: Collection[str],
) -> Outcome:
    """Bring the levels of an audit together.

    Parameters
    ----------
    audits
        The largest level first.
    scope
        Which areas of the inventory were asked for, shape (n,).
    records
        Exceptions in force.
    tops
        Codes of the areas that nothing was compared with where no level has parents: they are unproved.
    """
    findings = worst_first(one for audit in audits for one in audit.findings)
    still_open, excepted = apart(findings, records)
    outer_checked = any(audit.against_parents for audit in audits)
    unproved = {code for audit in audits for code in audit.unproved} | (set() if outer_checked else set(tops))
    covering = [audit for audit in audits if audit.declared_m2]
    levels = np.array([audit.level for audit in audits], dtype=object)
    declared_m2 = sum(covering[0].declared_m2.values()) if covering else 0.0
    bare_m2 = sum(sum(audit.bare_m2.values()) for audit in covering)
    check = CheckResult(
        tuple(still_open),
        int((scope & (inventory.kinds == "general") & np.isin(inventory.levels, levels)).sum()),
        max(declared_m2 - bare_m2, 0.0),
        declared_m2,
        tuple(sorted(unproved)),
        outer_checked,
        TOLERANCE_M,
    )
    counties = _counties(covering, inventory, scope, still_open, excepted, unproved)
    return Outcome(check, tuple(excepted), counties, sum(audit.households_unknown for audit in audits))


def _counties(
    covering: Sequence[LevelAudit],
    inventory: Inventory,
    scope: npt.NDArray[np.bool_],
    still_open: Sequence[Finding],
    excepted: Sequence[Excepted],
    unproved: Collection[str],
) -> tuple[CountyRow, ...]:
    county = inventory.ancestors_at(COUNTY)
    of_code = dict(zip(inventory.codes.tolist(), county.tolist(), strict=True))
    defects = _times((one.codes for one in still_open if one.blocking), of_code)
    remarks = _times((one.codes for one in still_open if not one.blocking), of_code)
    accepted = _times((one.finding.codes for one in excepted), of_code)
    rows = []
    for row in np.unique(county[scope & (county >= 0)]).tolist():
        declared_m2, covered_m2 = _m2_of(row, covering, of_code)
        rows.append(
            CountyRow(
                str(inventory.codes[row]),
                str(inventory.names[row]),
                inventory.counts(scope & (county == row)),
                covered_m2,
                declared_m2,
                defects[row],
                accepted[row],
                remarks[row],
                tuple(sorted(code for code in unproved if of_code.get(code) == row)),
            )
        )
    return tuple(sorted(rows, key=lambda row: row.code))


def _times(named: Iterable[tuple[str, ...]], of_code: Mapping[str, int]) -> Counter[int]:
    """Return how many findings each county has a part in."""
    times: Counter[int] = Counter()
    for codes in named:
        times.update({of_code.get(code, -1) for code in codes})
    return times


def _m2_of(
    county: int, covering: Sequence[LevelAudit], of_code: Mapping[str, int]
) -> tuple[float, float] | tuple[None, None]:
    """Return m² declared and covered in a county, from the largest level whose parents lie within counties."""
    within = [audit for audit in covering if any(of_code.get(code) == county for code in audit.declared_m2)]
    if not within:
        return None, None
    declared_m2 = sum(m2 for code, m2 in within[0].declared_m2.items() if of_code.get(code) == county)
    bare_m2 = sum(m2 for audit in within for code, m2 in audit.bare_m2.items() if of_code.get(code) == county)
    return declared_m2, max(declared_m2 - bare_m2, 0.0)
