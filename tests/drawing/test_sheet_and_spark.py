"""The style sheet, the sparkline, and how many bytes they and the drawings are."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

from logreport.drawing import sheet, sparkline


def lying(*names):
    return {"type": "bar", "orientation": "h", "y": list(names), "x": [1.0] * len(names)}


def test_the_sheet_gives_the_plot_what_the_margins_leave(drawn):
    drawing = drawn(lying("a")).drawing
    assert (drawing.left, drawing.right, drawing.narrow) == (21, 16, 21)
    # At 640 pixels the rule says what the drawing is without it: (640 - 37) / 0.9422 is 640.
    assert ".drawing.g21-16-21{width:calc((100% - 37px)*1.06135)}" in sheet([drawing])


def test_the_sheet_moves_a_drawing_with_long_names_on_narrow_screens(drawn):
    drawing = drawn(lying("gpt-4o-mini-2024-07-18")).drawing
    wide, narrow = sheet([drawing]).split("@media (max-width:600px)")
    assert drawing.gutter in wide
    assert f"margin-left:{drawing.narrow - drawing.left}px" in narrow


def test_the_sheet_has_each_rule_once_in_one_order(drawn):
    one, two = drawn(lying("a")).drawing, drawn(lying("a longer name")).drawing
    assert sheet([one, two, one]) == sheet([two, one])
    assert sheet([one, one]).count("calc") == 1


def test_the_root_is_640_wide_without_a_view_box_and_named_for_all_readers(drawn):
    root = drawn(lying("a"), height=300).root
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("640", "300", None)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "chart-svg-title chart-svg-desc"
    assert [root[0].get("id"), root[1].get("id")] == ["chart-svg-title", "chart-svg-desc"]


def test_six_bars_are_less_than_four_kilobytes(drawn):
    names = [f"gpt-4o-mini-2024-07-{place}" for place in range(18, 24)]
    trace = {**lying(*names), "x": [place * 12_345.678 for place in range(6)], "text": ["12.3 k"] * 6}
    chart = drawn(trace, xaxis={"title": {"text": "tokens"}}, yaxis={"title": {"text": "model"}})
    assert len(chart.drawing.svg) < 4096


def test_two_hundred_bars_are_less_than_six_kilobytes(drawn):
    start = datetime(2025, 1, 1)
    x = [str(start + timedelta(hours=place)) for place in range(200)]
    y = [1000 + 900 * math.sin(place / 7) for place in range(200)]
    for gap in (0, 0.2):
        assert len(drawn({"type": "bar", "x": x, "y": y}, bargap=gap).drawing.svg) < 6144


def test_a_sparkline_goes_from_nought_to_the_largest():
    area, line = ET.fromstring(sparkline([0, 5, 10]))
    assert line.get("d") == "M0 26.5L60 14L120 1.5"
    assert area.get("d") == "M0 26.5L60 14L120 1.5V28H0Z"


def test_a_sparkline_has_gaps():
    _, line, dots = ET.fromstring(sparkline([1, 2, None, 2, 1, None, 1]))
    assert line.get("d").count("M") == 2
    assert dots.get("d") == "M120 14h0"
    assert float(dots.get("stroke-width")) > float(line.get("stroke-width"))


def test_a_sparkline_of_fewer_than_two_values_is_empty():
    assert sparkline([]) == sparkline([1]) == sparkline([None, 1, None, float("nan")]) == ""


def test_a_sparkline_of_noughts_lies_at_the_bottom():
    _, line = ET.fromstring(sparkline([0, 0]))
    assert line.get("d") == "M0 26.5L120 26.5"
