"""BurstGPT traces: seconds since the first midnight, whole responses, sessions where there are any."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from logreport.testing import Loaded, load_logs

HEADER = "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
OLD_HEADER = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
ORIGIN = datetime(2023, 11, 1)


def _loaded(tmp_path: Path, text: str, origin: datetime | None = ORIGIN) -> Loaded:
    path = tmp_path / "BurstGPT_1.csv"
    path.write_text(text)
    loaded = load_logs(path, origin=origin)
    assert loaded.files[0].source == "burstgpt"
    return loaded


def test_a_conversation(tmp_path: Path) -> None:
    loaded = _loaded(tmp_path, HEADER + "5,a1b2,7.4,ChatGPT,472,18,490,Conversation log\n")
    assert loaded.calls == [
        {
            "created": datetime(2023, 11, 1, 0, 0, 5),
            "model": "ChatGPT",
            "request_type": "Conversation log",
            "prompt_tokens": 472,
            "completion_tokens": 18,
            "tokens": 490,
            "duration": 7.4,
            "status": "ok",
            "session_id": "a1b2",
        }
    ]


def test_a_call_of_the_api_has_no_session(tmp_path: Path) -> None:
    (call,) = _loaded(tmp_path, HEADER + "86400.5,,2,GPT-4,10,5,15,API log\n").calls
    assert call["created"] == datetime(2023, 11, 2, 0, 0, 0, 500000)
    assert call["request_type"] == "API log"
    assert "session_id" not in call


def test_the_elapsed_time_is_not_that_of_the_first_token(tmp_path: Path) -> None:
    (call,) = _loaded(tmp_path, HEADER + "5,a1b2,7.4,ChatGPT,472,18,490,Conversation log\n").calls
    assert "time_to_first_token" not in call


def test_older_copies_have_neither_sessions_nor_durations(tmp_path: Path) -> None:
    loaded = _loaded(tmp_path, OLD_HEADER + "5,ChatGPT,472,18,490,Conversation log\n118,GPT-4,417,276,693,API log\n")
    assert [(call["model"], call["completion_tokens"]) for call in loaded.calls] == [("ChatGPT", 18), ("GPT-4", 276)]
    assert not any("duration" in call or "session_id" in call for call in loaded.calls)


def test_without_an_origin_there_is_no_time(tmp_path: Path) -> None:
    (call,) = _loaded(tmp_path, OLD_HEADER + "5,ChatGPT,472,18,490,Conversation log\n", origin=None).calls
    assert "created" not in call


def test_the_prompt_of_a_failure_counts(tmp_path: Path) -> None:
    rows = "5,ChatGPT,472,18,490,Conversation log\n9,ChatGPT,400,0,400,Conversation log\n"
    loaded = _loaded(tmp_path, OLD_HEADER + rows)
    assert sum(call["prompt_tokens"] for call in loaded.calls) == 872
    assert sorted((call["status"], call.get("completion_tokens")) for call in loaded.calls) == [
        ("error", None),
        ("ok", 18),
    ]


def test_a_damaged_row_costs_that_call_only(tmp_path: Path) -> None:
    rows = "5,ChatGPT,472,18,490,Conversation log\n9,ChatGPT,many,1,1,API log\n10,GPT-4,3,1,4,API log\n"
    loaded = _loaded(tmp_path, OLD_HEADER + rows)
    assert [call["prompt_tokens"] for call in loaded.calls] == [472, 3]
    (rejected,) = loaded.rejected
    assert (rejected.line, rejected.field) == (3, "Request tokens")
