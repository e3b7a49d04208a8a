"""What is loaded is what the log says, whichever pass loads it; what is not loaded has its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logreport.errors import Doubt
from logreport.source import Rejected

if TYPE_CHECKING:
    from tests.reading.conftest import Reader

CANONICAL = (
    b'{"created":"2024-12-18 16:40:40","model":"gpt-4o-2024-11-20","stream":false,"max_tokens":16000,"temperature":0.7,'
    b'"type":"text","metrics":{"start":1734540040.786,"end":1734540053.557,"tokens":1213,"prompt_tokens":337,'
    b'"completion_tokens":876,"time_to_first_token":12.769}}'
)

ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ('{"created":"2024-12-18T16:40:40Z"}', {"created": datetime(2024, 12, 18, 16, 40, 40)}),
    ('{"created":"2024-12-18T16:40:40.1234567+05:30"}', {"created": datetime(2024, 12, 18, 11, 10, 40, 123456)}),
    ('{"created":"2024-12-18 16:40:40.999999999"}', {"created": datetime(2024, 12, 18, 16, 40, 40, 999999)}),
    ('{"created":"2024-12-18 16:40:40-0030"}', {"created": datetime(2024, 12, 18, 17, 10, 40)}),
    ('{"created":"2024-02-29 00:00:00.5"}', {"created": datetime(2024, 2, 29, 0, 0, 0, 500000)}),
    ('{"metrics":{"tokens":"1213"}}', {"tokens": 1213}),
    ('{"metrics":{"tokens":21073.0}}', {"tokens": 21073}),
    ('{"metrics":{"tokens":1e2}}', {"tokens": 100}),
    ('{"metrics":{"tokens":0}}', {"tokens": 0}),
    ('{"metrics":{"tokens":-0}}', {"tokens": 0}),
    ('{"metrics":{"tokens":9223372036854775807}}', {"tokens": 2**63 - 1}),
    ('{"temperature":1}', {"temperature": 1.0}),
    ('{"temperature":"0.7"}', {"temperature": 0.7}),
    ('{"temperature":0.30000000000000004}', {"temperature": 0.30000000000000004}),
    ('{"temperature":12345678901234567890}', {"temperature": 12345678901234567890.0}),
    ('{"temperature":5e-324}', {"temperature": 5e-324}),
    ('{"stream":true}', {"stream": True}),
    ('{"stream":"false"}', {"stream": False}),
    ('{"model":"gr\\u00fc\\u00dfe \\ud83d\\ude00 \\"x\\" \\\\ \\n"}', {"model": 'grüße 😀 "x" \\ \n'}),
    ('{"model":"null"}', {"model": "null"}),
    ('{"model":""}', {"model": ""}),
    ('{"model":"</script>"}', {"model": "</script>"}),
    ('{"model":"m","metrics":null}', {"model": "m"}),
    ('{"model":"m","metrics":{"start":1.5}}', {"model": "m"}),
    ('{"model":"m","metrics":{"start":1.5,"end":4.25}}', {"model": "m", "duration": 2.75}),
    ('{"model":"m","other":NaN}', {"model": "m"}),
    ('{"model":"m","other":[1,],}', {"model": "m"}),
    ('{"model":"m","other":1e999}', {"model": "m"}),
    ('{"model":"m","other":{"model":[{"x":"}"}]}}', {"model": "m"}),
]

REFUSED: list[tuple[str, str | None, str]] = [
    ('{"metrics":{"tokens":1213.7}}', "metrics.tokens", "whole number"),
    ('{"metrics":{"tokens":true}}', "metrics.tokens", "whole number"),
    ('{"metrics":{"tokens":-5}}', "metrics.tokens", "is negative: -5"),
    ('{"metrics":{"tokens":9223372036854775808}}', "metrics.tokens", "64 bits"),
    ('{"metrics":{"tokens":NaN}}', "metrics.tokens", "whole number"),
    ('{"metrics":{"tokens":[1]}}', "metrics.tokens", "whole number"),
    ('{"metrics":{"tokens":"12.5"}}', "metrics.tokens", "whole number"),
    ('{"metrics":5}', "metrics", "not an object"),
    ('{"metrics":[]}', "metrics", "not an object"),
    ('{"temperature":NaN}', "temperature", "finite"),
    ('{"temperature":-Infinity}', "temperature", "finite"),
    ('{"temperature":1e999}', "temperature", "finite"),
    ('{"temperature":true}', "temperature", "not a number"),
    ('{"temperature":"warm"}', "temperature", "not a number"),
    ('{"stream":1}', "stream", "not true or false"),
    ('{"model":42}', "model", "not a text"),
    ('{"model":NaN}', "model", "not a text"),
    ('{"model":"a\\u0000b"}', "model", "NUL"),
    ('{"created":"2024-02-30 10:00:00"}', "created", "does not exist"),
    ('{"created":"2024-12-18"}', "created", "not a time"),
    ('{"created":"2024-12-18 24:00:00"}', "created", "not a time"),
    ('{"created":"infinity"}', "created", "not a time"),
    ('{"created":"yesterday"}', "created", "not a time"),
    ('{"metrics":{"time_to_first_token":-0.5}}', "metrics.time_to_first_token", "negative"),
    ('{"metrics":{"time_to_first_token":1e10}}', "metrics.time_to_first_token", "too large"),
    ('{"metrics":{"start":5,"end":4}}', "metrics.end", "before `metrics.start`"),
    ('{"metrics":{"start":true}}', "metrics.start", "not a number"),
    ('{"other":1}', None, "none of the fields"),
    ("{}", None, "none of the fields"),
    ("null", None, "not an object"),
    ("[1]", None, "not an object"),
    ("42", None, "not an object"),
    ('{"model":"m"', None, "not JSON"),
    ('{"model":"m"} x', None, "not JSON"),
    ("{'model':'m'}", None, "not JSON"),
    ('{"model":"m","x":' + "[" * 100_000, None, "nested too deeply"),
]


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {column: value for column, value in row.items() if value is not None}


def test_the_canonical_record(reader: Reader) -> None:
    (row,) = reader.strict(CANONICAL)
    assert row == {
        "created": datetime(2024, 12, 18, 16, 40, 40),
        "model": "gpt-4o-2024-11-20",
        "request_type": "text",
        "temperature": 0.7,
        "max_tokens": 16000,
        "stream": False,
        "prompt_tokens": 337,
        "completion_tokens": 876,
        "tokens": 1213,
        "time_to_first_token": 12.769,
        "duration": 1734540053.557 - 1734540040.786,
    }
    assert reader.careful(CANONICAL) == [row]


@pytest.mark.parametrize(("record", "expected"), ACCEPTED)
def test_both_passes_load_the_same(reader: Reader, record: str, expected: dict[str, Any]) -> None:
    content = CANONICAL + b"\n" + record.encode() + b"\n"
    careful = reader.careful(content)
    assert _known(careful[1]) == expected
    assert reader.rejected == []
    assert reader.strict(content) == careful


@pytest.mark.parametrize(("record", "field", "reason"), REFUSED)
def test_both_passes_refuse_the_same(
    refuses: Callable[[bytes], Rejected], record: str, field: str | None, reason: str
) -> None:
    rejected = refuses(record.encode() + b"\n")
    assert rejected.field == field
    assert reason in rejected.reason
    assert (rejected.record, rejected.line) == (1, 1)


def test_bytes_that_are_no_text(refuses: Callable[[bytes], Rejected]) -> None:
    assert "UTF-8" in refuses(b'{"model":"\xff\xfe"}').reason


@pytest.mark.parametrize("time", ["2024-07-01 12:00:00", "2024-12-01 12:00:00", "2024-10-27 03:00:00"])
def test_naive_times_are_in_the_zone_given(reader: Reader, time: str) -> None:
    content = json.dumps({"created": time}).encode()
    (row,) = reader.careful(content, "Europe/Berlin")
    hours = (datetime.fromisoformat(time) - row["created"]).total_seconds() / 3600
    assert hours == (2 if "-07-" in time else 1)
    assert reader.strict(content, "Europe/Berlin") == [row]


def test_times_with_an_offset_do_not_care_about_the_zone(reader: Reader) -> None:
    content = b'{"created":"2024-07-01T12:00:00+00:00"}'
    (row,) = reader.strict(content, "Europe/Berlin")
    assert row["created"] == datetime(2024, 7, 1, 12)
    assert reader.careful(content, "Europe/Berlin") == [row]


@pytest.mark.parametrize("time", ["1996-07-01 12:00:00", "0044-03-15 12:00:00", "2049-07-01 12:00:00"])
def test_times_far_from_now_are_left_to_the_careful_pass(reader: Reader, time: str) -> None:
    content = json.dumps({"created": time}).encode()
    with pytest.raises(Doubt):
        reader.strict(content, "Europe/Berlin")
    assert len(reader.careful(content, "Europe/Berlin")) == 1


def test_a_time_the_clock_skipped_is_refused_and_one_it_shows_twice_is_the_first(reader: Reader) -> None:
    skipped, twice = b'{"created":"2024-03-31 02:30:00"}', b'{"created":"2024-10-27 02:30:00"}'
    for content in (skipped, twice):
        with pytest.raises(Doubt):
            reader.strict(content, "Europe/Berlin")
    assert reader.careful(skipped, "Europe/Berlin") == []
    assert "does not exist in Europe/Berlin" in reader.rejected[0].reason
    assert reader.careful(twice, "Europe/Berlin")[0]["created"] == datetime(2024, 10, 27, 0, 30)


LEAF = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,3})?", fullmatch=True),
    st.datetimes().map(str),
    st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)).map(lambda time: time.isoformat() + "+02:00"),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(["created", "model", "stream", "max_tokens", "temperature"]), LEAF),
    st.dictionaries(st.sampled_from(["start", "end", "tokens", "time_to_first_token"]), LEAF),
    st.sampled_from(["UTC", "America/New_York"]),
)
def test_what_the_strict_pass_loads_the_careful_one_loads_too(
    reader: Reader, top: dict[str, Any], metrics: dict[str, Any], zone: str
) -> None:
    content = json.dumps({**top, "metrics": metrics}).encode()
    try:
        quick = reader.quick(content, zone)
    except Doubt:
        quick = None
    if quick is not None:
        assert reader.careful(content, zone) == quick
    try:
        strict = reader.strict(content, zone)
    except Doubt:
        return
    assert reader.careful(content, zone) == strict
