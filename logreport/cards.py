"""One metric's answer: asked, drawn, and honest about the calls behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, Literal

import sqlalchemy as sa

from logreport import figures, sql
from logreport.call import CALL_COLUMNS, Call
from logreport.metric import Metric, Window
from logreport.plugins import one_line

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from logreport.store import Store

Status = Literal["ok", "empty", "failed"]

#: How the columns of `Call` are called in a sentence, where the name itself does not do.
_SPOKEN: Final = {"created": "time", "tokens": "token count", "prompt_tokens": "prompt token count"}


@dataclass(frozen=True, kw_only=True)
class Card:
    """One metric's answer. `rows` are plain values under the query's labels; a time is ISO 8601 with its offset.

    `counted` is how many calls of the window stand behind the chart, and `behind` the sentence that says so, with
    what is left out and why; None and empty where the metric could not be asked.
    """

    name: str
    title: str
    description: str
    status: Status
    reason: str
    columns: tuple[str, ...]
    rows: list[dict[str, Any]]
    figure: go.Figure | None
    notes: tuple[str, ...]
    counted: int | None
    behind: str
    plugin: str


@dataclass(frozen=True)
class _Answer:
    """A card whose chart is still to be drawn from this frame; without one, the card says why."""

    metric: Metric
    card: Card
    frame: pd.DataFrame | None = None


def ask_facts(store: Store, window: Window, metrics: Sequence[Metric], headline: Sequence[Any]) -> dict[str, Any]:
    """The headline's columns and how many calls stand behind each metric: one row, one look at the calls."""
    required = sorted({column for metric in metrics for column in metric.requires} & CALL_COLUMNS.keys())
    known = [sql.count_where(_known(name)).label(f"known_{name}") for name in required]
    try:
        counted = [sql.count_where(_counts(metric)).label(f"counted_{at}") for at, metric in enumerate(metrics)]
        found = store.rows(window.select(*headline, *known, *counted))[0]
    except (Exception, SystemExit):  # noqa: BLE001 - a plugin's mistake costs its own card: asked alone, it is told there
        return store.rows(window.select(*headline, *known))[0]
    return found | {"counted": {metric.name: found[f"counted_{at}"] for at, metric in enumerate(metrics)}}


def make_cards(
    store: Store, metrics: Sequence[tuple[Metric, str]], window: Window, facts: dict[str, Any]
) -> tuple[Card, ...]:
    """Ask every metric, then draw: a model's colour is the same in all charts, so all answers come first."""
    answers = [_asked(store, metric, plugin, window, facts) for metric, plugin in metrics]
    frames = [answer.frame for answer in answers if answer.frame is not None]
    models = (name for frame in frames if "model" in frame for name in frame["model"].tolist())
    colours = figures.assign(name for name in models if isinstance(name, str))
    return tuple(_drawn(answer, colours) for answer in answers)


def _asked(store: Store, metric: Metric, plugin: str, window: Window, facts: dict[str, Any]) -> _Answer:
    card = Card(
        name=metric.name,
        title=metric.title,
        description=metric.description,
        status="ok",
        reason="",
        columns=(),
        rows=[],
        figure=None,
        notes=(),
        counted=None,
        behind="",
        plugin=plugin,
    )
    try:
        return _answered(store, metric, window, card, facts)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a plugin raises costs its own card, nothing else
        return _Answer(metric, _failed(card, error))


def _answered(store: Store, metric: Metric, window: Window, card: Card, facts: dict[str, Any]) -> _Answer:
    empty = _why_empty(metric, facts)
    frame = _local(store.frame(metric.query(window)), window.timezone)
    counted = facts["counted"][metric.name] if "counted" in facts else _counted(store, metric, window)
    card = replace(
        card,
        columns=tuple(map(str, frame.columns)),
        rows=_rows(frame),
        counted=counted,
        behind=_behind(metric, counted, facts),
    )
    if empty or frame.empty:
        reason = empty or "no call in this window has what this metric shows"
        return _Answer(metric, replace(card, status="empty", reason=reason))
    return _Answer(metric, card, frame)


def _drawn(answer: _Answer, colours: dict[Any, str]) -> Card:
    if answer.frame is None:
        return answer.card
    answer.frame.attrs["colours"] = colours
    try:
        figure, notes = _figure(answer.metric, answer.frame), _noted(answer.metric, answer.frame)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as above
        return _failed(answer.card, error)
    return replace(answer.card, figure=figure, notes=tuple(notes))


def _failed(card: Card, error: BaseException) -> Card:
    return replace(card, status="failed", reason=one_line(error))


def _figure(metric: Metric, frame: pd.DataFrame) -> go.Figure:
    import plotly.graph_objects as go

    figure = metric.figure(frame)
    if not isinstance(figure, go.Figure):
        raise TypeError(f"its figure is a {type(figure).__name__}, not a plotly Figure")
    return figure


def _noted(metric: Metric, frame: pd.DataFrame) -> list[str]:
    notes: object = metric.notes(frame) if metric.notes else []
    if not isinstance(notes, list | tuple) or not all(isinstance(note, str) for note in notes):
        raise TypeError("its notes are not a list of sentences")
    return list(notes)


def _why_empty(metric: Metric, facts: dict[str, Any]) -> str:
    for column in metric.requires:
        if column not in CALL_COLUMNS:
            raise ValueError(f"it requires {column}, which a call does not have")
    if not facts["calls"]:
        return "there is no call in this window"
    lacking = [_spoken(column) for column in metric.requires if not facts[f"known_{column}"]]
    return f"no call in this window has a {' or a '.join(lacking)}" if lacking else ""


def _counted(store: Store, metric: Metric, window: Window) -> int:
    return int(store.rows(window.select(sql.count_where(_counts(metric)).label("counted")))[0]["counted"])


def _counts(metric: Metric) -> sa.ColumnElement[bool]:
    return metric.counts() if metric.counts else sa.and_(sa.true(), *map(_known, metric.requires))


def _behind(metric: Metric, counted: int, facts: dict[str, Any]) -> str:
    """How many calls the chart is about: it must not look as if it were about all of them."""
    calls = facts["calls"]
    missing = [(calls - facts[f"known_{column}"], column) for column in metric.requires]
    why = [f"{count:,} {'carries' if count == 1 else 'carry'} no {_spoken(name)}" for count, name in missing if count]
    if calls - counted > sum(count for count, _ in missing):  # what is missing does not explain it
        why.insert(0, f"{calls - counted:,} left out")
    of = f"{counted:,} of {calls:,} calls" if counted < calls else f"{calls:,} {'call' if calls == 1 else 'calls'}"
    stand = "stands" if counted == calls == 1 else "stand"
    return f"{of} {stand} behind this chart{'; ' if why else ''}{', '.join(why)}."


def _known(column: str) -> sa.ColumnElement[bool]:
    known: sa.ColumnElement[bool] = sql.tokens_known() if column == "tokens" else getattr(Call, column).is_not(None)
    return known


def _spoken(column: str) -> str:
    return _SPOKEN.get(column, column.replace("_", " "))


def _local(frame: pd.DataFrame, zone: str) -> pd.DataFrame:
    """The frame with its times in the report's zone."""
    for column in frame.select_dtypes("datetime").columns:
        frame[column] = frame[column].dt.tz_localize("UTC").dt.tz_convert(zone)
    return frame


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in frame.columns]
    columns = [
        [
            _plain(value) if known else None
            for value, known in zip(frame[name].tolist(), frame[name].notna(), strict=True)
        ]
        for name in frame.columns
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not isfinite(value):
        return None  # JSON has no word for it
    return value.isoformat() if isinstance(value, datetime) else value
