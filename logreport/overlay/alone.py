"""A baseline by itself: any figure, its colours turned to grey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from logreport.figures import NEUTRAL
from logreport.overlay import heat
from logreport.overlay.picture import CLEAR

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: In grey, what colours told apart is told apart by how much of the page shines through.
_FAINT: Final = "rgba(130, 133, 139, {})"
_SHADES: Final = (1, 0.65, 0.4, 0.25)

_COLOURED: Final = ("marker.color", "line.color", "fillcolor", "increasing.line.color", "decreasing.line.color")


def apart(current: go.Figure, baseline: go.Figure) -> tuple[go.Figure, go.Figure]:
    """Two charts, where the two cannot share one: the current run's and the baseline's, to be compared by eye."""
    mine, theirs = heat.alike(current, baseline)
    return mine, greyed(theirs)


def greyed(baseline: go.Figure) -> go.Figure:
    """The baseline alone, in grey."""
    import plotly.graph_objects as go

    figure = go.Figure(baseline)
    listed = 0
    for trace in figure.data:
        _lose_colour(trace, _SHADES[min(listed, len(_SHADES) - 1)])
        listed += trace.visible in {None, True} and trace.showlegend is not False
    scales = [name for name in figure.layout if name.startswith("coloraxis") and figure.layout[name].colorscale]
    return figure.update_layout({name: {"colorscale": _scale(figure.layout[name].colorscale)} for name in scales})


def _lose_colour(trace: Any, shade: float) -> None:
    """Every colour that this kind of trace has, in grey; what shines through still does."""
    if "marker.colors" in trace:  # of slices, which nothing else tells apart
        count = max(
            len(trace[name]) for name in ("labels", "values", "ids") if name in trace and trace[name] is not None
        )
        trace.marker.colors = [_grey("", _SHADES[place % len(_SHADES)]) for place in range(count)]
    if "colorscale" in trace:
        trace.colorscale = _scale(trace.colorscale)
    for path in _COLOURED:
        if path in trace and (path != "fillcolor" or trace.fillcolor):
            trace[path] = _grey(trace[path], shade)


def _scale(found: Any) -> list[tuple[float, str]]:
    """A colour scale in grey: as much of the page shines through as did, or the more the lower where none did."""
    steps = [(place, str(colour)) for place, colour in found or ()]
    if any(CLEAR.fullmatch(colour) for _, colour in steps):
        return [(place, _grey(colour, 1)) for place, colour in steps]
    return [(0, _FAINT.format(0.12)), (1, _FAINT.format(1))]


def _grey(colour: Any, shade: float) -> str:
    clear = CLEAR.fullmatch(colour) if isinstance(colour, str) else None
    if clear:
        return _FAINT.format(clear[1])
    return NEUTRAL if shade == 1 else _FAINT.format(shade)
