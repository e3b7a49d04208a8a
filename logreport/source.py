"""What a log format is: how a file of it is recognised, and how a record becomes a call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Field:
    """Where in a record a column's value stands, as a dotted path, and what to multiply it by.

    `Field("metrics.end", minus="metrics.start")` is a difference: NULL where either is missing.
    `scale` turns the log's unit into ours: 0.001 for milliseconds.
    """

    path: str
    minus: str | None = None
    scale: float = 1.0


@dataclass(frozen=True)
class Rejected:
    """A record that could not become a call: where it stands and why."""

    record: int | None
    line: int | None
    offset: int | None
    field: str | None
    reason: str
    raw: str = ""

    def __str__(self) -> str:
        where = ", ".join(
            f"{name} {value:,}"
            for name, value in (("record", self.record), ("line", self.line), ("byte", self.offset))
            if value is not None
        )
        what = f"`{self.field}` {self.reason}" if self.field else self.reason
        return f"{where}: {what}" if where else what


@dataclass(frozen=True, kw_only=True)
class Source:
    """A log format.

    `recognises` gets the first records of a file (decoded JSON objects, at most a hundred).
    `columns` maps columns of `Call` to fields; the reader executes it for every record at once.
    `read` is for formats whose records need thought: it yields calls as dictionaries of columns, and what it rejects.
    Exactly one of the two is given.
    """

    name: str
    title: str
    recognises: Callable[[Sequence[Mapping[str, Any]]], bool]
    columns: Mapping[str, Field] | None = None
    read: Callable[[Path], Iterator[Mapping[str, Any] | Rejected]] | None = None

    def __post_init__(self) -> None:
        if (self.columns is None) == (self.read is None):
            raise ValueError(f"source {self.name!r} needs either `columns` or `read`")
