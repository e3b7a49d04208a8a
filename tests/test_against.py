"""Charts against a baseline: aligned in time on the clocks of the report's zone, and never at the chart's cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import plotly.graph_objects as go
import pytest

from logreport import Metric, Window, figures
from logreport.against import _NOTHING, against, moved, shift
from logreport.baseline import Baseline, read_baseline
from logreport.export.document import dumps, report_json
from logreport.measured import Measured, Scope
from logreport.plugins import load_plugins
from logreport.report import Report, make_report
from logreport.testing import calls, sample_calls, store_of

OFFERED = {offer.value.name: offer.value for offer in load_plugins().metrics}

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

BERLIN = ZoneInfo("Europe/Berlin")


def _utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)


def _berlin(*when: int) -> datetime:
    return datetime(*when, tzinfo=BERLIN)


def _report(moments: list[datetime | None], *names: str, baseline: Baseline | None = None, **how: Any) -> Report:
    """The report of calls at these times, of these metrics."""
    bucket = how.pop("bucket", HOUR)
    metrics = [how.pop("metric")] if "metric" in how else [OFFERED[name] for name in names]
    stored = [moment and moment.astimezone(UTC).replace(tzinfo=None) for moment in moments]
    rows = [row | {"created": created} for row, created in zip(sample_calls(len(stored)), stored, strict=True)]
    with store_of(rows) as store:
        return make_report(
            store,
            [(metric, "built-in") for metric in metrics],
            Window(**how),
            title="",
            bucket=bucket,
            ingests=(),
            baseline=baseline,
        )


def _read(report: Report) -> Baseline:
    """The report as a baseline; how its calls were distributed is of no interest to charts."""
    measured = replace(report, measured=Measured(whole=Scope(calls=report.headline.calls)))
    return read_baseline(dumps(report_json(measured)).encode(), "before.json")


def _baseline(moments: list[datetime | None], *names: str, **how: Any) -> Baseline:
    return _read(_report(moments, *names, **how))


def _aligned(
    before: list[datetime], now: list[datetime], zone: str, step: timedelta, there: str | None = None
) -> list[str]:
    """Where the baseline's steps are drawn, as the clocks of the zone show it."""
    names = ("requests_over_time",)
    baseline = _baseline(before, *names, bucket=step, timezone=there or zone)
    report = _report(now, *names, bucket=step, timezone=zone)
    frame = baseline.cards["requests_over_time"].frame(zone)
    found = moved(frame, shift(report.window, baseline), zone)["bucket"]
    assert str(found.dtype) == f"datetime64[us, {zone}]"
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in found]


# ---------------------------------------------------------------- alignment


def test_the_same_hours_a_week_apart_are_aligned_hour_by_hour():
    before = [_utc(2024, 12, 11, hour, 20) for hour in (9, 10, 12)]
    now = [_utc(2024, 12, 18, hour, 50) for hour in (9, 10, 11)]
    assert _aligned(before, now, "UTC", HOUR) == ["2024-12-18 09:00", "2024-12-18 10:00", "2024-12-18 12:00"]


def test_another_time_of_day_is_aligned_by_what_has_passed_since_the_first_call():
    before = [_utc(2024, 12, 11, 22, 20) + hours * HOUR for hours in (0, 3)]
    now = [_utc(2025, 1, 4, 9, 50)]
    assert _aligned(before, now, "UTC", HOUR) == ["2025-01-04 09:00", "2025-01-04 12:00"]
    assert _aligned(before, now, "UTC", 6 * HOUR) == ["2025-01-04 06:00", "2025-01-04 12:00"]


def test_a_baseline_that_is_later_is_moved_back():
    before, now = [_utc(2030, 5, 5, 5), _utc(2030, 5, 6, 5)], [_utc(2024, 2, 29, 23, 59)]
    assert _aligned(before, now, "UTC", DAY) == ["2024-02-29 00:00", "2024-03-01 00:00"]


def test_days_begin_at_midnight_of_the_reports_zone():
    before = [_berlin(2024, 12, 10, 0, 30), _berlin(2024, 12, 11, 23, 30)]
    now = [_berlin(2024, 12, 17, 12)]
    assert _aligned(before, now, "Europe/Berlin", DAY) == ["2024-12-17 00:00", "2024-12-18 00:00"]


