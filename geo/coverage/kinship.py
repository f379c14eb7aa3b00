"""Orphans, duplicates and areas in several pieces."""

from collections import Counter, defaultdict
from collections.abc import Set
from functools import cache

import numpy as np
import shapely

from geo.areas import Areas, Geometries, Texts
from geo.codes import CodeScheme
from geo.coverage.arrangement import gather
from geo.coverage.edges import REPEATED, Edges
from geo.coverage.everyone import Everyone
from geo.coverage.metric import Metric
from geo.findings import Finding, make_findings

NO_PARENT, WRONG_CODE = "no parent", "code contradicts parent"
SAME_CODE, SAME_BOUNDARY = "same code", "same boundary"


def orphans(everyone: Everyone, known: Set[str], scheme: CodeScheme, metric: Metric) -> list[Finding]:
    """Return areas without parent, and areas whose code names another parent than they have.

    Parameters
    ----------
    known
        Codes of parents that exist, besides those given.
    scheme
        Says which parent a code names.
    """
    level, details = everyone.level, {}
    for row in np.flatnonzero(everyone.group[: len(level)] < 0).tolist():
        if level.parents[row] not in known and level.parents[row] not in everyone.unproved:
            details[row] = NO_PARENT
    formed = cache(scheme.level_of)
    pairs = list(zip(level.codes.tolist(), level.parents.tolist(), strict=True))
    # Nearly all codes begin with their parent's: that spares taking them apart.
    for row in [row for row, (own, parent) in enumerate(pairs) if not own.startswith(parent)]:
        own, parent = pairs[row]
        if formed(parent) is not None and scheme.contradicts(own, parent, level.level):
            details.setdefault(row, WRONG_CODE)
    rows = np.array(sorted(details), dtype=np.int64)
    named = [(str(code),) for code in level.codes[rows]]
    return make_findings(
        "orphan", named, level.geoms[rows], cell=metric.cell, details=[details[row] for row in rows.tolist()]
    )


def multiparts(level: Areas, metric: Metric) -> list[Finding]:
    """Return areas in several pieces; the geometry is all but the largest piece.

    Leave out boundaries that were mended: they may be in pieces for that alone.
    """
    rows = np.flatnonzero(shapely.get_num_geometries(level.geoms) > 1)
    parts, row = shapely.get_parts(level.geoms[rows], return_index=True)
    by_size = np.lexsort((shapely.area(parts), row))
    is_largest = np.zeros(len(parts), dtype=np.bool_)
    is_largest[by_size[np.searchsorted(row, np.arange(len(rows)), side="right") - 1]] = True
    places, _ = gather(parts[~is_largest], row[~is_largest])
    return make_findings(
        "multipart",
        [(str(code),) for code in level.codes[rows]],
        places,
        cell=metric.cell,
        area_m2=metric.area_m2(places),
        width_m=metric.width_m(places),
        details=[str(times) for times in np.bincount(row, minlength=len(rows)).tolist()],
    )


def same_codes(codes: Texts, geoms: Geometries, metric: Metric) -> list[Finding]:
    """Return codes that occur more than once; the geometry is all their boundaries together."""
    often = sorted(str(code) for code, times in Counter(codes).items() if times > 1)
    places = np.full(len(often), None, dtype=object)
    for index, code in enumerate(often):
        places[index] = shapely.union_all(geoms[codes == code])
    return make_findings(
        "duplicate", [(code,) for code in often], places, cell=metric.cell, details=[SAME_CODE] * len(often)
    )


def same_boundaries(everyone: Everyone, edges: Edges, metric: Metric) -> tuple[list[Finding], set[tuple[int, int]]]:
    """Return areas with the same boundary, and all pairs of their rows (the lower first).

    Such areas have edges that occur more than once on one side, so only areas with such edges are compared.
    """
    codes, geoms = everyone.level.codes, everyone.level.geoms
    ring = (
        np.searchsorted(everyone.flat.start, edges.marked[(edges.state[edges.marked] & REPEATED) != 0], side="right")
        - 1
    )
    repeated = np.unique(everyone.flat.row[ring])
    repeated = repeated[repeated < len(geoms)]
    alike: dict[bytes, list[int]] = defaultdict(list)
    for row, shape in zip(repeated.tolist(), shapely.to_wkb(shapely.normalize(geoms[repeated])), strict=True):
        alike[shape].append(row)
    groups = [rows for rows in alike.values() if len(rows) > 1]
    first = np.array([rows[0] for rows in groups], dtype=np.int64)
    found = make_findings(
        "duplicate",
        [tuple(sorted(str(codes[row]) for row in rows)) for rows in groups],
        geoms[first],
        cell=metric.cell,
        area_m2=metric.area_m2(geoms[first]),
        width_m=metric.width_m(geoms[first]),
        details=[SAME_BOUNDARY] * len(groups),
    )
    return found, {(low, high) for rows in groups for low in rows for high in rows if low < high}
