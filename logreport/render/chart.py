"""A card's figure on the page: drawn in Python first, and as plain values for Plotly to take over."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from logreport.drawing import CannotDraw, Drawing, draw
from logreport.figures import PALETTE
from logreport.plugins import one_line
from logreport.signs import cut, visible

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from logreport.cards import Card

#: What the basic bundle of plotly.js draws under the page's policy; a chart of any other trace stays as drawn here.
INTERACTIVE: Final = frozenset({"bar", "pie", "scatter"})

#: Text on a chart is cut beyond so many characters; the table has more of it.
_LONGEST: Final = 200

#: The markup that Plotly reads in text and that needs no inline style. `extra` is the second box of a hover label.
_LINE_BREAK: Final = re.compile(r"<(?!br\s*/?>)")
_HOVER: Final = re.compile(r"<(?!(br\s*/?|/?extra)>)")

#: What every object of JavaScript has: Plotly would take a model of such a name for one that it has seen before.
_OBJECT: Final = frozenset(
    {
        *("constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString"),
        *("valueOf", "__proto__"),
        *("__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"),
    }
)

#: Pixels, for a figure that does not say how high it is.
_HEIGHT: Final = 320


class Charts(StrEnum):
    """How charts are on the page: taken over by Plotly, or as drawn only."""

    PLOTLY = "plotly"
    SVG = "svg"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What the page has of a figure: the drawing or the reason why there is none, and what Plotly draws or nothing."""

    drawing: Drawing | None
    reason: str
    figure: dict[str, Any] | None
    height: int


def chart(card: Card, *, interactive: bool) -> Chart:
    """The chart of a card that has a figure; where `interactive`, for Plotly too."""
    assert card.figure is not None
    try:
        figure = plain(card.figure)
    except (TypeError, ValueError) as problem:
        return Chart(
            drawing=None, reason=f"its figure cannot be written down ({one_line(problem)})", figure=None, height=0
        )
    _adapt(figure)
    drawing, reason = None, ""
    try:
        drawing = draw(figure, name=card.name, title=card.title, description=card.description)
    except CannotDraw as problem:
        reason = str(problem)
    taken_over = interactive and {trace.get("type", "scatter") for trace in figure["data"]} <= INTERACTIVE
    return Chart(
        drawing=drawing,
        reason=reason,
        figure=_fitted(figure, drawing) if taken_over else None,
        height=drawing.height if drawing else int(figure["layout"]["height"]),
    )


def _adapt(figure: dict[str, Any]) -> None:
    """What a figure has for standing alone, and not in a card of this page, is left out."""
    layout = figure["layout"]
    layout.setdefault("height", _HEIGHT)
    layout.setdefault("colorway", list(PALETTE))
    layout.pop("title", None)  # the card has one
    layout.get("legend", {}).pop("title", None)
    layout.pop("images", None)  # a page fetches nothing, not even what its policy would refuse
    for scaled in (*_scales(layout), *(trace["marker"] for trace in figure["data"] if "marker" in trace)):
        scaled["showscale"] = False  # its legend is drawn by style attributes, which the policy refuses
    if any(trace.get("orientation") == "h" for trace in figure["data"]):
        # Names beside bars say what they are; a title turned by their side would only take their place.
        layout.get("yaxis", {}).pop("title", None)


def _scales(layout: dict[str, Any]) -> list[dict[str, Any]]:
    return [axis for name, axis in layout.items() if name.startswith("coloraxis")]


def pack(figures: Mapping[str, dict[str, Any]]) -> str:
    """Figures by the name of their metric, as base64 of the gzip of JSON: a quarter of the bytes, and no sign in it
    that HTML reads. The same figures are the same text.
    """
    text = json.dumps(figures, separators=(",", ":"), sort_keys=True)
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def plain(figure: go.Figure) -> dict[str, Any]:
    """The figure as plain values, its texts without markup, its template (ten times the bytes of a figure) left out."""
    found: dict[str, Any] = _Plain().value(json.loads(figure.to_json(engine="json")))
    found["layout"].pop("template", None)
    return found


def _fitted(figure: dict[str, Any], drawing: Drawing | None) -> dict[str, Any]:
    """The figure with the margins of the drawing, so that nothing moves when Plotly takes over."""
    if drawing is None:
        return figure
    margin = {"l": drawing.left, "r": drawing.right, "t": drawing.top, "b": drawing.bottom, "autoexpand": False}
    layout = figure["layout"] | {"margin": margin, "height": drawing.height}
    for name, kind in zip(("xaxis", "yaxis"), drawing.axes, strict=False):
        # Said, not guessed: Plotly takes models called 7 and 8 for numbers, and drops one called gpt-4 beside them.
        # A thousand millions are G, as they are everywhere else on the page.
        layout[name] = {"exponentformat": "SI"} | layout.get(name, {}) | {"type": kind}
    if drawing.tilted:
        layout["xaxis"]["tickangle"] = -35
    fitted = figure | {"layout": layout, "narrow": drawing.narrow}
    if drawing.names and "tickvals" not in layout["yaxis"]:
        fitted["names"] = [
            [name, escape(wide, quote=False), escape(slim, quote=False)] for name, wide, slim in drawing.names
        ]
    return fitted


class _Plain:
    """One figure made plain: the same long text is shortened the same way everywhere in it, and to nothing else's."""

    def __init__(self) -> None:
        self._short: dict[str, str] = {}

    def value(self, value: Any, key: str = "") -> Any:
        if isinstance(value, str):
            return self._text(value, _HOVER if key == "hovertemplate" else _LINE_BREAK)
        if isinstance(value, list):
            return [self.value(item, key) for item in value]
        if not isinstance(value, dict):
            return value
        if "bdata" in value and "dtype" in value:
            return _array(value)
        return {name: self.value(item, name) for name, item in value.items()}

    def _text(self, text: str, markup: re.Pattern[str]) -> str:
        shown = visible(text)
        if markup is _LINE_BREAK and len(shown) > _LONGEST:
            shown = self._shortened(text, shown)
        if shown in _OBJECT:
            shown += "\u2060"  # a sign without width
        return markup.sub("&lt;", shown)

    def _shortened(self, text: str, shown: str) -> str:
        if text not in self._short:
            # The number keeps two long names that look alike from becoming one bar.
            self._short[text] = f"{cut(shown, _LONGEST)} ({len(self._short) + 1})"
        return self._short[text]


def _array(value: Mapping[str, Any]) -> Any:
    """A typed array as Plotly writes it, as plain numbers: None for what is not a number."""
    import numpy as np

    values = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"])
    if "shape" in value:
        return _finite(values.reshape([int(size) for size in str(value["shape"]).split(",")]).tolist())
    return _finite(values.tolist())


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value if isfinite(value) else None
