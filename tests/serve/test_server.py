"""The server: bound only where it may be, harmed by no request, ended when it is told to."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from logreport.errors import LogReportError
from logreport.serve.guard import Credentials
from logreport.serve.server import access_log, check_binding, listen

#: An application that answers at once, after a while, or never.
PROGRAM = """
import sys, time
from logreport.serve.server import access_log, listen, run

def app(environ, start_response):
    path = environ["PATH_INFO"]
    time.sleep({"/slow": 0.6, "/never": 10_000}.get(path, 0))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"done"]

server = listen(access_log(app) if "log" in sys.argv else app, "127.0.0.1", 0)
print(server.url, flush=True)
run(server)
print("ended", flush=True)
import os; os._exit(0)
"""

#: The issue's bound is two seconds; a busy machine may take as long again.
BOUND = 4


@contextmanager
def served(*words: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        yield process, int(process.stdout.readline().rsplit(":", 1)[1])
    finally:
        process.kill()
        process.communicate()


def get(port: int, path: str = "/", timeout: float = 20) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to(number: signal.Signals) -> None:
    with served() as (process, port):
        assert get(port) == (200, b"done")
        began = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=20)

    assert time.monotonic() - began < BOUND
    assert (process.returncode, out, err) == (0, "ended\n", "")


def test_what_is_under_way_is_answered_first() -> None:
    with served() as (process, port), closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", "/slow")
        time.sleep(0.2)
        process.terminate()
        assert connection.getresponse().read() == b"done"
        assert process.wait(20) == 0


def test_what_never_ends_holds_up_nothing() -> None:
    with served() as (process, port), closing(socket.create_connection(("127.0.0.1", port))) as open_request:
        open_request.sendall(b"GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.2)
        assert get(port) == (200, b"done")
        began = time.monotonic()
        process.terminate()
        assert process.wait(20) == 0

    assert time.monotonic() - began < BOUND


def test_a_second_signal_ends_it_at_once() -> None:
    with served() as (process, port), closing(socket.create_connection(("127.0.0.1", port))) as open_request:
        open_request.sendall(b"GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 128 + signal.SIGINT


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\xff\xfe garbage\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n",
        b"GET / HT",
        b"",
    ],
)
def test_bad_requests_do_no_harm(raw: bytes) -> None:
    with served() as (process, port):
        with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as connection:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            assert not re.match(rb"HTTP/1.\d 5", connection.recv(100))
        assert get(port) == (200, b"done")
        process.terminate()
        assert process.wait(20) == 0


def test_many_slow_connections_keep_nobody_out() -> None:
    with served() as (_, port):
        half = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
        try:
            for connection in half:
                connection.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
            assert get(port) == (200, b"done")
        finally:
            for connection in half:
                connection.close()


def test_no_line_is_written_of_a_request_unless_asked_for() -> None:
    for words in ((), ("log",)):
        with served(*words) as (process, port):
            get(port, "/a%1b%5b%e2%80%ae?model=secret")
            process.terminate()
            _, err = process.communicate(timeout=20)
        if not words:
            assert err == ""
            continue
        (line,) = err.splitlines()
        assert re.fullmatch(r"\S+Z 127\.0\.0\.1 GET /a\S\[\S 200 4 bytes \d+ ms", line), line


def test_a_port_that_is_taken_is_a_message() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LogReportError, match=f"cannot listen on 127.0.0.1, port {port}") as caught:
            listen(lambda environ, start: [], "127.0.0.1", port)
    assert "--port" in caught.value.hint


def test_a_host_that_is_not_here_is_a_message() -> None:
    for host in ("no-such-host.invalid", "192.0.2.1", "\x00", "a" * 300):
        with pytest.raises(LogReportError):
            listen(lambda environ, start: [], host, 0)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_this_machine_alone_needs_no_password(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_binding(host, no_password=False) is None
    monkeypatch.setenv("LOGREPORT_SERVE_PASSWORD", "")
    assert check_binding(host, no_password=False) is None
    monkeypatch.setenv("LOGREPORT_SERVE_PASSWORD", "p")
    assert check_binding(host, no_password=False) == Credentials("logreport", "p")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.com", ""])
def test_any_other_host_needs_a_password_or_a_word(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LogReportError) as caught:
        check_binding(host, no_password=False)
    assert "LOGREPORT_SERVE_PASSWORD" in caught.value.hint
    assert "--no-password" in caught.value.hint
    assert check_binding(host, no_password=True) is None
    monkeypatch.setenv("LOGREPORT_SERVE_PASSWORD", "p")
    monkeypatch.setenv("LOGREPORT_SERVE_USER", "eve")
    assert check_binding(host, no_password=False) == Credentials("eve", "p")
    with pytest.raises(LogReportError, match="contradicts"):
        check_binding(host, no_password=True)


def test_the_address_is_one_that_a_browser_takes() -> None:
    for host, shown in (("127.0.0.1", "http://127.0.0.1:"), ("localhost", "http://localhost:")):
        server = listen(lambda environ, start: [], host, 0)
        assert re.fullmatch(re.escape(shown) + r"\d+", server.url)
        server.waitress.close()


def test_the_access_log_hands_on_what_it_sees() -> None:
    closed = []

    class Answer(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    app = access_log(lambda environ, start: start("200 OK", []) or Answer([b"a", b"b"]))

    assert b"".join(app({"PATH_INFO": "/"}, lambda *given: None)) == b"ab"
    assert closed == [True]
