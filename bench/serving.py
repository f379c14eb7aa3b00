"""One point over HTTP: from memory, from PostGIS, and what any answer must cost; with one worker and with two."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any, Final

import geopandas
import httpx
import numpy as np

from api.demo_city import load_city
from bench.databases import Databases
from bench.points import points_over
from bench.spending import Failed, Pairs, Spent
from bench.table import LeftOut, Row, Setting, require_same
from geo.levels import DEFAULT
from geo.store.connect import connect
from importers.sample import write_sample

GRIDS: Final = 2_500
QUICK_GRIDS: Final = 200
POINTS: Final = 2_000
COMPARED: Final = 200
CONNECTIONS: Final = 16
SECONDS: Final = 5
QUICK_SECONDS: Final = 1
REQUESTS: Final = 1_000
"""The rows say how long so many take."""
_ASK: Final = Path(__file__).with_name("ask.lua")
_COMMAND: Final = "from api.command import main; main()"
_PATIENCE_S: Final = 60


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of wrk saw."""

    rate: float
    p99_ms: float

    @property
    def spent(self) -> Spent:
        """The time for ``REQUESTS`` requests."""
        return Spent(REQUESTS / self.rate)

    @property
    def slowest(self) -> Spent:
        """The 99th percentile of the time that one request takes."""
        return Spent(self.p99_ms / 1000)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What all runs saw, in the same order; ``size_bytes`` of the body that most answers have."""

    memory: tuple[Load, ...]
    postgis: tuple[Load, ...]
    constant: tuple[Load, ...]
    two_workers: tuple[Load, ...]
    size_bytes: int
    grids: int


def beside_postgis(setting: Setting) -> Row | LeftOut:
    """Compare how many requests are answered from memory and from PostGIS."""
    return _row(setting, "from PostGIS", lambda seen: (seen.memory, seen.postgis), 1 / 4)


def beside_constant(setting: Setting) -> Row | LeftOut:
    """Compare with a server that says the same bytes to everybody."""
    return _row(setting, "a constant body of that size", lambda seen: (seen.memory, seen.constant), 1 / 0.6)


def slowest(setting: Setting) -> Row | LeftOut:
    """Compare how long the slowest hundredth takes."""
    return _row(setting, "from PostGIS", lambda seen: (seen.memory, seen.postgis), 1.0, slowest=True)


def with_two_workers(setting: Setting) -> Row | LeftOut:
    """Compare two workers with one."""
    return _row(setting, "with one worker", lambda seen: (seen.two_workers, seen.memory), 0.8)


ROWS: Final = (beside_postgis, beside_constant, slowest, with_two_workers)


def _row(
    setting: Setting,
    peer: str,
    sides: Callable[[_Seen], tuple[tuple[Load, ...], tuple[Load, ...]]],
    target: float,
    *,
    slowest: bool = False,
) -> Row | LeftOut:
    if shutil.which("wrk") is None:
        return LeftOut("locate over HTTP", "needs wrk, a Debian package")
    seen = _seen(setting)
    ours, theirs = sides(seen)
    times = [tuple(load.slowest if slowest else load.spent for load in side) for side in (ours, theirs)]
    workers = "two workers" if ours is seen.two_workers else "one worker"
    return Row(
        f"{'p99 of ' if slowest else ''}GET /api/v1/locate from memory, {workers}",
        peer,
        f"{CONNECTIONS} connections, {seen.grids:,} grids, answers of {seen.size_bytes:,} bytes",
        Pairs(*times),
        f"{COMPARED} full answers, with chain and team, are the same from memory and from PostGIS",
        target,
        count=None if slowest else REQUESTS,
        unit="" if slowest else "requests",
        remark=f"p99 {_p99(ours)}, peer {_p99(theirs)}; wrk and the servers share the machine",
    )


def _p99(loads: Sequence[Load]) -> str:
    return f"{median(load.p99_ms for load in loads):.1f} ms"


@cache
def _seen(setting: Setting) -> _Seen:
    """Run all sides in turn."""
    databases = Databases(setting.home)
    with databases.migrated() as name, ExitStack() as running:
        url = databases.app_url(name)
        grids = _fill(setting, url)
        one, two = (running.enter_context(_service(url, setting.home, workers)) for workers in (1, 2))
        asked = _asked(setting, grids, one)
        size = _require_same(one, asked)
        constant = running.enter_context(_server([sys.executable, "-m", "bench.constant_body", str(size)], {}))
        sides = [(one, asked.now), (one, asked.past), (constant, asked.now), (two, asked.now)]
        seconds = QUICK_SECONDS if setting.quick else SECONDS
        rounds = [[_load(port, file, seconds) for port, file in sides] for _ in range(setting.runs)]
    return _Seen(*zip(*rounds, strict=True), size, len(grids))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Addresses, one a line: of the present, which memory answers, and of its edition, which PostGIS answers."""

    now: Path
    past: Path


