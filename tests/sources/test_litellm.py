"""LiteLLM's logging payloads and spend logs: the same calls, as objects and as rows of a table."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from logreport.sources.litellm import LITELLM
from logreport.testing import Loaded, load_logs

Log = Callable[..., Loaded]
PAYLOAD: dict[str, Any] = {
    "id": "chatcmpl-9f1",
    "trace_id": "t-1",
    "call_type": "acompletion",
    "stream": True,
    "response_cost": 0.00512,
    "status": "success",
    "total_tokens": 2306,
    "prompt_tokens": 2006,
    "completion_tokens": 300,
    "startTime": 1741569952.1,
    "endTime": 1741569954.6,
    "completionStartTime": 1741569952.4,
    "response_time": 0.3,
    "model": "gpt-4o",
    "model_group": "gpt-4o",
    "custom_llm_provider": "openai",
    "metadata": {
        "user_api_key_user_id": "u1",
        "usage_object": {
            "prompt_tokens": 2006,
            "completion_tokens": 300,
            "prompt_tokens_details": {"cached_tokens": 1920},
            "completion_tokens_details": {"reasoning_tokens": 128},
        },
    },
    "cache_hit": False,
    "request_tags": ["prod"],
    "end_user": "cust-7",
    "model_parameters": {"temperature": 0.2, "max_tokens": 512, "stream": True},
    "response": {"service_tier": "default", "choices": [{"finish_reason": "stop", "message": {"content": "…"}}]},
    "error_str": None,
    "error_information": {"error_code": "", "error_class": "", "error_message": ""},
}
ROW: dict[str, Any] = {
    "request_id": "chatcmpl-9f1",
    "call_type": "acompletion",
    "api_key": "88dc28d0f0",
    "spend": 0.00512,
    "total_tokens": 2306,
    "prompt_tokens": 2006,
    "completion_tokens": 300,
    "startTime": "2025-03-10T01:25:52.100Z",
    "endTime": "2025-03-10T01:25:54.600Z",
    "completionStartTime": "2025-03-10T01:25:52.400Z",
    "model": "gpt-4o",
    "custom_llm_provider": "openai",
    "user": "u1",
    "metadata": json.dumps(
        {
            "status": "success",
            "additional_usage_values": {"cache_read_input_tokens": 1920, "cache_creation_input_tokens": 0},
        }
    ),
    "cache_hit": "False",
    "request_tags": '["prod"]',
    "team_id": None,
    "end_user": "cust-7",
    "session_id": "s1",
    "status": "success",
    "messages": "{}",
    "response": "{}",
    "proxy_server_request": "{}",
}
#: What both tell of one call.
CALL: dict[str, Any] = {
    "created": datetime(2025, 3, 10, 1, 25, 52, 100000),
    "model": "gpt-4o",
    "provider": "openai",
    "request_type": "chat",
    "prompt_tokens": 2006,
    "completion_tokens": 300,
    "tokens": 2306,
    "cache_read_tokens": 1920,
    "time_to_first_token": 0.3,
    "duration": 2.5,
    "status": "ok",
    "user_id": "cust-7",
    "cost": 0.00512,
    "request_id": "chatcmpl-9f1",
}
OF_THE_PAYLOAD = CALL | {
    "temperature": 0.2,
    "max_tokens": 512,
    "stream": True,
    "reasoning_tokens": 128,
    "finish_reason": "stop",
    "service_tier": "default",
    "session_id": "t-1",
}
OF_THE_ROW = CALL | {"cache_write_tokens": 0, "session_id": "s1"}


@pytest.fixture
def load(tmp_path: Path) -> Log:
    """Write records as JSON Lines, each a payload or a row with changes, and load them."""

    def write(*records: dict[str, Any]) -> Loaded:
        path = tmp_path / "log.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return load_logs(path)

    return write


@pytest.fixture
def one(load: Log) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Load one record and answer its call."""

    def only(record: dict[str, Any]) -> dict[str, Any]:
        loaded = load(record)
        assert not loaded.rejected
        (call,) = loaded.calls
        return call

    return only


One = Callable[[dict[str, Any]], dict[str, Any]]


