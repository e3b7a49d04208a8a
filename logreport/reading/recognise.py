"""Which source a file's records belong to, and how they are to be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from logreport.errors import BadInput
from logreport.reading.batch import Tally
from logreport.reading.feed import records as records_of
from logreport.reading.fields import Target
from logreport.reading.files import Log, LogText
from logreport.reading.own import OwnFile, own
from logreport.reading.shape import Shape, head_of, shape_of
from logreport.source import SOURCE_COLUMNS, Field, Source, keys

#: How many records a source is recognised by, and how many its table of columns is made from.
_FIRST: Final = 100
_SAMPLE: Final = 1000
TOKENS: Final = ("tokens", "prompt_tokens", "completion_tokens", "uncached_tokens", "answer_tokens")
#: What only a call that is over has.
ENDS: Final = ("duration", "time_to_first_token", "ended", "finish_reason", "cost")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How the user wants files to be read.

    `zone` is the IANA name of the zone that times without an offset are in, `origin` when logs that count from their
    own beginning began (UTC without a zone). `mapping` says what columns are made of, in these files; `habits` in all
    that nobody knows better.
    """

    source: str | None = None
    zone: str = "UTC"
    origin: datetime | None = None
    mapping: Mapping[str, Field] = field(default_factory=dict)
    habits: Mapping[str, Field] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Format:
    """A source, and what it needs to know of one file.

    `columns` is the table of a source that has one; it was `found` in this file where the source made it from its
    records. `mixed` files hold documents that `records` takes apart.
    """

    source: Source
    shape: Shape
    columns: Mapping[str, Field] | None = None
    zone: str = "UTC"
    origin: datetime | None = None
    found: bool = False
    mixed: bool = False
    tells_errors: bool = False
    remarks: tuple[str, ...] = ()

    def records(self, document: Any) -> Iterable[Any]:
        """The records of what stands in the log as one."""
        if self.source.unfold is None:
            return (document,)
        return self.source.unfold(document)

    @property
    def has_ids(self) -> bool:
        """Whether its calls may carry an id by which repeats are known."""
        return self.columns is None or "request_id" in self.columns

    @property
    def rules(self) -> dict[str, Any]:
        """What the rules of counting need to know."""
        return {
            "origin": self.origin,
            "tells_errors": self.tells_errors,
            "silence_fails": self.source.silence_fails,
        }

    def mapping(self) -> dict[str, str]:
        """Which field became which column, where that was found out from the file."""
        if not self.found or self.columns is None:
            return {}
        return {
            column: described(field) for column, field in self.columns.items() if column != "error" or self.tells_errors
        }

    def signs(self, wanted: Iterable[Target]) -> Signs | None:
        """What tells a call in a log that may hold anything; None for a log of calls."""
        if not self.source.last_resort:
            return None
        by_column = {target.column: target for target in wanted}

        def of(columns: Iterable[str]) -> tuple[Target, ...]:
            return tuple(by_column[column] for column in columns if column in by_column)

        return Signs(of(TOKENS), of(("model",)), of(ENDS), of(("status", "error")))


@dataclass(frozen=True)
class Signs:
    """A record with tokens is a call. So is one with a model that tells how it went; or where none tells tokens, any.

    A log may tell of a call twice: that it begins, and then how it went.
    """

    tokens: tuple[Target, ...]
    model: tuple[Target, ...]
    ends: tuple[Target, ...]
    outcome: tuple[Target, ...]

    def judge(self) -> Callable[[Mapping[str, Any]], str]:
        """What says of values by the first key of their places why they are no call; empty where they are one."""
        tokens, model, ends, outcome = (
            {place[0] for target in targets for place in target.places}
            for targets in (self.tokens, self.model, self.ends, self.outcome)
        )

        def judged(row: Mapping[str, Any]) -> str:
            if not tokens.isdisjoint(row):
                return ""
            if model and model.isdisjoint(row):
                return "has neither tokens nor a model"
            if not tokens or not ends.isdisjoint(row):
                return ""
            if any(row.get(name) and not _BEGINS.match(str(row[name])) for name in outcome):
                return ""
            return "has a model, but neither tokens nor how the call went"

        return judged


