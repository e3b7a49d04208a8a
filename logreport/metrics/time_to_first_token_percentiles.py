"""Percentiles of the time to first token by model, apart for calls that streamed and calls that did not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, hookimpl, latency, percentiles

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def _query(window: Window) -> sa.Select[Any]:
    values = (
        window.select(Call.model.label("model"), Call.stream.label("stream"), Call.time_to_first_token.label("value"))
        .where(_counts())
        .subquery("times")
    )
    return latency.in_order(percentiles.select(values, ["model", "stream"]), "p95")


def _counts() -> sa.ColumnElement[bool]:
    return latency.known(Call.time_to_first_token)


def _figure(frame: pd.DataFrame) -> go.Figure:
    return latency.circles(frame)


def _notes(frame: pd.DataFrame) -> list[str]:
    answered = latency.told_answered(frame, "their time to first token can be their whole duration")
    return latency.notes(frame, "groups") + latency.told_intervals(frame) + answered


METRIC = Metric(
    name="time_to_first_token_percentiles",
    title="Time to first token percentiles by model",
    description="How long a reader waits before the answer begins: a model can feel fast at p50 and slow at p95.",
    requires=("time_to_first_token",),
    query=_query,
    figure=_figure,
    notes=_notes,
    counts=_counts,
    nothing="every call that has a time to first token failed",
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
