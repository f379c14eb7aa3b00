"""The check of a change to stored areas: what it leaves behind, and which of it was there before or is accepted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.coverage import ELLIPSOIDAL, Terms
from geo.coverage.kinship import NO_PARENT
from geo.coverage.whole import check_by
from geo.exceptions import lies_within
from geo.findings import Finding, make_findings, worst_first
from geo.lattice import CELL_DEG
from geo.measure import area_m2
from geo.stored import StoredAreas

Index = npt.NDArray[np.int64]
SPARSE_LEVEL: Final = "microgrid"
ANY_LEVEL: Final = "any"
"""Where the parents of special grids are: each has the lowest area that holds it."""
LEFT_OVER_M2: Final = 1.0
"""A special grid may lie this much beyond an area and still count as held by it: digitising noise."""


class Located(Protocol):
    """A finding as far as comparing needs it: a new one, one from before, or an accepted one."""

    @property
    def id(self) -> str:
        """Id."""

    @property
    def kind(self) -> str:
        """Kind."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Areas concerned."""

    @property
    def geometry(self) -> Any:
        """Where, EPSG:4490."""


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """What is to be checked of one level.

    Attributes
    ----------
    level, kind
        Of the areas.
    parents
        Ids of the parents whose children must cover them.
    parent_level
        None at the top.
    changed
        Ids of the areas that change; special grids are looked at one by one.
    """

    level: str
    kind: str
    parents: Index
    parent_level: str | None
    changed: Index

    def divided_in(self, areas: StoredAreas) -> "Scope":
        """Return the scope without parents that have no children: such a gap excuses none that comes after."""
        children = areas.parent_ids[(areas.levels == self.level) & (areas.kinds == self.kind)]
        return replace(self, parents=np.intersect1d(self.parents, children))

    def findings(self, areas: StoredAreas) -> list[Finding]:
        """Check this of some state of the areas."""
        own = areas.take((areas.levels == self.level) & (areas.kinds == self.kind))
        level = own.as_areas(self.level, areas)
        level = level.take(~shapely.is_missing(level.geoms))
        if self.kind == "special":
            terms = Terms(lattice=True, sparse=True)
            found = check_by(terms, level, None).findings
            return [*found, *(_outside(own.take(np.isin(own.ids, self.changed)), areas) if self.parent_level else ())]
        if self.parent_level is None:
            return list(check_by(Terms(lattice=True), level, None).findings)
        parents = areas.take((areas.levels == self.parent_level) & np.isin(areas.ids, self.parents))
        terms = Terms(
            lattice=True,
            sparse=self.level == SPARSE_LEVEL,
            not_subdivided=parents.codes[parents.not_subdivided].tolist(),
            divided=parents.codes[parents.fully_divided].tolist(),
        )
        known = set(areas.codes[np.isin(areas.ids, own.parent_ids)])
        return list(check_by(terms, level, parents.as_areas(self.parent_level, areas), known).findings)


def check_scopes(
    scopes: Iterable[Scope], before: StoredAreas, after: StoredAreas, accepted: Sequence[Located]
) -> tuple[list[Finding], frozenset[str]]:
    """Check what a change leaves behind.

    Parameters
    ----------
    scopes
        What is to be checked.
    before, after
        The areas around the change as they are and as they are to be.
    accepted
        Findings that someone accepted and that have not expired.

    Returns
    -------
    tuple
        The findings, worst first, and the ids of those that are accepted, or that the change neither creates nor
        enlarges.
    """
    wanted = list(scopes)
    findings = worst_first(one for scope in wanted for one in scope.findings(after))
    standing = held(findings, accepted)
    if any(one.blocking and one.id not in standing for one in findings):
        standing |= held(findings, [one for scope in wanted for one in scope.divided_in(before).findings(before)])
    return findings, standing


