"""The sample log."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def records(sample: Path) -> list[dict[str, Any]]:
    return json.loads(sample.read_text(encoding="utf-8"))["data"]


def test_the_script_writes_the_sample_byte_for_byte(checkout: Path, sample: Path, tmp_path: Path):
    script = checkout / "examples" / "make_llm_logs.py"
    subprocess.run([sys.executable, script, tmp_path / "again.json"], check=True)
    assert (tmp_path / "again.json").read_bytes() == sample.read_bytes()


def test_the_sample_is_an_envelope_of_a_thousand_calls(sample: Path):
    document = json.loads(sample.read_text(encoding="utf-8"))
    assert list(document) == ["data", "schema", "dialect"]
    assert len(document["data"]) == 1_000
    assert sample.stat().st_size < 400_000


def test_the_sample_has_the_oddities_of_real_exports(records: list[dict[str, Any]]):
    created = [datetime.fromisoformat(record["created"]) for record in records]
    models = Counter(record["model"] for record in records)

    assert created == sorted(created, reverse=True)
    assert len(set(created)) < len(created)
    assert timedelta(days=8) < created[0] - created[-1] < timedelta(days=10)
    assert len(models) == 2
    assert max(models.values()) > 10 * min(models.values())
    assert {record["temperature"] for record in records if "temperature" in record} == {0.0, 0.2, 0.5, 0.7, 0.9, 1.0}
    assert {record["type"] for record in records if "type" in record} == {"text", "json"}
    assert all(("tokens" in record["metrics"]) is not record["stream"] for record in records)
    assert any(not {"type", "temperature"} & set(record) for record in records)
    assert any("start" not in record["metrics"] for record in records)


def test_a_call_that_did_not_stream_waited_for_all_of_it(records: list[dict[str, Any]]):
    for record in records:
        metrics = record["metrics"]
        if "start" not in metrics:
            continue
        duration = pytest.approx(metrics["end"] - metrics["start"], abs=0.001)
        assert (metrics["time_to_first_token"] == duration) is not record["stream"]
