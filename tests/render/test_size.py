"""How large a page is: for the six metrics of the specification, and with all there are, however long the log."""

from __future__ import annotations

from collections.abc import Callable
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


def _size(report: Report, charts: Charts) -> int:
    return len(render_page(report, charts=charts).encode())


def test_a_page_with_plotly_inside(report: Report) -> None:
    assert _size(report, Charts.PLOTLY) <= 600_000


def test_a_page_without_plotly(report: Report) -> None:
    assert _size(report, Charts.SVG) <= 60_000


def _call(number: int, count: int) -> dict[str, Any]:
    """A call that tells all there is to tell: six models, two in three streamed, some failed, many users."""
    waited = 0.2 + number % 977 / 321
    told = {
        "created_at": f"{datetime(2026, 10, 5) + number * timedelta(days=9) / count:%Y-%m-%dT%H:%M:%SZ}",
        "model": ("gpt-4o", "gpt-4o-mini", "o3", "gpt-5", "claude-sonnet-4-5", "our-own-model-70b")[number % 6],
        "stream": number % 3 > 0,
        "temperature": number % 11 / 10,
        "request_type": ("text", "json", "tools", "agent")[number % 4],
        "request_id": f"req-{number:016x}",
        "user_id": f"somebody-{number % 89}@example.com",
        "session_id": f"session-{number // 7:08x}",
    }
    if number % 41 == 0:
        return told | {"status": "error", "error": f"{429 + number % 7} {'Too Many Requests ' * (number % 5)}"}
    return told | {
        "status": "ok",
        "prompt_tokens": 1 << number % 17,
        "completion_tokens": 2 + number % 1900,
        "cache_read_tokens": (1 << number % 17) // 2,
        "finish_reason": ("stop", "length", "tool_calls")[number % 3],
        "time_to_first_token_s": round(waited, 3),
        "duration_s": round(waited + number % 1009 / 77, 3),
        "cost_usd": number % 101 / 10_000,
    }


def test_a_page_with_every_metric(make_report_of: Callable[..., Report]) -> None:
    whole = make_report_of(*(_call(number, 9_000) for number in range(9_000)), metrics=None)

    assert {card.status for card in whole.cards} == {"ok"}
    assert _size(whole, Charts.PLOTLY) <= 800_000


@pytest.mark.parametrize("charts", Charts)
def test_a_hundred_times_the_calls_are_no_larger_page(
    report: Report, make_report_of: Callable[..., Report], charts: Charts
) -> None:
    assert _size(make_report_of(*_records(30_000)), charts) <= 1.2 * _size(make_report_of(*_records(300)), charts)
