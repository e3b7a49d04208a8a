"""The server that the dashboard stands behind: waitress, bound before anything is said, ended within two seconds."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import waitress

from logreport.errors import LogReportError
from logreport.serve.guard import Credentials, is_loopback
from logreport.signs import visible

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: The environment variables that hold who may come in.
PASSWORD_VARIABLE: Final = "LOGREPORT_SERVE_PASSWORD"  # noqa: S105 - its name
USER_VARIABLE: Final = "LOGREPORT_SERVE_USER"

#: The addresses that stand for all of this machine's.
_ANY: Final = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound

#: Requests that are answered at once. Most of them wait for a query that others wait for as well.
THREADS: Final = 64

#: Seconds that requests under way have to end when the server is told to.
GRACE: Final = 1.0


def check_binding(host: str, *, no_password: bool) -> Credentials | None:
    """Who may come in at this host: whoever has these credentials, or, without any, everyone who can reach it.

    Raises:
        LogReportError: others than this machine could, and nobody said that they may.
    """
    password = os.environ.get(PASSWORD_VARIABLE, "")
    if password and no_password:
        raise LogReportError(f"--no-password contradicts {PASSWORD_VARIABLE}, which is set", "leave one of them out")
    if password:
        return Credentials(os.environ.get(USER_VARIABLE) or "logreport", password)
    if not (no_password or is_loopback(host)):
        raise LogReportError(
            f"at {host}, everyone who can reach this machine could read the dashboard",
            f"set a password in {PASSWORD_VARIABLE}, or say `--no-password`",
        )
    return None


class Requests:
    """A WSGI middleware that knows how many requests are under way, and takes no more when it is closed."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._change = threading.Condition()
        self._under_way = 0
        self._closed = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        with self._change:
            if self._closed:
                start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("Connection", "close")])
                yield b"the server is ending\n"
                return
            self._under_way += 1
        try:
            answer = self._app(environ, start_response)
            try:
                yield from answer
            finally:
                _close(answer)
        finally:
            with self._change:
                self._under_way -= 1
                self._change.notify_all()

    def end(self, patience: float) -> None:
        """Take no more, and wait so many seconds at most for those under way."""
        with self._change:
            self._closed = True
            self._change.wait_for(lambda: not self._under_way, patience)


@dataclass(frozen=True)
class Server:
    """A server that is bound and not yet running."""

    waitress: Any
    requests: Requests
    url: str


def _close(answer: Iterable[bytes]) -> None:
    close = getattr(answer, "close", None)
    if close is not None:
        close()


def listen(app: WSGIApplication, host: str, port: int) -> Server:
    """A server of this application that has its port; port 0 is any free one.

    Raises:
        LogReportError: the port or the host cannot be had.
    """
    bound = _bound(host, port)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # more requests than threads is no news
    requests = Requests(app)
    server = waitress.create_server(
        requests,
        sockets=[bound],
        threads=THREADS,
        ident=None,
        connection_limit=500,
        channel_timeout=60,
        max_request_body_size=1 << 20,
        max_request_header_size=1 << 16,
        clear_untrusted_proxy_headers=True,
    )
    return Server(server, requests, _url(host, bound.getsockname()[1]))


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as problem:
        raise LogReportError(f"there is no address {visible(host)} on this machine", "`--host` names one") from problem
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(128)
    except OSError as problem:
        bound.close()
        raise LogReportError(
            f"cannot listen on {visible(host)}, port {port}: {problem.strerror or problem}",
            "`--port` takes another one, 0 any that is free",
        ) from problem
    return bound


def _url(host: str, port: int) -> str:
    """Where a browser on this machine finds it."""
    name = "localhost" if host in _ANY else host.strip("[]")
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def run(server: Server) -> None:
    """Serve until SIGTERM or SIGINT, then end: within two seconds, whatever is under way. A second signal ends at once.

    The threads are left to the end of the process.
    """
    told = threading.Event()

    def tell(number: int, frame: object) -> None:
        if told.is_set():
            os._exit(128 + number)
        told.set()

    before = {number: signal.signal(number, tell) for number in (signal.SIGTERM, signal.SIGINT)}
    threading.Thread(target=server.waitress.run, name="logreport-server", daemon=True).start()
    try:
        # In steps, since some systems deliver no signal to a wait without an end.
        while not told.wait(60):
            pass
        server.requests.end(GRACE)
        time.sleep(0.1)  # what was answered is still on its way
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def access_log(app: WSGIApplication) -> WSGIApplication:
    """A line for each request on stderr: when, from where, what, how it went, how many bytes and milliseconds.

    What stands behind the question mark is left out: it names models and runs.
    """

    def logged(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        began, status, size = time.monotonic(), ["-"], 0

        def start(given: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            status[0] = given.partition(" ")[0]
            return start_response(given, headers, *more)

        answer = app(environ, start)
        try:
            for piece in answer:
                size += len(piece)
                yield piece
        finally:
            _close(answer)
            took = (time.monotonic() - began) * 1000
            path = environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "replace")
            what = visible(f"{environ.get('REMOTE_ADDR', '-')} {environ.get('REQUEST_METHOD', '-')} {path}")
            moment = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
            print(f"{moment} {what} {status[0]} {size:,} bytes {took:.0f} ms", file=sys.stderr, flush=True)  # noqa: T201

    return logged
