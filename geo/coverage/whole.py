"""The check of one level, against its parents if they are given."""

from collections.abc import Collection, Set

import numpy as np
import shapely

from geo.areas import Areas
from geo.codes import DEFAULT_SCHEME, CodeScheme
from geo.coverage.arrangement import Faces, chains, count_cover, faces_between
from geo.coverage.edges import Edges, pair_edges
from geo.coverage.everyone import Everyone, gather_everyone
from geo.coverage.flat import Mask
from geo.coverage.kinship import multiparts, orphans, same_boundaries, same_codes
from geo.coverage.metric import ELLIPSOIDAL, Metric
from geo.coverage.pieces import gaps, outside_parents, overlaps
from geo.coverage.report import CheckResult
from geo.coverage.stretches import find_stretches, unmatched
from geo.coverage.terms import TOLERANCE_M, Terms
from geo.findings import Finding, worst_first


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


def check_by(terms: Terms, level: Areas, parents: Areas | None, known: Set[str] = frozenset()) -> CheckResult:
    """Find every defect of a level; parents that are ``known`` but not given are nobody's to cover here."""
    metric = terms.metric
    everyone = gather_everyone(level, parents, metric, lattice=terms.lattice)
    edges = pair_edges(everyone.flat, everyone.group, everyone.children)
    faces = count_cover(faces_between(chains(everyone.flat, edges.loud), metric.cell**2), everyone)
    found = worst_first(_findings(everyone, edges, faces, terms, known))
    sheltered = faces.shelter > 0 if parents is not None else faces.cover > 0
    face_m2 = metric.area_m2(faces.polygons)
    return CheckResult(
        tuple(found),
        len(level),
        float(face_m2[sheltered & (faces.cover > 0)].sum()),
        float(face_m2[sheltered].sum()),
        tuple(sorted(everyone.unproved)),
        parents is not None,
        terms.tolerance_m,
    )


def _findings(everyone: Everyone, edges: Edges, faces: Faces, terms: Terms, known: Set[str]) -> list[Finding]:
    level, metric, tolerance_m = everyone.level, terms.metric, terms.tolerance_m
    twins, pairs = same_boundaries(everyone, edges, metric)
    bare = gaps(faces, everyone, _open(faces, everyone, metric.cell), metric, tolerance_m)
    pieces = [
        *overlaps(faces, everyone, pairs, metric, tolerance_m),
        *_to_be_covered(bare, everyone, terms),
        *outside_parents(faces, everyone, metric, tolerance_m),
    ]
    return [
        *everyone.invalid,
        *pieces,
        *_unmatched(pieces, everyone, edges, terms),
        *twins,
        *same_codes(level.codes, level.geoms, metric),
        *(orphans(everyone, known, terms.scheme, metric) if everyone.has_parents else ()),
        *multiparts(level.take(~everyone.mended), metric),
    ]


def _to_be_covered(bare: list[Finding], everyone: Everyone, terms: Terms) -> list[Finding]:
    """Drop the gaps that are no defect: of sparse levels, and of parents without children on purpose."""
    if terms.sparse:
        return [gap for gap in bare if not set(terms.divided).isdisjoint(gap.codes)] if everyone.has_parents else []
    if not everyone.has_parents or not terms.not_subdivided:
        return bare
    group = everyone.group[: everyone.children]
    childless = np.delete(everyone.parents.codes, np.unique(group[group >= 0]))
    excused = set(terms.not_subdivided).intersection(childless)
    return [gap for gap in bare if excused.isdisjoint(gap.codes)]


def _open(faces: Faces, everyone: Everyone, reach: float) -> Mask:
    """Tell which faces outside every parent are gaps: all without parents, else those beside an unproved one."""
    outside = faces.shelter == 0
    if not everyone.has_parents or not everyone.unproved:
        return outside & (not everyone.has_parents)
    unsure = everyone.level.geoms[np.isin(everyone.level.parents, list(everyone.unproved))]
    near = np.zeros(len(outside), dtype=np.bool_)
    near[shapely.STRtree(unsure).query(faces.polygons, predicate="dwithin", distance=reach)[0]] = True
    return outside & near


def _unmatched(pieces: list[Finding], everyone: Everyone, edges: Edges, terms: Terms) -> list[Finding]:
    reported = np.full(len(pieces), None, dtype=object)
    reported[:] = [finding.geometry for finding in pieces]
    stretches = find_stretches(everyone, edges, terms.metric.cell)
    if terms.sparse:
        # The ring of a parent that is not divided need not know its children's corners.
        divided = np.isin(everyone.parents.codes, list(terms.divided))
        counts = np.concatenate([np.ones(everyone.children, dtype=np.bool_), divided])
        stretches = stretches.take(counts[stretches.right])
    return unmatched(stretches, everyone.codes, reported, terms.metric, terms.tolerance_m)
