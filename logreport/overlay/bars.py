"""Bars that have names: a thinner grey one under each that lies, and beside each that stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from logreport.overlay import axes
from logreport.overlay.grey import grey, hover_of_totals
from logreport.overlay.picture import Fields, Picture, lies, names, number, values

#: Pixels: what stands around a plot, the height of a figure that says none, and the highest that is drawn.
_AROUND: Final = 84
_HEIGHT: Final = 320
_TALLEST: Final = 20_000
#: Pixels: what a row leaves free, what a bar takes with its grey one at least and at most, and a row of thin bars.
_FREE: Final = 18
_LEAST: Final = 24
_MOST: Final = 30
_THIN_ROW: Final = 30

#: The part of a place that bars take, and how a bar and its grey one share theirs: a hair of the page is between them.
_FULL: Final = 0.72
_COLOURED: Final = 0.64
_GREY: Final = 0.32

#: A bar of less than this part of its place is a line that leads to a mark.
_THIN: Final = 0.2


@dataclass(frozen=True, kw_only=True)
class Paired:
    """The layout with room for all bars, the current run's traces in their places, and the grey bars."""

    layout: Fields
    behind: list[Fields]
    current: list[Fields]
    beside: list[Fields]


@dataclass(frozen=True, kw_only=True)
class _Place:
    """The room of all bars at one name, as parts of it: a lane for each of those that stand beside each other."""

    lanes: int
    full: float
    lying: bool
    #: Whether the axis runs as one reads: what is placed after something is under it, or right of it.
    onward: bool

    def coloured(self, lane: int) -> Fields:
        """Where a bar of the current run is."""
        return self._part(lane, _COLOURED, first=self.onward)

    def grey(self, lane: int, alone: Sequence[bool]) -> Fields:
        """Where the baseline's bars are; one alone in its row is in line with its name."""
        part = self._part(lane, _GREY, first=not self.onward)
        if self.lanes > 1 or not self.lying or not any(alone):
            return part
        return part | {"offset": [-part["width"] / 2 if one else part["offset"] for one in alone]}

    def _part(self, lane: int, share: float, *, first: bool) -> Fields:
        room = self.full / self.lanes
        begin = self._begin(room) + lane * room
        return {"offset": begin if first else begin + (1 - share) * room, "width": share * room}

    def _begin(self, room: float) -> float:
        if self.lanes > 1 or not self.lying:
            return -self.full / 2
        # One bar beside a name is in line with it, and with what else is in its row.
        return -_COLOURED * room / 2 if self.onward else (_COLOURED / 2 - 1) * room


def have_names(mine: Picture, theirs: Picture) -> bool:
    """Whether the baseline's bars are at names, and not along numbers or times."""
    letter = _letter(theirs)
    return (mine.kind(letter) or theirs.kind(letter)) == "category"


def are_moved(mine: Picture, theirs: Picture) -> bool:
    """Whether bars that have names were moved by hand: there is no telling what else has a place there."""
    bars = [*mine.bars, *theirs.bars]
    return bool(theirs.bars) and have_names(mine, theirs) and any(bar.get("offset") is not None for bar in bars)


def in_pairs(mine: Picture, theirs: Picture, layout: Fields) -> Paired:
    """The bars of both runs at one axis of names."""
    letter, lying = _letter(theirs), lies(theirs.bars[0])
    count, more = len(axes.all_names(mine, theirs, letter)), set(axes.more_names(mine, theirs, letter))
    axis = axes.whole(layout.get(f"{letter}axis") or {}, count)
    layout = layout | {f"{letter}axis": axis}
    if all(_is_thin(bar) for bar in [*mine.bars, *theirs.bars]):
        return _thin(mine, theirs, _grown(layout, count * _THIN_ROW, lying=lying))
    own = [trace for trace in mine.seen if trace["type"] == "bar"]
    greys = _totals(theirs, letter) if theirs.stacks else [(bar, grey(bar)) for bar in theirs.bars]
    ours, other = _lanes(own, mine, letter), _lanes([bar for bar, _ in greys], theirs, letter)
    order = list(dict.fromkeys([*ours, *other]))
    layout = _grown(layout, count * (_FREE + _LEAST * len(order)), lying=lying)
    place = _Place(
        lanes=len(order),
        full=_share(layout, count, len(order)) if lying else _FULL,
        lying=lying,
        onward=axes.is_flipped(axis) if lying else not axes.is_flipped(axis),
    )
    lane_of = {id(bar): order.index(lane) for bar, lane in zip(own, ours, strict=True)}
    return Paired(
        layout=layout,
        behind=[],
        current=[trace | place.coloured(lane_of[id(trace)]) if id(trace) in lane_of else trace for trace in mine.data],
        beside=[
            made | place.grey(order.index(lane), [name in more for name in names(made, letter)])
            for (_, made), lane in zip(greys, other, strict=True)
        ],
    )


