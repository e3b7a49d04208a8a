"""Rates from the price list: what it knows, and the traps on the way. Prices are those of the package, asked anew."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from logreport import pricing
from logreport.price_file import OwnPrice, OwnPrices
from logreport.pricing import Span, rates
from logreport.rates import Priced, Rate, Rates

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def span(first: str = "2026-11-01", last: str = "2026-11-20", longest: int = 1000) -> Span:
    begin, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, last))
    return Span(first=begin, last=end, most_prompt_tokens=longest, now=NOW)


def found(model: str | None, provider: str | None = None, tier: str | None = None, **more: Any) -> Rates:
    return rates([Priced(model, provider, tier)], span(**more))


def one(model: str, provider: str | None = None, tier: str | None = None, **more: Any) -> Rate:
    (rate,) = found(model, provider, tier, **more).found
    return rate


def listed(model: str, provider: str, when: datetime, **context: str) -> Any:
    """The price by the package's own calculation."""
    from genai_prices import Usage, calc_price

    return calc_price(
        Usage(), model, provider_id=provider, genai_request_timestamp=when, price_context=context or None
    ).model_price


def pico(price: Decimal) -> int:
    return int(price * 10**6)


@pytest.mark.parametrize(
    ("model", "provider", "as_model", "as_provider"),
    [
        ("gpt-4o-2024-11-20", None, "gpt-4o", "openai"),
        ("gpt-4o-20241120", "openai", "gpt-4o", "openai"),
        ("azure/gpt-4o", None, "gpt-4o", "azure"),
        ("gpt-4o", "azure.ai.openai", "gpt-4o", "openai"),
        ("gpt-4o", "azure.ai.inference", "gpt-4o", "azure"),
        ("grok-4", "x_ai", "grok-4", "x-ai"),
        ("text-embedding-3-small", None, "text-embedding-3-small", "openai"),
        ("claude-3-5-sonnet@20240620", "gcp.vertex_ai", "claude-3-5-sonnet-20240620", "anthropic"),
        ("projects/p/locations/l/publishers/google/models/gemini-2.0-flash", None, "gemini-2.0-flash", "google"),
        (
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws.bedrock",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "aws",
        ),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", None, "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "aws"),
    ],
)
def test_names_of_logs_find_their_price(model: str, provider: str | None, as_model: str, as_provider: str):
    rate, price = one(model, provider), listed(as_model, as_provider, NOW)
    assert rate.input == pico(price.input_mtok)
    assert rate.output == (pico(price.output_mtok) if price.output_mtok else None)


def test_a_region_of_bedrock_costs_more_than_the_world():
    model = "anthropic.claude-sonnet-4-5-20250929-v1:0"
    assert one(f"us.{model}", "aws.bedrock").input > one(f"global.{model}", "aws.bedrock").input


@pytest.mark.parametrize(
    ("model", "provider"),
    [("llama-3.1-70b", "ollama"), ("gpt-4o", "hosted_vllm"), ("our-own", None), (None, "openai"), ("my-gpt", "azure")],
)
def test_what_the_list_does_not_know_has_no_rate(model: str | None, provider: str | None):
    assert found(model, provider).found == ()


def test_prices_have_dates():
    dated = found("o3", "openai", first="2025-06-01", last="2025-06-30")
    assert dated.dates == (datetime(2025, 6, 10),)
    assert [(rate.dates, rate.input, rate.output) for rate in dated.found] == [
        ((0, 0), 10_000_000, 40_000_000),
        ((1, 1), 2_000_000, 8_000_000),
    ]
    assert found("o3", "openai", first="2025-06-11", last="2025-06-30").dates == ()


def test_the_rate_of_a_cache_before_a_price_cut_is_what_the_list_has():
    # The list keeps one rate for what was read from o3's cache, before and after; what it was before is not recorded.
    before, after = found("o3", "openai", first="2025-06-01", last="2025-06-30").found
    assert before.cache_read == after.cache_read == pico(listed("o3", "openai", NOW).cache_read_mtok)


def test_long_prompts_cost_more_for_all_of_their_tokens():
    short, long = found("gemini-2.5-pro", "gcp.gemini", longest=300_000).found
    assert found("gemini-2.5-pro", "gcp.gemini", longest=300_000).sizes == (200_000,)
    assert (short.sizes, long.sizes) == ((0, 0), (1, 1))
    assert long.input == 2 * short.input
    assert long.output is not None
    assert short.output is not None
    assert long.output > short.output


def test_a_step_that_no_prompt_reaches_is_not_asked_for():
    assert found("gemini-2.5-pro", "gcp.gemini", longest=200_000).sizes == ()


@pytest.mark.parametrize("tier", [None, "default", "standard", "auto", "Standard", "on_demand"])
def test_the_standard_tier_has_many_names(tier: str | None):
    assert one("gpt-5", "openai", tier).input == one("gpt-5", "openai").input
    assert "tier" not in one("gpt-5", "openai", tier).stands_in


def test_flex_is_half_and_priority_twice_the_price():
    standard = one("gpt-5", "openai").input
    assert 2 * one("gpt-5", "openai", "flex").input == standard
    assert one("gpt-5", "openai", "priority").input == 2 * standard


@pytest.mark.parametrize(
    ("model", "provider"), [("gpt-5", "openai"), ("claude-sonnet-4-5", "anthropic"), ("gemini-2.5-pro", "google")]
)
def test_a_batch_is_half_the_price(model: str, provider: str):
    # Asked for as a service tier, the package passes it over without a word.
    batch = one(model, provider, "batch")
    assert 2 * batch.input == one(model, provider).input
    assert batch.stands_in.count("tier") == 0


