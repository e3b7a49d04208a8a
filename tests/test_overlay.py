"""A baseline in grey: beside bars, over steps, behind lines, or alone."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from functools import cache

import plotly.graph_objects as go
import pytest

from logreport import Window, figures, latency
from logreport.drawing import draw
from logreport.overlay import apart, greyed, overlaid
from logreport.plugins import load_plugins
from logreport.render.chart import plain
from logreport.testing import _fitted, calls, sample_calls, store_of

METRICS = [offer.value for offer in load_plugins().metrics]

#: What has no second run in the same chart.
APART = {"busy_hours", "prompt_vs_completion_sizes"}


def lying(values, **more):
    """Bars beside names, as built-in metrics have them."""
    names, layout = list(values), figures.layout(x="calls", y="model", bars=len(values))
    bars = go.Bar(x=list(values.values()), y=names, orientation="h", text=["?"] * len(names), textposition="outside")
    return go.Figure(bars.update(more), layout)


def steps(heights, **more):
    """Bars of an hour each, from midnight on; None is an hour without one."""
    hours = [hour for hour, height in enumerate(heights) if height is not None]
    bars = go.Bar(
        x=[f"2024-12-18 {hour:02}:00" for hour in hours],
        y=[heights[hour] for hour in hours],
        offset=0,
        width=3_600_000,
        hovertemplate="%{x|%H:%M}: %{y:,} calls<extra></extra>",
    )
    axis = {"type": "date", "range": ["2024-12-18 00:00:00", f"2024-12-18 {len(heights):02}:00:00"]}
    return go.Figure(bars.update(more), figures.layout(x="time (UTC)", y="calls", xaxis=axis, barmode="stack"))


def line(**more):
    return go.Figure(go.Scatter(x=[1, 2], y=[3, 4], mode="lines", **more))


def grey(figure):
    return [trace for trace in figure.data if trace.name == "baseline"]


def own(figure):
    return [trace for trace in figure.data if trace.name != "baseline"]


def drawing(figure):
    return draw(plain(figure), name="chart", title="Chart", description="What it shows.")


# ---------------------------------------------------------------- bars beside names


def test_a_name_has_a_thinner_grey_bar_under_its_own():
    figure = overlaid(lying({"a": 4, "b": 2}), lying({"b": 3, "a": 1}))

    (mine,), (theirs,) = own(figure), grey(figure)
    assert (theirs.y, theirs.x, theirs.marker.color) == (("b", "a"), (3, 1), figures.NEUTRAL)
    assert mine.offset == pytest.approx(-mine.width / 2)  # in line with its name
    assert mine.offset + mine.width < theirs.offset  # downwards, as the axis runs
    assert theirs.offset + theirs.width < 0.5
    assert theirs.width < mine.width


def test_names_that_only_the_baseline_has_are_the_last_rows():
    figure = overlaid(lying({"a": 4, "b": 2}), lying({"c": 9, "b": 3}))

    assert list(figure.layout.yaxis.categoryarray) == ["a", "b", "c"]
    assert figure.layout.yaxis.range == (2.5, -0.5)
    (theirs,) = grey(figure)
    assert theirs.offset[0] == pytest.approx(-theirs.width / 2)  # alone, in line with its name


def test_the_last_row_is_the_lowest_where_an_axis_runs_upwards():
    one, other = (go.Figure(go.Bar(x=[1, 2], y=names, orientation="h")) for names in (["a", "b"], ["a", "c"]))

    figure = overlaid(one, other)

    assert list(figure.layout.yaxis.categoryarray) == ["c", "a", "b"]
    mine, theirs = own(figure)[0], grey(figure)[0]
    assert theirs.offset[0] + theirs.width < mine.offset


def test_the_order_of_totals_is_that_of_the_current_run():
    one, other = (
        go.Figure(go.Bar(x=values, y=names, orientation="h"), {"yaxis": {"categoryorder": "total ascending"}})
        for names, values in ((["a", "b"], [2, 1]), (["a", "b", "c"], [1, 5, 3]))
    )

    assert list(overlaid(one, other).layout.yaxis.categoryarray) == ["c", "b", "a"]


def test_a_chart_of_more_rows_is_higher():
    many = {f"model {number}": number for number in range(10)}

    assert overlaid(lying(many), lying(many)).layout.height > lying(many).layout.height
    assert overlaid(lying({"a": 1}), lying({"a": 1})).layout.height == lying({"a": 1}).layout.height


def test_bars_of_the_current_run_keep_their_texts_and_grey_ones_have_none():
    figure = overlaid(lying({"a": 4}), lying({"a": 1}))

    assert own(figure)[0].textposition == "outside"
    assert grey(figure)[0].textposition == "none"
    assert drawing(figure).svg.count("?") == 1


def test_a_stack_has_one_grey_bar_for_its_total_and_stays_a_stack():
    parts = [go.Bar(x=[1, 2], y=["a", "b"], orientation="h", name=name) for name in ("ok", "failed")]
    stack = go.Figure(parts, {"barmode": "stack"})

    figure = overlaid(stack, stack)

    (theirs,) = grey(figure)
    assert (theirs.y, theirs.x, theirs.base) == (("a", "b"), (2, 4), 0)
    assert figure.layout.barmode == "stack"
    assert len({(trace.offset, trace.width) for trace in own(figure)}) == 1
    assert "baseline, %{y}" in theirs.hovertemplate


def test_stacks_with_two_sides_have_a_total_on_each():
    parts = [go.Bar(x=[number], y=["a"], orientation="h") for number in (3, 1, -2)]
    stack = go.Figure(parts, {"barmode": "relative"})

    assert grey(overlaid(stack, stack))[0].x == (4, -2)


def test_each_bar_of_a_group_has_its_grey_one_beside_it():
    def group(*names):
        return go.Figure([go.Bar(x=["a", "b"], y=[1, 2], name=name) for name in names], {"barmode": "group"})

    figure = overlaid(group("in", "out"), group("out", "in"))

    places = sorted((trace.offset, trace.name) for trace in figure.data)
    assert [name for _, name in places] == ["in", "baseline", "out", "baseline"]
    # The first of the baseline is the second of the current run.
    assert grey(figure)[0].offset > own(figure)[1].offset > grey(figure)[1].offset


def test_thin_bars_that_lead_to_marks_stay_with_them():
    def led(values):
        lead = go.Bar(x=[9], y=["a"], orientation="h", width=0.05, hoverinfo="skip", name="lead")
        marks = go.Scatter(x=values, y=["a"] * len(values), mode="markers", error_x={"array": [1]}, name="p50")
        return go.Figure([lead, marks], figures.layout(x="seconds", y="model", bars=1, barmode="overlay"))

    figure = overlaid(led([3]), led([4]))

    assert [trace.name for trace in figure.data] == ["baseline", "baseline", "lead", "p50"]
    assert {trace.offset for trace in figure.data if trace.type == "bar"} == {-0.025}
    assert grey(figure)[0].hovertemplate is None
    assert grey(figure)[1].error_x.array is None
    assert [trace.showlegend for trace in grey(figure)] == [False, True]


def test_a_text_instead_of_marks_is_above_the_grey_ones():
    layout = figures.layout(x="seconds", y="model", bars=1)
    text = go.Scatter(x=[0], y=["a"], mode="text", text=["too few"], textposition="middle right")
    lead = go.Bar(x=[9], y=["a"], orientation="h", width=0.05)

    figure = overlaid(go.Figure(text, layout), go.Figure([lead, go.Scatter(x=[9], y=["a"], mode="markers")], layout))

    assert own(figure)[0].textposition == "top right"


def test_bars_that_cannot_be_seen_do_not_turn_grey():
    def held(value):
        unseen = go.Bar(x=[value + 1], y=["a"], orientation="h", marker_color="rgba(0,0,0,0)", text=["?"])
        return lying({"a": value}).add_trace(unseen).update_layout(barmode="overlay")

    assert len(grey(overlaid(held(1), held(2)))) == 1


def test_bars_moved_by_hand_beside_names_have_no_room_for_others():
    assert overlaid(lying({"a": 1}, offset=0.1), lying({"a": 1})) is None


# ---------------------------------------------------------------- bars along numbers and times


def test_steps_have_a_line_at_their_height_from_edge_to_edge():
    figure = overlaid(steps([1, 2]), steps([5, 3]))

    (theirs,) = grey(figure)
    assert (theirs.type, theirs.mode, theirs.fill) == ("scatter", "lines", None)
    assert theirs.x == (
        *("2024-12-18 00:00", "2024-12-18 00:30", "2024-12-18 01:00"),
        *("2024-12-18 01:00", "2024-12-18 01:30", "2024-12-18 02:00"),
    )
    assert theirs.y == (5, 5, 5, 3, 3, 3)


def test_the_line_breaks_where_there_is_no_bar():
    (theirs,) = grey(overlaid(steps([1, 2, 3]), steps([5, None, 3])))

    assert theirs.y == (5, 5, 5, None, 3, 3, 3)


def test_all_of_a_level_says_the_hour_that_it_stands_for():
    (theirs,) = grey(overlaid(steps([1, 2]), steps([5, 3])))

    assert set(theirs.hovertemplate[:3]) == {"baseline, 00:00: %{y:,} calls<extra></extra>"}


def test_a_stack_of_steps_has_a_line_at_its_total():
    def stack(ok, failed):
        return steps(ok, name="ok").add_traces(steps(failed, name="failed").data)

    (theirs,) = grey(overlaid(stack([1, 2], [0, 1]), stack([5, 3], [None, 2])))

    assert theirs.y == (5, 5, 5, 5, 5, 5)
    assert theirs.hovertemplate[0] == "baseline, 00:00: %{y:,} calls<extra></extra>"
    assert theirs.hovertemplate[-1] == "baseline, 2024-12-18 01:00: 5 calls<extra></extra>"


def test_bars_along_numbers_have_their_own_width_or_that_of_their_step():
    one, other = (go.Figure(go.Bar(x=[0, 2], y=[1, 2], width=width)) for width in (None, 0.5))

    assert grey(overlaid(one, other))[0].x == (-0.25, 0, 0.25, None, 1.75, 2, 2.25)
    assert grey(overlaid(other, one))[0].x == (-0.8, 0, 0.8, None, 1.2, 2, 2.8)


def test_a_grey_line_is_seen_on_the_bars_below_it():
    assert own(overlaid(steps([9]), steps([2])))[0].opacity == 0.5


# ---------------------------------------------------------------- lines and points


def test_lines_are_behind_without_areas_and_keep_their_dashes():
    dashed = {"line": {"dash": "dot", "color": "red"}, "fill": "tozeroy", "error_y": {"array": [1, 1]}, "name": "p50"}

    figure = overlaid(line(**dashed), line(**dashed))

    theirs, mine = figure.data
    assert (theirs.name, mine.name) == ("baseline", "current")
    assert (theirs.line.color, theirs.line.dash, theirs.fill) == (figures.NEUTRAL, "dot", None)
    assert theirs.error_y.array is None
    assert (mine.line.color, mine.fill) == ("red", "tozeroy")


def test_texts_that_stand_instead_of_marks_are_the_current_run_s_alone():
    texts = go.Scatter(x=[1], y=[3], mode="text", text=["too few"])

    figure = overlaid(line().add_trace(texts), line().add_trace(texts))

    assert [trace.mode for trace in figure.data] == ["lines", "lines", "text"]


def test_stacked_areas_have_a_line_at_their_total():
    areas = go.Figure([go.Scatter(x=[1, 2], y=[number, 1], stackgroup="all") for number in (3, 4)])

    (theirs,) = grey(overlaid(areas, areas))

    assert (theirs.y, theirs.stackgroup, theirs.mode) == ((7, 2), None, "lines")


def test_a_line_over_names_runs_in_their_order():
    figure = overlaid(*(go.Figure(go.Scatter(x=list(names), y=[1, 2, 3], mode="lines")) for names in ("abc", "bad")))

    assert list(zip(grey(figure)[0].x, grey(figure)[0].y, strict=True)) == [("a", 2), ("b", 1), ("d", 3)]


# ---------------------------------------------------------------- legend and hover texts


def test_the_legend_has_one_entry_for_the_baseline_after_all_others():
    two = line(name="p50").add_trace(go.Scatter(x=[1], y=[1], name="p95"))

    figure = overlaid(two, two)

    assert figure.layout.showlegend is True
    assert [trace.showlegend for trace in grey(figure)] == [True, False]
    assert {trace.legendgroup for trace in grey(figure)} == {"baseline"}
    assert [trace.showlegend for trace in own(figure)] == [None, None]
    svg = drawing(figure).svg
    assert svg.index(">p95<") < svg.index(">baseline<")


def test_one_trace_of_one_colour_is_called_current():
    (mine,) = own(overlaid(lying({"a": 1}), lying({"a": 1})))

    assert (mine.name, mine.showlegend) == ("current", True)


def test_bars_of_many_colours_are_not_called_by_one():
    (mine,) = own(overlaid(lying({"a": 1}, marker_color=["red"]), lying({"a": 1})))

    assert mine.showlegend is False


def test_what_no_legend_listed_stays_unlisted():
    hidden = line(name="a").add_trace(go.Scatter(x=[1], y=[1], name="b")).update_layout(showlegend=False)

    assert [trace.showlegend for trace in own(overlaid(hidden, hidden))] == [False, False]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({}, "baseline, %{x}: %{y}<extra></extra>"),
        ({"hovertemplate": "%{y} s"}, "baseline, %{y} s"),
        ({"hovertemplate": ["a", "b"]}, ("baseline, a", "baseline, b")),
        ({"hoverinfo": "text", "hovertext": ["a", "b"]}, "baseline, %{hovertext}<extra></extra>"),
        ({"hoverinfo": "skip", "hovertemplate": "%{y}"}, None),
    ],
)
def test_a_hover_text_says_whose_it_is(written, said):
    assert grey(overlaid(line(), line(**written)))[0].hovertemplate == said


def test_markup_of_a_log_stays_as_the_metric_escaped_it():
    name = figures.label("<b>bold</b>", "unknown")

    figure = overlaid(lying({"a": 1}), lying({name: 1}))

    assert "<b>" not in plain(figure)["data"][1]["y"][0]


# ---------------------------------------------------------------- axes


def test_a_range_is_widened_where_the_baseline_goes_beyond():
    short = line().update_layout(xaxis_range=[1, 2], yaxis_range=[5, 0])
    far = go.Figure(go.Scatter(x=[1, 11], y=[3, 9], mode="lines"))

    layout = overlaid(short, far).layout

    assert layout.xaxis.range == pytest.approx((0.5, 11.5))
    assert layout.yaxis.range == pytest.approx((9.3, 0))  # still upside down


def test_a_range_that_holds_both_stays():
    wide = line().update_layout(xaxis_range=[0, 100])

    assert overlaid(wide, line()).layout.xaxis.range == (0, 100)


def test_a_range_of_dates_is_widened_in_dates():
    assert overlaid(steps([1]), steps([1, 2])).layout.xaxis.range == ("2024-12-18 00:00:00", "2024-12-18 02:00")


def test_a_logarithmic_axis_has_the_exponents_and_ticks_of_both():
    def seconds(low, high):
        points = go.Scatter(x=[low, high], y=[1, 2], mode="markers")
        return go.Figure(points, figures.layout(x="seconds", y="calls", xaxis=latency.log_axis(low, high)))

    axis = overlaid(seconds(1, 10), seconds(0.01, 10)).layout.xaxis

    assert axis.range == seconds(0.01, 10).layout.xaxis.range
    assert set(axis.tickvals) >= {0.01, 0.1, 1, 10}
    assert axis.ticktext[axis.tickvals.index(0.1)] == "0.1"
    assert len(axis.tickvals) <= 6


@pytest.mark.parametrize(
    ("mine", "theirs", "ticks"),
    [(2, 4, (0, 1, 2, 3, 4)), (4, 2, (0, 1, 2, 3, 4)), (2, 90, None), (90, 2, None)],
)
def test_ticks_of_counts_are_those_of_the_larger(mine, theirs, ticks):
    def counted(count):
        return lying({"a": count}).update_layout(xaxis=figures.ticks_of_counts([count]))

    assert overlaid(counted(mine), counted(theirs)).layout.xaxis.tickvals == ticks


def test_numbers_along_logarithms_and_others_share_the_current_run_s_axis():
    plain_axis, log = line(), line().update_layout(xaxis_type="log")

    assert overlaid(log, plain_axis).layout.xaxis.type == "log"
    assert overlaid(plain_axis, log).layout.xaxis.type is None
    assert overlaid(log, go.Figure(go.Scatter(x=[0, 1], y=[1, 2]))) is None


# ---------------------------------------------------------------- grey is the baseline's


def test_what_was_grey_of_the_current_run_is_not_any_more():
    two = lying({"a": 1, "b": 2}, marker_color=[figures.PALETTE[0], figures.NEUTRAL])
    lines = line(line_color=figures.NEUTRAL, fillcolor=figures.NEUTRAL)

    assert own(overlaid(two, two))[0].marker.color == (figures.PALETTE[0], figures.PLAIN)
    (mine,) = own(overlaid(lines, lines))
    assert (mine.line.color, mine.fillcolor) == (figures.PLAIN, figures.PLAIN)
    assert grey(overlaid(lines, lines))[0].line.color == figures.NEUTRAL


def test_what_was_grey_does_not_take_a_colour_that_stands_for_something_else():
    states = [steps([1], marker_color=figures.STATES[state], name=state).data[0] for state in ("ok", "unknown")]
    figure = go.Figure(states, steps([1]).layout)

    colours = [trace.marker.color for trace in own(overlaid(figure, figure))]

    assert colours[0] == figures.PLAIN
    assert colours[1] not in {figures.PLAIN, figures.NEUTRAL}


def test_bars_of_many_colours_have_no_grey_in_the_legend():
    bars = [
        lying({"a": 1}, marker={"color": ["red"], "opacity": seen}, name=name) for seen, name in ((1, "x"), (0.5, "y"))
    ]
    group = go.Figure([one.data[0] for one in bars], bars[0].layout).update_layout(barmode="group")

    svg = drawing(overlaid(group, group)).svg

    keys = svg[svg.index('class="legend') :]
    assert keys.count(figures.PLAIN) == 2 * keys.count(figures.NEUTRAL)
    assert "#6e7781" not in keys


# ---------------------------------------------------------------- what cannot be shared


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (go.Figure(go.Pie(values=[1])), go.Figure(go.Pie(values=[1]))),
        (line(), go.Figure(go.Box(y=[1]))),
        (line(), go.Figure(go.Heatmap(z=[[1]]))),
        (line(), line(yaxis="y2")),
        (lying({"a": 1}), go.Figure(go.Bar(x=["a"], y=[1]))),
        (line(), go.Figure(go.Scatter(x=["a"], y=[1]))),
        (line(), go.Figure(go.Scatter(x=["2024-01-01"], y=[1]))),
        (lying({"a": 1}), lying({"a": 1}).update_layout(xaxis_title="US dollars")),
        (lying({"a": 1}), lying({"a": 1}).update_layout(xaxis_tickprefix="$")),
        (line(), go.Figure(go.Scatter(x=[1], y=[1], mode="text", text=["nothing"]))),
        (line(), go.Figure(go.Bar(x=[["a"], ["b"]], y=[1]))),
        (line(), line().update_layout(barnorm="percent")),
    ],
)
def test_what_cannot_share_a_chart(mine, theirs):
    assert overlaid(mine, theirs) is None


def test_where_one_has_nothing_the_other_is_shown():
    empty = go.Figure(go.Bar(x=[], y=[]))

    assert overlaid(line(), empty) == line()
    assert [trace.name for trace in overlaid(empty, line()).data if trace.showlegend] == ["baseline"]
    assert overlaid(go.Figure(), go.Figure()) == go.Figure()


def test_values_that_are_not_known_are_no_bars():
    assert grey(overlaid(steps([1, 2]), steps([1, 2], y=[None, 4])))[0].y == (4, 4, 4)
    assert overlaid(lying({"a": None}), lying({"a": 2})) is not None


def test_neither_figure_is_changed():
    for one, other in (
        (lying({"a": 1, "b": 2}, marker_color=figures.NEUTRAL), lying({"c": 3})),
        (heat("ab", [[1, 2]]), heat("bc", [[3, 4]])),
    ):
        before = one.to_json(), other.to_json()

        overlaid(one, other)
        apart(one, other)

        assert (one.to_json(), other.to_json()) == before


def test_a_pie_alone_has_a_grey_for_each_slice():
    pie = greyed(go.Figure(go.Pie(labels=["a", "b"], values=[1, 2]))).data[0]

    assert pie.marker.colors == (figures.NEUTRAL, "rgba(130, 133, 139, 0.65)")


def heat(names, cells, **more):
    return go.Figure(go.Heatmap(x=list(names), y=[f"row {place}" for place in range(len(cells))], z=cells, **more))


def test_heat_maps_under_each_other_have_the_same_cells_and_shades():
    mine, theirs = apart(heat("ab", [[1, 2]]), heat("bc", [[3, 9], [0, 1]]))

    for figure in (mine, theirs):
        assert list(figure.layout.xaxis.categoryarray) == ["a", "b", "c"]
        assert figure.layout.xaxis.range == (-0.5, 2.5)
        assert list(figure.layout.yaxis.categoryarray) == ["row 1", "row 0"]
        assert (figure.data[0].zmin, figure.data[0].zmax) == (0, 9)
    one, other = drawing(mine), drawing(theirs)
    assert (one.left, one.right, one.top, one.bottom) == (other.left, other.right, other.top, other.bottom)


def test_heat_maps_keep_what_they_say_of_both():
    layout = {"xaxis": {"range": [1.5, -0.5], "tickvals": ["a"], "ticktext": ["A"]}, "height": 300}
    one = heat("ab", [[1, 2]], zmin=-5, zmax=50).update_layout(layout)
    mine, theirs = apart(one, heat("ab", [[3, 99]], zmax=20).update_layout(height=400))

    assert (theirs.data[0].zmin, theirs.data[0].zmax) == (-5, 50)
    assert mine.layout.xaxis.range == theirs.layout.xaxis.range == (1.5, -0.5)
    assert theirs.layout.xaxis.ticktext == ("A",)
    assert mine.layout.height == theirs.layout.height == 400
    more, _ = apart(one, heat("abc", [[3, 4, 5]]))
    assert more.layout.xaxis.ticktext == ("A", "c")
    assert more.layout.xaxis.range == (2.5, -0.5)


@pytest.mark.parametrize(
    ("ours", "other", "reach"),
    [
        ({"x": [1, 2]}, {"x": [4, 6]}, (0.5, 7)),
        ({"x": [0, 1, 2]}, {"x": [1, 3, 5]}, (0, 5)),  # edges of cells
        ({}, {"z": [[1, 2, 3]]}, (-0.5, 2.5)),
        (
            {"x": ["2024-12-18", "2024-12-19"]},
            {"x": ["2024-12-20", "2024-12-21"]},
            ("2024-12-17 12:00", "2024-12-21 12:00"),
        ),
    ],
)
def test_heat_maps_along_numbers_and_times_reach_as_far_as_both(ours, other, reach):
    mine, theirs = apart(*(go.Figure(go.Heatmap({"z": [[1, 2]], **cells})) for cells in (ours, other)))

    assert mine.layout.xaxis.range == theirs.layout.xaxis.range == reach


def test_heat_maps_with_a_scale_of_the_layout_share_it():
    mine, theirs = apart(
        *(heat("ab", [[1, top]], coloraxis="coloraxis").update_layout(coloraxis_colorscale="Blues") for top in (2, 8))
    )

    assert [(one.layout.coloraxis.cmin, one.layout.coloraxis.cmax) for one in (mine, theirs)] == [(1, 8)] * 2


def test_heat_maps_over_other_things_and_other_charts_stay_as_they_are():
    mine, theirs = apart(heat("ab", [[1, 2]]), go.Figure(go.Heatmap(x=[1, 2], y=["row 0"], z=[[1, 2]])))
    assert (mine.layout.xaxis.type, theirs.layout.xaxis.type) == (None, None)

    pie = go.Figure(go.Pie(labels=["a"], values=[1]))
    assert apart(pie, pie) == (pie, greyed(pie))
    ordered = heat("ab", [[1, 2]]).update_layout(xaxis_categoryorder="total ascending")
    assert apart(ordered, ordered)[0].layout.xaxis.categoryorder == "total ascending"


def test_a_heat_map_alone_keeps_what_shines_through():
    scale = [(0, "rgba(5, 108, 210, 0.2)"), (1, "rgba(5, 108, 210, 1)")]

    found = greyed(go.Figure(go.Heatmap(z=[[1]], colorscale=scale))).data[0].colorscale

    assert found == ((0, "rgba(130, 133, 139, 0.2)"), (1, "rgba(130, 133, 139, 1)"))


def test_any_trace_alone_is_grey():
    box = greyed(go.Figure(go.Box(y=[1, 2], marker_color="red", fillcolor="red"))).data[0]

    assert {box.marker.color, box.line.color, box.fillcolor} == {figures.NEUTRAL}


# ---------------------------------------------------------------- every metric


def _varied():
    """Other calls at the same times: other models, sizes, waits, ways to fail and to end."""
    rows = [dict(row) for row in sample_calls()]
    for number, row in enumerate(rows):
        row["model"] = {"small": "medium"}.get(row["model"], row["model"])
        row["duration"] = 0.4 * (1 + number % 9)
        row["error"] = row["error"] and "timed out"
        row["finish_reason"] = ("stop", "tool_calls")[number % 2]
        row["temperature"] = (0.0, 0.5)[number % 2]
        row["user_id"] = ("bob", "cy")[number % 2]
    return calls(*rows[::2])


@pytest.fixture(scope="module")
def figure_of():
    """`figure_of(metric, "sample")`: drawn once, for `overlaid` changes no figure; also of "varied" calls and of "none"."""
    told = {"sample": sample_calls(), "varied": _varied(), "none": calls()}
    with ExitStack() as opened:
        stores = {name: opened.enter_context(store_of(rows)) for name, rows in told.items()}
        windows = {name: _fitted(Window(), rows) for name, rows in told.items()}

        @cache
        def drawn(metric, name):
            frame = stores[name].frame(metric.query(windows[name]))
            for column in frame.select_dtypes("datetime").columns:
                frame[column] = frame[column].dt.tz_localize("UTC")
            frame.attrs["bucket"] = timedelta(hours=1)
            return metric.figure(frame)

        yield drawn


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_compared(metric, figure_of):
    mine, theirs = (figure_of(metric, name) for name in ("sample", "varied"))

    figure = overlaid(mine, theirs)

    if metric.name in APART:
        assert figure is None
        assert all(drawing(one).svg for one in apart(mine, theirs))
        return
    assert len(own(figure)) == len(mine.data)
    assert [trace.showlegend for trace in grey(figure)].count(True) == 1
    assert ">baseline<" in drawing(figure).svg


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_without_calls_is_compared(metric, figure_of):
    full, none = (figure_of(metric, name) for name in ("sample", "none"))

    for pair in ((full, none), (none, full), (none, none)):
        overlaid(*pair)
        apart(*pair)
