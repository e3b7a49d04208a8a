"""The server: what it binds, what it says of requests, how it ends. It listens on this machine's own address only."""

from __future__ import annotations

import http.client
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from logreport.errors import ExitCode, LogReportError
from logreport.serve.guard import Credentials
from logreport.serve.server import PASSWORD_VARIABLE, THREADS, USER_VARIABLE, _url, access_log, check_binding, listen

PATIENCE = 20

#: Seconds: the promise is 2; a machine that is busy with other tests is given as many again.
ENDED = 4.0


def app(environ, start_response):
    body = environ["wsgi.input"].read()
    pieces = [b"hello ", b"world"] if environ["PATH_INFO"] == "/pieces" else [b"%d" % len(body)]
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(sum(map(len, pieces))))])
    return pieces


Serve = Callable[..., int]


@pytest.fixture
def serve(listening: Callable[..., int]) -> Serve:
    """`serve(app)`: a port of this machine where the application is served."""
    return lambda served=app, host="127.0.0.1": listening(served, host)


def ask(port: int, path: str = "/", method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.read()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE)


def everything(connection: socket.socket) -> bytes:
    """What comes until the server closes the connection, or drops it."""
    said = []
    with suppress(ConnectionResetError):
        while piece := connection.recv(1 << 16):
            said.append(piece)
    return b"".join(said)


# Who may come in


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    monkeypatch.delenv(USER_VARIABLE, raising=False)


HERE = ["127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]"]
ELSEWHERE = ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "box.example", "localhost.example", ""]


@pytest.mark.parametrize("no_password", [False, True])
@pytest.mark.parametrize("host", HERE)
def test_this_machine_needs_no_password(host: str, no_password: bool) -> None:
    assert check_binding(host, no_password=no_password) is None


@pytest.mark.parametrize("host", ELSEWHERE)
@pytest.mark.parametrize("password", [None, ""])
def test_another_host_needs_one(monkeypatch: pytest.MonkeyPatch, host: str, password: str | None) -> None:
    if password is not None:
        monkeypatch.setenv(PASSWORD_VARIABLE, password)

    with pytest.raises(LogReportError) as raised:
        check_binding(host, no_password=False)

    assert raised.value.exit_code == ExitCode.FAILED == 2
    assert raised.value.hint == "set a password in LOGREPORT_SERVE_PASSWORD, or say `--no-password`"


@pytest.mark.parametrize("host", ELSEWHERE)
def test_or_somebody_says_that_everyone_may(host: str) -> None:
    assert check_binding(host, no_password=True) is None


@pytest.mark.parametrize("host", HERE + ELSEWHERE)
def test_a_password_is_asked_for_wherever_it_is_set(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "s3cret")
    assert check_binding(host, no_password=False) == Credentials("logreport", "s3cret")

    monkeypatch.setenv(USER_VARIABLE, "")
    assert check_binding(host, no_password=False) == Credentials("logreport", "s3cret")

    monkeypatch.setenv(USER_VARIABLE, "ada")
    assert check_binding(host, no_password=False) == Credentials("ada", "s3cret")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_password_and_no_password_contradict_each_other(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "s3cret")

    with pytest.raises(LogReportError, match="--no-password contradicts LOGREPORT_SERVE_PASSWORD") as raised:
        check_binding(host, no_password=True)

    assert "s3cret" not in f"{raised.value} {raised.value.hint}"


def test_a_name_that_could_never_come_in_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "s3cret")
    monkeypatch.setenv(USER_VARIABLE, "a:b")

    with pytest.raises(LogReportError, match="LOGREPORT_SERVE_USER has a colon"):
        check_binding("127.0.0.1", no_password=False)


# Where it listens


def test_a_port_in_use_is_named(serve: Serve) -> None:
    port = serve()

    with pytest.raises(LogReportError, match=rf"cannot listen on 127\.0\.0\.1, port {port}: ") as raised:
        listen(app, "127.0.0.1", port)

    assert "`--port`" in raised.value.hint