def _fill(setting: Setting, url: str) -> geopandas.GeoDataFrame:
    """Publish an invented city with its teams."""
    count = QUICK_GRIDS if setting.quick else GRIDS
    folder = setting.home / f"sample-people-{count}"
    write_sample(folder, count)
    with connect(url) as connection:
        load_city(connection, folder, DEFAULT, lambda file: None)
    return geopandas.read_file(folder / "grids.geojson")


def _asked(setting: Setting, grids: geopandas.GeoDataFrame, port: int) -> _Asked:
    edition = httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).json()["edition"]
    xy = points_over(np.asarray(grids.geometry.values, dtype=object), POINTS)
    lines = [f"/api/v1/locate?lon={lon:.7f}&lat={lat:.7f}&crs=cgcs2000" for lon, lat in xy.tolist()]
    asked = _Asked(setting.home / "asked-now.txt", setting.home / "asked-past.txt")
    asked.now.write_text("\n".join(lines) + "\n", encoding="ascii")
    asked.past.write_text("".join(f"{line}&edition={edition}\n" for line in lines), encoding="ascii")
    return asked


def _require_same(port: int, asked: _Asked) -> int:
    """Compare answers from memory and from PostGIS; return the median of their sizes."""
    sizes = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=_PATIENCE_S) as client:
        lines = [file.read_text(encoding="ascii").splitlines()[:COMPARED] for file in (asked.now, asked.past)]
        for now, past in zip(*lines, strict=True):
            held, stored = client.get(now), client.get(past)
            same = {**held.json(), "at": None} == {**stored.json(), "at": None}
            require_same(same, f"memory and PostGIS answer {now} differently")
            sizes.append(len(held.content))
    return int(median(sizes))


def _load(port: int, file: Path, seconds: int) -> Load:
    address = f"http://127.0.0.1:{port}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(_ASK), address, "--", str(file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds + _PATIENCE_S)
    if done.returncode:
        raise Failed(f"wrk: {done.stderr or done.stdout}")
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    require_same(seen["wrong"] == 0, f"{seen['wrong']} of {seen['requests']} requests failed")
    return Load(seen["requests"] * 1e6 / seen["duration_us"], seen["p99_us"] / 1000)


@contextmanager
def _service(url: str, home: Path, workers: int) -> Iterator[int]:
    words = ("serve", "--port", "0", "--workers", str(workers), "--lang", "en")
    environment = {"DATABASE_URL": url, "GRIDWARDEN_HOME": str(home)}
    with _server([sys.executable, "-c", _COMMAND, *words], environment) as port:
        until = time.monotonic() + _PATIENCE_S
        # every worker has the city in memory once so many questions in a row say so
        held = 0
        while held < 10 * workers:
            found = httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False, timeout=_PATIENCE_S).json()
            held = held + 1 if found["in_memory"] is not None else 0
            require_same(time.monotonic() < until, "the city never came into memory")
        yield port


@contextmanager
def _server(command: Sequence[str], environment: dict[str, str]) -> Iterator[int]:
    """Run a server that says its port first; it is stopped at the end."""
    given = {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
    process = subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        said = process.stdout.readline() if process.stdout else ""
        port = re.search(r"(\d+)( |$)", said)
        if port is None:
            raise Failed(f"{' '.join(command)}: it said {said!r}")
        yield int(port[1])
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=_PATIENCE_S)
