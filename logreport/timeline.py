"""What charts over time share: the clock of the report's zone, how wide a step is, and what a clock change does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

#: A step alone stands in the middle of so many.
_AROUND: Final = 20


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """An axis of time, made of a frame's column `bucket`.

    `x` are the times as the clock of the zone showed them: Plotly knows no zones and would turn an offset back.
    `offsets` tell two hours of the same name apart; they are what `hover` wants as `customdata`, None in UTC. `width`
    is how wide a step is in milliseconds, for bars. `title` and `xaxis` go into `figures.layout`.
    """

    x: list[str]
    offsets: list[str] | None
    hover: str
    width: float
    title: str
    xaxis: dict[str, Any]


def timeline(frame: pd.DataFrame) -> Timeline:
    """The axis of this frame, whose rows are steps in the order of time."""
    moments = frame["bucket"]
    zone, width = _zone(moments), step(frame)
    times = _clock(moments)
    format_ = "%Y-%m-%d %H:%M:%S" if any(time.count(":") > 1 for time in times) else "%Y-%m-%d %H:%M"
    return Timeline(
        x=times,
        offsets=[moment.isoformat()[-6:] for moment in moments] if zone != "UTC" else None,
        hover=f"%{{x|{format_}}}" + ("" if zone == "UTC" else " %{customdata}"),
        width=width / timedelta(milliseconds=1),
        title=f"time ({zone})",
        xaxis={"type": "date", "range": _span(moments, width)},
    )


def step(frame: pd.DataFrame) -> timedelta:
    """The step that the report chose; an hour for a frame that no report made."""
    chosen: timedelta = frame.attrs.get("bucket", timedelta(hours=1))
    return chosen


def said(frame: pd.DataFrame, place: int, *, end: bool = False) -> str:
    """When the step at this place of the frame begins, or ends, as the clock of the zone shows it."""
    width = step(frame)
    moment = frame["bucket"].iloc[place] + (width if end else timedelta(0))
    return f"{moment:%Y-%m-%d %H:%M:%S}" if width < timedelta(minutes=1) else f"{moment:%Y-%m-%d %H:%M}"


def gaps(frame: pd.DataFrame) -> list[int]:
    """The places in this frame before which steps are missing: a line must not run across them."""
    moments, width = frame["bucket"].tolist(), step(frame)
    # A step over a change of the clocks may be an hour longer.
    longest = width if width < timedelta(days=1) else width + timedelta(hours=2)
    return [at for at in range(1, len(moments)) if moments[at] - moments[at - 1] > longest]


def broken(values: Sequence[Any], places: Sequence[int]) -> list[Any]:
    """The values with None before each of these places, where a line breaks."""
    cut = set(places)
    return [found for at, value in enumerate(values) for found in ([None, value] if at in cut else [value])]


def notes(frame: pd.DataFrame) -> list[str]:
    """What a change of the clocks did to the steps of this frame."""
    if step(frame) < timedelta(days=1) and len({moment.utcoffset() for moment in frame["bucket"]}) > 1:
        return ["Clocks changed in this span: the place of an hour shown twice holds both, one left out is empty."]
    return []


def _zone(moments: pd.Series[Any]) -> str:
    return str(getattr(moments.dt, "tz", None) or "UTC")


def _span(moments: pd.Series[Any], width: timedelta) -> list[str] | None:
    """From the first step to the end of the last, which Plotly would cut in half; a step alone has room around it."""
    if moments.empty:
        return None
    first, last = moments.iloc[0], moments.iloc[-1]
    room = width * _AROUND / 2 if first == last else timedelta(0)
    return [str(moment)[:19] for moment in (first - room, last + width + room)]


def _clock(moments: pd.Series[Any]) -> list[str]:
    """Times as the clock showed them; seconds only where some have any, for each stands on the page once more."""
    found = [str(moment)[:19] for moment in moments]
    return [text[:16] for text in found] if all(text.endswith(":00") for text in found) else found
