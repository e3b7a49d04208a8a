"""The windows that are asked for, as addresses: those that nobody asked for before, and those that viewers draw."""

from __future__ import annotations

import random
from collections.abc import Iterator
from urllib.parse import urlencode

from calls import MODELS, TYPES

SEED = 20_241_218

_ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Sydney",
    "Africa/Nairobi",
)
_STEPS = ("1h", "2h", "3h", "12h", "1d", "1w")
_WIDTHS = ("4w", "2w", "1w", "3d", "1d", "12h", "1h")
_SPANS = (
    ("2024-12-05", "2024-12-20"),
    ("2024-12-08", "2024-12-09"),
    ("2024-12-02 06:00", ""),
    ("", "2024-12-28 18:00"),
)

#: What viewers choose from: the dashboard's presets, each with steps that suit it; mostly the automatic one.
_CHOSEN = {
    "": ("", "", "6h", "1d"),
    "4w": ("", "", "6h", "1d"),
    "1w": ("", "", "1h", "6h"),
    "1d": ("", "", "15m", "1h"),
    "1h": ("", "", "1m", "5m"),
}


def address(**parts: str) -> str:
    """The part of an address from the question mark on."""
    given = {name: value for name, value in parts.items() if value}
    return f"?{urlencode(given)}" if given else ""


def unasked() -> list[str]:
    """Windows of all kinds, none twice, and the one that the dashboard opens with not among them."""
    return [
        *(address(timezone=zone) for zone in _ZONES),
        *(address(bucket=step) for step in _STEPS),
        *(address(model=model) for model in MODELS[:8]),
        *(address(request_type=kind) for kind in TYPES),
        *(address(last=width) for width in _WIDTHS),
        *(address(since=since, until=until) for since, until in _SPANS),
        address(model=MODELS[0], request_type=TYPES[0]),
    ]


def drawn(viewer: int) -> Iterator[tuple[str, float]]:
    """One viewer's windows and the seconds of thinking before each, without end and always the same.

    A preset; in half of them one of the models, the most called ones most often; in a third one of the request types;
    in half of them, by hand, a step.
    """
    chance = random.Random(SEED + viewer)  # deterministic by design
    while True:
        last = chance.choice(list(_CHOSEN))
        model = chance.choice(MODELS[: chance.randint(1, len(MODELS))]) if chance.random() < 1 / 2 else ""
        kind = chance.choice(TYPES) if chance.random() < 1 / 3 else ""
        step = chance.choice(_CHOSEN[last])
        yield address(last=last, model=model, request_type=kind, bucket=step), chance.uniform(1, 5)
