"""How much of the prompts came from a cache, and what that saved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, units

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def _told() -> sa.ColumnElement[bool]:
    """Whether the log tells of a call how much of its prompt came from a cache."""
    return Call.cache_read_tokens.is_not(None) & (Call.prompt_tokens > 0)


def _query(window: Window) -> sa.Select[Any]:
    costs = window.costs(Call.model.label("model"), where=_told())

    models = (
        sa.select(
            costs.c.model,
            sql.total(costs.c.calls).label("calls"),
            sql.total(costs.c.uncached + costs.c.cache_read + costs.c.cache_write).label("prompt_tokens"),
            sql.total(costs.c.cache_read).label("cache_read_tokens"),
            sql.total(costs.c.cache_write).label("cache_write_tokens"),
            sql.dollars(costs.c.saved).label("saved"),
        )
        .group_by(costs.c.model)
        .subquery("models")
    )
    share = sql.double(models.c.cache_read_tokens) / sql.double(models.c.prompt_tokens)
    return sa.select(
        *(models.c[name] for name in ("model", "calls", "prompt_tokens", "cache_read_tokens", "cache_write_tokens")),
        sa.type_coerce(share, sa.Double()).label("hit_share"),
        models.c.saved,
    ).order_by(models.c.prompt_tokens.desc(), sql.by_name(models.c.model))


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    sums = ["prompt_tokens", "cache_read_tokens", "saved"]
    shown = figures.top(frame, sums)
    pairs = list(zip(shown["cache_read_tokens"], shown["prompt_tokens"], strict=True))
    bars = go.Bar(
        x=[100 * read / prompt for read, prompt in pairs],
        y=figures.labels(shown["model"]),
        orientation="h",
        text=[_text(*pair, saved) for pair, saved in zip(pairs, figures.numbers(shown["saved"]), strict=True)],
        textposition="outside",
        cliponaxis=False,
        marker={"color": figures.colours(frame, shown["model"])},
        customdata=[f"{read:,} of {prompt:,} prompt tokens" for read, prompt in pairs],
        hovertemplate="%{y}: %{text}; %{customdata} read from a cache<extra></extra>",
    )
    layout = figures.layout(
        x="% of prompt tokens read from a cache", y="model", bars=len(shown), xaxis={"rangemode": "tozero"}
    )
    return go.Figure(bars, layout)


def _text(read: int, prompt: int, saved: float | None) -> str:
    return units.share(read, prompt) + (f", {_saved(saved)}" if saved else "")


def _saved(dollars: float) -> str:
    return f"{units.dollars(abs(dollars))} {'saved' if dollars > 0 else 'lost'}"


def _notes(frame: pd.DataFrame) -> list[str]:
    prompt, read = int(frame["prompt_tokens"].sum()), int(frame["cache_read_tokens"].sum())
    told = f"{units.share(read, prompt)} of the prompt tokens were read from a cache ({read:,} of {prompt:,})."
    if frame["saved"].isna().all():
        return [told]
    saved = float(frame["saved"].sum())
    written = int(frame["cache_write_tokens"].sum())
    less = ", less what writing it cost" if written else ""
    unpriced = figures.listed(frame[frame["saved"].isna()]["model"])
    without = f"; no price is known for {unpriced}" if unpriced else ""
    amount = f"; {_saved(saved)}{less}" if saved else ""
    return [f"{told[:-1]}{amount}{without}."]


METRIC = Metric(
    name="cache",
    title="Cache hits by model",
    description="How much of the prompts came from a cache, and what that saved: a short bar is money left behind.",
    requires=("cache_read_tokens", "prompt_tokens"),
    query=_query,
    figure=_figure,
    notes=_notes,
    counts=_told,
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
