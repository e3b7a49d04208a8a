"""The window of a dashboard in the address of its page, so that a view can be shared, kept and gone back to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from logreport import typed
from logreport.errors import BadWindow
from logreport.metric import Window

#: Longer ones are no address that this program wrote.
_LONGEST: Final = 8000

#: As long ago as calendars go. Calls without a time are not even among those since then.
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a viewer asked for, in the words of the address; an empty text is the default.

    `last` is a width such as 1d, counted back from the newest call that is stored; the other parts are those of the
    command line's options of these names.
    """

    last: str = ""
    since: str = ""
    until: str = ""
    model: tuple[str, ...] = ()
    request_type: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    timezone: str = ""
    bucket: str = ""

    @property
    def search(self) -> str:
        """The part of the address from the question mark on; the same window always gives the same one."""
        pairs = [(field.name, value) for field in fields(self) for value in _each(getattr(self, field.name))]
        return f"?{urlencode(pairs, errors='surrogatepass')}" if pairs else ""

    def window(self, zone: str, newest: datetime | None) -> tuple[Window, timedelta | None]:
        """The window, and the step of time that was asked for; `zone` is the default one, `newest` UTC without a zone.

        Raises:
            BadWindow: a part of it makes no sense.
        """
        window = typed.window(
            since=self.since or None,
            until=self.until or None,
            models=self.model,
            request_types=self.request_type,
            runs=self.run,
            timezone=self.timezone or zone,
        )
        return _counted_back(window, self, newest), typed.width(self.bucket or None)


def asked(search: str | None) -> Asked:
    """What an address asks for.

    Raises:
        BadWindow: it has a part that is unknown or given twice; filters are never passed over in silence.
    """
    text = (search or "").removeprefix("?")
    if len(text) > _LONGEST:
        raise BadWindow("the address is too long", f"it can have {_LONGEST:,} signs")
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        found.setdefault(name, []).append(value)
    return from_parts(found)


def from_parts(parts: dict[str, list[str]]) -> Asked:
    """What these parts ask for; each has its name and all that was given for it.

    Raises:
        BadWindow: as `asked`.
    """
    kinds = {field.name: field.default for field in fields(Asked)}
    known: dict[str, Any] = {}
    for name, values in parts.items():
        if name not in kinds:
            raise BadWindow(f"the address has an unknown part: {name}", f"it can have {', '.join(kinds)}")
        given = [_text(value) for value in values if value]
        if isinstance(kinds[name], tuple):
            known[name] = tuple(dict.fromkeys(given))
        elif len(given) > 1:
            raise BadWindow(f"the address has {name} twice", "one of them has to go")
        else:
            known[name] = given[0] if given else ""
    found = Asked(**known)
    if len(found.search) > _LONGEST:
        raise BadWindow("more is chosen than an address can hold", f"it can have {_LONGEST:,} signs")
    return found


def _text(value: str) -> str:
    """A text that every database takes; a half of a pair of surrogates is none, and no name has a NUL."""
    if "\x00" in value:
        raise BadWindow("the address has a NUL in it", "no name has one")
    return value.encode("utf-8", "replace").decode()


def _each(value: str | Sequence[str]) -> Sequence[str]:
    if isinstance(value, str):
        return [value] if value else []
    return value


def _counted_back(window: Window, asked: Asked, newest: datetime | None) -> Window:
    span = typed.width(asked.last or None)
    if span is None:
        return window
    if window.since or window.until:
        raise BadWindow("last and since or until say two things", "leave one of them out")
    try:
        since = newest.replace(tzinfo=UTC) - span if newest else _BEGINNING
    except OverflowError:
        since = _BEGINNING
    return replace(window, since=since)
