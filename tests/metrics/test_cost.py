"""What calls cost, worked out on paper; the same on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from logreport import Call, Window, sql
from logreport.price_file import OwnPrice, OwnPrices
from logreport.rates import Priced, Rate, Rates

# Dollars a million tokens: a call of 1,000 prompt and 100 completion tokens of `big` costs 0.002 + 0.001.
OURS = OwnPrices(
    name="ours.toml",
    prices=(
        OwnPrice(model="big", input=2.0, output=10.0, cache_read=0.2, cache_write=2.5),
        OwnPrice(model="small", input=0.1, output=0.4),
        OwnPrice(model="embedder", input=0.02),
    ),
)


@pytest.fixture
def priced(asked: Any) -> Any:
    asked.prices = OURS
    return asked


def row(asked: Any, name: str, **window: Any) -> dict[str, Any]:
    (found,) = asked.card(name, **window).rows
    return found


def call(
    model: str | None = "big", prompt: int | None = 1000, completion: int | None = 100, **more: Any
) -> dict[str, Any]:
    tokens = None if prompt is None or completion is None else prompt + completion
    return {"model": model, "prompt_tokens": prompt, "completion_tokens": completion, "tokens": tokens} | more


def test_cost_by_model(priced: Any):
    priced.hold(call(), call(), call("small"), call("nobody"), call("nobody", prompt=None))
    first, second, third = priced.card("cost_by_model").rows
    assert (first["model"], first["cost"], first["calls"], first["priced_calls"]) == ("big", 0.006, 2, 2)
    assert first["cost_per_1000_calls"] == 3.0
    assert (second["model"], second["cost"]) == ("small", 0.00014)
    # No price is no cost of nothing.
    assert (third["model"], third["cost"], third["tokens"], third["priced_tokens"]) == ("nobody", None, 1200, 0)
    assert (
        "for 73.3 % of the tokens (3,300 of 4,500). No price is known for nobody."
        in priced.card("cost_by_model").notes[0]
    )


def test_a_cache_is_charged_at_its_own_rates(priced: Any):
    # 600 read at 0.2, 300 written at 2.5, 100 others at 2, 100 answered at 10: 0.00012 + 0.00075 + 0.0002 + 0.001
    priced.hold(call(cache_read_tokens=600, cache_write_tokens=300))
    assert row(priced, "cost_by_model")["cost"] == 0.00207
    # Without a cache the 900 would have cost 0.0018 and not 0.00087.
    assert row(priced, "cache")["saved"] == 0.00093


def test_a_cache_without_a_rate_is_told(priced: Any):
    priced.hold(call("small", cache_read_tokens=600))
    assert row(priced, "cost_by_model")["cost"] == 0.00014
    assert row(priced, "cost_by_model")["stood_in"] == 1100
    assert any("1,100 of these 1,100 tokens" in note for note in priced.card("cost_by_model").notes)


def test_an_embedding_has_no_completion_and_a_price(priced: Any):
    priced.hold(call("embedder", completion=None, tokens=1000))
    assert row(priced, "cost_by_model")["cost"] == 0.00002


def test_half_of_a_count_is_no_price_and_counts_as_tokens_without_one(priced: Any):
    priced.hold(call(), call(completion=None), call(prompt=None, tokens=5))
    found = row(priced, "cost_by_model")
    assert (found["calls"], found["priced_calls"], found["cost"]) == (3, 1, 0.003)
    assert (found["tokens"], found["priced_tokens"]) == (2105, 1100)


def test_prompts_alone_of_an_unknown_model_are_tokens_without_a_price(priced: Any):
    priced.hold(call(), call("my-embedding", completion=None))
    spend = priced.report().headline.spend
    assert (spend.tokens, spend.told_tokens, spend.unpriced_models) == (1100, 2100, ("my-embedding",))
    assert (
        "52.4 % of the tokens (1,100 of 2,100). No price is known for my-embedding."
        in priced.card("cost_by_model").notes[0]
    )


def test_a_rate_that_is_missing_counts_only_for_the_calls_that_want_it(priced: Any):
    priced.hold(call("small"), call("small", cache_read_tokens=10), call("small", cache_read_tokens=0))
    assert row(priced, "cost_by_model")["stood_in"] == 1100


def test_what_the_log_tells_is_shown_where_nothing_has_a_price(priced: Any):
    priced.hold({"model": "m", "tokens": 5, "cost": 0.5}, {"model": "m", "tokens": 5, "cost": 0.25})
    found = row(priced, "cost_by_model")
    assert (found["cost"], found["logged"], found["tokens"]) == (None, 0.75, 10)
    notes = priced.card("cost_by_model").notes
    assert notes[:2] == (
        "No price is known for m.",
        "The log itself tells a cost of $0.75, for calls that have no price here.",
    )
    assert priced.report().headline.spend.logged == 0.75


def test_a_charge_for_each_call_in_any_number(priced: Any):
    priced.prices = OwnPrices(name="p", prices=(OwnPrice(model="big", input=0, output=0, call=100_000),))
    priced.hold(*[call()] * 100)
    assert row(priced, "cost_by_model")["cost"] == 10_000_000


def test_nothing_read_from_a_cache_saved_nothing(priced: Any):
    priced.hold(call(cache_read_tokens=0))
    assert priced.card("cache").notes == ("0 % of the prompt tokens were read from a cache (0 of 1,000).",)


def test_where_nothing_has_a_price_there_is_no_chart(priced: Any):
    priced.hold(call("nobody"))
    card = priced.card("cost_by_model")
    assert (card.status, card.rows) == ("empty", [])
    assert card.reason.startswith("no model in this window has a price (`--prices FILE` gives it one)")
    spend = priced.report().headline.spend
    assert (spend.cost, spend.per_1000_calls, spend.unpriced_models) == (None, None, ("nobody",))


def test_the_logs_own_cost_stands_beside_ours(priced: Any):
    priced.hold(call(cost=0.004), call(), call("nobody", cost=0.5))
    first, second = priced.card("cost_by_model").rows
    assert (first["cost"], first["logged"], first["difference"]) == (0.006, 0.004, -0.001)
    assert (second["cost"], second["logged"], second["difference"]) == (None, 0.5, None)
    assert priced.report().headline.spend.logged == 0.504
    assert "list prices give $0.001 less." in priced.card("cost_by_model").notes[1]


def test_a_cost_in_a_log_that_cannot_be_is_no_failure(priced: Any):
    priced.hold(call(cost=1e300), call(cost=-0.25))
    assert row(priced, "cost_by_model")["logged"] == -0.25


def test_the_headline(priced: Any):
    priced.hold(call(), call("small"), call("nobody"))
    spend = priced.report().headline.spend
    assert (spend.cost, spend.tokens, spend.calls) == (0.00314, 2200, 2)
    assert spend.per_1000_calls == pytest.approx(1.57)
    assert spend.told_tokens == 3300
    assert priced.report().window.rates.told.startswith("ours.toml, then genai-prices ")


def test_cost_over_time(priced: Any):
    priced.hold(call(), call(), call("nobody"), call(created=None))
    found = priced.card("cost_over_time", timedelta(minutes=2))
    assert [(step["cost"], step["tokens"], step["priced_tokens"]) for step in found.rows] == [
        (0.006, 2200, 2200),
        (None, 1100, 0),
    ]
    assert "1 of 2 bars are lower than what was paid, or missing" in found.notes[0]
    assert [step for step in priced.report().trend.cost if step != 0] == [0.003, 0.003, None]


def test_who_uses_most(priced: Any):
    priced.hold(
        call(user_id="ann", status="ok"), call(user_id="ann", status="error", prompt=None), call(user_id="bob"),
        call(user_id="bob"), call("nobody", user_id="cy"), call(),
    )  # fmt: skip
    assert priced.rows("top_users") == [
        ("bob", 1, 2, 2200, 0.006, 2, None),
        ("ann", 1, 2, 1200, 0.003, 1, 1),
        ("cy", 1, 1, 1100, None, 0, None),
    ]


def test_all_but_twenty_share_a_row(priced: Any):
    priced.hold(*(call(session_id=f"s{number:02}", prompt=1000 * (number + 1)) for number in range(25)))
    rows = priced.rows("top_sessions")
    assert len(rows) == 21
    assert rows[0][:3] == ("s24", 1, 1)
    # the five with the least: (1 + 2 + 3 + 4 + 5) * 0.002 + 5 * 0.001
    assert rows[20] == ("all others", 5, 5, 15_500, 0.035, 5, None)
    # 1 + 2 + … + 25 times 0.002, and 25 * 0.001
    assert priced.card("top_sessions").notes == (
        "Shares are of $0.675, of all sessions together.",
        "20 of 25 sessions have a row in the table; they made 80.0 % of the calls (20 of 25).",
    )


def test_a_share_is_only_of_what_has_a_price(priced: Any):
    priced.hold(call(user_id="ann"), call("nobody", user_id="bob"))
    assert priced.card("top_users").notes == ("Shares are of $0.003, which 1 of the 2 calls cost that have a price.",)


def test_slowest_and_dearest(priced: Any):
    priced.hold(
        *(call(prompt=number, request_id=f"r{number}", duration=1000.0 - number) for number in range(1, 26)),
        call(request_id="unknown", model="nobody"),
    )
    rows = priced.card("slowest_and_dearest").rows
    assert [(one["list"], one["place"], one["request_id"]) for one in rows] == [
        *(("slowest", number, f"r{number}") for number in range(1, 21)),
        *(("dearest", 26 - number, f"r{number}") for number in range(25, 5, -1)),
    ]
    assert rows[20]["cost"] == 0.00105  # 25 * 2 + 100 * 10 millionths


def test_the_cache_by_model(priced: Any):
    priced.hold(
        call(cache_read_tokens=500), call(cache_read_tokens=0), call("small", cache_read_tokens=0), call("small"),
    )  # fmt: skip
    assert priced.rows("cache") == [
        ("big", 2, 2000, 500, 0, 0.25, 0.0009),
        ("small", 1, 1000, 0, 0, 0.0, 0.0),
    ]
    card = priced.card("cache")
    assert card.counted == 3
    assert card.notes == ("16.7 % of the prompt tokens were read from a cache (500 of 3,000); $0.0009 saved.",)


RATES = Rates(
    found=(
        Rate(
            priced=Priced("m", None, None), dates=(0, 1), sizes=(0, 1), clocks=(0, 1),
            input=1, cache_read=1, cache_write=1, output=1, call=0,
        ),
        Rate(
            priced=Priced("m", "p", "t"), dates=(0, 0), sizes=(0, 1), clocks=(0, 1),
            input=10, cache_read=1, cache_write=20, output=100, call=7,
        ),
        Rate(priced=Priced("m", "p", "t"), dates=(1, 1), sizes=(0, 0), clocks=(0, 0), input=11, cache_read=0, cache_write=0, output=0, call=0),
        Rate(priced=Priced("m", "p", "t"), dates=(1, 1), sizes=(1, 1), clocks=(0, 0), input=12, cache_read=0, cache_write=0, output=0, call=0),
        Rate(priced=Priced("m", "p", "t"), dates=(1, 1), sizes=(0, 1), clocks=(1, 1), input=13, cache_read=0, cache_write=0, output=0, call=0),
        Rate(priced=Priced("", "", ""), dates=(0, 1), sizes=(0, 1), clocks=(0, 1), input=5, cache_read=0, cache_write=0, output=0, call=0),
    ),
    dates=(datetime(2024, 12, 18),),
    sizes=(100,),
    clocks=(datetime(2024, 1, 1, 12).time(),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("given", "cost"),
    [
        ({"model": "m", "prompt_tokens": 5, "completion_tokens": 2}, 7),
        ({"model": "m", "provider": "p", "service_tier": "t", "created": datetime(2024, 12, 17, 23, 59, 59),
          "prompt_tokens": 200, "cache_read_tokens": 50, "cache_write_tokens": 10, "completion_tokens": 2},
         140 * 10 + 50 * 1 + 10 * 20 + 2 * 100 + 7),
        ({"model": "m", "provider": "p", "service_tier": "t", "created": datetime(2024, 12, 18), "prompt_tokens": 100,
          "completion_tokens": 0}, 1100),
        ({"model": "m", "provider": "p", "service_tier": "t", "created": datetime(2024, 12, 18, 11, 59, 59), "prompt_tokens": 101,
          "completion_tokens": 0}, 1212),
        ({"model": "m", "provider": "p", "service_tier": "t", "created": datetime(2024, 12, 18, 12), "prompt_tokens": 101,
          "completion_tokens": 0}, 1313),
        # without a time: as at the end, and at noon
        ({"model": "m", "provider": "p", "service_tier": "t", "created": None, "prompt_tokens": 1, "completion_tokens": 0}, 13),
        ({"model": "", "provider": "", "service_tier": "", "prompt_tokens": 3, "completion_tokens": 0}, 15),
        ({"model": None, "prompt_tokens": 3, "completion_tokens": 0}, None),
        ({"model": "m", "provider": "p", "prompt_tokens": 3, "completion_tokens": 0}, None),
        ({"model": "m", "prompt_tokens": 2**62, "completion_tokens": 2**62}, 2**63),
        # more from the cache than there was: none of the prompt is charged as new
        ({"model": "m", "provider": "p", "service_tier": "t", "created": datetime(2024, 12, 17), "prompt_tokens": 10,
          "cache_read_tokens": 30, "completion_tokens": 0}, 30 + 7),
    ],
)  # fmt: skip
def test_each_call_meets_its_own_rate(asked: Any, given: dict[str, Any], cost: int | None):
    asked.hold(given)
    window = Window(rates=RATES)
    costs = window.costs()
    (found,) = asked.store.rows(sa.select(sa.func.sum(costs.c.cost, type_=sa.BigInteger()).label("cost")))
    assert found["cost"] == cost
    each = window.cost_of_calls(Call.model)
    (one,) = asked.store.rows(sa.select(each.c.cost))
    assert one["cost"] == (None if cost is None else pytest.approx(cost / 1e12, rel=1e-12))


def test_a_call_without_a_time_is_charged_as_at_noon(asked: Any):
    asked.hold({"model": "m", "created": None, "prompt_tokens": 1, "completion_tokens": 0})
    day, night = (
        Rate(
            priced=Priced("m", None, None), clocks=(at, at),
            input=price, cache_read=0, cache_write=0, output=0, call=0,
        )
        for at, price in ((0, 7), (1, 3))
    )  # fmt: skip
    rates = Rates(found=(day, night), clocks=(datetime(2024, 1, 1, 18).time(),))
    costs = Window(rates=rates).costs()
    (found,) = asked.store.rows(sa.select(costs.c.cost))
    assert found["cost"] == 7


def test_sums_are_exact_in_any_order(asked: Any):
    asked.hold(*({"model": "m", "prompt_tokens": number, "completion_tokens": 0} for number in range(1, 1001)))
    costs = Window(rates=RATES).costs(Call.model.label("model"))
    (found,) = asked.store.rows(sa.select(sql.dollars(costs.c.cost).label("dollars")))
    assert found["dollars"] == 500_500 / 1e12


def test_without_rates_nothing_has_a_cost(asked: Any):
    asked.hold(call())
    (found,) = asked.store.rows(sa.select(Window().costs()))
    assert (found["calls"], found["cost"], found["priced_calls"]) == (1, None, 0)
