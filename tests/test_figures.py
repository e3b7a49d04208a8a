"""What the built-in figures share."""

from __future__ import annotations

import pandas as pd
import pytest

from logreport import figures


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (None, "unknown"),
        (float("nan"), "unknown"),
        ("gpt-4o", "gpt-4o"),
        ("<a href='x'>y</a> & z", "&lt;a href='x'&gt;y&lt;/a&gt; &amp; z"),
        ("a\u202eb\x00", "a\ufffdb\ufffd"),
        ("x" * 300, "x" * 300),
    ],
)
def test_a_name_as_a_label(name: object, text: str):
    assert figures.label(name, "unknown") == text


def test_names_that_look_alike_stay_apart():
    names = pd.Series(["a\u202e", "a\u202d", "a\x00"])

    labels = figures.labels(names, "unknown")

    assert len(set(labels)) == 3
    assert labels[1:] == [f"{labels[0]} (2)", f"{labels[0]} (3)"]


def test_ten_models_have_ten_colours():
    given = figures.assign(f"model {number}" for number in range(len(figures.PALETTE)))

    assert sorted(given.values()) == sorted(figures.PALETTE)


def test_more_models_than_colours_share_them_evenly():
    given = figures.assign(f"model {number}" for number in range(2 * len(figures.PALETTE)))

    assert all(list(given.values()).count(colour) == 2 for colour in figures.PALETTE)


def test_a_model_alone_has_the_colour_that_it_has_among_others_that_do_not_want_it():
    alone = figures.assign(["gpt-4o"])["gpt-4o"]

    assert figures.assign(["gpt-4o", "claude", "gemini"])["gpt-4o"] == alone


def test_nothing_has_no_colour_of_its_own():
    assert figures.assign([None, float("nan"), pd.NA]) == {}


def test_colours_are_those_of_the_report_and_grey_for_all_else():
    frame = pd.DataFrame({"model": ["a", "other (3)", None]})
    frame.attrs["colours"] = {"a": "#123456"}

    assert figures.colours(frame, frame["model"]) == ["#123456", figures.NEUTRAL, figures.NEUTRAL]


def test_a_frame_alone_gets_colours_of_its_own():
    frame = pd.DataFrame({"model": ["a", "b"]})

    assert len(set(figures.colours(frame, frame["model"]))) == 2


def test_the_first_ten_and_the_others_in_one():
    frame = pd.DataFrame({"model": [f"m{number}" for number in range(30)], "tokens": range(30, 0, -1)})

    shown = figures.top(frame, ["tokens"])

    assert shown["model"].tolist() == [*(f"m{number}" for number in range(10)), "other (20)"]
    assert shown["tokens"].tolist()[-1] == sum(range(1, 21))
    assert shown["tokens"].sum() == frame["tokens"].sum()


def test_an_axis_of_few_counts_has_no_half_of_one():
    assert figures.ticks_of_counts([1, None, 3]) == {"tickvals": [0, 1, 2, 3]}
    assert figures.ticks_of_counts([6]) == figures.ticks_of_counts([]) == figures.ticks_of_counts([None]) == {}