def test_a_payload_is_a_call(one: One) -> None:
    assert one(PAYLOAD) == OF_THE_PAYLOAD


def test_a_row_is_a_call(one: One) -> None:
    assert one(ROW) == OF_THE_ROW


def test_an_array_a_list_under_data_and_one_pretty_document_are_read(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    for written in (json.dumps([ROW]), json.dumps({"data": [ROW], "total": 1}), json.dumps(ROW, indent=2)):
        path.write_text(written, encoding="utf-8")
        assert load_logs(path).calls == [OF_THE_ROW]


def test_a_csv_of_the_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "LiteLLM_SpendLogs.csv"
    failed = ROW | {
        "request_id": "b",
        "status": "failure",
        "spend": 0.0,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "total_tokens": 0,
        "model": "null",
        "startTime": "2025-03-10 01:26:00",
        "endTime": "2025-03-10 01:26:01.5",
        "completionStartTime": "2025-03-10 01:26:01.5",
        "metadata": '{"error_information": {"error_class": "Timeout", "error_message": ""}}',
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(ROW))
        writer.writeheader()
        writer.writerows([ROW, failed])
    first, second = load_logs(path).calls
    assert first == OF_THE_ROW
    assert second == {
        "created": datetime(2025, 3, 10, 1, 26),
        "provider": "openai",
        "request_type": "chat",
        "duration": 1.5,
        "status": "error",
        "error": "Timeout",
        "user_id": "cust-7",
        "session_id": "s1",
        "cost": 0.0,
        "request_id": "b",
    }


def test_the_time_to_the_first_token_is_unknown_where_it_is_the_end(one: One) -> None:
    call = one(PAYLOAD | {"completionStartTime": PAYLOAD["endTime"]})
    assert "time_to_first_token" not in call
    assert call["duration"] == 2.5


def test_the_response_time_is_never_a_duration(one: One) -> None:
    assert "duration" not in one(PAYLOAD | {"endTime": None})


def test_times_without_a_zone_are_utc(one: One) -> None:
    call = one(ROW | {"startTime": "2025-01-24 09:20:46.847371", "endTime": "2025-01-24 09:20:46.851954"})
    assert call["created"] == datetime(2025, 1, 24, 9, 20, 46, 847371)
    assert call["duration"] == 0.004583


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("openai", "openai"),
        ("azure", "azure.ai.openai"),
        ("bedrock", "aws.bedrock"),
        ("vertex_ai", "gcp.vertex_ai"),
        ("gemini", "gcp.gemini"),
        ("mistral", "mistral_ai"),
        ("xai", "x_ai"),
        ("hosted_vllm", "hosted_vllm"),
        ("", None),
    ],
)
def test_providers_have_the_names_of_opentelemetry(one: One, told: str, known: str | None) -> None:
    assert one(PAYLOAD | {"custom_llm_provider": told}).get("provider") == known


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("completion", "chat"),
        ("aembedding", "embeddings"),
        ("atext_completion", "text_completion"),
        ("aresponses", "chat"),
        ("anthropic_messages", "chat"),
        ("arerank", "arerank"),
        ("", None),
    ],
)
def test_call_types_have_the_names_of_opentelemetry(one: One, told: str, known: str | None) -> None:
    assert one(PAYLOAD | {"call_type": told}).get("request_type") == known


def test_an_embedding_has_no_completion(one: One) -> None:
    call = one(ROW | {"call_type": "aembedding", "prompt_tokens": 7, "completion_tokens": 0, "metadata": "{}"})
    assert call["tokens"] == 7
    assert "completion_tokens" not in call


def test_prompt_tokens_have_those_of_the_cache_in_them(one: One) -> None:
    usage = {"cache_read_input_tokens": 18200, "cache_creation_input_tokens": 188}
    call = one(PAYLOAD | {"prompt_tokens": 18409, "metadata": {"usage_object": usage}})
    assert (call["prompt_tokens"], call["cache_read_tokens"], call["cache_write_tokens"]) == (18409, 18200, 188)


