"""The server that the dashboard stands behind: waitress, bound before anything is said, ended within two seconds."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
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
        return Credentials(_user(), password)
    if not (no_password or is_loopback(host)):
        raise LogReportError(
            f"at {visible(host)}, everyone who can reach this machine could read the dashboard",
            f"set a password in {PASSWORD_VARIABLE}, or say `--no-password`",
        )
    return None


def _user() -> str:
    user = os.environ.get(USER_VARIABLE) or "logreport"
    if ":" in user:  # HTTP's own mark between name and password: nobody could ever come in
        raise LogReportError(f"the name in {USER_VARIABLE} has a colon", "choose one without")
    return user


@dataclass(frozen=True)
class Server:
    """A server that is bound and not yet running."""

    waitress: Any
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
    server = waitress.create_server(
        app,
        sockets=[bound],
        threads=THREADS,
        ident=None,
        connection_limit=500,
        channel_timeout=60,
        max_request_body_size=1 << 20,
        max_request_header_size=1 << 16,
        clear_untrusted_proxy_headers=True,
    )
    return Server(server, _url(host, *bound.getsockname()[:2]))


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
            f"cannot listen on {visible(host)}, port {port}: {problem.strerror or problem}", _hint(problem)
        ) from problem
    return bound


def _hint(problem: OSError) -> str:
    if problem.errno == errno.EADDRNOTAVAIL:
        return "`--host` wants an address of this machine"
    return "`--port` takes another one, 0 any that is free"


def _url(host: str, address: str, port: int) -> str:
    """Where a browser on this machine finds it."""
    name = "localhost" if address in _ANY else host.strip("[]")
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def run(server: Server, on_ready: Callable[[], object] = lambda: None) -> None:
    """Serve until SIGTERM or SIGINT, then end: within two seconds, whatever is under way. A second signal ends at once.

    `on_ready` is called when a signal does no harm any more. The threads are left to the end of the process.
    """
    ended: SimpleQueue[BaseException | None] = SimpleQueue()  # the one that a signal's handler may put into
    told = False

    def tell(number: int, frame: object) -> None:
        nonlocal told
        if told:
            os._exit(128 + number)
        told = True
        ended.put(None)

    before = {number: signal.signal(number, tell) for number in (signal.SIGTERM, signal.SIGINT)}
    threading.Thread(target=_loop, args=(server.waitress, ended), name="logreport-server", daemon=True).start()
    try:
        on_ready()
        problem = _first(ended)
        if problem is not None:
            raise problem
        _stop(server.waitress)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _loop(server: Any, ended: SimpleQueue[BaseException | None]) -> None:
    problem: BaseException | None = None
    try:
        server.run()
    except BaseException as broken:  # noqa: BLE001 - raised where `run` was called
        problem = broken
    ended.put(problem)


def _first(ended: SimpleQueue[BaseException | None]) -> BaseException | None:
    # In steps, since some systems deliver no signal to a wait without an end.
    while True:
        with suppress(Empty):
            return ended.get(timeout=0.5)


def _stop(server: Any) -> None:
    """Accept nobody more; leave requests that have come, and answers on their way, the time of grace."""
    server.accepting = False
    with suppress(OSError):  # where a listening socket cannot be shut, who comes now waits until the process ends
        server.socket.shutdown(socket.SHUT_RDWR)
    deadline = time.monotonic() + GRACE
    while _busy(server) and time.monotonic() < deadline:
        time.sleep(0.02)


def _busy(server: Any) -> bool:
    return any(channel.requests or channel.total_outbufs_len for channel in list(server.active_channels.values()))


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
            moment = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
            # Whole at once, since others write as well; stderr keeps no line back, and may be read by nobody any more.
            with suppress(OSError, ValueError):
                sys.stderr.write(f"{moment} {_what(environ)} {status[0]} {size:,} bytes {took:.0f} ms\n")

    return logged


def _what(environ: WSGIEnvironment) -> str:
    """From where, and what: three words, whatever was asked for."""
    path = environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "replace")
    words = (environ.get("REMOTE_ADDR", "-"), environ.get("REQUEST_METHOD", "-"), path or "-")
    return " ".join(visible(word).replace(" ", "%20") for word in words)
