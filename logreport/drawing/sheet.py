"""The style sheet that makes drawings fluid.

Browsers do not agree on `x` and `width` of an SVG inside another as style rules, but all size the outermost one.
So the plot keeps its share of the drawing, and the drawing gets the width at which that share is what the margins
leave. On wide screens it reaches beyond its box, with nothing in it there: the box must hide what overflows.
"""

from __future__ import annotations

from collections.abc import Iterable

from logreport.drawing.drawn import Drawing
from logreport.drawing.plot import FULL
from logreport.drawing.svg import percent


def sheet(drawings: Iterable[Drawing]) -> str:
    """The rules these drawings need: margins that stay while the plot grows, and shorter labels on narrow screens."""
    gutters = sorted({(one.left, one.right, one.narrow, one.gutter) for one in drawings})
    wide = [_rule(left, right, left, gutter) for left, right, _, gutter in gutters]
    slim = [_rule(left, right, narrow, gutter) for left, right, narrow, gutter in gutters if narrow != left]
    return (
        ".drawing{display:block;max-width:none}.drawing .narrow{display:none}"
        + "".join(wide)
        + "@media (max-width:600px){.drawing .wide,.drawing .minor{display:none}"
        # A label of the ones left out stays hidden in both of its lengths.
        + ".drawing .narrow:not(.minor){display:inline}"
        + "".join(slim)
        + "}"
    )


def _rule(left: int, right: int, now: int, gutter: str) -> str:
    share = float(percent((FULL - left - right) / FULL).rstrip("%")) / 100
    moved = f";margin-left:{now - left}px" if now != left else ""
    return f".drawing.{gutter}{{width:calc((100% - {now + right}px)*{1 / share:.5f}){moved}}}"
