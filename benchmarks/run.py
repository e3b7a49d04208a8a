"""Measure logreport against a yardstick for each promise, and print the table of benchmarks/README.md.

Everything is made in a temporary folder and removed at the end. Compare the ratios; the seconds are this machine's.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import timing
from bench import Bench, Skipped
from rows import ROWS, Row
from timing import Broken, Measured, seconds

HEAD = (
    "| row | ours | yardstick | ours, s | yardstick, s | ratio of medians | pairs from, to | peak MiB | bound | |\n"
    "|---|---|---|--:|--:|--:|--:|--:|---|---|"
)


def main() -> None:
    asked = _asked()
    chosen = [row for row in ROWS if row.name in asked.only] if asked.only else _usual(asked.large)
    failed = False
    print(HEAD, flush=True)
    with ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="logreport-benchmark-")))
        # PostgreSQL will not run as root: its own user must be able to come in.
        folder.chmod(0o755)
        bench = Bench(folder, asked.calls, closing)
        for row in chosen:
            try:
                print(_line(row, _measured(row, bench, asked.pairs)), flush=True)
            except Skipped as reason:
                unknown = " | ".join("—" * 5)
                print(f"| {row.name} | {row.ours} | {row.yardstick} | {unknown} | {row.bound} | {reason} |", flush=True)
            except Broken as reason:
                failed = True
                print(f"{row.name}: {reason}", file=sys.stderr, flush=True)
    sys.exit(failed)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000, help="how many calls the logs hold (1000000)")
    parser.add_argument("--pairs", type=int, default=5, help="how often both are run (5)")
    parser.add_argument("--large", action="store_true", help="also the rows of ten times the calls (3 GB of log)")
    names = ", ".join(row.name for row in ROWS)
    parser.add_argument(
        "--only",
        action="append",
        metavar="NAME",
        choices=[row.name for row in ROWS],
        help=f"this row only; may be repeated. One of {names}",
    )
    asked = parser.parse_args()
    if asked.calls < 10 or asked.pairs < 1:
        parser.error("at least 10 calls and 1 pair")
    return asked


def _usual(large: bool) -> list[Row]:
    return [row for row in ROWS if large or not row.large]


def _measured(row: Row, bench: Bench, pairs: int) -> Measured:
    pair = row.pair(bench)
    measured = timing.pairs(pair.ours, pair.yardstick, pairs, row.bound, row.scale)
    pair.check()
    return measured


def _line(row: Row, measured: Measured) -> str:
    low, high = measured.spread
    verdict = "met" if measured.met else "**missed**"
    cells = (
        row.name,
        row.ours,
        row.yardstick,
        f"{seconds(measured.ours):.3g}",
        f"{seconds(measured.yardstick):.3g}",
        f"{measured.ratio:.2f}",
        f"{low:.2f}, {high:.2f}",
        f"{measured.peak_mib:.0f} ({measured.yardstick_mib:.0f})",
        str(row.bound),
        verdict,
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
