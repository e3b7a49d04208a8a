"""A comparison, gates and a history as a template shows them: words and signs, no numbers to be reckoned with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from markupsafe import Markup

from logreport import history as past
from logreport import named_numbers, units
from logreport.against import shift
from logreport.drawing import sparkline
from logreport.figures import listed
from logreport.gates import summary, worst
from logreport.named_numbers import label, parsed
from logreport.signs import visible
from logreport.spoken import between, difference, percent, said, signed

if TYPE_CHECKING:
    from datetime import datetime

    from logreport.baseline import Baseline
    from logreport.comparison import Change, HeadlineChange, Turnover
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


#: Words joined: a date stays whole in a narrow place.
_JOINER: Final = "\N{WORD JOINER}"


class InCharts(NamedTuple):
    """How many charts a page has, how many of them show the baseline, and whether any of those has an axis of time."""

    charts: int
    grey: int
    dated: bool


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What stands under "Compared with": `baseline` names it, and `made` says when it was.

    `sentence` says where it is on the page.
    """

    baseline: str
    made: str
    sentence: str
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
    """A number over all reports of the history: its newest value, what it was before, and its line."""

    name: str
    text: str
    detail: str
    sparkline: Markup


@dataclass(frozen=True, kw_only=True)
class PastRow:
    """A report of the history: when it was made, of which run, and its value for each course."""

    made: str
    run: str
    values: tuple[str, ...]


def compared(report: Report, shown: InCharts) -> Compared | None:
    """The comparison of a report that has one."""
    comparison = report.comparison
    if comparison is None:
        return None
    grave = [label(change.name) for change in comparison.grave]
    return Compared(
        baseline=visible(comparison.baseline.name),
        made=_when(comparison.baseline.made),
        sentence=_sentence(report, comparison.baseline, shown),
        warnings=comparison.warnings,
        worse=f"Worse beyond chance, even among so many numbers: {', '.join(grave)}." if grave else "",
        rows=tuple(_row(change) for change in comparison.shown),
        of_models=tuple(_row(change) for change in comparison.of_models[:_MOST_ROWS]),
        turnover=tuple(_turnover(comparison.turnover)),
    )


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _sentence(report: Report, baseline: Baseline, shown: InCharts) -> str:
    """What the baseline is, and in which charts; that its times are moved only where they are."""
    of = f"a report of {_when(baseline.made)}" if baseline.made else ""
    if not shown.charts:
        return f"The baseline is {of}." if of else ""
    subject = f"The baseline, {of}," if of else "The baseline"
    if not shown.grey:
        return f"{subject} is in no chart."
    where = "every chart" if shown.grey == shown.charts else f"{shown.grey:,} of {shown.charts:,} charts"
    # Asked last: where times cannot be moved, no chart shows any.
    moved = shown.dated and bool(shift(report.window, baseline))
    return f"{subject} is grey in {where}{'; its times are moved to begin with these' if moved else ''}."


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


def headline_change(report: Report, name: str, unit: Unit | None) -> tuple[str, Side]:
    """What a figure at the top says of the baseline's, and whether that is good."""
    if report.comparison is None:
        return "", ""
    baseline, change = report.comparison.baseline, report.comparison.headline.get(name)
    if change is None:
        return f"baseline {said(_number(baseline.headline.get(name)), unit)}", ""
    before = said(change.baseline, unit) + (_of_calls(baseline) if name == "errors" else "")
    if change.current == change.baseline:
        return f"as before: {before}", change.side
    return f"{_by(change, unit)} from {before}", change.side


def _by(change: HeadlineChange, unit: Unit | None) -> str:
    return percent(change.ratio) if change.ratio is not None else signed(change.current - change.baseline, unit)


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _of_calls(baseline: Baseline) -> str:
    """The share of the baseline's calls that failed: more calls have more errors, and may fail less often."""
    rate = baseline.measured.whole.rates.get("errors")
    return f", {units.share(rate.hits, rate.of)} of calls" if rate and rate.hits else ""


