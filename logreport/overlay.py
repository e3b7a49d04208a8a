"""Two runs in one chart: a baseline's figure, in grey, put into the current run's, whatever metric made them.

Names have a grey bar under or beside the coloured one; bars along numbers or times have a grey line at their height;
lines and points have grey ones behind. What a figure is, its traces and axes tell; who made it is not asked.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from logreport.figures import NEUTRAL

if TYPE_CHECKING:
    import plotly.graph_objects as go

_Fields: TypeAlias = dict[str, Any]

#: How the legend and hover texts call what is grey.
NAME: Final = "baseline"

_SHARED: Final = frozenset({"bar", "scatter", "scattergl"})
_STACKED: Final = frozenset({"stack", "relative"})

#: Controls that know the traces of one figure by their number, and bars as shares, which have no total to compare.
_ALONE: Final = ("updatemenus", "sliders", "barnorm")

#: What a grey trace keeps of its own; the rest is colour, or text beside marks.
_KEPT: Final = (
    *("type", "x", "y", "x0", "y0", "dx", "dy", "base", "orientation", "mode", "connectgaps", "cliponaxis", "opacity"),
    *("text", "customdata", "hovertext", "hoverinfo", "hovertemplate", "meta", "xhoverformat", "yhoverformat"),
)
_LINE: Final = ("width", "dash", "shape", "smoothing", "simplify")
_MARKER: Final = ("size", "sizeref", "sizemode", "sizemin", "symbol", "opacity")

_UNSEEN: Final = re.compile(r"transparent|rgba\(.*,\s*0*\.?0*\s*\)", re.IGNORECASE)
_MONTH: Final = re.compile(r"\d{4}-\d\d")
_EPOCH: Final = datetime(1970, 1, 1)
_DAY: Final = 86_400_000.0

#: Pixels: what stands around a plot, the height of a figure that has none, and the highest that is drawn.
_AROUND: Final = 84
_HEIGHT: Final = 320
_TALLEST: Final = 20_000
#: Pixels of a row: what it leaves free, what each coloured bar with its grey one takes, and a row of thin bars.
_FREE: Final = 18
_BOTH: Final = 24
_THIN_ROW: Final = 30

#: A bar of less than this part of its row is a line that leads to a mark.
_THIN: Final = 0.2

#: The part of an axis that stays free beyond a mark, and as many ticks as there is room for on a telephone.
_PAD: Final = 0.05
_MOST_TICKS: Final = 6

#: In grey, what colours told apart is told apart by how much of the page shines through.
_FAINT: Final = "rgba(130, 133, 139, {})"
_SHADES: Final = (1, 0.65, 0.4, 0.25)


def overlaid(current: go.Figure, baseline: go.Figure) -> go.Figure | None:
    """The current figure with the baseline's in grey behind or beside; None where the two cannot share one chart."""
    import plotly.graph_objects as go

    mine, theirs = _picture(current), _picture(baseline)
    if not _can_share(mine, theirs):
        return None
    if not theirs.seen:
        return go.Figure(current)
    if not mine.seen:
        return greyed(baseline)
    if not theirs.marks:
        return None  # nothing but texts, which would be taken for the current run's
    return go.Figure(*_put_together(mine, theirs)).update_layout(template=current.layout.template)


def greyed(baseline: go.Figure) -> go.Figure:
    """The baseline alone, in grey, for a chart of its own where the two cannot share one."""
    import plotly.graph_objects as go

    figure = go.Figure(baseline)
    listed = 0
    for trace in figure.data:
        _lose_colour(trace, _SHADES[min(listed, len(_SHADES) - 1)])
        listed += trace.visible in {None, True} and trace.showlegend is not False
    scales = [name for name in figure.layout if name.startswith("coloraxis")]
    return figure.update_layout({name: {"colorscale": _scale(figure.layout[name].colorscale)} for name in scales})


# ---------------------------------------------------------------- alone


