"""A figure as plain values: its traces, its axes, and where on them something stands."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    import plotly.graph_objects as go

Fields: TypeAlias = dict[str, Any]

#: A colour through which something of the page may shine, and how little.
CLEAR: Final = re.compile(r"\s*rgba\(.*,\s*([\d.]+)\s*\)\s*", re.IGNORECASE)

_KINDS: Final = frozenset({"linear", "log", "date", "category"})
_STACKED: Final = frozenset({"stack", "relative"})
#: Plotly marks the points of a line where there are fewer.
_FEW: Final = 20
_MONTH: Final = re.compile(r"\d{4}-\d\d")
_EPOCH: Final = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Picture:
    """What a figure shows."""

    data: list[Fields]
    layout: Fields

    @property
    def seen(self) -> list[Fields]:
        """The traces that are shown and have something to show."""
        return [trace for trace in self.data if is_visible(trace) and any(_has_both(trace))]

    @property
    def marks(self) -> list[Fields]:
        """Those of them that are more than text."""
        return [trace for trace in self.seen if _is_drawn(trace)]

    @property
    def bars(self) -> list[Fields]:
        """The bars that are seen."""
        return [trace for trace in self.marks if trace["type"] == "bar"]

    @property
    def lines(self) -> list[Fields]:
        """The lines, points and areas that are seen."""
        return [trace for trace in self.marks if trace["type"] != "bar"]

    @property
    def stacks(self) -> bool:
        """Whether bars of one place stand on each other."""
        return self.layout.get("barmode") in _STACKED

    def axis(self, letter: str) -> Fields:
        """What the figure says of an axis."""
        found: Fields = self.layout.get(f"{letter}axis") or {}
        return found

    def kind(self, letter: str) -> str | None:
        """What an axis measures, in Plotly's words: said, or guessed by its values; None where there are none."""
        said = self.axis(letter).get("type")
        if said in _KINDS:
            return str(said)
        there = [value for trace in self.seen for value in values(trace, letter) if value is not None]
        return _guessed(there) if there else None

    def names(self, letter: str) -> list[str]:
        """The names on an axis of names, in the order of the traces."""
        return list(dict.fromkeys(name for trace in self.seen for name in names(trace, letter) if name is not None))


def read(figure: go.Figure) -> Picture:
    """The figure without its template, which says nothing of what it shows."""
    from plotly.utils import PlotlyJSONEncoder

    layout = figure.layout.to_plotly_json()
    layout.pop("template", None)
    parts = [[trace.to_plotly_json() for trace in figure.data], layout]
    return Picture(*json.loads(json.dumps(parts, cls=PlotlyJSONEncoder)))


# ---------------------------------------------------------------- traces


def is_visible(trace: Fields) -> bool:
    """Whether a trace is shown from the start."""
    return trace.get("visible") in {None, True}


def lies(bar: Fields) -> bool:
    """Whether bars lie beside their names."""
    said = bar.get("orientation")
    return said == "h" if said else bool(many(bar.get("x")) and not many(bar.get("y")))


def drawn_mode(trace: Fields) -> str:
    """A trace's mode without its texts; where it says none, what Plotly takes."""
    if trace.get("mode") is None:
        return "lines" if trace.get("stackgroup") or len(values(trace, "x")) >= _FEW else "lines+markers"
    return "+".join(part for part in str(trace["mode"]).split("+") if part in {"lines", "markers"})


def many(value: Any) -> list[Any]:
    """A field's values, one for each mark; none where it has one for all."""
    if isinstance(value, dict) and "bdata" in value:
        return _unpacked(value)
    return value if isinstance(value, list) else []


def each(value: Any, place: int) -> Any:
    """The value for one mark, of a field that has one for each or one for all."""
    if not isinstance(value, list | dict):
        return value
    found = many(value)
    return found[place] if place < len(found) else None


def values(trace: Fields, letter: str) -> list[Any]:
    """The trace's x or y, counted from its start where it has none."""
    if trace.get(letter) is not None:
        return many(trace[letter])
    start, step = (number(trace.get(f"{name}{end}")) for name, end in ((letter, "0"), (f"d{letter}", "")))
    count = len(many(trace.get("y" if letter == "x" else "x")))
    return [(start or 0) + (1 if step is None else step) * place for place in range(count)]


def names(trace: Fields, letter: str) -> list[str | None]:
    """The trace's x or y as names, None for what has none."""
    return [None if value is None else _name(value) for value in values(trace, letter)]


def number(value: Any) -> float | None:
    """A finite number, also one written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def numbers(found: Iterable[Any]) -> list[float]:
    """The numbers among these values."""
    return [one for one in map(number, found) if one is not None]


def _has_both(trace: Fields) -> list[bool]:
    pairs = zip(values(trace, "x"), values(trace, "y"), strict=False)
    return [x is not None and y is not None for x, y in pairs]


def _is_drawn(trace: Fields) -> bool:
    if trace["type"] != "bar":
        return bool(drawn_mode(trace)) or trace.get("fill") not in {None, "none"}
    marker = trace.get("marker") or {}
    return not (_is_unseen(marker.get("color")) or 0 in numbers([trace.get("opacity"), marker.get("opacity")]))


def _is_unseen(colour: Any) -> bool:
    clear = CLEAR.fullmatch(colour) if isinstance(colour, str) else None
    return colour == "transparent" or (clear is not None and number(clear[1]) == 0)


def _unpacked(value: Mapping[str, Any]) -> list[Any]:
    """An array as Plotly packs it."""
    import numpy as np

    found = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"]).tolist()
    return [one if math.isfinite(one) else None for one in found]


def _name(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


# ---------------------------------------------------------------- coordinates


def coordinate(value: Any, kind: str | None) -> float | None:
    """Where a value stands on an axis that is not of names, in what its range is told in; dates in milliseconds."""
    if kind == "date":
        return moment(value)
    found = number(value)
    if kind != "log":
        return found
    return math.log10(found) if found is not None and found > 0 else None


def coordinates(found: Iterable[Any], kind: str | None) -> list[float]:
    """Where these values stand, without those that have no place."""
    return [one for one in (coordinate(value, kind) for value in found) if one is not None]


def moment(value: Any) -> float | None:
    """Milliseconds since 1970 by the clock that a date is written in: Plotly turns no offset back."""
    if not isinstance(value, str):
        return number(value)
    text = f"{value}-01" if _MONTH.fullmatch(value) else value
    try:
        return (datetime.fromisoformat(text).replace(tzinfo=None) - _EPOCH) / timedelta(milliseconds=1)
    except ValueError:
        return number(value)


def clock(milliseconds: float) -> datetime | None:
    """The date at a place of an axis; None for one that no calendar has."""
    try:
        return _EPOCH + timedelta(milliseconds=round(milliseconds, 3))
    except OverflowError:
        return None


def written(place: float, kind: str | None) -> Any:
    """A place on an axis as a figure has it, as short as it can be said."""
    if kind != "date":
        return float(f"{place:.12g}")
    when = clock(place)
    short = when is not None and not when.second and not when.microsecond
    return None if when is None else when.isoformat(" ", timespec="minutes" if short else "auto")


def _guessed(there: list[Any]) -> str:
    if all(number(value) is not None for value in there):
        return "linear"
    dated = all(isinstance(value, str) and moment(value) is not None and number(value) is None for value in there)
    return "date" if dated else "category"
