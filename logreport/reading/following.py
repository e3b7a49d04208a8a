"""Lines of one call that follow one another in a log, made one before they are written.

A program that logs a call as it grows writes its lines one behind the other, so that most of them need not be loaded to
be merged. Only what leaves no doubt is made one here, as `logreport.databases.repeats` would: the later line, at the
time of the earlier one. (Of lines elsewhere that have as many tokens and yet other counts, another one may then be the
latest.)
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime
from operator import eq
from typing import Any, Final

from logreport.reading.columns import Row


def folded(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows, without those which the row behind them says again."""
    names = [row.get("request_id") for row in rows]
    if not any(map(eq, names, itertools.islice(names, 1, None))):
        return rows
    kept = [rows[0]]
    for row in itertools.islice(rows, 1, None):
        last = kept[-1]
        if row.get("request_id") and _goes_on(last, row):
            kept[-1] = {**row, "created": last["created"]}
        else:
            kept.append(row)
    return kept


def _goes_on(before: Row, after: Row) -> bool:
    """Whether a row is the one before it, later, with nothing different but more of an answer or a reason to finish.

    Failures are attempts: two of them are two calls. Where a row has several times, each has its own durations.
    """
    if before.get("request_id") != after.get("request_id") or before.keys() != after.keys() or "created" not in before:
        return False
    if any(before.get(column) is not None for column in _APART):
        return False
    return all(was == after[column] or _grew(column, was, after[column], before) for column, was in before.items())


_APART: Final = ("status", "error", "ended", "first_token", "elapsed")
_ANSWER: Final = ("completion_tokens", "answer_tokens")


def _grew(column: str, was: Any, now: Any, row: Row) -> bool:
    if column == "created":
        return bool(was.__class__ is now.__class__ is str and len(was) == len(now) and was < now and _is_utc(was, now))
    if column == "finish_reason":
        return was is None
    # Where more is counted, the parts may turn out to be counted apart, and fewer in all.
    alone = row.get("tokens") is None and row.get("reasoning_tokens") is None
    return bool(column in _ANSWER and alone and was.__class__ is now.__class__ is int and 0 <= was < now)


def _is_utc(*times: str) -> bool:
    try:
        return all(time[-1:] == "Z" and datetime.fromisoformat(time) for time in times)
    except ValueError:
        return False
