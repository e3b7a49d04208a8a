"""The passes that look at every record for itself, so that what is wrong can be said exactly and the rest is loaded.

What can be loaded is written to files of our own, which the database reads. The quick pass writes values as the log has
them and leaves it to the database to convert them all at once, or to doubt; the exact pass converts each of them here.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Final, TypeVar

from logreport.errors import Doubt, LogReportError
from logreport.reading import convert
from logreport.reading.ahead import ahead
from logreport.reading.batch import Batch, Tally
from logreport.reading.columns import Row, Stored, batches
from logreport.reading.feed import Feed
from logreport.reading.fields import Keys, Target, flat, header_names, plain_targets, targets, touched
from logreport.reading.files import Log
from logreport.reading.following import folded
from logreport.reading.recognise import Format
from logreport.reading.rules import ruled
from logreport.reading.strict import select
from logreport.source import SOURCE_COLUMNS, Outcome, Rejected, Skipped, keys

T = TypeVar("T")

_TYPES: Final = {
    "count": "BIGINT",
    "flag": "BOOLEAN",
    "label": "VARCHAR",
    "number": "DOUBLE",
    "outcome": "VARCHAR",
    "reason": "VARCHAR",
    "seconds": "DOUBLE",
    "text": "VARCHAR",
    "time": "VARCHAR",
}


def careful_batches(log: Log, form: Format, folder: Path, tally: Tally, *, exact: bool) -> Iterator[Batch]:
    """The calls of a log that can be loaded; `tally` counts the records and hears of every rejected one.

    The files of a batch are gone when the next one is asked for. Without `exact`, the query of a batch raises an error
    where a value is not beyond doubt.
    """
    once = [path for target in targets(form.columns) for path in target.paths] if form.columns else []
    feed = Feed(log, form.shape, tally, once, [keys(path) for path in form.source.reads])
    wanted, fields, outcomes = _wanted(form, feed)
    rows = _rows(outcomes, feed, tally)
    if exact:
        rows = _converted(rows, wanted, fields, form, feed, tally)
    fold = folded if form.columns is None and form.source.unique_ids and not exact else None

    def made(enough: Event) -> Generator[Stored]:
        feed.until(enough)
        return _uncollected(batches(rows, folder, enough, fold))

    for stored in ahead(made):
        tally.merged += stored.merged
        there = touched(wanted, stored.types)
        query = _typed(stored) if exact else _doubting(stored, there, form)
        columns = stored.types.keys() if exact else {target.column for target in there}
        yield Batch(ruled(query, columns, **form.rules), one_thread=True)
        for path in stored.paths:
            path.unlink()


def _uncollected(things: Iterator[T]) -> Generator[T]:
    """The things, made while nobody looks for garbage that refers to itself: no record does, and looking takes time."""
    while True:
        collects = gc.isenabled()
        gc.disable()
        try:
            thing = next(things, None)
        finally:
            if collects:
                gc.enable()
        if thing is None:
            return
        yield thing


def _wanted(form: Format, feed: Feed) -> tuple[tuple[Target, ...], dict[str, str], Callable[[], Iterator[Outcome]]]:
    """What the rows are to be converted to, how their names are called in the log, who makes outcomes of records."""
    if form.columns is None:
        read = form.source.read
        assert read is not None
        return plain_targets(), {}, lambda: read(iter(feed))
    table = targets(form.columns)
    wanted, names = flat(header_names(table) if form.shape.kind == "table" else table)
    called = {name: ".".join(path) for path, name in names.items()}
    return wanted, called, lambda: _table(feed, names, wanted, form)


def _rows(outcomes: Callable[[], Iterator[Outcome]], feed: Feed, tally: Tally) -> Iterator[Row]:
    """The calls among the outcomes; the others are counted.

    A source that fails at a record loses that record and goes on behind it.
    """
    last = None
    while True:
        try:
            for outcome in outcomes():
                tally.read += 1
                if outcome.__class__ is dict:
                    yield outcome
                elif isinstance(outcome, Skipped):
                    tally.skipped[outcome.reason] += 1
                elif isinstance(outcome, Rejected):
                    tally.reject(feed.placed(outcome))
                else:
                    yield outcome
            return
        except (LogReportError, OSError, Doubt):
            raise
        except Exception as problem:
            if feed.ended or feed.place() == last:
                raise  # there is no record that it could be about
            last = feed.place()
            tally.read += 1
            reason = f"is not as this format expects it ({type(problem).__name__}: {problem})"
            tally.reject(feed.placed(Rejected(reason=reason)))


def _table(feed: Feed, names: Mapping[Keys, str], wanted: Sequence[Target], form: Format) -> Iterator[Outcome]:
    """The values at the paths of a table of columns, each under its name, as `flat` gave them."""
    paths = [(name, path) for path, name in names.items()]
    signs = form.signs(wanted)
    judged = signs.judge() if signs else None
    for document in feed:
        for record in form.records(document):
            if not isinstance(record, dict):
                yield Rejected(reason=f"is not an object but {convert.called(record)}")
                continue
            try:
                row = {name: value for name, path in paths if (value := convert.at(record, path)) is not None}
            except convert.Wrong as problem:
                yield Rejected(field=problem.field, reason=problem.reason)
                continue
            if judged and (why := judged(row)):
                yield Skipped(why)
            elif not row:
                yield Rejected(reason=convert.NO_FIELD)
            else:
                yield row


def _converted(
    rows: Iterable[Row], wanted: Sequence[Target], fields: Mapping[str, str], form: Format, feed: Feed, tally: Tally
) -> Iterator[Row]:
    """The rows with their values converted; a row with a value that cannot be is rejected."""
    by_column = {target.column: target for target in wanted}
    for row in rows:
        try:
            if form.columns is None:
                chosen = [_target(by_column, column) for column in row]
            else:
                chosen = list(wanted)
            found = {path: row.get(path[0]) for target in chosen for path in target.paths}
            converted = convert.row(found, chosen, form.zone, fields)
        except convert.Wrong as problem:
            tally.reject(feed.placed(Rejected(field=problem.field, reason=problem.reason)))
        else:
            yield {
                column: value.isoformat(sep=" ", timespec="microseconds") if isinstance(value, datetime) else value
                for column, value in converted.items()
            }


def _target(by_column: Mapping[str, Target], column: str) -> Target:
    if column not in by_column:
        raise convert.Wrong(column, "is no column of a call")
    return by_column[column]


def _doubting(stored: Stored, wanted: Sequence[Target], form: Format) -> str:
    if form.columns is None and (strange := stored.names - SOURCE_COLUMNS.keys()):
        raise Doubt(f"no columns of a call: {strange}")
    return select(stored.paths, wanted, form.zone, stored)


def _typed(stored: Stored) -> str:
    values = ", ".join(
        f"CAST({column} AS TIMESTAMP) AS {column}" if SOURCE_COLUMNS[column] == "time" else column
        for column in stored.types
    )
    return f"SELECT {values} FROM {stored.reader({column: _TYPES[SOURCE_COLUMNS[column]] for column in stored.types})}"
