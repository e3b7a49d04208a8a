"""Files that logreport itself has written and that are no logs: the JSON of reports, and histories."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal

from logreport.errors import BadInput
from logreport.reading.decode import NotJson, decode
from logreport.reading.files import Log, LogText
from logreport.reading.records import end_of_value
from logreport.reading.shape import HEAD, head_of

Kind = Literal["report", "history"]

#: No report is as large.
_MOST: Final = 64 << 20
#: An object with more keys is neither.
_KEYS: Final = 64
_AROUND: Final = b" \t\r\n\v\f\0\x1e["
_KEY: Final = re.compile(rb'\s*+"((?:[^"\\]++|\\.)*+)"\s*+:\s*+', re.DOTALL)
_NEXT: Final = re.compile(rb"\s*+(,?\s*\}|,)")
_WHOLE_NUMBER: Final = re.compile(rb"\d+(?![\w.])")


class OwnFile(BadInput):
    """A file is no log but was written by logreport; `what` it is."""

    def __init__(self, log: Log, kind: Kind) -> None:
        name = log.name if Path(log.name).is_file() else "FILE"
        self.what, hint = {
            "report": ("it is a report that logreport wrote, and no log", f"`--baseline {name}` compares with it"),
            "history": ("it is a history that logreport keeps, and no log", f"`--history {name}` shows it"),
        }[kind]
        super().__init__(f"{log.name}: {self.what}", hint)


def own(log: Log, head: bytes) -> Kind | None:
    """What of logreport's own the log is that begins so; None for a log.

    The first record tells: a report has a version, and its headline and metrics are objects, in any order. One that was
    cut off may be without the metrics. Only what may be a large report is read beyond the head.
    """
    if b'"schema_version"' not in head and b'"headline"' not in head:
        return None
    record = _Record(head)
    if not record.ended and len(head) >= HEAD and record.may_be_report():
        record = _Record(_beginning(log))
    if record.is_report():
        return "report"
    return "history" if record.is_history() else None


def report_in(log: Log) -> bytes | None:
    """The text of a report, unpacked; None where the file is something else.

    Raises:
        BadInput: it is too large, or no text at all.
        OSError: it cannot be read.
    """
    if own(log, head_of(LogText(log))) != "report":
        return None
    text = _beginning(log)
    if len(text) > _MOST:
        raise BadInput(f"{log.name}: it is a report of more than {_MOST >> 20} MiB", "make it of fewer metrics")
    return text


def _beginning(log: Log) -> bytes:
    """The text as far as a report could go, or a little further."""
    return head_of(LogText(log), _MOST + 1)


class _Record:
    """The first object of a text: where the values of its keys begin. `ended` says whether it does in the text."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._starts: dict[bytes, int] = {}
        self.ended = True
        at = len(text) - len(text.lstrip(_AROUND))
        if text[at : at + 1] != b"{":
            return
        at += 1
        while len(self._starts) < _KEYS:
            key = _KEY.match(text, at)
            end = end_of_value(text, key.end(), complete=False) if key else None
            if key:
                self._starts[key[1]] = key.end()
            after = _NEXT.match(text, end) if end is not None else None
            if after is None:
                self.ended = False
                return
            at = after.end()
            if after[1] != b",":
                return

    def may_be_report(self) -> bool:
        """Whether more of it may tell that it is a report: sorted keys have a comparison before the headline."""
        if self._begins(b"headline", b"{"):
            return True
        return self._starts.keys() == {b"calls", b"comparison"} and self._is_number(b"calls")

    def is_report(self) -> bool:
        if not (self._is_number(b"schema_version") and self._begins(b"headline", b"{")):
            return False
        return self._begins(b"metrics", b"{") or (not self.ended and b"metrics" not in self._starts)

    def is_history(self) -> bool:
        named = self._begins(b"made", b'"') and self._begins(b"run", b'"', b"n") and self._begins(b"numbers", b"{")
        if not (named and self._is_number(b"schema_version")):
            return False
        start = self._starts[b"numbers"]
        try:
            numbers = decode(self._text[start : end_of_value(self._text, start, complete=True)])
        except NotJson:
            return False
        # Names such as `calls.count`, which are nobody else's.
        return all("." in name and (value is None or type(value) in (int, float)) for name, value in numbers.items())

    def _begins(self, key: bytes, *firsts: bytes) -> bool:
        start = self._starts.get(key)
        return start is not None and self._text[start : start + 1] in firsts

    def _is_number(self, key: bytes) -> bool:
        start = self._starts.get(key)
        return start is not None and _WHOLE_NUMBER.match(self._text, start) is not None
