"""The same check around a change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from geo.areas import Areas, Geometries
from geo.coverage.flat import Index, Mask
from geo.coverage.report import CheckResult
from geo.coverage.terms import Terms
from geo.coverage.whole import check_by
from geo.findings import Finding
from geo.nesting import largest_share


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A level as it stands, indexed once, so that checking a change costs what the change costs.

    Attributes
    ----------
    level
        Its areas; each has its parent's code, by largest share where none was named.
    parents
        None checks enclosed gaps only.
    tree, parent_tree
        Over the boundaries of both.
    by_code, by_parent, parent_rows
        Rows of the level, sorted by code and by parent's code, and of the parents by code.
    known, unproved
        Codes of the parents, and of those without a boundary.
    """

    level: Areas
    parents: Areas | None
    tree: shapely.STRtree
    parent_tree: shapely.STRtree
    by_code: "Lookup"
    by_parent: "Lookup"
    parent_rows: "Lookup"
    known: frozenset[str]
    unproved: frozenset[str]

    @classmethod
    def of(cls, level: Areas, parents: Areas | None = None) -> "Standing":
        """Index a level. Costs what the level costs."""
        if parents is not None:
            level = _with_parents(level, parents)
        upper = np.zeros(0, dtype=object) if parents is None else parents.geoms
        upper_codes = np.zeros(0, dtype=object) if parents is None else parents.codes
        return cls(
            level,
            parents,
            shapely.STRtree(level.geoms),
            shapely.STRtree(upper),
            Lookup.of(level.codes),
            Lookup.of(level.parents),
            Lookup.of(upper_codes),
            frozenset(upper_codes),
            frozenset(upper_codes[shapely.is_missing(upper)]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """Rows by text."""

    values: np.ndarray[tuple[int], np.dtype[np.object_]]
    rows: Index

    @classmethod
    def of(cls, values: np.ndarray[tuple[int], np.dtype[np.object_]]) -> "Lookup":
        """Sort once."""
        rows = np.argsort(values, kind="stable")
        return cls(values[rows], rows)

    def find(self, wanted: Collection[str]) -> Index:
        """Return all rows that carry one of the texts."""
        keys = np.array(sorted(set(wanted)), dtype=object)
        low, high = np.searchsorted(self.values, keys), np.searchsorted(self.values, keys, side="right")
        found = [self.rows[a:b] for a, b in zip(low, high, strict=True)]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def check_around(standing: Standing, changed: Areas, removed: Collection[str] = (), *, terms: Terms) -> CheckResult:
    """Find the defects around a change.

    The findings are exactly those of the whole check of the level after the change that :func:`concerning` keeps:
    they name a changed or removed area, or reach into the box around one, as it was or as it is to be. The m² are
    those of the parents in the neighbourhood.

    Where a hole can have any number of areas around it, nothing less than the whole level tells what is enclosed:
    without parents, and beside a parent without a boundary, the whole level is checked.

    Parameters
    ----------
    standing
        The level before the change, and its parents. It need not be the whole level, as long as it holds every area
        that meets a parent whose box meets the box of an area that meets the box of the change.
    changed
        Areas that take the place of those with the same code, or are new.
    removed
        Codes that go.
    terms
        As for the whole check.
    """
    if standing.parents is not None:
        changed = _with_parents(changed, standing.parents)
    gone = np.unique(standing.by_code.find([*changed.codes, *removed]))
    boxes = _boxes(np.concatenate([standing.level.geoms[gone], changed.geoms]), terms.metric.cell)
    names = {str(code) for code in (*changed.codes, *removed)}
    if standing.parents is None or _beside_unproved(standing, changed, boxes):
        level = _joined(_without(standing.level, gone), changed)
        result = check_by(terms, level, standing.parents)
        return _restricted(result, names, boxes)
    rows, parent_rows = _neighbourhood(standing, changed, boxes)
    level = _joined(standing.level.take(np.setdiff1d(rows, gone)), changed)
    result = check_by(terms, level, standing.parents.take(parent_rows), standing.known)
    return _restricted(result, names, boxes)


def concerning(findings: Sequence[Finding], codes: Collection[str], boxes: Geometries) -> tuple[Finding, ...]:
    """Return the findings that name one of the codes or reach into one of the boxes, in their order."""
    geoms = np.array([finding.geometry for finding in findings], dtype=object)
    inside = np.zeros(len(geoms), dtype=np.bool_)
    if len(geoms):
        inside[shapely.STRtree(boxes).query(geoms, predicate="intersects")[0]] = True
    return tuple(f for f, near in zip(findings, inside, strict=True) if near or not set(codes).isdisjoint(f.codes))


def boxes_of_change(standing: Standing, changed: Areas, removed: Collection[str], terms: Terms) -> Geometries:
    """Return the boxes around changed areas, as they were and as they are to be, grown by a cell."""
    gone = np.unique(standing.by_code.find([*changed.codes, *removed]))
    return _boxes(np.concatenate([standing.level.geoms[gone], changed.geoms]), terms.metric.cell)


def _restricted(result: CheckResult, codes: Collection[str], boxes: Geometries) -> CheckResult:
    return replace(result, findings=concerning(result.findings, codes, boxes))


def _boxes(geoms: Geometries, margin: float) -> Geometries:
    bounds = shapely.bounds(geoms)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    low, high = bounds[:, :2] - margin, bounds[:, 2:] + margin
    return np.asarray(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]), dtype=object)


