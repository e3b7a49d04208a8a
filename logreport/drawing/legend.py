"""The legend above a plot: swatches and names in rows, in fewer columns on narrow screens.

Plotly puts the same names into columns that are all as wide as the longest, and so into more rows: the room above the
plot is for either.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from logreport.drawing import fields, paints, words
from logreport.drawing.colours import Colour
from logreport.drawing.fields import Fields
from logreport.drawing.margins import Margins
from logreport.drawing.plot import CARD, SMALL, Key
from logreport.drawing.svg import element, escaped
from logreport.drawing.traces import Trace

ROW: Final = 20
_WIDE: Final = 360
_SLIM: Final = 296
_GAP: Final = 16
_LEFT: Final = 8
#: Pixels of Plotly's: before a name, as `dressLegend` sets it (boxes, others; the size of the text), and between two.
_BEFORE: Final = {12: (28, 40), 11: (25, 40)}
_BETWEEN: Final = 5
#: The narrowest plot of a wide screen from whose own left edge Plotly's legend begins, not from that of the chart.
_ABOVE: Final = 300
#: A legend of more rows than these is no help.
_MOST: Final = 16 * ROW
#: Where a trace stands in the legend that does not say; those of lower ranks stand before it.
_RANK: Final = 1000


def keys(traces: Sequence[Trace], layout: Fields) -> list[Key]:
    """What the legend lists; nothing where one trace needs no name."""
    listed = [trace for trace in traces if trace.listed and trace.kind in {"bar", "scatter"}]
    asked = layout.get("showlegend")
    alone = len(traces) < 2 and not any(trace.fields.get("showlegend") is True for trace in traces)
    if asked is False or (alone and asked is not True):
        return []
    ranked = sorted(listed, key=lambda trace: fields.number_or(trace.fields.get("legendrank"), _RANK))
    return [Key(words.shorten(trace.name, 36, 240), *_looks(trace)) for trace in ranked]


def _looks(trace: Trace) -> tuple[Colour, str]:
    if trace.kind == "bar":
        return paints.key(trace), "box"
    mode: Any = trace.fields.get("mode") or "lines"
    filled = trace.fields.get("stackgroup") or trace.fields.get("fill") not in {None, "none"}
    shape = "box" if filled else "line" if "lines" in str(mode) else "dot"
    return (paints.line_colour(trace) if "lines" in str(mode) else paints.key(trace)), shape


def _rows(shown: Sequence[Key], most: float) -> list[list[tuple[float, Key]]]:
    rows: list[list[tuple[float, Key]]] = [[]]
    across = 0.0
    for key in shown:
        room = _room(key)
        if rows[-1] and across + room - _GAP > most:
            rows.append([])
            across = 0.0
        rows[-1].append((across, key))
        across += room
    return rows


def _room(key: Key) -> float:
    return 18 + words.width(key.name) + _GAP


def height(shown: Sequence[Key], *, right: int, boxes: bool) -> int:
    """The pixels that the legend needs above a plot with this right margin, on narrow screens and from Plotly too.

    `boxes` says whether the chart has bars or slices only, whose swatches Plotly draws slimmer.
    """
    if not shown:
        return 0
    wide = _columned(shown, 12, min(_ABOVE, CARD - right), boxes=boxes)
    slim = _columned(shown, 11, SMALL - right, boxes=boxes)
    return min(_MOST, ROW * max(_drawn(shown), wide, slim))


def _drawn(shown: Sequence[Key]) -> int:
    """In how many rows the drawing has these names, where it has most."""
    return max(len(_rows(shown, _WIDE)), len(_rows(shown, _SLIM)))


def _columned(shown: Sequence[Key], size: int, room: float, *, boxes: bool) -> int:
    """In how many rows Plotly writes these names."""
    before, other = _BEFORE[size]
    wide = [(before if boxes else other) + words.width(key.name, size) for key in shown]
    if sum(wide) + _BETWEEN * (len(wide) - 1) < room:
        return 1
    columns = max(1, math.ceil((room - max(wide)) / (max(wide) + _BETWEEN)))
    return math.ceil(len(wide) / columns)


def grown(pixels: int, legend: int) -> int:
    """The height of a chart that is so high, and higher by what a legend of so many pixels takes beyond two rows."""
    return pixels + max(0, legend - 2 * ROW)


def fitting(shown: Sequence[Key]) -> list[Key]:
    """As many names as a legend has room for, and how many more there are."""
    for count in range(len(shown), 0, -1):
        rest = len(shown) - count
        kept = [*shown[:count], *([Key(f"and {rest:,} more", Colour("none", 0), "box")] if rest else [])]
        if ROW * _drawn(kept) <= _MOST:
            return kept
    return []


def draw(shown: Sequence[Key], margins: Margins) -> str:
    """The rows above the plot; from its left where they are not too wide for that."""
    if not shown:
        return ""
    wide, slim = _rows(shown, _WIDE), _rows(shown, _SLIM)
    start = margins.left if max(map(_length, wide)) <= CARD - margins.left else _LEFT
    # On narrow screens the whole drawing moves left by what its left margin loses.
    moved = margins.left - margins.narrow
    bottom = margins.top - 6
    if len(wide) == 1 and start - moved + _length(wide[0]) <= SMALL - _GAP and start >= moved:
        return _group(wide, start, bottom, "legend", None)
    return _group(wide, start, bottom, "legend wide", None) + _group(
        slim, _LEFT + moved, bottom, "legend narrow", "none"
    )


def _length(row: Sequence[tuple[float, Key]]) -> float:
    across, key = row[-1]
    return across + _room(key)


def _group(
    rows: Sequence[Sequence[tuple[float, Key]]], start: float, bottom: float, name: str, display: str | None
) -> str:
    drawn = []
    for place, row in enumerate(rows):
        down = bottom - ROW * (len(rows) - place) + 10
        for across, key in row:
            drawn.append(_swatch(key, start + across, down))
            drawn.append(element("text", escaped(key.name), x=round(start + across + 18), y=down + 4))
    return element("g", *drawn, class_=f"{name} text", display=display)


def _swatch(key: Key, x: float, y: float) -> str:
    x = round(x)
    if key.shape == "line":
        return element("line", x1=x, x2=x + 12, y1=y, y2=y, stroke=key.colour.paint, stroke_width=2)
    how = {"fill": key.colour.paint, "fill_opacity": key.colour.seen}
    if key.shape == "dot":
        return element("circle", cx=x + 6, cy=y, r=4, **how)
    return element("rect", x=x, y=y - 5, width=11, height=11, rx=2, **how)
