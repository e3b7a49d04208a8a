"""What an axis measures: numbers, dates or names; and the coordinate of each value on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from logreport.drawing import dates, fields, words
from logreport.drawing.drawn import CannotDraw
from logreport.drawing.fields import Fields

_KINDS: Final = frozenset({"linear", "log", "date", "category"})


@dataclass(frozen=True)
class Kind:
    """How values become coordinates: numbers as they are, dates as seconds, names as their place in the order."""

    name: str
    categories: tuple[str, ...] = ()
    _places: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def coordinate(self, value: Any) -> float | None:
        """None where the value has no place on the axis."""
        if value is None:
            return None
        if self.name == "category":
            return self._places.get(words.said(value))
        if self.name == "date":
            return _seconds(value)
        found = fields.number(value)
        return None if self.name == "log" and found is not None and found <= 0 else found

    def say(self, coordinate: float) -> str:
        """A coordinate in words, for the pointer."""
        if self.name == "category":
            place = round(coordinate)
            return words.plain(self.categories[place]) if 0 <= place < len(self.categories) else ""
        return dates.written(coordinate) if self.name == "date" else words.exact(coordinate)


def _seconds(value: Any) -> float | None:
    if isinstance(value, str):
        return dates.moment(value)
    milliseconds = fields.number(value)
    return None if milliseconds is None else milliseconds / 1000


def kind_of(axis: Fields, values: Sequence[Any], amounts: Iterable[tuple[Any, Any]] = ()) -> Kind:
    """The kind an axis is said to have, or has by its values; `amounts` (value, amount) order names by their totals."""
    if any(isinstance(value, list | tuple) for value in values):
        raise CannotDraw("an axis of several levels is not drawn here")
    said = axis.get("type")
    name = said if said in _KINDS else _guessed(values)
    if said not in _KINDS and said not in {None, "-"}:
        raise CannotDraw(f"an axis of type {words.plain(said)[:40]} is not drawn here")
    if name != "category":
        return Kind(name)
    ordered = _ordered(axis, list(dict.fromkeys(words.said(value) for value in values if value is not None)), amounts)
    return Kind(name, tuple(ordered), {text: place for place, text in enumerate(ordered)})


def _guessed(values: Sequence[Any]) -> str:
    there = [value for value in values if value is not None]
    if all(fields.number(value) is not None or isinstance(value, float) for value in there):
        return "linear"
    return "date" if all(dates.moment(value) is not None for value in there) else "category"


def _ordered(axis: Fields, names: list[str], amounts: Iterable[tuple[Any, Any]]) -> list[str]:
    array = [words.said(value) for value in fields.many(axis.get("categoryarray"))]
    by = axis.get("categoryorder") or ("array" if array else "trace")
    if by == "array":
        return list(dict.fromkeys([*array, *names]))
    if by in {"category ascending", "category descending"}:
        return sorted(names, reverse=by.endswith("descending"))
    if by in {"total ascending", "total descending"}:
        totals: dict[str, float] = defaultdict(float)
        for value, amount in amounts:
            totals[words.said(value)] += fields.number_or(amount, 0)
        return sorted(names, key=lambda name: totals[name], reverse=by.endswith("descending"))
    return names
