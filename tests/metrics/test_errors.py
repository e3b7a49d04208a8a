"""Why, when and how often calls failed, and why answers ended, worked out on paper; the same on both databases."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from logreport import Call, Metric, Window, figures, sql, units
from logreport.metrics import errors, errors_over_time, finish_reasons
from logreport.report import Card, make_report
from logreport.store import open_store
from logreport.testing import _load, calls, check_metric, frame_of

HOUR = timedelta(hours=1)

METRICS = {metric.name: metric for metric in (errors.METRIC, errors_over_time.METRIC, finish_reasons.METRIC)}


def card(asked: Any, metric: Metric, bucket: timedelta | None = None, **window: Any) -> Card:
    """The card of this metric alone: a whole report takes its time."""
    (found,) = make_report(
        asked.store, [(metric, "built-in")], Window(**window), title="", bucket=bucket, ingests=()
    ).cards
    return found


def rows(asked: Any, metric: Metric, **window: Any) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in card(asked, metric, **window).rows]


#: What stands in the logs, and the reason that is told.
REASONS = {
    # statuses of HTTP are reasons, other numbers are not
    "429 Too Many Requests": "429 Too Many Requests",
    "429": "429",
    "429: slow down": "429: slow down",
    "(503) try again": "(503) try again",
    '"500 internal"': '"500 internal"',
    "HTTP 503": "HTTP 503",
    "HTTP/1.1 502 Bad Gateway": "HTTP/# 502 Bad Gateway",
    "Error code: 429 - {'error': {'code': 429}}": "Error code: 429 - {'error': {'code': 429}}",
    "status_code=529": "status_code=529",
    "statusCode: 404, status: 503": "statusCode: 404, status: 503",
    "server returned 500": "server returned 500",
    "Client error '401 Unauthorized' for you": "Client error '401 Unauthorized' for you",
    "503 Service Unavailable 503 Service Unavailable": "503 Service Unavailable 503 Service Unavailable",
    "timeout after 512 ms": "timeout after # ms",
    "id 429429": "id #",
    "exit code 137": "exit code #",
    "code 4290": "code #",
    "code 600": "code #",
    # a text that is all a number is a code
    "1302": "1302",
    "-1": "-1",
    "1234567": "#",
    # numbers
    "Limit 30,000, used 29550.5, requested 1234.": "Limit #, used #, requested #.",
    "messages.3.content.0 and messages[12]": "messages.#.content.# and messages[#]",
    "retry after 12.5s": "retry after #",
    "retry in 1h2m3.5s": "retry in #",
    "retry in 6m0s.": "retry in #.",
    "retry in 238ms": "retry in #",
    "retry after 12 seconds": "retry after # seconds",
    "1 2 3 4": "# # # #",
    "from -5 to +7; 99.5%; $1.50; #12; x=7; 3-5; 1/3; 4x4": "from # to #; #%; $#; #; x=#; #; #; #",
    "line 123, column 4 (_ssl.c:1007)": "line #, column # (_ssl.c:#)",
    "[Errno 111] Connection refused": "[Errno #] Connection refused",
    # numbers that belong to a name stay, long ones do not
    "gpt-4o, llama-3.1-70b, gemini-1.5-pro-002": "gpt-4o, llama-3.1-70b, gemini-1.5-pro-002",
    "`gpt-4-0613`, claude-3-5-sonnet-20241022": "`gpt-4-#`, claude-3-5-sonnet-#",
    "v1.2.3 utf8 sha256 base64encoded worker-3 tool_3 us-east-1": "v1.2.3 utf8 sha256 base64encoded worker-3 tool_3 us-east-1",
    # ids
    "run 550e8400-e29b-41d4-A716-446655440000 failed": "run # failed",
    "trace 4bf92f3577b34da6a3ce929d0e0e4736, span 00f067aa": "trace #, span #",
    "deadbee1 deadbee2 deadbee3": "# # #",
    "deadbeef is a word, defaced too": "deadbeef is a word, defaced too",
    "request_id=req_011CSabc": "request_id=req_#",
    "chatcmpl-9f1, org-aBc123 and user-12": "chatcmpl-#, org-# and user-#",
    "msg_bdrk_01XYZab toolu_01A09q90qw90": "msg_bdrk_# toolu_#",
    "file tmpab12cd3f": "file #",
    "0x7f8a9b0c1d2e, 0xdead": "#, #",
    # addresses
    "connect to 10.0.0.1:8080 or 192.168.1.254": "connect to # or #",
    "connect to [2001:db8::1]:443, ::1, fe80::a1:b2": "connect to [#]:#, #, #",
    "std::bad_alloc, add::bad and :: at 12:30:45": "std::bad_alloc, add::bad and :: at #",
    "Bob.Smith+x@mail.example.co.uk may not.": "# may not.",
    "https://api.openai.com/v1/chat?key=abc&x=1 failed": "https://api.openai.com/v1/chat failed",
    "(see https://bob:secret@a.example/x/123456#part)": "(see https://a.example/x/#)",
    "'https://a.example/7f8a9b0c1d2e/y?z'": "'https://a.example/#/y'",
    # times
    "at 2024-12-18T16:00:00.123Z": "at #",
    "at 2024-12-18 16:00:00,123+01:00, on 2024-12-18": "at #, on #",
    # everything else stays as it is
    "C:\\Users\\bob, /home/bob/main.py": "C:\\Users\\bob, /home/bob/main.py",
    "%s %d {x} \\x \\ & $ ' \" ''": "%s %d {x} \\x \\ & $ ' \" ''",
    "  two  lines\n\tand\r\nmore ": "two lines and more",
    "次のトークン数 12345 は上限 4096 を超えています": "次のトークン数 # は上限 # を超えています",
    "größe 12 überschritten, код 429": "größe # überschritten, код #",
    "é" * 201: "é" * 200,
    "😀 " * 150: "😀 " * 99 + "😀 ",
    "x" * 3000 + "1": "x" * 200,
    "": None,
    " \n ": None,
}  # fmt: skip


#: What texts for comparing two databases are put together from.
PIECES = (
    *("429", "503", "400", "599", "600", "12", "1", "12345", "1.5", "0x", "0xAB", "a", "f", "deadbeef", "abcdef12"),
    *("12ab34cd56", "gpt-4o", "req_", "req_01", "org-", "user-x1", "code", "Code:", "status", "error ", "HTTP/1.1 "),
    *("://", "https://", "http://a.b", "?", "#", "@", "a@b.c", "u:p@", "::", "fe80:", "2001:db8", "10.0.0.1", ":80"),
    *(".", "..", ",", ":", "/", "-", "_", "+", "=", "x", "s", "ms", "m", "h", "1h", "2m3s", "5ms", "2024-12-18"),
    *("T16:00", "T16:00:00.5", "Z", " UTC", "+01:00", "[", "]", "(", ")", "{", "}", "'", '"', "`", "<", ">", "\\"),
    *("&", "$", "%", "^", "|", "*", "\n", "\t", " ", "  ", "é", "中", "😀", "\u00a0", "\u2028", "İ", "ı", "ſ", " The"),
)


def test_errors_that_differ_by_an_id_or_a_number_are_one_reason(asked: Any):
    asked.hold(*({"status": "error", "error": text} for text in REASONS))
    found = asked.store.rows(sa.select(Call.error, errors._cleaned(Call.error).label("reason")))
    assert {row["error"]: row["reason"] for row in found} == REASONS


def test_both_databases_clean_any_text_alike(postgresql: str):
    """Databases choose in different ways among several matches: none of the patterns may leave them a choice."""
    chance = random.Random(7)
    texts = {"".join(chance.choices(PIECES, k=chance.randint(1, 14))) for _ in range(1000)}
    found = []
    for url in (postgresql, "duckdb:///:memory:"):
        with open_store(url) as store:
            _load(store, calls(*({"error": text} for text in texts)))
            told = store.rows(sa.select(Call.error, errors._cleaned(Call.error).label("reason")))
            found.append({row["error"]: row["reason"] for row in told})
    assert found[0] == found[1]


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS.keys())
def test_they_keep_the_contract(metric: Metric):
    check_metric(metric)


def test_labels():
    assert list(frame_of(errors.METRIC, []).columns) == ["reason", "errors", "of_calls"]
    assert list(frame_of(errors_over_time.METRIC, []).columns) == ["bucket", "errors", "calls"]
    assert list(frame_of(finish_reasons.METRIC, []).columns) == ["finish_reason", "calls", "cut_off"]


def failed(error: str | None, **more: Any) -> dict[str, Any]:
    return {"status": "error", "error": error, **more}


def test_reasons_are_counted_and_the_most_frequent_comes_first(asked: Any):
    asked.hold(
        failed("Limit 10 reached"),
        failed("Limit 20 reached"),
        failed("b"),
        failed("B"),
        failed("a"),
        failed(None),
        {"status": "ok"},
        {"status": "ok", "error": "a warning"},
        {"status": None, "error": "who knows"},
    )
    told = card(asked, errors.METRIC)
    # Six of the eight calls that tell how they went failed; names of one count are in order, no reason comes last.
    assert [tuple(row.values()) for row in told.rows] == [
        ("Limit # reached", 2, 8),
        ("B", 1, 8),
        ("a", 1, 8),
        ("b", 1, 8),
        (None, 1, 8),
    ]
    assert told.counted == 8
    assert told.notes == (
        "6 of 8 calls that tell how they went failed (75.0 %).",
        "In a reason, # stands for an id or a number, which may differ from call to call.",
    )


def test_more_than_fifty_reasons_share_the_last_row(asked: Any):
    names = [f"{chr(97 + place // 26)}{chr(97 + place % 26)}" for place in range(52)]
    asked.hold(*(failed(name) for name in names for _ in range(1 + (name == "bz"))), {"status": "ok"})
    found = rows(asked, errors.METRIC)
    assert len(found) == 51
    assert found[0] == ("bz", 2, 54)
    assert found[-1] == ("all other reasons", 2, 54)  # bx and by


def test_a_chart_of_many_reasons_shows_ten_and_the_others_in_one(asked: Any):
    asked.hold(*(failed(chr(97 + place)) for place in range(12)))
    (bars,) = card(asked, errors.METRIC).figure.data
    assert (bars.y[0], bars.x[0], bars.text[0]) == ("a", 1, "1 (8.3 %)")
    assert (bars.y[-1], bars.x[-1], bars.text[-1]) == ("all other reasons", 2, "2 (16.7 %)")
    assert len(bars.y) == figures.MOST


def test_a_call_without_a_reason_says_so_on_the_chart(asked: Any):
    asked.hold(failed(None))
    told = card(asked, errors.METRIC)
    assert list(told.figure.data[0].y) == ["no reason told"]
    assert told.notes == ("1 of 1 call that tells how it went failed (100 %).",)


@pytest.mark.parametrize("name", ["errors", "errors_over_time"])
def test_where_nothing_failed_that_is_said(asked: Any, name: str):
    asked.hold({"status": "ok"}, {"status": None, "error": "x"})
    told = card(asked, METRICS[name])
    assert (told.status, told.reason, told.rows) == ("empty", "no call of this window failed", [])


@pytest.mark.parametrize("name", ["errors", "errors_over_time"])
def test_where_no_call_tells_how_it_went_that_is_said(asked: Any, name: str):
    asked.hold({"error": "x"})
    assert card(asked, METRICS[name]).reason == "no call in this window has a status"


def at(moment: str, status: str | None = "ok") -> dict[str, Any]:
    return {"created": datetime.fromisoformat(moment), "status": status}


def test_errors_over_time(asked: Any):
    asked.hold(
        at("2024-12-18 16:10", "error"), at("2024-12-18 16:20"), at("2024-12-18 16:30", None),
        at("2024-12-18 17:10", None),
        at("2024-12-18 18:10"), at("2024-12-18 18:20"), at("2024-12-18 18:30"),
    )  # fmt: skip
    told = card(asked, errors_over_time.METRIC, HOUR)
    # A step in which no call tells how it went has no row; one in which none failed has.
    assert [tuple(row.values()) for row in told.rows] == [
        ("2024-12-18T16:00:00+00:00", 1, 2),
        ("2024-12-18T18:00:00+00:00", 0, 3),
    ]
    assert told.notes == ("1 of 5 calls failed (20.0 %) in all.", "2 of 2 steps stand on fewer than 20 calls.")
    (bars,) = told.figure.data
    assert list(bars.y) == [50, 0]
    assert list(bars.hovertext) == ["1 of 2 calls failed (50.0 %)", "0 of 3 calls failed (0 %)"]


def test_an_hour_that_clocks_show_twice_has_two_rows_and_one_bar(asked: Any):
    asked.hold(
        at("2024-10-26 23:30"),
        at("2024-10-27 00:30", "error"),
        at("2024-10-27 01:30"), at("2024-10-27 01:40"), at("2024-10-27 01:50", "error"),
        at("2024-10-27 02:30"),
    )  # fmt: skip
    told = card(asked, errors_over_time.METRIC, HOUR, timezone="Europe/Berlin")
    assert [tuple(row.values()) for row in told.rows] == [
        ("2024-10-27T01:00:00+02:00", 0, 1),
        ("2024-10-27T02:00:00+02:00", 1, 1),
        ("2024-10-27T02:00:00+01:00", 1, 3),
        ("2024-10-27T03:00:00+01:00", 0, 1),
    ]
    (bars,) = told.figure.data
    assert list(bars.x) == ["2024-10-27 01:00", "2024-10-27 02:00", "2024-10-27 03:00"]
    assert list(bars.y) == [0, 50, 0]
    assert bars.customdata[1] == "+02:00 and +01:00"
    assert bars.hovertext[1] == "2 of 4 calls failed (50.0 %)"


def test_finish_reasons(asked: Any):
    asked.hold(
        *({"finish_reason": reason} for reason in ("stop", "stop", "stop", "length", "MAX_TOKENS", "tool_calls", None)),
        {"finish_reason": "Length"},
    )
    told = card(asked, finish_reasons.METRIC)
    assert [tuple(row.values()) for row in told.rows] == [
        ("stop", 3, False),
        ("Length", 1, True),
        ("MAX_TOKENS", 1, True),
        ("length", 1, True),
        ("tool_calls", 1, False),
    ]
    assert told.notes == ("3 of 7 answers were cut off at the token limit (42.9 %).",)
    (bars,) = told.figure.data
    assert list(bars.text) == ["42.9 %", *["14.3 %, cut off"] * 3, "14.3 %"]
    assert list(bars.marker.color) == [figures.PLAIN, *[figures.STATES["error"]] * 3, figures.PLAIN]


@pytest.mark.parametrize("reason", sql.CUT_OFF)
def test_every_way_to_say_that_an_answer_was_cut_off(reason: str):
    frame = frame_of(finish_reasons.METRIC, calls({"finish_reason": reason}, {"finish_reason": reason.upper()}))
    assert frame["cut_off"].tolist() == [True, True]


def test_that_no_answer_was_cut_off_is_told(asked: Any):
    asked.hold({"finish_reason": "stop"})
    assert card(asked, finish_reasons.METRIC).notes == ("None of 1 answer was cut off at the token limit.",)


def test_rare_reasons_that_cut_answers_off_stay_told_apart(asked: Any):
    names = [f"{chr(97 + place // 26)}{chr(97 + place % 26)}" for place in range(52)]
    asked.hold(*({"finish_reason": name} for name in names for _ in range(2)), {"finish_reason": "max_tokens"})
    told = card(asked, finish_reasons.METRIC)
    found = [tuple(row.values()) for row in told.rows]
    assert (len(found), found[49:]) == (
        52,
        [("bx", 2, False), ("all other reasons", 4, False), ("all other reasons", 1, True)],
    )
    assert told.notes == (f"1 of 105 answers was cut off at the token limit ({units.share(1, 105)}).",)
    (bars,) = told.figure.data
    assert list(bars.y)[-2:] == ["all other reasons", "all other reasons (2)"]
    assert list(bars.x)[-3:] == [2, 86, 1]
    assert bars.text[-1] == f"{units.share(1, 105)}, cut off"
