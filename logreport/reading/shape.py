"""What a file looks like: JSON Lines, an array, an array in a document; and which source its records belong to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from logreport.errors import BadInput
from logreport.reading.decode import NotJson, decode
from logreport.reading.files import Log, LogText
from logreport.reading.records import end_of_value, pieces
from logreport.source import Source

#: How much of a file is looked at.
_HEAD: Final = 1 << 20
_FIRST_RECORDS: Final = 100
_DATA: Final = re.compile(rb'"data"\s*:\s*\[(?=\s*(?:\{|\]|$))')
_SEPARATOR: Final = re.compile(rb'\s*,\s*\{\s*"(?:[^"\\]|\\.)*"', re.DOTALL)
#: A record on a line after another one: JSON Lines.
_NEXT_LINE: Final = re.compile(rb"[ \t\r]*\n\s*\{")
_PRETTY: Final = re.compile(rb'\{\s*?\n\s*(?:"|\})')


@dataclass(frozen=True)
class Shape:
    """How records stand in a text.

    `start` is the offset just after the array's opening bracket, `prefix` the text up to there (of a document),
    `separator` what stands between the first two records, with the first key of the second.
    """

    kind: Literal["lines", "objects", "array", "envelope"]
    start: int = 0
    prefix: bytes = b""
    separator: bytes = b""


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
    begin = len(head) - len(head.lstrip())
    first = head[begin : begin + 1]
    if first == b"[" and not _lines_of_arrays(head, begin):
        return Shape("array", begin + 1, separator=_separator(head, begin + 1))
    if first == b"{":
        return _objects(head, begin)
    return Shape("lines")


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
    if _PRETTY.match(head, begin):
        return Shape("objects", begin)
    return Shape("lines")


def _separator(head: bytes, start: int) -> bytes:
    begin = len(head) - len(head[start:].lstrip())
    end = end_of_value(head, begin, complete=False) if head[begin : begin + 1] == b"{" else None
    match = _SEPARATOR.match(head, end) if end is not None else None
    return b"}" + match.group() if match else b""


def recognise(log: Log, sources: Sequence[Source], wanted: str | None) -> Source:
    """The source whose format the file has.

    A file without a single readable record belongs to the first source, which will say what is wrong with it.

    Raises:
        BadInput: the file is empty, no source or more than one knows it, or there is no source named `wanted`.
    """
    if not sources:
        raise BadInput("no log format is installed", "`logreport plugins` says why")
    names = ", ".join(sorted(source.name for source in sources))
    text = _text(log)
    head = head_of(text)
    if not head.strip() and not text.damage:
        raise BadInput(f"{log.name}: is empty" if not head else f"{log.name}: holds nothing but white space")
    if wanted is not None:
        for source in sources:
            if source.name == wanted:
                return source
        raise BadInput(f"no log format is called {wanted!r}", f"choose one of: {names}")
    return _claimed(log, _first_records(log, head), sources, names)


def _text(log: Log) -> LogText:
    try:
        return LogText(log)
    except OSError as problem:
        raise BadInput(f"{log.name}: cannot be read: {problem.strerror}", "check its permissions") from problem


def _claimed(log: Log, records: Sequence[Mapping[str, Any]], sources: Sequence[Source], names: str) -> Source:
    if not records:
        return sources[0]
    claims = [source for source in sources if _claims(source, records)]
    if len(claims) == 1:
        return claims[0]
    if claims:
        both = " and ".join(source.name for source in claims)
        raise BadInput(f"{log.name}: could be {both}", f"say which: `--source {claims[0].name}`")
    raise BadInput(f"{log.name}: is in no log format known here", f"known are: {names}; `--source NAME` insists on one")


def _claims(source: Source, records: Sequence[Mapping[str, Any]]) -> bool:
    try:
        return bool(source.recognises(records))
    except Exception:  # noqa: BLE001 - a plugin that fails on a strange file does not know it
        return False


def _first_records(log: Log, head: bytes) -> list[Mapping[str, Any]]:
    records: list[Mapping[str, Any]] = []
    looked = 0
    for piece in pieces(LogText(log), shape_of(head)):
        looked += 1
        if piece.broken or len(records) >= _FIRST_RECORDS or looked > 10 * _FIRST_RECORDS:
            break
        try:
            record = decode(piece.raw)
        except NotJson:
            continue
        if isinstance(record, dict):
            records.append(record)
    return records
