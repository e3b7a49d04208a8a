"""The legend of two runs: it says what grey means, and of the current run what it said before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from logreport.overlay.grey import NAME
from logreport.overlay.picture import Fields, Picture, is_visible

#: After the current run's, whatever is drawn first: other traces have 1000.
_LAST: Final = 1001


def with_entry(greys: Sequence[Fields]) -> list[Fields]:
    """The baseline's traces, which have one entry together."""
    # What tells the pointer nothing is a help for other marks, and no example of them.
    speaking = next((place for place, trace in enumerate(greys) if "hovertemplate" in trace), 0)
    same = {"name": NAME, "legendgroup": NAME, "legendrank": _LAST}
    return [trace | same | {"showlegend": place == speaking} for place, trace in enumerate(greys)]


def with_own(mine: Picture, current: Sequence[Fields]) -> list[Fields]:
    """The current run's traces, listed as they were; a single one is told apart where it has one colour to show."""
    if _was_shown(mine):
        return list(current)
    marks = [place for place, trace in enumerate(mine.data) if any(trace is mark for mark in mine.marks)]
    alone = marks[0] if len(marks) == 1 and _is_of_one_colour(mine.data[marks[0]]) else None
    named = {"name": "current", "showlegend": True}
    return [trace | (named if place == alone else {"showlegend": False}) for place, trace in enumerate(current)]


def _was_shown(mine: Picture) -> bool:
    asked = mine.layout.get("showlegend")
    if asked is not None:
        return bool(asked)
    listed = [trace for trace in mine.data if is_visible(trace) and trace.get("showlegend") is not False]
    return len(listed) > 1 or any(trace.get("showlegend") for trace in listed)


def _is_of_one_colour(trace: Fields) -> bool:
    return not isinstance((trace.get("marker") or {}).get("color"), list | dict)
