"""What `llm logs --json` prints: each plugin's own details of tokens, and what was never measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from logreport.sources.llm import LLM
from logreport.testing import Loaded, load_logs

Log = Callable[..., Loaded]
CALL: dict[str, Any] = {
    "id": "01jm8ec74wxsdatyn5pq1fp0s5",
    "model": "anthropic/claude-3-haiku-20240307",
    "prompt": "…",
    "system": None,
    "prompt_json": None,
    "options_json": {"temperature": 0.2},
    "response": "…",
    "conversation_id": "01jm8ec74taftdgj2t4zra9z0j",
    "duration_ms": 560,
    "datetime_utc": "2025-02-16T22:34:30.374882+00:00",
    "input_tokens": 8,
    "output_tokens": 12,
    "token_details": None,
    "conversation_name": "…",
    "conversation_model": "anthropic/claude-3-haiku-20240307",
    "attachments": [],
}


@pytest.fixture
def load(tmp_path: Path) -> Log:
    """Write an array of records, each `CALL` with changes, and load it."""

    def written(*changes: dict[str, Any]) -> Loaded:
        path = tmp_path / "logs.json"
        path.write_text(json.dumps([CALL | change for change in changes], indent=2), encoding="utf-8")
        return load_logs(path)

    return written


def test_a_response_is_a_call_that_began_when_the_log_says(load: Log):
    (call,) = load({}).calls
    assert call == {
        "created": datetime(2025, 2, 16, 22, 34, 30, 374882),
        "model": "anthropic/claude-3-haiku-20240307",
        "temperature": 0.2,
        "prompt_tokens": 8,
        "completion_tokens": 12,
        "tokens": 20,
        "duration": 0.56,
        "session_id": "01jm8ec74taftdgj2t4zra9z0j",
        "request_id": "01jm8ec74wxsdatyn5pq1fp0s5",
    }


def test_nothing_tells_of_failures_so_there_is_no_status(load: Log):
    (call,) = load({"response": ""}).calls
    assert "status" not in call


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize(
    "details",
    [
        {"prompt_tokens_details": {"cached_tokens": 1024}, "completion_tokens_details": {"reasoning_tokens": 64}},
        {"input_tokens_details": {"cached_tokens": 1024}, "output_tokens_details": {"reasoning_tokens": 64}},
        {"cachedContentTokenCount": 1024, "candidatesTokenCount": 23, "thoughtsTokenCount": 64},
    ],
)
def test_details_of_openai_and_gemini_are_parts_of_the_two_counts(load: Log, details: dict[str, Any], text: bool):
    given = json.dumps(details) if text else details
    (call,) = load({"input_tokens": 1036, "output_tokens": 87, "token_details": given}).calls
    assert (call["prompt_tokens"], call["completion_tokens"], call["tokens"]) == (1036, 87, 1123)
    assert (call["cache_read_tokens"], call["reasoning_tokens"]) == (1024, 64)


@pytest.mark.parametrize(
    ("details", "prompt"),
    [
        ({"cache_creation_input_tokens": 188, "cache_read_input_tokens": 18200, "service_tier": "standard"}, 18409),
        ({"cache_creation_input_tokens": 5, "cache_read_input_tokens": 0}, 26),
        ({"cache_creation_input_tokens": None, "cache_read_input_tokens": 9}, 30),
    ],
)
def test_details_of_anthropic_come_on_top_of_the_prompt(load: Log, details: dict[str, Any], prompt: int):
    (call,) = load({"input_tokens": 21, "output_tokens": 393, "token_details": json.dumps(details)}).calls
    assert (call["prompt_tokens"], call["tokens"]) == (prompt, prompt + 393)
    assert call.get("service_tier") == details.get("service_tier")


def test_details_without_zeros_leave_unknown_what_they_do_not_have(load: Log):
    (call,) = load({"token_details": "{}"}).calls
    assert not {"cache_read_tokens", "cache_write_tokens", "reasoning_tokens"} & call.keys()


@pytest.mark.parametrize("count", [None, 0])
def test_tokens_that_were_never_counted_are_unknown(load: Log, count: int | None):
    (call,) = load({"input_tokens": count, "output_tokens": count}).calls
    assert not [column for column in call if column.endswith("tokens")]


def test_one_count_that_is_known_is_kept(load: Log):
    (call,) = load({"output_tokens": 0}).calls
    assert (call["prompt_tokens"], call["completion_tokens"]) == (8, 0)


@pytest.mark.parametrize("duration", [0, -1739745270374, None])
def test_a_duration_that_was_never_measured_is_unknown(load: Log, duration: int | None):
    loaded = load({"duration_ms": duration})
    assert "duration" not in loaded.calls[0]
    assert not loaded.rejected


@pytest.mark.parametrize("resolved", ["claude-3-haiku-20240307", None, ""])
def test_the_resolved_model_goes_before_the_one_asked_for(load: Log, resolved: str | None):
    (call,) = load({"resolved_model": resolved}).calls
    assert call["model"] == (resolved or "anthropic/claude-3-haiku-20240307")


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ('{"max_tokens": 500}', 500),
        ({"max_output_tokens": 500}, 500),
        ({"num_predict": 500}, 500),
        (None, None),
        ("{}", None),
        ("[", None),
    ],
)
def test_options_are_an_object_a_text_or_nothing(load: Log, options: Any, most: int | None):
    (call,) = load({"options_json": options}).calls
    assert call.get("max_tokens") == most


@pytest.mark.parametrize(
    "answer",
    [
        {"finish_reason": "stop"},
        '{"stop_reason": "stop"}',
        {"candidates": [{"finishReason": "stop", "index": 0}]},
    ],
)
def test_newer_logs_have_the_answer_with_its_end(load: Log, answer: Any):
    (call,) = load({"response_json": answer}).calls
    assert call["finish_reason"] == "stop"


def test_a_response_printed_twice_is_one_call(load: Log):
    loaded = load({}, {}, {"id": "01jm8ec74wxsdatyn5pq1fp0s6"})
    assert len(loaded.calls) == 2
    assert loaded.files[0].merged == 1


def test_numbers_of_old_logs_name_no_call_in_the_world(load: Log):
    loaded = load({"id": 7}, {"id": 7})
    assert len(loaded.calls) == 2
    assert "request_id" not in loaded.calls[0]


def test_a_time_that_is_missing_or_strange(load: Log):
    loaded = load({"datetime_utc": ""}, {"id": "x", "datetime_utc": "yesterday"})
    assert "created" not in loaded.calls[0]
    assert [one.field for one in loaded.rejected] == ["created"]


def test_what_is_no_object_is_rejected(tmp_path: Path):
    path = tmp_path / "logs.json"
    path.write_text(json.dumps([CALL, 5]), encoding="utf-8")
    loaded = load_logs(path)
    assert len(loaded.calls) == 1
    assert [one.record for one in loaded.rejected] == [2]


def test_rows_of_the_database_as_csv_are_read_too(tmp_path: Path):
    path = tmp_path / "responses.csv"
    path.write_text(
        "id,model,options_json,conversation_id,duration_ms,datetime_utc,input_tokens,output_tokens,token_details\n"
        '01jm,gpt-4o,"{""temperature"": 0.5}",c1,1500,2025-02-16T22:34:30+00:00,10,0,\n'
        '01jn,gpt-4o,,c1,0,2025-02-16T22:34:31+00:00,10,2,"{""cachedContentTokenCount"": 4}"\n',
        encoding="utf-8",
    )
    first, second = load_logs(path).calls
    assert (first["temperature"], first["duration"], first["tokens"]) == (0.5, 1.5, 10)
    assert (second["cache_read_tokens"], second["tokens"]) == (4, 12)
    assert "duration" not in second


def test_the_example_has_five_calls():
    loaded = load_logs(Path(__file__).parents[2] / "examples" / "llm" / "logs.json")
    assert (loaded.files[0].source, len(loaded.calls)) == ("llm", 5)
    assert sum(call.get("tokens", 0) for call in loaded.calls) == 1223 + 18802 + 1088


def test_a_log_written_by_hand_is_not_recognised():
    assert not LLM.recognises([{"model": "m", "prompt": "…", "duration_ms": 5, "input_tokens": 1, "output_tokens": 1}])
