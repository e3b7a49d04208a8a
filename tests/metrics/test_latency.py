"""Durations, times to first token and the speed of answers: numbers that can be worked out on paper."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from logreport import Window, figures, latency
from logreport.metrics import (
    duration_percentiles,
    latency_distribution,
    latency_over_time,
    output_speed,
    time_to_first_token_percentiles,
)
from logreport.render.chart import chart
from logreport.report import Card, make_report
from logreport.store import open_store
from logreport.testing import _load, calls, check_metric, frame_of

METRICS = {
    module.METRIC.name: module.METRIC
    for module in (
        duration_percentiles,
        time_to_first_token_percentiles,
        latency_over_time,
        latency_distribution,
        output_speed,
    )
}
HOUR = timedelta(hours=1)
STREAMED, WHOLE, UNTOLD = list(latency.MEASURES)[1:]


def card(asked: Any, name: str, bucket: timedelta | None = None, **window: Any) -> Card:
    """The card of this metric alone."""
    report = make_report(
        asked.store, [(METRICS[name], "built-in")], Window(**window), title="Test", bucket=bucket, ingests=()
    )
    return report.cards[0]


def rows(asked: Any, name: str, bucket: timedelta | None = None, **window: Any) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in card(asked, name, bucket, **window).rows]


def traces(found: Card, **like: Any) -> list[Any]:
    """The traces of a card's figure that have these properties."""
    assert found.figure is not None
    return [trace for trace in found.figure.data if like.items() <= trace.to_plotly_json().items()]


def drawn(found: Card) -> str:
    """The drawing of a card's figure."""
    made = chart(found, interactive=True)
    assert made.drawing is not None, made.reason
    return made.drawing.svg


@pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
def test_it_keeps_the_contract(metric: Any):
    check_metric(metric)


# ---------------------------------------------------------------- percentiles by model


def test_duration_percentiles(asked: Any):
    # 1 to 21 seconds: p50 is the eleventh value; p99 lies 0.8 of the way from the twentieth to the last. Of 21 values
    # the sixth and the sixteenth enclose the median with 97 %, and none encloses p99 from above.
    asked.hold(*({"model": "even", "duration": float(second)} for second in range(1, 22)))
    ((model, calls_, *found),) = rows(asked, "duration_percentiles")
    assert (model, calls_) == ("even", 21)
    assert found[:3] == [11.0, 6.0, 16.0]
    assert [found[3], found[6], found[9]] == pytest.approx([19.0, 20.0, 20.8])
    assert found[11] is None


def test_calls_that_failed_have_no_duration(asked: Any):
    asked.hold(
        *({"model": "a", "duration": 1.0, "status": "ok"} for _ in range(19)),
        {"model": "a", "duration": 1.0},  # of which the log does not tell
        *({"model": "a", "duration": 99.0, "status": "error"} for _ in range(30)),
        {"model": "a"},
    )
    found = card(asked, "duration_percentiles")
    assert (found.rows[0]["calls"], found.rows[0]["p99"]) == (20, 1.0)
    assert found.counted == 20
    assert found.behind == "20 of 51 calls stand behind this chart; 31 left out."


def test_the_slowest_model_is_first_and_few_calls_have_no_percentiles(asked: Any):
    for model, seconds, count in (("b", 1.0, 20), ("B", 1.0, 20), ("slow", 5.0, 20), ("few", 9.0, 19), (None, 9.0, 3)):
        asked.hold(*({"model": model, "duration": seconds} for _ in range(count)))
    found = card(asked, "duration_percentiles")
    assert [(row["model"], row["calls"], row["p95"]) for row in found.rows] == [
        ("slow", 20, 5.0),
        ("B", 20, 1.0),
        ("b", 20, 1.0),
        ("few", 19, None),
        (None, 3, None),
    ]
    assert set(found.rows[3].values()) == {"few", 19, None}
    (text,) = traces(found, mode="text")
    assert list(text.y) == ["few", "unknown model"]
    assert [said.strip() for said in text.text] == ["too few: 19 calls", "too few: 3 calls"]
    assert found.notes[0] == "2 of the 5 models have fewer than 20 calls: too few for percentiles."
    # p95 and p99 of twenty calls may lie anywhere above
    assert found.notes[1].startswith("Thin lines are 95 % confidence intervals; ")
    assert "too few: 19 calls" in drawn(found)


