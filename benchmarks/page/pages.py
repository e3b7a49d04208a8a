"""The page that is measured, and those it is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import timing
from bench import Bench

if TYPE_CHECKING:
    from logreport.report import Report

_HEAD = '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Charts</title></head>\n<body>\n'
_END = "\n</body>\n</html>\n"


@dataclass(frozen=True)
class Page:
    """A file, and how what `marks.js` looks for is selected in it."""

    path: Path
    drawn: str
    live: str
    places: str
    done: str

    @property
    def bytes(self) -> int:
        return self.path.stat().st_size


def ours(bench: Bench, log: Path, name: str, *options: str) -> Page:
    path = bench.folder / name
    timing.run(bench.ours("report", log, "-o", path, *options))
    return Page(
        path,
        drawn="svg.drawing",
        live=".chart.taken .main-svg",
        places='.card:has([data-do="zoom"])',
        done=".chart.taken .main-svg",
    )


def plotly(bench: Bench, report: Report) -> Page:
    """The report's figures as Plotly writes them itself, the library once."""
    figures = [card.figure for card in report.cards if card.figure is not None]
    parts = [
        figure.to_html(full_html=False, include_plotlyjs=False if number else "inline")
        for number, figure in enumerate(figures)
    ]
    path = bench.folder / "plotly.html"
    path.write_text("".join((_HEAD, *parts, _END)), encoding="utf-8")
    # Plotly draws a chart and makes it answer in one go.
    trace = ".main-svg :is(.point, .slice, .js-line)"
    return Page(path, drawn=trace, live=trace, places=".plotly-graph-div", done=trace)


def goaccess(bench: Bench) -> Page:
    path = bench.folder / "goaccess.html"
    # Its own configuration file would be the machine's, not the benchmark's.
    settings = ("--no-global-config", "--log-format=COMBINED", "--no-progress")
    timing.run((bench.tool("goaccess"), str(bench.access), *settings, "-o", str(path)))
    data = ".chart-wrap svg :is(.line path, .bar)"
    # Some of its charts are of nothing, and then axes are all there is.
    return Page(path, drawn=data, live=data, places=".chart-wrap", done="svg .axis")


def report_of(log: Path) -> Report:
    from logreport.ingest import Ingester, IngestOptions
    from logreport.metric import Window
    from logreport.plugins import load_plugins
    from logreport.report import make_report
    from logreport.store import open_store

    plugins = load_plugins()
    sources = [offer.value for offer in plugins.sources]
    metrics = [(offer.value, offer.plugin) for offer in plugins.metrics]
    with open_store("duckdb:///:memory:") as store:
        Ingester(store=store, sources=sources, options=IngestOptions()).run([str(log)])
        return make_report(store, metrics, Window(), title="LLM report", bucket=None, ingests=())
