"""How temperatures are distributed."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

#: Up to so many distinct values each has its own row; above, about as many bins share them.
MOST_VALUES: Final = 50


def _query(window: Window) -> sa.Select[Any]:
    """One row a temperature, or a bin by its lower edge where there are more than fifty; lowest first."""
    values = (
        window.select(Call.temperature.label("value"), sa.func.count().label("calls"))
        .where(Call.temperature.is_not(None))
        .group_by(Call.temperature)
        .subquery("temperatures")
    )
    spread = sa.select(
        values,
        sa.func.count().over().label("distinct_values"),
        _step(sa.func.max(values.c.value).over() - sa.func.min(values.c.value).over()).label("step"),
    ).subquery("spread")
    scale = sa.select(spread, sa.func.floor(sa.func.log10(spread.c.step)).label("exponent")).subquery("scale")
    binned = sa.select(scale, _digit(scale.c.step, scale.c.exponent).label("digit")).subquery("binned")
    edges = sa.select(
        binned.c.calls,
        sa.case((binned.c.distinct_values > MOST_VALUES, _edge(binned.c)), else_=binned.c.value).label("temperature"),
    ).subquery("edges")
    temperature: sa.ColumnElement[Any] = sa.type_coerce(edges.c.temperature, sa.Double()).label("temperature")
    calls = sql.total(edges.c.calls).label("calls")
    rows: sa.Select[Any] = sa.select(temperature, calls)
    return rows.group_by(edges.c.temperature).order_by(edges.c.temperature)


def _step(spread: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The least width of a bin; NULL where all temperatures are the same."""
    return sa.func.nullif(spread / sa.literal_column(f"{MOST_VALUES}.0"), 0)


def _digit(step: sa.ColumnElement[Any], exponent: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The first digit of the width of a bin, 1, 2, 5 or 10 times a power of ten, so that edges are round numbers."""
    first = _shifted(step, -exponent)
    return sa.case(*((first <= digit, sa.literal_column(f"{digit}.0")) for digit in (1, 2, 5)), else_=_TEN)


def _edge(column: Any) -> sa.ColumnElement[Any]:
    # A value that is an edge belongs to the bin it begins, though 0.6 / 0.2 is a little less than 3.
    number = sa.func.floor(_shifted(column.value, -column.exponent) / column.digit + sa.literal_column("0.000000001"))
    return _shifted(number * column.digit, column.exponent)


def _shifted(value: sa.ColumnElement[Any], exponent: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The value times a power of ten. Powers below 1 divide: 3 / 10 is 0.3, while 3 * 0.1 is not."""
    return sa.case((exponent < 0, value / sa.func.power(_TEN, -exponent)), else_=value * sa.func.power(_TEN, exponent))


_TEN: Final[sa.ColumnElement[float]] = sql.number("10")


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    frame = frame[frame["temperature"].notna()]
    values, calls = figures.numbers(frame["temperature"]), figures.numbers(frame["calls"])
    bars = go.Bar(
        x=values,
        y=calls,
        width=_bar_width(values),
        marker={"color": figures.PLAIN},
        hovertemplate="temperature %{x}: %{y:,} calls<extra></extra>",
    )
    return go.Figure(bars, figures.layout(x="temperature", y="calls", yaxis=figures.ticks_of_counts(calls)))


def _bar_width(values: list[Any]) -> float:
    steps = [high - low for low, high in pairwise(values)]
    # A bar narrower than a hundredth of the axis could not be seen.
    return 0.8 * max(min(steps), 0.01 * (values[-1] - values[0])) if steps else 0.08


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
