"""Who is let in, and what every answer says to the browser: over real sockets, around an application of a few lines."""

from __future__ import annotations

import base64
import http.client
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from logreport.serve.guard import Credentials, guard, is_loopback

POLICY = "default-src 'none'"
PATIENCE = 20
US = Credentials("ada", "pass:wörd")

#: What every answer must carry, word for word.
ALWAYS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/broken":
        raise RuntimeError("a secret of the application")
    headers = [("Content-Type", "text/plain"), ("Content-Length", "5")]
    if path == "/own":
        headers += [("Content-Security-Policy", "sandbox"), ("Cache-Control", "no-cache")]
    if path == "/weak":
        headers += [("x-frame-options", "ALLOWALL"), ("Referrer-Policy", "unsafe-url")]
        headers += [("Server", "telling/1.0"), ("X-Powered-By", "telling")]
    start_response("200 OK", headers)
    if path == "/broken-late":
        raise RuntimeError("a secret of the application")
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [b"hello"]


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str


@dataclass
class Guarded:
    """A guarded application that listens."""

    port: int

    def __call__(self, path: str = "/", method: str = "GET", **headers: str) -> Answer:
        """Ask it; underscores in names of headers are hyphens, and Host is localhost unless it is given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            given = {"Host": f"localhost:{self.port}", "Content-Length": "0"} | headers
            for name, value in given.items():
                connection.putheader(name.replace("_", "-"), value.encode())
            connection.endheaders()
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())
        finally:
            connection.close()

    def raw(self, request: bytes) -> bytes:
        """What comes back before the server closes the connection."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))


Guard = Callable[..., Guarded]


@pytest.fixture
def guarded(listening: Callable[..., int]) -> Guard:
    """`guarded(credentials=…, host=…)`: the application above behind a guard, on a free port of this machine."""

    def serve(*, credentials=None, host="127.0.0.1") -> Guarded:
        return Guarded(listening(guard(app, credentials=credentials, host=host, policy=POLICY), "127.0.0.1"))

    return serve


def basic(user: str, password: str, scheme: str = "Basic") -> str:
    return f"{scheme} {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


# Passwords


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_who_has_the_password_is_let_in(guarded: Guard, scheme: str) -> None:
    assert guarded(credentials=US)(Authorization=basic(US.user, US.password, scheme)).body == "hello"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic YQ",
        "Basic ä",
        "Basic " + "=" * 2000,
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        "Basic " + base64.b64encode(b":").decode(),
        basic("ada", "wrong"),
        basic("ada", ""),
        basic("ada", "pass:wörd "),
        basic("eve", "pass:wörd"),
        basic("Ada", "pass:wörd"),
        "Basic " + base64.b64encode("ada:pass:wörd".encode("latin-1")).decode(),
        "Basic " + base64.b64encode(b"x" * 10_000).decode(),
        basic("", "pass:wörd"),
        basic("ada", "pass:wörd", "Bearer"),
        basic("ada", "pass:wörd", "Basically"),
    ],
)
def test_whoever_else_is_asked_for_it(guarded: Guard, header: str) -> None:
    answer = guarded(credentials=US)(Authorization=header)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="logreport", charset="UTF-8"'
    assert answer.body == "a user's name and a password are needed\n"


def test_who_says_nothing_is_asked_for_it(guarded: Guard) -> None:
    assert guarded(credentials=US)().status == 401


def test_a_password_need_not_be_utf_8(guarded: Guard) -> None:
    there = guarded(credentials=Credentials("ada", os.fsdecode(b"\xff\xe9")))

    assert there(Authorization="Basic " + base64.b64encode(b"ada:\xff\xe9").decode()).status == 200
    assert there(Authorization=basic("ada", "ÿé")).status == 401


def test_what_watches_a_container_needs_no_password(guarded: Guard) -> None:
    there = guarded(credentials=US, host="0.0.0.0")

    assert there("/healthz").status == 200
    assert [there(path).status for path in ("/healthz/", "/healthz/../x", "/HEALTHZ", "/x/healthz")] == [401] * 4


