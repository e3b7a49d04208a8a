"""Measure how soon the dashboard shows another window, to one viewer and to many at once; print the table of
benchmarks/README.md. The exit status is 1 where a bound is missed.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent.parent))

import psycopg2
import windows
from bench import Bench
from more import Ingested, More
from served import Served, told, watched
from timing import Broken

from logreport.serve.views import KEPT

HEAD = (
    "| database | what | windows | median, ms | p95, ms | longest, ms | CPU, ms | bound | |\n"
    "|---|---|--:|--:|--:|--:|--:|---|---|"
)

#: Milliseconds in which another window must be there, and how much longer it may take when many look.
BOUNDS = {"DuckDB": 300, "PostgreSQL": 1500}
TOGETHER = 5

#: Windows, as viewers draw them, that one viewer alone asks for.
ALONE = 60

#: Seconds that this one thinks: the server has done with the window before.
REST = 0.3


@dataclass
class Outcome:
    missed: bool = False
    remarks: list[str] = field(default_factory=list)

    def check(self, met: bool, remark: str = "") -> str:
        """The word for it; what was missed is said below the table."""
        self.missed = self.missed or not met
        if remark and not met:
            self.remarks.append(remark)
        return "met" if met else "**missed**"


def main() -> None:
    asked = _asked()
    outcome = Outcome()
    before = os.getloadavg()[0]
    print(HEAD, flush=True)
    try:
        with ExitStack() as ending:
            folder = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="logreport-serve-")))
            folder.chmod(0o755)  # PostgreSQL will not run as root: its own user must be able to come in
            bench = Bench(folder, asked.calls, ending)
            for name in asked.only or BOUNDS:
                database = bench.database if name == "DuckDB" else _postgresql(bench)
                _measure(name, bench, database, asked, outcome)
    except Broken as reason:
        sys.exit("\n".join((f"{reason}", *getattr(reason, "__notes__", ()))))
    print(f"\n{asked.calls:,} calls; load {before:.1f} before, {os.getloadavg()[0]:.1f} after.")
    for remark in outcome.remarks:
        print(remark)
    sys.exit(outcome.missed)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000, help="how many calls are stored (1000000)")
    parser.add_argument("--viewers", type=int, default=20, help="how many look at once (20)")
    parser.add_argument("--seconds", type=int, default=60, help="for how long they do (60)")
    parser.add_argument("--only", action="append", choices=list(BOUNDS), help="this database only")
    asked = parser.parse_args()
    if asked.calls < 1000 or asked.viewers < 1 or asked.seconds < 6:
        parser.error("at least 1000 calls, 1 viewer and 6 seconds")
    return asked


def _postgresql(bench: Bench) -> str:
    """The same log, as PostgreSQL has it a minute later, when its own housekeeping came by."""
    bench.server.create("served")
    url = bench.server.url("served")
    bench.untimed(bench.ours("ingest", bench.lines, "--database", url))
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")
    return url


def _measure(name: str, bench: Bench, database: str, asked: argparse.Namespace, outcome: Outcome) -> None:
    searches = windows.unasked()
    once = [(search, REST) for search in searches]
    walk = [(search, REST) for search, _ in islice(windows.drawn(0), ALONE)]
    bare = told("bare.py", database, given=searches)
    _row(name, "the bare queries of a view", bare["seconds"], bare["cpu"])
    with Served(bench, database) as served:
        new, cpu = _alone(name, served, once, outcome)
        bound, median = BOUNDS[name], 1000 * statistics.median(_seconds(new))
        verdict = outcome.check(median <= bound)
        _row(name, "one viewer, windows never asked before", _seconds(new), cpu, f"median at most {bound}", verdict)
        kept, cpu = _alone(name, served, once, outcome)
        _row(name, "one viewer, the same windows again", _seconds(kept), cpu)
    with Served(bench, database) as served:
        alone, cpu = _alone(name, served, walk, outcome)
        _row(name, "one viewer, windows as viewers draw them", _seconds(alone), cpu)
    _together(name, bench, database, asked, outcome, alone)
    outcome.remarks.append(
        f"{name}: a new window takes {median / statistics.median(bare['seconds']) / 1000:.1f} times its bare queries "
        f"(medians); {1000 * statistics.median(one['look'] for one in new):.0f} ms of it pass before cards are asked."
    )


def _alone(
    name: str, served: Served, walk: Sequence[tuple[str, float]], outcome: Outcome
) -> tuple[list[dict[str, Any]], float]:
    """What one viewer sees, and the seconds of processor time the server took; opening the page is not counted."""
    _seen(name, watched(served.url, [[("", 0)]]), outcome)
    before = served.cpu
    found = _seen(name, watched(served.url, [walk]), outcome)
    return found, served.cpu - before


def _together(
    name: str,
    bench: Bench,
    database: str,
    asked: argparse.Namespace,
    outcome: Outcome,
    alone: Sequence[dict[str, Any]],
) -> None:
    """Many viewers at once; into DuckDB, whose file one process may write, somebody ingests meanwhile."""
    plans = [list(islice(windows.drawn(number), asked.seconds)) for number in range(asked.viewers)]
    more = More(bench) if name == "DuckDB" else None
    with Served(bench, database) as served, ThreadPoolExecutor(1) as beside:
        _seen(name, watched(served.url, [[("", 0)]]), outcome)
        before = served.cpu
        ingest = beside.submit(more.meanwhile, asked.seconds / 2) if more else None
        found = _seen(name, watched(served.url, plans, asked.seconds), outcome)
        cpu = served.cpu - before
        if more and ingest:
            last = _seen(name, watched(served.url, [[("", 0)]]), outcome)
            _say_ingested(more, ingest.result(), [*found, *last], outcome)
    together, limit = _p95(_seconds(found)), TOGETHER * _p95(_seconds(alone))
    bound = f"p95 at most {TOGETHER} times one's, {1000 * limit:.0f}"
    what = f"{asked.viewers} viewers at once for {asked.seconds} s"
    _row(name, what, _seconds(found), cpu, bound, outcome.check(together <= limit))
    outcome.remarks.append(
        f"{name}: {_kept(found):.0%} of the windows of {asked.viewers} viewers were kept already (of one: "
        f"{_kept(alone):.0%}); their p95 is {TOGETHER * together / limit:.1f} times that of one; "
        f"{sum(one['again'] > 0 for one in found)} began anew, since the data changed; "
        f"the server took {served.peak:.0f} MiB at most."
    )
    outcome.check(not served.said, f"{name}: the server wrote: {served.said[-1000:]}")


def _say_ingested(more: More, ingested: Ingested, found: Sequence[dict[str, Any]], outcome: Outcome) -> None:
    if ingested.problem:
        outcome.check(False, f"`logreport ingest` failed after {ingested.seconds:.1f} s: {ingested.problem}")
        return
    after = [one for one in found if one["began"] > ingested.ended]
    right = {one["version"] for one in found if one["search"] == "" and one["calls"] == more.calls}
    shown = [one for one in after if one["version"] in right]
    outcome.check(len(shown) == len(after))
    outcome.remarks.append(
        f"Meanwhile `logreport ingest` of 1,000 calls took {ingested.seconds:.2f} s, {more.quiet.seconds:.2f} s where "
        f"nobody looks; {len(shown)} of {len(after)} changes of window after it show the new data, "
        f"{more.calls:,} calls in all."
    )


def _seen(name: str, told: dict[str, Any], outcome: Outcome) -> list[dict[str, Any]]:
    """What viewers saw; what they did not see is a bound missed."""
    seen: list[dict[str, Any]] = sorted(told["seen"], key=lambda one: one["began"])
    errors, failed = told["errors"], sum(one["failed"] for one in seen)
    outcome.check(not errors and not failed, f"{name}: {len(errors)} errors, {failed} cards failed: {errors[:3]}")
    if not seen:
        raise Broken(f"{name}: nobody saw anything: {errors[:3]}")
    return seen


def _kept(found: Sequence[dict[str, Any]]) -> float:
    """The share of windows that the server still had: reckoned here as it keeps them, since it does not tell."""
    kept: OrderedDict[tuple[str, str], None] = OrderedDict()
    hits = 0
    for one in found:
        key = one["search"], one["version"]
        hits += key in kept
        kept[key] = None
        kept.move_to_end(key)
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return hits / len(found)


def _row(name: str, what: str, seconds: Sequence[float], cpu: float, bound: str = "", verdict: str = "") -> None:
    """Print a row; `cpu` is in seconds, of all windows together, NaN where it is not known."""
    times = [1000 * value for value in seconds]
    each = "—" if math.isnan(cpu) else f"{1000 * cpu / len(times):.0f}"
    shown = [f"{value:.0f}" for value in (statistics.median(times), _p95(times), max(times))]
    print(f"| {' | '.join((name, what, str(len(times)), *shown, each, bound, verdict))} |", flush=True)


def _seconds(found: Sequence[dict[str, Any]]) -> list[float]:
    return [one["seconds"] for one in found]


def _p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    ordered = sorted(values)
    return ordered[-(-95 * len(ordered) // 100) - 1]


if __name__ == "__main__":
    main()
