"""What the core says about an import before it is published: defects around what changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import shapely

from geo.coverage import ELLIPSOIDAL, Terms
from geo.coverage.kinship import NO_PARENT
from geo.coverage.whole import check_by
from geo.exceptions import lies_within
from geo.findings import Finding, make_findings, worst_first
from geo.lattice import CELL_DEG
from geo.stored import StoredAreas
from importers.changes import Changes
from importers.layer import Layer
from importers.layering import Fit
from importers.parentage import beyond_parents

Index = npt.NDArray[np.int64]
SPARSE_LEVEL: Final = "microgrid"


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


def found_in(fitted: Fit, accepted: Sequence[Located]) -> tuple[list[Finding], frozenset[str]]:
    """Check what an import changes, against the levels above and below.

    Only parents whose children change are looked at: importing top-down, the others have no children yet.

    Parameters
    ----------
    accepted
        Findings that someone accepted and that have not expired.

    Returns
    -------
    tuple
        The findings, worst first, and the ids of those that are accepted, or that the import neither creates nor
        enlarges.
    """
    scopes = list(_scopes(fitted))
    after = fitted.after()
    findings = worst_first(one for scope in scopes for one in scope.findings(after))
    standing = held(findings, accepted)
    if any(one.blocking and one.id not in standing for one in findings):
        before = fitted.before()
        standing |= held(findings, [one for scope in scopes for one in scope.divided_in(before).findings(before)])
    return findings, standing


def held(findings: Sequence[Finding], known: Sequence[Located]) -> frozenset[str]:
    """Return the ids of the findings that lie within a known one of the same kind and areas, give or take a cell."""
    alike: dict[tuple[str, tuple[str, ...]], list[Located]] = {}
    for one in known:
        alike.setdefault((one.kind, tuple(one.codes)), []).append(one)
    return frozenset(
        one.id for one in findings if any(_within(one, other) for other in alike.get((one.kind, one.codes), ()))
    )


def _within(one: Located, other: Located) -> bool:
    if one.geometry is None or other.geometry is None:
        return one.geometry is other.geometry
    return lies_within(one.geometry, other.geometry)


def _scopes(fitted: Fit) -> Iterator[Scope]:
    """Yield every level that the import changes, and those whose parents it redraws or ends."""
    around = fitted.around
    for layer, changes in zip(fitted.layers, fitted.changes, strict=True):
        ended = fitted.retiring if layer is fitted.own else np.zeros_like(fitted.retiring)
        changed = np.flatnonzero(changes.any() & ~changes.only_noded())
        if not len(changed) and not ended.any():
            continue
        upper = _upper(fitted, layer)
        parents = np.concatenate(
            [
                layer.parents[changed],
                around.present.parent_ids[layer.previous[changed[layer.previous[changed] >= 0]]],
                around.present.parent_ids[ended],
            ]
        )
        yield Scope(layer.level, layer.areas.kind, np.unique(parents), upper, layer.ids[changed])
        if layer.areas.kind == "general":
            yield from _below(fitted, layer, changes)


def _upper(fitted: Fit, layer: Layer) -> str | None:
    derived = [one.level for one in fitted.layers if one is not layer]
    present = {*fitted.around.upper, *derived}
    return fitted.around.hierarchy.parent_level(layer.level, tuple(present))


def _below(fitted: Fit, layer: Layer, changes: Changes) -> Iterator[Scope]:
    """Yield the levels whose areas have a parent that is redrawn or ends: they must still fit."""
    present = fitted.around.present
    redrawn = layer.ids[changes.redrawn]
    ended = present.ids[fitted.retiring] if layer is fitted.own else redrawn[:0]
    children = np.isin(present.parent_ids, [*redrawn, *ended]) & fitted.staying()
    for level in sorted(set(present.levels[children & (present.kinds == "general")])):
        if level not in {one.level for one in fitted.layers}:
            yield Scope(level, "general", redrawn, layer.level, redrawn[:0])


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
