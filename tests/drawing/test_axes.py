"""Axes: kinds, orders, ticks, margins."""

from __future__ import annotations

import pytest

from logreport.drawing import CannotDraw


def bar(x, y=None, **more):
    return {"type": "bar", "x": x, "y": y or [1] * len(x), **more}


def below(chart):
    return [text for text in chart.texts() if text not in beside(chart)]


def beside(chart):
    return [one.text for one in chart.root.iter("text") if one.get("x") == "-8"]


def points(x, y, **more):
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, **more}


@pytest.mark.parametrize(
    ("largest", "said"),
    [
        (10, ["0", "2", "4", "6", "8", "10"]),
        (1, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (1_200_000, ["0", "250 k", "500 k", "750 k", "1 M", "1.25 M"]),
        (30_000, ["0", "10 k", "20 k", "30 k"]),
        (9_000, ["0", "2,000", "4,000", "6,000", "8,000"]),
        (0.003, ["0", "0.001", "0.002", "0.003"]),
    ],
)
def test_ticks_are_round_and_short(drawn, largest, said):
    assert beside(drawn(bar(["a"], [largest]))) == said


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (".0%", ["0%", "20%", "40%", "60%", "80%", "100%"]),
        (".2f", ["0.00", "0.20", "0.40", "0.60", "0.80", "1.00"]),
        ("no format", ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
    ],
)
def test_ticks_are_written_in_the_format_of_the_figure(drawn, form, said):
    assert beside(drawn(bar(["a"], [1]), yaxis={"tickformat": form})) == said


def test_ticks_have_the_sign_and_the_unit_of_the_figure(drawn):
    axis = {"tickprefix": "$", "ticksuffix": " m", "tickformat": "~s"}
    assert beside(drawn(bar(["a"], [3000]), yaxis=axis))[:2] == ["$0 m", "$1k m"]


def test_the_figure_may_set_its_ticks(drawn):
    assert beside(drawn(bar(["a"], [3]), yaxis={"tickvals": [0, 3], "ticktext": ["none", "all"]})) == ["none", "all"]


def test_an_axis_that_is_not_visible_says_nothing(drawn):
    chart = drawn(bar(["a"], [3]), yaxis={"visible": False, "title": {"text": "calls"}}, xaxis={"title": "model"})
    assert chart.texts() == ["a", "model"]


def test_numbers_as_text_are_numbers_and_mixed_values_are_names(drawn):
    assert drawn(points(["1", "10"], [1, 2])).said("circle") == ["1: 1", "10: 2"]
    assert drawn(points([1, "gpt"], [1, 2])).said("circle") == ["1: 1", "gpt: 2"]


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({}, ["b", "a", "c"]),
        ({"categoryorder": "category ascending"}, ["a", "b", "c"]),
        ({"categoryorder": "total descending"}, ["c", "a", "b"]),
        ({"categoryorder": "total ascending"}, ["b", "a", "c"]),
        ({"categoryorder": "array", "categoryarray": ["c", "b"]}, ["c", "b", "a"]),
    ],
)
def test_names_stand_in_the_order_of_the_figure(drawn, order, said):
    assert below(drawn(bar(["b", "a", "c"], [1, 2, 3]), xaxis=order)) == said


def test_hours_are_named_with_the_day_where_it_is_new(drawn):
    hours = [f"2024-12-18 {hour:02}:00:00" for hour in range(16, 24)] + ["2024-12-19T00:00:00+01:00"]
    assert below(drawn(points(hours, [1] * 9))) == [
        "16:00",
        "Dec 18, 2024",
        "18:00",
        "20:00",
        "22:00",
        "00:00",
        "Dec 19",
    ]


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (["2024-12-30", "2025-01-02"], ["Dec 30", "2024", "Dec 31", "Jan 1", "2025", "Jan 2"]),
        (["2024-11-01", "2025-01-31"], ["Nov 2024", "Dec 2024", "Jan 2025"]),
        (["2020-01-01", "2024-01-01"], ["2020", "2021", "2022", "2023", "2024"]),
        (
            ["2024-05-01 10:00:00", "2024-05-01 10:00:08"],
            ["10:00:00", "May 1, 2024", "10:00:02", "10:00:04", "10:00:06", "10:00:08"],
        ),
    ],
)
def test_dates_have_round_ticks(drawn, dates, said):
    assert below(drawn(points(dates, [1, 2], mode="lines"))) == said