def test_older_versions_count_the_cache_apart(one: One) -> None:
    usage = {"cache_read_input_tokens": 18200, "cache_creation_input_tokens": 188}
    call = one(PAYLOAD | {"prompt_tokens": 21, "metadata": {"usage_object": usage}})
    assert (call["prompt_tokens"], call["tokens"]) == (18409, 18709)


@pytest.mark.parametrize("place", ["usage_object", "response", "additional_usage_values"])
def test_the_cache_is_told_in_three_places(one: One, place: str) -> None:
    usage = {"prompt_tokens_details": {"cached_tokens": 64, "cache_creation_tokens": 5}, "cache_read_input_tokens": 0}
    record = PAYLOAD | {"metadata": {}, "response": {}}
    if place == "response":
        record["response"] = json.dumps({"usage": usage})
    elif place == "usage_object":
        record["usage_object"] = usage
    else:
        record["metadata"] = {place: usage}
    call = one(record)
    assert (call["cache_read_tokens"], call["cache_write_tokens"]) == (64, 5)


def test_an_answer_from_the_cache_costs_nothing_and_is_a_call(load: Log) -> None:
    hits = [ROW | {"cache_hit": "True", "spend": 0.5, "request_id": f"chatcmpl-9f1_cache_hit{n}"} for n in (1, 2)]
    assert [call["cost"] for call in load(ROW, *hits).calls] == [0.00512, 0.0, 0.0]


def test_an_answer_from_the_cache_is_not_taken_for_the_call_that_it_repeats(load: Log) -> None:
    loaded = load(PAYLOAD, PAYLOAD | {"cache_hit": True})
    assert [call["cost"] for call in loaded.calls] == [0.00512, 0.0]
    assert loaded.files[0].merged == 0


def test_the_same_call_twice_is_one_call(load: Log) -> None:
    loaded = load(PAYLOAD, PAYLOAD)
    assert (len(loaded.calls), loaded.files[0].merged) == (1, 1)


def test_a_failed_call_has_its_reason_and_no_zeros(one: One) -> None:
    nothing = {"total_tokens": 0, "prompt_tokens": 0, "completion_tokens": 0, "metadata": {}, "response": None}
    call = one(PAYLOAD | nothing | {"status": "failure", "response_cost": 0, "error_str": "RateLimitError: slow\nat…"})
    assert (call["status"], call["error"], call["duration"]) == ("error", "RateLimitError: slow", 2.5)
    assert not {"prompt_tokens", "completion_tokens", "tokens"} & set(call)


@pytest.mark.parametrize(
    ("information", "reason"),
    [
        ({"error_message": "No such model", "error_class": "NotFoundError"}, "No such model"),
        ({"error_message": "", "error_class": "NotFoundError", "error_code": "404"}, "NotFoundError"),
        ({"error_code": "404"}, "404"),
        ({}, "failure"),
    ],
)
def test_the_reason_may_be_an_object(one: One, information: dict[str, str], reason: str) -> None:
    record = ROW | {"status": "failure", "metadata": json.dumps({"error_information": information})}
    assert one(record)["error"] == reason


def test_before_there_was_a_status_it_stood_in_the_metadata(one: One) -> None:
    assert one(ROW | {"status": None, "metadata": '{"status": "failure"}'})["status"] == "error"
    assert "status" not in one(ROW | {"status": None, "metadata": "{}"})


def test_a_model_without_a_price_has_no_cost(one: One) -> None:
    unpriced = {"model_map_information": {"model_map_key": "mine", "model_map_value": None}}
    assert "cost" not in one(ROW | {"spend": 0.0, "metadata": json.dumps(unpriced)})
    assert "cost" not in one(PAYLOAD | {"response_cost": 0.0, "response_cost_failure_debug_info": {"error_str": "…"}})
    assert one(PAYLOAD | {"response_cost": 0.0})["cost"] == 0.0


def test_parameters_may_be_texts_or_stand_in_the_request(one: One) -> None:
    parameters = '{"temperature": 0, "max_completion_tokens": 9, "stream": false}'
    for record in (
        PAYLOAD | {"model_parameters": parameters, "stream": None},
        ROW | {"proxy_server_request": parameters},
    ):
        call = one(record)
        assert (call["temperature"], call["max_tokens"], call["stream"]) == (0.0, 9, False)


