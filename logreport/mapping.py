"""Columns as people map them: `prompt_tokens=usage.in`, `duration=elapsed_ms:ms`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from logreport.errors import BadInput
from logreport.settings import setting
from logreport.source import SOURCE_COLUMNS, Field

_SECONDS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}
_DOLLARS: Final = {"usd": 1.0, "cents": 0.01}
_UNITS: Final[dict[str, dict[str, float]]] = {"seconds": _SECONDS, "time": _SECONDS, "number": _DOLLARS}
#: A dot between keys; one that belongs to a key is written `\\.`.
_DOT: Final = re.compile(r"(?<!\\)\.")
#: A date and a time of day, which are two fields of a log.
_AND: Final = re.compile(r"([^|+]+)\+([^|+]+)")


def mapping(said: Iterable[str]) -> dict[str, Field]:
    """The fields that options like `--map duration=elapsed_ms:ms` name, by column.

    Raises:
        BadInput: one of them is not a column, a path and perhaps a unit.
    """
    found: dict[str, Field] = {}
    for text in said:
        column, equals, path = text.partition("=")
        if not equals or not path:
            raise BadInput(
                f"--map {text}: not a mapping", "write COLUMN=PATH or COLUMN=PATH:UNIT, as in model=meta.model"
            )
        found[column.strip()] = _field(column.strip(), path.strip(), "--map")
    return found


def habits(folder: Path) -> dict[str, Field]:
    """The mapping in the table `[tool.logreport.map]` of the nearest file that has one, here or in a folder above.

    Raises:
        BadInput: the file is not TOML, or the table does not map columns to paths.
    """
    found = setting(folder, "map")
    if found is None:
        return {}
    if not isinstance(found.value, dict):
        raise BadInput(
            f"{found.file}: map is not a table", 'write [tool.logreport.map] and, in it, model = "meta.model"'
        )
    return {column: _field(column, path, str(found.file)) for column, path in found.value.items()}


def _field(column: str, path: Any, where: str) -> Field:
    if column not in SOURCE_COLUMNS:
        raise BadInput(f"{where}: a call has no {column!r}", f"it has {', '.join(SOURCE_COLUMNS)}")
    if not isinstance(path, str) or not path:
        raise BadInput(f"{where}: {column} is not mapped to a path", 'write it as a text: model = "meta.model"')
    plain, colon, unit = path.rpartition(":")
    units = _UNITS.get(SOURCE_COLUMNS[column], {})
    if not colon or (unit not in units and "." in unit):
        plain, unit = path, ""
    if unit and unit not in units:
        known = f"it is one of {', '.join(units)}" if units else f"{column} has no unit"
        raise BadInput(f"{where}: {column}={path}: unknown unit {unit!r}", known)
    if SOURCE_COLUMNS[column] == "time" and (both := _AND.fullmatch(plain)):
        if unit:
            raise BadInput(f"{where}: {column}={path}: a date and a time of day have no unit", f"leave out :{unit}")
        return Field(_keys(both[1]), clock=_keys(both[2]))
    first, *others = (_keys(one) for one in plain.split("|"))
    return Field(first, scale=units[unit] if unit else 1.0, otherwise=tuple(others))


def _keys(path: str) -> tuple[str, ...]:
    return tuple(key.replace("\\.", ".") for key in _DOT.split(path.strip()))
