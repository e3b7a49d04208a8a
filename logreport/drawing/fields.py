"""Reading a figure's fields: numbers, lists and objects that may be absent, one value or many."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Fields: TypeAlias = Mapping[str, Any]


def number(value: Any) -> float | None:
    """A finite number, also one written as text; None is a gap."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        if isinstance(value, str):
            value = math.nan if "_" in value else float(value)
        return value if math.isfinite(value) else None
    except (ValueError, OverflowError):
        return None


def number_or(value: Any, otherwise: float) -> float:
    """A number, or what stands for one that is absent."""
    found = number(value)
    return otherwise if found is None else found


def inside(fields: Fields, *names: str) -> Fields:
    """The object at this path; empty where there is none."""
    for name in names:
        found = fields.get(name)
        fields = found if isinstance(found, Mapping) else {}
    return fields


def many(value: Any) -> list[Any]:
    """A list; empty where there is none."""
    return list(value) if isinstance(value, list | tuple) else []


def each(value: Any, place: int) -> Any:
    """The value for one mark, of a field that is one value for all or a list."""
    if isinstance(value, list | tuple):
        return value[place] if place < len(value) else None
    return value


def title(fields: Fields) -> Any:
    """A title, in both of Plotly's spellings."""
    found = fields.get("title")
    return found.get("text") if isinstance(found, Mapping) else found


def known(values: Iterable[float | None]) -> list[float]:
    """Without the gaps."""
    return [value for value in values if value is not None]
