"""Codex's rollouts: a call for each response, not for each line that mentions its counts, nor for a parent's calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from logreport.sources.codex import CODEX
from logreport.testing import Loaded, load_logs

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "codex"

PARENT = "019d0000-0000-7aaa-8000-000000000001"
CHILD = "019d0001-0000-7aaa-8000-000000000002"

REPEATED = "a count sent again with unchanged totals"
COPIED = "a count copied from the parent session"
TWICE = "a second record of one response"

Line = dict[str, Any]


def at(seconds: float) -> str:
    return f"2026-03-10T01:{25 + int(seconds // 60):02}:{seconds % 60:06.3f}Z"


def meta(thread: str = PARENT, seconds: float = 0, **other: Any) -> Line:
    return {"timestamp": at(seconds), "type": "session_meta", "payload": {"id": thread, **other}}


def turn(model: str = "gpt-5.2-codex", seconds: float = 0, **other: Any) -> Line:
    return {"timestamp": at(seconds), "type": "turn_context", "payload": {"model": model, **other}}


def counts(prompt: int, cached: int = 0, output: int = 10, reasoning: int = 0) -> Line:
    return {
        "input_tokens": prompt,
        "cached_input_tokens": cached,
        "output_tokens": output,
        "reasoning_output_tokens": reasoning,
        "total_tokens": prompt + output,
    }


def count(seconds: float, total: Line | None, last: Line | None, **other: Any) -> Line:
    told = {"total_token_usage": total, "last_token_usage": last} | other
    info = {key: value for key, value in told.items() if value is not None}
    return {"timestamp": at(seconds), "type": "event_msg", "payload": {"type": "token_count", "info": info}}


def response(seconds: float, usage: Line, response_id: str, thread: str = PARENT) -> Line:
    payload = {"thread_id": thread, "response_id": response_id, "usage": usage}
    return {"timestamp": at(seconds), "type": "token_usage_record", "payload": payload}


def talk(seconds: float) -> Line:
    return {"timestamp": at(seconds), "type": "response_item", "payload": {"type": "message", "role": "assistant"}}


def load(folder: Path, *files: list[Mapping[str, Any]]) -> Loaded:
    for number, lines in enumerate(files):
        (folder / f"rollout-{number}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    return load_logs(folder)


def prompts(loaded: Loaded) -> list[int]:
    return [call["prompt_tokens"] for call in loaded.calls]


def skipped(loaded: Loaded, file: int = 0) -> dict[str, int]:
    return dict(loaded.files[file].audit.skipped)


#: Two calls of the parent, 100 and 150 prompt tokens, and the lines around them.
PARENT_LINES = [
    meta(),
    turn(seconds=1),
    count(5, counts(100), counts(100)),
    talk(8),
    count(9, counts(250, output=20), counts(150)),
]


def test_a_count_is_a_call_whose_prompt_holds_the_cache_and_whose_completion_holds_the_reasoning(
    tmp_path: Path,
) -> None:
    usage = counts(20_110, 18_304, 310, 128) | {"cache_write_input_tokens": 64}
    loaded = load(tmp_path, [meta(), turn(), count(5, counts(120_450, 101_120, 2210, 960), usage)])
    assert loaded.calls == [
        {
            "created": datetime(2026, 3, 10, 1, 25, 5),
            "model": "gpt-5.2-codex",
            "provider": "openai",
            "prompt_tokens": 20_110,
            "completion_tokens": 310,
            "tokens": 20_420,
            "cache_read_tokens": 18_304,
            "cache_write_tokens": 64,
            "reasoning_tokens": 128,
            "session_id": PARENT,
            "request_id": f"{PARENT}:0:120450:101120:2210:960:122660",
        }
    ]


def test_a_count_sent_again_with_unchanged_totals_is_no_call(tmp_path: Path) -> None:
    first, second = count(5, counts(100), counts(100)), count(9, counts(250, output=20), counts(150))
    loaded = load(tmp_path, [meta(), turn(), first, first, second, second | {"timestamp": at(600)}])
    assert prompts(loaded) == [100, 150]
    assert skipped(loaded)[REPEATED] == 2


def test_all_of_the_totals_must_agree_for_a_repeat(tmp_path: Path) -> None:
    first = counts(100, 0, 10) | {"total_tokens": 500}
    second = counts(180, 40, 30) | {"total_tokens": 500}
    loaded = load(tmp_path, [meta(), count(5, first, counts(100)), count(6, second, counts(80, 40, 20))])
    assert prompts(loaded) == [100, 80]


def test_an_estimate_after_a_compaction_leaves_totals_unchanged_and_is_no_call(tmp_path: Path) -> None:
    total = counts(100)
    loaded = load(tmp_path, [meta(), count(5, total, counts(100)), count(6, total, counts(30, output=0))])
    assert prompts(loaded) == [100]


def test_totals_that_fall_are_a_new_beginning_and_count(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        [
            meta(),
            count(5, counts(100), counts(100)),
            count(6, counts(250, output=20), counts(150)),
            count(7, counts(100), counts(100)),
        ],
    )
    assert prompts(loaded) == [100, 150, 100]


def test_late_totals_of_before_are_a_repeat(tmp_path: Path) -> None:
    second = count(6, counts(250, output=20), counts(150))
    third = count(7, counts(300, output=30), counts(50))
    loaded = load(tmp_path, [meta(), count(5, counts(100), counts(100)), second, third, second, third])
    assert prompts(loaded) == [100, 150, 50]


def test_a_call_counts_what_it_says_even_where_the_totals_grew_by_more(tmp_path: Path) -> None:
    # A line between them is missing: its call is unknown, and no part of this one.
    loaded = load(tmp_path, [meta(), count(5, counts(100), counts(100)), count(9, counts(900, output=90), counts(150))])
    assert prompts(loaded) == [100, 150]


def test_the_first_call_of_a_resumed_session_is_not_its_whole_history(tmp_path: Path) -> None:
    assert prompts(load(tmp_path, [meta(), count(5, counts(90_000, output=800), counts(700))])) == [700]


def test_without_the_last_usage_a_call_is_what_the_totals_grew_by(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        [
            meta(),
            count(5, counts(100, 60, 10, 4), None),
            count(6, counts(100, 60, 10, 4), None),
            count(7, counts(250, 100, 25, 4), None),
            count(8, counts(40, 0, 5, 0), None),
        ],
    )
    assert [
        (call["prompt_tokens"], call["cache_read_tokens"], call["completion_tokens"], call["reasoning_tokens"])
        for call in loaded.calls
    ] == [(100, 60, 10, 4), (150, 40, 15, 0), (40, 0, 5, 0)]


def test_without_totals_every_count_is_a_call(tmp_path: Path) -> None:
    loaded = load(tmp_path, [meta(), count(5, None, counts(100)), count(6, None, counts(100))])
    assert prompts(loaded) == [100, 100]
    assert "request_id" not in loaded.calls[0]


def test_limits_and_counts_of_nothing_are_no_calls(tmp_path: Path) -> None:
    full = counts(0, output=0) | {"total_tokens": 272_000}
    limits = count(5, None, None)
    limits["payload"]["info"] = None
    loaded = load(tmp_path, [meta(), limits, count(6, counts(100), counts(100)), count(7, full, full)])
    assert prompts(loaded) == [100]
    assert skipped(loaded)["a notice of rate limits"] == 1
    assert skipped(loaded)["a count of no tokens"] == 1


def test_the_model_is_that_of_the_turn_and_never_assumed(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        [
            meta(),
            count(1, counts(1), counts(1)),
            turn("a"),
            count(2, counts(3), counts(2)),
            turn("b"),
            count(3, counts(6), counts(3)),
            count(4, counts(10), counts(4), model="c"),
        ],
    )
    assert [call.get("model") for call in loaded.calls] == [None, "a", "b", "c"]


def test_the_service_tier_holds_until_the_settings_change(tmp_path: Path) -> None:
    def settings(**of_the_thread: Any) -> Line:
        payload = {"type": "thread_settings_applied", "thread_settings": of_the_thread}
        return {"timestamp": at(0), "type": "event_msg", "payload": payload}

    loaded = load(
        tmp_path,
        [
            meta(model_provider="azure"),
            settings(service_tier="priority"),
            count(1, counts(1), counts(1)),
            settings(),
            count(2, counts(3), counts(2)),
        ],
    )
    assert [call.get("service_tier") for call in loaded.calls] == ["priority", None]
    assert {call["provider"] for call in loaded.calls} == {"azure.ai.openai"}


def test_a_rollout_without_a_count_holds_no_call(tmp_path: Path) -> None:
    loaded = load(tmp_path, [meta(), turn(), talk(3)])
    assert "holds no call (codex" in loaded.files[0].error


def test_a_rollout_of_before_there_were_payloads_holds_no_call(tmp_path: Path) -> None:
    loaded = load(tmp_path, [{"id": "a", "timestamp": at(0)}, {"record_type": "state"}, {"type": "message"}])
    assert "holds no call (codex" in loaded.files[0].error


@pytest.mark.parametrize("record_first", [True, False])
def test_a_response_told_by_a_record_and_by_a_count_is_one_call(tmp_path: Path, record_first: bool) -> None:
    def pair(seconds: float, total: Line, last: Line, response_id: str) -> list[Line]:
        both = [response(seconds, last, response_id), count(seconds, total, last)]
        return both if record_first else both[::-1]

    same = counts(100)
    lines = [meta(), turn(), *pair(5, counts(100), same, "r1"), *pair(9, counts(200, output=20), same, "r2")]
    loaded = load(tmp_path, lines)
    assert prompts(loaded) == [100, 100]
    assert skipped(loaded)[TWICE] == 2
    if record_first:
        assert [call["request_id"] for call in loaded.calls] == ["r1", "r2"]


def test_a_compaction_that_only_a_record_tells_is_a_call(tmp_path: Path) -> None:
    total = counts(100)
    loaded = load(
        tmp_path,
        [
            meta(),
            turn(),
            response(5, counts(100), "r1"),
            count(5, total, counts(100)),
            response(7, counts(95, output=40), "r2"),
            count(7, total, counts(20, output=0)),
        ],
    )
    assert prompts(loaded) == [100, 95]


def test_the_same_rollout_kept_twice_or_grown_is_counted_once(tmp_path: Path) -> None:
    loaded = load(tmp_path, PARENT_LINES[:3], PARENT_LINES)
    assert prompts(loaded) == [100, 150]
    assert loaded.files[1].audit.merged == {"counts that another copy of the rollout told": 1}


def test_several_rollouts_in_one_file_are_several_sessions(tmp_path: Path) -> None:
    loaded = load(tmp_path, [*PARENT_LINES, meta("other", 20), count(25, counts(250, output=20), counts(7))])
    assert [(call["session_id"], call.get("model"), call["prompt_tokens"]) for call in loaded.calls] == [
        (PARENT, "gpt-5.2-codex", 100),
        (PARENT, "gpt-5.2-codex", 150),
        ("other", None, 7),
    ]


def copied(seconds: float) -> list[Line]:
    """The parent's lines, stamped when they were copied, a millisecond apart."""
    return [one | {"timestamp": at(seconds + number / 1000)} for number, one in enumerate(PARENT_LINES)]


