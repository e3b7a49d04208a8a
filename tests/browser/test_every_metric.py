"""The page with every metric that comes with logreport, in which all of them have something to show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from logreport.plugins import BUILT_IN, load_plugins
from logreport.price_file import OwnPrice, OwnPrices
from logreport.render import render_page
from logreport.report import Report, make_report
from logreport.store import open_store
from logreport.testing import _load, calls

#: These are drawn once, and Plotly leaves them: its heat maps need styles that the page's policy refuses.
STILL = {"busy_hours", "prompt_vs_completion_sizes"}


def _call(number: int) -> dict[str, Any]:
    waited = 0.2 + number % 97 / 31
    failed = number % 41 == 0 or 300 < number < 330
    told = {
        "created": datetime(2026, 10, 23) + number * timedelta(minutes=7),
        "model": ("gpt-4o-2024-11-20", "gpt-4o-mini", "o3", "claude-sonnet-4-5-20250929", "our-own-model-70b")[
            number % 5
        ],
        "stream": number % 3 > 0,
        "temperature": number % 11 / 10,
        "request_type": ("text", "json", "tools")[number % 3],
        "request_id": f"req-{number:016x}",
        "user_id": f"somebody-{number % 29}@example.com",
        "session_id": f"session-{number // 7:08x}",
    }
    if failed:
        return told | {"status": "error", "error": ("429 Too Many Requests", "timeout after 60 s", None)[number % 3]}
    prompt, completion = 1 << number % 15, 2 + number % 900
    return told | {
        "status": "ok",
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "tokens": prompt + completion,
        "cache_read_tokens": prompt // 2,
        "finish_reason": ("stop", "length", "tool_calls")[number % 3],
        "time_to_first_token": waited,
        "duration": (waited + number % 89 / 7) * (3 if number > 600 else 1),
        "cost": number % 101 / 10_000,
    }


@pytest.fixture(scope="module")
def whole() -> Report:
    plugins = load_plugins()
    metrics = [(offer.value, offer.plugin) for offer in plugins.metrics if offer.plugin in BUILT_IN]
    findings = [(offer.value, offer.plugin) for offer in plugins.findings if offer.plugin in BUILT_IN]
    prices = OwnPrices(name="prices.toml", prices=(OwnPrice(model="no-such-model", input=1),))
    with open_store("duckdb:///:memory:") as store:
        _load(store, calls(*(_call(number) for number in range(1000))))
        from logreport import Window

        window = Window(timezone="Europe/Berlin")
        return make_report(
            store, metrics, window, title="LLM report", bucket=None, ingests=(), findings=findings, prices=prices
        )


@pytest.fixture(scope="module")
def html(whole: Report) -> str:
    return render_page(whole)


def test_all_are_shown_and_all_that_can_be_are_taken_over(whole: Report, html: str, open_page: Callable[..., Any]):
    assert {card.name: card.status for card in whole.cards} == dict.fromkeys((card.name for card in whole.cards), "ok")
    opened = open_page(html)
    before = opened.boxes
    opened.scroll_through()

    assert set(opened.taken) == {card.name for card in whole.cards} - STILL
    assert opened.boxes == before  # nothing moved
    assert opened.complaints == []
    assert opened.cut == []


@pytest.mark.parametrize("width", [1440, 1260, 768, 390])
def test_no_chart_is_cut_and_the_page_is_as_wide_as_the_screen(html: str, open_page: Callable[..., Any], width: int):
    opened = open_page(html, width=width, java_script_enabled=False)

    assert opened.cut == []
    assert opened.too_wide == 0


def test_no_chart_is_cut_on_a_telephone_after_plotly_took_over(html: str, open_page: Callable[..., Any]):
    opened = open_page(html, width=390)
    opened.scroll_through()

    assert opened.cut == []
    assert opened.too_wide == 0


def test_each_finding_leads_to_its_chart(whole: Report, html: str, open_page: Callable[..., Any]):
    opened = open_page(html)
    links = opened.page.locator(".findings a")

    assert [one.finding for one in whole.remarks.said][:2] == ["error_burst", "latency_change"]
    assert links.all_inner_texts() == [one.text for one in whole.remarks.said]
    links.nth(1).click()
    assert opened.look("location.hash") == "#latency_over_time"
    opened.page.locator("#latency_over_time .taken").wait_for()