# Hosts


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost:1", "127.0.0.1", "127.8.8.8:80", "[::1]", "[::1]:8050", "localhost:"]
)
def test_a_name_of_this_machine_is_answered(guarded: Guard, host: str) -> None:
    assert guarded()(Host=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:8050",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "@localhost:x",
        "evil@localhost",
        "localhost/evil",
        "localhost, evil.example",
        "localhost:80:80",
        "0.0.0.0",
        "192.0.2.1",
        "[::]",
        "[2001:db8::1]:8050",
        "[",
        "[::1",
        "ä",
    ],
)
@pytest.mark.parametrize("path", ["/", "/healthz"])
def test_a_name_bent_to_this_machine_is_not(guarded: Guard, host: str, path: str) -> None:
    answer = guarded()(path, Host=host)

    assert answer.status == 403
    assert answer.body == "this dashboard answers to this machine only, as localhost\n"


def test_a_request_that_names_no_host_is_not(guarded: Guard) -> None:
    assert b" 403 Forbidden\r\n" in guarded().raw(b"GET / HTTP/1.0\r\n\r\n")


def test_two_hosts_are_none(guarded: Guard) -> None:
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"

    assert b" 403 Forbidden\r\n" in guarded().raw(request)


def test_where_a_password_is_asked_for_any_name_will_do(guarded: Guard) -> None:
    known = basic(US.user, US.password)

    assert guarded(credentials=US)(Host="box.example", Authorization=known).status == 200
    assert guarded(credentials=US, host="0.0.0.0")(Host="box.example", Authorization=known).status == 200


def test_others_who_may_come_without_one_say_an_address_or_the_name_of_this_machine(guarded: Guard) -> None:
    there = guarded(host="0.0.0.0")
    named = guarded(host="Box.example")

    for host in ("192.0.2.1:8050", "[2001:db8::1]:8050", "localhost:8050", f"{socket.gethostname()}:8050"):
        assert there(Host=host).status == 200, host
    assert named(Host="box.example:8050").status == 200
    for refused in (there(Host="box.example"), named(Host="evil.example"), there(Host="192.0.2.1.evil.example")):
        assert refused.status == 403
        assert refused.body == "without a password, this dashboard answers to its address only, not to this name\n"


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.255.0.9", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
        ("10.0.0.1", False),
        ("box", False),
        ("localhost.example", False),
    ],
)
def test_only_this_machines_own_addresses_are_its_own(host: str, here: bool) -> None:
    assert is_loopback(host) is here


# Other sites

FOLLOWED = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
OTHERS = "requests of other sites are refused\n"


@pytest.mark.parametrize("site", ["same-origin", "none"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_what_the_dashboards_own_page_sends_is_answered(guarded: Guard, site: str, method: str) -> None:
    assert guarded()("/", method, Sec_Fetch_Site=site).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "something-new", ""])