#: What a fork did itself: 40 prompt tokens on top of its parent's.
OWN_LINES = [turn("gpt-5.3-codex", 61), count(65, counts(290, output=30), counts(40))]


@pytest.mark.parametrize(
    "parent",
    [
        {"forked_from_id": PARENT},
        {"parent_thread_id": PARENT},
        {"thread_source": "subagent"},
        {"source": {"subagent": {"thread_spawn": {"parent_thread_id": PARENT}}}},
        {},  # older ones say so only by their parent's line
    ],
)
@pytest.mark.parametrize("with_parent", [True, False])
def test_a_fork_s_copy_of_its_parent_is_not_counted(tmp_path: Path, parent: Line, with_parent: bool) -> None:
    fork = [meta(CHILD, 60, **parent), *copied(60), *OWN_LINES]
    loaded = load(tmp_path, *([PARENT_LINES, fork] if with_parent else [fork]))
    assert prompts(loaded) == ([100, 150, 40] if with_parent else [40])
    assert (loaded.calls[-1]["session_id"], loaded.calls[-1]["model"]) == (CHILD, "gpt-5.3-codex")
    assert skipped(loaded, -1)[COPIED] == 2


def test_a_long_copy_takes_more_than_a_second(tmp_path: Path) -> None:
    copy = [count(60 + n / 20, counts(n, output=n), counts(1, output=1)) for n in range(1, 41)]
    own = [turn(seconds=62.1), count(66, counts(47, output=41), counts(7, output=1))]
    assert prompts(load(tmp_path, [meta(CHILD, 60, forked_from_id=PARENT), meta(seconds=60), *copy, *own])) == [7]


