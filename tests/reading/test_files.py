"""Which files are found, and whose they are."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest

from logreport import reading
from logreport.errors import BadInput
from logreport.source import Source
from logreport.sources.braintrust import BRAINTRUST

OTHER = Source(name="other", title="other", recognises=lambda records: "other" in records[0], columns={})


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    (folder / "deep").mkdir(parents=True)
    for name in ("b.jsonl", "a.json", "deep/c.ndjson.gz", "readme.txt", ".hidden.json"):
        (folder / name).write_text('{"created":"2024-12-18 16:40:40","model":"m"}\n')
    return folder


def _names(logs: list[reading.Log], folder: Path) -> list[str]:
    return [str(log.path.relative_to(folder)) for log in logs]


def test_a_folder_a_pattern_and_a_file_named_twice(logs: Path, tmp_path: Path) -> None:
    assert _names(reading.find_logs([str(logs)], tmp_path), logs) == ["a.json", "b.jsonl", "deep/c.ndjson.gz"]
    assert _names(reading.find_logs([str(logs / "*.json*")], tmp_path), logs) == ["a.json", "b.jsonl"]
    both = reading.find_logs([str(logs / "readme.txt"), str(logs / "readme.txt")], tmp_path)
    assert _names(both, logs) == ["readme.txt"]


@pytest.mark.parametrize("name", ["missing.json", "*.missing", "empty"])
def test_names_that_stand_for_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput) as problem:
        reading.find_logs([str(tmp_path / name)], tmp_path)
    assert problem.value.hint


def test_a_file_may_be_called_by_any_bytes(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    with Path(os.fsdecode(os.fsencode(tmp_path) + b"/logs/a\xff.jsonl")).open("w") as file:
        file.write('{"created":"2024-12-18 16:40:40","model":"m"}\n')

    [log] = reading.find_logs([str(tmp_path / "logs")], tmp_path)

    assert Path(log.name).name == "a?.jsonl"
    assert str(log.path).isprintable()
    assert log.path.read_text().startswith("{")


def test_a_name_that_looks_like_a_pattern(tmp_path: Path) -> None:
    path = tmp_path / "calls[1].json"
    path.write_text('{"created":"2024-12-18 16:40:40","model":"m"}\n')
    (log,) = reading.find_logs([str(path)], tmp_path)
    (batch,) = reading.strict_batches(log, reading.recognise(log, [BRAINTRUST], reading.Wish()), tmp_path)
    assert "calls[" not in batch.select


def test_standard_input_is_spooled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{}\n")))
    (log,) = reading.find_logs(["-"], tmp_path)
    assert (log.name, log.bytes) == ("-", 3)
    assert reading.sha256(log) == hashlib.sha256(b"{}\n").hexdigest()


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    if os.fork() == 0:
        fifo.write_bytes(b"{}\n")
        os._exit(0)
    (log,) = reading.find_logs([str(fifo)], tmp_path)
    os.wait()
    assert log.path.read_bytes() == b"{}\n"


def test_recognising(logs: Path, tmp_path: Path) -> None:
    (log,) = reading.find_logs([str(logs / "a.json")], tmp_path)
    assert reading.recognise(log, [OTHER, BRAINTRUST], reading.Wish()).source is BRAINTRUST
    assert reading.recognise(log, [BRAINTRUST, OTHER], reading.Wish(source="other")).source is OTHER
    with pytest.raises(BadInput, match="no log format is called"):
        reading.recognise(log, [BRAINTRUST], reading.Wish(source="nonsense"))
    with pytest.raises(BadInput, match="in no log format"):
        reading.recognise(log, [OTHER], reading.Wish())
    with pytest.raises(BadInput, match="could be"):
        reading.recognise(log, [BRAINTRUST, BRAINTRUST], reading.Wish())


def test_files_without_a_record(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("not JSON at all")
    (log,) = reading.find_logs([str(path)], tmp_path)
    assert reading.recognise(log, [OTHER, BRAINTRUST], reading.Wish()).source is OTHER
    path.write_text("")
    with pytest.raises(BadInput, match="is empty"):
        reading.recognise(log, [BRAINTRUST], reading.Wish())
