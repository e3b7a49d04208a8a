"""The values of one record, for the columns of a call: exactly what the log says, or a reason why not."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from logreport.reading import clock
from logreport.reading.decode import NOT_FINITE
from logreport.reading.fields import MOST, MOST_SECONDS, Keys, Target, scaled
from logreport.reading.words import FAILED, MOST_OF_A_REASON, NO_REASON, REASONS, SUCCEEDED

_DIGITS: Final = re.compile(r"-?[0-9]{1,30}(\.0{1,6})?", re.ASCII)
_INTEGER: Final = re.compile(r"[0-9]{1,19}", re.ASCII)
_DECIMAL: Final = re.compile(r"[0-9]{1,17}\.[0-9]{1,15}", re.ASCII)
_LINE: Final = re.compile(r"[^\n\r]*")
_SPACE: Final = "\t\n\r "
_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
_SUCCESS_CODE: Final = re.compile(r"[123][0-9]{2}", re.ASCII)
_FAILURE_CODE: Final = re.compile(r"[45][0-9]{2}|-[1-9][0-9]{0,5}", re.ASCII)
#: Up to here every whole number has a float of its own.
_EXACT: Final = 2**53


#: What is said of a record in which nothing is that a table of columns looks for.
NO_FIELD: Final = "has none of the fields of a call"


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
        raise Wrong(None, f"is not an object but {called(record)}")
    return row({path: at(record, path) for target in wanted for path in target.paths}, wanted, zone)


def row(
    found: Mapping[Keys, Any], wanted: Sequence[Target], zone: str, fields: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The columns of a call from the values at its paths; `fields` are other names for paths in messages.

    Raises:
        Wrong: there are none, or one of them is not what its column holds.
    """
    if all(value is None for value in found.values()):
        raise Wrong(None, NO_FIELD)
    columns: dict[str, Any] = {}
    for target in wanted:
        value = _column(found, target, zone, fields or {})
        if value is not None:
            columns[target.column] = value
    return columns


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


def at(record: Mapping[str, Any], path: Sequence[str]) -> Any:
    """What stands at the path; None where there is nothing.

    Raises:
        Wrong: something on the way is no object.
    """
    found: Any = record
    for depth, key in enumerate(path):
        if found is None:
            return None
        if not isinstance(found, dict):
            raise Wrong(".".join(path[:depth]), f"is not an object but {called(found)}")
        found = found.get(key)
    return found


def _column(found: Mapping[Keys, Any], target: Target, zone: str, fields: Mapping[str, str]) -> Any:
    if target.minus is not None:
        return _difference(found, target, zone, fields)
    if target.clock is not None:
        date, clock = found[target.places[0]], found[target.clock]
        both = None if date is None or clock is None else f"{date} {clock}"
        return value(target.kind, both, _called_in(fields, target.places[0]), zone)
    for place in target.places:
        loaded = value(target.kind, found[place], _called_in(fields, place), zone, target.scale)
        if loaded is not None:
            return loaded
    return None


def _called_in(fields: Mapping[str, str], path: Keys) -> str:
    name = ".".join(path)
    return fields.get(name, name)


def _difference(found: Mapping[Keys, Any], target: Target, zone: str, fields: Mapping[str, str]) -> Any:
    assert target.minus is not None
    field, start_field = _called_in(fields, target.places[0]), _called_in(fields, target.minus)
    end = value("number", found[target.places[0]], field, zone)
    start = value("number", found[target.minus], start_field, zone)
    if end is None or start is None:
        return None
    difference = scaled(end - start, target.scale) if target.scale != 1.0 else end - start
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
        return int(given.partition(".")[0])
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
        number = float(given) if scale == 1.0 else scaled(float(given), scale)
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
    if given in ("true", "false", "True", "False"):
        return bool(given in ("true", "True"))
    raise ValueError(f"is not true or false: {_shown(given)}")


def _text(given: Any, _zone: str, _scale: float) -> str:
    if not isinstance(given, str) or given == NOT_FINITE:
        raise ValueError(f"is not a text: {_shown(given)}")
    if "\0" in given:
        raise ValueError("holds a NUL character, which no database keeps")
    return given