@pytest.mark.parametrize("there", ["UTC", "America/New_York", "Asia/Kathmandu"])
@pytest.mark.parametrize("step", [HOUR, 6 * HOUR, DAY])
def test_first_steps_meet_whatever_zone_the_baseline_was_made_for(there: str, step: timedelta):
    before = [_utc(2024, 12, 9, 23, 30) + days * DAY for days in range(3)]
    now = [_utc(2024, 12, 17, 11) + days * DAY for days in range(3)]
    found = _aligned(before, now, "Europe/Berlin", step, there)
    assert found == _aligned(now, now, "Europe/Berlin", step)


def test_over_a_change_of_the_clocks_hours_keep_their_names():
    # The last Sunday of March, and of October, lies between the two.
    before, now = (
        [_berlin(2024, 3, day, hour) for day, hour in days] for days in ([(25, 9), (26, 17)], [(31, 9), (31, 10)])
    )
    assert _aligned(before, now, "Europe/Berlin", HOUR) == ["2024-03-31 09:00", "2024-04-01 17:00"]
    before, now = [_berlin(2024, 10, 21, 9), _berlin(2024, 10, 22, 9)], [_berlin(2024, 10, 28, 9)]
    assert _aligned(before, now, "Europe/Berlin", HOUR) == ["2024-10-28 09:00", "2024-10-29 09:00"]
    assert _aligned(before, now, "Europe/Berlin", DAY) == ["2024-10-28 00:00", "2024-10-29 00:00"]


def test_an_hour_that_clocks_skip_is_what_follows():
    before = [_berlin(2024, 3, 24, hour) for hour in (1, 2, 3)]
    found = _aligned(before, [_berlin(2024, 3, 31, 1)], "Europe/Berlin", HOUR)
    assert found == ["2024-03-31 01:00", "2024-03-31 03:00", "2024-03-31 03:00"]


def test_an_hour_that_clocks_show_twice_is_the_first_of_the_two():
    before = [_berlin(2024, 10, 20, hour) for hour in (1, 2, 3)]
    now = [_berlin(2024, 10, 27, 1)]
    assert _aligned(before, now, "Europe/Berlin", HOUR) == ["2024-10-27 01:00", "2024-10-27 02:00", "2024-10-27 03:00"]
    # And where the baseline has both of them: 00:30 to 03:30 in UTC are 2:30 twice.
    twice = [_utc(2024, 10, 26, 23, 30) + hours * HOUR for hours in range(4)]
    later = [_berlin(2024, 11, 3, 1)]
    assert _aligned(twice, later, "Europe/Berlin", HOUR) == [f"2024-11-03 0{hour}:00" for hour in (1, 2, 2, 3)]


@pytest.mark.parametrize("days", [("2024-03-23", "2024-03-30"), ("2024-03-30", "2024-04-06"), ("2024-10-19", "2024-10-26"), ("2024-10-26", "2024-11-02")])  # fmt: skip
@pytest.mark.parametrize("step", [HOUR, DAY])
def test_every_metric_is_drawn_with_its_baseline_over_a_change_of_the_clocks(days: tuple[str, str], step: timedelta):
    names = [name for name, metric in OFFERED.items() if name.endswith("_over_time") and "model" not in metric.requires]
    before, now = (
        [datetime.fromisoformat(f"{day}T20:00+00:00") + at * timedelta(minutes=2) for at in range(250)] for day in days
    )
    zone = {"timezone": "Europe/Berlin", "bucket": step}
    report = _report(now, *names, baseline=_baseline(before, *names, **zone), **zone)
    for card in report.cards:
        assert card.status == "ok", card.reason
        assert not [note for note in card.notes if "baseline" in note.lower()], card.name


def test_without_times_nothing_is_moved():
    timed = [_utc(2024, 12, 18, 9)]
    for now, before in [([None], timed), (timed, [None]), ([None], [None])]:
        report, baseline = _report(now, "request_types"), _baseline(before, "request_types")
        assert shift(report.window, baseline) == timedelta(0)


