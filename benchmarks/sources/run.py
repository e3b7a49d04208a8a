"""Measure how fast and in how much memory `logreport ingest` reads each format; print tables for benchmarks/README.md.

Formats that are a table of fields are compared with the project-log export, the others are counted on one core.
Everything is made in a temporary folder and removed at the end. The exit status is 1 where a process failed or loaded
something else than was written, not where a bound is missed.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))

import calls
import make_logs
import timing
from bench import Bench, Skipped
from make_logs import SHAPES, Written
from timing import Bound, Broken, Job, Run, seconds

TABLES = ("azure-trace", "burstgpt", "mooncake", "llmperf", "generic-lines", "generic-csv")
THOUGHT = tuple(source for source in SHAPES if source not in TABLES)
#: One of each kind, whose files grow large.
LARGE = ("burstgpt", "claude-code")

AT_MOST = Bound(2.0)
A_SECOND = 150_000
MIB = 700
BYTES = 2 * 10**9

TABLE_HEAD = (
    "| table | records | ours, s | project log, s | ratio of medians | pairs from, to | peak MiB | bound | |\n"
    "|---|--:|--:|--:|--:|--:|--:|---|---|"
)
CORE_HEAD = (
    "| on one core | records | s | shortest, longest | records a second | a CPU second | peak MiB | bound | |\n"
    "|---|--:|--:|--:|--:|--:|--:|---|---|"
)
LARGE_HEAD = "| large file | MB | records | s | peak MiB | bound | |\n|---|--:|--:|--:|--:|---|---|"


class Logs:
    """Logs and databases in the folder of the benchmark; a log is removed when the next is made."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    @contextmanager
    def log(self, source: str, least: int = 0) -> Iterator[tuple[Path, Written]]:
        if find_spec(f"logreport.sources.{_called(source).replace('-', '_')}") is None:
            raise Skipped("no such source is there")
        path = self._bench.folder / SHAPES[source].name
        try:
            yield path, make_logs.write(source, path, self._bench.count, least)
        finally:
            path.unlink(missing_ok=True)
            self._bench.without("ours.duckdb", "theirs.duckdb")()

    def ingest(self, log: Path, name: str = "ours.duckdb") -> Job:
        url = f"duckdb:///{self._bench.folder / name}"
        return Job(self._bench.ours("ingest", log, "--database", url), self._bench.without(name))

    def native(self) -> Job:
        path = self._bench.folder / "calls.jsonl"
        if not path.exists():
            calls.write(path, self._bench.count, "lines")
        return self.ingest(path, "theirs.duckdb")

    def check(self, source: str, written: Written) -> None:
        words = (self._bench.folder / "ours.duckdb", _called(source), str(written.records), str(written.calls))
        self._bench.untimed(self._bench.script("sources/loaded.py", *words))


def _called(source: str) -> str:
    """The name of the source that reads this log."""
    return source.partition("-")[0] if source.startswith("generic") else source


def main() -> None:
    asked = _asked()
    chosen = asked.only or SHAPES
    failed = False
    before = os.getloadavg()[0]
    with ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="logreport-sources-")))
        logs = Logs(Bench(folder, asked.calls, closing))
        measures = [(TABLE_HEAD, TABLES, _beside_native), (CORE_HEAD, THOUGHT, _on_one_core)]
        if asked.large:
            measures.append((LARGE_HEAD, asked.only or LARGE, _large))
        for head, sources, measure in measures:
            wanted = [source for source in sources if source in chosen]
            if wanted:
                print(f"\n{head}", flush=True)
            for source in wanted:
                try:
                    print(f"| {source} | {measure(source, logs, asked.runs)} |", flush=True)
                except Skipped as reason:
                    print(f"| {source} | {reason} |", flush=True)
                except Broken as reason:
                    failed = True
                    print(f"{source}: {reason}", file=sys.stderr, flush=True)
    print(f"\nload {before:.1f} before, {os.getloadavg()[0]:.1f} after")
    sys.exit(failed)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000, help="how many records the logs hold (1000000)")
    parser.add_argument("--runs", type=int, default=5, help="how often each is run (5)")
    parser.add_argument(
        "--large", action="store_true", help=f"also files of 2 GB: {', '.join(LARGE)}, or those of --only"
    )
    names = ", ".join(SHAPES)
    parser.add_argument(
        "--only",
        action="append",
        metavar="NAME",
        choices=list(SHAPES),
        help=f"this log only; may be repeated. One of {names}",
    )
    asked = parser.parse_args()
    if asked.calls < 1000 or asked.runs < 1:
        parser.error("at least 1000 calls and 1 run")
    return asked


def _beside_native(source: str, logs: Logs, runs: int) -> str:
    """As many records of this and of the project-log export, by turns."""
    with logs.log(source) as (path, written):
        measured = timing.pairs(logs.ingest(path), logs.native(), runs, AT_MOST)
        logs.check(source, written)
    low, high = measured.spread
    return _cells(
        f"{written.records:,}",
        f"{seconds(measured.ours):.3g}",
        f"{seconds(measured.yardstick):.3g}",
        f"{measured.ratio:.2f}",
        f"{low:.2f}, {high:.2f}",
        f"{measured.peak_mib:.0f} ({measured.yardstick_mib:.0f})",
        str(AT_MOST),
        met=measured.met,
    )


def _on_one_core(source: str, logs: Logs, runs: int) -> str:
    with logs.log(source) as (path, written):
        with _pinned():
            used = _processor()
            took = [_once(logs.ingest(path)) for _ in range(runs)]
            used = (_processor() - used) / runs
        logs.check(source, written)
    each = [run.seconds for run in took]
    a_second = written.records / statistics.median(each)
    return _cells(
        f"{written.records:,}",
        f"{statistics.median(each):.3g}",
        f"{min(each):.3g}, {max(each):.3g}",
        f"{a_second:,.0f}",
        f"{written.records / used:,.0f}",
        f"{max(run.peak for run in took) / 2**20:.0f}",
        f"at least {A_SECOND:,}",
        met=a_second >= A_SECOND,
    )


def _large(source: str, logs: Logs, _runs: int) -> str:
    with logs.log(source, BYTES) as (path, written):
        size = path.stat().st_size
        run = _once(logs.ingest(path))
        logs.check(source, written)
    peak = run.peak / 2**20
    return _cells(
        f"{size / 1e6:,.0f}",
        f"{written.records:,}",
        f"{run.seconds:.3g}",
        f"{peak:.0f}",
        f"at most {MIB}",
        met=peak <= MIB,
    )


def _once(job: Job) -> Run:
    job.before()
    return timing.run(job.command)


def _processor() -> float:
    """Seconds of processor time of all that was started and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def _pinned() -> Iterator[None]:
    """What is started in here has one core."""
    if not hasattr(os, "sched_setaffinity"):
        raise Skipped("this system does not let a process be kept on one core")
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _cells(*cells: str, met: bool) -> str:
    return " | ".join((*cells, "met" if met else "**missed**"))


if __name__ == "__main__":
    main()
