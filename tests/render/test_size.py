"""How large a page is: for the six metrics of the specification, and with all there are, however long the log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from logreport import plotlyjs
from logreport.render import Charts, render_page
from logreport.report import Report

pytestmark = pytest.mark.skipif(not plotlyjs.library().basic, reason="the small bundle of plotly.js is not here")


def _records(count: int) -> list[dict[str, Any]]:
    """Calls to six models over nine days, which give nearly as many bars over time as there can be."""
    step = timedelta(days=9) / count
    return [
        {
            "created": f"{datetime(2024, 12, 9) + number * step:%Y-%m-%d %H:%M:%S}",
            "model": f"provider/model-{number % 6}-2024-11-20",
            "type": ("text", "json", "tools", None)[number % 4],
            "temperature": number % 11 / 10,
            "stream": number % 3 == 0,
            "metrics": {
                "start": 1734540040.0,
                "end": 1734540043.0,
                "tokens": 1000 + number,
                "prompt_tokens": 900,
                "completion_tokens": 100 + number,
                "time_to_first_token": 0.5 + number % 6,
            },
        }
        for number in range(count)
    ]


@pytest.fixture
def report(make_report_of: Callable[..., Report]) -> Report:
    return make_report_of(*_records(3_000))


SIX = (
    *("tokens_by_model", "prompt_vs_completion", "time_to_first_token"),
    *("temperature", "request_types", "tokens_over_time"),
)


@pytest.fixture
def six(report: Report) -> Report:
    return replace(report, cards=tuple(report.card(name) for name in SIX))


def _size(report: Report, charts: Charts) -> int:
    return len(render_page(report, charts=charts).encode())


def test_a_page_with_plotly_inside(six: Report) -> None:
    assert _size(six, Charts.PLOTLY) <= 600_000


def test_a_page_without_plotly(six: Report) -> None:
    assert _size(six, Charts.SVG) <= 60_000


def test_a_page_with_every_metric(report: Report) -> None:
    assert _size(report, Charts.PLOTLY) <= 800_000


@pytest.mark.parametrize("charts", Charts)
def test_a_hundred_times_the_calls_are_no_larger_page(
    report: Report, make_report_of: Callable[..., Report], charts: Charts
) -> None:
    assert _size(make_report_of(*_records(30_000)), charts) <= 1.2 * _size(make_report_of(*_records(300)), charts)
