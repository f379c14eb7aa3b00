"""An audit: whether everything is covered, level by level, what someone accepted, and what could not be proved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Areas, among
from geo.coverage import ELLIPSOIDAL, Terms, sizes, split_estates, teams
from geo.coverage.remarks import Staff
from geo.coverage.validity import NO_BOUNDARY
from geo.coverage.whole import check_by
from geo.findings import Finding, worst_first

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of areas besides their boundaries.

    Attributes
    ----------
    households
        Of each area, shape (n,); negative where not known. None where the level has no range.
    wanted
        Least and most households.
    staff
        Grid workers, community workers and police officers by area code. None where teams are not asked for.
    estates
        Residential estates (小区), which no border should cut.
    """

    households: Ints | None = None
    wanted: tuple[int, int] = (0, 0)
    staff: Mapping[str, Staff] | None = None
    estates: Areas | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LevelToAudit:
    """The general areas of one level, and the parents that they should cover.

    Attributes
    ----------
    areas
        On the lattice, EPSG:4490; with those of other areas that reach into the scope.
    own
        Which of them are in the scope, shape (n,).
    parents
        Of all those areas; None at the top.
    own_parents
        Which of the parents are in the scope, shape (m,).
    known_parents
        Codes of parents at other levels: they exist, and are nobody's to cover here.
    sparse
        The level need not cover its parents, but for those in ``divided``.
    not_subdivided, divided
        Codes of parents without children on purpose, and of those that even a sparse level covers.
    has_level_below
        Whether these areas are parents in the same audit.
    scope
        Boundary of the area that was asked for; None for everything.
    known
        For the remarks.
    """

    areas: Areas
    own: Mask
    parents: Areas | None
    own_parents: Mask
    known_parents: frozenset[str]
    sparse: bool
    not_subdivided: frozenset[str]
    divided: frozenset[str]
    has_level_below: bool
    scope: shapely.Geometry | None = None
    known: Known = Known()


@dataclass(frozen=True, slots=True, eq=False)
class SpecialsToAudit:
    """The special grids: they lie over the general ones and overlap none of their own kind.

    Attributes
    ----------
    areas, own, scope, known
        As of :class:`LevelToAudit`.
    parents
        Areas by level, the largest first: a special grid's parent is the lowest area that holds all of it.
    """

    areas: Areas
    own: Mask
    parents: Sequence[Areas]
    scope: shapely.Geometry | None = None
    known: Known = Known()


@dataclass(frozen=True, slots=True, eq=False)
class LevelAudit:
    """What was found at one level.

    Attributes
    ----------
    level
        Its name.
    findings
        Those in the scope, worst first, accepted ones among them.
    unproved
        Codes of areas without a boundary, of which nothing is known.
    declared_m2
        m² of each parent in the scope, by code; empty where coverage is not asked of the level.
    bare_m2
        Of that, m² without an area of the level, by the parent's code: gaps, and parents that are not subdivided.
    against_parents
        Whether there were parents to be covered.
    households_unknown
        How many areas have a range of households and no known number.
    """

    level: str
    findings: tuple[Finding, ...]
    unproved: tuple[str, ...]
    declared_m2: Mapping[str, float]
    bare_m2: Mapping[str, float]
    against_parents: bool
    households_unknown: int = 0


def audit_level(given: LevelToAudit) -> LevelAudit:
    """Check one level, and keep what concerns the scope.

    A parent without any child at the level is one gap of its full extent, unless marked as not subdivided.
    """
    terms = Terms(
        lattice=True, sparse=given.sparse, not_subdivided=given.not_subdivided, divided=tuple(sorted(given.divided))
    )
    result = check_by(terms, given.areas, given.parents, given.known_parents)
    own = given.areas.take(given.own)
    own_parents = own.take([]) if given.parents is None else given.parents.take(given.own_parents)
    found = _in_scope(result.findings, {*own.codes, *own_parents.codes}, given.scope)
    unproved = set(result.unproved).intersection(own_parents.codes)
    if given.has_level_below:
        # A boundary that nobody knows is no defect of the level: it leaves those below unproved.
        unproved.update(code for one in found if one.detail == NO_BOUNDARY for code in one.codes)
        found = [one for one in found if one.detail != NO_BOUNDARY]
    covering = given.parents is not None and not given.sparse
    return LevelAudit(
        given.areas.level,
        tuple(worst_first([*found, *_remarks(own, _rows_of(given.known, given.own))])),
        tuple(sorted(unproved)),
        _m2_by_code(own_parents) if covering else {},
        _bare_m2(found, own_parents, given) if covering else {},
        given.parents is not None,
        _unknown(given.known, given.own),
    )


