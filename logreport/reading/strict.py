"""The fast pass: DuckDB reads every value as text and loads it only when the text says exactly that.

Whatever these queries accept, `convert` accepts with the same value; what they do not, ends in an error and the file is
read again, record by record.
"""

from __future__ import annotations

import glob
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from logreport.errors import Doubt
from logreport.reading import clock, segments
from logreport.reading.batch import Batch
from logreport.reading.fields import MOST_SECONDS, Target, targets
from logreport.reading.files import Log, LogText
from logreport.reading.shape import head_of, shape_of
from logreport.source import Source

#: Below this size DuckDB reads an array as quickly from where it is.
_SMALL_ARRAY: Final = 16 << 20
_NAIVE: Final = r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
_OFFSET: Final = r"(Z|[+-](0[0-9]|1[0-3]):?[0-5][0-9])"
_NUMBER: Final = r'"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?"'


def strict_batches(log: Log, source: Source, zone: str, folder: Path) -> Iterator[Batch]:
    """The calls of a log whose every record is beyond doubt; times without an offset are in `zone`.

    Raises:
        Doubt: this file is not for the fast pass. The queries raise an error for the same reason.
    """
    if source.columns is None:
        raise Doubt("records of this source need thought")
    wanted = targets(source)
    text = LogText(log)
    head = head_of(text)
    shape = shape_of(head)
    if shape.kind == "objects":
        raise Doubt("objects over several lines")
    array = shape.kind != "lines"
    direct = not text.compression and not text.bom
    if direct and (not array or (shape.kind == "array" and log.bytes < _SMALL_ARRAY)):
        yield Batch(select([_plain_name(log.path, folder)], wanted, zone, array=array))
        return
    for paths in segments.segments(LogText(log), shape, folder):
        yield Batch(select(paths, wanted, zone, array=array))


def select(paths: Sequence[Path], wanted: Sequence[Target], zone: str, *, array: bool) -> str:
    """The query that reads the files and doubts."""
    files = ", ".join(_quoted(str(path)) for path in paths)
    tree = _tree(wanted)
    columns = ", ".join(f"{_name(key)}: {_quoted(_type(value))}" for key, value in tree.items())
    inner, outer = [], []
    for target in wanted:
        for name, expression in _expressions(target, zone):
            inner.append(f"{expression} AS {name}")
        outer.append(f"{_outer(target, zone)} AS {_name(target.column)}")
    inner[0] = _something(wanted, inner[0])
    return (
        f"SELECT {', '.join(outer)} FROM (SELECT {', '.join(inner)} FROM read_json([{files}], "
        f"format={_quoted('array' if array else 'newline_delimited')}, compression='uncompressed', records=true, "
        f"hive_partitioning=false, columns={{{columns}}}) AS r) AS q"
    )


def _something(wanted: Sequence[Target], expression: str) -> str:
    """The expression, which doubts a record with nothing in it; a filter would cost a third of the time."""
    leaves = list(dict.fromkeys(path for target in wanted for path in target.paths))
    others = " AND ".join(f"{_leaf(path)} IS NULL" for path in leaves)
    value, _, name = expression.rpartition(" AS ")
    return f"CASE WHEN {_leaf(leaves[0])} IS NULL AND {others} THEN error('doubt') ELSE {value} END AS {name}"


def _expressions(target: Target, zone: str) -> Iterator[tuple[str, str]]:
    leaf = _leaf(target.keys)
    column = _name(target.column)
    if target.minus is not None:
        if target.kind not in ("seconds", "number"):
            raise Doubt("a difference that is not a number")
        difference = f"({_double(leaf)} - {_double(_leaf(target.minus))})"
        yield column, _scaled(difference, target)
    elif target.kind == "count":
        if target.scale != 1.0:
            raise Doubt("a scaled count")
        yield column, _count(leaf)
    elif target.kind in ("seconds", "number"):
        yield column, _scaled(_double(leaf, seconds=target.kind == "seconds" and target.scale == 1.0), target)
    elif target.kind == "flag":
        yield column, _flag(leaf)
    elif target.kind == "time":
        if zone == "UTC":
            yield column, _time(leaf)
        else:
            yield _name(target.column + " naive"), _time(leaf, "naive")
            yield _name(target.column + " instant"), _time(leaf, "instant")
    else:
        yield column, _text(leaf)


def _outer(target: Target, zone: str) -> str:
    column = _name(target.column)
    if target.kind == "seconds" and (target.minus is not None or target.scale != 1.0):
        return (
            f"CASE WHEN {column} >= 0 AND {column} <= {MOST_SECONDS!r} THEN {column} "
            f"WHEN {column} IS NULL THEN NULL ELSE CAST(error('doubt') AS DOUBLE) END"
        )
    if target.kind == "number" and (target.minus is not None or target.scale != 1.0):
        return (
            f"CASE WHEN isfinite({column}) THEN {column} "
            f"WHEN {column} IS NULL THEN NULL ELSE CAST(error('doubt') AS DOUBLE) END"
        )
    if target.kind == "time" and zone == "UTC":
        return (
            f"CASE WHEN {column} BETWEEN TIMESTAMP '1000-01-01' AND TIMESTAMP '2999-12-31' THEN {column} "
            f"WHEN {column} IS NULL THEN NULL ELSE CAST(error('doubt') AS TIMESTAMP) END"
        )
    if target.kind == "time":
        naive = _name(target.column + " naive")
        return f"COALESCE({_name(target.column + ' instant')}, {naive} - {_offset(naive, clock.offset_spans(zone))})"
    return column


