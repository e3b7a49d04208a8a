"""What charts about waiting share: which calls have a time, which times there are, and percentiles as circles in rows.

Four times are told apart and never mixed: how long a call took, and when its first token came where the answer was
streamed, where it was not (then it can be the whole duration), and where the log does not tell. Calls that failed have
none of them: their times are of something else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from logreport import figures, percentiles, sql, units
from logreport.call import Call
from logreport.metric import Window

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

#: The four times, each with its colour, in the order of charts and tables.
MEASURES: Final = {
    "duration": figures.PLAIN,
    "time to first token, streamed": figures.PALETTE[1],
    "time to first token, not streamed": figures.PALETTE[2],
    "time to first token": figures.PALETTE[3],
}

#: What the label of a row says of how its calls were answered.
_ANSWERED: Final = {True: ", streamed", False: ", not streamed", None: " (streaming unknown)"}

#: An axis is logarithmic from so many times the least median on: from zero it would leave the fast ones no room.
_APART: Final = 20

#: As many ticks as there is room for on a telephone, and as many signs in all of them.
_MOST_TICKS: Final = 6
_MOST_SIGNS: Final = 24

#: For an axis of seconds: thousandths are not written as "1m", which may be taken for minutes.
PLAIN_TICKS: Final = {"minexponent": 4}


# ---------------------------------------------------------------- what is asked


def known(time: Any) -> sa.ColumnElement[bool]:
    """Whether a call has this time, and did not fail as far as the log tells."""
    return sa.and_(sql.not_failed(), time.is_not(None))


def any_known() -> sa.ColumnElement[bool]:
    """Whether a call has one of the four times, and did not fail."""
    return sa.or_(known(Call.duration), known(Call.time_to_first_token))


def per_token(seconds: Any, tokens: Any) -> sa.ColumnElement[float]:
    """Seconds a token."""
    return sa.type_coerce(seconds / sql.double(sa.func.nullif(tokens, 0)), sa.Double())


def per_output_token() -> sa.ColumnElement[float]:
    """The time that passes between two tokens of an answer that streams, in seconds."""
    return per_token(Call.duration - Call.time_to_first_token, Call.completion_tokens - 1)


def shows_output_speed() -> sa.ColumnElement[bool]:
    """Whether a call shows how fast its answer came: where the log does not tell that it streamed, its beginning must
    have been seen before its end.
    """
    first, duration, tokens = Call.time_to_first_token, Call.duration, Call.completion_tokens
    streamed = Call.stream.is_(True) & (tokens >= 2) & (duration >= first)
    seen = Call.stream.is_(None) & (tokens >= 2) & (duration > first)
    return sql.not_failed() & (streamed | seen)


def measured(window: Window, *columns: Any, where: sa.ColumnElement[bool] | None = None) -> sa.CTE:
    """A row for each time of each call: these columns, its `place` in `MEASURES`, and its `value` in seconds."""
    calls = window.select() if where is None else window.select().where(where)

    def one(place: Any, time: Any) -> sa.Select[Any]:
        return calls.add_columns(*columns, place.label("place"), time.label("value")).where(known(time))

    first = sa.case((Call.stream.is_(True), 1), (Call.stream.is_(False), 2), else_=3)
    durations = one(sa.literal_column("0", sa.Integer()), Call.duration)
    return durations.union_all(one(first, Call.time_to_first_token)).cte("measured")


def measure(place: Any) -> sa.ColumnElement[str]:
    """The name of the time at this place of `MEASURES`."""
    return sa.case(*((place == number, name) for number, name in enumerate(MEASURES)))


def in_order(query: sa.Select[Any], by: str) -> sa.Select[Any]:
    """Groups by model, or by model and stream, as tables and charts have them: the largest value of `by` first."""
    found = query.selected_columns
    order = [found[by].desc().nulls_last(), found["calls"].desc(), sql.by_name(found["model"])]
    if "stream" in found:
        order.append(sa.case((found["stream"].is_(True), 1), (found["stream"].is_(False), 2), else_=3))
    return query.order_by(*order)


# ---------------------------------------------------------------- what is shown


def legend(measure: str) -> str:
    """A time's name in a legend, beside which others stand."""
    return "whole duration" if measure == "duration" else measure


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows for which a chart has room: percentiles of "others" there are none."""
    return frame.iloc[: figures.MOST - 1]


def rows(frame: pd.DataFrame) -> list[str]:
    """The labels of the rows `shown`: the model, and how it answered where not all calls of the frame did alike."""
    import pandas as pd

    there = shown(frame)
    if "stream" not in frame or answered_alike(frame):
        return figures.labels(there["model"])
    names = [figures.UNKNOWN["model"] if figures.is_unknown(name) else str(name) for name in there["model"]]
    return figures.labels(pd.Series([name + _ANSWERED[how] for name, how in zip(names, there["stream"], strict=True)]))


def answered_alike(frame: pd.DataFrame) -> bool:
    """Whether all calls streamed, or none, or nothing is told of any."""
    return len(set(frame["stream"])) < 2


def told_answered(frame: pd.DataFrame, so: str) -> list[str]:
    """How many calls did not stream, and what follows of that."""
    whole, calls = int(frame["calls"][frame["stream"].isin([False])].sum()), int(frame["calls"].sum())
    if not answered_alike(frame):
        return [f"{whole:,} of these {calls:,} calls did not stream: {so}."] if whole else []
    if whole:
        return [f"None of these calls streamed: {so}."]
    streamed = frame["stream"].isin([True]).any()
    return ["All of these calls streamed." if streamed else "The log does not tell which of these calls streamed."]


def in_rows(names: Sequence[str]) -> dict[str, Any]:
    """An axis of all these rows, also of those in which nothing is drawn; the first on top."""
    return {"categoryarray": list(names), "autorange": False, "range": [len(names) - 0.5, -0.5]}


def circles(frame: pd.DataFrame) -> go.Figure:
    """Percentiles as `percentiles.select` answers them: a row a group, a circle a percentile with its interval."""
    import plotly.graph_objects as go

    there, names = shown(frame), rows(frame)
    xaxis, start = _reach(there)
    layout = figures.layout(
        x="seconds",
        y="model",
        bars=len(there),
        xaxis=xaxis,
        yaxis=in_rows(names),
        barmode="overlay",
        showlegend=True,
    )
    levels = [_level(there, names, percent) for percent in percentiles.SHOWN]
    return go.Figure([*_leads(frame, there, names), *levels, *instead(names, too_few(there), start)], layout)


def _leads(frame: pd.DataFrame, there: pd.DataFrame, names: Sequence[str]) -> list[go.Bar]:
    """A thin bar from each name to its last circle, in the model's colour."""
    import plotly.graph_objects as go

    thin = min(0.1, 0.018 * len(there))  # about three pixels: few rows are higher than many
    return [
        go.Bar(
            name="p99",
            x=[value],
            y=[name],
            orientation="h",
            width=thin,
            marker={"color": colour, "opacity": 0.4},
            showlegend=False,
            hoverinfo="skip",
        )
        for name, value, colour in zip(names, digits(there["p99"]), figures.colours(frame, there["model"]), strict=True)
        if value is not None
    ]


