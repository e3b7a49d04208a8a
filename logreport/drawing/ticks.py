"""Where the ticks of a number axis stand, and what they say."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from logreport.units import PREFIXES

#: As wide as a digit, unlike a hyphen.
MINUS: Final = "\u2212"

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
#: From here on an axis speaks in thousands and millions.
_LARGE: Final = 10_000
_FORMAT: Final = re.compile(r"(\$?)(,?)(?:\.(\d{1,2}))?(~?)([%fsdgre]?)")


def even(low: float, high: float, most: int) -> list[float]:
    """Round numbers from low to high, at most so many, in equal steps."""
    step = _step(high - low, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{place * step:.12g}") for place in range(first, last + 1)]


def _step(span: float, most: int) -> float:
    least = span / most
    power = 10.0 ** math.floor(math.log10(least))
    # 2.5 reads well among tens and among parts of one; among a few whole things there are no halves.
    steps = [step for step in _STEPS if step != 2.5 or power != 1]
    return next((step * power for step in steps if step * power >= least * 0.999999), 10 * power)


def decades(low: float, high: float, most: int) -> list[float]:
    """Powers of ten between two exponents; between few of them also 2 and 5."""
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    step = max(1, math.ceil((last - first + 1) / most))
    powers = [10.0**place for place in range(first, last + 1, step)]
    if len(powers) > 2:
        return powers
    fine = [digit * 10.0**place for place in range(first - 1, last + 1) for digit in (1, 2, 5)]
    found = [value for value in fine if low - 1e-9 <= math.log10(value) <= high + 1e-9]
    return found if len(found) > 1 else even(10**low, 10**high, most)


def texts(values: list[float], form: Any = None) -> list[str]:
    """What the ticks say, in the figure's own format where there is one that is known here."""
    parts = _FORMAT.fullmatch(form) if isinstance(form, str) and form else None
    if parts:
        return [formatted(value, parts) for value in values]
    large = max((abs(value) for value in values), default=0) >= _LARGE
    return [_short(value, large=large) for value in values]


def formatted(value: float, parts: re.Match[str]) -> str:
    """A number in one of d3's formats: `.0%`, `~s`, `$,.2f`."""
    dollar, comma, digits, trim, kind = parts.groups()
    precision = int(digits) if digits else None
    if kind == "%":
        text = f"{value * 100:{comma}.{0 if precision is None else precision}f}"
        return f"{dollar}{_trimmed(text) if trim else text}%"
    if kind == "s":
        return dollar + _with_prefix(value, 3 if precision is None else precision)
    if kind in {"f", "e"}:
        text = f"{value:{comma}.{6 if precision is None else precision}{kind}}"
        return dollar + (_trimmed(text) if trim and kind == "f" else text)
    if kind == "d":
        return f"{dollar}{round(value):{comma}d}"
    return dollar + _decimal(float(f"{value:.{precision or 12}g}"), comma)


def _with_prefix(value: float, digits: int) -> str:
    size, prefix = next((pair for pair in PREFIXES if abs(value) >= pair[0]), (1, ""))
    return f"{float(f'{value / size:.{max(1, digits)}g}'):g}{prefix}"


def _short(value: float, *, large: bool) -> str:
    if abs(value) >= 10**15 or 0 < abs(value) < 1e-6:
        return f"{value:.3g}"
    if large and abs(value) >= 1000:
        size, prefix = next(pair for pair in PREFIXES if abs(value) >= pair[0])
        return f"{_decimal(value / size)} {prefix}"
    return _decimal(value)


def _decimal(value: float, comma: str = ",") -> str:
    text = f"{float(f'{value:.10g}'):{comma}.10f}"
    return _trimmed(text).replace("-", MINUS) if value else "0"


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
