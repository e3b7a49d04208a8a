"""The report as one HTML file: templates filled in, nothing fetched, nothing that runs but our own two scripts."""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jinja2
from markupsafe import Markup

if TYPE_CHECKING:
    from logreport.report import Card, Report

#: A table on the page shows at most this many rows; the JSON has them all.
MOST_ROWS: Final = 500

_UNKNOWN: Final = {"model": "unknown model", "request_type": "unknown type"}
_UNITS: Final = {"bucket": "time"}

#: Pixels, for a figure that does not say how high it is.
_HEIGHT: Final = 360


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A value in a table: `text` as shown, whether it is a number, and whether it is unknown."""

    text: str
    number: bool
    unknown: bool


@dataclass(frozen=True, kw_only=True)
class Head:
    """The head of a table's column: its text, and whether the column holds numbers."""

    text: str
    number: bool


@dataclass(frozen=True, kw_only=True)
class Section:
    """A metric on the page: its card, its table as text, and its figure as a JSON block (empty without one).

    `height` is the figure's, in pixels: kept free before it is drawn, so that nothing moves under the reader.
    """

    card: Card
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    hidden_rows: int
    figure_json: Markup
    height: int


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A headline figure: short text, and the exact value shown when pointed at."""

    name: str
    text: str
    exact: str


@dataclass(frozen=True, kw_only=True)
class PageContext:
    """All that the template receives, under the name `page`."""

    title: str
    report: Report
    headline: tuple[Figure, ...]
    span: str
    filters: str
    sections: tuple[Section, ...]
    made: str
    style: Markup
    plotly: Markup
    script: Markup
    policy: str


def render_page(report: Report, *, template_folder: Path | None = None) -> str:
    """The page; templates in `template_folder` go before ours."""
    folder = templates()
    loaders = [jinja2.FileSystemLoader(place) for place in (template_folder, folder) if place is not None]
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(loaders),
        autoescape=True,  # select_autoescape() would leave `.html.jinja` out
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.jinja").render(page=_context(report, folder))


def templates() -> Path:
    """Where the templates are: in the package when installed, at the top of a checkout otherwise."""
    packaged = Path(str(importlib.resources.files("logreport"))) / "templates"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "templates"


def _context(report: Report, folder: Path) -> PageContext:
    sections = tuple(_section(card) for card in report.cards)
    drawn = any(section.figure_json for section in sections)
    style = (folder / "report.css").read_text(encoding="utf-8") + _heights(sections)
    script = (folder / "report.js").read_text(encoding="utf-8")
    plotly = _plotly() if drawn else ""
    return PageContext(
        title=report.title,
        report=report,
        headline=_headline(report),
        span=_span(report),
        filters=_filters(report),
        sections=sections,
        made=f"{report.made:%Y-%m-%d %H:%M:%S} UTC",
        style=Markup(style),  # noqa: S704 - our own file, and whole numbers
        plotly=Markup(plotly),  # noqa: S704 - the library, unchanged but for the end tag it must not hold
        script=Markup(script),  # noqa: S704 - our own file
        policy=_policy(scripts=(plotly, script) if drawn else (), style=style),
    )


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    library: str = get_plotlyjs()
    return library.replace("</script", "<\\/script")


def _heights(sections: Sequence[Section]) -> str:
    """A class for each height: an attribute would be an inline style."""
    heights = sorted({section.height for section in sections if section.figure_json})
    return "".join(f".height-{height} {{ min-height: {height}px; }}\n" for height in heights)


def _policy(*, scripts: Sequence[str], style: str) -> str:
    """A Content-Security-Policy: only these scripts and this style, nothing is fetched from anywhere.

    Plotly adds one empty style element and fills it by script, hence the hash of nothing; bold labels and heat maps
    are drawn with style attributes, which can fetch nothing here. The full bundle also tries to add the styles of its
    street maps: they are refused, and so would be the maps, whose tiles come from the network.
    WebGL traces (scattergl) compile code as they draw: they stay empty here, plain ones (scatter) do not.
    """
    run = " ".join(map(_hash, scripts)) or "'none'"
    return (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; script-src {run}; "
        f"style-src {_hash(style)} {_hash('')}; style-src-attr 'unsafe-inline'; img-src data: blob:"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _section(card: Card) -> Section:
    shown = card.rows[:MOST_ROWS] if card.status == "ok" else []
    height = int(card.figure.layout.height or _HEIGHT) if card.figure is not None else 0
    return Section(
        card=card,
        heads=tuple(_head(name, shown) for name in card.columns),
        rows=tuple(tuple(_cell(name, row[name]) for name in card.columns) for row in shown),
        hidden_rows=len(card.rows) - len(shown) if shown else 0,
        figure_json=_figure_json(card, height),
        height=height,
    )


def _head(name: str, rows: Sequence[dict[str, Any]]) -> Head:
    known = [row[name] for row in rows if row[name] is not None]
    return Head(text=_UNITS.get(name, name.replace("_", " ")), number=bool(known) and all(map(_is_number, known)))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _figure_json(card: Card, height: int) -> Markup:
    """The figure for the script to draw; `<` is written so that no text in it can end its block."""
    if card.figure is None:
        return Markup("")
    figure = json.loads(card.figure.to_json())
    figure["layout"].pop("template", None)  # ten times the bytes of a figure; the script gives the look
    figure["layout"]["height"] = height
    text = json.dumps(figure, separators=(",", ":"), sort_keys=True)
    for sign, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(sign, code)
    return Markup(text)  # noqa: S704 - JSON without a sign that HTML reads


def _cell(name: str, value: Any) -> Cell:
    if value is None:
        return Cell(text=_UNKNOWN.get(name, "unknown"), number=False, unknown=True)
    if not _is_number(value):
        return Cell(text=_readable(str(value)), number=False, unknown=False)
    return Cell(text=f"{value:,}" if isinstance(value, int) else _fraction(value), number=True, unknown=False)


def _fraction(value: float) -> str:
    """Six digits, but never fewer than the whole part has: 1,234,567 and not 1.23457e+06."""
    return f"{value:,.0f}" if 10**6 <= abs(value) < 10**15 else f"{value:,.6g}"


def _readable(text: str) -> str:
    """Control and direction marks shown as one sign, so that a name cannot disguise itself."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def _headline(report: Report) -> tuple[Figure, ...]:
    told = report.headline
    return (
        Figure(name="calls", text=_short(told.calls), exact=f"{told.calls:,} calls"),
        Figure(name="span", text=_long(report), exact=_span(report)),
        Figure(name="tokens", text=_short(told.tokens), exact=_tokens(report)),
        Figure(name="prompt tokens", text=_short(told.prompt_tokens), exact=_exact(told.prompt_tokens)),
        Figure(name="completion tokens", text=_short(told.completion_tokens), exact=_exact(told.completion_tokens)),
        Figure(name="models", text=_short(told.models), exact=f"{told.models:,} named models"),
        Figure(name="errors", text=_short(told.errors), exact=_errors(told.errors)),
    )


