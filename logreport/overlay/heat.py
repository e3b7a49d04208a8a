"""Heat maps under each other: the same cells at the same places, the same number in the same shade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from logreport.overlay import axes
from logreport.overlay.picture import Fields, Picture, coordinates, is_visible, many, number, numbers, read, written

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Orders of names by the numbers at them, which are others once both runs' names are there.
_BY_NUMBERS: Final = ("total", "min", "max", "sum", "mean", "median", "geometric")


def alike(current: go.Figure, baseline: go.Figure) -> tuple[go.Figure, go.Figure]:
    """Both figures; where they are heat maps, with the axes and the scale of colours that hold both."""
    import plotly.graph_objects as go

    both = read(current), read(baseline)
    if not all(_is_heat(side) for side in both):
        return current, baseline
    changes: Fields = {}
    for letter in "xy":
        axis = _axis(*both, letter)
        changes |= {f"{letter}axis": axis} if axis else {}
    heights = [number(side.layout.get("height")) for side in both]
    if None not in heights:
        changes["height"] = max(height for height in heights if height is not None)
    pair = go.Figure(current), go.Figure(baseline)
    for figure in pair:
        figure.update_layout(changes, overwrite=True)
    _shade(pair, both)
    return pair


def _is_heat(side: Picture) -> bool:
    """Whether a figure is one heat map."""
    shown = [trace for trace in side.data if is_visible(trace)]
    return len(shown) == 1 and shown[0]["type"] == "heatmap" and len(side.data) == 1


# ---------------------------------------------------------------- axes


def _axis(mine: Picture, theirs: Picture, letter: str) -> Fields | None:
    """The axis that both have; None where there is none for both."""
    kind, axis = _kind(mine, letter), mine.axis(letter)
    if kind != _kind(theirs, letter):
        return None
    if kind == "category":
        by_numbers = str(axis.get("categoryorder") or "").startswith(_BY_NUMBERS)
        return None if by_numbers else axes.joined(mine, theirs, letter)
    reaches = [_reach(side, letter, kind) for side in (mine, theirs)]
    ends = [end for reach in reaches for end in reach]
    if not ends:
        return None
    span = [written(min(ends), kind), written(max(ends), kind)]
    return axis | {"type": kind, "autorange": False, "range": span[::-1] if axes.is_flipped(axis) else span}


def _kind(side: Picture, letter: str) -> str:
    # Columns and rows without names are numbered.
    return (side.kind(letter) if side.data[0].get(letter) is not None else side.axis(letter).get("type")) or "linear"


def _reach(side: Picture, letter: str, kind: str) -> list[float]:
    """From where to where a map goes, or its axis where that says it."""
    said = axes.ends(side.axis(letter), kind)
    if said:
        return said
    trace = side.data[0]
    count = _size(trace)["xy".index(letter)]
    places = coordinates(many(trace.get(letter)) or range(count), kind)
    if len(places) < 2 or len(places) == count + 1:
        return places  # edges, not middles
    steps = [high - low for low, high in pairwise(places)]
    return [places[0] - steps[0] / 2, places[-1] + steps[-1] / 2]


def _size(trace: Fields) -> tuple[int, int]:
    """How many columns and rows of cells there are."""
    z = trace.get("z")
    if isinstance(z, dict):
        rows, columns = (int(size) for size in str(z.get("shape") or "0, 0").split(","))
        return columns, rows
    return max((len(many(row)) for row in many(z)), default=0), len(many(z))


# ---------------------------------------------------------------- colours


def _shade(pair: Sequence[go.Figure], both: Sequence[Picture]) -> None:
    """The same number in the same shade in both figures."""
    found = [_ends_of_scale(side) for side in both]
    low, high = min((low for low, _ in found), default=None), max((high for _, high in found), default=None)
    for figure, side in zip(pair, both, strict=True):
        shared = side.data[0].get("coloraxis")
        if shared:
            figure.layout[shared].update(cmin=low, cmax=high)
        else:
            figure.data[0].update(zmin=low, zmax=high)


def _ends_of_scale(side: Picture) -> tuple[float, float]:
    trace = side.data[0]
    shared = trace.get("coloraxis")
    scale, letter = (side.layout.get(shared) or {}, "c") if shared else (trace, "z")
    there = numbers(_flat(trace.get("z")))
    low, high = number(scale.get(f"{letter}min")), number(scale.get(f"{letter}max"))
    return (
        min(there, default=0.0) if low is None else low,
        max(there, default=0.0) if high is None else high,
    )


def _flat(found: Any) -> Iterator[Any]:
    for one in many(found):
        if isinstance(one, list | dict):
            yield from _flat(one)
        else:
            yield one
