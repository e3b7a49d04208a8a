"""Moments on the clock as written: read, set round ticks on, and named as Plotly names them."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import Any, Final

EPOCH: Final = datetime(1970, 1, 1)
DAY: Final = 86_400

_MOMENT: Final = re.compile(
    r"(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?)?)?\s?(?:Z|[+-]\d\d:?\d\d)?"
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SECONDS: Final = (
    *(0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200),
    *(DAY, 2 * DAY, 4 * DAY, 7 * DAY, 14 * DAY),
)
_MONTH_STEPS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000)
#: A Sunday, where Plotly's weeks begin.
_SUNDAY: Final = (datetime(2000, 1, 2) - EPOCH).total_seconds()
_PARTS: Final = re.compile(r"%-?([YymdbBHMSe])")


def moment(value: Any) -> float | None:
    """Seconds since 1970 of a date as text, by the clock it is written in: an offset is not turned back."""
    found = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction = found.groups(default="")
    try:
        whole = datetime(int(year), int(month), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        return None
    return (whole - EPOCH).total_seconds() + float(f"0.{fraction or 0}")


def _calendar(seconds: float) -> datetime:
    return EPOCH + timedelta(seconds=round(seconds, 3))


def written(seconds: float) -> str:
    """A moment in full, for the pointer."""
    when = _calendar(seconds)
    if seconds % DAY == 0:
        return f"{when:%Y-%m-%d}"
    return f"{when:%Y-%m-%d %H:%M}" if when.second == 0 and not when.microsecond else f"{when:%Y-%m-%d %H:%M:%S}"


def ticks(low: float, high: float, most: int) -> tuple[list[float], float]:
    """Moments at round steps of the clock, and the step in seconds (about, for months)."""
    for step in _SECONDS:
        if (high - low) / step < most:
            found = _regular(low, high, step)
            if len(found) <= most:
                return found, step
    for months in _MONTH_STEPS:
        found = _monthly(low, high, months) if (high - low) / (months * 30 * DAY) < most + 2 else []
        if found and len(found) <= most:
            return found, months * 30 * DAY
    return [], DAY


def _regular(low: float, high: float, step: float) -> list[float]:
    start = _SUNDAY if step >= 7 * DAY else 0
    first, last = math.ceil((low - start) / step - 1e-6), math.floor((high - start) / step + 1e-6)
    return [start + place * step for place in range(first, last + 1)]


def _monthly(low: float, high: float, months: int) -> list[float]:
    begin, end = _calendar(low), _calendar(high)
    places = range((begin.year * 12 + begin.month - 1) // months * months, end.year * 12 + end.month, months)
    found = [(datetime(place // 12, place % 12 + 1, 1) - EPOCH).total_seconds() for place in places if place >= 12]
    return [when for when in found if low - 1 <= when <= high + 1]


def texts(moments: list[float], step: float) -> list[tuple[str, ...]]:
    """The lines under each tick; the day or the year stands where it is new."""
    found: list[tuple[str, ...]] = []
    before: datetime | None = None
    for seconds in moments:
        when = _calendar(seconds)
        found.append(_lines(when, before, step))
        before = when
    return found


def _lines(when: datetime, before: datetime | None, step: float) -> tuple[str, ...]:
    month, new_year = _MONTHS[when.month - 1], before is None or before.year != when.year
    if step >= 360 * DAY:
        return (str(when.year),)
    if step >= 28 * DAY:
        return (f"{month} {when.year}",)
    if step >= DAY:
        return (f"{month} {when.day}", str(when.year)) if new_year else (f"{month} {when.day}",)
    clock = f"{when:%H:%M}" if step >= 60 else f"{when:%H:%M:%S}"
    if step < 1:
        clock += f".{when.microsecond // 1000:03}"
    if before is not None and before.date() == when.date():
        return (clock,)
    return (clock, f"{month} {when.day}, {when.year}" if new_year else f"{month} {when.day}")


def formatted(seconds: float, form: str) -> str:
    """A moment in a figure's own format, of the parts that are known here."""
    when = _calendar(seconds)
    parts = {
        "Y": f"{when.year:04}",
        "y": f"{when.year % 100:02}",
        "m": f"{when.month:02}",
        "d": f"{when.day:02}",
        "e": str(when.day),
        "b": _MONTHS[when.month - 1],
        "B": _MONTHS[when.month - 1],
        "H": f"{when.hour:02}",
        "M": f"{when.minute:02}",
        "S": f"{when.second:02}",
    }
    return _PARTS.sub(lambda part: parts[part[1]].lstrip("0" if "-" in part[0] else "") or "0", form)
