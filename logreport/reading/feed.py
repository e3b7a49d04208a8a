"""The records of a log, decoded, one after the other; what cannot be decoded is rejected on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from logreport.reading import tables
from logreport.reading.batch import Tally
from logreport.reading.decode import NotJson, decode
from logreport.reading.files import Log, LogText
from logreport.reading.records import Piece, pieces
from logreport.reading.shape import Shape
from logreport.source import Rejected

#: How much of a rejected record is kept, in bytes.
_RAW: Final = 1 << 16
_MARKERS: Final = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
_COMMENTS: Final = (b"//", b"#")
_ENDED: Final = object()


class Feed:
    """Goes through a log once. `tally` counts what is no record and hears of what is none that can be read."""

    def __init__(self, log: Log, shape: Shape, tally: Tally) -> None:
        self._text = LogText(log)
        self._shape = shape
        self._tally = tally
        self._piece: Piece | None = None
        self._row: tables.Row | None = None
        self._records = self._table() if shape.kind == "table" else self._json()
        self.ended = False

    def __iter__(self) -> Iterator[Any]:
        """The records that are left."""
        return self

    def __next__(self) -> Any:
        record = next(self._records, _ENDED)
        if record is _ENDED:
            self.ended = True
            raise StopIteration
        return record

    def placed(self, rejected: Rejected) -> Rejected:
        """The rejection with the place and the text of the record that was read last, where it has none of its own."""
        if rejected.line is not None:
            return rejected
        line, raw = None, rejected.raw
        if self._piece is not None:
            line, raw = self._piece.line, self._piece.raw[:_RAW].decode("utf-8", "replace")
        elif self._row is not None:
            line, raw = self._row.line, self._row.raw[:_RAW]
        return replace(rejected, record=self._tally.read, line=line, raw=raw)

    def _reject(self, reason: str, offset: int | None = None) -> None:
        self._tally.read += 1
        self._tally.reject(self.placed(Rejected(reason=reason, offset=offset)))

    def _table(self) -> Iterator[Any]:
        for row in tables.rows(self._text, self._shape, self._tally):
            self._row = row
            if row.wrong:
                self._reject(row.wrong)
            else:
                yield row.values
        self._told_encoding()

    def _json(self) -> Iterator[Any]:
        lines = self._shape.kind == "lines"
        for piece in pieces(self._text, self._shape):
            self._piece = piece
            if piece.broken:
                self._reject(piece.broken, piece.offset)
                break
            try:
                record = decode(piece.raw)
            except NotJson as problem:
                if not self._no_record(piece, problem, lines=lines):
                    break
            else:
                yield record
        self._told_encoding()

    def _no_record(self, piece: Piece, problem: NotJson, *, lines: bool) -> bool:
        """Count what is not JSON; False where nobody knows where the next record begins."""
        start = piece.raw.lstrip()
        if lines and start.startswith(_COMMENTS):
            self._tally.read += 1
            self._tally.skipped["a comment"] += 1
        elif lines and start.startswith(_MARKERS):
            self._reject("is a merge-conflict marker, not a record")
        elif not lines and problem.structural:
            self._reject(f"{problem.reason}; the rest was not read", piece.offset + (problem.offset or 0))
            return False
        else:
            self._reject(problem.reason)
        return True

    def _told_encoding(self) -> None:
        if self._text.encoding.startswith("utf-16"):
            self._tally.note("the file is UTF-16")
