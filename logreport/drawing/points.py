"""Points as circles, and what they say."""

from __future__ import annotations

from logreport.drawing import fields, paints, templates, words
from logreport.drawing.kinds import Kind
from logreport.drawing.lines import Series
from logreport.drawing.paints import line_colour
from logreport.drawing.plot import Plot
from logreport.drawing.svg import element, escaped, percent, titled
from logreport.drawing.traces import Trace


def size(trace: Trace, index: int) -> float:
    """How many pixels a point is across."""
    marker = fields.inside(trace.fields, "marker")
    size = fields.each(marker.get("size"), index)
    scale = fields.number_or(marker.get("sizeref"), 1) or 1
    found = fields.number_or(size, 6) / (scale if isinstance(marker.get("size"), list | tuple) else 1)
    return min(200.0, max(0.0, found))


def circles(plot: Plot, one: Series, x: Kind, y: Kind) -> str:
    """The points of a series, each with its value for the pointer."""
    colours = paints.marks(one.trace, len(one.points))
    common = line_colour(one.trace) if "lines" in one.mode else colours[0]
    drawn = []
    for index, point in enumerate(one.points):
        if point is None or not plot.holds(*point):
            continue
        own = colours[index] if colours[index] != common else None
        circle = element(
            "circle",
            titled(f"{x.say(point[0])}: {y.say(point[1])}"),
            cx=percent(plot.across(point[0])),
            cy=plot.down(point[1]),
            r=size(one.trace, index) / 2,
            fill=own.paint if own else None,
            fill_opacity=own.opacity if own and own.opacity != common.opacity else None,
        )
        drawn.append(circle)
    return element("g", *drawn, fill=common.paint, fill_opacity=common.seen) if drawn else ""


def texts(plot: Plot, one: Series, x: Kind, y: Kind) -> list[str]:
    """What the points of a series say."""
    drawn = []
    for index, point in enumerate(one.points):
        if point is None or not plot.holds(*point):
            continue
        said = templates.text(one.trace.fields, index, {"x": x.say(point[0]), "y": point[1]})
        where = str(fields.each(one.trace.fields.get("textposition"), index) or "middle center")
        around = size(one.trace, index) / 2 if "markers" in one.mode else 4
        up = -around - 4 if "top" in where else around + 12 if "bottom" in where else 4
        side = "end" if "left" in where else "start" if "right" in where else "middle"
        drawn.append(
            element(
                "text",
                escaped(words.shorten(said, 40, 240)),
                class_="value",
                x=percent(plot.across(point[0])),
                y=plot.down(point[1]) + up,
                dx={"end": -around - 4, "start": around + 4}.get(side),
                text_anchor=side,
                fill="#24292f",
            )
        )
    return drawn
