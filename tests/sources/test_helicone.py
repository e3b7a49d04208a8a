"""Helicone's export: what its zeros and negative statuses mean, in JSON, JSON Lines and CSV."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from logreport.sources.helicone import HELICONE
from logreport.testing import Loaded, load_logs

Log = Callable[..., Loaded]
CALL: dict[str, Any] = {
    "request_id": "b1f0",
    "request_created_at": "2026-03-10T01:25:52.100+00:00",
    "response_created_at": "2026-03-10T01:25:54.600+00:00",
    "response_status": 200,
    "request_model": "gpt-4o",
    "response_model": "gpt-4o-2024-08-06",
    "provider": "OPENAI",
    "request_user_id": "u1",
    "request_properties": {"Session": "s1", "env": "prod"},
    "delay_ms": 2500,
    "time_to_first_token": 300,
    "total_tokens": 2306,
    "prompt_tokens": 2006,
    "completion_tokens": 300,
    "prompt_cache_read_tokens": 1920,
    "prompt_cache_write_tokens": 0,
    "costUSD": 0.0056,
}
#: As the exporter's `writeCSVHeader` has it.
HEADER = (
    "response_id,response_created_at,response_status,request_created_at,request_body,request_properties,"
    "request_user_id,model,prompt_tokens,completion_tokens,latency,cost\n"
)


@pytest.fixture
def load(tmp_path: Path) -> Log:
    """Write records as JSON Lines, each `CALL` with changes, and load them."""

    def written(*changes: dict[str, Any]) -> Loaded:
        path = tmp_path / "output.jsonl"
        path.write_text("".join(json.dumps(CALL | change) + "\n" for change in changes), encoding="utf-8")
        return load_logs(path)

    return written


def test_a_call_is_loaded_with_every_column_in_our_units(load: Log):
    (call,) = load({}).calls
    assert call == {
        "created": datetime(2026, 3, 10, 1, 25, 52, 100000),
        "model": "gpt-4o-2024-08-06",
        "provider": "openai",
        "prompt_tokens": 2006,
        "completion_tokens": 300,
        "tokens": 2306,
        "cache_read_tokens": 1920,
        "cache_write_tokens": 0,
        "time_to_first_token": 0.3,
        "duration": 2.5,
        "status": "ok",
        "user_id": "u1",
        "session_id": "s1",
        "cost": 0.0056,
        "request_id": "b1f0",
    }


@pytest.mark.parametrize(
    ("status", "outcome", "error"),
    [
        (-1, "error", "timeout"),
        (-3, "error", "cancelled"),
        (-4, "error", "threat"),
        (429, "error", "HTTP 429"),
        ("503", "error", "HTTP 503"),
        (201, "ok", None),
        (0, None, None),
        (None, None, None),
    ],
)
def test_a_status_is_http_or_helicones_own(load: Log, status: Any, outcome: str | None, error: str | None):
    (call,) = load({"response_status": status}).calls
    assert (call.get("status"), call.get("error")) == (outcome, error)


def test_a_pending_request_is_no_finished_call(load: Log):
    loaded = load({}, {"request_id": "b1f1", "response_status": -2})
    assert len(loaded.calls) == 1
    assert loaded.files[0].audit.skipped == {"a pending request": 1}


def test_the_body_of_a_failed_answer_says_what_went_wrong(load: Log):
    (call,) = load({"response_status": 500, "response_body": {"error": {"message": "overloaded"}}}).calls
    assert call["error"] == "overloaded"


@pytest.mark.parametrize("first", [0, 2500, None, "0"])
def test_no_first_token_was_measured_where_nothing_was_streamed(load: Log, first: Any):
    (call,) = load({"time_to_first_token": first}).calls
    assert "time_to_first_token" not in call
    assert call["duration"] == 2.5


def test_a_streamed_answer_may_have_come_at_once(load: Log):
    (call,) = load({"time_to_first_token": 2500, "request_body": {"stream": True}}).calls
    assert call["time_to_first_token"] == 2.5
    assert call["stream"] is True


def test_without_a_delay_the_two_times_tell_the_duration(load: Log):
    (call,) = load({"delay_ms": None}).calls
    assert call["duration"] == 2.5


def test_a_time_of_the_database_is_utc_in_every_zone(tmp_path: Path):
    path = tmp_path / "output.jsonl"
    path.write_text(json.dumps(CALL | {"request_created_at": "2026-03-10 01:25:52.100"}), encoding="utf-8")
    (call,) = load_logs(path, zone="America/New_York").calls
    assert call["created"] == datetime(2026, 3, 10, 1, 25, 52, 100000)


@pytest.mark.parametrize("provider", ["ANTHROPIC", "anthropic", "BEDROCK", "AWS"])
def test_prompt_tokens_of_anthropic_do_not_hold_those_of_the_cache(load: Log, provider: str):
    counts = {"prompt_tokens": 500, "completion_tokens": 40, "total_tokens": 540}
    cached = {"prompt_cache_read_tokens": 200, "prompt_cache_write_tokens": 10}
    (call,) = load({"provider": provider, **counts, **cached}).calls
    assert (call["prompt_tokens"], call["tokens"]) == (710, 750)


def test_more_cached_than_sent_means_that_the_cache_is_counted_apart(load: Log):
    (call,) = load({"prompt_tokens": 86, "total_tokens": 386}).calls
    assert (call["prompt_tokens"], call["tokens"]) == (2006, 2306)


def test_tokens_that_nobody_counted_are_unknown_and_so_is_their_cost(load: Log):
    zeros = dict.fromkeys([key for key in CALL if key.endswith("_tokens")], 0)
    (call,) = load({**zeros, "costUSD": 0}).calls
    assert call["status"] == "ok"
    assert not [column for column in call if column.endswith("tokens") or column == "cost"]


def test_an_answer_from_helicones_cache_cost_nothing(load: Log):
    zeros = dict.fromkeys([key for key in CALL if key.endswith("_tokens")], 0)
    (call,) = load({**zeros, "costUSD": 0, "cache_reference_id": "3f1b9a54-0000-4000-8000-000000000001"}).calls
    assert call["cost"] == 0.0
    assert "prompt_tokens" not in call


def test_reasoning_that_has_a_count_of_its_own_is_not_among_the_completion_tokens(load: Log):
    (call,) = load({"reasoning_tokens": 64}).calls
    assert (call["completion_tokens"], call["reasoning_tokens"], call["tokens"]) == (364, 64, 2370)


@pytest.mark.parametrize("text", [False, True])
def test_bodies_may_be_objects_or_texts(load: Log, text: bool):
    asked = {"messages": [], "temperature": 0.2, "max_completion_tokens": 99, "stream": False}
    usage = {"completion_tokens_details": {"reasoning_tokens": 64}}
    answered = {"choices": [{"finish_reason": "length"}], "service_tier": "flex", "usage": usage}
    (call,) = load(
        {
            "request_body": json.dumps(asked) if text else asked,
            "response_body": json.dumps(answered) if text else answered,
        }
    ).calls
    assert (call["temperature"], call["max_tokens"], call["stream"]) == (0.2, 99, False)
    assert (call["finish_reason"], call["service_tier"], call["reasoning_tokens"]) == ("length", "flex", 64)
    assert call["completion_tokens"] == 300


def test_a_body_that_is_only_text_tells_nothing(load: Log):
    (call,) = load({"request_body": "{not json", "response_body": "an answer"}).calls
    assert call["tokens"] == 2306
    assert "temperature" not in call


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("AZURE", "azure.ai.openai"),
        ("GOOGLE", "gcp.gen_ai"),
        ("vertex", "gcp.vertex_ai"),
        ("X", "x_ai"),
        ("MISTRAL", "mistral_ai"),
        ("GROQ", "groq"),
        ("CUSTOM", None),
        ("", None),
        (7, None),
    ],
)
def test_providers_have_the_names_of_opentelemetry(load: Log, theirs: Any, ours: str | None):
    (call,) = load({"provider": theirs}).calls
    assert call.get("provider") == ours


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("https://oai.helicone.ai/v1/chat/completions", "chat"),
        ("/v1/completions?x=1", "text_completion"),
        ("/v1/messages", "chat"),
        ("/v1/images/generations", None),
    ],
)
def test_the_path_tells_the_kind_of_request(load: Log, path: str, kind: str | None):
    (call,) = load({"request_path": path}).calls
    assert call.get("request_type") == kind


def test_embeddings_have_no_completion(load: Log):
    counts = {"prompt_tokens": 812, "completion_tokens": 0, "total_tokens": 812, "prompt_cache_read_tokens": 0}
    (call,) = load({"request_path": "/v1/embeddings", **counts}).calls
    assert (call["request_type"], call["tokens"]) == ("embeddings", 812)
    assert "completion_tokens" not in call


@pytest.mark.parametrize(
    ("models", "model"),
    [
        ({"response_model": ""}, "gpt-4o"),
        ({"response_model": None, "request_model": None, "model": "m", "model_override": "o"}, "m"),
        ({"response_model": None, "request_model": None, "model_override": "o"}, "o"),
    ],
)
def test_the_model_that_answered_goes_before_the_one_asked_for(load: Log, models: dict[str, Any], model: str):
    (call,) = load(models).calls
    assert call["model"] == model


@pytest.mark.parametrize(
    "properties",
    [
        {"Helicone-Session-Id": "s1"},
        {"Session": "s1"},
        '{"Session": "s1"}',
        '{""Helicone-Session-Id"":""s1"",""a"":""""}',
    ],
)
def test_a_session_is_found_in_properties_of_every_form(load: Log, properties: Any):
    (call,) = load({"request_properties": properties}).calls
    assert call["session_id"] == "s1"


