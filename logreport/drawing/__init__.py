"""Plotly figures as static SVG, which needs neither JavaScript nor CSS to be read."""

from __future__ import annotations

from typing import Any, Final

from logreport.drawing import cartesian, fields, frame, legend, pies
from logreport.drawing.drawn import CannotDraw, Drawing
from logreport.drawing.fields import Fields
from logreport.drawing.margins import Margins
from logreport.drawing.plot import FULL
from logreport.drawing.sheet import sheet
from logreport.drawing.spark import sparkline
from logreport.drawing.svg import element, escaped
from logreport.drawing.traces import Trace, seen

__all__ = ["CannotDraw", "Drawing", "draw", "sheet", "sparkline"]

_HEIGHT: Final = 320
_TALLEST: Final = 20_000
_ELSEWHERE: Final = ("polar", "geo", "scene", "ternary", "smith", "mapbox", "map", "grid")
#: What a figure that is not as Plotly writes it makes of code that reads it.
_MALFORMED: Final = (TypeError, ValueError, LookupError, ArithmeticError, AttributeError)


def draw(figure: Fields, *, name: str, title: str, description: str) -> Drawing:
    """The figure as a drawing; raises CannotDraw where it is of a kind that is not drawn, or not a figure."""
    try:
        return _draw(figure, name, title, description)
    except _MALFORMED as error:
        raise CannotDraw("its figure is not one that can be read here") from error


def _draw(figure: Fields, name: str, title: str, description: str) -> Drawing:
    layout = fields.inside(figure, "layout")
    for elsewhere in _ELSEWHERE:
        if layout.get(elsewhere):
            raise CannotDraw(f"a chart with layout.{elsewhere} is not drawn here")
    traces = seen(figure)
    height = round(fields.number_or(layout.get("height"), _HEIGHT))
    if not 60 <= height <= _TALLEST:
        raise CannotDraw(f"a chart {height:,} pixels high is not drawn here")
    if any(trace.kind == "pie" for trace in traces):
        return _pie(traces, layout, height, (name, title, description))
    made = cartesian.sketch(traces, layout, height)
    said = " ".join(layer.summary for layer in made.layers)
    margins = made.margins
    axes = (made.plot.x.kind.name, made.plot.y.kind.name)
    bare = _bare(margins, made.height, axes=axes, names=frame.names(made.plot.y), tilted=made.tilt)
    inside = frame.inner(made.inside, margins, made.plot.height)
    return _written(bare, (name, title, f"{description} {said}"), inside + made.outside)


def _pie(traces: list[Trace], layout: Fields, height: int, said: tuple[str, str, str]) -> Drawing:
    if len(traces) > 1:
        raise CannotDraw("a pie beside other charts is not drawn here")
    parts = pies.slices(traces[0], layout)
    listed = layout.get("showlegend") is not False and traces[0].listed
    keys = legend.fitting(pies.keys(parts)) if listed else []
    above = legend.height(keys, right=16, boxes=True)
    height = legend.grown(height, above)
    margins = Margins(16, 16, 16, 14 + above, 14)
    room = height - margins.top - margins.bottom
    if room < 40:
        raise CannotDraw(f"a pie {height:,} pixels high has no room")
    bare = _bare(margins, height)
    inside = frame.inner([pies.draw(traces[0], parts, room)], margins, room)
    name, title, description = said
    return _written(bare, (name, title, f"{description} {pies.summary(parts)}"), inside + legend.draw(keys, margins))


def _bare(margins: Margins, height: int, **more: Any) -> Drawing:
    return Drawing(
        svg="",
        height=height,
        left=margins.left,
        right=margins.right,
        top=margins.top,
        bottom=margins.bottom,
        narrow=margins.narrow,
        **more,
    )


def _written(bare: Drawing, said: tuple[str, str, str], inside: str) -> Drawing:
    name, title, description = said
    root: dict[str, Any] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class_": f"drawing {bare.gutter}",
        "width": FULL,
        "height": bare.height,
        "overflow": "visible",
        "role": "img",
        "aria_labelledby": f"{name}-svg-title {name}-svg-desc",
        "font_family": "system-ui, sans-serif",
        "font_size": 12,
        "fill": "#57606a",
    }
    svg = element(
        "svg",
        element("title", escaped(title), id=f"{name}-svg-title"),
        element("desc", escaped(" ".join(description.split())), id=f"{name}-svg-desc"),
        inside,
        **root,
    )
    return Drawing(**{**vars(bare), "svg": svg})
