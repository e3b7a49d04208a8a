"""Two runs in one chart: a baseline's figure, in grey, put into the current run's, whatever metric made them.

Names have a grey bar under or beside the coloured one; bars along numbers or times have a grey line at their height;
lines and points have grey ones behind. What a figure is, its traces and axes tell; who made it is not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from logreport.overlay import axes, bars, colours, legend, levels, lines, sharing
from logreport.overlay.alone import apart, greyed
from logreport.overlay.picture import Fields, Picture, read

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["apart", "greyed", "overlaid"]


def overlaid(current: go.Figure, baseline: go.Figure) -> go.Figure | None:
    """The current figure with the baseline's in grey behind or beside; None where the two cannot share one chart."""
    import plotly.graph_objects as go

    mine, theirs = colours.apart(read(current)), read(baseline)
    if not sharing.can_share(mine, theirs):
        return None
    if not theirs.seen:
        return go.Figure(current)
    if not theirs.marks:
        return None  # nothing but texts, which would be taken for the current run's
    # A figure of nothing may have axes that are ready for nothing.
    data, layout = _together(mine if mine.seen else Picture(mine.data, theirs.layout), theirs)
    return go.Figure(data, layout | {"template": current.layout.template})


def _together(mine: Picture, theirs: Picture) -> tuple[list[Fields], Fields]:
    """The traces and the layout of one figure, in the order in which they are drawn."""
    layout, current = axes.with_names(mine, theirs), mine.data
    behind, above = lines.behind(mine, theirs), []
    if theirs.bars and bars.have_names(mine, theirs):
        paired = bars.in_pairs(mine, theirs, layout)
        layout, current, above, behind = paired.layout, paired.current, paired.beside, [*paired.behind, *behind]
    elif theirs.bars:
        above = levels.over_bars(mine, theirs)
        current = levels.fainter(mine)
    greys = legend.with_entry([*behind, *above])
    layout = axes.widened(layout, mine, theirs, greys)
    traces = [*greys[: len(behind)], *legend.with_own(mine, current), *greys[len(behind) :]]
    return traces, layout | {"showlegend": True}
