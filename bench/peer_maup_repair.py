"""The peer of proposals: ``maup.smart_repair`` of a file, timed without reading and writing.

Run as ``python peer_maup_repair.py FILE OUT THRESHOLD`` in maup's own environment.
"""

import json
import sys
import time
import warnings

import geopandas
import maup


def main(file: str, out: str, threshold: str) -> None:
    """Repair a GeoParquet file; gaps above a share of the largest area are left, with None no gap."""
    warnings.simplefilter("ignore")
    maup.progress.enabled = False
    frame = geopandas.read_file(file)
    begin = time.perf_counter()
    mended = maup.smart_repair(frame, fill_gaps_threshold=None if threshold == "None" else float(threshold))
    seconds = time.perf_counter() - begin
    mended.to_file(out)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
