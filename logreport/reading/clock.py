"""Times as logs write them, as UTC without a zone."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

_TIME: Final = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[ Tt]([01]\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d)(?:[.,](\d{1,9}))?)?"
    r" ?(?:(Z|z|UTC|GMT)|([+-])([01]\d)(?::?([0-5]\d))?)?",
    re.ASCII,
)
#: As access logs write it: 18/Dec/2024:16:40:40 +0000.
_ACCESS: Final = re.compile(r"\[?(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})\]?", re.ASCII)
_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
#: Numbers below these count seconds, milliseconds and microseconds since 1970, others nanoseconds: in seconds the first
#: is the year 5138, and in milliseconds it is March 1973.
LIMITS: Final = (10**11, 10**14, 10**17)
#: Years for which the strict pass knows a zone's offsets; other times are left to the careful pass.
KNOWN_YEARS: Final = (2000, 2040)
_EPOCH: Final = datetime(1970, 1, 1)


def instant(text: str, zone: str) -> datetime:
    """The time that the text says, in UTC; a time without an offset is in `zone`. Digits beyond microseconds are cut.

    Of two times that a clock set back shows, the first is meant.

    Raises:
        ValueError: the text is no time, or one that does not exist (30 February, or skipped by a clock set forward).
    """
    match = _TIME.fullmatch(_rewritten(text))
    if not match:
        raise ValueError("is not a time like 2024-12-18 16:40:40")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    fraction, utc, sign, hours, minutes = match.groups()[6:]
    try:
        naive = datetime(year, month, day, hour, minute, second, int((fraction or "0").ljust(6, "0")[:6]))
    except ValueError:
        raise ValueError("is a date that does not exist") from None
    try:
        if sign:
            offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
            return naive - offset if sign == "+" else naive + offset
        return naive if utc or zone == "UTC" else _from_zone(naive, zone)
    except OverflowError:
        raise ValueError("is a time outside the years 1 to 9999") from None


def from_epoch(seconds: float) -> datetime:
    """The time so many seconds after 1970, to the microsecond."""
    return _from_micros(math.floor(seconds * 1e6 + 0.5))


def from_number(number: float) -> datetime | None:
    """The time that so many seconds, milliseconds, microseconds or nanoseconds after 1970 are; 0 is no time.

    Raises:
        ValueError: it is negative, or too far away.
    """
    if number < 0:
        raise ValueError("is a negative time")
    if not number:
        return None
    whole = isinstance(number, int)
    for limit, factor in zip(LIMITS, (1_000_000, 1000, 1), strict=True):
        if number < limit:
            return _from_micros(number * factor if whole else math.floor(number * float(factor) + 0.5))
    return _from_micros(number // 1000 if whole else math.floor(number / 1000))


def _from_micros(micros: float) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        raise ValueError("is a time outside the years 1 to 9999") from None


def _rewritten(text: str) -> str:
    """Other unambiguous spellings of a time in the one that is understood."""
    text = text.strip()
    if match := _ACCESS.fullmatch(text):
        day, month, year, time, offset = match.groups()
        if month in _MONTHS:
            return f"{year}-{_MONTHS.index(month) + 1:02}-{day} {time}{offset}"
    if text[:3].isalpha() and "," in text[:5]:  # as mails and HTTP write it: Wed, 18 Dec 2024 16:40:40 GMT
        try:
            return parsedate_to_datetime(text).isoformat(sep=" ")
        except ValueError:
            return text
    return text


def _from_zone(naive: datetime, zone: str) -> datetime:
    there = ZoneInfo(zone)
    moment = naive.replace(tzinfo=there).astimezone(UTC)
    if moment.astimezone(there).replace(tzinfo=None) != naive:
        raise ValueError(f"is a time that does not exist in {zone}")
    return moment.replace(tzinfo=None)


@cache
def offset_spans(zone: str) -> tuple[tuple[datetime, timedelta | None], ...]:
    """From which local time on which offset holds, in order; None from where it is not certain (a clock is changed)."""
    there = ZoneInfo(zone)
    start, end = datetime(KNOWN_YEARS[0], 1, 1, tzinfo=UTC), datetime(KNOWN_YEARS[1], 1, 1, tzinfo=UTC)
    offset = start.astimezone(there).utcoffset() or timedelta()
    spans: list[tuple[datetime, timedelta | None]] = [
        (datetime.min, None),  # noqa: DTZ901 - local times have no zone
        (start.replace(tzinfo=None) + timedelta(days=2), offset),
    ]
    for change, after in _changes(there, start, end):
        local = change.replace(tzinfo=None)
        spans.append((local + min(offset, after), None))
        spans.append((local + max(offset, after), after))
        offset = after
    spans.append((end.replace(tzinfo=None) - timedelta(days=2), None))
    return tuple(spans)


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """The instants at which the zone's offset changes, to the second, with the offset from then on."""
    day = timedelta(hours=12)
    at, offset = start, start.astimezone(zone).utcoffset()
    while at < end:
        later = at + day
        after = later.astimezone(zone).utcoffset()
        if after != offset and after is not None:
            low, high = 0, int(day.total_seconds())
            while high - low > 1:
                middle = (low + high) // 2
                if (at + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
                    low = middle
                else:
                    high = middle
            yield at + timedelta(seconds=high), after
            offset = after
        at = later
