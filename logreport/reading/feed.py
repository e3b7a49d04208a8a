"""The records of a log, decoded, one after the other; what cannot be decoded is rejected on the way."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from threading import Event
from typing import Any, Final

from logreport.reading.batch import Tally
from logreport.reading.decode import escaped_key, keys_of, parse, parser, told_twice
from logreport.reading.files import Log, LogText
from logreport.reading.records import Lines, Place
from logreport.reading.shape import Shape
from logreport.reading.tables import Rows
from logreport.reading.values import Cursor, Values
from logreport.source import Rejected, Skipped

_TWICE: Final = "is there twice, with different values"


def records(text: LogText, shape: Shape, tally: Tally, reads: Collection[Sequence[str]] = ()) -> Lines | Values | Rows:
    """What goes through the text: it yields the records, with `Skipped` and `Rejected` for what is none.

    With `reads`, records may be without what does not stand at these paths.
    """
    if shape.kind == "table":
        return Rows(text, shape, tally)
    if shape.kind == "lines":
        return Lines(text, tally, parser(reads) if reads else parse)
    return Values(Cursor(iter(text), text), shape, tally)


class Feed:
    """Goes through a log once. `tally` counts what is no record and hears of what is none that can be read.

    A record that has a key on one of the paths of `once` twice, with different values, is rejected. With `reads`,
    records may be without what does not stand at these paths.
    """

    def __init__(
        self,
        log: Log,
        shape: Shape,
        tally: Tally,
        once: Collection[Sequence[str]] = (),
        reads: Collection[Sequence[str]] = (),
    ) -> None:
        self._text = LogText(log)
        self._tally = tally
        self._records = records(self._text, shape, tally, reads)
        read = self._read() if not once or shape.kind == "table" else self._read_once(once)
        self._left = itertools.chain.from_iterable((read,))  # which nobody can close
        self.ended = False

    def __iter__(self) -> Iterator[Any]:
        """The records that are left."""
        return self._left

    def until(self, enough: Event) -> None:
        """Read no further once this is set."""
        self._text.enough = enough

    def place(self) -> Place:
        """Where the record stands that was read last."""
        return self._records.place()

    def placed(self, rejected: Rejected) -> Rejected:
        """The rejection with the place and the text of the record that was read last, where it has none of its own."""
        if rejected.line is not None:
            return rejected
        line, _, raw = self._records.place()
        return replace(rejected, record=self._tally.read, line=line, raw=raw.decode("utf-8", "replace"))

    def _read(self) -> Iterator[Any]:
        try:
            for record in self._records:
                kind = record.__class__
                if kind is dict or not self._is_none(record):
                    yield record
        finally:
            self.ended = True
        self._told_encoding()

    def _read_once(self, paths: Collection[Sequence[str]]) -> Iterator[Any]:
        keys = keys_of(paths).findall
        for record in self._read():
            raw = self._records.raw
            found = keys(raw)
            doubtful = len(found) > len(set(found)) or escaped_key(raw)
            if doubtful and (field := told_twice(raw, paths)):
                self._reject(Rejected(field=field, reason=_TWICE))
            else:
                yield record

    def _is_none(self, record: Any) -> bool:
        """Count what is no record."""
        if isinstance(record, Skipped):
            self._tally.read += 1
            self._tally.skipped[record.reason] += 1
            return True
        if isinstance(record, Rejected):
            self._reject(record)
            return True
        return False

    def _reject(self, rejected: Rejected) -> None:
        self._tally.read += 1
        self._tally.reject(self.placed(rejected))

    def _told_encoding(self) -> None:
        if self._text.encoding.startswith(("utf-16", "utf-32")):
            self._tally.note(f"the file is {self._text.encoding[:6].upper()}")
