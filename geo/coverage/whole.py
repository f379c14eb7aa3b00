"""The check of one level, against its parents if they are given."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import shapely

from geo.areas import Areas, areas
from geo.codes import DEFAULT_SCHEME, CodeScheme
from geo.coverage.arrangement import Faces, chains, count_cover, faces_between
from geo.coverage.edges import Edges, pair_edges
from geo.coverage.flat import Flat, Mask, Rows
from geo.coverage.kinship import assign_parents, multiparts, orphans, same_boundaries, same_codes
from geo.coverage.metric import ELLIPSOIDAL, Metric
from geo.coverage.pieces import Neighbours, gaps, outside_parents, overlaps
from geo.coverage.report import CheckResult
from geo.coverage.stretches import find_stretches, unmatched
from geo.coverage.validity import sound
from geo.errors import BadInput
from geo.findings import Finding, worst_first
from geo.lattice import degrees, snap

TOLERANCE_M = 1.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a check goes by.

    Attributes
    ----------
    tolerance_m
        Narrower pieces are slivers.
    lattice
        The coordinates lie on the lattice (stored data): pairs of edges are exact in integers. Otherwise they are
        compared as the doubles they are.
    metric
        How to measure; for a projected file :class:`geo.coverage.metric.Planar`.
    not_subdivided
        Codes of parents that have no children on purpose.
    sparse
        The level need not cover its parents (microgrids, special grids): no gaps.
    divided
        Codes of parents that a sparse level covers all the same.
    scheme
        Says which parent a code names.
    """

    tolerance_m: float = TOLERANCE_M
    lattice: bool = False
    metric: Metric = ELLIPSOIDAL
    not_subdivided: Collection[str] = ()
    sparse: bool = False
    divided: Collection[str] = ()
    scheme: CodeScheme = DEFAULT_SCHEME


def check(
    level: Areas,
    parents: Areas | None = None,
    *,
    tolerance_m: float = TOLERANCE_M,
    lattice: bool,
    metric: Metric = ELLIPSOIDAL,
    not_subdivided: Collection[str] = (),
    sparse: bool = False,
    divided: Collection[str] = (),
    scheme: CodeScheme = DEFAULT_SCHEME,
) -> CheckResult:
    """Find every defect of a level.

    Parameters
    ----------
    level
        The areas of one level and layer.
    parents
        Those that they should cover, each by its own children; None checks enclosed gaps only.
    tolerance_m, lattice, metric, not_subdivided, sparse, divided, scheme
        See :class:`Terms`.

    Raises
    ------
    BadInput
        ``not-on-lattice`` with the code of the first area that is not.
    """
    return check_by(Terms(tolerance_m, lattice, metric, not_subdivided, sparse, divided, scheme), level, parents)


