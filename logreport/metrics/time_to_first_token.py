"""Mean time to first token by model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, units

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

    shown = _slowest(frame)
    bars = go.Bar(
        x=figures.numbers(shown["seconds"]),
        y=figures.labels(shown["model"]),
        orientation="h",
        text=[_text(seconds, calls) for seconds, calls in zip(shown["seconds"], shown["calls"], strict=True)],
        textposition="outside",
        cliponaxis=False,
        marker={"color": figures.colours(frame, shown["model"])},
        customdata=[_share(calls, whole) for calls, whole in zip(shown["calls"], shown["not_streamed"], strict=True)],
        hovertemplate="%{y}: %{x:.3f} s, mean of %{customdata}<extra></extra>",
    )
    return go.Figure(bars, figures.layout(x="seconds, mean", y="model", bars=len(shown)))


def _slowest(frame: pd.DataFrame) -> pd.DataFrame:
    """The slowest models and the mean of the others, in which every call weighs the same."""
    waited = frame.assign(seconds=frame["seconds"] * frame["calls"].astype(float))
    shown = figures.top(waited, ["seconds", "calls", "not_streamed"])
    return shown.assign(seconds=shown["seconds"] / shown["calls"].astype(float))


def _text(seconds: float, calls: int) -> str:
    """A mean of few calls says on the chart itself how little it stands on."""
    few = f", {calls:,} {'call' if calls == 1 else 'calls'}" if calls < figures.FEW else ""
    return units.seconds(seconds) + few


def _share(calls: int, not_streamed: int) -> str:
    return f"{calls:,} calls, {not_streamed:,} not streamed" if not_streamed else f"{calls:,} calls"


def _notes(frame: pd.DataFrame) -> list[str]:
    calls, whole = int(frame["calls"].sum()), int(frame["not_streamed"].sum())
    few = int((frame["calls"] < figures.FEW).sum())
    notes = []
    if whole:
        notes.append(
            f"{whole:,} of the {calls:,} calls behind these means did not stream: "
            "their time to first token can be their whole duration."
        )
    if few:
        stand = "stands" if few == 1 else "stand"
        notes.append(f"{few:,} of the {len(frame):,} means in the table {stand} on fewer than {figures.FEW} calls.")
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
