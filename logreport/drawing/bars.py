"""Where bars stand: their widths, groups and stacks, as Plotly sets them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from logreport.drawing import dates, fields, paints
from logreport.drawing.colours import Colour
from logreport.drawing.drawn import CannotDraw
from logreport.drawing.fields import Fields
from logreport.drawing.kinds import Kind
from logreport.drawing.traces import Trace


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bar in coordinates: `start` to `end` along its place, `base` to `top` along its value."""

    trace: Trace
    index: int
    place: float
    value: float
    start: float
    end: float
    base: float
    top: float
    colour: Colour


@dataclass(frozen=True)
class _Slot:
    """The room of one trace's bars around each place."""

    begin: float
    width: float


def horizontal(traces: Sequence[Trace]) -> bool:
    """Whether the bars lie; bars that lie and bars that stand do not go together."""
    ways = {_orientation(trace.fields) for trace in traces}
    if len(ways) > 1:
        raise CannotDraw("bars that lie beside bars that stand are not drawn here")
    return ways == {"h"}


def _orientation(trace: Fields) -> str:
    said = trace.get("orientation")
    if said in {"h", "v"}:
        return str(said)
    return "h" if fields.many(trace.get("x")) and not fields.many(trace.get("y")) else "v"


def lay_out(traces: Sequence[Trace], layout: Fields, place_kind: Kind, value_kind: Kind) -> list[Bar]:
    """All bars of the figure."""
    if value_kind.name not in {"linear", "log"}:
        raise CannotDraw("bars that measure dates or names are not drawn here")
    if layout.get("barnorm"):
        raise CannotDraw("bars as shares of their stack are not drawn here")
    lying = horizontal(traces)
    places = [[place_kind.coordinate(value) for value in trace.values("y" if lying else "x")] for trace in traces]
    step = least_step(places, place_kind)
    mode, dated = layout.get("barmode") or "group", place_kind.name == "date"
    slots = _slots(traces, places, layout, step, mode)
    bars = [
        bar
        for trace, where, slot in zip(traces, places, slots, strict=True)
        # Plotly gives widths along dates in milliseconds.
        for bar in _bars(trace, where, trace.values("x" if lying else "y"), slot, 0.001 if dated else 1.0)
    ]
    return _stacked(bars, apart=mode == "relative") if mode in {"stack", "relative"} else bars


def least_step(places: Sequence[Sequence[float | None]], kind: Kind) -> float:
    """The least distance between two places."""
    if kind.name == "category":
        return 1.0
    distinct = sorted({place for where in places for place in fields.known(where)})
    alone = dates.DAY if kind.name == "date" else 1.0
    return min((high - low for low, high in pairwise(distinct)), default=alone)


def _slots(
    traces: Sequence[Trace], places: Sequence[Sequence[float | None]], layout: Fields, step: float, mode: Any
) -> list[_Slot]:
    whole = step * (1 - fields.number_or(layout.get("bargap"), 0.2))
    there = [place for where in places for place in set(where) if place is not None]
    grouped = [order for order, trace in enumerate(traces) if trace.fields.get("offset") is None]
    together = mode == "group" and len(set(there)) < len(there)
    gap = 1 - fields.number_or(layout.get("bargroupgap"), 0)
    slots = []
    for order in range(len(traces)):
        if not together or order not in grouped:
            slots.append(_Slot(-whole * gap / 2, whole * gap))
            continue
        each = whole / len(grouped)
        middle = -whole / 2 + each * (grouped.index(order) + 0.5)
        slots.append(_Slot(middle - each * gap / 2, each * gap))
    return slots


def _bars(trace: Trace, places: Sequence[float | None], values: Sequence[Any], slot: _Slot, unit: float) -> list[Bar]:
    colours = paints.marks(trace, len(values))
    found = []
    for index, (place, raw) in enumerate(zip(places, values, strict=False)):
        value = fields.number(raw)
        if place is None or value is None:
            continue
        wanted = fields.number(fields.each(trace.fields.get("width"), index))
        width = slot.width if wanted is None else wanted * unit
        asked = fields.number(fields.each(trace.fields.get("offset"), index))
        offset = slot.begin + (slot.width - width) / 2 if asked is None else asked * unit
        base = fields.number_or(fields.each(trace.fields.get("base"), index), 0)
        found.append(
            Bar(
                trace=trace,
                index=index,
                place=place,
                value=value,
                start=place + offset,
                end=place + offset + width,
                base=base,
                top=base + value,
                colour=colours[index],
            )
        )
    return found


def _stacked(bars: Sequence[Bar], *, apart: bool) -> list[Bar]:
    """Bars of one place on each other; `apart` lets those below nought hang from nought."""
    heights: dict[tuple[float, bool], float] = defaultdict(float)
    found = []
    for bar in bars:
        if bar.trace.fields.get("base") is not None:
            found.append(bar)
            continue
        key = (bar.place, apart and bar.value < 0)
        base = heights[key]
        heights[key] = base + bar.value
        found.append(replace(bar, base=base, top=base + bar.value))
    return found