def test_a_parameter_that_is_none_is_unknown(one: One) -> None:
    call = one(PAYLOAD | {"model_parameters": {"temperature": "warm", "max_tokens": "inf"}})
    assert not {"temperature", "max_tokens"} & set(call)


def test_empty_texts_are_unknown(one: One) -> None:
    call = one(ROW | {"model": "", "end_user": "", "user": "", "session_id": "", "custom_llm_provider": ""})
    assert not {"model", "user_id", "session_id", "provider"} & set(call)


def test_the_owner_of_the_key_is_the_user_where_no_other_is_told(one: One) -> None:
    assert one(PAYLOAD | {"end_user": ""})["user_id"] == "u1"


def test_a_tool_is_no_model(load: Log) -> None:
    loaded = load(PAYLOAD, ROW | {"call_type": "call_mcp_tool", "request_id": "x"})
    assert len(loaded.calls) == 1
    assert loaded.files[0].audit.skipped == {"a tool's call": 1}


def test_a_record_that_cannot_be_read_is_rejected_and_the_others_are_not(load: Log) -> None:
    loaded = load(
        PAYLOAD, PAYLOAD | {"id": "b", "prompt_tokens": "many"}, {"call_type": "acompletion"}, ROW | {"request_id": "c"}
    )
    assert {call["request_id"] for call in loaded.calls} == {"chatcmpl-9f1", "c"}
    assert [rejected.line for rejected in loaded.rejected] == [2, 3]
    assert loaded.rejected[0].field == "prompt_tokens"


def test_strange_objects_lose_nothing_else(one: One) -> None:
    strange = {"metadata": "[1]", "response": "{broken", "model_parameters": 3, "error_information": "…"}
    assert one(PAYLOAD | strange)["prompt_tokens"] == 2006


@pytest.mark.parametrize(
    "record",
    [
        {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o", "usage": {}},
        {"request_id": "a", "model": "gpt-4o", "startTime": "2025-03-10", "cost": 1},
        {"id": "a", "type": "GENERATION", "traceId": "t", "startTime": "2025-03-10", "totalCost": 1},
    ],
)
def test_other_logs_are_not_taken(record: dict[str, Any]) -> None:
    assert not LITELLM.recognises([record])


def test_a_log_that_begins_with_something_else_is_recognised() -> None:
    assert LITELLM.recognises([{"message": "started"}, PAYLOAD])


@pytest.mark.parametrize("name", ["spend_logs_payload", "standard_logging_payload"])
def test_the_real_logs(real_logs: Path, name: str) -> None:
    loaded = load_logs(real_logs / "litellm" / f"{name}.json")
    (call,) = loaded.calls
    expected = {
        "created": datetime(2025, 1, 24, 9, 20, 46, 847371),
        "model": "gpt-4o",
        "provider": "openai",
        "request_type": "chat",
        "prompt_tokens": 10,
        "completion_tokens": 20,
        "tokens": 30,
        "duration": 0.004583,
        "status": "ok",
        "cost": pytest.approx(0.000225),
    }
    assert call.items() >= expected.items()
    assert not {"time_to_first_token", "user_id", "error", "cache_read_tokens"} & set(call)
    assert not loaded.rejected


def test_the_example(request: pytest.FixtureRequest) -> None:
    loaded = load_logs(request.config.rootpath / "examples" / "litellm" / "spend_logs.jsonl")
    assert [call["status"] for call in loaded.calls].count("error") == 1
    assert sum(call.get("tokens", 0) for call in loaded.calls) == 5214
    assert loaded.files[0].audit.skipped == {"a tool's call": 1}
    assert loaded.files[0].merged == 1


def test_the_tier_that_served_a_call_is_not_replaced_by_the_one_asked_for(one: One) -> None:
    asked = PAYLOAD | {"model_parameters": {"service_tier": "flex"}}
    assert one(asked | {"response": {"service_tier": "auto"}}).get("service_tier") is None
    assert one(asked | {"response": {}})["service_tier"] == "flex"
