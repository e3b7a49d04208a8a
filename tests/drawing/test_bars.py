"""Bars stand where Plotly puts them."""

from __future__ import annotations

import pytest

from logreport import figures
from logreport.drawing import CannotDraw


def lying(**more):
    return {"type": "bar", "orientation": "h", "x": [10, 5], "y": ["a", "b"], **more}


def standing(**more):
    return {"type": "bar", "x": ["a", "b"], "y": [10, 5], **more}


def test_a_bar_of_half_the_largest_ends_at_half_its_length(drawn, share):
    long, half = drawn(lying()).marks("rect")
    assert long.get("x") is half.get("x") is None  # from the left edge
    assert share(long.get("width")) == pytest.approx(95, abs=0.01)
    assert share(half.get("width")) == pytest.approx(47.5, abs=0.01)


def test_bars_are_four_fifths_of_their_step_and_the_first_lies_at_the_bottom(drawn):
    chart = drawn(lying())
    height = float(chart.plot.get("height"))
    first, second = chart.marks("rect")
    assert float(first.get("height")) == pytest.approx(0.8 * height / 2, abs=0.01)
    assert float(first.get("y")) > float(second.get("y"))


def test_a_reversed_axis_has_the_first_bar_on_top(drawn):
    first, second = drawn(lying(), yaxis={"autorange": "reversed"}).marks("rect")
    assert float(first.get("y")) < float(second.get("y"))


def test_a_standing_bar_goes_from_nought_at_the_bottom(drawn, share):
    chart = drawn(standing())
    height = float(chart.plot.get("height"))
    first, second = chart.marks("rect")
    assert float(first.get("y")) + float(first.get("height")) == pytest.approx(height, abs=0.02)
    assert float(second.get("height")) == pytest.approx(height * 0.475, abs=0.02)
    assert (share(first.get("x")), share(first.get("width"))) == (5, 40)


def test_grouped_bars_share_the_room_of_a_name(drawn, share):
    marks = drawn(standing(), standing(y=[1, 2])).marks("rect")
    assert [share(mark.get("x")) for mark in marks] == [5, 55, 25, 75]
    assert {share(mark.get("width")) for mark in marks} == {20}


def test_two_traces_that_are_the_same_stand_beside_each_other(drawn, share):
    assert [share(mark.get("x")) for mark in drawn(standing(), standing()).marks("rect")] == [5, 55, 25, 75]


def test_stacked_bars_begin_where_the_one_before_ends(drawn, share):
    below, _, above, _ = drawn(lying(), lying(x=[10, 0]), barmode="stack").marks("rect")
    assert share(below.get("width")) == pytest.approx(47.5, abs=0.01)
    assert share(above.get("x")) == pytest.approx(47.5, abs=0.01)


def test_relative_bars_below_nought_hang_from_nought(drawn):
    up, down = drawn(standing(x=["a"], y=[4]), standing(x=["a"], y=[-4]), barmode="relative").marks("rect")
    assert float(down.get("y")) == pytest.approx(float(up.get("y")) + float(up.get("height")), abs=0.02)
    assert down.get("height") == up.get("height")


def test_a_lying_bar_beside_its_name_says_its_exact_number(drawn):
    assert drawn(lying(x=[1_213_000, 0.1 + 0.2])).said("rect") == ["1,213,000", "0.3"]


@pytest.mark.parametrize("gap", [None, float("nan"), float("inf")])
def test_a_value_that_is_not_known_is_no_bar_of_nought(drawn, gap):
    assert drawn(lying(x=[10, gap])).said("rect") == ["10"]


def test_the_summary_names_the_largest(drawn):
    chart = drawn(lying(x=[1_213_000, 12]))
    assert chart.summary == "What it shows. 2 bars; the largest is a with 1.21 M."


def test_many_bars_of_one_colour_are_one_path_without_words(drawn):
    chart = drawn({"type": "bar", "x": list(range(61)), "y": list(range(61))})
    assert chart.marks("rect") == []
    assert len(chart.paths) == 1


def test_touching_bars_of_one_path_share_their_sides(drawn):
    (path,) = drawn({"type": "bar", "x": list(range(100)), "y": [5] * 100}, bargap=0).paths
    assert path.count("M") == 1


