"""A comparison, gates and a history as a template shows them: words and signs, no numbers to be reckoned with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from markupsafe import Markup

from logreport import history as past
from logreport import named_numbers
from logreport.drawing import sparkline
from logreport.gates import summary, worst
from logreport.named_numbers import label, parsed
from logreport.signs import visible
from logreport.spoken import between, difference, percent, said, signed

if TYPE_CHECKING:
    from datetime import datetime

    from logreport.comparison import Change, Comparison, HeadlineChange, Turnover
    from logreport.gates import Gate
    from logreport.history import Past
    from logreport.measured import Unit
    from logreport.report import Report

Side = Literal["better", "worse", ""]

#: So many models have rows of their own, and so many names of what is new or gone are said.
_MOST_ROWS: Final = 60
_MOST_NAMES: Final = 8

#: How the columns are called whose names come and go.
_KINDS: Final = {
    "model": "models",
    "request_type": "request types",
    "reason": "errors",
    "finish_reason": "finish reasons",
}


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """How a number differs, as text: `change` with its sign, `interval` in which it lies with 95 % confidence."""

    name: str
    model: str
    current: str
    baseline: str
    change: str
    interval: str
    verdict: str
    side: Side


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What stands under "Compared with": `baseline` names it, and `made` says when it was."""

    baseline: str
    made: str
    warnings: tuple[str, ...]
    worse: str
    rows: tuple[ChangeRow, ...]
    of_models: tuple[ChangeRow, ...]
    turnover: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What became of the rules: a `summary`, and the gates, those that stand out first."""

    summary: str
    failed: bool
    gates: tuple[Gate, ...]


@dataclass(frozen=True, kw_only=True)
class Course:
    """A number over all reports of the history: its newest value, from where to where it went, and its line."""

    name: str
    text: str
    detail: str
    sparkline: Markup


def compared(comparison: Comparison | None) -> Compared | None:
    """The comparison of a report that has one."""
    if comparison is None:
        return None
    grave = [label(change.name) for change in comparison.grave]
    return Compared(
        baseline=visible(comparison.baseline.name),
        made=_when(comparison.baseline.made),
        warnings=comparison.warnings,
        worse=f"Worse beyond chance, even among so many numbers: {', '.join(grave)}." if grave else "",
        rows=tuple(_row(change) for change in comparison.shown),
        of_models=tuple(_row(change) for change in comparison.of_models[:_MOST_ROWS]),
        turnover=tuple(_turnover(comparison.turnover)),
    )


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _row(change: Change) -> ChangeRow:
    unit = change.current.unit
    return ChangeRow(
        name=label(change.name),
        model=visible(change.name.model or ""),
        current=said(change.current.value, unit),
        baseline=said(change.baseline.value, unit),
        change=difference(change.difference, change.ratio, unit),
        interval=between(change.tested.low, change.tested.high, unit) if change.tested else "",
        verdict=change.verdict,
        side=change.verdict if change.verdict in {"better", "worse"} else "",
    )


def headline_change(change: HeadlineChange | None, unit: Unit | None) -> tuple[str, Side]:
    """What a figure at the top says of the baseline's, and whether that is good."""
    if change is None:
        return "", ""
    before = said(change.baseline, unit)
    if change.current == change.baseline:
        return f"as before: {before}", ""
    by = percent(change.ratio) if change.ratio is not None else signed(change.current - change.baseline, unit)
    return f"{by} from {before}", change.side


def _turnover(found: Sequence[Turnover]) -> Iterator[str]:
    for one in found:
        for word, names in (("New", one.new), ("Gone", one.gone)):
            if names:
                more = len(names) - _MOST_NAMES
                listed = ", ".join(visible(name) for name in names[:_MOST_NAMES])
                yield (
                    f"{word} {_KINDS.get(one.key, one.key)}: {listed}"
                    + (f" and {more:,} more" if more > 0 else "")
                    + "."
                )


def judged(gates: Sequence[Gate]) -> Judged | None:
    """The gates of a report that was judged."""
    if not gates:
        return None
    return Judged(
        summary=summary(gates),
        failed=any(gate.fails for gate in gates),
        gates=(*worst(gates), *(gate for gate in gates if not gate.stands_out)),
    )


def courses(history: Sequence[Past]) -> tuple[Course, ...]:
    """The numbers of the history that went somewhere: of two reports at least."""
    return tuple(course for text in past.NUMBERS if (course := _course(text, history)))


def _course(text: str, history: Sequence[Past]) -> Course | None:
    name = parsed(text)
    assert name is not None
    values = [one.numbers.get(text) for one in history]
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    unit = named_numbers.unit(name)
    least, most = (said(end(known), unit) for end in (min, max))
    return Course(
        name=label(name),
        text=said(values[-1], unit),
        detail=f"from {least} to {most}" if least != most else f"always {least}",
        sparkline=Markup(sparkline(values)),  # noqa: S704 - numbers only
    )


def span_of(report: Report) -> str:
    """How many reports the history has, and since when."""
    if len(report.history) < 2:
        return ""
    return f"{len(report.history):,} reports since {report.history[0].made:%Y-%m-%d}"