def _label(given: Any, zone: str, scale: float) -> str | None:
    """A text that names something; a whole number may be one."""
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    return _text(given, zone, scale) or None


def _outcome(given: Any, _zone: str, _scale: float) -> str | None:
    """How a call went, from a word, a truth or an HTTP status; None where these say nothing of it."""
    if given == NOT_FINITE or isinstance(given, dict | list):
        raise ValueError(f"does not say how a call went: {_shown(given)}")
    word = ("true" if given else "false") if isinstance(given, bool) else str(given).lower()
    if word in SUCCEEDED or word == "true":
        return "ok"
    if word in FAILED or word == "false":
        return "error"
    if _SUCCESS_CODE.fullmatch(word):
        return "ok"
    return "error" if _FAILURE_CODE.fullmatch(word) else None


def _reason(given: Any, _zone: str, _scale: float) -> str | None:
    """Why a call failed, in one line of at most 300 characters; None where nothing did."""
    if isinstance(given, bool):
        return "error" if given else None
    if isinstance(given, list):
        return "error" if given else None
    if isinstance(given, dict):
        said = (_line(str(given[key])) for key in REASONS if _tells(given.get(key)))
        return next((line for line in said if line), "error") if given else None
    if isinstance(given, str) and given != NOT_FINITE:
        if given in NO_REASON:
            return None
        return "error" if given in ("true", "True") else _line(_text(given, "", 1.0))
    return str(given) if given and given != NOT_FINITE else None


def _tells(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _line(text: str) -> str | None:
    match = _LINE.match(text.strip(_SPACE))
    return (match.group()[:MOST_OF_A_REASON].rstrip(_SPACE) if match else "") or None


def _time(given: Any, zone: str, scale: float) -> datetime | None:
    """A text, or a number since 1970 whose unit its size tells; with a scale, seconds after it."""
    if isinstance(given, datetime):
        return given.astimezone(UTC).replace(tzinfo=None) if given.tzinfo else given
    if isinstance(given, str) and given != NOT_FINITE:
        if _INTEGER.fullmatch(given):
            return _since_1970(int(given), zone, scale)
        if _DECIMAL.fullmatch(given):
            return _since_1970(float(given), zone, scale)
        try:
            return clock.instant(given, zone)
        except ValueError as problem:
            raise ValueError(f"{problem}: {_shown(given)}") from None
    if isinstance(given, int | float) and not isinstance(given, bool):
        return _since_1970(given, zone, scale)
    raise ValueError(f"is not a time: {_shown(given)}")


def _since_1970(number: float, zone: str, scale: float) -> datetime | None:
    if scale != 1.0:
        return clock.from_epoch(_seconds(number, zone, scale))
    try:
        return clock.from_number(number)
    except ValueError as problem:
        raise ValueError(f"{problem}: {_shown(number)}") from None


_KINDS: Final[dict[str, Callable[[Any, str, float], Any]]] = {
    "count": _count,
    "flag": _flag,
    "label": _label,
    "number": _number,
    "outcome": _outcome,
    "reason": _reason,
    "seconds": _seconds,
    "text": _text,
    "time": _time,
}


def _shown(given: Any) -> str:
    """A value in a message: short, as JSON writes it."""
    if given == NOT_FINITE:
        return "NaN or Infinity"
    if isinstance(given, dict | list):
        return called(given)
    shown = {True: "true", False: "false"}[given] if isinstance(given, bool) else _literal(given)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _literal(given: Any) -> str:
    if isinstance(given, str):
        return '"' + given[:60].encode("unicode_escape").decode("ascii") + '"'
    return repr(given) if not isinstance(given, int) or abs(given) < 10**60 else "a number of more than 60 digits"


def called(given: Any) -> str:
    """What a value is, in a message."""
    if isinstance(given, dict):
        return "an object"
    if isinstance(given, list):
        return "an array"
    if isinstance(given, str) and given != NOT_FINITE:
        return "a text"
    return "null" if given is None else _shown(given)