def test_what_another_site_sends_is_refused(guarded: Guard, site: str) -> None:
    there = guarded()

    for path in ("/", "/healthz"):
        answer = there(path, Sec_Fetch_Site=site)
        assert (answer.status, answer.body) == (403, OTHERS)
    for more in (
        {"Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "script"},
        {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"},
        {"Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "document"},
        {"Sec_Fetch_Mode": "navigate"},
        {"Sec_Fetch_Dest": "document"},
    ):
        assert there(Sec_Fetch_Site=site, **more).status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_on_another_site_can_be_followed_and_a_form_not_sent(guarded: Guard, site: str) -> None:
    there = guarded()

    assert there("/", "GET", Sec_Fetch_Site=site, **FOLLOWED).status == 200
    assert there("/", "POST", Sec_Fetch_Site=site, **FOLLOWED).status == 403
    assert there("/", "HEAD", Sec_Fetch_Site=site, **FOLLOWED).status == 403


def test_a_followed_link_still_needs_the_password_and_the_name(guarded: Guard) -> None:
    assert guarded(credentials=US)(Sec_Fetch_Site="cross-site", **FOLLOWED).status == 401
    assert guarded()(Sec_Fetch_Site="cross-site", Host="evil.example", **FOLLOWED).status == 403


def test_the_password_does_not_help_another_site(guarded: Guard) -> None:
    known = basic(US.user, US.password)

    assert guarded(credentials=US)(Sec_Fetch_Site="cross-site", Authorization=known).status == 403


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:8050", 200),
        ("https://localhost:8050", 200),  # behind a proxy that speaks TLS
        ("http://localhost:8051", 403),
        ("http://localhost", 403),
        ("http://evil.example", 403),
        ("http://evil.example/localhost:8050", 403),
        ("null", 403),
        ("", 403),
        ("localhost:8050", 403),
    ],
)
def test_an_old_browser_says_where_it_comes_from(guarded: Guard, origin: str, status: int) -> None:
    assert guarded()("/", "POST", Host="localhost:8050", Origin=origin).status == status


def test_where_it_comes_from_is_nowhere_where_it_names_no_host(guarded: Guard) -> None:
    there = guarded(host="0.0.0.0")

    assert b" 403 Forbidden\r\n" in there.raw(b"POST / HTTP/1.0\r\nOrigin: null\r\nContent-Length: 0\r\n\r\n")


def test_a_program_says_nothing_and_is_answered(guarded: Guard) -> None:
    assert guarded()("/", "POST").status == 200


# Methods


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
def test_other_methods_are_not_allowed(guarded: Guard, method: str) -> None:
    answer = guarded()("/", method)

    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert answer.body == "only GET, HEAD and POST\n"


def test_a_refusal_of_head_has_no_body_that_would_be_taken_for_the_next_answer(guarded: Guard) -> None:
    answers = guarded(credentials=US).raw(
        b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )

    assert answers.count(b"HTTP/1.1 401 Unauthorized\r\n") == 2
    assert b"are needed" not in answers
    assert answers.endswith(b"\r\n\r\n")


# Headers


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("/", "GET", {}, 200),
        ("/", "HEAD", {}, 200),
        ("/healthz", "GET", {"Authorization": ""}, 200),
        ("/weak", "GET", {}, 200),
        ("/own", "GET", {}, 200),
        ("/", "GET", {"Authorization": ""}, 401),
        ("/", "GET", {"Sec_Fetch_Site": "cross-site"}, 403),
        ("/", "PUT", {}, 405),
        ("/broken", "GET", {}, 500),
        ("/broken-late", "GET", {}, 500),
    ],
)
def test_every_answer_tells_the_browser_what_it_may(
    guarded: Guard, path: str, method: str, headers: dict[str, str], status: int
) -> None:
    answer = guarded(credentials=US)(path, method, **({"Authorization": basic(US.user, US.password)} | headers))

    assert answer.status == status
    assert {name: answer.headers.get_all(name) for name in ALWAYS} == {name: [value] for name, value in ALWAYS.items()}
    assert answer.headers.get_all("Content-Security-Policy") == ["sandbox" if path == "/own" else POLICY]
    assert answer.headers.get_all("Cache-Control") == ["no-cache" if path == "/own" else "no-store"]
    for what in ("camera", "microphone", "geolocation", "payment", "usb"):
        assert f"{what}=()" in answer.headers["Permissions-Policy"]
    assert not {"Server", "X-Powered-By", "Via"} & set(answer.headers)


# Bugs


@pytest.mark.parametrize("path", ["/broken", "/broken-late"])
def test_a_bug_is_told_on_stderr_and_not_to_the_viewer(
    guarded: Guard, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    there = guarded()
    answer = there(path)

    assert (answer.status, answer.body) == (500, "this could not be answered; the server's log says why\n")
    said = capsys.readouterr().err
    assert said.count("Traceback (most recent call last)") == 1
    assert "RuntimeError: a secret of the application" in said
    assert there().body == "hello"
