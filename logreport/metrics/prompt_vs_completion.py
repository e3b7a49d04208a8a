"""Prompt and completion tokens by model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def _query(window: Window) -> sa.Select[Any]:
    prompt = sa.func.sum(Call.prompt_tokens, type_=sa.BigInteger()).label("prompt_tokens")
    completion = sa.func.sum(Call.completion_tokens, type_=sa.BigInteger()).label("completion_tokens")
    both = sa.func.coalesce(sa.func.sum(Call.prompt_tokens), 0) + sa.func.coalesce(
        sa.func.sum(Call.completion_tokens), 0
    )
    return (
        window.select(Call.model.label("model"), prompt, completion)
        .group_by(Call.model)
        .order_by(both.desc(), sql.by_name(Call.model))
    )


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    known = figures.top(frame, ["prompt_tokens", "completion_tokens"])
    names = figures.labels(known["model"], "unknown model")
    figure = go.Figure(
        [
            go.Bar(
                name=name,
                x=figures.numbers(known[column]),
                y=names,
                orientation="h",
                marker={"color": colour},
                hovertemplate=f"%{{y}}: %{{x:,}} {name} tokens<extra></extra>",
            )
            for name, column, colour in (
                ("prompt", "prompt_tokens", figures.PALETTE[0]),
                ("completion", "completion_tokens", figures.PALETTE[1]),
            )
        ]
    )
    figure.update_layout(barmode="group")
    return figures.layout(figure, x="tokens", y="model", bars=2 * len(known)).update_yaxes(autorange="reversed")


METRIC = Metric(
    name="prompt_vs_completion",
    title="Prompt and completion tokens by model",
    description="Whether a model spends its tokens on reading or on writing: long prompts ask for caching.",
    requires=("prompt_tokens",),
    query=_query,
    figure=_figure,
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
