"""The report as JSON: every number of the page, always as a number."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest

from logreport.export.document import dumps, report_json
from logreport.report import Report

HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture
def report(make_report_of: Callable[..., Report]) -> Report:
    return make_report_of(
        {"created": "2024-12-18 16:40:40", "model": HOSTILE, "type": "<b>x</b>", "metrics": {"tokens": 1213}},
        {"created": "2024-12-18 17:40:40", "model": None, "metrics": {"tokens": 7}},
    )


def _written(report: Report) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(dumps(report_json(report)))
    return document


def test_the_shape_that_programs_rely_on(report: Report) -> None:
    document = _written(report)

    assert document["schema_version"] == 1
    assert document["calls"] == 2
    assert document["window"].keys() == {
        *("since", "until", "models", "request_types", "runs", "timezone", "bucket_seconds", "first", "last")
    }
    assert document["ingests"][0].keys() >= {
        *("path", "sha256", "source", "run", "read", "loaded", "merged", "skipped", "rejected", "already_ingested")
    }
    for metric in document["metrics"].values():
        assert metric.keys() >= {"title", "status", "reason", "plugin", "rows", "notes"}


def test_the_rows_are_the_query_s_and_unknown_is_null(report: Report) -> None:
    metrics = _written(report)["metrics"]

    assert metrics["tokens_by_model"]["rows"] == [{"model": HOSTILE, "tokens": 1213}, {"model": None, "tokens": 7}]
    assert metrics["temperature"]["status"] == "empty"
    assert metrics["tokens_over_time"]["rows"][0]["bucket"] == "2024-12-18T16:40:30+00:00"


def test_times_are_iso_8601_with_their_offset(report: Report) -> None:
    document = _written(report)

    assert document["window"]["first"] == "2024-12-18T16:40:40+00:00"
    assert document["headline"]["last"] == "2024-12-18T17:40:40+00:00"


def test_a_whole_number_keeps_every_digit(report: Report) -> None:
    card = replace(report.card("tokens_by_model"), rows=[{"model": "m", "tokens": 2**63 - 1}])

    assert f'"tokens": {2**63 - 1}' in dumps(report_json(replace(report, cards=(card,))))


def test_every_number_of_the_page_is_in_it(report: Report) -> None:
    document = _written(report)

    told = asdict(report.headline)
    spend = told.pop("spend")
    assert {
        name: document["headline"][name] for name in told if name not in {"calls", "first", "last"}
    }.items() <= told.items()
    costs = (
        "cost",
        "priced_calls",
        "priced_tokens",
        "told_tokens",
        "unpriced_models",
        "logged_cost",
        "cost_per_1000_calls",
    )
    assert document["headline"].keys() == told.keys() - {"calls"} | {*costs}
    assert document["headline"]["cost"] == spend["cost"]
    assert document["ingests"] == json.loads(json.dumps([asdict(line) for line in report.ingests]))
    for card in report.cards:
        assert document["metrics"][card.name]["rows"] == card.rows
        assert document["metrics"][card.name]["notes"] == list(card.notes)


def test_a_failed_metric_keeps_its_place_and_its_reason(report: Report) -> None:
    card = replace(report.card("tokens_by_model"), status="failed", reason="ValueError: no", rows=[], plugin="theirs")

    metric = _written(replace(report, cards=(card,)))["metrics"][card.name]

    assert (metric["status"], metric["reason"], metric["plugin"], metric["rows"]) == (
        *("failed", "ValueError: no", "theirs"),
        [],
    )
