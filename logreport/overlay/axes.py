"""Axes that hold both runs: names that only the baseline has come last, ranges and ticks reach as far as it does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from logreport.overlay.picture import (
    Fields,
    Picture,
    coordinates,
    each,
    lies,
    many,
    moment,
    names,
    number,
    values,
    written,
)

#: The part of an axis that stays free beyond the last mark.
_PAD: Final = 0.05
#: More ticks have no room on a telephone.
_MOST_TICKS: Final = 6

#: Orders of names that are understood here; where Plotly puts others, only Plotly knows.
_ORDERS: Final = frozenset(
    {None, "array", "trace"}
    | {f"{what} {way}" for what in ("category", "total") for way in ("ascending", "descending")}
)


def is_flipped(axis: Fields) -> bool:
    """Whether an axis runs to the left or down."""
    ends = [number(end) for end in many(axis.get("range"))]
    if len(ends) == 2 and ends[0] is not None and ends[1] is not None and axis.get("autorange") in {None, False}:
        return ends[0] > ends[1]
    return str(axis.get("autorange")).endswith("reversed")


# ---------------------------------------------------------------- names


def with_names(mine: Picture, theirs: Picture) -> Fields:
    """The current layout, in which every axis of names has those of both."""
    layout = dict(mine.layout)
    for letter in "xy":
        if (mine.kind(letter) or theirs.kind(letter)) == "category":
            layout[f"{letter}axis"] = _named(mine, theirs, letter)
    return layout


def all_names(mine: Picture, theirs: Picture, letter: str) -> list[str]:
    """The names of both in the order of their axis, those that only the baseline has at its end for a reader."""
    return _in_order(mine, letter, more_names(mine, theirs, letter))


def _in_order(mine: Picture, letter: str, more: Sequence[str]) -> list[str]:
    ours = _ordered(mine, letter)
    first_is_last = is_flipped(mine.axis(letter)) == (letter == "x")
    return [*reversed(more), *ours] if first_is_last else [*ours, *more]


def whole(axis: Fields, count: int) -> Fields:
    """An axis of so many names from end to end: Plotly would end it where the bars at its ends do."""
    ends = [-0.5, count - 0.5]
    return axis | {"autorange": False, "range": ends[::-1] if is_flipped(axis) else ends}


def joined(mine: Picture, theirs: Picture, letter: str) -> Fields:
    """The current axis of names with all of the baseline's, from end to end."""
    ours = set(_ordered(mine, letter))
    more = [name for name in _ordered(theirs, letter) if name not in ours]
    axis, order = mine.axis(letter), _in_order(mine, letter, more)
    made = axis | {"type": "category", "categoryorder": "array", "categoryarray": order}
    if more and many(axis.get("tickvals")):
        made |= _with_ticks(axis, theirs.axis(letter), more)
    # What the metric shows of its own names is whole, or meant to be less.
    return made if axis.get("range") and not more else whole(made, len(order))


def _with_ticks(axis: Fields, their: Fields, more: Sequence[str]) -> Fields:
    told = _told(axis) | {name: _told(their).get(name, name) for name in more}
    return {"tickvals": list(told), "ticktext": list(told.values())}


def _named(mine: Picture, theirs: Picture, letter: str) -> Fields:
    axis, more = mine.axis(letter), more_names(mine, theirs, letter)
    found: Fields = {"type": "category"}
    if axis.get("categoryorder") in _ORDERS:
        found |= {"categoryorder": "array", "categoryarray": all_names(mine, theirs, letter)}
    ends = [number(end) for end in many(axis.get("range"))]
    if more and len(ends) == 2 and None not in ends:
        found["range"] = [end + len(more) if end == max(ends) else end for end in ends]  # type: ignore[type-var, operator]
    if more and many(axis.get("tickvals")):
        found |= _with_ticks(axis, theirs.axis(letter), more)
    return axis | found


def more_names(mine: Picture, theirs: Picture, letter: str) -> list[str]:
    """The names at which only the baseline has marks."""
    ours, other = set(_ordered(mine, letter)), "y" if letter == "x" else "x"
    marked = {
        name
        for trace in theirs.marks
        for name, value in zip(names(trace, letter), values(trace, other), strict=False)
        if value is not None
    }
    return [name for name in _ordered(theirs, letter) if name in marked and name not in ours]


def _ordered(side: Picture, letter: str) -> list[str]:
    """A figure's names as its axis orders them."""
    axis, found = side.axis(letter), side.names(letter)
    array = [name for name in names({letter: axis.get("categoryarray")}, letter) if name is not None]
    by = str(axis.get("categoryorder") or "array")
    if by == "array":
        return list(dict.fromkeys([*array, *found]))
    if by.startswith("category"):
        return sorted(found, reverse=by.endswith("descending"))
    if by.startswith("total"):
        totals = _sums(side, letter)
        return sorted(found, key=lambda name: totals[name], reverse=by.endswith("descending"))
    return found


