"""What a file looks like: JSON Lines, an array, an array in a document, a table with a header."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, replace
from typing import Final, Literal

import msgspec

from logreport.reading.decode import NotJson, decode
from logreport.reading.files import LogText
from logreport.reading.records import end_of_value

#: How much of a file is looked at.
_HEAD: Final = 1 << 20
_DATA: Final = re.compile(rb'"data"\s*:\s*\[(?=\s*(?:\{|\]|$))')
_SEPARATOR: Final = re.compile(rb'\s*,\s*\{\s*"(?:[^"\\]|\\.)*"', re.DOTALL)
#: A record on a line after another one: JSON Lines.
_NEXT_LINE: Final = re.compile(rb"[ \t\r]*\n\s*\{")
#: Another object right behind one: neither lines nor an array.
_NEXT_OBJECT: Final = re.compile(rb"[ \t]*\{")
_COMMENT: Final = re.compile(rb"\s*(?://|#)[^\n]*(?:\n|$)")
_LETTER: Final = re.compile(r"[^\W\d_]")
_DELIMITERS: Final = (",", "\t", ";", "|")
_PRETTY: Final = re.compile(rb'\{\s*?\n\s*(?:"|\})')


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


def head_of(text: LogText) -> bytes:
    """The beginning of a text."""
    parts: list[bytes] = []
    length = 0
    for window in text:
        parts.append(window)
        length += len(window)
        if length >= _HEAD:
            break
    return b"".join(parts)


def shape_of(head: bytes) -> Shape:
    """The shape of a text that begins so."""
    begin = 0
    while comment := _COMMENT.match(head, begin):
        begin = comment.end()
    skip = begin > 0
    begin = len(head) - len(head[begin:].lstrip())
    first = head[begin : begin + 1]
    if first == b"[" and not _lines_of_arrays(head, begin):
        return Shape("array", begin + 1, separator=_separator(head, begin + 1), skip=skip)
    if first == b"{":
        return replace(_objects(head, begin), skip=skip)
    return _table(head, begin) or Shape("lines", skip=skip)


def _table(head: bytes, begin: int) -> Shape | None:
    """A table: a line of names, and then a line with about as many values."""
    text = head[begin:].decode("utf-8", "replace")
    if text[:2] in ("//", "<<"):
        return None
    for delimiter in sorted(_DELIMITERS, key=text.partition("\n")[0].count, reverse=True):
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            names = next(rows, [])
            values = next((row for row in rows if row), None)
        except csv.Error:
            continue
        named = len(names) > 1 and all(_LETTER.search(name) for name in names if name) and any(names[1:])
        if named and (values is None or len(values) > 1):
            return Shape("table", begin, delimiter=delimiter, header=_distinct(names), skip=begin > 0)
    return None


def _distinct(names: list[str]) -> tuple[str, ...]:
    """The names as they are, but for those that are missing or there twice."""
    found: dict[str, None] = {}
    for number, name in enumerate(names, 1):
        plain = name.strip() or f"column {number}"
        found[plain if plain not in found else f"{plain} ({number})"] = None
    return tuple(found)


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
    if alone:
        for match in _DATA.finditer(head, begin, end or len(head)):
            prefix = head[begin : match.end()]
            try:
                msgspec.json.decode(prefix + b"]}")
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            return Shape("envelope", match.end(), prefix, _separator(head, match.end()))
    if _PRETTY.match(head, begin) or (end is not None and _NEXT_OBJECT.match(head, end)):
        return Shape("objects", begin)
    return Shape("lines")


def _separator(head: bytes, start: int) -> bytes:
    begin = len(head) - len(head[start:].lstrip())
    end = end_of_value(head, begin, complete=False) if head[begin : begin + 1] == b"{" else None
    match = _SEPARATOR.match(head, end) if end is not None else None
    return b"}" + match.group() if match else b""
