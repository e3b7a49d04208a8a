"""How durations and times to first token are distributed, in bins of which ten make a decade."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import Metric, Window, figures, hookimpl, latency, sql, timeline, units

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

#: The edges of the bins between 1 and 10 seconds, those of every decade: powers of ten, to six digits.
EDGES: Final = ("1", "1.25893", "1.58489", "1.99526", "2.51189", "3.16228", "3.98107", "5.01187", "6.30957", "7.94328")

#: A shorter time is none: no clock that logs are written by knows less than a nanosecond.
SHORTEST: Final = "1e-9"


def _query(window: Window) -> sa.Select[Any]:
    """A row a bin that has calls, by its number from the one that begins at a second; zero has a row of its own."""
    times = latency.measured(window)
    tenths = sa.func.floor(sa.func.log10(times.c.value) * sql.number("10") + sql.number("1e-9"))
    numbered = sa.select(times.c.place, sa.case((times.c.value >= sql.number(SHORTEST), tenths)).label("bin")).subquery(
        "numbered"
    )
    bins = (
        sa.select(numbered.c.place, numbered.c.bin, sa.func.count().label("calls"))
        .group_by(numbered.c.place, numbered.c.bin)
        .subquery("bins")
    )
    return sa.select(
        latency.measure(bins.c.place).label("measure"),
        _edge(bins.c.bin).label("seconds_from"),
        _edge(bins.c.bin + 1).label("seconds_to"),
        bins.c.calls,
    ).order_by(bins.c.place, bins.c.bin.asc().nulls_first())


def _edge(bin_: sa.ColumnElement[Any]) -> sa.ColumnElement[float]:
    """Where this bin begins, read from text: no two databases need compute a power alike."""
    decade = sa.func.floor(bin_ / sql.number("10"))
    digits = sa.case(*((bin_ - decade * 10 == number, edge) for number, edge in enumerate(EDGES)))
    text = digits + "e" + sa.cast(sa.cast(decade, sa.Integer()), sa.Text())
    return sa.func.coalesce(sql.double(text), sql.number("0"))


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    there = frame[frame["seconds_from"] > 0]
    if there.empty:
        return _without_times(frame)
    each = [(name, there[there["measure"] == name]) for name in latency.MEASURES]
    layout = figures.layout(
        x="seconds",
        y="calls",
        xaxis=latency.log_axis(there["seconds_from"].min(), there["seconds_to"].max()),
        yaxis={"rangemode": "tozero", **figures.ticks_of_counts(figures.numbers(there["calls"]))},
        showlegend=True,
    )
    return go.Figure([_outline(name, bins) for name, bins in each if len(bins)], layout)


def _without_times(frame: pd.DataFrame) -> go.Figure:
    """A logarithmic axis has no zero, where all times may be."""
    import plotly.graph_objects as go

    bare = {"range": [0, 1], "showticklabels": False, "showgrid": False}
    said = go.Scatter(x=[0.5], y=[0.5], mode="text", text=["all times are 0 s"], hoverinfo="skip")
    return go.Figure([said] if len(frame) else [], figures.layout(x="seconds", y="calls", xaxis=bare, yaxis=bare))


def _outline(name: str, bins: pd.DataFrame) -> go.Scatter:
    """The bins of one time as the outline of their bars, through which those of the others are seen.

    It has a point in the middle of each bin, and one in each empty bin beside, where it comes down.
    """
    import plotly.graph_objects as go

    colour = latency.MEASURES[name]
    counts = {
        round(10 * math.log10(begin)): int(calls)
        for begin, calls in zip(bins["seconds_from"], bins["calls"], strict=True)
    }
    around = _with_breaks(sorted({number + beside for number in counts for beside in (-1, 0, 1)}))
    return go.Scatter(
        name=latency.legend(name),
        x=[None if number is None else float(f"{10 ** ((number + 0.5) / 10):.5g}") for number in around],
        y=[None if number is None else counts.get(number, 0) for number in around],
        mode="lines",
        line={"color": colour, "width": 2, "shape": "hvh"},
        fill="tozeroy",
        fillcolor=_faint(colour),
        text=["" if number is None else _told(number, counts.get(number, 0)) for number in around],
        hovertemplate=f"{name}, %{{text}}<extra></extra>",
    )


def _with_breaks(numbers: list[int]) -> list[int | None]:
    """The bins with None where others are left out between two: no line runs along the axis there."""
    return timeline.broken(numbers, [at for at in range(1, len(numbers)) if numbers[at] > numbers[at - 1] + 1])


def _told(number: int, calls: int) -> str:
    begin, end = (units.seconds(10 ** (edge / 10)) for edge in (number, number + 1))
    return f"{begin} to {end}: {latency.spoken_calls(calls)}"


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.15)"


def _notes(frame: pd.DataFrame) -> list[str]:
    none = frame[frame["seconds_from"] == 0]
    each = [f"{calls:,} of {name}" for name, calls in zip(none["measure"], none["calls"], strict=True)]
    return [f"Times of zero, for which a logarithmic axis has no place: {'; '.join(each)}."] if each else []


METRIC = Metric(
    name="latency_distribution",
    title="Latency distribution",
    description="How waits differ: two humps are two kinds of calls, and a long tail to the right is worth a look.",
    requires=(),
    query=_query,
    figure=_figure,
    notes=_notes,
    counts=latency.any_known,
    nothing="no call has a duration or a time to first token",
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
