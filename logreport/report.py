"""The answers: what the calls of a window say, as numbers and figures. No HTML."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from logreport import __version__, headline, zones
from logreport.audit import Audit
from logreport.cards import Card, ask_card, draw_card
from logreport.errors import LogReportError
from logreport.headline import Headline, Trend
from logreport.metric import Metric, Window
from logreport.outline import Outline, outline

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
    """All answers about one window. `made` is UTC."""

    title: str
    version: str
    made: datetime
    window: Window
    headline: Headline
    trend: Trend
    cards: tuple[Card, ...]
    ingests: tuple[IngestLine, ...]


def make_report(
    store: Store,
    metrics: Sequence[tuple[Metric, str]],
    window: Window,
    *,
    title: str,
    bucket: timedelta | None,
    ingests: Sequence[IngestLine],
) -> Report:
    """Ask every metric (given with its plugin's name) about the window; `bucket` None chooses it from the span.

    Raises:
        BadWindow: the time zone is unknown, or the bucket does not fit the span.
        LogReportError: SOURCE_DATE_EPOCH is not a time.
    """
    found = outline(store, [metric for metric, _ in metrics], window, bucket)
    cards = tuple(draw_card(ask_card(store, metric, plugin, found), found) for metric, plugin in metrics)
    return compose(found, trend_of(store, found), cards, title=title, ingests=ingests)


def trend_of(store: Store, found: Outline) -> Trend:
    """How the headline went over the outlined window."""
    return headline.trend(store, found.window, zones.zone(found.window.timezone))


def compose(
    found: Outline, trend: Trend, cards: Sequence[Card], *, title: str, ingests: Sequence[IngestLine]
) -> Report:
    """The report of answers that are there already.

    Raises:
        LogReportError: SOURCE_DATE_EPOCH is not a time.
    """
    return Report(
        title=title,
        version=__version__,
        made=_made(),
        window=found.window,
        headline=headline.headline(found.facts.headline, len(found.colours), zones.zone(found.window.timezone)),
        trend=trend,
        cards=tuple(cards),
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


def _made() -> datetime:
    """Now, or the time that reproducible builds set (https://reproducible-builds.org/specs/source-date-epoch/)."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(given), UTC)
    except (ValueError, OverflowError, OSError):
        raise LogReportError(f"SOURCE_DATE_EPOCH is not a time: {given}", "it takes whole seconds since 1970") from None
