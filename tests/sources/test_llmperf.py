"""LLMPerf's individual responses: what was measured, and which requests failed."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

import pytest

from logreport.testing import Loaded, load_logs


def _response(**changes: Any) -> dict[str, Any]:
    return {
        "error_code": None,
        "error_msg": "",
        "inter_token_latency_s": 0.02,
        "ttft_s": 0.25,
        "end_to_end_latency_s": 3.5,
        "request_output_throughput_token_per_s": 43.0,
        "number_total_tokens": 700,
        "number_output_tokens": 150,
        "number_input_tokens": 550,
    } | changes


def _loaded(tmp_path: Path, *responses: dict[str, Any], indent: int | None = 4) -> Loaded:
    path = tmp_path / "model_550_150_individual_responses.json"
    path.write_text(json.dumps(responses, indent=indent))
    return load_logs(path)


def test_a_response_is_in_seconds_and_succeeded_without_an_error_code(tmp_path: Path) -> None:
    loaded = _loaded(tmp_path, _response())
    assert loaded.files[0].source == "llmperf"
    assert loaded.calls == [
        {
            "prompt_tokens": 550,
            "completion_tokens": 150,
            "tokens": 700,
            "time_to_first_token": 0.25,
            "duration": 3.5,
            "status": "ok",
        }
    ]


@pytest.mark.parametrize(
    ("code", "message", "error"),
    [
        (-100, "Output too few tokens 39", "Output too few tokens 39"),
        (-1, "", "-1"),
        (429, "", "429"),
        (200, "", "200"),
        ("model_overloaded", "", "model_overloaded"),
        (None, "the stream broke", "the stream broke"),
    ],
)
@pytest.mark.parametrize("indent", [None, 4])
def test_any_error_code_and_any_message_is_a_failure(
    tmp_path: Path, code: Any, message: str, error: str, indent: int | None
) -> None:
    loaded = _loaded(tmp_path, _response(error_code=code, error_msg=message), _response(), indent=indent)
    failed, succeeded = sorted(loaded.calls, key=lambda call: call["status"])
    assert (failed["status"], failed["error"]) == ("error", error)
    assert succeeded["status"] == "ok"
    assert "error" not in succeeded


def test_zeros_of_a_failed_request_were_never_measured(tmp_path: Path) -> None:
    nothing = {"ttft_s": 0, "end_to_end_latency_s": 0, "number_output_tokens": 0}
    (call,) = _loaded(tmp_path, _response(error_code=-1, error_msg="timeout", **nothing)).calls
    assert (call["prompt_tokens"], call["status"], call["error"]) == (550, "error", "timeout")
    assert not {"completion_tokens", "time_to_first_token", "duration"} & call.keys()


def test_what_a_failed_request_measured_is_kept(tmp_path: Path) -> None:
    (call,) = _loaded(tmp_path, _response(error_code=-100, error_msg="Output too few tokens 39")).calls
    assert (call["time_to_first_token"], call["duration"], call["completion_tokens"]) == (0.25, 3.5, 150)


def _real(real_logs: Path, name: str) -> list[dict[str, Any]]:
    loaded = load_logs(real_logs / "llmperf" / f"{name}.json")
    assert not loaded.rejected
    assert loaded.files[0].source == "llmperf"
    assert len(loaded.calls) == 150
    assert sum(call["prompt_tokens"] for call in loaded.calls) == 150 * 550
    return loaded.calls


def test_the_leaderboards_run_with_errors(real_logs: Path) -> None:
    calls = _real(real_logs, "bedrock_13b")
    assert sum(call["completion_tokens"] for call in calls) == 13_782
    failed = [call for call in calls if call["status"] == "error"]
    assert len(failed) == 97
    assert all(call["error"].startswith("Output too few tokens ") for call in failed)
    others = [call["time_to_first_token"] for call in calls if call["status"] == "ok"]
    assert (len(others), round(statistics.median(others), 4)) == (53, 0.2688)
    assert not any("created" in call or "model" in call for call in calls)


def test_the_leaderboards_run_without_errors(real_logs: Path) -> None:
    calls = _real(real_logs, "together_7b")
    assert {call["status"] for call in calls} == {"ok"}
    assert sum(call["completion_tokens"] for call in calls) == 25_860
