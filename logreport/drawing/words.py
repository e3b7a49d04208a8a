"""Label text: what Plotly's markup says in plain words, how wide it is, and how it is shortened."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import unescape
from itertools import takewhile
from typing import Any, Final

from logreport import signs, units

SIZE: Final = 12

#: Longest labels beside the plot, in characters and pixels, on wide and on narrow screens.
WIDE: Final = (34, 236)
NARROW: Final = (16, 112)

_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
#: The signs that turn the direction of what follows: one label must not rewrite the next.
_UNSEEN: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SLIM: Final = frozenset("iljtfrI.,:;'|!()[]{}/\\-` \"")
_BROAD: Final = frozenset("mwMWQO@%&…—œæ")


def plain(label: Any) -> str:
    """A label on one line."""
    return " ".join(lines(label))


def lines(label: Any) -> tuple[str, ...]:
    """A label as the lines that a reader sees: `<br>` breaks, entities are signs, other tags are text."""
    return tuple(" ".join(_UNSEEN.sub("\ufffd", unescape(part)).split()) for part in _BREAK.split(said(label)))


def affix(label: Any) -> str:
    """What stands before or after a number; its spaces count."""
    return _UNSEEN.sub("\ufffd", unescape(said(label)).replace("\n", " "))


def said(value: object) -> str:
    """A value of the figure as text, as Plotly would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    if not isinstance(value, str | int | float):
        raise TypeError("a label is text or a number")
    return str(value)


def width(text: str, size: float = SIZE) -> float:
    """About how many pixels a line takes, rather too many than too few: the reader's font is not known."""
    return size * sum(_ems(sign) for sign in text)


def _ems(sign: str) -> float:
    if sign in _SLIM:
        return 0.4
    if sign in _BROAD:
        return 0.98
    if sign.isascii():
        return 0.7 if sign.isupper() else 0.62
    if unicodedata.category(sign) in {"Mn", "Cf"}:
        return 0
    return 1 if unicodedata.east_asian_width(sign) in "WF" or ord(sign) > 0xFFFF else 0.7


def shorten(text: str, characters: int, pixels: float) -> str:
    """Cut in the middle until it is as short, and about as narrow."""
    short = signs.cut(text, characters)
    while len(short) > 2 and width(short) > pixels:
        short = signs.cut(text, len(short) - 1)
    return short


def shorten_apart(texts: Sequence[str], characters: int, pixels: float) -> list[str]:
    """Each cut in the middle; those that would then read the same are cut around what tells them apart."""
    short = [shorten(text, characters, pixels) for text in texts]
    alike = [text for text, cut in zip(texts, short, strict=True) if short.count(cut) > 1]
    if len(set(alike)) < 2:
        return short
    start, end = _common(alike), _common([text[::-1] for text in alike])
    told = {text: _around(text, start, min(end, len(text) - start), characters, pixels) for text in alike}
    return [told.get(text, cut) for text, cut in zip(texts, short, strict=True)]


def _common(texts: Sequence[str]) -> int:
    """How many signs all of these begin with."""
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, zip(*texts, strict=False)))


def _around(text: str, start: int, end: int, characters: int, pixels: float) -> str:
    """What lies between the common beginning and the common end, and as much of these as there is room for."""
    own = text[start : len(text) - end]
    for most in range(characters, len(own), -1):
        room = max(0, most - len(own) - 2)
        head = min(start, room // 2)
        tail = min(end, room - head)
        left = text[:head] + ("…" if head < start else "")
        right = ("…" if tail < end else "") + text[len(text) - tail :]
        if width(left + own + right) <= pixels:
            return left + own + right
    return shorten(own, characters, pixels)


def exact(value: float) -> str:
    """All digits that mean something: a sum like 0.30000000000000004 was meant as 0.3."""
    return units.exact(int(value) if value == int(value) else float(f"{value:.12g}"))
