"""JSON values that stand after one another or in an array, over any number of lines, whole or damaged.

Behind a record that is broken, reading goes on where the next one begins: at a bracket that stands as the first
record's does, or that is followed by the same key and belongs to an object like the last one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from logreport.reading.decode import BROKEN, NotJson, decode, parse
from logreport.reading.files import LONGEST, WINDOW, LogText
from logreport.reading.records import COMMENTS, KEPT, MARKERS, NULS, OVERLONG, Place, end_of_value, told
from logreport.source import Rejected

if TYPE_CHECKING:
    from logreport.reading.batch import Tally
    from logreport.reading.shape import Shape

_SPACE: Final = re.compile(rb"(?:[\s\x1e]|\xef\xbb\xbf)*+")
_BETWEEN: Final = re.compile(rb"(?:[\s,\x1e]|\xef\xbb\xbf)*+")
_NULS: Final = re.compile(rb"\0*+")
_LINE_END: Final = re.compile(rb"[\r\n]")
_FIRST_KEY: Final = re.compile(rb'\{(\s*)("(?:[^"\\]|\\.)*+")', re.DOTALL)
_ARRAY_OF_RECORDS: Final = re.compile(rb"\[(?:\s|(?://|#)[^\r\n]*)*\{")
_APART: Final = re.compile(rb"\}\s*+,\s*+\{")
_MARKER: Final = re.compile(rb"^(?:<{7}|={7}|>{7}|\|{7})", re.MULTILINE)
#: Another field behind a record: a bracket closed it that does not belong there.
_GOES_ON: Final = re.compile(rb'\s*(?:,\s*("(?:[^"\\]|\\.)*+")|:)')
_NEAR: Final = 256
#: Where nothing is known of the records yet, one may begin here.
_ANY_OBJECT: Final = re.compile(rb'[,\s](?=\{\s*")')
#: How far back white space is kept that tells how a record is indented.
_BACK: Final = 256
#: A record that may be one is not waited for longer than this.
_UNSURE: Final = 16 << 20
_UNFINISHED: Final = "the file ends before its array does"
_CUT: Final = "the file ends inside this record"
_TOO_EARLY: Final = "is not JSON: it ends before its last field"
_RUNS_ON: Final = "is not JSON: it goes on where the next record begins"


class Cursor:
    """A place in a text that is read window by window."""

    def __init__(self, windows: Iterator[bytes], text: LogText, line: int = 1, offset: int | None = None) -> None:
        self.text = text
        self._windows = windows
        self.buffer = b""
        self.at = 0
        self.complete = False
        self.reached = 0
        self._fresh = offset is None
        self.before = offset or 0
        self._line = line
        self._counted = 0

    @property
    def offset(self) -> int:
        return self.before + self.at

    def place(self, at: int, end: int | None = None) -> Place:
        """Where that byte of the buffer stands."""
        if at < self._counted:
            self._line -= self.buffer.count(b"\n", at, self._counted)
        else:
            self._line += self.buffer.count(b"\n", self._counted, at)
        self._counted = at
        stop = at + KEPT if end is None else min(end, at + KEPT)
        return Place(self._line, self.before + at, self.buffer[at:stop])

    def more(self) -> bool:
        """Get more text; always at least as much as is there, so that a huge record is not scanned too often."""
        if self.complete:
            return False
        cut = max(0, self.at - _BACK)
        self.place(cut)  # the lines before the cut are counted before they go
        kept = [self.buffer[cut:]]
        self.before += cut
        self.at -= cut
        self._counted = 0
        wanted = max(WINDOW, len(kept[0]))
        for window in self._windows:
            kept.append(window)
            self.reached += len(window)
            wanted -= len(window)
            if wanted <= 0:
                break
        else:
            self.complete = True
        if self._fresh:
            self._fresh, self.before = False, self.text.marked
        self.buffer = b"".join(kept)
        return True

    def skip(self, pattern: re.Pattern[bytes]) -> bytes:
        """Go behind what the pattern matches, however long that is, and return the next byte; b"" at the end."""
        while True:
            match = pattern.match(self.buffer, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.buffer):
                return self.buffer[self.at : self.at + 1]
            if not self.more():
                return b""

    def ahead(self, length: int) -> None:
        """Have so much of the text in the buffer, if there is."""
        while len(self.buffer) < self.at + length and self.more():
            pass

    def line(self) -> bytes:
        """Go to the end of the line; what stood on it, or the beginning of what is too long."""
        begin = b""
        while not (end := _LINE_END.search(self.buffer, self.at)):
            if len(self.buffer) - self.at > LONGEST:
                begin, self.at = begin or self.buffer[self.at : self.at + KEPT], len(self.buffer)
            if not self.more():
                break
        stop = end.start() if end else len(self.buffer)
        line = begin or self.buffer[self.at : stop]
        self.at = stop
        return line


class Values:
    """Records after one another, with `Skipped` and `Rejected` for what is none. Without a shape, they are objects."""

    def __init__(self, cursor: Cursor, shape: Shape | None, tally: Tally) -> None:
        self._cursor = cursor
        self._shape = shape
        self._tally = tally
        self._begin = 0
        self._end = 0
        self._place: Place | None = None
        self._border = _Border()
        self._resumed = False
        self._over = False
        self._separator = _separator(shape.separator) if shape is not None else b""
        self._tried = 0

    @property
    def reached(self) -> int:
        """How many bytes of the text were looked at so far."""
        return self._cursor.reached

    def place(self) -> Place:
        """Where stands what was yielded last."""
        return self._place or self._cursor.place(self._begin, self._end)

    @property
    def raw(self) -> bytes:
        """The text of what was yielded last."""
        return self._cursor.buffer[self._begin : self._end]

    def __iter__(self) -> Iterator[Any]:
        if self._shape is not None and self._shape.kind == "envelope":
            yield from self._document(self._shape)
        else:
            yield from self._top(array=self._shape is not None and self._shape.kind == "array")
        damage = self._cursor.text.damage
        if damage and not self._over:
            yield self._rejected(damage)

    def _top(self, *, array: bool = False) -> Iterator[Any]:
        """Objects, arrays of objects, and lines that are neither; `array` where the first thing is an array."""
        cursor = self._cursor
        while (byte := cursor.skip(_BETWEEN)) and not self._over:
            cursor.ahead(KEPT)
            if byte == b"[" and (array or _ARRAY_OF_RECORDS.match(cursor.buffer, cursor.at)):
                array = False
                cursor.at += 1
                self._border = _Border()
                yield from self._array()
            elif byte == b"{":
                yield from self._record()
            elif byte == b"\0":
                cursor.skip(_NULS)
                self._tally.note(NULS)
            else:
                yield from self._text_line()

    def _document(self, shape: Shape) -> Iterator[Any]:
        cursor = self._cursor
        cursor.ahead(shape.start)
        while end := _LINE_END.search(cursor.buffer, cursor.at, shape.start - len(shape.prefix)):
            yield from self._text_line()
            cursor.at = end.end()
        cursor.at = shape.start
        yield from self._array()
        if self._over:
            return
        cursor.ahead(LONGEST)
        rest = cursor.buffer[cursor.at :]
        try:
            decode(shape.prefix + b"]" + rest)
        except NotJson:
            yield from self._lost(cursor.text.damage or "what follows the array of records is not JSON")

    def _text_line(self) -> Iterator[Any]:
        cursor = self._cursor
        place = cursor.place(cursor.at)
        raw = cursor.line()
        for outcome in told(raw, self._tally):
            self._place = place._replace(raw=raw[:KEPT])
            yield outcome
        self._place = None

    def _array(self) -> Iterator[Any]:
        """The records up to the end of the array: the cursor stands behind its bracket."""
        cursor = self._cursor
        due, comma = True, False  # a record is to come; the last thing was a comma
        while byte := self._inside():
            if byte == b"]":
                if comma:
                    self._tally.note("an array ends with a comma")
                cursor.at += 1
                return
            if byte == b",":
                if due:
                    yield self._rejected("a record was expected, not ','")
                cursor.at += 1
                due = comma = True
            elif cursor.buffer.startswith(MARKERS, cursor.at):
                yield from self._text_line()
            elif not due and byte != b"{":
                yield from self._lost("',' or ']' was expected after a record")
                due, comma = True, False
            else:
                if not due:
                    self._tally.note("a comma is missing between records of an array")
                yield from self._quickly()
                yield from self._record(inside=True)
                due, comma = self._resumed, False
            if self._over:
                return
        yield self._rejected(cursor.text.damage or _UNFINISHED)
        self._over = True

    def _inside(self) -> bytes:
        """The next byte in an array that is neither white space nor in a comment."""
        cursor = self._cursor
        while (byte := cursor.skip(_SPACE)) in (b"/", b"#"):
            cursor.ahead(2)
            if not cursor.buffer.startswith(COMMENTS, cursor.at):
                break
            cursor.line()
        return byte

    def _quickly(self) -> Iterator[Any]:
        """The records that stand apart as the first two do, but for the last one.

        Where the text between two separators is one JSON value, it is one record: no need to look at its brackets.
        """
        cursor, separator = self._cursor, self._separator
        if not separator or cursor.offset < self._tried:
            return
        gap = separator.index(b"{")
        while True:
            buffer, at = cursor.buffer, cursor.at
            while (end := buffer.find(separator, at)) >= 0:
                try:
                    record = parse(buffer[at : end + 1])
                except BROKEN:
                    self._tried = cursor.before + end
                    return
                self._begin, self._end = at, end + 1
                at = cursor.at = end + gap
                yield record
                self._border.last = record
            if len(buffer) - at > LONGEST or _APART.search(buffer, at) or not cursor.more():
                self._tried = cursor.before + len(cursor.buffer)
                return

    def _record(self, *, inside: bool = False) -> Iterator[Any]:
        cursor = self._cursor
        self._resumed = False
        self._border.learn(cursor, inside=inside)
        end = self._whole()
        if end is None:
            yield from self._lost(self._endless())
            return
        raw = cursor.buffer[cursor.at : end]
        try:
            record = decode(raw)
        except NotJson as problem:
            if problem.structural:
                yield from self._lost(problem.reason, problem.offset or 0)
                return
            record = Rejected(reason=problem.reason)
        cursor.ahead(end - cursor.at + _NEAR)
        more = _GOES_ON.match(cursor.buffer, cursor.at + len(raw))
        if more and more.group(1) != self._border.key:
            yield from self._lost(_TOO_EARLY, len(raw))
            return
        self._begin, self._end = cursor.at, cursor.at + len(raw)
        cursor.at = self._end
        if isinstance(record, dict):
            self._border.last = record
        yield record

    def _whole(self) -> int | None:
        """Where the value ends that begins here; None where the text ends before, or another record begins."""
        cursor = self._cursor
        while (end := end_of_value(cursor.buffer, cursor.at, complete=cursor.complete)) is None:
            if len(cursor.buffer) - cursor.at > LONGEST or self._border.next(cursor, cursor.at + 1) is not None:
                return None
            if not cursor.more():
                return None
        return end

    def _endless(self) -> str:
        """Why a value has no end."""
        cursor = self._cursor
        if self._border.next(cursor, cursor.at + 1) is not None:
            return _RUNS_ON
        return (cursor.text.damage or _CUT) if cursor.complete else OVERLONG

    def _rejected(self, reason: str) -> Rejected:
        self._place = None
        self._begin = self._cursor.at
        self._end = self._begin + KEPT
        return Rejected(reason=reason, offset=self._cursor.offset)

    def _lost(self, reason: str, after: int = 0) -> Iterator[Any]:
        """Reject what stands here, and go on where the next record begins; `after` so many bytes something is wrong."""
        cursor = self._cursor
        self._place = cursor.place(cursor.at)
        begin = cursor.offset
        where = begin + after
        limit = self._border.next(cursor, cursor.at + 1)
        if marker := _MARKER.search(cursor.buffer, cursor.at, len(cursor.buffer) if limit is None else limit):
            reason, where = "holds a merge-conflict marker", begin + marker.start() - cursor.at
        found = self._border.find(cursor)
        missed = f"{cursor.offset - begin:,} bytes were not read" if found else "the rest was not read"
        self._resumed, self._over = found, not found
        yield Rejected(reason=f"{reason}{'; ' if ': ' in reason else ': '}{missed}", offset=where)
        self._place = None


def _separator(seen: bytes) -> bytes:
    """What stands between two records; without the first key of the second where a new line tells them apart."""
    before, bracket, _ = seen.partition(b"{")
    return before + bracket if b"\n" in before else seen


class _Border:
    """What tells where a record begins, learned from the first one: its indentation, or its first key."""

    def __init__(self) -> None:
        self._pattern: re.Pattern[bytes] | None = None
        self._exact = False
        self._unsure: int | None = None
        self.key = b""
        self.last: Mapping[str, Any] | None = None

    def learn(self, cursor: Cursor, *, inside: bool) -> None:
        if self._pattern is not None or not cursor.buffer.startswith(b"{", cursor.at):
            return
        cursor.ahead(KEPT)
        opening = _FIRST_KEY.match(cursor.buffer, cursor.at)
        space, self.key = opening.groups() if opening else (b"", b"")
        # Where every key stands at the beginning of its line, every bracket may.
        self._exact = not space.endswith((b"\n", b"\r"))
        begin = max(cursor.buffer.rfind(b"\n", 0, cursor.at), cursor.buffer.rfind(b"\r", 0, cursor.at))
        indent = cursor.buffer[begin : cursor.at] if begin >= 0 else b""
        like = rb"(?=\{\s*" + re.escape(self.key) + b")"
        if not inside:
            self._pattern = re.compile(rb"[\r\n]\x1e?(?=\{)|\}[ \t,\x1e]*" + like)
        elif indent.isspace():
            self._pattern = re.compile(re.escape(indent) + rb"(?=\{)")
        else:
            self._pattern = re.compile(rb",\s*" + like)

    def next(self, cursor: Cursor, at: int) -> int | None:
        """Where in the buffer another record begins."""
        self._unsure = None
        for match in (self._pattern or _ANY_OBJECT).finditer(cursor.buffer, at):
            begin = match.end()
            if self._exact and match.group()[:1] in (b"\n", b"\r"):
                return begin
            end = end_of_value(cursor.buffer, begin, complete=True)
            if end is None:
                self._unsure = begin if self._unsure is None else self._unsure
            elif self._alike(cursor.buffer[begin:end]):
                return begin
        return None

    def _alike(self, raw: bytes) -> bool:
        try:
            record = parse(raw)
        except BROKEN:
            return False
        last = self.last
        return isinstance(record, dict) and (last is None or sum(key in last for key in record) * 2 > len(record))

    def find(self, cursor: Cursor) -> bool:
        """Go to the next record behind this place; to the end of the text where there is none."""
        at, beyond = cursor.at + 1, cursor.offset
        while (found := self.next(cursor, at)) is None:
            unsure = self._unsure
            if unsure is None or len(cursor.buffer) - unsure > _UNSURE:
                unsure = len(cursor.buffer)
            cursor.at = max(at, unsure)
            if not cursor.more():
                cursor.at = len(cursor.buffer)
                return False
            at = max(0, cursor.at - _BACK, beyond + 1 - cursor.before)
        cursor.at = found
        return True
