"""Who is let in and what a browser may do with what it gets: a WSGI middleware around the whole application."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import re
import socket
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Answers whether all is well, and nothing else: what watches a container has no password.
OPEN_PATH: Final = "/healthz"

_METHODS: Final = frozenset({"GET", "HEAD", "POST"})

#: On every answer, whatever the application says. A frame, a guess at a type and an address told to others are refused.
_HEADERS: Final = (
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)"),
)

#: Never passed on: they only tell what runs here.
_TELLING: Final = frozenset({"server", "x-powered-by"})

_DROPPED: Final = _TELLING | {name.lower() for name, _ in _HEADERS}

#: What a Host header may be: a name or an address, and a port. Anything else is nobody's name.
_HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-z.-]+)(?::[0-9]*)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Credentials:
    """A user's name and password."""

    user: str
    password: str


def is_loopback(host: str) -> bool:
    """Whether this name or address is this machine's own, which no other machine can reach."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def guard(app: WSGIApplication, *, credentials: Credentials | None, host: str, policy: str) -> WSGIApplication:
    """The application, answering only whom it should.

    With `credentials`, only who has them (HTTP Basic). Without, only requests to a name or an address of the `host`
    that is listened on: a page elsewhere whose name was bent to it (DNS rebinding) gets nothing. What other sites'
    pages send is refused in any case; a link that is followed is no such thing. `policy` is the
    Content-Security-Policy; one of the application's own stands instead.
    """

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, given: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, _dressed(given, policy), *more)

        wanted = None if environ.get("PATH_INFO") == OPEN_PATH else credentials
        refusal = _refusal(environ, wanted, None if credentials else host)
        if refusal is not None:
            return _say(environ, start, *refusal)
        return _answer(app, environ, start)

    return guarded


def _answer(app: WSGIApplication, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """What the application answers; a bug of it is told here, and not to the viewer."""
    try:
        return app(environ, start)
    except Exception:  # noqa: BLE001 - the server goes on
        traceback.print_exc(file=sys.stderr)
        sentence = "this could not be answered; the server's log says why"
        return _say(environ, start, "500 Internal Server Error", sentence, problem=sys.exc_info())


def _dressed(given: list[tuple[str, str]], policy: str) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in given if name.lower() not in _DROPPED]
    named = {name.lower() for name, _ in kept}
    unless_said = (("Content-Security-Policy", policy), ("Cache-Control", "no-store"))
    return [*kept, *_HEADERS, *((name, value) for name, value in unless_said if name.lower() not in named)]


def _say(
    environ: WSGIEnvironment,
    start: StartResponse,
    status: str,
    sentence: str,
    *headers: tuple[str, str],
    problem: Any = None,
) -> list[bytes]:
    """One sentence as the whole answer; with a `problem` (exc_info) in place of an answer that had begun."""
    body = f"{sentence}\n".encode()
    plain = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))), *headers]
    start(status, plain, *([problem] if problem else []))
    # A body after HEAD would be taken for the next answer of the connection.
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _refusal(
    environ: WSGIEnvironment, credentials: Credentials | None, host: str | None
) -> tuple[str, str] | tuple[str, str, tuple[str, str]] | None:
    """Why a request is not answered, as a status, a sentence and what else to say; None where it is."""
    if environ["REQUEST_METHOD"] not in _METHODS:
        return "405 Method Not Allowed", "only GET, HEAD and POST", ("Allow", "GET, HEAD, POST")
    if host is not None and not _is_meant(_host_name(environ.get("HTTP_HOST", "")), host):
        if is_loopback(host):
            return "403 Forbidden", "this dashboard answers to this machine only, as localhost"
        return "403 Forbidden", "without a password, this dashboard answers to its address only, not to this name"
    if _foreign(environ):
        return "403 Forbidden", "requests of other sites are refused"
    if credentials is None or _known(environ, credentials):
        return None
    challenge = ("WWW-Authenticate", 'Basic realm="logreport", charset="UTF-8"')
    return "401 Unauthorized", "a user's name and a password are needed", challenge


def _is_meant(name: str, host: str) -> bool:
    """Whether a request to this name is one to the host that is listened on, whatever a name server says."""
    if is_loopback(name):
        return True
    if not name or is_loopback(host):
        return False
    return _is_address(name) or name.lower() in {host.lower(), *_own_names()}


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


@cache
def _own_names() -> frozenset[str]:
    return frozenset({socket.gethostname().lower(), socket.getfqdn().lower()})


def _host_name(host: str) -> str:
    """The name in a Host header, without its port; nothing where it is none."""
    found = _HOST.fullmatch(host)
    return found[1] if found else ""


def _foreign(environ: WSGIEnvironment) -> bool:
    """Whether a page of another site sent this (https://www.w3.org/TR/fetch-metadata/)."""
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is None:  # an old browser, or no browser
        origin, host = environ.get("HTTP_ORIGIN"), environ.get("HTTP_HOST", "")
        return origin is not None and not (host and origin.partition("://")[2] == host)
    if site in {"same-origin", "none"}:
        return False
    followed = (environ.get("HTTP_SEC_FETCH_MODE"), environ.get("HTTP_SEC_FETCH_DEST")) == ("navigate", "document")
    return not (followed and environ["REQUEST_METHOD"] == "GET")


def _known(environ: WSGIEnvironment, credentials: Credentials) -> bool:
    """Whether the request has these credentials; how long the answer takes says nothing of how near it came."""
    scheme, _, packed = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    try:
        plain = base64.b64decode(packed.strip(), validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        plain = b""
    user, colon, password = plain.partition(b":")
    right = [_same(user, credentials.user), _same(password, credentials.password)]
    return bool(colon) and all(right)


def _same(given: bytes, wanted: str) -> bool:
    # Digests are of one length, whatever was given. An environment variable need not be UTF-8: its bytes are meant.
    bytes_wanted = wanted.encode("utf-8", "surrogateescape")
    return hmac.compare_digest(hashlib.sha256(given).digest(), hashlib.sha256(bytes_wanted).digest())