def test_a_tier_costs_the_same_before_its_price_was_looked_up_and_says_so():
    early, later = found("gpt-5", "openai", "flex", first="2026-01-01", last="2026-11-01").found
    assert early.input == later.input
    assert ("tier" in early.stands_in, "tier" in later.stands_in) == (True, False)


def test_a_tier_costs_its_share_of_what_the_standard_one_cost_before_its_price_was_looked_up():
    # o3 cost five times as much until 2025-06-10; the price of its flex tier is known from 2026-10-12 on.
    (flex,) = found("o3", "openai", "flex", first="2025-05-01", last="2025-05-31").found
    (standard,) = found("o3", "openai", first="2025-05-01", last="2025-05-31").found
    assert (standard.input, standard.output) == (10_000_000, 40_000_000)
    assert (flex.input, flex.output) == (5_000_000, 20_000_000)
    assert "tier" in flex.stands_in


def test_a_tier_without_a_price_costs_what_the_standard_one_does_and_says_so():
    unknown = one("claude-sonnet-4-5", "anthropic", "priority")
    assert unknown.input == one("claude-sonnet-4-5", "anthropic").input
    assert "tier" in unknown.stands_in


def test_a_cache_without_a_rate_is_charged_like_other_tokens_and_says_so():
    for model, provider in (("deepseek-v3.2", "deepseek"), ("gemini-1.5-pro", "google")):
        price, rate = listed(model, provider, NOW), found(model, provider).found[0]
        assert price.cache_read_mtok is None
        assert rate.cache_read == rate.input
        assert "read" in rate.stands_in
    assert "read" not in one("gpt-4o").stands_in


def test_writing_to_a_cache_costs_more():
    sonnet = one("claude-sonnet-4-5", "anthropic")
    assert sonnet.cache_write > sonnet.input > sonnet.cache_read


def test_an_embedding_has_no_price_of_an_answer():
    assert one("text-embedding-3-small", "openai").output is None


def test_nights_are_cheaper():
    night = found("deepseek-chat", "deepseek")
    assert night.clocks == (time(0, 30), time(16, 30))
    early, day, late = night.found
    assert early.input == late.input
    assert 2 * early.input == day.input


def test_a_charge_for_each_call():
    assert one("sonar", "perplexity").call == 12 * 10**12 // 1000


def test_calls_without_a_time_cost_what_they_cost_now():
    timeless = Span(first=None, last=None, most_prompt_tokens=10, now=NOW)
    (rate,) = rates([Priced("o3", "openai", None)], timeless).found
    assert rate.input == 2_000_000


def own(*prices: OwnPrice) -> OwnPrices:
    return OwnPrices(name="ours.toml", prices=prices)


def test_prices_of_ones_own_go_before_the_list():
    ours = own(OwnPrice(model="gpt-4o", input=1.25, output=2.0))
    (rate,) = rates([Priced("gpt-4o", "openai", None)], span(), ours).found
    assert (rate.input, rate.output, rate.cache_read, rate.stands_in) == (
        1_250_000,
        2_000_000,
        1_250_000,
        ("read", "write"),
    )


def test_of_several_the_last_counts():
    ours = own(OwnPrice(model="*", input=1), OwnPrice(model="m", input=2), OwnPrice(model="x", input=3))
    (rate,) = rates([Priced("m", None, None)], span(), ours).found
    assert rate.input == 2_000_000


def test_prices_of_ones_own_hold_from_their_day_on():
    ours = own(OwnPrice(model="gpt-4o", since=date(2026, 11, 10), input=1.0))
    dated = rates([Priced("gpt-4o", "openai", None), Priced("ours", None, None)], span(), ours)
    assert dated.dates == (datetime(2026, 11, 10),)
    assert [(rate.dates, rate.input) for rate in dated.found] == [((0, 0), 2_500_000), ((1, 1), 1_000_000)]
    assert {rate.priced.model for rate in dated.found} == {"gpt-4o"}


def test_a_model_of_ones_own_has_no_price_before_its_day():
    ours = own(OwnPrice(model="ours", since=date(2026, 11, 10), input=1.0))
    (rate,) = rates([Priced("ours", None, None)], span(), ours).found
    assert rate.dates == (1, 1)


def test_where_prices_are_from_is_told_with_a_date():
    import genai_prices

    told = found("gpt-4o").told
    assert told.startswith(f"genai-prices {genai_prices.__version__}, whose newest price in force is of 20")
    assert date.fromisoformat(told[-10:]) <= NOW.date()
    ours = own(OwnPrice(model="m", input=1))
    assert rates([Priced("m", None, None)], span(), ours).told == f"ours.toml, then {told}"
    assert rates([Priced("n", None, None)], span(), ours).told == f"ours.toml (which fits no call), then {told}"


def test_the_list_is_asked_no_more_of_a_model_because_others_change_their_prices(monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []

    def counted(reference: Any, moment: Any, context: Any) -> Any:
        asked.append(reference[1])
        return ask(reference, moment, context)

    ask = pricing._asked
    monkeypatch.setattr(pricing, "_asked", counted)
    keys = [Priced(name, None, None) for name in ("gpt-4o", "deepseek-chat", "o3", "gpt-5")]
    found_ = rates(keys, span("2025-01-01", "2026-11-20"))
    assert (len(found_.dates), len(found_.clocks)) == (1, 2)
    # Once to find it, and once for the only price it has.
    assert asked.count("gpt-4o") == 2


def test_nothing_to_price_tells_nothing():
    assert rates([], span()) == Rates()
