"""Work that is measured in a process of its own: processor seconds, and the peak of memory with the input in it.

Run as ``python -m bench.alone TASK ARGUMENT``; prints JSON. Compiling and reading the input are not counted.
"""

import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import geopandas
import numpy as np
import shapely

from bench.planting import redrawn
from geo.areas import Areas, areas
from geo.coverage import Standing, Terms, check, check_around
from geo.lattice import snap
from geo.locate.index import NO_ROW, LayerIndex
from importers.sample import sample_levels

CHANGES: Final = 200
RUNS: Final = 3


def run_alone(task: str, argument: object) -> Any:
    """Run a task in a process of its own, and return what it printed."""
    command = [sys.executable, "-m", "bench.alone", task, str(argument)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def city(grids: str) -> dict[str, Any]:
    """Check a sample city a few times, and then around one redraw after the other."""
    levels = sample_levels(int(grids))
    level, parents = levels["grid"], levels["community"]
    levels.clear()
    _warm(level, parents)
    spent = [_measured(lambda: check(level, parents, lattice=True)) for _ in range(RUNS)]
    standing, terms = Standing.of(level, parents), Terms(lattice=True)
    rows = np.random.default_rng(2).choice(len(level), CHANGES)
    changes = [redrawn(level, row) for row in rows.tolist()]
    local_s = [_measured(lambda: check_around(standing, one, terms=terms)) for one in changes]  # noqa: B023 - called at once
    result = spent[0]["result"]
    return {
        "seconds": [one["seconds"] for one in spent],
        "peak_bytes": max(one["peak_bytes"] for one in spent),
        "local_s": [one["seconds"] for one in local_s],
        "local_found": sum(bool(one["result"].findings) for one in local_s),
        "verdict": result.verdict,
        "areas": result.areas,
        "covered_m2": result.covered_m2,
        "declared_m2": result.declared_m2,
    }


def index(grids: str) -> dict[str, Any]:
    """Build the point index of a sample city a few times."""
    geoms = sample_levels(int(grids))["grid"].geoms
    gc.collect()
    LayerIndex.of(geoms[:500])
    spent = [_measured(lambda: LayerIndex.of(geoms)) for _ in range(RUNS)]
    built: LayerIndex = spent[-1].pop("result")
    trees = [_measured(lambda: shapely.STRtree(geoms)) for _ in range(RUNS)]
    west, south, east, north = shapely.total_bounds(geoms)
    dice = np.random.default_rng(3)
    xy = snap(np.column_stack([dice.uniform(west, east, 20_000), dice.uniform(south, north, 20_000)]))
    place, row = trees[-1]["result"].query(shapely.points(xy / 1e7), predicate="within")
    expected = np.full(len(xy), NO_ROW)
    expected[place] = row
    claims = built.claim(*xy.T)
    return {
        "seconds": [one["seconds"] for one in spent],
        "tree_seconds": [one["seconds"] for one in trees],
        "peak_bytes": max(one["peak_bytes"] for one in spent),
        "held_bytes": built.nbytes,
        "vertices": int(shapely.get_num_coordinates(geoms).sum()),
        "same": int(((claims.row == expected) | claims.on_border).sum()),
    }


def ours(file: str) -> dict[str, Any]:
    """Check the areas of a GeoParquet file, without parents."""
    level = _read(file)
    _warm(level, None)
    measured = _measured(lambda: check(level, lattice=False))
    result = measured.pop("result")
    named = sorted({code for finding in result.findings for code in finding.codes}, key=int)
    return {**measured, "counts": result.counts, "covered_m2": result.covered_m2, "named": named}


def geos(file: str) -> dict[str, Any]:
    """Give the same areas to GEOS's two coverage calls."""
    level = _read(file)
    measured = _measured(lambda: (shapely.coverage_invalid_edges(level.geoms), shapely.coverage_union_all(level.geoms)))
    edges, _ = measured.pop("result")
    return {**measured, "bad": np.flatnonzero(~shapely.is_empty(edges)).tolist()}


def _read(file: str) -> Areas:
    shapes = geopandas.read_parquet(file).geometry.values
    return areas("area", [str(row) for row in range(len(shapes))], shapes)


def _warm(level: Areas, parents: Areas | None) -> None:
    """Load what is compiled."""
    check(level.take(np.arange(min(len(level), 500))), parents and parents.take(np.arange(5)), lattice=False)


def _measured(work: Callable[[], Any]) -> dict[str, Any]:
    gc.collect()
    _forget_peak()
    begin = time.process_time()
    result = work()
    return {"seconds": time.process_time() - begin, "peak_bytes": _peak_bytes(), "result": result}


def _forget_peak() -> None:
    """Let Linux count the peak of memory from now on."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_bytes() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak_kib = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), None)
    return int(peak_kib) * 1024 if peak_kib else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


TASKS: Final = {"city": city, "ours": ours, "geos": geos, "index": index}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(TASKS[sys.argv[1]](sys.argv[2])) + "\n")
