"""The plot area that marks are drawn in, and what each kind of trace brings to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from logreport.drawing.axes import Axis, Reach
from logreport.drawing.colours import Colour

#: The width of a drawing without a style sheet, and of a small telephone.
FULL: Final = 640
SMALL: Final = 258

#: The width of a drawing in one of two columns, on the narrowest screen that has two.
CARD: Final = 410

#: More marks than this are no chart that can be read, and a page that cannot be loaded.
MOST_MARKS: Final = 2_000


@dataclass(frozen=True, kw_only=True)
class Plot:
    """The axes and the pixels they stand for; the width is what it is without a style sheet."""

    x: Axis
    y: Axis
    width: float
    height: float
    #: The width that is left on a small telephone, and the margins beside it.
    small: float
    sides: tuple[int, int]

    def across(self, coordinate: float) -> float:
        """The share of the width at which a coordinate stands."""
        return self.x.at(coordinate)

    def down(self, coordinate: float) -> float:
        """The pixels from the top at which a coordinate stands."""
        return self.height * (1 - self.y.at(coordinate))

    def holds(self, x: float, y: float) -> bool:
        """Whether a point is seen."""
        return all(-1e-6 <= share <= 1 + 1e-6 for share in (self.x.at(x), self.y.at(y)))


@dataclass(frozen=True)
class Key:
    """A line of the legend."""

    name: str
    colour: Colour
    shape: str  # box, line or dot


@dataclass
class Layer:
    """What one kind of trace brings: how far it reaches, what it says, and how it is drawn once the axes are known."""

    draw: Callable[[Plot], str]
    x: list[Reach] = field(default_factory=list)
    y: list[Reach] = field(default_factory=list)
    #: Pixels wanted right of the plot, of the narrow left margin; and above it.
    right: Callable[[Axis, int], float] = lambda _axis, _narrow: 0.0
    top: int = 0
    summary: str = ""
