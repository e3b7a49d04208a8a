"""What a metric is, and the window it looks through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import rates, sql
from logreport.call import Call, Ingest
from logreport.rates import Rates

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


_BEGINNING: Final = datetime(1, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Window:
    """Which calls are looked at, and in which time zone and steps of time.

    `since` (inclusive) and `until` (exclusive) are instants with a zone; empty tuples mean all. `timezone` is an IANA
    name. `bucket` is the step of time series; `first` and `last` are the times of the first and last call in the
    window, filled in by the report before any metric is asked (None when no call has a time). `rates` are what the
    models called in the window cost, filled in as well.
    """

    since: datetime | None = None
    until: datetime | None = None
    models: tuple[str, ...] = ()
    request_types: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    timezone: str = "UTC"
    bucket: timedelta = timedelta(hours=1)
    first: datetime | None = None
    last: datetime | None = None
    rates: Rates = field(default_factory=Rates)

    def select(self, *columns: Any) -> sa.Select[Any]:
        """A SELECT of these columns over the calls of this window: the one place where filters are applied."""
        return sa.select(*columns).select_from(Call).where(*self.conditions())

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The filters of this window, for queries that `select` does not fit."""
        found: list[sa.ColumnElement[bool]] = []
        if self.since is not None:
            found.append(Call.created >= _utc(self.since))
        if self.until is not None:
            found.append(Call.created < _utc(self.until))
        if self.models:
            found.append(Call.model.in_(self.models))
        if self.request_types:
            found.append(Call.request_type.in_(self.request_types))
        if self.runs:
            found.append(Call.ingest_id.in_(sa.select(Ingest.id).where(Ingest.run.in_(self.runs))))
        return found

    def time_bucket(self) -> sa.ColumnElement[Any]:
        """The start of the step of time in which a call was made, as an instant in UTC without a zone."""
        bucket = sql.time_bucket(Call.created, self.bucket, self.timezone, self.first, self.last)
        if self.first is None or _utc(self.first) - _BEGINNING > 2 * self.bucket:
            return bucket
        # The first step would begin before calendars do.
        return sa.func.greatest(bucket, sa.literal(_BEGINNING, sa.DateTime()), type_=sa.DateTime())

    def costs(self, *columns: Any, where: sa.ColumnElement[bool] | None = None) -> sa.Subquery:
        """What the calls of this window cost, in groups of these columns and, within them, of what costs alike.

        Beside the columns it has `calls` and `tokens`; `uncached`, `cache_read` and `cache_write`, the tokens of
        prompts by what became of them; `priced_calls` and `priced_tokens`, those of which the price is
        known; `cost`, `saved` (what a cache saved, less what writing it cost) and `logged` (what the log itself says
        that calls cost) in picodollars, which `sql.dollars` adds up; `compared` and `compared_logged`, cost and logged
        cost of the calls that have both; and `stood_in`, tokens charged at another rate as theirs is not known.
        """
        calls = self.select(*columns)
        return rates.costs(calls if where is None else calls.where(where), self.rates)

    def cost_of_calls(self, *columns: Any, where: sa.ColumnElement[bool] | None = None) -> sa.Subquery:
        """These columns of every call of this window, and `cost` in dollars, NULL where it is not known.

        It has a row a call: for finding the dearest, never to be a frame.
        """
        calls = self.select(*columns)
        return rates.cost_of_call(calls if where is None else calls.where(where), self.rates)

    def local_time(self) -> sa.ColumnElement[datetime]:
        """The time of a call as the clocks of the report's zone showed it, without a zone."""
        return sql.local_time(Call.created, self.timezone, self.first, self.last)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One question about calls, and its chart.

    `query` says what to ask the database; the labels of the SELECT are the columns of the frame that `figure` receives.
    Aggregate in the query: a frame holds groups, never calls. `requires` names the columns of `Call` without which
    there is nothing to show. `description` is one sentence: what a reader should conclude from the chart.
    `notes`, where given, turns the frame into sentences shown under the chart. `counts` says which calls stand behind
    the chart, for the sentence under it; where it is not given, those in which every column of `requires` is known.
    `nothing` says, as the rest of a sentence, why there may be calls with all that and still nothing to show, which is
    when the query answers no rows.
    A figure that draws models takes their colours from `logreport.figures.colours`: one a model in the whole report.
    `calls_per_step`, where given, makes the steps of time so wide that each has about so many calls, unless the user
    chose a width: percentiles of two calls say nothing. `kinds` names the column whose texts are worth a word where a
    run has them and its baseline has not, or the other way round. The frame's `attrs["bucket"]` is the step of time
    series, and `attrs["prices"]` says where prices are from.
    """

    name: str
    title: str
    description: str
    requires: tuple[str, ...]
    query: Callable[[Window], sa.Select[Any]]
    figure: Callable[[pd.DataFrame], go.Figure]
    notes: Callable[[pd.DataFrame], list[str]] | None = None
    counts: Callable[[], sa.ColumnElement[bool]] | None = None
    nothing: str = ""
    calls_per_step: int = 0
    kinds: str = ""
