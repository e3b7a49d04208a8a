"""Two runs side by side: verdicts, warnings, what is new and what is gone."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from logreport import Window
from logreport.baseline import Baseline, read_baseline
from logreport.comparison import HEADLINE, OF_MODELS, SHOWN, Change, Comparison, _grave, change, compared
from logreport.export.document import dumps, report_json
from logreport.histogram import of_values
from logreport.measured import MOST_MODELS, Measured, Rate, Scope
from logreport.named_numbers import Name, NamedNumber, parsed
from logreport.plugins import load_plugins
from logreport.report import Report, make_report
from logreport.significance import Difference
from logreport.testing import START, calls, store_of

#: Those that have something to say of what is new and gone.
METRICS = [(offer.value, offer.plugin) for offer in load_plugins().metrics if offer.value.kinds]

Row = dict[str, Any]


def _report(rows: Sequence[Row], **window: Any) -> Report:
    with store_of(calls(*rows)) as store:
        return make_report(store, METRICS, Window(**window), title="", bucket=None, ingests=(), measuring=True)


def _told(rows: Sequence[Row], **window: Any) -> Report:
    """The report without how its calls are distributed, which takes longest to ask and says nothing of names."""
    with store_of(calls(*rows)) as store:
        report = make_report(store, METRICS, Window(**window), title="", bucket=None, ingests=())
    known = [row["status"] for row in rows if row.get("status")]
    return _with(report, Scope(calls=len(rows), rates={"errors": Rate(known.count("error"), len(known))}))


def _with(report: Report, whole: Scope, models: dict[str, Scope] | None = None) -> Report:
    """The report as if this had been measured."""
    return replace(report, measured=Measured(whole=whole, models=models or {}))


def _times(scope: Scope, family: str, times: float) -> Scope:
    """The scope as if this family's values were so many times as large."""
    values = scope.distributions[family]
    drawn = [times * values.ranked(rank) for rank in range(1, values.count + 1)]
    exact = {name: each for name, each in scope.exact.items() if name != family}
    made = of_values(drawn, whole=values.whole)
    return replace(scope, distributions={**scope.distributions, family: made}, exact=exact)


def _baseline(report: Report, sources: tuple[str, ...] = ()) -> Baseline:
    return replace(read_baseline(dumps(report_json(report)).encode(), "before.json"), sources=sources)


def _compared(now: Report, before: Report, here: Sequence[str] = (), there: tuple[str, ...] = ()) -> Comparison:
    return compared(now.measured, _baseline(before, there), now.headline, now.cards, now.window, here)


def _rows(count: int, seed: int = 1, times: float = 1.0, **given: Any) -> list[Row]:
    """Ordinary calls; `given` are values, or functions of the number of the call."""
    draws = random.Random(seed)
    rows = []
    for number in range(count):
        prompt, answer = draws.randrange(200, 900), draws.randrange(20, 300)
        row = {
            "model": ("gpt-4o", "gpt-4o-mini")[number % 2],
            "request_type": ("text", "json")[number % 3 == 0],
            "status": "ok",
            "finish_reason": "stop",
            "prompt_tokens": prompt,
            "completion_tokens": answer,
            "tokens": prompt + answer,
            "duration": times * draws.lognormvariate(0, 0.5),
            "time_to_first_token": draws.lognormvariate(-2, 0.3),
        }
        rows.append(row | {name: value(number) if callable(value) else value for name, value in given.items()})
    return rows


def _verdicts(changes: Sequence[Change]) -> dict[str, str]:
    return {str(one.name): one.verdict for one in changes}


@pytest.fixture(scope="module")
def plain() -> Report:
    return _report(_rows(160))


@pytest.fixture(scope="module")
def slow() -> Report:
    return _report(_rows(160, seed=2, times=1.5))


@pytest.fixture(scope="module")
def twice() -> Report:
    return _report(_rows(320))


@pytest.fixture(scope="module")
def few() -> Report:
    return _report(_rows(19, times=30))


