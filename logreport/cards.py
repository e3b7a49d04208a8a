"""One metric's answer: asked, drawn, and honest about the calls behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

from logreport import figures
from logreport.facts import Facts, count_behind, say_behind, why_empty
from logreport.metric import Metric, Window
from logreport.plugins import one_line

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from logreport.store import Store

Status = Literal["ok", "empty", "failed"]


@dataclass(frozen=True, kw_only=True)
class Card:
    """One metric's answer. `rows` are plain values under the query's labels; a time is ISO 8601 with its offset.

    `counted` is how many calls of the window stand behind the chart, and `behind` the sentence that says so, with
    what is left out and why; None and empty where the metric could not be asked or shows nothing.
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


def make_cards(store: Store, metrics: Sequence[tuple[Metric, str]], window: Window, facts: Facts) -> tuple[Card, ...]:
    """Ask every metric, then draw: a model's colour is the same in all charts, so all answers come first."""
    answers = [_asked(store, metric, plugin, window, facts) for metric, plugin in metrics]
    frames = [answer.frame for answer in answers if answer.frame is not None]
    models = (name for frame in frames if "model" in frame for name in frame["model"].tolist())
    colours = figures.assign(name for name in models if isinstance(name, str))
    return tuple(_drawn(answer, colours) for answer in answers)


def _asked(store: Store, metric: Metric, plugin: str, window: Window, facts: Facts) -> _Answer:
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


def _answered(store: Store, metric: Metric, window: Window, card: Card, facts: Facts) -> _Answer:
    counted = count_behind(store, metric, window, facts)
    empty = why_empty(metric, counted, facts)
    frame = _local(store.frame(metric.query(window)), window.timezone)
    card = replace(card, columns=tuple(map(str, frame.columns)), rows=_rows(frame), counted=counted)
    if empty or frame.empty:
        reason = empty or "no call in this window has what this metric shows"
        return _Answer(metric, replace(card, status="empty", reason=reason, counted=0))
    frame.attrs["bucket"] = window.bucket
    return _Answer(metric, replace(card, behind=say_behind(metric, counted, facts)), frame)


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
    """The value as JSON has it: times and days in ISO 8601, durations in seconds."""
    if isinstance(value, float) and not isfinite(value):
        return None  # JSON has no word for it
    if isinstance(value, date):  # or a time, which is one
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if not isinstance(value, str | int | float):
        raise TypeError(f"its query answers with a {type(value).__name__}, for which there is no JSON")
    return value
