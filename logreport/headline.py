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
from logreport.steps import width

if TYPE_CHECKING:
    from logreport.store import Store

#: A line as wide as a thumb shows no more points than this.
MOST_POINTS: Final = 60

_COUNTS: Final = ("calls", "tokens", "prompt_tokens", "completion_tokens", "errors")

#: The columns that are no counts, and how those of groups become that of all.
_ENDS: Final[dict[str, Callable[..., Any]]] = {"first": min, "last": max}


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


def headline(facts: dict[str, Any], models: int, zone: ZoneInfo) -> Headline:
    """The headline from the row that `columns` asked for, and how many models there are."""
    given = facts | {"models": models} | {name: _shown(aware(facts[name]), zone) for name in ("first", "last")}
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
    return Trend(step=step, **{name: _steps(places, [row[name] for row in rows]) for name in _COUNTS})


def aware(moment: datetime | None) -> datetime | None:
    """A stored time, which is UTC without a zone, as an instant."""
    return moment.replace(tzinfo=UTC) if moment else None


def _counts() -> list[Any]:
    def total(column: Any) -> Any:
        return sa.func.sum(column, type_=sa.BigInteger())

    return [
        sa.func.count().label("calls"),
        sql.sum_of_tokens().label("tokens"),
        total(Call.prompt_tokens).label("prompt_tokens"),
        total(Call.completion_tokens).label("completion_tokens"),
        # Where no call tells how it went, how many failed is unknown.
        sa.case((sa.func.count(Call.status) > 0, sql.count_where(Call.status == "error"))).label("errors"),
    ]


def _steps(places: Sequence[int], values: Sequence[int | None]) -> tuple[int | None, ...]:
    """One value a step; the two steps of an hour that clocks show twice are one."""
    sums: dict[int, int | None] = {}
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
