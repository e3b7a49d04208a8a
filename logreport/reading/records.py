"""The text of a log cut into its records, each with the place where it begins; in bounded memory, damaged or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from logreport.reading.decode import NotJson, decode
from logreport.reading.files import WINDOW, LogText

if TYPE_CHECKING:
    from logreport.reading.shape import Shape

#: The next bracket that is not inside a string.
_BRACKET: Final = re.compile(rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+([{}\[\]])', re.DOTALL)
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR: Final = re.compile(rb"[^\s,\]}\[{\"]+")
_SPACE: Final = re.compile(rb"[ \t\r\n]*")
#: How much of a text that is no record is kept.
_REST: Final = 1 << 16
_SLASH: Final = ord("/")
_UNFINISHED: Final = "the file ends before its array does"


class Piece(NamedTuple):
    """One record's text. `broken` says why it is none: what stands here is what is left of the file."""

    raw: bytes
    line: int
    offset: int
    broken: str = ""


def pieces(text: LogText, shape: Shape) -> Iterator[Piece]:
    """The records of the text: lines count from 1, offsets from 0 (in the decompressed text)."""
    if shape.kind == "lines":
        return _lines(text)
    return _values(_Cursor(text), shape)


def end_of_value(text: bytes, start: int, *, complete: bool) -> int | None:
    """Where the value that begins at `start` ends; None when the text ends before it does."""
    first = text[start : start + 1]
    if first in (b"{", b"["):
        depth, at = 0, start
        while bracket := _BRACKET.match(text, at):
            at = bracket.end()
            depth += 1 if bracket.group(1) in b"{[" else -1
            if depth <= 0:
                return at
        return None
    if first == b'"':
        string = _STRING.match(text, start)
        return string.end() if string else None
    scalar = _SCALAR.match(text, start)
    end = scalar.end() if scalar else start + 1
    return end if complete or end < len(text) else None


def _lines(text: LogText) -> Iterator[Piece]:
    number, offset, rest = 1, 0, b""
    held: list[bytes] = []
    for window in text:
        if b"\n" not in window:
            held.append(window)
            continue
        lines = b"".join((rest, *held, window)).split(b"\n")
        held, rest = [], lines.pop()
        for line in lines:
            if line and not line.isspace():
                yield Piece(line, number, offset + text.marked)
            number += 1
            offset += len(line) + 1
    rest = b"".join((rest, *held))
    if text.damage:
        yield Piece(rest[:_REST], number, offset + text.marked, text.damage)
    elif rest and not rest.isspace():
        yield Piece(rest, number, offset + text.marked)


class _Cursor:
    """A place in a text that is read window by window."""

    def __init__(self, text: LogText) -> None:
        self.text = text
        self._windows = iter(text)
        self.buffer = b""
        self.at = 0
        self.complete = False
        self._dropped = 0
        self._line = 1
        self._counted = 0

    @property
    def offset(self) -> int:
        return self._dropped + self.at + self.text.marked

    @property
    def line(self) -> int:
        self._line += self.buffer.count(b"\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def more(self) -> bool:
        """Get more text; always at least as much as is there, so that a huge record is not scanned too often."""
        if self.complete:
            return False
        _ = self.line  # the lines before the cut are counted before they go
        kept = [self.buffer[self.at :]]
        self._dropped += self.at
        self.at = self._counted = 0
        wanted = max(WINDOW, len(kept[0]))
        for window in self._windows:
            kept.append(window)
            wanted -= len(window)
            if wanted <= 0:
                break
        else:
            self.complete = True
        self.buffer = b"".join(kept)
        return True

    def skip_space(self) -> bytes:
        """Go to the next byte that is not white space and return it; b"" at the end."""
        while True:
            space = _SPACE.match(self.buffer, self.at)
            self.at = space.end() if space else self.at
            if self.at < len(self.buffer) and self.buffer[self.at] == _SLASH and self._skip_comment():
                continue
            if self.at < len(self.buffer):
                return self.buffer[self.at : self.at + 1]
            if not self.more():
                return b""

    def _skip_comment(self) -> bool:
        """Go to the end of a line that begins with two slashes; False where there is none here."""
        while len(self.buffer) < self.at + 2 and self.more():
            pass
        if self.buffer[self.at : self.at + 2] != b"//":
            return False
        while (end := self.buffer.find(b"\n", self.at)) < 0 and self.more():
            pass
        self.at = len(self.buffer) if end < 0 else end
        return True

    def skip(self, count: int) -> None:
        while self.at + count > len(self.buffer) and self.more():
            pass
        self.at += count

    def value(self) -> Piece | None:
        """The value that begins here, or None when the text ends before it does."""
        while (end := end_of_value(self.buffer, self.at, complete=self.complete)) is None:
            if not self.more():
                return None
        piece = Piece(self.buffer[self.at : end], self.line, self.offset)
        self.at = end
        return piece

    def broken(self, reason: str) -> Piece:
        return Piece(self.buffer[self.at : self.at + _REST], self.line, self.offset, self.text.damage or reason)

    def rest(self) -> bytes:
        while self.more():
            pass
        return self.buffer[self.at :]


def _values(cursor: _Cursor, shape: Shape) -> Iterator[Piece]:
    cursor.skip(shape.start)
    apart = shape.kind != "objects"
    first = True
    while True:
        byte = cursor.skip_space()
        if apart and first and byte == b"]":
            break
        if not byte:
            if apart or cursor.text.damage:
                yield cursor.broken(_UNFINISHED)
            return
        if byte in (b",", b"]", b"}", b":"):
            yield cursor.broken(f"a record was expected, not {byte.decode()!r}")
            return
        piece = cursor.value()
        if piece is None:
            yield cursor.broken("the file ends inside this record")
            return
        yield piece
        first = False
        if apart:
            byte = cursor.skip_space()
            if byte == b"]":
                break
            if byte != b",":
                yield cursor.broken("',' or ']' was expected after a record" if byte else _UNFINISHED)
                return
            cursor.skip(1)
    yield from _after(cursor, shape)


def _after(cursor: _Cursor, shape: Shape) -> Iterator[Piece]:
    """What stands after the array must be nothing, or the end of the document that holds it."""
    if shape.kind == "envelope":
        rest = cursor.rest()
        try:
            decode(shape.prefix + rest)
        except NotJson:
            yield cursor.broken("what follows the array of records is not JSON")
        else:
            if cursor.text.damage:
                yield cursor.broken("")
        return
    cursor.skip(1)
    if cursor.skip_space() or cursor.text.damage:
        yield cursor.broken("more text after the end of the array")
