"""What the server answers beside Dash: the page to take along, styles and scripts, and whether it is well."""

from __future__ import annotations

import base64
from functools import partial
from typing import Any, Final

import flask
from dash import Dash

from logreport import plotlyjs
from logreport.errors import BadWindow
from logreport.plugins import one_line
from logreport.render import Pages
from logreport.serve.address import Asked, asked
from logreport.serve.views import UNWELL, Outdated, StillAsking, Views

#: The styles and scripts that the page's templates bring, and their types.
_LOOKS: Final = {
    "report.css": "text/css",
    "dashboard.css": "text/css",
    "theme.js": "text/javascript",
    "report.js": "text/javascript",
    "charts.js": "text/javascript",
    "dashboard.js": "text/javascript",
}

#: How often a page is made anew whose data change meanwhile.
_TRIES: Final = 3

#: Dash's rules for its page at any address, and for callbacks.
_ANY_PATH: Final = "/<path:path>"
_UPDATE: Final = "/_dash-update-component"


def add_routes(dash: Dash, views: Views, pages: Pages) -> None:
    """Add them to the application, and refuse what no browser that shows the dashboard asks for."""
    server: flask.Flask = dash.server
    server.before_request(partial(_refuse, dash))
    server.add_url_rule("/healthz", view_func=partial(_health, views), endpoint="health")
    server.add_url_rule("/report.html", view_func=partial(_download, views), endpoint="download")
    server.add_url_rule("/look/<name>", view_func=partial(_look, pages), endpoint="look")


def _refuse(dash: Dash) -> flask.Response | None:
    rule = flask.request.url_rule
    if rule is not None and rule.rule == _ANY_PATH:  # Dash answers every address with its one page
        return _plain("there is no such page", 404)
    if rule is not None and rule.rule == _UPDATE and not _is_callback(dash, flask.request.get_json(silent=True)):
        return _plain("this is nothing that the dashboard asks for", 400)
    return None


def _is_callback(dash: Dash, body: object) -> bool:
    """Whether this is what a browser sends for one of the callbacks that there are."""
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return False
    known, outputs = dash.callback_map.get(body["output"]), body.get("outputs")
    if known is None or not _properties(outputs if isinstance(outputs, list) else [outputs]):
        return False
    return all(_properties(body.get(kind, [])) == _properties(known[kind]) for kind in ("inputs", "state"))


def _properties(values: object) -> list[tuple[Any, Any]] | None:
    """Which properties of which components these are; None where they are no such thing."""
    if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
        return None
    return [(one.get("id"), one.get("property")) for one in values]


def _health(views: Views) -> flask.Response:
    try:
        views.ping()
    except UNWELL:
        return _plain("the database does not answer", 503)
    return _plain("ok", 200)


def _download(views: Views) -> flask.Response:
    try:
        page = _page(views, asked(flask.request.query_string.decode("ascii", "replace")))
    except BadWindow as problem:
        return _plain(f"{problem.message}: {problem.hint}", 400)
    except Outdated:
        return _plain("new data came while the page was made; try again", 503)
    except StillAsking:
        return _plain("the database takes long to answer; try again", 503)
    except UNWELL as problem:
        return _plain(one_line(problem), 503)
    response = flask.Response(page.encode("utf-8", "replace"), mimetype="text/html")
    response.headers["Content-Disposition"] = 'attachment; filename="report.html"'
    return response


def _page(views: Views, wanted: Asked) -> str:
    """The page of what is asked for, all of it about the same data."""
    for _ in range(_TRIES):
        view = views.view(wanted)
        try:
            page = views.page(view)
        except Outdated:
            continue
        if not view.moved:
            return page
    raise Outdated


def _look(pages: Pages, name: str) -> flask.typing.ResponseReturnValue:
    """A style or a script of the page; asked for each time, sent when it changed."""
    if name == "plotly.js":
        response = flask.Response(base64.b64decode(plotlyjs.library().packed), mimetype="text/javascript")
        response.headers["Content-Encoding"] = "gzip"
    elif name in _LOOKS:
        response = flask.Response(pages.text(name), mimetype=_LOOKS[name])
    else:
        return _plain("there is no such file", 404)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response.make_conditional(flask.request.environ)


def _plain(text: str, status: int) -> flask.Response:
    return flask.Response(f"{text}\n", status, mimetype="text/plain")