def test_one_call_is_a_row_without_a_mark(asked: Any):
    asked.hold({"model": "a", "duration": 1.0, "time_to_first_token": 0.5, "completion_tokens": 9, "stream": True})
    for name in ("duration_percentiles", "time_to_first_token_percentiles", "output_speed"):
        found = card(asked, name)
        assert "too few: 1 call" in drawn(found)
        assert found.notes[0].endswith("has fewer than 20 calls: too few for percentiles.")


def test_a_chart_has_ten_rows_and_the_table_all(asked: Any):
    asked.hold(*({"model": f"m{number % 40:02}", "duration": 1.0 + number % 40} for number in range(800)))
    found = card(asked, "duration_percentiles")
    assert len(found.rows) == 40
    assert list(found.figure.layout.yaxis.categoryarray) == [f"m{number}" for number in range(39, 29, -1)]
    assert found.notes[0] == (
        "The chart shows 10 of the 40 models, the slowest first: percentiles of several cannot be added up."
    )


def test_times_to_first_token_are_never_mixed_over_how_calls_were_answered(asked: Any):
    for stream, seconds in ((True, 0.5), (False, 4.0), (None, 2.0)):
        asked.hold(*({"model": "a", "stream": stream, "time_to_first_token": seconds} for _ in range(20)))
    asked.hold({"model": "a", "stream": True, "time_to_first_token": 60.0, "status": "error"})
    found = card(asked, "time_to_first_token_percentiles")
    assert [(row["model"], row["stream"], row["calls"], row["p50"]) for row in found.rows] == [
        ("a", False, 20, 4.0),
        ("a", None, 20, 2.0),
        ("a", True, 20, 0.5),
    ]
    assert list(found.figure.layout.yaxis.categoryarray) == ["a, not streamed", "a (streaming unknown)", "a, streamed"]
    assert found.notes[-1] == (
        "20 of these 60 calls did not stream: their time to first token can be their whole duration."
    )
    assert found.counted == 60


@pytest.mark.parametrize(
    ("stream", "note"),
    [
        (True, "All of these calls streamed."),
        (False, "None of these calls streamed: their time to first token can be their whole duration."),
        (None, "The log does not tell which of these calls streamed."),
    ],
)
def test_where_all_calls_were_answered_alike_a_note_says_it_once(asked: Any, stream: bool | None, note: str):
    asked.hold(*({"model": "ab"[at % 2], "stream": stream, "time_to_first_token": 1.0} for at in range(40)))
    found = card(asked, "time_to_first_token_percentiles")
    assert list(found.figure.layout.yaxis.categoryarray) == ["a", "b"]
    assert note in found.notes


def test_labels_tell_how_calls_were_answered_where_only_rows_beyond_the_chart_differ():
    frame = pd.DataFrame({"model": [*"abcdefghijk"], "stream": [*[True] * 10, False]}, dtype=object)
    assert latency.rows(frame) == [f"{name}, streamed" for name in "abcdefghij"]


def test_models_whose_names_read_like_groups_stay_apart():
    frame = pd.DataFrame(
        {"model": ["a, streamed", "a", None, "unknown model"], "stream": [None, True, False, False]}, dtype=object
    )
    assert latency.rows(frame) == [
        "a, streamed (streaming unknown)",
        "a, streamed",
        "unknown model, not streamed",
        "unknown model, not streamed (2)",
    ]


def test_an_axis_is_logarithmic_where_models_are_far_apart(asked: Any):
    asked.hold(*({"model": "fast", "duration": 0.1} for _ in range(20)))
    asked.hold(*({"model": "slow", "duration": 2.0} for _ in range(20)))
    assert card(asked, "duration_percentiles").figure.layout.xaxis.type is None
    asked.hold(*({"model": "slower", "duration": 2.5} for _ in range(20)))
    axis = card(asked, "duration_percentiles").figure.layout.xaxis
    assert axis.type == "log"
    assert list(axis.ticktext) == ["0.1", "0.2", "0.5", "1", "2"]


def test_a_circle_says_its_value_its_interval_and_its_calls(asked: Any):
    asked.hold(*({"model": "even", "duration": float(second)} for second in range(1, 22)))
    found = card(asked, "duration_percentiles")
    said = {name: traces(found, type="scatter", name=name)[0].customdata[0] for name in ("p50", "p99")}
    assert said["p50"] == "11 s, 95 % sure to be within 6 s and 16 s, 21 calls"
    assert said["p99"].endswith("with no upper end, 21 calls")
    (p50,) = traces(found, type="scatter", name="p50")
    assert (p50.error_x.arrayminus[0], p50.error_x.array[0]) == (5.0, 5.0)
    assert p50.marker.color == figures.LEVELS[50]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.3, 70, ["0.5", "1", "2", "5", "10", "20", "50"]),
        (0.05, 200, ["0.1", "1", "10", "100"]),
        (1e-6, 1e5, ["0.000001", "0.001", "1", "1,000"]),
        (2, 2.2, ["1", "2", "5"]),
    ],
)
def test_a_logarithmic_axis_has_ticks_that_fit_on_a_telephone(low: float, high: float, ticks: list[str]):
    assert latency.log_axis(low, high)["ticktext"] == ticks


