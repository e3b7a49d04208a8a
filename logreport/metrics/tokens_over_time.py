"""Tokens used over time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, timeline

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def _query(window: Window) -> sa.Select[Any]:
    return (
        window.select(
            window.time_bucket().label("bucket"),
            sql.sum_of_tokens().label("tokens"),
        )
        .where(Call.created.is_not(None))
        .group_by("bucket")
        .order_by("bucket")
    )


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    time = timeline.timeline(frame)
    bars = go.Bar(
        x=time.x,
        offset=0,  # a bar begins where its step begins
        width=time.width,
        y=figures.numbers(frame["tokens"]),
        marker={"color": figures.PLAIN},
        customdata=time.offsets,
        hovertemplate=f"{time.hover}: %{{y:,}} tokens<extra></extra>",
    )
    layout = figures.layout(
        x=time.title,
        y="tokens",
        xaxis=time.xaxis,
        barmode="stack",  # an hour that the clocks show twice is one bar of two parts
        bargap=0,
    )
    return go.Figure(bars, layout)


def _notes(frame: pd.DataFrame) -> list[str]:
    unknown = int(frame["tokens"].isna().sum())
    notes = [f"Steps with calls but without a bar, because none reported tokens: {unknown:,}."] if unknown else []
    return notes + timeline.notes(frame)


METRIC = Metric(
    name="tokens_over_time",
    title="Tokens over time",
    description="When tokens were used: a step that stays is new traffic, a spike is a batch or a loop.",
    requires=("created", "tokens"),
    query=_query,
    figure=_figure,
    notes=_notes,
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
