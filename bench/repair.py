"""Proposals for the precincts of Providence and Denver, against ``maup.smart_repair`` on the same arrays."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas
import numpy as np
import shapely

from bench.maup_environment import python_with_maup
from bench.spending import Failed, Spent, paired, timed
from bench.table import LeftOut, Row, Setting, require_same
from geo.areas import Areas, Geometries, areas
from geo.coverage import Planar, check
from geo.repair import apply, propose
from geo.repair.displacement import displacement_m, metres_per_unit

US_FEET: Final = Planar(1200 / 3937)
ENCLAVE_WIDTH_M: Final = 20.0
ENCLAVE_SHARE: Final = 1e-5
"""What the peer calls the same: gaps above this share of the largest area are left."""
NOISE: Final = 1.001
"""The peer snaps every vertex first, by far less than what is measured."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a repair did: m² that changed hands, how far a border moved, and what the check finds afterwards."""

    moved_m2: float
    displacement_m: float
    left: dict[str, int]

    def text(self) -> str:
        left = ", ".join(f"{kind} {count}" for kind, count in self.left.items()) or "nothing"
        return f"{self.moved_m2:,.2f} m² by at most {self.displacement_m:,.3f} m, leaves {left}"


def providence(setting: Setting) -> Row | LeftOut:
    """Mend Providence's old precincts, in metres: the peer asks for a projected CRS."""
    return _row(setting, "providence/precincts", "EPSG:32619", Planar(), None, None)


def denver(setting: Setting) -> Row | LeftOut:
    """Mend Denver's precincts of 2020, but for the county's enclaves."""
    return _row(setting, "denver/DenverCo_precincts2020_orig", None, US_FEET, ENCLAVE_WIDTH_M, ENCLAVE_SHARE)


def _row(
    setting: Setting, name: str, crs: str | None, metric: Planar, enclave_width_m: float | None, threshold: float | None
) -> Row | LeftOut:
    what = f"proposals for {name}, chosen and applied"
    source = setting.shared / "us-maup" / name
    if not source.is_dir():
        return LeftOut(what, "needs ../shared/data/us-maup")
    python = python_with_maup(setting.home)
    if python is None:
        return LeftOut(what, "needs maup, and no package index could be reached to install it")
    frame = geopandas.read_file(source)[["geometry"]]
    frame = frame if crs is None else frame.to_crs(crs)
    given, out = setting.home / "repair.gpkg", setting.home / "repaired.gpkg"
    frame.to_file(given)
    shapes = np.asarray(frame.geometry.values, dtype=object)
    level = areas("precinct", [f"a{row:06d}" for row in range(len(shapes))], shapes)

    def ours() -> Areas:
        findings = check(level, None, lattice=False, metric=metric).findings
        offered = propose(level, None, findings, lattice=False, metric=metric, enclave_width_m=enclave_width_m)
        return apply(level, [proposal for proposal in offered if proposal.rank == 1])

    def peer() -> Spent:
        return Spent(_peer_seconds(python, given, out, threshold))

    pairs = paired(lambda: timed(ours)[0], peer, setting.runs)
    theirs = np.asarray(geopandas.read_file(out).geometry.values, dtype=object)
    mine, other = (_outcome(level, after, metric) for after in (ours().geoms, theirs))
    require_same(mine.moved_m2 <= NOISE * other.moved_m2, f"ours moves more: {mine.text()}; the peer {other.text()}")
    require_same(
        mine.displacement_m <= NOISE * other.displacement_m, f"ours moves farther: {mine.text()}; {other.text()}"
    )
    vertices = int(shapely.get_num_coordinates(shapes).sum())
    size = f"{len(shapes):,} areas, {vertices:,} vertices"
    same = f"ours moves {mine.text()}; the peer {other.text()}"
    peer_name = f"maup.smart_repair, fill_gaps_threshold {threshold}"
    remark = "the peer offers one outcome, and rewrites every boundary; ours several, and only what is concerned"
    return Row(what, peer_name, size, pairs, same, remark=remark)


ROWS: Final = (providence, denver)


def _outcome(level: Areas, after: Geometries, metric: Planar) -> _Outcome:
    """Measure a repair by the symmetric difference of each area, and by the lines before and after."""
    moved_m2 = float(metric.area_m2(shapely.symmetric_difference(level.geoms, after)).sum())
    metres = metres_per_unit(metric, shapely.box(*shapely.total_bounds(level.geoms)))
    left = check(areas("precinct", level.codes, after), None, lattice=False, metric=metric).counts
    return _Outcome(moved_m2, displacement_m(level.geoms, after, metres), left)


def _peer_seconds(python: Path, given: Path, out: Path, threshold: float | None) -> float:
    program = Path(__file__).with_name("peer_maup_repair.py")
    command = [str(python), str(program), str(given), str(out), str(threshold)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"maup: {done.stderr.strip().splitlines()[-1:]}")
    return float(json.loads(done.stdout.splitlines()[-1])["seconds"])