#: A status of what is not over yet.
_BEGINS: Final = re.compile(
    r"(start|begin|began|pend|in.?progress|queue|running|created|submit|sen[dt])", re.IGNORECASE
)


def described(field: Field) -> str:
    """A field as a reader types it: the paths, and what is done with the value."""
    paths = " or ".join(".".join(keys(path)) for path in (field.path, *field.otherwise))
    minus = f" − {'.'.join(keys(field.minus))}" if field.minus else ""
    clock = f" + {'.'.join(keys(field.clock))}" if field.clock else ""
    return f"{paths}{minus}{clock}" + (f" × {field.scale:g}" if field.scale != 1.0 else "")


def recognise(log: Log, sources: Sequence[Source], wish: Wish) -> Format:
    """The format that the file has.

    A file without a single readable record belongs to the first source, which will say what is wrong with it.

    Raises:
        OwnFile: it is no log but a report or a history that logreport wrote.
        BadInput: the file is empty, no source or more than one knows it, or there is no source of the name wished for.
    """
    if not sources:
        raise BadInput("no log format is installed", "`logreport plugins` says why")
    text = _text(log)
    head = head_of(text)
    if not head.strip() and not text.damage:
        raise BadInput(f"{log.name}: is empty" if not head else f"{log.name}: holds nothing but white space")
    if (kind := own(log, head)) is not None:
        raise OwnFile(log, kind)
    shape = shape_of(head)
    if shape.kind == "table" and not any(row.strip() for row in head.splitlines()[1:]):
        raise BadInput(f"{log.name}: has a header, and no row below it", "is it the right file?")
    records = list(_first_records(log, shape))
    source = _named(sources, wish.source) or _mapped(sources, wish) or _claimed(log, records[:_FIRST], sources, wish)
    return _format(log, source, shape, records, wish)


def _named(sources: Sequence[Source], wanted: str | None) -> Source | None:
    if wanted is None:
        return None
    for source in sources:
        if source.name == wanted or source.name == wanted.replace("-", "_"):
            return source
    raise BadInput(f"no log format is called {wanted!r}", f"choose one of: {_names(sources)}")


def _mapped(sources: Sequence[Source], wish: Wish) -> Source | None:
    """Who says where things stand needs a source that asks for nothing else."""
    return next((source for source in sources if source.last_resort), None) if wish.mapping else None


def _names(sources: Sequence[Source]) -> str:
    return ", ".join(sorted(source.name for source in sources))


def _text(log: Log) -> LogText:
    try:
        return LogText(log)
    except OSError as problem:
        raise BadInput(f"{log.name}: cannot be read: {problem.strerror}", "check its permissions") from problem


def _claimed(log: Log, records: Sequence[Mapping[str, Any]], sources: Sequence[Source], wish: Wish) -> Source:
    if not records:
        return sources[0]
    for last in (False, True):
        claims = [source for source in sources if source.last_resort is last and _claims(source, records)]
        if len(claims) == 1:
            return claims[0]
        if claims:
            both = " and ".join(source.name for source in claims)
            raise BadInput(f"{log.name}: could be {both}", f"say which: `--source {claims[0].name}`")
    for source in sources:  # a source that takes anything knows best what it missed
        if source.last_resort and any(_has(record, field) for record in records for field in wish.habits.values()):
            return source
        if source.last_resort and source.missed is not None:
            raise BadInput(f"{log.name}: is in no log format known here: {source.missed(records)}", _HINT)
    names = _names(sources)
    raise BadInput(f"{log.name}: is in no log format known here", f"known are: {names}; `--source NAME` insists on one")


