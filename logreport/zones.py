"""Time zones by their names in the IANA database."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from logreport.errors import BadWindow


def zone(name: str) -> ZoneInfo:
    """The time zone of this IANA name.

    Raises:
        BadWindow: there is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadWindow(f"unknown time zone: {name}", "use an IANA name such as `Europe/Berlin` or `UTC`") from None
