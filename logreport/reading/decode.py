"""The text of one record as Python values."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypedDict

import msgspec

#: Stands for NaN and Infinity in a record that is otherwise JSON; no text in a log can hold it and be loaded.
NOT_FINITE: Final = "\0NaN"

#: The value of a text that is JSON as it stands; anything else raises one of BROKEN.
parse: Final = msgspec.json.Decoder().decode
BROKEN: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def parser(paths: Iterable[Sequence[str]]) -> Callable[[bytes], Any]:
    """As `parse`, but of an object only what stands at these paths, none of which goes on from another.

    What nobody looks at is passed over in half the time; best if the paths are in the order of the records. A record
    that has something else than an object where a path goes on is whole.
    """
    tree: dict[str, Any] = {}
    for path in paths:
        at = tree
        for key in path[:-1]:
            at = at.setdefault(key, {})
        at[path[-1]] = Any
    some = msgspec.json.Decoder(_typed(tree)).decode

    def parsed(raw: bytes) -> Any:
        try:
            return some(raw)
        except msgspec.ValidationError:
            return parse(raw)

    return parsed


def _typed(tree: dict[str, Any]) -> Any:
    fields = {key: _typed(below) if isinstance(below, dict) else below for key, below in tree.items()}
    make: Any = TypedDict
    return make("Record", fields, total=False)


_STRING_: Final = rb'"(?:[^"\\]++|\\.)*+"'
#: The next brackets, all opening or all closing, that are neither inside a string nor in a comment.
BRACKET: Final = re.compile(
    rb'(?:[^"{}\[\]/#]++|' + _STRING_ + rb"|//[^\r\n]*+|#[^\r\n]*+|/)*+([{\[]++|[}\]]++)",
    re.DOTALL,
)
#: What is forgiven: a comma before a closing bracket, a comment, a number that is none or too large for the decoder.
_FORGIVEN: Final = re.compile(
    _STRING_ + rb"|,(?=(?:\s|(?://|#)[^\r\n]*)*[}\]])|(?://|#)[^\r\n]*"
    rb"|(?<![\w.+-])-?(?:nan|infinity|inf|\d+(?:\.\d+)?e\+?\d{3,}|\d{4000,})(?![\w.])",
    re.DOTALL | re.IGNORECASE,
)
#: An escape in a string; a half of a surrogate pair without the other one is in the group.
_ESCAPE: Final = re.compile(
    rb"\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}|(\\u[Dd][89A-Fa-f][0-9A-Fa-f]{2})|\\.", re.DOTALL
)
_ESCAPED_KEY: Final = re.compile(rb'[{,]\s*"[^"\\]*\\u[^"]*"\s*:')
_OFFSET: Final = re.compile(r" \(byte (\d+)\)$")
#: What stands deeper than this nobody reads.
_DEEP: Final = 200


class NotJson(Exception):
    """The text is not JSON: why, and at which byte of it (None: not known).

    `structural` tells a broken text from one whose brackets are in order and whose letters are not.
    """

    def __init__(self, reason: str, offset: int | None = None, *, structural: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset
        self.structural = structural


def decode(raw: bytes) -> Any:
    """The value that the text holds.

    What the strict pass forgives in fields that nobody reads is forgiven: a comma before a closing bracket, NaN and
    Infinity, brackets nested deeper than any decoder goes. In a field that is read, NaN is `NOT_FINITE`, which no
    converter takes. So are comments, and half of a character where a text was cut, which is read as U+FFFD.

    Raises:
        NotJson: the text is not one JSON value.
    """
    try:
        return parse(raw)
    except UnicodeDecodeError:
        raise NotJson("is not UTF-8 text", structural=False) from None
    except (msgspec.DecodeError, RecursionError) as problem:
        return _forgiving(raw, problem)


def _forgiving(raw: bytes, problem: Exception) -> Any:
    mended = _FORGIVEN.sub(_mend, raw)
    if isinstance(problem, RecursionError):
        mended = _shallow(mended)
    if mended != raw:
        try:
            return parse(mended)
        except RecursionError as deeper:
            problem = deeper
        except BROKEN:
            pass
    if isinstance(problem, RecursionError):
        raise NotJson("is nested too deeply", structural=False)
    text = str(problem)
    offset = _OFFSET.search(text)
    reason = _OFFSET.sub("", text).removeprefix("JSON is malformed: ")
    if "truncated" in reason:
        reason = "the text ends too early"
    raise NotJson(f"is not JSON: {reason}", int(offset.group(1)) if offset else None)


def _mend(match: re.Match[bytes]) -> bytes:
    text = match.group()
    first = text[:1]
    if first == b'"':
        return _ESCAPE.sub(_whole, text) if b"\\" in text else text
    if first in (b",", b"/", b"#"):
        return b""
    return b'"\\u0000NaN"' if not _finite(text) else text


def _finite(number: bytes) -> bool:
    return len(number) < 4000 and math.isfinite(float(number))


def _whole(match: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if match.group(1) else match.group()


def _shallow(raw: bytes) -> bytes:
    """The text without what is nested too deeply, which becomes null."""
    kept: list[bytes] = []
    depth = at = start = 0
    while bracket := BRACKET.match(raw, at):
        begin, at = bracket.span(1)
        before = depth
        if raw[begin] in b"{[":
            depth += at - begin
            if before < _DEEP <= depth:
                kept.append(raw[start : begin + _DEEP - before - 1])
        else:
            depth -= at - begin
            if depth < _DEEP <= before:
                kept.append(b"null")
                start = begin + before - _DEEP + 1
    return b"".join((*kept, raw[start:])) if depth == 0 else raw


def keys_of(paths: Iterable[Sequence[str]]) -> re.Pattern[bytes]:
    """What finds the keys of these paths in the text of a record."""
    keys = sorted({json.dumps(key).encode() for path in paths for key in path})
    plain = sorted({json.dumps(key, ensure_ascii=False).encode() for path in paths for key in path})
    return re.compile(rb"(" + b"|".join(map(re.escape, dict.fromkeys(keys + plain))) + rb")\s*:")


def escaped_key(raw: bytes) -> bool:
    """Whether a key may be written with escapes."""
    return b"\\u" in raw and _ESCAPED_KEY.search(raw) is not None


def told_twice(raw: bytes, paths: Iterable[Sequence[str]]) -> str:
    """The field on one of the paths that the record has twice, with different values; empty where there is none."""
    for text in (raw, _FORGIVEN.sub(_mend, raw)):
        try:
            record = json.loads(text, object_pairs_hook=_object)
        except (ValueError, RecursionError):
            continue
        return next((".".join(found) for path in paths if (found := _twice(record, path))), "")
    return ""


class _Ambiguous(dict[str, Any]):
    """An object that has some keys twice, with different values."""

    names: set[str]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = {key for key, value in pairs if type(value) is not type(found[key]) or value != found[key]}
    if not names:
        return found
    ambiguous = _Ambiguous(found)
    ambiguous.names = names
    return ambiguous


def _twice(record: Any, path: Sequence[str]) -> Sequence[str]:
    at = record
    for depth, key in enumerate(path, 1):
        if isinstance(at, _Ambiguous) and key in at.names:
            return path[:depth]
        if not isinstance(at, dict):
            break
        at = at.get(key)
    return ()
