"""Bars along numbers or times: a grey line at the height of each, from its left edge to its right."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from logreport import units
from logreport.figures import NEUTRAL
from logreport.overlay.grey import NAME, grey, hover, hover_of_totals
from logreport.overlay.picture import Fields, Picture, clock, coordinate, each, lies, moment, number, values, written

_DAY: Final = 86_400_000.0
#: The part of its width by which one bar may miss the next and still be its neighbour.
_NEAR: Final = 0.001
_PALE: Final = 0.5
#: What a hover text asks of each bar by itself.
_TOLD: Final = ("customdata", "text", "hovertext")


@dataclass(frozen=True, kw_only=True)
class _Level:
    """A bar's upper edge, in coordinates, or the sum of several; `index` is its place in its trace."""

    bar: Fields
    index: int
    start: float
    end: float
    height: float
    place: Any
    summed: bool = False


def over_bars(mine: Picture, theirs: Picture) -> list[Fields]:
    """A line for each trace of the baseline's bars, and one for all of a stack."""
    letter = "y" if lies(theirs.bars[0]) else "x"
    kind = mine.kind(letter) or theirs.kind(letter)
    traces = _levels(theirs, letter, kind)
    found = [_sums([level for levels in traces for level in levels])] if theirs.stacks else traces
    return [_line(theirs, levels, letter, kind) for levels in found if levels]


def fainter(mine: Picture) -> list[Fields]:
    """The current run's traces, its bars so pale that a grey line is seen on them."""
    bars = {id(bar) for bar in mine.bars}
    return [
        trace | {"opacity": _PALE * (1 if (own := number(trace.get("opacity"))) is None else own)}
        if id(trace) in bars
        else trace
        for trace in mine.data
    ]


def _levels(side: Picture, letter: str, kind: str | None) -> list[list[_Level]]:
    bars, value = side.bars, "y" if letter == "x" else "x"
    places = [[_coordinate(one, kind) for one in values(bar, letter)] for bar in bars]
    slots = _slots(side, places, _DAY if kind == "date" else 1.0)
    return [
        list(_of_trace(bar, where, [number(one) for one in values(bar, value)], slot, letter))
        for bar, where, slot in zip(bars, places, slots, strict=True)
    ]


def _coordinate(value: Any, kind: str | None) -> float | None:
    # A bar along logarithms has its edges at numbers.
    return coordinate(value, "linear" if kind == "log" else kind)


def _slots(side: Picture, places: Sequence[Sequence[float | None]], alone: float) -> list[tuple[float, float]]:
    """Where around its place a trace's bars begin, and how wide they are, if they do not tell: as Plotly sets them."""
    there = [place for where in places for place in set(where) if place is not None]
    step = min((high - low for low, high in pairwise(sorted(set(there)))), default=alone)
    gap = number(side.layout.get("bargap"))
    full = step * (1 - (0.2 if gap is None else gap))
    beside = [order for order, bar in enumerate(side.bars) if bar.get("offset") is None]
    if side.layout.get("barmode") not in {None, "group"} or len(set(there)) == len(there):
        beside = []
    each_one = full / max(1, len(beside))
    thin = 1 - (number(side.layout.get("bargroupgap")) or 0)
    return [
        (-full / 2 + each_one * (beside.index(order) + (1 - thin) / 2), each_one * thin)
        if order in beside
        else (-full * thin / 2, full * thin)
        for order in range(len(places))
    ]


def _of_trace(
    bar: Fields, places: Sequence[float | None], heights: Sequence[float | None], slot: tuple[float, float], letter: str
) -> Iterator[_Level]:
    begin, room = slot
    for index, (place, height) in enumerate(zip(places, heights, strict=False)):
        if place is None or height is None:
            continue
        width, offset = number(each(bar.get("width"), index)), number(each(bar.get("offset"), index))
        wide = room if width is None else width
        start = place + (begin + (room - wide) / 2 if offset is None else offset)
        base = number(each(bar.get("base"), index)) or 0
        said = values(bar, letter)[index]
        yield _Level(bar=bar, index=index, start=start, end=start + wide, height=base + height, place=said)


def _sums(levels: Sequence[_Level]) -> list[_Level]:
    """One level for those that are on each other."""
    stacks: dict[float, list[_Level]] = defaultdict(list)
    for level in levels:
        stacks[level.start].append(level)
    return [
        replace(some[0], height=sum(level.height for level in some), summed=len(some) > 1) for some in stacks.values()
    ]


# ---------------------------------------------------------------- as a line


def _line(side: Picture, levels: Sequence[_Level], letter: str, kind: str | None) -> Fields:
    """A line of steps: each level has its two ends and its middle, which all say the same to the pointer."""
    value = "y" if letter == "x" else "x"
    order: list[_Level | None] = []
    for level in sorted(levels, key=lambda one: one.start):
        last = order[-1] if order else None
        if last and abs(level.start - last.end) > _NEAR * (level.end - level.start):
            order.append(None)
        order.append(level)
    points = [(level, part) for level in order for part in ((0.0, 0.5, 1.0) if level else (0.0,))]
    fields: Fields = {
        "type": "scatter",
        letter: [_at(level, part, kind) if level else None for level, part in points],
        value: [level.height if level else None for level, _ in points],
    }
    for name in _TOLD:
        told = [each(level.bar.get(name), level.index) if level else None for level, _ in points]
        fields |= {name: told} if any(one is not None for one in told) else {}
    said = {id(level): _said(side, level, letter, kind) for level in order if level}
    made = grey(fields, mode="lines", line={"color": NEUTRAL, "width": 2})
    return made | {"hovertemplate": [said[id(level)] if level else "" for level, _ in points]}


def _at(level: _Level, part: float, kind: str | None) -> Any:
    return written(level.start + part * (level.end - level.start), "date" if kind == "date" else "linear")


def _said(side: Picture, level: _Level, letter: str, kind: str | None) -> str:
    """A bar's own hover text, with its place written out: the line has others there."""
    if level.summed:
        amount = units.exact(_short(level.height))
        told = hover_of_totals(side.axis("y" if letter == "x" else "x"), amount)
        return f"{NAME}, {_written(level.place, '', kind)}: {told}<extra></extra>"
    own = each(hover(level.bar), level.index) or ""
    slot = re.compile(rf"%\{{{letter}(?:[|:]([^{{}}]*))?\}}")
    return slot.sub(lambda found: _written(level.place, found[1] or "", kind), own)


def _short(value: float) -> float | int:
    return int(value) if value == int(value) else float(f"{value:.6g}")


def _written(place: Any, form: str, kind: str | None) -> str:
    """A place in the words of a format of Plotly's, as far as it is one of Python's too."""
    when = clock(moment(place) or 0) if kind == "date" and "%" in form else None
    return when.strftime(form) if when else str(place)
