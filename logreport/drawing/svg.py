"""Elements and numbers of SVG as text, well-formed whatever they are made of."""

from __future__ import annotations

import math
import re
from html import escape
from typing import Final, TypeAlias

#: A plot has no width in pixels: lines and areas use this one, which is stretched to what there is.
ACROSS: Final = 1000

#: What an attribute may be; None for one that is not written.
Attribute: TypeAlias = str | float | None

#: What XML 1.0 does not allow, and halves of surrogate pairs.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escaped(text: str) -> str:
    """Text for between tags and for attributes."""
    return escape(_FORBIDDEN.sub("\ufffd", text))


def number(value: float) -> str:
    """At most two decimals, without zeros at the end."""
    if not math.isfinite(value):
        raise ValueError(f"{value} has no place in a drawing")
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def percent(fraction: float) -> str:
    """A place across the plot."""
    return f"{number(100 * fraction)}%"


def element(tag: str, *children: str, **attributes: Attribute) -> str:
    """An element; children are markup already, attributes are not. `stroke_width` is stroke-width, `class_` class."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escaped(value) if isinstance(value, str) else number(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    inside = "".join(children)
    return f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>"


def titled(text: str) -> str:
    """What a browser shows when the pointer rests on the element around it."""
    return element("title", escaped(text))


def stretched(*paths: str, height: float, clip: bool = False, across: int = ACROSS) -> str:
    """Paths that are `across` wide, stretched over the width of the plot."""
    return element(
        "svg",
        *paths,
        width="100%",
        height=height,
        viewBox=f"0 0 {across} {number(height)}",
        preserveAspectRatio="none",
        overflow=None if clip else "visible",
    )
