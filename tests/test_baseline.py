"""A report's JSON read back: the same numbers, the same frames, and a sentence for what cannot be read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from logreport import Call, Metric, Window, figures
from logreport.baseline import SCHEMA_VERSION, Baseline, read_baseline
from logreport.errors import BadInput
from logreport.export.document import dumps, report_json
from logreport.ingest import Ingester, IngestOptions
from logreport.plugins import load_plugins
from logreport.report import Report, ingest_lines, make_report
from logreport.store import open_store
from logreport.testing import sample_calls, store_of

METRICS = [(offer.value, offer.plugin) for offer in load_plugins().metrics]


def _report(rows: list[dict[str, Any]], metrics: Any = METRICS, **window: Any) -> Report:
    with store_of(rows) as store:
        return make_report(store, metrics, Window(**window), title="", bucket=None, ingests=(), measuring=True)


def _read(report: Report) -> Baseline:
    return read_baseline(dumps(report_json(report)).encode(), "before.json")


@pytest.fixture(scope="module")
def logged() -> Report:
    """The report on the log in examples/, of all metrics."""
    log = Path(__file__).parent.parent / "examples" / "llm-logs.json"
    with open_store("duckdb:///:memory:") as store:
        sources = [offer.value for offer in load_plugins().sources]
        Ingester(store=store, sources=sources, options=IngestOptions()).run([str(log)])
        window = Window(timezone="Europe/Berlin")
        lines = ingest_lines(store, window)
        return make_report(store, METRICS, window, title="", bucket=None, ingests=lines, measuring=True)


@pytest.fixture(scope="module")
def document(logged: Report) -> dict[str, Any]:
    return report_json(logged)


def _changed(document: dict[str, Any], *path: Any, to: Any) -> bytes:
    """The document with another value at this place."""
    copy = json.loads(json.dumps(document))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return json.dumps(copy).encode()


# ---------------------------------------------------------------- there and back


def test_what_was_measured_comes_back_equal(logged: Report):
    assert _read(logged).measured == logged.measured


def test_what_is_said_of_the_report_comes_back(logged: Report, document: dict[str, Any]):
    found = _read(logged)
    assert found.name == "before.json"
    assert (found.made, found.first, found.last) == (logged.made, logged.window.first, logged.window.last)
    assert found.made.tzinfo is not None
    assert (found.step, found.timezone) == (logged.window.bucket, "Europe/Berlin")
    assert (found.models, found.request_types) == ((), ())
    assert found.sources == tuple({line.source for line in logged.ingests})
    assert found.prices == logged.window.rates.told
    assert found.headline == document["headline"] | {"calls": 1000}


def _check_frames(report: Report, zone: str) -> None:
    found = _read(report)
    assert list(found.cards) == [card.name for card in report.cards]
    for card in report.cards:
        assert found.cards[card.name].rows == card.rows, card.name
        assert (found.cards[card.name].status, found.cards[card.name].step) == (card.status, card.step)
        if card.frame is not None:
            pd.testing.assert_frame_equal(found.cards[card.name].frame(zone), card.frame, check_exact=True)


def test_the_frame_of_every_metric_comes_back_equal(logged: Report):
    assert {card.status for card in logged.cards} == {"ok", "empty"}
    _check_frames(logged, "Europe/Berlin")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu"])
def test_frames_of_calls_that_tell_everything_come_back_equal(zone: str):
    rows = [
        row | {"model": row["model"] and "gpt-4o", "created": datetime(2024, 10, 26, 20) + at * timedelta(minutes=11)}
        for at, row in enumerate(sample_calls(300))
    ]
    report = _report(rows, timezone=zone)
    assert {card.status for card in report.cards} == {"ok"}
    _check_frames(report, zone)


@pytest.mark.parametrize("year", [1, 1500, 2262, 9998])
def test_frames_of_the_ends_of_the_calendar_come_back_equal(year: int):
    rows = [
        row | {"created": datetime(year, 6, 1) + at * timedelta(hours=1)} for at, row in enumerate(sample_calls(60))
    ]
    over_time = [(metric, plugin) for metric, plugin in METRICS if metric.name.endswith("_over_time")]
    assert len(over_time) > 3
    _check_frames(_report(rows, over_time), "UTC")


def test_a_frame_without_rows_has_its_columns_and_their_kinds(logged: Report):
    card = _read(logged).cards["tokens_over_time"]
    empty = replace(card, rows=[]).frame("Europe/Berlin")
    assert dict(empty.dtypes) == dict(card.frame("Europe/Berlin").dtypes)
    assert "datetime64[us, Europe/Berlin]" in {str(kind) for kind in empty.dtypes}


def test_a_frame_is_moved_into_the_zone_that_is_asked_for(logged: Report):
    card = _read(logged).cards["tokens_over_time"]
    there, here = card.frame("Asia/Kathmandu")["bucket"], card.frame("UTC")["bucket"]
    assert str(there.dtype) == "datetime64[us, Asia/Kathmandu]"
    assert there.tolist() == here.tolist()


def test_columns_of_a_stranger_come_back_as_they_were():
    columns = (Call.model.label("model"), Call.stream.label("flag"), Call.temperature.label("number"))
    metric = Metric(
        name="strange",
        title="Strange",
        description="Columns of every kind.",
        requires=(),
        query=lambda window: window.select(*columns).order_by(Call.created),
        figure=lambda frame: go.Figure(layout=figures.layout(x="x", y="y")),
    )
    _check_frames(_report(sample_calls(50), [(metric, "a stranger")]), "UTC")


def test_a_report_of_no_calls_comes_back():
    report = _report([])
    found = _read(report)
    assert found.measured == report.measured
    assert (found.first, found.last, found.prices, found.headline["calls"]) == (None, None, "", 0)


# ---------------------------------------------------------------- what cannot be read


@pytest.mark.parametrize("version", [0, 1, SCHEMA_VERSION + 1])
def test_another_version_is_told(document: dict[str, Any], version: int):
    with pytest.raises(BadInput, match=f"schema version {version}, and this logreport reads {SCHEMA_VERSION}"):
        read_baseline(_changed(document, "schema_version", to=version), "old.json")


def test_another_version_is_told_whatever_else_is_in_it():
    with pytest.raises(BadInput, match="schema version 1"):
        read_baseline(b'{"schema_version": 1, "metrics": {"tokens": []}, "window": 3}', "old.json")


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b'{"schema_version": 2, "metrics": {}}', b"\xff{}"])
def test_what_is_broken_is_told_with_the_name_of_the_file(data: bytes):
    with pytest.raises(BadInput, match=r"broken\.json: it is a report"):
        read_baseline(data, "broken.json")


def test_a_report_that_ends_too_soon_is_told(document: dict[str, Any]):
    data = dumps(document).encode()
    for end in range(0, len(data) - 2, len(data) // 40):
        with pytest.raises(BadInput, match=r"half\.json"):
            read_baseline(data[:end], "half.json")


def test_a_report_that_was_not_measured_is_told(document: dict[str, Any]):
    with pytest.raises(BadInput, match="has no `measured` to compare with"):
        read_baseline(_changed(document, "measured", to=None), "plain.json")


ALL = ("measured", "all")
DURATION = (*ALL, "distributions", "duration")


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ((*DURATION, "bins"), [1, 2]),
        ((*DURATION, "bins"), [10**9]),
        ((*DURATION, "zeros"), -1),
        ((*DURATION, "largest"), -1.0),
        ((*DURATION, "total"), "12"),
        ((*ALL, "rates", "errors"), [3, 2]),
        ((*ALL, "rates", "errors"), [-1, 2]),
        ((*ALL, "rates", "errors"), [1]),
        ((*ALL, "calls"), -5),
        (("window", "bucket_seconds"), 10**18),
        (("window", "first"), "2024-12-18T16:00:00"),
        (("window", "last"), "yesterday"),
        (("made",), "2024-12-18T16:00:00"),
        (("metrics", "tokens_by_model", "rows"), [1]),
        (("metrics", "tokens_by_model", "columns"), {"model": "letters"}),
        (("metrics", "tokens_by_model", "step_seconds"), -(10**18)),
    ],
)
def test_numbers_that_cannot_be_are_told(document: dict[str, Any], path: tuple[str, ...], to: Any):
    with pytest.raises(BadInput, match="cannot be read"):
        read_baseline(_changed(document, *path, to=to), "odd.json")


@pytest.mark.parametrize(("bins", "counts"), [([2, 1], [1, 1]), ([1, 1], [1, 1]), ([1, 2], [1]), ([1, 2], [1, 0])])
def test_bins_that_are_in_no_order_are_told(document: dict[str, Any], bins: list[int], counts: list[int]):
    one = {"bins": bins, "calls": counts, "zeros": 0, "total": 3.0, "largest": 2.0}
    with pytest.raises(BadInput, match="bins of a distribution"):
        read_baseline(_changed(document, *DURATION, to=one), "odd.json")


def test_what_a_later_version_adds_is_left_out(document: dict[str, Any]):
    added = json.loads(json.dumps(document)) | {"weather": "fine"}
    added["measured"]["all"]["rates"]["refusals"] = [1, 2]
    added["measured"]["all"]["distributions"]["joules"] = added["measured"]["all"]["distributions"]["duration"]
    found = read_baseline(json.dumps(added).encode(), "later.json")
    assert set(found.measured.whole.rates) == {"errors", "cut_off"}
    assert "joules" not in found.measured.whole.distributions


def test_times_are_read_with_the_offset_that_they_have(document: dict[str, Any]):
    data = _changed(document, "window", "first", to="2024-12-18T17:00:00+01:00")
    assert read_baseline(data, "a").first.astimezone(UTC) == datetime(2024, 12, 18, 16, tzinfo=UTC)
