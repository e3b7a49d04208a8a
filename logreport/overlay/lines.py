"""Lines and points of a baseline: grey, without areas, and behind all else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from logreport.overlay import axes
from logreport.overlay.grey import grey
from logreport.overlay.picture import Fields, Picture, drawn_mode, many, moment, names, number, values

#: Pixels: thinner than lines in colour, some of which are nearly grey.
_THICKEST: Final = 1.5

#: What a trace has for each of its points.
_EACH: Final = ("x", "y", "text", "customdata", "hovertext", "hovertemplate")


def behind(mine: Picture, theirs: Picture) -> list[Fields]:
    """The baseline's lines and points, and a line for the total of each stack of areas."""
    stacks: dict[str, list[Fields]] = defaultdict(list)
    for line in theirs.lines:
        stacks[str(line.get("stackgroup") or "")].append(line)
    alone = [grey(line, mode=drawn_mode(line) or "lines") for line in stacks.pop("", [])]
    found = [_thin(line) for line in [*alone, *(_total(areas, theirs.kind("x")) for areas in stacks.values())]]
    if (mine.kind("x") or theirs.kind("x")) != "category":
        return found
    order = axes.all_names(mine, theirs, "x")
    return [_in_order(line, order) if "lines" in line["mode"] else line for line in found]


def _thin(line: Fields) -> Fields:
    width = number(line["line"].get("width"))
    return line | {"line": line["line"] | {"width": min(_THICKEST, 2 if width is None else width)}}


def _total(areas: Sequence[Fields], kind: str | None) -> Fields:
    """The upper edge of areas that stand on each other; a place that only some of them have counts as nought."""
    heights: dict[Any, float] = defaultdict(float)
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


def _in_order(line: Fields, order: Sequence[str]) -> Fields:
    """The line from left to right, where the baseline has the names in another order than the current run."""
    there = names(line, "x")
    sized = isinstance(line["marker"].get("size"), list | dict)
    if None in there or sized or len(many(line.get("y"))) != len(there):
        return line
    places = sorted(range(len(there)), key=lambda place: order.index(there[place]) if there[place] in order else 0)
    each = {key: many(line.get(key)) for key in _EACH}
    return line | {key: [found[place] for place in places] for key, found in each.items() if len(found) == len(there)}
