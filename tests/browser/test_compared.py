"""The page of a run that was compared, judged and remembered: all fits, nothing moves, signs have their colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from logreport import Window
from logreport.baseline import read_baseline
from logreport.export.document import dumps, report_json
from logreport.gates import judge
from logreport.history import past
from logreport.plugins import BUILT_IN, load_plugins
from logreport.render import render_page
from logreport.report import Report, make_report
from logreport.rules import rule
from logreport.store import open_store
from logreport.testing import _load, calls

#: One of each kind of chart.
METRICS = (
    *("cost_by_model", "prompt_vs_completion", "duration_percentiles", "latency_over_time", "latency_distribution"),
    *("requests_over_time", "tokens_by_model", "output_speed", "temperature", "busy_hours", "slowest_and_dearest"),
)

STILL = {"busy_hours"}


#: Legend entries that Plotly draws beyond its picture.
_UNLISTED = """() => [...document.querySelectorAll(".taken .live")].flatMap((live) => {
  const { top, left, right } = live.getBoundingClientRect();
  return [...live.querySelectorAll(".legend text")].filter((text) => {
    const box = text.getBoundingClientRect();
    return box.top < top || box.left < left || box.right > right;
  }).map((text) => `${live.closest(".card").id}: ${text.textContent}`);
})"""


def _call(number: int, slower: float, models: tuple[str, ...], start: datetime) -> dict[str, Any]:
    first = 0.2 + number % 97 / 31
    told = {
        "created": start + number * timedelta(minutes=3),
        "model": models[number % len(models)],
        "stream": number % 3 > 0,
        "temperature": number % 11 / 10,
        "request_type": ("text", "json")[number % 2],
    }
    if number % 41 == 0:
        return told | {"status": "error", "error": "timeout"}
    return told | {
        "status": "ok",
        "prompt_tokens": 100 + number % 700,
        "completion_tokens": 2 + number % 500,
        "tokens": 102 + number % 700 + number % 500,
        "finish_reason": "stop",
        "time_to_first_token": first,
        "duration": (first + number % 89 / 7) * slower,
    }


def _made(rows: list[dict[str, Any]], names: tuple[str, ...] = METRICS, **more: Any) -> Report:
    offers = {offer.value.name: offer for offer in load_plugins().metrics if offer.plugin in BUILT_IN}
    metrics = [(offers[name].value, offers[name].plugin) for name in names]
    with open_store("duckdb:///:memory:") as store:
        _load(store, calls(*rows))
        return make_report(
            store, metrics, Window(), title="LLM report", bucket=None, ingests=(), measuring=True, **more
        )


@pytest.fixture(scope="module")
def compared() -> Report:
    before = _made(
        [
            _call(number, 1.0, ("gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5"), datetime(2026, 11, 2, 6))
            for number in range(900)
        ]
    )
    baseline = read_baseline(dumps(report_json(before)).encode(), "main.json")
    report = _made(
        [
            _call(
                number,
                1.5,
                ("gpt-4o", "gpt-4o-mini", "a-model-of-our-own-with-a-long-name-70b"),
                datetime(2026, 11, 9, 7),
            )
            for number in range(1000)
        ],
        baseline=baseline,
    )
    assert report.measured is not None
    rules = [
        rule("duration.p95 <= baseline * 1.2 and significant"),
        rule("duration.p95[model=*] < 100s"),
        rule("cost.total <= 25 USD"),
        rule("errors.rate < 1%; level=warn"),
    ]
    now = past(report.measured, report.made, "nightly-3")
    history = [
        replace(now, numbers={name: value and value * part for name, value in now.numbers.items()})
        for part in (0.8, 0.9)
    ]
    return replace(report, gates=judge(rules, report.measured, report.cards, baseline), history=(*history, now))


@pytest.fixture(scope="module")
def html(compared: Report) -> str:
    return render_page(compared)


def test_nothing_moves_when_plotly_takes_over(compared: Report, html: str, open_page: Callable[..., Any]):
    opened = open_page(html)
    before = opened.boxes
    opened.scroll_through()

    assert set(opened.taken) == set(METRICS) - STILL
    assert opened.boxes == before
    assert opened.complaints == []
    assert opened.cut == []


@pytest.mark.parametrize("width", [1440, 768, 390])
def test_everything_fits_without_scripts(html: str, open_page: Callable[..., Any], width: int):
    opened = open_page(html, width=width, java_script_enabled=False)

    assert opened.cut == []
    assert opened.too_wide == 0


def test_a_number_that_is_worse_is_red_and_one_that_is_unclear_is_not(html: str, open_page: Callable[..., Any]):
    opened = open_page(html)
    rows = {row.locator("th").inner_text(): row for row in opened.page.locator("#page-compared .whole tbody tr").all()}
    worse, unclear = rows["duration p95"], rows["prompt tokens, mean"]

    assert worse.locator("td").last.inner_text() == "worse"
    assert unclear.locator("td").last.inner_text() == "unclear"
    colour = "element => getComputedStyle(element).color"
    red = opened.page.evaluate("getComputedStyle(document.querySelector('.state.failed')).color")
    assert worse.locator("td").nth(2).evaluate(colour) == red
    assert unclear.locator("td").nth(2).evaluate(colour) != red


def test_gates_that_stand_out_come_first_and_each_part_is_in_the_contents(html: str, open_page: Callable[..., Any]):
    opened = open_page(html)
    states = opened.page.locator("#page-gates .state").all_inner_texts()

    assert states == ["failed", "inconclusive", "warning", "passed", "passed", "passed"]
    links = [link.get_attribute("href") for link in opened.page.locator("nav a").all()[:3]]
    assert links == ["#page-gates", "#page-compared", "#page-history"]
    assert opened.page.locator("#page-history .spark").count() >= 5
    assert opened.page.locator("#busy_hours .beside .drawing").count() == 1
    told = opened.page.locator("#page-compared > .note").all_inner_texts()
    assert told[-2:] == ["New models: a-model-of-our-own-with-a-long-name-70b.", "Gone models: claude-sonnet-4-5."]


@pytest.fixture(scope="module")
def streamed_html() -> str:
    """A page of few metrics, whose calls were all streamed: three entries are in the legends of times."""

    def made(first: int, **more: Any) -> Report:
        rows = [_call(number, 1 + first, ("gpt-4o", "o3"), datetime(2026, 11, 2 + first)) for number in range(200)]
        metrics = ("latency_over_time", "latency_distribution", "prompt_vs_completion", "duration_percentiles")
        return _made([row | {"stream": True} for row in rows], metrics, **more)

    return render_page(made(1, baseline=read_baseline(dumps(report_json(made(0))).encode(), "main.json")))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", ["html", "streamed_html"])
def test_no_entry_of_a_legend_is_cut(
    page: str, width: int, request: pytest.FixtureRequest, open_page: Callable[..., Any]
):
    opened = open_page(request.getfixturevalue(page), width=width)
    opened.scroll_through()

    assert "latency_over_time" in opened.taken
    assert opened.look(_UNLISTED) == []


def test_the_last_of_an_odd_number_of_charts_is_as_wide_as_two(html: str, open_page: Callable[..., Any]):
    opened = open_page(html, width=1280)
    cards = opened.page.locator("#page-metrics > .card:not(.wide)")

    assert cards.count() == len(METRICS)
    assert len(METRICS) % 2
    wide = opened.page.locator("#page-compared").bounding_box()
    last, first = cards.last.bounding_box(), cards.first.bounding_box()
    assert (last["width"], last["x"]) == (wide["width"], wide["x"])
    assert first["width"] < wide["width"] / 2
