"""The answers: what the calls of a window say, as numbers and figures. No HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from logreport import __version__, headline, zones
from logreport.audit import Audit
from logreport.baseline import Baseline
from logreport.cards import Card, ask_card, draw_card
from logreport.comparison import Comparison, compared
from logreport.finding import Finding
from logreport.gates import Gate
from logreport.headline import Headline, Trend
from logreport.history import Past
from logreport.made import made
from logreport.measured import Measured, measure
from logreport.metric import Metric, Window
from logreport.outline import Outline, outline
from logreport.price_file import OwnPrices
from logreport.remarks import Remarks, remarks

if TYPE_CHECKING:
    from logreport.store import Store


@dataclass(frozen=True, kw_only=True)
class IngestLine:
    """One file that was read: read = loaded + merged + skipped + rejected, unless it was there before; and why."""

    path: str
    sha256: str
    source: str
    run: str | None
    read: int
    loaded: int
    merged: int
    skipped: int
    rejected: int
    already_ingested: bool
    bytes: int
    audit: Audit


@dataclass(frozen=True, kw_only=True)
class Report:
    """All answers about one window. `made` is UTC.

    `measured` is what reports are compared by, where that was asked for, and `comparison` what came of it. `gates` is
    what became of rules, and `history` what earlier reports said, the oldest first and this one last.
    """

    title: str
    version: str
    made: datetime
    window: Window
    headline: Headline
    trend: Trend
    cards: tuple[Card, ...]
    remarks: Remarks
    ingests: tuple[IngestLine, ...]
    measured: Measured | None = None
    comparison: Comparison | None = None
    gates: tuple[Gate, ...] = ()
    history: tuple[Past, ...] = ()

    def card(self, name: str) -> Card:
        """The card of this metric; KeyError where the report was not asked for it."""
        return {card.name: card for card in self.cards}[name]


def make_report(
    store: Store,
    metrics: Sequence[tuple[Metric, str]],
    window: Window,
    *,
    title: str,
    bucket: timedelta | None,
    ingests: Sequence[IngestLine],
    findings: Sequence[tuple[Finding, str]] = (),
    prices: OwnPrices | None = None,
    measuring: bool = False,
    baseline: Baseline | None = None,
    least_step: timedelta = timedelta(0),
) -> Report:
    """Ask every metric (given with its plugin's name) about the window; `bucket` None chooses it from the span.

    `findings`, with their plugins' names, look at the answers. `prices` of the user's go before those of the list.
    With a `baseline` every chart has both; for that, and with `measuring`, it is asked how calls are distributed.
    Steps of time are no narrower than `least_step`.

    Raises:
        BadWindow: the time zone is unknown, or the bucket does not fit the span.
        LogReportError: SOURCE_DATE_EPOCH is not a time.
    """
    found = outline(store, [metric for metric, _ in metrics], window, bucket, prices, baseline, least_step)
    cards = tuple(draw_card(ask_card(store, metric, plugin, found), found) for metric, plugin in metrics)
    report = compose(found, trend_of(store, found), cards, title=title, ingests=ingests, findings=findings)
    if not measuring and baseline is None:
        return report
    measured = measure(store, found.window)
    if baseline is None:
        return replace(report, measured=measured)
    sources = [line.source for line in ingests if line.source]
    comparison = compared(measured, baseline, report.headline, report.cards, report.window, sources)
    return replace(report, measured=measured, comparison=comparison)


def trend_of(store: Store, found: Outline) -> Trend:
    """How the headline went over the outlined window."""
    return headline.trend(store, found.window, zones.zone(found.window.timezone))


def compose(
    found: Outline,
    trend: Trend,
    cards: Sequence[Card],
    *,
    title: str,
    ingests: Sequence[IngestLine],
    findings: Sequence[tuple[Finding, str]] = (),
) -> Report:
    """The report of answers that are there already.

    Raises:
        LogReportError: SOURCE_DATE_EPOCH is not a time.
    """
    return Report(
        title=title,
        version=__version__,
        made=made(),
        window=found.window,
        headline=headline.headline(
            found.facts.headline, len(found.colours), found.spend, zones.zone(found.window.timezone)
        ),
        trend=trend,
        cards=tuple(cards),
        remarks=remarks(findings, cards, [vars(line) for line in ingests]),
        ingests=tuple(ingests),
    )


def ingest_line(told: Mapping[str, Any]) -> IngestLine:
    """The line from whatever has its fields, and may have more; an audit may be as the database keeps it."""
    given = {name: told[name] for name in IngestLine.__annotations__}
    if not isinstance(given["audit"], Audit):
        given["audit"] = Audit.loads(given["audit"])
    return IngestLine(**given)


def ingest_lines(store: Store, window: Window) -> list[IngestLine]:
    """What the store was loaded from; only the window's runs where it names any."""
    rows = (row | {"already_ingested": False} for row in store.ingests())
    return [ingest_line(row) for row in rows if not window.runs or row["run"] in window.runs]
