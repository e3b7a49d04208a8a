"""Grey is the baseline's: what is grey of the current run has another colour beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from logreport.figures import NEUTRAL, PALETTE, PLAIN
from logreport.overlay.picture import Fields, Picture

#: Where a trace has colours: a part of it, or the trace itself, and the name of the field.
_PLACES: Final = (("marker", "color"), ("line", "color"), ("", "fillcolor"))


def apart(mine: Picture) -> Picture:
    """The current run's figure, in which nothing is grey: the colour instead is one that it does not have yet."""
    used = {colour for trace in mine.data for colour in _colours(trace)}
    if NEUTRAL not in used:
        return mine
    free = next((colour for colour in (PLAIN, *reversed(PALETTE)) if colour not in used), PLAIN)
    return replace(mine, data=[_turned(trace, free) for trace in mine.data])


def _colours(trace: Fields) -> Iterator[str]:
    for part, name in _PLACES:
        found = _inside(trace, part).get(name)
        yield from (one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str))


def _turned(trace: Fields, colour: str) -> Fields:
    turned = dict(trace)
    for part, name in _PLACES:
        inside = _inside(turned, part)
        if name not in inside:
            continue
        made = inside | {name: _instead(inside[name], colour)}
        turned = turned | {part: made} if part else made
    return turned


def _inside(trace: Fields, part: str) -> Fields:
    found = trace.get(part) if part else trace
    return found if isinstance(found, dict) else {}


def _instead(found: Any, colour: str) -> Any:
    if isinstance(found, list):
        return [colour if one == NEUTRAL else one for one in found]
    return colour if found == NEUTRAL else found
