"""One metric's chart against the baseline's: asked of the same metric, drawn by the same function, moved in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from logreport import figures, overlay
from logreport.baseline import Baseline, BaselineCard
from logreport.metric import Metric, Window
from logreport.plugins import one_line

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

#: A Monday, from which steps are counted.
_MONDAY: Final = datetime(2000, 1, 3)

_NOTHING: Final = "The baseline has nothing to show here."


@dataclass(frozen=True, kw_only=True)
class Against:
    """A chart with its baseline: in one `figure`, or `beside` it where the two cannot share one; and what to say."""

    figure: go.Figure
    beside: go.Figure | None = None
    notes: tuple[str, ...] = ()


def against(metric: Metric, frame: pd.DataFrame, figure: go.Figure, window: Window, baseline: Baseline) -> Against:
    """The chart of a metric that has something to show, with what its baseline shows.

    Whatever the metric raises about the baseline costs the baseline's part of this chart, nothing else.
    """
    before = baseline.cards.get(metric.name)
    if before is not None and before.status == "failed":
        return Against(figure=figure, notes=("The baseline cannot be drawn here: the metric failed for it.",))
    if before is None or before.status != "ok" or not before.rows:
        return Against(figure=figure, notes=(_NOTHING,))
    if (problem := _unlike(metric, frame, before)) is not None:
        return Against(figure=figure, notes=(problem,))
    try:
        drawn = _drawn(metric, frame, before, window, baseline)
        both = overlay.overlaid(figure, drawn)
        if both is None:
            mine, theirs = overlay.apart(figure, drawn)
            return Against(figure=mine, beside=theirs)
        return Against(figure=both)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as the docstring says
        return Against(figure=figure, notes=(f"The baseline cannot be drawn here: {one_line(error)}",))


def _unlike(metric: Metric, frame: pd.DataFrame, before: BaselineCard) -> str | None:
    """Why the baseline's rows do not go with these; None where they do."""
    if list(map(str, frame.columns)) != list(before.columns):
        return "The baseline cannot be drawn here: it has other columns, from another version of this metric."
    step = frame.attrs["bucket"]
    # Percentiles and shares of a step do not grow with it, as counts do.
    if "bucket" in before.columns and before.step != step and not metric.calls_per_step:
        there, here = _spoken(before.step), _spoken(step)
        return f"The baseline is not drawn here: it has steps of {there}, and this chart of {here}."
    return None


def _drawn(metric: Metric, frame: pd.DataFrame, before: BaselineCard, window: Window, baseline: Baseline) -> go.Figure:
    found = moved(before.frame(window.timezone), shift(window, baseline), window.timezone)
    found = in_order_of(frame, found, [name for name, type_ in before.columns.items() if type_ in {"text", "other"}])
    found.attrs = frame.attrs | {"bucket": before.step}
    return metric.figure(found)


def in_order_of(frame: pd.DataFrame, found: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The rows of `found`, first those whose keys stand in the frame, in its order: charts show the first rows only.

    Times stay in the order of time.
    """
    if not keys or len(found.select_dtypes("datetimetz").columns):
        return found
    places: dict[tuple[str, ...], int] = {}
    for key in _keys(frame, keys):
        places.setdefault(key, len(places))
    order = sorted(range(len(found)), key=[places.get(key, len(places)) for key in _keys(found, keys)].__getitem__)
    return found.iloc[order].reset_index(drop=True)


def _keys(frame: pd.DataFrame, keys: Sequence[str]) -> list[tuple[str, ...]]:
    """The texts and flags of each row; what is unknown is one thing, however a frame says it."""
    columns = [["" if figures.is_unknown(value) else f"={value}" for value in frame[key]] for key in keys]
    return list(zip(*columns, strict=True))


def shift(window: Window, baseline: Baseline) -> timedelta:
    """How much later the first step of this window is than the baseline's, on the clocks of the window's zone.

    Where the baseline was made for another zone, its days are those of that zone, and begin at another hour here.
    """
    if window.first is None or baseline.first is None:
        return timedelta(0)
    here, there = ZoneInfo(window.timezone), ZoneInfo(baseline.timezone)
    first = _floored(_clock(window.first, here), window.bucket)
    before = _floored(_clock(baseline.first, there), window.bucket).replace(tzinfo=there)
    return first - _clock(before, here)


def _clock(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of a zone show at a moment."""
    try:
        return moment.astimezone(zone).replace(tzinfo=None)
    except OverflowError:  # at the very ends of the calendar
        return moment.replace(tzinfo=None)


def _floored(clock: datetime, step: timedelta) -> datetime:
    return _MONDAY + (clock - _MONDAY) // step * step


def moved(frame: pd.DataFrame, by: timedelta, zone: str) -> pd.DataFrame:
    """The frame with its times so much later on the clocks of this zone."""
    found = frame.copy()
    for column in found.select_dtypes("datetimetz").columns:
        found[column] = _later(found[column], by, zone)
    return found


def _later(times: pd.Series[Any], by: timedelta, zone: str) -> pd.Series[Any]:
    # An hour that clocks show twice is the first of the two; one that they skip is what follows.
    clock: pd.Series[Any] = times.dt.tz_localize(None) + by
    found: pd.Series[Any] = clock.dt.tz_localize(zone, ambiguous=[True] * len(clock), nonexistent="shift_forward")
    return found


def _spoken(step: timedelta) -> str:
    seconds = int(step.total_seconds())
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}" + ("s" if seconds > size else "")
    return f"{seconds} second" + ("s" if seconds != 1 else "")
