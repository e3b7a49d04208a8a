"""The report as GitHub-flavoured Markdown: for a job's summary, and for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from logreport import sentences, units
from logreport.comparison import HEADLINE
from logreport.export import mermaid
from logreport.export.gate_names import name_of
from logreport.export.markdown_text import bullets, folded, table, text
from logreport.export.side_by_side import side_by_side
from logreport.figures import listed
from logreport.gates import worst
from logreport.latency import spoken_calls
from logreport.spoken import between, difference, said

if TYPE_CHECKING:
    from logreport.comparison import Change, Comparison, HeadlineChange
    from logreport.gates import Gate
    from logreport.headline import Headline
    from logreport.measured import Unit
    from logreport.report import Report

#: GitHub drops a summary over 1,024 KiB whole ("upload aborted, supports content up to a size of 1024k").
MOST: Final = 900 * 1024

#: What a comment on GitHub may have, and what a later run finds its comment by, to change it.
_COMMENT: Final = 65_536
MARKER: Final = "<!-- logreport -->"

#: So many rows of a table, names of what is new, and signs of a sentence are shown.
_ROWS: Final = 50
_NAMES: Final = 10
_SENTENCE: Final = 600

_ICONS: Final = {"passed": "✅", "failed": "❌", "inconclusive": "❔"}

_FIGURES: Final = {
    "calls": "Calls",
    "cost": "Cost",
    "tokens": "Tokens",
    "prompt_tokens": "Prompt tokens",
    "completion_tokens": "Completion tokens",
    "models": "Models",
    "errors": "Failed calls",
}


@dataclass(frozen=True, eq=False)
class _Section:
    """A part of the report that may be left out, by its name, which is safe Markdown."""

    name: str
    body: str


def markdown(report: Report, *, most: int = MOST) -> str:
    """The report in at most so many bytes of UTF-8; sections that there is no room for are left out, and named."""
    sections = list(_sections(report))
    whole = _joined(report, sections, "")
    if _size(whole) > most:
        # Room for the sentence that names most: which ones it names is known when sections are chosen.
        longest = _left_out(sorted((section.name for section in sections), key=_size, reverse=True))
        kept = _fitting(sections, most - _size(_joined(report, [], longest)))
        whole = _joined(report, kept, _left_out([section.name for section in sections if section not in kept]))
    # A few hundred bytes are less than anybody allows, but are kept to.
    return whole if _size(whole) <= most else whole.encode()[: max(0, most)].decode(errors="ignore")


def comment(report: Report) -> str:
    """The report as a comment on a pull request, with a mark that nobody sees at its beginning."""
    return f"{MARKER}\n{markdown(report, most=_COMMENT - len(MARKER) - 2)}"


def _size(written: str) -> int:
    return len(written.encode())


def _fitting(sections: Sequence[_Section], room: int) -> dict[_Section, None]:
    """Each section that there is still room for, in their order."""
    found: dict[_Section, None] = {}
    for section in sections:
        size = _size(f"{section.body}\n\n")
        if size <= room:
            found[section] = None
            room -= size
    return found


def _left_out(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES:,} more" if len(names) > _NAMES else ""
    return f"Left out, as there is no room: {', '.join(names[:_NAMES])}{more}. The page and the JSON have it all."


def _joined(report: Report, sections: Iterable[_Section], left_out: str) -> str:
    foot = f"<sub>logreport {text(report.version)}, {report.made:%Y-%m-%d %H:%M:%S} UTC</sub>"
    parts = (*_head(report), *(section.body for section in sections), left_out, foot)
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(report: Report) -> Iterator[str]:
    yield f"## {text(report.title)}"
    yield _verdict(report.gates)
    yield _window(report.headline)
    if (filters := sentences.filters(report.window)) != "all calls":
        yield f"Shown: {text(filters, _SENTENCE)}."
    if report.comparison:
        baseline = report.comparison.baseline
        made = f", made {baseline.made:%Y-%m-%d %H:%M}" if baseline.made else ""
        yield f"Compared with **{text(baseline.name)}** ({spoken_calls(baseline.measured.whole.calls)}{made})."


def _verdict(gates: Sequence[Gate]) -> str:
    """How the gates went, in one line; nothing where there are none."""
    failing = [gate for gate in gates if gate.fails]
    warning = sum(gate.stands_out and not gate.fails for gate in gates)
    unclear = sum(gate.status == "inconclusive" for gate in failing)
    allowed = sum(gate.status == "inconclusive" and not gate.stands_out for gate in gates)
    passed = sum(gate.status == "passed" for gate in gates)
    if not gates:
        return ""
    told = f"❌ **{len(failing)} of {len(gates)} gates failed**" if failing else ""
    also = (
        f"{unclear} of them inconclusive" if unclear else "",
        f"{warning} {'warns' if warning == 1 else 'warn'}" if warning else "",
        f"{allowed} {'is' if allowed == 1 else 'are'} inconclusive, as allowed" if allowed else "",
    )
    return "; ".join(part for part in (told or f"✅ **{passed} of {len(gates)} gates passed**", *also) if part) + "."


def _window(headline: Headline) -> str:
    calls = spoken_calls(headline.calls)
    if headline.first is None or headline.last is None:
        return f"{calls}, without any time."
    return f"{calls} from {_clock(headline.first)} to {_clock(headline.last)}."


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} ({text(moment.tzname() or 'UTC')})"


def _sections(report: Report) -> Iterator[_Section]:
    """What there is to tell, the weightiest first."""
    told: tuple[tuple[str, Callable[[Report], str]], ...] = (
        ("Gates", _outstanding),
        ("Gates that passed", _passed),
        ("Figures", _figures),
        ("Hard to compare", _warnings),
        ("Against the baseline", _changes),
        ("Against the baseline, by model", _changes_of_models),
        ("New and gone", _turnover),
        ("Findings", _findings),
        ("Trend", _trend),
        ("Metrics that failed", _failures),
    )
    for name, tell in told:
        if body := tell(report):
            yield _Section(name, body)
    if report.comparison:
        yield from _metrics(report, report.comparison)


# ---------------------------------------------------------------- gates


def _outstanding(report: Report) -> str:
    found = worst(report.gates)
    return f"### Gates\n\n{_gates(found)}" if found else ""


def _passed(report: Report) -> str:
    found = [gate for gate in report.gates if not gate.stands_out]
    all_ = all(gate.status == "passed" for gate in found)
    told = f"{len(found):,} {'gate' if len(found) == 1 else 'gates'} passed{'' if all_ else ' or may be inconclusive'}"
    return folded(told, _gates(found)) if found else ""


def _gates(gates: Sequence[Gate]) -> str:
    rows = [(_status(gate), text(name_of(gate)), text(gate.message, _SENTENCE)) for gate in gates[:_ROWS]]
    return table(("", "Gate", "Found"), rows) + _more(len(gates))


def _status(gate: Gate) -> str:
    if gate.stands_out and not gate.fails:
        return f"⚠️ {gate.status}, warns"
    return f"{_ICONS[gate.status]} {gate.status}"


def _more(rows: int) -> str:
    return f"\n\nAnd {rows - _ROWS:,} more, in the JSON." if rows > _ROWS else ""


# ---------------------------------------------------------------- figures


def _figures(report: Report) -> str:
    told, comparison = report.headline, report.comparison
    values = {name: told.spend.cost if name == "cost" else getattr(told, name) for name in HEADLINE}
    named = [(_FIGURES[name], _figure(name, value)) for name, value in values.items()]
    note = f"\n\n{priced}" if (priced := _priced(told)) else ""
    if comparison is None:
        return f"### Figures\n\n{table(('', 'This run'), named, numbers=[1])}{note}"
    rows = [
        (title, now, *_before(name, comparison.headline.get(name)))
        for (title, now), name in zip(named, values, strict=True)
    ]
    heads = ("", "This run", "Baseline", "Difference")
    return f"### Figures\n\n{table(heads, rows, numbers=[1, 2, 3])}{note}"


def _figure(name: str, value: float | None) -> str:
    return units.dollars(value) if name == "cost" else units.count(value)


def _before(name: str, change: HeadlineChange | None) -> tuple[str, str]:
    if change is None:
        return "unknown", "unknown"
    unit: Unit = "dollars" if name == "cost" else "calls"
    return _figure(name, change.baseline), difference(change.current - change.baseline, change.ratio, unit)


def _priced(told: Headline) -> str:
    """How much of the tokens the cost is of, where that is not all."""
    spend = told.spend
    if spend.tokens >= spend.told_tokens:
        return ""
    models = text(listed(spend.unpriced_models), _SENTENCE)
    why = f"; no price is known for {models}" if spend.unpriced_models else ""
    if spend.cost is None:
        return f"There is no cost{why}."
    return f"The cost is of {units.share(spend.tokens, spend.told_tokens)} of the tokens{why}."


# ---------------------------------------------------------------- against the baseline


def _warnings(report: Report) -> str:
    told = report.comparison.warnings if report.comparison else ()
    return "### Hard to compare\n\n" + bullets(f"⚠️ {text(one, _SENTENCE)}" for one in told) if told else ""


def _changes(report: Report) -> str:
    found = report.comparison.shown if report.comparison else ()
    grave = report.comparison.grave if report.comparison else ()
    return f"### Against the baseline\n\n{_compared(found, grave)}" if found else ""


def _changes_of_models(report: Report) -> str:
    found = report.comparison.of_models if report.comparison else ()
    return folded("Against the baseline, by model", _compared(found, ())) if found else ""


def _compared(changes: Sequence[Change], grave: Sequence[Change]) -> str:
    heads = ("Number", "This run", "Baseline", "Difference", "95 % interval", "Verdict")
    rows = [
        (
            text(change.name),
            said(change.current.value, change.current.unit),
            said(change.baseline.value, change.current.unit),
            difference(change.difference, change.ratio, change.current.unit),
            between(change.tested.low, change.tested.high, change.current.unit) if change.tested else "",
            f"**{change.verdict}**" if change in grave else change.verdict,
        )
        for change in changes[:_ROWS]
    ]
    told = "\n\nWhat is **worse** in bold is so even though so many numbers were looked at." if grave else ""
    return table(heads, rows, numbers=[1, 2, 3, 4]) + _more(len(changes)) + told


def _turnover(report: Report) -> str:
    if report.comparison is None or not report.comparison.turnover:
        return ""
    titles = {card.name: card.title for card in report.cards}
    lines = [
        f"{text(titles.get(one.metric, one.metric))}: "
        + "; ".join(
            f"{word} {text(listed(names, _NAMES), _SENTENCE)}"
            for word, names in (("new", one.new), ("gone", one.gone))
            if names
        )
        for one in report.comparison.turnover
    ]
    return f"### New and gone\n\n{bullets(lines)}"


def _metrics(report: Report, comparison: Comparison) -> Iterator[_Section]:
    for card in report.cards:
        if rows := side_by_side(card, comparison.baseline.cards.get(card.name)):
            title = text(card.title)
            yield _Section(title, folded(title, rows))


# ---------------------------------------------------------------- what else is told


def _findings(report: Report) -> str:
    told = report.remarks.said
    return "### Findings\n\n" + bullets(text(one.text, _SENTENCE) for one in told) if told else ""


def _trend(report: Report) -> str:
    course = mermaid.over_runs(report.history) or mermaid.over_time(report.trend)
    if course is None:
        return ""
    left_out = f"\n\n{course.left_out}" if course.left_out else ""
    return f"### Trend\n\n```mermaid\n{course.chart}\n```{left_out}"


def _failures(report: Report) -> str:
    failed = [card for card in report.cards if card.status == "failed"]
    lines = (f"{text(card.title)}: {text(card.reason, _SENTENCE)}" for card in failed)
    return "### Metrics that failed\n\n" + bullets(lines) if failed else ""
