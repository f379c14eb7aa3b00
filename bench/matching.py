"""Matching borders, against GEOS's coverage cleaning."""

from typing import Final

import numpy as np
import pyarrow.parquet as pq
import shapely

from bench.spending import paired, timed
from bench.table import LeftOut, Row, Setting, require_same
from geo.areas import Geometries
from geo.matching import match

TOLERANCE_M: Final = 0.1
TOLERANCE_DEG: Final = TOLERANCE_M / 111_195
"""The same on a meridian; GEOS knows one distance for both directions."""
COMPARED_BORDERS: Final = 3000
METRES_PER_DEGREE: Final = 111_195.0


def uk_lsoa(setting: Setting) -> Row | LeftOut:
    """Match the LSOA of England and Wales, whose shared borders differ by float noise."""
    file = setting.shared / "uk-census" / "lsoa11_ew.parquet"
    if not file.is_file():
        return LeftOut("matching UK LSOA", "needs ../shared/data/uk-census")
    table = pq.read_table(file, columns=["geometry"])
    geoms = shapely.from_wkb(table["geometry"].slice(0, 3000 if setting.quick else len(table)).to_pylist())
    geoms = shapely.make_valid(geoms, method="structure", keep_collapsed=False)
    vertices = int(shapely.get_num_coordinates(geoms).sum())

    def ours() -> Geometries:
        return match(geoms, tolerance_m=TOLERANCE_M).geoms

    def peer() -> Geometries:
        return shapely.coverage_clean(geoms, snapping_distance=TOLERANCE_DEG)

    same = _compared(geoms, ours(), peer())
    pairs = paired(lambda: timed(ours)[0], lambda: timed(peer)[0], setting.runs)
    remark = "coverage_clean also gives each overlap to one side; ours leaves overlaps and gaps for the check to find"
    size = f"{len(geoms):,} areas, {vertices:,} vertices"
    peer_name = f"shapely.coverage_clean(snapping_distance={TOLERANCE_DEG:.1e})"
    return Row("matching UK LSOA", peer_name, size, pairs, same, count=vertices, unit="vertices", remark=remark)


def _compared(before: Geometries, ours: Geometries, peer: Geometries) -> str:
    """Require what both promise: shared vertices on every shared border, and no border moved beyond the tolerance."""
    unmatched = [int((~shapely.is_empty(shapely.coverage_invalid_edges(each))).sum()) for each in (ours, peer)]
    require_same(shapely.is_valid(ours).all() and shapely.is_valid(peer).all(), "not all results are valid")
    some = np.linspace(0, len(before) - 1, min(COMPARED_BORDERS, len(before))).astype(np.int64)
    apart = shapely.hausdorff_distance(shapely.boundary(ours[some]), shapely.boundary(peer[some]))
    apart_m = float(apart.max()) * METRES_PER_DEGREE
    require_same(apart_m <= TOLERANCE_M, f"borders lie {apart_m:.3f} m apart")
    return (
        f"areas with unmatched edges left: ours {unmatched[0]}, peer {unmatched[1]}; all valid; "
        f"{len(some):,} borders differ by at most {apart_m:.4f} m"
    )
