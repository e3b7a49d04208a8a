"""vLLM's benchmark results: a run is taken apart into its requests."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from logreport.sources.vllm import VLLM
from logreport.testing import Loaded, load_logs

SUMMARY: dict[str, Any] = {
    "date": "20260310-012552",
    "endpoint_type": "openai-chat",
    "backend": "openai-chat",
    "label": None,
    "model_id": "meta-llama/Llama-3.1-8B-Instruct",
    "num_prompts": 3,
    "request_rate": "inf",
    "max_concurrency": None,
    "duration": 1.9,
    "completed": 2,
    "failed": 1,
    "total_input_tokens": 2048,
    "total_output_tokens": 6,
    "request_throughput": 1.05,
    "mean_ttft_ms": 42.0,
}
DETAILS: dict[str, Any] = {
    "input_lens": [1024, 1025, 1026],
    "output_lens": [4, 0, 2],
    "ttfts": [0.25, 0.0, 0.5],
    "itls": [[0.25, 0.25, 0.25], [], [0.125]],
    "latencies": [1.0, 0.0, 0.625],
    "start_times": [7001.5, 7000.5, 7002.25],
    "generated_texts": ["…", "", "…"],
    "errors": ["", "Service Unavailable", ""],
}
ORIGIN = datetime(2026, 3, 10, 1, 25, 50)


def _run(**changes: Any) -> dict[str, Any]:
    return SUMMARY | DETAILS | changes


def _without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in _run().items() if name not in names}


def _loaded(tmp_path: Path, *runs: dict[str, Any], indent: int | None = None) -> Loaded:
    path = tmp_path / "openai-chat-infqps-Llama.json"
    path.write_text("\n".join(json.dumps(run, indent=indent) for run in runs))
    loaded = load_logs(path, origin=ORIGIN)
    assert loaded.files[0].source == "vllm"
    return loaded


def _by_prompt(loaded: Loaded) -> list[dict[str, Any]]:
    return sorted(loaded.calls, key=lambda call: call["prompt_tokens"])


@pytest.mark.parametrize("indent", [None, 2])
def test_each_request_of_a_run_is_a_call(tmp_path: Path, indent: int | None) -> None:
    loaded = _loaded(tmp_path, _run(), indent=indent)
    first, failed, last = _by_prompt(loaded)
    assert first == {
        "created": datetime(2026, 3, 10, 1, 25, 51),
        "model": "meta-llama/Llama-3.1-8B-Instruct",
        "request_type": "chat",
        "prompt_tokens": 1024,
        "completion_tokens": 4,
        "tokens": 1028,
        "time_to_first_token": 0.25,
        "duration": 1.0,
        "status": "ok",
    }
    assert (failed["created"], failed["prompt_tokens"]) == (ORIGIN, 1025)
    assert (failed["status"], failed["error"]) == ("error", "Service Unavailable")
    assert not {"completion_tokens", "time_to_first_token", "duration"} & failed.keys()
    assert (last["created"], last["duration"]) == (datetime(2026, 3, 10, 1, 25, 51, 750000), 0.625)


def test_appended_runs_each_begin_at_the_origin(tmp_path: Path) -> None:
    later = _run(model_id="other", start_times=[9001.0, 9000.0, 9002.0])
    loaded = _loaded(tmp_path, _run(), later)
    assert loaded.files[0].read == loaded.files[0].loaded == 6
    starts = {model: min(call["created"] for call in loaded.calls if call["model"] == model) for model in ("other",)}
    assert starts == {"other": ORIGIN}


def test_without_start_times_there_is_no_time(tmp_path: Path) -> None:
    loaded = _loaded(tmp_path, _without("start_times"))
    assert not any("created" in call for call in loaded.calls)


def test_a_start_of_zero_is_not_known(tmp_path: Path) -> None:
    first, unknown, last = _by_prompt(_loaded(tmp_path, _run(start_times=[7001.5, 0.0, 7002.25])))
    assert first["created"] == ORIGIN
    assert "created" not in unknown
    assert last["created"] == datetime(2026, 3, 10, 1, 25, 50, 750000)


def test_without_latencies_the_tokens_tell_how_long_a_request_took(tmp_path: Path) -> None:
    run = _run(ttfts=[0.25, 0.5, 0.5], itls=[[0.25, 0.25, 0.25], [0.5], []])
    del run["latencies"]
    first, broken, last = _by_prompt(_loaded(tmp_path, run))
    assert (first["duration"], last["duration"]) == (1.0, 0.5)
    assert broken["time_to_first_token"] == 0.5
    assert "duration" not in broken


def test_without_times_between_tokens_no_duration_is_made_up(tmp_path: Path) -> None:
    loaded = _loaded(tmp_path, _without("latencies", "itls"))
    assert not any("duration" in call for call in loaded.calls)


def test_nothing_came_back_though_the_server_gave_no_reason(tmp_path: Path) -> None:
    first, failed, _ = _by_prompt(_loaded(tmp_path, _run(errors=["", "", ""])))
    assert first["status"] == "ok"
    assert failed["status"] == "error"
    assert "error" not in failed
    assert "completion_tokens" not in failed


def test_an_answer_that_was_not_streamed_has_no_first_token(tmp_path: Path) -> None:
    run = _run(ttfts=[0.0, 0.0, 0.0], itls=[[], [], []])
    first, _, _ = _by_prompt(_loaded(tmp_path, run))
    assert first["status"] == "ok"
    assert first["duration"] == 1.0
    assert "time_to_first_token" not in first


def test_a_traceback_is_told_by_its_last_line(tmp_path: Path) -> None:
    traceback = 'Traceback (most recent call last):\n  File "serve.py", line 1, in f\nTimeoutError: too late\n'
    _, failed, _ = _by_prompt(_loaded(tmp_path, _run(errors=["", traceback, ""])))
    assert failed["error"] == "TimeoutError: too late"


@pytest.mark.parametrize(
    ("interface", "operation"),
    [
        ({"endpoint_type": "openai-chat", "backend": "vllm"}, "chat"),
        ({"endpoint_type": None, "backend": "vllm"}, "text_completion"),
        ({"endpoint_type": "openai", "backend": "openai"}, "text_completion"),
        ({"endpoint_type": "openai-embeddings", "backend": "openai-embeddings"}, "embeddings"),
        ({"endpoint_type": None, "backend": "tgi"}, None),
    ],
)
def test_the_interface_tells_the_operation_and_no_provider(
    tmp_path: Path, interface: dict[str, Any], operation: str | None
) -> None:
    first, *_ = _by_prompt(_loaded(tmp_path, _run(**interface)))
    assert first.get("request_type") == operation
    assert "provider" not in first


def test_embeddings_have_no_answer_to_count(tmp_path: Path) -> None:
    run = _without("output_lens", "ttfts", "itls", "start_times")
    first, failed, _ = _by_prompt(_loaded(tmp_path, run | {"endpoint_type": "openai-embeddings"}))
    assert first == {
        "model": "meta-llama/Llama-3.1-8B-Instruct",
        "request_type": "embeddings",
        "prompt_tokens": 1024,
        "tokens": 1024,
        "duration": 1.0,
        "status": "ok",
    }
    assert failed["status"] == "error"


def test_a_summary_alone_is_no_call_and_says_what_to_do(tmp_path: Path) -> None:
    loaded = _loaded(tmp_path, SUMMARY | {"latencies": [1.0, 2.0]}, _run())
    assert len(loaded.calls) == 3
    (reason,) = loaded.files[0].audit.skipped
    assert "--save-detailed" in str(reason)


def test_lists_of_unequal_length_are_not_put_together(tmp_path: Path) -> None:
    loaded = _loaded(tmp_path, _run(ttfts=[0.25, 0.5]), _run())
    assert len(loaded.calls) == 3
    (rejected,) = loaded.rejected
    assert (rejected.line, rejected.field) == (1, "ttfts")
    assert rejected.reason == "has 2 values where `input_lens` has 3"


def test_a_strange_value_costs_that_request_only(tmp_path: Path) -> None:
    run = _run(output_lens=[4, 0, "two"], start_times=[7001.5, None, "later"], itls=[["x"], None, []])
    loaded = _loaded(tmp_path, {name: value for name, value in run.items() if name != "latencies"})
    first, failed = _by_prompt(loaded)
    assert first["created"] == ORIGIN
    assert "duration" not in first
    assert failed["status"] == "error"
    (rejected,) = loaded.rejected
    assert rejected.field == "completion_tokens"


def test_a_hand_made_log_with_a_duration_is_another_one() -> None:
    assert not VLLM.recognises([{"backend": "vllm", "model_id": "m", "duration": 1.5, "input_lens": 3}])
