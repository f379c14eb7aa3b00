"""``python -m bench``: run the rows and print the table."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench import circles, coverage, importing, index, locating, matching, plans, repair, sampling, serving
from bench.databases import stop_server
from bench.spending import Failed
from bench.table import Differs, LeftOut, Row, Setting, heading, machine, write_json

Work = Callable[[Setting], Row | LeftOut]
ROWS: Final[dict[str, tuple[Work, ...]]] = {
    "import-uk": (importing.uk_output_areas,),
    "import-sample": (importing.sample_grids,),
    "locate": (locating.one_by_one,),
    "locate-memory": (locating.from_memory,),
    "locate-file": (locating.whole_table,),
    "index": index.ROWS,
    "serving": serving.ROWS,
    "match": (matching.uk_lsoa,),
    "coverage": coverage.ROWS,
    "repair": repair.ROWS,
    "plans": (plans.published_redraw, plans.redraw_over_http),
    "circles": circles.ROWS,
    "sample": (sampling.written,),
}
_CHECKOUT: Final = Path(__file__).parents[1]


def main() -> int:
    """Run what was asked for; a missed target is a row that says so, not an exit code. Different answers are 1."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Ours against peers, on the same input.")
    parser.add_argument("--only", action="append", choices=ROWS, help="run only this (may be repeated)")
    parser.add_argument("--runs", type=int, default=3, help="pairs of runs a row (default 3)")
    parser.add_argument("--quick", action="store_true", help="small inputs: to see that all works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON too")
    asked = parser.parse_args()
    home = Path(os.environ.get("GRIDWARDEN_HOME") or _CHECKOUT / ".home" / "bench")
    setting = Setting(max(asked.runs, 1), asked.quick, home, _CHECKOUT.parent / "shared" / "data")
    facts = machine()
    print(heading(facts), flush=True)
    rows: list[Row | LeftOut] = []
    try:
        for name in asked.only or ROWS:
            for work in ROWS[name]:
                rows.append(_run(name, work, setting))
                print("\n" + "\n".join(rows[-1].lines()), flush=True)
    finally:
        stop_server(home)
    if asked.json:
        write_json(asked.json, facts, rows)
    return int(any(isinstance(row, LeftOut) and row.wrong for row in rows))


def _run(name: str, work: Work, setting: Setting) -> Row | LeftOut:
    try:
        return work(setting)
    except (Differs, Failed) as failure:
        return LeftOut(name, str(failure), wrong=True)


if __name__ == "__main__":
    sys.exit(main())
