"""Colours that may stand in a drawing: hex, rgb(), rgba() and names. Anything else is not passed on."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

_HEX: Final = re.compile(r"#([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_RGB: Final = re.compile(
    r"rgba?\(\s*([\d.]{1,9})\s*,\s*([\d.]{1,9})\s*,\s*([\d.]{1,9})\s*(?:,\s*([\d.]{1,9}%?)\s*)?\)", re.IGNORECASE
)
_NAME: Final = re.compile(r"[a-zA-Z]{3,24}")
_LIGHT_NAMES: Final = ("light", "white", "yellow", "ivory", "beige", "snow", "pink", "silver", "gold", "aqua", "cyan")


class Colour(NamedTuple):
    """A colour for a presentation attribute, and how much of it is seen."""

    paint: str
    opacity: float = 1.0

    def faded(self, by: Any) -> Colour:
        """Seen through an opacity of the figure, which may be absent."""
        return self._replace(opacity=self.opacity * min(1.0, max(0.0, by))) if isinstance(by, int | float) else self

    @property
    def seen(self) -> float | None:
        """The opacity where it is worth writing."""
        return None if self.opacity >= 1 else self.opacity


def colour(value: Any, otherwise: str) -> Colour:
    """The colour a figure asks for, or another where it asks for none that is safe."""
    text = value.strip() if isinstance(value, str) else ""
    if text.lower() == "transparent":
        return Colour("none", 0)
    if _HEX.fullmatch(text):
        return _hex(text[1:])
    if rgb := _RGB.fullmatch(text):
        return _rgb(*rgb.groups())
    return Colour(text if _NAME.fullmatch(text) else otherwise)


def _hex(digits: str) -> Colour:
    long = digits if len(digits) > 4 else "".join(2 * digit for digit in digits)
    return Colour(f"#{long[:6]}", round(int(long[6:], 16) / 255, 2) if len(long) == 8 else 1.0)


def _rgb(red: str, green: str, blue: str, alpha: str | None) -> Colour:
    paint = "".join(f"{min(255, round(float(part))):02x}" for part in (red, green, blue))
    opacity = 1.0 if alpha is None else float(alpha.rstrip("%")) / (100 if alpha.endswith("%") else 1)
    return Colour(f"#{paint}", min(1.0, opacity))


def channels(paint: str) -> tuple[int, int, int] | None:
    """Red, green and blue of a colour in hex; None for a name."""
    if not _HEX.fullmatch(paint):
        return None
    long = paint[1:] if len(paint) > 4 else "".join(2 * digit for digit in paint[1:])
    return int(long[:2], 16), int(long[2:4], 16), int(long[4:6], 16)


def on(background: Colour) -> str:
    """White or dark, whichever is read more easily on this colour."""
    parts = channels(background.paint)
    if parts is None:
        light = any(name in background.paint.lower() for name in _LIGHT_NAMES)
    else:
        seen = [255 - (255 - part) * background.opacity for part in parts]
        light = 0.299 * seen[0] + 0.587 * seen[1] + 0.114 * seen[2] > 150
    return "#24292f" if light else "#ffffff"
