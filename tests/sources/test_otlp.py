"""OpenTelemetry traces: which spans are calls, which of them count, and what their attributes say."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from logreport.sources import otlp
from logreport.sources.otlp import family
from logreport.testing import Loaded, load_logs

TRACE = "5b8efff798038103d269b633813fc60c"
START = 1741569952_000_000_000  # 2025-03-10 01:25:52

Attributes = dict[str, Any]


def any_value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [any_value(one) for one in value]}}
    return {"stringValue": value}


def listed(attributes: Attributes) -> list[dict[str, Any]]:
    return [{"key": key, "value": any_value(value)} for key, value in attributes.items()]


def span(number: int, attributes: Attributes, parent: int | None = None, **others: Any) -> dict[str, Any]:
    return {
        "traceId": TRACE,
        "spanId": f"{number:016x}",
        "parentSpanId": "" if parent is None else f"{parent:016x}",
        "name": "a span",
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": str(START + 1_250_000_000),
        "attributes": listed(attributes),
        "status": {},
    } | others


def chat(number: int, parent: int | None = None, tokens: int = 10, **others: Any) -> dict[str, Any]:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": tokens,
        "gen_ai.usage.output_tokens": 5,
    }
    return span(number, attributes, parent, **others)


def document(*spans: dict[str, Any]) -> dict[str, Any]:
    return {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"scope": {}, "spans": list(spans)}]}]}


def load(folder: Path, *documents: Any, indent: int | None = None) -> Loaded:
    path = folder / "traces.jsonl"
    path.write_text("\n".join(json.dumps(one, indent=indent) for one in documents), encoding="utf-8")
    return load_logs(path)


def one_call(folder: Path, attributes: Attributes, **others: Any) -> dict[str, Any]:
    (call,) = load(folder, document(span(1, attributes, **others))).calls
    return call


def skipped(loaded: Loaded) -> dict[str, int]:
    return dict(loaded.files[0].audit.skipped)


def prompts(loaded: Loaded) -> list[int]:
    return sorted(call["prompt_tokens"] for call in loaded.calls)


def test_a_span_of_the_conventions_fills_every_column_it_has(tmp_path: Path) -> None:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.request.temperature": 0.2,
        "gen_ai.request.max_tokens": 500,
        "gen_ai.request.stream": True,
        "gen_ai.usage.input_tokens": 2006,
        "gen_ai.usage.output_tokens": 300,
        "gen_ai.usage.cache_read.input_tokens": 1920,
        "gen_ai.usage.cache_creation.input_tokens": 40,
        "gen_ai.usage.reasoning.output_tokens": 128,
        "gen_ai.response.time_to_first_chunk": 0.31,
        "gen_ai.response.finish_reasons": ["stop", "length"],
        "gen_ai.conversation.id": "talk",
        "openai.response.service_tier": "flex",
        "user.id": "ann",
        "gen_ai.usage.cost": 0.004,
    }
    assert one_call(tmp_path, attributes, status={"code": 1}) == {
        "created": datetime(2025, 3, 10, 1, 25, 52),
        "model": "gpt-4o-2024-08-06",
        "provider": "openai",
        "request_type": "chat",
        "temperature": 0.2,
        "max_tokens": 500,
        "stream": True,
        "prompt_tokens": 2006,
        "completion_tokens": 300,
        "tokens": 2306,
        "cache_read_tokens": 1920,
        "cache_write_tokens": 40,
        "reasoning_tokens": 128,
        "time_to_first_token": 0.31,
        "duration": 1.25,
        "status": "ok",
        "finish_reason": "stop",
        "service_tier": "flex",
        "user_id": "ann",
        "session_id": "talk",
        "cost": 0.004,
        "request_id": f"{TRACE}:0000000000000001",
    }


@pytest.mark.parametrize("indent", [None, 2], ids=["lines", "pretty"])
def test_documents_one_after_the_other(tmp_path: Path, indent: int | None) -> None:
    assert prompts(load(tmp_path, document(chat(1)), document(chat(2, tokens=20)), indent=indent)) == [10, 20]


WRAPPED = {
    "one document": document(chat(1)),
    "two resources": {"resourceSpans": document(chat(1))["resourceSpans"] + document()["resourceSpans"]},
    "no resource": {"scopeSpans": [{"spans": [chat(1)]}]},
    "a list of resources": document(chat(1))["resourceSpans"],
    "a list of spans": [chat(1)],
    "a bare span": chat(1),
    "spans": {"spans": [chat(1)]},
    "data": {"data": document(chat(1))},
    "a page of spans": {"data": [chat(1)], "next_cursor": None},
    "Tempo": {"batches": document(chat(1))["resourceSpans"]},
    "snake case": {"resource_spans": [{"scope_spans": [{"spans": [chat(1)]}]}]},
}


@pytest.mark.parametrize("indent", [None, 2], ids=["flat", "pretty"])
@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED)
def test_spans_are_found_in_whatever_holds_them(tmp_path: Path, wrapped: Any, indent: int | None) -> None:
    loaded = load(tmp_path, wrapped, indent=indent)
    assert loaded.files[0].source == "otlp"
    assert prompts(loaded) == [10]


def test_numbers_may_be_numbers_or_texts(tmp_path: Path) -> None:
    one = chat(1, startTimeUnixNano=START, endTimeUnixNano=START + 500_000_000)
    one["attributes"] = [
        {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": 7}},
        {"key": "gen_ai.usage.output_tokens", "value": {"doubleValue": 3}},
        {"key": "gen_ai.request.temperature", "value": {"intValue": "0"}},
        {"key": "gen_ai.request.model", "value": {}},
    ]
    (call,) = load(tmp_path, document(one)).calls
    assert call["tokens"] == 10
    assert call["temperature"] == 0.0
    assert call["duration"] == 0.5
    assert "model" not in call


def test_snake_case_spans_of_a_trace_have_flat_attributes(tmp_path: Path) -> None:
    one = {
        "span_id": "first",
        "parent_span_id": None,
        "start_time": "2026-02-25T10:00:00.000000",
        "end_time": "2026-02-25T10:00:02.500000",
        "attributes": {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 9},
        "status": {"code": 2, "message": "overloaded"},
    }
    (call,) = load(tmp_path, {"trace_id": "by hand", "spans": [one]}, indent=2).calls
    assert call == {
        "created": datetime(2026, 2, 25, 10),
        "request_type": "chat",
        "prompt_tokens": 9,
        "duration": 2.5,
        "status": "error",
        "error": "overloaded",
    }


def test_the_console_exporter_is_read(tmp_path: Path) -> None:
    one = {
        "name": "chat",
        "context": {"trace_id": f"0x{TRACE}", "span_id": "0x01", "trace_state": "[]"},
        "parent_id": None,
        "start_time": "2026-02-25T10:00:00.000000Z",
        "end_time": "2026-02-25T10:00:01.000000Z",
        "status": {"status_code": "ERROR", "description": "too many requests"},
        "attributes": {"gen_ai.operation.name": "chat", "gen_ai.response.finish_reasons": ["stop"]},
        "events": [],
    }
    first, second = load(
        tmp_path, one, one | {"context": {"trace_id": f"0x{TRACE}", "span_id": "0x02"}}, indent=4
    ).calls
    assert first["error"] == "too many requests"
    assert first["finish_reason"] == "stop"
    assert [first["request_id"], second["request_id"]] == [f"0x{TRACE}:0x01", f"0x{TRACE}:0x02"]


def test_a_download_from_phoenix_is_read(tmp_path: Path) -> None:
    rest = {
        "id": "U3Bhbjox",
        "context": {"trace_id": TRACE, "span_id": "0000000000000001"},
        "span_kind": "LLM",
        "parent_id": None,
        "start_time": "2026-02-25T10:00:00+00:00",
        "end_time": "2026-02-25T10:00:01+00:00",
        "status_code": "OK",
        "status_message": "",
        "attributes": {"llm": {"model_name": "gpt-4o", "token_count": {"prompt": 4, "completion": 2}}},
        "events": [],
    }
    otlp_form = {
        "trace_id": TRACE,
        "span_id": "0000000000000002",
        "start_time_unix_nano": START,
        "end_time_unix_nano": START + 10**9,
        "attributes": [
            {"key": "openinference.span.kind", "value": {"string_value": "LLM", "int_value": None}},
            {"key": "llm.token_count.prompt", "value": {"int_value": 6}},
        ],
        "status": {"code": 1, "message": ""},
    }
    loaded = load(tmp_path, {"data": [rest, otlp_form]})
    assert prompts(loaded) == [4, 6]
    assert {call["status"] for call in loaded.calls} == {"ok"}


def test_openllmetry_names(tmp_path: Path) -> None:
    attributes = {
        "llm.request.type": "completion",
        "gen_ai.system": "MistralAI",
        "gen_ai.request.model": "mistral-small",
        "llm.is_streaming": False,
        "gen_ai.usage.prompt_tokens": 30,
        "gen_ai.usage.completion_tokens": 12,
        "llm.usage.total_tokens": 42,
        "llm.usage.reasoning_tokens": 4,
        "gen_ai.usage.cache_read_input_tokens": 20,
        "gen_ai.completion.0.finish_reason": "length",
        "traceloop.association.properties.user_id": "ann",
        "traceloop.association.properties.session_id": "talk",
    }
    call = one_call(tmp_path, attributes)
    del call["created"], call["duration"], call["request_id"]
    assert call == {
        "model": "mistral-small",
        "provider": "mistral_ai",
        "request_type": "text_completion",
        "stream": False,
        "prompt_tokens": 30,
        "completion_tokens": 12,
        "tokens": 42,
        "cache_read_tokens": 20,
        "reasoning_tokens": 4,
        "finish_reason": "length",
        "user_id": "ann",
        "session_id": "talk",
    }


def test_openinference_names(tmp_path: Path) -> None:
    attributes = {
        "openinference.span.kind": "LLM",
        "llm.model_name": "claude-sonnet-4-5",
        "llm.system": "vertexai",
        "llm.provider": "google",
        "llm.invocation_parameters": '{"temperature": 0.3, "max_completion_tokens": 256, "stream": true}',
        "llm.token_count.prompt": 100,
        "llm.token_count.completion": 20,
        "llm.token_count.total": 120,
        "llm.token_count.prompt_details.cache_read": 60,
        "llm.token_count.prompt_details.cache_write": 30,
        "llm.token_count.completion_details.reasoning": 8,
        "llm.cost.prompt": 0.25,
        "llm.cost.completion": 0.5,
        "session.id": "talk",
    }
    call = one_call(
        tmp_path, attributes, events=[{"name": "First Token Stream Event", "timeUnixNano": START + 4 * 10**8}]
    )
    del call["created"], call["duration"], call["request_id"]
    assert call == {
        "model": "claude-sonnet-4-5",
        "provider": "gcp.gen_ai",
        "temperature": 0.3,
        "max_tokens": 256,
        "stream": True,
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "tokens": 120,
        "cache_read_tokens": 60,
        "cache_write_tokens": 30,
        "reasoning_tokens": 8,
        "time_to_first_token": 0.4,
        "session_id": "talk",
        "cost": 0.75,
    }


def test_an_embedding_has_no_completion(tmp_path: Path) -> None:
    attributes = {
        "openinference.span.kind": "EMBEDDING",
        "embedding.model_name": "text-embedding-3-small",
        "llm.token_count.prompt": 12,
        "llm.token_count.completion": 0,
    }
    call = one_call(tmp_path, attributes)
    assert call["request_type"] == "embeddings"
    assert call["model"] == "text-embedding-3-small"
    assert call["tokens"] == 12
    assert "completion_tokens" not in call


def test_of_the_ai_sdk_only_what_does_is_a_call(tmp_path: Path) -> None:
    usage = {"ai.usage.promptTokens": 30, "ai.usage.completionTokens": 10}
    outer = span(1, {"ai.operationId": "ai.streamText", "ai.model.id": "gpt-4o", **usage})
    inner = span(
        2,
        {
            "ai.operationId": "ai.streamText.doStream",
            "ai.model.id": "gpt-4o",
            "ai.model.provider": "openai.chat",
            "ai.response.model": "gpt-4o-2024-08-06",
            "ai.response.msToFirstChunk": 312.5,
            "ai.response.finishReason": "stop",
            "ai.usage.inputTokens": 30,
            "ai.usage.outputTokens": 10,
            "ai.usage.cachedInputTokens": 16,
            **usage,
        },
        parent=1,
    )
    tool = span(3, {"ai.operationId": "ai.toolCall"}, parent=1)
    vector = span(4, {"ai.operationId": "ai.embed.doEmbed", "ai.usage.tokens": 3}, parent=1)
    loaded = load(tmp_path, document(outer, inner, tool, vector))
    assert prompts(loaded) == [3, 30]
    (call,) = (call for call in loaded.calls if call["prompt_tokens"] == 30)
    assert call["time_to_first_token"] == 0.3125
    assert call["cache_read_tokens"] == 16
    assert call["provider"] == "openai"
    assert call["model"] == "gpt-4o-2024-08-06"
    assert call["stream"] is True
    assert call["finish_reason"] == "stop"
    assert skipped(loaded) == {"a span that repeats the calls inside it": 1, "a tool's span": 1}


def test_langfuse_names(tmp_path: Path) -> None:
    attributes = {
        "langfuse.observation.type": "generation",
        "langfuse.observation.model.name": "gpt-4o",
        "langfuse.observation.model.parameters": '{"temperature": 1}',
        "langfuse.observation.usage_details": '{"input": 86, "input_cached_tokens": 1920, "output": 300, "total": 2306}',
        "langfuse.observation.completion_start_time": '"2025-03-10T01:25:52.250Z"',
        "langfuse.user.id": "ann",
    }
    call = one_call(tmp_path, attributes)
    assert call["prompt_tokens"] == 2006
    assert call["completion_tokens"] == 300
    assert call["time_to_first_token"] == 0.25
    assert call["temperature"] == 1.0
    assert call["user_id"] == "ann"


@pytest.mark.parametrize(
    ("attributes", "what"),
    [
        ({"gen_ai.operation.name": "execute_tool"}, "a tool's span"),
        ({"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 9}, "an agent's span"),
        ({"openinference.span.kind": "CHAIN", "llm.token_count.prompt": 9}, "a workflow's span"),
        ({"openinference.span.kind": "RETRIEVER"}, "a retriever's span"),
        ({"traceloop.span.kind": "workflow"}, "a workflow's span"),
        ({"http.request.method": "POST"}, "a span that is no call to a model"),
        ({"gen_ai.request.model": "gpt-4o"}, "a span that is no call to a model"),
    ],
)
def test_other_spans_are_skipped_as_what_they_are(tmp_path: Path, attributes: Attributes, what: str) -> None:
    loaded = load(tmp_path, document(chat(1), span(2, attributes)))
    assert prompts(loaded) == [10]
    assert skipped(loaded) == {what: 1}


def test_a_span_that_does_not_say_what_it_is_counts_by_its_tokens(tmp_path: Path) -> None:
    assert one_call(tmp_path, {"gen_ai.usage.input_tokens": 9})["prompt_tokens"] == 9


def test_metrics_and_logs_are_skipped(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"resourceMetrics": []}, {"resourceLogs": []}, document(chat(1)), {"foo": 1}, 7)
    assert prompts(loaded) == [10]
    assert skipped(loaded) == {"a document of metrics": 1, "a document of logs": 1}
    assert [(one.line, one.reason) for one in loaded.rejected] == [(4, "holds no spans"), (5, "holds no spans")]


NESTED = [
    chat(1, tokens=600),
    span(2, {"openinference.span.kind": "CHAIN"}, parent=1),
    span(3, {"http.request.method": "POST"}, parent=2),
    chat(4, parent=3, tokens=200),
    chat(5, parent=4, tokens=100),
    chat(6, parent=3, tokens=400),
]


@pytest.mark.parametrize(
    "order", [NESTED, NESTED[::-1], NESTED[::2] + NESTED[1::2]], ids=["parents", "children", "mixed"]
)
@pytest.mark.parametrize("apart", [False, True], ids=["one document", "lines"])
def test_only_the_innermost_calls_count(tmp_path: Path, order: list[dict[str, Any]], apart: bool) -> None:
    loaded = load(tmp_path, *([document(one) for one in order] if apart else [document(*order)]))
    assert prompts(loaded) == [100, 400]
    assert skipped(loaded)["a span that repeats the calls inside it"] == 2


def test_a_span_of_another_trace_is_no_child(tmp_path: Path) -> None:
    loaded = load(tmp_path, document(chat(1), chat(2, parent=1, tokens=20, traceId=TRACE[::-1])))
    assert prompts(loaded) == [10, 20]


def test_a_span_that_is_its_own_parent_counts(tmp_path: Path) -> None:
    assert prompts(load(tmp_path, document(chat(1, parent=1)))) == [10]


def test_spans_without_ids_count(tmp_path: Path) -> None:
    loaded = load(tmp_path, document(chat(1, spanId=None), chat(2, spanId="")))
    assert prompts(loaded) == [10, 10]
    assert all("request_id" not in call for call in loaded.calls)


def test_calls_are_held_back_only_so_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp, "_HELD", 2)
    others = [document(chat(number)) for number in range(10, 20)]
    late = document(chat(2, parent=1, tokens=20))
    assert prompts(load(tmp_path, document(chat(1, tokens=30)), *others[:1], late)) == [10, 20]
    assert prompts(load(tmp_path, document(chat(1, tokens=30)), *others, late)) == [10] * 10 + [20, 30]


def test_what_is_known_of_families_does_not_grow_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family, "_KNOWN", 10)
    known = family.Family()
    for number in range(100):
        known.call_below(number)
        known.other(1000 + number, 2000 + number)
    assert [number for number in range(100) if known.calls(number)] == list(range(88, 100))
    known.call_below(1099)
    assert known.calls(2099)
    known.call_below(1000)
    assert not known.calls(2000)


def test_repeated_exports_of_a_span_are_one_call(tmp_path: Path) -> None:
    loaded = load(tmp_path, document(chat(1)), document(chat(1)))
    assert prompts(loaded) == [10]
    assert dict(loaded.files[0].audit.merged) == {"repeated exports of one span": 1}


EXCEPTION = {"name": "exception", "attributes": listed({"exception.type": "APIError", "exception.message": "gone"})}


@pytest.mark.parametrize(
    ("status", "attributes", "events", "expected"),
    [
        ({"code": 1}, {}, [], ("ok", None)),
        ({"code": 1}, {"error.type": "x"}, [], ("ok", None)),
        ({"code": "STATUS_CODE_ERROR", "message": "429"}, {"error.type": "x"}, [], ("error", "429")),
        ({"code": 2}, {"error.type": "timeout"}, [EXCEPTION], ("error", "timeout")),
        ({"code": 2}, {}, [EXCEPTION], ("error", "gone")),
        ({"code": 2}, {}, [], ("error", None)),
        ({}, {"error.type": "timeout"}, [], ("error", "timeout")),
        ({"code": 0}, {}, [EXCEPTION], (None, None)),
        (None, {}, [], (None, None)),
    ],
)
def test_an_unset_status_tells_nothing(
    tmp_path: Path, status: Any, attributes: Attributes, events: list[Any], expected: tuple[str | None, str | None]
) -> None:
    call = one_call(tmp_path, {"gen_ai.operation.name": "chat", **attributes}, status=status, events=events)
    assert (call.get("status"), call.get("error")) == expected


def test_a_failed_call_has_no_zeros(tmp_path: Path) -> None:
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 0, "gen_ai.usage.output_tokens": 0}
    assert "prompt_tokens" not in one_call(tmp_path, attributes, status={"code": 2})


@pytest.mark.parametrize(
    ("cached", "prompt"), [(1000, 1012), (10, 12)], ids=["more than was sent: counted apart", "part of what was sent"]
)
def test_numbers_decide_whether_the_prompt_counts_what_was_cached(tmp_path: Path, cached: int, prompt: int) -> None:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": "aws.bedrock",
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 40,
        "gen_ai.usage.cache_read_input_tokens": cached,
    }
    assert one_call(tmp_path, attributes)["prompt_tokens"] == prompt


@pytest.mark.parametrize(
    ("told", "provider"),
    [
        ("Anthropic", "anthropic"),
        ("az.ai.openai", "azure.ai.openai"),
        ("gemini", "gcp.gemini"),
        ("gcp.vertex_ai", "gcp.vertex_ai"),
        ("google.vertex.chat", "gcp.vertex_ai"),
        ("amazon-bedrock", "aws.bedrock"),
        ("anthropic.messages", "anthropic"),
        ("our own", "our own"),
    ],
)
def test_providers_have_the_names_of_the_conventions(tmp_path: Path, told: str, provider: str) -> None:
    assert one_call(tmp_path, {"gen_ai.operation.name": "chat", "gen_ai.system": told})["provider"] == provider


@pytest.mark.parametrize("strange", [7, {"spanId": "a", "startTimeUnixNano": 1, "attributes": [7]}, {"spanId": ["a"]}])
def test_a_strange_span_costs_only_itself(tmp_path: Path, strange: Any) -> None:
    loaded = load(tmp_path, document(chat(1)), document(chat(2, tokens=20), strange, chat(3, tokens=30)))
    assert prompts(loaded) == [10, 20, 30]
    assert loaded.files[0].skipped + loaded.files[0].rejected == 1


def test_what_is_nested_too_deeply_costs_only_itself(tmp_path: Path) -> None:
    deep: Any = chat(2, tokens=20)
    for _ in range(200):
        deep = {"data": [deep]}
    loaded = load(tmp_path, document(chat(1)), deep, document(chat(3, tokens=30)))
    assert prompts(loaded) == [10, 30]
    assert loaded.files[0].skipped == 1


def test_a_document_may_be_empty(tmp_path: Path) -> None:
    loaded = load(tmp_path, document(chat(1)), document(), {"resourceSpans": []})
    assert prompts(loaded) == [10]
    assert skipped(loaded) == {"a document without spans": 2}


def test_a_value_that_is_none_is_rejected(tmp_path: Path) -> None:
    loaded = load(tmp_path, document(chat(1)), document(chat(2, tokens=-5)))
    assert prompts(loaded) == [10]
    assert [(one.field, one.reason) for one in loaded.rejected] == [("prompt_tokens", "is negative: -5")]


@pytest.mark.parametrize(
    "record",
    [
        {"id": "obs-1", "traceId": "tr-1", "type": "GENERATION", "startTime": "2026-03-10T01:25:52.100Z", "model": "m"},
        {"data": [{"traceID": "1", "spans": [{"traceID": "1", "spanID": "2", "startTime": 1, "tags": []}]}]},
        {"span_id": "1", "trace_id": "2", "start_time": "2026-01-01", "prompt_tokens": 3, "model": "m"},
        {"model": "m", "created": 1741569952, "usage": {"prompt_tokens": 3}},
    ],
    ids=["langfuse", "jaeger", "hand-rolled", "openai"],
)
def test_other_logs_are_not_taken(record: dict[str, Any]) -> None:
    assert not otlp.OTLP.recognises([record])


def test_a_file_that_begins_with_others_is_recognised() -> None:
    assert otlp.OTLP.recognises([{"level": "info"}, document(chat(1))])


def test_a_real_trace_of_one_call(real_logs: Path) -> None:
    loaded = load_logs(real_logs / "otlp" / "agento_run.otlp.json")
    (call,) = loaded.calls
    assert loaded.files[0].read == 7
    assert call["model"] == "gemini-1.5-pro"
    assert (call["prompt_tokens"], call["completion_tokens"]) == (577, 796)
    assert call["temperature"] == 0.1
    assert call["duration"] == pytest.approx(12.711, abs=0.0005)


@pytest.mark.parametrize(
    ("name", "count", "seconds"), [("simple_chain.json", 3, 6.5), ("customer_support_escalation.json", 9, 24.0)]
)
def test_real_traces_with_flat_attributes(real_logs: Path, name: str, count: int, seconds: float) -> None:
    loaded = load_logs(real_logs / "otlp" / name)
    assert Counter(call["model"] for call in loaded.calls) == {"gpt-4": count}
    assert sum(call["duration"] for call in loaded.calls) == seconds
    assert {call["status"] for call in loaded.calls} == {"ok"}
    assert all("tokens" not in call for call in loaded.calls)