def test_an_offset_is_not_turned_back(drawn):
    dates = ["2025-01-01T23:00:00-08:00", "2025-01-02T01:30:00-08:00"]
    assert drawn(points(dates, [1, 2])).said("circle") == ["2025-01-01 23:00: 1", "2025-01-02 01:30: 2"]


def test_a_date_axis_may_have_a_format(drawn):
    axis = {"tickformat": "%d.%m.%Y"}
    assert below(drawn(points(["2025-01-01", "2025-01-02"], [1, 2], mode="lines"), xaxis=axis))[0] == "01.01.2025"


def test_bars_on_a_log_axis_begin_at_its_end(drawn):
    low, high = drawn(bar(["a", "b"], [10, 1000]), yaxis={"type": "log", "range": [0, 3]}).marks("rect")
    assert float(high.get("height")) == pytest.approx(3 * float(low.get("height")), abs=0.02)


def test_a_long_name_is_cut_in_the_middle_and_told_to_the_pointer(drawn):
    name = "provider/gpt-4o-mini-with-a-very-long-name-2024-11-20"
    chart = drawn({"type": "bar", "orientation": "h", "x": [1], "y": [name]})
    groups = {group.get("class"): group for group in chart.root.iter("g")}
    assert groups["text narrow"].get("display") == "none"
    (wide,), (narrow,) = groups["text wide"], groups["text narrow"]
    shown, short = "".join(child.tail or "" for child in wide), narrow.text or ""
    assert shown.startswith("provider/gpt")
    assert shown.endswith("2024-11-20")
    assert len(shown) <= 34
    assert len(short) <= 16
    assert short.endswith("-11-20")
    assert wide.findtext("title") == name
    assert chart.drawing.narrow < chart.drawing.left


def test_more_than_four_labels_leave_every_second_one_out_on_narrow_screens(drawn):
    minor = [one.text for one in drawn(bar(["a", "b", "c", "d", "e"])).root.iter("text") if one.get("class") == "minor"]
    assert minor == ["b", "d"]


def test_names_are_tilted_where_they_have_no_room_in_one_of_two_columns(drawn):
    names = ["timeout", "rate limit", "bad request", "server error", "context length"]

    assert drawn(bar(names)).drawing.tilted
    assert not drawn(bar(names[:3])).drawing.tilted


def test_texts_instead_of_marks_stand_at_a_line_beside_their_names(drawn):
    texts = {"type": "scatter", "mode": "text", "x": [0, 0], "y": ["a", "b"], "text": ["too few: 3 calls"] * 2}
    bare = {"range": [0, 1], "showticklabels": False, "showgrid": False}
    chart = drawn(texts, xaxis=bare, yaxis={"type": "category", "autorange": "reversed"})

    (line,) = [one for one in chart.plot.iter("line") if one.get("class") == "axis"]
    assert (line.get("x1"), line.get("x2"), line.get("y1")) == ("0%", "0%", None)


def test_names_without_room_are_tilted(drawn):
    chart = drawn(bar([f"gpt-4o-mini-{place}" for place in range(12)]))
    assert chart.drawing.tilted
    assert any(one.get("transform") == "rotate(-35)" for one in chart.root.iter("text"))
    assert not drawn(bar(["a", "b"])).drawing.tilted


def test_the_legend_grows_the_top_margin_and_lists_names(drawn):
    one, two = bar(["a"], name="one"), bar(["a"], name="two")
    chart = drawn(one, two)
    assert {"one", "two"} <= set(chart.texts())
    assert chart.drawing.top == drawn(one).drawing.top + 20
    assert "two" not in drawn(one, {**two, "showlegend": False}).texts()
    assert "one" not in drawn(one, two, showlegend=False).texts()
    assert "one" in drawn(one, showlegend=True).texts()


