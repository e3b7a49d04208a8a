"""The values of one record, for the columns of a call: exactly what the log says, or a reason why not."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from logreport.reading import clock
from logreport.reading.decode import NOT_FINITE
from logreport.reading.fields import MOST, MOST_SECONDS, Target

_DIGITS: Final = re.compile(r"-?[0-9]{1,30}", re.ASCII)
_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
#: Up to here every whole number has a float of its own.
_EXACT: Final = 2**53


class Wrong(Exception):
    """A value cannot be loaded: the field's path in the log (None: the record as a whole) and why."""

    def __init__(self, field: str | None, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def call(record: Any, wanted: Sequence[Target], zone: str) -> dict[str, Any]:
    """The columns of the call that the record describes; unknown ones are left out.

    Raises:
        Wrong: the record is no call, or one of its values is not what its column holds.
    """
    if not isinstance(record, dict):
        raise Wrong(None, f"is not an object but {_called(record)}")
    found = {path: _at(record, path) for target in wanted for path in target.paths}
    if all(value is None for value in found.values()):
        raise Wrong(None, "has none of the fields of a call")
    row: dict[str, Any] = {}
    for target in wanted:
        value = _column(found, target, zone)
        if value is not None:
            row[target.column] = value
    return row


def value(kind: str, given: Any, field: str, zone: str, scale: float = 1.0) -> Any:
    """One value for a column of this kind; None stays None.

    Raises:
        Wrong: it is not one.
    """
    if given is None:
        return None
    try:
        return _KINDS[kind](given, zone, scale)
    except ValueError as problem:
        raise Wrong(field, str(problem)) from None


def _at(record: Mapping[str, Any], path: Sequence[str]) -> Any:
    found: Any = record
    for depth, key in enumerate(path):
        if found is None:
            return None
        if not isinstance(found, dict):
            raise Wrong(".".join(path[:depth]), f"is not an object but {_called(found)}")
        found = found.get(key)
    return found


def _column(found: Mapping[tuple[str, ...], Any], target: Target, zone: str) -> Any:
    field = ".".join(target.keys)
    if target.minus is None:
        return value(target.kind, found[target.keys], field, zone, target.scale)
    start_field = ".".join(target.minus)
    end = value("number", found[target.keys], field, zone)
    start = value("number", found[target.minus], start_field, zone)
    if end is None or start is None:
        return None
    difference = (end - start) * target.scale
    if target.kind == "seconds" and difference < 0:
        raise Wrong(field, f"is before `{start_field}`: {_shown(end)} < {_shown(start)}")
    return value(target.kind, difference, field, zone)


def _count(given: Any, _zone: str, scale: float) -> int:
    number = _whole(given)
    if scale != 1.0:
        number = _whole(number * scale)
    if number < 0:
        raise ValueError(f"is negative: {number}")
    if number > MOST:
        raise ValueError(f"does not fit in 64 bits: {_shown(number)}")
    return number


def _whole(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int | float | str) or given == NOT_FINITE:
        raise ValueError(f"is not a whole number: {_shown(given)}")
    if isinstance(given, str):
        if not _DIGITS.fullmatch(given):
            raise ValueError(f"is not a whole number: {_shown(given)}")
        return int(given)
    if isinstance(given, int):
        return given
    if not given.is_integer():
        raise ValueError(f"is not a whole number: {_shown(given)}")
    if abs(given) >= _EXACT:
        raise ValueError(f"is too large to be exact: {_shown(given)}")
    return int(given)


def _number(given: Any, _zone: str, scale: float) -> float:
    if given == NOT_FINITE:
        raise ValueError("is not a finite number")
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise ValueError(f"is not a number: {_shown(given)}")
    if isinstance(given, str) and not _NUMBER.fullmatch(given):
        raise ValueError(f"is not a number: {_shown(given)}")
    try:
        number = float(given) if scale == 1.0 else float(given) * scale
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("is not a finite number")
    return number


def _seconds(given: Any, zone: str, scale: float) -> float:
    number = _number(given, zone, scale)
    if number < 0:
        raise ValueError(f"is negative: {_shown(given)}")
    if number > MOST_SECONDS:
        raise ValueError(f"is too large for seconds: {_shown(given)}")
    return number


def _flag(given: Any, _zone: str, _scale: float) -> bool:
    if isinstance(given, bool):
        return given
    if given in ("true", "false"):
        return bool(given == "true")
    raise ValueError(f"is not true or false: {_shown(given)}")


def _text(given: Any, _zone: str, _scale: float) -> str:
    if not isinstance(given, str) or given == NOT_FINITE:
        raise ValueError(f"is not a text: {_shown(given)}")
    if "\0" in given:
        raise ValueError("holds a NUL character, which no database keeps")
    return given


def _time(given: Any, zone: str, scale: float) -> datetime:
    """A text, or a number: so many seconds (after scaling) since 1970."""
    if isinstance(given, datetime):
        return given.astimezone(UTC).replace(tzinfo=None) if given.tzinfo else given
    if isinstance(given, str) and given != NOT_FINITE:
        try:
            return clock.instant(given, zone)
        except ValueError as problem:
            raise ValueError(f"{problem}: {_shown(given)}") from None
    if isinstance(given, int | float) and not isinstance(given, bool):
        return clock.from_epoch(_seconds(given, zone, scale))
    raise ValueError(f"is not a time: {_shown(given)}")


_KINDS: Final[dict[str, Callable[[Any, str, float], Any]]] = {
    "count": _count,
    "flag": _flag,
    "number": _number,
    "seconds": _seconds,
    "text": _text,
    "time": _time,
}


def _shown(given: Any) -> str:
    """A value in a message: short, as JSON writes it."""
    if given == NOT_FINITE:
        return "NaN or Infinity"
    if isinstance(given, dict | list):
        return _called(given)
    shown = {True: "true", False: "false"}[given] if isinstance(given, bool) else _literal(given)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _literal(given: Any) -> str:
    if isinstance(given, str):
        return '"' + given[:60].encode("unicode_escape").decode("ascii") + '"'
    return repr(given) if not isinstance(given, int) or abs(given) < 10**60 else "a number of more than 60 digits"


def _called(given: Any) -> str:
    if isinstance(given, dict):
        return "an object"
    if isinstance(given, list):
        return "an array"
    if isinstance(given, str) and given != NOT_FINITE:
        return "a text"
    return "null" if given is None else _shown(given)
