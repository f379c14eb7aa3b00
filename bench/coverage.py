"""Coverage check against GEOS's coverage functions, on one core and the same arrays; and local checks.

Run ``python -m bench.coverage [--grids 100000] [--uk FILE.parquet]``. All areas are invented, but for the file given.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import geopandas
import numpy as np
import shapely

from geo.areas import Areas, Geometries, areas
from geo.coverage import Standing, Terms, check, check_around
from geo.lattice import degrees, snap
from importers.sample.writing import sample_levels

RUNS = 3
METRE_DEG = 1 / 111_000


def seconds(work: Callable[[], object]) -> float:
    """Return the least processor time of a few runs: other work on the machine counts for little."""
    spent = []
    for _ in range(RUNS):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return min(spent)


def peak_gib() -> float:
    """Return the largest memory this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def planted(grids: Areas, share: float, seed: int = 1) -> Areas:
    """Return grids with defects: moved, dropped and added vertices, spikes, missing areas."""
    dice = np.random.default_rng(seed)
    shapes, gone = grids.geoms.copy(), []
    for turn, row in enumerate(dice.choice(len(grids), int(len(grids) * share), replace=False)):
        if turn % 5 == 4:
            gone.append(row)
            continue
        corners = shapely.get_coordinates(shapes[row])
        aside = [10 ** dice.uniform(-1.7, 2) * METRE_DEG, 0]
        third = {
            0: [corners[2] + aside, corners[3]],
            1: [corners[2]],
            2: [corners[2], (corners[2] + corners[3]) / 2, corners[3]],
            3: [corners[2], corners[2] + aside + [0, -100 * METRE_DEG], corners[2] + aside, corners[3]],
        }[turn % 5]
        shape = shapely.Polygon(degrees(snap(np.concatenate([corners[:2], third, corners[4:]]))))
        shapes[row] = shape if shape.is_valid else shapes[row]
    return replace(grids, geoms=shapes).take(np.setdiff1d(np.arange(len(grids)), gone))


def geos(shapes: Geometries) -> float:
    """Return the seconds of GEOS's two coverage calls."""
    invalid_s = seconds(lambda: shapely.coverage_invalid_edges(shapes))
    return invalid_s + seconds(lambda: shapely.coverage_union_all(shapes))


def compare(name: str, level: Areas, parents: Areas | None, *, lattice: bool) -> None:
    """Print one row: our seconds, GEOS's, and the ratio."""
    ours_s = seconds(lambda: check(level, parents, lattice=lattice))
    peak = peak_gib()
    geos_s = geos(level.geoms)
    print(f"{name:32} {ours_s:8.2f} s  GEOS {geos_s:8.2f} s  {geos_s / ours_s:5.1f}×  peak {peak:.1f} GiB")


def local(level: Areas, parents: Areas, changes: int = 200) -> None:
    """Print the median and the 95th percentile of checking one redraw."""
    standing, terms = Standing.of(level, parents), Terms(lattice=True)
    dice, spent_ms = np.random.default_rng(2), []
    for row in dice.choice(len(level), changes):
        changed = level.take([row])
        shape = shapely.transform(shapely.buffer(changed.geoms[0], METRE_DEG), lambda xy: degrees(snap(xy)))
        changed.geoms[0] = shape
        begin = time.perf_counter()
        check_around(standing, changed, terms=terms)
        spent_ms.append((time.perf_counter() - begin) * 1000)
    median, p95 = np.percentile(spent_ms, [50, 95])
    print(f"{f'local check, {len(level)} grids':32} median {median:.1f} ms  p95 {p95:.1f} ms")


def main() -> None:
    """Run the rows asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grids", type=int, default=100_000)
    parser.add_argument("--uk", help="a GeoParquet of output areas")
    asked = parser.parse_args()
    small = sample_levels(2_500)
    local(small["grid"], small["community"])
    levels = sample_levels(asked.grids)
    compare(f"{asked.grids} grids, clean", levels["grid"], levels["community"], lattice=True)
    compare(f"{asked.grids} grids, 1 % planted", planted(levels["grid"], 0.01), levels["community"], lattice=True)
    local(levels["grid"], levels["community"])
    if asked.uk:
        shapes = geopandas.read_parquet(asked.uk).geometry.values
        uk = areas("area", [str(row) for row in range(len(shapes))], shapes)
        compare("UK output areas", uk, None, lattice=False)


if __name__ == "__main__":
    sys.exit(main())