def test_only_times_are_moved():
    frame = pd.DataFrame({"bucket": pd.to_datetime(["2024-12-18T09:00Z"], utc=True), "calls": [3], "model": ["a"]})
    found = moved(frame, 7 * DAY, "UTC")
    assert found["bucket"].tolist() == [pd.Timestamp("2024-12-25T09:00Z")]
    assert found[["calls", "model"]].equals(frame[["calls", "model"]])
    assert frame["bucket"].tolist() == [pd.Timestamp("2024-12-18T09:00Z")]


# ---------------------------------------------------------------- charts


def _over_time(figure: Callable[[pd.DataFrame], go.Figure], **more: Any) -> Metric:
    """A stranger's metric over time, drawn by this function."""
    metric = OFFERED["requests_over_time"]
    return replace(metric, figure=figure, notes=None, **more)


def _card(report: Report) -> Any:
    (card,) = report.cards
    return card


def _baselines(report: Report) -> list[str]:
    return [note for note in _card(report).notes if "baseline" in note.lower()]


NOW = [_utc(2024, 12, 18, 9) + at * timedelta(minutes=9) for at in range(60)]
BEFORE = [moment - 7 * DAY for moment in NOW]


def test_a_metric_gets_the_baseline_where_its_own_steps_are():
    seen = []

    def figure(frame: pd.DataFrame) -> go.Figure:
        seen.append((frame["bucket"].tolist(), frame.attrs["bucket"], set(frame.attrs)))
        return OFFERED["requests_over_time"].figure(frame)

    metric = _over_time(figure)
    baseline = _baseline(BEFORE, metric=metric)
    seen.clear()
    report = _report(NOW, metric=metric, baseline=baseline)
    own, before = seen
    assert before == own
    assert _card(report).status == "ok"
    assert "baseline" in {trace.name for trace in _card(report).figure.data}


def test_a_metric_that_raises_on_the_baseline_costs_only_the_baselines_part():
    baseline = _baseline(BEFORE, "requests_over_time")
    drawn = []

    def figure(frame: pd.DataFrame) -> go.Figure:
        drawn.append(frame)
        if len(drawn) > 1:
            raise SystemExit("no second chart")
        return OFFERED["requests_over_time"].figure(frame)

    report = _report(NOW, metric=_over_time(figure), baseline=baseline)
    card = _card(report)
    assert card.status == "ok"
    assert card.figure.data
    assert card.beside is None
    assert _baselines(report) == ["The baseline cannot be drawn here: SystemExit: no second chart"]


def test_rows_that_are_not_what_they_should_be_cost_only_the_baselines_part():
    baseline = _baseline(BEFORE, "requests_over_time")
    card = baseline.cards["requests_over_time"]
    odd = replace(baseline, cards={card.name: replace(card, rows=[row | {"bucket": "noon"} for row in card.rows])})
    report = _report(NOW, "requests_over_time", baseline=odd)
    assert _card(report).status == "ok"
    assert _baselines(report)[0].startswith("The baseline cannot be drawn here: ")
    nowhere = replace(baseline, timezone="Atlantis/Capital")
    report = _report(NOW, "requests_over_time", baseline=nowhere)
    assert _card(report).status == "ok"
    assert _baselines(report)[0].startswith("The baseline cannot be drawn here: ")


def test_columns_of_another_version_are_told():
    baseline = _baseline(BEFORE, "requests_over_time")
    card = baseline.cards["requests_over_time"]
    other = replace(baseline, cards={card.name: replace(card, columns={**card.columns, "more": "integer"})})
    report = _report(NOW, "requests_over_time", baseline=other)
    assert _baselines(report) == [
        "The baseline cannot be drawn here: it has other columns, from another version of this metric."
    ]


@pytest.mark.parametrize(
    ("there", "here", "said"),
    [
        (DAY, HOUR, "it has steps of 1 day, and this chart of 1 hour."),
        (2 * HOUR, timedelta(minutes=30), "it has steps of 2 hours, and this chart of 30 minutes."),
        (timedelta(seconds=90), timedelta(minutes=1), "it has steps of 90 seconds, and this chart of 1 minute."),
    ],
)
def test_counts_of_unequal_steps_are_not_drawn_together(there: timedelta, here: timedelta, said: str):
    baseline = _baseline(BEFORE, "requests_over_time", bucket=there)
    report = _report(NOW, "requests_over_time", baseline=baseline, bucket=here)
    assert _baselines(report) == [f"The baseline is not drawn here: {said}"]
    assert "baseline" not in {trace.name for trace in _card(report).figure.data}


