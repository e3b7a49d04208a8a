"""A pie: shares of a whole, round at every width."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from logreport.drawing import fields, words
from logreport.drawing.colours import Colour, colour, on
from logreport.drawing.drawn import CannotDraw
from logreport.drawing.fields import Fields
from logreport.drawing.plot import MOST_MARKS, Key
from logreport.drawing.svg import element, escaped, number, titled
from logreport.drawing.traces import Trace, palette

#: A smaller slice has no room for its share.
_LEAST_SHARE: Final = 0.04


@dataclass(frozen=True)
class Slice:
    """A part of the whole."""

    name: str
    value: float
    share: float
    colour: Colour


def slices(trace: Trace, layout: Fields) -> list[Slice]:
    """The parts in the order they are drawn; a name that comes twice is one part."""
    totals: dict[str, float] = defaultdict(float)
    names, values = fields.many(trace.fields.get("labels")), fields.many(trace.fields.get("values"))
    count = max(len(names), len(values)) if not (names and values) else min(len(names), len(values))
    for place in range(count):
        value = fields.number(values[place]) if values else 1.0
        if value is not None and value >= 0:
            totals[words.plain(names[place]) if names else str(place)] += value
    whole = sum(totals.values())
    if not whole > 0:
        raise CannotDraw("it has nothing to draw: the parts of its pie are nought")
    if len(totals) > MOST_MARKS:
        raise CannotDraw(f"{len(totals):,} slices are too many to be drawn here")
    parts = list(totals.items())
    own = dict(zip(totals, fields.many(fields.inside(trace.fields, "marker").get("colors")), strict=False))
    if trace.fields.get("sort") is not False:
        parts.sort(key=lambda part: -part[1])
    paints = palette(layout)
    return [
        Slice(name, value, value / whole, _colour(own.get(name), paints, place, trace))
        for place, (name, value) in enumerate(parts)
    ]


def _colour(own: Any, paints: Sequence[str], place: int, trace: Trace) -> Colour:
    turn = Colour(colour(paints[place % len(paints)], "#6e7781").paint, max(0.4, 1 - 0.3 * (place // len(paints))))
    return (colour(own, turn.paint) if own else turn).faded(trace.fields.get("opacity"))


def keys(parts: Sequence[Slice]) -> list[Key]:
    """The legend."""
    return [Key(part.name, part.colour, "box") for part in parts]


def summary(parts: Sequence[Slice]) -> str:
    """The pie in words."""
    largest = max(parts, key=lambda part: part.value)
    count = "1 slice" if len(parts) == 1 else f"{len(parts):,} slices"
    return f"{count}; the largest is {largest.name} with {_percent(largest.share)}."


def draw(trace: Trace, parts: Sequence[Slice], height: float) -> str:
    """The pie in the middle of its room."""
    radius = height / 2 - 1
    hole = radius * min(0.95, max(0.0, fields.number_or(trace.fields.get("hole"), 0)))
    turn = -1 if trace.fields.get("direction") != "clockwise" else 1
    angle = math.radians(fields.number_or(trace.fields.get("rotation"), 0))
    if turn < 0:  # as Plotly does: the first slice ends where clocks begin
        angle += math.tau * next((part.share for part in parts if part.share > 0), 0)
    drawn, texts = [], []
    for part in parts:
        end = angle + turn * math.tau * part.share
        if part.share > 0:
            drawn.append(_slice(part, (angle, end), radius, hole))
            texts.append(_text(trace, part, (angle + end) / 2, (radius + max(hole, 0.3 * radius)) / 2))
        angle = end
    return element(
        "svg",
        element("g", *drawn, class_="slices", stroke="#ffffff", stroke_width=1),
        element("g", *texts, text_anchor="middle"),
        width="100%",
        height=height,
        viewBox=f"{number(-height / 2)} {number(-height / 2)} {number(height)} {number(height)}",
        preserveAspectRatio="xMidYMid meet",
    )


def _slice(part: Slice, angles: tuple[float, float], radius: float, hole: float) -> str:
    title = titled(f"{part.name}: {words.exact(part.value)} ({_percent(part.share)})")
    how = {"fill": part.colour.paint, "fill_opacity": part.colour.seen}
    if part.share > 0.99999:
        path = _ring(radius) + (_ring(hole) if hole else "")
        return element("path", title, d=path, fill_rule="evenodd", **how)
    large = 1 if part.share > 0.5 else 0
    sweep = 1 if angles[1] > angles[0] else 0
    arc = f"{large} {sweep}"
    outer = f"M{_at(angles[0], radius)}A{number(radius)} {number(radius)} 0 {arc} {_at(angles[1], radius)}"
    back = f"A{number(hole)} {number(hole)} 0 {large} {1 - sweep} {_at(angles[0], hole)}"
    return element("path", title, d=outer + (f"L{_at(angles[1], hole)}{back}Z" if hole else "L0 0Z"), **how)


def _ring(radius: float) -> str:
    r = number(radius)
    return f"M0 -{r}A{r} {r} 0 1 1 0 {r}A{r} {r} 0 1 1 0 -{r}Z"


def _at(angle: float, radius: float) -> str:
    return f"{number(radius * math.sin(angle))} {number(-radius * math.cos(angle))}"


def _text(trace: Trace, part: Slice, angle: float, radius: float) -> str:
    said = trace.fields.get("textinfo") or "percent"
    if part.share < _LEAST_SHARE or said == "none":
        return ""
    parts = {"percent": _percent(part.share), "label": part.name, "value": words.exact(part.value)}
    text = words.shorten(" ".join(parts[one] for one in str(said).split("+") if one in parts), 24, 2 * radius)
    x, y = radius * math.sin(angle), -radius * math.cos(angle)
    if part.share > 0.99999 and not trace.fields.get("hole"):
        x, y = 0, 0
    return element("text", escaped(text), x=x, y=y + 4, fill=on(part.colour))


def _percent(share: float) -> str:
    """Three digits, as Plotly writes them."""
    return f"{float(f'{share * 100:.3g}'):g}%"
