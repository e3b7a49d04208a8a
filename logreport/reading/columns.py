"""Rows written to files of our own, column by column, and SQL that reads them again with the types they have.

A line of such a file is an object with a list for each column, whose values belong to as many rows. Types are looked at
for a list as a whole, so that the database need not look at each value; a column without any value is left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from threading import Event
from typing import Any, Final

import msgspec

from logreport.errors import Doubt
from logreport.reading.casts import Form, name, quoted

Row = Mapping[str, Any]

#: So many rows are a line, or less where they are longer than _LINE bytes.
_ROWS: Final = 512
_LINE: Final = 4 << 20
#: DuckDB has all of a file in memory at once, and a statement of its own is dear: many files make a batch.
_FILE: Final = 1 << 20
#: Two of DuckDB's row groups exactly: those that an INSERT fills are written at once and as they are, what is left over
#: is written again. A batch has less where rows are so long that it would take too much of the disk.
_BATCH: Final = 2 * 122_880
_LARGEST: Final = 128 << 20
#: A line may be as long for DuckDB anyway.
_USUAL: Final = 16 << 20
_NOTHING: Final = type(None)

_encode: Final = msgspec.json.Encoder().encode


class _Nul:
    """The type of a text that may hold NUL."""


@dataclass
class Stored:
    """Files of rows: the types of the values of each column, how long the longest line is, and all names of values.

    `merged` rows are not in the files, as other rows say the same.
    """

    paths: list[Path] = field(default_factory=list)
    types: dict[str, set[type]] = field(default_factory=dict)
    longest: int = 0
    names: set[str] = field(default_factory=set)
    rows: int = 0
    merged: int = 0
    bytes: int = 0

    def reader(self, types: Mapping[str, str]) -> str:
        """The FROM item that has the rows, with columns of these types."""
        columns = ", ".join(f"{name(column)}: {quoted(f'{kind}[]')}" for column, kind in types.items())
        files = ", ".join(quoted(str(path)) for path in self.paths)
        values = ", ".join(f"unnest({name(column)}) AS {name(column)}" for column in types)
        return (
            f"(SELECT {values} FROM read_json([{files}], format='newline_delimited', "
            f"compression='uncompressed', records=true, hive_partitioning=false, "
            f"maximum_object_size={max(self.longest, _USUAL)}, columns={{{columns}}}))"
        )

    def form(self, column: str, kinds: Collection[str]) -> tuple[str, Form]:
        """The type of a column from which values of these kinds are made, and what the casts find in it.

        Raises:
            Doubt: there is no one type for all of these kinds.
        """
        types = self.types.get(column, set())
        if types in ({str}, {datetime}):
            return "VARCHAR", "text"
        for those, known, found in _TYPED:
            if types == those and known.issuperset(kinds):
                return found
        if "time" not in kinds:
            return "JSON", "json"
        if len(kinds) > 1 and types:
            raise Doubt("values of several types, of which a time and something else are made")
        return "VARCHAR", "text"


_MEASURED: Final = frozenset({"number", "seconds"})
_COUNTED: Final = _MEASURED | {"count", "label", "outcome", "time"}
#: What a column is of which all values have these types, for such kinds of values.
_TYPED: Final[tuple[tuple[set[type], frozenset[str], tuple[str, Form]], ...]] = (
    ({int}, _COUNTED, ("BIGINT", "whole")),
    ({bool}, frozenset({"flag", "outcome", "reason"}), ("BOOLEAN", "flag")),
    ({float}, _MEASURED | {"time"}, ("DOUBLE", "number")),
    # Whole numbers that tell a time may be too long for a DOUBLE.
    ({float, int}, _MEASURED, ("DOUBLE", "number")),
)

Fold = Callable[[Sequence[Row]], Sequence[Row]]


def batches(rows: Iterable[Row], folder: Path, enough: Event, fold: Fold | None = None) -> Generator[Stored]:
    """The rows in batches of some files; none any more when it is `enough`.

    `fold` may make fewer rows of some that follow one another.
    """
    left = iter(rows)
    numbers = itertools.count()

    def taken(stored: Stored) -> Sequence[Row]:
        some: Sequence[Row] = list(itertools.islice(left, 0 if enough.is_set() else min(_ROWS, _BATCH - stored.rows)))
        if fold and some:
            stored.merged += len(some)
            some = fold(some)
            stored.merged -= len(some)
        stored.rows += len(some)
        return some

    while True:
        stored = Stored()
        while stored.rows < _BATCH and stored.bytes < _LARGEST:
            if not _fill(stored, folder / f"rows-{next(numbers)}.jsonl", taken):
                break
        if not stored.paths:
            return
        yield stored


def _fill(stored: Stored, path: Path, taken: Callable[[Stored], Sequence[Row]]) -> bool:
    """Add a file with the rows that are taken; False where there are none left."""
    rows = taken(stored)
    if not rows:
        return False
    stored.paths.append(path)
    full = stored.bytes + _FILE
    with path.open("wb") as file:
        while rows:
            for line in _lines(rows, stored):
                stored.bytes += file.write(line)
            rows = taken(stored) if stored.bytes < full else ()
    return True


def _lines(rows: Sequence[Row], stored: Stored) -> Iterator[bytes]:
    columns = _columns(rows)
    types = {column: set(map(type, values)) for column, values in columns.items()}
    stored.names.update(columns)
    lists = {column: values for column, values in columns.items() if types[column] != {_NOTHING}}
    line = _encode(lists or {"model": [None] * len(rows)}) + b"\n"
    if len(line) > _LINE and len(rows) > 1:
        middle = len(rows) // 2
        yield from _lines(rows[:middle], stored)
        yield from _lines(rows[middle:], stored)
        return
    texts = {str, _Nul} if b"\\u0000" in line else {str}
    for column in lists:
        found = types[column] - {_NOTHING}
        stored.types.setdefault(column, set()).update(found | texts if str in found else found)
    if not lists:
        stored.types.setdefault("model", set())
    stored.longest = max(stored.longest, len(line))
    yield line


def _columns(rows: Sequence[Row]) -> Mapping[str, Sequence[Any]]:
    if len(set(map(len, rows))) == 1:  # as most sources give them, which goes three times as fast
        try:
            return {column: list(map(itemgetter(column), rows)) for column in rows[0]}
        except KeyError:
            pass
    return {column: [row.get(column) for row in rows] for column in dict.fromkeys(itertools.chain.from_iterable(rows))}