def test_a_port_of_the_systems_is_named() -> None:
    program = """
import os
from logreport.serve.server import listen
if os.geteuid() == 0:  # who may listen everywhere
    listen(print, "127.0.0.1", 0)  # what it imports, others may not read
    os.setuid(65534)
try:
    listen(print, "127.0.0.1", 81)
except Exception as problem:
    print(type(problem).__name__, problem, problem.hint, sep="|")
"""
    ports = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    if not ports.exists() or int(ports.read_text()) <= 81:
        pytest.skip("every user may listen on every port here")

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)

    assert done.stdout == (
        "LogReportError|cannot listen on 127.0.0.1, port 81: Permission denied"
        "|`--port` takes another one, 0 any that is free\n"
    )


@pytest.mark.parametrize("host", ["no.such.host.invalid", "", "a" * 300, "\x00", "a\x1b[31m..b", "[", "1.2.3.4.5"])
def test_a_host_that_nobody_knows_is_named(host: str) -> None:
    with pytest.raises(LogReportError, match=r"there is no address .* on this machine") as raised:
        listen(app, host, 0)

    assert str(raised.value).isprintable()


def test_a_host_that_is_another_machine_is_no_matter_of_ports() -> None:
    with pytest.raises(LogReportError, match=r"cannot listen on 192\.0\.2\.1, port 0: ") as raised:
        listen(app, "192.0.2.1", 0)

    assert raised.value.hint == "`--host` wants an address of this machine"


def test_an_ipv6_address_stands_in_brackets() -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no ::1")
    for host in ("::1", "[::1]"):
        server = listen(app, host, 0)
        port = server.waitress.socket.getsockname()[1]
        server.waitress.task_dispatcher.shutdown()
        server.waitress.close()
        assert server.url == f"http://[::1]:{port}"


@pytest.mark.parametrize(
    ("host", "address", "url"),
    [
        ("localhost", "127.0.0.1", "http://localhost:8050"),
        ("0.0.0.0", "0.0.0.0", "http://localhost:8050"),
        ("0", "0.0.0.0", "http://localhost:8050"),
        ("::", "::", "http://localhost:8050"),
        ("box.example", "192.0.2.1", "http://box.example:8050"),
    ],
)
def test_the_address_is_one_that_a_browser_can_open(host: str, address: str, url: str) -> None:
    assert _url(host, address, 8050) == url


# What it does with bad manners


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\xfe\r\n\r\n",
        b"hello\r\n\r\n",
        b"GET\r\n\r\n",
        b"",
        b"GET / HT",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n folded: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",  # somebody speaks TLS
    ],
)
def test_garbage_is_refused_or_dropped_without_harm(serve: Serve, garbage: bytes) -> None:
    port = serve()
    with connect(port) as connection:
        connection.sendall(garbage)
        connection.shutdown(socket.SHUT_WR)
        said = everything(connection)

    assert b"Traceback" not in said
    assert b"\nServer:" not in said
    assert ask(port) == (200, b"0")


def test_who_hangs_up_half_way_does_no_harm(serve: Serve) -> None:
    port = serve()
    for begun in (
        b"",
        b"G",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: loc",
        b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nx",
    ):
        with connect(port) as connection:
            connection.sendall(begun)

    assert ask(port) == (200, b"0")


def test_who_dawdles_holds_up_nobody(serve: Serve) -> None:
    port = serve()
    with ExitStack() as open_connections:
        slow = [open_connections.enter_context(connect(port)) for _ in range(THREADS + 20)]
        for sign in (b"GET ", b"/ HTTP/1.1\r\n", b"Host: local"):
            for connection in slow:
                connection.sendall(sign)
            assert ask(port) == (200, b"0")


def test_a_request_has_a_most(serve: Serve) -> None:
    port = serve()
    most = 1 << 20

    assert ask(port, "/", "POST", b"x" * (most - 1)) == (200, b"%d" % (most - 1))
    for request, status in (
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (most + 1), b"413"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", b"431"),
    ):
        with connect(port) as connection:
            connection.sendall(request)
            assert everything(connection).split()[1] == status
    assert ask(port) == (200, b"0")