# ---------------------------------------------------------------- the same


def test_of_the_same_calls_nothing_is_said(plain: Report):
    found = _compared(plain, plain)
    assert (found.warnings, found.turnover, found.grave) == ((), (), ())
    assert set(_verdicts(found.shown).values()) == {"unclear"}
    assert set(_verdicts(found.of_models).values()) == {"unclear"}
    assert {one.difference for one in (*found.shown, *found.of_models)} == {0}
    assert {one.side for one in found.headline.values()} == {""}
    assert {one.ratio for one in found.headline.values() if one.baseline} == {0}


def test_of_the_same_calls_in_other_numbers_nothing_is_worse():
    # 31 equal calls and 57: sums that are divided differ in the last digit only.
    row = {"model": "gpt-4o", "prompt_tokens": 333, "completion_tokens": 77, "duration": 0.7, "status": "ok"}
    before = _report([row] * 41)
    for count in (31, 49):
        found = _compared(_report([row] * count), before)
        assert set(_verdicts(found.shown).values()) <= {"unclear", "too few calls"}


def test_another_draw_of_the_same_calls_is_unclear(plain: Report):
    found = _compared(_report(_rows(160, seed=2)), plain)
    assert found.grave == ()
    assert _verdicts(found.shown)["duration.p95"] == "unclear"


# ---------------------------------------------------------------- verdicts


def test_what_is_slower_is_worse_and_the_other_way_round_better(plain: Report, slow: Report):
    assert {one: _verdicts(_compared(slow, plain).shown)[one] for one in ("duration.p50", "duration.p95")} == {
        "duration.p50": "worse",
        "duration.p95": "worse",
    }
    found = _compared(plain, slow)
    assert _verdicts(found.shown)["duration.p50"] == "better"
    assert found.grave == ()


def test_a_difference_is_of_exact_numbers_and_inside_of_its_interval(plain: Report, slow: Report):
    (found,) = [one for one in _compared(slow, plain).shown if str(one.name) == "duration.p95"]
    now, before = (report.measured.whole.exact["duration"]["p95"] for report in (slow, plain))
    assert found.difference == now[0] - before[0]
    assert found.ratio == found.difference / before[0]
    assert (found.current.interval, found.baseline.interval) == (now[1:], before[1:])
    assert found.tested.low <= found.difference <= found.tested.high
    assert found.tested.low > 0


@pytest.mark.parametrize("short", ["now", "before"])
def test_too_few_calls_on_either_side_are_told(plain: Report, few: Report, short: str):
    found = _compared(few, plain) if short == "now" else _compared(plain, few)
    verdicts = _verdicts(found.shown)
    assert set(verdicts.values()) == {"too few calls"}
    assert found.grave == ()
    assert {one.tested for one in found.shown} == {None}


def test_what_one_run_does_not_tell_is_no_difference(plain: Report):
    silent = _report(_rows(160, duration=None, status=None, completion_tokens=None))
    for found in (_compared(silent, plain), _compared(plain, silent)):
        names = set(_verdicts(found.shown))
        assert names == {"time_to_first_token.p50", "time_to_first_token.p95", "cut_off.rate", "prompt_tokens.mean"}
        assert "errors" not in found.headline
        assert "completion_tokens" not in found.headline
    unknown = change(silent.measured, plain.measured, parsed("duration.p95"))
    assert (unknown.difference, unknown.tested, unknown.verdict, unknown.ratio) == (None, None, "", None)


def test_sums_have_no_verdict(plain: Report, twice: Report):
    for name in ("cost.total", "tokens.total", "duration.max", "errors.count", "calls.count"):
        found = change(twice.measured, plain.measured, parsed(name))
        assert (found.verdict, found.tested) == ("", None), name
    assert change(twice.measured, plain.measured, parsed("calls.count")).ratio == 1


