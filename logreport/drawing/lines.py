"""Lines, points and areas as coordinates: what is connected, what is stacked, where the gaps are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from logreport.drawing.drawn import CannotDraw
from logreport.drawing.kinds import Kind
from logreport.drawing.plot import MOST_MARKS
from logreport.drawing.traces import Trace

#: Plotly marks the points of a line where there are fewer.
_FEW: Final = 20
_MOST_POINTS: Final = 5_000

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Series:
    """A trace in coordinates: a point for each place in its lists, None for a gap."""

    trace: Trace
    points: list[Point | None]
    mode: frozenset[str]
    fill: str
    #: What is under a stacked area, at the same places.
    under: list[Point] | None = None

    @property
    def runs(self) -> list[list[Point]]:
        """The points between gaps."""
        if self.trace.fields.get("connectgaps") is True:
            return [there] if (there := [point for point in self.points if point]) else []
        found: list[list[Point]] = [[]]
        for point in self.points:
            if point is not None:
                found[-1].append(point)
            elif found[-1]:
                found.append([])
        return [run for run in found if run]


def lay_out(traces: Sequence[Trace], x: Kind, y: Kind) -> list[Series]:
    """All series of a figure, those of a stack on each other."""
    found = [_series(trace, x, y) for trace in traces]
    groups = dict.fromkeys(one.trace.fields.get("stackgroup") for one in found if one.trace.fields.get("stackgroup"))
    for group in groups:
        found = _stacked(found, group)
    return [one for one in found if any(one.points)]


def _series(trace: Trace, x: Kind, y: Kind) -> Series:
    xs, ys = trace.values("x"), trace.values("y")
    points: list[Point | None] = []
    for across, up in zip(xs, ys, strict=False):
        place, value = x.coordinate(across), y.coordinate(up)
        points.append(None if place is None or value is None else (place, value))
    mode = _mode(trace, len(points))
    most = _MOST_POINTS if mode == {"lines"} else MOST_MARKS
    if len(points) > most:
        raise CannotDraw(f"{len(points):,} points are too many to be drawn here")
    return Series(trace=trace, points=points, mode=mode, fill=_fill(trace))


def _mode(trace: Trace, count: int) -> frozenset[str]:
    said: Any = trace.fields.get("mode")
    if isinstance(said, str):
        return frozenset(said.split("+"))
    markers = count < _FEW and not trace.fields.get("stackgroup")
    return frozenset({"lines", "markers"} if markers else {"lines"})


def _fill(trace: Trace) -> str:
    said = trace.fields.get("fill") or ("tonexty" if trace.fields.get("stackgroup") else "none")
    if said not in {"none", "tozeroy", "tonexty"}:
        raise CannotDraw(f"an area filled {said} is not drawn here")
    return str(said)


def _stacked(found: Sequence[Series], group: Any) -> list[Series]:
    members = [one for one in found if one.trace.fields.get("stackgroup") == group]
    if any(one.trace.fields.get("groupnorm") or one.trace.fields.get("orientation") == "h" for one in members):
        raise CannotDraw("areas as shares of their stack, or stacked sideways, are not drawn here")
    places = sorted({point[0] for one in members for point in one.points if point})
    heights: dict[float, float] = defaultdict(float)
    raised = []
    for one in found:
        if one.trace.fields.get("stackgroup") != group:
            raised.append(one)
            continue
        # A place that only others know counts as nought here, as in Plotly: the areas above must stand on something.
        own = {point[0]: point[1] for point in one.points if point}
        under = [(place, heights[place]) for place in places]
        points: list[Point | None] = [(place, height + own.get(place, 0)) for place, height in under]
        heights.update(point for point in points if point)
        raised.append(Series(trace=one.trace, points=points, mode=one.mode, fill="stack", under=under))
    return raised
