"""Langfuse's observations: four exports of the same thing, counts apart or not, generations around generations."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from logreport.sources import langfuse
from logreport.sources.langfuse import LANGFUSE
from logreport.testing import Loaded, load_logs

Log = Callable[..., Loaded]
One = Callable[..., dict[str, Any]]
OBSERVATION: dict[str, Any] = {
    "id": "obs-1",
    "traceId": "tr-1",
    "projectId": "p1",
    "parentObservationId": None,
    "type": "GENERATION",
    "name": "answer",
    "level": "DEFAULT",
    "statusMessage": None,
    "environment": "production",
    "startTime": "2026-03-10T01:25:52.100Z",
    "endTime": "2026-03-10T01:25:54.600Z",
    "completionStartTime": "2026-03-10T01:25:52.400Z",
    "model": "gpt-4o-2024-08-06",
    "modelParameters": {"temperature": 0.2},
    "usageDetails": {"input": 86, "input_cached_tokens": 1920, "output": 300, "total": 2306},
    "costDetails": {"input": 0.0002, "input_cached_tokens": 0.0024, "output": 0.003, "total": 0.0056},
    "totalCost": 0.0056,
    "latency": 2500,
    "timeToFirstToken": 300,
    "traceName": "chat",
    "traceTags": ["prod"],
    "userId": "u1",
    "input": "…",
    "output": "…",
}
CALL: dict[str, Any] = {
    "created": datetime(2026, 3, 10, 1, 25, 52, 100000),
    "model": "gpt-4o-2024-08-06",
    "temperature": 0.2,
    "prompt_tokens": 2006,
    "completion_tokens": 300,
    "tokens": 2306,
    "cache_read_tokens": 1920,
    "time_to_first_token": 0.3,
    "duration": 2.5,
    "status": "ok",
    "user_id": "u1",
    "cost": 0.0056,
    "request_id": "obs-1",
}
#: The columns of the blob storage export.
SNAKE = {
    "id": "id",
    "traceId": "trace_id",
    "projectId": "project_id",
    "parentObservationId": "parent_observation_id",
    "type": "type",
    "level": "level",
    "statusMessage": "status_message",
    "startTime": "start_time",
    "endTime": "end_time",
    "completionStartTime": "completion_start_time",
    "model": "provided_model_name",
    "modelParameters": "model_parameters",
    "usageDetails": "usage_details",
    "costDetails": "cost_details",
    "totalCost": "total_cost",
    "latency": "latency",
    "userId": "user_id",
}
BLOB = {snake: OBSERVATION[camel] for camel, snake in SNAKE.items()}


@pytest.fixture
def load(tmp_path: Path) -> Log:
    """Write records as JSON Lines and load them."""

    def write(*records: Any) -> Loaded:
        path = tmp_path / "observations.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return load_logs(path)

    return write


@pytest.fixture
def one(load: Log) -> One:
    """Load `OBSERVATION` with changes, and answer its call."""

    def only(**changes: Any) -> dict[str, Any]:
        loaded = load(OBSERVATION | changes)
        assert not loaded.rejected
        (call,) = loaded.calls
        return call

    return only


def _write_csv(path: Path, *records: dict[str, Any]) -> None:
    """As Langfuse does: every cell in quotes, objects as JSON."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        for record in records:
            cells = {
                key: json.dumps(value) if isinstance(value, dict | list) else value for key, value in record.items()
            }
            writer.writerow({key: "null" if cell is None else cell for key, cell in cells.items()})


def test_an_observation_is_a_call(one: One) -> None:
    assert one() == CALL


def test_the_blob_export_is_the_same_in_snake_case(load: Log) -> None:
    plain = {"start_time": "2026-03-10 01:25:52.100", "end_time": "2026-03-10 01:25:54.600"}
    quoted = {"usage_details": {"input": "86", "input_cached_tokens": "1920", "output": "300", "total": "2306"}}
    first_token = {"completion_start_time": "2026-03-10 01:25:52.400"}
    assert load(BLOB).calls == [CALL]
    assert load(BLOB | plain | first_token | quoted).calls == [CALL]


