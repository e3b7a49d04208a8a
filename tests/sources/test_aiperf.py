"""AIPerf's profile export: times since 1970, and metrics each in its own unit."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from logreport.testing import Loaded, load_logs

START = 1759813207532900363
METADATA: dict[str, Any] = {
    "session_num": 45,
    "x_request_id": "7609a2e7-aa53-4ab1-98f4-f35ecafefd25",
    "x_correlation_id": "32ee4f33-cfca-4cfc-988f-79b45408b909",
    "conversation_id": "77aa5b0e-b305-423f-88d5-c00da1892599",
    "turn_index": 0,
    "request_start_ns": START,
    "request_ack_ns": START + 100_000_000,
    "request_end_ns": START + 500_000_000,
    "worker_id": "worker_1",
    "record_processor_id": "record_processor_1",
    "benchmark_phase": "profiling",
    "was_cancelled": False,
    "cancellation_time_ns": None,
}
METRICS: dict[str, Any] = {
    "input_sequence_length": {"value": 550, "unit": "tokens"},
    "time_to_first_token": {"value": 250.0, "unit": "ms"},
    "request_latency": {"value": 400.0, "unit": "ms"},
    "output_token_count": {"value": 9, "unit": "tokens"},
    "reasoning_token_count": {"value": 3, "unit": "tokens"},
    "output_sequence_length": {"value": 12, "unit": "tokens"},
    "inter_chunk_latency": {"value": [4.5, 5.25], "unit": "ms"},
}


def _record(metadata: dict[str, Any] | None = None, error: Any = None, **metrics: Any) -> dict[str, Any]:
    return {"metadata": METADATA | (metadata or {}), "metrics": METRICS | metrics, "error": error}


def _loaded(tmp_path: Path, *records: dict[str, Any]) -> Loaded:
    path = tmp_path / "profile_export.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    loaded = load_logs(path)
    assert loaded.files[0].source == "aiperf"
    return loaded


def test_a_request_in_seconds_and_tokens(tmp_path: Path) -> None:
    assert _loaded(tmp_path, _record()).calls == [
        {
            "created": datetime(2025, 10, 7, 5, 0, 7, 532900),
            "prompt_tokens": 550,
            "completion_tokens": 12,
            "tokens": 562,
            "reasoning_tokens": 3,
            "time_to_first_token": 0.25,
            "duration": 0.4,
            "status": "ok",
            "session_id": "77aa5b0e-b305-423f-88d5-c00da1892599",
            "request_id": "7609a2e7-aa53-4ab1-98f4-f35ecafefd25",
        }
    ]


@pytest.mark.parametrize(
    ("value", "unit"), [(250_000_000, "ns"), (250_000, "us"), (250, "ms"), (0.25, "sec"), (0.25, "s")]
)
def test_durations_are_in_the_unit_they_name(tmp_path: Path, value: float, unit: str) -> None:
    (call,) = _loaded(tmp_path, _record(time_to_first_token={"value": value, "unit": unit})).calls
    assert call["time_to_first_token"] == pytest.approx(0.25, abs=1e-12)


def test_the_older_name_of_the_first_token(tmp_path: Path) -> None:
    record = _record(ttft={"value": 125.0, "unit": "ms"})
    del record["metrics"]["time_to_first_token"]
    (call,) = _loaded(tmp_path, record).calls
    assert call["time_to_first_token"] == 0.125


@pytest.mark.parametrize("metric", [{"value": 3, "unit": "fortnights"}, {"value": 3}, {"value": "fast", "unit": "ms"}])
def test_a_duration_of_unknown_unit_is_rejected(tmp_path: Path, metric: dict[str, Any]) -> None:
    other = _record({"x_request_id": "other"}, request_latency=metric)
    loaded = _loaded(tmp_path, _record(), other)
    assert len(loaded.calls) == 1
    (rejected,) = loaded.rejected
    assert (rejected.line, rejected.field) == (2, "metrics.request_latency")
    assert "is in no known unit of time" in rejected.reason


def test_without_a_latency_the_end_tells_how_long_it_took(tmp_path: Path) -> None:
    record = _record()
    del record["metrics"]["request_latency"]
    (call,) = _loaded(tmp_path, record).calls
    assert call["duration"] == pytest.approx(0.5, abs=1e-6)


def test_answer_and_reasoning_are_summed_where_the_sequence_is_not_counted(tmp_path: Path) -> None:
    record = _record()
    del record["metrics"]["output_sequence_length"]
    (call,) = _loaded(tmp_path, record).calls
    assert call["completion_tokens"] == 12


def test_a_failed_request(tmp_path: Path) -> None:
    error = {"code": 503, "type": "HTTPError", "message": "no capacity"}
    failed = {"metadata": METADATA, "metrics": {"error_isl": {"value": 550, "unit": "tokens"}}, "error": error}
    (call,) = _loaded(tmp_path, failed).calls
    assert (call["status"], call["error"]) == ("error", "no capacity")
    assert call["prompt_tokens"] == 550
    assert not {"completion_tokens", "time_to_first_token"} & call.keys()


@pytest.mark.parametrize("metrics", [None, {}])
def test_a_cancelled_request_failed_whether_or_not_it_says_why(tmp_path: Path, metrics: Any) -> None:
    (call,) = _loaded(
        tmp_path, {"metadata": METADATA | {"was_cancelled": True}, "metrics": metrics, "error": None}
    ).calls
    assert call["status"] == "error"
    assert "prompt_tokens" not in call


def test_warm_up_is_no_part_of_a_benchmark(tmp_path: Path) -> None:
    warm = _record({"benchmark_phase": "warmup", "x_request_id": "warm"})
    loaded = _loaded(tmp_path, warm, _record())
    assert len(loaded.calls) == 1
    assert loaded.files[0].skipped == 1
    assert "a warm-up request" in str(loaded.files[0].audit.skipped)


def test_a_metric_with_many_values_is_none_of_the_request(tmp_path: Path) -> None:
    (call,) = _loaded(tmp_path, _record(time_to_first_token={"value": [1.0, 2.0], "unit": "ms"})).calls
    assert "time_to_first_token" not in call


def test_a_record_seen_twice_is_one_request(tmp_path: Path) -> None:
    loaded = _loaded(tmp_path, _record(), _record())
    assert (len(loaded.calls), loaded.files[0].merged) == (1, 1)


def test_what_is_no_record_of_a_request_is_rejected(tmp_path: Path) -> None:
    loaded = _loaded(tmp_path, _record(), {"metadata": None}, {"other": 1}, _record({"x_request_id": "b"}))
    assert len(loaded.calls) == 2
    assert [rejected.line for rejected in loaded.rejected] == [2, 3]
