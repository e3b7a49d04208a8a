"""A drawing as a tree that tests can ask for its marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from logreport.drawing import Drawing, draw


class Drawn:
    """A drawing and its elements, without the namespace."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.root = ET.fromstring(drawing.svg.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1))

    @property
    def plot(self) -> ET.Element:
        """The plot area."""
        (found,) = [one for one in self.root.iter("svg") if one.get("class") == "plot"]
        return found

    def marks(self, tag: str) -> list[ET.Element]:
        """The elements that say something to the pointer."""
        return [one for one in self.plot.iter(tag) if one.find("title") is not None]

    def said(self, tag: str) -> list[str | None]:
        """What these marks say."""
        return [one.findtext("title") for one in self.marks(tag)]

    def texts(self, *, narrow: bool = False) -> list[str]:
        """All texts, those for narrow screens only where asked for."""
        hidden = {one for group in self.root.iter() if group.get("display") == "none" for one in group.iter("text")}
        return [
            "".join([one.text or "", *(child.tail or "" for child in one)])
            for one in self.root.iter("text")
            if narrow or one not in hidden
        ]

    def text(self, said: str) -> ET.Element:
        """The one text that says this."""
        (found,) = [one for one in self.root.iter("text") if one.text == said]
        return found

    @property
    def summary(self) -> str:
        """What is read to those who do not see."""
        return str(self.root.findtext("desc"))

    @property
    def paths(self) -> list[str]:
        """The courses of all paths."""
        return [str(one.get("d")) for one in self.root.iter("path")]


@pytest.fixture
def drawn() -> Callable[..., Drawn]:
    """`drawn(trace, …, height=320, xaxis={…})`: the figure of these traces and this layout, drawn."""

    def make(*traces: dict[str, Any], **layout: Any) -> Drawn:
        figure = {"data": list(traces), "layout": layout}
        return Drawn(draw(figure, name="chart", title="Chart", description="What it shows."))

    return make


@pytest.fixture
def share() -> Callable[[str | None], float]:
    """A percentage as a number from 0 to 100."""

    def read(text: str | None) -> float:
        assert text is not None
        assert text.endswith("%")
        return float(text[:-1])

    return read