def test_a_copy_may_keep_its_parent_s_times(tmp_path: Path) -> None:
    fork = [meta(CHILD, 60, forked_from_id=PARENT), *PARENT_LINES, *OWN_LINES]
    assert prompts(load(tmp_path, PARENT_LINES, fork)) == [100, 150, 40]


def test_a_subagent_that_copied_nothing_loses_no_call(tmp_path: Path) -> None:
    first = count(64, counts(100), counts(100))
    child = [meta(CHILD, 60, parent_thread_id=PARENT), meta(seconds=60), turn(seconds=60.01), first]
    assert prompts(load(tmp_path, PARENT_LINES, child)) == [100, 150, 100]


def test_subagents_with_calls_of_the_same_size_stay_apart(tmp_path: Path) -> None:
    def child(thread: str) -> list[Line]:
        return [meta(thread, 60, parent_thread_id=PARENT), turn(seconds=60), count(64, counts(100), counts(100))]

    assert prompts(load(tmp_path, child(CHILD), child("another"))) == [100, 100]


def test_numbers_of_lines_tell_exactly_where_a_copy_ends(tmp_path: Path) -> None:
    lines = [*copied(60), turn(seconds=60), count(60.1, counts(290, output=30), counts(40))]
    numbered = [one | {"ordinal": number} for number, one in enumerate(lines, 1)]
    first = len(copied(60)) + 1
    opening = meta(CHILD, 60, forked_from_id=PARENT, subagent_history_start_ordinal=first)
    assert prompts(load(tmp_path, [opening | {"ordinal": 0}, *numbered])) == [40]