def _neighbourhood(standing: Standing, changed: Areas, boxes: Geometries) -> tuple[Index, Index]:
    """Return the rows of the level and of the parents that findings around the change can depend on.

    The core meets the change. Every parent that meets the core, or owns an area of it, is taken with all areas that
    meet it or belong to it, so that inside these parents the count of covering areas is that of the whole level.
    """
    parents = standing.parents
    assert parents is not None  # noqa: S101 (the caller has asked)
    core = _meeting(standing.tree, boxes)
    core = np.union1d(core, standing.by_code.find([str(code) for code in standing.level.codes[core]]))
    core_boxes = np.concatenate([boxes, _box_of(standing.level.geoms[core])])
    owners = {str(code) for code in (*standing.level.parents[core], *changed.parents)}
    upper = np.union1d(_meeting(standing.parent_tree, core_boxes), standing.parent_rows.find(owners))
    upper_codes = [str(code) for code in parents.codes[upper]]
    rows = np.union1d(_meeting(standing.tree, _box_of(parents.geoms[upper])), standing.by_parent.find(upper_codes))
    return np.union1d(rows, core), upper


def _box_of(geoms: Geometries) -> Geometries:
    return _boxes(geoms, 0.0)


def _meeting(tree: shapely.STRtree, boxes: Geometries) -> Index:
    return np.unique(tree.query(boxes)[1])


def _beside_unproved(standing: Standing, changed: Areas, boxes: Geometries) -> bool:
    near = standing.level.parents[_meeting(standing.tree, boxes)] if standing.unproved else ()
    return not standing.unproved.isdisjoint([*near, *changed.parents])


def _with_parents(level: Areas, parents: Areas) -> Areas:
    """Name the parent by largest share where none is named."""
    unnamed: Mask = np.asarray(level.parents == "", dtype=np.bool_)
    if not unnamed.any() or not len(parents):
        return level
    holder = largest_share(level.geoms[unnamed], parents.geoms).parent
    codes = level.parents.copy()
    codes[unnamed] = np.where(holder >= 0, parents.codes[holder], "")
    return replace(level, parents=codes)


def _without(level: Areas, rows: Index) -> Areas:
    return level.take(np.setdiff1d(np.arange(len(level)), rows))


def _joined(one: Areas, other: Areas) -> Areas:
    return Areas(
        one.level,
        np.concatenate([one.codes, other.codes]),
        np.concatenate([one.names, other.names]),
        np.concatenate([one.parents, other.parents]),
        np.concatenate([one.geoms, other.geoms]),
    )
