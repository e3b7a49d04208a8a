"""The rows of a CSV as records: texts by the names of its header, with the line where each begins."""

from __future__ import annotations

import csv
import io
import itertools
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from logreport.reading.files import LogText, Overlong, whole_lines
from logreport.reading.records import A_COMMENT, KEPT, Place
from logreport.reading.words import NOTHING
from logreport.source import Rejected, Skipped

if TYPE_CHECKING:
    from logreport.reading.batch import Tally
    from logreport.reading.shape import Shape

#: What a first column is called that only the rows have: their numbers, as R writes them.
ROW_NUMBER: Final = "row number"

_MARKERS: Final = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_COMMENTS: Final = ("#", "//")
_HEADER_AGAIN: Final = Skipped("a header line again")
_EMPTY_ROW: Final = Skipped("an empty row")
_MARKER: Final = "is a merge-conflict marker, not a row"
_OPEN: Final = "opens a quote that nothing closes"
_NUMBERED: Final = "the header has no name for the first column, which numbers the rows"
_OTHER_QUOTES: Final = "quotes inside of cells are written with a backslash"
_UNKNOWN: Final = NOTHING | {""}
#: Of a text that is not UTF-8, every byte means something in this encoding, which Windows writes.
_OTHERWISE: Final = "cp1252"
_READ_OTHERWISE: Final = "some lines are not UTF-8; they were read as Windows-1252"
#: A row longer than this is not waited for: a quote may open it that nothing closes.
_LONGEST: Final = 32 << 20
_OVERLONG_ROW: Final = "\0too long\0"
_OVERLONG: Final = f"is longer than {_LONGEST >> 20} MiB"


