"""Whether two figures can share one chart."""

from __future__ import annotations

from typing import Final

from logreport.overlay import bars
from logreport.overlay.picture import Fields, Picture, is_visible, lies, numbers, values

_TYPES: Final = frozenset({"bar", "scatter", "scattergl"})

#: Controls that know the traces of one figure by their number, and bars as shares, which have no total to compare.
_ALONE: Final = ("updatemenus", "sliders", "barnorm")


def can_share(mine: Picture, theirs: Picture) -> bool:
    """Whether both are bars, lines or points on one pair of axes that measures the same."""
    both = (mine, theirs)
    shown = [trace for side in both for trace in side.data if is_visible(trace)]
    return (
        all(trace["type"] in _TYPES and _is_plain(trace) for trace in shown)
        and not any(side.layout.get(alone) for side in both for alone in _ALONE)
        and len({lies(trace) for trace in shown if trace["type"] == "bar"}) < 2
        and all(_adds_up(side) for side in both)
        and not bars.are_moved(mine, theirs)
        and all(_measures_alike(mine, theirs, letter) for letter in "xy")
    )


def _is_plain(trace: Fields) -> bool:
    """Whether the trace is on the first pair of axes, and its names have one level."""
    found = [*values(trace, "x"), *values(trace, "y")]
    first = all(trace.get(f"{letter}axis") in {None, letter} for letter in "xy")
    return first and not any(isinstance(value, list | dict) for value in found)


def _adds_up(side: Picture) -> bool:
    """Whether the total of what is stacked is the sum of its parts."""
    floating = side.stacks and any(bar.get("base") is not None for bar in side.bars)
    areas = [line for line in side.lines if line.get("stackgroup")]
    return not floating and not any(area.get("groupnorm") or area.get("orientation") == "h" for area in areas)


def _measures_alike(mine: Picture, theirs: Picture, letter: str) -> bool:
    """Whether an axis is of one kind on both sides, and says the same of itself."""
    ours, other = mine.kind(letter), theirs.kind(letter)
    if ours is None or other is None:
        return True
    return _said(mine, letter) == _said(theirs, letter) and (
        ours == other or ({ours, other} == {"linear", "log"} and _fit_either(mine, theirs, letter))
    )


def _fit_either(mine: Picture, theirs: Picture, letter: str) -> bool:
    """Whether numbers that one side shows along their logarithms can stand on the other's axis."""
    there = numbers(value for trace in theirs.marks for value in values(trace, letter))
    return bool(mine.marks) and (mine.kind(letter) == "linear" or min(there, default=1) > 0)


def _said(side: Picture, letter: str) -> list[str]:
    axis = side.axis(letter)
    title = axis.get("title")
    text = title.get("text") if isinstance(title, dict) else title
    return [" ".join(str(part or "").split()) for part in (text, axis.get("tickprefix"), axis.get("ticksuffix"))]
