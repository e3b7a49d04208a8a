"""What calls cost over time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, timeline, units

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def _query(window: Window) -> sa.Select[Any]:
    costs = window.costs(window.time_bucket().label("bucket"), where=Call.created.is_not(None))

    steps = (
        sa.select(
            costs.c.bucket,
            sql.dollars(costs.c.cost).label("cost"),
            sql.total(costs.c.tokens).label("tokens"),
            sql.total(costs.c.priced_tokens).label("priced_tokens"),
        )
        .group_by(costs.c.bucket)
        .subquery("steps")
    )
    told = sa.select(steps, sa.func.count(steps.c.cost).over().label("known")).subquery("told")
    return (
        sa.select(told.c.bucket, told.c.cost, told.c.tokens, told.c.priced_tokens)
        .where(told.c.known > 0)
        .order_by(told.c.bucket)
    )


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    time = timeline.timeline(frame)
    costs = figures.numbers(frame["cost"])
    bars = go.Bar(
        x=time.x,
        offset=0,
        width=time.width,
        y=costs,
        marker={"color": figures.PLAIN},
        customdata=time.offsets,
        text=[units.dollars(cost) for cost in costs],
        textposition="none",
        hovertemplate=f"{time.hover}: %{{text}}<extra></extra>",
    )
    layout = figures.layout(
        x=time.title,
        y="US dollars",
        xaxis=time.xaxis,
        yaxis={"tickprefix": "$", "nticks": 5},
        barmode="stack",
        bargap=0,
    )
    return go.Figure(bars, layout)


def _notes(frame: pd.DataFrame) -> list[str]:
    tokens, priced = int(frame["tokens"].sum()), int(frame["priced_tokens"].sum())
    notes = []
    if priced < tokens:
        low = int((frame["priced_tokens"] < frame["tokens"]).sum())
        share = units.share(priced, tokens)
        notes.append(
            f"{share} of the tokens have a price ({priced:,} of {tokens:,}):"
            f" {low:,} of {len(frame):,} bars are lower than what was paid, or missing."
        )
    return notes + timeline.notes(frame)


METRIC = Metric(
    name="cost_over_time",
    title="Cost over time",
    description="When money was spent: a step that stays is new traffic or a dearer model, a spike a batch or a loop.",
    requires=("created", "model", "prompt_tokens"),
    query=_query,
    figure=_figure,
    notes=_notes,
    nothing="no model in this window has a price (`--prices FILE` gives it one)",
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