def test_a_ratio_to_nothing_is_unknown(plain: Report):
    failing = _with(plain, replace(plain.measured.whole, rates={"errors": Rate(16, 160)}))
    found = change(failing.measured, plain.measured, parsed("errors.rate"))
    assert (found.difference, found.ratio, found.verdict) == (0.1, None, "worse")


# ---------------------------------------------------------------- beyond chance


def _tested(chance: float, verdict: Any = "worse") -> Change:
    number = NamedNumber(name=Name(family="duration", statistic="p50"), unit="seconds", value=1.0)
    ends = (-2.0, -1.0) if verdict == "better" else (1.0, 2.0)
    return Change(
        name=number.name, current=number, baseline=number, difference=1.0, tested=Difference(*ends, chance), verdict=verdict
    )  # fmt: skip


def test_grave_is_what_holm_leaves():
    # 0.05 / 4, / 3, / 2, / 1: the third is above 0.025, and with it the fourth.
    changes = [_tested(0.03), _tested(0.012), _tested(0.04), _tested(0.016)]
    assert _grave(changes) == (changes[1], changes[3])
    assert _grave([_tested(0.013), _tested(0.013), _tested(0.013), _tested(0.013)]) == ()
    assert _grave([_tested(0.05)]) == (_tested(0.05),)
    assert _grave([_tested(0.051)]) == ()
    assert _grave([]) == ()


def test_what_is_better_counts_among_the_tests_and_is_not_grave():
    changes = [_tested(0.001, "better"), _tested(0.04)]
    assert _grave(changes) == (changes[1],)
    assert _grave([_tested(0.03, "better"), _tested(0.03)]) == ()


def test_changes_without_a_test_are_no_tests():
    untested = replace(_tested(0.5), tested=None, verdict="too few calls")
    assert _grave([untested, untested, _tested(0.05)]) == (_tested(0.05),)


def test_what_is_much_slower_is_grave(plain: Report):
    found = _compared(_with(plain, _times(plain.measured.whole, "duration", 2.0)), plain)
    assert {"duration.p50", "duration.p95"} <= {str(one.name) for one in found.grave}


def test_of_equal_runs_hardly_one_in_twenty_has_something_grave():
    draws = np.random.default_rng(5)

    def measured() -> Measured:
        rates = {
            "errors": Rate(int(draws.binomial(200, 0.05)), 200),
            "cut_off": Rate(int(draws.binomial(200, 0.1)), 200),
        }
        values = {
            "duration": of_values(draws.lognormal(0, 0.7, 200).tolist()),
            "time_to_first_token": of_values(draws.gamma(2, 0.1, 200).tolist()),
            "cost": of_values(draws.lognormal(-6, 1, 200).tolist()),
            "prompt_tokens": of_values(np.round(draws.normal(1005, 2, 200)).tolist(), whole=True),
            "completion_tokens": of_values(draws.geometric(0.01, 200).astype(float).tolist(), whole=True),
        }
        return Measured(whole=Scope(calls=200, rates=rates, distributions=values))

    said = 0
    for _ in range(80):
        now, before = measured(), measured()
        said += bool(_grave([change(now, before, parsed(name)) for name in SHOWN]))
    # One side of 5 %; the calls of a run are drawn apart, which is kinder than real ones.
    assert said <= 4


# ---------------------------------------------------------------- models


def test_models_that_both_runs_have_are_compared_one_by_one(plain: Report):
    models = plain.measured.models
    slow = _with(
        plain,
        plain.measured.whole,
        {**models, "gpt-4o": _times(models["gpt-4o"], "duration", 3), "new": models["gpt-4o"]},
    )
    found = _compared(slow, plain)
    verdicts = _verdicts(found.of_models)
    assert {name.split("[")[0] for name in verdicts} == set(OF_MODELS)
    assert not any("model=new" in name for name in verdicts)
    assert verdicts["duration.p95[model=gpt-4o]"] == "worse"
    assert verdicts["duration.p95[model=gpt-4o-mini]"] == "unclear"


# ---------------------------------------------------------------- the figures at the top