@pytest.mark.parametrize("user", ["undefined", "null", "", None])
def test_a_user_who_is_not_known_is_none(load: Log, user: str | None):
    (call,) = load({"request_user_id": user}).calls
    assert "user_id" not in call


@pytest.mark.parametrize(("key", "cost"), [("cost", 0.5), ("costUSD", 0.5), ("cost_usd", "0.5")])
def test_the_cost_has_three_names(load: Log, key: str, cost: Any):
    (call,) = load({"costUSD": None, key: cost}).calls
    assert call["cost"] == 0.5


def test_a_request_exported_twice_is_one_call(load: Log):
    loaded = load({}, {}, {"request_id": "b1f1"})
    assert len(loaded.calls) == 2
    assert loaded.files[0].merged == 1


def test_a_record_that_is_no_object_or_has_no_number_is_rejected_with_its_reason(tmp_path: Path):
    path = tmp_path / "output.jsonl"
    lines = [json.dumps(CALL), "[1]", json.dumps(CALL | {"request_id": "x", "delay_ms": "soon"}), json.dumps(CALL)]
    path.write_text("\n".join(lines), encoding="utf-8")
    loaded = load_logs(path)
    assert len(loaded.calls) == 1
    assert [(one.line, one.field) for one in loaded.rejected] == [(2, None), (3, "duration")]


