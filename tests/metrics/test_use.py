"""When calls were made and how long they were, worked out on paper; the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from logreport import Metric, Window
from logreport.metrics import busy_hours, prompt_vs_completion_sizes, requests_over_time
from logreport.report import Card, make_report
from logreport.testing import check_metric, frame_of

HOUR = timedelta(hours=1)


def card(asked: Any, metric: Metric, bucket: timedelta | None = None, **window: Any) -> Card:
    """The card of this metric alone: a whole report takes its time."""
    (found,) = make_report(
        asked.store, [(metric, "built-in")], Window(**window), title="", bucket=bucket, ingests=()
    ).cards
    return found


def rows(asked: Any, metric: Metric, **window: Any) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in card(asked, metric, **window).rows]


@pytest.mark.parametrize(
    "metric",
    [requests_over_time.METRIC, busy_hours.METRIC, prompt_vs_completion_sizes.METRIC],
    ids=lambda metric: metric.name,
)
def test_they_keep_the_contract(metric: Metric):
    check_metric(metric)


def test_labels():
    assert list(frame_of(requests_over_time.METRIC, []).columns) == ["bucket", "ok", "errors", "unknown"]
    assert list(frame_of(busy_hours.METRIC, []).columns) == ["weekday", "hour", "calls", "days"]
    assert list(frame_of(prompt_vs_completion_sizes.METRIC, []).columns) == [
        "prompt_from",
        "completion_from",
        "calls",
    ]


def at(*moments: str, status: str | None = "ok") -> list[dict[str, Any]]:
    return [{"created": datetime.fromisoformat(moment), "status": status} for moment in moments]


def test_calls_over_time_by_how_they_went(asked: Any):
    asked.hold(
        *at("2024-12-18 16:10", "2024-12-18 16:20", "2024-12-18 18:00"),
        *at("2024-12-18 16:30", status="error"),
        *at("2024-12-18 16:40", "2024-12-18 17:00", status=None),
        {"created": None, "status": "ok"},
    )
    told = card(asked, requests_over_time.METRIC, HOUR)
    assert [tuple(row.values()) for row in told.rows] == [
        ("2024-12-18T16:00:00+00:00", 2, 1, 1),
        ("2024-12-18T17:00:00+00:00", 0, 0, 1),
        ("2024-12-18T18:00:00+00:00", 1, 0, 0),
    ]
    assert told.counted == 6
    assert told.notes == ("2 of 6 calls do not tell how they went.",)
    assert [(bars.name, list(bars.x), list(bars.y)) for bars in told.figure.data] == [
        ("ok", ["2024-12-18 16:00", "2024-12-18 18:00"], [2, 1]),
        ("failed", ["2024-12-18 16:00"], [1]),
        ("unknown", ["2024-12-18 16:00", "2024-12-18 17:00"], [1, 1]),
    ]


def test_the_legend_has_what_occurs(asked: Any):
    asked.hold(*at("2024-12-18 16:10"))
    figure = card(asked, requests_over_time.METRIC).figure
    assert ([bars.name for bars in figure.data], figure.layout.showlegend) == (["ok"], False)


def test_a_chart_of_one_state_that_is_not_ok_names_it(asked: Any):
    asked.hold(*at("2024-12-18 16:10", status=None))
    told = card(asked, requests_over_time.METRIC)
    assert ([bars.name for bars in told.figure.data], told.figure.layout.showlegend) == (["unknown"], True)
    assert told.notes == ("1 of 1 calls does not tell how it went.",)


def test_an_hour_that_clocks_show_twice_is_one_bar_of_two_parts(asked: Any):
    asked.hold(*at("2024-10-27 00:30", "2024-10-27 01:30", "2024-10-27 01:40"))
    told = card(asked, requests_over_time.METRIC, HOUR, timezone="Europe/Berlin")
    (bars,) = told.figure.data
    assert list(bars.x) == ["2024-10-27 02:00", "2024-10-27 02:00"]
    assert (list(bars.y), list(bars.customdata)) == ([1, 2], ["+02:00", "+01:00"])
    assert list(told.figure.layout.yaxis.tickvals) == [0, 1, 2, 3]  # as high as both together
    assert "Clocks changed" in told.notes[0]


def test_busy_hours(asked: Any):
    # Wednesday the 18th and the 25th, Sunday the 22nd
    asked.hold(*at("2024-12-18 16:10", "2024-12-25 16:59", "2024-12-25 17:00", "2024-12-22 00:00"))
    told = card(asked, busy_hours.METRIC)
    assert [tuple(row.values()) for row in told.rows] == [(3, 16, 2, 2), (3, 17, 1, 2), (7, 0, 1, 1)]
    assert told.notes == ("3 days with calls stand behind this chart, of no weekday more than 2.",)
    (heat,) = told.figure.data
    assert (heat.y[2], heat.x[16], heat.z[2][16], heat.text[2][16]) == ("Wednesday", "16:00", 2, "1 a day on 2 days")
    assert (heat.y[6], heat.x[0], heat.z[6][0], heat.text[6][0]) == ("Sunday", "00:00", 1, "1 a day on 1 day")
    assert sum(calls is not None for row in heat.z for calls in row) == 3
    assert (len(heat.z), {len(row) for row in heat.z}) == (7, {24})


def test_busy_hours_follow_the_clocks_of_the_zone_through_both_changes_of_a_year(asked: Any):
    asked.hold(
        # Sunday 2024-03-31: at 01:00 UTC the clocks of Berlin go from 02:00 to 03:00
        *at("2024-03-30 22:59:59.999999", "2024-03-30 23:00", "2024-03-31 00:59", "2024-03-31 01:00"),
        # Sunday 2024-10-27: at 01:00 UTC they go from 03:00 back to 02:00
        *at("2024-10-27 00:00", "2024-10-27 00:59", "2024-10-27 01:00", "2024-10-27 02:00", "2024-10-27 23:00"),
    )
    assert rows(asked, busy_hours.METRIC, timezone="Europe/Berlin") == [
        (1, 0, 1, 1),  # 2024-10-28 00:00
        (6, 23, 1, 1),
        (7, 0, 1, 2),
        (7, 1, 1, 2),
        (7, 2, 3, 2),  # 00:00, 00:59 and 01:00 in October
        (7, 3, 2, 2),  # 01:00 in March, and 02:00 in October
    ]


def test_busy_hours_of_a_zone_that_is_half_an_hour_off(asked: Any):
    asked.hold(*at("2024-12-18 18:29", "2024-12-18 18:30"))
    assert rows(asked, busy_hours.METRIC, timezone="Asia/Kolkata") == [(3, 23, 1, 1), (4, 0, 1, 1)]


def test_busy_hours_of_two_weeks_need_no_warning(asked: Any):
    asked.hold(*({"created": datetime(2024, 12, day, hour)} for day in range(1, 15) for hour in (3, 4)))
    told = card(asked, busy_hours.METRIC)
    assert told.notes == ()
    assert [tuple(row.values()) for row in told.rows] == [(day, hour, 2, 2) for day in range(1, 8) for hour in (3, 4)]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_busy_hours_of_the_ends_of_the_calendar(asked: Any, zone: str):
    moments = ("0001-01-01", "9999-12-31 12:00")
    asked.hold(*at(*moments))
    first, last = (datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in moments)
    found = asked.store.rows(busy_hours.METRIC.query(Window(timezone=zone, first=first, last=last)))
    assert sum(row["calls"] for row in found) == 2


def sized(*sizes: tuple[int | None, int | None]) -> list[dict[str, Any]]:
    return [{"prompt_tokens": prompt, "completion_tokens": completion} for prompt, completion in sizes]


def test_sizes_of_prompts_and_answers(asked: Any):
    asked.hold(*sized((0, 0), (1, 0), (100, 7), (127, 4), (128, 7), (100, None), (None, 7)))
    told = card(asked, prompt_vs_completion_sizes.METRIC)
    # Cells go from a power of two to before the next; no tokens are apart.
    assert [tuple(row.values()) for row in told.rows] == [(0, 0, 1), (1, 0, 1), (64, 4, 2), (128, 4, 1)]
    assert told.counted == 5
    assert told.notes == ("The fullest cell has 2 of 5 calls: prompt tokens 64 to 127, completion tokens 4 to 7.",)
    heat, *keys = told.figure.data
    assert list(heat.x)[:3] == ["0", "1", "2 to 3"]
    assert (heat.x[7], heat.y[3], heat.z[3][7], heat.z[3][6]) == ("64 to 127", "4 to 7", 2, None)
    assert [key.name for key in keys] == ["1 call", "2"]


POWERS = range(41)


def test_every_power_of_two_begins_a_cell_and_the_number_before_it_ends_one(asked: Any):
    sizes = {2**power + by for power in POWERS for by in (-1, 0, 1)}
    asked.hold(*sized(*((size, 1) for size in sizes)), *sized(*((2, size) for size in sizes)))

    def edge(size: int) -> int:
        return 2 ** (size.bit_length() - 1) if size else 0

    expected: dict[tuple[int, int], int] = {}
    for size in sizes:
        for cell in ((edge(size), 1), (2, edge(size))):
            expected[cell] = expected.get(cell, 0) + 1
    assert rows(asked, prompt_vs_completion_sizes.METRIC) == [
        (*cell, count) for cell, count in sorted(expected.items())
    ]


@pytest.mark.parametrize("size", [2**62, 2**63 - 1])
def test_the_largest_sizes_there_can_be(asked: Any, size: int):
    asked.hold(*sized((size, size)))
    assert rows(asked, prompt_vs_completion_sizes.METRIC) == [(2**62, 2**62, 1)]


def test_shades_go_by_powers_and_the_last_up_to_the_most(asked: Any):
    cells = ((4, 1), (8, 3), (16, 8), (32, 9), (64, 32))
    asked.hold(*sized(*((size, 5) for size, count in cells for _ in range(count))))
    heat, *keys = card(asked, prompt_vs_completion_sizes.METRIC).figure.data
    # five shades: the fifth root of 32 is 2
    assert [key.name for key in keys] == ["1 to 2 calls", "3 to 4", "5 to 8", "9 to 16", "17 to 32"]
    assert (heat.zmin, heat.zmax) == (0, 32)
    first, last = heat.colorscale[0][1], heat.colorscale[-1][1]
    assert (first, last) == (keys[0].marker.color, keys[-1].marker.color)
    assert [place for place, _ in heat.colorscale] == [
        *(0, 2.5 / 32), *(2.5 / 32, 4.5 / 32), *(4.5 / 32, 8.5 / 32), *(8.5 / 32, 16.5 / 32), *(16.5 / 32, 1),
    ]  # fmt: skip


def test_one_size_is_shown_among_its_neighbours(asked: Any):
    asked.hold(*sized(*[(100, 100)] * 3))
    figure = card(asked, prompt_vs_completion_sizes.METRIC).figure
    heat, *keys = figure.data
    assert list(heat.x) == [
        *("8 to 15", "16 to 31", "32 to 63", "64 to 127"),
        *("128 to 255", "256 to 511", "512 to 1,023", "1,024 to 2,047"),
    ]
    assert list(figure.layout.xaxis.ticktext) == ["8", "32", "128", "512"]
    assert [key.name for key in keys] == ["3 calls"]  # no cell has another shade