def test_the_headline_says_what_was_and_only_of_costs_and_errors_which_is_good(plain: Report):
    failing = _report(
        _rows(320, seed=2, status=lambda number: ("ok", "error")[number % 5 == 0], completion_tokens=900, tokens=1400)
    )
    found = _compared(failing, plain).headline
    assert list(found) == list(HEADLINE)
    assert (found["calls"].current, found["calls"].baseline, found["calls"].ratio) == (320, 160, 1.0)
    assert {name: one.side for name, one in found.items() if one.side} == {"cost": "worse", "errors": "worse"}
    turned = _compared(plain, failing).headline
    assert {name: one.side for name, one in turned.items() if one.side} == {"cost": "better", "errors": "better"}


def test_more_errors_of_more_calls_are_not_worse(plain: Report):
    def failing(errors: int, calls: int) -> Report:
        scope = replace(plain.measured.whole, calls=calls, rates={"errors": Rate(errors, calls)})
        return replace(_with(plain, scope), headline=replace(plain.headline, calls=calls, errors=errors))

    found = _compared(failing(25, 500), failing(5, 100)).headline["errors"]
    assert (found.current, found.baseline, found.side) == (25, 5, "")


def test_twice_the_calls_cost_twice_as_much_and_are_not_worse(plain: Report, twice: Report):
    found = _compared(twice, plain).headline["cost"]
    assert found.ratio > 0.8
    assert found.side == ""


def test_a_cost_that_leaves_something_out_is_not_judged(plain: Report):
    lacking = _report(_rows(160, model=lambda number: ("gpt-4o", "secret")[number % 2]))
    found = _compared(lacking, plain)
    (cost,) = (one for one in found.shown if str(one.name) == "cost.per_1000_calls")
    assert (cost.verdict, cost.tested) == ("", None)
    assert cost.difference
    assert found.headline["cost"].side == ""
    tokens = lacking.measured.whole.unpriced_tokens
    assert f"Costs are not judged: {tokens:,} tokens have no price here, and 0 in the baseline." in found.warnings
    assert not any("Costs" in one for one in _compared(plain, plain).warnings)


def test_longer_answers_are_higher_and_neither_good_nor_bad(plain: Report):
    longer = _with(plain, _times(plain.measured.whole, "completion_tokens", 7))
    verdicts = _verdicts(_compared(longer, plain).shown)
    assert (verdicts["completion_tokens.mean"], verdicts["prompt_tokens.mean"]) == ("higher", "unclear")
    assert _verdicts(_compared(plain, longer).shown)["completion_tokens.mean"] == "lower"


def test_more_than_fifty_models_are_compared_whole():
    many = _told(_rows(160, model=lambda number: f"model-{number % 80}"))
    other = _told(_rows(160, model=lambda number: f"model-{number % 80 + 40}"))
    (models,) = (one for one in _compared(many, other).turnover if one.key == "model")
    assert (len(models.new), len(models.gone)) == (40, 40)


def test_a_baseline_without_a_figure_has_none_to_compare_with(plain: Report):
    odd = replace(_baseline(plain), headline={"calls": 160, "tokens": None, "cost": "dear", "errors": True})
    found = compared(plain.measured, odd, plain.headline, plain.cards, plain.window, [])
    assert list(found.headline) == ["calls"]


# ---------------------------------------------------------------- warnings


def test_a_twentieth_of_the_calls_is_another_scope(plain: Report):
    for count, warned in ((8, True), (9, False)):
        small = _report(_rows(count))
        for now, before, found in (
            (count, 160, _compared(small, plain)),
            (160, count, _compared(plain, small)),
        ):
            sentence = f"The baseline has {before} calls and this run {now}: they are hardly of one kind."
            assert found.warnings == ((sentence,) if warned else ())
            assert found.shown


