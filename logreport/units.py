"""Numbers as a reader says them: three digits and a unit. The exact value stands in the table."""

from __future__ import annotations

from typing import Final

#: The prefixes of the International System of Units that counts get, largest first.
PREFIXES: Final = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))

#: Times in seconds from which on a unit is used, largest first.
_CLOCK: Final = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))

#: Below this, counts are told to the last one.
_COUNTED: Final = 10_000


def count(value: float | None) -> str:
    """A count: 9,999; 12.3 k; 1.21 M. Unknown where there is none."""
    if value is None:
        return "unknown"
    if abs(value) < _COUNTED:
        return f"{value:,}" if isinstance(value, int) else _three(value)
    rounded = float(f"{value:.3g}")  # first: 999,999 is 1 M and not 1,000 k
    size, prefix = next(pair for pair in PREFIXES if abs(rounded) >= pair[0])
    return f"{_three(rounded / size)} {prefix}"


def seconds(value: float | None) -> str:
    """A time given in seconds: 350 ms; 2.6 s; 12.8 s; 3.5 min. Unknown where there is none."""
    if value is None:
        return "unknown"
    rounded = float(f"{value:.3g}")
    if rounded == 0:
        return "0 s"
    # 90 s are easier to picture than 1.5 min: the larger units begin where there are two of them.
    size, unit = next((pair for pair in _CLOCK if abs(rounded) >= pair[0] * (2 if pair[0] > 1 else 1)), _CLOCK[-1])
    return f"{_three(value / size)} {unit}"


def dollars(value: float | None) -> str:
    """An amount of US dollars: $12.40; $1,234; $0.0456; $1.21 M. Unknown where there is none."""
    if value is None:
        return "unknown"
    size = abs(value)
    sign = "\u2212" if value < 0 else ""
    if size >= 10**6:
        return f"{sign}${count(round(size))}"
    if size >= 1000:
        return f"{sign}${size:,.0f}"
    if size >= 1:
        return f"{sign}${size:,.2f}"
    text = _three(size)
    return f"{sign}${size:.2f}" if "." in text and len(text.partition(".")[2]) < 2 else f"{sign}${text}"


def share(part: float, whole: float) -> str:
    """What share of a whole this is: 96.1 %; 0.02 %. It says 100 % of all of it only, and 0 % of nothing only."""
    percent = 100 * part / whole if whole else 0.0
    if percent in {0, 100}:
        return f"{percent:.0f} %"
    if 0 < percent < 0.995:
        return f"{float(f'{percent:.2g}'):g} %"
    return f"{min(percent, 99.99):.2f} %" if 99.95 <= percent < 100 else f"{percent:.1f} %"


def exact(value: float | None) -> str:
    """All digits there are: 1,213,000; 12.769."""
    return "unknown" if value is None else f"{value:,}"


def _three(value: float) -> str:
    """Three digits, more where the whole part has more, and none that say nothing."""
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    text = f"{value:,.{max(0, 3 - whole)}f}" if whole else f"{float(f'{value:.3g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
