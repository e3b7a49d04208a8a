"""What bars say: inside at their end where there is room at every width, else beyond their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from logreport.drawing import fields, templates, words
from logreport.drawing.axes import Axis
from logreport.drawing.bars import Bar
from logreport.drawing.colours import on
from logreport.drawing.kinds import Kind
from logreport.drawing.plot import SMALL, Plot
from logreport.drawing.svg import element, escaped, percent

#: Between a text and the end of its bar, and the least margin right of a plot.
_GAP = 6
LEAST = 16
#: A longer text is shortened: it would leave no room for bars.
_LONGEST = (40, 200)


@dataclass(frozen=True)
class Label:
    """A bar's text, and where it is wanted: inside, outside or auto."""

    bar: Bar
    text: str
    where: str

    @property
    def width(self) -> float:
        return words.width(self.text)


def labels(bars: Sequence[Bar], place: Kind, *, lying: bool) -> list[Label]:
    """The labels of these bars; bars without a text have none."""
    found = []
    for bar in bars:
        trace = bar.trace.fields
        where = fields.each(trace.get("textposition"), bar.index) or "auto"
        here = place.say(bar.place)
        values = {"x": bar.value, "y": here} if lying else {"x": here, "y": bar.value}
        text = templates.text(trace, bar.index, {**values, "value": bar.value, "label": here})
        if text and where in {"inside", "outside", "auto"}:
            found.append(Label(bar, words.shorten(text, *_LONGEST), str(where)))
    return found


def right(found: Sequence[Label], value: Axis, narrow: int) -> float:
    """The right margin that texts beyond lying bars need, on the smallest screen too."""
    margin = float(LEAST)
    for _ in range(3):
        small = max(60.0, SMALL - narrow - margin)
        for label in found:
            share = min(1.0, max(0.0, value.at(label.bar.top)))
            if share >= value.at(label.bar.base) and not _fits(label, value, small):
                margin = max(margin, label.width + 2 * _GAP - (1 - share) * small)
    return margin


def _fits(label: Label, value: Axis, pixels: float) -> bool:
    if label.where != "auto":
        return label.where == "inside"
    start, end = (min(1.0, max(0.0, value.at(place))) for place in (label.bar.base, label.bar.top))
    return abs(end - start) * pixels >= label.width + 2 * _GAP


def beside(plot: Plot, label: Label) -> str:
    """The text of a lying bar."""
    bar = label.bar
    down = (plot.down(bar.start) + plot.down(bar.end)) / 2
    start, end = plot.across(bar.base), plot.across(bar.top)
    thick = abs(plot.down(bar.start) - plot.down(bar.end))
    inside = label.where != "outside" and thick >= 13 and _fits(label, plot.x, plot.small)
    room = abs(end - start)
    if not -1e-6 <= end <= 1 + 1e-6 or thick < 9 or (inside and room * plot.width < label.width + _GAP):
        return ""
    onward = (end >= start) != inside
    return element(
        "text",
        escaped(label.text),
        class_="minor" if inside and room * plot.small < label.width + _GAP else None,
        x=percent(end),
        dx=_GAP if onward else -_GAP,
        y=down + 4,
        text_anchor=None if onward else "end",
        fill=on(bar.colour) if inside else None,
    )


def above(plot: Plot, label: Label, step: float) -> str:
    """The text of a standing bar; none where bars stand too close for it."""
    bar = label.bar
    start, end = plot.across(bar.start), plot.across(bar.end)
    base, top = plot.down(bar.base), plot.down(bar.top)
    slot = abs(plot.across(bar.start + step) - start)
    fits = label.width + 4 <= abs(end - start) * plot.width and abs(base - top) >= 20
    inside = label.where == "inside" or (label.where == "auto" and fits)
    if not -1 <= top <= plot.height + 1 or label.width > slot * plot.width - 2 or (inside and not fits):
        return ""
    upward = (top <= base) != inside
    return element(
        "text",
        escaped(label.text),
        class_="minor" if label.width > slot * plot.small - 2 else None,
        x=percent((start + end) / 2),
        y=top - 5 if upward else top + 14,
        text_anchor="middle",
        fill=on(bar.colour) if inside else None,
    )


def group(texts: Sequence[str]) -> str:
    """All labels of a chart, in the colour that those outside of bars have."""
    return element("g", *texts, class_="value", fill="#24292f") if any(texts) else ""
