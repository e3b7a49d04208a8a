"""What makes a trace the baseline's: its colour, and how its hover text begins."""

from __future__ import annotations

from typing import Any, Final

from logreport.figures import NEUTRAL
from logreport.overlay.picture import Fields, lies

#: How the legend and hover texts call what is grey.
NAME: Final = "baseline"

#: What a grey trace keeps of its own; the rest is colour, or text beside marks.
_KEPT: Final = (
    *("type", "x", "y", "x0", "y0", "dx", "dy", "base", "orientation", "connectgaps", "cliponaxis", "opacity"),
    *("text", "customdata", "hovertext", "hoverinfo", "meta", "xhoverformat", "yhoverformat"),
)
_LINE: Final = ("width", "dash", "shape", "smoothing", "simplify")
_MARKER: Final = ("size", "sizeref", "sizemode", "sizemin", "symbol", "opacity")

_UNTOLD: Final = frozenset({"skip", "none"})


def grey(trace: Fields, **more: Any) -> Fields:
    """The trace in grey, without what stood beside its marks; `more` are fields of its own."""
    made = {key: trace[key] for key in _KEPT if trace.get(key) is not None}
    made["marker"] = _some(trace.get("marker"), _MARKER) | {"color": NEUTRAL}
    if isinstance(made["marker"].get("opacity"), list | dict):
        del made["marker"]["opacity"]  # what differs from mark to mark is not grey alone, and not in the legend
    if trace["type"] == "bar":
        made["textposition"] = "none"
    else:
        made["line"] = _some(trace.get("line"), _LINE) | {"color": NEUTRAL}
    if trace.get("hoverinfo") not in _UNTOLD:
        made["hovertemplate"] = hover(trace)
    return made | more


def _some(found: Any, kept: tuple[str, ...]) -> Fields:
    return {key: found[key] for key in kept if found.get(key) is not None} if isinstance(found, dict) else {}


def hover(trace: Fields) -> Any:
    """The trace's hover text, which first says whose it is."""
    template = trace.get("hovertemplate") or _default(trace)
    if isinstance(template, list):
        return [f"{NAME}, {one}" if one else None for one in template]
    return f"{NAME}, {template}"


def hover_of_totals(axis: Fields, amount: str) -> str:
    """An amount in the words of its axis: what stands before or after its numbers, or its title."""
    before, after = (str(axis.get(affix) or "") for affix in ("tickprefix", "ticksuffix"))
    title = axis.get("title")
    text = title.get("text") if isinstance(title, dict) else title
    return f"{before}{amount}{after}" if before or after or not text else f"{amount} {text}"


def _default(trace: Fields) -> str:
    """What Plotly says of a trace that does not tell."""
    if trace.get("hoverinfo") == "text":
        return f"%{{{'text' if trace.get('hovertext') is None else 'hovertext'}}}<extra></extra>"
    place, value = "yx" if trace["type"] == "bar" and lies(trace) else "xy"
    return f"%{{{place}}}: %{{{value}}}<extra></extra>"