# ---------------------------------------------------------------- over time


def at(hour: int, **more: Any) -> dict[str, Any]:
    return {"created": datetime(2024, 12, 18, hour, 30), **more}


def test_latency_over_time(asked: Any):
    # Twenty calls of a second and one of five: the limit, p95 of all, is the twentieth of the sorted values, 1 s.
    # The second hour has eleven of them, so its p95 lies halfway between the tenth and the last: 3 s.
    asked.hold(*(at(16, duration=1.0) for _ in range(10)), *(at(17, duration=1.0) for _ in range(10)))
    asked.hold(at(17, duration=5.0), at(18, duration=99.0, status="error"))
    assert rows(asked, "latency_over_time", HOUR) == [
        ("2024-12-18T16:00:00+00:00", "duration", 10, 1.0, 1.0, 0, 1.0),
        ("2024-12-18T17:00:00+00:00", "duration", 11, 1.0, 3.0, 1, 1.0),
    ]


def test_each_time_has_its_own_rows_and_its_own_limit(asked: Any):
    for stream, seconds in ((True, 0.5), (False, 4.0), (None, 2.0)):
        asked.hold(*(at(16, stream=stream, time_to_first_token=seconds, duration=5.0) for _ in range(20)))
    found = rows(asked, "latency_over_time", HOUR)
    assert [(measure, calls_, p50, limit) for _, measure, calls_, p50, _, _, limit in found] == [
        ("duration", 60, 5.0, 5.0),
        (STREAMED, 20, 0.5, 0.5),
        (WHOLE, 20, 4.0, 4.0),
        (UNTOLD, 20, 2.0, 2.0),
    ]


def test_few_calls_have_no_percentiles_and_none_is_slow_where_there_is_no_limit(asked: Any):
    asked.hold(*(at(16, duration=1.0) for _ in range(5)), *(at(17, duration=9.0) for _ in range(4)))
    found = card(asked, "latency_over_time", HOUR)
    assert [tuple(row.values())[2:] for row in found.rows] == [(5, 1.0, 1.0, None, None), (4, None, None, None, None)]
    assert found.notes == ("1 of the 2 points has fewer than 5 calls, too few for percentiles of a step.",)


def test_without_a_step_of_enough_calls_there_is_nothing_to_show(asked: Any):
    asked.hold(*(at(hour, duration=1.0) for hour in range(24) for _ in range(4)))
    found = card(asked, "latency_over_time", HOUR)
    assert (found.status, found.rows) == ("empty", [])
    assert found.reason == "no step has enough calls with a duration or a time to first token"


def test_calls_without_a_time_of_day_are_not_counted_over_time(asked: Any):
    asked.hold(*(at(16, duration=1.0) for _ in range(5)), {"created": None, "duration": 1.0}, at(16))
    found = card(asked, "latency_over_time", HOUR)
    assert (found.counted, found.rows[0]["calls"]) == (5, 5)


def test_lines_break_where_steps_are_missing_and_a_point_alone_is_a_circle(asked: Any):
    for hour in (1, 2, 5, 7, 8):
        asked.hold(*(at(hour, duration=float(hour)) for _ in range(5)))
    found = card(asked, "latency_over_time", HOUR)
    solid, dotted = traces(found, mode="lines")
    assert list(solid.y) == list(dotted.y) == [1.0, 2.0, None, 5.0, None, 7.0, 8.0]
    assert (solid.line.dash, dotted.line.dash, dotted.showlegend) == (None, "dot", False)
    assert [list(trace.y) for trace in traces(found, mode="markers")] == [[5.0], [5.0]]
    assert solid.line.color == latency.MEASURES["duration"]
    assert "<path" in drawn(found)


def test_a_line_breaks_at_a_step_of_too_few_calls(asked: Any):
    for hour, count in ((1, 5), (2, 5), (3, 4), (4, 5)):
        asked.hold(*(at(hour, duration=float(hour)) for _ in range(count)))
    found = card(asked, "latency_over_time", HOUR)
    assert list(traces(found, mode="lines")[0].y) == [1.0, 2.0, None, 4.0]
    assert [list(trace.y) for trace in traces(found, mode="markers")] == [[4.0], [4.0]]


