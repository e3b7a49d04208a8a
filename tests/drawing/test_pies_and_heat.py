"""Pies and heat maps."""

from __future__ import annotations

import pytest

from logreport.drawing import CannotDraw


def pie(**more):
    return {"type": "pie", "labels": ["a", "b"], "values": [1, 3], **more}


def heat(**more):
    return {"type": "heatmap", "x": ["Mon", "Tue"], "y": ["am", "pm"], "z": [[0, 10], [None, 5]], **more}


def test_the_largest_slice_of_a_pie_ends_at_the_top_and_the_others_follow_against_the_clock(drawn):
    chart = drawn(pie(), height=328, showlegend=False)
    assert chart.said("path") == ["b: 3 (75%)", "a: 1 (25%)"]
    # 328 less the margins of 14 is 300 across; three quarters against the clock that end at the top begin at the left.
    assert chart.paths[0].startswith("M-149 0A149 149 0 1 0 0 -149L0 0")


def test_a_pie_goes_with_the_clock_where_the_figure_asks(drawn):
    chart = drawn(pie(direction="clockwise"), height=328, showlegend=False)
    assert chart.paths[0].startswith("M0 -149A149 149 0 1 1 -149 0L0 0")


def test_one_slice_is_a_whole_circle(drawn):
    chart = drawn(pie(labels=["all"], values=[5]))
    assert chart.paths[0].count("A") == 2
    assert "100%" in chart.texts()


def test_a_hole_makes_a_ring(drawn):
    assert drawn(pie(hole=0.5)).paths[0].count("A") == 2


def test_a_small_slice_has_no_text_but_a_name_in_the_legend(drawn):
    chart = drawn(pie(values=[1, 99]))
    assert chart.texts() == ["99%", "b", "a"]


def test_slices_of_one_name_are_one(drawn):
    assert drawn(pie(labels=["a", "a"])).said("path") == ["a: 4 (100%)"]


@pytest.mark.parametrize("values", [[0, 0], [None, None], [-1, -2], []])
def test_a_pie_of_nothing_is_not_drawn(drawn, values):
    with pytest.raises(CannotDraw):
        drawn(pie(values=values, labels=["a", "b"] if values else []))


def test_a_pie_beside_bars_is_not_drawn(drawn):
    with pytest.raises(CannotDraw, match="a pie beside other charts"):
        drawn(pie(), {"type": "bar", "x": [1], "y": [1]})


def test_cells_say_where_they_are_and_a_blank_one_is_not_drawn(drawn):
    chart = drawn(heat())
    assert chart.said("rect") == ["Mon, am: 0", "Tue, am: 10", "Tue, pm: 5"]
    assert chart.summary.endswith("3 cells; the largest is Tue, am with 10.")


def test_cells_have_the_colour_of_their_number(drawn):
    scale = [[0, "rgb(0,0,0)"], [1, "#ffffff"]]
    paints = [one.get("fill") for one in drawn(heat(colorscale=scale)).marks("rect")]
    assert paints == ["#000000", "#ffffff", "#808080"]
    paints = [one.get("fill") for one in drawn(heat(colorscale=scale, reversescale=True)).marks("rect")]
    assert paints == ["#ffffff", "#000000", "#808080"]


def test_cells_share_the_plot(drawn, share):
    first, *_ = drawn(heat()).marks("rect")
    assert (share(first.get("x")), share(first.get("width"))) == (0, 50)


def test_cells_say_their_number_where_the_figure_asks(drawn):
    assert "10" in drawn(heat(texttemplate="%{z}", showscale=False)).texts()
    assert "10" not in drawn(heat(showscale=False)).texts()
    assert "5.00" in drawn(heat(texttemplate="%{z:.2f}")).texts()


def test_the_scale_stands_right_of_the_plot_with_both_ends(drawn):
    chart = drawn(heat())
    assert chart.drawing.right == 76
    assert {"0", "10"} <= set(chart.texts())


def test_more_than_two_thousand_cells_are_not_drawn(drawn):
    with pytest.raises(CannotDraw, match="2,050 cells are too many"):
        drawn({"type": "heatmap", "z": [[1] * 50] * 41})
