"""Answers of the OpenAI API, alone, in a batch's output, and in logs written by hand."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from logreport.sources.openai import OPENAI
from logreport.testing import Loaded, load_logs

EXAMPLES = Path(__file__).parent.parent.parent / "examples"

CHAT = {
    "id": "chatcmpl-B9MBs8Cj",
    "object": "chat.completion",
    "created": 1741569952,
    "model": "gpt-4.1-2025-04-14",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "…"}, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 2006,
        "completion_tokens": 300,
        "total_tokens": 2306,
        "prompt_tokens_details": {"cached_tokens": 1920},
        "completion_tokens_details": {"reasoning_tokens": 128},
    },
    "service_tier": "default",
}
CHAT_CALL = {
    "created": datetime(2025, 3, 10, 1, 25, 52),
    "model": "gpt-4.1-2025-04-14",
    "request_type": "chat",
    "prompt_tokens": 2006,
    "completion_tokens": 300,
    "tokens": 2306,
    "cache_read_tokens": 1920,
    "reasoning_tokens": 128,
    "finish_reason": "stop",
    "service_tier": "default",
    "request_id": "chatcmpl-B9MBs8Cj",
}
RESPONSE = {
    "id": "resp_67ccd2be",
    "object": "response",
    "created_at": 1741476542.0,
    "completed_at": 1741476544.5,
    "status": "completed",
    "error": None,
    "incomplete_details": None,
    "model": "gpt-5-2025-08-07",
    "temperature": 1.0,
    "max_output_tokens": 4000,
    "output": [],
    "usage": {
        "input_tokens": 1036,
        "input_tokens_details": {"cached_tokens": 1024},
        "output_tokens": 87,
        "output_tokens_details": {"reasoning_tokens": 64},
        "total_tokens": 1123,
    },
    "user": "ann",
}


def _load(tmp_path: Path, *records: Any) -> Loaded:
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    loaded = load_logs(log)
    assert [file.source for file in loaded.files] == ["openai"]
    return loaded


def _chunk(usage: dict[str, int] | None, finish_reason: str | None = None, **more: Any) -> dict[str, Any]:
    choices = [{"index": 0, "delta": {}, "finish_reason": finish_reason}] if usage is None or finish_reason else []
    return {
        "id": "chatcmpl-streamed",
        "object": "chat.completion.chunk",
        "created": 1741569952,
        "model": "gpt-4o",
        "choices": choices,
        "usage": usage,
        **more,
    }


def _usage(prompt: int, completion: int) -> dict[str, int]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def test_a_chat_completion_says_nothing_of_its_provider_its_duration_or_its_success(tmp_path: Path) -> None:
    assert _load(tmp_path, CHAT).calls == [CHAT_CALL]


def test_one_answer_logged_twice_is_one_call(tmp_path: Path) -> None:
    loaded = _load(tmp_path, CHAT, CHAT)
    assert loaded.calls == [CHAT_CALL]
    assert loaded.files[0].audit.merged == {"repeats of one answer": 1}


def test_an_answer_of_a_server_that_leaves_object_out_is_recognised(tmp_path: Path) -> None:
    assert _load(tmp_path, {key: value for key, value in CHAT.items() if key != "object"}).calls == [CHAT_CALL]


def test_reasoning_outside_of_the_completion_is_counted_where_the_total_says_so(tmp_path: Path) -> None:
    usage = {
        "prompt_tokens": 32,
        "completion_tokens": 100,
        "total_tokens": 226,
        "completion_tokens_details": {"reasoning_tokens": 94},
    }
    (call,) = _load(tmp_path, CHAT | {"usage": usage}).calls
    assert (call["completion_tokens"], call["reasoning_tokens"], call["tokens"]) == (194, 94, 226)


def test_an_answer_without_usage_is_a_call_of_unknown_size(tmp_path: Path) -> None:
    (call,) = _load(tmp_path, CHAT | {"usage": None}).calls
    assert "prompt_tokens" not in call
    assert call["finish_reason"] == "stop"


def test_ollamas_ids_do_not_merge_what_are_two_calls(tmp_path: Path) -> None:
    answer = CHAT | {"id": "chatcmpl-123", "system_fingerprint": "fp_ollama"}
    loaded = _load(tmp_path, answer, answer | {"usage": _usage(5, 6)})
    assert sorted(call["tokens"] for call in loaded.calls) == [11, 2306]
    assert not any("request_id" in call for call in loaded.calls)


@pytest.mark.parametrize(
    ("more", "provider"),
    [
        ({"provider": "Google AI Studio"}, "gcp.gemini"),
        ({"provider": "DeepSeek"}, "deepseek"),
        ({"x_groq": {"id": "req_1"}}, "groq"),
        ({"prompt_filter_results": []}, "azure.ai.openai"),
    ],
)
def test_the_provider_is_told_where_the_answer_tells_it(tmp_path: Path, more: dict[str, Any], provider: str) -> None:
    (call,) = _load(tmp_path, CHAT | more).calls
    assert call["provider"] == provider


def test_a_response_has_its_duration_and_its_settings(tmp_path: Path) -> None:
    (call,) = _load(tmp_path, RESPONSE).calls
    assert call == {
        "created": datetime(2025, 3, 8, 23, 29, 2),
        "model": "gpt-5-2025-08-07",
        "request_type": "chat",
        "temperature": 1.0,
        "max_tokens": 4000,
        "prompt_tokens": 1036,
        "completion_tokens": 87,
        "tokens": 1123,
        "cache_read_tokens": 1024,
        "reasoning_tokens": 64,
        "duration": 2.5,
        "status": "ok",
        "user_id": "ann",
        "request_id": "resp_67ccd2be",
    }


def test_responses_that_did_not_complete(tmp_path: Path) -> None:
    failed = {"status": "failed", "error": {"code": "server_error", "message": "No luck."}, "usage": None}
    cut = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    loaded = _load(
        tmp_path,
        RESPONSE | failed | {"id": "resp_1"},
        RESPONSE | cut | {"id": "resp_2"},
        RESPONSE | {"status": "cancelled", "id": "resp_3"},
        RESPONSE | {"status": "in_progress", "id": "resp_4"},
        RESPONSE | {"status": "queued", "id": "resp_5"},
    )
    told = [(call["status"], call.get("error"), call.get("finish_reason")) for call in loaded.calls]
    assert told == [("error", "No luck.", None), ("ok", None, "max_output_tokens"), ("error", None, None)]
    assert loaded.files[0].audit.skipped == {"an answer that is not finished": 2}


def test_the_events_of_a_streamed_response_are_one_call(tmp_path: Path) -> None:
    loaded = _load(
        tmp_path,
        {"type": "response.created", "response": RESPONSE | {"status": "in_progress", "usage": None}},
        {"type": "response.output_text.delta", "delta": "…"},
        {"type": "response.completed", "response": RESPONSE},
    )
    (call,) = loaded.calls
    assert (call["stream"], call["tokens"], call["status"]) == (True, 1123, "ok")
    assert loaded.files[0].audit.skipped == {"a part of a streamed answer": 2}


def test_only_the_last_chunk_of_a_stream_has_usage(tmp_path: Path) -> None:
    loaded = _load(tmp_path, _chunk(None), _chunk(None, "length"), _chunk(_usage(40, 12)))
    (call,) = loaded.calls
    assert (call["stream"], call["tokens"], call["finish_reason"]) == (True, 52, "length")
    assert loaded.files[0].audit.skipped == {"a part of a streamed answer": 2}


def test_usage_on_every_chunk_is_cumulative_and_never_summed(tmp_path: Path) -> None:
    loaded = _load(tmp_path, _chunk(_usage(40, 1)), _chunk(_usage(40, 12)), _chunk(_usage(40, 12), "stop"))
    (call,) = loaded.calls
    assert (call["prompt_tokens"], call["completion_tokens"], call["finish_reason"]) == (40, 12, "stop")
    assert loaded.files[0].merged == 2


def test_groq_has_the_usage_of_a_stream_in_a_place_of_its_own(tmp_path: Path) -> None:
    (call,) = _load(tmp_path, _chunk(None, "stop", x_groq={"usage": _usage(7, 3)})).calls
    assert (call["tokens"], call["provider"]) == (10, "groq")


def test_completions_and_embeddings_are_of_their_own_type(tmp_path: Path) -> None:
    loaded = _load(
        tmp_path,
        CHAT | {"id": "cmpl-1", "object": "text_completion"},
        {
            "object": "list",
            "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}],
            "model": "text-embedding-3-small",
            "usage": {"prompt_tokens": 8, "total_tokens": 8},
        },
    )
    completion, embeddings = loaded.calls
    assert completion["request_type"] == "text_completion"
    assert embeddings == {
        "model": "text-embedding-3-small",
        "request_type": "embeddings",
        "prompt_tokens": 8,
        "tokens": 8,
    }


def test_a_batch_tells_what_failed_and_where(tmp_path: Path) -> None:
    loaded = _load(
        tmp_path,
        {
            "id": "batch_req_1",
            "custom_id": "a",
            "response": {"status_code": 200, "request_id": "r", "body": CHAT},
            "error": None,
        },
        {
            "id": "batch_req_2",
            "custom_id": "b",
            "response": {"status_code": 400, "request_id": "s", "body": {"error": {"message": "Too large."}}},
            "error": None,
        },
        {
            "id": "batch_req_3",
            "custom_id": "c",
            "response": None,
            "error": {"code": "batch_expired", "message": "Too late."},
        },
        {"custom_id": "d", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "gpt-4o"}},
    )
    assert loaded.calls == [
        CHAT_CALL | {"status": "ok", "service_tier": "batch"},
        {"status": "error", "error": "Too large.", "service_tier": "batch", "request_id": "batch_req_2"},
        {"status": "error", "error": "Too late.", "service_tier": "batch", "request_id": "batch_req_3"},
    ]
    assert loaded.files[0].audit.skipped == {"a record without an answer": 1}


def test_a_log_of_failures_only_is_recognised_by_a_batchs_lines(tmp_path: Path) -> None:
    body = {"error": {"message": "Too large.", "type": "invalid_request_error"}}
    line = {"id": "batch_req_2", "custom_id": "b", "response": {"status_code": 400, "body": body}, "error": None}
    assert _load(tmp_path, line).calls[0]["error"] == "Too large."


def test_what_is_beside_an_answer_is_read_where_its_unit_is_certain(tmp_path: Path) -> None:
    loaded = _load(
        tmp_path,
        {
            "timestamp": "2025-03-10T01:25:55Z",
            "request": {"model": "gpt-4.1", "temperature": 0.2, "max_tokens": 500, "stream": True, "user": "ann"},
            "response": CHAT,
            "latency": 3,
            "duration_ms": 1840,
            "ttft_s": 0.31,
            "session_id": "one",
            "cost_usd": 0.002,
            "error": None,
        },
        {
            "timestamp": "2025-03-10T01:26:00Z",
            "request": {"model": "gpt-4.1"},
            "response": None,
            "latency": 30,
            "error": {"error": {"message": "Slow down.", "type": "rate_limit"}},
        },
    )
    answered, failed = loaded.calls
    assert answered == CHAT_CALL | {
        "temperature": 0.2,
        "max_tokens": 500,
        "stream": True,
        "user_id": "ann",
        "session_id": "one",
        "duration": 1.84,
        "time_to_first_token": 0.31,
        "cost": 0.002,
        "status": "ok",
    }
    assert failed == {
        "created": datetime(2025, 3, 10, 1, 26),
        "model": "gpt-4.1",
        "status": "error",
        "error": "Slow down.",
    }


def test_the_times_around_an_answer_are_better_than_its_own_whole_second(tmp_path: Path) -> None:
    (call,) = _load(
        tmp_path,
        {"start_time": "2025-03-10T01:25:51.5Z", "end_time": "2025-03-10T01:25:54Z", "response": CHAT},
    ).calls
    assert (call["created"], call["duration"]) == (datetime(2025, 3, 10, 1, 25, 51, 500000), 2.5)
    assert "status" not in call


def test_an_answer_may_stand_in_a_cell_of_a_table(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    with log.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["timestamp", "request", "response", "duration_ms", "status_code"])
        rows.writerow(["2025-03-10T01:25:52Z", json.dumps({"temperature": 0.5}), json.dumps(CHAT), "250", "200"])
        rows.writerow(["2025-03-10T01:25:59Z", json.dumps({"temperature": 0.5}), "", "90", "429"])
    loaded = load_logs(log)
    assert loaded.calls == [
        CHAT_CALL | {"temperature": 0.5, "duration": 0.25, "status": "ok"},
        {"created": datetime(2025, 3, 10, 1, 25, 59), "temperature": 0.5, "duration": 0.09, "status": "error"},
    ]


def test_what_cannot_be_read_is_rejected_and_the_rest_loaded(tmp_path: Path) -> None:
    loaded = _load(
        tmp_path,
        CHAT,
        17,
        {"usage": {"prompt_tokens": 3}, "answer": "…"},
        CHAT | {"id": "chatcmpl-odd", "usage": "none"},
        CHAT | {"id": "chatcmpl-last"},
    )
    assert [call["request_id"] for call in loaded.calls] == ["chatcmpl-B9MBs8Cj", "chatcmpl-last"]
    assert [(one.record, one.line) for one in loaded.rejected] == [(2, 2), (3, 3), (4, 4)]


@pytest.mark.parametrize(
    "record",
    [
        {"ts": 1741569952, "model": "gpt-4o", "usage": _usage(1, 2)},
        {"id": "chatcmpl-1", "call_type": "acompletion", "startTime": 1.5, "response_cost": 0.5, "response": CHAT},
        {"id": "obs-1", "traceId": "tr-1", "type": "GENERATION", "output": CHAT},
        {"request_created_at": "2026-03-10T01:25:52Z", "response_body": CHAT},
        {"schemaType": "ModelInvocationLog", "output": {"outputBodyJson": CHAT}},
        {"custom_id": "a", "result": {"type": "succeeded", "message": {"type": "message", "usage": {}}}},
        {"object": "list", "data": [{"object": "model", "id": "gpt-4o"}]},
        {"type": "response_item", "payload": {"type": "message"}},
    ],
)
def test_logs_of_others_are_not_claimed(record: dict[str, Any]) -> None:
    assert not OPENAI.recognises([record])


def test_an_answer_behind_foreign_records_is_recognised() -> None:
    assert OPENAI.recognises([{"level": "info"}, {"object": None, "id": 5, "choices": 1, "usage": 2}, CHAT])


def test_the_examples_load_as_they_are_described() -> None:
    answers = load_logs(EXAMPLES / "openai" / "answers.jsonl")
    (file,) = answers.files
    assert (file.source, file.read, file.loaded, file.merged, file.skipped) == ("openai", 13, 10, 1, 2)
    assert sum(call.get("tokens", 0) for call in answers.calls) == 2306 + 576 + 790 + 52 + 2 * 1123 + 8 + 325
    batch = load_logs(EXAMPLES / "openai" / "batch_output.jsonl")
    assert [call["status"] for call in batch.calls] == ["ok", "error", "error"]


def test_real_litellm_and_langfuse_logs_are_not_claimed(real_logs: Path) -> None:
    for folder in ("litellm", "langfuse", "codex", "claude-code"):
        for path in (real_logs / folder).rglob("*.json*"):
            text = path.read_text(encoding="utf-8")
            records = [json.loads(line) for line in text.splitlines() if line] if path.suffix == ".jsonl" else None
            records = records or json.loads(text)
            records = records if isinstance(records, list) else [records]
            assert not OPENAI.recognises([record for record in records if isinstance(record, dict)][:100]), path


def test_a_file_of_one_embedding_answer_is_a_call(tmp_path: Path) -> None:
    log = tmp_path / "embedding.json"
    answer = {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.1]}],
        "model": "text-embedding-3-small",
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    }
    log.write_text(json.dumps(answer))
    (call,) = load_logs(log).calls
    assert (call["prompt_tokens"], call["tokens"], call["request_type"]) == (8, 8, "embeddings")