def test_a_csv_has_the_two_times_an_empty_latency_and_properties_quoted_twice(tmp_path: Path):
    path = tmp_path / "output.csv"
    properties = '"{""""Helicone-Session-Id"""":""""s1""""}"'
    path.write_text(
        HEADER
        + f'"r1","2026-03-10T01:25:54.600+00:00","200","2026-03-10T01:25:52.100+00:00",,{properties},"u1","gpt-4o",'
        + '"2006","300",,"0.0056"\n'
        + '"r2","2026-03-10T01:26:01.000+00:00","-1","2026-03-10T01:26:00.000+00:00",,,,"gpt-4o","0","0",,"0"\n'
        + '"r3",,"-2","2026-03-10T01:27:00.000+00:00",,,,"gpt-4o",,,,\n',
        encoding="utf-8",
    )
    loaded = load_logs(path)
    first, second = loaded.calls
    assert first == {
        "created": datetime(2026, 3, 10, 1, 25, 52, 100000),
        "model": "gpt-4o",
        "prompt_tokens": 2006,
        "completion_tokens": 300,
        "tokens": 2306,
        "duration": 2.5,
        "status": "ok",
        "user_id": "u1",
        "session_id": "s1",
        "cost": 0.0056,
        "request_id": "r1",
    }
    assert second == {
        "created": datetime(2026, 3, 10, 1, 26),
        "model": "gpt-4o",
        "duration": 1.0,
        "status": "error",
        "error": "timeout",
        "request_id": "r2",
    }
    assert loaded.files[0].audit.skipped == {"a pending request": 1}


def test_a_json_export_ends_with_a_comma(tmp_path: Path):
    path = tmp_path / "output.json"
    path.write_text("[\n" + json.dumps(CALL, indent=2) + ",\n]\n", encoding="utf-8")
    loaded = load_logs(path)
    assert len(loaded.calls) == 1
    assert not loaded.rejected


def test_an_answer_of_the_api_is_an_export_too(tmp_path: Path):
    path = tmp_path / "requests.json"
    path.write_text(json.dumps({"data": [CALL], "error": None}), encoding="utf-8")
    (call,) = load_logs(path).calls
    assert call["tokens"] == 2306


def test_the_example_has_six_calls_a_pending_one_and_a_repeat():
    loaded = load_logs(Path(__file__).parents[2] / "examples" / "helicone" / "output.json")
    assert loaded.files[0].source == "helicone"
    assert (len(loaded.calls), loaded.files[0].skipped, loaded.files[0].merged) == (6, 1, 1)
    assert sum(call.get("tokens", 0) for call in loaded.calls) == 2306 + 18802 + 812


def test_a_log_written_by_hand_is_not_recognised():
    assert not HELICONE.recognises([{"created": 1, "model": "gpt-4o", "usage": {"prompt_tokens": 1}, "status": 200}])
    assert not HELICONE.recognises([{"request_id": "x", "request_model": "m", "delay_ms": 3, "cost": 0.1}])
