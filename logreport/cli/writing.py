"""What commands that report share: what was typed, checked; the report made; everything written that was asked for."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logreport import typed
from logreport.cli import ci
from logreport.cli.choosing import chosen, own_prices
from logreport.errors import LogReportError

if TYPE_CHECKING:
    from logreport.baseline import Baseline
    from logreport.history import Past
    from logreport.metric import Metric, Window
    from logreport.plugins import Plugins
    from logreport.price_file import OwnPrices
    from logreport.render import Charts, Logo
    from logreport.report import IngestLine, Report
    from logreport.store import Store

#: The outputs that are one file each, by the names of their options.
_FILES = ("output", "html", "json_file", "markdown", "comment", "junit", "openmetrics", "annotations")


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What is to be written where, and how it looks; None is not asked for."""

    page: str | None
    json_file: str | None
    markdown: str | None
    comment: str | None
    junit: str | None
    openmetrics: str | None
    annotations: str | None
    history: str | None
    rejected: str | None
    before: tuple[Past, ...]
    bucket: timedelta | None
    metrics: Sequence[tuple[Metric, str]]
    prices: OwnPrices | None
    charts: Charts
    title: str
    logo: Logo | None
    template_folder: Path | None
    open_page: bool

    @property
    def stdout_is_data(self) -> bool:
        """Whether one of them goes to standard output, where nothing else may be."""
        files = (self.page, self.json_file, self.markdown, self.comment, self.junit, self.openmetrics, self.annotations)
        return "-" in files or self.rejected == "-"

    @property
    def measuring(self) -> bool:
        """Whether it must be known how calls are distributed."""
        asked = (self.json_file, self.markdown, self.comment, self.junit, self.openmetrics, self.history)
        return any(file is not None for file in asked) or ci.summary_file() is not None


def outputs(
    plugins: Plugins,
    *,
    bucket: str | None,
    metrics: Sequence[str],
    without: Sequence[str],
    prices: str | None,
    charts: str,
    title: str,
    logo: str | None,
    template_folder: str | None,
    history: str | None,
    rejected: str | None = None,
    open_page: bool = False,
    **files: str | None,
) -> Outputs:
    """What the user typed, checked before anything is read: a large log should not be read for a misspelt name.

    `files` are the outputs of one file each, by the names of their options.
    """
    from logreport.history import read_history
    from logreport.render import Charts, read_logo

    if history == "-":
        raise LogReportError("`--history` grows a file, and - is none", "name one: --history history.jsonl")
    _apart({name: files.get(name) for name in _FILES} | {"history": history, "rejected": rejected})
    return Outputs(
        page=files.get("output") or files.get("html"),
        **{name: files.get(name) for name in _FILES[2:]},
        history=history,
        rejected=rejected,
        before=read_history(history) if history is not None else (),
        bucket=typed.width(bucket),
        metrics=chosen(plugins, metrics, without),
        prices=own_prices(prices),
        charts=Charts(charts),
        title=title,
        logo=read_logo(logo) if logo is not None else None,
        template_folder=Path(template_folder) if template_folder is not None else None,
        open_page=open_page,
    )


def _apart(files: dict[str, str | None]) -> None:
    """No two outputs may be one file."""
    said: dict[str, str] = {}
    for name, file in files.items():
        if file is None:
            continue
        option = {"output": "-o", "json_file": "--json"}.get(name, f"--{name}")
        real = file if file == "-" else os.path.realpath(file)
        if real in said:
            raise LogReportError(f"{said[real]} and {option} both name {file}", "give each its own file")
        said[real] = option


def make(
    store: Store,
    plugins: Plugins,
    window: Window,
    wanted: Outputs,
    ingests: Sequence[IngestLine],
    *,
    baseline: Baseline | None = None,
    measuring: bool = False,
    run: str | None = None,
) -> Report:
    """Make the report of this window; plugins and metrics that failed are told on stderr.

    `run` is what the history calls it.
    """
    from logreport.history import past
    from logreport.report import make_report

    report = make_report(
        store,
        wanted.metrics,
        window,
        title=wanted.title,
        bucket=wanted.bucket,
        ingests=ingests,
        findings=[(offer.value, offer.plugin) for offer in plugins.findings],
        prices=wanted.prices,
        measuring=measuring or wanted.measuring,
        baseline=baseline,
    )
    _tell(plugins, report)
    if wanted.history is None or report.measured is None:
        return report
    return replace(report, history=(*wanted.before, past(report.measured, report.made, run)))


