"""Lines, points and areas."""

from __future__ import annotations

import pytest

from logreport.drawing import CannotDraw


def line(**more):
    return {"type": "scatter", "mode": "lines", "x": [0, 1, 2], "y": [0, 5, 10], **more}


def test_a_line_goes_through_its_points(drawn):
    chart = drawn(line(), height=360)
    height = float(chart.plot.get("height"))
    # Five per cent of the axis stay free below and above, none at the sides.
    low, high = height * 0.95, height * 0.05
    (path,) = chart.paths
    start, middle, end = path[1:].split("L")
    assert [float(part) for part in start.split()] == pytest.approx([0, low], abs=0.1)
    assert [float(part) for part in middle.split()] == pytest.approx([500, height / 2], abs=0.1)
    assert [float(part) for part in end.split()] == pytest.approx([1000, high], abs=0.1)


def test_a_gap_ends_a_line_and_is_not_nought(drawn):
    (path,) = drawn(line(x=[0, 1, 2, 3, 4], y=[1, 2, None, 2, 1])).paths
    assert path.count("M") == 2


def test_gaps_are_bridged_where_the_figure_asks(drawn):
    (path,) = drawn(line(x=[0, 1, 2, 3, 4], y=[1, 2, None, 2, 1], connectgaps=True)).paths
    assert path.count("M") == 1


def test_a_point_between_gaps_is_a_dot(drawn):
    chart = drawn(line(x=[0, 1, 2, 3, 4], y=[1, 2, None, 2, None]))
    assert len(list(chart.root.iter("circle"))) == 1


def test_few_points_are_marked_and_many_are_not(drawn):
    few = {"x": list(range(19)), "y": list(range(19))}
    many = {"x": list(range(20)), "y": list(range(20))}
    assert len(drawn(few).marks("circle")) == 19
    assert drawn(many).marks("circle") == []


def test_points_say_where_they_are(drawn):
    assert drawn(line(mode="markers", x=["a", "b", "c"])).said("circle") == ["a: 0", "b: 5", "c: 10"]


def test_a_line_of_steps_goes_across_first(drawn):
    (path,) = drawn(line(line={"shape": "hv"})).paths
    assert "L" not in path
    assert path.index("H") < path.index("V")


def test_a_dashed_line_has_dashes_and_a_hostile_dash_has_none(drawn):
    dashes = [
        next(drawn(line(line={"dash": dash})).root.iter("path")).get("stroke-dasharray")
        for dash in ("dash", "5px,2px", "url(#x)")
    ]
    assert dashes == ["8 5", "5px,2px", None]


def test_an_area_goes_down_to_nought(drawn):
    chart = drawn(line(fill="tozeroy"))
    height = chart.plot.get("height")
    area, _ = chart.paths
    assert area.endswith(f"L1000 {height}L0 {height}Z")


def test_stacked_areas_stand_on_each_other_and_a_gap_counts_as_nought(drawn):
    one = line(y=[1, 1, 1], stackgroup="all")
    two = line(y=[1, None, 1], stackgroup="all")
    chart = drawn(one, two)
    height = float(chart.plot.get("height"))
    areas = [path for path in chart.paths if path.endswith("Z")]
    tops = [float(part.split()[1]) for part in areas[1][1:-1].split("L")]
    unit = height * 0.95 / 2
    assert tops == pytest.approx([height - 2 * unit, height - unit, height - 2 * unit] + 3 * [height - unit], abs=0.1)


def test_a_whisker_belongs_to_a_point(drawn):
    chart = drawn(line(mode="markers", error_y={"array": [1, None, 2]}))
    assert len(chart.paths) == 2


def test_values_that_a_log_axis_cannot_show_are_gaps(drawn):
    chart = drawn(line(mode="markers", y=[0, -1, 10]), yaxis={"type": "log"})
    assert chart.said("circle") == ["2: 10"]


def test_decades_stand_equally_far_apart(drawn):
    marks = drawn(line(mode="markers", y=[1, 10, 100]), yaxis={"type": "log"}).marks("circle")
    low, middle, high = (float(mark.get("cy")) for mark in marks)
    assert low - middle == pytest.approx(middle - high, abs=0.02)


def test_points_beyond_the_range_are_not_drawn(drawn):
    assert drawn(line(mode="markers"), xaxis={"range": [0.5, 3]}).said("circle") == ["1: 5", "2: 10"]


def test_the_summary_tells_the_highest(drawn):
    chart = drawn(line(name="slow"), line(name="fast", y=[1, 20_000, 3]))
    assert chart.summary.endswith("2 lines, 6 values; the highest is fast, 1 with 20 k.")


def test_five_thousand_points_are_a_line_and_more_are_not(drawn):
    drawn(line(x=list(range(5000)), y=list(range(5000))))
    with pytest.raises(CannotDraw, match="5,001 points are too many"):
        drawn(line(x=list(range(5001)), y=list(range(5001))))


@pytest.mark.parametrize("fill", ["tozerox", "toself"])
def test_other_areas_are_not_drawn(drawn, fill):
    with pytest.raises(CannotDraw, match=f"an area filled {fill} is not drawn here"):
        drawn(line(fill=fill))