def test_the_two_hours_of_an_autumn_night_are_two_points(asked: Any):
    for hour in (0, 1):  # 02:30 in Berlin, twice
        asked.hold(*({"created": datetime(2024, 10, 27, hour, 30), "duration": 1.0 + hour} for _ in range(5)))
    found = card(asked, "latency_over_time", HOUR, timezone="Europe/Berlin")
    assert [(row["bucket"], row["p50"]) for row in found.rows] == [
        ("2024-10-27T02:00:00+02:00", 1.0),
        ("2024-10-27T02:00:00+01:00", 2.0),
    ]
    assert list(traces(found, mode="lines")[0].customdata) == ["+02:00", "+01:00"]
    assert found.notes[0].startswith("Clocks changed in this span")


# ---------------------------------------------------------------- distribution


def test_latency_distribution(asked: Any):
    # log10(1.9) is 0.279, so 1.9 is in the third bin above 1; a value that is an edge is in the bin that it begins.
    asked.hold(*({"duration": seconds} for seconds in (1.0, 1.2, 1.9, 10.0, 0.001, 0.0)))
    asked.hold({"time_to_first_token": 1.0, "stream": True}, {"duration": 1.0, "status": "error"})
    assert rows(asked, "latency_distribution") == [
        ("duration", 0.0, 0.0, 1),
        ("duration", 0.001, 0.00125893, 1),
        ("duration", 1.0, 1.25893, 2),
        ("duration", 1.58489, 1.99526, 1),
        ("duration", 10.0, 12.5893, 1),
        (STREAMED, 1.0, 1.25893, 1),
    ]
    found = card(asked, "latency_distribution")
    assert found.notes == ("Times of zero, for which a logarithmic axis has no place: 1 of duration.",)
    assert found.counted == 7


def test_every_bin_has_the_same_edges_on_every_database(asked: Any):
    bins = range(-90, 98)
    asked.hold(*({"duration": 10 ** ((number + 0.5) / 10)} for number in bins))
    edge = [float(f"{10 ** (number / 10):.6g}") for number in (*bins, 98)]
    expected = [("duration", low, high, 1) for low, high in pairwise(edge)]
    assert rows(asked, "latency_distribution") == expected


def test_a_value_that_is_an_edge_begins_a_bin(asked: Any):
    asked.hold(*({"duration": 10 ** (number / 10)} for number in range(-40, 40)))
    assert [row[3] for row in rows(asked, "latency_distribution")] == [1] * 80


def test_an_outline_comes_down_beside_bins_without_calls(asked: Any):
    asked.hold({"duration": 1.0}, {"duration": 1.0}, {"duration": 1.3}, {"duration": 100.0})
    found = card(asked, "latency_distribution")
    (outline,) = found.figure.data
    assert list(outline.y) == [0, 2, 1, 0, None, 0, 1, 0]
    assert outline.x[1] == pytest.approx(10**0.05, rel=1e-4)  # the middle of its bin
    assert outline.text[1] == "1 s to 1.26 s: 2 calls"
    assert "<path" in drawn(found)


def test_times_of_zero_alone_are_said(asked: Any):
    asked.hold({"duration": 0.0})
    assert "all times are 0 s" in drawn(card(asked, "latency_distribution"))


# ---------------------------------------------------------------- speed


def test_output_speed(asked: Any):
    # Streamed: 20 tokens follow the first within 2 s, a tenth of a second each. Not streamed: 20 tokens in 4 s.
    asked.hold(
        *({"model": "a", "stream": True, "duration": 3.0, "time_to_first_token": 1.0, "completion_tokens": 21},) * 20,
        *({"model": "a", "stream": False, "duration": 4.0, "time_to_first_token": 4.0, "completion_tokens": 20},) * 20,
        *({"model": "a", "duration": 2.0, "time_to_first_token": 1.0, "completion_tokens": 5},) * 20,
    )
    found = card(asked, "output_speed")
    assert [list(row.values())[:7] for row in found.rows] == [
        ["a", None, 20, 4.0, 0.25, 0.25, 0.25],
        ["a", False, 20, 5.0, 0.2, 0.2, 0.2],
        ["a", True, 20, 10.0, 0.1, 0.1, 0.1],
    ]
    bars, text = found.figure.data
    assert list(text.text) == ["4 /s", "5 /s", "10 /s"]
    assert list(bars.marker.opacity) == [1, 0.5, 1]
    assert bars.customdata[2] == "10 tokens per second, time per token 100 ms at p50 and 100 ms at p95, 20 calls"
    assert found.notes[-1] == (
        "20 of these 60 calls did not stream: their time per token contains the wait for the first (the fainter bars)."
    )