def test_arrays_and_pages_of_the_api_are_read(tmp_path: Path) -> None:
    path = tmp_path / "observations.json"
    for document in ([OBSERVATION], {"data": [OBSERVATION], "meta": {"page": 1}}):
        path.write_text(json.dumps(document), encoding="utf-8")
        assert load_logs(path).calls == [CALL]


@pytest.mark.parametrize("record", [OBSERVATION, BLOB])
def test_a_csv_is_read(tmp_path: Path, record: dict[str, Any]) -> None:
    path = tmp_path / "observations.csv"
    span = record | {"id": "span", "type": "SPAN", "usageDetails" if record is OBSERVATION else "usage_details": {}}
    _write_csv(path, span, record)
    loaded = load_logs(path)
    assert loaded.calls == [CALL]
    assert loaded.files[0].audit.skipped == {"a span": 1}


def test_a_trace_gives_its_user_and_session_to_its_observations(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    observation = OBSERVATION | {"userId": None}
    trace = {"id": "tr-1", "projectId": "p1", "userId": "ann", "sessionId": "s-9", "observations": [observation]}
    for document in (trace, {"trace": trace, "observations": [observation]}):
        path.write_text(json.dumps(document, indent=2), encoding="utf-8")
        assert load_logs(path).calls == [CALL | {"user_id": "ann", "session_id": "s-9"}]


def test_only_generations_and_embeddings_are_calls(load: Log) -> None:
    kinds = ("SPAN", "EVENT", "AGENT", "TOOL", "CHAIN", "RETRIEVER", "EVALUATOR", "GUARDRAIL", "NEW", "EMBEDDING")
    loaded = load(*(OBSERVATION | {"id": kind, "type": kind} for kind in kinds))
    (call,) = loaded.calls
    assert (call["request_id"], call["request_type"]) == ("EMBEDDING", "embeddings")
    assert loaded.files[0].audit.skipped == {
        "a span": 1,
        "an event": 1,
        "an agent's span": 1,
        "a tool's span": 1,
        "a chain's span": 1,
        "a retriever's span": 1,
        "an evaluator's span": 1,
        "a guardrail's span": 1,
        "an observation of another kind": 1,
    }


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        # parts apart: 100 + 900 + 40, 50 + 30
        (
            {"input": 100, "input_cached_tokens": 900, "input_cache_creation": 40, "output": 50}
            | {"output_reasoning_tokens": 30, "total": 1120},
            (1040, 80, 900, 40, 30),
        ),
        # parts within: the total is input and output
        (
            {"input": 1000, "input_cache_read": 900, "output": 80, "output_reasoning": 30, "total": 1080},
            (1000, 80, 900, None, 30),
        ),
        # the cache apart, reasoning within
        (
            {"input": 100, "cache_read_input_tokens": 900, "output": 80, "output_reasoning": 30, "total": 1080},
            (1000, 80, 900, None, 30),
        ),
        # the cache within, reasoning apart
        (
            {"input": 1000, "input_cached_tokens": 900, "output": 50, "output_reasoning": 30, "total": 1080},
            (1000, 80, 900, None, 30),
        ),
        # no total: as Langfuse means it
        (
            {"input": 100, "input_cached_tokens": 900, "output": 50, "output_reasoning_tokens": 30},
            (1000, 80, 900, None, 30),
        ),
        # what was said and heard is apart, too
        (
            {"input": 10, "input_audio_tokens": 90, "output": 5, "output_audio_tokens": 20, "total": 125},
            (100, 25, None, None, None),
        ),
        # caches for different times
        (
            {"input": 7, "input_cached_tokens": 16399, "input_cache_creation": 0, "input_cache_creation_5m": 2089}
            | {"input_cache_creation_1h": 11, "output": 445, "total": 18951},
            (18506, 445, 16399, 2100, None),
        ),
        # the names of OpenInference
        (
            {
                "input": 190,
                "prompt_details.cache_read": 128,
                "output": 164,
                "completion_details.reasoning": 64,
                "total": 354,
            },
            (190, 164, 128, None, 64),
        ),
        # something unknown is in the total
        ({"input": 10, "output": 5, "web_search": 2, "total": 17}, (10, 5, None, None, None)),
    ],
)
def test_the_total_tells_what_is_counted_apart(
    one: One, details: dict[str, int], expected: tuple[int | None, ...]
) -> None:
    call = one(usageDetails=details)
    columns = ("prompt_tokens", "completion_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
    assert tuple(call.get(column) for column in columns) == expected
    assert call["tokens"] == call["prompt_tokens"] + call["completion_tokens"]


def test_a_total_alone_is_kept(one: One) -> None:
    call = one(usageDetails={"total": 42})
    assert call["tokens"] == 42
    assert not {"prompt_tokens", "completion_tokens"} & set(call)


@pytest.mark.parametrize(
    "usage",
    [
        {"usage": {"input": 12, "output": 3, "total": 15, "unit": "TOKENS"}},
        {"promptTokens": 12, "completionTokens": 3, "totalTokens": 15},
        {"prompt_tokens": "12", "completion_tokens": "3", "total_tokens": "15", "unit": "TOKENS"},
        {"usage": {"promptTokens": 12, "completionTokens": 3, "totalTokens": 15}},
    ],
)
def test_older_versions_count_in_other_fields(one: One, usage: dict[str, Any]) -> None:
    call = one(usageDetails={}, **usage)
    assert (call["prompt_tokens"], call["completion_tokens"], call["tokens"]) == (12, 3, 15)


@pytest.mark.parametrize(
    "usage",
    [
        {"usage": {"input": 12, "output": 3, "total": 15, "unit": "CHARACTERS"}},
        {"promptTokens": 12, "completionTokens": 3, "unit": "SECONDS"},
        {"promptTokens": 0, "completionTokens": 0, "totalTokens": 0},
        {},
    ],
)
def test_characters_and_the_zeros_of_what_was_not_counted_are_no_tokens(one: One, usage: dict[str, Any]) -> None:
    assert not {"prompt_tokens", "completion_tokens", "tokens"} & set(one(usageDetails={}, **usage))


def test_latency_in_whatever_unit_is_never_read(one: One) -> None:
    call = one(endTime=None, completionStartTime=None)
    assert not {"duration", "time_to_first_token"} & set(call)
    assert one(latency="slow", timeToFirstToken=-1) == CALL


def test_the_time_to_the_first_token_is_unknown_where_it_is_the_end(one: One) -> None:
    assert "time_to_first_token" not in one(completionStartTime=OBSERVATION["endTime"])


def test_a_failed_call_has_its_reason_and_no_zeros(one: One) -> None:
    call = one(level="ERROR", statusMessage="429: slow down", usageDetails={"input": 0, "output": 0, "total": 0})
    assert (call["status"], call["error"]) == ("error", "429: slow down")
    assert "prompt_tokens" not in call


def test_a_warning_is_no_failure(one: One) -> None:
    call = one(level="WARNING", statusMessage="odd")
    assert call["status"] == "ok"
    assert "error" not in call


def test_where_no_level_is_told_nothing_is_known_of_success(one: One) -> None:
    assert "status" not in one(level=None)


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ({"costDetails": {"total": 0.25}, "totalCost": 0.5}, 0.25),
        ({"costDetails": None, "totalCost": "0.5"}, 0.5),
        ({"costDetails": None, "totalCost": None, "calculatedTotalCost": 0.75}, 0.75),
        ({"costDetails": {"input": 0.25, "output": 0.5}, "totalCost": None}, 0.75),
        ({"costDetails": {"input": 0, "output": 0, "total": 0}, "totalCost": 0}, 0.0),
        ({"costDetails": {}, "totalCost": 0}, None),
        ({"costDetails": None, "totalCost": 0}, None),
    ],
)
def test_a_cost_that_was_never_reckoned_is_not_0(one: One, costs: dict[str, Any], expected: float | None) -> None:
    assert one(**costs).get("cost") == expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"temperature": "0.2", "max_tokens": "400", "stream": "false"}, (0.2, 400, False)),
        ('{"temperature": 1, "maxTokens": 9}', (1.0, 9, None)),
        ({"temperature": "warm", "max_tokens": "inf", "is_stream": True}, (None, None, True)),
        ({"temperature": None, "max_tokens": -1, "stream": 1}, (None, None, None)),
        ("…", (None, None, None)),
    ],
)
def test_parameters_are_texts_and_unknown_where_they_cannot_be_read(
    one: One, parameters: Any, expected: tuple[Any, ...]
) -> None:
    call = one(modelParameters=parameters)
    assert (call.get("temperature"), call.get("max_tokens"), call.get("stream")) == expected