_HINT: Final = (
    "`--map model=PATH --map prompt_tokens=PATH` says where they stand, `--source NAME` insists on a format;"
    " `logreport inspect FILE` shows what was found"
)


def _claims(source: Source, records: Sequence[Mapping[str, Any]]) -> bool:
    try:
        return bool(source.recognises(records))
    except Exception:  # noqa: BLE001 - a plugin that fails on a strange file does not know it
        return False


def _format(log: Log, source: Source, shape: Shape, records: Sequence[Mapping[str, Any]], wish: Wish) -> Format:
    form = Format(source=source, shape=shape, zone=wish.zone, origin=wish.origin, tells_errors=source.tells_errors)
    if source.columns is None:
        if wish.mapping:
            raise BadInput(
                f"{log.name}: the fields of {source.name} are known, and cannot be mapped",
                "leave out `--map`, or say `--source generic`",
            )
        return form
    unfolded = records
    if source.unfold is not None:
        unfolded = [one for record in records for one in source.unfold(record) if isinstance(one, dict)][:_SAMPLE]
        form = replace(form, mixed=any(one is not record for one, record in zip(unfolded, records, strict=False)))
    found = callable(source.columns)
    columns = dict(source.columns(unfolded) if callable(source.columns) else source.columns)
    columns = _with(columns, {**(wish.habits if found else {}), **wish.mapping})
    if strange := set(columns) - SOURCE_COLUMNS.keys():
        raise BadInput(f"{log.name}: a call has no {', '.join(sorted(strange))}", f"it has {', '.join(SOURCE_COLUMNS)}")
    tells = found and "error" in columns and any(_has(record, columns["error"]) for record in unfolded)
    remarks = tuple(source.remarks(unfolded)) if source.remarks is not None and not wish.mapping else ()
    return replace(form, columns=columns, found=found, tells_errors=tells or form.tells_errors, remarks=remarks)


def _with(columns: dict[str, Field], mapping: Mapping[str, Field]) -> dict[str, Field]:
    """The columns with some of them said by the user: what was found for others of the same kind makes way."""
    for column in mapping:
        for instead in _INSTEAD.get(column, ()):
            columns.pop(instead, None)
    said = {keys(field.path) for field in mapping.values()}
    left = {column: field for column, field in columns.items() if keys(field.path) not in said}
    return left | dict(mapping)


#: Columns that are another way of saying the same.
_INSTEAD: Final = {
    "created": ("elapsed",),
    "elapsed": ("created",),
    "duration": ("ended",),
    "ended": ("duration",),
    "time_to_first_token": ("first_token",),
    "first_token": ("time_to_first_token",),
    "prompt_tokens": ("uncached_tokens",),
    "uncached_tokens": ("prompt_tokens",),
    "completion_tokens": ("answer_tokens",),
    "answer_tokens": ("completion_tokens",),
}


def _has(record: Mapping[str, Any], field: Field) -> bool:
    """Whether a record has anything, or null, at one of a field's paths."""
    for path in (field.path, *field.otherwise):
        found: Any = record
        for key in keys(path):
            if not isinstance(found, dict) or key not in found:
                break
            found = found[key]
        else:
            return True
    return False


def _first_records(log: Log, shape: Shape) -> Iterator[Mapping[str, Any]]:
    found = 0
    for looked, record in enumerate(_readable(log, shape)):
        if found >= _SAMPLE or looked > 10 * _SAMPLE:
            return
        if isinstance(record, dict):
            found += 1
            yield record


def _readable(log: Log, shape: Shape) -> Iterator[Any]:
    """What can be read of the beginning, within reason: a sample is not worth reading a whole file for."""
    beginning = records_of(LogText(log), shape, Tally())
    for record in beginning:
        yield record
        if beginning.reached > _ENOUGH:
            return


#: Bytes of records after which a sample is large enough.
_ENOUGH: Final = 8 << 20
