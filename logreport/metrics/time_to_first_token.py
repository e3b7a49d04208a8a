"""Mean time to first token by model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def _query(window: Window) -> sa.Select[Any]:
    seconds = sql.mean(Call.time_to_first_token).label("seconds")
    return (
        window.select(
            Call.model.label("model"),
            seconds,
            sa.func.count().label("calls"),
            sql.count_where(Call.stream.is_(False)).label("not_streamed"),
        )
        .where(Call.time_to_first_token.is_not(None))
        .group_by(Call.model)
        .order_by(seconds.desc(), sql.by_name(Call.model))
    )


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    shown = frame.head(figures.MOST)
    said = [_share(calls, whole) for calls, whole in zip(shown["calls"], shown["not_streamed"], strict=True)]
    bars = go.Bar(
        x=figures.numbers(shown["seconds"]),
        y=figures.labels(shown["model"], "unknown model"),
        orientation="h",
        text=said,
        textposition="auto",
        marker={"color": figures.PALETTE[2]},
        hovertemplate="%{y}: %{x:.3f} s, mean of %{text}<extra></extra>",
    )
    figure = figures.layout(go.Figure(bars), x="seconds, mean", y="model", bars=len(shown))
    return figure.update_yaxes(autorange="reversed")


def _share(calls: int, not_streamed: int) -> str:
    return f"{calls:,} calls, {not_streamed:,} not streamed" if not_streamed else f"{calls:,} calls"


def _notes(frame: pd.DataFrame) -> list[str]:
    calls, whole = int(frame["calls"].sum()), int(frame["not_streamed"].sum())
    few = int((frame["calls"] < 20).sum())
    notes = []
    if whole:
        notes.append(
            f"{whole:,} of the {calls:,} calls behind these means did not stream: "
            "their time to first token is their whole duration."
        )
    if few:
        notes.append(f"{few:,} of these means stand on fewer than 20 calls.")
    if len(frame) > figures.MOST:
        notes.append(f"The chart shows the {figures.MOST} slowest of {len(frame):,} models; the table has them all.")
    return notes


METRIC = Metric(
    name="time_to_first_token",
    title="Mean time to first token by model",
    description="How long a reader waits before the answer begins: the longest bar is the model that feels slowest.",
    requires=("time_to_first_token",),
    query=_query,
    figure=_figure,
    notes=_notes,
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
