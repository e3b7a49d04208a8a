"""One metric's answer: asked, drawn, and honest about the calls behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, Literal

from logreport import figures, steps
from logreport.against import against
from logreport.baseline import ColumnType
from logreport.errors import CannotConnect
from logreport.facts import count_behind, say_behind, why_empty
from logreport.metric import Metric, Window
from logreport.plugins import one_line

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from logreport.outline import Outline
    from logreport.store import Store

#: So few steps a chart over time has even where calls are few.
_FEWEST_STEPS: Final = 12

Status = Literal["ok", "empty", "failed"]


@dataclass(frozen=True, kw_only=True)
class Card:
    """One metric's answer. `rows` are plain values under the query's labels; a time is ISO 8601 with its offset.

    `counted` is how many calls of the window stand behind the chart, and `behind` the sentence that says so, with
    what is left out and why; None and empty where the metric could not be asked or shows nothing. `frame` is what was
    drawn, with its attributes; `types` says what its columns hold, and `step` is its step of time. Where the report has
    a baseline, `figure` has both, or `beside` has the baseline alone. `kinds` is the metric's.
    """

    name: str
    title: str
    description: str
    status: Status
    reason: str
    columns: tuple[str, ...]
    rows: list[dict[str, Any]]
    frame: pd.DataFrame | None
    figure: go.Figure | None
    notes: tuple[str, ...]
    counted: int | None
    behind: str
    plugin: str
    types: Mapping[str, ColumnType] = field(default_factory=dict)
    step: timedelta = timedelta(0)
    beside: go.Figure | None = None
    kinds: str = ""


@dataclass(frozen=True)
class Answer:
    """What the database said to a metric: the card so far, and the frame that is still to be drawn, if there is one."""

    metric: Metric
    card: Card
    frame: pd.DataFrame | None = None


def ask_card(store: Store, metric: Metric, plugin: str, outline: Outline) -> Answer:
    """Ask a metric; whatever a plugin raises costs its own card, nothing else.

    Raises:
        CannotConnect: the database went away, which is no fault of the metric.
    """
    card = Card(
        name=metric.name,
        title=metric.title,
        description=metric.description,
        status="ok",
        reason="",
        columns=(),
        rows=[],
        frame=None,
        figure=None,
        notes=(),
        counted=None,
        behind="",
        plugin=plugin,
        kinds=metric.kinds,
    )
    try:
        return _answered(store, metric, outline, card)
    except CannotConnect:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as the docstring says
        return Answer(metric, _failed(card, error))


def draw_card(answer: Answer, outline: Outline) -> Card:
    """The card with its chart; the database is not needed any more."""
    if answer.frame is None:
        return answer.card
    try:
        return _drawn(answer.metric, answer.card, answer.frame, outline)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as above
        return _failed(answer.card, error)


def _failed(card: Card, error: BaseException) -> Card:
    return replace(card, status="failed", reason=one_line(error))


def _answered(store: Store, metric: Metric, outline: Outline, card: Card) -> Answer:
    counted = count_behind(store, metric, outline.window, outline.facts)
    empty = why_empty(metric, counted, outline.facts)
    window = _stepped(metric, outline, counted)
    frame = _local(store.frame(metric.query(window)), window.timezone)
    frame.attrs["bucket"] = window.bucket
    card = replace(
        card,
        columns=tuple(map(str, frame.columns)),
        types={str(name): _type(frame[name]) for name in frame.columns},
        step=window.bucket,
        rows=_rows(frame),
        counted=counted,
    )
    if empty or frame.empty:
        reason = empty or metric.nothing or "no call in this window has what this metric shows"
        return Answer(metric, replace(card, status="empty", reason=reason, counted=0))
    return Answer(metric, replace(card, behind=say_behind(metric, counted, outline.facts)), frame)


def _stepped(metric: Metric, outline: Outline, counted: int) -> Window:
    """The window in steps that have as many calls as the metric wants, where nobody chose other steps."""
    window = outline.window
    if not metric.calls_per_step or outline.chosen:
        return window
    most = max(_FEWEST_STEPS, counted // metric.calls_per_step)
    return replace(window, bucket=max(window.bucket, steps.width(window.first, window.last, most)))


def _type(column: pd.Series[Any]) -> ColumnType:
    """What a column holds, so that a frame can be made of its rows again."""
    kind = str(column.dtype)
    if kind in {"Int64", "float64"}:
        return "integer" if kind == "Int64" else "number"
    if kind.startswith("datetime64"):
        return "time"
    return "text" if all(isinstance(value, str) for value in column[column.notna()]) else "other"


def _drawn(metric: Metric, card: Card, frame: pd.DataFrame, outline: Outline) -> Card:
    frame.attrs["prices"] = outline.window.rates.told
    # A metric may have names that no call has: they come after those that do.
    names = [name for name in frame["model"].tolist() if isinstance(name, str)] if "model" in frame else []
    strange = any(name not in outline.colours for name in names)
    frame.attrs["colours"] = figures.assign([*outline.colours, *names]) if strange else outline.colours
    figure, notes = _figure(metric, frame), tuple(_noted(metric, frame))
    if outline.baseline is None:
        return replace(card, frame=frame, figure=figure, notes=notes)
    both = against(metric, frame, figure, outline.window, outline.baseline)
    return replace(card, frame=frame, figure=both.figure, beside=both.beside, notes=(*notes, *both.notes))


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
