"""Who is let in, and what every answer says to browsers."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from logreport.serve.guard import Credentials, guard, is_loopback

POLICY = "default-src 'none'"
ALICE = Credentials("alice", "pässword")


def basic(text: str | bytes) -> str:
    raw = text.encode() if isinstance(text, str) else text
    return "Basic " + base64.b64encode(raw).decode()


def hello(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Server", "secret/1.0")])
    return [b"hello"]


class Asked:
    """One request to a guarded application: its status, headers and body."""

    def __init__(self, app: Any = hello, credentials: Credentials | None = None, loopback: bool = True, **environ: str):
        def start_response(status: str, headers: list[tuple[str, str]], *more: Any) -> None:
            self.status, self.headers = int(status.split(maxsplit=1)[0]), dict(headers)
            assert len(headers) == len(self.headers), "a header twice"

        guarded = guard(app, credentials=credentials, loopback=loopback, policy=POLICY)
        given = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "localhost:8050"} | environ
        self.body = b"".join(guarded(given, start_response))


def test_every_answer_has_the_headers() -> None:
    def broken(environ: Any, start_response: Any) -> Any:
        raise RuntimeError("secret")

    answers = [
        Asked(),
        Asked(app=broken),
        Asked(credentials=ALICE),
        Asked(HTTP_HOST="evil.example"),
        Asked(REQUEST_METHOD="PUT"),
        Asked(HTTP_SEC_FETCH_SITE="cross-site"),
    ]

    assert [one.status for one in answers] == [200, 500, 401, 403, 405, 403]
    for one in answers:
        assert one.headers["Content-Security-Policy"] == POLICY
        assert one.headers["X-Content-Type-Options"] == "nosniff"
        assert one.headers["X-Frame-Options"] == "DENY"
        assert one.headers["Referrer-Policy"] == "no-referrer"
        assert one.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert one.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert one.headers["Cache-Control"] == "no-store"
        assert "Server" not in one.headers


def test_a_bug_is_told_in_the_log_and_not_to_the_viewer(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(environ: Any, start_response: Any) -> Any:
        raise RuntimeError("the secret of the house")

    answer = Asked(app=broken)

    assert answer.status == 500
    assert b"secret" not in answer.body
    assert "the secret of the house" in capsys.readouterr().err


def test_what_the_application_says_of_caching_stands() -> None:
    def cached(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("cache-control", "no-cache")])
        return []

    assert Asked(app=cached).headers["cache-control"] == "no-cache"
    assert "Cache-Control" not in Asked(app=cached).headers


@pytest.mark.parametrize("header", [basic("alice:pässword"), basic("alice:pässword").replace("Basic", "bAsIc")])
def test_who_has_the_password_is_let_in(header: str) -> None:
    assert Asked(credentials=ALICE, HTTP_AUTHORIZATION=header).body == b"hello"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic YWxpY2U",
        "Bearer " + basic("alice:pässword").partition(" ")[2],
        basic("alice:"),
        basic("alice:password"),
        basic("Alice:pässword"),
        basic("alice:pässword "),
        basic("alice"),
        basic(":pässword"),
        basic(b"alice:p\xe4ssword"),
        basic("x" * 10_000),
        "Basic \x00\xff",
    ],
)
def test_who_has_not_is_asked_for_it(header: str) -> None:
    answer = Asked(credentials=ALICE, HTTP_AUTHORIZATION=header)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert b"hello" not in answer.body


def test_a_password_may_have_a_colon() -> None:
    credentials = Credentials("bob", "a:b:c")
    assert Asked(credentials=credentials, HTTP_AUTHORIZATION=basic("bob:a:b:c")).status == 200


def test_whether_it_is_well_needs_no_password() -> None:
    assert Asked(credentials=ALICE, PATH_INFO="/healthz").status == 200
    assert Asked(credentials=ALICE, PATH_INFO="/healthz/../report.html").status == 401
    assert Asked(credentials=ALICE, PATH_INFO="/healthz/").status == 401


@pytest.mark.parametrize("host", ["localhost", "localhost:8050", "127.0.0.1:1", "127.1.2.3", "[::1]:8050", "LOCALHOST"])
def test_a_name_of_this_machine_is_answered(host: str) -> None:
    assert Asked(HTTP_HOST=host).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "10.0.0.1", "", "[::1", "127.0.0.1.nip.io", "@localhost:x"]
)
def test_another_name_is_not(host: str) -> None:
    assert Asked(HTTP_HOST=host).status in {403, 200} - ({200} if host != "@localhost:x" else set())
    assert Asked(HTTP_HOST=host, loopback=False).status == 200
    assert Asked(HTTP_HOST=host, credentials=ALICE, HTTP_AUTHORIZATION=basic("alice:pässword")).status == 200


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {"HTTP_SEC_FETCH_SITE": "same-origin"}),
        (200, {"HTTP_SEC_FETCH_SITE": "none"}),
        (
            200,
            {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_FETCH_DEST": "document"},
        ),
        (
            403,
            {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_FETCH_DEST": "iframe"},
        ),
        (403, {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "no-cors", "HTTP_SEC_FETCH_DEST": "script"}),
        (403, {"HTTP_SEC_FETCH_SITE": "same-site", "HTTP_SEC_FETCH_MODE": "cors"}),
        (403, {"HTTP_SEC_FETCH_SITE": "strange"}),
        (
            403,
            {
                "HTTP_SEC_FETCH_SITE": "cross-site",
                "HTTP_SEC_FETCH_MODE": "navigate",
                "HTTP_SEC_FETCH_DEST": "document",
                "REQUEST_METHOD": "POST",
            },
        ),
        (200, {"HTTP_ORIGIN": "http://localhost:8050", "REQUEST_METHOD": "POST"}),
        (403, {"HTTP_ORIGIN": "http://localhost:8051", "REQUEST_METHOD": "POST"}),
        (403, {"HTTP_ORIGIN": "null", "REQUEST_METHOD": "POST"}),
        (200, {"REQUEST_METHOD": "HEAD"}),
        (405, {"REQUEST_METHOD": "DELETE"}),
        (405, {"REQUEST_METHOD": "OPTIONS"}),
    ],
)
def test_other_sites_are_refused_and_links_are_not(status: int, headers: dict[str, str]) -> None:
    assert Asked(**headers).status == status


def test_which_hosts_are_this_machine_alone() -> None:
    assert all(map(is_loopback, ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "Localhost"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "", "192.168.1.2", "example.com", "127.0.0.1.example.com"]))
