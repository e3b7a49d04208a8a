"""What stands around the marks: grid, labels of the ticks, titles of the axes, and the margins they need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from logreport.drawing import words
from logreport.drawing.axes import Axis, Tick
from logreport.drawing.margins import ROW, TILTED, Margins
from logreport.drawing.plot import FULL, Plot
from logreport.drawing.svg import Attribute, element, escaped, percent, titled

GRID: Final = "#e3e7ec"
LINE: Final = "#afb8c1"
_BELOW: Final = 18


def grid(plot: Plot, *, lying: bool, lined: bool) -> str:
    """Thin lines at the ticks of the axis that measures, and the line that marks stand on."""
    if not lined:
        return ""
    axis = plot.x if lying else plot.y
    marks = axis.ticks if axis.kind.name != "category" else ()
    lines = [_rule(plot, mark.share, lying=lying) for mark in marks]
    zero = axis.at(0) if axis.kind.name == "linear" else -1
    stands = zero if 0 <= zero <= 1 else (1.0 if axis.flipped else 0.0)
    base = _rule(plot, stands, lying=lying, class_="axis", stroke=LINE)
    return element("g", *lines, class_="grid", stroke=GRID) + base


def _rule(plot: Plot, share: float, *, lying: bool, class_: str | None = None, stroke: str | None = None) -> str:
    ends: dict[str, Attribute]
    if lying:
        ends = {"x1": percent(share), "x2": percent(share), "y2": plot.height}
    else:
        ends = {"y1": plot.height * (1 - share), "x2": "100%", "y2": plot.height * (1 - share)}
    return element("line", class_=class_, stroke=stroke, **ends)


def labels(plot: Plot, *, tilt: bool, below: int) -> str:
    """The labels of both axes and the title of the horizontal one."""
    under = _apart(plot.x, plot.width, 22 if tilt else 15) if plot.x.kind.name == "category" else list(plot.x.ticks)
    said = sum(8 + max(words.width(line) for line in tick.lines) for tick in under)
    every = len(under) > 4 or (plot.x.kind.name != "category" and said > plot.small)
    write = _slanted if tilt else _level
    row = [write(plot, tick, minor=every and place % 2 == 1) for place, tick in enumerate(under)]
    drawn = _beside(plot)
    drawn += element("g", *row, class_="text", text_anchor="end" if tilt else "middle") if row else ""
    return drawn + _title(plot, below)


def names(axis: Axis) -> tuple[tuple[str, str, str], ...]:
    """The names on an axis, whole and as they are written beside a plot; none on one of numbers or dates."""
    texts = [words.plain(name) for name in axis.kind.categories]
    wide, slim = (words.shorten_apart(texts, *most) for most in (words.WIDE, words.NARROW))
    return tuple(zip(axis.kind.categories, wide, slim, strict=True))


def _apart(axis: Axis, pixels: float, least: float) -> list[Tick]:
    """The ticks, or every second or third of them where they stand too close."""
    marks = list(axis.ticks)
    if axis.kind.name != "category" or len(marks) < 2:
        return marks
    slot = abs(marks[1].share - marks[0].share) * pixels
    step = 1
    while slot * step < least and step < len(marks):
        step += 1
    return marks[::step]


def _beside(plot: Plot) -> str:
    """The labels of the vertical axis: in groups, since what is said once of many need not be said of each."""
    groups: dict[str, list[str]] = {}
    cut = {words.plain(name): (wide, slim) for name, wide, slim in names(plot.y)}
    for tick in _apart(plot.y, plot.height, 13):
        down = plot.height * (1 - tick.share) + 4
        text = " ".join(tick.lines)
        wide, slim = cut.get(text) or (words.shorten(text, *words.WIDE), words.shorten(text, *words.NARROW))
        for children, name in _either(text, wide, slim):
            groups.setdefault(f"text {name or ''}".rstrip(), []).append(element("text", *children, x=-8, y=down))
    return "".join(
        element("g", *texts, class_=look, text_anchor="end", display="none" if "narrow" in look else None)
        for look, texts in groups.items()
    )


def _variants(text: str, wide: tuple[int, float], narrow: tuple[int, float]) -> list[tuple[list[str], str | None]]:
    """The text for wide and for narrow screens, each cut to what there is room for."""
    return _either(text, words.shorten(text, *wide), words.shorten(text, *narrow))


def _either(text: str, long: str, short: str) -> list[tuple[list[str], str | None]]:
    """Both, or one where they are the same; what is cut is told to the pointer, which narrow screens seldom have."""
    if long == short == text:
        return [([escaped(text)], None)]
    found = [(_cut(text, long), None if long == short else "wide")]
    return found if long == short else [*found, ([escaped(short)], "narrow")]


def _cut(text: str, shown: str) -> list[str]:
    return [escaped(shown)] if text == shown else [titled(text), escaped(shown)]


def _level(plot: Plot, tick: Tick, *, minor: bool) -> str:
    x = percent(tick.share)
    drawn = []
    slots = max(1, len(plot.x.ticks))
    for row, line in enumerate(tick.lines):
        small = plot.small / slots - 4 if plot.x.kind.name == "category" else 999
        small = small * 2 if slots > 4 else small
        for children, name in _variants(line, (60, 400), (60, max(28.0, small))):
            drawn.append(
                element(
                    "text",
                    *children,
                    x=x,
                    y=plot.height + _BELOW + ROW * row,
                    text_anchor=_anchor(plot, tick.share, words.width(line), wide=name == "wide"),
                    class_=" ".join(part for part in (name, "minor" if minor else None) if part) or None,
                    display="none" if name == "narrow" else None,
                )
            )
    return "".join(drawn)


def _anchor(plot: Plot, share: float, width: float, *, wide: bool) -> str | None:
    """The labels at the ends turn inwards where half of them would be cut off."""
    left, right = plot.sides
    pixels = plot.width if wide else plot.small
    width = width if wide else min(width, pixels / 2)
    if share * pixels + left < width / 2:
        return "start"
    return "end" if (1 - share) * pixels + right < width / 2 else None


def _slanted(plot: Plot, tick: Tick, *, minor: bool) -> str:
    text = " ".join(tick.lines)
    written = element("text", *_cut(text, words.shorten(text, *TILTED)), transform="rotate(-35)")
    place: dict[str, Attribute] = {"x": percent(tick.share), "y": plot.height + 14, "overflow": "visible"}
    return element("svg", written, class_="minor" if minor and len(plot.x.ticks) > 8 else None, **place)


def _title(plot: Plot, below: int) -> str:
    if not plot.x.title or not plot.x.visible:
        return ""
    drawn = [
        element(
            "text",
            *children,
            class_=f"text {name}" if name else "text",
            x="50%",
            y=plot.height + below - 8,
            text_anchor="middle",
            display="none" if name == "narrow" else None,
        )
        for children, name in _variants(plot.x.title, (80, plot.width), (60, max(80.0, plot.small + 20)))
    ]
    return "".join(drawn)


def side_title(axis: Axis, margins: Margins, height: float) -> str:
    """The title of the vertical axis, turned, at the left edge of the drawing."""
    if not axis.title or not axis.visible:
        return ""
    written = _cut(axis.title, words.shorten(axis.title, 60, height + 20))
    # On narrow screens the whole drawing moves left by what its left margin loses; the title stays at the edge.
    places = {13: "wide", 13 + margins.left - margins.narrow: "narrow"} if margins.narrow < margins.left else {13: ""}
    return "".join(
        element(
            "text",
            *written,
            class_=f"text {name}".rstrip(),
            transform=f"translate({across} {round(margins.top + height / 2)}) rotate(-90)",
            text_anchor="middle",
            display="none" if name == "narrow" else None,
        )
        for across, name in places.items()
    )


def inner(children: Sequence[str], margins: Margins, height: float) -> str:
    """The plot in its margins; `sheet` has the rules that keep them at every width."""
    return element(
        "svg",
        *children,
        class_="plot",
        x=margins.left,
        y=margins.top,
        width=percent(margins.width / FULL),
        height=height,
        overflow="visible",
    )
