"""The rows of a CSV as records: texts by the names of its header, with the line where each begins."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from logreport.reading.files import LogText
from logreport.reading.words import NOTHING

if TYPE_CHECKING:
    from logreport.reading.batch import Tally
    from logreport.reading.shape import Shape

_MARKERS: Final = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
#: Of a text that is not UTF-8, every byte means something in this encoding, which Windows writes.
_OTHERWISE: Final = "cp1252"


class Row(NamedTuple):
    """One row: what is in it, where it begins, and why it cannot be read, if it cannot."""

    values: dict[str, Any]
    line: int
    raw: str
    wrong: str


def rows(text: LogText, shape: Shape, tally: Tally) -> Iterator[Row]:
    """Every row below the header; cells that say that nothing is known are left out."""
    csv.field_size_limit(sys.maxsize)  # prompts are long
    lines = _Lines(text, shape.start, tally)
    reader = csv.reader(lines, delimiter=shape.delimiter, strict=False)
    header = shape.header
    next(reader, None)
    begin = lines.number + 1
    aligned: tuple[str, ...] | None = None
    while True:
        lines.held.clear()
        try:
            cells = next(reader, None)
        except csv.Error as problem:
            yield Row({}, begin, "".join(lines.held), f"is not CSV: {problem}")
            begin = lines.number + 1
            continue
        if cells is None:
            break
        raw = "".join(lines.held)
        if cells:
            if len(cells) == len(header):
                yield Row(_known(header, cells), begin, raw, "")
            else:
                aligned = aligned or _with_row_names(header, cells)
                yield _uneven(header, aligned, cells, begin, raw, tally)
        begin = lines.number + 1
    if text.damage:
        yield Row({}, begin, "", text.damage)


def _known(header: tuple[str, ...], cells: list[str]) -> dict[str, Any]:
    return {name: cell for name, cell in zip(header, cells, strict=True) if cell and cell not in NOTHING}


def _with_row_names(header: tuple[str, ...], cells: list[str]) -> tuple[str, ...] | None:
    """The header with a name for a first column that has none: the numbers of the rows, as some programs write them."""
    if len(cells) == len(header) + 1 and cells[0] in ("0", "1") and cells[-1]:
        return ("row number", *header)
    return None


def _uneven(
    header: tuple[str, ...], aligned: tuple[str, ...] | None, cells: list[str], line: int, raw: str, tally: Tally
) -> Row:
    more = cells[len(header) :]
    if more and not any(more):  # commas at the end of every row
        return Row(_known(header, cells[: len(header)]), line, raw, "")
    if aligned and len(cells) == len(aligned) and cells[0].isdigit():
        tally.note("the header has no name for the first column, which numbers the rows")
        return Row(_known(aligned, cells), line, raw, "")
    if raw.startswith(_MARKERS):
        return Row({}, line, raw, "is a merge-conflict marker, not a row")
    return Row({}, line, raw, f"has {len(cells)} {'cell' if len(cells) == 1 else 'cells'}, the header {len(header)}")


class _Lines:
    """Lines as text for the CSV reader, which asks for more of them within quotes; `held` is what it was given."""

    def __init__(self, text: LogText, start: int, tally: Tally) -> None:
        self._lines = _raw_lines(text, start)
        self._tally = tally
        self.number = 0
        self.held: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        raw = next(self._lines)
        self.number += 1
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError:
            line = raw.decode(_OTHERWISE, "replace")
            self._tally.note("some lines are not UTF-8; they were read as Windows-1252")
        self.held.append(line)
        return line


def _raw_lines(text: LogText, start: int) -> Iterator[bytes]:
    rest = b""
    for window in text:
        if start:
            skipped = min(start, len(window))
            start -= skipped
            window = window[skipped:]  # noqa: PLW2901 - what is left of it
        lines = (rest + window).split(b"\n")
        rest = lines.pop()
        for line in lines:
            yield line + b"\n"
    if rest:
        yield rest
