"""The text of one record as Python values."""

from __future__ import annotations

import math
import re
from typing import Any, Final

import msgspec

#: Stands for NaN and Infinity in a record that is otherwise JSON; no text in a log can hold it and be loaded.
NOT_FINITE: Final = "\0NaN"

_decoder = msgspec.json.Decoder()
_FORGIVEN: Final = re.compile(
    rb'"(?:[^"\\]++|\\.)*+"|,(?=\s*[}\]])|(?<![\w.+-])-?(?:nan|infinity|inf|\d+(?:\.\d+)?e\+?\d{3,})(?![\w.])',
    re.DOTALL | re.IGNORECASE,
)
_OFFSET: Final = re.compile(r" \(byte (\d+)\)$")


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

    A comma before a closing bracket and NaN or Infinity are forgiven, as the strict pass forgives them in fields
    that nobody reads; in a field that is read, NaN is `NOT_FINITE` and no converter takes it.

    Raises:
        NotJson: the text is not one JSON value.
    """
    try:
        return _decoder.decode(raw)
    except RecursionError:
        raise NotJson("is nested too deeply", structural=False) from None
    except UnicodeDecodeError:
        raise NotJson("is not UTF-8 text", structural=False) from None
    except msgspec.DecodeError as problem:
        return _forgiving(raw, problem)


def _forgiving(raw: bytes, problem: msgspec.DecodeError) -> Any:
    mended = _FORGIVEN.sub(_mend, raw)
    if mended != raw:
        try:
            return _decoder.decode(mended)
        except (RecursionError, UnicodeDecodeError, msgspec.DecodeError):
            pass
    text = str(problem)
    offset = _OFFSET.search(text)
    reason = _OFFSET.sub("", text).removeprefix("JSON is malformed: ")
    if "truncated" in reason:
        reason = "the text ends too early"
    raise NotJson(f"is not JSON: {reason}", int(offset.group(1)) if offset else None)


def _mend(match: re.Match[bytes]) -> bytes:
    text = match.group()
    if text.startswith(b'"'):
        return text
    if text == b",":
        return b""
    return b'"\\u0000NaN"' if not math.isfinite(float(text)) else text
