"""Gates by hand: of a few calls, what passes, what fails, and what nobody can tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from logreport.baseline import Baseline, BaselineCard
from logreport.cards import Card
from logreport.errors import BadInput
from logreport.gates import Gate, check_rule, judge, summary, worst
from logreport.histogram import of_values
from logreport.measured import Measured, Rate, Scope
from logreport.rules import rule
from logreport.spoken import said


def scope(*durations: float, errors: Rate | None = None, cost: Sequence[float] = (), unpriced: int = 0) -> Scope:
    return Scope(
        calls=len(durations),
        rates={"errors": errors or Rate(0, len(durations))},
        distributions={"duration": of_values(durations)} | ({"cost": of_values(cost)} if cost else {}),
        unpriced_tokens=unpriced,
    )


def steady(seconds: float, calls: int = 100) -> Scope:
    """So many calls, of which half are a tenth slower."""
    return scope(*([seconds, 1.1 * seconds] * (calls // 2)))


def card(*rows: dict[str, Any], status: Any = "ok", reason: str = "") -> Card:
    return Card(
        name="mine", title="", description="", status=status, reason=reason, columns=tuple(rows[0]) if rows else (),
        rows=list(rows), frame=None, figure=None, notes=(), counted=None, behind="", plugin="mine",
    )  # fmt: skip


def baseline(whole: Scope, *rows: dict[str, Any], **models: Scope) -> Baseline:
    cards = {"mine": BaselineCard(name="mine", status="ok", columns=dict.fromkeys(rows[0], "other"), rows=list(rows), step=timedelta(0))} if rows else {}  # fmt: skip
    return Baseline(
        name="main", made=None, first=None, last=None, step=timedelta(0), models=(), request_types=(), sources=(),
        prices="", headline={}, measured=Measured(whole=whole, models=models), cards=cards,
    )  # fmt: skip


def gate(text: str, whole: Scope | None = None, before: Baseline | None = None, cards: Sequence[Card] = ()) -> Gate:
    (found,) = judge([rule(text)], Measured(whole=whole or Scope()), cards, before)
    return found


def told(found: Gate) -> tuple[str, str]:
    return found.status, found.message


# ---------------------------------------------------------------- amounts


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("duration.max <= 2s", "passed", "duration.max 2 s ≤ 2 s"),
        ("duration.max < 2s", "failed", "duration.max 2 s ≥ 2 s"),
        ("duration.max >= 2s", "passed", "duration.max 2 s ≥ 2 s"),
        ("duration.max > 2s", "failed", "duration.max 2 s ≤ 2 s"),
        ("duration.max <= 1.5s", "failed", "duration.max 2 s > 1.5 s"),
        ("duration.max > 2.5s", "failed", "duration.max 2 s < 2.5 s"),
        ("duration.max < 2.0001s", "passed", "duration.max 2 seconds < 2.0001 seconds"),
        ("errors.rate <= 25%", "passed", "errors.rate 25.0 % ≤ 25.0 %"),
        ("errors.rate < 25%", "failed", "errors.rate 25.0 % ≥ 25.0 %"),
        ("errors.count <= 0", "failed", "errors.count 1 > 0"),
        ("calls.count >= 4", "passed", "calls.count 4 ≥ 4"),
    ],
)
def test_a_number_beside_an_amount(text: str, status: str, message: str):
    assert told(gate(text, scope(1, 1, 2, 2, errors=Rate(1, 4)))) == (status, message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("duration.p95 < 9s", "duration.p95 2 s: only 4 calls behind it"),
        ("duration.mean < 9s; min_calls=5", "duration.mean 1.5 s: only 4 calls behind it"),
        ("errors.rate < 90%; min_calls=5", "errors.rate 25.0 %: only 4 calls behind it"),
        ("time_to_first_token.p95 < 9s", "time_to_first_token.p95: no call tells"),
        ("duration.p95[model=x] < 9s", "duration.p95[model=x]: no call is to x"),
        ("duration.p95[model=*] < 9s", "duration.p95[model=*]: no call has a model"),
        ("duration.max <= baseline", "duration.max 2 s: there is no baseline to compare with"),
    ],
)
def test_what_nobody_can_tell_is_inconclusive(text: str, message: str):
    found = gate(text, scope(1, 1, 2, 2, errors=Rate(1, 4)))
    assert told(found) == ("inconclusive", message)
    assert (found.fails, found.stands_out) == (True, True)
    allowed = gate(f"{text}; allow_inconclusive", scope(1, 1, 2, 2, errors=Rate(1, 4)))
    assert (allowed.status, allowed.fails, allowed.stands_out) == ("inconclusive", False, False)


def test_few_calls_are_enough_where_a_rule_says_so():
    assert gate("duration.p95 < 9s; min_calls=4", scope(1, 1, 2, 2)).status == "passed"


def test_a_rule_may_warn_only():
    found = gate("duration.max < 1s; level=warn", scope(2))
    assert (found.status, found.fails, found.stands_out) == ("failed", False, True)


# ---------------------------------------------------------------- cost


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("cost.total <= 5 USD", "inconclusive"),  # what is known is 3
        ("cost.total <= 2 USD", "failed"),
        ("cost.total >= 2 USD", "passed"),
        ("cost.total >= 5 USD", "inconclusive"),
        ("cost.max <= 5 USD", "inconclusive"),
        ("cost.max <= 1 USD", "failed"),
        ("cost.mean <= 1 USD; min_calls=1", "inconclusive"),
        ("cost.mean <= 9 USD; min_calls=1", "inconclusive"),
    ],
)
def test_unpriced_cost_is_judged_only_as_far_as_it_is_known(text: str, status: str):
    found = gate(text, scope(1, 1, cost=[1, 2], unpriced=70))
    assert found.status == status
    assert ("70 tokens have no price" in found.message) is (status == "inconclusive")


def test_cost_without_any_price_is_inconclusive():
    assert told(gate("cost.total <= 5 USD", scope(1, unpriced=70))) == (
        "inconclusive",
        "cost.total: none of 70 tokens has a price",
    )


def test_a_baseline_whose_cost_is_not_known_is_no_bound():
    found = gate("cost.total <= baseline", scope(1, cost=[1]), baseline(scope(1, cost=[2], unpriced=9)))
    assert told(found) == ("inconclusive", "cost.total $1.00: the baseline: 9 tokens have no price")


# ---------------------------------------------------------------- baseline


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("duration.max <= baseline * 1.2", "failed", "duration.max 2 s > 1.2 s (baseline 1 s)"),
        ("duration.max <= baseline * 2", "passed", "duration.max 2 s ≤ 2 s (baseline 1 s)"),
        (
            "duration.max <= baseline; floor=2s",
            "passed",
            "duration.max 2 s > 1 s (baseline 1 s), but differs by less than 2 s",
        ),
        ("duration.max <= baseline; floor=1s", "failed", "duration.max 2 s > 1 s (baseline 1 s)"),
        ("duration.max >= baseline * 3", "failed", "duration.max 2 s < 3 s (baseline 1 s)"),
    ],
)
def test_a_number_beside_the_baseline(text: str, status: str, message: str):
    assert told(gate(text, scope(1, 2), baseline(scope(1, 1)))) == (status, message)


def test_a_baseline_of_few_calls_is_no_bound():
    found = gate("duration.p95 <= baseline", steady(1), baseline(scope(1)))
    assert told(found) == ("inconclusive", "duration.p95 1.1 s: the baseline: only 1 call behind it")


def test_what_never_failed_before_has_a_bound_of_nothing():
    found = gate("errors.rate <= baseline * 2", scope(1, 1, errors=Rate(1, 2)), baseline(scope(1)))
    assert told(found) == ("failed", "errors.rate 50.0 % > 0 % (baseline 0 %)")
    assert found.excess == float("inf")


# ---------------------------------------------------------------- chance


@pytest.mark.parametrize(
    ("text", "now", "status"),
    [
        ("duration.p50 <= baseline * 1.05 and significant", steady(1.3), "failed"),
        ("duration.mean <= baseline * 1.001 and significant", steady(1.005), "passed"),
        ("duration.mean >= baseline * 0.95 and significant", steady(0.8), "failed"),
        ("duration.mean <= 1.05s and significant", steady(1.3), "failed"),
        ("duration.mean <= 1.049s and significant", steady(1.0), "passed"),
        ("errors.rate < 2% and significant", scope(1, errors=Rate(30, 100)), "failed"),
        ("errors.rate < 29% and significant", scope(1, errors=Rate(30, 100)), "passed"),
        # Faster than before, and surely not as much as was asked.
        ("duration.mean <= baseline * 0.5 and significant", steady(0.9), "failed"),
        ("duration.mean >= baseline * 1.5 and significant", steady(1.1), "failed"),
        # Nobody can say that it is not.
        ("duration.mean <= baseline * 0.899 and significant", steady(0.9), "passed"),
    ],
)
def test_a_significant_rule_is_broken_beyond_chance_only(text: str, now: Scope, status: str):
    assert gate(text, now, baseline(steady(1.0))).status == status


def test_what_may_be_chance_says_so():
    found = gate("duration.mean <= baseline * 1.001 and significant", steady(1.005), baseline(steady(1.0)))
    assert found.message.endswith("but the difference from the baseline may be chance")
    assert gate("errors.rate < 29% and significant", scope(1, errors=Rate(30, 100))).message.endswith(
        "but that may be chance"
    )


def test_too_few_calls_to_tell_are_inconclusive():
    found = gate("duration.p99 <= baseline and significant; min_calls=2", scope(2, 2, 2), baseline(scope(1, 1, 1)))
    assert found.status == "inconclusive"
    assert found.message.endswith("and too few calls to tell whether by chance")


@pytest.mark.parametrize("statistic", ["p0", "p100"])
def test_the_ends_of_a_distribution_have_no_interval(statistic: str):
    text = f"duration.{statistic} <= baseline and significant"
    assert gate(text, steady(2), baseline(steady(1))).status == "inconclusive"


# ---------------------------------------------------------------- models


def test_each_model_has_its_gate():
    measured = Measured(whole=scope(1, 3), models={"a]b": scope(3), "x": scope(1)})
    found = judge([rule("duration.max[model=*] < 2s")], measured, [], None)
    assert [(one.name.model, one.status) for one in found] == [("a]b", "failed"), ("x", "passed")]


def test_a_new_model_has_no_baseline():
    measured = Measured(whole=scope(1, 3), models={"x": scope(3)})
    (found,) = judge([rule("duration.max[model=*] <= baseline")], measured, [], baseline(scope(1), y=scope(1)))
    assert told(found) == ("inconclusive", "duration.max[model=x] 3 s: the baseline: no call is to x")


def test_a_model_may_be_written_as_it_is_shown():
    measured = Measured(whole=scope(3), models={"new\nline": scope(3)})
    (found,) = judge([rule("duration.max[model=new line] < 2s")], measured, [], None)
    assert (found.name.model, found.status) == ("new\nline", "failed")


# ---------------------------------------------------------------- rows

ROWS = card(
    {"model": "a", "kind": "x", "calls": 7, "share": None}, {"model": None, "kind": "y", "calls": 9, "share": 0.5}
)


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("mine.calls[model=a][kind=x] < 9", "passed", "mine.calls[model=a][kind=x] 7 < 9"),
        ("mine.calls[kind=x][model=a] < 9", "passed", "mine.calls[kind=x][model=a] 7 < 9"),
        ("mine.calls[model=unknown model][kind=y] < 9", "failed", "mine.calls[model=unknown model][kind=y] 9 ≥ 9"),
        ("mine.calls[model=a] < 9", "inconclusive", "mine.calls[model=a]: no row is of that"),
        ("mine.share[model=a][kind=x] < 9", "inconclusive", "mine.share[model=a][kind=x]: unknown"),
        ("mine.calls[model=a][kind=x] <= baseline", "passed", "mine.calls[model=a][kind=x] 7 ≤ 8 (baseline 8)"),
        (
            "mine.calls[model=unknown model][kind=y] <= baseline",
            "inconclusive",
            "mine.calls[model=unknown model][kind=y] 9: the baseline: no row is of that",
        ),
    ],
)  # fmt: skip
def test_a_number_of_a_row(text: str, status: str, message: str):
    before = baseline(scope(1), {"kind": "x", "model": "a", "calls": 8, "share": 0.1})
    assert told(gate(text, before=before, cards=[ROWS])) == (status, message)


def test_two_rows_of_one_name_are_not_taken_for_each_other():
    rows = card({"model": None, "calls": 7}, {"model": "unknown model", "calls": 9})
    assert told(gate("mine.calls[model=unknown model] < 8", cards=[rows])) == (
        "inconclusive",
        "mine.calls[model=unknown model]: two rows are that",
    )


def test_of_very_many_rows_none_has_a_name():
    rows = card(*({"model": f"m{at}", "calls": at} for at in range(51)))
    assert gate("mine.calls[model=m7] < 8", cards=[rows]).message == "mine.calls[model=m7]: of 51 rows, none has a name"


def test_a_metric_that_failed_says_why():
    failed = card(status="failed", reason="ZeroDivisionError: division by zero")
    assert gate("mine.calls < 8", cards=[failed]).message == "mine.calls: ZeroDivisionError: division by zero"


@pytest.mark.parametrize("text", ["mine.cals[model=a][kind=x] < 8", "mine.calls[modl=a] < 8"])
def test_a_column_that_there_is_not_is_an_error_with_those_that_there_are(text: str):
    with pytest.raises(BadInput, match=r"no number is called mine\.") as caught:
        gate(text, cards=[ROWS])
    assert caught.value.hint == "the rows of mine have model, kind, calls, share"


def test_a_metric_that_the_baseline_lacks_is_no_bound():
    found = gate("mine.calls[model=a][kind=x] <= baseline", before=baseline(scope(1)), cards=[ROWS])
    assert found.message == "mine.calls[model=a][kind=x] 7: the baseline: it has no mine"


# ---------------------------------------------------------------- before anything is read


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("duratoin.p95 < 2s", "no number is called duratoin.p95", "did you mean `duration`?"),
        ("duration.p101 < 2s", "no number is called duration.p101", "`logreport check --list FILE` lists them"),
        ("cost.rate < 2%", "no number is called cost.rate", "--list"),
        ("duration.p95[modle=a] < 2s", "no number is called", "--list"),
        ("duration.p95 < 2%", "duration.p95 is in seconds", "write 2s or 350ms"),
        ("cost.total <= baseline and significant", "is a sum or a maximum", "take `and significant` away"),
        (
            "mine.calls <= baseline and significant",
            "how sure mine.calls is, is not known",
            "take `and significant` away",
        ),
        ("mine.calls < 2%", "mine.calls is in no unit", "write a number without a unit"),
    ],
)
def test_a_rule_about_what_cannot_be_is_an_error(text: str, message: str, hint: str):
    with pytest.raises(BadInput, match=message) as caught:
        check_rule(rule(text), ["mine"])
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "text", ["duration.p99.9 < 2s", "errors.rate[model=*] < 2%", "mine.calls[model=a] < 2", "mine.x < 2"]
)
def test_a_rule_about_what_may_be_is_none(text: str):
    check_rule(rule(text), ["mine"])


# ---------------------------------------------------------------- all of them


def test_the_worst_stand_first_and_are_counted():
    texts = [
        "duration.max < 9s",
        "duration.max < 1.5s",
        "duration.max < 0.1s",
        "duration.max < 1s; level=warn",
        "tokens.total < 5",
        "tokens.total < 5; allow_inconclusive",
    ]
    found = judge([rule(text) for text in texts], Measured(whole=scope(2)), [], None)
    assert [one.rule.text for one in worst(found)] == [
        "duration.max < 0.1s",
        "duration.max < 1.5s",
        "tokens.total < 5",
        "duration.max < 1s",
    ]
    assert summary(found) == "1 of 6 gates passed, 2 failed, 1 inconclusive, 1 inconclusive, as allowed; 1 warning"
    assert summary(found[:1]) == "1 of 1 gate passed"


def test_numbers_are_said_in_their_unit():
    assert said(None, "seconds") == "unknown"
    assert (said(0.35, "seconds"), said(12.4, "dollars"), said(0.5, "share")) == ("350 ms", "$12.40", "50.0 %")
    assert (said(1.5e6, "tokens"), said(7, "calls"), said(0.5, None)) == ("1.5 M tokens", "7", "0.5")
