"""How many calls were made over time, and how they went."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, timeline

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

#: How calls can have gone: the column, its name, and its colour.
_STATES: Final = (("ok", "ok", "ok"), ("errors", "failed", "error"), ("unknown", "unknown", "unknown"))


def _query(window: Window) -> sa.Select[Any]:
    return (
        window.select(
            window.time_bucket().label("bucket"),
            sql.count_where(Call.status != "error").label("ok"),
            sql.count_where(Call.status == "error").label("errors"),
            sql.count_where(Call.status.is_(None)).label("unknown"),
        )
        .where(Call.created.is_not(None))
        .group_by("bucket")
        .order_by("bucket")
    )


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    time = timeline.timeline(frame)
    bars = []
    for column, name, state in _STATES:
        # What does not occur has no place in the legend.
        places = [place for place, count in enumerate(frame[column]) if count]
        if places:
            bars.append(
                go.Bar(
                    name=name,
                    x=[time.x[place] for place in places],
                    offset=0,  # a bar begins where its step begins
                    width=time.width,
                    y=[int(frame[column].iloc[place]) for place in places],
                    marker={"color": figures.STATES[state]},
                    customdata=[time.offsets[place] for place in places] if time.offsets else None,
                    hovertemplate=f"{time.hover}: %{{y:,}} {name}<extra></extra>",
                )
            )
    heights = (frame["ok"] + frame["errors"] + frame["unknown"]).groupby(time.x).sum()
    layout = figures.layout(
        x=time.title,
        y="calls",
        xaxis=time.xaxis,
        yaxis=figures.ticks_of_counts(heights),
        barmode="stack",  # an hour that the clocks show twice is one bar of two parts
        bargap=0,
        showlegend=[bar.name for bar in bars] != ["ok"],
    )
    return go.Figure(bars, layout)


def _notes(frame: pd.DataFrame) -> list[str]:
    calls, unknown = int(frame[["ok", "errors", "unknown"]].to_numpy().sum()), int(frame["unknown"].sum())
    do, it = ("does", "it") if unknown == 1 else ("do", "they")
    notes = [f"{unknown:,} of {calls:,} calls {do} not tell how {it} went."] if unknown else []
    return notes + timeline.notes(frame)


METRIC = Metric(
    name="requests_over_time",
    title="Calls over time",
    description="How many calls were made and when: what to size rate limits and capacity for.",
    requires=("created",),
    query=_query,
    figure=_figure,
    notes=_notes,
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
