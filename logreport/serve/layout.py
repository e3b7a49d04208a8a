"""What the dashboard is made of. Cards and figures are painted into empty places as the page's templates have them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from zoneinfo import available_timezones

from dash import dcc, html

from logreport.metric import Metric
from logreport.signs import visible

#: The places around the cards that are painted; the names of the metrics are those of the cards.
AROUND: Final = ("page-top-title", "page-headline", "what-was-read", "page-footer")

#: The places of what depends on every card: the findings, and what is not shown.
LATE: Final = ("page-findings", "page-left-out")

#: Widths counted back from the newest call.
PRESETS: Final = {"": "All", "1h": "Hour", "1d": "Day", "1w": "Week", "4w": "4 weeks"}

#: Steps of time charts to choose from.
BUCKETS: Final = {
    "": "Auto",
    "1m": "1 minute",
    "5m": "5 minutes",
    "15m": "15 minutes",
    "1h": "1 hour",
    "6h": "6 hours",
    "1d": "1 day",
    "1w": "1 week",
}

#: The controls by the part of the address that each sets.
CONTROLS: Final = {
    "last": "page-last",
    "since": "page-since",
    "until": "page-until",
    "model": "page-models",
    "request_type": "page-request-types",
    "run": "page-runs",
    "timezone": "page-timezone",
    "bucket": "page-bucket",
}

#: What is remembered of the view that is shown, and what a browser tells of itself.
_STORES: Final = ("page-view", "page-version", "page-gone", "page-served", "page-dragged", "page-again")


def answer_id(place: str) -> str:
    """The store of what is to be painted in a place."""
    return f"answer-{place}"


def layout(metrics: Sequence[Metric], *, title: str, timezone: str, refresh: timedelta | None) -> html.Div:
    """The dashboard before its first answer. `refresh` is how often to look for new data by itself."""
    places = [*AROUND, *LATE, *(metric.name for metric in metrics)]
    return html.Div(
        [
            dcc.Location(id="page-address", refresh=False),
            dcc.Interval(
                id="page-tick",
                interval=(refresh or timedelta(days=1)).total_seconds() * 1000,
                disabled=refresh is None,
            ),
            *(dcc.Store(id=name) for name in _STORES),
            *(dcc.Store(id=answer_id(place)) for place in places),
            html.A("Skip to the charts", href="#page-metrics", className="skip"),
            html.Header([_masthead(title), html.Div(id="page-headline"), html.Div(id="page-findings")]),
            _controls(timezone),
            html.P(id="page-message", role="alert"),
            html.P(id="page-banner", role="alert", hidden=True),
            html.Nav(
                html.Ul([_link(metric.name, metric.title) for metric in metrics] + [_WHAT_WAS_READ]),
                **_aria(label="Contents"),
            ),
            html.Main(
                [
                    *(_card(metric.name, metric.title, metric.description) for metric in metrics),
                    html.Div(id="page-left-out", className="wide"),
                    _card("what-was-read", "What was read", "", "card wide"),
                ],
                id="page-metrics",
            ),
            html.Footer(id="page-footer"),
            html.P(id="page-said", className="said", role="status"),
        ]
    )


def _masthead(title: str) -> html.Div:
    return html.Div(
        [
            html.Div(html.Div(html.H1(visible(title))), id="page-top-title"),
            html.A("Download this view", id="page-download", className="quiet-button", download="report.html"),
            html.Button("Dark", id="page-theme", className="quiet-button", type="button", hidden=True),
        ],
        className="masthead",
    )


def _link(name: str, title: str) -> html.Li:
    return html.Li(html.A(visible(title), href=f"#{name}"))


_WHAT_WAS_READ: Final = _link("what-was-read", "What was read")


def _card(name: str, title: str, description: str, kind: str = "card") -> html.Section:
    """A card that is still to be painted: what it is about is known."""
    return html.Section(
        [html.H2(visible(title)), html.P(visible(description), className="sentence")],
        id=name,
        className=kind,
        **_aria(labelledby=f"{name}-title"),
    )


def _controls(timezone: str) -> html.Section:
    zones = sorted(available_timezones() | {timezone})
    times = [
        _group("Newest", dcc.RadioItems(_options(PRESETS), "", id="page-last", inline=True, className="presets")),
        _control("From", _time("page-since", "2024-12-18 16:40")),
        _control("Until", _time("page-until", "2024-12-19")),
        _control("Time zone", dcc.Dropdown(zones, timezone, id="page-timezone", clearable=False, maxHeight=340)),
        _control("Step", dcc.Dropdown(_options(BUCKETS), "", id="page-bucket", clearable=False, searchable=False)),
    ]
    kinds = [
        _control("Models", _several("page-models")),
        _control("Request types", _several("page-request-types")),
        _control("Runs", _several("page-runs")),
    ]
    return html.Section(
        [html.Div(times, className="controls"), html.Div(kinds, className="controls")],
        id="page-controls",
        **_aria(label="What is shown"),
    )


def _time(name: str, example: str) -> dcc.Input:
    """A field for a time in any of the forms that the command line takes; sent when it is left."""
    return dcc.Input(id=name, type="text", value="", debounce=True, placeholder=example, autoComplete="off")


def _several(name: str) -> dcc.Dropdown:
    """A list of which several can be chosen. How many are is all that there is room for; they stand in a sentence."""
    return dcc.Dropdown(
        id=name, multi=True, placeholder="All", maxHeight=340, labels={"selected_count": "{num_selected} only"}
    )


def _control(name: str, control: Any) -> html.Div:
    return html.Div([html.Label(name, htmlFor=control.id), control], className="control")


def _group(name: str, control: Any) -> html.Div:
    """A control of several parts, for which a label of HTML does not do."""
    label = f"{control.id}-label"
    return html.Div([html.Span(name, id=label), control], className="control", role="group", **_aria(labelledby=label))


def _aria(**attributes: str) -> dict[str, Any]:
    return {f"aria-{name}": value for name, value in attributes.items()}


def _options(words: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in words.items()]