def _level(there: pd.DataFrame, names: Sequence[str], percent: int) -> go.Scatter:
    import plotly.graph_objects as go

    values, lows, highs = (digits(there[f"p{percent}{end}"]) for end in ("", "_low", "_high"))
    return go.Scatter(
        name=f"p{percent}",
        x=values,
        y=list(names),
        mode="markers",
        marker={"color": figures.LEVELS[percent], "size": 9},
        cliponaxis=False,
        error_x=whiskers(values, lows, highs),
        customdata=_told(there, percent),
        hovertemplate=f"%{{y}}: p{percent} %{{customdata}}<extra></extra>",
    )


def _told(there: pd.DataFrame, percent: int) -> list[str]:
    """What is said of each circle pointed at."""
    exact = [figures.numbers(there[f"p{percent}{end}"]) for end in ("", "_low", "_high")]
    return [
        "" if value is None else f"{units.seconds(value)}, {between(low, high)}, {spoken_calls(calls)}"
        for value, low, high, calls in zip(*exact, there["calls"], strict=True)
    ]


def digits(column: pd.Series[Any]) -> list[float | None]:
    """The values with as many digits as a chart can show, None for unknown: each stands on the page several times."""
    return [None if value is None else float(f"{value:.4g}") for value in figures.numbers(column)]


