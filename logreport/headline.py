"""The figures at the top of a report, and how they went over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from logreport import sql
from logreport.call import Call
from logreport.metric import Window
from logreport.rates import PICO
from logreport.steps import width

if TYPE_CHECKING:
    from logreport.store import Store

#: A line as wide as a thumb shows no more points than this.
MOST_POINTS: Final = 60

_COUNTS: Final = ("calls", "tokens", "prompt_tokens", "completion_tokens", "errors")

#: What is added up of what calls cost.
_SPENT: Final = ("tokens", "priced_tokens", "priced_calls", "cost", "logged")

#: The columns that are no counts, and how those of groups become that of all.
_ENDS: Final[dict[str, Callable[..., Any]]] = {"first": min, "last": max}


@dataclass(frozen=True, kw_only=True)
class Spend:
    """What the calls cost, in US dollars, and how much of them that is said of; None is unknown.

    `tokens` and `calls` are those whose price is known, of `told_tokens` that the log tells of in any way;
    `unpriced_models` are those with tokens of which none has a price. `logged` is what the log itself says that calls
    cost.
    """

    cost: float | None = None
    tokens: int = 0
    told_tokens: int = 0
    calls: int = 0
    unpriced_models: tuple[str, ...] = ()
    logged: float | None = None

    @property
    def per_1000_calls(self) -> float | None:
        """What a thousand of the calls cost whose price is known."""
        return None if self.cost is None or not self.calls else self.cost / self.calls * 1000


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The figures at the top: counts of calls and tokens; times in the report's zone. None is unknown."""

    calls: int
    tokens: int | None
    prompt_tokens: int | None
    completion_tokens: int | None
    models: int
    first: datetime | None
    last: datetime | None
    errors: int | None
    without_tokens: int
    spend: Spend


@dataclass(frozen=True, kw_only=True)
class Trend:
    """The headline's counts step by step, from the first call with a time to the last.

    A step without calls is 0; a step whose calls do not tell is None. All empty where no call has a time.
    """

    step: timedelta = timedelta(0)
    calls: tuple[int | None, ...] = ()
    tokens: tuple[int | None, ...] = ()
    prompt_tokens: tuple[int | None, ...] = ()
    completion_tokens: tuple[int | None, ...] = ()
    errors: tuple[int | None, ...] = ()
    cost: tuple[float | None, ...] = ()


def columns() -> list[Any]:
    """What to ask for the headline of groups of calls; `folded` makes that of all calls of it."""
    return [
        *_counts(),
        sa.func.min(Call.created).label("first"),
        sa.func.max(Call.created).label("last"),
        sql.count_where(~sql.tokens_known()).label("without_tokens"),
    ]


def folded(name: str, values: Sequence[Any]) -> Any:
    """One of the `columns`, or of counts asked beside them, of all calls, from what it is of each group of them."""
    known = [value for value in values if value is not None]
    if name in _ENDS:
        return _ENDS[name](known, default=None)
    # No call has no tokens and no errors; calls that do not tell have an unknown number.
    return None if values and not known else sum(known)


def headline(facts: dict[str, Any], models: int, spend: Spend, zone: ZoneInfo) -> Headline:
    """The headline from the row that `columns` asked for, how many models there are, and what they cost."""
    times = {name: _shown(aware(facts[name]), zone) for name in ("first", "last")}
    given = facts | times | {"models": models, "spend": spend}
    return Headline(**{name: given[name] for name in Headline.__annotations__})


def trend(store: Store, window: Window, zone: ZoneInfo) -> Trend:
    """The headline's counts over time; `window` has its first and last call filled in."""
    if window.first is None or window.last is None:
        return Trend()
    step = width(window.first, window.last, MOST_POINTS)
    window = replace(window, bucket=step)
    bucket = window.time_bucket().label("bucket")
    query = window.select(bucket, *_counts()).where(Call.created.is_not(None)).group_by("bucket").order_by("bucket")
    rows = store.rows(query)
    starts = [_on_the_clock(row["bucket"], zone) for row in rows]
    first = min(starts)  # not the first in time, where clocks were set back
    places = [round((start - first) / step) for start in starts]
    cost = _cost_by_step(store, window)
    courses = {name: _steps(places, [row[name] for row in rows]) for name in _COUNTS}
    return Trend(step=step, cost=_steps(places, [cost.get(row["bucket"]) for row in rows]), **courses)


def span(store: Store, window: Window) -> tuple[datetime | None, datetime | None]:
    """The times of the first and the last call of a window."""
    (row,) = store.rows(
        window.select(sa.func.min(Call.created).label("first"), sa.func.max(Call.created).label("last"))
    )
    return aware(row["first"]), aware(row["last"])


def spend(store: Store, window: Window) -> Spend:
    """What the calls of a window cost; `window` has its rates filled in."""
    costs = window.costs(Call.model.label("model"))
    query = sa.select(
        costs.c.model,
        *(sql.total(costs.c[name]).label(name) for name in _SPENT),
    ).group_by(costs.c.model)
    rows = store.rows(query)
    total = {name: folded(name, [row[name] for row in rows]) for name in _SPENT}
    unpriced = (row["model"] for row in rows if row["model"] is not None and row["tokens"] and not row["priced_calls"])
    return Spend(
        cost=_dollars(total["cost"]),
        tokens=total["priced_tokens"] or 0,
        told_tokens=total["tokens"] or 0,
        calls=total["priced_calls"] or 0,
        unpriced_models=tuple(sorted(unpriced)),
        logged=_dollars(total["logged"]),
    )


def _dollars(picodollars: int | None) -> float | None:
    return None if picodollars is None else picodollars / PICO


def _cost_by_step(store: Store, window: Window) -> dict[datetime, float | None]:
    if not window.rates.found:
        return {}
    costs = window.costs(window.time_bucket().label("bucket"))
    query = sa.select(costs.c.bucket, sql.dollars(costs.c.cost).label("cost")).group_by(costs.c.bucket)
    return {row["bucket"]: row["cost"] for row in store.rows(query)}


def aware(moment: datetime | None) -> datetime | None:
    """A stored time, which is UTC without a zone, as an instant."""
    return moment.replace(tzinfo=UTC) if moment else None


def _counts() -> list[Any]:
    return [
        sa.func.count().label("calls"),
        sql.sum_of_tokens().label("tokens"),
        sql.total(Call.prompt_tokens).label("prompt_tokens"),
        sql.total(Call.completion_tokens).label("completion_tokens"),
        # Where no call tells how it went, how many failed is unknown.
        sa.case((sa.func.count(Call.status) > 0, sql.count_where(Call.status == "error"))).label("errors"),
    ]


def _steps(places: Sequence[int], values: Sequence[Any]) -> tuple[Any, ...]:
    """One value a step; the two steps of an hour that clocks show twice are one."""
    sums: dict[int, Any] = {}
    for place, value in zip(places, values, strict=True):
        before = sums.get(place)
        sums[place] = value if before is None else before + (value or 0)
    nothing = 0 if any(value is not None for value in values) else None
    return tuple(sums.get(place, nothing) for place in range(max(places) + 1))


def _on_the_clock(moment: datetime, zone: ZoneInfo) -> datetime:
    """A stored time as the clocks of the zone showed it: steps are even there, whatever clocks did in between."""
    shown = _shown(aware(moment), zone)
    assert shown is not None
    return shown.replace(tzinfo=None)


def _shown(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    try:
        return moment.astimezone(zone) if moment else None
    except OverflowError:  # at the very ends of the calendar
        return moment
