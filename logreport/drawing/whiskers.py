"""Error bars: a line from the least to the most that a value may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from logreport.drawing import fields
from logreport.drawing.drawn import CannotDraw
from logreport.drawing.fields import Fields
from logreport.drawing.plot import Plot
from logreport.drawing.svg import ACROSS, element, number, percent, stretched

_CAP = 4


def span(trace: Fields, letter: str, index: int, value: float) -> tuple[float, float] | None:
    """From where to where a value is uncertain along x or y; None where nothing is said."""
    error = fields.inside(trace, f"error_{letter}")
    if not error or error.get("visible") is False:
        return None
    more, less = _sizes(error, index, value)
    if more is None and less is None:
        return None
    return value - (less or 0), value + (more or 0)


def _sizes(error: Fields, index: int, value: float) -> tuple[float | None, float | None]:
    kind = error.get("type") or ("data" if error.get("array") is not None else "percent")
    if kind == "data":
        more = fields.number(fields.each(fields.many(error.get("array")), index))
        minus = error.get("arrayminus")
        lopsided = minus is not None and error.get("symmetric") is not True
        return more, fields.number(fields.each(fields.many(minus), index)) if lopsided else more
    if kind not in {"percent", "constant"}:
        raise CannotDraw("error bars of this type are not drawn here")
    scale = abs(value) / 100 if kind == "percent" else 1
    more = fields.number_or(error.get("value"), 10) * scale
    less = fields.number(error.get("valueminus")) if error.get("symmetric") is False else None
    return more, more if less is None else less * scale


class Whisker(NamedTuple):
    """A whisker along x is a piece of a path, drawn with all others at once; one along y is an element of its own."""

    path: str = ""
    own: str = ""


def draw(plot: Plot, letter: str, ends: tuple[float, float], other: float) -> Whisker:
    """A whisker along x or y, at a coordinate of the other axis."""
    if letter == "y":
        across = plot.across(other)
        low, high = (min(plot.height, max(0.0, plot.down(end))) for end in ends)
        path = f"M0 {number(low)}V{number(high)}M-{_CAP} {number(high)}h{2 * _CAP}M-{_CAP} {number(low)}h{2 * _CAP}"
        # Its caps have a width in pixels, so it cannot be stretched.
        return Whisker(own=element("svg", element("path", d=path), x=percent(across), overflow="visible"))
    left, right = (number(ACROSS * min(1.0, max(0.0, plot.across(end)))) for end in ends)
    down = plot.down(other)
    top, middle = number(down - _CAP), number(down)
    return Whisker(path=f"M{left} {middle}H{right}M{left} {top}v{2 * _CAP}M{right} {top}v{2 * _CAP}")


def group(plot: Plot, drawn: Sequence[Whisker], paint: str | None = None) -> str:
    """All whiskers of a trace, in its colour or as dark as text."""
    if not drawn:
        return ""
    named = None if paint else "strong"
    along = "".join(one.path for one in drawn)
    path = element("path", d=along, vector_effect="non-scaling-stroke") if along else ""
    own = (one.own for one in drawn)
    whole = (stretched(path, height=plot.height) if path else "", *own)
    return element("g", *whole, class_=named, stroke=paint or "#24292f", stroke_width=1.5, fill="none")