@pytest.mark.parametrize(
    ("told", "provider", "request_type"),
    [
        ({"modelParameters": {"system": "openai.responses"}}, "openai", None),
        ({"modelParameters": {"system": "google.generative-ai"}}, "gcp.gemini", None),
        ({"metadata": {"ls_provider": "anthropic", "ls_model_type": "chat"}}, "anthropic", "chat"),
        ({"metadata": '{"attributes": {"llm.provider": "OpenAI"}}'}, "openai", None),
        (
            {"metadata": {"attributes": '{"gen_ai.system": "aws.bedrock", "gen_ai.operation.name": "chat"}'}},
            "aws.bedrock",
            "chat",
        ),
        ({"metadata": "…"}, None, None),
    ],
)
def test_the_framework_may_tell_the_provider(
    one: One, told: dict[str, Any], provider: str | None, request_type: str | None
) -> None:
    call = one(**told)
    assert (call.get("provider"), call.get("request_type")) == (provider, request_type)


OUTER = OBSERVATION | {"id": "outer", "usageDetails": {"input": 14, "output": 43, "total": 57}}
INNER = OBSERVATION | {"id": "inner", "parentObservationId": "outer", "usageDetails": {"input": 62, "output": 85}}


@pytest.mark.parametrize("records", [(OUTER, INNER), (INNER, OUTER)])
def test_of_a_generation_around_another_one_only_the_inner_one_counts(
    load: Log, records: tuple[dict[str, Any], ...]
) -> None:
    for loaded in (load(*records), load({"trace": {"id": "tr-1"}, "observations": list(records)})):
        assert [call["request_id"] for call in loaded.calls] == ["inner"]
        assert loaded.files[0].audit.skipped == {"a generation around another one": 1}


