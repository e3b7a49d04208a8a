"""A text cut into files that DuckDB reads beside each other.

JSON Lines are cut at line ends. An array is cut where two records seem to meet, and every part is closed with a bracket
of its own. The guess needs no proof here: the beginning of an array, cut anywhere but between two of its own records,
is not JSON any more, so the parser refuses a wrong guess and the file is read again carefully.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from logreport.errors import Doubt
from logreport.reading.ahead import ahead
from logreport.reading.files import LogText

if TYPE_CHECKING:
    from logreport.reading.shape import Shape

SEGMENT: Final = 8 << 20
_TOGETHER: Final = 16
_LARGEST: Final = 64 << 20
_BORDER: Final = re.compile(rb"\}\s*,\s*\{")
_TRAILING: Final = re.compile(r"trailing characters \(byte (\d+)\)")


def segments(text: LogText, shape: Shape, folder: Path) -> Iterator[list[Path]]:
    """Files with all records of the text, several at a time; they are gone when the next ones are asked for.

    Raises:
        Doubt: the text cannot be cut so, or it is not what its beginning promised.
    """
    parts = _lines(text) if shape.kind == "lines" else _array(text, shape)
    for paths in ahead(lambda _: _written(parts, folder)):
        yield paths
        for path in paths:
            path.unlink()


def _written(parts: Iterator[tuple[bytes, ...]], folder: Path) -> Generator[list[Path]]:
    paths: list[Path] = []
    for number, part in enumerate(parts):
        path = folder / f"segment-{number}.json"
        with path.open("wb") as file:
            file.writelines(part)
        paths.append(path)
        if len(paths) == _TOGETHER:
            yield paths
            paths = []
    if paths:
        yield paths


def _lines(text: LogText) -> Iterator[tuple[bytes, ...]]:
    held: list[bytes] = []
    length = 0
    for window in text:
        length += len(window)
        end = window.rfind(b"\n") + 1 if length >= SEGMENT else 0
        if end:
            yield (*held, window[:end])
            held, length = [window[end:]], len(window) - end
        elif length > _LARGEST:
            raise Doubt("a line that is too long")
        else:
            held.append(window)
    _check(text)
    if length:
        yield tuple(held)


def _array(text: LogText, shape: Shape) -> Iterator[tuple[bytes, ...]]:
    held: list[bytes] = []
    length = 0
    for window in _after(text, shape.start):
        held.append(window)
        length += len(window)
        if length < SEGMENT:
            continue
        whole = b"".join(held)
        cut = _border(whole, shape.separator)
        if cut is not None:
            end, begin = cut
            yield b"[", whole[:end], b"]"
            whole = whole[begin:]
        elif length > _LARGEST:
            raise Doubt("no border between records found")
        held, length = [whole], len(whole)
    _check(text)
    yield _last(b"".join(held), shape)


def _after(text: LogText, start: int) -> Iterator[bytes]:
    for window in text:
        if start < len(window):
            yield window[start:]
        start = max(0, start - len(window))


def _border(text: bytes, separator: bytes) -> tuple[int, int] | None:
    """Where a record seems to end and where the next one seems to begin, as late in the text as possible."""
    at = text.rfind(separator) if separator else -1
    if at > 0:
        return at + 1, at + separator.index(b"{")
    late = 0
    for match in _BORDER.finditer(text, max(0, len(text) - (1 << 20))):
        late = match.start()
    match_ = _BORDER.match(text, late) if late else None
    return (match_.start() + 1, match_.end() - 1) if match_ else None


def _last(rest: bytes, shape: Shape) -> tuple[bytes, ...]:
    """The last records; in a document, what follows them must close it properly."""
    if shape.kind == "array":
        return b"[", rest
    end = _end_of_array(b"[" + rest) - 1
    try:
        msgspec.json.decode(shape.prefix + rest[end - 1 :])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Doubt(str(problem)) from None
    return b"[", rest[:end]


def _end_of_array(text: bytes) -> int:
    """Where the array ends that the text begins with: just where the decoder finds more than it."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        found = _TRAILING.search(str(problem))
        if found:
            return text.rindex(b"]", 0, int(found.group(1))) + 1
    raise Doubt("the end of the array was not found")


def _check(text: LogText) -> None:
    if text.damage:
        raise Doubt(text.damage)
