"""Intervals and verdicts against published values, tables, and what they promise of many runs."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from logreport import significance
from logreport.histogram import Histogram, of_values
from logreport.significance import Interval

#: "Never more than 5 %", counted in so many pairs of runs.
PAIRS = 400


def _whole(*values: float) -> Histogram:
    return of_values(values, whole=True)


# ---------------------------------------------------------------- rates


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [  # Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3
        *((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)),
        *((5, 100, 0.0215, 0.1118), (50, 100, 0.4038, 0.5962), (20, 20, 0.8389, 1.0)),
    ],
)
def test_a_rate_has_the_interval_of_wilson(hits: int, of: int, low: float, high: float):
    assert significance.rate(hits, of) == pytest.approx((low, high), abs=5e-5)


def test_the_ends_of_a_rate_are_never_beyond_0_and_1():
    for of in (1, 2, 3, 19, 1000, 10**9, 10**15):
        assert significance.rate(0, of).low == 0
        assert significance.rate(of, of).high == 1
        low, high = significance.rate(of // 2, of)
        assert 0 <= low <= (of // 2) / of <= high <= 1
    assert significance.rate(0, 0) == Interval(None, None)


@pytest.mark.parametrize(
    ("hits", "of", "others", "of_others", "low", "high"),
    [  # Newcombe, Interval estimation for the difference between independent proportions, 1998, table II, method 10
        (56, 70, 48, 80, 0.0524, 0.3339),
        (5, 56, 0, 29, -0.0381, 0.1926),
    ],
)
def test_two_rates_have_the_interval_of_newcombe(hits, of, others, of_others, low: float, high: float):
    found = significance.rate_difference(hits, of, others, of_others)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    turned = significance.rate_difference(others, of_others, hits, of)
    assert (turned.low, turned.high) == pytest.approx((-high, -low), abs=5e-5)
    assert turned.chance == found.chance


def test_the_chance_of_a_difference_of_rates_is_that_of_pooled_proportions():
    # 40 % and 60 % of 100: z = 0.2 / sqrt(0.5 * 0.5 * 2 / 100) = 2.8284, two-sided 0.00468
    assert significance.rate_difference(60, 100, 40, 100).chance == pytest.approx(0.00468, abs=5e-6)


@pytest.mark.parametrize("hits", [0, 30])
def test_rates_of_none_and_of_all_do_not_differ(hits: int):
    found = significance.rate_difference(hits, 30, hits, 30)
    assert (found.clear, found.chance) == (False, 1.0)


def test_rates_of_a_thousand_million_calls_are_told_apart():
    many = 10**9
    found = significance.rate_difference(many // 2 + 10**6, many, many // 2, many)
    assert found.clear
    assert (found.low, found.high) == pytest.approx((0.000956, 0.001044), abs=1e-6)
    assert not significance.rate_difference(many // 2 + 10**4, many, many // 2, many).clear


# ---------------------------------------------------------------- means


@pytest.mark.parametrize(
    ("freedom", "t"),
    [
        *((1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (5, 2.5706), (9, 2.2622), (19, 2.0930)),
        *((30, 2.0423), (60, 2.0003), (120, 1.9799), (10**9, 1.9600)),
    ],
)
def test_students_t_is_that_of_the_table(freedom: int, t: float):
    assert significance._student(freedom) == pytest.approx(t, rel=0.0015 if freedom < 5 else 2e-4)


def test_a_mean_has_students_interval():
    # 1 to 20: mean 10.5, variance 35; 2.0930 * sqrt(35 / 20) = 2.7688
    assert significance.mean(_whole(*range(1, 21))) == pytest.approx((7.7312, 13.2688), abs=2e-4)
    # 2 and 4: mean 3, variance 2; 12.7062 * sqrt(2 / 2)
    assert significance.mean(_whole(2, 4)) == pytest.approx((-9.7062, 15.7062), abs=1e-4)


def test_a_mean_of_one_call_or_of_none_has_no_interval():
    assert significance.mean(_whole(3)) == Interval(None, None)
    assert significance.mean(_whole()) == Interval(None, None)


def test_two_means_have_the_interval_of_welch():
    # 1 to 20: variance 35. 15 times 10 and 15 times 20: mean 15, variance 750 / 29.
    # Error sqrt(35 / 20 + 25 / 29) = 1.61619, t = -2.78433, Satterthwaite's freedom 36.523.
    found = significance.mean_difference(_whole(*range(1, 21)), _whole(*[10] * 15, *[20] * 15))
    # The ends and the p of scipy 1.17's ttest_ind(equal_var=False)
    assert (found.low, found.high) == pytest.approx((-7.776155, -1.223845), abs=2e-6)
    assert found.chance == pytest.approx(0.0084467, rel=0.02)


def test_means_of_equal_calls_do_not_differ_however_they_are_rounded():
    # A sum of 31 equal costs, divided by 31, is not always the last digit of one of them.
    one = 3_333_333_000_000
    for count in range(20, 200):
        current, baseline = (
            Histogram(bins=(120,), calls=(calls,), total=calls * one / 10**12, largest=one / 10**12)
            for calls in (count, 23)
        )
        found = significance.mean_difference(current, baseline)
        assert (found.clear, found.chance) == (False, pytest.approx(1)), count


def test_constant_calls_of_another_size_differ_for_sure():
    found = significance.mean_difference(_whole(*[7] * 25), _whole(*[5] * 40))
    assert found == (2, 2, 0)
    assert found.clear
    slower = significance.mean_difference(of_values([0.7] * 25), of_values([0.5] * 40))
    assert (slower.low, slower.high, slower.chance) == pytest.approx((0.2, 0.2, 0), abs=1e-6)


# ---------------------------------------------------------------- percentiles


def test_a_percentile_has_the_values_at_its_ranks_as_interval():
    # Of 20 values the median lies between the 6th and the 15th; p99 has no upper end.
    assert significance.percentile(_whole(*range(1, 21)), 50) == (6, 15)
    assert significance.percentile(_whole(*range(1, 21)), 99).high is None
    assert significance.percentile(_whole(), 50) == Interval(None, None)


def test_runs_that_have_nothing_in_common_differ_for_sure():
    found = significance.percentile_difference(_whole(*range(50, 90)), _whole(*range(1, 41)), 50)
    # Each median has a standard deviation of sqrt(40) / 2 ranks; 1.96 * sqrt(2 * 10) = 8.8
    assert (found.low, found.high) == pytest.approx((49 - 8.8, 49 + 8.8), abs=1.5)
    assert found.clear
    assert found.chance == pytest.approx(1 / 5000)


def test_equal_calls_do_not_differ():
    for value in (0.0, 0.5, 1.0, 1234.5):
        found = significance.percentile_difference(of_values([value] * 100), of_values([value] * 300), 50)
        assert not found.clear
        assert found.chance > 0.05


def test_a_difference_is_the_same_every_time_and_turned_when_runs_are():
    draws = np.random.default_rng(7)
    one, other = (of_values(draws.lognormal(0, 1, 500).tolist()) for _ in range(2))
    found = significance.percentile_difference(one, other, 95)
    assert significance.percentile_difference(one, other, 95) == found
    turned = significance.percentile_difference(other, one, 95)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), rel=0.1, abs=0.1)


# ---------------------------------------------------------------- too few calls


def test_nineteen_calls_are_too_few_and_twenty_are_not():
    nineteen, twenty = of_values([1.0, *range(18)]), of_values([1.0, *range(19)])
    assert significance.mean_difference(nineteen, twenty) is None
    assert significance.mean_difference(twenty, nineteen) is None
    assert significance.mean_difference(twenty, twenty) is not None
    assert significance.percentile_difference(nineteen, twenty, 50) is None
    assert significance.percentile_difference(twenty, twenty, 50) is not None
    assert significance.rate_difference(1, 19, 1, 20) is None
    assert significance.rate_difference(1, 20, 0, 19) is None
    assert significance.rate_difference(1, 20, 0, 20) is not None


@pytest.mark.parametrize("percent", [90, 95, 99])
def test_a_high_percentile_needs_as_many_calls_as_its_interval_has_an_upper_end(percent: int):
    # The largest of n is above the percentile with 1 - (percent / 100) ** n: 97.5 % of 2.5 % on each side, or nearly.
    least = next(n for n in range(2, 2000) if significance.percentile(of_values([1.0] * n), percent).high is not None)
    assert math.log(0.05) / math.log(percent / 100) < least < 1.2 * math.log(0.025) / math.log(percent / 100)
    enough = of_values([1.0] * 1000)
    few, just = of_values([1.0] * (least - 1)), of_values([1.0] * least)
    assert significance.percentile_difference(few, enough, percent) is None
    assert significance.percentile_difference(enough, few, percent) is None
    assert significance.percentile_difference(just, enough, percent) is not None


# ---------------------------------------------------------------- what is promised

Draw = Callable[[np.random.Generator, int], np.ndarray]

DRAWS: dict[str, Draw] = {
    "log-normal": lambda draws, count: draws.lognormal(0, 0.8, count),
    "two models": lambda draws, count: np.where(
        draws.random(count) < 0.2, draws.lognormal(2, 0.5, count), draws.lognormal(0, 0.4, count)
    ),
    "one bin": lambda draws, count: draws.normal(1.005, 0.001, count),
    "the edge of a bin": lambda draws, count: draws.normal(1, 0.0005, count),
    "whole milliseconds": lambda draws, count: np.round(draws.gamma(2, 0.02, count), 3),
}

#: Counts of tokens that hardly differ, as of calls with one long prompt.
NARROW = [(500, 1), (1003, 1), (1005, 1), (1007, 1), (1007, 2), (5020, 4)]


def _worse(found: significance.Difference | None) -> bool:
    return found is not None and found.low > 0


def _how_often(pairs: int, draw: Callable[[np.random.Generator], Histogram], slower=None) -> dict[str, float]:
    found = {"p50": 0, "p95": 0, "mean": 0}
    for seed in range(pairs):
        draws = np.random.default_rng(seed)
        baseline, current = draw(draws), (slower or draw)(draws)
        found["p50"] += _worse(significance.percentile_difference(current, baseline, 50))
        found["p95"] += _worse(significance.percentile_difference(current, baseline, 95))
        found["mean"] += _worse(significance.mean_difference(current, baseline))
    return {name: count / pairs for name, count in found.items()}


@pytest.mark.parametrize("calls", [150, 1000])
@pytest.mark.parametrize("name", list(DRAWS))
def test_of_equal_runs_at_most_5_percent_are_called_worse(name: str, calls: int):
    pairs = PAIRS if calls < 1000 else 100
    found = _how_often(pairs, lambda draws: of_values(np.abs(DRAWS[name](draws, calls)).tolist()))
    assert max(found.values()) <= 0.05, found


@pytest.mark.parametrize(("centre", "spread"), NARROW)
def test_of_equal_runs_of_nearly_equal_calls_as_well(centre: int, spread: int):
    def draw(draws: np.random.Generator) -> Histogram:
        return of_values(np.round(draws.normal(centre, spread, 400)).tolist(), whole=True)

    found = _how_often(100, draw)
    assert max(found.values()) <= 0.05, found


@pytest.mark.parametrize("share", [0.005, 0.02, 0.3])
def test_of_equal_error_rates_at_most_5_percent_are_called_worse(share: float):
    hits = np.random.default_rng(1).binomial(500, share, (4000, 2)).tolist()
    worse = sum(_worse(significance.rate_difference(now, 500, before, 500)) for now, before in hits)
    assert worse / 4000 <= 0.05


def test_a_p95_a_fifth_slower_is_found_in_90_percent_with_2000_calls():
    def draw(times: float) -> Callable[[np.random.Generator], Histogram]:
        return lambda draws: of_values((times * draws.lognormal(0, 0.5, 2000)).tolist())

    assert _how_often(100, draw(1.0), draw(1.2))["p95"] >= 0.9


@pytest.mark.parametrize("percent", [50, 95])
def test_the_interval_of_a_difference_holds_the_real_one_in_95_percent(percent: int):
    # p50 of exp(N(0, 0.5)) is 1, its p95 is exp(0.5 * 1.64485)
    real = 0.2 * (1 if percent == 50 else math.exp(0.5 * 1.644854))
    inside = 0
    for seed in range(PAIRS):
        draws = np.random.default_rng(seed)
        baseline, current = (of_values((times * draws.lognormal(0, 0.5, 300)).tolist()) for times in (1.0, 1.2))
        found = significance.percentile_difference(current, baseline, percent)
        inside += found.low <= real <= found.high
    assert inside / PAIRS >= 0.93  # with 400 pairs, 95 % may seem to be that


def test_the_interval_of_a_mean_holds_the_real_one_in_95_percent():
    inside = 0
    for seed in range(1000):
        values = np.random.default_rng(seed).gamma(4, 1, 60).tolist()
        low, high = significance.mean(of_values(values))
        inside += low <= 4 <= high
    assert inside / 1000 >= 0.93