def test_what_a_proxy_would_say_is_not_believed(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    seen = []

    def forwarded(environ, start_response):
        seen.extend(name for name in environ if "FORWARDED" in name)
        return app(environ, start_response)

    with connect(serve(access_log(forwarded))) as connection:
        connection.sendall(
            b"GET / HTTP/1.0\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Host: evil\r\nForwarded: for=192.0.2.7\r\n\r\n"
        )
        everything(connection)

    assert seen == []
    assert " 127.0.0.1 GET / 200 " in capsys.readouterr().err


# What it writes down

LINE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ 127\.0\.0\.1 (.*) bytes \d+ ms\n"


def logged(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on stderr; it comes a moment after the answer."""
    said, until = "", time.monotonic() + PATIENCE
    while not said.endswith("\n") and time.monotonic() < until:
        said += capsys.readouterr().err
        time.sleep(0.01)
    found = re.fullmatch(LINE, said)
    assert found, said
    return found[1]


def test_a_request_is_a_line_without_what_it_asked_for(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(serve(access_log(app)), "/pieces?model=a-secret") == (200, b"hello world")

    assert logged(capsys) == "GET /pieces 200 11"


@pytest.mark.parametrize(
    ("path", "written"),
    [
        (b"/%1b%5b31mred", "/\ufffd[31mred"),
        (b"/a%0d%0aforged", "/a%20%20forged"),
        (b"/x%20200%205%20bytes", "/x%20200%205%20bytes"),
        (b"/%e2%80%ae", "/\ufffd"),
        (b"/%ff", "/\ufffd"),
        (b"/caf%c3%a9", "/café"),
    ],
)
def test_what_others_wrote_cannot_disguise_itself(
    serve: Serve, capsys: pytest.CaptureFixture[str], path: bytes, written: str
) -> None:
    with connect(serve(access_log(app))) as connection:
        connection.sendall(b"GET " + path + b" HTTP/1.0\r\n\r\n")
        everything(connection)

    assert logged(capsys) == f"GET {written} 200 1"


def test_an_answer_that_breaks_off_is_a_line_too(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    closed = []

    class Broken:
        def __iter__(self):
            yield b"some"
            raise ConnectionAbortedError

        def close(self):
            closed.append(True)

    def breaks(environ, start_response):
        start_response("200 OK", [("Content-Length", "100")])
        return Broken()

    with connect(serve(access_log(breaks))) as connection:
        connection.sendall(b"GET /breaks HTTP/1.0\r\n\r\n")
        everything(connection)

    assert " 127.0.0.1 GET /breaks 200 4 bytes " in capsys.readouterr().err
    assert closed == [True]


def test_a_log_that_nobody_reads_any_more_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with suppress(BrokenPipeError), os.fdopen(writer, "w", buffering=1) as unread:
        monkeypatch.setattr(sys, "stderr", unread)
        ask_app = access_log(lambda environ, start_response: start_response("200 OK", []) or [b"hello"])
        said = b"".join(ask_app({"PATH_INFO": "/"}, lambda *given: None))
        monkeypatch.undo()

    assert said == b"hello"


def test_nothing_is_written_down_unasked(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    ask(serve())

    assert capsys.readouterr().err == ""


# How it ends

PROGRAM = """
import threading, time
from logreport.serve.server import listen, run

def app(environ, start_response):
    path = environ["PATH_INFO"]
    print("asked", flush=True)
    if path == "/hang":
        threading.Event().wait()
    if path == "/slow":
        time.sleep(0.5)
    body = b"x" * (LARGE if path == "/large" else 2)
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

server = listen(app, "127.0.0.1", 0)
print(server.url, flush=True)
run(server)
print("ended", flush=True)
"""


LARGE = 12_000_000  # bytes: more than the system takes off the server's hands

PROGRAM = PROGRAM.replace("LARGE", str(LARGE))

#: The same with a minute of grace: where it ends at once nevertheless, it was not by waiting too little.
PATIENT = "import logreport.serve.server\nlogreport.serve.server.GRACE = 60\n" + PROGRAM


class Program:
    """A server in a process of its own."""

    def __init__(self, program: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
        )
        self.port = int(self.heard().rpartition(":")[2])

    def heard(self) -> str:
        """The next line it says."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        assert ready, "it said nothing"
        return self.process.stdout.readline().strip()

    def begin(self, path: str) -> socket.socket:
        """A request that has come to the application."""
        connection = connect(self.port)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert self.heard() == "asked"
        return connection

    def end(self, number: int = signal.SIGTERM) -> tuple[float, int, str, str]:
        """Tell it to end: how many seconds that took, the exit code, what it still said on stdout and on stderr."""
        began = time.monotonic()
        self.process.send_signal(number)
        said, complained = self.process.communicate(timeout=PATIENCE)
        return time.monotonic() - began, self.process.returncode, said, complained


@pytest.fixture(name="start")
def _start() -> Iterator[Callable[[str], Program]]:
    started: list[Program] = []

    def start(program: str) -> Program:
        started.append(Program(program))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


@pytest.fixture
def program(start: Callable[[str], Program]) -> Program:
    """A server that ends as it does for users."""
    return start(PROGRAM)


@pytest.fixture
def patient(start: Callable[[str], Program]) -> Program:
    """A server that would wait for a minute."""
    return start(PATIENT)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to(patient: Program, number: int) -> None:
    assert ask(patient.port) == (200, b"xx")
    assert patient.heard() == "asked"

    took, code, said, complained = patient.end(number)

    assert (code, said, complained) == (0, "ended\n", "")
    assert took < ENDED


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_that_hangs_does_not_keep_it(program: Program, number: int) -> None:
    with program.begin("/hang"), program.begin("/hang"):
        took, code, said, complained = program.end(number)

    assert (code, said, complained) == (0, "ended\n", "")
    assert took < ENDED


def test_a_connection_that_only_stands_open_does_not_keep_it(patient: Program) -> None:
    with connect(patient.port) as silent, connect(patient.port) as half:
        half.sendall(b"GET / HTTP/1.1\r\nHos")
        assert ask(patient.port) == (200, b"xx")
        took, code, _, _ = patient.end()
        assert everything(silent) == b""

    assert code == 0
    assert took < ENDED


def test_a_request_under_way_is_answered_first(patient: Program) -> None:
    with patient.begin("/slow") as connection:
        _, code, _, _ = patient.end()
        assert everything(connection).endswith(b"\r\n\r\nxx")

    assert code == 0


def test_an_answer_on_its_way_arrives_whole(patient: Program) -> None:
    with patient.begin("/large") as connection:
        assert connection.recv(1)
        patient.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)  # a viewer far away
        assert everything(connection).endswith(b"\r\n\r\n" + b"x" * LARGE)

    assert patient.process.wait(PATIENCE) == 0


def test_nobody_more_is_let_in_while_it_ends(patient: Program) -> None:
    with patient.begin("/hang"):
        patient.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + PATIENCE
        with pytest.raises(ConnectionError):
            while time.monotonic() < until:
                connect(patient.port).close()
                time.sleep(0.01)

        assert patient.process.poll() is None  # refused while it ended, and not since it had


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(patient: Program, number: int) -> None:
    with patient.begin("/hang"):
        until = time.monotonic() + PATIENCE
        while patient.process.poll() is None and time.monotonic() < until:
            patient.process.send_signal(number)  # two that come together are one
            time.sleep(0.3)

    assert patient.process.poll() == 128 + number
    assert patient.process.communicate() == ("", "")


def test_more_requests_than_threads_are_no_news(program: Program) -> None:
    with ExitStack() as under_way:
        for _ in range(THREADS):
            under_way.enter_context(program.begin("/hang"))
        for _ in range(20):
            waits = under_way.enter_context(connect(program.port))
            waits.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.3)
        took, code, _, complained = program.end()

    assert (code, complained) == (0, "")
    assert took < ENDED


def test_a_server_that_breaks_is_no_server_that_was_told_to_end() -> None:
    program = PROGRAM.replace("print(server.url", "server.waitress.asyncore = None; print(server.url")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)

    assert done.returncode == 1
    assert "ended" not in done.stdout
    assert "AttributeError" in done.stderr


def test_signals_are_what_they_were_when_it_has_ended(start: Callable[[str], Program]) -> None:
    program = start(PROGRAM + "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(60)\n")
    assert ask(program.port) == (200, b"xx")
    assert program.heard() == "asked"

    _, code, said, _ = program.end()

    assert (code, said) == (-signal.SIGTERM, "ended\n")
