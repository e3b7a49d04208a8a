"""The words of SQL that metrics are written in. No database is named here; `databases/` spells what differs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.sql.functions import FunctionElement

from logreport.call import Call

DAY = timedelta(days=1)
_NANOSECONDS = 1_000_000_000


class floor_time(FunctionElement[datetime]):  # noqa: N801 - reads as a function in a query
    """A time without a zone, floored to a multiple of `width` seconds since Monday 2000-01-03."""

    inherit_cache = True
    type = sa.DateTime()
    name = "floor_time"

    def __init__(self, column: sa.ColumnElement[Any], width: int) -> None:
        super().__init__(column, sa.literal(width, sa.Integer()))


def total_tokens() -> sa.ColumnElement[int]:
    """All tokens of a call: as the log says, or the sum of its two parts where both are known."""
    return sa.func.coalesce(Call.tokens, Call.prompt_tokens + Call.completion_tokens)


def mean(column: Any) -> sa.ColumnElement[float]:
    """The mean of durations in seconds, added up in whole nanoseconds.

    Adding integers gives the same sum in any order: on every database, with any number of threads.
    """
    total = sa.func.sum(sa.cast(sa.func.round(column * _NANOSECONDS), sa.BigInteger()))
    nanoseconds = sa.cast(sa.func.count(column) * sa.literal_column(str(_NANOSECONDS)), sa.Double())
    quotient: sa.ColumnElement[Any] = sa.cast(total, sa.Double()) / nanoseconds
    return quotient


def count_where(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """How many rows the condition holds for; NULL does not hold."""
    return sa.func.count().filter(condition)


def time_bucket(
    column: Any, width: timedelta, zone: str, first: datetime | None, last: datetime | None
) -> sa.ColumnElement[datetime]:
    """The start of the step of `width` that a time falls into, as UTC without a zone.

    Steps follow the clocks of the zone between `first` and `last`: days begin at local midnight, and the two hours that
    a clock change makes of one stay apart. The offsets come from Python's zone data, so that a database needs none.
    """
    offsets = _offsets(zone, first, last)
    seconds = int(width.total_seconds())
    local = floor_time(column + _case(column, offsets), seconds)
    if width < DAY:
        return local - _case(column, offsets)
    # A local day has one start, whatever the clock does later that day: the offset is that of its midnight.
    midnights = [(None if since is None else since + offset, offset) for since, offset in offsets]
    return local - _case(local, midnights)


def _case(column: Any, offsets: list[tuple[datetime | None, timedelta]]) -> sa.ColumnElement[timedelta]:
    if len(offsets) == 1:
        return _interval(offsets[0][1])
    whens = [(column >= _timestamp(since), _interval(offset)) for since, offset in reversed(offsets[1:]) if since]
    return sa.case(*whens, else_=_interval(offsets[0][1]))


def _interval(offset: timedelta) -> sa.ColumnElement[timedelta]:
    return sa.literal_column(f"INTERVAL '{int(offset.total_seconds())} seconds'", sa.Interval())


def _timestamp(moment: datetime) -> sa.ColumnElement[datetime]:
    return sa.literal_column(f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}'", sa.DateTime())


def _offsets(zone: str, first: datetime | None, last: datetime | None) -> list[tuple[datetime | None, timedelta]]:
    """The offsets from UTC between two instants, each with the UTC time from which on it holds."""
    where = ZoneInfo(zone)
    start = first or datetime(2000, 1, 3, tzinfo=UTC)
    found: list[tuple[datetime | None, timedelta]] = [(None, _offset(start, where))]
    if first is None or last is None:
        return found
    moment = start
    while moment < last:
        following = min(moment + DAY, last)
        if _offset(following, where) != _offset(moment, where):
            change = _change(moment, following, where)
            found.append((change.replace(tzinfo=None), _offset(change, where)))
        moment = following
    return found


def _change(before: datetime, after: datetime, where: ZoneInfo) -> datetime:
    """The first second of the offset that holds at `after`, by halving."""
    low, high = int(before.timestamp()), int(after.timestamp())
    new = _offset(after, where)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(datetime.fromtimestamp(middle, UTC), where) == new:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, UTC)


def _offset(moment: datetime, where: ZoneInfo) -> timedelta:
    return moment.astimezone(where).utcoffset() or timedelta()
