"""The trend as a chart that Mermaid draws: what its grammar takes, and no point that is not known."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreport.export.mermaid import over_runs, over_time
from logreport.headline import Trend
from logreport.history import Past

_MADE = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)

#: What `xychart.jison` takes: nothing between double quotes but what is meant, and numbers without an exponent.
_TEXT = r'"[^"`%\[\];#\n]*"'
_NUMBER = r"\d+(?:\.\d+)?"
_CHART = re.compile(
    rf"xychart-beta\n    title {_TEXT}\n"
    rf"    x-axis {_TEXT} (?:\[{_TEXT}(?:, {_TEXT})*\]|1 --> (?P<points>\d+))\n"
    rf"    y-axis {_TEXT} 0 --> (?P<top>{_NUMBER})\n"
    rf"    line \[(?P<line>{_NUMBER}(?:, {_NUMBER})*)\]"
)


def _line(chart: str) -> list[float]:
    found = _CHART.fullmatch(chart)
    assert found, chart
    values = [float(value) for value in found["line"].split(", ")]
    assert float(found["top"]) >= max(values)
    assert float(found["top"]) > 0
    assert found["points"] is None or int(found["points"]) == len(values)
    return values


def _history(*values: float | None, number: str = "duration.p95", run: str | None = None) -> list[Past]:
    return [Past(made=_MADE + timedelta(days=at), run=run, numbers={number: value}) for at, value in enumerate(values)]


def test_the_numbers_of_runs():
    found = over_runs(_history(1.25, 2.5, 0.00001))

    assert found is not None
    assert _line(found.chart) == [1.25, 2.5, 0.00001]
    assert '"duration.p95 over 3 reports"' in found.chart
    assert '["01-31 23:59", "02-01 23:59", "02-02 23:59"]' in found.chart
    assert 'y-axis "seconds" 0 --> 2.5' in found.chart
    assert found.left_out == ""


def test_runs_that_do_not_know_it_are_left_out_and_told():
    found = over_runs(_history(1.0, None, 2.0, None))

    assert found is not None
    assert _line(found.chart) == [1, 2]
    assert found.left_out == "2 reports are left out, which do not know it."


@pytest.mark.parametrize(
    ("number", "unit"), [("duration.p95", "seconds"), ("cost.total", "dollars"), ("calls.count", "calls")]
)
def test_what_is_known_is_shown(number: str, unit: str):
    found = over_runs(_history(3.0, 4.0, number=number))

    assert found is not None
    assert f'y-axis "{unit}"' in found.chart


def test_durations_go_first_where_two_runs_know_them():
    both = [replace(one, numbers={**one.numbers, "calls.count": 7}) for one in _history(1.0, 2.0)]
    one = [replace(one, numbers={**one.numbers, "calls.count": 7}) for one in _history(1.0, None)]

    for history, number in ((both, "duration.p95"), (one, "calls.count")):
        found = over_runs(history)
        assert found is not None
        assert f'"{number} over 2 reports"' in found.chart


@pytest.mark.parametrize("history", [[], _history(1.0), _history(None, None), _history(1.0, None)])
def test_one_run_is_no_trend(history: list[Past]):
    assert over_runs(history) is None


def test_many_runs_are_numbered():
    found = over_runs(_history(*map(float, range(100))))

    assert found is not None
    assert 'x-axis "report" 1 --> 100\n' in found.chart
    assert len(_line(found.chart)) == 100


@given(st.text(st.characters()))
def test_no_name_of_a_run_breaks_out(run: str):
    found = over_runs(_history(1.0, 2.0, run=run))

    assert found is not None
    assert _line(found.chart) == [1, 2]


def test_calls_over_time():
    found = over_time(Trend(step=timedelta(minutes=30), calls=(3, 0, 5)))

    assert found is not None
    assert _line(found.chart) == [3, 0, 5]
    assert '"calls in steps of 30 min"' in found.chart
    assert found.left_out == ""


def test_a_step_that_is_unknown_is_no_zero():
    found = over_time(Trend(step=timedelta(hours=2), calls=(3, None, 5)))

    assert found is not None
    assert _line(found.chart) == [3, 5]
    assert found.left_out == "1 step is left out, whose calls are unknown: points are not evenly spaced in time."


@pytest.mark.parametrize("calls", [(), (3,), (None, 3)])
def test_one_step_is_no_trend(calls: tuple[int | None, ...]):
    assert over_time(Trend(step=timedelta(hours=1), calls=calls)) is None


def test_nothing_but_zeros_has_an_axis():
    found = over_time(Trend(step=timedelta(days=1), calls=(0, 0)))

    assert found is not None
    assert _line(found.chart) == [0, 0]
