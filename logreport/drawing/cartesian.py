"""A chart with two axes: bars, lines, points, areas and heat maps put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from logreport.drawing import bar_marks, bars, fields, frame, heat, legend, line_marks, margins, notes, words
from logreport.drawing.axes import Axis, axis
from logreport.drawing.drawn import CannotDraw
from logreport.drawing.fields import Fields
from logreport.drawing.kinds import Kind, kind_of
from logreport.drawing.margins import Margins
from logreport.drawing.plot import CARD, Key, Layer, Plot
from logreport.drawing.traces import Trace

_TOP: Final = 14
#: The least margin right of a plot.
_SIDE: Final = 16
#: About the width of a plot, before its labels are known.
_ABOUT: Final = 540
#: About its width on a telephone, or in one of two columns.
_SLIM: Final = 300
_MOST_TICKS: Final = 6
_FEWER_TICKS: Final = 3
#: A lower plot shows nothing.
_LEAST: Final = 40


@dataclass(frozen=True)
class Sketch:
    """A drawing before it is written: the margins and the parts."""

    height: int
    margins: Margins
    tilt: bool
    plot: Plot
    layers: Sequence[Layer]
    #: The parts, in the order they are drawn.
    inside: tuple[str, ...]
    outside: str


def sketch(traces: Sequence[Trace], layout: Fields, height: int) -> Sketch:
    """The chart, laid out: as high as is said, or higher where its legend needs it."""
    keys = legend.fitting(legend.keys(traces, layout))
    boxes = all(trace.kind == "bar" for trace in traces)
    layers = _layers(traces, layout, _kind(traces, layout, "x"), _kind(traces, layout, "y"))
    above = legend.height(keys, right=_SIDE, boxes=boxes)
    found = _sketch(traces, layout, layers, height, keys, above)
    # What stands right of the plot takes of the room above it, too.
    needed = legend.height(keys, right=found.margins.right, boxes=boxes)
    return found if needed == above else _sketch(traces, layout, layers, height, keys, needed)


def _sketch(
    traces: Sequence[Trace], layout: Fields, layers: Sequence[Layer], least: int, keys: Sequence[Key], above: int
) -> Sketch:
    """The chart with a legend of so many pixels above its plot."""
    height = legend.grown(least, above)
    top = _TOP + above + max(layer.top for layer in layers)
    across, up = _kind(traces, layout, "x"), _kind(traces, layout, "y")
    x = _axis(layout, "x", across, layers, _ABOUT)
    tilt = margins.tilted(x, _SLIM)
    bottom = margins.bottom(x, tilt=tilt)
    inner = height - top - bottom
    if inner < _LEAST:
        raise CannotDraw(f"a chart {height:,} pixels high has no room for its labels")
    y = _axis(layout, "y", up, layers, inner)
    left, narrow = margins.left(y, x, tilt=tilt)
    right = round(max(layer.right(x, narrow) for layer in layers))
    around = Margins(left, narrow, max(_SIDE, right), top, bottom)
    if _crowded(x, around):
        x = _axis(layout, "x", across, layers, _ABOUT, most=_FEWER_TICKS)
    plot = Plot(x=x, y=y, width=around.width, height=inner, small=around.small, sides=(narrow, around.right))
    outside = legend.draw(keys, around) + frame.side_title(y, around, inner)
    inside = _inside(plot, traces, layers, layout, around, tilt=tilt)
    return Sketch(height, around, tilt, plot, layers, inside, outside)


def _axis(
    layout: Fields, letter: str, kind: Kind, layers: Sequence[Layer], pixels: float, most: int = _MOST_TICKS
) -> Axis:
    written = fields.inside(layout, f"{letter}axis")
    reaches = [reach for layer in layers for reach in (layer.x if letter == "x" else layer.y)]
    fitting = most if letter == "x" else min(most, max(2, int(pixels // 42)))
    return axis(written, kind, reaches, pixels=pixels, most=fitting)


def _crowded(x: Axis, around: Margins) -> bool:
    """Whether numbers under a plot between wide margins would touch in a card of two columns."""
    if x.kind.name != "linear" or len(x.ticks) < 2:
        return False
    apart = min(high.share - low.share for low, high in pairwise(x.ticks)) * (CARD - around.left - around.right)
    return max(words.width(line) for tick in x.ticks for line in tick.lines) + 8 > apart


def _inside(
    plot: Plot, traces: Sequence[Trace], layers: Sequence[Layer], layout: Fields, around: Margins, *, tilt: bool
) -> tuple[str, ...]:
    # What stands at names up the side, and has no bars, measures as lying bars do.
    named = (plot.x.kind.name, plot.y.kind.name)
    lying = bars.horizontal(_bars(traces)) if _bars(traces) else named[1] == "category" != named[0]
    heated = any(trace.kind == "heatmap" for trace in traces)
    return (
        frame.grid(plot, lying=lying, lined=not heated),
        notes.shapes(plot, layout, below=True),
        *(layer.draw(plot) for layer in layers),
        notes.shapes(plot, layout, below=False),
        notes.texts(plot, layout),
        frame.labels(plot, tilt=tilt, below=around.bottom),
    )


def _bars(traces: Sequence[Trace]) -> list[Trace]:
    return [trace for trace in traces if trace.kind == "bar"]


def _values(trace: Trace, letter: str) -> list[Any]:
    return heat.values(trace, letter) if trace.kind == "heatmap" else trace.values(letter)


def _kind(traces: Sequence[Trace], layout: Fields, letter: str) -> Kind:
    values = [value for trace in traces for value in _values(trace, letter)]
    other = "y" if letter == "x" else "x"
    amounts = (
        pair
        for trace in traces
        if trace.kind != "heatmap"
        for pair in zip(trace.values(letter), trace.values(other), strict=False)
    )
    return kind_of(fields.inside(layout, f"{letter}axis"), values, amounts)


def _layers(traces: Sequence[Trace], layout: Fields, x: Kind, y: Kind) -> list[Layer]:
    found = [heat.layer(trace, x, y) for trace in traces if trace.kind == "heatmap"]
    if _bars(traces):
        found.append(bar_marks.layer(_bars(traces), layout, x, y))
    lined = [trace for trace in traces if trace.kind == "scatter"]
    if lined:
        found.append(line_marks.layer(lined, x, y))
    layers = [layer for layer in found if layer is not None]
    if not layers:
        raise CannotDraw("it has nothing to draw")
    return layers
