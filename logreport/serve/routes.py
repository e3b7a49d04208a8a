"""What the server answers beside Dash: the page to take along, styles and scripts, and whether it is well."""

from __future__ import annotations

import base64
from typing import Final

import flask

from logreport import plotlyjs
from logreport.errors import BadWindow, CannotConnect, LogReportError
from logreport.render import Pages
from logreport.serve.address import asked
from logreport.serve.views import Moved, Views

#: The styles and scripts that the page's templates bring, and their types.
_LOOKS: Final = {
    "report.css": "text/css",
    "dashboard.css": "text/css",
    "theme.js": "text/javascript",
    "report.js": "text/javascript",
    "charts.js": "text/javascript",
    "dashboard.js": "text/javascript",
}

#: How often a page is tried again whose data changed while it was made.
_TRIES: Final = 3


def add_routes(server: flask.Flask, views: Views, pages: Pages) -> None:
    """Add them to the application."""

    @server.get("/healthz")
    def healthz() -> flask.Response:
        try:
            views.ping()
        except CannotConnect:
            return _plain("the database does not answer", 503)
        return _plain("ok", 200)

    @server.get("/report.html")
    def download() -> flask.Response:
        try:
            page = _page(views, flask.request.query_string.decode("ascii", "replace"))
        except CannotConnect as problem:
            return _plain(problem.message, 503)
        except BadWindow as problem:
            return _plain(f"{problem.message}: {problem.hint}", 400)
        except LogReportError as problem:
            return _plain(problem.message, 500)
        response = flask.Response(page.encode("utf-8", "replace"), mimetype="text/html")
        response.headers["Content-Disposition"] = 'attachment; filename="report.html"'
        return response

    @server.get("/look/<name>")
    def look(name: str) -> flask.typing.ResponseReturnValue:
        if name == "plotly.js":
            response = flask.Response(base64.b64decode(plotlyjs.library().packed), mimetype="text/javascript")
            response.headers["Content-Encoding"] = "gzip"
        elif name in _LOOKS:
            response = flask.Response(pages.text(name), mimetype=_LOOKS[name])
        else:
            return _plain("there is no such file", 404)
        response.headers["Cache-Control"] = "no-cache"  # asked for each time, sent when it changed
        response.add_etag()
        return response.make_conditional(flask.request.environ)


def _page(views: Views, search: str) -> str:
    wanted = asked(search)
    for _ in range(_TRIES):
        try:
            return views.page(views.view(wanted))
        except Moved:
            continue
    raise CannotConnect("the data change faster than a page is made", "try again")


def _plain(text: str, status: int) -> flask.Response:
    return flask.Response(f"{text}\n", status, mimetype="text/plain")
