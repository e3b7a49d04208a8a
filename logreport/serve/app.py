"""The Dash application: from what viewers choose to what is painted.

`look` turns the address, the controls, a drag on a chart and the clock into one view; each card asks for its own part
of it, so that none waits for another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from html import escape
from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from logreport.errors import BadWindow
from logreport.plugins import one_line
from logreport.serve.address import Asked, asked, from_parts
from logreport.serve.layout import AROUND, BUCKETS, CONTROLS, PRESETS, answer_id, layout
from logreport.serve.views import UNWELL, Choices, StillAsking, View, Views, waited
from logreport.signs import cut, visible

#: The page that Dash fills in. What is light or dark is known before anything is shown.
_INDEX: Final = """<!doctype html>
<html lang="en">
<head>
{%metas%}
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/look/report.css">
<link rel="stylesheet" href="/look/dashboard.css">
<script src="/look/theme.js"></script>
{%css%}
</head>
<body>
{%app_entry%}
<noscript>
<p>This dashboard needs JavaScript. <a href="/report.html">The same as a page that does not</a></p>
</noscript>
{%config%}
<script src="/look/plotly.js" defer></script>
<script src="/look/report.js" defer></script>
<script src="/look/charts.js" defer></script>
<script src="/look/dashboard.js"></script>
{%scripts%}
{%renderer%}
</body>
</html>"""

Answer = dict[str, Any]


def make_app(views: Views, *, title: str, refresh: timedelta | None) -> Dash:
    """The application over these views; `refresh` is how often it looks for new data by itself."""
    app = Dash(
        "logreport",
        title=_escaped(title),
        update_title="",
        index_string=_INDEX,
        assets_folder="",
        include_assets_files=False,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    shown = [metric for metric, _ in views.metrics]
    app.layout = layout(shown, title=title, timezone=views.timezone, refresh=refresh)
    _look(app, views)
    _around(app, views)
    for metric, _ in views.metrics:
        _card(app, views, metric.name)
    _painted(app, "page-banner", "page-gone")
    return app


def _escaped(title: str) -> str:
    """The title as the page's template takes it, which replaces words in braces."""
    return escape(visible(title)).replace("{", "&#123;")


def _look(app: Dash, views: Views) -> None:
    """One callback for all that changes the window: its parts depend on each other in a circle."""
    controls = [Output(name, "value") for name in CONTROLS.values()]
    offered = [Output(CONTROLS[part], "options") for part in ("last", "model", "request_type", "run", "bucket")]

    @app.callback(
        [
            Output("page-address", "search"),
            Output("page-view", "data"),
            Output("page-gone", "data"),
            Output("page-message", "children"),
            Output("page-download", "href"),
            *controls,
            *offered,
        ],
        [
            Input("page-address", "search"),
            Input("page-tick", "n_intervals"),
            Input("page-again", "data"),
            Input("page-dragged", "data"),
            *(Input(name, "value") for name in CONTROLS.values()),
        ],
        State("page-view", "data"),
    )
    def look(search: str | None, tick: Any, again: Any, dragged: Any, *values: Any) -> list[Any]:
        *chosen, seen = values
        try:
            wanted = _wanted(search, dragged, chosen, views.timezone)
            view = views.view(wanted)
            choices = views.choices()
            view.outlined()
        except BadWindow as problem:
            sentence = f"{problem.message}; {problem.hint}. "
            message = [visible(sentence), html.A("Show all calls", href="/")]
            return _only({"page-message": message}, len(controls) + len(offered))
        except (StillAsking, *UNWELL) as problem:
            return _only({"page-gone": {"gone": _why(problem)}}, len(controls) + len(offered))
        told = {"search": wanted.search, "version": view.version}
        if ctx.triggered_id == "page-tick" and told == seen:
            raise PreventUpdate
        return [
            no_update if wanted.search == (search or "") else wanted.search,
            told,
            None,
            "",
            f"/report.html{wanted.search}",
            *_values(wanted, views.timezone),
            *_offered(wanted, choices),
        ]


def _only(changed: Mapping[str, Any], rest: int) -> list[Any]:
    """What `look` returns where nothing can be shown: what is on the screen stays there."""
    return [
        no_update,
        no_update,
        changed.get("page-gone", no_update),
        changed.get("page-message", no_update),
        no_update,
        *[no_update] * rest,
    ]


