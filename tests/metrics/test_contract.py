"""Every metric that comes with logreport keeps the contract, and both databases answer it alike."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from logreport import Metric, Window
from logreport.ingest import Ingester, IngestOptions
from logreport.plugins import BUILT_IN, load_plugins
from logreport.price_file import OwnPrice, OwnPrices
from logreport.report import make_report
from logreport.store import Store, open_store
from logreport.testing import START, _load, check_metric, sample_calls

#: In the order in which a reader asks: what did it cost, how fast was it, what failed, how is it used.
NAMES = [
    *("cost_by_model", "cost_over_time"),
    *("duration_percentiles", "time_to_first_token_percentiles", "latency_over_time", "latency_distribution"),
    *("output_speed", "time_to_first_token"),
    *("errors", "errors_over_time", "finish_reasons"),
    *("requests_over_time", "tokens_over_time", "tokens_by_model", "prompt_vs_completion", "cache"),
    *("prompt_vs_completion_sizes", "request_types", "temperature", "busy_hours"),
    *("top_users", "top_sessions", "slowest_and_dearest"),
]

METRICS = [offer.value for offer in load_plugins().metrics if offer.plugin in BUILT_IN]


@pytest.fixture
def store(database_url: str) -> Any:
    with open_store(database_url) as opened:
        yield opened


def test_they_are_all_there_in_the_order_of_the_report():
    assert [metric.name for metric in METRICS] == NAMES


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_it_keeps_the_contract(metric: Metric):
    check_metric(metric)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_model_is_required_only_for_its_price(metric: Metric):
    assert ("model" in metric.requires) is (metric.name == "cost_over_time")


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_it_answers_no_rows_where_there_are_none(metric: Metric, store: Store):
    assert store.rows(metric.query(Window())) == []


def _report(store: Store, prices: OwnPrices | None = None) -> dict[str, Any]:
    window = Window(timezone="Europe/Berlin")
    asked = [(metric, "built-in") for metric in METRICS]
    report = make_report(store, asked, window, title="", bucket=None, ingests=(), prices=prices)
    cards = {card.name: (card.status, card.rows, card.notes, card.counted) for card in report.cards}
    return {"headline": report.headline, "trend": report.trend} | cards


def test_both_databases_answer_the_sample_alike(postgresql: str, sample: Path):
    found = []
    for url in (postgresql, "duckdb:///:memory:"):
        with open_store(url) as store:
            sources = [offer.value for offer in load_plugins().sources]
            Ingester(store=store, sources=sources, options=IngestOptions()).run([str(sample)])
            found.append(_report(store))
    assert found[0] == found[1]


def test_both_databases_answer_calls_that_tell_everything_alike(postgresql: str):
    generator = random.Random(6)

    def number(call: dict[str, Any]) -> dict[str, Any]:
        times = {name: generator.lognormvariate(0, 1) for name in ("duration", "time_to_first_token")}
        counts = {name: generator.randrange(10**6) for name in ("prompt_tokens", "completion_tokens")}
        created = START + timedelta(minutes=generator.randrange(60 * 24 * 40))
        return call | times | counts | {"tokens": sum(counts.values()), "created": created, "cost": generator.random()}

    rows = [number(call) for call in sample_calls(1500)]
    prices = OwnPrices(name="prices", prices=(OwnPrice(model="large", input=0.75, output=2.5, cache_read=0.075),))
    found = []
    for url in (postgresql, "duckdb:///:memory:"):
        with open_store(url) as store:
            _load(store, rows)
            found.append(_report(store, prices))
    assert {name: answer[0] for name, answer in found[0].items() if name in NAMES} == dict.fromkeys(NAMES, "ok")
    assert found[0] == found[1]
