"""The report as JSON: every number of the page, always as a number, as the schema describes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from logreport.baseline import read_baseline
from logreport.comparison import change
from logreport.export.document import dumps, report_json
from logreport.history import append, past, read_history
from logreport.named_numbers import measured_names
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

    assert document["schema_version"] == 2
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


# ---------------------------------------------------------------- the schema


def _schema(checkout: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((checkout / "docs" / name).read_text())
    return found


@pytest.mark.parametrize("kind", ["report", "plain", "empty", "compared", "hostile"])
def test_the_schema_describes_every_report(
    kind: str, request: pytest.FixtureRequest, checkout: Path, valid: Any
) -> None:
    valid(_written(request.getfixturevalue(kind)), _schema(checkout, "report.schema.json"))


def test_the_schema_describes_every_field_and_allows_no_other(compared: Report, checkout: Path, valid: Any) -> None:
    schema = _schema(checkout, "report.schema.json")
    for path, part in _parts(schema, ()):
        assert part.get("description") or "$ref" in part or path[-2:-1] != ("properties",), path
        if "properties" in part:
            assert part["additionalProperties"] is False, path
            assert part["required"] == list(part["properties"]), path
    with pytest.raises(AssertionError, match="more"):
        valid(_written(compared) | {"more": 1}, schema)
    with pytest.raises(AssertionError, match="schema_version"):
        valid(_written(compared) | {"schema_version": 3}, schema)


def _parts(schema: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every schema within a schema, with its path."""
    if isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from _parts(part, (*path, str(number)))
    elif isinstance(schema, dict):
        yield path, schema
        for name, part in schema.items():
            yield from _parts(part, (*path, name))


def test_the_schema_of_a_history_describes_its_lines(
    plain: Report, empty: Report, checkout: Path, valid: Any, tmp_path: Path
) -> None:
    file = tmp_path / "history.jsonl"
    for report, run in ((plain, "|\n"), (empty, None)):
        assert report.measured is not None
        append(str(file), past(report.measured, report.made, run))

    for line in file.read_text().splitlines():
        valid(json.loads(line), _schema(checkout, "history.schema.json"))
    assert [one.run for one in read_history(str(file))] == ["|\n", None]


# ---------------------------------------------------------------- what runs are compared and judged by


@pytest.mark.parametrize("kind", ["plain", "empty", "compared", "hostile"])
def test_a_baseline_reads_what_was_measured_as_it_was(kind: str, request: pytest.FixtureRequest) -> None:
    report = request.getfixturevalue(kind)

    read = read_baseline(dumps(report_json(report)).encode(), "main")

    assert read.measured == report.measured
    assert {name: card.rows for name, card in read.cards.items()} == {card.name: card.rows for card in report.cards}


def test_a_run_does_not_differ_from_itself(compared: Report) -> None:
    assert compared.measured is not None
    again = read_baseline(dumps(report_json(compared)).encode(), "main").measured

    found = [change(compared.measured, again, name) for name in measured_names(compared.measured)]

    assert {one.difference for one in found} <= {0, None}
    assert {one.verdict for one in found} <= {"unclear", "too few calls", ""}


def test_gates_are_in_it(compared: Report) -> None:
    gates = _written(compared)["gates"]

    assert [gate["name"] for gate in gates][:3] == [
        "duration.p95",
        "duration.p95[model=small]",
        "duration.p95[model=large]",
    ]
    assert gates[0] | {"value": None, "message": None} == {
        "rule": "duration.p95 <= 2s",
        "name": "duration.p95",
        "level": "error",
        "status": "failed",
        "value": None,
        "unit": "seconds",
        "bound": 2.0,
        "baseline": None,
        "calls": 432,
        "message": None,
    }
    assert gates[0]["value"] == pytest.approx(4.6)
    assert gates[0]["message"] == "duration.p95 4.6 s > 2 s"
    assert [gate["level"] for gate in gates if gate["name"] == "errors.rate"] == ["warn"]


def test_where_no_price_is_needed_none_is_told(report: Report, plain: Report) -> None:
    assert _written(report)["prices"] is None
    assert "prices.toml" in _written(plain)["prices"]


def test_a_report_that_was_not_judged_says_so(plain: Report) -> None:
    document = _written(plain)

    assert document["gates"] is None
    assert document["history"] == []
    assert document["comparison"] is None


def test_a_bound_beyond_all_numbers_is_unknown(compared: Report) -> None:
    gate = replace(compared.gates[0], bound=float("inf"))

    assert [gate["bound"] for gate in _written(replace(compared, gates=(gate,)))["gates"]] == [None]


def test_the_history_is_in_it_oldest_first(compared: Report) -> None:
    history = _written(compared)["history"]

    assert [one["run"] for one in history] == ["run 2", "run 1", None]
    assert history[-1]["made"] == compared.made.isoformat()
    assert history[-1]["numbers"]["calls.count"] == 480


def test_a_list_of_numbers_is_one_line_and_texts_are_as_they_were():
    document = {"bins": [1, -2, 3.5e-7, None], "texts": ["[\n 1,\n 2\n]", "a"], "rows": [{"a": 1}], "none": []}

    written = dumps(document)

    assert ' "bins": [1, -2, 3.5e-07, null],\n' in written
    assert json.loads(written) == document
