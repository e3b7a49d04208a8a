"""Times as logs write them, as UTC without a zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

_TIME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[ T]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?(?:(Z)|([+-])([01]\d):?([0-5]\d))?",
    re.ASCII,
)
#: Years for which the strict pass knows a zone's offsets; other times are left to the careful pass.
KNOWN_YEARS: Final = (2000, 2040)
_EPOCH: Final = datetime(1970, 1, 1)


def instant(text: str, zone: str) -> datetime:
    """The time that the text says, in UTC; a time without an offset is in `zone`. Digits beyond microseconds are cut.

    Of two times that a clock set back shows, the first is meant.

    Raises:
        ValueError: the text is no time, or one that does not exist (30 February, or skipped by a clock set forward).
    """
    match = _TIME.fullmatch(text)
    if not match:
        raise ValueError("is not a time like 2024-12-18 16:40:40")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, utc, sign, hours, minutes = match.groups()[6:]
    try:
        naive = datetime(year, month, day, hour, minute, second, int((fraction or "0").ljust(6, "0")[:6]))
    except ValueError:
        raise ValueError("is a date that does not exist") from None
    try:
        if sign:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            return naive - offset if sign == "+" else naive + offset
        return naive if utc or zone == "UTC" else _from_zone(naive, zone)
    except OverflowError:
        raise ValueError("is a time outside the years 1 to 9999") from None


def from_epoch(seconds: float) -> datetime:
    """The time so many seconds after 1970, to the microsecond."""
    return _EPOCH + timedelta(microseconds=round(seconds * 1e6))


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
