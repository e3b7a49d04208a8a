"""All that a template receives: text and finished markup, so that templates decide how things look and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from logreport import audit, sentences, units
from logreport.drawing import sheet, sparkline
from logreport.overlay.grey import NAME
from logreport.render.chart import Chart, chart, pack
from logreport.render.compared import (
    Compared,
    Course,
    InCharts,
    Judged,
    PastRow,
    Side,
    compared,
    courses,
    headline_change,
    judged,
    past_rows,
    shown_history,
    span_of,
)
from logreport.render.logo import Logo
from logreport.render.policy import policy
from logreport.render.table import Cell, Head, Table, table
from logreport.signs import visible

if TYPE_CHECKING:
    from logreport.cards import Card
    from logreport.plotlyjs import Library
    from logreport.remarks import Said
    from logreport.report import IngestLine, Report

__all__ = ["Cell", "Figure", "Files", "Head", "Logo", "PageContext", "ReadFile", "Section", "Table", "page_context"]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A metric on the page.

    `drawing` is the chart as SVG, empty where it could not be drawn, for the reason in `undrawn`; `interactive` says
    whether Plotly takes it over. `height` is the chart's, in pixels. `beside` is the baseline's chart as SVG where it
    could not share the other one, empty where that could not be drawn, for the reason in `beside_undrawn`.
    """

    card: Card
    table: Table
    drawing: Markup
    undrawn: str
    interactive: bool
    height: int
    beside: Markup
    beside_undrawn: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A headline figure: short text, the exact value, what else to say of it, and its course as a small SVG.

    `change` says how it differs from the baseline's, and `side` whether that is `better` or `worse`, if either.
    """

    name: str
    text: str
    exact: str
    detail: str
    sparkline: Markup
    change: str = ""
    side: Side = ""


class ReadFile(NamedTuple):
    """A file that was read, and what is to be told of it: lines of a word and a text."""

    line: IngestLine
    told: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class PageContext:
    """All that the template receives, under the name `page`. The README lists the fields.

    `figures` and `plotly` are what the charts script needs, as base64 of gzip, empty where no chart needs it. `style`,
    `theme`, `script` and `charts` stand on the page exactly as given here: `policy` lets nothing else run.
    """

    title: str
    logo: Logo | None
    report: Report
    headline: tuple[Figure, ...]
    span: str
    filters: str
    findings: tuple[Said, ...]
    judged: Judged | None
    compared: Compared | None
    history: tuple[Course, ...]
    history_span: str
    history_rows: tuple[PastRow, ...]
    sections: tuple[Section, ...]
    left_out: str
    files: tuple[ReadFile, ...]
    made: str
    style: Markup
    theme: Markup
    script: Markup
    charts: Markup
    figures: Markup
    plotly: Markup
    policy: Markup


class Files(NamedTuple):
    """The text of what the page carries beside its HTML."""

    style: str
    theme: str
    script: str
    charts: str


class Drawn(NamedTuple):
    """Cards made ready: the style rules that their drawings need, what Plotly draws by the name of the metric, and in
    how many charts the baseline is.
    """

    sections: tuple[Section, ...]
    style: str
    figures: dict[str, dict[str, Any]]
    in_charts: InCharts


def drawn(cards: Sequence[Card], *, interactive: bool) -> Drawn:
    """The cards of a page, or one of them by itself."""
    charts = {card.name: chart(card, interactive=interactive) for card in cards if card.figure is not None}
    beside = {card.name: _beside(card) for card in cards if card.beside is not None}
    sections = tuple(_section(card, charts.get(card.name), beside.get(card.name)) for card in cards)
    drawings = [found.drawing for found in (*charts.values(), *beside.values()) if found.drawing]
    return Drawn(
        sections=sections,
        style=sheet(drawings) + _heights(sections),
        figures={name: found.figure for name, found in charts.items() if found.figure},
        in_charts=_counted(cards, charts, beside),
    )


def page_context(report: Report, files: Files, *, library: Library | None, logo: Logo | None) -> PageContext:
    """The report made ready for the page; without a library, its charts stay as drawn."""
    found = drawn([card for card in report.cards if card.status != "empty"], interactive=library is not None)
    style = files.style + found.style
    history = shown_history(report)
    carried = library if found.figures else None
    return PageContext(
        title=visible(report.title),
        logo=logo,
        report=report,
        headline=_headline(report),
        span=sentences.span(report),
        filters=sentences.filters(report.window),
        findings=report.remarks.said,
        judged=judged(report.gates),
        compared=compared(report, found.in_charts),
        history=courses(history),
        history_span=span_of(history),
        history_rows=past_rows(history),
        sections=found.sections,
        left_out=sentences.left_out(report.cards),
        files=tuple(ReadFile(line, tuple(audit.rows(line.audit))) for line in report.ingests),
        made=f"{report.made:%Y-%m-%d %H:%M:%S} UTC",
        style=Markup(style),  # noqa: S704 - our own file, or one that the user put in its place
        theme=Markup(files.theme),  # noqa: S704 - as above
        script=Markup(files.script),  # noqa: S704 - as above
        charts=Markup(files.charts if carried else ""),  # noqa: S704 - as above
        figures=Markup(pack(found.figures) if carried else ""),  # noqa: S704 - base64
        plotly=Markup(carried.packed if carried else ""),  # noqa: S704 - base64
        policy=policy(
            scripts=(files.theme, files.script, files.charts) if carried else (files.theme, files.script),
            style=style,
            plotly=carried,
        ),
    )


def _beside(card: Card) -> Chart:
    """The baseline's chart, drawn only."""
    alone = replace(
        card, name=f"{card.name}-baseline", title=f"{card.title}, baseline", figure=card.beside, beside=None
    )
    return chart(alone, interactive=False)


