"""Proposals for the real files of Denver and Providence, in their own coordinates."""

from functools import cache
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from geo.areas import areas
from geo.coverage import ELLIPSOIDAL, Planar, check
from geo.repair import apply, propose

DATA = Path(__file__).parents[3] / "shared" / "data" / "us-maup"
ENCLAVE_WIDTH_M = 20.0
"""Denver's own enclaves are at least 29 m wide, its noise is below 0.1 m."""
pytestmark = [pytest.mark.real_data, pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")]
FILES = {
    "denver": ("denver/DenverCo_precincts2020_orig", Planar(1200 / 3937), ENCLAVE_WIDTH_M),
    "providence": ("providence/precincts", ELLIPSOIDAL, None),
}
FIGURES = {"denver": (17.52, 0.190), "providence": (98_027.4, 109.7)}
"""m² that change hands, and how far a border moves at most."""


@cache
def mended(name):
    """Return the precincts before and after, the proposals, and what the check finds then."""
    path, metric, enclave_width_m = FILES[name]
    shapes = np.asarray(geopandas.read_file(DATA / path).geometry.values, dtype=object)
    before = areas("precinct", [f"a{row:04d}" for row in range(len(shapes))], shapes)
    findings = check(before, None, lattice=False, metric=metric).findings
    offered = propose(before, None, findings, lattice=False, metric=metric, enclave_width_m=enclave_width_m)
    best = [proposal for proposal in offered if proposal.rank == 1]
    after = apply(before, best)
    return before, after, best, check(after, None, lattice=False, metric=metric)


def outer_border(level):
    union = shapely.union_all(level.geoms)
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(union))))


def test_denver_has_nothing_left_but_its_enclaves():
    _, _, _, result = mended("denver")
    left = [finding for finding in result.findings if finding.blocking]
    assert [finding.kind for finding in left] == ["gap"] * 9
    assert min(finding.width_m for finding in left) > ENCLAVE_WIDTH_M


def test_providence_is_clean():
    assert mended("providence")[3].verdict == "covered"


@pytest.mark.parametrize("name", FILES)
def test_the_outer_border_stays_and_no_precinct_vanishes_or_falls_to_pieces(name):
    before, after, _, _ = mended(name)
    assert shapely.symmetric_difference(outer_border(before), outer_border(after)).area == 0
    pieces = shapely.get_num_geometries
    assert (pieces(after.geoms) <= pieces(before.geoms)).all()
    assert shapely.is_valid(after.geoms).all()


@pytest.mark.parametrize("name", FILES)
def test_no_more_land_moves_than_has_to(name):
    _, _, best, _ = mended(name)
    moved_m2, farthest_m = sum(one.moved_m2 for one in best), max(one.displacement_m for one in best)
    assert (moved_m2, farthest_m) == tuple(pytest.approx(figure, rel=0.005) for figure in FIGURES[name])
