"""What findings say, with their figures, and that they are silent where nothing happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from logreport import WHAT_WAS_READ, Finding, Remark, Window, hookimpl
from logreport.call import CALL_COLUMNS
from logreport.plugins import load_plugins
from logreport.price_file import OwnPrice, OwnPrices
from logreport.remarks import MOST, remarks
from logreport.report import Report, make_report
from logreport.store import Store, open_store
from logreport.testing import _TYPES, calls, store_of

FINDINGS = {offer.value.name: offer.value for offer in load_plugins().findings}
METRICS = [(offer.value, offer.plugin) for offer in load_plugins().metrics]
PRICES = OwnPrices(
    name="prices.toml",
    prices=(OwnPrice(model="a", input=2, output=8, cache_read=0.2), OwnPrice(model="b", input=1, output=4)),
)


def report_of(store: Store, findings: Any = None, **window: Any) -> Report:
    asked = [(finding, "tests") for finding in (findings or FINDINGS.values())]
    wanted = {finding.metric for finding, _ in asked}
    metrics = [(metric, plugin) for metric, plugin in METRICS if metric.name in wanted]
    return make_report(
        store, metrics, Window(**window), title="", bucket=None, ingests=(), findings=asked, prices=PRICES
    )


def said(*rows: dict[str, Any], **window: Any) -> list[str]:
    with store_of(calls(*rows)) as store:
        return [one.text for one in report_of(store, **window).remarks.said]


def call(**more: Any) -> dict[str, Any]:
    return {"model": "a", "prompt_tokens": 1000, "completion_tokens": 100, "tokens": 1100} | more


def test_a_model_that_takes_most_of_the_cost():
    # a: 14 * 0.0028, b: 7 * 0.0014
    assert said(*[call(), call(), call(model="b")] * 7) == [
        "a took 80.0 % of the cost ($0.0392 of $0.049), for 66.7 % of the calls that have a price."
    ]
    assert said(*[call(), call(), call(model="b")] * 6) == []


def test_one_model_takes_all_of_the_cost_which_is_no_news():
    assert said(*[call()] * 30) == []


def test_a_model_without_a_price():
    assert said(call(), call(model="b"), call(model="mine", tokens=1100), call(model="b")) == [
        "No price is known for mine: what used 25.0 % of the tokens (1,100 of 4,400) is not in the cost."
    ]


def test_answers_that_were_cut_off():
    ended = [{"finish_reason": "stop"}] * 95 + [{"finish_reason": "length"}] * 5
    assert said(*ended) == ["5.0 % of the answers were cut off at the token limit (5 of 100)."]
    assert said(*ended[:99]) == []
    assert said(*ended, *[{"finish_reason": "stop"}] * 200) == []


def test_long_prompts_that_are_never_read_from_a_cache():
    long = [call(model="m", prompt_tokens=2000, tokens=2100, cache_read_tokens=0)] * 100
    assert said(*long) == ["No prompt of m was ever read from a cache: 100 calls of 2,000 prompt tokens on average."]
    assert said(*long[1:]) == []
    assert said(*long, call(model="m", cache_read_tokens=10)) == []


def minutes(count: int, **columns: Any) -> list[dict[str, Any]]:
    """A call every ten seconds."""
    start = datetime(2024, 12, 18, 10)
    return [
        {"created": start + timedelta(seconds=10 * number)} | {name: value(number) for name, value in columns.items()}
        for number in range(count)
    ]


def test_a_burst_of_errors():
    bad = minutes(1000, status=lambda number: "error" if 400 <= number < 430 or number % 100 == 7 else "ok")
    # a step is five minutes, for 20 calls in each: the burst is in two of them
    (text,) = said(*bad, timezone="Europe/Berlin")
    assert text == (
        "50.0 % of the calls failed from 2024-12-18 12:05 to 2024-12-18 12:15 (30 of 60),"
        " and 0.96 % at all other times."
    )


def test_calls_that_became_slower():
    slower = minutes(
        1000, model=lambda _: "m", duration=lambda number: (1.0 + number % 20 / 10) * (2 if number >= 600 else 1)
    )
    (text,) = said(*slower)
    assert text == (
        "The p95 of durations rose at 2024-12-18 11:40, from about 2.8 s to about 5.61 s (medians of the steps):"
        " 10.0 % of the calls took more than 5.4 s since then, and 0 % before."
    )
    assert said(*minutes(1000, model=lambda _: "m", duration=lambda number: 1.0 + number % 20 / 10)) == []


def test_a_streamed_call_is_told_from_another():
    faster = minutes(
        1000,
        stream=lambda _: True,
        time_to_first_token=lambda number: (1.0 + number % 20 / 10) / (1 if number < 300 else 3),
    )
    (text,) = said(*faster)
    assert text.startswith("The p95 of the time to first token, streamed fell at 2024-12-18 10:")


def read(**more: Any) -> dict[str, Any]:
    return {"path": "log.json", "read": 10, "loaded": 6, "merged": 4, "skipped": 0, "rejected": 0} | more


def test_calls_told_several_times():
    found = remarks([(FINDINGS["merged_calls"], "tests")], [], [read(), read(read=20, merged=0)]).said
    assert [(one.metric, one.text) for one in found] == [
        (WHAT_WAS_READ, "4 of the 30 records tell calls that others told: these are counted once.")
    ]
    (one,) = remarks([(FINDINGS["merged_calls"], "tests")], [], [read(merged=1)]).said
    assert one.text == "1 of the 10 records tells a call that another one told: it is counted once."
    assert remarks([(FINDINGS["merged_calls"], "tests")], [], [read(merged=0)]).said == ()


def _finding(say: Any, name: str = "mine", metric: str = "tokens_by_model") -> Finding:
    return Finding(name=name, metric=metric, say=say)


def test_the_weightiest_comes_first_and_no_more_than_are_read():
    def say(frame: pd.DataFrame) -> list[Remark]:
        return [Remark(text=f"{number}", weight=number / 20) for number in range(20)]

    with store_of(calls(call())) as store:
        found = report_of(store, [_finding(say)]).remarks
    assert [one.text for one in found.said] == [str(number) for number in range(19, 19 - MOST, -1)]


@pytest.mark.parametrize(
    ("say", "reason"),
    [
        (lambda frame: frame["no such column"], "KeyError: 'no such column'"),
        (lambda frame: ["a text"], "TypeError: it says 'a text', not a logreport.Remark"),
        (lambda frame: None, "TypeError: 'NoneType' object is not iterable"),
    ],
)
def test_a_finding_that_fails_costs_its_own_sentences(say: Any, reason: str):
    def fine(frame: pd.DataFrame) -> list[Remark]:
        return [Remark(text="fine", weight=7)]

    with store_of(calls(call())) as store:
        found = report_of(store, [_finding(say), _finding(fine, "other")]).remarks
    assert [(one.text, one.weight) for one in found.said] == [("fine", 1.0)]
    assert found.failures == (("mine", "tests", reason),)


def test_a_finding_about_a_metric_that_is_not_there_is_not_asked():
    def say(frame: pd.DataFrame) -> list[Remark]:
        raise AssertionError("it was asked")

    with store_of(calls(call())) as store:
        whole = report_of(store, [_finding(say, metric="nobody"), _finding(say, metric="temperature")])
    assert whole.remarks.failures == ()


def test_what_a_finding_does_to_its_frame_is_its_own():
    def spoil(frame: pd.DataFrame) -> list[Remark]:
        frame["tokens"] = 0
        return []

    def say(frame: pd.DataFrame) -> list[Remark]:
        return [Remark(text=str(frame["tokens"].sum()), weight=1)]

    with store_of(calls(call())) as store:
        found = report_of(store, [_finding(spoil), _finding(say, "other")]).remarks
    assert [one.text for one in found.said] == ["1100"]


def test_a_plugin_can_offer_findings():
    @hookimpl
    def logreport_findings() -> list[Finding]:
        return [_finding(lambda frame: [])]

    plugins = load_plugins([("theirs", SimpleNamespace(logreport_findings=logreport_findings))])
    assert plugins.failures == []
    assert (plugins.findings[-1].value.name, plugins.installed[-1].findings) == ("mine", ("mine",))


def test_two_findings_of_one_name_are_an_error_that_names_both():
    @hookimpl
    def logreport_findings() -> list[Finding]:
        return [_finding(lambda frame: [], name="cut_off")]

    (failure,) = load_plugins([("theirs", SimpleNamespace(logreport_findings=logreport_findings))]).failures
    assert "finding `cut_off` of theirs has a name that logreport.findings.cut_off already took" in failure.reason


#: Calls of which nothing is to be said: two models that cost alike, errors and slow calls by chance only. `u` are four
#: numbers from 0 to 1 that chance gave each call.
_QUIET = {
    "created": "TIMESTAMP '2024-12-16' + INTERVAL 1 SECOND * (86400.0 * 3 * (u1 + i) / {count})",
    "model": "CASE WHEN u2 < 0.5 THEN 'a' ELSE 'b' END",
    "stream": "u3 < 0.5",
    "prompt_tokens": "CASE WHEN u2 < 0.5 THEN 500 ELSE 1000 END + CAST(100 * u4 AS BIGINT)",
    "completion_tokens": "CASE WHEN u2 < 0.5 THEN 50 ELSE 100 END + CAST(10 * u3 AS BIGINT)",
    "duration": "exp(2 * (u1 + u3 + u4) - 2)",
    "time_to_first_token": "exp(2 * (u2 + u4) - 3)",
    "status": "CASE WHEN u5 < {failing} THEN 'error' ELSE 'ok' END",
    "finish_reason": "CASE WHEN u4 < 0.005 THEN 'length' ELSE 'stop' END",
    "cache_read_tokens": "CAST(100 * u5 AS BIGINT)",
}


def _quiet(seed: int) -> str:
    count, failing = 300 + 101 * (seed % 50), (seed % 7) / 100
    columns = ", ".join(
        f"CAST({_QUIET.get(name, 'NULL').format(count=count, failing=failing)} AS {_TYPES[kind]}) AS {name}"
        for name, kind in CALL_COLUMNS.items()
    )
    chance = ", ".join(
        f"(hash(i * 1000 + {seed * 10 + number}) % 1000000) / 1000000.0 AS u{number}" for number in range(1, 6)
    )
    return f"SELECT {columns} FROM (SELECT range AS i, {chance.replace('i *', 'range *')} FROM range({count}))"


def test_of_200_quiet_logs_at_most_ten_have_anything_said_of_them():
    found, asked = [], set()
    for seed in range(200):
        with open_store("duckdb:///:memory:") as store:
            with store.loading() as load:
                load.add(_quiet(seed))
            whole = report_of(store)
            asked |= {card.name for card in whole.cards if card.status == "ok"}
            found += [(seed, one.text) for one in whole.remarks.said]
    assert asked == {finding.metric for finding in FINDINGS.values()} - {WHAT_WAS_READ}
    assert len({seed for seed, _ in found}) <= 10, found
