"""Lines and points of a baseline: grey, without areas, and behind all else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from logreport.overlay.grey import grey
from logreport.overlay.picture import Fields, Picture, drawn_mode, moment, number, values

#: Pixels.
_THICKEST: Final = 1.5


def behind(theirs: Picture) -> list[Fields]:
    """The baseline's lines and points, and a line for the total of each stack of areas."""
    stacks: dict[str, list[Fields]] = defaultdict(list)
    for line in theirs.lines:
        stacks[str(line.get("stackgroup") or "")].append(line)
    alone = [_thin(grey(line, mode=drawn_mode(line) or "lines")) for line in stacks.pop("", [])]
    return alone + [_thin(_total(areas, theirs.kind("x"))) for areas in stacks.values()]


def _thin(line: Fields) -> Fields:
    """A grey line not as thick as one in colour, some of which are nearly grey."""
    width = number(line["line"].get("width"))
    return line | {"line": line["line"] | {"width": min(_THICKEST, 2 if width is None else width)}}


def _total(areas: Sequence[Fields], kind: str | None) -> Fields:
    """The upper edge of areas that stand on each other; a place that only some of them have counts as nought."""
    heights: dict[object, float] = defaultdict(float)
    for area in areas:
        for x, y in zip(values(area, "x"), values(area, "y"), strict=False):
            if x is not None:
                heights[x] += number(y) or 0
    order = list(heights)
    if kind != "category":
        order.sort(key=lambda x: (moment(x) if kind == "date" else number(x)) or 0)
    there = {"x": order, "y": [heights[x] for x in order]}
    first = {key: areas[0][key] for key in ("type", "line") if key in areas[0]}
    return grey(first | there, mode="lines")
