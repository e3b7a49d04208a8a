"""How fast answers come: tokens per second, by model and by whether they streamed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, hookimpl, latency, percentiles, sql, units

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


def _query(window: Window) -> sa.Select[Any]:
    """Percentiles of the time per token of single calls, and the tokens per second that its median makes.

    Where an answer streamed, the time per token is what passes between two of them: (duration - time to first token) /
    (completion tokens - 1). This is the "time per output token" of vLLM's benchmark (`vllm bench serve`) and the
    "inter token latency" of AIPerf. Where it did not, nothing but duration / completion tokens can be told, in which
    the waiting for the first token is contained: such calls are in groups of their own.

    Where the log does not tell whether an answer streamed, a time to first token that is less than the duration shows
    that its beginning was seen before its end, and the first of the two is meant. Without one, neither can be known to
    be right, and the call is left out.
    """
    whole = latency.per_token(Call.duration, Call.completion_tokens)
    value = sa.case((Call.stream.is_(False), whole), else_=latency.per_output_token())
    calls = window.select(Call.model.label("model"), Call.stream.label("stream"), value.label("value"))
    found = percentiles.select(calls.where(_counts()).subquery("speeds"), ["model", "stream"]).subquery("percentiles")
    model, stream, calls_, *levels = found.c
    # What came all at once has no speed. Without its type, SQLAlchemy would make the divisor a decimal of 15 digits.
    speed = sa.literal_column("1") / sa.func.nullif(found.c.p50, 0, type_=sa.Double())
    return latency.in_order(
        sa.select(model, stream, calls_, sa.type_coerce(speed, sa.Double()).label("tokens_per_second"), *levels),
        "p50",  # slowest first: where a chart has no room for all, these are looked for
    )


def _counts() -> sa.ColumnElement[bool]:
    whole = Call.stream.is_(False) & (Call.completion_tokens >= 1) & Call.duration.is_not(None)
    return latency.shows_output_speed() | (sql.not_failed() & whole)


def _figure(frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    there, names = latency.shown(frame), latency.rows(frame)
    speeds = latency.digits(there["tokens_per_second"])
    most, least = (_inverted(there[end]) for end in ("p50_low", "p50_high"))
    bars = go.Bar(
        x=speeds,
        y=names,
        orientation="h",
        marker={
            "color": figures.colours(frame, there["model"]),
            "opacity": _opacities(frame, there),
        },
        error_x={**latency.whiskers(speeds, least, most), "color": figures.NEUTRAL, "thickness": 1.5},
        customdata=_told(there),
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    layout = figures.layout(
        x="tokens per second",
        y="model",
        bars=len(there),
        xaxis={} if any(speeds) else latency.linear_axis(0),
        yaxis=latency.in_rows(names),
        barmode="overlay",
        showlegend=False,
    )
    return go.Figure([bars, _values(there, names, most), *latency.instead(names, _missing(there), 0.0)], layout)


def _opacities(frame: pd.DataFrame, there: pd.DataFrame) -> list[float]:
    """What contains the wait for the first token is fainter beside what does not."""
    alike = latency.answered_alike(frame)
    return [0.5 if stream is False and not alike else 1 for stream in there["stream"]]


def _inverted(times: pd.Series[Any]) -> list[float | None]:
    return [1 / time if time else None for time in latency.digits(times)]


def _values(there: pd.DataFrame, names: list[str], most: list[float | None]) -> go.Bar:
    """The speeds as text beyond the ends of their intervals: an unseen bar as long as these has them."""
    import plotly.graph_objects as go

    exact = figures.numbers(there["tokens_per_second"])
    return go.Bar(
        name="upper end",
        x=[speed if end is None else end for speed, end in zip(exact, most, strict=True)],
        y=names,
        orientation="h",
        text=["" if speed is None else f"{units.count(speed)} /s" for speed in exact],
        textposition="outside",
        cliponaxis=False,
        marker={"color": "rgba(0,0,0,0)"},
        hoverinfo="skip",
    )


def _told(there: pd.DataFrame) -> list[str]:
    """What is said of a bar pointed at."""
    columns = [figures.numbers(there[name]) for name in ("tokens_per_second", "p50", "p95", "calls")]
    return [
        ""
        if speed is None
        else f"{units.count(speed)} tokens per second, time per token {units.seconds(p50)} at p50 and "
        f"{units.seconds(p95)} at p95, {latency.spoken_calls(int(calls or 0))}"
        for speed, p50, p95, calls in zip(*columns, strict=True)
    ]


def _missing(there: pd.DataFrame) -> list[str]:
    """What stands in a row instead of a bar."""
    at_once = (there["p50"] == 0).tolist()
    return [few or ("all at once" if once else "") for few, once in zip(latency.too_few(there), at_once, strict=True)]


def _notes(frame: pd.DataFrame) -> list[str]:
    notes = latency.notes(frame, "groups")
    if frame["p50"].notna().any():
        notes.append("A speed is 1 / the median time per token, and the line at its end a 95 % confidence interval.")
    fainter = "" if latency.answered_alike(frame) else " (the fainter bars)"
    return notes + latency.told_answered(frame, f"their time per token contains the wait for the first{fainter}")


METRIC = Metric(
    name="output_speed",
    title="Output speed by model",
    description="How fast answers come: a short bar makes long answers slow, however soon they begin.",
    requires=("duration", "completion_tokens"),
    query=_query,
    figure=_figure,
    notes=_notes,
    counts=_counts,
    nothing="no call tells how long its tokens took",
)


@hookimpl
def logreport_metrics() -> Iterable[Metric]:
    return [METRIC]
