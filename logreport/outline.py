"""What is known of a window before any metric is asked: its span and step, its counts, each model's colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from logreport import figures, headline, steps, zones
from logreport.baseline import Baseline
from logreport.facts import Facts, ask_facts
from logreport.headline import Spend
from logreport.made import made
from logreport.metric import Metric, Window
from logreport.price_file import OwnPrices
from logreport.pricing import Span, rates

if TYPE_CHECKING:
    from logreport.store import Store


@dataclass(frozen=True, kw_only=True)
class Outline:
    """What every card of a window shares. `window` has its step and its first and last call filled in.

    `chosen` says that somebody asked for just this step. `baseline` is what the window is compared with, if anything.
    """

    window: Window
    chosen: bool
    facts: Facts
    spend: Spend
    colours: dict[str, str]
    baseline: Baseline | None = None


def outline(
    store: Store,
    metrics: Sequence[Metric],
    window: Window,
    bucket: timedelta | None,
    prices: OwnPrices | None = None,
    baseline: Baseline | None = None,
    least_step: timedelta = timedelta(0),
) -> Outline:
    """The outline of a window; `bucket` None chooses the step from the span, `prices` go before those of the list.

    A step that is chosen is no narrower than `least_step`, and that of the `baseline` if it may be: counts of unequal
    steps are not to be compared.

    Raises:
        BadWindow: the time zone is unknown, or the bucket does not fit the span.
        LogReportError: SOURCE_DATE_EPOCH is not a time.
    """
    zones.zone(window.timezone)
    facts = ask_facts(store, window, metrics)
    first, last = headline.aware(facts.headline["first"]), headline.aware(facts.headline["last"])
    step = steps.width(first, last) if bucket is None else steps.checked(bucket, first, last)
    if bucket is None:
        step = max(step, least_step)
        step = _step_of_both(step, baseline, first, last) if baseline else step
    span = Span(first=first, last=last, most_prompt_tokens=facts.most_prompt_tokens, now=made())
    priced = [] if facts.most_prompt_tokens is None else facts.priced
    window = replace(window, first=first, last=last, bucket=step, rates=rates(priced, span, prices))
    return Outline(
        window=window,
        chosen=bucket is not None,
        facts=facts,
        spend=headline.spend(store, window),
        colours=figures.assign(facts.models),  # who has most tokens, and is in most of the charts, chooses first
        baseline=baseline,
    )


#: So many times as many steps as are chosen otherwise are still readable.
_FINER: Final = 2


def _step_of_both(step: timedelta, baseline: Baseline, first: datetime | None, last: datetime | None) -> timedelta:
    """The baseline's step, but where that is so narrow for this span that nobody could read its charts."""
    if baseline.step >= step or first is None or last is None:
        return max(step, baseline.step)
    return baseline.step if (last - first) / baseline.step <= _FINER * steps.MOST_POINTS else step