def test_a_bar_with_an_offset_of_nought_begins_at_its_place(drawn, share):
    first, _ = drawn({"type": "bar", "x": [0, 1], "y": [1, 1], "offset": 0}, bargap=0).marks("rect")
    # The axis goes from -0.5 to 2.
    assert (share(first.get("x")), share(first.get("width"))) == (20, 40)


def test_widths_along_dates_are_milliseconds(drawn, share):
    dates = ["2025-01-01", "2025-01-02"]
    marks = drawn({"type": "bar", "x": dates, "y": [1, 1], "width": 43_200_000}).marks("rect")
    assert [share(mark.get("width")) for mark in marks] == [25, 25]


def test_a_text_stands_in_a_long_bar_and_beyond_a_short_one(drawn):
    chart = drawn(lying(x=[100, 1], text=["long", "short"]))
    assert chart.text("long").get("text-anchor") == "end"
    assert chart.text("short").get("text-anchor") is None  # onward from its place
    (group,) = [group for group in chart.root.iter("g") if group.get("class") == "value"]
    assert chart.text("short") in group


def test_the_right_margin_holds_a_text_beyond_the_longest_bar(drawn):
    assert drawn(lying(text=["a rather long text", "b"], textposition="outside")).drawing.right > 100
    assert drawn(lying()).drawing.right == 16


def test_bars_without_a_text_have_no_text(drawn):
    assert drawn(lying(text=["one", "two"], textposition="none")).texts() == drawn(lying()).texts()


def test_each_bar_may_have_its_colour_and_the_legend_has_none_of_them_then(drawn):
    chart = drawn(
        standing(marker={"color": ["#ff0000", "rgba(0, 0, 255, 0.5)"]}, name="one"),
        standing(name="two"),
    )
    first, second, *_ = chart.marks("rect")
    group = next(one for one in chart.plot.iter("g") if first in one)
    assert (first.get("fill") or group.get("fill")) == "#ff0000"
    assert (second.get("fill"), second.get("fill-opacity")) == ("#0000ff", "0.5")
    swatches = [one.get("fill") for one in chart.root.iter("rect") if one.get("rx")]
    assert swatches == [figures.PLAIN, figures.PALETTE[1]]


def test_a_trace_that_is_not_visible_is_not_drawn(drawn):
    assert drawn(lying(), lying(visible="legendonly"), lying(visible=False)).said("rect") == ["10", "5"]


def test_a_whisker_goes_from_the_least_to_the_most(drawn):
    chart = drawn(standing(y=[10, 10], error_y={"type": "data", "array": [10, 0], "arrayminus": [5, 0]}))
    height = float(chart.plot.get("height"))
    low, high = height - height * 0.95 * 5 / 20, height - height * 0.95
    assert chart.paths[0].startswith(f"M0 {high:.2f}".rstrip("0").rstrip(".")) or f"{low:.2f}"[:5] in chart.paths[0]


def test_bars_beyond_the_range_end_at_the_edge(drawn, share):
    long, _ = drawn(lying(), xaxis={"range": [0, 4]}).marks("rect")
    assert share(long.get("width")) == 100


@pytest.mark.parametrize(
    ("traces", "reason"),
    [
        ([{"type": "bar", "x": ["a"], "y": [None]}], "it has nothing to draw"),
        ([{"type": "bar", "x": [1], "y": [1]}, lying()], "bars that lie beside bars that stand are not drawn here"),
        ([{"type": "bar", "x": ["a"], "y": ["b"]}], "bars that measure dates or names are not drawn here"),
        ([standing(xaxis="x2")], "a chart with more than one pair of axes is not drawn here"),
        ([{"type": "box", "y": [1]}], "a box chart is not drawn here"),
        ([], "it has nothing to draw"),
    ],
)
def test_what_is_not_drawn_is_said(drawn, traces, reason):
    with pytest.raises(CannotDraw) as refused:
        drawn(*traces)
    assert str(refused.value) == reason


def test_more_than_two_thousand_bars_are_not_drawn(drawn):
    with pytest.raises(CannotDraw, match="2,001 bars are too many"):
        drawn({"type": "bar", "x": list(range(2001)), "y": [1] * 2001})
