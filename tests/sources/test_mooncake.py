"""Mooncake traces: milliseconds since the beginning, tokens in and out."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from logreport.sources.mooncake import MOONCAKE
from logreport.testing import load_logs

TRACE = (
    '{"timestamp": 0, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1, 2]}\n'
    '{"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47]}\n'
    '{"timestamp": 3600001, "input_length": 10, "output_length": 0, "hash_ids": []}\n'
)


def _trace(tmp_path: Path, text: str = TRACE) -> Path:
    path = tmp_path / "trace.jsonl"
    path.write_text(text)
    return path


def test_a_request_has_its_tokens_and_no_time_where_nobody_says_when_the_trace_began(tmp_path: Path) -> None:
    loaded = load_logs(_trace(tmp_path))
    assert loaded.files[0].source == "mooncake"
    assert loaded.calls == [
        {"prompt_tokens": 10, "completion_tokens": 0, "tokens": 10},
        {"prompt_tokens": 6758, "completion_tokens": 500, "tokens": 7258},
        {"prompt_tokens": 6955, "completion_tokens": 52, "tokens": 7007},
    ]


def test_timestamps_are_milliseconds_after_the_origin(tmp_path: Path) -> None:
    loaded = load_logs(_trace(tmp_path), origin=datetime(2024, 2, 1, 12))
    assert [call["created"] for call in loaded.calls] == [
        datetime(2024, 2, 1, 12),
        datetime(2024, 2, 1, 12, 0, 27, 482000),
        datetime(2024, 2, 1, 13, 0, 0, 1000),
    ]


def test_a_broken_line_costs_that_request_only(tmp_path: Path) -> None:
    loaded = load_logs(_trace(tmp_path, TRACE + '{"timestamp": 1, "input_length": -1, "output_length": 1}\n'))
    assert len(loaded.calls) == 3
    (rejected,) = loaded.rejected
    assert (rejected.line, rejected.field, rejected.reason) == (4, "input_length", "is negative: -1")


@pytest.mark.parametrize(
    "record",
    [
        '{"chat_id": 1, "timestamp": 61.1, "input_length": 5, "output_length": 1, "type": "text", "hash_ids": [1]}',
        '{"timestamp": 1741569952, "input_length": 5, "output_length": 1, "model": "m"}',
    ],
)
def test_a_log_that_only_resembles_a_trace_is_another_one(record: str) -> None:
    assert not MOONCAKE.recognises([json.loads(record)])


def test_the_published_trace(real_logs: Path) -> None:
    loaded = load_logs(real_logs / "mooncake" / "synthetic_trace.jsonl", origin=datetime(2024, 1, 1))
    assert not loaded.rejected
    assert len(loaded.calls) == 3993
    assert sum(call["prompt_tokens"] for call in loaded.calls) == 61_194_628
    assert sum(call["completion_tokens"] for call in loaded.calls) == 595_432
    assert loaded.calls[0]["created"] == datetime(2024, 1, 1)
    assert not any("model" in call or "duration" in call or "status" in call for call in loaded.calls)
