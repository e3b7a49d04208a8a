"""What earlier reports said: a file of one line a report, JSON Lines, that grows by one with each."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from logreport import named_numbers
from logreport.errors import BadInput, CannotWrite
from logreport.measured import Measured
from logreport.named_numbers import Name, parsed

#: Raised when a reader of the lines would have to change.
SCHEMA_VERSION: Final = 1

#: The numbers that are kept of all calls of a report.
NUMBERS: Final = (
    "calls.count",
    "cost.total",
    "cost.per_1000_calls",
    "tokens.total",
    "errors.rate",
    "duration.p50",
    "duration.p95",
    "time_to_first_token.p50",
    "time_to_first_token.p95",
)

#: How each line begins: what `append` writes.
_BEGINNING: Final = f'{{"schema_version": {SCHEMA_VERSION}, "made": "'.encode()

#: So many reports, the newest, are shown.
MOST: Final = 100


@dataclass(frozen=True, kw_only=True)
class Past:
    """A report of the past: when it was made (UTC), of which run, and its numbers by their names, None for unknown."""

    made: datetime
    run: str | None
    numbers: Mapping[str, float | None]


class _Line(msgspec.Struct):
    schema_version: int
    made: datetime
    run: str | None
    numbers: dict[str, float | None]


def past(measured: Measured, made: datetime, run: str | None) -> Past:
    """What is kept of a report."""
    return Past(made=made, run=run, numbers={text: _value(measured, text) for text in NUMBERS})


def _value(measured: Measured, text: str) -> float | None:
    name = parsed(text)
    assert isinstance(name, Name)
    found = named_numbers.number(measured, name)
    # A sum that leaves something out is no point of a trend.
    return None if found.leaves_out else found.value


def read_history(path: str) -> tuple[Past, ...]:
    """The reports of this file, the newest of them, oldest first; none where there is no file yet.

    Raises:
        BadInput: a line of it is none of ours; the message says which.
    """
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as problem:
        raise BadInput(f"cannot read {path}: {problem.strerror}", "choose another file for `--history`") from problem
    return tuple(_all(data, path)[-MOST:])


def _all(data: bytes, path: str) -> list[Past]:
    lines = data[: len(data) - _cut_off(data)].splitlines()
    return [_past(line, f"{path}, line {at}") for at, line in enumerate(lines, start=1) if line.strip()]


def _past(line: bytes, where: str) -> Past:
    try:
        read = msgspec.json.decode(line, type=_Line)
    except (msgspec.DecodeError, ValueError) as problem:
        raise BadInput(f"{where}: {problem}", "`--history` takes a file that logreport alone writes") from problem
    if read.schema_version != SCHEMA_VERSION:
        raise BadInput(f"{where}: schema version {read.schema_version}, and this logreport knows {SCHEMA_VERSION}")
    return Past(made=read.made, run=read.run, numbers=read.numbers)


def _cut_off(data: bytes) -> int:
    """How many bytes at the end are a line of ours of which a full disk took the rest; whatever else stands there is
    somebody's, and no line of ours is in two.
    """
    last = data[data.rfind(b"\n") + 1 :]
    if not last or not (last.startswith(_BEGINNING) or _BEGINNING.startswith(last)) or b"\r" in last.rstrip():
        return 0
    try:
        msgspec.json.decode(last)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return len(last)
    return 0


def append(path: str, one: Past) -> None:
    """Write one more line at the end of the file, which is made where there is none.

    Raises:
        BadInput: a line of it is none of ours; nothing is written.
        CannotWrite: it cannot be written.
    """
    document = {
        "schema_version": SCHEMA_VERSION,
        "made": one.made.isoformat(),
        "run": one.run,
        "numbers": dict(one.numbers),
    }
    try:
        with Path(path).open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            data = file.read(size)
            _all(data, path)
            if cut := _cut_off(data):
                file.truncate(len(data) - cut)
            elif data and not data.endswith(b"\n"):
                file.write(b"\n")
            file.write(json.dumps(document, ensure_ascii=False, allow_nan=False).encode() + b"\n")
    except OSError as problem:
        raise CannotWrite(
            f"cannot write {path}: {problem.strerror}", "choose another file for `--history`"
        ) from problem
