"""What `render` and `report` share: make the report, write the page and the JSON, open it."""

from __future__ import annotations

import webbrowser
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logreport import typed
from logreport.errors import LogReportError
from logreport.settings import setting

if TYPE_CHECKING:
    from logreport.metric import Metric, Window
    from logreport.plugins import Plugins
    from logreport.price_file import OwnPrices
    from logreport.render import Charts, Logo
    from logreport.report import IngestLine
    from logreport.store import Store


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What is to be written where, and how it looks."""

    output: str
    json_file: str | None
    bucket: timedelta | None
    metrics: Sequence[tuple[Metric, str]]
    prices: OwnPrices | None
    charts: Charts
    title: str
    logo: Logo | None
    template_folder: Path | None
    open_page: bool


def outputs(
    plugins: Plugins,
    *,
    output: str,
    json_file: str | None,
    bucket: str | None,
    metrics: Sequence[str],
    without: Sequence[str],
    prices: str | None,
    charts: str,
    title: str,
    logo: str | None,
    template_folder: str | None,
    open_page: bool,
) -> Outputs:
    """What the user typed, checked before anything is read: a large log should not be read for a misspelt name."""
    from logreport.render import Charts, read_logo

    if output == json_file:
        raise LogReportError(f"-o and --json both name {output}", "give each its own file")
    return Outputs(
        output=output,
        json_file=json_file,
        bucket=typed.width(bucket),
        metrics=chosen(plugins, metrics, without),
        prices=own_prices(prices),
        charts=Charts(charts),
        title=title,
        logo=read_logo(logo) if logo is not None else None,
        template_folder=Path(template_folder) if template_folder is not None else None,
        open_page=open_page,
    )


def write(store: Store, plugins: Plugins, window: Window, wanted: Outputs, ingests: Sequence[IngestLine]) -> None:
    """Make the report of this window and write it; plugins and metrics that failed are told on stderr."""
    from logreport.export.document import dumps, report_json
    from logreport.output import write_text
    from logreport.render import render_page
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
    )
    for failure in plugins.failures:
        click.echo(f"plugin {failure.plugin} was left out: {failure.reason}", err=True)
    for card in report.cards:
        if card.status == "failed":
            click.echo(f"metric {card.name} ({card.plugin}) failed: {card.reason}", err=True)
    for name, plugin, reason in report.remarks.failures:
        click.echo(f"finding {name} ({plugin}) failed: {reason}", err=True)
    page = render_page(
        report,
        charts=wanted.charts,
        template_folder=wanted.template_folder,
        logo=wanted.logo,
        on_notice=lambda sentence: click.echo(sentence, err=True),
    )
    write_text(wanted.output, page)
    if wanted.json_file is not None:
        write_text(wanted.json_file, dumps(report_json(report)))
    if wanted.output != "-":
        calls = report.headline.calls
        click.echo(f"{wanted.output}: {calls:,} {'call' if calls == 1 else 'calls'}", err=True)
        if wanted.open_page:
            webbrowser.open(Path(wanted.output).resolve().as_uri())


def chosen(plugins: Plugins, names: Sequence[str], without: Sequence[str] = ()) -> list[tuple[Metric, str]]:
    """The metrics of these names, or all of them but some, each with the name of its plugin.

    What is typed goes before what the project's settings say.
    """
    offered = {offer.value.name: (offer.value, offer.plugin) for offer in plugins.metrics}
    here, typed_names = Path.cwd(), bool(names)
    if not names and (said := setting(here, "metrics")):
        names = _known(said.names("metrics"), offered, f" ({said.file})")
    if not typed_names and (said := setting(here, "without")):
        without = [*without, *_known(said.names("without"), offered, f" ({said.file})")]
    left_out = set(_known(without, offered))
    found = [offered[name] for name in dict.fromkeys(_known(names, offered) or offered) if name not in left_out]
    if not found:
        raise LogReportError("every metric is left out", "take a `--without` away, or a `--metric`")
    return found


def _known(names: Sequence[str], offered: Collection[str], where: str = "") -> Sequence[str]:
    """These names, all of which there must be."""
    for name in names:
        if name not in offered:
            close = get_close_matches(name, offered, n=1)
            meant = f"did you mean `{close[0]}`?" if close else f"there are {', '.join(offered)}"
            raise LogReportError(f"no metric is called {name}{where}", meant)
    return names


def own_prices(path: str | None) -> OwnPrices | None:
    """The prices of this file, or of the one that the project's settings name."""
    from logreport.price_file import read_prices

    if path is None and (said := setting(Path.cwd(), "prices")):
        path = said.path("prices")
    return read_prices(path) if path is not None else None
