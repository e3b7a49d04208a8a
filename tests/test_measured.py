"""What is measured of calls, worked out by hand, and the same from both databases."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from logreport import Window
from logreport.histogram import of_values
from logreport.measured import FAMILIES, MOST_MODELS, Measured, Rate, Scope, measure
from logreport.plugins import load_plugins
from logreport.report import make_report
from logreport.store import Store, open_store
from logreport.testing import START, _fitted, _load, calls, sample_calls, store_of

Row = dict[str, Any]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url) as opened:
        yield opened


def _measured(store: Store, *given: Row, window: Window | None = None) -> Measured:
    rows = calls(*given)
    if rows:
        _load(store, rows)
    return measure(store, _fitted(window or Window(), rows))


#: The calls of all tests by hand, of which DuckDB is asked; the last test of this file asks PostgreSQL as well.
BY_HAND: list[tuple[Row, ...]] = []


def _by_hand() -> list[Row]:
    """All of them: the calls of each test are those of a model of their own, where they name none."""
    return calls(*({"model": f"hand {at}"} | row for at, given in enumerate(BY_HAND) for row in given))


def by_hand(*given: Row) -> pytest.MarkDecorator:
    """The test gets as `found` what is measured of these calls."""
    BY_HAND.append(given)
    return pytest.mark.parametrize("found", [given], ids=["duckdb"], indirect=True)


def together(*given: Row) -> pytest.MarkDecorator:
    """The test gets as `scope` what is measured of these calls, among those of all other tests by hand."""
    BY_HAND.append(given)
    return pytest.mark.parametrize("scope", [f"hand {len(BY_HAND) - 1}"], ids=["duckdb"], indirect=True)


@pytest.fixture(scope="module")
def _all_by_hand() -> Measured:
    rows = _by_hand()
    with store_of(rows) as opened:
        return measure(opened, _fitted(Window(), rows))


@pytest.fixture
def scope(request: pytest.FixtureRequest, _all_by_hand: Measured) -> Scope:
    return _all_by_hand.models[request.param]


@pytest.fixture
def found(request: pytest.FixtureRequest) -> Measured:
    with store_of(()) as opened:
        return _measured(opened, *request.param)


def _values(scope: Scope, family: str) -> tuple[int, float, float | None]:
    """How many values a family has, their sum and the largest."""
    found = scope.distributions[family]
    return found.count, found.total, found.largest


# ---------------------------------------------------------------- by hand


def test_no_calls_have_nothing_and_not_zeros(store: Store):
    found = _measured(store)
    assert found == Measured(whole=Scope(rates={"errors": Rate(0, 0), "cut_off": Rate(0, 0)}))


@by_hand({}, {})
def test_calls_that_tell_nothing_are_counted_and_have_no_numbers(found: Measured):
    assert found.whole == Scope(calls=2, rates={"errors": Rate(0, 0), "cut_off": Rate(0, 0)})
    assert found.models == {}


@together(
    {"duration": 1.5, "status": "ok"},
    {"duration": 2.5},
    {"duration": 90.0, "status": "error"},
    {"duration": 0.0, "status": "ok"},
    {"status": "ok"},
)
def test_durations_are_of_calls_that_did_not_fail(scope: Scope):
    assert _values(scope, "duration") == (3, 4.0, 2.5)
    assert scope.distributions["duration"] == of_values([0.0, 1.5, 2.5])
    assert scope.distributions["duration"].zeros == 1
    assert scope.rates["errors"] == Rate(1, 4)


@together(
    {"time_to_first_token": 0.25, "stream": True},
    {"time_to_first_token": 0.5},
    {"time_to_first_token": 4.0, "stream": False},
    {"time_to_first_token": 8.0, "stream": True, "status": "error"},
    {"time_to_first_token": 8.0, "stream": False, "status": "error"},
    {"stream": True},
)
def test_first_tokens_of_calls_that_stream_and_that_do_not_are_two_families(scope: Scope):
    assert _values(scope, "time_to_first_token") == (2, 0.75, 0.5)
    assert _values(scope, "time_to_first_token_not_streamed") == (1, 4.0, 4.0)


STREAMED = {"duration": 3.0, "time_to_first_token": 1.0, "completion_tokens": 5}  # 4 gaps in 2 seconds


@together(
    STREAMED | {"stream": True},
    STREAMED,
    STREAMED | {"stream": False},
    STREAMED | {"status": "error", "stream": True},
    STREAMED | {"completion_tokens": 1, "stream": True},
    STREAMED | {"time_to_first_token": 3.0, "stream": True},  # all at once
    STREAMED | {"time_to_first_token": 3.0},  # as if it had not streamed
    STREAMED | {"completion_tokens": None, "stream": True},
)
def test_the_time_between_tokens_is_of_answers_whose_streaming_shows(scope: Scope):
    assert _values(scope, "time_per_output_token") == (3, 1.0, 0.5)
    assert scope.distributions["time_per_output_token"].zeros == 1


@together(
    {"tokens": 10},
    {"prompt_tokens": 3, "completion_tokens": 4},
    {"tokens": 10, "prompt_tokens": 3, "completion_tokens": 4},
    {"prompt_tokens": 5},
    {"completion_tokens": 0},
    {"status": "error", "tokens": 100},
)
def test_tokens_are_as_the_log_says_or_the_sum_of_both_parts(scope: Scope):
    assert scope.distributions["tokens"] == of_values([10, 7, 10, 100], whole=True)
    assert scope.distributions["prompt_tokens"] == of_values([3, 3, 5], whole=True)
    assert scope.distributions["completion_tokens"] == of_values([4, 4, 0], whole=True)
    assert scope.distributions["completion_tokens"].zeros == 1


MOST = 2**63 - 1


@together({"tokens": MOST}, {"prompt_tokens": MOST, "completion_tokens": MOST}, {"prompt_tokens": 1})
def test_counts_that_are_absurd_cost_no_report(scope: Scope):
    assert scope.distributions["tokens"].count == 2
    assert scope.distributions["tokens"].largest == float(2 * MOST)
    assert scope.distributions["prompt_tokens"].percentile(0) == 1


@together(
    {"status": "ok", "finish_reason": "stop"},
    {"status": "error"},
    {"finish_reason": "LENGTH"},
    {"finish_reason": "max_tokens", "status": "ok"},
    {},
)
def test_rates_are_of_calls_that_tell(scope: Scope):
    assert scope.rates == {"errors": Rate(1, 3), "cut_off": Rate(2, 3)}


# ---------------------------------------------------------------- costs: 1 dollar a million of prompt, 2 of answer


LARGE = {"model": "large", "prompt_tokens": 300, "completion_tokens": 20}  # 340 millionths of a dollar


@by_hand(LARGE, LARGE, LARGE, LARGE | {"prompt_tokens": 0, "completion_tokens": 0})
def test_costs_are_exact_sums_of_picodollars(found: Measured):
    whole = found.whole
    assert _values(whole, "cost") == (4, 0.00102, 0.00034)
    assert whole.distributions["cost"].zeros == 1
    assert whole.unpriced_tokens == 0


@by_hand(
    {"model": "nobody's", "prompt_tokens": 7, "completion_tokens": 2},
    {"model": "nobody's", "tokens": 30},
    {"model": "large", "prompt_tokens": 5},  # how long its answer was is unknown
    {"prompt_tokens": 1, "completion_tokens": 1},
    {"model": "large"},
)
def test_tokens_without_a_price_are_told_and_cost_is_not_0(found: Measured):
    assert "cost" not in found.whole.distributions
    assert found.whole.unpriced_tokens == 9 + 30 + 5 + 2
    assert found.models["nobody's"].unpriced_tokens == 39
    assert found.models["large"].unpriced_tokens == 5


@by_hand(
    {"model": "large", "prompt_tokens": 1000, "completion_tokens": 0, "status": "ok"},
    {"model": "large", "prompt_tokens": 1000, "status": "error"},
)
def test_a_call_that_failed_before_its_answer_leaves_no_cost_out(found: Measured):
    whole = found.whole
    assert _values(whole, "cost") == (1, 0.001, 0.001)
    assert whole.unpriced_tokens == 0


def test_the_cost_of_all_is_that_of_the_headline_to_the_last_digit(store: Store):
    draws = random.Random(8)
    models = ["large", *(f"gpt-4o-2024-0{number}" for number in range(5)), "gpt-4o", "gpt-4o-mini", None]
    rows = calls(
        *(
            {
                "model": draws.choice(models),
                "prompt_tokens": draws.randrange(9999),
                "completion_tokens": draws.randrange(999),
            }
            for _ in range(300)
        )
    )
    _load(store, rows)
    report = make_report(store, [], Window(), title="", bucket=None, ingests=(), measuring=True)
    cost = report.measured.whole.distributions["cost"]
    assert cost.total == report.headline.spend.cost
    assert cost.count == report.headline.spend.calls


# ---------------------------------------------------------------- models


@by_hand(*({"model": model, "duration": 1.0} for model in ("b", "a", "c", "c", None, None, None)))
def test_models_come_with_most_calls_first_and_calls_without_one_are_in_the_whole_only(found: Measured):
    assert list(found.models) == ["c", "a", "b"]
    assert found.whole.calls == 7
    assert found.scope(None) is found.whole
    assert found.scope("c") == found.models["c"]
    assert found.models["c"].calls == 2
    assert found.scope("d") is None


SIXTY_MODELS = [{"model": f"m{number:02}", "duration": 1.0 + number} for number in range(60) for _ in range(2)]


@by_hand(*SIXTY_MODELS, {"model": "m59", "duration": 0.0})
def test_of_more_than_fifty_models_all_are_in_the_whole(found: Measured):
    assert len(found.models) == MOST_MODELS
    assert next(iter(found.models)) == "m59"
    assert "m58" not in found.models
    assert found.whole.calls == 121
    assert found.whole.distributions["duration"] == of_values([one["duration"] for one in SIXTY_MODELS] + [0.0])


@by_hand(*({"model": f"m{number}", "duration": 0.1} for number in range(10)))
def test_sums_of_all_models_are_exact_in_whatever_order_they_come(found: Measured):
    # Ten times 0.1, added up as floating numbers, is 0.9999999999999999.
    whole = found.whole
    assert whole.distributions["duration"].total == 1.0


def test_a_window_is_kept(store: Store):
    given = [{"model": model, "duration": 1.0, "request_type": kind} for model in "ab" for kind in ("x", "y")]
    assert _measured(store, *given, window=Window(models=("a",))).whole.calls == 2
    assert _measured(store, window=Window(request_types=("y",), models=("b",))).whole.calls == 1
    assert _measured(store, window=Window(since=START.astimezone() + timedelta(days=99))).whole.calls == 0


# ---------------------------------------------------------------- exact percentiles


def _random(count: int) -> list[Row]:
    draws = random.Random(10)

    def one(row: Row) -> Row:
        times = {name: draws.lognormvariate(0, 1) for name in ("duration", "time_to_first_token")}
        tokens = {name: draws.randrange(10**6) for name in ("prompt_tokens", "completion_tokens")}
        stream = draws.choice([True, False, None])
        return row | times | tokens | {"tokens": draws.choice([None, sum(tokens.values())]), "stream": stream}

    return [one(row) for row in sample_calls(count)]


TWENTY = [{"model": "many", "duration": value / 7} for value in range(20)]


@by_hand(*TWENTY, *({"model": "few", "duration": 9.0} for _ in range(19)))
def test_exact_percentiles_are_those_of_numpy_and_of_twenty_calls_or_more(found: Measured):
    assert found.models["few"].exact == {}
    exact = found.models["many"].exact["duration"]
    assert list(exact) == ["p50", "p90", "p95", "p99"]
    assert exact["p95"][0] == pytest.approx(np.percentile([one["duration"] for one in TWENTY], 95), rel=1e-14)
    assert exact["p50"][1:] == (5 / 7, 14 / 7)
    assert exact["p99"][2] is None
    assert set(found.whole.exact) == {"duration"}


def test_exact_percentiles_are_those_of_the_charts(store: Store):
    rows = _random(400)
    _load(store, rows)
    asked = {"duration_percentiles", "time_to_first_token_percentiles"}
    metrics = [(offer.value, offer.plugin) for offer in load_plugins().metrics if offer.value.name in asked]
    report = make_report(store, metrics, Window(), title="", bucket=None, ingests=(), measuring=True)
    models = report.measured.models
    assert set(models) == {"large", "small"}

    def shown(row: Row) -> dict[str, Any]:
        return {f"p{one}": (row[f"p{one}"], row[f"p{one}_low"], row[f"p{one}_high"]) for one in (50, 90, 95, 99)}

    durations = [row for row in report.card("duration_percentiles").rows if row["model"]]
    assert {row["model"]: shown(row) for row in durations} == {
        model: scope.exact["duration"] for model, scope in models.items()
    }
    first = report.card("time_to_first_token_percentiles").rows
    whole = [row for row in first if row["model"] and row["stream"] is False]
    assert {row["model"]: shown(row) for row in whole} == {
        model: scope.exact["time_to_first_token_not_streamed"] for model, scope in models.items()
    }


def test_histograms_are_within_half_a_percent_of_exact_percentiles(store: Store):
    rows = _random(400)
    _load(store, rows)
    found = measure(store, _fitted(Window(), rows))
    scopes = [found.whole, *found.models.values()]
    checked = 0
    for scope in scopes:
        for family, levels in scope.exact.items():
            for name, (value, _, _) in levels.items():
                assert scope.distributions[family].percentile(float(name[1:])) == pytest.approx(value, rel=0.005001)
                checked += 1
    assert checked == 3 * 4 * 4


# ---------------------------------------------------------------- both databases


def test_both_databases_measure_the_same_of_500_random_calls_and_of_all_by_hand(postgresql: str):
    draws = random.Random(11)
    models = ["large", "small", "gpt-4o", "gpt-4o-mini", None, *(f"m{at}" for at in range(9))]
    rows = [row | {"model": draws.choice(models)} for row in _random(500)]
    rows += _by_hand()
    found = []
    for url in ("duckdb:///:memory:", postgresql):
        with open_store(url) as store:
            _load(store, rows)
            found.append(measure(store, _fitted(Window(), rows)))
    assert set(found[0].whole.distributions) == set(FAMILIES)
    nameless = {f"hand {at}" for at, given in enumerate(BY_HAND) if not any("model" in row for row in given)}
    assert nameless <= set(found[0].models)  # and not among those with too few calls for a scope of their own
    assert found[0] == found[1]