def _errors(errors: int | None) -> str:
    return "this log does not say which calls failed" if errors is None else f"{errors:,} calls with status error"


def _tokens(report: Report) -> str:
    without = report.headline.without_tokens
    counted = f"; {without:,} of {report.headline.calls:,} calls carry no token counts" if without else ""
    return _exact(report.headline.tokens) + counted


def _exact(value: int | None) -> str:
    return "unknown" if value is None else f"{value:,}"


def _short(value: int | None) -> str:
    """Three digits and a unit from ten thousand on: 9,999; 12.3 k; 1.21 M."""
    if value is None:
        return "unknown"
    if value < 10_000:
        return f"{value:,}"
    rounded = float(f"{value:.3g}")
    for size, unit in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if rounded >= size:
            return f"{rounded / size:g} {unit}"
    return f"{value:,}"


def _span(report: Report) -> str:
    first, last = report.headline.first, report.headline.last
    if first is None or last is None:
        return "no call in this window has a time"
    return f"{_clock(first)} to {_clock(last)} ({report.window.timezone})"


def _long(report: Report) -> str:
    """How long the span is, in the largest unit it has two of: 47 hours, 2 days."""
    first, last = report.headline.first, report.headline.last
    if first is None or last is None:
        return "unknown"
    seconds = (last - first).total_seconds()
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:,.0f} {'second' if round(seconds) == 1 else 'seconds'}"


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _filters(report: Report) -> str:
    window = report.window
    parts = [
        f"since {window.since.isoformat()}" if window.since else "",
        f"until {window.until.isoformat()}" if window.until else "",
        f"models {', '.join(window.models)}" if window.models else "",
        f"request types {', '.join(window.request_types)}" if window.request_types else "",
        f"runs {', '.join(window.runs)}" if window.runs else "",
    ]
    return _readable("; ".join(part for part in parts if part)) or "all calls"
