"""Prompt and completion tokens by model."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, units

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def _query(window: Window) -> sa.Select[Any]:
    prompt = sql.total(Call.prompt_tokens).label("prompt_tokens")
    completion = sql.total(Call.completion_tokens).label("completion_tokens")
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
    names = figures.labels(known["model"])
    colours = figures.colours(frame, known["model"])
    bars = [
        go.Bar(
            name=name,
            x=figures.numbers(known[column]),
            y=names,
            orientation="h",
            text=[units.count(value) for value in figures.numbers(known[column])],
            textposition="outside",
            cliponaxis=False,
            marker={"color": colours, "opacity": opacity},
            hovertemplate=f"%{{y}}: %{{x:,}} {name} tokens<extra></extra>",
        )
        for name, column, opacity in (("prompt", "prompt_tokens", 1), ("completion", "completion_tokens", 0.5))
    ]
    places = math.ceil(1.4 * len(known))  # two to a place, each a little thinner than one alone
    return go.Figure(bars, figures.layout(x="tokens", y="model", bars=places, barmode="group"))


METRIC = Metric(
    name="prompt_vs_completion",
    title="Prompt and completion tokens by model",
    description="Whether a model spends its tokens on reading or on writing: long prompts ask for caching.",
    requires=("prompt_tokens",),
    query=_query,
    figure=_figure,
    counts=lambda: Call.prompt_tokens.is_not(None) | Call.completion_tokens.is_not(None),
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
