"""An axis: how far it reaches, where a coordinate stands on it, and its ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from logreport.drawing import dates, fields, ticks, words
from logreport.drawing.drawn import CannotDraw
from logreport.drawing.fields import Fields
from logreport.drawing.kinds import Kind

#: The part of an axis that stays free beyond the last mark, as Plotly leaves it.
_PAD: Final = 0.05


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far some marks go on an axis, and how much room they want beyond."""

    low: float
    high: float
    zero: bool = False
    padded: bool = True
    pixels: float = 0.0


@dataclass(frozen=True)
class Tick:
    """A tick: its share of the way along the axis, and the lines it says."""

    share: float
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Axis:
    """From `low` to `high`, in coordinates; on a log axis these are exponents."""

    kind: Kind
    low: float
    high: float
    flipped: bool
    #: The range is the figure's own: marks may lie outside it.
    fixed: bool
    visible: bool
    title: str
    ticks: tuple[Tick, ...] = ()

    def at(self, coordinate: float) -> float:
        """The share of the way along the axis, from the left or from the bottom; outside 0 to 1 it is not on it."""
        if self.kind.name == "log":
            coordinate = math.log10(coordinate) if coordinate > 0 else self.low - 1
        share = (coordinate - self.low) / (self.high - self.low)
        return 1 - share if self.flipped else share


def axis(written: Fields, kind: Kind, reaches: Sequence[Reach], *, pixels: float, most: int) -> Axis:
    """The axis that these marks need, or that the figure asks for."""
    low, high, fixed = _span(written, kind, reaches, pixels)
    flipped = str(written.get("autorange")).endswith("reversed")
    if low > high:
        low, high, flipped = high, low, not flipped
    if not math.isfinite(high - low) or high - low < 1e-12 * max(abs(low), abs(high), 1e-280):
        raise CannotDraw("its values are too far apart or too close together to be drawn")
    bare = Axis(
        kind=kind,
        low=low,
        high=high,
        flipped=flipped,
        fixed=fixed,
        visible=written.get("visible") is not False,
        title=words.plain(fields.title(written)),
    )
    marks = _ticks(written, bare, most) if bare.visible and written.get("showticklabels") is not False else []
    return Axis(**{**vars(bare), "ticks": tuple(marks)})


def _span(written: Fields, kind: Kind, reaches: Sequence[Reach], pixels: float) -> tuple[float, float, bool]:
    given = [None if end is None else _end(kind, end) for end in fields.many(written.get("range"))]
    asked = written.get("autorange") in {None, False} and len(given) == 2
    if asked and given[0] is not None and given[1] is not None and given[0] != given[1]:
        return given[0], given[1], True
    if not reaches:
        raise CannotDraw("it has nothing to draw")
    low, high = _auto(kind, reaches, pixels, to_zero=written.get("rangemode") == "tozero" and kind.name == "linear")
    if asked:
        return (low if given[0] is None else given[0], high if given[1] is None else given[1], True)
    return low, high, False


def _end(kind: Kind, end: Any) -> float | None:
    # The ends of a log axis are exponents and those of names are places: numbers both.
    return kind.coordinate(end) if kind.name == "date" else fields.number(end)


def _auto(kind: Kind, reaches: Sequence[Reach], pixels: float, *, to_zero: bool) -> tuple[float, float]:
    scaled = [_scaled(kind, reach) for reach in reaches]
    low, high = min(reach.low for reach in scaled), max(reach.high for reach in scaled)
    zero = to_zero or (kind.name != "log" and any(reach.zero for reach in reaches))
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        around = dates.DAY / 2 if kind.name == "date" else 1.0
        return (low, high + around) if zero and low == 0 else (low - around, high + around)
    return _padded(low, high, scaled, pixels, zero=zero)


def _scaled(kind: Kind, reach: Reach) -> Reach:
    if kind.name != "log":
        return reach
    low, high = (math.log10(end) if end > 0 else 0.0 for end in (reach.low, reach.high))
    return Reach(low=low, high=high, padded=reach.padded, pixels=reach.pixels)


def _padded(low: float, high: float, reaches: Sequence[Reach], pixels: float, *, zero: bool) -> tuple[float, float]:
    # Room is a share of the axis, which the room itself makes longer: this settles fast.
    first, last = low, high
    for _ in range(24):
        span = last - first
        first, last = low, high
        for reach in reaches:
            room = span * ((_PAD if reach.padded else 0) + reach.pixels / pixels)
            first = first if zero and low == 0 else min(first, reach.low - room)
            last = last if zero and high == 0 else max(last, reach.high + room)
    return first, last


def _ticks(written: Fields, bare: Axis, most: int) -> list[Tick]:
    places, texts = _named(written, bare) or _found(written, bare, most)
    if bare.kind.name in {"linear", "log"} and not fields.many(written.get("ticktext")):
        before, after = words.affix(written.get("tickprefix")), words.affix(written.get("ticksuffix"))
        texts = [(before + lines[0] + after,) for lines in texts]
    marks = [Tick(bare.at(place), lines) for place, lines in zip(places, texts, strict=True)]
    return [mark for mark in marks if -1e-6 <= mark.share <= 1 + 1e-6]


def _named(written: Fields, bare: Axis) -> tuple[list[float], list[tuple[str, ...]]] | None:
    """The ticks the figure sets itself."""
    values, said = fields.many(written.get("tickvals")), fields.many(written.get("ticktext"))
    if not values or written.get("tickmode") in {"auto", "linear"}:
        return None
    known = [(bare.kind.coordinate(value), place) for place, value in enumerate(values)]
    places = [(place, order) for place, order in known if place is not None]
    if said:
        texts = [words.lines(said[order]) if order < len(said) else ("",) for _, order in places]
    elif bare.kind.name in {"linear", "log"}:
        texts = [(text,) for text in ticks.texts([place for place, _ in places], written.get("tickformat"))]
    else:
        texts = [(bare.kind.say(place),) for place, _ in places]
    return [place for place, _ in places], texts


def _found(written: Fields, bare: Axis, most: int) -> tuple[list[float], list[tuple[str, ...]]]:
    """Round ticks, or one for each name."""
    form = written.get("tickformat")
    if bare.kind.name == "category":
        return [float(place) for place in range(len(bare.kind.categories))], [
            words.lines(name) for name in bare.kind.categories
        ]
    if bare.kind.name == "date":
        moments, step = dates.ticks(bare.low, bare.high, most)
        if isinstance(form, str) and "%" in form:
            return moments, [(dates.formatted(when, form),) for when in moments]
        return moments, dates.texts(moments, step)
    find = ticks.decades if bare.kind.name == "log" else ticks.even
    values = find(bare.low, bare.high, most)
    return values, [(text,) for text in ticks.texts(values, form)]


def reach(values: Iterable[float], *, zero: bool = False, padded: bool = True, pixels: float = 0.0) -> list[Reach]:
    """How far these coordinates go, once; nothing for none."""
    found = list(values)
    return [Reach(low=min(found), high=max(found), zero=zero, padded=padded, pixels=pixels)] if found else []
