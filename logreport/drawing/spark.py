"""A sparkline: the course of a number, as small as a word."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from logreport.drawing import fields
from logreport.drawing.svg import element, number

_WIDTH: Final = 120
_HEIGHT: Final = 28
#: Room for half of the line's width, so that its peaks are not cut.
_ROOM: Final = 1.5
#: Pixels: how wide the dot is of a value between unknown ones, which has no length of its own.
_DOT: Final = 6


def sparkline(values: Sequence[float | None]) -> str:
    """A line from nought to the largest value, with gaps where nothing is known; empty for fewer than two values."""
    numbers = [fields.number(value) for value in values]
    there = fields.known(numbers)
    if len(there) < 2:
        return ""
    low, high = min(0.0, *there), max(0.0, *there)
    # Halves: the span of two very large numbers would be no number.
    high = high if high > low else 1.0
    scale = (high / 2 - low / 2) or 1.0  # half of the least number there is is nothing
    step = _WIDTH / (len(numbers) - 1)
    places = [
        None if value is None else (step * place, _ROOM + (_HEIGHT - 2 * _ROOM) * ((high / 2 - value / 2) / scale))
        for place, value in enumerate(numbers)
    ]
    runs = [
        [place for place in run if place is not None]
        for known, run in groupby(places, key=lambda place: place is not None)
        if known
    ]
    alone = [run for run in runs if len(run) == 1]
    return element(
        "svg",
        element("path", d="".join(_area(run) for run in runs), fill="currentColor", fill_opacity=0.12, stroke="none"),
        _path([run for run in runs if len(run) > 1], stroke_width=1.5, stroke_linejoin="round"),
        _path(alone, class_="alone", stroke_width=_DOT) if alone else "",
        class_="spark",
        width=_WIDTH,
        height=_HEIGHT,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def _path(runs: Sequence[list[tuple[float, float]]], *, class_: str | None = None, **stroke: Any) -> str:
    return element(
        "path",
        class_=class_,
        d="".join(_line(run) for run in runs),
        fill="none",
        stroke="currentColor",
        stroke_linecap="round",
        vector_effect="non-scaling-stroke",
        **stroke,
    )


def _line(run: list[tuple[float, float]]) -> str:
    joined = "L".join(f"{number(round(x, 1))} {number(round(y, 1))}" for x, y in run)
    return f"M{joined}" if len(run) > 1 else f"M{joined}h0"  # a round end makes a point visible


def _area(run: list[tuple[float, float]]) -> str:
    if len(run) < 2:
        return ""
    return f"{_line(run)}V{_HEIGHT}H{number(round(run[0][0], 1))}Z"