def _sums(side: Picture, letter: str) -> dict[str | None, float]:
    totals: dict[str | None, float] = defaultdict(float)
    for trace in side.seen:
        for name, value in zip(names(trace, letter), values(trace, "y" if letter == "x" else "x"), strict=False):
            totals[name] += number(value) or 0
    return totals


# ---------------------------------------------------------------- numbers and times


def widened(layout: Fields, mine: Picture, theirs: Picture, greys: Sequence[Fields]) -> Fields:
    """The layout, whose axes of numbers and times reach as far as these traces do."""
    found = dict(layout)
    for letter in "xy":
        kind = mine.kind(letter) or theirs.kind(letter)
        places = coordinates((value for trace in greys for value in _reached(trace, letter)), kind)
        if kind != "category" and places:
            their = theirs.axis(letter) if theirs.kind(letter) == kind else {}
            found[f"{letter}axis"] = _reaching(mine.axis(letter), their, kind, places)
    return found


def _reached(trace: Fields, letter: str) -> list[Any]:
    """From where to where a trace goes on an axis."""
    found = values(trace, letter)
    if trace["type"] != "bar" or (letter == "y") == lies(trace):
        return found
    bases = [number(each(trace.get("base"), place)) or 0 for place in range(len(found))]
    return bases + [base + (number(value) or 0) for base, value in zip(bases, found, strict=True)]


def _reaching(axis: Fields, their: Fields, kind: str | None, places: Sequence[float]) -> Fields:
    made = dict(axis)
    for look in ("showticklabels", "showgrid"):
        if axis.get(look) is False and their.get(look) is not False:
            del made[look]  # there was nothing to tell
    own = ends(axis, kind)
    if own:
        made["range"] = _wider(axis["range"], own, _wanted(places, ends(their, kind), kind, own), kind)
    ticks = coordinates(many(axis.get("tickvals")), kind)
    moved = made.get("range") != axis.get("range") if kind == "log" else _is_beyond(places, ticks)
    return _ticked(made, their, kind) if ticks and moved else made


def ends(axis: Fields, kind: str | None) -> list[float] | None:
    """The ends of the range that an axis sets itself; those of a log axis are exponents."""
    found = [moment(end) if kind == "date" else number(end) for end in many(axis.get("range"))]
    known = [end for end in found if end is not None]
    return known if len(known) == 2 and axis.get("autorange") in {None, False} else None


def _wanted(places: Sequence[float], their: list[float] | None, kind: str | None, ends: list[float]) -> list[float]:
    """How far an axis should go for these places: a little beyond, but no farther than the baseline's own does."""
    low, high = min(places), max(places)
    room = _PAD * ((high - low) or abs(ends[1] - ends[0]))
    first, last = low - room, high + room
    if kind == "linear" and low >= 0:
        first = max(0.0, first)
    if their:
        first, last = max(first, min(low, *their)), min(last, max(high, *their))
    return [first, last]


def _wider(given: Sequence[Any], ends: list[float], wanted: list[float], kind: str | None) -> list[Any]:
    """The range as it was, but for an end that lies short of what is wanted."""
    flipped = ends[0] > ends[1]
    low, high = (given[1], given[0]) if flipped else (given[0], given[1])
    low = _written(wanted[0], kind) if wanted[0] < min(ends) else low
    high = _written(wanted[1], kind) if wanted[1] > max(ends) else high
    return [high, low] if flipped else [low, high]


def _written(place: float, kind: str | None) -> Any:
    return round(place, 4) if kind == "log" else written(place, kind)


def _is_beyond(places: Sequence[float], ticks: Sequence[float]) -> bool:
    return bool(ticks) and (min(places) < min(0.0, *ticks) or max(places) > max(ticks))


def _ticked(axis: Fields, their: Fields, kind: str | None) -> Fields:
    """The axis with the baseline's ticks too; where it sets none, with those that are found for both."""
    told = _told(axis) | _told(their)
    if not many(their.get("tickvals")):
        bare = {key: value for key, value in axis.items() if key not in {"tickvals", "ticktext", "tickmode"}}
        return ({"nticks": their["nticks"]} if "nticks" in their else {}) | bare
    order = [value for value in told if coordinates([value], kind)]
    order.sort(key=lambda value: coordinates([value], kind))
    shown = _few(order) if kind == "log" else order
    texts = {"ticktext": [told[value] for value in shown]} if "ticktext" in axis or "ticktext" in their else {}
    return axis | {"tickvals": shown} | texts


def _told(axis: Fields) -> dict[Any, Any]:
    """The ticks that an axis sets, with what they say."""
    said = many(axis.get("ticktext"))
    return {
        value: said[place] if place < len(said) else value for place, value in enumerate(many(axis.get("tickvals")))
    }


def _few(ticks: Sequence[Any]) -> list[Any]:
    """Powers of ten where there are more ticks than room, and every second of them, or third, where still more."""
    if len(ticks) <= _MOST_TICKS:
        return list(ticks)
    powers = [tick for tick in ticks if f"{number(tick) or 0:e}".startswith("1.000000e")] or list(ticks)
    return powers[:: -(-len(powers) // _MOST_TICKS)]
