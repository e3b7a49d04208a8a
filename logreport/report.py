"""The answers: what the calls of a window say, as numbers and figures. No HTML."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from logreport import __version__, headline, steps, zones
from logreport.cards import Card, make_cards
from logreport.errors import LogReportError
from logreport.facts import ask_facts
from logreport.headline import Headline, Trend
from logreport.metric import Metric, Window

if TYPE_CHECKING:
    from logreport.store import Store


@dataclass(frozen=True, kw_only=True)
class IngestLine:
    """One file that was read: read = loaded + merged + skipped + rejected, unless it was there before."""

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
    zone = zones.zone(window.timezone)
    facts = ask_facts(store, window, [metric for metric, _ in metrics], headline.columns())
    first, last = headline.aware(facts.headline["first"]), headline.aware(facts.headline["last"])
    step = steps.width(first, last) if bucket is None else steps.checked(bucket, first, last)
    window = replace(window, first=first, last=last, bucket=step)
    return Report(
        title=title,
        version=__version__,
        made=_made(),
        window=window,
        headline=headline.headline(facts.headline, zone),
        trend=headline.trend(store, window, zone),
        cards=make_cards(store, metrics, window, facts),
        ingests=tuple(ingests),
    )


def ingest_line(told: Mapping[str, Any]) -> IngestLine:
    """The line from whatever has its fields, and may have more."""
    return IngestLine(**{name: told[name] for name in IngestLine.__annotations__})


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
