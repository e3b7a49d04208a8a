"""How temperatures are distributed."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

#: Up to so many distinct values each has its own row; above, so many bins of equal width.
MOST_VALUES: Final = 50


def _query(window: Window) -> sa.Select[Any]:
    known = window.select(Call.temperature.label("temperature")).where(Call.temperature.is_not(None)).subquery()
    value = known.c.temperature
    span = sa.select(
        sa.func.count(sa.distinct(value)).label("values"),
        sa.func.min(value).label("low"),
        sa.func.max(value).label("high"),
    ).subquery()
    width = (span.c.high - span.c.low) / sa.literal_column(f"{MOST_VALUES}.0", sa.Double())
    # The highest value belongs to the last bin, not to one of its own.
    place = sa.func.least(sa.func.floor((value - span.c.low) / width), sa.literal_column(str(MOST_VALUES - 1)))
    binned = sa.case((span.c["values"] <= MOST_VALUES, value), else_=span.c.low + place * width).label("temperature")
    rows = sa.select(binned).select_from(known.join(span, sa.true())).subquery()
    return (
        sa.select(rows.c.temperature.label("temperature"), sa.func.count().label("calls"))
        .group_by(rows.c.temperature)
        .order_by(rows.c.temperature)
    )


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    values = figures.numbers(frame["temperature"])
    bars = go.Bar(
        x=values,
        y=figures.numbers(frame["calls"]),
        width=_bar_width(values),
        marker={"color": figures.PALETTE[3]},
        hovertemplate="temperature %{x}: %{y:,} calls<extra></extra>",
    )
    return figures.layout(go.Figure(bars), x="temperature", y="calls")


def _bar_width(values: list[Any]) -> float:
    steps = [high - low for low, high in pairwise(values)]
    return 0.8 * min(steps, default=0.1)


METRIC = Metric(
    name="temperature",
    title="Temperature",
    description="How free the models were asked to be: a bar far from the others is often a forgotten default.",
    requires=("temperature",),
    query=_query,
    figure=_figure,
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
