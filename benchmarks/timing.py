"""Time whole processes in pairs, ours and the yardstick by turns, so that a busy machine is busy for both.

This module and whatever imports it must stay small: a child's peak memory is counted from the moment it is forked, when
it is still as large as its parent.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

#: `ru_maxrss` is in KiB, on macOS in bytes.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024

CHECKOUT = Path(__file__).parent.parent

#: What would send a run elsewhere than the benchmark says.
_FOREIGN = ("LOGREPORT_DATABASE_URL", "SOURCE_DATE_EPOCH", "PGOPTIONS", "PGDATABASE")


class Broken(Exception):
    """A process of the benchmark failed, or what it left behind is wrong."""


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Job:
    """One command, and what has to be got ready or tidied away around it, untimed."""

    command: Sequence[str]
    before: Callable[[], None] = _nothing


@dataclass(frozen=True)
class Run:
    seconds: float
    peak: int  # bytes


@dataclass(frozen=True)
class Bound:
    """What the ratio ours / yardstick may be at most; or, where `faster`, yardstick / ours at least."""

    ratio: float
    faster: bool = False
    peak_mib: int | None = None

    def __str__(self) -> str:
        ratio = f"at least {self.ratio:g} times faster" if self.faster else f"at most {self.ratio:g} times"
        return ratio if self.peak_mib is None else f"{ratio}, under {self.peak_mib} MiB"


@dataclass(frozen=True)
class Measured:
    ours: tuple[Run, ...]
    yardstick: tuple[Run, ...]
    bound: Bound

    @property
    def ratio(self) -> float:
        """The ratio of the medians."""
        return self._turned(seconds(self.ours) / seconds(self.yardstick))

    @property
    def spread(self) -> tuple[float, float]:
        """The smallest and the largest ratio within one pair."""
        ratios = [self._turned(a.seconds / b.seconds) for a, b in zip(self.ours, self.yardstick, strict=True)]
        return min(ratios), max(ratios)

    @property
    def peak_mib(self) -> float:
        return max(run.peak for run in self.ours) / 2**20

    @property
    def yardstick_mib(self) -> float:
        return max(run.peak for run in self.yardstick) / 2**20

    @property
    def met(self) -> bool:
        ratio_met = self.ratio >= self.bound.ratio if self.bound.faster else self.ratio <= self.bound.ratio
        return ratio_met and (self.bound.peak_mib is None or self.peak_mib < self.bound.peak_mib)

    def _turned(self, ratio: float) -> float:
        return 1 / ratio if self.bound.faster else ratio


def seconds(runs: Sequence[Run]) -> float:
    return statistics.median(run.seconds for run in runs)


def run(command: Sequence[str]) -> Run:
    """Run it to its end. Raises `Broken` with the end of its stderr when it fails."""
    environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    with tempfile.TemporaryFile() as errors:
        os.sync()  # nobody pays for what the run before left unwritten
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
        # Popen.wait tells nothing of memory.
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()[-2000:]
            raise Broken(f"{' '.join(command)}\nended with {process.returncode}:\n{said}")
    return Run(took, used.ru_maxrss * _RSS_UNIT)


def pairs(ours: Job, yardstick: Job, count: int, bound: Bound, scale: float = 1.0) -> Measured:
    """Run both by turns, `count` times each; the yardstick's seconds are multiplied by `scale`."""
    mine: list[Run] = []
    theirs: list[Run] = []
    for number in range(count):
        # The one that goes second finds a warmer machine; take turns at that too.
        for job in (ours, yardstick) if number % 2 else (yardstick, ours):
            job.before()
            once = run(job.command)
            if job is ours:
                mine.append(once)
            else:
                theirs.append(Run(once.seconds * scale, once.peak))
    return Measured(tuple(mine), tuple(theirs), bound)
