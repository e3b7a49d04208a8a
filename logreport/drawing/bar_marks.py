"""Bars as rectangles: one element each, so that each says its value, or one path where they are very many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from logreport import units
from logreport.drawing import bar_labels, bars, fields, whiskers, words
from logreport.drawing.axes import reach
from logreport.drawing.bars import Bar
from logreport.drawing.colours import Colour, colour
from logreport.drawing.drawn import CannotDraw
from logreport.drawing.fields import Fields
from logreport.drawing.kinds import Kind
from logreport.drawing.plot import MOST_MARKS, Layer, Plot
from logreport.drawing.svg import element, number, percent, stretched, titled
from logreport.drawing.traces import Trace

#: From more bars of one colour than this, one path is drawn: the table has the numbers.
_MANY: Final = 60
_FINE: Final = 10_000


def layer(traces: Sequence[Trace], layout: Fields, x: Kind, y: Kind) -> Layer | None:
    """All bars of a figure; None where there are none."""
    lying = bars.horizontal(traces)
    place, value = (y, x) if lying else (x, y)
    found = bars.lay_out(traces, layout, place, value)
    if not found:
        return None
    step = bars.least_step([[bar.place for bar in found]], place)
    said = bar_labels.labels(found, place, lying=lying)
    along = reach([end for bar in found for end in _ends(bar, step)], padded=False)
    ends = [end for bar in found for end in (bar.base, bar.top, *_uncertain(bar, lying=lying))]
    from_zero = any(not bar.trace.fields.get("base") for bar in found)
    up = reach([end for end in ends if value.name != "log" or end > 0], zero=from_zero)

    def draw(plot: Plot) -> str:
        marks = [
            _trace(plot, list(those), place, lying=lying) for _, those in groupby(found, key=lambda bar: bar.trace)
        ]
        texts = [bar_labels.beside(plot, one) if lying else bar_labels.above(plot, one, step) for one in said]
        return "".join(marks) + bar_labels.group(texts)

    drawn = Layer(draw, *((up, along) if lying else (along, up)), summary=_summary(found, place))
    if lying:
        drawn.right = lambda axis, narrow: bar_labels.right(said, axis, narrow)
    else:
        drawn.top = 10 if any(label.where != "inside" for label in said) else 0
    return drawn


def _ends(bar: Bar, step: float) -> tuple[float, ...]:
    return (bar.place - step / 2, bar.place + step / 2, bar.start, bar.end)


def _uncertain(bar: Bar, *, lying: bool) -> tuple[float, ...]:
    return whiskers.span(bar.trace.fields, "x" if lying else "y", bar.index, bar.top) or ()


def _summary(found: Sequence[Bar], place: Kind) -> str:
    largest = max(found, key=lambda bar: bar.value)
    several = len({id(bar.trace) for bar in found}) > 1
    name = f"{place.say(largest.place)}, {largest.trace.name}," if several else place.say(largest.place)
    bars_said = "1 bar" if len(found) == 1 else f"{len(found):,} bars"
    return f"{bars_said}; the largest is {name} with {units.count(largest.value)}."


def _trace(plot: Plot, found: list[Bar], place: Kind, *, lying: bool) -> str:
    fields_of = found[0].trace.fields
    outline, edge = _edge(found[0])
    common = Counter(bar.colour for bar in found).most_common(1)[0][0]
    marks = _merged(plot, found, lying=lying) if _dense(found) else _each(plot, found, place, common, lying=lying)
    drawn = element(
        "g",
        *marks,
        fill=common.paint,
        fill_opacity=common.seen,
        stroke=outline,
        stroke_width=edge,
    )
    letter = "x" if lying else "y"
    spans = [(bar, whiskers.span(fields_of, letter, bar.index, bar.top)) for bar in found]
    return drawn + whiskers.group(
        plot, [whiskers.draw(plot, letter, ends, (bar.start + bar.end) / 2) for bar, ends in spans if ends]
    )


def _edge(bar: Bar) -> tuple[str | None, float | None]:
    """The colour and the width of the line around a bar; None for no line."""
    line = fields.inside(bar.trace.fields, "marker", "line")
    width = fields.number_or(fields.each(line.get("width"), bar.index), 0)
    return (colour(fields.each(line.get("color"), bar.index), "#ffffff").paint, width) if width > 0 else (None, None)


def _dense(found: Sequence[Bar]) -> bool:
    if len(found) > MOST_MARKS:
        raise CannotDraw(f"{len(found):,} bars are too many to be drawn here")
    return len(found) > _MANY


def _each(plot: Plot, found: Sequence[Bar], place: Kind, common: Colour, *, lying: bool) -> list[str]:
    drawn = []
    for bar in found:
        across, down = _box(plot, bar, lying=lying)
        own = bar.colour if bar.colour != common else None
        edge = _edge(bar)[0]
        box = element(
            "rect",
            # Beside a lying bar stands its name.
            titled(words.exact(bar.value) if lying else f"{place.say(bar.place)}: {words.exact(bar.value)}"),
            x=percent(across[0]) if across[0] else None,
            y=down[0],
            width=percent(across[1] - across[0]),
            height=down[1] - down[0],
            fill=own.paint if own else None,
            fill_opacity=own.opacity if own and own.opacity != common.opacity else None,
            stroke=edge if edge != _edge(found[0])[0] else None,
        )
        drawn.append(box)
    return drawn


def _box(plot: Plot, bar: Bar, *, lying: bool) -> tuple[tuple[float, float], tuple[float, float]]:
    """From left to right as shares, from top to bottom in pixels, within the plot."""
    x, y = ((bar.base, bar.top), (bar.start, bar.end)) if lying else ((bar.start, bar.end), (bar.base, bar.top))
    across = sorted(min(1.0, max(0.0, plot.across(end))) for end in x)
    down = sorted(min(plot.height, max(0.0, plot.down(end))) for end in y)
    return (across[0], across[1]), (down[0], down[1])


def _merged(plot: Plot, found: Sequence[Bar], *, lying: bool) -> list[str]:
    drawn = []
    for paint, those in groupby(sorted(found, key=lambda bar: bar.colour), key=lambda bar: bar.colour):
        path = _outlines([_box(plot, bar, lying=lying) for bar in those])
        drawn.append(element("path", d=path, fill=paint.paint, fill_opacity=paint.seen))
    return [stretched(*drawn, height=plot.height, clip=True, across=_FINE)]


def _outlines(boxes: Sequence[tuple[tuple[float, float], tuple[float, float]]]) -> str:
    """One path around these boxes: along the line they stand on, which is shorter and leaves no seams between them."""
    path, last, ground = "", "", ""
    for across, down in boxes:
        left, right = (str(round(_FINE * end)) for end in across)
        top, bottom = (number(round(end, 1)) for end in down)
        if top == bottom:
            continue
        if bottom != ground:
            path += f"M{left} {bottom}"
        elif left == last:
            path = path[: path.rindex("V")]  # the sides that touch are none
        else:
            path += f"H{left}"
        path += f"V{top}H{right}V{bottom}"
        last, ground = right, bottom
    return path
