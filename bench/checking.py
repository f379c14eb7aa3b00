"""The coverage check, against GEOS's coverage functions."""

from typing import Final

import numpy as np
import shapely

from bench.coverage import planted
from bench.spending import paired, timed
from bench.table import Row, Setting, require_same
from geo.areas import Areas
from geo.coverage import CheckResult, check
from geo.measure import area_m2
from importers.sample import sample_levels

PLANTED_SHARE: Final = 0.01
AREA_TOLERANCE: Final = 1e-9
"""Relative: both sum the same pieces in another order."""


def sample_city(setting: Setting) -> Row:
    """Check the sample city's grids, one in a hundred of them spoilt, against their communities."""
    levels = sample_levels(2_000 if setting.quick else 100_000)
    grids, communities = planted(levels["grid"], PLANTED_SHARE), levels["community"]

    def ours() -> CheckResult:
        return check(grids, communities, lattice=True)

    def peer() -> tuple[np.ndarray, shapely.Geometry]:
        return shapely.coverage_invalid_edges(grids.geoms), shapely.coverage_union_all(grids.geoms)

    same = _same_answers(levels, grids, ours(), peer()[0])
    pairs = paired(lambda: timed(ours)[0], lambda: timed(peer)[0], setting.runs)
    vertices = int(shapely.get_num_coordinates(grids.geoms).sum())
    remark = (
        "ours also finds gaps, what lies outside parents, duplicates, orphans and invalid boundaries, and measures "
        "every piece; GEOS does not know parents. The target is that of a later issue: a preview"
    )
    return Row(
        "coverage check of the sample city, 1 % of the grids spoilt",
        "shapely.coverage_invalid_edges + coverage_union_all",
        f"{len(grids):,} grids, {vertices:,} vertices",
        pairs,
        same,
        target=0.25,
        count=len(grids),
        unit="grids",
        remark=remark,
    )


def _same_answers(levels: dict[str, Areas], grids: Areas, result: CheckResult, edges: np.ndarray) -> str:
    """Hold what ours found against what GEOS found, with defects and without; return how."""
    named = {code for finding in result.findings for code in finding.codes}
    bad = grids.codes[~shapely.is_empty(edges)]
    unnamed = [code for code in bad if code not in named]
    require_same(not unnamed, f"GEOS finds unmatched edges at {len(unnamed)} areas that ours does not name")
    clean = check(levels["grid"], levels["community"], lattice=True)
    union_m2 = float(area_m2(np.array([shapely.coverage_union_all(levels["grid"].geoms)], dtype=object)).sum())
    require_same(
        clean.verdict == "covered" and abs(clean.covered_m2 - union_m2) <= AREA_TOLERANCE * union_m2,
        f"without defects: {clean.verdict}, {clean.covered_m2} m², union {union_m2} m²",
    )
    return (
        f"ours names all {len(bad):,} areas at which GEOS finds unmatched edges; without the defects it says covered, "
        "and the m² are those of the union"
    )
