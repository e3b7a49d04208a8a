"""Claude Code's transcripts: one call for each response, however many lines and files tell it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from logreport.sources.claude_code import CLAUDE_CODE
from logreport.testing import Loaded, load_logs

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "claude-code"


def usage(uncached: int = 4, written: int = 1000, read: int = 20_000, output: int = 300) -> dict[str, Any]:
    return {
        "input_tokens": uncached,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
        "output_tokens": output,
        "service_tier": "standard",
    }


def line(message: str | None = "msg_1", request: str | None = "req_1", **other: Any) -> dict[str, Any]:
    """A response's line; `other` are fields of the line, or of its message where they belong there."""
    body = {
        "id": message,
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "stop_reason": "end_turn",
        "usage": usage(),
    }
    body |= {key: other.pop(key) for key in ("model", "usage", "stop_reason") if key in other}
    made = {
        "type": "assistant",
        "uuid": "u-1",
        "parentUuid": None,
        "sessionId": "s-1",
        "timestamp": "2026-03-10T01:25:54.600Z",
        "requestId": request,
        "message": {key: value for key, value in body.items() if value is not None},
    } | other
    return {key: value for key, value in made.items() if value is not None or key == "parentUuid"}


def load(folder: Path, *files: list[Mapping[str, Any]]) -> Loaded:
    for number, lines in enumerate(files):
        (folder / f"{number}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    return load_logs(folder)


def skipped(loaded: Loaded) -> dict[str, int]:
    return dict(loaded.files[0].audit.skipped)


def test_a_response_is_a_call_whose_prompt_counts_the_cache(tmp_path: Path) -> None:
    (call,) = load(tmp_path, [line()]).calls
    assert call == {
        "created": datetime(2026, 3, 10, 1, 25, 54, 600000),
        "model": "claude-sonnet-4-5",
        "provider": "anthropic",
        "prompt_tokens": 21_004,
        "completion_tokens": 300,
        "tokens": 21_304,
        "cache_read_tokens": 20_000,
        "cache_write_tokens": 1000,
        "finish_reason": "end_turn",
        "service_tier": "standard",
        "session_id": "s-1",
        "request_id": "msg_1:req_1",
    }


def test_lines_of_one_response_are_one_call_with_the_last_count_at_the_first_time(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        [
            line(usage=usage(output=1), stop_reason=None, timestamp="2026-03-10T01:25:50.000Z"),
            line(usage=usage(output=40), stop_reason=None, timestamp="2026-03-10T01:25:51.000Z"),
            line(usage=usage(output=300), timestamp="2026-03-10T01:25:52.000Z"),
        ],
    )
    (call,) = loaded.calls
    assert (call["completion_tokens"], call["finish_reason"]) == (300, "end_turn")
    assert call["created"] == datetime(2026, 3, 10, 1, 25, 50)
    assert loaded.files[0].audit.merged == {"repeated lines of one response": 2}


def test_a_resumed_session_repeats_calls_of_another_file(tmp_path: Path) -> None:
    loaded = load(tmp_path, [line()], [line(sessionId="s-2"), line("msg_2", "req_2", sessionId="s-2")])
    assert [call["request_id"] for call in loaded.calls] == ["msg_1:req_1", "msg_2:req_2"]


def test_one_message_id_with_two_request_ids_is_two_calls(tmp_path: Path) -> None:
    assert len(load(tmp_path, [line("msg_1", "req_1"), line("msg_1", "req_2")]).calls) == 2


@pytest.mark.parametrize(
    ("message", "request_", "expected"),
    [("msg_1", None, "msg_1"), (None, "req_1", "req_1"), (None, None, "u-1")],
)
def test_without_both_ids_one_of_them_or_the_line_s_own_tells_repeats(
    tmp_path: Path, message: str | None, request_: str | None, expected: str
) -> None:
    (call,) = load(tmp_path, [line(message, request_), line(message, request_)]).calls
    assert call["request_id"] == expected


def test_without_any_id_nothing_is_merged(tmp_path: Path) -> None:
    loaded = load(tmp_path, [line(None, None, uuid=None), line(None, None, uuid=None)])
    assert len(loaded.calls) == 2
    assert "request_id" not in loaded.calls[0]


def test_a_subagent_s_response_within_a_progress_line_is_a_call(tmp_path: Path) -> None:
    inner = line("msg_9", "req_9", timestamp="2026-03-10T01:30:00.000Z")
    progress = {
        "type": "progress",
        "parentUuid": "u-1",
        "sessionId": "s-1",
        "timestamp": "2026-03-10T01:30:09.000Z",
        "data": {"type": "agent_progress", "message": inner},
    }
    loaded = load(tmp_path, [progress], [line("msg_9", "req_9", isSidechain=True)])
    (call,) = loaded.calls
    assert (call["request_id"], call["prompt_tokens"]) == ("msg_9:req_9", 21_004)


def test_a_nested_line_without_its_own_time_and_session_has_those_around_it(tmp_path: Path) -> None:
    inner = line("msg_9", "req_9", timestamp=None, sessionId=None)
    around = {"type": "progress", "sessionId": "s-7", "timestamp": "2026-03-10T01:30:09Z", "data": {"message": inner}}
    (call,) = load(tmp_path, [line(), around]).calls[1:]
    assert (call["session_id"], call["created"]) == ("s-7", datetime(2026, 3, 10, 1, 30, 9))


def test_what_is_no_response_is_skipped_with_few_reasons(tmp_path: Path) -> None:
    others = [
        {"type": "user", "sessionId": "s-1", "parentUuid": None, "message": {"role": "user", "content": "…"}},
        {"type": "system", "subtype": "api_error", "sessionId": "s-1", "parentUuid": "u-1"},
        {"type": "summary", "summary": "…", "leafUuid": "u-1"},
        {"type": "file-history-snapshot", "messageId": "u-1", "snapshot": {}},
        {"type": "queue-operation", "operation": "enqueue", "sessionId": "s-1"},
        {"type": "attachment", "parentUuid": "u-1"},
        {"type": "progress", "parentUuid": "u-1", "data": {"type": "query_update"}},
        {"type": "something-new"},
    ]
    loaded = load(tmp_path, [*others, line()])
    assert len(loaded.calls) == 1
    assert skipped(loaded) == {
        "bookkeeping of the session": 5,
        "a user's message or a tool's result": 1,
        "a notice of the system": 1,
        "a progress notice": 1,
    }


def test_a_session_in_which_nothing_was_answered_holds_no_call(tmp_path: Path) -> None:
    loaded = load(tmp_path, [{"type": "summary", "summary": "…", "leafUuid": "u-1"}])
    assert "holds no call (claude-code" in loaded.files[0].error


def test_messages_of_claude_code_itself_are_no_calls_unless_tokens_were_counted(tmp_path: Path) -> None:
    nothing = usage(0, 0, 0, 0)
    loaded = load(
        tmp_path,
        [
            line("a", None, model="<synthetic>", usage=nothing),
            line("b", None, isApiErrorMessage=True, usage=nothing),
            line("c", None, model="<synthetic>", usage=usage(7, 0, 0, 0)),
            line("d", None, usage=nothing),
        ],
    )
    assert [(call["request_id"], call["prompt_tokens"]) for call in loaded.calls] == [("c", 7), ("d", 0)]
    assert skipped(loaded) == {"a message by Claude Code itself": 2}


def test_cache_writes_told_by_lifetime_only_are_summed(tmp_path: Path) -> None:
    counts = usage() | {"cache_creation": {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 12}}
    both = line("a", usage=counts)
    parts = line("b", usage={key: value for key, value in counts.items() if key != "cache_creation_input_tokens"})
    first, second = load(tmp_path, [both, parts]).calls
    assert (first["cache_write_tokens"], first["prompt_tokens"]) == (1000, 21_004)
    assert (second["cache_write_tokens"], second["prompt_tokens"]) == (42, 20_046)


def test_unknown_counts_are_left_out(tmp_path: Path) -> None:
    bare, unknown = load(
        tmp_path, [line("a", usage={"input_tokens": 5, "output_tokens": 2}), line("b", usage={"service_tier": "batch"})]
    ).calls
    assert (bare["prompt_tokens"], bare["tokens"]) == (5, 7)
    assert not {"cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "cost", "status"} & set(bare)
    assert not {"prompt_tokens", "completion_tokens", "tokens"} & set(unknown)
    assert unknown["service_tier"] == "batch"


def test_thinking_is_part_of_the_completion(tmp_path: Path) -> None:
    counts = usage() | {"output_tokens_details": {"thinking_tokens": 120}}
    (call,) = load(tmp_path, [line(usage=counts)]).calls
    assert (call["completion_tokens"], call["reasoning_tokens"]) == (300, 120)


def test_old_lines_have_no_type_and_a_cost(tmp_path: Path) -> None:
    (call,) = load(tmp_path, [line(type=None, costUSD=0.125)]).calls
    assert (call["cost"], call["prompt_tokens"]) == (0.125, 21_004)


@pytest.mark.parametrize(
    ("message", "model", "provider"),
    [
        ("msg_bdrk_1", "claude-sonnet-4-5", "aws.bedrock"),
        ("msg_vrtx_1", "claude-sonnet-4-5", "gcp.vertex_ai"),
        ("chatcmpl-1", "kimi-k2", None),
    ],
)
def test_the_provider_is_what_the_ids_tell(tmp_path: Path, message: str, model: str, provider: str | None) -> None:
    (call,) = load(tmp_path, [line(message, None, model=model)]).calls
    assert call.get("provider") == provider


def test_lines_that_cannot_be_read_are_rejected_and_the_others_loaded(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        [
            line("a"),
            line("b") | {"message": "…"},
            line("c", usage=[1]),
            line("d", usage={"input_tokens": "many", "output_tokens": 1}),
            ["not", "a", "line"],  # type: ignore[list-item]
            line("e"),
        ],
    )
    assert [call["request_id"] for call in loaded.calls] == ["a:req_1", "e:req_1"]
    assert [(one.line, one.field) for one in loaded.rejected] == [
        (2, "message"),
        (3, "message.usage"),
        (4, "uncached_tokens"),
        (5, None),
    ]


@pytest.mark.parametrize(
    "record",
    [
        {"type": "message", "id": "msg_1", "role": "assistant", "usage": {"input_tokens": 1}},
        {"type": "message_start", "message": {"id": "msg_1", "usage": {"input_tokens": 1}}},
        {"created": "2026-03-10 01:25:54", "model": "m", "usage": {"input_tokens": 1}},
        {"message": {"usage": {"input_tokens": 1}}, "time": 5},
        {"type": "session_meta", "payload": {"id": "t"}},
        {"type": "user", "name": "Ann"},
        {"type": ["user"], "message": None},
    ],
)
def test_other_logs_are_not_recognised(record: dict[str, Any]) -> None:
    assert not CLAUDE_CODE.recognises([record])


def test_a_session_is_recognised_by_any_of_its_lines() -> None:
    assert CLAUDE_CODE.recognises([{"type": "x"}, {"type": "file-history-snapshot", "messageId": "a", "snapshot": {}}])


def test_the_example_is_read_as_it_says() -> None:
    loaded = load_logs(EXAMPLE)
    calls = {call["request_id"]: call for call in loaded.calls}
    assert (sum(file.loaded for file in loaded.files), sum(file.merged for file in loaded.files)) == (len(calls), 6)
    assert len(calls) == 7
    assert sum(call["prompt_tokens"] for call in loaded.calls) == 119_530
    assert sum(call["completion_tokens"] for call in loaded.calls) == 2_705
    assert not loaded.rejected


def test_real_sessions_have_the_totals_that_others_counted(real_logs: Path) -> None:
    loaded = load_logs(real_logs / "claude-code" / "projects")
    total = {
        column: sum(call[column] for call in loaded.calls)
        for column in ("prompt_tokens", "cache_write_tokens", "cache_read_tokens", "completion_tokens")
    }
    assert len(loaded.calls) == 25
    assert total == {
        "prompt_tokens": 413_968,
        "cache_write_tokens": 90_614,
        "cache_read_tokens": 323_244,
        "completion_tokens": 63,
    }
    assert sum(file.loaded + file.merged for file in loaded.files) == 43 + 1  # a subagent's, within a progress line
    assert not loaded.rejected


def test_real_old_lines_have_the_totals_that_others_counted(real_logs: Path) -> None:
    calls = load_logs(real_logs / "claude-code" / "ccusage").calls
    assert len(calls) == 5
    assert sum(call["prompt_tokens"] for call in calls) == 930
    assert sum(call["completion_tokens"] for call in calls) == 310
    assert sum(call["cost"] for call in calls) == pytest.approx(1.09)
