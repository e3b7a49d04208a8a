"""At which hours of the week calls are made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, units

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOURS: Final = tuple(f"{hour:02}:00" for hour in range(24))

#: From few calls to many: the page shines through, light or dark.
_SCALE: Final = ((0, "rgba(5, 108, 210, 0.12)"), (1, "rgba(5, 108, 210, 1)"))

_HOUR: Final = 3600

#: Of fewer days, each weekday is hardly there twice.
_ENOUGH: Final = 14


def _query(window: Window) -> sa.Select[Any]:
    """One row an hour of the week in which there were calls, by the clocks of the report's zone."""
    hours = (
        window.select(sql.floor_time(window.local_time(), _HOUR).label("clock"), sa.func.count().label("calls"))
        .where(Call.created.is_not(None))
        .group_by("clock")
        .subquery("hours")
    )
    places = sa.select(
        _part("isodow", hours.c.clock).label("weekday"),
        _part("hour", hours.c.clock).label("hour"),
        sa.cast(hours.c.clock, sa.Date()).label("day"),
        hours.c.calls,
    ).subquery("places")
    days = (
        sa.select(places.c.weekday, sa.func.count(places.c.day.distinct()).label("days"))
        .group_by(places.c.weekday)
        .subquery("days")
    )
    return (
        sa.select(
            places.c.weekday,
            places.c.hour,
            sql.total(places.c.calls).label("calls"),
            days.c.days,
        )
        .join_from(places, days, places.c.weekday == days.c.weekday)
        .group_by(places.c.weekday, places.c.hour, days.c.days)
        .order_by(places.c.weekday, places.c.hour)
    )


def _part(name: str, clock: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.cast(sa.extract(name, clock), sa.BigInteger())


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    calls = {(day, hour): count for day, hour, count in frame[["weekday", "hour", "calls"]].to_numpy().tolist()}
    days = dict(frame[["weekday", "days"]].to_numpy().tolist())
    places = [[(day, hour) for hour in range(24)] for day in range(1, 8)]
    heat = go.Heatmap(
        x=_HOURS,
        y=_WEEKDAYS,
        z=[[calls.get(place) for place in row] for row in places],
        zmin=0,
        colorscale=_SCALE,
        text=[[_mean(calls[place], days[place[0]]) if place in calls else "" for place in row] for row in places],
        hovertemplate="%{y}, %{x}: %{z:,} calls, %{text}<extra></extra>",
    )
    layout = figures.layout(
        x="hour of the day",
        y="weekday",
        xaxis={"type": "category", "range": [-0.5, 23.5], "tickvals": _HOURS[::3], "ticktext": list(range(0, 24, 3))},
        yaxis={"type": "category", "range": [6.5, -0.5]},
    )
    return go.Figure(heat, layout)


def _mean(calls: int, days: int) -> str:
    return f"{units.count(round(calls / days, 1))} a day on {days:,} {'day' if days == 1 else 'days'}"


def _notes(frame: pd.DataFrame) -> list[str]:
    """How little a week or less says of all weeks."""
    days = frame.groupby("weekday")["days"].max()
    count = int(days.sum())
    if not 0 < count < _ENOUGH:
        return []
    stand = "day with calls stands" if count == 1 else "days with calls stand"
    return [f"{count} {stand} behind this chart, of no weekday more than {int(days.max())}."]


METRIC = Metric(
    name="busy_hours",
    title="Busy hours",
    description="When in the week calls are made: limits must hold in the fullest hours, batches fit the emptiest.",
    requires=("created",),
    query=_query,
    figure=_figure,
    notes=_notes,
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