def test_percentiles_of_unequal_steps_are():
    baseline = _baseline(BEFORE, "latency_over_time", bucket=3 * HOUR)
    report = _report(NOW, "latency_over_time", baseline=baseline, bucket=4 * HOUR)
    assert _baselines(report) == []


def test_a_step_that_is_chosen_is_no_narrower_than_the_baselines():
    baseline = _baseline(BEFORE, "requests_over_time", bucket=2 * HOUR)
    report = _report(NOW, "requests_over_time", baseline=baseline, bucket=None)
    assert report.window.bucket == 2 * HOUR
    assert _baselines(report) == []


@pytest.mark.parametrize("missing", ["card", "rows", "status"])
def test_a_baseline_that_has_nothing_says_so(missing: str):
    baseline = _baseline(BEFORE, "requests_over_time")
    card = baseline.cards["requests_over_time"]
    cards = {
        "card": {},
        "rows": {card.name: replace(card, rows=[])},
        "status": {card.name: replace(card, status="failed")},
    }
    metric = OFFERED["requests_over_time"]
    report = _report(NOW, "requests_over_time")
    frame = _card(report).frame
    figure = metric.figure(frame)
    found = against(metric, frame, figure, report.window, replace(baseline, cards=cards[missing]))
    failed = "The baseline cannot be drawn here: the metric failed for it."
    assert found.notes == ((failed,) if missing == "status" else (_NOTHING,))
    assert found.figure is figure
    assert found.beside is None


def test_a_chart_that_cannot_hold_two_runs_has_the_baseline_beside_it():
    report = _report(NOW, "busy_hours", baseline=_baseline(BEFORE, "busy_hours"))
    assert _card(report).beside is not None
    assert _baselines(report) == []


def test_every_metric_is_drawn_with_a_baseline_of_calls_that_tell_less():
    # A column that is all unknown, or all alike, must not surprise a figure that draws it in grey.
    names = [name for name in OFFERED if "cost" not in name]
    rows = calls(*({"created": datetime(2024, 12, 11, 9), "model": "large", "tokens": 5} for _ in range(30)))
    with store_of(rows) as store:
        asked = [(OFFERED[name], "built-in") for name in names]
        before = make_report(store, asked, Window(), title="", bucket=HOUR, ingests=())
    baseline = _read(before)
    for card in _report(NOW, *names, baseline=baseline).cards:
        assert card.status == "ok", (card.name, card.reason)
        assert [note for note in card.notes if "cannot" in note] == [], card.name


def test_a_figure_of_a_stranger_is_drawn_with_its_baseline():
    def figure(frame: pd.DataFrame) -> go.Figure:
        line = go.Scatter(x=frame["bucket"], y=frame["ok"], mode="lines")
        return go.Figure(line, figures.layout(x="time", y="calls"))

    metric = _over_time(figure)
    report = _report(NOW, metric=metric, baseline=_baseline(BEFORE, metric=metric))
    assert _baselines(report) == []
    assert len(_card(report).figure.data) > 1 or _card(report).beside is not None


def test_the_names_that_a_chart_shows_come_first_in_the_baseline():
    import pandas as pd

    from logreport.against import in_order_of

    here = pd.DataFrame({"model": ["c", None, "a"], "stream": [True, None, False]})
    there = pd.DataFrame(
        {"model": ["a", "b", "a", None, "c"], "stream": [True, True, False, None, True], "calls": [1, 2, 3, 4, 5]}
    )
    assert in_order_of(here, there, ["model", "stream"])["calls"].tolist() == [5, 4, 3, 1, 2]
    assert in_order_of(here, there, [])["calls"].tolist() == [1, 2, 3, 4, 5]
    timed = there.assign(bucket=pd.Timestamp("2026-01-01", tz="UTC"))
    assert in_order_of(here, timed, ["model"])["calls"].tolist() == [1, 2, 3, 4, 5]
