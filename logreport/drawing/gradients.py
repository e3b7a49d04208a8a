"""Colour scales: from a number to a colour between two ends."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final, TypeAlias

from logreport.drawing.colours import Colour, channels, colour

#: Places from 0 to 1, each with red, green, blue, and how much of the colour is seen.
Gradient: TypeAlias = tuple[tuple[float, tuple[float, float, float, float]], ...]

_NAMED: Final = {
    "viridis": "440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725",
    "cividis": "00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838",
    "plasma": "0d0887 46039f 7201a8 9c179e bd3786 d8576b ed7953 fb9f3a fdca26 f0f921",
    "inferno": "000004 1b0c41 4a0c6b 781c6d a52c60 cf4446 ed6925 fb9b06 f7d13d fcffa4",
    "magma": "000004 180f3d 440f76 721f81 9e2f7f cd4071 f1605d fd9668 feca8d fcfdbf",
    "blues": "f7fbff deebf7 c6dbef 9ecae1 6baed6 4292c6 2171b5 08519c 08306b",
    "greens": "f7fcf5 e5f5e0 c7e9c0 a1d99b 74c476 41ab5d 238b45 006d2c 00441b",
    "greys": "ffffff f0f0f0 d9d9d9 bdbdbd 969696 737373 525252 252525 000000",
    "oranges": "fff5eb fee6ce fdd0a2 fdae6b fd8d3c f16913 d94801 a63603 7f2704",
    "purples": "fcfbfd efedf5 dadaeb bcbddc 9e9ac8 807dba 6a51a3 54278f 3f007d",
    "reds": "fff5f0 fee0d2 fcbba1 fc9272 fb6a4a ef3b2c cb181d a50f15 67000d",
    "rdbu": "67001f b2182b d6604d f4a582 fddbc7 f7f7f7 d1e5f0 92c5de 4393c3 2166ac 053061",
    "ylgnbu": "ffffd9 edf8b1 c7e9b4 7fcdbb 41b6c4 1d91c0 225ea8 253494 081d58",
    "ylorrd": "ffffcc ffeda0 fed976 feb24c fd8d3c fc4e2a e31a1c bd0026 800026",
}


def gradient(scale: Any, *, flipped: bool = False) -> Gradient:
    """The stops of a colour scale, by its name or as a list of places and colours; Viridis where there is none."""
    if isinstance(scale, list | tuple) and scale:
        stops = tuple((min(1.0, max(0.0, float(place))), _channels(paint)) for place, paint in scale)
    else:
        name = scale.lower() if isinstance(scale, str) else ""
        turned = name.endswith("_r")
        paints = _NAMED.get(name.removesuffix("_r"), _NAMED["viridis"]).split()
        stops = tuple((place / (len(paints) - 1), _channels(f"#{paint}")) for place, paint in enumerate(paints))
        flipped = flipped != turned
    return tuple((1 - place, paint) for place, paint in reversed(stops)) if flipped else stops


def _channels(paint: Any) -> tuple[float, float, float, float]:
    found = colour(paint, "#6e7781")
    return (*(channels(found.paint) or (110, 119, 129)), found.opacity)


def along(stops: Gradient, share: float) -> Colour:
    """The colour at this share of the way from the first end to the last."""
    share = min(1.0, max(0.0, share))
    for (low, first), (high, last) in pairwise(stops):
        if share <= high:
            between = (share - low) / (high - low) if high > low else 1.0
            between = min(1.0, max(0.0, between))
            return _mixed(*(start + (end - start) * between for start, end in zip(first, last, strict=True)))
    return _mixed(*stops[-1][1])


def _mixed(red: float, green: float, blue: float, opacity: float) -> Colour:
    return Colour("#" + "".join(f"{round(part):02x}" for part in (red, green, blue)), round(opacity, 2))