def _scaled(expression: str, target: Target) -> str:
    return expression if target.scale == 1.0 else f"{expression} * CAST({target.scale!r} AS DOUBLE)"


def _count(leaf: str) -> str:
    text = _as_text(leaf)
    number = f"TRY_CAST({text} AS BIGINT)"
    return (
        f"CASE WHEN CAST({number} AS VARCHAR) = {text} AND {number} >= 0 THEN {number} WHEN {leaf} IS NULL THEN NULL "
        f"WHEN regexp_full_match({text}, '\"[0-9]{{1,18}}\"|[0-9]{{1,15}}\\.0') "
        f"THEN CAST(regexp_extract({text}, '[0-9]+') AS BIGINT) ELSE CAST(error('doubt') AS BIGINT) END"
    )


def _double(leaf: str, *, seconds: bool = False) -> str:
    text = _as_text(leaf)
    number = f"TRY_CAST({text} AS DOUBLE)"
    quoted = f"CAST({leaf}->>'$' AS DOUBLE)"
    fine = f"{number} BETWEEN 0 AND {MOST_SECONDS!r}" if seconds else f"isfinite({number})"
    fine_quoted = f" AND {quoted} BETWEEN 0 AND {MOST_SECONDS!r}" if seconds else ""
    return (
        f"CASE WHEN {fine} THEN {number} WHEN {leaf} IS NULL THEN NULL "
        f"WHEN regexp_full_match({text}, '{_NUMBER}'){fine_quoted} THEN {quoted} "
        f"ELSE CAST(error('doubt') AS DOUBLE) END"
    )


def _flag(leaf: str) -> str:
    text = _as_text(leaf)
    return (
        f"CASE WHEN {text} IN ('true', '\"true\"') THEN true WHEN {text} IN ('false', '\"false\"') THEN false "
        f"WHEN {leaf} IS NULL THEN NULL ELSE CAST(error('doubt') AS BOOLEAN) END"
    )


def _text(leaf: str) -> str:
    text = _as_text(leaf)
    return (
        f"CASE WHEN starts_with({text}, '\"') AND NOT contains({text}, '\\u0000') THEN {leaf}->>'$' "
        f"WHEN {leaf} IS NULL THEN NULL ELSE error('doubt') END"
    )


def _time(leaf: str, only: str = "") -> str:
    """A time in UTC; with `only`, NULL for times with an offset ("naive") or without one ("instant")."""
    text = leaf  # read as VARCHAR: nothing but a text looks like a time
    naive = f"TRY_CAST({text} AS TIMESTAMP)"
    there = f"TRY_CAST({text} AS TIMESTAMPTZ)"
    found = "CAST(NULL AS TIMESTAMP)" if only == "instant" else naive
    instant = "CAST(NULL AS TIMESTAMP)" if only == "naive" else f"make_timestamp(epoch_us({there}))"
    return (
        f"CASE WHEN {leaf} IS NULL THEN NULL "
        f"WHEN CAST({naive} AS VARCHAR) = {text} THEN {found} "
        f"WHEN regexp_full_match({text}, '{_NAIVE}') AND {naive} IS NOT NULL THEN {found} "
        f"WHEN regexp_full_match({text}, '{_NAIVE}{_OFFSET}') AND {there} IS NOT NULL THEN {instant} "
        f"ELSE CAST(error('doubt') AS TIMESTAMP) END"
    )


def _offset(column: str, spans: Sequence[tuple[Any, Any]]) -> str:
    """The zone's offset at a local time: a binary search over the spans, written out."""
    if len(spans) == 1:
        offset = spans[0][1]
        if offset is None:
            return "CAST(error('doubt') AS INTERVAL)"
        return f"to_seconds({int(offset.total_seconds())})"
    middle = len(spans) // 2
    border = spans[middle][0].isoformat(sep=" ")
    later = f"CASE WHEN {column} >= TIMESTAMP '{border}' THEN {_offset(column, spans[middle:])}"
    earlier = f"ELSE {_offset(column, spans[:middle])} END"
    return f"{later} {earlier}"


def _tree(wanted: Sequence[Target]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for target in wanted:
        leaf = "VARCHAR" if target.kind == "time" else "JSON"
        for path in target.paths:
            at = tree
            for key in path[:-1]:
                at = at.setdefault(key, {})
                if not isinstance(at, dict):
                    raise Doubt("a field and a field inside it")
            if at.setdefault(path[-1], leaf) != leaf:
                raise Doubt("a field and a field inside it, or one field as a time and as something else")
    return tree


def _type(tree: dict[str, Any] | str) -> str:
    if isinstance(tree, str):
        return tree
    return "STRUCT(" + ", ".join(f"{_name(key)} {_type(value)}" for key, value in tree.items()) + ")"


def _leaf(path: Sequence[str]) -> str:
    return ".".join(["r", *(_name(key) for key in path)])


def _as_text(leaf: str) -> str:
    return f"CAST({leaf} AS VARCHAR)"


def _name(key: str) -> str:
    return '"' + key.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _plain_name(path: Path, folder: Path) -> Path:
    """DuckDB takes a name with `*`, `?` or `[` for a pattern: such a file gets another name."""
    if not glob.has_magic(str(path)):
        return path
    link = folder / f"plain-{uuid.uuid4().hex}"
    link.symlink_to(path)
    return link