def _wanted(search: str | None, dragged: Any, chosen: Sequence[Any], zone: str) -> Asked:
    """What a viewer wants after what they just did."""
    source = ctx.triggered_id
    parts = {name: part for part, name in CONTROLS.items()}
    if source == "page-dragged" and isinstance(dragged, dict):
        since, until = (_text(dragged.get(name)) for name in ("since", "until"))
        return replace(asked(search), last="", since=since, until=until)
    if source not in parts:
        return asked(search)
    given = {part: _texts(value) for part, value in zip(CONTROLS, chosen, strict=True)}
    if given["timezone"] == [zone]:
        given["timezone"] = []
    if source == CONTROLS["last"]:
        given |= {"since": [], "until": []}
    elif source in {CONTROLS["since"], CONTROLS["until"]}:
        given["last"] = []
    return from_parts(given)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return [
        _text(one).strip() if isinstance(value, str) else _text(one)
        for one in (value if isinstance(value, list) else [value])
    ]


def _values(wanted: Asked, zone: str) -> list[Any]:
    """The values of the controls, which follow the address."""
    values = {part: list(value) if isinstance(value := getattr(wanted, part), tuple) else value for part in CONTROLS}
    values["timezone"] = wanted.timezone or zone
    if wanted.since or wanted.until:
        values["last"] = None
    return list(values.values())


def _offered(wanted: Asked, choices: Choices) -> list[list[dict[str, str]]]:
    """The options of the controls; what the address has is among them, known or not."""
    return [
        _widths(PRESETS, wanted.last),
        _named(choices.models, wanted.model),
        _named(choices.request_types, wanted.request_type),
        _named(choices.runs, wanted.run),
        _widths(BUCKETS, wanted.bucket),
    ]


def _widths(words: dict[str, str], also: str) -> list[dict[str, str]]:
    return [{"value": width, "label": name} for width, name in ({also: also} | words).items()]


def _named(names: Sequence[str], also: Sequence[str]) -> list[dict[str, str]]:
    return [{"value": name, "label": cut(visible(name), 100)} for name in dict.fromkeys([*names, *also])]


def _around(app: Dash, views: Views) -> None:
    """The title, the headline, what was read and the footer."""

    @app.callback([Output(answer_id(place), "data") for place in AROUND], Input("page-view", "data"))
    def around(seen: Any) -> list[Answer]:
        def pieces(view: View) -> list[str]:
            blocks = views.blocks(view)
            # A page of somebody's own may have other blocks, or none.
            parts = (("title",), ("headline", "shown"), ("read",), ("footer",))
            return ["".join(blocks.get(name, "") for name in names) for names in parts]

        found = _answer(views, seen, pieces)
        told = found.pop("taken", [""] * len(AROUND))
        return [found | ({"html": piece, "style": "", "figure": None} if "view" in found else {}) for piece in told]

    for place in AROUND:
        _painted(app, place, answer_id(place))


def _card(app: Dash, views: Views, name: str) -> None:
    @app.callback(
        Output(answer_id(name), "data"),
        Input("page-view", "data"),
        running=[(Output(name, "className"), "card waiting", "card")],
    )
    def card(seen: Any) -> Answer:
        found = _answer(views, seen, lambda view: waited(view.cards[name])[1])
        piece = found.pop("taken", None)
        return found | (piece._asdict() if piece else {})

    _painted(app, name, answer_id(name))


def _painted(app: Dash, place: str, store: str) -> None:
    """Has the browser write what comes into a store into its place."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("logreport", "paint"),
        Output(place, "data-view"),
        Input(store, "data"),
        State(place, "id"),
    )


def _answer(views: Views, seen: Any, take: Callable[[View], Any]) -> Answer:
    """What is `taken` from the view that a viewer sees, with the token of that view; or why it cannot be.

    `moved` has the browser ask for the view anew: what it shows is not all of the same data.
    """
    if not isinstance(seen, dict):
        raise PreventUpdate
    token = f"{seen.get('search')}|{seen.get('version')}"
    try:
        wanted, version = asked(_text(seen.get("search"))), _text(seen.get("version"))
        view = views.kept(wanted, version) or views.view(wanted)
        taken = take(view)
        return {"view": token, "taken": taken, "moved": view.moved or view.version != version}
    except StillAsking:
        return {"moved": True}
    except BadWindow as problem:  # which `look` has told already
        return {"bad": problem.message}
    except UNWELL as problem:
        return {"gone": _why(problem)}


def _why(problem: BaseException) -> str:
    """One sentence on what keeps the database from being shown."""
    if isinstance(problem, StillAsking):
        return "The database takes long to answer."
    return f"{visible(one_line(problem))}."
