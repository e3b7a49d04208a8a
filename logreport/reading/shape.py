"""What a file looks like: JSON Lines, an array, an array in a document, a table with a header."""

from __future__ import annotations

import csv
import itertools
import operator
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal

from logreport.reading.decode import NotJson, decode
from logreport.reading.files import LogText
from logreport.reading.records import end_of_value
from logreport.reading.tables import ROW_NUMBER, distinct, lines_of, rows_of

#: How much of a file is looked at.
HEAD: Final = 1 << 20
_DATA: Final = re.compile(rb'"data"\s*:\s*\[(?=\s*(?:\{|\]|$))')
_SEPARATOR: Final = re.compile(rb'\s*,\s*\{\s*"(?:[^"\\]|\\.)*"', re.DOTALL)
#: A record on a line after another one: JSON Lines.
_NEXT_LINE: Final = re.compile(rb"[ \t,]*[\r\n]\s*\x1e?\{")
#: Another object right behind one: neither lines nor an array.
_NEXT_OBJECT: Final = re.compile(rb"[ \t,\x1e]*\{")
#: Lines before the first record or the header: blank ones, comments, marks of merge conflicts. Greedy: of a possessive
#: group, Python before 3.11.5 also takes what its last, failed round has read.
_BEFORE: Final = re.compile(rb"(?:[ \t\v\f\0\x1e]*+(?:(?://|#|<{7}|={7}(?=[\r\n])|>{7})[^\r\n]*+)?(?:\r\n|[\r\n]))*")
#: The first line of a CSV for Excel, which tells the delimiter.
_TOLD: Final = re.compile(rb'"?sep=(.)"?[ \t]*(?:\r\n|[\r\n])', re.IGNORECASE)
_LETTER: Final = re.compile(r"[^\W\d_]")
_DELIMITERS: Final = (",", "\t", ";", "|")
_PRETTY: Final = re.compile(rb'\{\s*?[\r\n]\s*(?:"|\})')
#: A JSON text that holds JSON once more.
_JSON_TEXT: Final = re.compile(rb'"\s*[{\[]\s*(?:\\"|\\n|[{\[])')
#: How many rows tell how they match the header.
_ROWS: Final = 100


@dataclass(frozen=True)
class Shape:
    """How records stand in a text.

    `start` is the offset just after the array's opening bracket (of objects and a table: where the first one begins),
    `prefix` the text up to there (of a document), `separator` what stands between the first two records, with the first
    key of the second. A table has a `delimiter` and a `header`, the names of its columns.
    """

    kind: Literal["lines", "objects", "array", "envelope", "table"]
    start: int = 0
    prefix: bytes = b""
    separator: bytes = b""
    delimiter: str = ""
    header: tuple[str, ...] = ()
    skip: bool = False


def head_of(text: LogText, most: int = HEAD) -> bytes:
    """The beginning of a text: all of it, or at least so many bytes."""
    parts: list[bytes] = []
    length = 0
    for window in text:
        parts.append(window)
        length += len(window)
        if length >= most:
            break
    return b"".join(parts)


def shape_of(head: bytes) -> Shape:
    """The shape of a text that begins so."""
    before = _BEFORE.match(head)
    line = before.end() if before else 0
    skip = line > 0 and not head[:line].isspace()
    begin = len(head) - len(head[line:].lstrip(b" \t\r\n\v\f\0\x1e"))
    first = head[begin : begin + 1]
    if first == b"[" and not _lines_of_arrays(head, begin):
        return Shape("array", begin + 1, separator=_separator(head, begin + 1), skip=skip)
    if first == b"{":
        return replace(_objects(head, begin), skip=skip)
    if _JSON_TEXT.match(head, begin):
        return Shape("lines", skip=skip)
    return _table(head, line) or Shape("lines", skip=skip)


def _table(head: bytes, begin: int) -> Shape | None:
    """A table: a line of names, and then rows with about as many values."""
    told = _TOLD.match(head, begin)
    start = told.end() if told else begin
    lines, _ = lines_of(head[start:])
    if len(head) >= HEAD and len(lines) > 1:
        lines.pop()  # which may be cut
    if not lines or any(line.lstrip().startswith(("{", "[")) for line in lines[1:2]):
        return None
    delimiters = [told.group(1).decode("latin-1")] if told else sorted(_DELIMITERS, key=lines[0].count, reverse=True)
    for delimiter in delimiters:
        rows = _rows(lines, delimiter)
        names = next(rows, [])
        named = len(names) > 1 and all(_LETTER.search(name) for name in names if name.strip()) and any(names[1:])
        if not named:
            continue
        body = [row for row in itertools.takewhile(partial(operator.ne, names), rows) if any(row)]
        if not body or len(body[0]) > 1:
            header = _matched(names, body)
            plain = start == 0 and len(header) == len(names) == len({*names} - {""}) + names.count("")
            return Shape("table", start, delimiter=delimiter, header=header, skip=not plain)
    return None


def _rows(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """The first rows, up to one that is broken."""
    rows = rows_of(lines, delimiter)
    try:
        for number, row in enumerate(rows):
            if number > _ROWS:
                return
            yield row
    except csv.Error:
        return


def _matched(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The names of the columns that the rows have.

    Some programs number the rows and name that column nowhere, others end the header with a comma. Numbers from 0 or 1
    on are row numbers, and nothing else is: a comma in a value makes one cell more, too.
    """
    widths = {len(row) for row in rows}
    if widths == {len(names) + 1} and any(row[-1] for row in rows) and rows[0][0] in ("0", "1"):
        first = int(rows[0][0])
        if all(row[0] == str(number) for number, row in enumerate(rows, first)):
            return (ROW_NUMBER, *distinct(names))
    if widths == {len(names) - 1} and not names[-1].strip():
        return distinct(names[:-1])
    return distinct(names)


def _lines_of_arrays(head: bytes, begin: int) -> bool:
    """JSON Lines whose first line holds an array, which is no record but no reason to give up the others."""
    if head[begin + 1 :].lstrip()[:1] in (b"{", b"]"):
        return False
    line, _, others = head[begin:].partition(b"\n")
    try:
        decode(line)
    except NotJson:
        return False
    return bool(others.strip())


def _objects(head: bytes, begin: int) -> Shape:
    end = end_of_value(head, begin, complete=True)
    alone = end is None or not _NEXT_LINE.match(head, end)
    if alone and not _counts_itself(head[begin:end] if end else b""):
        for match in _DATA.finditer(head, begin, end or len(head)):
            prefix = head[begin : match.end()]
            try:
                decode(prefix + b"]}")
            except NotJson:
                continue
            return Shape("envelope", match.end(), prefix, _separator(head, match.end()))
    if _PRETTY.match(head, begin) or (end is not None and _NEXT_OBJECT.match(head, end)):
        return Shape("objects", begin)
    return Shape("lines")


def _counts_itself(document: bytes) -> bool:
    """Whether a document is a record that has a list: an answer whose tokens are counted for all of it."""
    if b'"usage"' not in document:
        return False
    try:
        found = decode(document)
    except NotJson:
        return False
    return isinstance(found, dict) and isinstance(found.get("usage"), dict)


def _separator(head: bytes, start: int) -> bytes:
    begin = len(head) - len(head[start:].lstrip())
    end = end_of_value(head, begin, complete=False) if head[begin : begin + 1] == b"{" else None
    match = _SEPARATOR.match(head, end) if end is not None else None
    return b"}" + match.group() if match else b""