def _tell(plugins: Plugins, report: Report) -> None:
    for failure in plugins.failures:
        click.echo(f"plugin {failure.plugin} was left out: {failure.reason}", err=True)
    for card in report.cards:
        if card.status == "failed":
            click.echo(f"metric {card.name} ({card.plugin}) failed: {card.reason}", err=True)
    for name, plugin, reason in report.remarks.failures:
        click.echo(f"finding {name} ({plugin}) failed: {reason}", err=True)
    for warning in report.comparison.warnings if report.comparison else ():
        click.echo(f"baseline: {warning}", err=True)


def write(report: Report, wanted: Outputs) -> None:
    """Write everything that was asked for, and what the CI server wants; one that cannot be written does not keep the
    others from being so.

    Raises:
        LogReportError: one of them could not be written, the first of them.
        BrokenPipeError: the reader of standard output went away.
    """
    problems = []
    gone = None
    for deliver in _deliveries(report, wanted):
        try:
            deliver()
        except LogReportError as problem:
            problems.append(problem)
        except BrokenPipeError as problem:
            gone = problem
    for other in problems[1:]:
        click.echo(f"Error: {other.message}", err=True)
    if problems:
        raise problems[0]
    if gone:
        raise gone


def _deliveries(report: Report, wanted: Outputs) -> Iterator[Callable[[], object]]:
    files: Sequence[tuple[str | None, Callable[[], str]]] = (
        (wanted.json_file, lambda: _json(report)),
        (wanted.markdown, lambda: _markdown(report)),
        (wanted.comment, lambda: _comment(report)),
        (wanted.junit, lambda: _junit(report)),
        (wanted.openmetrics, lambda: _openmetrics(report)),
        (None if wanted.annotations == ci.GITHUB else wanted.annotations, lambda: _gitlab(report, wanted)),
    )
    if (page := wanted.page) is not None:
        yield lambda: _write_page(page, report, wanted)
    for file, text in files:
        if file is not None:
            yield partial(_write, file, text)
    if (history := wanted.history) is not None:
        yield lambda: _append(history, report)
    if ci.summary_file() is not None:
        yield lambda: ci.add_to_summary(_markdown(report))
    if wanted.annotations == ci.GITHUB or (wanted.annotations is None and ci.on_github()):
        yield lambda: _annotate(report, wanted)


def _write(file: str, text: Callable[[], str]) -> None:
    from logreport.output import write_text

    write_text(file, text())


# Each is imported when it is asked for: most commands write one or two.


def _json(report: Report) -> str:
    from logreport.export.document import dumps, report_json

    return dumps(report_json(report))


def _markdown(report: Report) -> str:
    from logreport.export.markdown import markdown

    return markdown(report)


def _comment(report: Report) -> str:
    from logreport.export.markdown import comment

    return comment(report)


def _junit(report: Report) -> str:
    from logreport.export.junit import junit

    return junit(report)


def _openmetrics(report: Report) -> str:
    from logreport.export.openmetrics import openmetrics

    return openmetrics(report)


def _gitlab(report: Report, wanted: Outputs) -> str:
    from logreport.export.annotations import gitlab

    return gitlab(report, page=wanted.page, job_url=ci.job_url())


def _annotate(report: Report, wanted: Outputs) -> None:
    from logreport.export.annotations import github

    ci.annotate(github(report, page=wanted.page), err=wanted.stdout_is_data)


def _append(history: str, report: Report) -> None:
    from logreport.history import append

    append(history, report.history[-1])


def _write_page(page: str, report: Report, wanted: Outputs) -> None:
    from logreport.output import write_text

    write_text(page, _page(report, wanted))
    if page == "-":
        return
    calls = report.headline.calls
    click.echo(f"{page}: {calls:,} {'call' if calls == 1 else 'calls'}", err=True)
    if wanted.open_page:
        webbrowser.open(Path(page).resolve().as_uri())


def _page(report: Report, wanted: Outputs) -> str:
    from logreport.render import render_page

    return render_page(
        report,
        charts=wanted.charts,
        template_folder=wanted.template_folder,
        logo=wanted.logo,
        on_notice=lambda sentence: click.echo(sentence, err=True),
    )
