"""Tokens used over time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, sql

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

_HALF_A_DAY: Final = timedelta(hours=12)

#: Milliseconds, the unit of widths on Plotly's time axes.
_AN_HOUR: Final = 3_600_000


def _query(window: Window) -> sa.Select[Any]:
    return (
        window.select(
            window.time_bucket().label("bucket"),
            sql.sum_of_tokens().label("tokens"),
        )
        .where(Call.created.is_not(None))
        .group_by("bucket")
        .order_by("bucket")
    )


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    zone = str(getattr(frame["bucket"].dt, "tz", None) or "UTC")
    offset = "" if zone == "UTC" else " %{customdata}"
    bars = go.Bar(
        # The clock of the report's zone: Plotly knows no zones and would turn an offset back.
        x=_clock(frame["bucket"]),
        offset=0,  # a bar begins where its step begins
        width=_AN_HOUR if len(frame) == 1 else None,  # without neighbours, from which its width could be told
        y=figures.numbers(frame["tokens"]),
        marker={"color": figures.PLAIN},
        # Where clocks change, the offset tells two hours of the same name apart.
        customdata=[moment.isoformat()[-6:] for moment in frame["bucket"]] if zone != "UTC" else None,
        hovertemplate=f"%{{x|%Y-%m-%d %H:%M:%S}}{offset}: %{{y:,}} tokens<extra></extra>",
    )
    figure = figures.layout(go.Figure(bars), x=f"time ({zone})", y="tokens")
    # An hour that the clocks show twice is one bar of two parts.
    return figure.update_layout(barmode="stack", bargap=0, xaxis={"type": "date", "range": _span(frame["bucket"])})


def _span(moments: pd.Series[Any]) -> list[str] | None:
    """From the first bar to the end of the last one: Plotly would cut that in half. A bar alone stands in its day."""
    if moments.empty:
        return None
    if len(moments) == 1:
        before, after = _HALF_A_DAY, _HALF_A_DAY
    else:
        before, after = timedelta(0), moments.diff().min()
    return [str(moment)[:19] for moment in (moments.iloc[0] - before, moments.iloc[-1] + after)]


def _clock(moments: pd.Series[Any]) -> list[str]:
    """Times as the clock showed them; seconds only where some have any, for each stands on the page once more."""
    found = [str(moment)[:19] for moment in moments]
    return [text[:16] for text in found] if all(text.endswith(":00") for text in found) else found


def _notes(frame: pd.DataFrame) -> list[str]:
    unknown = int(frame["tokens"].isna().sum())
    return [f"Steps with calls but without a bar, because none reported tokens: {unknown:,}."] if unknown else []


METRIC = Metric(
    name="tokens_over_time",
    title="Tokens over time",
    description="When tokens were used: a step that stays is new traffic, a spike is a batch or a loop.",
    requires=("created", "tokens"),
    query=_query,
    figure=_figure,
    notes=_notes,
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
