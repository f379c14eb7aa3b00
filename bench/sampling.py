"""Writing the invented city."""

import sys
from pathlib import Path

import geopandas
import shapely

from bench.spending import paired, whole_process
from bench.table import GIB, Row, Setting, require_same


def written(setting: Setting) -> Row:
    """Write the boundaries of 100,000 grids and all levels above and below, by the command."""
    count = 21_000 if setting.quick else 100_000
    folder, copy = setting.home / f"sample-{count}", setting.home / f"sample-{count}-copy"
    ours = [sys.executable, "-c", "from api.command import main; main()"]
    ours += ["sample", "--grids", str(count), "--out", str(folder)]
    peer = [sys.executable, "-m", "bench.peer_rewrite", str(folder), str(copy)]
    pairs = paired(lambda: whole_process(ours, {}), lambda: whole_process(peer, {}), setting.runs)
    rows = [_same(file, copy / file.name) for file in sorted(folder.glob("*.parquet"))]
    return Row(
        "writing the sample city",
        "geopandas.read_parquet + to_parquet of what ours wrote",
        f"{count:,} grids, {sum(rows):,} areas in {len(rows)} files",
        pairs,
        f"{sum(rows):,} boundaries read back from both are identical",
        peak_target_bytes=2 * GIB,
        count=sum(rows),
        unit="areas",
        remark="ours invents the city, the peer only copies it; the memory is what the command's docs promise",
    )


def _same(ours: Path, peer: Path) -> int:
    mine, other = (geopandas.read_parquet(file).geometry.values for file in (ours, peer))
    require_same(bool(shapely.equals_identical(mine, other).all()), f"{ours.name} differs from its copy")
    return len(mine)
