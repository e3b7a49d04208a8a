"""Percentiles against numpy, and their intervals against the binomial distribution they come from."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from logreport import Call, Window, percentiles
from logreport.store import open_store
from logreport.testing import _load, calls


def _binomial(count: int, share: float) -> list[float]:
    """The chance of at most so many successes, by how many."""
    logs = [math.lgamma(number + 1) for number in range(count + 1)]
    total, found = 0.0, []
    for number in range(count + 1):
        ways = logs[count] - logs[number] - logs[count - number]
        total += math.exp(ways + number * math.log(share) + (count - number) * math.log(1 - share))
        found.append(total)
    return found


@pytest.mark.parametrize("percent", percentiles.SHOWN)
def test_an_interval_covers_95_percent_and_little_more(percent: int):
    share = percent / 100
    for count in [*range(20, 300), *range(300, 4000, 61)]:
        low, high = percentiles.ranks(count, percent)
        chance = _binomial(count, share)
        below = chance[low - 1] if low >= 1 else 0.0
        above = 1 - chance[high - 1] if high <= count else 0.0
        assert below + above <= 0.05, (count, percent)
        # Two ranks fewer on both sides would be too few, where both sides have an end.
        if low > 3 and high <= count:
            assert chance[low + 1] + 1 - chance[high - 3] > 0.05, (count, percent)


def test_an_interval_of_few_calls_has_no_upper_end():
    assert percentiles.ranks(20, 99)[1] > 20
    assert percentiles.ranks(20, 50) == (6, 15)


@pytest.fixture
def store(database_url: str) -> Any:
    with open_store(database_url) as opened:
        yield opened


def _asked(store: Any) -> list[dict[str, Any]]:
    values = Window().select(Call.model.label("model"), Call.duration.label("value")).subquery()
    return store.rows(percentiles.select(values, ["model"]).order_by("model"))


def test_percentiles_are_those_of_numpy_and_intervals_are_values_of_the_log(store: Any):
    generator = random.Random(1)
    durations = [generator.lognormvariate(0, 1) for _ in range(777)]
    _load(store, calls(*({"model": "a", "duration": value} for value in durations), {"model": "a"}))
    (row,) = _asked(store)
    assert row["calls"] == 777
    ordered = sorted(durations)
    for percent in percentiles.SHOWN:
        assert row[f"p{percent}"] == pytest.approx(np.percentile(durations, percent), rel=1e-14)
        low, high = percentiles.ranks(777, percent)
        assert (row[f"p{percent}_low"], row[f"p{percent}_high"]) == (ordered[low - 1], ordered[high - 1])


def test_fewer_than_twenty_calls_have_none(store: Any):
    _load(store, calls(*({"model": "few", "duration": 1.0} for _ in range(19))))
    _load(store, calls(*({"model": "just", "duration": float(number)} for number in range(1, 21))))
    few, just = _asked(store)
    assert (few["calls"], few["p50"], few["p99_high"]) == (19, None, None)
    # 20 values 1 to 20: the median lies between 10 and 11, p95 at place 18.05 of 0 to 19
    assert (just["p50"], just["p95"], just["p50_low"], just["p50_high"]) == (10.5, pytest.approx(19.05), 6.0, 15.0)
    assert just["p99_high"] is None


def test_both_databases_give_the_same_digits(postgresql: str):
    generator = random.Random(2)
    rows = calls(*({"model": "a", "duration": generator.expovariate(1)} for _ in range(501)))
    found = []
    for url in ("duckdb:///:memory:", postgresql):
        with open_store(url) as opened:
            _load(opened, rows)
            found.append(_asked(opened))
    assert found[0] == found[1]


def test_it_can_be_read():
    text = str(sa.select(percentiles.ordered(Call.duration)))
    assert "array_agg(metrics.duration ORDER BY metrics.duration)" in text