def _counted(cards: Sequence[Card], charts: Mapping[str, Chart], beside: Mapping[str, Chart]) -> InCharts:
    """The charts that are shown, and those of them that show the baseline, in the chart itself or beside it."""
    count, grey, dated = 0, 0, False
    for card in cards:
        found, other = charts.get(card.name), beside.get(card.name)
        if card.figure is None or not found or not (found.drawing or found.figure):
            continue
        count += 1
        drawing = other.drawing if other else found.drawing
        if (other and other.drawing) or any(trace.name == NAME for trace in card.figure.data):
            grey += 1
            dated = dated or bool(drawing and "date" in drawing.axes)
    return InCharts(charts=count, grey=grey, dated=dated)


def _section(card: Card, found: Chart | None, beside: Chart | None) -> Section:
    return Section(
        card=card,
        table=table(card),
        drawing=Markup(found.drawing.svg if found and found.drawing else ""),  # noqa: S704 - escaped where it is drawn
        undrawn=found.reason if found else "",
        interactive=bool(found and found.figure),
        height=found.height if found else 0,
        beside=Markup(beside.drawing.svg if beside and beside.drawing else ""),  # noqa: S704 - as above
        beside_undrawn=beside.reason if beside else "",
    )


def _heights(sections: Sequence[Section]) -> str:
    """A class for each height, kept free for what Plotly draws: an attribute would be an inline style."""
    heights = sorted({section.height for section in sections if section.height})
    return "".join(f".height-{height}{{min-height:{height}px}}\n" for height in heights)


def _headline(report: Report) -> tuple[Figure, ...]:
    told, trend, spend = report.headline, report.trend, report.headline.spend

    def figure(name: str, value: float | None, detail: str, course: Sequence[float | None] = ()) -> Figure:
        change, side = headline_change(report, name.replace(" ", "_"), "dollars" if name == "cost" else None)
        dollars = name == "cost" and value is not None
        return Figure(
            name=name,
            text=units.dollars(value) if dollars else units.count(value),
            exact=f"${units.exact(value)}" if dollars else units.exact(value),
            detail=detail,
            sparkline=Markup(sparkline(course)),  # noqa: S704 - numbers only
            change=change,
            side=side,
        )

    return (
        figure("calls", told.calls, sentences.pace(report), trend.calls),
        figure("cost", spend.cost, sentences.cost(told), trend.cost),
        figure("tokens", told.tokens, sentences.tokens_from(told), trend.tokens),
        figure("prompt tokens", told.prompt_tokens, sentences.share(told.prompt_tokens, told), trend.prompt_tokens),
        figure(
            "completion tokens",
            told.completion_tokens,
            sentences.share(told.completion_tokens, told),
            trend.completion_tokens,
        ),
        figure("models", told.models, ""),
        figure("errors", told.errors, sentences.failed(told), trend.errors),
        Figure(
            name="span",
            text=sentences.span_length(told),
            exact=sentences.span(report),
            detail=sentences.days(told),
            sparkline=Markup(""),
            change=sentences.span_before(report),
        ),
    )
