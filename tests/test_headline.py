"""The headline's course over time, worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from logreport import Window
from logreport.headline import Trend
from logreport.report import make_report
from logreport.testing import START, calls, store_of


def trend(*given: dict[str, Any], window: Window | None = None) -> Trend:
    with store_of(calls(*given)) as store:
        return make_report(store, (), window or Window(), title="Test", bucket=None, ingests=()).trend


def at(minutes: float, **columns: Any) -> dict[str, Any]:
    return {"created": START + timedelta(minutes=minutes), **columns}


def test_a_step_without_calls_is_zero_and_one_whose_calls_do_not_tell_is_unknown():
    # 40 minutes in at most 60 steps: one minute each
    found = trend(at(0, tokens=5, status="ok"), at(0.5, tokens=7, status="error"), at(2), at(40, tokens=1))

    assert found.step == timedelta(minutes=1)
    assert len(found.calls) == 41
    assert found.calls[:4] == (2, 0, 1, 0)
    assert found.tokens[:4] == (12, 0, None, 0)
    assert found.errors[:4] == (1, 0, None, 0)
    assert (found.calls[-1], found.tokens[-1]) == (1, 1)


def test_what_no_call_tells_is_unknown_all_along():
    assert set(trend(at(0), at(40)).tokens) == {None}


def test_calls_without_a_time_have_no_course():
    assert trend({"created": None, "tokens": 1}) == Trend()
    assert trend() == Trend()


@pytest.mark.parametrize("hours", [50, 100, 200, 1000])
@pytest.mark.parametrize("month", [3, 4, 10])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
def test_clocks_that_change_take_no_call_away(zone: str, month: int, hours: int):
    # Berlin's clocks change on 31 March and 27 October, Lord Howe's by half an hour on 7 April and 6 October
    first = datetime(2024, month, 26 if zone == "Europe/Berlin" else 5, 12)
    every = [{"created": first + number * timedelta(minutes=30)} for number in range(2 * hours)]
    found = trend(*every, window=Window(timezone=zone))
    assert sum(value or 0 for value in found.calls) == 2 * hours


def test_the_hour_that_clocks_show_twice_is_one_step():
    # 02:10 and 02:50 in summer time, then 02:10 in winter time
    moments = [datetime(2024, 10, 27, 0, 10), datetime(2024, 10, 27, 0, 50), datetime(2024, 10, 27, 1, 10)]
    found = trend(*({"created": moment} for moment in moments), window=Window(timezone="Europe/Berlin"))
    assert found.calls[0] == 2
    assert sum(value or 0 for value in found.calls) == 3


def test_from_one_end_of_the_calendar_to_the_other():
    found = trend({"created": datetime(1, 1, 1)}, {"created": datetime(9999, 12, 31, 23)})
    assert sum(value or 0 for value in found.calls) == 2
    assert len(found.calls) <= 60


def test_it_looks_through_the_window():
    found = trend(at(0, model="a"), at(1, model="b"), at(40, model="a"), window=Window(models=("a",)))
    assert sum(value or 0 for value in found.calls) == 2
