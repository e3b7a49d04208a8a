"""Each command as its user types it: exit codes, what goes to stdout, what to stderr."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from logreport.cli import main

GOOD = '{"created":"2024-12-18 16:40:40","model":"m","stream":true,"metrics":{"tokens":3}}\n'


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LOGREPORT_DATABASE_URL", raising=False)


def test_ingest_then_render(runner: CliRunner, tmp_path: Path) -> None:
    Path("a.jsonl").write_text(GOOD + "oops\n")

    loaded = runner.invoke(main, ["ingest", "a.jsonl", "--run", "one", "--rejected", "bad.jsonl"])
    assert loaded.exit_code == 0
    assert loaded.stdout == ""
    assert "a.jsonl: 2 read = 1 loaded + 0 merged + 0 skipped + 1 rejected" in loaded.stderr
    assert json.loads(Path("bad.jsonl").read_text())["line"] == 2

    again = runner.invoke(main, ["ingest", "a.jsonl"])
    assert again.exit_code == 0
    assert "already ingested" in again.stderr

    rendered = runner.invoke(main, ["render", "-o", "out.html", "--json", "out.json", "--run", "one"])
    assert rendered.exit_code == 0, rendered.stderr
    assert Path("out.html").read_text().startswith("<!doctype html>")
    numbers = json.loads(Path("out.json").read_text())
    assert numbers["calls"] == 1
    assert numbers["ingests"][0]["rejected"] == 1
    assert numbers["metrics"]["tokens_by_model"]["rows"] == [{"model": "m", "tokens": 3}]


def test_report_leaves_no_database(runner: CliRunner) -> None:
    Path("a.jsonl").write_text(GOOD)

    done = runner.invoke(main, ["report", "a.jsonl", "-o", "-"])

    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("<!doctype html>")
    assert [path.name for path in Path().iterdir()] == ["a.jsonl"]


def test_standard_input_is_named_by_its_dash(runner: CliRunner) -> None:
    done = runner.invoke(main, ["report", "-", "--json", "n.json"], input=GOOD)

    assert done.exit_code == 0, done.stderr
    assert json.loads(Path("n.json").read_text())["ingests"][0]["path"] == "-"


def test_nothing_loaded_is_exit_code_2_and_the_page_is_written(runner: CliRunner) -> None:
    Path("a.jsonl").write_text("oops\n")

    assert runner.invoke(main, ["ingest", "a.jsonl"]).exit_code == 2
    done = runner.invoke(main, ["report", "a.jsonl", "-o", "out.html"])
    assert done.exit_code == 2
    assert "line 1" in done.stderr
    assert Path("out.html").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["ingest", "missing.json"],
        ["report", "missing.json"],
        ["render"],
        ["ingests"],
        ["forget", "1"],
        ["report", "a.jsonl", "--timezone", "Mars/Base"],
        ["report", "a.jsonl", "--input-timezone", "Mars/Base"],
        ["report", "a.jsonl", "--since", "yesterdayish"],
        ["report", "a.jsonl", "--since", "2024-01-02", "--until", "2024-01-01"],
        ["report", "a.jsonl", "--bucket", "soon"],
        ["report", "a.jsonl", "--metric", "tokens_by_modle"],
        ["report", "a.jsonl", "--source", "nope"],
        ["report", "a.jsonl", "-o", "no/such/folder/out.html"],
        ["report", "a.jsonl", "-o", "."],
        ["ingest", "a.jsonl", "--database", "mysql://x/y"],
        ["ingest", "a.jsonl", "--database", "postgresql://me:secret@127.0.0.1:1/x"],
        ["ingest", "a.jsonl", "--rejected", "no/such/folder/bad.jsonl"],
    ],
)
def test_what_a_user_can_get_wrong_is_a_sentence_and_exit_code_2(runner: CliRunner, words: list[str]) -> None:
    Path("a.jsonl").write_text(GOOD)

    done = runner.invoke(main, words)

    assert done.exit_code == 2, done.output
    assert done.stderr.startswith("Error: ") or "Error: " in done.stderr
    assert "Traceback" not in done.output
    assert "secret" not in done.output


HOLD = """
import duckdb, sys
held = duckdb.connect("logreport.duckdb", read_only=True)
print("open", flush=True)
sys.stdin.read()
"""


def test_readers_read_at_once_and_writers_wait_for_them(runner: CliRunner) -> None:
    Path("a.jsonl").write_text(GOOD)
    Path("b.jsonl").write_text(GOOD * 2)
    runner.invoke(main, ["ingest", "a.jsonl"])
    command = [sys.executable, "-c", HOLD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"open\n"

        rendered = runner.invoke(main, ["render", "-o", "out.html"])
        assert rendered.exit_code == 0, rendered.stderr
        listed = runner.invoke(main, ["ingests"])
        assert listed.exit_code == 0, listed.stderr

        ending = threading.Timer(0.5, reader.stdin.close)
        ending.start()
        loaded = runner.invoke(main, ["ingest", "b.jsonl"])
        ending.join()
    assert loaded.exit_code == 0, loaded.stderr
    assert "b.jsonl" in runner.invoke(main, ["ingests"]).stdout


def test_forget_asks_first(runner: CliRunner) -> None:
    Path("a.jsonl").write_text(GOOD)
    runner.invoke(main, ["ingest", "a.jsonl"])

    assert runner.invoke(main, ["forget", "1"], input="n\n").exit_code == 0
    assert "a.jsonl" in runner.invoke(main, ["ingests"]).stdout

    assert runner.invoke(main, ["forget", "1"], input="y\n").exit_code == 0
    assert "a.jsonl" not in runner.invoke(main, ["ingests"]).stdout


def test_plugins_lists_the_built_ins(runner: CliRunner) -> None:
    done = runner.invoke(main, ["plugins"])

    assert done.exit_code == 0
    assert "tokens_over_time" in done.stdout
    assert "braintrust" in done.stdout
