"""The peer of writing the sample city: read its files with GeoPandas and write them again.

Run as ``python -m bench.peer_rewrite FROM TO``.
"""

import sys
from pathlib import Path

import geopandas


def main(source: Path, out: Path) -> None:
    """Write every GeoParquet file of one folder into another."""
    out.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.glob("*.parquet")):
        geopandas.read_parquet(file).to_parquet(out / file.name, compression="zstd")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
