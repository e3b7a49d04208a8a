"""What a log format is: how a file of it is recognised, and how a record becomes a call."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from logreport.call import CALL_COLUMNS

#: Where a value stands in a record: keys joined by dots, or the keys themselves where one of them holds a dot.
Path = str | tuple[str, ...]

#: The kinds of values that a source fills, by column: those of `Call`, and five that logreport makes columns of `Call`
#: from (see `Source`).
SOURCE_COLUMNS: Final[dict[str, str]] = CALL_COLUMNS | {
    "status": "outcome",
    "error": "reason",
    "user_id": "label",
    "session_id": "label",
    "request_id": "label",
    "uncached_tokens": "count",
    "answer_tokens": "count",
    "ended": "time",
    "first_token": "time",
    "elapsed": "seconds",
}


@dataclass(frozen=True)
class Field:
    """Where in a record a column's value stands, and what to multiply it by.

    `Field("metrics.end", minus="metrics.start")` is a difference: NULL where either is missing. So is the time that
    `Field("date", clock="time")` puts together from a date and a time of day.
    `scale` turns the log's unit into ours: 0.001 for milliseconds. The paths of `otherwise` are looked at, in turn,
    where there is nothing at the first. In a CSV a path is the name of a column as its header has it.
    """

    path: Path
    minus: Path | None = None
    clock: Path | None = None
    scale: float = 1.0
    otherwise: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Rejected:
    """A record that could not become a call: where it stands and why.

    A source that yields one gives `field` and `reason`; the reader adds where the record stands.
    """

    record: int | None = None
    line: int | None = None
    offset: int | None = None
    field: str | None = None
    reason: str = ""
    raw: str = ""

    def __str__(self) -> str:
        where = ", ".join(
            f"{name} {value:,}"
            for name, value in (("record", self.record), ("line", self.line), ("byte", self.offset))
            if value is not None
        )
        what = f"`{self.field}` {self.reason}" if self.field else self.reason
        return f"{where}: {what}" if where else what


@dataclass(frozen=True)
class Skipped:
    """A record that is no call, and what it is instead: "a tool's span", "a user's message". Counted by reason."""

    reason: str


#: What became of a record: a call, as a dictionary of the columns of a source, or none.
Outcome = Mapping[str, Any] | Skipped | Rejected


def keys(path: Path) -> tuple[str, ...]:
    """The keys that a path leads along."""
    return tuple(path.split(".")) if isinstance(path, str) else path


def decoded(value: Any) -> Any:
    """What a text of JSON holds, where a log has an object or a list as a text; anything else as it is."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            return value
    return value


def object_in(value: Any) -> Mapping[str, Any]:
    """The object that a value is, or that it holds as a text of JSON; an empty one where it is none."""
    if value is None or value.__class__ is dict:
        return value or _NOTHING
    found = decoded(value)
    return found if isinstance(found, dict) else _NOTHING


def first_of(record: Mapping[str, Any], *keys: str) -> Any:
    """What stands under the first of these keys that has anything."""
    if not record:
        return None
    for key in keys:
        if (found := record.get(key)) is not None:
            return found
    return None


_NOTHING: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, kw_only=True)
class Source:
    """A log format: a name, a way to recognise it, and either `columns` or `read`.

    `recognises` gets the first records of a file (decoded JSON objects, or rows of a CSV as texts by their header; at
    most a hundred). With `last_resort` it is asked only where no other source knows the file; where it does not either,
    `missed` says what it looked for in vain.

    `columns` is a table from columns to fields, which the reader executes for every record at once; where it depends
    on the file, a function that makes the table from its first records (at most a thousand).

    `read` is for formats whose records need thought. It gets the records of one file one after the other, as decoded
    by the reader, which has dealt with compression, encodings, arrays, lines and broken text, and it yields one outcome
    for each record that it found: a call as a dictionary, `Skipped`, or `Rejected`. Values may be as the log has them:
    the reader converts them as it does those of a table, and rejects what is none. Where it raises, the record that it
    got last is rejected and `read` is called anew for those behind it: what it had kept is gone.

    `reads` are the paths at which `read` looks, and no others: objects may come without anything else, which is not
    decoded then. Logs that hold whole conversations are read twice as fast so.

    Beside the columns of `Call`, a source may fill

    - `uncached_tokens`: prompt tokens without those read from or written to a cache, where the log counts them apart;
      `prompt_tokens` is then the sum of the three;
    - `answer_tokens`: completion tokens without reasoning, where the log counts that apart;
    - `ended` and `first_token`: times, where the log has no durations;
    - `elapsed`: seconds since the log began, where it has no calendar; `--origin` says when that was.

    `status` may be an HTTP status, a word ("success") or a truth, `error` whatever tells what went wrong. With
    `tells_errors` a record that says nothing of either succeeded; with `silence_fails` a call failed that was answered
    with no token.

    A `request_id` names one call in the whole world, and records that share it are one call seen several times, unless
    `unique_ids` is False: then they are so only where model and prompt tokens agree, too.
    `repeats` is what such records are called when they are counted.
    """

    name: str
    title: str
    recognises: Callable[[Sequence[Mapping[str, Any]]], bool]
    columns: Mapping[str, Field] | Callable[[Sequence[Mapping[str, Any]]], Mapping[str, Field]] | None = None
    read: Callable[[Iterator[Any]], Iterator[Outcome]] | None = None
    reads: Sequence[Path] = ()
    unfold: Callable[[Any], Iterator[Any]] | None = None
    last_resort: bool = False
    missed: Callable[[Sequence[Mapping[str, Any]]], str] | None = None
    remarks: Callable[[Sequence[Mapping[str, Any]]], Sequence[str]] | None = None
    tells_errors: bool = False
    silence_fails: bool = False
    unique_ids: bool = True
    repeats: str = "repeats of one request id"

    def __post_init__(self) -> None:
        if (self.columns is None) == (self.read is None):
            raise ValueError(f"source {self.name!r} needs either `columns` or `read`")
        paths = sorted(map(keys, self.reads))
        for path, following in itertools.pairwise(paths):
            if following[: len(path)] == path:
                told = " and ".join(f"`{'.'.join(one)}`" for one in (path, following))
                raise ValueError(f"source {self.name!r} reads {told}, of which the first has the other in it")
        if isinstance(self.columns, Mapping) and (strange := set(self.columns) - set(SOURCE_COLUMNS)):
            raise ValueError(f"source {self.name!r} fills {', '.join(sorted(strange))}, which a call does not have")
