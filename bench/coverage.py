"""The coverage check: against GEOS's coverage functions and maup, at two sizes, and around one change."""

from functools import cache
from typing import Any, Final

import numpy as np
import shapely

from bench.alone import run_alone
from bench.maup_environment import doctor
from bench.planting import planted
from bench.spending import Pairs, Spent, on_processor, paired
from bench.table import GIB, LeftOut, Row, Setting, require_same
from geo.areas import Areas
from geo.coverage import CheckResult, check
from geo.measure import area_m2
from importers.sample import sample_levels

PLANTED_SHARE: Final = 0.01
AREA_TOLERANCE: Final = 1e-9
"""Relative: both sum the same pieces in another order."""
SIZES: Final = {True: (500, 2_000, 20_000), False: (2_500, 100_000, 1_000_000)}
"""Grids in the cities that are compared, by whether it should be quick."""
GEOS: Final = "shapely.coverage_invalid_edges + coverage_union_all"
DOES_MORE: Final = (
    "processor time of one core; ours also finds gaps, what lies outside parents, duplicates, orphans and invalid "
    "boundaries, and measures every piece; GEOS does not know parents"
)


@cache
def _city(quick: bool) -> tuple[Areas, Areas, Areas]:
    """Return grids, the same with defects, and their communities."""
    levels = sample_levels(2_000 if quick else 100_000)
    return levels["grid"], planted(levels["grid"], PLANTED_SHARE), levels["community"]


def sound(setting: Setting) -> Row:
    """Check the sample city."""
    level, _, parents = _city(setting.quick)
    return _against_geos("check of the sample city", level, parents, setting, _same_area(level, parents))


def spoilt(setting: Setting) -> Row:
    """Check the sample city with defects."""
    _, level, parents = _city(setting.quick)
    what = "check of the sample city, 1 % of the grids spoilt"
    return _against_geos(what, level, parents, setting, _same_edges(level, parents))


def _against_geos(what: str, level: Areas, parents: Areas, setting: Setting, same: str) -> Row:
    def ours() -> Spent:
        return on_processor(lambda: check(level, parents, lattice=True))[0]

    def peer() -> Spent:
        return on_processor(lambda: (shapely.coverage_invalid_edges(shapes), shapely.coverage_union_all(shapes)))[0]

    shapes = level.geoms
    size = f"{len(level):,} grids, {int(shapely.get_num_coordinates(shapes).sum()):,} vertices"
    pairs = paired(ours, peer, setting.runs)
    return Row(what, GEOS, size, pairs, same, target=1 / 4, count=len(level), unit="grids", remark=DOES_MORE)


def _same_area(level: Areas, parents: Areas) -> str:
    result = check(level, parents, lattice=True)
    union_m2 = float(area_m2(np.array([shapely.coverage_union_all(level.geoms)], dtype=object)).sum())
    require_same(
        result.verdict == "covered" and abs(result.covered_m2 - union_m2) <= AREA_TOLERANCE * union_m2,
        f"without defects: {result.verdict}, {result.covered_m2} m², union {union_m2} m²",
    )
    return "ours says covered, and the m² are those of the union"


def _same_edges(level: Areas, parents: Areas) -> str:
    result = check(level, parents, lattice=True)
    bad = level.codes[~shapely.is_empty(shapely.coverage_invalid_edges(level.geoms))].tolist()
    _require_named(result, bad)
    return f"ours names all {len(bad):,} areas at which GEOS finds unmatched edges, and finds {len(result.findings):,}"


def _require_named(result: CheckResult, bad: list[str]) -> None:
    named = {code for finding in result.findings for code in finding.codes}
    unnamed = len(set(bad) - named)
    require_same(not unnamed, f"GEOS finds unmatched edges at {unnamed} areas that ours does not name")