def whiskers(values: Sequence[Any], lows: Sequence[Any], highs: Sequence[Any]) -> dict[str, Any]:
    """Thin error bars between these ends; where an end is not known, the bar has none on that side."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [_beyond(value, high) for value, high in zip(values, highs, strict=True)],
        "arrayminus": [_beyond(low, value) for low, value in zip(lows, values, strict=True)],
        "thickness": 1,
        "width": 3,
    }


def _beyond(low: float | None, high: float | None) -> float:
    return 0 if low is None or high is None else float(f"{high - low:.4g}")


def between(low: float | None, high: float | None) -> str:
    """A 95 % confidence interval of seconds in words."""
    if high is None:
        return f"95 % sure to be above {units.seconds(low)}, with no upper end"
    return f"95 % sure to be within {units.seconds(low)} and {units.seconds(high)}"


def spoken_calls(calls: int) -> str:
    """So many calls."""
    return f"{calls:,} {'call' if calls == 1 else 'calls'}"


def too_few(there: pd.DataFrame) -> list[str]:
    """For each row what says that it has too few calls; empty where it has enough."""
    return [f"too few: {spoken_calls(calls)}" if calls < figures.FEW else "" for calls in there["calls"]]


def instead(names: Sequence[str], texts: Sequence[str], start: float) -> list[go.Scatter]:
    """The texts that stand in some rows instead of a mark, beginning at this place of the axis."""
    import plotly.graph_objects as go

    said = [(name, text) for name, text in zip(names, texts, strict=True) if text]
    if not said:
        return []
    trace = go.Scatter(
        x=[start] * len(said),
        y=[name for name, _ in said],
        orientation="h",  # its rows lie, as bars do
        mode="text",
        text=[f"  {text}" for _, text in said],
        textposition="middle right",
        showlegend=False,
        hoverinfo="skip",
    )
    return [trace]


def notes(frame: pd.DataFrame, what: str) -> list[str]:
    """What a chart of percentiles of these groups, named by `what`, leaves out."""
    few, beyond = int((frame["calls"] < figures.FEW).sum()), len(frame) - len(shown(frame))
    found = []
    if few:
        found.append(f"{_part(few, len(frame), what)} fewer than {figures.FEW} calls: too few for percentiles.")
    if beyond:
        found.append(
            f"The chart shows {len(frame) - beyond:,} of the {len(frame):,} {what}, the slowest first: "
            "percentiles of several cannot be added up."
        )
    return found


def _part(some: int, whole: int, what: str) -> str:
    """So many of all have, where all may be one."""
    one = what.removesuffix("s")
    if whole == 1:
        return f"The {one} has"
    return f"All {whole:,} {what} have" if some == whole else f"{some:,} of the {whole:,} {what} {_have(some)}"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def told_intervals(frame: pd.DataFrame) -> list[str]:
    """What the thin lines on a chart of percentiles are, and how many lack an end."""
    there = shown(frame)
    drawn, ended = (
        sum(int(there[f"p{percent}{end}"].notna().sum()) for percent in percentiles.SHOWN) for end in ("", "_high")
    )
    if not drawn:
        return []
    lines = "Thin lines are 95 % confidence intervals"
    if drawn == ended:
        return [f"{lines}."]
    return [f"{lines}; {drawn - ended:,} of the {drawn:,} {_have(drawn - ended)} no upper end, for lack of calls."]


# ---------------------------------------------------------------- axes of seconds


def log_axis(low: float, high: float) -> dict[str, Any]:
    """A logarithmic axis from a little below one time to a little above another, at least about a decade long."""
    first, last = math.log10(low), math.log10(high)
    room = max(0.04 * (last - first), (1.1 - (last - first)) / 2)
    first, last = first - room, last + room
    ticks = _ticks(first, last)
    return {
        "type": "log",
        "range": [round(first, 4), round(last, 4)],
        "tickvals": ticks,
        "ticktext": [_plain(tick) for tick in ticks],
    }


def linear_axis(most: float) -> dict[str, Any]:
    """An axis from zero to a little above the longest time; it says no numbers where there is none."""
    return {"range": [0, float(f"{1.06 * most:.5g}") or 1], "showticklabels": most > 0, **PLAIN_TICKS}


def _ticks(first: float, last: float) -> list[float]:
    """Powers of ten, as many as there is room for; between few of them also twice and five times each."""
    powers = [float(f"1e{power}") for power in range(math.ceil(first), math.floor(last) + 1)]
    if len(powers) > 2:
        return next(some for step in count(1) if _has_room(some := powers[::step]))
    fine = [float(f"{digit}e{power}") for power in range(math.floor(first), math.ceil(last)) for digit in (1, 2, 5)]
    return [tick for tick in fine if first <= math.log10(tick) <= last]


def _has_room(ticks: Sequence[float]) -> bool:
    return len(ticks) <= _MOST_TICKS and sum(len(_plain(tick)) for tick in ticks) <= _MOST_SIGNS


def _plain(seconds: float) -> str:
    return f"{seconds:,.12f}".rstrip("0").rstrip(".")


def _reach(there: pd.DataFrame) -> tuple[dict[str, Any], float]:
    """An axis that holds these percentiles with their intervals, and where on it a text begins."""
    ends = [f"p{percent}{end}" for percent in percentiles.SHOWN for end in ("", "_low", "_high")]
    values: list[float] = [value for column in ends for value in there[column].dropna().tolist()]
    if 0 < _APART * there["p50"].min() < there["p99"].max():
        axis = log_axis(min(value for value in values if value), max(values))
        return axis, 10 ** float(axis["range"][0])
    return linear_axis(max(values, default=0.0)), 0.0
