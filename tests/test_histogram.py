"""Histograms against the values they were made of: numpy's percentiles, and the bins that databases count."""

from __future__ import annotations

import math
import random
import sys
from typing import Any

import numpy as np
import pytest

from logreport import Window
from logreport.histogram import ACCURACY, GROWTH, Histogram, bin_number, of_values
from logreport.measured import measure
from logreport.store import open_store
from logreport.testing import _load, calls

PERCENTS = [*range(101), 0.1, 2.5, 97.5, 99.5, 99.9, 99.99]

#: A little more, for what numbers of 64 bits round.
HALF_A_PERCENT = ACCURACY * (1 + 1e-6)

GENERATOR = random.Random(1)

VALUES = {
    "log-normal": [GENERATOR.lognormvariate(0, 1) for _ in range(3000)],
    "heavy": [GENERATOR.paretovariate(0.8) for _ in range(3000)],
    "uniform": [GENERATOR.uniform(0, 2) for _ in range(500)],
    "narrow": [GENERATOR.gauss(1, 0.001) for _ in range(500)],
    "a third zeros": [max(0.0, GENERATOR.uniform(-1, 2)) for _ in range(900)],
    "nothing but zeros": [0.0] * 30,
    "one value": [0.25] * 30,
    "two far apart": [1e-9, 1e9] * 10,
    "tiny": [GENERATOR.uniform(1, 9) * 1e-300 for _ in range(100)],
    "the least": [5e-324, 1e-323, 5e-320],
    "huge": [GENERATOR.uniform(1, 9) * 1e300 for _ in range(100)],
    "edges": [GROWTH**power for power in range(-50, 50)],
}


def _check(histogram: Histogram, values: list[float]) -> None:
    rounded = 1e-15 * max(values)  # numpy finds a place between two values as a floating number
    for percent in PERCENTS:
        exact = float(np.percentile(values, percent))
        assert histogram.percentile(percent) == pytest.approx(exact, rel=HALF_A_PERCENT, abs=rounded), percent


@pytest.mark.parametrize("name", [name for name in VALUES if name != "the least"])
def test_every_percentile_is_that_of_numpy_to_half_a_percent(name: str):
    _check(of_values(VALUES[name]), VALUES[name])


@pytest.mark.parametrize("count", range(1, 31))
def test_percentiles_of_few_values_as_well(count: int):
    draws = random.Random(count)
    for _ in range(20):
        values = [draws.choice([0.0, draws.expovariate(1), draws.expovariate(0.001)]) for _ in range(count)]
        _check(of_values(values), values)


def test_percentiles_of_no_values_there_are_none():
    nothing = of_values([])
    assert (nothing.count, nothing.percentile(50), nothing.mean, nothing.largest) == (0, None, None, None)
    assert nothing.variance == 0


def test_the_smallest_and_the_largest_number_there_are_have_bins():
    for value in [*VALUES["the least"], sys.float_info.max]:
        assert of_values([value]).percentile(50) == pytest.approx(value, rel=HALF_A_PERCENT)


def test_whole_numbers_up_to_99_are_exact():
    for value in range(100):
        # One more that is larger: what is known of the largest helps nobody.
        assert of_values([float(value)] * 3 + [500.0], whole=True).percentile(0) == value
    for value in range(100, 3000):
        assert of_values([float(value), 1e6], whole=True).ranked(1) == pytest.approx(value, rel=HALF_A_PERCENT)


def test_nothing_is_larger_than_the_largest():
    for value in (0.3, 1.0, 1234.5, 999.0):
        histogram = of_values([value / 3, value])
        assert histogram.percentile(100) <= value
        assert histogram.percentile(99.9) <= value


def test_ranks_are_those_of_the_sorted_values():
    values = [0.0, 0.0, 1.0, 5.0, 5.0, 80.0]
    histogram = of_values(values, whole=True)
    assert [histogram.ranked(rank) for rank in range(1, 7)] == values


def test_total_and_mean_are_exact():
    histogram = of_values([0.1] * 10)
    assert (histogram.total, histogram.mean, histogram.largest) == (1.0, 0.1, 0.1)
    assert of_values([0.0, 3.0, 4.0], whole=True).mean == 7 / 3


# ---------------------------------------------------------------- the variance


@pytest.mark.parametrize("name", ["log-normal", "uniform", "a third zeros"])
def test_the_variance_of_what_varies_is_that_of_the_values(name: str):
    values = VALUES[name]
    assert of_values(values).variance == pytest.approx(np.var(values, ddof=1), rel=0.01)


