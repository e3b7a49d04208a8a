"""How something went, as a chart that GitHub and GitLab draw themselves: Mermaid's `xychart-beta`.

What it understands is in Mermaid's `xychart.jison`: texts between double quotes, of which none can be escaped, and
numbers without an exponent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from logreport import named_numbers
from logreport.signs import cut

if TYPE_CHECKING:
    from logreport.headline import Trend
    from logreport.history import Past

#: What reports of the past are shown by: the first of these that two of them know.
_OVER_RUNS: Final = ("duration.p95", "cost.total", "calls.count")

#: Under so few points each has its name; under more they are numbered, as names would cover each other.
_NAMED: Final = 12

_LONGEST: Final = 20

#: Signs of names that mean nothing to Mermaid, besides letters and digits.
_HARMLESS: Final = frozenset(" ._:/+-")


@dataclass(frozen=True, kw_only=True)
class Course:
    """A chart as Mermaid text, and a sentence on what it leaves out."""

    chart: str
    left_out: str


def over_runs(history: Sequence[Past]) -> Course | None:
    """How the most telling number went from report to report; None where fewer than two know one."""
    for number in _OVER_RUNS:
        known = [(_label(one), value) for one in history if (value := one.numbers.get(number)) is not None]
        if len(known) < 2:
            continue
        name = named_numbers.parsed(number)
        assert name is not None
        missing = len(history) - len(known)
        return Course(
            chart=_chart(f"{number} over {len(known)} reports", "report", known, named_numbers.unit(name)),
            left_out=f"{_many(missing, 'report')} left out, which {_do(missing)} not know it." if missing else "",
        )
    return None


def over_time(trend: Trend) -> Course | None:
    """How many calls there were in each step; None where fewer than two steps are known."""
    known = [(str(place), float(calls)) for place, calls in enumerate(trend.calls, start=1) if calls is not None]
    if len(known) < 2:
        return None
    missing = len(trend.calls) - len(known)
    step = _spoken(trend.step.total_seconds())
    # A line has no gaps: what is unknown is left out, as 0 would be untrue.
    left_out = f"{_many(missing, 'step')} left out, whose calls are unknown: points are not evenly spaced in time."
    return Course(
        chart=_chart(f"calls in steps of {step}", "step", known, "calls"),
        left_out=left_out if missing else "",
    )


def _many(count: int, word: str) -> str:
    return f"{count:,} {word} is" if count == 1 else f"{count:,} {word}s are"


def _do(count: int) -> str:
    return "does" if count == 1 else "do"


def _chart(title: str, points: str, known: Sequence[tuple[str, float]], unit: str) -> str:
    names = [f'"{name}"' for name, _ in known]
    axis = f"[{', '.join(names)}]" if len(known) <= _NAMED else f"1 --> {len(known)}"
    # From 0: a line whose axis begins elsewhere makes much of little.
    top = max((value for _, value in known), default=0.0)
    lines = (
        "xychart-beta",
        f'    title "{_harmless(title)}"',
        f'    x-axis "{_harmless(points)}" {axis}',
        f'    y-axis "{_harmless(unit)}" 0 --> {_number(top if top > 0 else 1.0)}',
        f"    line [{', '.join(_number(value) for _, value in known)}]",
    )
    return "\n".join(lines)


def _number(value: float) -> str:
    """Six digits without an exponent."""
    return f"{float(f'{value:.6g}'):.12f}".rstrip("0").rstrip(".")


def _label(one: Past) -> str:
    return cut(_harmless(one.run or "").strip(), _LONGEST) or f"{one.made:%m-%d %H:%M}"


def _harmless(text: str) -> str:
    return "".join(sign if sign.isalnum() or sign in _HARMLESS else "_" for sign in text)


def _spoken(seconds: float) -> str:
    """The length of a step in the largest unit that it is a whole number of."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
