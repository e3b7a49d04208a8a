"""The slow pass: every record for itself, so that what is wrong can be said exactly and the rest is loaded.

What can be loaded is written to files of our own, which the database reads without a doubt.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from logreport.call import CALL_COLUMNS
from logreport.reading import convert
from logreport.reading.batch import Batch, Tally
from logreport.reading.decode import NotJson, decode
from logreport.reading.fields import targets
from logreport.reading.files import Log, LogText
from logreport.reading.records import Piece, pieces
from logreport.reading.shape import head_of, shape_of
from logreport.source import Rejected, Source

#: How much of a rejected record is kept, in bytes.
_RAW: Final = 1 << 16
_FILE: Final = 64 << 20
_TYPES: Final = {
    "count": "BIGINT",
    "flag": "BOOLEAN",
    "number": "DOUBLE",
    "seconds": "DOUBLE",
    "text": "VARCHAR",
    "time": "VARCHAR",
}


def careful_batches(log: Log, source: Source, zone: str, folder: Path, tally: Tally) -> Iterator[Batch]:
    """The calls of a log that can be loaded; `tally` counts the records and hears of every rejected one.

    Times without an offset are in `zone`. A batch's file is gone when the next batch is asked for.
    """
    rows = _rows(log, source, zone, tally) if source.columns is not None else _thought(log, source, zone, folder, tally)
    columns = list(source.columns) if source.columns is not None else list(CALL_COLUMNS)
    encoder = msgspec.json.Encoder()
    number = 0
    held = bytearray()
    for row in rows:
        held += encoder.encode(row)
        held += b"\n"
        if len(held) >= _FILE:
            yield from _batch(held, columns, folder / f"careful-{number}.jsonl")
            held = bytearray()
            number += 1
    if held:
        yield from _batch(held, columns, folder / f"careful-{number}.jsonl")


def _batch(lines: bytearray, columns: list[str], path: Path) -> Iterator[Batch]:
    path.write_bytes(lines)
    lines.clear()
    types = ", ".join(f"{column}: '{_TYPES[CALL_COLUMNS[column]]}'" for column in columns)
    values = ", ".join(
        f"CAST({column} AS TIMESTAMP) AS {column}" if CALL_COLUMNS[column] == "time" else column for column in columns
    )
    name = str(path).replace("'", "''")
    yield Batch(
        f"SELECT {values} FROM read_json('{name}', format='newline_delimited', compression='uncompressed', "
        f"records=true, hive_partitioning=false, columns={{{types}}})"
    )
    path.unlink()


def _rows(log: Log, source: Source, zone: str, tally: Tally) -> Iterator[dict[str, Any]]:
    wanted = targets(source)
    shape = shape_of(head_of(LogText(log)))
    for piece in pieces(LogText(log), shape):
        tally.read += 1
        if piece.broken:
            tally.reject(_rejected(piece, tally.read, None, piece.broken, piece.offset))
            return
        try:
            row = convert.call(decode(piece.raw), wanted, zone)
        except convert.Wrong as problem:
            tally.reject(_rejected(piece, tally.read, problem.field, problem.reason))
        except NotJson as problem:
            at = piece.offset + (problem.offset or 0)
            if shape.kind != "lines" and problem.structural:  # nobody knows where the next record begins
                tally.reject(_rejected(piece, tally.read, None, f"{problem.reason}; the rest was not read", at))
                return
            tally.reject(_rejected(piece, tally.read, None, problem.reason))
        else:
            yield _written(row)


def _thought(log: Log, source: Source, zone: str, folder: Path, tally: Tally) -> Iterator[dict[str, Any]]:
    """The calls of a source that reads its files itself; it gets them decompressed."""
    assert source.read is not None
    for found in source.read(_plain(log, folder)):
        tally.read += 1
        if isinstance(found, Rejected):
            tally.reject(found)
            continue
        try:
            row = {name: _value(name, found[name], zone) for name in found if found[name] is not None}
        except convert.Wrong as problem:
            tally.reject(Rejected(tally.read, None, None, problem.field, problem.reason, repr(found)[:_RAW]))
        else:
            yield _written(row)


def _value(column: str, given: Any, zone: str) -> Any:
    if column not in CALL_COLUMNS:
        raise convert.Wrong(column, "is no column of a call")
    return convert.value(CALL_COLUMNS[column], given, column, zone)


def _plain(log: Log, folder: Path) -> Path:
    text = LogText(log)
    if not text.compression:
        return log.path
    path = folder / f"plain-{uuid.uuid4().hex}"
    with path.open("wb") as file:
        file.writelines(text)
    return path


def _written(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        column: value.isoformat(sep=" ", timespec="microseconds") if isinstance(value, datetime) else value
        for column, value in row.items()
    }


def _rejected(piece: Piece, record: int, field: str | None, reason: str, offset: int | None = None) -> Rejected:
    return Rejected(record, piece.line, offset, field, reason, piece.raw[:_RAW].decode("utf-8", "replace"))