def test_there_is_room_for_the_rows_of_plotly_s_legend_which_is_in_columns(drawn):
    lines = [points([1], [1], name=name) for name in ("whole duration", "time to first token, streamed", "baseline")]
    bars = [bar(["a"], name=name) for name in ("ok", "failed", "baseline")]

    assert drawn(*lines).drawing.top == 14 + 3 * 20
    assert drawn(*lines).drawing.height == drawn(lines[0]).drawing.height + 20
    assert drawn(*bars).drawing.top == 14 + 20
    # Beside texts that need room right of the plot, there is less above it.
    long = bar([3], ["a"], orientation="h", text="a text of some length", textposition="outside", name="ok")
    assert drawn(long, *({**long, "name": one["name"]} for one in bars[1:])).drawing.top == 14 + 3 * 20


def test_the_legend_lists_traces_of_a_higher_rank_last(drawn):
    first, second = ({"type": "bar", "x": ["a"], "y": [1], "name": name} for name in ("one", "two"))
    texts = drawn({**first, "legendrank": 1001}, second).texts()
    assert texts.index("two") < texts.index("one")


def test_a_long_legend_makes_the_chart_higher_and_takes_nothing_from_its_plot(drawn):
    few, many = (drawn(*(bar(["a"], name=f"model {place}") for place in range(count))).drawing for count in (3, 12))
    assert many.height > few.height
    assert many.height - many.top - many.bottom >= few.height - few.top - few.bottom - 20


def test_a_legend_that_has_no_end_says_how_many_more_there_are(drawn):
    chart = drawn(*(bar(["a"], name=f"model number {place}") for place in range(100)))
    assert chart.drawing.top < 400
    assert any(text.startswith("and ") and text.endswith(" more") for text in chart.texts())


def test_the_drawing_is_as_high_as_the_figure(drawn):
    assert drawn(bar(["a"]), height=500).drawing.height == 500
    assert drawn(bar(["a"])).drawing.height == 320


def test_lines_and_notes_of_the_figure_are_drawn(drawn):
    chart = drawn(
        points([0, 10], [0, 10]),
        xaxis={"range": [0, 10]},
        yaxis={"range": [0, 10]},
        shapes=[{"type": "line", "x0": 5, "x1": 5, "yref": "paper", "y0": 0, "y1": 1, "line": {"color": "red"}}],
        annotations=[{"text": "limit<br>of all", "x": 5, "y": 5, "showarrow": False}],
    )
    (rule,) = [one for one in chart.root.iter("line") if one.get("stroke") == "red"]
    assert (rule.get("x1"), rule.get("x2"), rule.get("y1")) == ("50%", "50%", chart.plot.get("height"))
    assert {"limit", "of all"} <= set(chart.texts())


@pytest.mark.parametrize(
    "figure",
    [
        {"data": 3},
        {"data": [3]},
        {"data": [{"type": "bar", "x": [{}], "y": [1]}]},
        {"data": [{"type": ["bar"], "x": [1], "y": [1]}]},
        {"data": [{"type": "bar", "x": [1e308, -1e308], "y": [1, 1]}]},
        {"data": [{"type": "bar", "x": [["a"], ["b"]], "y": [1]}]},
        {"data": [{"type": "bar", "x": [1], "y": [1]}], "layout": {"polar": {"a": 1}}},
        {"data": [{"type": "bar", "x": [1], "y": [1]}], "layout": {"xaxis": {"type": "multicategory"}}},
        {"data": [{"type": "bar", "x": [1], "y": [1]}], "layout": {"height": 10**9}},
        {"data": [{"type": "bar", "x": [1], "y": [1]}], "layout": {"height": 70}},
    ],
)
def test_a_figure_that_cannot_be_read_is_refused_and_breaks_nothing(figure):
    from logreport.drawing import draw

    with pytest.raises(CannotDraw):
        draw(figure, name="a", title="b", description="c")


def test_names_that_would_read_the_same_are_cut_around_what_tells_them_apart(drawn):
    names = [f"organisation/a-model-{place}-of-a-long-name-preview" for place in range(3)]
    chart = drawn({"type": "bar", "orientation": "h", "x": [1, 2, 3, 4], "y": [*names, "gpt-4"]})
    (narrow,) = [[text.text for text in group] for group in chart.root.iter("g") if group.get("class") == "text narrow"]
    assert narrow == ["organ…0…review", "organ…1…review", "organ…2…review"]
    assert [slim for _, _, slim in chart.drawing.names] == [*narrow, "gpt-4"]