def test_ids_of_turns_tell_where_a_copy_ends(tmp_path: Path) -> None:
    old, own = "019d0000-0500-7bbb-8000-000000000003", "019d0001-0010-7bbb-8000-000000000004"
    fork = [
        meta(CHILD, 60, forked_from_id=PARENT),
        turn(seconds=60, turn_id=old),
        count(60, counts(100), counts(100)),
        count(61, counts(250, output=20), counts(150)),  # the disk was slow
        turn(seconds=61.1, turn_id=own),
        count(61.2, counts(290, output=30), counts(40)),
    ]
    assert prompts(load(tmp_path, [*fork])) == [40]


def test_the_parent_s_last_totals_sent_again_by_the_fork_are_no_call(tmp_path: Path) -> None:
    again = PARENT_LINES[-1] | {"timestamp": at(63)}
    fork = [meta(CHILD, 60, forked_from_id=PARENT), *copied(60), turn(seconds=61), again, *OWN_LINES]
    loaded = load(tmp_path, [*fork])
    assert prompts(loaded) == [40]
    assert skipped(loaded)[REPEATED] == 1


def test_an_empty_fork_holds_no_call(tmp_path: Path) -> None:
    loaded = load(tmp_path, [meta(CHILD, 60, forked_from_id=PARENT), *copied(60)])
    assert "holds no call" in loaded.files[0].error


def test_lines_that_cannot_be_read_are_rejected_and_the_session_goes_on(tmp_path: Path) -> None:
    broken = count(5, None, None)
    broken["payload"]["info"] = "…"
    loaded = load(
        tmp_path,
        [
            meta(),
            turn(),
            broken,
            count(6, [1], counts(1)),  # type: ignore[arg-type]
            count(7, counts(100) | {"input_tokens": [1]}, counts(100) | {"input_tokens": "many"}),
            response(8, [], "r"),  # type: ignore[arg-type]
            ["no", "line"],  # type: ignore[list-item]
            count(9, counts(250), counts(150)),
        ],
    )
    assert [(call["prompt_tokens"], call["model"], call["session_id"]) for call in loaded.calls] == [
        (150, "gpt-5.2-codex", PARENT)
    ]
    assert [(one.line, one.field) for one in loaded.rejected] == [
        (3, "payload.info"),
        (4, "payload.info.total_token_usage"),
        (5, "prompt_tokens"),
        (6, "payload.usage"),
        (7, None),
    ]


@pytest.mark.parametrize(
    "record",
    [
        {"created": "2026-03-10 01:25:54", "model": "m", "usage": {"input_tokens": 1}},
        {"type": "event", "payload": {"model": "m"}},
        {"type": "event_msg", "payload": "…"},
        {"type": "assistant", "message": {"usage": {"input_tokens": 1}}},
        {"object": "response", "model": "m", "usage": {"input_tokens": 1}},
    ],
)
def test_other_logs_are_not_recognised(record: dict[str, Any]) -> None:
    assert not CODEX.recognises([record])


def test_the_example_is_read_as_it_says() -> None:
    loaded = load_logs(EXAMPLE)
    assert len(loaded.calls) == 7
    assert sum(call["prompt_tokens"] for call in loaded.calls) == 128_900
    assert sum(call["completion_tokens"] for call in loaded.calls) == 2_770
    assert {call["service_tier"] for call in loaded.calls if "service_tier" in call} == {"priority"}
    assert not loaded.rejected


def test_real_rollouts_have_the_totals_that_others_counted(real_logs: Path) -> None:
    calls = load_logs(real_logs / "codex").calls
    assert [(call["model"], call["prompt_tokens"], call["completion_tokens"]) for call in calls] == [
        ("gpt-5.2-codex", 1000, 125),
        ("gpt-5.3-codex", 2500, 300),
    ]
    assert sum(call["cache_read_tokens"] for call in calls) == 750
    assert sum(call["reasoning_tokens"] for call in calls) == 275
