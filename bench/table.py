"""The table: rows of ours against peers, as text and as JSON."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import shapely

from bench.spending import Pairs

GIB: Final = 2**30
_PACKAGES: Final = ("numpy", "shapely", "geopandas", "numba", "psycopg", "SQLAlchemy", "GeoAlchemy2", "pyogrio")


class Differs(Exception):
    """Ours and the peer's answers are not the same: the times mean nothing."""


def require_same(same: bool, fact: str) -> None:
    """Stop a row whose answers differ.

    Raises
    ------
    Differs
        With the fact.
    """
    if not same:
        raise Differs(fact)


@dataclass(frozen=True, slots=True)
class Setting:
    """How the rows are run.

    Attributes
    ----------
    runs
        Pairs of runs a row.
    quick
        Take small inputs: to see that everything works, not how fast.
    home
        The benchmarks' own home.
    shared
        Where the real data lies; may be missing.
    """

    runs: int
    quick: bool
    home: Path
    shared: Path


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison.

    Attributes
    ----------
    what, peer
        What is done, and by what else.
    size
        Of the input.
    pairs
        The runs.
    same
        Which answers were compared, and how.
    target
        The largest ratio of our time to the peer's that is promised; None where nothing is.
    peak_target_bytes
        The largest memory of ours that is promised.
    count, unit
        How many things were done in one run, to print a rate.
    rate_target
        How many things a second of ours are promised.
    remark
        What a reader must know to judge the ratio.
    """

    what: str
    peer: str
    size: str
    pairs: Pairs
    same: str
    target: float | None = None
    peak_target_bytes: int | None = None
    count: int | None = None
    unit: str = ""
    remark: str = ""
    rate_target: float | None = None

    @property
    def met(self) -> bool | None:
        """Tell whether every target is met; None where there is none."""
        held = []
        if self.target is not None:
            held.append(self.pairs.ratio <= self.target)
        if self.peak_target_bytes is not None:
            held.append((self.pairs.ours_peak_bytes or 0) < self.peak_target_bytes)
        if self.rate_target is not None and self.count:
            held.append(self.count / self.pairs.ours_s >= self.rate_target)
        return all(held) if held else None

    def lines(self) -> list[str]:
        """Return the row as people read it."""
        pairs = self.pairs
        lines = [
            f"{self.what} ({self.size})",
            f"  ours {pairs.ours_s:9.3f} s{self._rate(pairs.ours_s)}{_memory(pairs.ours_peak_bytes)}",
            f"  peer {pairs.peer_s:9.3f} s{self._rate(pairs.peer_s)}{_memory(pairs.peer_peak_bytes)}  {self.peer}",
            f"  ours ÷ peer {pairs.ratio:.2f}{self._verdict()}; runs: {len(pairs.ours)} pairs",
            f"  same answers: {self.same}",
        ]
        return lines + ([f"  note: {self.remark}"] if self.remark else [])

    def _rate(self, seconds: float) -> str:
        return f"  {self.count / seconds:12,.0f} {self.unit}/s" if self.count else ""

    def _verdict(self) -> str:
        promises = []
        if self.target is not None:
            promises.append(f"at most {self.target:g}")
        if self.peak_target_bytes is not None:
            promises.append(f"less than {self.peak_target_bytes / GIB:g} GiB")
        if self.rate_target is not None:
            promises.append(f"{self.rate_target:,.0f} {self.unit}/s")
        if not promises:
            return ", no target"
        return f", target {' and '.join(promises)}: {'met' if self.met else 'MISSED'}"

    def document(self) -> dict[str, Any]:
        """Return the row for JSON."""
        return {
            **asdict(self),
            "ours_s": self.pairs.ours_s,
            "peer_s": self.pairs.peer_s,
            "ratio": self.pairs.ratio,
            "ours_peak_bytes": self.pairs.ours_peak_bytes,
            "met": self.met,
        }


def _memory(peak_bytes: int | None) -> str:
    return "" if peak_bytes is None else f"  {peak_bytes / GIB:5.2f} GiB"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that was not run, or whose answers differ (``wrong``), and why."""

    what: str
    reason: str
    wrong: bool = False

    def lines(self) -> list[str]:
        """Return it as people read it."""
        return [f"{self.what}: {'WRONG' if self.wrong else 'left out'}: {self.reason}"]

    def document(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / GIB, 1),
        "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "geos": shapely.geos_version_string,
        **{name: version(name) for name in _PACKAGES},
    }


def heading(facts: dict[str, Any]) -> str:
    """Return the line that says on what machine the figures were measured."""
    return "; ".join(f"{name} {value}" for name, value in facts.items())


def write_json(path: Path, facts: dict[str, Any], rows: Sequence[Row | LeftOut]) -> None:
    """Write the whole table for machines."""
    document = {"format": "gridwarden-bench/1", "machine": facts, "rows": [row.document() for row in rows]}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
