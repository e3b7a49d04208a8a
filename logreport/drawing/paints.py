"""The colours of a trace's marks: one for all, one each, or along a colour scale."""

from __future__ import annotations

from typing import Any

from logreport.drawing import fields
from logreport.drawing.colours import Colour, colour
from logreport.drawing.fields import Fields
from logreport.drawing.gradients import along, gradient
from logreport.drawing.traces import Trace
from logreport.figures import PLAIN

#: Where a figure asks for no colour that is safe.
GREY = "#6e7781"


def marks(trace: Trace, count: int) -> list[Colour]:
    """The colours of so many marks."""
    marker = fields.inside(trace.fields, "marker")
    asked = marker.get("color")
    if isinstance(asked, list | tuple) and asked and all(value is None or _is_number(value) for value in asked):
        asked = _along(asked, marker, trace)
    found = []
    for place in range(count):
        own = fields.each(asked, place)
        paint = own if isinstance(own, Colour) else colour(own, colour(trace.paint, GREY).paint)
        found.append(paint.faded(fields.each(marker.get("opacity"), place)).faded(trace.fields.get("opacity")))
    return found


def key(trace: Trace) -> Colour:
    """The colour in the legend; of marks that have many, one that is no model's, nor a baseline's grey."""
    several = isinstance(fields.inside(trace.fields, "marker").get("color"), list | tuple)
    first = marks(trace, 1)[0]
    return Colour(PLAIN, first.opacity) if several else first


def line_colour(trace: Trace) -> Colour:
    """The colour of a line, or of its points where it has none of its own."""
    asked = fields.inside(trace.fields, "line").get("color") or fields.inside(trace.fields, "marker").get("color")
    return colour(asked, colour(trace.paint, GREY).paint).faded(trace.fields.get("opacity"))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _along(values: list[Any] | tuple[Any, ...], marker: Fields, trace: Trace) -> list[Colour | None]:
    scale: Fields = trace.shared if marker.get("coloraxis") else marker
    stops = gradient(scale.get("colorscale"), flipped=scale.get("reversescale") is True)
    numbers = [fields.number(value) for value in values]
    there = fields.known(numbers)
    low = fields.number_or(scale.get("cmin"), min(there, default=0))
    span = fields.number_or(scale.get("cmax"), max(there, default=0)) - low
    return [None if value is None else along(stops, (value - low) / span if span else 0.5) for value in numbers]
