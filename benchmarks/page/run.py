"""Measure how soon a page's charts are there, and how large it is, beside two yardsticks; print the table of
benchmarks/README.md. Compare the ratios: the milliseconds are this machine's.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))

import calls
import pages
from bench import Bench, Skipped
from pages import Page
from timing import CHECKOUT, Broken
from visits import Visit, visits

HEAD = (
    "| what | ours | Plotly's own page | GoAccess's page | ours ÷ Plotly's | ours ÷ GoAccess's | bound | |\n"
    "|---|--:|--:|--:|--:|--:|---|---|"
)
YARDSTICKS = ("plotly", "goaccess")
SMALL, LARGE = 1_000, 1_000_000


@dataclass(frozen=True)
class Row:
    """One moment of a visit; a bound is in milliseconds."""

    what: str
    moment: Callable[[Visit], float]
    bound: float | None = None
    said: str = ""


ROWS = (
    Row("first contentful paint, ms", lambda visit: visit.paint),
    Row("first chart, ms", lambda visit: max(visit.drawn, visit.paint), 150),
    Row("first interactive chart, ms", lambda visit: visit.live, 700),
    # Whoever has not seen all of them has not come so far: the visit would be broken.
    Row("all charts interactive, ms (ours: scrolled through)", lambda visit: visit.all, float("inf"), "all, on scroll"),
)


def main() -> None:
    asked = _asked()
    try:
        with ExitStack() as closing:
            folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="logreport-page-")))
            _measure(asked, folder, closing)
    except Broken as reason:
        sys.exit(f"{reason}")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--log", type=Path, default=CHECKOUT / "examples" / "llm-logs.json", help="the log (the example)"
    )
    parser.add_argument("--runs", type=int, default=5, help="how often each page is opened (5)")
    parser.add_argument("--calls", type=int, default=LARGE, help="calls in the large log (1000000); 0 leaves it out")
    parser.add_argument(
        "--cpu-throttle", type=float, default=1, metavar="N", help="have Chromium run N times as slowly as it could (1)"
    )
    asked = parser.parse_args()
    if asked.runs < 1 or asked.calls < 0 or asked.cpu_throttle < 1:
        parser.error("at least 1 run, no fewer than 0 calls, and a throttle of at least 1")
    return asked


def _measure(asked: argparse.Namespace, folder: Path, closing: ExitStack) -> None:
    log = asked.log.resolve()
    report = pages.report_of(log)
    bench = Bench(folder, report.headline.calls, closing)
    chosen = {"ours": pages.ours(bench, log, "report.html"), "plotly": pages.plotly(bench, report)}
    why = ""
    try:
        chosen["goaccess"] = pages.goaccess(bench)
    except Skipped as reason:
        why = f"There is no page of GoAccess's in it: {reason}."
    before = os.getloadavg()[0]
    found = visits(chosen, asked.runs, asked.cpu_throttle)
    after = os.getloadavg()[0]

    print(HEAD)
    for row in ROWS:
        print(_moment(row, found))
    print(_bytes("page, bytes", {name: page.bytes for name, page in chosen.items()}, 600_000))
    print(_bytes("page with `--charts svg`, bytes", {"ours": _drawn_only(bench, log).bytes}, 60_000))
    if asked.calls:
        print(_growth(bench, asked.calls))
    throttle = f", Chromium slowed down {asked.cpu_throttle:g} times" if asked.cpu_throttle != 1 else ""
    print(
        f"\n{report.headline.calls:,} calls, {asked.runs} visits{throttle}; "
        f"load {before:.1f} before, {after:.1f} after."
    )
    if why:
        print(why)


def _moment(row: Row, found: Mapping[str, Sequence[Visit]]) -> str:
    times = {name: [row.moment(visit) for visit in ones] for name, ones in found.items()}
    cells = {name: f"{statistics.median(ms):.0f} ({min(ms):.0f}, {max(ms):.0f})" for name, ms in times.items()}
    medians = {name: statistics.median(ms) for name, ms in times.items()}
    said = row.said or (f"at most {row.bound:g}" if row.bound is not None else "")
    return _line(row.what, cells, medians, said, row.bound)


def _bytes(what: str, sizes: Mapping[str, int], bound: int) -> str:
    return _line(what, {name: f"{size:,}" for name, size in sizes.items()}, sizes, f"at most {bound:,}", bound)


def _line(what: str, cells: Mapping[str, str], values: Mapping[str, float], said: str, bound: float | None) -> str:
    shown = [cells.get(name, "—") for name in ("ours", *YARDSTICKS)]
    ratios = [f"{values['ours'] / values[name]:.2f}" if name in values else "—" for name in YARDSTICKS]
    verdict = "" if bound is None else "met" if values["ours"] <= bound else "**missed**"
    return f"| {' | '.join((what, *shown, *ratios, said, verdict))} |"


def _drawn_only(bench: Bench, log: Path) -> Page:
    return pages.ours(bench, log, "drawn.html", "--charts", "svg")


def _growth(bench: Bench, large: int) -> str:
    """How much larger the page of many calls is than that of few."""
    sizes = []
    for count in (SMALL, large):
        log = bench.folder / f"{count}.jsonl"
        calls.write(log, count, "lines")
        # Without the library, which would hide any growth.
        sizes.append(
            (pages.ours(bench, log, "grown.html").bytes, pages.ours(bench, log, "grown.html", "--charts", "svg").bytes)
        )
        log.unlink()
    (small, small_drawn), (big, big_drawn) = sizes
    what = f"page of {large:,} calls ÷ of {SMALL:,} (with `--charts svg`)"
    text = f"{big / small:.2f} ({big_drawn / small_drawn:.2f})"
    return _line(what, {"ours": text}, {"ours": max(big / small, big_drawn / small_drawn)}, "at most 1.2 times", 1.2)


if __name__ == "__main__":
    main()
