"""The traces of a figure that are seen, with the colour each would have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from logreport import figures
from logreport.drawing import fields, words
from logreport.drawing.drawn import CannotDraw
from logreport.drawing.fields import Fields

_KINDS: Final = frozenset({"bar", "scatter", "scattergl", "pie", "heatmap"})


@dataclass(frozen=True)
class Trace:
    """One trace: its fields, its kind, its name for the legend, its colour."""

    fields: Fields
    kind: str
    name: str
    paint: str
    #: The colour scale that traces of the figure share.
    shared: Fields

    @property
    def listed(self) -> bool:
        """Whether the trace may stand in a legend."""
        return self.fields.get("showlegend") is not False

    def values(self, letter: str) -> list[Any]:
        """The trace's x or y; a trace without one counts its marks from nought."""
        found = fields.many(self.fields.get(letter))
        if found or self.fields.get(letter) is not None:
            return found
        others = fields.many(self.fields.get("y" if letter == "x" else "x"))
        start = fields.number_or(self.fields.get(f"{letter}0"), 0)
        step = fields.number_or(self.fields.get(f"d{letter}"), 1)
        return [start + step * place for place in range(len(others))]


def palette(layout: Fields) -> Sequence[str]:
    """The colours that traces get in turn."""
    found = [paint for paint in fields.many(layout.get("colorway")) if isinstance(paint, str)]
    return found or figures.PALETTE


def seen(figure: Fields) -> list[Trace]:
    """The traces that are visible; refuses those that cannot be drawn."""
    layout = fields.inside(figure, "layout")
    paints, shared = palette(layout), fields.inside(layout, "coloraxis")
    drawn: list[Trace] = []
    there = [trace for trace in fields.many(figure.get("data")) if trace.get("visible") is not False]
    for place, trace in enumerate(there):
        if trace.get("visible") == "legendonly":
            continue
        kind = trace.get("type") or "scatter"
        _refuse(trace, kind)
        name = words.plain(trace.get("name")) or f"trace {place}"
        drawn.append(Trace(trace, kind.removesuffix("gl"), name, paints[place % len(paints)], shared))
    if not drawn:
        raise CannotDraw("it has nothing to draw")
    return drawn


def _refuse(trace: Fields, kind: Any) -> None:
    if kind not in _KINDS:
        article = "an" if str(kind)[:1] in "aeiou" else "a"
        raise CannotDraw(f"{article} {words.plain(kind)[:40]} chart is not drawn here")
    if any(trace.get(f"{letter}axis") not in {None, letter} for letter in "xy"):
        raise CannotDraw("a chart with more than one pair of axes is not drawn here")