def check_by(terms: Terms, level: Areas, parents: Areas | None, known: Collection[str] = ()) -> CheckResult:
    """Find every defect of a level; parents that are ``known`` but not given are nobody's to cover here."""
    ground = _Ground.of(level, parents, terms.metric, terms.lattice)
    faces = ground.faces()
    found = ground.findings(faces, terms, known)
    sheltered = faces.shelter > 0 if parents is not None else faces.cover > 0
    face_m2 = terms.metric.area_m2(faces.polygons)
    return CheckResult(
        tuple(worst_first(found)),
        len(level),
        float(face_m2[sheltered & (faces.cover > 0)].sum()),
        float(face_m2[sheltered].sum()),
        tuple(sorted(ground.unproved)),
        parents is not None,
        terms.tolerance_m,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """A level and its parents made ready: sound boundaries, paired edges."""

    level: Areas
    parents: Areas
    group: Rows
    flat: Flat
    edges: Edges
    metric: Metric
    has_parents: bool
    unproved: tuple[str, ...]
    invalid: tuple[Finding, ...]
    mended: Mask
    childless: frozenset[str]

    @classmethod
    def of(cls, level: Areas, parents: Areas | None, metric: Metric, lattice: bool) -> "_Ground":
        """Sort by code, so that nothing depends on the order of the input, and pair the edges."""
        upper = areas("", [], []) if parents is None else parents
        level, upper = (one.take(np.argsort(one.codes, kind="stable")) for one in (level, upper))
        unproved = tuple(str(code) for code in upper.codes[shapely.is_missing(upper.geoms)])
        upper = upper.take(~shapely.is_missing(upper.geoms))
        own, above = sound(level, metric), sound(upper, metric)
        if lattice:
            _require_lattice(level, own.flat)
            _require_lattice(upper, above.flat)
        level, upper = replace(level, geoms=own.geoms), replace(upper, geoms=above.geoms)
        group = assign_parents(level, upper)
        flat = own.flat.followed_by(above.flat)
        groups = np.concatenate([group, np.arange(len(upper), dtype=np.int32)])
        edges = pair_edges(flat, groups, len(level))
        invalid = (*own.findings, *above.findings)
        childless = frozenset(str(code) for code in np.delete(upper.codes, np.unique(group[group >= 0])))
        return cls(
            level, upper, groups, flat, edges, metric, parents is not None, unproved, invalid, own.mended, childless
        )

    def faces(self) -> Faces:
        """Return the faces between the loud edges."""
        lines = chains(self.flat, self.edges.loud)
        polygons = faces_between(lines, self.metric.cell**2)
        return count_cover(polygons, self.flat, self.group, len(self.level))

    def findings(self, faces: Faces, terms: Terms, known: Collection[str]) -> list[Finding]:
        """Return all findings, in no order."""
        level, upper, metric = self.level, self.parents, self.metric
        group = self.group[: len(level)]
        twins, pairs = same_boundaries(level.codes, level.geoms, self.flat, self.edges, metric)
        around = Neighbours(level.codes, level.geoms, metric.cell)
        pieces = [
            *overlaps(faces, level.codes, level.geoms, pairs, metric, terms.tolerance_m),
            *gaps(faces, upper, around, self._open(faces), metric, terms.tolerance_m),
            *outside_parents(faces, level, group, upper, metric, terms.tolerance_m),
        ]
        pieces = [piece for piece in pieces if piece.kind != "gap" or self._must_cover(piece, terms)]
        found = [*self.invalid, *twins, *pieces, *self._unmatched(pieces, terms)]
        found += same_codes(level.codes, level.geoms, metric)
        found += multiparts(level.take(~self.mended), metric)
        if self.has_parents:
            found += orphans(level, group, {*upper.codes, *self.unproved, *known}, terms.scheme, metric)
        return found

    def _must_cover(self, gap: Finding, terms: Terms) -> bool:
        if not self.has_parents:
            return not terms.sparse
        if terms.sparse:
            return not set(terms.divided).isdisjoint(gap.codes)
        return self.childless.isdisjoint(gap.codes) or set(terms.not_subdivided).isdisjoint(gap.codes)

    def _open(self, faces: Faces) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Tell which faces outside every parent are gaps: all without parents, else those beside an unproved one."""
        outside = faces.shelter == 0
        if not self.has_parents or not self.unproved:
            return outside & (not self.has_parents)
        unsure = self.level.geoms[np.isin(self.level.parents, list(self.unproved))]
        beside = shapely.STRtree(unsure).query(faces.polygons, predicate="dwithin", distance=self.metric.cell)[0]
        near = np.zeros(len(outside), dtype=np.bool_)
        near[beside] = True
        return outside & near

    def _unmatched(self, pieces: list[Finding], terms: Terms) -> list[Finding]:
        reported = np.full(len(pieces), None, dtype=object)
        reported[:] = [finding.geometry for finding in pieces]
        own = len(self.level)
        stretches = find_stretches(self.flat, self.edges, self.group, own, self.metric.cell)
        if terms.sparse:
            # The ring of a parent that is not divided need not know its children's corners.
            whole = np.isin(self.parents.codes, list(terms.divided))
            stretches = stretches.take(np.concatenate([np.ones(own, dtype=np.bool_), whole])[stretches.right])
        codes = tuple(str(code) for code in (*self.level.codes, *self.parents.codes))
        return unmatched(stretches, codes, reported, self.metric, terms.tolerance_m)


def _require_lattice(level: Areas, flat: Flat) -> None:
    off = np.flatnonzero((degrees(snap(flat.xy)) != flat.xy).any(axis=1))
    if len(off):
        code = str(level.codes[flat.row_of_vertex()[off[0]]])
        lon, lat = flat.xy[off[0]].tolist()
        raise BadInput("not-on-lattice", place={"code": code, "lon": lon, "lat": lat}, code=code)
