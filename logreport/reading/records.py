"""The records of JSON Lines, decoded one after the other; a line that is broken costs itself only."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from logreport.reading.decode import BRACKET, BROKEN, NotJson, decode, parse
from logreport.reading.files import BOM, LONGEST, LogText, Overlong, whole_lines
from logreport.source import Rejected, Skipped

if TYPE_CHECKING:
    from logreport.reading.batch import Tally
    from logreport.reading.values import Values

#: How much of a text that is no record is kept, in bytes.
KEPT: Final = 1 << 16
MARKERS: Final = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
COMMENTS: Final = (b"//", b"#")
A_COMMENT: Final = Skipped("a comment")
MARKER: Final = "is a merge-conflict marker, not a record"
OVERLONG: Final = f"is longer than {LONGEST >> 20} MiB"
NULS: Final = "NUL bytes stand between the records, as a crash leaves them"

_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR: Final = re.compile(rb"[^\s,\]}\[{\"]+")
#: A text in which every string ends.
_CLOSED: Final = re.compile(rb'(?:[^"]++|"(?:[^"\\]++|\\.)*+")*', re.DOTALL)
#: The beginning of an array of records.
_ARRAY: Final = re.compile(rb"\[\s*(?:\{.*)?", re.DOTALL)
#: What may stand around a record on its line: white space, NUL bytes of a crash, the mark of JSON text sequences.
_AROUND: Final = b" \t\r\n\v\f\0\x1e"
_BETWEEN: Final = re.compile(rb"[\s,\x1e]*+")


class Place(NamedTuple):
    """Where something stands: its line from 1, its first byte from 0 (in the decompressed text), and its beginning."""

    line: int
    offset: int
    raw: bytes


def end_of_value(text: bytes, start: int, *, complete: bool) -> int | None:
    """Where the value that begins at `start` ends; None when the text ends before it does."""
    first = text[start : start + 1]
    if first in (b"{", b"["):
        depth, at = 0, start
        while bracket := BRACKET.match(text, at):
            begin, at = bracket.span(1)
            if text[begin] in b"{[":
                depth += at - begin
            elif depth <= at - begin:
                return begin + depth
            else:
                depth -= at - begin
        return None
    if first == b'"':
        string = _STRING.match(text, start)
        return string.end() if string else None
    scalar = _SCALAR.match(text, start)
    end = scalar.end() if scalar else start + 1
    return end if complete or end < len(text) else None


class Lines:
    """Records that stand on a line each, with `Skipped` and `Rejected` for what is none.

    Where an object begins on one line and goes on on the next ones, `Values` reads what is left.
    """

    def __init__(self, text: LogText, tally: Tally, parse: Callable[[bytes], Any] = parse) -> None:
        self._text = text
        self._tally = tally
        self._parse = parse
        self._blocks: Iterator[bytes] = whole_lines(text)
        self._lines: list[bytes] = []
        self._at = 0
        self._line = 1
        self._offset = 0
        self._measured = (0, 0)
        self._inner: Values | None = None
        self.reached = 0

    def __iter__(self) -> Iterator[Any]:
        for block in self._blocks:
            self.reached += len(block)
            if isinstance(block, Overlong):
                self._lines, self._at, self._measured = [block], 0, (0, 0)
                yield Rejected(reason=OVERLONG)
                self._offset += block.length - len(block)
            else:
                yield from self._block(block)
            if self._inner is not None:
                return
            self._line += len(self._lines)
            self._offset += len(block)
        if self._text.damage:
            self._lines, self._at, self._measured = [b""], 0, (0, 0)
            yield Rejected(reason=self._text.damage, offset=self.place().offset)

    def _block(self, block: bytes) -> Iterator[Any]:
        parse = self._parse
        self._lines, self._measured = block.splitlines(keepends=True), (0, 0)
        for at, raw in enumerate(self._lines):
            self._at = at
            try:
                record = parse(raw)
            except BROKEN:
                if self._goes_on(raw):
                    yield from self._others()
                    return
                yield from told(raw, self._tally)
            else:
                if record.__class__ is str:
                    yield from inside(record)
                else:
                    yield record

    def place(self) -> Place:
        """Where stands what was yielded last."""
        if self._inner is not None:
            return self._inner.place()
        lines, length = self._measured
        length += sum(map(len, self._lines[lines : self._at]))
        self._measured = (self._at, length)
        return Place(self._line + self._at, self._offset + length + self._text.marked, self.raw[:KEPT])

    @property
    def raw(self) -> bytes:
        """The text of what was yielded last."""
        if self._inner is not None:
            return self._inner.raw
        return self._lines[self._at] if self._lines else b""

    def _goes_on(self, raw: bytes) -> bool:
        """Whether an object begins here that ends on a later line: it is open, and the next line is no record."""
        bare = raw.strip(_AROUND)
        if not bare.startswith(b"{"):
            return _ARRAY.fullmatch(bare) is not None and not end_of_value(bare, 0, complete=True)
        if end_of_value(bare, 0, complete=True) or not _CLOSED.fullmatch(bare):
            return False
        following = next((line for line in self._lines[self._at + 1 :] if not line.isspace()), b"")
        if not following:
            block = next(self._blocks, b"")
            self._blocks = itertools.chain([block], self._blocks)
            following = next((line for line in block[:KEPT].splitlines() if not line.isspace()), b"")
        return bool(following) and not _is_record(following)

    def _others(self) -> Iterator[Any]:
        from logreport.reading.values import Cursor, Values

        left = itertools.chain([b"".join(self._lines[self._at :])], self._blocks)
        place = self.place()
        self._inner = Values(Cursor(left, self._text, place.line, place.offset), None, self._tally)
        yield from self._inner


def _is_record(line: bytes) -> bool:
    if line.startswith(b"{"):
        return True
    try:
        return isinstance(decode(line.strip(_AROUND)), dict)
    except NotJson:
        return False


def told(raw: bytes, tally: Tally) -> Iterator[Any]:
    """What a line holds that is not one JSON value as it stands."""
    bare = raw.strip(_AROUND).removeprefix(BOM).strip(_AROUND)
    if not bare:
        if b"\0" in raw:
            yield Rejected(reason="holds nothing but NUL bytes")
        return
    if bare.startswith(COMMENTS):
        yield A_COMMENT
    elif bare.startswith(MARKERS):
        yield Rejected(reason=MARKER)
    else:
        if b"\0" in raw:
            tally.note(NULS)
        yield from _decoded(bare)


def _decoded(bare: bytes) -> Iterator[Any]:
    try:
        yield from inside(decode(bare))
    except NotJson as problem:
        several = _several(bare)
        if not several:
            yield Rejected(reason=problem.reason)
        for part in several:
            try:
                yield decode(part)
            except NotJson as broken:
                yield Rejected(reason=broken.reason)


def _several(bare: bytes) -> list[bytes]:
    """The objects that stand on one line, with a comma between and after them or nothing; empty where more does."""
    parts: list[bytes] = []
    at = 0
    while at < len(bare):
        end = end_of_value(bare, at, complete=True) if bare.startswith(b"{", at) else None
        if end is None and not (parts and bare.startswith(b"{", at)):
            return []
        parts.append(bare[at:end])
        between = _BETWEEN.match(bare, end or len(bare))
        at = between.end() if between else len(bare)
    return parts


def inside(value: Any) -> Iterator[Any]:
    """The value; or the records that a JSON text holds, which was written as JSON once more."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        yield value
        return
    try:
        whole = decode(value.encode())
    except NotJson:
        for line in value.splitlines():
            if line and not line.isspace():
                yield from _decoded(line.strip().encode())
        return
    if isinstance(whole, list):
        yield from whole
    else:
        yield whole