def _letter(side: Picture) -> str:
    """The axis at which the bars have their places."""
    return "y" if lies(side.bars[0]) else "x"


def _is_thin(bar: Fields) -> bool:
    width = number(bar.get("width"))
    return width is not None and width < _THIN


def _thin(mine: Picture, theirs: Picture, layout: Fields) -> Paired:
    """Thin bars stay where their marks are, the grey ones behind."""

    def centred(bar: Fields) -> Fields:
        width = number(bar.get("width")) or 0
        return {"offset": -width / 2, "width": width}

    def placed(trace: Fields) -> Fields:
        if any(trace is bar for bar in mine.bars):
            return trace | centred(trace)
        return trace if any(trace is mark for mark in mine.marks) else _lifted(trace)

    return Paired(
        layout=layout,
        behind=[grey(bar, **centred(bar)) for bar in theirs.bars],
        current=[placed(trace) for trace in mine.data],
        beside=[],
    )


def _lifted(trace: Fields) -> Fields:
    """Texts in the middle of rows, above the grey bars that run there."""
    where = trace.get("textposition")
    return trace | {"textposition": where.replace("middle", "top")} if isinstance(where, str) else trace


def _lanes(bars: Sequence[Fields], side: Picture, letter: str) -> list[str]:
    """What each trace's lane is called; traces that no lane parts are in the first one's."""
    called = [str(bar.get("offsetgroup") or bar.get("name") or place or "") for place, bar in enumerate(bars)]
    there = [name for bar in bars for name in set(names(bar, letter))]
    parted = side.layout.get("barmode") in {None, "group"} and len(set(there)) < len(there)
    return called if parted else called[:1] * len(called)


def _totals(theirs: Picture, letter: str) -> list[tuple[Fields, Fields]]:
    """One grey bar for each stack; what is under nought is one of its own, where stacks have two sides."""
    first, found = theirs.bars[0], names(theirs.bars[0], letter)
    if len(theirs.bars) == 1 and len(set(found)) == len(found):
        return [(first, grey(first, base=0))]
    apart = theirs.layout.get("barmode") == "relative"
    heights: dict[tuple[str, bool], float] = defaultdict(float)
    value = "x" if letter == "y" else "y"
    for bar in theirs.bars:
        for name, amount in zip(names(bar, letter), map(number, values(bar, value)), strict=False):
            if name is not None and amount is not None:
                heights[name, apart and amount < 0] += amount
    fields: Fields = {letter: [name for name, _ in heights], value: list(heights.values())}
    whole = {"type": "bar", "orientation": "h" if letter == "y" else "v", "base": 0} | fields
    whole["hovertemplate"] = f"%{{{letter}}}: {hover_of_totals(theirs.axis(value), f'%{{{value}:,}}')}<extra></extra>"
    return [(first, grey(whole))]


def _grown(layout: Fields, rows: float, *, lying: bool) -> Fields:
    """The layout, as high as lying bars need it."""
    height = number(layout.get("height")) or _HEIGHT
    wanted = min(_TALLEST, _AROUND + rows)
    return layout | {"height": wanted} if lying and wanted > height else layout


def _share(layout: Fields, count: int, lanes: int) -> float:
    """The part of a row that bars take: in a few high rows they stay as thin as in many."""
    row = ((number(layout.get("height")) or _HEIGHT) - _AROUND) / count
    return min(_FULL, _MOST * lanes / max(row, 1))
