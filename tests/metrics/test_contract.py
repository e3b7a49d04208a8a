"""Every metric that comes with logreport keeps the contract, and both databases answer it alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from logreport import Metric, Window
from logreport.ingest import Ingester, IngestOptions
from logreport.plugins import load_plugins
from logreport.report import make_report
from logreport.store import Store, open_store
from logreport.testing import check_metric, frame_of

LABELS = {
    "tokens_by_model": ["model", "tokens"],
    "prompt_vs_completion": ["model", "prompt_tokens", "completion_tokens"],
    "time_to_first_token": ["model", "seconds", "calls", "not_streamed"],
    "temperature": ["temperature", "calls"],
    "request_types": ["request_type", "calls"],
    "tokens_over_time": ["bucket", "tokens"],
}

METRICS = [offer.value for offer in load_plugins().metrics if offer.value.name in LABELS]


@pytest.fixture
def store(database_url: str) -> Any:
    with open_store(database_url) as opened:
        yield opened


def test_they_are_all_there_in_the_order_of_the_report():
    assert [metric.name for metric in METRICS] == list(LABELS)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_it_keeps_the_contract(metric: Metric):
    check_metric(metric)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_its_labels_are_the_promised_ones(metric: Metric):
    assert list(frame_of(metric, []).columns) == LABELS[metric.name]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_model_is_never_required(metric: Metric):
    assert "model" not in metric.requires


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_it_answers_no_rows_where_there_are_none(metric: Metric, store: Store):
    assert store.rows(metric.query(Window())) == []


def _rows(url: str, sample: Path) -> dict[str, Any]:
    plugins = load_plugins()
    with open_store(url) as store:
        sources = [offer.value for offer in plugins.sources]
        Ingester(store=store, sources=sources, options=IngestOptions()).run([str(sample)])
        window = Window(timezone="Europe/Berlin")
        report = make_report(
            store, [(metric, "built-in") for metric in METRICS], window, title="", bucket=None, ingests=()
        )
        return {"headline": report.headline} | {
            card.name: (card.status, card.rows, card.notes) for card in report.cards
        }


def test_both_databases_answer_the_sample_alike(postgresql: str, sample: Path):
    assert _rows(postgresql, sample) == _rows("duckdb:///:memory:", sample)