def _turnover(found: Sequence[Turnover]) -> Iterator[str]:
    for one in found:
        for word, names in (("New", one.new), ("Gone", one.gone)):
            if names:
                yield f"{word} {_KINDS.get(one.key, one.key)}: {listed(names, _MOST_NAMES)}."


def judged(gates: Sequence[Gate]) -> Judged | None:
    """The gates of a report that was judged."""
    if not gates:
        return None
    return Judged(
        summary=summary(gates),
        failed=any(gate.fails for gate in gates),
        gates=(*worst(gates), *(gate for gate in gates if not gate.stands_out)),
    )


def shown_history(report: Report) -> tuple[Past, ...]:
    """The reports of the history that the page shows: none where there is nothing to see over them."""
    return report.history[-past.MOST :] if len(report.history) > 1 else ()


def courses(history: Sequence[Past]) -> tuple[Course, ...]:
    """The numbers of the history that went somewhere: known of two reports at least."""
    return tuple(_course(text, history) for text in _told(history))


def past_rows(history: Sequence[Past]) -> tuple[PastRow, ...]:
    """The reports of the history, the newest first, with the numbers that have courses."""
    told = [(text, _unit(text)) for text in _told(history)]
    return tuple(
        PastRow(
            made=_when(one.made),
            run=visible(one.run or ""),
            values=tuple(said(one.numbers.get(text), unit) for text, unit in told),
        )
        for one in reversed(history)
    )


def _told(history: Sequence[Past]) -> list[str]:
    return [text for text in past.NUMBERS if sum(one.numbers.get(text) is not None for one in history) > 1]


def _unit(text: str) -> Unit:
    name = parsed(text)
    assert name is not None
    return named_numbers.unit(name)


def _course(text: str, history: Sequence[Past]) -> Course:
    name = parsed(text)
    assert name is not None
    values = [one.numbers.get(text) for one in history]
    now = said(values[-1], _unit(text))
    return Course(
        name=label(name),
        text=now.replace(" ", "\N{NO-BREAK SPACE}", now.count(" ") - 1),  # it breaks before its last word only
        detail="; ".join(_went(values, history, _unit(text))),
        sparkline=Markup(sparkline(values)),  # noqa: S704 - numbers only
    )


def _went(values: Sequence[float | None], history: Sequence[Past], unit: Unit) -> Iterator[str]:
    """What a number was first, and last where that is not now; what lies beyond these; where it is unknown."""
    known = [(value, place) for place, value in enumerate(values) if value is not None]
    least, most = (said(end(value for value, _ in known), unit) for end in (min, max))
    missing = len(values) - len(known)
    if least == most:
        yield f"{least} wherever it is known" if missing else f"the same in all {len(values):,} reports"
    else:
        ends = [(said(value, unit), place) for value, place in (known[0], known[-1])]
        yield f"was {ends[0][0]} {_on(history, ends[0][1])}"
        if values[-1] is None:
            yield f"last {ends[1][0]} {_on(history, ends[1][1])}"
        if {least, most} - {text for text, _ in ends}:
            yield f"between {least} and {most}"
    if missing:
        yield f"unknown in {missing:,} of {len(values):,} reports"


def _on(history: Sequence[Past], place: int) -> str:
    """Which report this is: by its day, its minute where the newest is of the same day, or its place."""
    one, newest = history[place].made, history[-1].made
    if one.date() != newest.date():
        return f"on {f'{one:%Y-%m-%d}'.replace('-', f'-{_JOINER}')}"
    if (one.hour, one.minute) != (newest.hour, newest.minute):
        return f"at {one:%H:%M} UTC"
    return f"in report {place + 1:,} of {len(history):,}"


def span_of(history: Sequence[Past]) -> str:
    """How many reports the history has, and since when."""
    return f"{len(history):,} reports since {history[0].made:%Y-%m-%d}" if history else ""
