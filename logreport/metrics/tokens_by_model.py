"""Total tokens by model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, units

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
    tokens = figures.numbers(known["tokens"])
    bars = go.Bar(
        x=tokens,
        y=figures.labels(known["model"]),
        orientation="h",
        text=[units.count(value) for value in tokens],
        textposition="outside",
        cliponaxis=False,
        marker={"color": figures.colours(frame, known["model"])},
        hovertemplate="%{y}: %{x:,} tokens<extra></extra>",
    )
    return go.Figure(bars, figures.layout(x="tokens", y="model", bars=len(known)))


METRIC = Metric(
    name="tokens_by_model",
    title="Total tokens by model",
    description="Where the tokens go: the longest bar is where a cheaper model or a shorter prompt pays most.",
    requires=("tokens",),
    query=_query,
    figure=_figure,
    kinds="model",
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
