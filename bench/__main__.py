"""``python -m bench``: run the rows and print the table."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench import checking, importing, locating, matching, sampling
from bench.databases import stop_server
from bench.spending import Failed
from bench.table import Differs, LeftOut, Row, Setting, heading, machine, write_json

ROWS: Final[dict[str, Callable[[Setting], Row | LeftOut]]] = {
    "import-uk": importing.uk_output_areas,
    "import-sample": importing.sample_grids,
    "locate": locating.one_by_one,
    "locate-memory": locating.from_memory,
    "match": matching.uk_lsoa,
    "check": checking.sample_city,
    "sample": sampling.written,
}
_CHECKOUT: Final = Path(__file__).parents[1]


def main() -> int:
    """Run what was asked for; a missed target is a row that says so, not an exit code. Different answers are 1."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Ours against peers, on the same input.")
    parser.add_argument("--only", action="append", choices=ROWS, help="run this row only (may be repeated)")
    parser.add_argument("--runs", type=int, default=3, help="pairs of runs a row (default 3)")
    parser.add_argument("--quick", action="store_true", help="small inputs: to see that all works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON too")
    asked = parser.parse_args()
    home = Path(os.environ.get("GRIDWARDEN_HOME") or _CHECKOUT / ".home" / "bench")
    setting = Setting(max(asked.runs, 1), asked.quick, home, _CHECKOUT.parent / "shared" / "data")
    facts = machine()
    print(heading(facts), flush=True)
    rows = []
    try:
        for name in asked.only or ROWS:
            rows.append(_run(name, setting))
            print("\n" + "\n".join(rows[-1].lines()), flush=True)
    finally:
        stop_server(home)
    if asked.json:
        write_json(asked.json, facts, rows)
    return int(any(isinstance(row, LeftOut) and row.wrong for row in rows))


def _run(name: str, setting: Setting) -> Row | LeftOut:
    try:
        return ROWS[name](setting)
    except (Differs, Failed) as failure:
        return LeftOut(name, str(failure), wrong=True)


if __name__ == "__main__":
    sys.exit(main())
