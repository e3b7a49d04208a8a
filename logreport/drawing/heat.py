"""A heat map: cells whose colour says their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from logreport import units
from logreport.drawing import fields, templates, words
from logreport.drawing.axes import reach
from logreport.drawing.colours import Colour, on
from logreport.drawing.drawn import CannotDraw
from logreport.drawing.fields import Fields
from logreport.drawing.gradients import Gradient, along, gradient
from logreport.drawing.kinds import Kind
from logreport.drawing.plot import MOST_MARKS, Layer, Plot
from logreport.drawing.svg import ACROSS, element, escaped, number, percent, stretched, titled
from logreport.drawing.traces import Trace

#: More numbers than this are no longer read one by one.
_MOST_TEXTS: Final = 100
#: The room right of the plot for the scale of colours, here and in Plotly.
_SCALE: Final = 76


@dataclass(frozen=True)
class _Cell:
    row: int
    column: int
    x: tuple[float, float]
    y: tuple[float, float]
    z: float


def values(trace: Trace, letter: str) -> list[Any]:
    """The columns' or the rows' names; numbers where there are none."""
    found = fields.many(trace.fields.get(letter))
    rows = fields.many(trace.fields.get("z"))
    count = len(rows) if letter == "y" else max((len(fields.many(row)) for row in rows), default=0)
    return found or [*range(count)]


def layer(trace: Trace, x: Kind, y: Kind) -> Layer | None:
    """The heat map; None where every cell is blank."""
    rows = [[fields.number(value) for value in fields.many(row)] for row in fields.many(trace.fields.get("z"))]
    across = _edges([x.coordinate(value) for value in values(trace, "x")], max(map(len, rows), default=0))
    up = _edges([y.coordinate(value) for value in values(trace, "y")], len(rows))
    cells = [
        _Cell(row, column, span, rise, z)
        for row, (numbers, rise) in enumerate(zip(rows, up, strict=False))
        for column, (z, span) in enumerate(zip(numbers, across, strict=False))
        if z is not None and span and rise
    ]
    if not cells:
        return None
    if len(cells) > MOST_MARKS:
        raise CannotDraw(f"{len(cells):,} cells are too many to be drawn here")
    ends = _ends(trace, cells)
    stops = _stops(trace)

    def draw(plot: Plot) -> str:
        painted = [(cell, along(stops, _share(cell.z, ends))) for cell in cells]
        if len(cells) > _MOST_TEXTS:
            drawn = _dense(plot, painted, x, y)
        else:
            drawn = "".join(_cell(plot, trace, cell, paint, x, y) for cell, paint in painted)
        return drawn + (_scale(plot, stops, ends) if trace.fields.get("showscale") is not False else "")

    drawn = Layer(
        draw,
        reach([end for cell in cells for end in cell.x], padded=False),
        reach([end for cell in cells for end in cell.y], padded=False),
        summary=_summary(cells, x, y),
    )
    if trace.fields.get("showscale") is not False:
        drawn.right = lambda _axis, _narrow: _SCALE
    return drawn


def _summary(cells: Sequence[_Cell], x: Kind, y: Kind) -> str:
    largest = max(cells, key=lambda cell: cell.z)
    where = f"{x.say(sum(largest.x) / 2)}, {y.say(sum(largest.y) / 2)}"
    return f"{len(cells):,} cells; the largest is {where} with {units.count(largest.z)}."


def _edges(places: list[float | None], count: int) -> list[tuple[float, float] | None]:
    """From where to where each cell goes: half way to its neighbours, or between edges that the figure names."""
    if len(places) == count + 1 and None not in places:
        there = fields.known(places)
        return [(low, high) for low, high in pairwise(there)]
    found: list[tuple[float, float] | None] = []
    known = [(order, place) for order, place in enumerate(places) if place is not None]
    for order, place in enumerate(places):
        if place is None:
            found.append(None)
            continue
        before = max((one for one in known if one[0] < order), default=None)
        after = min((one for one in known if one[0] > order), default=None)
        low = (place - before[1]) / 2 if before else (after[1] - place) / 2 if after else 0.5
        high = (after[1] - place) / 2 if after else low
        found.append((place - low, place + high))
    return found


def _fields_of_scale(trace: Trace) -> tuple[Fields, str]:
    return (trace.shared, "c") if trace.fields.get("coloraxis") else (trace.fields, "z")


def _stops(trace: Trace) -> Gradient:
    scale, _ = _fields_of_scale(trace)
    return gradient(scale.get("colorscale"), flipped=scale.get("reversescale") is True)


def _ends(trace: Trace, cells: Sequence[_Cell]) -> tuple[float, float]:
    scale, letter = _fields_of_scale(trace)
    low = fields.number_or(scale.get(f"{letter}min"), min(cell.z for cell in cells))
    return low, fields.number_or(scale.get(f"{letter}max"), max(cell.z for cell in cells))


def _share(value: float, ends: tuple[float, float]) -> float:
    return (value - ends[0]) / (ends[1] - ends[0]) if ends[1] > ends[0] else 0.5


def _dense(plot: Plot, painted: Sequence[tuple[_Cell, Colour]], x: Kind, y: Kind) -> str:
    """Many cells, in a third of the bytes: those of one colour together, each a path of whole units."""
    groups: dict[Colour, list[str]] = {}
    for cell, paint in painted:
        across, down = _box(plot, cell)
        left, right = (round(ACROSS * end) for end in across)
        path = f"M{left} {number(down[0])}H{right}V{number(down[1])}H{left}z"
        groups.setdefault(paint, []).append(element("path", _title(cell, x, y), d=path))
    drawn = (element("g", *paths, fill=paint.paint, fill_opacity=paint.seen) for paint, paths in groups.items())
    # Without smoothing: between neighbours of one colour no line is seen.
    return stretched(element("g", *drawn, shape_rendering="crispEdges"), height=plot.height)


def _box(plot: Plot, cell: _Cell) -> tuple[list[float], list[float]]:
    """From where to where a cell reaches, as shares of the width and as pixels from the top."""
    across = sorted(min(1.0, max(0.0, plot.across(end))) for end in cell.x)
    return across, sorted(min(plot.height, max(0.0, plot.down(end))) for end in cell.y)


def _title(cell: _Cell, x: Kind, y: Kind) -> str:
    return titled(f"{x.say(sum(cell.x) / 2)}, {y.say(sum(cell.y) / 2)}: {words.exact(cell.z)}")


def _cell(plot: Plot, trace: Trace, cell: _Cell, paint: Colour, x: Kind, y: Kind) -> str:
    across, down = _box(plot, cell)
    names = (x.say(sum(cell.x) / 2), y.say(sum(cell.y) / 2))
    box = element(
        "rect",
        _title(cell, x, y),
        x=percent(across[0]),
        y=down[0],
        width=percent(across[1] - across[0]),
        height=down[1] - down[0],
        fill=paint.paint,
        fill_opacity=paint.seen,
    )
    said = _said(trace, cell, names) if trace.fields.get("texttemplate") else ""
    wide = across[1] - across[0]
    if not said or down[1] - down[0] < 14 or words.width(said) > wide * plot.width:
        return box
    return box + element(
        "text",
        escaped(said),
        x=percent(sum(across) / 2),
        y=sum(down) / 2 + 4,
        text_anchor="middle",
        fill=on(paint),
        class_="minor" if words.width(said) > wide * plot.small else None,
    )


def _said(trace: Trace, cell: _Cell, names: tuple[str, str]) -> str:
    texts = fields.each(fields.many(trace.fields.get("text")), cell.row)
    known = {"x": names[0], "y": names[1], "z": cell.z, "text": fields.each(texts, cell.column)}
    return templates.fill(str(trace.fields.get("texttemplate")), known)


def _scale(plot: Plot, stops: Gradient, ends: tuple[float, float]) -> str:
    """Five swatches right of the plot, the highest on top, with the numbers at both ends."""
    side = plot.height / 5
    paints = [along(stops, 1 - number / 4) for number in range(5)]
    swatches = [
        element("rect", x=14, y=number * side, width=12, height=side, fill=paint.paint, fill_opacity=paint.seen)
        for number, paint in enumerate(paints)
    ]
    texts = [
        element("text", escaped(words.shorten(units.count(end), 8, 46)), x=30, y=down)
        for end, down in ((ends[1], 10), (ends[0], plot.height))
    ]
    return element("svg", *swatches, element("g", *texts, class_="text"), x="100%", overflow="visible")
