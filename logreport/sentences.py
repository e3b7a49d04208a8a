"""The sentences and figures around the charts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from logreport import units
from logreport.signs import visible
from logreport.zones import zone

if TYPE_CHECKING:
    from logreport.cards import Card
    from logreport.headline import Headline
    from logreport.metric import Window
    from logreport.report import Report


def span(report: Report) -> str:
    """From the first call to the last, on the clock of the report."""
    first, last = report.headline.first, report.headline.last
    if first is None or last is None:
        return "no call in this window has a time"
    return f"{_clock(first)} to {_clock(last)} ({report.window.timezone})"


def span_length(told: Headline) -> str:
    """How long the span is, in the largest unit it has two of: 47 hours, 2 days."""
    return _length(told.first, told.last)


def span_before(report: Report) -> str:
    """How long the baseline's span is."""
    if report.comparison is None:
        return ""
    baseline = report.comparison.baseline
    return f"baseline {_length(baseline.first, baseline.last)}"


def _length(first: datetime | None, last: datetime | None) -> str:
    if first is None or last is None:
        return "unknown"
    seconds = (last - first).total_seconds()
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:,.0f} {'second' if round(seconds) == 1 else 'seconds'}"


def days(told: Headline) -> str:
    """The days of the span."""
    if told.first is None or told.last is None:
        return "no call has a time"
    # Words joined: a date stays whole in a narrow place.
    first, last = (f"{moment:%Y-%m-%d}".replace("-", "-\u2060") for moment in (told.first, told.last))
    return first if first == last else f"{first} to {last}"


def pace(report: Report) -> str:
    """How often calls were made, over the span."""
    told = report.headline
    if told.first is None or told.last is None or told.calls < 2 or told.first == told.last:
        return ""
    hours = (told.last - told.first).total_seconds() / 3600
    for size, unit in ((1 / 3600, "second"), (1 / 60, "minute"), (1.0, "hour"), (24.0, "day")):
        if told.calls * size >= hours or unit == "day":
            return f"{units.count(told.calls * size / hours)} a {unit} on average".replace("a hour", "an hour")
    return ""


def tokens_from(told: Headline) -> str:
    """Which calls the tokens are from."""
    if not told.without_tokens:
        return f"{units.count(told.tokens / told.calls)} a call" if told.tokens and told.calls else ""
    return f"{told.without_tokens:,} of {told.calls:,} calls carry no token counts"


def cost(told: Headline) -> str:
    """What a thousand calls cost, how much of the tokens has a price, and how many models have none."""
    spend = told.spend
    lacking = len(spend.unpriced_models)
    without = f"{lacking:,} {'model' if lacking == 1 else 'models'} unpriced" if lacking else ""
    if spend.cost is None or spend.per_1000_calls is None:
        logged = f"{units.dollars(spend.logged)} as the log tells" if spend.logged is not None else ""
        return "; ".join(text for text in (without, logged) if text)
    rate = f"{units.dollars(spend.per_1000_calls)} per 1,000 calls"
    part = f"for {units.share(spend.tokens, spend.told_tokens)} of the tokens"
    return "; ".join(text for text in (part if spend.tokens < spend.told_tokens else "", without, rate) if text)


def left_out(cards: Sequence[Card]) -> str:
    """The metrics that have nothing to show, by the reason why."""
    reasons: dict[str, list[str]] = {}
    for card in cards:
        if card.status == "empty":
            reasons.setdefault(card.reason, []).append(visible(card.title))
    return "; ".join(f"{', '.join(titles)} ({reason})" for reason, titles in reasons.items())


def share(part: int | None, told: Headline) -> str:
    """What share of all tokens these are; nothing where some calls tell only one of the two."""
    if part is None or not told.tokens or told.tokens != (told.prompt_tokens or 0) + (told.completion_tokens or 0):
        return ""
    return f"{units.share(part, told.tokens)} of tokens"


def failed(told: Headline) -> str:
    """What share of calls failed, or why that is not known."""
    if told.errors is None:
        return "this log does not say which calls failed"
    return f"{units.share(told.errors, told.calls)} of calls" if told.calls and told.errors else ""


def filters(window: Window) -> str:
    """What the window leaves out."""
    where = zone(window.timezone)
    parts = [
        f"since {_shown(window.since, where)}" if window.since else "",
        f"until {_shown(window.until, where)}" if window.until else "",
        f"models {', '.join(window.models)}" if window.models else "",
        f"request types {', '.join(window.request_types)}" if window.request_types else "",
        f"runs {', '.join(window.runs)}" if window.runs else "",
    ]
    return visible("; ".join(part for part in parts if part)) or "all calls"


def _shown(moment: datetime, where: ZoneInfo) -> str:
    """The instant on the clock of the report, with its offset."""
    try:
        return moment.astimezone(where).isoformat(" ")
    except OverflowError:  # at the very ends of the calendar
        return moment.isoformat(" ")


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
