"""The sentences around the charts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from logreport import Window, sentences
from logreport.report import Report

FIRST = datetime(2024, 12, 9, tzinfo=UTC)


def _told(report: Report, **changes: Any) -> Report:
    return replace(report, headline=replace(report.headline, **changes))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 seconds"), (1, "1 second"), (119, "119 seconds"), (3600, "60 minutes"), (864000, "10 days")],
)
def test_the_span_in_a_unit_that_fits(report: Report, seconds: int, text: str) -> None:
    told = _told(report, first=FIRST, last=FIRST + timedelta(seconds=seconds)).headline

    assert sentences.span_length(told) == text


@pytest.mark.parametrize(
    ("calls", "hours", "text"),
    [
        (7200, 1, "2 a second on average"),
        (120, 1, "2 a minute on average"),
        (100, 24, "4.17 an hour on average"),
        (2, 480, "0.1 a day on average"),
        (1, 1, ""),
        (10, 0, ""),
    ],
)
def test_the_pace_in_a_unit_that_fits(report: Report, calls: int, hours: int, text: str) -> None:
    assert sentences.pace(_told(report, calls=calls, first=FIRST, last=FIRST + timedelta(hours=hours))) == text


def test_calls_without_a_time_have_no_span(report: Report) -> None:
    timeless = _told(report, first=None, last=None)

    assert sentences.span(timeless) == "no call in this window has a time"
    assert (sentences.span_length(timeless.headline), sentences.days(timeless.headline)) == (
        "unknown",
        "no call has a time",
    )
    assert sentences.pace(timeless) == ""


def test_days_are_named_once_where_it_is_one(report: Report) -> None:
    assert sentences.days(_told(report, first=FIRST, last=FIRST).headline) == "2024-\u206012-\u206009"
    assert (
        sentences.days(_told(report, first=FIRST, last=FIRST + timedelta(days=2)).headline)
        == "2024-\u206012-\u206009 to 2024-\u206012-\u206011"
    )


def test_how_many_calls_are_in_no_token_total(report: Report) -> None:
    assert (
        sentences.tokens_from(_told(report, calls=1000, without_tokens=24).headline)
        == "24 of 1,000 calls carry no token counts"
    )
    assert sentences.tokens_from(_told(report, calls=4, tokens=6, without_tokens=0).headline) == "1.5 a call"


def test_a_share_is_told_only_of_a_whole(report: Report) -> None:
    whole = _told(report, tokens=400, prompt_tokens=300, completion_tokens=100).headline
    part = _told(report, tokens=401, prompt_tokens=300, completion_tokens=100).headline

    assert sentences.share(300, whole) == "75.0 % of tokens"
    assert sentences.share(300, part) == sentences.share(None, whole) == ""


def test_what_failed_is_unknown_where_the_log_does_not_say(report: Report) -> None:
    assert sentences.failed(_told(report, errors=None).headline) == "this log does not say which calls failed"
    assert sentences.failed(_told(report, calls=400, errors=1).headline) == "0.25 % of calls"
    assert sentences.failed(_told(report, calls=400, errors=0).headline) == ""


def test_what_the_window_leaves_out() -> None:
    window = Window(since=FIRST, models=("a", "b\u202e"), runs=("nightly",))

    assert sentences.filters(window) == "since 2024-12-09 00:00:00+00:00; models a, b\ufffd; runs nightly"
    assert sentences.filters(Window()) == "all calls"


def test_what_it_leaves_out_is_told_on_the_clock_of_the_report() -> None:
    window = Window(until=datetime(2024, 12, 9, tzinfo=UTC), timezone="Asia/Kolkata")
    assert sentences.filters(window) == "until 2024-12-09 05:30:00+05:30"
