"""The margins around a plot: for the labels of its axes, their titles, and what stands beyond its marks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from logreport.drawing import words
from logreport.drawing.axes import Axis
from logreport.drawing.plot import FULL, SMALL

_TITLE: Final = 18
#: The height of a line of labels.
ROW: Final = 15
#: Tilted labels are cut at these characters and pixels.
TILTED: Final = (18, 116)


@dataclass(frozen=True)
class Margins:
    """The pixels around the plot."""

    left: int
    narrow: int
    right: int
    top: int
    bottom: int

    @property
    def width(self) -> int:
        """The width of the plot without a style sheet."""
        return FULL - self.left - self.right

    @property
    def small(self) -> int:
        """The width of the plot on a small telephone."""
        return max(60, SMALL - self.narrow - self.right)


def left(axis: Axis, below: Axis, *, tilt: bool) -> tuple[int, int]:
    """The left margin on wide and on narrow screens, for the labels of the vertical axis and its title."""
    title = _TITLE if axis.title and axis.visible else 0
    said = [" ".join(tick.lines) for tick in axis.ticks]
    wide, narrow = (
        max((words.width(words.shorten(text, *most)) for text in said), default=0)
        for most in (words.WIDE, words.NARROW)
    )
    first = _reach_left(below) if tilt else 0
    margins = [round(max(16, first, (pixels + 14 if pixels else 0) + title)) for pixels in (wide, narrow)]
    return margins[0], min(margins)


def _reach_left(axis: Axis) -> float:
    """How far the first of the tilted labels reaches beyond the plot on the smallest screen."""
    first = min(axis.ticks, key=lambda tick: tick.share)
    text = words.shorten(" ".join(first.lines), *TILTED)
    return 0.85 * words.width(text) - first.share * 0.6 * SMALL


def tilted(axis: Axis, width: float) -> bool:
    """Whether names under the plot have no room to stand level."""
    if axis.kind.name != "category" or not axis.ticks:
        return False
    shares = sorted(tick.share for tick in axis.ticks)
    # Not every name has a tick.
    slot = width * min((high - low for low, high in pairwise(shares)), default=1 / len(axis.kind.categories))
    return max(words.width(line) for tick in axis.ticks for line in tick.lines) > slot - 6


def bottom(axis: Axis, *, tilt: bool) -> int:
    """The bottom margin."""
    title = 22 if axis.title and axis.visible else 0
    if not axis.ticks:
        return 12 + title
    if tilt:
        longest = max(words.width(words.shorten(" ".join(tick.lines), *TILTED)) for tick in axis.ticks)
        return round(22 + 0.6 * longest + title)
    return 12 + ROW * max(len(tick.lines) for tick in axis.ticks) + title
