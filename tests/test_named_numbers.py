"""Numbers by their names: which there are, how they are read, and what they come to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from logreport.baseline import BaselineCard
from logreport.histogram import of_values
from logreport.measured import MOST_MODELS, Measured, Rate, Scope
from logreport.named_numbers import (
    MOST_ROWS,
    Name,
    few,
    is_measured,
    is_sampled,
    label,
    meant,
    measured_names,
    number,
    parsed,
    row_names,
    unit,
)

SIX = [0.5, 1.0, 1.0, 2.0, 2.0, 5.5]

ONE = Scope(
    calls=8,
    rates={"errors": Rate(2, 8), "cut_off": Rate(0, 0)},
    distributions={"duration": of_values(SIX), "cost": of_values([0.25, 0.5, 1.0])},
    unpriced_tokens=70,
)


def name(text: str) -> Name:
    found = parsed(text)
    assert found is not None
    return found


def value(text: str, measured: Measured | None = None) -> Any:
    return number(measured or Measured(whole=ONE, models={"a]b": ONE}), name(text)).value


def card(*rows: dict[str, Any], status: str = "ok") -> BaselineCard:
    columns: dict[str, Any] = dict.fromkeys(rows[0] if rows else (), "other")
    return BaselineCard(name="mine", status=status, columns=columns, rows=list(rows), step=timedelta(0))


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    "selectors",
    [
        (),
        (("model", "gpt-4o"),),
        *(
            (("model", model),)
            for model in (
                "",
                "a]b",
                "a]",
                "a;b",
                "a=b",
                "a<b",
                "a>=3]b",
                "[x",
                "][",
                "[model=y]",
                " a ",
                "模型",
                "x\ny",
            )
        ),
        (("model", "a"), ("request_type", "chat")),
        (("model", "a]b"), ("request_type", "c[d")),
    ],
)
def test_a_name_is_read_as_it_is_printed(selectors: tuple[tuple[str, str], ...]):
    written = Name(family="cache", statistic="hit_share", selectors=selectors)
    assert parsed(str(written)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "duration",
        "duration.",
        ".p95",
        "duration.p95[",
        "duration.p95[]",
        "duration.p95[x]",
        "duration.p95[=x]",
        "a b.c",
    ],
)
def test_what_is_no_name(text: str):
    assert parsed(text) is None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("duration.p95", True),
        ("duration.p99.9", True),
        ("duration.p100", True),
        ("duration.p101", False),
        ("duration.p", False),
        ("duration.total", False),
        ("tokens.total", True),
        ("cost.per_1000_calls[model=a]", True),
        ("tokens.per_1000_calls", False),
        ("errors.rate", True),
        ("errors.p95", False),
        ("calls.count", True),
        ("calls.total", False),
        ("duration.p95[request_type=a]", False),
        ("duration.p95[model=a][model=b]", False),
        ("cache.hit_share[model=a]", False),
    ],
)
def test_which_names_are_measured(text: str, is_one: bool):
    assert is_measured(name(text)) is is_one


def test_every_name_that_is_measured_has_a_number():
    measured = Measured(whole=ONE, models={"a]b": ONE})
    names = list(measured_names(measured))
    assert len(set(names)) == len(names) == 2 * (1 + 6 + 5 + 2)
    for one in names:
        assert is_measured(one)
        assert parsed(str(one)) == one
        found = number(measured, one)
        assert (found.value is not None, found.unit) == (True, unit(one))


def test_names_are_said_as_readers_say_them():
    said = [
        label(name(text)) for text in ("time_to_first_token.p95", "errors.rate", "cost.per_1000_calls", "duration.max")
    ]
    assert said == ["time to first token p95", "error rate", "cost per 1,000 calls", "duration, largest"]


def test_a_name_is_meant_however_its_brackets_stand():
    known = [name("m.x[a=1][b=2\n3]"), name("m.x[a=1][b=4]"), name("m.y[a=1][b=4]")]
    assert meant(name("m.x[b=4][a=1]"), known) == known[1]
    assert meant(name("m.x[a=1][b=2 3]"), known) == known[0]
    assert meant(name("m.x[a=1]"), known) == name("m.x[a=1]")


def test_of_two_that_look_alike_the_exact_one_is_meant():
    known = [name("m.x[a=1 2]"), name("m.x[a=1\n2]")]
    assert [meant(one, known) for one in known] == known
    assert meant(name("m.x[a=1\t2]"), known) == name("m.x[a=1\t2]")


# ---------------------------------------------------------------- what is measured


@pytest.mark.parametrize(
    ("text", "by_hand"),
    [
        ("calls.count", 8),
        ("errors.rate", 0.25),
        ("errors.count", 2),
        ("cut_off.rate", None),
        ("duration.mean", 2.0),
        ("duration.max", 5.5),
        ("duration.p100", pytest.approx(5.5)),
        ("duration.p50", pytest.approx(1.5, rel=0.005)),
        ("duration.p0", pytest.approx(0.5, rel=0.005)),
        ("cost.total", 1.75),
        ("cost.mean", pytest.approx(1.75 / 3)),
        ("cost.per_1000_calls", pytest.approx(1750 / 3)),
        ("tokens.total", None),
        ("errors.rate[model=a]b]", 0.25),
        ("errors.rate[model=x]", None),
    ],
)
def test_numbers_by_hand(text: str, by_hand: Any):
    assert value(text) == by_hand


def test_an_exact_percentile_goes_before_that_of_bins():
    measured = Measured(
        whole=Scope(distributions={"duration": of_values(SIX)}, exact={"duration": {"p50": (1.25, 1.0, None)}})
    )
    found = number(measured, name("duration.p50"))
    assert (found.value, found.interval) == (1.25, (1.0, None))


def test_what_a_sum_leaves_out_is_said():
    measured = Measured(whole=ONE)
    assert number(measured, name("cost.total")).leaves_out == "70 tokens have no price"
    assert number(measured, name("duration.mean")).leaves_out == ""


@pytest.mark.parametrize(
    ("scope", "text", "reason"),
    [
        (Scope(calls=3), "duration.p95", "no call tells"),
        (Scope(calls=3), "errors.rate", "no call tells"),
        (Scope(calls=3, unpriced_tokens=1200), "cost.total", "none of 1,200 tokens has a price"),
        (
            Scope(calls=3, distributions={"time_to_first_token_not_streamed": of_values([1.0])}),
            "time_to_first_token.p95",
            "none of these calls streamed, see time_to_first_token_not_streamed",
        ),
        (Scope(calls=3), "duration.p95[model=x]", "no call is to x"),
    ],
)
def test_why_there_is_no_number(scope: Scope, text: str, reason: str):
    found = number(Measured(whole=scope), name(text))
    assert (found.value, found.reason) == (None, reason)


def test_of_very_many_models_it_is_not_said_that_one_has_no_call():
    measured = Measured(whole=ONE, models={f"m{at}": ONE for at in range(MOST_MODELS)})
    assert number(measured, name("calls.count[model=x]")).reason == f"it is none of the {MOST_MODELS} with most calls"


@pytest.mark.parametrize(
    ("text", "least", "is_few"),
    [
        ("duration.p95", None, True),
        ("duration.p95", 6, False),
        ("duration.p95", 7, True),
        ("duration.max", None, False),
        ("cost.total", None, False),
        ("errors.rate", None, False),
        ("errors.rate", 9, True),
        ("calls.count", None, False),
    ],
)
def test_few_calls_say_little(text: str, least: int | None, is_few: bool):
    assert few(number(Measured(whole=ONE), name(text)), least) is is_few


def test_a_sum_is_no_sample():
    sampled = {
        text: is_sampled(name(text)) for text in ("cost.total", "cost.max", "errors.count", "errors.rate", "cost.mean")
    }
    assert sampled == {
        "cost.total": False,
        "cost.max": False,
        "errors.count": False,
        "errors.rate": True,
        "cost.mean": True,
    }


# ---------------------------------------------------------------- of rows


def names_of(found: BaselineCard) -> dict[str, Any]:
    return {str(one): number for one, number in row_names(found)}


def test_texts_and_flags_pick_a_row():
    rows = [{"model": "a]b", "stream": True, "calls": 1}, {"model": None, "stream": False, "calls": 2}]
    assert names_of(card(*rows)) == {
        "mine.calls[model=a]b][stream=true]": 1,
        "mine.calls[model=unknown model][stream=false]": 2,
    }


def test_a_single_row_needs_no_text():
    assert names_of(card({"calls": 7, "share": 0.5, "none": None})) == {"mine.calls": 7, "mine.share": 0.5}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"step": 1, "calls": 2}, {"step": 2, "calls": 3}],
        [{"model": "a", "calls": 2}, {"model": "a", "calls": 3}],
        [{"model": f"m{at}", "calls": at} for at in range(MOST_ROWS + 1)],
    ],
)
def test_rows_that_nobody_looks_after_one_by_one_have_no_names(rows: list[dict[str, Any]]):
    assert names_of(card(*rows)) == {}


def test_a_metric_that_failed_has_no_numbers():
    assert names_of(card({"calls": 7}, status="failed")) == {}