def _lose_colour(trace: Any, shade: float) -> None:
    """Every colour that this kind of trace has, in grey; what shines through still does."""
    if "marker.colors" in trace:  # of slices, which are told apart by nothing else
        count = max(len(_many(trace.labels)), len(_many(trace["values"])))
        trace.marker.colors = [_grey("", _SHADES[place % len(_SHADES)]) for place in range(count)]
    if "colorscale" in trace:
        trace.colorscale = _scale(trace.colorscale)
    for path in ("marker.color", "line.color", "fillcolor", "increasing.line.color", "decreasing.line.color"):
        if path in trace and (path != "fillcolor" or trace.fillcolor):
            trace[path] = _grey(trace[path], shade)


def _scale(found: Any) -> list[tuple[float, str]]:
    """A colour scale in grey: as much of the page shines through each step as did, and the more the lower if none."""
    steps = [(place, str(colour)) for place, colour in found or ()]
    if any(_CLEAR.fullmatch(colour) for _, colour in steps):
        return [(place, _grey(colour, 1)) for place, colour in steps]
    return [(0, _grey("", 0.12)), (1, _grey("", 1))]


def _grey(colour: Any, shade: float) -> str:
    clear = _CLEAR.fullmatch(colour) if isinstance(colour, str) else None
    if clear:
        return f"rgba({_RGB}, {clear[1]})"
    return NEUTRAL if shade == 1 else f"rgba({_RGB}, {shade})"


# ---------------------------------------------------------------- what a figure is


@dataclass(frozen=True)
class _Picture:
    """A figure as plain values: its traces and its layout."""

    data: list[_Fields]
    layout: _Fields

    @property
    def seen(self) -> list[_Fields]:
        """The traces that are shown and have something to show."""
        return [trace for trace in self.data if _is_visible(trace) and any(_points(trace))]

    @property
    def marks(self) -> list[_Fields]:
        """Those of them that are more than text."""
        return [trace for trace in self.seen if _is_drawn(trace)]

    @property
    def bars(self) -> list[_Fields]:
        return [trace for trace in self.marks if trace["type"] == "bar"]

    @property
    def lines(self) -> list[_Fields]:
        return [trace for trace in self.marks if trace["type"] != "bar"]

    @property
    def stacks(self) -> bool:
        return self.layout.get("barmode") in _STACKED

    def axis(self, letter: str) -> _Fields:
        found: _Fields = self.layout.get(f"{letter}axis") or {}
        return found


def _picture(figure: go.Figure) -> _Picture:
    from plotly.utils import PlotlyJSONEncoder

    layout = figure.layout.to_plotly_json()
    layout.pop("template", None)
    parts = [[trace.to_plotly_json() for trace in figure.data], layout]
    return _Picture(*json.loads(json.dumps(parts, cls=PlotlyJSONEncoder)))


def _is_visible(trace: _Fields) -> bool:
    return trace.get("visible") in {None, True}


def _is_drawn(trace: _Fields) -> bool:
    if trace["type"] == "bar":
        marker = trace.get("marker") or {}
        return not (_is_clear(marker.get("color")) or 0 in {_plain(trace.get("opacity")), _plain(marker.get("opacity"))})
    return bool(_drawn_mode(trace)) or trace.get("fill") not in {None, "none"}


def _is_clear(colour: Any) -> bool:
    if not isinstance(colour, str):
        return False
    clear = _CLEAR.fullmatch(colour)
    return colour == "transparent" or (clear is not None and not _number(clear[1]))


def _plain(value: Any) -> Any:
    return None if isinstance(value, list | dict) else value


def _drawn_mode(trace: _Fields) -> str:
    """The trace's mode without its texts; what Plotly takes by itself where it says none."""
    if "mode" not in trace:
        return "lines" if trace.get("stackgroup") or len(_values(trace, "x")) >= 20 else "lines+markers"
    return "+".join(part for part in str(trace["mode"]).split("+") if part in {"lines", "markers"})


def _many(value: Any) -> list[Any]:
    """A field's values, one for each mark; none where it has one for all."""
    if isinstance(value, dict) and "bdata" in value:
        return _unpacked(value)
    return list(value) if isinstance(value, list | tuple) else []


