"""Tokens used over time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def _query(window: Window) -> sa.Select[Any]:
    return (
        window.select(
            window.time_bucket().label("bucket"),
            sa.func.sum(sql.total_tokens(), type_=sa.BigInteger()).label("tokens"),
        )
        .where(Call.created.is_not(None))
        .group_by("bucket")
        .order_by("bucket")
    )


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    bars = go.Bar(
        # The clock of the report's zone: Plotly knows no zones and would turn an offset back.
        x=[str(moment)[:19] for moment in frame["bucket"]],
        y=figures.numbers(frame["tokens"]),
        marker={"color": figures.PALETTE[0]},
        hovertemplate="%{x}: %{y:,} tokens<extra></extra>",
    )
    zone = getattr(frame["bucket"].dt, "tz", None)
    return figures.layout(go.Figure(bars), x=f"time ({zone or 'UTC'})", y="tokens")


METRIC = Metric(
    name="tokens_over_time",
    title="Tokens over time",
    description="When tokens were used: a step that stays is new traffic, a spike is a batch or a loop.",
    requires=("created", "tokens"),
    query=_query,
    figure=_figure,
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
