"""Windows as people type them: in options on the command line, in the address of a dashboard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from logreport.errors import BadWindow
from logreport.zones import zone

if TYPE_CHECKING:
    from logreport.metric import Window

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def moment(text: str | None, where: ZoneInfo) -> datetime | None:
    """An instant; a time without an offset is one in this zone."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=where)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadWindow(
            f"not a time: {text}", "write 2024-12-18, 2024-12-18T16:40 or 2024-12-18T16:40:00+01:00"
        ) from None


def width(text: str | None) -> timedelta | None:
    """The step of time charts: a number and one of s, m, h, d, w."""
    if text is None:
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,6})([smhdw])", text)
    if found is None:
        raise BadWindow(f"not a width of time: {text}", "write a number and a unit: 30s, 15m, 1h, 1d, 1w")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def window(
    *,
    since: str | None,
    until: str | None,
    models: Sequence[str],
    request_types: Sequence[str],
    runs: Sequence[str],
    timezone: str,
) -> Window:
    """The window that these options describe; `BadWindow` says what is wrong with them."""
    from logreport.metric import Window

    where = zone(timezone)
    first, last = moment(since, where), moment(until, where)
    if first and last and last <= first:
        raise BadWindow(f"--until {until} is not after --since {since}", "the window ends before it begins")
    return Window(
        since=first,
        until=last,
        models=tuple(models),
        request_types=tuple(request_types),
        runs=tuple(runs),
        timezone=timezone,
    )
