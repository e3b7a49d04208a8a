"""What a metric is, and the window it looks through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import sql
from logreport.call import Call, Ingest

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


_BEGINNING: Final = datetime(1, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Window:
    """Which calls are looked at, and in which time zone and steps of time.

    `since` (inclusive) and `until` (exclusive) are instants with a zone; empty tuples mean all. `timezone` is an IANA
    name. `bucket` is the step of time series; `first` and `last` are the times of the first and last call in the
    window, filled in by the report before any metric is asked (None when no call has a time).
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
    A figure that draws models takes their colours from `logreport.figures.colours`: one a model in the whole report.
    The frame's `attrs["bucket"]` is the step of time series.
    """

    name: str
    title: str
    description: str
    requires: tuple[str, ...]
    query: Callable[[Window], sa.Select[Any]]
    figure: Callable[[pd.DataFrame], go.Figure]
    notes: Callable[[pd.DataFrame], list[str]] | None = None
    counts: Callable[[], sa.ColumnElement[bool]] | None = None