def held(findings: Sequence[Finding], known: Sequence[Located]) -> frozenset[str]:
    """Return the ids of the findings that lie within a known one of the same kind and areas, give or take a cell."""
    alike: dict[tuple[str, tuple[str, ...]], list[Located]] = {}
    for one in known:
        alike.setdefault((one.kind, tuple(one.codes)), []).append(one)
    return frozenset(
        one.id for one in findings if any(_within(one, other) for other in alike.get((one.kind, one.codes), ()))
    )


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """Which areas of a scene a plan changes.

    Attributes
    ----------
    ids
        Areas with a new version that says more than new nodes; negative where the area is new.
    ended
        Areas that end.
    """

    ids: Index
    ended: Index

    def scopes(self, before: StoredAreas, after: StoredAreas) -> list[Scope]:
        """Return what is to be checked: each level that changes, and those below areas that are redrawn or end."""
        gathered: dict[tuple[str, str, str | None], list[Index]] = {}
        for scope in [*self._own(before, after), *self._below(before, after)]:
            key = (scope.level, scope.kind, scope.parent_level)
            parents, changed = gathered.get(key, (scope.parents[:0], scope.changed[:0]))
            gathered[key] = [np.union1d(parents, scope.parents), np.union1d(changed, scope.changed)]
        return [
            Scope(level, kind, parents, upper, changed) for (level, kind, upper), (parents, changed) in gathered.items()
        ]

    def _own(self, before: StoredAreas, after: StoredAreas) -> Iterator[Scope]:
        touched = np.concatenate([self.ids, self.ended])
        for areas in (before, after):
            own = areas.take(np.isin(areas.ids, touched))
            level_of = dict(zip(areas.ids.tolist(), areas.levels, strict=True))
            for row in range(len(own)):
                parent, kind = int(own.parent_ids[row]), str(own.kinds[row])
                upper = ANY_LEVEL if kind == "special" else level_of.get(parent)
                changed = own.ids[row : row + 1] if areas is after else own.ids[:0]
                parents = own.parent_ids[row : row + 1] if upper else own.ids[:0]
                yield Scope(str(own.levels[row]), kind, parents, upper, changed)

    def _below(self, before: StoredAreas, after: StoredAreas) -> Iterator[Scope]:
        level_of = dict(zip(after.ids.tolist(), after.levels, strict=True))
        for parent in np.setdiff1d(np.concatenate([self.ids, self.ended]), [0]).tolist():
            children = np.flatnonzero(after.parent_ids == parent)
            upper = level_of.get(parent) or str(before.levels[before.ids == parent][0])
            for level, kind in sorted({(str(after.levels[row]), str(after.kinds[row])) for row in children}):
                own = children[(after.levels[children] == level) & (after.kinds[children] == kind)]
                if kind == "special":
                    yield Scope(level, kind, own[:0], ANY_LEVEL, after.ids[own])
                else:
                    yield Scope(level, kind, np.array([parent]), upper, own[:0])


def check_changed(
    before: StoredAreas, after: StoredAreas, changed: Changed, accepted: Sequence[Located]
) -> tuple[list[Finding], frozenset[str]]:
    """Check what a plan does to the areas around it; like :func:`check_scopes`.

    Parameters
    ----------
    before, after
        The scene: with an area that changes come all children of its parents, old and new, and its own.
    changed
        What the plan changes.
    """
    return check_scopes(changed.scopes(before, after), _with_codes_of(after, before), after, accepted)


def _with_codes_of(after: StoredAreas, before: StoredAreas) -> StoredAreas:
    """Let areas bear the codes that they are to have: a code that changes makes no old defect a new one."""
    code_of = dict(zip(after.ids.tolist(), after.codes, strict=True))
    codes = before.codes.copy()
    codes[:] = [code_of.get(area, code) for area, code in zip(before.ids.tolist(), codes, strict=True)]
    return replace(before, codes=codes)


def beyond_parents(geoms: Geometries, parents: Geometries) -> Geometries:
    """Return what of each boundary lies beyond its parent, None where that is digitising noise."""
    beyond = shapely.difference(geoms, parents)
    noise = ~(area_m2(_areal(beyond)) > LEFT_OVER_M2)
    beyond[noise] = None
    return np.asarray(beyond, dtype=object)


def _areal(geoms: Geometries) -> Geometries:
    """Leave out what is no polygon."""
    shapes = geoms.copy()
    shapes[~np.isin(shapely.get_type_id(shapes), (3, 6))] = None
    return shapes


def _within(one: Located, other: Located) -> bool:
    if one.geometry is None or other.geometry is None:
        return one.geometry is other.geometry
    return lies_within(one.geometry, other.geometry)


def _outside(specials: StoredAreas, areas: StoredAreas) -> list[Finding]:
    """Return what of special grids lies beyond their parents, which may be of any level, and those without one."""
    row_of = {area_id: row for row, area_id in enumerate(areas.ids.tolist())}
    parents = np.array([row_of.get(parent, -1) for parent in specials.parent_ids.tolist()], dtype=np.int64)
    alone, own = np.flatnonzero(parents < 0), np.flatnonzero(parents >= 0)
    orphans = make_findings(
        "orphan",
        [(code,) for code in specials.codes[alone]],
        specials.geoms[alone],
        cell=CELL_DEG,
        details=[NO_PARENT] * len(alone),
    )
    beyond = beyond_parents(specials.geoms[own], areas.geoms[parents[own]])
    rows = np.flatnonzero(~shapely.is_missing(beyond))
    pairs = zip(specials.codes[own[rows]], areas.codes[parents[own[rows]]], strict=True)
    outside = make_findings(
        "outside_parent",
        [(code, parent) for code, parent in pairs],
        beyond[rows],
        cell=CELL_DEG,
        area_m2=ELLIPSOIDAL.area_m2(beyond[rows]),
        width_m=ELLIPSOIDAL.width_m(beyond[rows]),
        tolerance_m=Terms().tolerance_m,
    )
    return [*orphans, *outside]
