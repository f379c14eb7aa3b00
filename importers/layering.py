"""Fitting a file's areas into the hierarchy that is stored: parents, codes, neighbours, versions."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection

from geo.areas import Texts, among, texts
from geo.errors import BadInput
from geo.measure import area_m2
from geo.store.areas import StoredAreas, codes_ever_used, load_areas
from geo.store.levels import present_levels
from geo.store.publish import NewVersions
from importers.changes import (
    NO_PARENT,
    Changes,
    compare_rows,
    joined,
    noded_versions,
    versions_of,
)
from importers.code_assignment import assigned_codes
from importers.import_report import Counts, ImportReport
from importers.import_request import ImportRequest
from importers.incoming import Incoming
from importers.parentage import derived_parents, lowest_holders, parents_by_share, parents_by_text
from importers.surroundings import Settled, Surroundings, compare, load_surroundings, settle, together
from importers.taking import require_no_refusals, vanished_error

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Layering:
    """The stored hierarchy around a file.

    Attributes
    ----------
    present
        Areas of every level near the file, and wherever one bears a code of the file.
    level, parent_level
        The file's level, and the nearest level above that has areas; None at the top.
    upper
        The levels above that have areas, the nearest first.
    codes_taken
        Every code that was ever used; empty where no code is to be assigned.

    All children of the parents near the file are there too: what one of them leaves open is a gap.
    """

    present: StoredAreas
    level: str
    upper: tuple[str, ...]
    codes_taken: frozenset[str]

    @property
    def parent_level(self) -> str | None:
        """The level that parents are looked for at."""
        return self.upper[0] if self.upper else None

    @classmethod
    def around(cls, connection: Connection, at: datetime, incoming: Incoming, request: ImportRequest) -> Self:
        """Read what is stored around incoming areas."""
        levels = present_levels(connection, at)
        present = load_surroundings(connection, at, incoming)
        upper = tuple(level for level in request.hierarchy.above(request.level) if level in levels)
        if upper:
            families = present.ids[(present.levels == upper[0]) | among(present.codes, incoming.codes)].tolist()
            children = load_areas(connection, at, parents=families)
            present = together(present, children.take(~np.isin(children.ids, present.ids)))
        elif request.retire_missing:
            whole = load_areas(connection, at, levels=[request.level], kind=str(incoming.kinds[0]))
            present = together(present, whole.take(~np.isin(whole.ids, present.ids)))
        if request.derive_parents:
            nearest = request.hierarchy.above(request.level)[0]
            upper = (nearest, *(level for level in upper if level != nearest))
        taken = codes_ever_used(connection) if request.assign_codes else frozenset()
        return cls(present, request.level, upper, taken)

    def candidates(self, level: str) -> Index:
        """Return the rows of ``present`` that may be parents at one level."""
        return np.flatnonzero((self.present.levels == level) & (self.present.kinds == "general"))


@dataclass(frozen=True, slots=True, eq=False)
class Parents:
    """The parent of each incoming area.

    Attributes
    ----------
    rows
        Row in ``Layering.present``, shape (n,); -1 for none or a derived one.
    derived
        Parents made from the children; None without ``--derive-parents``.
    derived_rows
        Row in ``derived``, shape (n,); -1 for none.
    """

    rows: Index
    derived: Incoming | None
    derived_rows: Index

    def take(self, rows: Index) -> Self:
        """Return the parents of some areas."""
        return replace(self, rows=self.rows[rows], derived_rows=self.derived_rows[rows])

    def codes(self, layering: Layering) -> Texts:
        """Return the code of each parent, ``""`` where there is none."""
        rows, codes = (self.rows, layering.present.codes)
        if self.derived is not None:
            rows, codes = self.derived_rows, self.derived.codes
        return texts([codes[row] if row >= 0 else "" for row in rows])


@dataclass(frozen=True, slots=True, eq=False)
class LayerResult:
    """What an import comes to.

    Attributes
    ----------
    incoming
        The areas with settled boundaries and codes.
    parents
        Their parents.
    changes
        What becomes of them.
    settled
        What matching did to stored neighbours.
    leaving
        Rows of ``present`` that are replaced or retired.
    versions, retired
        What to publish.
    """

    incoming: Incoming
    parents: Parents
    changes: Changes
    settled: Settled
    leaving: Mask
    versions: NewVersions
    retired: list[int]


def layer_changes(layering: Layering, incoming: Incoming, request: ImportRequest, report: ImportReport) -> LayerResult:
    """Match a file's areas with their surroundings and work out every version that this opens or ends.

    Raises
    ------
    BadInput
        ``rows-refused`` as :func:`importers.taking.take_rows` does.
    """
    read = len(incoming)
    incoming = _without_code_clashes(layering, incoming, request, report)
    incoming, parent_rows = _with_parents(layering, incoming, request, report)
    around = compare(layering.present, incoming, layering.level)
    retiring = _retiring(layering, incoming, around, parent_rows, request)
    settled = settle(incoming, around, retiring, request.tolerance_m)
    kept = _kept(incoming, settled, request, report)
    incoming = incoming.with_geoms(settled.geoms).take(kept)
    around = Surroundings(around.present, around.previous[kept], around.same_boundary[kept])
    parent_rows = parent_rows[kept]
    derived, derived_of = _derived(layering, incoming, request)
    parents = Parents(parent_rows, derived, derived_of)
    if request.assign_codes:
        incoming, around, parents = _with_codes(layering, incoming, around, parents, request, report)
    result = _versions(layering, incoming, around, parents, settled, retiring)
    _note(report, result, settled, read)
    return result


def _with_codes(
    layering: Layering,
    incoming: Incoming,
    around: Surroundings,
    parents: Parents,
    request: ImportRequest,
    report: ImportReport,
) -> tuple[Incoming, Surroundings, Parents]:
    above = parents.codes(layering)
    orphans = (incoming.codes == "") & (around.previous < 0) & (above == "")
    for row in incoming.rows[orphans].tolist():
        report.refusals.append((row, "", BadInput("no-parent-for-code", place={"file": report.file, "row": row})))
    require_no_refusals(report, request)
    kept = np.flatnonzero(~orphans)
    incoming, above, parents = incoming.take(kept), above[kept], parents.take(kept)
    around = Surroundings(around.present, around.previous[kept], around.same_boundary[kept])
    codes = assigned_codes(incoming, around, above, layering.level, layering.codes_taken)
    return incoming.with_codes(codes), around, parents


def _without_code_clashes(
    layering: Layering, incoming: Incoming, request: ImportRequest, report: ImportReport
) -> Incoming:
    present = layering.present
    taken = dict(zip(present.codes, zip(present.levels, present.kinds, strict=True), strict=True))
    bad = []
    for place, code in enumerate(incoming.codes):
        level, kind = taken.get(code, (layering.level, incoming.kinds[place]))
        row = int(incoming.rows[place])
        where = {"file": report.file, "row": row, "code": code}
        if level != layering.level:
            report.refusals.append((row, code, BadInput("code-other-level", place=where, code=code, level=level)))
            bad.append(place)
        elif kind != incoming.kinds[place]:
            report.refusals.append((row, code, BadInput("code-other-kind", place=where, code=code, other=kind)))
            bad.append(place)
    require_no_refusals(report, request)
    return incoming.take(np.setdiff1d(np.arange(len(incoming)), bad))


def _with_parents(
    layering: Layering, incoming: Incoming, request: ImportRequest, report: ImportReport
) -> tuple[Incoming, Index]:
    none = np.full(len(incoming), -1, dtype=np.int64)
    if layering.parent_level is None or request.derive_parents:
        return incoming, none
    rows = layering.candidates(layering.parent_level)
    candidates = layering.present.take(rows)
    special = incoming.kinds[0] == "special"
    if special:
        rows = np.flatnonzero(among(layering.present.levels, layering.upper) & (layering.present.kinds == "general"))
        candidates = layering.present.take(rows)
    found, refusals = parents_by_text(incoming, candidates)
    report.refusals += [(one.row, one.code, one.error) for one in refusals]
    require_no_refusals(report, request)
    kept = ~np.isin(incoming.rows, [one.row for one in refusals])
    incoming, found = incoming.take(kept), found[kept]
    parents = np.where(found >= 0, rows[found], -1)
    silent = np.flatnonzero(found < 0)
    if len(silent):
        look = _holders if special else _by_share
        parents[silent] = look(layering, incoming.geoms[silent])
    return incoming, parents


def _by_share(layering: Layering, geoms: npt.NDArray[np.object_]) -> Index:
    rows = layering.candidates(str(layering.parent_level))
    held = parents_by_share(geoms, layering.present.take(rows))
    return np.where(held >= 0, rows[held], -1) if len(rows) else held


def _holders(layering: Layering, geoms: npt.NDArray[np.object_]) -> Index:
    groups = [layering.candidates(level) for level in layering.upper]
    place, row = lowest_holders(geoms, [layering.present.take(rows) for rows in groups])
    return np.array(
        [groups[level][one] if level >= 0 else -1 for level, one in zip(place, row, strict=True)], dtype=np.int64
    )


def _retiring(
    layering: Layering, incoming: Incoming, around: Surroundings, parent_rows: Index, request: ImportRequest
) -> Mask:
    present = layering.present
    leaving = np.zeros(len(present), dtype=bool)
    if not request.retire_missing:
        return leaving
    own = (present.levels == layering.level) & (present.kinds == incoming.kinds[0])
    own[around.previous[around.previous >= 0]] = False
    if layering.parent_level is None:
        return own
    if request.derive_parents:
        named = among(present.names, incoming.parent_texts) & (present.levels == layering.parent_level)
        parents = present.ids[named]
    else:
        parents = present.ids[parent_rows[parent_rows >= 0]]
    return own & np.isin(present.parent_ids, parents)


def _kept(incoming: Incoming, settled: Settled, request: ImportRequest, report: ImportReport) -> Index:
    vanished = shapely.is_missing(settled.geoms)
    for place in np.flatnonzero(vanished):
        row = int(incoming.rows[place])
        report.refusals.append((row, str(incoming.codes[place]), vanished_error(report, row)))
    require_no_refusals(report, request)
    return np.flatnonzero(~vanished)


def _derived(layering: Layering, incoming: Incoming, request: ImportRequest) -> tuple[Incoming | None, Index]:
    nobody = np.full(len(incoming), -1, dtype=np.int64)
    if not request.derive_parents:
        return None, nobody
    stored = layering.present.take(layering.candidates(str(layering.parent_level)))
    derived = derived_parents(incoming, stored)
    place = {name: row for row, name in enumerate(derived.names)}
    return derived, np.array([place.get(wanted, -1) for wanted in incoming.parent_texts], dtype=np.int64)


def _versions(
    layering: Layering,
    incoming: Incoming,
    around: Surroundings,
    parents: Parents,
    settled: Settled,
    retiring: Mask,
) -> LayerResult:
    present = layering.present
    parts: list[NewVersions] = []
    references = np.where(parents.rows >= 0, present.ids[parents.rows], NO_PARENT) if len(present) else parents.rows
    replaced = np.zeros(len(present), dtype=bool)
    if parents.derived is not None:
        own, known = _derived_versions(layering, parents.derived, parts)
        replaced[known[known >= 0]] = True
        references = np.where(parents.derived_rows >= 0, own[parents.derived_rows], NO_PARENT)
    changes = compare_rows(incoming, present, around.previous, references)
    rows = np.flatnonzero(changes.any())
    ids = np.where(around.previous[rows] >= 0, present.ids[around.previous[rows]], 0) if len(present) else rows * 0
    parts.append(versions_of(incoming.take(rows), layering.level, ids, references[rows]))
    replaced[around.previous[around.previous >= 0]] = True
    noded = ~(replaced | retiring)[settled.noded]
    neighbours = settled.noded[noded]
    parts.append(noded_versions(present.take(neighbours), settled.noded_geoms[noded]))
    return LayerResult(
        incoming,
        parents,
        changes,
        replace(settled, noded=neighbours, noded_geoms=settled.noded_geoms[noded]),
        replaced | retiring,
        joined(parts),
        present.ids[retiring].tolist(),
    )


def _derived_versions(layering: Layering, derived: Incoming, parts: list[NewVersions]) -> tuple[Index, Index]:
    """Add the versions of derived parents, first of all; return how children refer to each, and what each replaces."""
    present, level = layering.present, str(layering.parent_level)
    previous = compare(present, derived, level).previous
    upper = replace(layering, level=level, upper=layering.upper[1:])
    grand = _by_share(upper, derived.geoms) if upper.upper else np.full(len(derived), -1)
    parents = np.where(grand >= 0, present.ids[grand], NO_PARENT) if len(present) else grand
    changes = compare_rows(derived, present, previous, parents)
    rows = np.flatnonzero(changes.any())
    ids = np.where(previous >= 0, present.ids[previous], 0) if len(present) else np.zeros(len(derived), dtype=np.int64)
    parts.append(versions_of(derived.take(rows), level, ids[rows], parents[rows]))
    references = np.where(ids > 0, ids, 0)
    references[rows[ids[rows] == 0]] = -2 - np.flatnonzero(ids[rows] == 0)
    return references, previous


def _note(report: ImportReport, result: LayerResult, settled: Settled, read: int) -> None:
    incoming, changes = result.incoming, result.changes
    worst = int(settled.moved_m.argmax()) if len(settled.moved_m) else 0
    if len(settled.moved_m) and settled.moved_m[worst] > report.moved_m:
        report.moved_m = float(settled.moved_m[worst])
        report.moved_code = str(incoming.codes[min(worst, len(incoming) - 1)])
    report.kind = str(incoming.kinds[0]) if len(incoming) else report.kind
    report.nodes = settled.nodes
    report.area_after_m2 = float(area_m2(incoming.geoms).sum())
    report.counts = Counts(
        read=read,
        new=int(changes.new.sum()),
        redrawn=int(changes.redrawn.sum()),
        renamed=int((changes.renamed & ~changes.redrawn).sum()),
        unchanged=int((~changes.any()).sum()),
        retired=len(result.retired),
        noded=len(result.settled.noded),
        refused=len({row for row, _, _ in report.refusals}),
        derived=0 if result.parents.derived is None else len(result.parents.derived),
    )


def boundaries_after(result: LayerResult, layering: Layering) -> npt.NDArray[np.object_]:
    """Return the boundaries of ``layering.present`` as they are after nodes were inserted."""
    geoms = layering.present.geoms.copy()
    geoms[result.settled.noded] = result.settled.noded_geoms
    return np.asarray(shapely.force_2d(geoms), dtype=object)
