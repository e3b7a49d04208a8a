"""`logreport serve` as its user types it: what is wrong is said before anything is opened."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from logreport.cli import main

GOOD = '{"created":"2024-12-18 16:40:40","model":"m","metrics":{"tokens":3}}\n'


@pytest.fixture(autouse=True)
def _in_a_folder_with_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runner: CliRunner) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text(GOOD)
    assert runner.invoke(main, ["ingest", "a.jsonl"]).exit_code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--host", "0.0.0.0"], "LOGREPORT_SERVE_PASSWORD"),
        (["--host", "0.0.0.0", "--port", "0"], "`--no-password`"),
        (["--refresh", "soon"], "not a width of time: soon"),
        (["--timezone", "Atlantis"], "unknown time zone: Atlantis"),
        (["--metric", "tokens_by_modle"], "did you mean `tokens_by_model`?"),
        (["--logo", "none.png"], "none.png"),
        (["--port", "65536"], "65536"),
        (["--database", "duckdb:///none.duckdb"], "there is no database none.duckdb"),
        (["--database", "duckdb:///:memory:"], "memory"),
        (["--database", "postgresql://u:secret@127.0.0.1:1/x"], "127.0.0.1"),
        (["--host", "192.0.2.7", "--no-password", "--port", "0"], "192.0.2.7"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_opened(runner: CliRunner, words: list[str], says: str) -> None:
    done = runner.invoke(main, ["serve", *words])

    assert done.exit_code == 2, done.output
    assert says in done.stderr
    assert "secret" not in done.stderr
    assert done.stdout == ""


def test_a_port_that_is_taken_is_named(runner: CliRunner) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        done = runner.invoke(main, ["serve", "--port", str(port)])

    assert done.exit_code == 2
    assert f"port {port}" in done.stderr
    assert "hint: `--port`" in done.stderr


@pytest.mark.parametrize("package", ["dash", "waitress"])
def test_without_the_extra_it_says_what_to_install(package: str) -> None:
    program = f"import sys; sys.modules['{package}'] = None; from logreport.__main__ import run; run()"
    done = subprocess.run([sys.executable, "-c", program, "serve"], capture_output=True, text=True, timeout=60)

    assert done.returncode == 2
    assert done.stderr == f"Error: the dashboard needs the package {package}\nhint: `pip install 'logreport[serve]'`\n"


def test_help_needs_no_extra() -> None:
    program = "import sys; sys.modules['dash'] = None; from logreport.__main__ import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", program, "serve", "--help"], capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0
    assert "LOGREPORT_SERVE_PASSWORD" in done.stdout
