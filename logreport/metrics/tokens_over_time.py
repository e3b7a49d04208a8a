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

#: A bar alone stands in the middle of so many steps.
_AROUND: Final = 20


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
    times, step = _clock(frame["bucket"]), _step(frame)
    format_ = "%Y-%m-%d %H:%M:%S" if any(time.count(":") > 1 for time in times) else "%Y-%m-%d %H:%M"
    bars = go.Bar(
        # The clock of the report's zone: Plotly knows no zones and would turn an offset back.
        x=times,
        offset=0,  # a bar begins where its step begins
        width=step / timedelta(milliseconds=1),
        y=figures.numbers(frame["tokens"]),
        marker={"color": figures.PLAIN},
        # Where clocks change, the offset tells two hours of the same name apart.
        customdata=[moment.isoformat()[-6:] for moment in frame["bucket"]] if zone != "UTC" else None,
        hovertemplate=f"%{{x|{format_}}}{offset}: %{{y:,}} tokens<extra></extra>",
    )
    layout = figures.layout(
        x=f"time ({zone})",
        y="tokens",
        xaxis={"type": "date", "range": _span(frame["bucket"], step)},
        barmode="stack",  # an hour that the clocks show twice is one bar of two parts
        bargap=0,
    )
    return go.Figure(bars, layout)


def _step(frame: pd.DataFrame) -> timedelta:
    """The step that the report chose; an hour for a frame that no report made."""
    step: timedelta = frame.attrs.get("bucket", timedelta(hours=1))
    return step


def _span(moments: pd.Series[Any], step: timedelta) -> list[str] | None:
    """From the first bar to the end of the last, which Plotly would cut in half; a bar alone has room around it."""
    if moments.empty:
        return None
    room = step * _AROUND / 2 if len(moments) == 1 else timedelta(0)
    return [str(moment)[:19] for moment in (moments.iloc[0] - room, moments.iloc[-1] + step + room)]


def _clock(moments: pd.Series[Any]) -> list[str]:
    """Times as the clock showed them; seconds only where some have any, for each stands on the page once more."""
    found = [str(moment)[:19] for moment in moments]
    return [text[:16] for text in found] if all(text.endswith(":00") for text in found) else found


def _notes(frame: pd.DataFrame) -> list[str]:
    unknown = int(frame["tokens"].isna().sum())
    notes = [f"Steps with calls but without a bar, because none reported tokens: {unknown:,}."] if unknown else []
    if _step(frame) < timedelta(days=1) and len({moment.utcoffset() for moment in frame["bucket"]}) > 1:
        notes.append("Clocks changed in this span: the bar of an hour shown twice holds both, one left out has none.")
    return notes


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
