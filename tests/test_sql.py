"""The words of SQL, asked of both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from logreport import Call, sql
from logreport.store import Store, open_store
from logreport.testing import _load, calls


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as opened:
        yield opened


def hold(store: Store, *given: dict[str, Any]) -> None:
    _load(store, calls(*given))


def one(store: Store, word: Any) -> Any:
    (row,) = store.rows(sa.select(word.label("value")).select_from(Call))
    return row["value"]


def test_mean_is_exact_and_of_known_values_only(store: Store):
    hold(store, {"duration": 0.1}, {"duration": 0.2}, {"duration": 0.3}, {"duration": None})
    assert one(store, sql.mean(Call.duration)) == 0.2


def test_mean_of_nothing_is_unknown(store: Store):
    assert one(store, sql.mean(Call.duration)) is None


def test_sum_of_tokens(store: Store):
    hold(
        store,
        {"tokens": 7, "prompt_tokens": 1, "completion_tokens": 1},
        {"prompt_tokens": 20, "completion_tokens": 3},
        {"prompt_tokens": 100},
    )
    assert one(store, sql.sum_of_tokens()) == 30
    assert one(store, sql.count_where(sql.tokens_known())) == 2


def test_sum_of_tokens_is_unknown_where_no_call_tells_them(store: Store):
    hold(store, {"prompt_tokens": 1}, {"completion_tokens": 2}, {})
    assert one(store, sql.sum_of_tokens()) is None


def test_sum_of_tokens_of_one_part_only(store: Store):
    hold(store, {"prompt_tokens": 1, "completion_tokens": 2}, {"prompt_tokens": 5})
    assert one(store, sql.sum_of_tokens()) == 3


def test_sum_of_tokens_beyond_64_bits(store: Store):
    hold(store, {"prompt_tokens": 2**63 - 1, "completion_tokens": 2**63 - 1})
    assert one(store, sql.sum_of_tokens()) == 2**64 - 2


def test_count_where_does_not_count_null(store: Store):
    hold(store, {"stream": False}, {"stream": True}, {"stream": None})
    assert one(store, sql.count_where(Call.stream.is_(False))) == 1


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    "width", [timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), timedelta(days=1)], ids=str
)
def test_time_buckets_are_where_the_clocks_of_the_zone_say(store: Store, zone: str, width: timedelta):
    first = datetime(2024, 1, 1, tzinfo=UTC)
    moments = [first + number * timedelta(hours=7, minutes=13) for number in range(1250)]
    hold(store, *({"created": moment.replace(tzinfo=None)} for moment in moments))
    bucket = sql.time_bucket(Call.created, width, zone, first, moments[-1])
    rows = store.rows(sa.select(Call.created.label("created"), bucket.label("bucket")))

    where = ZoneInfo(zone)
    for row in rows:
        local = row["created"].replace(tzinfo=UTC).astimezone(where).replace(tzinfo=None)
        begins = row["bucket"].replace(tzinfo=UTC).astimezone(where).replace(tzinfo=None)
        floor = local - (local - datetime(2000, 1, 3)) % width
        assert begins == floor
    in_time = sorted(rows, key=lambda row: row["created"])
    assert [row["bucket"] for row in in_time] == sorted(row["bucket"] for row in rows)


def test_a_century_of_clock_changes(store: Store):
    hold(store, {"created": datetime(1, 1, 1)}, {"created": datetime(2024, 7, 1, 12)})
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(2024, 7, 1, 12, tzinfo=UTC)
    bucket = sql.time_bucket(Call.created, timedelta(days=1), "Europe/Berlin", first, last)
    (row,) = store.rows(sa.select(bucket.label("bucket")).where(Call.created > datetime(2000, 1, 1)))
    assert row["bucket"] == datetime(2024, 6, 30, 22)


def test_a_query_can_be_printed():
    assert "floor_time" in str(sa.select(sql.floor_time(Call.created, 60)))
