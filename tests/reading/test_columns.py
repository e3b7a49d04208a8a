"""Rows of sources on their way to the database: whatever their types, both careful passes load the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logreport import Field, Outcome, Source
from logreport.reading import columns
from logreport.source import SOURCE_COLUMNS
from tests.reading.conftest import Reader


def _read(records: Iterator[Any]) -> Iterator[Outcome]:
    yield from records


# Where ids are not unique, rows that follow one another are left to the database to merge.
SPOKEN = Source(name="spoken", title="spoken", recognises=lambda records: True, read=_read, unique_ids=False)

INTEGERS = st.one_of(st.integers(-3, 700), st.integers(-(2**64), 2**64), st.integers(10**9, 2 * 10**18))
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1))
TEXTS = st.one_of(
    st.text(max_size=5),
    st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,3})?", fullmatch=True),
    st.sampled_from(["ok", "failed", "200", '"200"', "true", "", " x ", "[", "Rate limit\nexceeded", "\0", "null"]),
    MOMENTS.map(str),
    MOMENTS.map(lambda time: f"{time.isoformat(timespec='milliseconds')}Z"),
    MOMENTS.map(lambda time: f"{time.isoformat()}+02:00"),
)
ANY = st.one_of(st.none(), st.booleans(), INTEGERS, FLOATS, TEXTS, st.just([]), st.just({"message": "no"}))
#: The values of a column in a log: of one type, as most are, or of any.
LISTS = st.sampled_from([st.booleans(), INTEGERS, FLOATS, TEXTS, ANY]).flatmap(
    lambda values: st.lists(st.one_of(st.none(), values), min_size=1, max_size=4)
)


@pytest.fixture
def spoken(tmp_path: Path) -> Reader:
    reader = Reader(tmp_path)
    reader.source = SPOKEN
    reader.origin = datetime(2024, 12, 1)
    return reader


def _log(records: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(SOURCE_COLUMNS)), LISTS, st.sampled_from(["UTC", "America/New_York"]))
def test_values_of_one_type_and_of_many_are_loaded_alike(
    spoken: Reader, column: str, values: list[Any], zone: str
) -> None:
    spoken.every(_log([{"created": "2024-12-01T12:00:00Z", column: value} for value in values]), zone)


def test_rows_without_any_value_are_rejected(spoken: Reader) -> None:
    assert spoken.every(_log([{}, {"model": None}])) == []
    assert spoken.tally.rejected == 2


def test_rows_need_not_have_the_same_columns(spoken: Reader) -> None:
    rows = spoken.every(_log([{"model": "a"}, {"tokens": 3}, {"model": "b", "tokens": None}]))
    assert rows == [{"model": "a"}, {"tokens": 3}, {"model": "b"}]


def test_counts_beyond_what_floats_can_tell_stay_exact(spoken: Reader) -> None:
    nanoseconds = 1_733_011_200_123_456_789
    rows = spoken.every(_log([{"tokens": 2**62 + 1, "created": nanoseconds}, {"tokens": 1, "created": 1733011200.5}]))
    assert [row["tokens"] for row in rows] == [2**62 + 1, 1]
    assert [row["created"].microsecond for row in rows] == [123_456, 500_000]


def test_a_log_of_many_batches_is_whole(spoken: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_BATCH", 700)
    monkeypatch.setattr(columns, "_FILE", 1 << 10)
    monkeypatch.setattr(columns, "_LINE", 1 << 12)
    content = _log([{"tokens": number, "error": "x" * (number % 50)} for number in range(2000)])
    for rows in (spoken.quick(content), spoken.careful(content)):
        assert sorted(row["tokens"] for row in rows) == list(range(2000))
        assert all(len(row.get("error", "")) == row["tokens"] % 50 for row in rows)


HUGE = 2**63 - 1


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        # A log's own total stands,
        ({"prompt_tokens": 8, "completion_tokens": 5, "tokens": 10, "request_type": "chat"}, (8, 5, 10)),
        ({"prompt_tokens": 8, "completion_tokens": 5, "tokens": 10, "cache_read_tokens": 4}, (8, 5, 10)),
        # unless its parts are counted otherwise here.
        ({"prompt_tokens": 8, "completion_tokens": 5, "tokens": 13, "cache_read_tokens": 20}, (28, 5, 33)),
        ({"prompt_tokens": 8, "completion_tokens": 5, "tokens": 15, "reasoning_tokens": 2}, (8, 7, 15)),
        ({"uncached_tokens": 8, "completion_tokens": 5, "tokens": 13, "cache_read_tokens": 20}, (28, 5, 33)),
        # What is too large to be added is not.
        ({"prompt_tokens": HUGE, "completion_tokens": 13, "tokens": 20, "reasoning_tokens": 3}, (HUGE, 13, 20)),
        ({"prompt_tokens": HUGE, "completion_tokens": HUGE}, (HUGE, HUGE, None)),
        ({"prompt_tokens": 8, "completion_tokens": 0, "request_type": "embedding"}, (8, None, 8)),
        ({"prompt_tokens": 8, "request_type": "embeddings"}, (8, None, 8)),
    ],
)
def test_a_total_is_the_logs_own_or_the_sum_whatever_else_is_in_the_log(
    spoken: Reader, told: dict[str, Any], counted: tuple[int | None, ...]
) -> None:
    others = [
        {"model": "m"},
        {"prompt_tokens": 3, "cache_write_tokens": 9, "reasoning_tokens": 1, "completion_tokens": 0},
    ]
    for log in ([told], [told, *others]):
        row = spoken.every(_log(log))[0]
        assert tuple(row.get(column) for column in ("prompt_tokens", "completion_tokens", "tokens")) == counted


def test_a_row_of_what_makes_no_column_is_a_row(spoken: Reader) -> None:
    assert spoken.every(_log([{"first_token": "2025-01-01T00:00:00Z"}])) == [{}]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
@pytest.mark.parametrize("time", ["12024-01-02T10:00:00Z", "2025-01-01 (BC) 10:00:00Z"])
def test_years_beyond_the_calendar_are_rejected_in_every_zone(spoken: Reader, time: str, zone: str) -> None:
    assert spoken.every(_log([{"created": time, "tokens": 1}]), zone) == []
    assert spoken.tally.rejected == 1


def test_a_field_that_is_a_time_and_something_else_is_looked_at_closely(table: Reader) -> None:
    columns = {"created": Field("ts"), "request_id": Field("ts"), "tokens": Field("tokens")}
    table.source = Source(name="shared", title="shared", recognises=lambda records: True, columns=columns)
    rows = table.every(b'{"ts":1735689600,"tokens":1}\n{"ts":1735689600.5,"tokens":2}\n[1]\n')
    assert [row["tokens"] for row in rows] == [1]
    assert table.tally.rejected == 2
