"""How calls are distributed over request types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, units

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def _query(window: Window) -> sa.Select[Any]:
    calls = sa.func.count().label("calls")
    return (
        window.select(Call.request_type.label("request_type"), calls)
        .group_by(Call.request_type)
        .order_by(calls.desc(), sql.by_name(Call.request_type))
    )


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    shown = figures.top(frame, ["calls"], name="request_type")
    whole = int(frame["calls"].sum())
    calls = figures.numbers(shown["calls"])
    bars = go.Bar(
        x=calls,
        y=figures.labels(shown["request_type"]),
        orientation="h",
        text=[units.share(count, whole) for count in shown["calls"]],
        textposition="outside",
        cliponaxis=False,
        marker={"color": figures.PLAIN},
        hovertemplate="%{y}: %{x:,} calls, %{text}<extra></extra>",
    )
    layout = figures.layout(x="calls", y="request type", bars=len(shown), xaxis=figures.ticks_of_counts(calls))
    return go.Figure(bars, layout)


METRIC = Metric(
    name="request_types",
    title="Request types",
    description="What the models are used for, by the number of calls of each type.",
    requires=("request_type",),
    query=_query,
    figure=_figure,
    kinds="request_type",
    counts=sa.true,
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
