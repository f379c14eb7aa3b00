"""The peer of the coverage check that planners of districts use: ``maup.doctor``.

Run as ``python peer_maup.py FILE`` by an environment that has maup; prints JSON.
"""

import io
import json
import re
import sys
import time
import warnings
from contextlib import redirect_stdout

import geopandas
import maup


def main(file: str) -> None:
    """Let the doctor look at a file, and note how many overlaps it says there are."""
    warnings.simplefilter("ignore")
    frame = geopandas.read_file(file)
    begin = time.process_time()
    with redirect_stdout(io.StringIO()) as said:
        healthy = maup.doctor(frame)
    seconds = time.process_time() - begin
    overlaps = re.search(r"(\d+) overlaps", said.getvalue())
    told = {"seconds": seconds, "healthy": bool(healthy), "overlaps": int(overlaps[1]) if overlaps else 0}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
