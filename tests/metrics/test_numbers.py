"""Six calls, and answers that can be worked out on paper; the same on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

SIX: list[dict[str, Any]] = [
    {"model": "big", "request_type": "text", "stream": False, "temperature": 0.7, "time_to_first_token": 2.0,
     "prompt_tokens": 100, "completion_tokens": 20, "tokens": 120},
    {"model": "big", "request_type": "text", "stream": True, "temperature": 0.7, "time_to_first_token": 0.5},
    {"model": "small", "request_type": "json", "stream": False, "temperature": 0.0, "time_to_first_token": 0.1,
     "prompt_tokens": 300, "completion_tokens": 1, "tokens": 301},
    {"model": "small", "stream": False, "prompt_tokens": 7, "completion_tokens": 3},
    {"model": None, "stream": None, "temperature": 1.0, "time_to_first_token": 4.0, "tokens": 5},
    {"model": "silent", "request_type": "text", "stream": True},
]  # fmt: skip


@pytest.fixture
def six(asked: Any) -> Any:
    asked.hold(*SIX)
    return asked


def test_tokens_by_model(six: Any):
    # small: 301 + (7 + 3); a model that reports no tokens is unknown, not 0
    assert six.rows("tokens_by_model") == [("small", 311), ("big", 120), (None, 5), ("silent", None)]


def test_prompt_vs_completion(six: Any):
    # nothing is known of the two parts of None and silent: names in order, unknown model last
    assert six.rows("prompt_vs_completion") == [
        ("small", 307, 4),
        ("big", 100, 20),
        ("silent", None, None),
        (None, None, None),
    ]


def test_time_to_first_token(six: Any):
    # big: (2.0 + 0.5) / 2; one of the two did not stream. Whether the call without a model streamed is not known.
    assert six.rows("time_to_first_token") == [(None, 4.0, 1, 0), ("big", 1.25, 2, 1), ("small", 0.1, 1, 1)]
    assert "2 of the 4 calls behind these means did not stream" in six.card("time_to_first_token").notes[0]


def test_temperature(six: Any):
    assert six.rows("temperature") == [(0.0, 1), (0.7, 2), (1.0, 1)]


def test_request_types(six: Any):
    assert six.rows("request_types") == [("text", 3), (None, 2), ("json", 1)]


def test_tokens_over_time(six: Any):
    two_minutes = six.rows("tokens_over_time", timedelta(minutes=2), timezone="Asia/Kolkata")
    assert two_minutes == [
        ("2024-12-18T21:30:00+05:30", 120),
        ("2024-12-18T21:32:00+05:30", 311),
        ("2024-12-18T21:34:00+05:30", 5),
    ]


def test_a_step_whose_calls_report_no_tokens_is_unknown(six: Any):
    card = six.card("tokens_over_time", timedelta(minutes=1))
    assert [row["tokens"] for row in card.rows] == [120, None, 301, 10, 5, None]
    assert "none reported tokens: 2" in card.notes[0]


def test_calls_without_a_time_are_left_out_and_counted(six: Any):
    six.hold({"created": None, "tokens": 1000})
    card = six.card("tokens_over_time", timedelta(hours=1))
    assert [row["tokens"] for row in card.rows] == [436]
    assert (card.counted, card.behind) == (
        4,
        "4 of 7 calls stand behind this chart; 1 carries no time, 2 carry no token count.",
    )


def test_whole_numbers_are_int_and_others_float(six: Any):
    for card in six.report().cards:
        for row in card.rows:
            assert {type(value) for value in row.values()} <= {int, float, str, bool, type(None)}
    (first, *_) = six.card("tokens_by_model").rows
    assert type(first["tokens"]) is int


def test_ties_are_in_the_same_order_everywhere(asked: Any):
    asked.hold(*({"model": name, "tokens": 1} for name in ("b", "B", "a", "ä", "Z", None, "_")))
    assert [name for name, _ in asked.rows("tokens_by_model")] == ["B", "Z", "_", "a", "b", "ä", None]


def test_fifty_temperatures_have_a_row_each(asked: Any):
    asked.hold(*({"temperature": number / 100} for number in range(50)))
    assert asked.rows("temperature") == [(number / 100, 1) for number in range(50)]


def test_more_temperatures_share_bins_with_round_lower_edges(asked: Any):
    asked.hold(*({"temperature": number / 100} for number in range(200)), {"temperature": None})
    # 1.99 / 50 is a little less than 0.04, so bins are 0.05 wide and hold five values each
    assert asked.rows("temperature") == [(number * 5 / 100, 5) for number in range(40)]


def test_one_temperature(asked: Any):
    asked.hold({"temperature": 0.3}, {"temperature": 0.3})
    assert asked.rows("temperature") == [(0.3, 2)]


def hours(*created: str) -> list[dict[str, Any]]:
    return [{"created": datetime.fromisoformat(time), "tokens": 10**number} for number, time in enumerate(created)]


def test_the_two_hours_of_an_autumn_night_stay_apart(asked: Any):
    asked.hold(*hours("2024-10-26 23:30", "2024-10-27 00:30", "2024-10-27 01:30", "2024-10-27 02:30"))
    assert asked.rows("tokens_over_time", timedelta(hours=1), timezone="Europe/Berlin") == [
        ("2024-10-27T01:00:00+02:00", 1),
        ("2024-10-27T02:00:00+02:00", 10),
        ("2024-10-27T02:00:00+01:00", 100),
        ("2024-10-27T03:00:00+01:00", 1000),
    ]


def test_a_step_longer_than_the_jump_has_one_start(asked: Any):
    asked.hold(*hours("2024-10-26 22:30", "2024-10-27 00:30", "2024-10-27 01:30", "2024-10-27 12:30"))
    assert asked.rows("tokens_over_time", timedelta(hours=12), timezone="Europe/Berlin") == [
        ("2024-10-27T00:00:00+02:00", 111),
        ("2024-10-27T12:00:00+01:00", 1000),
    ]


def test_days_begin_at_local_midnight_through_the_year(asked: Any):
    asked.hold(*hours("2024-03-30 22:59", "2024-03-30 23:00", "2024-03-31 21:59", "2024-03-31 22:00"))
    assert asked.rows("tokens_over_time", timedelta(days=1), timezone="Europe/Berlin") == [
        ("2024-03-30T00:00:00+01:00", 1),
        ("2024-03-31T00:00:00+01:00", 110),
        ("2024-04-01T00:00:00+02:00", 1000),
    ]


def test_a_day_whose_midnight_is_skipped_or_shown_twice(asked: Any):
    # Cairo's clocks go from 24:00 to 01:00 on 2024-04-26, and on 2024-10-31 from 24:00 back to 23:00.
    asked.hold(*hours("2024-04-25 21:59", "2024-04-25 22:00", "2024-10-31 20:30", "2024-10-31 21:30"))
    assert asked.rows("tokens_over_time", timedelta(days=1), timezone="Africa/Cairo") == [
        ("2024-04-25T00:00:00+02:00", 1),
        ("2024-04-26T01:00:00+03:00", 10),
        ("2024-10-31T00:00:00+03:00", 1100),
    ]


def test_weeks_begin_on_monday(asked: Any):
    asked.hold(*hours("2024-12-15 23:59", "2024-12-16 00:00"))
    assert asked.rows("tokens_over_time", timedelta(weeks=1)) == [
        ("2024-12-09T00:00:00+00:00", 1),
        ("2024-12-16T00:00:00+00:00", 10),
    ]


@pytest.mark.parametrize("zone", ["America/New_York", "UTC"])
def test_a_call_of_the_year_1_costs_no_report(asked: Any, zone: str):
    asked.hold({"created": datetime(1, 1, 1), "model": "a", "tokens": 3}, {"model": "a", "tokens": 4})
    found = asked.report(timezone=zone)
    assert (found.headline.calls, found.headline.tokens) == (2, 7)
    assert {card.name: card.status for card in found.cards}["tokens_by_model"] == "ok"


def test_days_begin_at_local_midnight_through_many_years(asked: Any):
    # More clock changes than are spelled out one by one; the same days as over one year.
    asked.hold(
        *hours("2014-01-01 12:00", "2024-03-30 22:59", "2024-03-30 23:00", "2024-03-31 21:59", "2024-03-31 22:00")
    )
    assert asked.rows("tokens_over_time", timedelta(days=1), timezone="Europe/Berlin") == [
        ("2014-01-01T00:00:00+01:00", 1),
        ("2024-03-30T00:00:00+01:00", 10),
        ("2024-03-31T00:00:00+01:00", 1100),
        ("2024-04-01T00:00:00+02:00", 10000),
    ]


def test_dates_far_apart_are_asked_in_no_time(asked: Any):
    asked.hold({"created": datetime(1500, 1, 1), "tokens": 3}, {"created": datetime(9999, 12, 1), "tokens": 4})
    rows = asked.rows("tokens_over_time", timezone="America/New_York")
    assert [tokens for _, tokens in rows] == [3, 4]
