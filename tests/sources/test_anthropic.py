"""Answers of the Anthropic API, alone, in a batch's results, as events, and in logs written by hand."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from logreport.sources.anthropic import ANTHROPIC
from logreport.testing import Loaded, load_logs

EXAMPLES = Path(__file__).parent.parent.parent / "examples"

MESSAGE = {
    "id": "msg_01XFDUDYJgAACzvnptvVoYEL",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5-20250929",
    "content": [{"type": "text", "text": "…"}],
    "stop_reason": "end_turn",
    "usage": {
        "input_tokens": 21,
        "cache_creation_input_tokens": 188,
        "cache_read_input_tokens": 18200,
        "cache_creation": {"ephemeral_5m_input_tokens": 188, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 393,
        "service_tier": "standard",
    },
}
CALL = {
    "model": "claude-sonnet-4-5-20250929",
    "provider": "anthropic",
    "request_type": "chat",
    "prompt_tokens": 18409,
    "completion_tokens": 393,
    "tokens": 18802,
    "cache_read_tokens": 18200,
    "cache_write_tokens": 188,
    "finish_reason": "end_turn",
    "service_tier": "standard",
    "request_id": "msg_01XFDUDYJgAACzvnptvVoYEL",
}


def _load(tmp_path: Path, *records: Any) -> Loaded:
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    loaded = load_logs(log)
    assert [file.source for file in loaded.files] == ["anthropic"]
    return loaded


def _start(name: str = "msg_1", **usage: Any) -> dict[str, Any]:
    counts = {"input_tokens": 70, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 30, "output_tokens": 1}
    message = MESSAGE | {"id": name, "stop_reason": None, "usage": counts | usage}
    return {"type": "message_start", "message": message}


def _delta(stop_reason: str | None, **usage: Any) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": stop_reason}, "usage": usage}


STOP = {"type": "message_stop"}


def test_the_prompt_is_what_was_not_cached_with_what_was(tmp_path: Path) -> None:
    assert _load(tmp_path, MESSAGE).calls == [CALL]


def test_one_message_logged_twice_is_one_call(tmp_path: Path) -> None:
    loaded = _load(tmp_path, MESSAGE, MESSAGE)
    assert loaded.calls == [CALL]
    assert loaded.files[0].audit.merged == {"repeats of one message": 1}


def test_counts_of_a_cache_may_be_null(tmp_path: Path) -> None:
    usage = {"input_tokens": 21, "cache_creation_input_tokens": None, "cache_read_input_tokens": None}
    (call,) = _load(tmp_path, MESSAGE | {"usage": usage | {"output_tokens": 3}}).calls
    assert (call["prompt_tokens"], call["tokens"]) == (21, 24)
    assert "cache_read_tokens" not in call


def test_thinking_is_inside_of_the_output(tmp_path: Path) -> None:
    usage = MESSAGE["usage"] | {"output_tokens_details": {"thinking_tokens": 300}}  # type: ignore[operator]
    (call,) = _load(tmp_path, MESSAGE | {"usage": usage}).calls
    assert (call["completion_tokens"], call["reasoning_tokens"]) == (393, 300)


@pytest.mark.parametrize(
    ("more", "provider"),
    [
        ({"id": "msg_bdrk_01X"}, "aws.bedrock"),
        ({"id": "msg_vrtx_01X"}, "gcp.vertex_ai"),
        ({"model": "kimi-k2"}, None),
    ],
)
def test_others_who_answer_in_this_form(tmp_path: Path, more: dict[str, Any], provider: str | None) -> None:
    (call,) = _load(tmp_path, MESSAGE | more).calls
    assert call.get("provider") == provider


def test_a_batch_tells_what_failed(tmp_path: Path) -> None:
    told = {"type": "error", "error": {"type": "invalid_request_error", "message": "Too small."}, "request_id": "r"}
    loaded = _load(
        tmp_path,
        {"custom_id": "a", "result": {"type": "succeeded", "message": MESSAGE}},
        {"custom_id": "b", "result": {"type": "errored", "error": told}},
        {"custom_id": "c", "result": {"type": "expired"}},
        {"custom_id": "d", "result": {"type": "canceled"}},
    )
    assert CALL | {"status": "ok"} in loaded.calls
    errors = sorted(call["error"] for call in loaded.calls if call["status"] == "error")
    assert errors == ["Too small.", "canceled", "expired"]


def test_counts_of_a_stream_are_cumulative_and_the_last_holds(tmp_path: Path) -> None:
    loaded = _load(
        tmp_path,
        _start(),
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "…"}},
        _delta(None, output_tokens=20),
        _delta("tool_use", input_tokens=75, cache_read_input_tokens=None, output_tokens=45),
        STOP,
    )
    (call,) = loaded.calls
    assert (call["prompt_tokens"], call["cache_read_tokens"], call["completion_tokens"]) == (105, 30, 45)
    assert (call["stream"], call["finish_reason"], call["request_id"]) == (True, "tool_use", "msg_1")
    file = loaded.files[0]
    assert (file.read, file.loaded, file.skipped) == (6, 1, 5)


def test_a_stream_that_was_cut_off_has_no_known_output(tmp_path: Path) -> None:
    overloaded = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    loaded = _load(tmp_path, _start("msg_1"), _start("msg_2"), overloaded, _start("msg_3"))
    told = {call["request_id"]: (call["prompt_tokens"], call.get("error")) for call in loaded.calls}
    assert told == {"msg_1": (100, None), "msg_2": (100, "Overloaded"), "msg_3": (100, None)}
    assert not any("completion_tokens" in call for call in loaded.calls)
    assert loaded.files[0].read == 4


def test_what_is_beside_a_message_is_read_where_its_unit_is_certain(tmp_path: Path) -> None:
    asked = {"model": "claude-sonnet-4-5", "temperature": 0.3, "max_tokens": 1024, "metadata": {"user_id": "ann"}}
    loaded = _load(
        tmp_path,
        {
            "timestamp": "2025-10-02T08:15:04.250Z",
            "request": asked,
            "response": json.dumps(MESSAGE),
            "latency": 2210,
            "latency_ms": 2210,
            "time_to_first_token_ms": 640,
            "error": None,
        },
        {
            "timestamp": "2025-10-02T08:15:09Z",
            "request": asked,
            "response": {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        },
        {"timestamp": "2025-10-02T08:15:10Z", "request": asked},
    )
    settings = {"temperature": 0.3, "max_tokens": 1024, "user_id": "ann"}
    assert loaded.calls == [
        CALL
        | settings
        | {
            "created": datetime(2025, 10, 2, 8, 15, 4, 250000),
            "duration": 2.21,
            "time_to_first_token": 0.64,
            "status": "ok",
        },
        settings
        | {
            "created": datetime(2025, 10, 2, 8, 15, 9),
            "model": "claude-sonnet-4-5",
            "status": "error",
            "error": "Overloaded",
        },
    ]
    assert loaded.files[0].audit.skipped == {"a record without an answer": 1}


def test_an_error_alone_is_a_failed_call(tmp_path: Path) -> None:
    error = {"type": "error", "error": {"type": "rate_limit_error", "message": "Slow down."}}
    loaded = _load(tmp_path, MESSAGE, error)
    assert {"status": "error", "error": "Slow down."} in loaded.calls


def test_what_cannot_be_read_is_rejected_and_the_rest_loaded(tmp_path: Path) -> None:
    odd = MESSAGE | {"id": "msg_odd", "usage": {"input_tokens": "many", "output_tokens": 1}}
    loaded = _load(tmp_path, MESSAGE, [MESSAGE], {"usage": {"input_tokens": 3}}, odd, MESSAGE | {"id": "msg_last"})
    assert sorted(call["request_id"] for call in loaded.calls) == ["msg_01XFDUDYJgAACzvnptvVoYEL", "msg_last"]
    assert [one.record for one in loaded.rejected] == [2, 3, 4]


@pytest.mark.parametrize(
    "record",
    [
        {"type": "assistant", "sessionId": "s", "requestId": "r", "message": MESSAGE},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "…"}]},
        {"call_type": "anthropic_messages", "response_cost": 0.5, "response": MESSAGE},
        {"traceId": "t", "type": "GENERATION", "output": MESSAGE},
        {"schemaType": "ModelInvocationLog", "output": {"outputBodyJson": MESSAGE}},
        {"ts": 1, "model": "claude-sonnet-4-5", "usage": {"input_tokens": 1, "output_tokens": 2}},
        {"id": "batch_req_1", "custom_id": "a", "response": {"status_code": 200, "body": {}}, "error": None},
    ],
)
def test_logs_of_others_are_not_claimed(record: dict[str, Any]) -> None:
    assert not ANTHROPIC.recognises([record])


def test_a_message_behind_foreign_records_is_recognised() -> None:
    assert ANTHROPIC.recognises([{"type": 3, "message": 4}, {"type": "message", "usage": None}, MESSAGE])


def test_the_examples_load_as_they_are_described() -> None:
    messages = load_logs(EXAMPLES / "anthropic" / "messages.jsonl")
    (file,) = messages.files
    assert (file.source, file.read, file.loaded, file.merged, file.skipped) == ("anthropic", 11, 7, 1, 3)
    assert sum(call.get("tokens", 0) for call in messages.calls) == 18802 + 620 + 960 + 115 + 113
    batch = load_logs(EXAMPLES / "anthropic" / "batch_results.jsonl")
    assert sorted(call["status"] for call in batch.calls) == ["error", "error", "error", "ok"]


def test_real_logs_of_claude_code_are_not_claimed(real_logs: Path) -> None:
    looked = 0
    for path in (real_logs / "claude-code").rglob("*.jsonl"):
        lines = path.read_text(encoding="utf-8").splitlines()[:100]
        assert not ANTHROPIC.recognises([json.loads(line) for line in lines if line]), path
        looked += 1
    assert looked
