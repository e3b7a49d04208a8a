"""The report: what is chosen, what is empty and why, and what a metric that fails costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import plotly.graph_objects as go
import pytest
import sqlalchemy as sa

from logreport import Call, LogReportError, Metric, Window, figures
from logreport.errors import BadWindow
from logreport.plugins import load_plugins
from logreport.report import ingest_lines, make_report
from logreport.store import Store
from logreport.testing import START, calls, sample_calls, store_of

_OFFERED = {offer.value.name: (offer.value, offer.plugin) for offer in load_plugins().metrics}
METRICS = [
    _OFFERED[name]
    for name in (
        *("tokens_by_model", "prompt_vs_completion", "time_to_first_token"),
        *("temperature", "request_types", "tokens_over_time"),
    )
]
TOKENS = METRICS[0][0]


@pytest.fixture
def store() -> Iterator[Store]:
    with store_of(sample_calls()) as filled:
        yield filled


def report(store: Store, *metrics: Metric, bucket: timedelta | None = None, window: Window | None = None) -> Any:
    asked = [(metric, "test") for metric in metrics] or METRICS
    return make_report(store, asked, window or Window(), title="Test", bucket=bucket, ingests=())


def test_the_headline(store: Store):
    headline = report(store, window=Window(timezone="Asia/Kolkata")).headline
    # 240 calls, one a minute; every fifth streamed and has no tokens, every tenth failed; tokens 300 + 0, 20 or 40
    assert (headline.calls, headline.models, headline.errors, headline.without_tokens) == (240, 2, 24, 48)
    assert (headline.prompt_tokens, headline.completion_tokens, headline.tokens) == (57_600, 3_840, 61_440)
    assert headline.first.isoformat() == "2024-12-18T21:30:00+05:30"
    assert headline.last - headline.first == timedelta(minutes=239)


def test_the_headline_of_models_that_tell_different_things():
    told = calls(
        {"model": "a", "created": "2024-12-18T10:00:00", "status": "error", "tokens": 5},
        {"model": "b", "created": "2024-12-18T09:00:00", "prompt_tokens": 2},
        {"model": None, "created": None, "tokens": 1},
        {"model": "c", "created": None},
    )
    with store_of(told) as store:
        headline = report(store).headline
    assert (headline.calls, headline.models, headline.errors, headline.without_tokens) == (4, 3, 1, 2)
    assert (headline.tokens, headline.prompt_tokens, headline.completion_tokens) == (6, 2, None)
    assert (headline.first.hour, headline.last.hour) == (9, 10)


def test_an_empty_store():
    with store_of([]) as store:
        made = report(store)
    headline = made.headline
    assert (headline.calls, headline.models, headline.errors, headline.without_tokens) == (0, 0, 0, 0)
    assert (headline.tokens, headline.first, headline.last) == (0, None, None)
    assert {(card.status, card.reason) for card in made.cards} == {("empty", "there is no call in this window")}
    assert [card.rows for card in made.cards] == [[]] * 6


def test_what_no_call_has_is_named():
    with store_of(calls({"model": "a", "tokens": 1})) as store:
        cards = {card.name: card for card in report(store).cards}
    assert cards["temperature"].status == "empty"
    assert cards["temperature"].reason == "no call in this window has a temperature"
    assert cards["tokens_by_model"].status == "ok"


def test_two_parts_are_tokens_enough():
    with store_of(calls({"model": "a", "prompt_tokens": 1, "completion_tokens": 2})) as store:
        (card,) = report(store, TOKENS).cards
    assert card.rows == [{"model": "a", "tokens": 3}]


def fails(*_: Any) -> Any:
    raise ValueError("no\nsuch thing")


def leaves(*_: Any) -> Any:
    raise SystemExit(3)


def own(*_: Any) -> Any:
    raise LogReportError("it will not")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"query": fails}, "ValueError: no such thing"),
        ({"figure": fails}, "ValueError: no such thing"),
        ({"notes": fails}, "ValueError: no such thing"),
        ({"query": leaves}, "SystemExit: 3"),
        ({"query": own}, "it will not"),
        ({"figure": lambda frame: "a picture"}, "TypeError: its figure is a str, not a plotly Figure"),
        ({"notes": lambda frame: "a note"}, "TypeError: its notes are not a list of sentences"),
        ({"counts": fails}, "ValueError: no such thing"),
        ({"requires": ("tokns",)}, "ValueError: it requires tokns, which a call does not have"),
    ],
)
def test_a_metric_that_fails_costs_its_own_card(store: Store, change: dict[str, Any], reason: str):
    bad, good = report(store, replace(TOKENS, name="bad", **change), TOKENS).cards
    assert (bad.status, bad.reason, bad.figure) == ("failed", reason, None)
    assert good.status == "ok"


def test_calls_that_cannot_be_counted_cost_the_card_of_the_metric_that_counts_them(store: Store):
    bad, good = report(store, replace(TOKENS, name="bad", counts=lambda: sa.column("none") > 1), TOKENS).cards
    assert bad.status == "failed"
    assert (good.status, good.counted) == ("ok", 192)


def test_a_card_says_how_many_calls_stand_behind_it(store: Store):
    cards = {card.name: card for card in report(store).cards}
    # 240 calls: every fifth streamed and has no tokens, every third has no type, every fourth no temperature
    assert cards["tokens_by_model"].behind == "192 of 240 calls stand behind this chart; 48 carry no token count."
    assert cards["request_types"].behind == "240 calls stand behind this chart."
    assert cards["temperature"].behind == "180 of 240 calls stand behind this chart; 60 carry no temperature."
    assert cards["time_to_first_token"].behind == "240 calls stand behind this chart."
    assert [cards[name].counted for name in ("tokens_by_model", "request_types")] == [192, 240]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (sa.cast(sa.literal("nan"), sa.Double()), None),
        (sa.cast(sa.literal("-inf"), sa.Double()), None),
        (sa.cast(sa.literal("2024-12-18"), sa.Date()), "2024-12-18"),
        (sa.cast(sa.literal("90 minutes"), sa.Interval()), 5400.0),
        (sa.literal(True), True),
        (sa.literal(2**63 - 1, sa.BigInteger()), 2**63 - 1),
    ],
    ids=str,
)
def test_what_a_query_answers_is_plain_enough_for_json(store: Store, value: Any, plain: Any):
    asked = replace(
        TOKENS, query=lambda window: window.select(value.label("value")).limit(1), figure=lambda frame: go.Figure()
    )
    (card,) = report(store, asked).cards
    assert card.status == "ok", card.reason
    assert card.rows == [{"value": plain}]


def test_what_json_has_no_word_for_costs_the_card(store: Store):
    asked = replace(
        TOKENS, query=lambda window: window.select(sa.cast(sa.literal("a"), sa.LargeBinary()).label("x")).limit(1)
    )
    (card,) = report(store, asked).cards
    assert (card.status, card.reason) == (
        "failed",
        "TypeError: its query answers with a bytes, for which there is no JSON",
    )


def test_names_that_are_no_text_cost_no_other_card(store: Store):
    lists = replace(
        TOKENS,
        name="bad",
        query=lambda window: window.select(sa.literal_column("[1, 2]").label("model"), sa.func.count().label("tokens")),
    )
    bad, good = report(store, lists, TOKENS).cards
    assert bad.status == "failed"
    assert good.status == "ok"


def test_a_card_that_no_call_stands_behind_is_empty():
    rows = calls({"created": None, "tokens": 1}, {"tokens": None})
    with store_of(rows) as store:
        cards = {card.name: card for card in report(store).cards}
    card = cards["tokens_over_time"]
    assert (card.status, card.counted, card.behind) == ("empty", 0, "")
    assert card.reason == "no call in this window has a time and a token count"


def test_one_call_stands_alone():
    with store_of(calls({"model": "a", "tokens": 1})) as store:
        (card,) = report(store, TOKENS).cards
    assert card.behind == "1 call stands behind this chart."


def test_what_a_metric_counts_need_not_be_what_it_requires(store: Store):
    (card,) = report(store, replace(TOKENS, counts=lambda: Call.status == "error")).cards
    assert card.behind == "24 of 240 calls stand behind this chart; 216 left out."


def test_a_model_has_one_colour_in_all_charts():
    rows = calls(
        {"model": "a", "tokens": 5, "prompt_tokens": 2, "completion_tokens": 3, "time_to_first_token": 1.0},
        {"model": "b", "tokens": 9, "prompt_tokens": 2, "completion_tokens": 7, "time_to_first_token": 2.0},
        {"model": None, "tokens": 1, "prompt_tokens": 1, "completion_tokens": 0, "time_to_first_token": 3.0},
    )
    with store_of(rows) as store:
        made = [card.figure for card in report(store).cards if "model" in card.columns]
    colours = [dict(zip(trace.y, trace.marker.color, strict=True)) for figure in made for trace in figure.data]
    assert len(colours) == 4
    assert all(one == colours[0] for one in colours)
    assert len(set(colours[0].values())) == 3
    assert colours[0]["unknown model"] == figures.NEUTRAL


@pytest.mark.parametrize("minutes", [0, 1, 3, 59, 60, 1_000, 20_000, 500_000, 5_000_000, 50_000_000, 500_000_000])
def test_there_are_forty_to_a_hundred_and_fifty_points_where_the_span_allows(minutes: int):
    last = START + timedelta(minutes=minutes)
    with store_of(calls({"created": START}, {"created": last})) as store:
        window = report(store, TOKENS).window
    points = (last - START) / window.bucket + 1
    assert points <= 150
    assert points >= 40 or window.bucket == timedelta(seconds=1)


def test_a_bucket_that_is_asked_for_is_used(store: Store):
    assert report(store, TOKENS, bucket=timedelta(minutes=7)).window.bucket == timedelta(minutes=7)


@pytest.mark.parametrize(
    "bucket", [timedelta(seconds=1), timedelta(0), timedelta(milliseconds=1500), timedelta(days=99_999)], ids=str
)
def test_a_bucket_that_does_not_fit_is_refused(store: Store, bucket: timedelta):
    with pytest.raises(BadWindow):
        report(store, bucket=bucket)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc", "Europe"])
def test_a_zone_nobody_knows_is_refused(store: Store, zone: str):
    with pytest.raises(BadWindow):
        report(store, window=Window(timezone=zone))


def test_the_time_of_reproducible_builds(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1734540040")
    assert report(store, TOKENS).made == datetime(2024, 12, 18, 16, 40, 40, tzinfo=UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(LogReportError, match="SOURCE_DATE_EPOCH"):
        report(store, TOKENS)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "UTC"])
@pytest.mark.parametrize("moments", [(datetime(1, 1, 1),), (datetime(9999, 12, 31, 23),), (datetime(1, 1, 1), START)])
def test_calls_at_the_ends_of_the_calendar_cost_nothing(moments: tuple[datetime, ...], zone: str):
    with store_of(calls(*({"created": moment, "tokens": 1, "model": "a"} for moment in moments))) as store:
        made = report(store, window=Window(timezone=zone))
    assert made.headline.calls == len(moments)
    assert {card.name: card.status for card in made.cards}["tokens_by_model"] == "ok"


def test_many_models_share_a_bar_and_keep_their_rows():
    with store_of(calls(*({"model": f"m{number}", "tokens": 1} for number in range(100)))) as store:
        (card,) = report(store, TOKENS).cards
    assert len(card.rows) == 100
    assert len(card.figure.data[0].x) == 11
    assert sum(card.figure.data[0].x) == 100


def test_markup_in_a_name_is_text_on_the_chart():
    name = "</script><img src=x onerror=alert(1)>"
    with store_of(calls({"model": name, "tokens": 1, "time_to_first_token": 1.0})) as store:
        cards = [card for card in report(store).cards if card.status == "ok" and "model" in card.columns]
    assert len(cards) == 2
    for card in cards:
        assert card.rows[0]["model"] == name
        assert "<" not in "".join(map(str, card.figure.data[0].y))


def test_ingest_lines(store: Store):
    (line,) = ingest_lines(store, Window())
    assert (line.read, line.loaded, line.merged, line.skipped, line.rejected) == (240, 240, 0, 0, 0)
    assert not line.already_ingested
    assert ingest_lines(store, Window(runs=("another",))) == []