def test_a_generation_whose_tool_makes_a_call_is_a_call(load: Log) -> None:
    tool = OBSERVATION | {"id": "tool", "type": "TOOL", "parentObservationId": "outer"}
    assert len(load(OUTER, tool, INNER | {"parentObservationId": "tool"}).calls) == 2


def test_generations_that_wait_on_disk_are_all_loaded(load: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(langfuse, "_MOST_IN_MEMORY", 3)
    loaded = load(OUTER, *(OBSERVATION | {"id": str(number)} for number in range(10)), INNER)
    assert {call["request_id"] for call in loaded.calls} == {*map(str, range(10)), "inner"}


def test_an_observation_twice_is_one_call(load: Log) -> None:
    loaded = load(OBSERVATION, OBSERVATION)
    assert (len(loaded.calls), loaded.files[0].merged) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"usageDetails": {"input": "many"}}, "usageDetails.input"),
        ({"usageDetails": {"input": -1}}, "usageDetails.input"),
        ({"totalCost": [], "costDetails": {}}, "totalCost"),
        ({"startTime": "yesterday"}, "created"),
        ({"model": 7}, "model"),
        ({"id": {"a": 1}}, "request_id"),
        ({"type": None}, "type"),
    ],
)
def test_what_cannot_be_read_is_rejected_where_it_stands(load: Log, changes: dict[str, Any], field: str) -> None:
    loaded = load(OBSERVATION, OBSERVATION | {"id": "b"} | changes, OBSERVATION | {"id": "c"})
    assert [call["request_id"] for call in loaded.calls] == ["c", "obs-1"]
    assert [(rejected.line, rejected.field) for rejected in loaded.rejected] == [(2, field)]


