"""`check_metric` passes what is right, and says of what is wrong what to change."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import plotly.graph_objects as go
import pytest
import sqlalchemy as sa

from logreport import Call, Metric, Window, sql
from logreport.plugins import load_plugins
from logreport.testing import START, calls, check_metric, frame_of, sample_calls, store_of


def bars(frame: Any) -> go.Figure:
    chart = go.Figure(go.Bar(x=frame["model"], y=frame["tokens"]))
    return chart.update_layout(xaxis_title="model", yaxis_title="tokens")


def pie(frame: Any) -> go.Figure:
    return go.Figure(go.Pie(labels=frame["model"], values=frame["tokens"]))


def tokens(window: Window) -> Any:
    return window.select(Call.model.label("model"), sa.func.sum(Call.tokens).label("tokens")).group_by(Call.model)


GOOD = Metric(
    name="good",
    title="Good",
    description="That this is good.",
    requires=("tokens",),
    query=tokens,
    figure=bars,
    notes=lambda frame: [f"{len(frame)} models"],
)


def test_a_good_metric_passes() -> None:
    check_metric(GOOD)


def test_a_chart_without_axes_passes() -> None:
    check_metric(replace(GOOD, figure=pie))


def test_a_series_over_time_passes() -> None:
    series = replace(
        GOOD,
        query=lambda window: window.select(
            window.time_bucket().label("bucket"), sql.mean(Call.duration).label("seconds")
        ).group_by("bucket"),
        figure=lambda frame: go.Figure(go.Scatter(x=frame["bucket"], y=frame["seconds"])).update_layout(
            xaxis_title="time", yaxis_title="seconds"
        ),
    )
    check_metric(series)


def unfiltered(_: Window) -> Any:
    return sa.select(Call.model.label("model"), sa.func.sum(Call.tokens).label("tokens")).group_by(Call.model)


def one_database_only(window: Window) -> Any:
    return window.select(Call.model.label("model"), sa.func.surely_no_function(Call.tokens).label("tokens"))


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": "Not-a-name"}, "'Not-a-name' cannot be used"),
    "title": ({"title": " "}, "has no title"),
    "description": ({"description": ""}, "has no description"),
    "requires a text": ({"requires": "tokens"}, 'write \\("tokens",\\)'),
    "requires": ({"requires": ("tokns",)}, "names tokns, which a call does not have"),
    "query raises": ({"query": lambda window: 1 / 0}, "`query` of good fails to be made: ZeroDivisionError"),
    "query type": ({"query": lambda window: "SELECT 1"}, "gives a str, not a sqlalchemy Select"),
    "label": (
        {"query": lambda window: window.select(Call.model.label("model"), sa.func.sum(Call.tokens) + 1)},
        "a column without a name: add `.label\\(...\\)`",
    ),
    "same label": (
        {"query": lambda window: window.select(Call.model.label("model"), Call.provider.label("model"))},
        "two columns called \\['model'\\]",
    ),
    "unknown function": ({"query": one_database_only}, "`query` of good fails on no calls"),
    "calls, not groups": (
        {"query": lambda window: window.select(Call.model.label("model"), Call.tokens.label("tokens"))},
        "answers 240 rows for 240 calls: aggregate",
    ),
    "unfiltered": ({"query": unfiltered}, "sees calls outside of the window \\(`since`\\)"),
    "figure raises": (
        {"figure": lambda frame: frame["modle"]},
        "`figure` of good fails on no calls: KeyError: 'modle'",
    ),
    "figure type": ({"figure": lambda frame: None}, "gives a NoneType, not a plotly Figure"),
    "no trace": ({"figure": lambda frame: go.Figure()}, "draws nothing on calls"),
    "axis": (
        {"figure": lambda frame: bars(frame).update_layout(yaxis_title=None)},
        "no title on its yaxis: name what is shown and its unit",
    ),
    "notes": ({"notes": lambda frame: "a text"}, "`notes` of good gives 'a text', not a list"),
}


@pytest.mark.parametrize(("changes", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        check_metric(replace(GOOD, **changes))


def test_something_else_than_a_metric_is_refused() -> None:
    other: Any = "a metric"
    with pytest.raises(AssertionError, match=r"takes a logreport\.Metric, not a str"):
        check_metric(other)


def test_what_is_not_given_is_unknown() -> None:
    first, second = calls({"model": "a"}, {"tokens": 3})

    assert (first["model"], first["tokens"], first["created"]) == ("a", None, START)
    assert (second["model"], second["tokens"], second["created"]) == (None, 3, START + timedelta(minutes=1))


def test_a_column_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="a call has no column tokns"):
        calls({"tokns": 3})


@pytest.mark.parametrize("text", ["O'Neill", "'); DROP TABLE metrics; --", "", "a\nb", "über ✓"])
def test_values_are_stored_as_they_are(text: str) -> None:
    given = calls({"model": text, "temperature": 0.1, "stream": False, "tokens": 2**62, "duration": 1e-9})
    with store_of(given) as store:
        frame = store.frame(sa.select(Call.model, Call.temperature, Call.stream, Call.tokens, Call.duration))

    assert frame.iloc[0].tolist() == [text, 0.1, False, 2**62, 1e-9]


def test_a_frame_for_an_answer_worked_out_by_hand() -> None:
    frame = frame_of(GOOD, calls({"model": "a", "tokens": 2}, {"model": "a", "tokens": 3}))

    assert frame.to_dict("records") == [{"model": "a", "tokens": 5}]


def test_a_frame_looks_through_the_window_given() -> None:
    since = (START + timedelta(minutes=1)).replace(tzinfo=UTC)
    frame = frame_of(GOOD, calls({"model": "a", "tokens": 2}, {"model": "a", "tokens": 3}), Window(since=since))

    assert frame["tokens"].tolist() == [3]


def test_the_sample_has_a_value_in_every_column() -> None:
    rows = sample_calls()

    assert [name for name in rows[0] if all(row[name] is None for row in rows)] == []


def test_it_needs_no_test_framework() -> None:
    program = "import logreport.testing, sys; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


INSTALLED = [offer.value for offer in load_plugins().metrics]


@pytest.mark.parametrize("metric", INSTALLED, ids=lambda metric: metric.name)
def test_every_installed_metric_passes(metric: Metric) -> None:
    check_metric(metric)
