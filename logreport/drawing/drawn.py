"""What comes out of a figure: a drawing with its margins, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A chart as static SVG, and the box that Plotly must keep to when it takes over."""

    svg: str
    #: Pixels: the figure's, and more where a long legend needs it.
    height: int
    left: int
    right: int
    top: int
    bottom: int
    #: The left margin on narrow screens, where long labels are shortened.
    narrow: int
    #: What the axes across and up measure, in Plotly's words; empty for a chart without axes.
    axes: tuple[str, ...] = ()
    #: Names on the axis up: as in the figure, and as they stand beside the plot on wide and on narrow screens.
    names: tuple[tuple[str, str, str], ...] = ()
    #: Whether the labels under the plot are written at -35 degrees.
    tilted: bool = False

    @property
    def gutter(self) -> str:
        """The class of the drawing that keeps its margins left and right at every width; `sheet` writes its rules."""
        return f"g{self.left}-{self.right}-{self.narrow}"


class CannotDraw(Exception):
    """A figure without a static drawing: a chart of another kind, or nothing to see. Plotly may still show it."""
