"""When something is made: now, or when a reproducible build says so."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from logreport.errors import LogReportError


def made() -> datetime:
    """Now, or the time that reproducible builds set (https://reproducible-builds.org/specs/source-date-epoch/).

    Raises:
        LogReportError: SOURCE_DATE_EPOCH is not a time.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(given), UTC)
    except (ValueError, OverflowError, OSError):
        raise LogReportError(f"SOURCE_DATE_EPOCH is not a time: {given}", "it takes whole seconds since 1970") from None
