"""Tests of change: found where there is one, and seldom where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from logreport import changes


def test_a_share_that_rises_is_found_with_its_step_and_both_levels():
    calls = [100] * 40
    hits = [2] * 25 + [12] * 15
    assert changes.level(hits, calls) == changes.Change(25, 40, 0.12, 0.02)


def test_a_share_that_falls_is_a_change_as_well():
    found = changes.level([20] * 10 + [1] * 30, [100] * 40)
    assert found == changes.Change(10, 40, 0.01, 0.2)


def test_a_burst_is_found_with_its_beginning_and_its_end():
    hits = [1] * 20 + [30, 40, 35] + [1] * 27
    assert changes.burst(hits, [100] * 50) == changes.Change(20, 23, 0.35, 0.01)


def test_fewer_failures_than_elsewhere_are_no_burst():
    assert changes.burst([20] * 20 + [0] * 8 + [20] * 20, [50] * 48) is None


@pytest.mark.parametrize("test", [changes.level, changes.burst])
@pytest.mark.parametrize(
    ("hits", "calls"),
    [([], []), ([5], [5]), ([0] * 40, [100] * 40), ([100] * 40, [100] * 40), ([1, 0, 0, 2] * 2, [10] * 8), ([50] * 7, [90] * 7)],
)  # fmt: skip
def test_nothing_is_said_of_nothing_of_all_and_of_too_little(test, hits: list[int], calls: list[int]):
    assert test(hits, calls) is None


@pytest.mark.parametrize("test", [changes.level, changes.burst])
def test_where_there_is_only_chance_little_is_said(test):
    # One in 200 is promised; of 600, seven and more have a chance of one in 30.
    generator = np.random.default_rng(2)
    said = 0
    for _ in range(600):
        calls = generator.poisson(generator.uniform(1, 100), int(generator.integers(8, 150)))
        said += test(generator.binomial(calls, generator.uniform(0.01, 0.2)).tolist(), calls.tolist()) is not None
    assert said <= 7


def _slow(generator, typical) -> tuple[list[int], list[int]]:
    """How many calls a step are slower than most, around a typical time that goes its own way."""
    steps = [generator.lognormal(level, 0.5, generator.poisson(60) + 1) for level in typical]
    limit = np.percentile(np.concatenate(steps), 95)
    return [int((step > limit).sum()) for step in steps], [len(step) for step in steps]


def test_a_daily_rhythm_is_no_change_and_hardly_is_a_slow_drift():
    generator = np.random.default_rng(4)
    said = []
    for _ in range(100):
        hours = np.arange(150) / 24 * 2 * np.pi * generator.uniform(0.3, 2) + generator.uniform(0, 6)
        said.append(changes.level(*_slow(generator, 0.25 * np.sin(hours))) is not None)
    assert sum(said) <= 5
    drifting = []
    for _ in range(100):
        typical = np.zeros(150)
        for step in range(1, 150):
            typical[step] = 0.8 * typical[step - 1] + generator.normal(0, 0.05)
        drifting.append(changes.level(*_slow(generator, typical)) is not None)
    assert sum(drifting) <= 10


def test_who_fails_and_tries_again_makes_no_burst():
    generator = np.random.default_rng(5)
    said = 0
    for _ in range(100):
        calls = generator.poisson(30, 100) + 4
        hits = np.minimum(calls, 3 * generator.poisson(0.2, 100))
        said += changes.burst(hits.tolist(), calls.tolist()) is not None
    assert said <= 5


def test_what_became_slower_is_found_in_spite_of_that():
    generator = np.random.default_rng(6)
    typical = np.where(np.arange(100) < 60, 0.0, np.log(1.3))
    assert sum(changes.level(*_slow(generator, typical)) is not None for _ in range(50)) >= 45


def test_a_change_in_uneven_steps_is_found_most_of_the_time():
    generator = np.random.default_rng(3)
    found = 0
    for _ in range(50):
        calls = generator.poisson(generator.uniform(5, 60, 60))
        share = np.where(np.arange(60) < 36, 0.03, 0.09)
        change = changes.level(generator.binomial(calls, share).tolist(), calls.tolist())
        found += change is not None and abs(change.start - 36) <= 6
    assert found >= 45
