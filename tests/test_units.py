"""Numbers as a reader says them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreport import units


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unknown"),
        (0, "0"),
        (9_999, "9,999"),
        (10_000, "10 k"),
        (12_345, "12.3 k"),
        (999_499, "999 k"),
        (999_999, "1 M"),
        (1_213_000, "1.21 M"),
        (1_213_000_000, "1.21 G"),
        (15 * 10**14, "1,500 T"),
        (-12_345, "-12.3 k"),
        (0.25, "0.25"),
        (1234.5, "1,234"),
    ],
)
def test_a_count(value: float | None, text: str):
    assert units.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unknown"),
        (0.0, "0 s"),
        (3e-5, "30 µs"),
        (0.35, "350 ms"),
        (0.9999, "1 s"),
        (2.6, "2.6 s"),
        (12.769, "12.8 s"),
        (59.96, "60 s"),
        (119.0, "119 s"),
        (210.0, "3.5 min"),
        (7200.0, "2 h"),
        (200_000.0, "2.31 d"),
    ],
)
def test_a_time(value: float | None, text: str):
    assert units.seconds(value) == text


def test_an_exact_value_has_all_its_digits():
    assert [units.exact(value) for value in (1_213_000, 12.769, None)] == ["1,213,000", "12.769", "unknown"]


_SIZES = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


@given(st.integers(min_value=0, max_value=10**17))
def test_a_count_said_is_the_count_to_half_a_percent(value: int):
    number, _, prefix = units.count(value).partition(" ")
    assert float(number.replace(",", "")) * _SIZES[prefix] == pytest.approx(value, rel=0.005)


@given(st.floats(min_value=1e-6, max_value=1e8))
def test_a_time_said_is_the_time_to_half_a_percent(value: float):
    sizes = {"µs": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600, "d": 86400}
    number, _, unit = units.seconds(value).partition(" ")
    assert float(number.replace(",", "")) * sizes[unit] == pytest.approx(value, rel=0.0051)