def rows_of(lines: Iterable[str], delimiter: str, *, backslash: bool = False) -> Any:
    """The cells of the lines. Spaces before a cell do not count: before a quote they cannot."""
    csv.field_size_limit(sys.maxsize)  # prompts are long
    escape = "\\" if backslash else None
    return csv.reader(
        lines,
        delimiter=delimiter,
        strict=True,
        skipinitialspace=True,
        escapechar=escape,
        doublequote=not backslash,
    )


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The names as they are, but for those that are missing or there twice."""
    found: dict[str, None] = {}
    for number, name in enumerate(names, 1):
        plain = name.strip() or f"column {number}"
        found[plain if plain not in found else f"{plain} ({number})"] = None
    return tuple(found)


def lines_of(raw: bytes) -> tuple[list[str], bool]:
    """The lines of a text with their ends, and whether all are UTF-8: others are read as Windows writes them."""
    try:
        return list(io.StringIO(raw.decode(), newline="")), True
    except UnicodeDecodeError:
        return [_line(line) for line in raw.splitlines(keepends=True)], False


def _line(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode(_OTHERWISE, "replace")


def _without_overlong(block: bytes) -> bytes:
    """The lines, with a sign in place of those that are too long."""
    lines = [block] if isinstance(block, Overlong) else block.splitlines(keepends=True)
    sign = _OVERLONG_ROW.encode() + b"\n"
    return b"".join(sign if len(line) > _LONGEST or isinstance(line, Overlong) else line for line in lines)


class _EndlessError(csv.Error):
    """A row does not end within reason."""


class Rows:
    """The rows below a header, with `Skipped` and `Rejected` for what is none.

    Cells that say that nothing is known are left out.
    """

    def __init__(self, text: LogText, shape: Shape, tally: Tally) -> None:
        self._text = text
        self._shape = shape
        self._tally = tally
        self._blocks = whole_lines(text)
        # Lines count from 0 here: those from `_first` on are held, the reader began at `_base`, its row `_from` later.
        self._lines: list[str] = []
        self._first = self._base = self._from = 0
        self._length: int | None = None
        self._held = 0
        self._reader = rows_of((), ",")
        self.reached = 0

    def place(self) -> Place:
        """Where stands what was yielded last."""
        return Place(self._base + self._from + 1, 0, self.raw[:KEPT])

    @property
    def raw(self) -> bytes:
        """The text of what was yielded last."""
        return "".join(self._row()).encode()

    def _row(self) -> list[str]:
        begin = self._base + self._from - self._first
        length = self._reader.line_num - self._from if self._length is None else self._length
        return self._lines[begin : begin + length]

    def __iter__(self) -> Iterator[Any]:
        yield from self._before()
        header = self._shape.header
        names = self._names()
        known, width = _plain(names), len(header)
        telling = known | _UNKNOWN
        while True:
            reader = self._reader
            try:
                for cells in reader:
                    if len(cells) == width and telling.isdisjoint(cells):
                        yield dict(zip(header, cells))  # noqa: B905 - to say `strict` takes a tenth of the time
                    elif cells and cells[0] in known and _names(cells, known):
                        header = self._shape.header if cells == names else self._numbered(cells)
                        known, width = _plain(cells), len(header)
                        telling = known | _UNKNOWN
                        yield _HEADER_AGAIN
                    elif len(cells) == width:
                        yield _known(dict(zip(header, cells, strict=False)))
                    elif cells:
                        yield from self._uneven(header, cells)
                    self._from = reader.line_num
            except csv.Error as problem:
                yield from self._broken(header, problem)
            else:
                break
        if self._text.damage:
            self._from, self._length = self._reader.line_num, 0
            yield Rejected(reason=self._text.damage)

    def _before(self) -> Iterator[Any]:
        """What stands before the header; the reader begins there."""
        begin = b""
        while len(begin) < self._shape.start and (block := next(self._blocks, b"")):
            begin += block
        self._blocks = itertools.chain([begin], self._blocks) if begin else self._blocks
        self._length = 1
        lines, _ = lines_of(begin[: self._shape.start])
        if lines:
            self._more()
        for line in lines:
            if line.startswith(_COMMENTS):
                yield A_COMMENT
            elif line.startswith(_MARKERS):
                yield Rejected(reason=_MARKER)
            self._from += 1
        self._begin(self._from)

    def _begin(self, at: int) -> None:
        """Read on from that line."""
        self._base, self._from, self._length = at, 0, None
        self._reader = rows_of(itertools.chain.from_iterable(self._fed(at)), self._shape.delimiter)

    def _fed(self, at: int) -> Iterator[list[str]]:
        while True:
            lines = self._lines[at - self._first :]
            yield lines
            at += len(lines)
            if not self._more():
                return

    def _more(self) -> bool:
        """Hold more lines, and let go of those before the row that is being read."""
        if gone := self._base + self._from - self._first:
            del self._lines[:gone]
            self._first += gone
            self._held = 0
        if self._held > _LONGEST:
            raise _EndlessError(_OPEN)
        block = next(self._blocks, None)
        if block is None:
            return False
        self.reached += len(block)
        self._held += len(block)
        if len(block) > _LONGEST or isinstance(block, Overlong):
            block = _without_overlong(block)
        lines, plain = lines_of(block)
        self._lines += lines
        if not plain:
            self._tally.note(_READ_OTHERWISE)
        return True

    def _names(self) -> list[str]:
        """The names in the header, as they are."""
        try:
            names: list[str] = next(self._reader, [])
        except csv.Error:
            names = list(self._shape.header)
        self._from = self._reader.line_num
        if len(self._shape.header) > len(names):
            self._tally.note(_NUMBERED)
        for name, times in Counter(map(str.strip, names)).items():
            if name and times > 1:
                self._tally.note(f"the header has `{name}` more than once; the first is read")
        return names

    def _numbered(self, names: Sequence[str]) -> tuple[str, ...]:
        rest = distinct(names)
        return (ROW_NUMBER, *rest) if self._shape.header[:1] == (ROW_NUMBER,) else rest

    def _uneven(self, header: tuple[str, ...], cells: list[str]) -> Iterator[Any]:
        """What a row is that has not as many cells as the header."""
        line = self._row()[0]
        if line.startswith(_MARKERS):
            yield Rejected(reason=_MARKER)
        elif cells == [_OVERLONG_ROW]:
            yield Rejected(reason=_OVERLONG)
        elif not any(cells):
            if len(cells) > 1:
                yield _EMPTY_ROW
        elif not any(cells[len(header) :]) and len(cells) > len(header):  # commas at the end of every row
            yield _known(dict(zip(header, cells, strict=False)))
        elif line.lstrip().startswith(_COMMENTS):
            yield A_COMMENT
        else:
            number = len(cells)
            yield Rejected(reason=f"has {number} {'cell' if number == 1 else 'cells'}, the header {len(header)}")

    def _broken(self, header: tuple[str, ...], problem: csv.Error) -> Iterator[Any]:
        """Mend the row, or reject its first line and go on at the next one: what a quote opened there may be rows."""
        lines = self._row()
        for length in sorted({1, len(lines)}):
            cells = self._mended("".join(lines[:length]), len(header))
            if cells:
                break
        else:
            cells, length = [], 1
        self._length = length
        if cells:
            yield _known(dict(zip(header, cells, strict=True)))
        else:
            text = str(problem)
            yield Rejected(reason=_OPEN if "unexpected end" in text or text == _OPEN else f"is not CSV: {text}")
        self._begin(self._base + self._from + length)

    def _mended(self, row: str, width: int) -> list[str]:
        """The cells of a row that is as some programs write it: spaces behind a quote, or backslashes before some."""
        delimiter = re.escape(self._shape.delimiter)
        spaced = re.compile(rf'((?:^|{delimiter}) *"(?:[^"]++|"")*+") +(?={delimiter}|[\r\n]|$)')
        for text, backslash in ((spaced.sub(r"\1", row), False), (row, '\\"' in row)):
            try:
                rows: list[list[str]] = list(rows_of([text], self._shape.delimiter, backslash=backslash))
            except csv.Error:
                continue
            if len(rows) == 1 and len(rows[0]) == width:
                if backslash:
                    self._tally.note(_OTHER_QUOTES)
                return rows[0]
        return []


def _known(record: dict[str, str]) -> Any:
    """The cells that tell something."""
    found = {name: cell for name, cell in record.items() if cell not in _UNKNOWN}
    return found if found or any(record.values()) else _EMPTY_ROW


def _plain(names: Iterable[str]) -> set[str]:
    return {name for name in names if name.strip()}


def _names(cells: Sequence[str], known: set[str]) -> bool:
    """Whether most of the cells are names of columns."""
    return sum(cell in known for cell in cells) * 2 > len(cells)
