"""Run a command and print its wall time and peak memory as JSON, after whatever it prints itself.

A program of its own, and small: Linux counts into a new process's peak what the process that made it had, so a
benchmark that holds a city in memory cannot measure a child by itself.
"""

import json
import os
import resource
import subprocess
import sys
import time


def main() -> int:
    """Run the command given by the arguments."""
    begin = time.perf_counter()
    process = subprocess.run(sys.argv[1:], check=False, stdout=subprocess.DEVNULL, env=os.environ)
    seconds = time.perf_counter() - begin
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * 1024,
    }
    sys.stdout.write(json.dumps(spent) + "\n")
    return process.returncode


if __name__ == "__main__":
    sys.exit(main())
