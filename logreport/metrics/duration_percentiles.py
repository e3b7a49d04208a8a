"""Percentiles of durations by model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, hookimpl, latency, percentiles

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def _query(window: Window) -> sa.Select[Any]:
    values = (
        window.select(Call.model.label("model"), Call.duration.label("value")).where(_counts()).subquery("durations")
    )
    return latency.in_order(percentiles.select(values, ["model"]), "p95")


def _counts() -> sa.ColumnElement[bool]:
    return latency.known(Call.duration)


def _figure(frame: pd.DataFrame) -> go.Figure:
    return latency.circles(frame)


def _notes(frame: pd.DataFrame) -> list[str]:
    return latency.notes(frame, "models") + latency.told_intervals(frame)


METRIC = Metric(
    name="duration_percentiles",
    title="Duration percentiles by model",
    description="How long calls take: half of them no longer than p50, one in a hundred longer than p99.",
    requires=("duration",),
    query=_query,
    figure=_figure,
    notes=_notes,
    counts=_counts,
    nothing="every call that has a duration failed",
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
