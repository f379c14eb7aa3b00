"""What a piece of work takes: seconds, and peak memory where it is a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Spent:
    """Wall or processor time of one run; ``peak_bytes`` (resident) only where it ran as a process of its own."""

    seconds: float
    peak_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """Runs of ours and the peer's, in turn: what else the machine does meets both."""

    ours: tuple[Spent, ...]
    peer: tuple[Spent, ...]

    @property
    def ours_s(self) -> float:
        """Return our median."""
        return median(run.seconds for run in self.ours)

    @property
    def peer_s(self) -> float:
        """Return the peer's median."""
        return median(run.seconds for run in self.peer)

    @property
    def ratio(self) -> float:
        """Return the median over the pairs of our time divided by the peer's."""
        return median(ours.seconds / peer.seconds for ours, peer in zip(self.ours, self.peer, strict=True))

    @property
    def ours_peak_bytes(self) -> int | None:
        """Return our largest peak."""
        return _largest(self.ours)

    @property
    def peer_peak_bytes(self) -> int | None:
        """Return the peer's largest peak."""
        return _largest(self.peer)


def _largest(runs: Sequence[Spent]) -> int | None:
    return max((run.peak_bytes for run in runs if run.peak_bytes is not None), default=None)


def paired(ours: Callable[[], Spent], peer: Callable[[], Spent], runs: int) -> Pairs:
    """Run ours and the peer's in turn."""
    spent = [(ours(), peer()) for _ in range(runs)]
    return Pairs(*(tuple(side) for side in zip(*spent, strict=True)))


def timed(work: Callable[[], Result]) -> tuple[Spent, Result]:
    """Do something in this process."""
    begin = time.perf_counter()
    result = work()
    return Spent(time.perf_counter() - begin), result


def on_processor(work: Callable[[], Result]) -> tuple[Spent, Result]:
    """Do something in this process that uses one core; count processor time, which other programs lengthen little."""
    begin = time.process_time()
    result = work()
    return Spent(time.process_time() - begin), result


class Failed(Exception):
    """A command that was to be measured did not end well."""


def whole_process(command: Sequence[str], environment: Mapping[str, str]) -> Spent:
    """Run a command as a process and measure all of it, its start included; what it prints is dropped.

    Raises
    ------
    Failed
        With what it said on stderr.
    """
    launcher = (sys.executable, "-S", str(Path(__file__).with_name("measured.py")))
    process = subprocess.run(
        [*launcher, *command], check=False, capture_output=True, text=True, env={**os.environ, **environment}
    )
    if process.returncode:
        raise Failed(f"{' '.join(command)}: exit code {process.returncode}: {_last_line(process.stderr)}")
    spent = json.loads(process.stdout.splitlines()[-1])
    return Spent(spent["seconds"], spent["peak_bytes"])


def _last_line(text: str) -> str:
    return next(iter(reversed(text.strip().splitlines())), "")