def test_what_has_no_speed_is_left_out_and_counted(asked: Any):
    streamed = {"stream": True, "duration": 3.0, "time_to_first_token": 1.0, "completion_tokens": 21}
    unknown = {**streamed, "stream": None}
    asked.hold(
        streamed,
        {**streamed, "status": "error"},
        {**streamed, "completion_tokens": 1},  # nothing follows the first
        {**streamed, "completion_tokens": None},
        {**streamed, "time_to_first_token": None},
        {**streamed, "time_to_first_token": 4.0},  # after its end
        {"stream": False, "duration": 3.0, "completion_tokens": 1},
        {"stream": False, "duration": 3.0, "completion_tokens": 0},
        unknown,
        {**unknown, "time_to_first_token": 3.0},  # it may not have streamed
        {**unknown, "time_to_first_token": None},
    )
    found = card(asked, "output_speed")
    assert [(row["stream"], row["calls"]) for row in found.rows] == [(True, 1), (False, 1), (None, 1)]
    assert found.counted == 3


def test_an_answer_that_came_all_at_once_has_no_speed(asked: Any):
    at_once = {"stream": True, "duration": 1.0, "time_to_first_token": 1.0, "completion_tokens": 9}
    asked.hold(*(at_once for _ in range(20)))
    found = card(asked, "output_speed")
    assert (found.rows[0]["tokens_per_second"], found.rows[0]["p50"]) == (None, 0.0)
    assert "all at once" in drawn(found)


# ---------------------------------------------------------------- all of them


def many(count: int) -> Iterator[dict[str, Any]]:
    """Calls as logs have them: some of all that may be unknown is unknown, and a clock change is among their times."""
    dice = random.Random(5)
    for number in range(count):
        yield {
            "created": datetime(2024, 10, 26, 20) + timedelta(seconds=40 * number),
            "model": dice.choice(["large", "small", "Small", "äöü", None]),
            "stream": dice.choice([True, True, False, None]),
            "duration": dice.choice([None, 0.0, 1.0, dice.lognormvariate(0, 2), dice.lognormvariate(0, 2)]),
            "time_to_first_token": dice.choice([None, 0.0, dice.lognormvariate(-2, 2), dice.lognormvariate(-2, 2)]),
            "completion_tokens": dice.choice([None, 1, dice.randrange(2000)]),
            "status": dice.choice([None, "ok", "ok", "error"]),
        }


def test_both_databases_answer_alike(postgresql: str):
    window = Window(timezone="Europe/Berlin")
    given = calls(*many(1500))
    found = []
    for url in ("duckdb:///:memory:", postgresql):
        with open_store(url) as store:
            _load(store, given)
            asked = [(metric, "built-in") for metric in METRICS.values()]
            report = make_report(store, asked, window, title="", bucket=None, ingests=())
            found.append([(one.name, one.status, one.counted, one.rows, one.notes) for one in report.cards])
    assert found[0] == found[1]
    assert [status for _, status, *_ in found[0]] == ["ok"] * 5


@pytest.mark.parametrize("name", METRICS)
def test_the_calls_counted_are_those_behind_the_rows(asked: Any, name: str):
    asked.hold(*many(600))
    found = card(asked, name)
    whole = sum(row["calls"] for row in found.rows)
    # A call can have a duration and a time to first token.
    assert found.counted == whole if "measure" not in found.columns else whole / 2 <= found.counted < whole


@pytest.mark.parametrize("seconds", [0.0, 1e-6, 1.0, 1e5])
def test_a_constant_is_drawn(seconds: float):
    same = {"duration": seconds, "time_to_first_token": seconds, "completion_tokens": 9, "stream": False}
    for metric in METRICS.values():
        frame = frame_of(metric, calls(*(same for _ in range(240))))
        assert len(frame)
        assert metric.figure(frame).data


def test_names_with_markup_are_text(asked: Any):
    name = "<b>x</b><script>alert(1)</script>"
    asked.hold(*({"model": name, "duration": 1.0, "stream": True, "time_to_first_token": 0.5} for _ in range(20)))
    for metric in ("duration_percentiles", "time_to_first_token_percentiles"):
        assert "<script" not in drawn(card(asked, metric))
