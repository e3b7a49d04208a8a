"""Annotations and shapes of a figure: texts, straight lines and boxes. Others are left out."""

from __future__ import annotations

from typing import Any

from logreport.drawing import fields, words
from logreport.drawing.axes import Axis
from logreport.drawing.colours import colour
from logreport.drawing.fields import Fields
from logreport.drawing.plot import Plot
from logreport.drawing.svg import Attribute, element, escaped, percent

_MOST = 200


def shapes(plot: Plot, layout: Fields, *, below: bool) -> str:
    """Lines and boxes, those below the marks or those above."""
    found = [shape for shape in _there(layout, "shapes") if (shape.get("layer") == "below") is below]
    return "".join(_shape(plot, shape) for shape in found)


def texts(plot: Plot, layout: Fields) -> str:
    """Texts of annotations, on the marks."""
    return "".join(_text(plot, note) for note in _there(layout, "annotations"))


def _there(layout: Fields, name: str) -> list[Fields]:
    found = [one for one in fields.many(layout.get(name)) if isinstance(one, dict)]
    return [one for one in found[:_MOST] if one.get("visible") is not False]


def _across(plot: Plot, ref: Any, value: Any) -> float | None:
    return _share(plot.x, "x", ref, value)


def _down(plot: Plot, ref: Any, value: Any) -> float | None:
    share = _share(plot.y, "y", ref, value)
    return None if share is None else plot.height * (1 - share)


def _share(axis: Axis, letter: str, ref: Any, value: Any) -> float | None:
    """How far along an axis; None for what refers to something else."""
    if ref in {"paper", f"{letter} domain"}:
        return fields.number(value)
    place = axis.kind.coordinate(value)
    if place is None and axis.kind.name == "category":
        place = fields.number(value)  # a place among the names, as Plotly takes it
    return axis.at(place) if ref in {letter, None} and place is not None else None


def _shape(plot: Plot, shape: Fields) -> str:
    across = fields.known(_across(plot, shape.get("xref"), shape.get(end)) for end in ("x0", "x1"))
    down = fields.known(_down(plot, shape.get("yref"), shape.get(end)) for end in ("y0", "y1"))
    if len(across) < 2 or len(down) < 2 or not all(-0.01 <= share <= 1.01 for share in across):
        return ""
    down = [min(plot.height, max(0.0, end)) for end in down]
    line = fields.inside(shape, "line")
    stroke = colour(line.get("color"), "#57606a").faded(shape.get("opacity"))
    how = {
        "stroke": stroke.paint,
        "stroke_opacity": stroke.seen,
        "stroke_width": fields.number_or(line.get("width"), 2),
    }
    if shape.get("type") == "line":
        dash = "6 4" if line.get("dash") not in {None, "solid"} else None
        ends: dict[str, Attribute] = {"x1": percent(across[0]), "y1": down[0], "x2": percent(across[1]), "y2": down[1]}
        return element("line", stroke_dasharray=dash, **ends, **how)
    if shape.get("type") != "rect":
        return ""
    fill = colour(shape.get("fillcolor"), "none").faded(shape.get("opacity"))
    left, right = sorted(across)
    top, bottom = sorted(down)
    box: dict[str, Attribute] = {"x": percent(left), "y": top, "width": percent(right - left), "height": bottom - top}
    return element("rect", fill=fill.paint, fill_opacity=fill.seen, **box, **how)


def _text(plot: Plot, note: Fields) -> str:
    across = _across(plot, note.get("xref"), note.get("x"))
    down = _down(plot, note.get("yref"), note.get("y"))
    if across is None or down is None or not -0.1 <= across <= 1.1 or not -30 <= down <= plot.height + 30:
        return ""
    if note.get("showarrow") is not False:
        down += fields.number_or(note.get("ay"), -30)
    anchor = {"left": "start", "right": "end"}.get(str(note.get("xanchor")))
    font = fields.inside(note, "font").get("color")
    return "".join(
        element(
            "text",
            escaped(words.shorten(line, 60, 360)),
            class_="value",
            x=percent(across),
            y=down + 4 + 14 * row,
            text_anchor=anchor or ("start" if across < 0.1 else "end" if across > 0.9 else "middle"),
            fill=colour(font, "#24292f").paint,
        )
        for row, line in enumerate(words.lines(note.get("text")))
    )
