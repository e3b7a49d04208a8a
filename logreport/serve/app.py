"""The Dash application: from what viewers choose to what is painted.

`look` turns the address, the controls and a drag on a chart into one view. Each card asks for its own part of it, so
that none waits for another. `news` says which state of the data is to be shown: it never touches what was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from html import escape
from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from logreport.errors import BadWindow
from logreport.plugins import one_line
from logreport.serve.address import Asked, asked, from_parts
from logreport.serve.layout import AROUND, BUCKETS, CONTROLS, LATE, PRESETS, answer_id, layout
from logreport.serve.views import UNWELL, Choices, Outdated, StillAsking, View, Views, waited
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

#: What a card depends on.
_SHOWN: Final = [Input("page-view", "data"), Input("page-version", "data")]

#: The controls whose options come from the data or the address.
_OFFERED: Final = ("last", "model", "request_type", "run", "bucket")

#: A word that changes what all objects of JavaScript have, and one that looks the same.
_PROTO: Final = "__proto__"
_STAND_IN: Final = "__\u2060proto__"

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
    _news(app, views, refreshing=refresh is not None)
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
    offered = [Output(CONTROLS[part], "options") for part in _OFFERED]

    @app.callback(
        [
            Output("page-address", "search"),
            Output("page-view", "data"),
            Output("page-version", "data"),
            Output("page-gone", "data"),
            Output("page-message", "children"),
            Output("page-download", "href"),
            *controls,
            *offered,
        ],
        [
            Input("page-address", "search"),
            Input("page-dragged", "data"),
            *(Input(name, "value") for name in CONTROLS.values()),
        ],
        State("page-view", "data"),
        running=[(Output("page-controls", "className"), "asking", "")],
    )
    def look(search: str | None, dragged: Any, *values: Any) -> list[Any]:
        *chosen, seen = values
        nothing = [no_update] * (len(controls) + len(offered))
        try:
            wanted = _wanted(search, dragged, chosen, seen, views.timezone)
            version, choices, gone = "", Choices(), None
            try:
                view = views.view(wanted)
                version, (_, choices) = view.version, views.state()
                with suppress(Outdated):  # the cards will find out, and ask again
                    view.outlined()
            except BadWindow:
                raise
            except (StillAsking, *UNWELL) as problem:
                gone = {"gone": _why(problem)}  # what was chosen is kept, and asked for when it answers again
        except BadWindow as problem:
            message = [_what(problem), html.A("Show all calls", href="/")]
            return [no_update, no_update, no_update, no_update, message, no_update, *nothing]
        return [
            no_update if wanted.search == (search or "") else wanted.search,
            wanted.search,
            version,
            gone,
            "",
            f"/report.html{wanted.search}",
            *_changed(_values(wanted, views.timezone), chosen),
            *_offered(wanted, choices),
        ]


def _news(app: Dash, views: Views, *, refreshing: bool) -> None:
    """Which state of the data is to be shown, by the clock, or when a browser asks because something was amiss.

    An answer that is overtaken by the next question is lost to a browser. So the clock stands still while one is on its
    way, and `page-served` says whether the answer to what a browser asked for has come.
    """

    @app.callback(
        [
            Output("page-version", "data", allow_duplicate=True),
            Output("page-gone", "data", allow_duplicate=True),
            Output("page-served", "data"),
            *(Output(CONTROLS[part], "options", allow_duplicate=True) for part in _OFFERED),
        ],
        [Input("page-tick", "n_intervals"), Input("page-again", "data")],
        [State("page-view", "data"), State("page-version", "data"), State("page-served", "data")],
        prevent_initial_call=True,
        running=[(Output("page-tick", "disabled"), True, not refreshing)],
    )
    def news(tick: Any, again: Any, search: Any, seen: Any, served: Any) -> list[Any]:
        if not isinstance(search, str):
            raise PreventUpdate
        try:
            version, choices = views.state()
            offered = _offered(asked(search), choices)
        except BadWindow:
            raise PreventUpdate from None
        except UNWELL as problem:
            return [no_update, {"gone": _why(problem)}, no_update, *[no_update] * len(_OFFERED)]
        if version == seen and again == served:
            raise PreventUpdate
        return [version, None, again, *offered]


def _wanted(search: str | None, dragged: Any, chosen: Sequence[Any], seen: Any, zone: str) -> Asked:
    """What a viewer wants after what they just did."""
    source = ctx.triggered_id
    parts = {name: part for part, name in CONTROLS.items()}
    if source == "page-dragged" and isinstance(dragged, dict):
        since, until = (_text(dragged.get(name)) for name in ("since", "until"))
        return replace(asked(search), last="", since=since, until=until)
    if source not in parts:
        return asked(search)
    given = {part: _texts(value) for part, value in zip(CONTROLS, chosen, strict=True)}
    if seen is None:  # the other controls do not show yet what the address says
        told = asked(search)
        given = {part: _texts(getattr(told, part)) for part in CONTROLS} | {parts[source]: given[parts[source]]}
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
    if isinstance(value, str):
        return [value.strip()]
    return [_unlisted(_text(one)) for one in value] if isinstance(value, list | tuple) else []


def _values(wanted: Asked, zone: str) -> list[Any]:
    """The values of the controls, which follow the address."""
    values = {part: getattr(wanted, part) for part in CONTROLS}
    values |= {part: [_listed(name) for name in value] for part, value in values.items() if isinstance(value, tuple)}
    values["timezone"] = wanted.timezone or zone
    if wanted.since or wanted.until:
        values["last"] = None
    return list(values.values())


def _changed(values: Sequence[Any], present: Sequence[Any]) -> list[Any]:
    """The values that differ: a field in which somebody types is left alone."""
    return [no_update if value == before else value for value, before in zip(values, present, strict=True)]


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
    return [
        {"value": _listed(name), "label": _listed(cut(visible(name), 100))} for name in dict.fromkeys([*names, *also])
    ]


def _listed(name: str) -> str:
    """The name as Dash's list can have it, which keeps names in plain objects of JavaScript."""
    return name.replace(_PROTO, _STAND_IN)


