"""The calls that took longest, and those that cost most."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, units

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

#: So many of each.
MOST: Final = 20

_COLUMNS: Final[dict[str, Any]] = {
    "request_id": Call.request_id,
    "created": Call.created,
    "model": Call.model,
    "duration": Call.duration,
    "prompt_tokens": Call.prompt_tokens,
    "completion_tokens": Call.completion_tokens,
    "status": Call.status,
}

_LISTS: Final = {"slowest": "duration", "dearest": "cost"}


def _query(window: Window) -> sa.Select[Any]:
    columns = [column.label(name) for name, column in _COLUMNS.items()]
    # What the slowest cost is not worked out for all: durations alone are sorted first.
    longest = window.select(Call.duration).where(Call.duration.is_not(None)).order_by(Call.duration.desc()).limit(MOST)
    shortest = sa.select(sa.func.min(longest.subquery("longest").c.duration)).scalar_subquery()
    calls = {
        "slowest": window.cost_of_calls(*columns, where=Call.duration >= shortest),
        "dearest": window.cost_of_calls(*columns),
    }
    lists = sa.union_all(*(sa.select(_most(calls[name], name, by)) for name, by in _LISTS.items())).subquery("lists")
    shown = ("list", "place", *list(_COLUMNS)[:4], "cost", *list(_COLUMNS)[4:])
    return sa.select(*(lists.c[name] for name in shown)).order_by(lists.c.list.desc(), lists.c.place)


def _most(calls: sa.Subquery, name: str, by: str) -> sa.Subquery:
    """The first calls by a column, in an order that leaves nothing to chance."""
    known = sa.select(calls).where(calls.c[by].is_not(None))
    first = known.order_by(*_order(calls.c, by)).limit(MOST).subquery(f"the_{name}")
    place = sa.func.row_number().over(order_by=_order(first.c, by)).label("place")
    return sa.select(sa.literal_column(f"'{name}'", sa.Text()).label("list"), place, first).subquery(f"placed_{name}")


def _order(columns: Any, by: str) -> tuple[sa.ColumnElement[Any], ...]:
    return (
        columns[by].desc(),
        columns.created.asc().nulls_last(),
        sql.by_name(columns.request_id),
        sql.by_name(columns.model),
        columns.prompt_tokens.desc().nulls_last(),
        columns.completion_tokens.desc().nulls_last(),
    )


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    both = frame[frame["duration"].notna() & frame["cost"].notna()]
    if len(both):
        points = [_points(both[both["list"] == name], name) for name in _LISTS]
        axis = {"rangemode": "tozero"}
        layout = figures.layout(x="seconds", y="US dollars", xaxis=axis, yaxis=axis | {"tickprefix": "$"})
        return go.Figure(points, layout)
    name = str(frame["list"].iloc[0]) if len(frame) else "slowest"
    return _bars(frame[frame["list"] == name].iloc[: figures.MOST], _LISTS[name])


def _points(calls: pd.DataFrame, name: str) -> go.Scatter:
    import plotly.graph_objects as go

    costs = figures.numbers(calls["cost"])
    return go.Scatter(
        x=figures.numbers(calls["duration"]),
        y=costs,
        mode="markers",
        name=name,
        marker={"size": 9, "color": figures.LEVELS[95 if name == "slowest" else 90], "opacity": 0.85},
        text=figures.labels(calls["request_id"]),
        customdata=[units.dollars(cost) for cost in costs],
        hovertemplate="%{text}: %{x:.3f} s, %{customdata}<extra></extra>",
    )


def _bars(calls: pd.DataFrame, by: str) -> go.Figure:
    import plotly.graph_objects as go

    amounts = figures.numbers(calls[by])
    say = units.dollars if by == "cost" else units.seconds
    bars = go.Bar(
        x=amounts,
        y=figures.labels(calls["request_id"]),
        orientation="h",
        text=[say(amount) for amount in amounts],
        textposition="outside",
        cliponaxis=False,
        marker={"color": figures.colours(calls, calls["model"])},
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    return go.Figure(bars, figures.layout(x="US dollars" if by == "cost" else "seconds", y="call", bars=len(calls)))


METRIC = Metric(
    name="slowest_and_dearest",
    title="Slowest and dearest calls",
    description="Which calls to look up by their ids: the twenty that took longest and the twenty that cost most.",
    requires=(),
    query=_query,
    figure=_figure,
    counts=lambda: Call.duration.is_not(None) | (Call.model.is_not(None) & Call.prompt_tokens.is_not(None)),
    nothing="no call in this window has a duration or a price",
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
