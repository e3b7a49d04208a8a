"""`logreport inspect` shows how a file would be read, and loads nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


def _log(folder: Path, *records: Any) -> Path:
    path = folder / "calls.jsonl"
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in records))
    return path


CALL = {"ts": "2025-01-01T00:00:00Z", "model": "m", "tokensUsed": {"input": 3, "output": 4}, "latency_ms": 350}


def test_it_shows_source_mapping_three_calls_and_what_would_be_rejected(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    log = _log(tmp_path, *(CALL | {"ts": f"2025-01-01T00:00:0{n}Z"} for n in range(5)), "oops", {"level": "info"})
    done = run("inspect", log)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == f"{log}: generic"
    assert "  prompt_tokens ← tokensUsed.input" in lines
    assert "  duration ← latency_ms × 0.001" in lines
    assert "  skipped: 1 × has neither tokens nor a model" in lines
    assert [line for line in lines if line.startswith("  rejected record 6, line 6")]
    calls = [line for line in lines if line.startswith("  call: ")]
    assert len(calls) == 3
    assert calls[0].startswith("  call: created 2025-01-01 00:00:00, model m, prompt_tokens 3, completion_tokens 4")
    assert list(tmp_path.iterdir()) == [log]


def test_a_mapping_is_tried_out(run: Any, tmp_path: Path) -> None:
    done = run("inspect", _log(tmp_path, CALL | {"took": 42}), "--map", "duration=took:s")
    assert "duration 42.0" in done.stdout


def test_a_file_that_nobody_knows(run: Any, tmp_path: Path) -> None:
    done = run("inspect", _log(tmp_path, {"level": "info"}))
    assert done.exit_code == 2
    assert "in no known format" in done.stdout
    assert "looked for tokens" in done.stdout
