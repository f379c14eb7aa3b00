"""The peer of the coverage check that planners of districts use: ``maup.doctor``.

Run as ``python peer_maup.py FILE`` by an environment that has maup; prints JSON.
"""

import json
import sys
import time
import warnings

import geopandas
import maup
from maup.repair import count_overlaps


def main(file: str) -> None:
    """Let the doctor look at a file, and count the overlaps that it counts."""
    warnings.simplefilter("ignore")
    frame = geopandas.read_file(file)
    begin = time.process_time()
    healthy = maup.doctor(frame, silent=True)
    seconds = time.process_time() - begin
    sys.stdout.write(json.dumps({"seconds": seconds, "healthy": healthy, "overlaps": count_overlaps(frame)}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
