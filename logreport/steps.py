"""How wide a step of time is, in charts over time."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Final

from logreport.errors import BadWindow

#: Time charts have at most this many points where the width is chosen from the span, and mostly more than a quarter.
MOST_POINTS: Final = 150

#: A width asked for by hand may give this many points, not more: a page is for reading.
LIMIT_POINTS: Final = 5000

#: Nobody asks for more than a century.
WIDEST: Final = timedelta(days=36_525)

#: The steps a reader expects on a clock and a calendar, in seconds.
WIDTHS: Final = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 10800, 21600, 43200),
    *(86400, 2 * 86400, 7 * 86400, 14 * 86400, 28 * 86400, 91 * 86400, 364 * 86400, 3640 * 86400),
)


def width(first: datetime | None, last: datetime | None, most: int = MOST_POINTS) -> timedelta:
    """The narrowest step of a clock or calendar that gives at most so many points over this span."""
    span = (last - first).total_seconds() if first and last else 0.0
    longest = WIDTHS[-1] * ceil(span / (most - 2) / WIDTHS[-1]) or WIDTHS[-1]  # for spans of centuries
    return timedelta(seconds=next((step for step in WIDTHS if span // step + 2 <= most), longest))


def checked(asked: timedelta, first: datetime | None, last: datetime | None) -> timedelta:
    """A width that somebody asked for; `BadWindow` where it does not fit the span."""
    if asked < timedelta(seconds=1) or asked % timedelta(seconds=1) or asked > WIDEST:
        raise BadWindow(f"not a bucket width: {asked}", "it takes whole seconds, from one to a century")
    points = (last - first) / asked if first and last else 0.0
    if points > LIMIT_POINTS:
        raise BadWindow(
            f"a bucket of {asked} gives {points:,.0f} points over this span",
            "choose a wider `--bucket`, or a narrower window with `--since` and `--until`",
        )
    return asked
