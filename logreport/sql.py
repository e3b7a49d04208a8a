"""The words of SQL that metrics are written in. No database is named here; `databases/` spells what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from logreport.call import Call

#: The offsets of a zone, each with the time from which on it holds; the first holds before.
Offsets = list[tuple[datetime | None, timedelta]]

DAY = timedelta(days=1)
_NOTHING = timedelta()

#: From more changes of the clock on, a time is not said once more for each of them.
_MANY: Final = 8

#: How providers say, in lower case, that an answer was cut off: at the request's limit of tokens, or at the model's.
CUT_OFF: Final = (
    "length",  # OpenAI's Chat Completions and all that copies it: vLLM, Ollama, Mistral, TGI; Titan of Amazon
    "max_tokens",  # Anthropic, Amazon Bedrock's Converse, Google's Gemini, Cohere, IBM watsonx
    "finishreason.max_tokens",  # Gemini, as Python writes its enumeration down
    "max_output_tokens",  # OpenAI's Responses: incomplete_details.reason
    "max_completion_tokens",  # OpenAI's and Azure's Assistants: incomplete_details.reason
    "max_prompt_tokens",  # as above
    "model_context_window_exceeded",  # Anthropic and Amazon Bedrock: the model's limit came first
    "model_length",  # Mistral: as above
    "error_limit",  # Cohere: as above
    "token_limit",  # IBM watsonx: as above
)

# Zones did not change their clocks before; and nobody knows what they will do long after.
_EARLIEST = datetime(1880, 1, 1, tzinfo=UTC)
_LATEST = datetime(2120, 1, 1, tzinfo=UTC)


class floor_time(FunctionElement[datetime]):  # noqa: N801 - reads as a function in a query
    """A time without a zone, floored to a multiple of `width` seconds since Monday 2000-01-03."""

    inherit_cache = True
    type = sa.DateTime()
    name = "floor_time"

    def __init__(self, column: sa.ColumnElement[Any], width: int) -> None:
        super().__init__(column, sa.literal(width, sa.Integer()))


class moved_time(FunctionElement[datetime]):  # noqa: N801 - as above
    """A time without a zone, moved by a number of seconds, which is also given as an interval.

    Databases differ in which of the two is fast; the clauses are the time, the seconds and the interval.
    """

    inherit_cache = True
    type = sa.DateTime()
    name = "moved_time"


class number_since(FunctionElement[int]):  # noqa: N801 - as above
    """The number that holds at a time: the first until the first of the `moments`, and so on. NULL for no time.

    It looks at its time once, where a CASE would repeat it for every moment.
    """

    inherit_cache = False
    type = sa.Integer()
    name = "number_since"

    def __init__(self, time: sa.ColumnElement[Any], moments: list[datetime], numbers: list[int]) -> None:
        super().__init__(time)
        self.moments = ", ".join(f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}'" for moment in moments)
        self.numbers = ", ".join(map(str, numbers))


@compiles(floor_time)
@compiles(moved_time)
@compiles(number_since)
def _spelled_out(element: FunctionElement[Any], compiler: Any, **kw: Any) -> str:
    """For reading a query, as `str(query)` does; a database says it in its own words."""
    return f"{element.name}({compiler.process(element.clauses, **kw)})"


def tokens_known() -> sa.ColumnElement[bool]:
    """Whether the log tells how many tokens a call took: in all, or in its two parts."""
    return Call.tokens.is_not(None) | (Call.prompt_tokens.is_not(None) & Call.completion_tokens.is_not(None))


def not_failed() -> sa.ColumnElement[bool]:
    """Whether a call succeeded, as far as the log tells."""
    return Call.status.is_distinct_from("error")


def cut_off(finish_reason: Any) -> sa.ColumnElement[bool]:
    """Whether an answer that ended for this reason was cut off at a limit of tokens."""
    return sa.func.lower(finish_reason).in_(CUT_OFF)


def sum_of_tokens() -> sa.ColumnElement[int]:
    """All tokens of the calls that tell them: as the log says, or the sum of the two parts; NULL where none does."""
    # The parts are summed apart: two counts that fit into 64 bits may have a sum that does not.
    first = sa.case((Call.tokens.is_not(None), Call.tokens), (Call.completion_tokens.is_not(None), Call.prompt_tokens))
    second = sa.case((Call.tokens.is_(None) & Call.prompt_tokens.is_not(None), Call.completion_tokens))
    total = sa.func.sum(first) + sa.func.coalesce(sa.func.sum(second), 0)
    return sa.type_coerce(total, sa.BigInteger())


def mean(column: Any) -> sa.ColumnElement[float]:
    """The mean of durations in seconds, to the nanosecond; NULL where there is none.

    Whole nanoseconds are added up as integers, which give the same sum in any order: on every database, with any
    number of threads.
    """
    # floor(x + 0.5), since databases round a half in different directions.
    nanoseconds = sa.cast(sa.func.floor(column * number("1e9") + number("0.5")), sa.BigInteger())
    summed = double(sa.func.sum(nanoseconds))
    # One division, and so one rounding: the mean of 0.1, 0.2 and 0.3 is 0.2.
    return sa.type_coerce(summed / (double(sa.func.count(column)) * number("1e9")), sa.Double())


def double(column: Any) -> sa.ColumnElement[float]:
    """A number as a floating one: databases differ in what a division of whole numbers is."""
    return sa.cast(column, sa.Double())


def total(column: Any) -> sa.ColumnElement[int]:
    """The sum of whole numbers; NULL where there is none."""
    return sa.func.sum(column, type_=sa.BigInteger())


def dollars(picodollars: Any) -> sa.ColumnElement[float]:
    """The sum of a column of picodollars, in dollars; NULL where all of it is unknown."""
    # One division, and so one rounding.
    return sa.type_coerce(double(sa.func.sum(picodollars)) / number("1e12"), sa.Double())


def number(text: str) -> sa.ColumnElement[float]:
    """A literal that is a floating number everywhere: databases take 0.1 for a decimal one."""
    return sa.cast(sa.literal_column(text), sa.Double())


def count_where(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """How many rows the condition holds for; NULL does not hold."""
    return sa.func.count().filter(condition)


def by_name(column: Any) -> sa.ColumnElement[Any]:
    """The order of names, the same on every database and in every locale; NULL comes last."""
    return sa.collate(column, "C").asc().nulls_last()


def time_bucket(
    column: Any, width: timedelta, zone: str, first: datetime | None, last: datetime | None
) -> sa.ColumnElement[datetime]:
    """The start of the step of `width` (whole seconds) that a time falls into, as UTC without a zone.

    Steps follow the clocks of the zone between the instants `first` and `last`: days begin at local midnight, and the
    two hours that a clock change makes of one stay apart. The offsets come from Python's zone data, so that a database
    needs none.
    """
    offsets = _offsets(zone, first, last)
    seconds = int(width.total_seconds())
    if offsets == [(None, _NOTHING)]:
        return floor_time(column, seconds)
    local = floor_time(_moved(column, 1, column, offsets), seconds)
    jumps = [after - before for (_, before), (_, after) in pairwise(offsets)]
    if width < DAY and not any(jump % width for jump in jumps):
        return _moved(local, -1, column, offsets)
    # A step longer than a jump of the clock has one start, whichever side of the jump a call is on.
    back = list(_local(offsets))
    return _moved(local, -1, local, back) if len(back) <= _MANY else _moved_at_once(local, -1, back)


def local_time(column: Any, zone: str, first: datetime | None, last: datetime | None) -> sa.ColumnElement[datetime]:
    """A time as the clocks of the zone showed it, right on both sides of every change between `first` and `last`."""
    return _moved(column, 1, column, _offsets(zone, first, last))


def _local(offsets: Offsets) -> Iterator[tuple[datetime | None, timedelta]]:
    """The same offsets, each with the local time from which on it holds.

    A time that the clocks show twice is the first of the two; one that they skip is the moment of the jump.
    """
    before = offsets[0][1]
    for since, offset in offsets:
        yield None if since is None else since + max(before, offset), offset
        before = offset


def _moved(time: Any, sign: int, column: Any, offsets: Offsets) -> moved_time:
    """The time moved by what the offset is at the time in this column, forward (1) or back (-1)."""

    def case(spelled: Callable[[int], sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
        values = [(since, spelled(sign * int(offset.total_seconds()))) for since, offset in offsets]
        whens = [(column >= timestamp(since), value) for since, value in reversed(values) if since]
        return sa.case(*whens, else_=values[0][1]) if whens else values[0][1]

    return moved_time(time, case(_number_of), case(_interval))


def _moved_at_once(time: Any, sign: int, offsets: Offsets) -> moved_time:
    """As `_moved` by what the offset is at that time itself, for a time that takes long to say."""
    numbers = [sign * int(offset.total_seconds()) for _, offset in offsets]
    seconds = number_since(time, [since for since, _ in offsets if since], numbers)
    return moved_time(time, seconds, seconds * _interval(1))


def _number_of(seconds: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(seconds), sa.Integer())


def _interval(seconds: int) -> sa.ColumnElement[timedelta]:
    return sa.literal_column(f"INTERVAL '{seconds} seconds'", sa.Interval())


def timestamp(moment: datetime) -> sa.ColumnElement[datetime]:
    """A literal time without a zone."""
    return sa.literal_column(f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}'", sa.DateTime())


def _offsets(zone: str, first: datetime | None, last: datetime | None) -> Offsets:
    """The offsets from UTC between two instants, each with the UTC time (without a zone) from which on it holds."""
    where = ZoneInfo(zone)
    moment, end = _instant(first), _instant(last)
    found: Offsets = [(None, _offset(moment, where))]
    while moment < end:
        following = min(moment + DAY, end)
        if _offset(following, where) != _offset(moment, where):
            change = _change(moment, following, where)
            found.append((change.replace(tzinfo=None), _offset(change, where)))
        moment = following
    return found


def _instant(moment: datetime | None) -> datetime:
    """The moment in UTC, as far as zones are known; without one, any."""
    if moment is None:
        return datetime(2000, 1, 3, tzinfo=UTC)
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return min(max(aware, _EARLIEST), _LATEST)


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
    return moment.astimezone(where).utcoffset() or _NOTHING
