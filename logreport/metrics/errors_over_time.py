"""How many calls failed over time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql, timeline, units

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def _query(window: Window) -> sa.Select[Any]:
    """One row a step in which calls tell how they went; none at all where no call failed."""
    steps = (
        window.select(
            window.time_bucket().label("step"),
            sql.count_where(Call.status == "error").label("errors"),
            sa.func.count().label("calls"),
        )
        .where(Call.created.is_not(None), Call.status.is_not(None))
        .group_by("step")
        .subquery("steps")
    )
    counted = sa.select(steps, sa.func.sum(steps.c.errors).over().label("failed")).subquery("counted")
    rows: sa.Select[Any] = sa.select(counted.c.step.label("bucket"), counted.c.errors, counted.c.calls)
    return rows.where(counted.c.failed > 0).order_by(counted.c.step)


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    time = timeline.timeline(frame)
    shown = frame.assign(x=time.x, offset=time.offsets or "")
    # An hour that the clocks show twice has one place, and one share.
    shown = shown.groupby("x", sort=False).agg(
        errors=("errors", "sum"), calls=("calls", "sum"), offset=("offset", " and ".join)
    )
    counts = list(zip(shown["errors"].tolist(), shown["calls"].tolist(), strict=True))
    bars = go.Bar(
        x=shown.index.tolist(),
        offset=0,  # a bar begins where its step begins
        width=time.width,
        y=[float(f"{100 * errors / calls:.4g}") for errors, calls in counts],
        marker={"color": figures.STATES["error"]},
        customdata=shown["offset"].tolist() if time.offsets else None,
        hovertext=[_said(errors, calls) for errors, calls in counts],
        hovertemplate=f"{time.hover}: %{{hovertext}}<extra></extra>",
    )
    return go.Figure(bars, figures.layout(x=time.title, y="failed calls, %", xaxis=time.xaxis, bargap=0))


def _said(errors: int, calls: int) -> str:
    return f"{errors:,} of {calls:,} {'call' if calls == 1 else 'calls'} failed ({units.share(errors, calls)})"


def _notes(frame: pd.DataFrame) -> list[str]:
    if frame.empty:
        return []
    notes = [f"{_said(int(frame['errors'].sum()), int(frame['calls'].sum()))} in all."]
    few = int((frame["calls"] < figures.FEW).sum())
    if few:
        steps, stand = ("step" if len(frame) == 1 else "steps"), ("stands" if few == 1 else "stand")
        notes.append(f"{few:,} of {len(frame):,} {steps} {stand} on fewer than {figures.FEW} calls.")
    return notes + timeline.notes(frame)


METRIC = Metric(
    name="errors_over_time",
    title="Errors over time",
    description="When calls failed: a few high bars are an outage, a level that stays is a fault of your own.",
    requires=("created", "status"),
    query=_query,
    figure=_figure,
    notes=_notes,
    calls_per_step=figures.FEW,
    nothing="no call of this window failed",
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
