"""The check of one level, against its parents if they are given."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import shapely

from geo.areas import Areas, Geometries, areas, texts
from geo.coverage.arrangement import Faces, chains, count_cover, faces_between
from geo.coverage.edges import Edges, pair_edges
from geo.coverage.flat import Flat, Rows, flatten
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


def check(
    level: Areas,
    parents: Areas | None = None,
    *,
    tolerance_m: float = TOLERANCE_M,
    lattice: bool,
    metric: Metric = ELLIPSOIDAL,
    not_subdivided: Collection[str] = (),
) -> CheckResult:
    """Find every defect of a level.

    Parameters
    ----------
    level
        The areas of one level and layer.
    parents
        Those that they should cover, each by its own children; None checks enclosed gaps only.
    tolerance_m
        Narrower pieces are slivers.
    lattice
        The coordinates lie on the lattice (stored data): pairs of edges are exact in integers. Otherwise they are
        compared as the doubles they are.
    metric
        How to measure; for a projected file :class:`geo.coverage.metric.Planar`.
    not_subdivided
        Codes of parents that have no children on purpose.

    Raises
    ------
    BadInput
        ``not-on-lattice`` with the code of the first area that is not.
    """
    ground = _Ground.of(level, parents, metric, lattice)
    faces = ground.faces()
    found = ground.findings(faces, tolerance_m, frozenset(not_subdivided))
    sheltered = faces.shelter > 0 if parents is not None else faces.cover > 0
    face_m2 = metric.area_m2(faces.polygons)
    unproved = () if parents is None else ground.unproved
    return CheckResult(
        tuple(worst_first(found)),
        len(level),
        float(face_m2[sheltered & (faces.cover > 0)].sum()),
        float(face_m2[sheltered].sum()),
        tuple(sorted(unproved)),
        parents is not None,
        tolerance_m,
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

    @classmethod
    def of(cls, level: Areas, parents: Areas | None, metric: Metric, lattice: bool) -> "_Ground":
        """Sort by code, so that nothing depends on the order of the input, and pair the edges."""
        upper = areas("", [], []) if parents is None else parents
        level, upper = (one.take(np.argsort(one.codes, kind="stable")) for one in (level, upper))
        unproved = tuple(str(code) for code in upper.codes[shapely.is_missing(upper.geoms)])
        upper = upper.take(~shapely.is_missing(upper.geoms))
        if lattice:
            _require_lattice(level, upper)
        (own, bad_own), (above, bad_above) = sound(level, metric), sound(upper, metric)
        level, upper = _with_geoms(level, own), _with_geoms(upper, above)
        group = assign_parents(level, own, upper.codes, above)
        flat = flatten(own).followed_by(flatten(above))
        groups = np.concatenate([group, np.arange(len(above), dtype=np.int32)])
        edges = pair_edges(flat, groups, len(own))
        invalid = (*bad_own, *bad_above)
        return cls(level, upper, groups, flat, edges, metric, parents is not None, unproved, invalid)

    def faces(self) -> Faces:
        """Return the faces between the loud edges."""
        lines = chains(self.flat, self.edges.loud)
        polygons = faces_between(lines, self.metric.cell**2)
        return count_cover(polygons, self.flat, self.group, len(self.level))

    def findings(self, faces: Faces, tolerance_m: float, not_subdivided: frozenset[str]) -> list[Finding]:
        """Return all findings, in no order."""
        level, upper, metric, own = self.level, self.parents, self.metric, len(self.level)
        group = self.group[:own]
        twins, pairs = same_boundaries(level.codes, level.geoms, self.flat, self.edges, metric)
        around = Neighbours(level.codes, level.geoms, metric.cell)
        pieces = [
            *overlaps(faces, level.codes, level.geoms, pairs, metric, tolerance_m),
            *gaps(faces, upper.codes, around, self._open(faces), metric, tolerance_m),
            *outside_parents(faces, (level.codes, level.geoms, group), (upper.codes, upper.geoms), metric, tolerance_m),
        ]
        found = [*self.invalid, *twins, *pieces, *self._unmatched(pieces, tolerance_m)]
        found += same_codes(level.codes, level.geoms, metric)
        found += multiparts(level.codes, level.geoms, metric)
        if self.has_parents:
            known = texts([*upper.codes, *self.unproved])
            found += orphans(level, level.geoms, group, known, metric)
        bare = not_subdivided - {str(upper.codes[row]) for row in group if row >= 0}
        return [finding for finding in found if finding.kind != "gap" or not bare.issuperset(finding.codes or ("",))]

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

    def _unmatched(self, pieces: list[Finding], tolerance_m: float) -> list[Finding]:
        reported = np.full(len(pieces), None, dtype=object)
        reported[:] = [finding.geometry for finding in pieces]
        stretches = find_stretches(self.flat, self.edges, self.group, len(self.level), self.metric.cell)
        codes = tuple(str(code) for code in (*self.level.codes, *self.parents.codes))
        return unmatched(stretches, codes, reported, self.metric, tolerance_m)


def _with_geoms(level: Areas, geoms: Geometries) -> Areas:
    return Areas(level.level, level.codes, level.names, level.parents, geoms)


def _require_lattice(*sets: Areas) -> None:
    for one in sets:
        xy, row = shapely.get_coordinates(one.geoms, return_index=True)
        finite = np.isfinite(xy).all(axis=1)
        off = np.flatnonzero(finite)[(degrees(snap(xy[finite])) != xy[finite]).any(axis=1)]
        if len(off):
            code = str(one.codes[row[off[0]]])
            lon, lat = xy[off[0]].tolist()
            raise BadInput("not-on-lattice", place={"code": code, "lon": lon, "lat": lat}, code=code)