def _unpacked(value: Mapping[str, Any]) -> list[Any]:
    """An array as Plotly packs it."""
    import numpy as np

    found = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"]).tolist()
    return [one if math.isfinite(one) else None for one in found]


def _each(value: Any, place: int) -> Any:
    """The value for one mark, of a field that has one for each or one for all."""
    many = _many(value)
    if many or isinstance(value, list):
        return many[place] if place < len(many) else None
    return value


def _values(trace: _Fields, letter: str) -> list[Any]:
    """The trace's x or y, counted from its start where it has none."""
    if trace.get(letter) is not None:
        return _many(trace[letter])
    start, step = _number(trace.get(f"{letter}0")) or 0.0, _number(trace.get(f"d{letter}"))
    count = len(_many(trace.get("y" if letter == "x" else "x")))
    return [start + (1.0 if step is None else step) * place for place in range(count)]


def _points(trace: _Fields) -> list[bool]:
    """For each mark whether it has both its coordinates."""
    pairs = zip(_values(trace, "x"), _values(trace, "y"), strict=False)
    return [x is not None and y is not None for x, y in pairs]


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


# ---------------------------------------------------------------- whether two can share a chart


def _can_share(mine: _Picture, theirs: _Picture) -> bool:
    each = [*mine.data, *theirs.data]
    return (
        all(trace["type"] in _SHARED and _has_one_pair(trace) for trace in each if _is_visible(trace))
        and not any(side.layout.get(alone) for side in (mine, theirs) for alone in _ALONE)
        and len({_lies(bar) for bar in [*mine.bars, *theirs.bars]}) < 2
        and all(_measure_alike(mine, theirs, letter) for letter in "xy")
        and all(_is_plain_stack(side) for side in (mine, theirs))
        and _stand_by_themselves(mine, theirs)
    )


def _has_one_pair(trace: _Fields) -> bool:
    """Whether the trace is on the first axes, and its names have one level."""
    values = [*_values(trace, "x"), *_values(trace, "y")]
    return all(trace.get(f"{letter}axis") in {None, letter} for letter in "xy") and not any(
        isinstance(value, list | dict) for value in values
    )


def _lies(bar: _Fields) -> bool:
    said = bar.get("orientation")
    return bool(said == "h" if said else _many(bar.get("x")) and not _many(bar.get("y")))


def _measure_alike(mine: _Picture, theirs: _Picture, letter: str) -> bool:
    """Whether an axis is of the same kind and says the same of itself; numbers may be on both kinds of axes."""
    kinds = [kind for kind in (_kind(mine, letter), _kind(theirs, letter)) if kind]
    if len(set(kinds)) < 2:
        return not kinds or _measures(mine, letter) == _measures(theirs, letter)
    above = all(number > 0 for trace in theirs.marks for number in map(_number, _values(trace, letter)) if number is not None)
    return (
        set(kinds) == {"linear", "log"}
        and bool(mine.marks)
        and (above or kinds[0] == "linear")
        and _measures(mine, letter) == _measures(theirs, letter)
    )


def _measures(side: _Picture, letter: str) -> list[str]:
    axis = side.axis(letter)
    title = axis.get("title")
    said = title.get("text") if isinstance(title, dict) else title
    return [" ".join(str(part or "").split()) for part in (said, axis.get("tickprefix"), axis.get("ticksuffix"))]


def _is_plain_stack(side: _Picture) -> bool:
    """Whether the total of what is stacked is the sum of its parts."""
    areas = [line for line in side.lines if line.get("stackgroup")]
    bases = side.stacks and any(bar.get("base") is not None for bar in side.bars)
    return not bases and not any(area.get("groupnorm") or area.get("orientation") == "h" for area in areas)


def _stand_by_themselves(mine: _Picture, theirs: _Picture) -> bool:
    """Whether no bar beside a name was moved by hand: there is no telling what else has a place there."""
    bars = [*mine.bars, *theirs.bars]
    return not (bars and _place_kind(mine, theirs) == "category" and any(bar.get("offset") is not None for bar in bars))
