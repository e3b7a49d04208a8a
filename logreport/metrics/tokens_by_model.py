"""Total tokens by model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def _query(window: Window) -> sa.Select[Any]:
    tokens = sql.sum_of_tokens().label("tokens")
    return (
        window.select(Call.model.label("model"), tokens)
        .group_by(Call.model)
        .order_by(tokens.desc().nulls_last(), sql.by_name(Call.model))
    )


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    known = figures.top(frame, ["tokens"])
    bars = go.Bar(
        x=figures.numbers(known["tokens"]),
        y=figures.labels(known["model"], "unknown model"),
        orientation="h",
        marker={"color": figures.PALETTE[0]},
        hovertemplate="%{y}: %{x:,} tokens<extra></extra>",
    )
    figure = figures.layout(go.Figure(bars), x="tokens", y="model", bars=len(known))
    return figure.update_yaxes(autorange="reversed")


METRIC = Metric(
    name="tokens_by_model",
    title="Total tokens by model",
    description="Where the tokens go: the longest bar is where a cheaper model or a shorter prompt pays most.",
    requires=("tokens",),
    query=_query,
    figure=_figure,
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
