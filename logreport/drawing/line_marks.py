"""Lines and areas as paths, points as circles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from logreport import units
from logreport.drawing import fields, lines, points, whiskers
from logreport.drawing.axes import Reach, reach
from logreport.drawing.colours import colour
from logreport.drawing.drawn import CannotDraw
from logreport.drawing.kinds import Kind
from logreport.drawing.lines import Point, Series
from logreport.drawing.paints import line_colour
from logreport.drawing.plot import MOST_MARKS, Layer, Plot
from logreport.drawing.svg import ACROSS, element, number, percent, stretched
from logreport.drawing.traces import Trace

_DASHES: Final = {
    "dot": "2 3",
    "dash": "8 5",
    "longdash": "14 6",
    "dashdot": "8 4 2 4",
    "longdashdot": "14 5 2 5",
}
_LENGTHS: Final = re.compile(r"\d{1,3}(px)?([ ,]+\d{1,3}(px)?){0,7}")
_CORNERS: Final = frozenset({"hv", "vh", "hvh", "vhv"})


def layer(traces: Sequence[Trace], x: Kind, y: Kind) -> Layer | None:
    """All lines, points and areas of a figure; None where there are none."""
    found = lines.lay_out(traces, x, y)
    if not found:
        return None
    if sum(len(one.points) for one in found if one.mode != {"lines"}) > MOST_MARKS:
        raise CannotDraw(f"more than {MOST_MARKS:,} points are not drawn here")

    def draw(plot: Plot) -> str:
        areas = [_area(plot, one, found[place - 1] if place else None) for place, one in enumerate(found)]
        return "".join(areas) + "".join(_series(plot, one, x, y) for one in found)

    ranges = [_reaches(one, x, y) for one in found]
    return Layer(
        draw,
        [one for across, _ in ranges for one in across],
        [one for _, up in ranges for one in up],
        summary=_summary(found, x, y),
    )


def _reaches(one: Series, x: Kind, y: Kind) -> tuple[list[Reach], list[Reach]]:
    there = [point for point in one.points if point]
    marked = "markers" in one.mode
    room = 1.6 * points.size(one.trace, 0) / 2 if marked else 0.0
    ups = [point[1] for point in there] + [point[1] for point in one.under or []]
    spans = [
        end
        for index, point in enumerate(one.points)
        if point
        for end in whiskers.span(one.trace.fields, "y", index, point[1]) or ()
        if y.name != "log" or end > 0
    ]
    bare = one.fill != "none" or not (marked or "text" in one.mode)
    across = reach([point[0] for point in there], padded=not bare, pixels=0 if bare else room)
    return across, reach(ups + spans, zero=one.fill != "none", pixels=room)


def _summary(found: Sequence[Series], x: Kind, y: Kind) -> str:
    one, point = max(((one, point) for one in found for point in one.points if point), key=lambda pair: pair[1][1])
    drawn = "lines" if any("lines" in series.mode for series in found) else "points"
    count = sum(1 for series in found for there in series.points if there)
    what = f"{len(found)} {drawn}" if len(found) > 1 else {"lines": "1 line", "points": "Points"}[drawn]
    name = f"{one.trace.name}, " if len(found) > 1 else ""
    value = units.count(point[1]) if y.name in {"linear", "log"} else y.say(point[1])
    return f"{what}, {count:,} values; the highest is {name}{x.say(point[0])} with {value}."


def _place(plot: Plot, point: Point) -> tuple[float, float]:
    return ACROSS * plot.across(point[0]), plot.down(point[1])


def _digits(one: Series) -> int:
    return 0 if one.under else 1  # a stack has many points: whole thousandths of its width do


def _path(places: Sequence[tuple[float, float]], shape: Any, digits: int = 1) -> str:
    """Through these places, around corners where the line is one of steps."""
    written = []
    for index, (x, y) in enumerate(places):
        across, down = number(round(x, digits)), number(round(y, 1))
        if index and shape in _CORNERS:
            middle = number(round((places[index - 1][0] + x) / 2, 1))
            turns = {"hv": f"H{across}V{down}", "vh": f"V{down}H{across}", "hvh": f"H{middle}V{down}H{across}"}
            written.append(turns.get(shape, turns["vh"]))
        else:
            written.append(f"{'L' if index else 'M'}{across} {down}")
    return "".join(written)


def _area(plot: Plot, one: Series, before: Series | None) -> str:
    if one.fill == "none":
        return ""
    shape = fields.inside(one.trace.fields, "line").get("shape")
    edge = before.runs if one.fill == "tonexty" and before else []
    paths = []
    for run in one.runs:
        under = one.under or (edge[0] if len(edge) == 1 else [(run[0][0], 0.0), (run[-1][0], 0.0)])
        places = [_place(plot, point) for point in under]
        backward = "".join(f"L{number(round(x, _digits(one)))} {number(round(y, 1))}" for x, y in reversed(places))
        paths.append(_path([_place(plot, point) for point in run], shape, _digits(one)) + backward + "Z")
    fill = one.trace.fields.get("fillcolor")
    tint = colour(fill, line_colour(one.trace).paint)
    tint = tint if fill else tint.faded(0.5)
    drawn = element("path", d="".join(paths), fill=tint.paint, fill_opacity=tint.seen, stroke="none")
    return stretched(drawn, height=plot.height, clip=plot.x.fixed or plot.y.fixed)


def _series(plot: Plot, one: Series, x: Kind, y: Kind) -> str:
    drawn = []
    if "lines" in one.mode:
        drawn.append(_line(plot, one))
    drawn.append(whiskers.group(plot, _whiskers(plot, one), line_colour(one.trace).paint))
    if "markers" in one.mode:
        drawn.append(points.circles(plot, one, x, y))
    if "text" in one.mode:
        drawn += points.texts(plot, one, x, y)
    return "".join(drawn)


def _line(plot: Plot, one: Series) -> str:
    line = fields.inside(one.trace.fields, "line")
    wide = fields.number_or(line.get("width"), 2)
    paint = line_colour(one.trace)
    shape, dash = line.get("shape"), line.get("dash")
    long = [run for run in one.runs if len(run) > 1]
    path = "".join(_path([_place(plot, point) for point in run], shape, _digits(one)) for run in long)
    lengths = dash if isinstance(dash, str) and _LENGTHS.fullmatch(dash) else _DASHES.get(str(dash))
    drawn = element(
        "path",
        d=path,
        fill="none",
        stroke=paint.paint,
        stroke_opacity=paint.seen,
        stroke_width=wide,
        stroke_dasharray=lengths,
        stroke_linejoin="round",
        vector_effect="non-scaling-stroke",
    )
    clip = plot.x.fixed or plot.y.fixed
    alone = [run[0] for run in one.runs if len(run) == 1] if wide and "markers" not in one.mode else []
    dots = [
        element("circle", cx=percent(plot.across(place)), cy=plot.down(value), r=max(1.5, wide), fill=paint.paint)
        for place, value in alone
        if plot.holds(place, value)
    ]
    return (stretched(drawn, height=plot.height, clip=clip) if path and wide else "") + "".join(dots)


def _whiskers(plot: Plot, one: Series) -> list[whiskers.Whisker]:
    found = []
    for index, point in enumerate(one.points):
        if point is None or not plot.holds(*point):
            continue
        for letter, value, other in (("x", point[0], point[1]), ("y", point[1], point[0])):
            ends = whiskers.span(one.trace.fields, letter, index, value)
            if ends:
                found.append(whiskers.draw(plot, letter, ends, other))
    return found