def _unlisted(name: str) -> str:
    return name.replace(_STAND_IN, _PROTO)


def _around(app: Dash, views: Views) -> None:
    """The title, the headline, what was read and the footer; and what only all cards together tell."""
    # A page of somebody's own may have other blocks, or none.
    _blocks(app, views, AROUND, Views.blocks, (("title",), ("headline", "shown"), ("read",), ("footer",)))
    _blocks(app, views, LATE, Views.late_blocks, (("findings",), ("left_out",)))


def _blocks(
    app: Dash,
    views: Views,
    places: Sequence[str],
    blocks_of: Callable[[Views, View], dict[str, str]],
    parts: Sequence[tuple[str, ...]],
) -> None:
    """Places that are painted together, each from some of the page's blocks."""

    @app.callback([Output(answer_id(place), "data") for place in places], _SHOWN)
    def painted(search: Any, version: Any) -> list[Answer]:
        def pieces(view: View) -> list[str]:
            blocks = blocks_of(views, view)
            return ["".join(blocks.get(name, "") for name in names) for names in parts]

        found = _answer(views, search, version, pieces)
        told = found.pop("taken", [""] * len(places))
        return [found | ({"html": piece, "style": "", "figure": None} if "view" in found else {}) for piece in told]

    for place in places:
        _painted(app, place, answer_id(place))


def _card(app: Dash, views: Views, name: str) -> None:
    @app.callback(
        Output(answer_id(name), "data"),
        _SHOWN,
        running=[(Output(name, "className"), "card waiting", "card")],
    )
    def card(search: Any, version: Any) -> Answer:
        found = _answer(views, search, version, lambda view: waited(view.cards[name])[1])
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


def _answer(views: Views, search: Any, version: Any, take: Callable[[View], Any]) -> Answer:
    """What is `taken` from the view that a viewer sees, with a token of that view; or why it cannot be.

    The token is the window and the state of the data: zooms are kept where only the latter changed. `moved` has the
    browser ask for news: what it shows is not all of the same data.
    """
    if not isinstance(search, str) or not isinstance(version, str):
        raise PreventUpdate
    try:
        wanted = asked(search)
        view = views.kept(wanted, version) or views.view(wanted)
        taken = take(view)
        return {"view": f"{search}|{view.version}", "taken": taken, "moved": view.moved or view.version != version}
    except Outdated:
        return {"moved": True}
    except BadWindow as problem:  # newer data can make it so
        return {"bad": _what(problem)}
    except (StillAsking, *UNWELL) as problem:
        return {"gone": _why(problem)}


def _what(problem: BadWindow) -> str:
    return visible(f"{problem.message}; {problem.hint}. ")


def _why(problem: BaseException) -> str:
    """One sentence on what keeps the database from being shown."""
    if isinstance(problem, StillAsking):
        return "The database takes long to answer."
    return f"{visible(one_line(problem))}."
