"""Logs that people roll by hand: the usual names at any depth, counted right, or a sentence that says what is missing."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from logreport import Field
from logreport.testing import Loaded, load_logs


def load(folder: Path, *records: Any, name: str = "log.jsonl", **how: Any) -> Loaded:
    log = folder / name
    log.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return load_logs(log, **how)


def one(folder: Path, record: Any, **how: Any) -> dict[str, Any]:
    loaded = load(folder, record, **how)
    assert [file.error for file in loaded.files] == [""]
    (call,) = loaded.calls
    return call


TS = {"ts": "2025-01-01T00:00:00Z"}
MOMENT = datetime(2025, 1, 1)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 4}, (10, 4)),
        ({"input_tokens": 10, "output_tokens": 4}, (10, 4)),
        ({"in_tokens": 10, "out_tokens": 4}, (10, 4)),
        ({"tokensUsed": {"input": 10, "output": 4}}, (10, 4)),
        ({"tokens": {"prompt": 10, "completion": 4, "total": 14}}, (10, 4)),
        ({"ContextTokens": 10, "GeneratedTokens": 4}, (10, 4)),
        ({"Request tokens": "10", "Response tokens": "4"}, (10, 4)),
        ({"promptTokenCount": 10, "candidatesTokenCount": 4}, (10, 4)),
        ({"response": {"usage": {"prompt_tokens": 10, "completion_tokens": 4}}}, (10, 4)),
        ({"data": {"llm": {"metrics": {"numInputTokens": 10, "numOutputTokens": 4}}}}, (10, 4)),
        ({"gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 4}, (10, 4)),
        ({"usage-tokens-in": 10, "usage-tokens-out": 4}, (10, 4)),
        ({"prompt_eval_count": 10, "eval_count": 4}, (10, 4)),
        ({"tokens_in": 10.0, "tokens_out": 4.0}, (10, 4)),
        ({"llm": '{"prompt_tokens": 10, "completion_tokens": 4}'}, (10, 4)),
    ],
)
def test_tokens_are_found_under_the_names_that_people_give_them(
    tmp_path: Path, record: dict[str, Any], expected: tuple[int, int]
) -> None:
    call = one(tmp_path, TS | {"model": "m"} | record)
    assert (call["prompt_tokens"], call["completion_tokens"]) == expected
    assert call["model"] == "m"


DAYS = [
    ("2024-12-18", "16:40:40", datetime(2024, 12, 18, 16, 40, 40)),
    ("2024-12-18", "16:40:40.25", datetime(2024, 12, 18, 16, 40, 40, 250_000)),
    ("2024-12-18", "16:40", datetime(2024, 12, 18, 16, 40)),
    ("2024-12-18", "16:40:40+01:00", datetime(2024, 12, 18, 15, 40, 40)),
    ("2024-12-18", "16:40:40Z", datetime(2024, 12, 18, 16, 40, 40)),
]


@pytest.mark.parametrize(("date", "time", "moment"), DAYS)
def test_a_date_and_a_time_of_day_are_a_time(tmp_path: Path, date: str, time: str, moment: datetime) -> None:
    counts = {"model": "m", "prompt_tokens": 1, "completion_tokens": 2}
    assert one(tmp_path, {"date": date, "time": time, **counts})["created"] == moment
    assert one(tmp_path, {"at": {"Date": date, "Time": time}, **counts}, name="deep.jsonl")["created"] == moment
    said = load(
        tmp_path,
        {"d": date, "clock": time, **counts},
        name="said.jsonl",
        mapping={"created": Field("d", clock="clock")},
    )
    assert said.calls[0]["created"] == moment
    table = tmp_path / "table.csv"
    table.write_text(f"Date,Time,Model,Prompt tokens,Completion tokens\n{date},{time},m,1,2\n")
    assert load_logs(table).calls[0]["created"] == moment


def test_half_of_a_time_is_none_and_a_wrong_one_is_rejected(tmp_path: Path) -> None:
    counts = {"model": "m", "prompt_tokens": 1, "completion_tokens": 2}
    days = [{"date": "2024-12-18", "time": "16:40:40"}, {"date": "2024-12-18"}, {"time": "16:40"}]
    loaded = load(tmp_path, *({**day, **counts} for day in days), zone="Europe/Berlin")
    moments = [call.get("created") for call in loaded.calls]
    assert sorted(moments, key=str) == [datetime(2024, 12, 18, 15, 40, 40), None, None]
    days.append({"date": "2024-12-18", "time": "25:40:40"})
    loaded = load(
        tmp_path,
        *({**day, **counts} for day in days),
        name="wrong.jsonl",
        mapping={"created": Field("date", clock="time")},
    )
    assert len(loaded.calls) == 3
    (rejected,) = loaded.files[0].rejections
    assert (rejected.line, rejected.field) == (4, "date")
    assert rejected.reason.startswith("is not a time like 2024-12-18 16:40:40")


@pytest.mark.parametrize(
    ("field", "value", "seconds"),
    [
        ("latency_ms", 1500, 1.5),
        ("duration_s", 1.5, 1.5),
        ("elapsed_seconds", 1.5, 1.5),
        ("durationMs", 350, 0.35),
        ("Latency (ms)", 350, 0.35),
        ("latency_us", 350_000, 0.35),
        ("request_duration_ns", 350_000_000, 0.35),
        ("response_time_in_ms", 350, 0.35),
        ("duration_minutes", 2, 120.0),
        ("latency", 0.834, 0.834),
        ("latency", 1834, 1.834),
        ("duration", 12.5, 12.5),
    ],
)
def test_a_duration_has_the_unit_of_its_name_or_the_only_one_that_its_value_can_have(
    tmp_path: Path, field: str, value: float, seconds: float
) -> None:
    assert one(tmp_path, TS | {"model": "m", "tokens": 5, field: value})["duration"] == seconds


def test_a_duration_that_may_be_either_is_unknown_and_a_note_says_what_helps(tmp_path: Path) -> None:
    loaded = load(tmp_path, TS | {"model": "m", "tokens": 5, "latency": 42})
    assert "duration" not in loaded.calls[0]
    assert any("--map duration=latency:ms" in note for note in loaded.files[0].audit.notes)


@pytest.mark.parametrize(
    "value",
    [
        "2025-01-01T00:00:00Z",
        "2025-01-01 00:00:00",
        "2025-01-01T01:00:00.000000001+01:00",
        "2024-12-31T19:00:00-0500",
        1735689600,
        1735689600.0,
        "1735689600",
        1735689600000,
        1735689600000000,
        1735689600000000000,
        "Wed, 01 Jan 2025 00:00:00 GMT",
        "01/Jan/2025:00:00:00 +0000",
        "20250101T000000Z",
    ],
)
@pytest.mark.parametrize("field", ["timestamp", "created_at", "time", "@timestamp"])
def test_a_time_is_an_instant_however_it_is_written(tmp_path: Path, field: str, value: Any) -> None:
    assert one(tmp_path, {field: value, "model": "m", "tokens": 5})["created"] == MOMENT


def test_times_of_begin_and_end_and_first_token_make_durations(tmp_path: Path) -> None:
    call = one(
        tmp_path,
        {
            "start_time": "2025-01-01T00:00:00Z",
            "end_time": "2025-01-01T00:00:02.5Z",
            "first_token_at": 1735689600.25,
            "model": "m",
            "tokens": 5,
        },
    )
    assert (call["created"], call["duration"], call["time_to_first_token"]) == (MOMENT, 2.5, 0.25)


def test_offsets_may_differ_from_line_to_line(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        {"ts": "2025-01-01T00:00:00+02:00", "model": "a", "tokens": 1},
        {"ts": "2024-12-31T23:00:00Z", "model": "b", "tokens": 1},
        {"ts": "2024-12-31 17:30:00-05:00", "model": "c", "tokens": 1},
    )
    assert [call["model"] for call in loaded.calls] == ["a", "c", "b"]


def test_cached_tokens_of_openai_are_inside_and_those_of_anthropic_outside_of_the_prompt(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        {
            "ts": 1735689600,
            "model": "gpt",
            "usage": {
                "prompt_tokens": 100,
                "completion_tokens": 20,
                "total_tokens": 120,
                "prompt_tokens_details": {"cached_tokens": 40},
            },
        },
        {
            "ts": 1735689601,
            "model": "claude",
            "usage": {
                "input_tokens": 20,
                "output_tokens": 5,
                "cache_read_input_tokens": 15,
                "cache_creation_input_tokens": 10,
            },
        },
        {
            "ts": 1735689602,
            "model": "gemini",
            "usage": {
                "promptTokenCount": 500,
                "candidatesTokenCount": 50,
                "thoughtsTokenCount": 25,
                "totalTokenCount": 575,
            },
        },
    )
    counts = [(c["prompt_tokens"], c["completion_tokens"], c["tokens"]) for c in loaded.calls]
    assert counts == [(100, 20, 120), (45, 5, 50), (500, 75, 575)]
    assert [call.get("cache_read_tokens") for call in loaded.calls] == [40, 15, None]


def test_flat_counts_in_the_words_of_anthropic_are_outside_unless_the_total_says_otherwise(tmp_path: Path) -> None:
    flat = TS | {"model": "m", "input_tokens": 20, "output_tokens": 5, "cache_read_input_tokens": 15}
    assert one(tmp_path, flat)["prompt_tokens"] == 35
    assert one(tmp_path, flat | {"total_tokens": 25})["prompt_tokens"] == 20
    assert one(tmp_path, flat | {"total_tokens": 40})["prompt_tokens"] == 35


def test_more_cached_than_sent_means_apart(tmp_path: Path) -> None:
    call = one(tmp_path, TS | {"model": "m", "prompt_tokens": 20, "cached_tokens": 1000, "completion_tokens": 5})
    assert (call["prompt_tokens"], call["tokens"]) == (1020, 1025)


def test_a_failed_call_has_no_zeros(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        TS | {"model": "m", "tokens_in": 10, "tokens_out": 4, "ttft_ms": 120, "error": None},
        TS
        | {
            "model": "m",
            "tokens_in": 0,
            "tokens_out": 0,
            "ttft_ms": 0,
            "error": {"code": 429, "message": "slow down\nplease"},
        },
    )
    good, bad = sorted(loaded.calls, key=lambda call: call["status"], reverse=True)
    assert good == {
        "created": MOMENT,
        "model": "m",
        "prompt_tokens": 10,
        "completion_tokens": 4,
        "tokens": 14,
        "time_to_first_token": 0.12,
        "status": "ok",
    }
    assert bad == {"created": MOMENT, "model": "m", "status": "error", "error": "slow down"}


def test_an_error_that_comes_late_in_the_log_is_an_error(tmp_path: Path) -> None:
    records = [{"ts": 1735689600 + n, "model": "m", "prompt_tokens": 3, "completion_tokens": 4} for n in range(1200)]
    late = {"ts": 1735699999, "model": "m", "prompt_tokens": 0, "completion_tokens": 0, "error": "boom"}
    loaded = load(tmp_path, *records, late)
    assert len(loaded.calls) == 1201
    late_call = loaded.calls[-1]
    assert (late_call["status"], late_call["error"]) == ("error", "boom")
    assert "prompt_tokens" not in late_call
    assert "status" not in loaded.calls[0]


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("status", "success", "ok"),
        ("status", "FAILED", "error"),
        ("status_code", 200, "ok"),
        ("status_code", 503, "error"),
        ("success", False, "error"),
        ("ok", True, "ok"),
        ("outcome", "timeout", "error"),
    ],
)
def test_how_a_call_went_is_understood(tmp_path: Path, field: str, value: Any, status: str) -> None:
    assert one(tmp_path, TS | {"model": "m", "tokens": 5, field: value})["status"] == status


def test_snapshots_of_one_call_are_one_call(tmp_path: Path) -> None:
    snapshots = [
        {
            "ts": f"2025-01-01T00:00:0{n}Z",
            "request_id": "r-1",
            "model": "m",
            "prompt_tokens": 100,
            "completion_tokens": c,
        }
        for n, c in enumerate((5, 50, 80))
    ]
    loaded = load(tmp_path, *snapshots)
    (call,) = loaded.calls
    assert (call["created"], call["completion_tokens"]) == (MOMENT, 80)
    assert loaded.files[0].merged == 2


def test_an_id_of_a_users_request_names_several_calls(tmp_path: Path) -> None:
    calls = [
        {
            "ts": f"2025-01-01T00:00:0{n}Z",
            "request_id": "web-1",
            "model": "m",
            "input_tokens": 100 * n,
            "output_tokens": 9,
        }
        for n in range(1, 5)
    ]
    assert len(load(tmp_path, *calls).calls) == 4


def test_retries_are_calls(tmp_path: Path) -> None:
    failed = {"request_id": "r-1", "model": "m", "prompt_tokens": 0, "completion_tokens": 0, "status": "error"}
    loaded = load(
        tmp_path,
        {"ts": "2025-01-01T00:00:00Z", **failed},
        {"ts": "2025-01-01T00:00:01Z", **failed},
        {"ts": "2025-01-01T00:00:02Z", **failed, "prompt_tokens": 7, "completion_tokens": 8, "status": "ok"},
    )
    assert [call["status"] for call in loaded.calls] == ["error", "error", "ok"]


def test_the_beginning_of_a_call_and_other_events_are_no_calls(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        {**TS, "event": "started", "request_id": "r1", "model": "m"},
        {**TS, "event": "completed", "request_id": "r1", "model": "m", "tokens": {"prompt": 10, "completion": 5}},
        {**TS, "event": "failed", "request_id": "r2", "model": "m", "error": "overloaded"},
        {**TS, "event": "tool", "tool": "search", "duration_ms": 12},
        {**TS, "level": "INFO", "message": "hello"},
    )
    assert [call["status"] for call in loaded.calls] == ["ok", "error"]
    assert loaded.files[0].audit.skipped == {
        "has neither tokens nor a model": 2,
        "has a model, but neither tokens nor how the call went": 1,
    }


def test_running_totals_are_refused(tmp_path: Path) -> None:
    named = load(tmp_path, *(TS | {"model": "m", "cumulative_tokens": 10 * n} for n in range(5)))
    assert "running totals" in named.files[0].error
    grown = load(
        tmp_path,
        *(TS | {"session": "s", "model": "m", "input_tokens": 100 * n, "output_tokens": 10 * n} for n in range(1, 9)),
    )
    assert "running totals" in grown.files[0].error
    assert grown.calls == []


def test_running_totals_beside_other_signs_of_calls_are_noted(tmp_path: Path) -> None:
    record = {"model": "m", "duration_s": 2, "cumulative_tokens": 900}
    loaded = load(tmp_path, TS | record)
    assert loaded.calls == [{"created": MOMENT, "model": "m", "duration": 2.0}]
    assert loaded.files[0].audit.notes == ("`cumulative_tokens` is a running total, which is not added up",)


def test_reasoning_that_gemini_counts_apart_is_added_without_a_total(tmp_path: Path) -> None:
    counts = {"promptTokenCount": 500, "candidatesTokenCount": 50, "thoughtsTokenCount": 25}
    call = one(tmp_path, TS | {"model": "m", **counts})
    assert (call["prompt_tokens"], call["completion_tokens"], call["tokens"]) == (500, 75, 575)


def test_a_count_of_a_call_beside_a_running_total_is_taken(tmp_path: Path) -> None:
    call = one(
        tmp_path, TS | {"model": "m", "total_tokens": 7, "cumulative": {"total_tokens": 900}, "tokens_so_far": 9}
    )
    assert call["tokens"] == 7


def test_a_clock_that_begins_with_the_log(tmp_path: Path) -> None:
    records = [{"time": n * 0.5, "model": "m", "prompt_tokens": 3, "completion_tokens": 4} for n in range(3)]
    without = load(tmp_path, *records)
    assert all("created" not in call for call in without.calls)
    assert any("--origin" in note for note in without.files[0].audit.notes)
    with_origin = load(tmp_path, *records, origin=MOMENT)
    assert [call["created"].microsecond for call in with_origin.calls] == [0, 500000, 0]
    assert with_origin.calls[0]["created"] == MOMENT


def test_a_document_with_a_list_of_results(tmp_path: Path) -> None:
    log = tmp_path / "results.json"
    results = [
        {"prompt_tokens": 10, "completion_tokens": 5, "latency_ms": 100},
        {"prompt_tokens": 20, "completion_tokens": 5},
    ]
    log.write_text(json.dumps({"model": "llama", "total_tokens": 40, "results": results}, indent=2))
    loaded = load_logs(log)
    assert [(call["model"], call["prompt_tokens"]) for call in loaded.calls] == [("llama", 10), ("llama", 20)]


def test_lines_that_carry_their_record_as_a_text(tmp_path: Path) -> None:
    inner = json.dumps({"ts": "2025-01-01T00:00:00Z", "model": "m", "in_tokens": 10, "out_tokens": 3})
    call = one(tmp_path, {"log": inner + "\n", "stream": "stdout", "time": "2025-01-01T00:00:09Z"})
    assert call == {"created": MOMENT, "model": "m", "prompt_tokens": 10, "completion_tokens": 3, "tokens": 13}


def test_answers_of_several_providers_in_one_log(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        {
            "ts": 1735689600,
            "latency_ms": 900,
            "response": {
                "id": "chatcmpl-abcdefgh",
                "object": "chat.completion",
                "model": "gpt-4o",
                "choices": [{"finish_reason": "stop"}],
                "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
            },
        },
        {
            "ts": 1735689601,
            "latency_ms": 800,
            "response": {
                "id": "msg_01abcdefgh",
                "type": "message",
                "role": "assistant",
                "model": "claude",
                "usage": {"input_tokens": 20, "output_tokens": 5, "cache_read_input_tokens": 15},
            },
        },
    )
    assert loaded.files[0].source == "generic"
    assert [(call["model"], call["prompt_tokens"], call["duration"]) for call in loaded.calls] == [
        ("gpt-4o", 100, 0.9),
        ("claude", 35, 0.8),
    ]


def test_a_csv_of_ones_own(tmp_path: Path) -> None:
    log = tmp_path / "calls.csv"
    log.write_bytes(
        b"Date Time;Model Name;Tokens In;Tokens Out;TTFT (ms);Latency (s);Cost (USD);Success\r\n"
        b"2025-01-01 00:00:00;gpt-4o;100;20;350;1.5;0.01;True\r\n"
        b"2025-01-01 00:00:05;gpt-4o;0;0;0;0.2;;False\r\n"
    )
    good, bad = load_logs(log).calls
    assert good == {
        "created": MOMENT,
        "model": "gpt-4o",
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "tokens": 120,
        "time_to_first_token": 0.35,
        "duration": 1.5,
        "cost": 0.01,
        "status": "ok",
    }
    assert bad == {"created": datetime(2025, 1, 1, 0, 0, 5), "model": "gpt-4o", "duration": 0.2, "status": "error"}


def test_an_embedding_has_no_completion(tmp_path: Path) -> None:
    record = {"operation": "embeddings", "model": "e", "prompt_tokens": 10, "completion_tokens": 0, "total_tokens": 10}
    call = one(tmp_path, TS | record)
    assert "completion_tokens" not in call
    assert (call["prompt_tokens"], call["tokens"]) == (10, 10)


def test_what_the_user_maps_goes_before_what_was_found(tmp_path: Path) -> None:
    record = {
        "when": "2025-01-01T00:00:00Z",
        "m": "x",
        "usage": {"in": 3, "out": 4},
        "elapsed": 42,
        "prompt_tokens": 99,
    }
    mapping = {
        "model": Field("m"),
        "prompt_tokens": Field("usage.in"),
        "duration": Field("elapsed", scale=0.001),
    }
    call = one(tmp_path, record, mapping=mapping)
    assert (call["model"], call["prompt_tokens"], call["duration"]) == ("x", 3, 0.042)


def test_a_log_without_tokens_and_model_says_what_was_looked_for(tmp_path: Path) -> None:
    loaded = load(tmp_path, TS | {"level": "INFO", "message": "hello"})
    error = loaded.files[0].error
    assert "prompt_tokens" in error
    assert "model_id" in error
    assert "`level`" in error
    assert "--map" in loaded.files[0].hint


def test_a_list_of_other_things_is_not_taken_for_calls(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"model": "Golf", "year": 1998, "time": "2025-01-01T00:00:00Z"})
    assert "no log format" in loaded.files[0].error


def test_lengths_limits_and_averages_are_no_counts(tmp_path: Path) -> None:
    record = {
        "model": "m",
        "max_tokens": 500,
        "prompt_length": 812,
        "rate_limit": {"tokens": 90_000},
        "average": {"total_tokens": 12},
        "tokens_per_second": 55,
        "finish_reason": "stop",
    }
    call = one(tmp_path, TS | record)
    assert call == {"created": MOMENT, "model": "m", "max_tokens": 500, "finish_reason": "stop"}


def test_a_real_log_of_a_benchmark(real_logs: Path) -> None:
    loaded = load_logs(real_logs / "aibrix" / "ps_naive_output_4.1.csv")
    calls = loaded.calls
    assert len(calls) == 455
    assert sum(call["prompt_tokens"] for call in calls) == 9_599_825
    assert sum(call["completion_tokens"] for call in calls) == 45_500
    first = sorted(call["time_to_first_token"] for call in calls)
    assert round(first[len(first) // 2], 4) == 7.5452
    assert len({call["user_id"] for call in calls}) == 365
    assert round(sorted(call["duration"] for call in calls)[len(calls) // 2], 4) == 33.7938