def against_maup(setting: Setting) -> Row | LeftOut:
    """Let ``maup.doctor`` look at the spoilt grids once: it takes minutes. It takes no parents, so ours gets none."""
    _, level, _ = _city(setting.quick)
    what = "check of the sample city, 1 % of the grids spoilt, without parents"
    told = doctor(level, setting.home)
    if told is None:
        return LeftOut(what, "needs maup, and no package index could be reached to install it")
    runs = [on_processor(lambda: check(level, None, lattice=True)) for _ in range(setting.runs)]
    found = runs[0][1].counts.get("overlap", 0)
    require_same(not told.healthy and found > 0, f"maup says healthy: {told.healthy}; ours finds {found} overlaps")
    pairs = Pairs(tuple(spent for spent, _ in runs), (Spent(told.seconds),) * len(runs))
    return Row(
        what,
        "maup.doctor",
        f"{len(level):,} grids",
        pairs,
        f"both find it unsound: ours {found:,} overlaps, maup {told.overlaps:,}, which counts specks of rounding too",
        target=1 / 80,
        count=len(level),
        unit="grids",
        remark="processor time; maup runs once, in an environment of its own",
    )


@cache
def _told(grids: int) -> Any:
    return run_alone("city", grids)


def at_scale(setting: Setting) -> Row:
    """Check ten times as many grids."""
    many, most = (_told(count) for count in SIZES[setting.quick][1:])
    for told in (many, most):
        whole = abs(told["covered_m2"] - told["declared_m2"]) <= AREA_TOLERANCE * told["declared_m2"]
        require_same(told["verdict"] == "covered" and whole, f"{told['areas']:,} grids: {told['verdict']}")
    return Row(
        "check of ten times as many grids",
        f"the same of {many['areas']:,} grids",
        f"sample city, {most['areas']:,} grids",
        Pairs(_spent(most), _spent(many)),
        "both say covered, and the m² covered are those declared",
        target=13,
        peak_target_bytes=8 * GIB,
        count=most["areas"],
        unit="grids",
        remark="processor time, each in a process of its own",
    )


def around_a_change(setting: Setting) -> Row:
    """Check one redraw after the other, in a small city and in the largest."""
    few, many, most = (_told(count) for count in SIZES[setting.quick])
    for told in (few, many, most):
        require_same(told["local_found"] == len(told["local_s"]), "a redraw around which nothing was found")
    p95 = [float(np.percentile(told["local_s"], 95)) for told in (few, many, most)]
    shown = ", ".join(
        f"{told['areas']:,} grids: median {1000 * float(np.median(told['local_s'])):.1f} ms, p95 {1000 * one:.1f} ms"
        for told, one in zip((few, many, most), p95, strict=True)
    )
    return Row(
        "check around one redraw, 95th percentile",
        f"the same among {few['areas']:,} grids",
        f"among {most['areas']:,} grids, {len(most['local_s'])} redraws",
        Pairs((Spent(p95[2]),), (Spent(p95[0]),)),
        "each redraw, by a metre on all sides, overlaps its neighbours in both",
        target=1.5,
        remark=f"processor time, without reading from the database; {shown}",
    )


def _spent(told: dict[str, list[float]]) -> tuple[Spent, ...]:
    return tuple(Spent(seconds, int(str(told["peak_bytes"]))) for seconds in told["seconds"])


def uk_output_areas(setting: Setting) -> Row | LeftOut:
    """Check real areas, with noise and defects, without parents; memory too."""
    file = setting.shared / "uk-census" / "oa11_ew.parquet"
    if not file.is_file():
        return LeftOut("check of UK output areas", "needs ../shared/data/uk-census")
    told = [(run_alone("ours", file), run_alone("geos", file)) for _ in range(1 if setting.quick else setting.runs)]
    ours, geos = told[0]
    unnamed = {str(row) for row in geos["bad"]}.difference(ours["named"])
    pairs = Pairs(
        *(tuple(Spent(one["seconds"], one["peak_bytes"]) for one in side) for side in zip(*told, strict=True))
    )
    return Row(
        "check of UK output areas",
        GEOS,
        "181,408 areas, 4.3 million vertices",
        pairs,
        f"ours names all but {len(unnamed)} of the {len(geos['bad']):,} areas at which GEOS finds unmatched edges",
        target=1 / 4,
        count=181_408,
        unit="areas",
        remark=f"processor time, each in a process of its own; {ours['counts']}",
    )


ROWS: Final = (sound, spoilt, against_maup, at_scale, around_a_change, uk_output_areas)