def test_no_calls_are_told(plain: Report):
    nothing = _report([])
    assert "The baseline has no calls." in _compared(plain, nothing).warnings
    assert (
        "The baseline has 160 calls and this run 0: they are hardly of one kind." in _compared(nothing, plain).warnings
    )
    assert "The baseline has no calls." in _compared(nothing, nothing).warnings


def test_other_sources_are_told(plain: Report):
    found = _compared(plain, plain, ["openai", "openai"], ("envelope", "litellm"))
    assert found.warnings == (
        "The baseline's calls are from logs of envelope, litellm, and these from logs of openai.",
    )
    assert _compared(plain, plain, ["b", "a", "a"], ("a", "b")).warnings == ()
    assert _compared(plain, plain, [], ("a", "b")).warnings == ()


def test_other_models_are_told(plain: Report):
    whole = plain.measured.whole
    found = _compared(_with(plain, whole, {"claude": whole}), plain)
    assert "No model is in both runs." in found.warnings
    assert found.of_models == ()
    assert _verdicts(found.shown)
    assert "No model is in both runs." not in _compared(_with(plain, whole), plain).warnings


def test_no_model_in_both_is_not_said_of_lists_that_are_cut(plain: Report):
    # The model that both have is one of 61, and has fewest calls.
    whole = plain.measured.whole
    many = _with(plain, whole, {f"m{number:02}": whole for number in range(MOST_MODELS)})
    assert "No model is in both runs." not in _compared(many, _with(plain, whole, {"both": whole})).warnings
    fewer = _with(plain, whole, {f"m{number:02}": whole for number in range(MOST_MODELS - 1)})
    assert "No model is in both runs." in _compared(fewer, _with(plain, whole, {"both": whole})).warnings


def test_other_filters_are_told(plain: Report):
    filtered = _report(_rows(160), models=("gpt-4o",), request_types=("json", "text"))
    assert _compared(plain, filtered).warnings == (
        "The baseline shows the models gpt-4o only, and this run all models.",
        "The baseline shows the request types json, text only, and this run all request types.",
    )
    assert _compared(filtered, filtered).warnings == ()


def test_other_prices_are_told(plain: Report):
    baseline = replace(_baseline(plain), prices="prices of 1999")
    found = compared(plain.measured, baseline, plain.headline, plain.cards, plain.window, [])
    assert found.warnings == ("The baseline's costs are by other prices: prices of 1999.",)


# ---------------------------------------------------------------- what is new, what is gone


def _turnover(found: Comparison) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {one.metric: (one.new, one.gone) for one in found.turnover}


def test_new_and_gone_models_types_and_reasons_are_named():
    def told(model: str, kind: str, reason: str, error: str) -> Report:
        rows = _rows(40, model=lambda at: ("both", model)[at % 2], request_type=kind, finish_reason=reason)
        return _told([*rows, *_rows(2, model="both", request_type=kind, status="error", error=error)])

    found = _compared(told("b", "tools", "length", "overloaded"), told("a", "json", "tool", "rate limited"))
    assert _turnover(found) == {
        "errors": (("overloaded",), ("rate limited",)),
        "finish_reasons": (("length",), ("tool",)),
        "tokens_by_model": (("b",), ("a",)),
        "request_types": (("tools",), ("json",)),
    }
    assert {one.metric: one.key for one in found.turnover}["errors"] == "reason"


def test_errors_where_none_failed_before_are_new(plain: Report):
    failing = _told([*_rows(160), *_rows(1, status="error", error="overloaded")])
    assert _turnover(_compared(failing, plain)) == {"errors": (("overloaded",), ())}
    assert _turnover(_compared(plain, failing)) == {"errors": ((), ("overloaded",))}


FAILING = _rows(60, status=lambda at: ("ok", "error")[at % 9 == 0], error=lambda at: "overloaded")


@pytest.fixture(scope="module")
def told() -> Report:
    return _told(FAILING)


