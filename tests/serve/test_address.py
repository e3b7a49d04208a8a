"""A window goes into the address and comes back the same; what makes no sense there is a message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreport.errors import BadWindow
from logreport.serve.address import Asked, asked, from_parts

NEWEST = datetime(2024, 12, 19, 12)

#: What a name can be: a lone half of a surrogate pair is no text, and databases take no NUL.
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20)
several = st.lists(names, max_size=4, unique=True).map(tuple)


@given(
    st.builds(
        Asked,
        last=st.sampled_from(["", "1d"]),
        since=names | st.just(""),
        until=names | st.just(""),
        model=several,
        request_type=several,
        run=several,
        timezone=names | st.just(""),
        bucket=names | st.just(""),
    )
)
def test_there_and_back(wanted: Asked) -> None:
    assert asked(wanted.search) == wanted


def test_the_address_is_read_as_people_write_it() -> None:
    wanted = asked("?model=gpt-4o&model=claude%203&since=2024-12-18T10:00%2B01:00&bucket=")

    assert wanted == Asked(model=("gpt-4o", "claude 3"), since="2024-12-18T10:00+01:00")
    assert asked(None) == asked("") == asked("?") == Asked()
    assert Asked().search == ""
    assert Asked(run=("a", "b"), last="1d").search == "?last=1d&run=a&run=b"


def test_the_window_is_that_of_the_command_line() -> None:
    wanted = asked(
        "?since=2024-12-18&until=2024-12-19T10:00&model=a&run=r&request_type=t&timezone=Europe/Berlin&bucket=15m"
    )

    window, bucket = wanted.window("UTC", NEWEST)

    assert window.since == datetime(2024, 12, 17, 23, tzinfo=UTC)
    assert window.until == datetime(2024, 12, 19, 9, tzinfo=UTC)
    assert (window.models, window.runs, window.request_types) == (("a",), ("r",), ("t",))
    assert window.timezone == "Europe/Berlin"
    assert bucket == timedelta(minutes=15)


def test_last_is_counted_back_from_the_newest_call() -> None:
    window, bucket = asked("?last=1d").window("Asia/Tokyo", NEWEST)

    assert window.since == datetime(2024, 12, 18, 12, tzinfo=UTC)
    assert window.until is None
    assert window.timezone == "Asia/Tokyo"
    assert bucket is None
    # Where no call has a time, none is among the newest.
    assert asked("?last=1d").window("UTC", None)[0].since == datetime.min.replace(tzinfo=UTC)
    assert asked("?last=9999999w").window("UTC", NEWEST)[0].since == datetime.min.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("search", "says"),
    [
        ("?modle=a", "unknown part: modle"),
        ("?since=yesterday", "not a time: yesterday"),
        ("?since=2024-12-19&until=2024-12-18", "not after"),
        ("?timezone=Berlin", "unknown time zone: Berlin"),
        ("?timezone=../../etc/passwd", "unknown time zone"),
        ("?bucket=soon", "not a width of time: soon"),
        ("?bucket=1h&bucket=2h", "bucket twice"),
        ("?last=1d&since=2024-12-18", "last and since"),
        ("?last=-1d", "not a width of time"),
        ("?model=" + "a" * 9000, "too long"),
        ("?=", "unknown part"),
        ("?%00=1", "unknown part"),
    ],
)
def test_what_makes_no_sense_is_a_message(search: str, says: str) -> None:
    with pytest.raises(BadWindow, match=says) as caught:
        asked(search).window("UTC", NEWEST)

    assert caught.value.hint


@given(st.text(max_size=200))
def test_any_address_is_a_window_or_a_message(search: str) -> None:
    try:
        window, _ = asked(search).window("UTC", NEWEST)
    except BadWindow:
        return
    assert window.timezone


def test_blank_parts_are_the_default_and_repeats_are_one() -> None:
    assert from_parts({"since": [""], "model": ["a", "", "a"]}) == Asked(model=("a",))