def test_the_variance_of_what_fills_a_few_bins_is_never_too_small():
    # 1,000 to 1,009 tokens are one bin, or two: what is in it must not pass for a single value.
    draws = np.random.default_rng(1)
    for centre in range(200, 6000, 37):
        values = np.round(draws.normal(centre, centre / 800, 300))
        assert of_values(values.tolist(), whole=True).variance >= 0.999 * values.var(ddof=1), centre
    for low, high in [(1.0, 1.0045), (0.9995, 1.0005), (3.3, 3.31)]:
        values = np.where(draws.random(300) < 0.5, low, high)
        assert of_values(values.tolist()).variance >= 0.999 * values.var(ddof=1)


def test_the_variance_of_equal_values_is_none():
    for value in (0.0, 0.1, 1.0, 7.0, 1234.5):
        assert of_values([value] * 40).variance == pytest.approx(0, abs=1e-15)
    assert of_values([2.0, 4.0], whole=True).variance == 2


# ---------------------------------------------------------------- merging


def _parts(*values: list[float]) -> list[Histogram]:
    return [of_values(part, whole=True) for part in values]


def test_merged_is_what_all_values_together_are():
    one, other, third = _parts([0, 1, 2, 500], [], [2, 2, 0, 1e6])
    together = of_values([0, 1, 2, 500, 2, 2, 0, 1e6], whole=True)
    assert one.merged(other).merged(third) == together
    assert one.merged(other.merged(third)) == together
    assert third.merged(one) == together
    assert other.merged(other) == other


def test_merging_is_associative_and_commutative_on_random_values():
    draws = random.Random(3)
    for _ in range(50):
        a, b, c = _parts(*([float(draws.randrange(1000)) for _ in range(draws.randrange(40))] for _ in range(3)))
        assert a.merged(b).merged(c) == a.merged(b.merged(c)) == c.merged(a).merged(b)


# ---------------------------------------------------------------- drawing


def test_shares_are_spread_over_the_values():
    values = sorted(VALUES["log-normal"])
    histogram = of_values(values)
    shares = np.linspace(0, 1, 201)
    found = histogram.at_shares(shares)
    assert (np.diff(found) >= 0).all()
    expected = [values[min(int(share * 3000), 2999)] for share in shares]
    assert found == pytest.approx(np.array(expected), rel=0.0101)


def test_shares_of_whole_numbers_and_of_zeros_are_those_numbers():
    histogram = of_values([0.0, 0.0, 7.0, 7.0], whole=True)
    assert histogram.at_shares(np.array([0, 0.4, 0.6, 1])).tolist() == [0, 0, 7, 7]


def test_what_stands_for_a_share_does_not_depend_on_the_largest_value():
    # Two runs whose longest call is another are else taken for different.
    low, high = of_values([1.001] * 100), of_values([1.001] * 99 + [1.009])
    assert low.bins == high.bins
    assert low.at_shares(np.array([0.2, 0.9])).tolist() == high.at_shares(np.array([0.2, 0.9])).tolist()


# ---------------------------------------------------------------- bins


def test_every_value_is_within_half_a_percent_of_what_stands_for_its_bin():
    draws = random.Random(4)
    for _ in range(20_000):
        value = 10 ** draws.uniform(-300, 300)
        number = bin_number(value)
        assert number * math.log(GROWTH) <= math.log(value) + 1e-10
        assert math.log(value) < (number + 1) * math.log(GROWTH)


def test_an_edge_belongs_to_the_bin_that_it_begins():
    for power in range(-3000, 3000):
        assert bin_number(GROWTH**power) == power


def _edges() -> list[float]:
    found = []
    for power in [*range(-700, 700, 7), -70_000, 60_000]:
        edge = GROWTH**power
        found += [edge, math.nextafter(edge, 0), math.nextafter(edge, math.inf)]
    return [value for value in found if value < 9e9]


def test_databases_count_the_bins_of_python(database_url: str):
    draws = random.Random(5)
    values = [10 ** draws.uniform(-12, 9) for _ in range(1500)] + _edges() + [0.0, 0.0, 5e-324, 1.0, 9e9]
    with open_store(database_url) as store:
        _load(store, calls(*({"duration": value} for value in values)))
        found = measure(store, Window()).whole.distributions["duration"]
    expected = of_values(values)
    assert (found.bins, found.calls, found.zeros) == (expected.bins, expected.calls, expected.zeros)
    assert found.largest == expected.largest
    assert found.total == pytest.approx(expected.total, rel=1e-12)


def test_databases_count_whole_numbers_as_python_does(database_url: str):
    values = [*range(120), 10**6, 10**9, 2**53]
    rows: list[dict[str, Any]] = [{"prompt_tokens": value} for value in values]
    with open_store(database_url) as store:
        _load(store, calls(*rows))
        found = measure(store, Window()).whole.distributions["prompt_tokens"]
    assert found == of_values([float(value) for value in values], whole=True)
