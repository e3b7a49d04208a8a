"""Lines of one call that follow one another in a log, made one before they are written.

A program that logs a call as it grows writes its lines one behind the other, so that most of them need not be loaded to
be merged. Only what leaves no doubt is made one here, as `logreport.databases.repeats` would: the later line, at the
time of the earlier one.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from operator import eq
from typing import Any

from logreport.source import SOURCE_COLUMNS

Row = Mapping[str, Any]


def folded(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows, without those which the row behind them says again."""
    names = [row.get("request_id") for row in rows]
    if not any(map(eq, names, itertools.islice(names, 1, None))):
        return rows
    kept = [rows[0]]
    for row in itertools.islice(rows, 1, None):
        last = kept[-1]
        if row.get("request_id") is not None and _goes_on(last, row):
            kept[-1] = {**row, "created": last["created"]}
        else:
            kept.append(row)
    return kept


def _goes_on(before: Row, after: Row) -> bool:
    """Whether a row is the one before it, later, with nothing different but higher counts or a reason to finish.

    Failures are attempts: two of them are two calls.
    """
    if before.get("request_id") != after.get("request_id") or before.keys() != after.keys() or "created" not in before:
        return False
    if before.get("status") is not None or before.get("error") is not None:
        return False
    return all(was == after[column] or _grew(column, was, after[column]) for column, was in before.items())


def _grew(column: str, was: Any, now: Any) -> bool:
    if column == "created":
        same_clock = was.__class__ is now.__class__ is str and len(was) == len(now) and was[-1:] == now[-1:] == "Z"
        return bool(same_clock and was < now)
    if column == "finish_reason":
        return was is None
    return SOURCE_COLUMNS.get(column) == "count" and was.__class__ is now.__class__ is int and was < now
