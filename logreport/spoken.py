"""Numbers in their units, and how they differ, as a reader says them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from logreport import units

if TYPE_CHECKING:
    from logreport.measured import Unit

_MINUS: Final = "\u2212"

#: From so many times on, the factor is understood at once, and "+1,100 %" is not.
_TIMES: Final = 10


def said(value: float | None, unit: Unit | None) -> str:
    """A number in its unit: 350 ms, $12.40, 1.5 M tokens; of a share, 2.1 %."""
    if value is None:
        return "unknown"
    if unit == "seconds":
        return units.seconds(value)
    if unit == "dollars":
        return units.dollars(value)
    if unit == "share":
        return units.share(float(f"{100 * value:.12g}"), 100)  # as of the counts that it is made of
    text = units.count(int(value) if value == int(value) else value)
    return text if unit != "tokens" else f"{text} {'token' if value == 1 else 'tokens'}"


def signed(value: float, unit: Unit | None) -> str:
    """A difference with its sign; that of shares in points, as 1 % more than 2 % is not 3 %."""
    if unit == "share":
        text = f"{float(f'{abs(100 * value):.2g}'):g} points"
    else:
        text = said(abs(value), unit)
    return f"{_sign(value)}{text}"


def percent(ratio: float) -> str:
    """A difference as a share of what it differs from, +12.3 %, or as the factor where that is large."""
    return f"{_sign(ratio)}{units.share(abs(ratio), 1)}" if abs(ratio) < _TIMES else f"×{1 + ratio:,.3g}"


def difference(value: float | None, ratio: float | None, unit: Unit | None) -> str:
    """A difference in its unit and, but for shares, as a share of what it differs from."""
    if value is None:
        return "unknown"
    if value == 0:
        return "none"
    share = f" ({percent(ratio)})" if ratio is not None and unit != "share" else ""
    return f"{signed(value, unit)}{share}"


def between(low: float, high: float, unit: Unit | None) -> str:
    """The ends of an interval of a difference."""
    return f"{signed(low, unit)} to {signed(high, unit)}"


def _sign(value: float) -> str:
    return "+" if value > 0 else _MINUS if value < 0 else "±"