def audit_specials(given: SpecialsToAudit) -> LevelAudit:
    """Check the special grids among themselves and against their parents, of whatever level these are."""
    terms = Terms(lattice=True, sparse=True)
    found = list(check_by(terms, given.areas, None).findings)
    placed = np.zeros(len(given.areas), dtype=np.bool_)
    for upper in given.parents:
        children = among(given.areas.parents, upper.codes)
        placed |= children
        found += _against(terms, given.areas.take(children), upper)
    if given.parents:
        found += _against(terms, given.areas.take(~placed), given.parents[0])
    own = given.areas.take(given.own)
    kept = _in_scope(found, set(own.codes), given.scope)
    remarks = _remarks(own, _rows_of(given.known, given.own))
    return LevelAudit(given.areas.level, tuple(worst_first([*kept, *remarks])), (), {}, {}, against_parents=False)


def _against(terms: Terms, specials: Areas, upper: Areas) -> list[Finding]:
    if not len(specials):
        return []
    findings = check_by(terms, specials, upper).findings
    return [one for one in findings if one.kind in {"outside_parent", "orphan"}]


def _in_scope(findings: Sequence[Finding], codes: set[str], scope: shapely.Geometry | None) -> list[Finding]:
    """Keep the findings about the scope's areas, and what others let reach into it."""
    if scope is None:
        return list(findings)
    shapely.prepare(scope)
    return [one for one in findings if not codes.isdisjoint(one.codes) or _reaches_into(one, scope)]


def _reaches_into(finding: Finding, scope: shapely.Geometry) -> bool:
    if finding.kind != "outside_parent" or not scope.intersects(finding.geometry):
        return False
    return not shapely.relate_pattern(scope, finding.geometry, "F********")


def _remarks(own: Areas, known: Known) -> list[Finding]:
    found: list[Finding] = []
    placed: Any = ~shapely.is_missing(own.geoms)
    if known.households is not None:
        found += sizes(own.take(placed), known.households[placed], known.wanted)
    if known.staff is not None:
        found += teams(own, known.staff)
    if known.estates is not None and len(known.estates):
        found += split_estates(own.take(placed), known.estates)
    return found


def _rows_of(known: Known, rows: Mask) -> Known:
    if known.households is None:
        return known
    return Known(known.households[rows], known.wanted, known.staff, known.estates)


def _unknown(known: Known, rows: Mask) -> int:
    return 0 if known.households is None else int((known.households[rows] < 0).sum())


def _m2_by_code(parents: Areas) -> dict[str, float]:
    placed = parents.take(~shapely.is_missing(parents.geoms))
    return dict(zip(placed.codes.tolist(), ELLIPSOIDAL.area_m2(placed.geoms).tolist(), strict=True))


def _bare_m2(found: Sequence[Finding], own_parents: Areas, given: LevelToAudit) -> dict[str, float]:
    bare: dict[str, float] = {}
    parents = set(own_parents.codes)
    for one in found:
        if one.kind == "gap" and one.codes[0] in parents:
            bare[one.codes[0]] = bare.get(one.codes[0], 0.0) + one.area_m2
    with_children = set(given.areas.parents)
    excused = among(own_parents.codes, given.not_subdivided) & ~among(own_parents.codes, with_children)
    return {**bare, **_m2_by_code(own_parents.take(excused))}
