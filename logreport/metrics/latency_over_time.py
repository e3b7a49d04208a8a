"""How durations and times to first token went over time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, latency, percentiles, sql, timeline

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

#: A step of fewer calls has no percentiles. Its calls are counted all the same.
ENOUGH: Final = 5


def _query(window: Window) -> sa.Select[Any]:
    """A row a step and time; none at all where no step has enough calls, as then there is nothing to draw."""
    times = latency.measured(window, window.time_bucket().label("bucket"), where=Call.created.is_not(None))
    limits = _limits(times)
    steps = (
        sa.select(
            times.c.bucket,
            times.c.place,
            limits.c.limit,
            sa.func.count().label("calls"),
            percentiles.ordered(times.c.value).label("sorted"),
            sql.count_where(times.c.value > limits.c.limit).label("slow"),
            sa.func.max(sa.func.count()).over().label("most"),
        )
        .join_from(times, limits, times.c.place == limits.c.place)
        .group_by(times.c.bucket, times.c.place, limits.c.limit)
        .subquery("steps")
    )
    found = steps.c
    p50, p95 = (
        sa.case((found.calls >= ENOUGH, percentiles.percentile(found.sorted, found.calls, percent)))
        for percent in (50, 95)
    )
    return (
        sa.select(
            found.bucket,
            latency.measure(found.place).label("measure"),
            found.calls,
            p50.label("p50"),
            p95.label("p95"),
            sa.case((found.limit.is_not(None), found.slow)).label("slow"),
            found.limit,
        )
        .where(found.most >= ENOUGH)
        .order_by(found.place, found.bucket)
    )


def _limits(times: sa.CTE) -> sa.Subquery:
    """What one in twenty calls of the whole window takes longer than, for each time of which there are enough."""
    whole = (
        sa.select(times.c.place, sa.func.count().label("calls"), percentiles.ordered(times.c.value).label("sorted"))
        .group_by(times.c.place)
        .subquery("whole")
    )
    limit = sa.case((whole.c.calls >= figures.FEW, percentiles.percentile(whole.c.sorted, whole.c.calls, 95)))
    # Grouped once more, though there is one row of each: a database might else join every call with all values sorted.
    only: sa.ColumnElement[float] = sa.func.max(limit, type_=sa.Double())
    return sa.select(whole.c.place, only.label("limit")).group_by(whole.c.place).subquery("limits")


def _counts() -> sa.ColumnElement[bool]:
    return sa.and_(Call.created.is_not(None), latency.any_known())


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    time = timeline.timeline(_steps(frame))
    layout = figures.layout(
        x=time.title,
        y="seconds: p95 solid, p50 dotted",
        xaxis=time.xaxis,
        yaxis={"rangemode": "tozero", **latency.PLAIN_TICKS},
        showlegend=True,
    )
    traces = [trace for name, those in _drawn(frame) for trace in _lines(name, those)]
    return go.Figure(traces, layout)


def _steps(frame: pd.DataFrame) -> pd.DataFrame:
    """Every step once, in the order of time."""
    return frame[["bucket"]].drop_duplicates().sort_values("bucket")


def _drawn(frame: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The times of which at least one step has enough calls, with their steps."""
    each = [(name, frame[frame["measure"] == name]) for name in latency.MEASURES]
    return [(name, those) for name, those in each if those["p95"].notna().any()]


def _lines(name: str, those: pd.DataFrame) -> Iterator[go.Scatter]:
    """A line for p95 and one for p50, and circles where a point of theirs stands alone."""
    import plotly.graph_objects as go

    time, gaps = timeline.timeline(those), timeline.gaps(those)
    colour = latency.MEASURES[name]
    for percent, line in ((95, {"width": 2}), (50, {"width": 1.5, "dash": "dot"})):
        points: dict[str, list[Any] | None] = {
            "x": time.x,
            "y": latency.digits(those[f"p{percent}"]),
            "text": [latency.spoken_calls(calls) for calls in those["calls"]],
            "customdata": time.offsets,
        }
        same = {
            "name": latency.legend(name),
            "legendgroup": name,
            "hovertemplate": f"{time.hover}: {name}, p{percent} %{{y:.3~s}}s of %{{text}}<extra></extra>",
        }
        whole = timeline.broken(range(len(those)), gaps)
        yield go.Scatter(
            _at(points, whole), **same, mode="lines", line={"color": colour, **line}, showlegend=percent == 95
        )
        alone = _alone(points["y"] or [], gaps)
        if alone:
            marker = {"color": colour, "size": 5}
            yield go.Scatter(_at(points, alone), **same, mode="markers", marker=marker, showlegend=False)


def _at(points: dict[str, list[Any] | None], places: list[int | None]) -> dict[str, list[Any] | None]:
    """The points at these places, and a break where there is none."""
    return {
        key: None if column is None else [None if at is None else column[at] for at in places]
        for key, column in points.items()
    }


def _alone(values: list[float | None], gaps: list[int]) -> list[int | None]:
    """The places of points that no line runs to or from."""
    cut = {0, len(values), *gaps}
    linked = [at not in cut and None not in values[at - 1 : at + 1] for at in range(len(values) + 1)]
    return [at for at, value in enumerate(values) if value is not None and not linked[at] and not linked[at + 1]]


def _notes(frame: pd.DataFrame) -> list[str]:
    few = int(frame["p95"].isna().sum())
    points = f"{few:,} of the {len(frame):,} points {'has' if few == 1 else 'have'}"
    notes = [f"{points} fewer than {ENOUGH} calls, too few for percentiles of a step."] if few else []
    return notes + timeline.notes(_steps(frame))


METRIC = Metric(
    name="latency_over_time",
    title="Latency over time",
    description="When calls were slow: a line that rises and stays up is a change worth finding, a peak went by.",
    requires=("created",),
    query=_query,
    figure=_figure,
    notes=_notes,
    counts=_counts,
    calls_per_step=figures.FEW,
    nothing="no step has enough calls with a duration or a time to first token",
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