def test_a_trace_without_its_observations_is_no_call(load: Log) -> None:
    trace = {"id": "tr-2", "projectId": "p1", "observations": ["obs-7"]}
    loaded = load({"id": "tr-1", "observations": [OBSERVATION, 7]}, trace)
    assert loaded.calls == [CALL]
    assert loaded.files[0].audit.skipped == {"a trace without its observations": 1}
    assert loaded.files[0].rejected == 1


@pytest.mark.parametrize(
    "record",
    [
        {"id": "a", "type": "generation", "traceId": "t", "startTime": "2026-03-10"},
        {"id": "a", "type": "GENERATION", "created": 1, "model": "gpt-4o", "usage": {}},
        {"trace_id": "t", "spans": [{"name": "chat"}]},
        {"observations": [1, 2]},
    ],
)
def test_other_logs_are_not_taken(record: dict[str, Any]) -> None:
    assert not LANGFUSE.recognises([record])


#: By hand from each file: its generations without those that are the parent of another one.
REAL = {
    # two calls, each seen by two instrumentations; the outer ones have estimates (1,568 / 423 and 542 / 235)
    "agno-2025-06-11": (2, 163 + 663, 20 + 225, 3.645e-05 + 0.000234449999, 4),
    "crewai-2025-07-11": (1, 190, 164, 0.0001269, 5),
    "langgraph-python-2025-08-22": (2, 60 + 108, 15 + 51, 7.5e-05 + 0.000159, 7),
    "openai-agents-2025-09-30": (2, 85 + 55, 29 + 15, 0.000402 + 0.00023, 3),
    # `ai.generateText` is around `doGenerate`: 14 / 43 are an estimate, its own metadata say 62 / 85
    "vercel-aisdk-2025-11-17": (1, 62, 85, 0.000927499999, 2),
}


@pytest.mark.parametrize("name", REAL)
def test_the_real_logs(real_logs: Path, name: str) -> None:
    calls, prompt, completion, cost, skipped = REAL[name]
    loaded = load_logs(real_logs / "langfuse" / f"{name}.trace.json")
    assert len(loaded.calls) == calls
    assert sum(call["prompt_tokens"] for call in loaded.calls) == prompt
    assert sum(call["completion_tokens"] for call in loaded.calls) == completion
    assert sum(call["cost"] for call in loaded.calls) == pytest.approx(cost, rel=1e-12)
    assert {call["status"] for call in loaded.calls} == {"ok"}
    assert not any("time_to_first_token" in call for call in loaded.calls)
    assert loaded.files[0].skipped == skipped
    assert not loaded.rejected


def test_the_example(request: pytest.FixtureRequest) -> None:
    loaded = load_logs(request.config.rootpath / "examples" / "langfuse" / "observations.json")
    assert len(loaded.calls) == 6
    assert sum(call.get("tokens", 0) for call in loaded.calls) == 7075
    assert [call["error"] for call in loaded.calls if call["status"] == "error"] == ["429: too many requests"]
    assert loaded.files[0].audit.skipped == {"a generation around another one": 1, "a span": 1, "a tool's span": 1}


def test_of_two_names_for_one_count_the_first_known_is_right_in_any_order(one: One) -> None:
    details = {"prompt_tokens": 12, "input_tokens": 10, "completion_tokens": 7, "output_tokens": 5}
    for usage in (details, dict(reversed(details.items()))):
        call = one(usageDetails=usage)
        assert (call["prompt_tokens"], call["completion_tokens"]) == (10, 5)
    assert one(usageDetails={"prompt_tokens": 12, "input": 9, "output": 1})["prompt_tokens"] == 9