@pytest.mark.parametrize("unknown", ["status", "request_type", "finish_reason", "model"])
def test_what_a_run_does_not_tell_is_neither_new_nor_gone(told: Report, unknown: str):
    silent = _told([row | {unknown: None} for row in FAILING])
    assert _turnover(_compared(silent, told)) == {}
    assert _turnover(_compared(told, silent)) == {}


def test_models_without_tokens_are_not_gone(plain: Report):
    silent = _told(_rows(160, tokens=None, prompt_tokens=None, completion_tokens=None))
    assert _turnover(_compared(silent, plain)) == {}
    assert _turnover(_compared(plain, silent)) == {}


def _errors(count: int, first: str) -> Report:
    # The first reason is the rarest: of more than fifty it has no row of its own.
    names = [first, *(f"reason {chr(97 + at // 26)}{chr(97 + at % 26)}" for at in range(count - 1))]
    rows = [{"status": "error", "error": name} for at, name in enumerate(names) for _ in range(1 if at == 0 else 3)]
    return _told([{"status": "ok"}, *rows])


def test_of_fifty_reasons_all_are_known():
    fifty, few = _errors(50, "rare"), _errors(3, "other")
    assert _turnover(_compared(few, fifty))["errors"][0] == ("other",)
    assert "rare" in _turnover(_compared(few, fifty))["errors"][1]
    assert "rare" in _turnover(_compared(fifty, few))["errors"][0]


def test_of_more_than_fifty_reasons_none_is_said_to_be_missing():
    many, few = _errors(60, "rare"), _errors(3, "rare")
    assert _turnover(_compared(few, many))["errors"][0] == ()  # "rare" is one of the others there
    new, gone = _turnover(_compared(many, few))["errors"]
    assert gone == ()
    assert len(new) == 48
    # What stands for all others is the name of no error.
    for names in (new, _turnover(_compared(few, many))["errors"][1]):
        assert all(name.startswith("reason ") for name in names)
    assert _turnover(_compared(many, many)) == {}
    assert _turnover(_compared(_errors(70, "x"), many)) == {}


def test_what_filters_leave_out_is_neither_new_nor_gone(plain: Report):
    filtered = _told(_rows(40), models=("gpt-4o",))
    assert _turnover(_compared(plain, filtered)) == {}
    assert _turnover(_compared(filtered, plain)) == {}
    same = _told(_rows(40, request_type="other"), models=("gpt-4o",))
    assert _turnover(_compared(same, filtered))["request_types"] == (("other",), ("json", "text"))


def test_a_metric_that_failed_or_is_unknown_to_the_baseline_says_nothing(plain: Report):
    baseline = _baseline(plain)
    other = _told(_rows(40, model="other"))
    for cards in ({}, {name: replace(card, status="failed", rows=[]) for name, card in baseline.cards.items()}):
        found = compared(other.measured, replace(baseline, cards=cards), other.headline, other.cards, other.window, [])
        assert found.turnover == ()
    failed = [replace(card, status="failed", rows=[]) for card in other.cards]
    assert compared(other.measured, baseline, other.headline, failed, other.window, []).turnover == ()


# ---------------------------------------------------------------- whole reports


@pytest.fixture(scope="module")
def again(plain: Report) -> Callable[[], Report]:
    later = [row | {"created": START + timedelta(days=7, minutes=at)} for at, row in enumerate(_rows(160, times=1.5))]

    def made() -> Report:
        with store_of(calls(*later)) as store:
            return make_report(store, METRICS, Window(), title="", bucket=None, ingests=(), baseline=_baseline(plain))

    return made


def test_a_report_with_a_baseline_has_the_comparison_and_the_same_every_time(again: Callable[[], Report]):
    report = again()
    assert report.comparison.baseline.name == "before.json"
    assert [str(one.name) for one in report.comparison.shown] == [
        name for name in SHOWN if name != "time_to_first_token_not_streamed.p95"
    ]
    assert _verdicts(report.comparison.shown)["duration.p95"] == "worse"
    found = report_json(report)["comparison"]
    assert found["worse_beyond_chance"]
    assert report_json(again())["comparison"] == found
