"""Plotly takes the charts over one by one, and nothing moves; what it cannot draw stays as it was."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from logreport import Call, Metric
from logreport.render import render_page

#: The edges of the first bar, as drawn and as Plotly draws it.
_FIRST_BARS = """(name) => ["svg.drawing .plot g > rect", ".live .bars .point path"].map((mark) => {
  const { left, right, top, bottom } = document.querySelector(`#${name} ${mark}`).getBoundingClientRect();
  return { left, right, top, bottom };
})"""


def _metric(name: str, figure: Any) -> Metric:
    return Metric(
        name=name,
        title=f"A stranger's {name}",
        description="Drawn by somebody else.",
        requires=(),
        query=lambda window: window.select(Call.model.label("model"), sa.func.count().label("calls")).group_by(
            Call.model
        ),
        figure=figure,
    )


def _pie(_: Any) -> Any:
    import plotly.graph_objects as go

    return go.Figure(go.Pie(labels=["a", "b", "c"], values=[5, 3, 2]))


def _object(_: Any) -> Any:
    import plotly.graph_objects as go

    return go.Figure(go.Bar(x=["a"], y=[1], customdata=[object()]))


def _scaled(_: Any) -> Any:
    import plotly.graph_objects as go

    marker = {"color": [1, 2, 3], "colorscale": "Viridis", "showscale": True}
    return go.Figure(
        go.Scatter(x=[1, 2, 3], y=[1, 4, 9], mode="markers", marker=marker), layout={"title": "twice said"}
    )


def _heat(_: Any) -> Any:
    import plotly.graph_objects as go

    return go.Figure(go.Heatmap(x=["a", "b"], y=["one", "two"], z=[[1, 2], [3, 4]]))


def _box(_: Any) -> Any:
    import plotly.graph_objects as go

    return go.Figure(go.Box(y=[1, 2, 3, 9]))


def _two_axes(_: Any) -> Any:
    import plotly.graph_objects as go

    traces = [go.Scatter(x=[1, 2, 3], y=[1, 2, 3]), go.Scatter(x=[1, 2, 3], y=[30, 20, 10], yaxis="y2")]
    return go.Figure(traces).update_layout(yaxis2={"overlaying": "y", "side": "right"})


@pytest.fixture
def strangers(report_of, call, tmp_path) -> str:
    theirs = [_metric("heat", _heat), _metric("box", _box), _metric("two_axes", _two_axes)]
    return render_page(report_of([call(), call(model="n")], theirs=theirs, folder=tmp_path))


def test_only_charts_near_the_reader_are_taken_over(sample_html: str, open_page):
    opened = open_page(sample_html, width=390, height=700)
    every = opened.look("[...document.querySelectorAll('.chart')].map((one) => one.closest('.card').id)")
    near = opened.look(
        """() => [...document.querySelectorAll(".chart")]
            .filter((one) => one.getBoundingClientRect().top < innerHeight + 200).map((one) => one.closest(".card").id)"""
    )

    assert opened.until("[...document.querySelectorAll('.taken')].map((one) => one.closest('.card').id)", near) == near
    opened.page.wait_for_timeout(400)  # in which others would follow
    assert opened.taken == near
    assert len(near) < len(every)
    opened.scroll_through()
    assert opened.taken == every


@pytest.mark.parametrize("width", [1440, 768, 390, 320])
def test_nothing_moves_when_charts_are_taken_over(settled, width: int):
    opened = settled(width)

    assert len(opened.taken) == 6
    assert opened.boxes == opened.before
    assert [shift for shift in opened.look("watched.shifts") if shift > 0.01] == []
    assert opened.complaints == []


@pytest.mark.parametrize("width", [1440, 390])
def test_a_bar_stays_where_it_was_drawn(settled, width: int):
    opened = settled(width)

    for name in ("tokens_by_model", "prompt_vs_completion", "time_to_first_token", "request_types"):
        drawn, taken = opened.look(_FIRST_BARS, name)
        assert drawn["right"] - drawn["left"] > 50
        for side in ("left", "right", "top", "bottom"):
            assert abs(drawn[side] - taken[side]) <= 6, (name, side, drawn, taken)


@pytest.mark.parametrize("width", [1440, 390, 320])
def test_every_text_of_a_taken_chart_is_inside_it(settled, width: int):
    cut = settled(width).look(
        """() => [...document.querySelectorAll(".live text")].filter((text) => {
            const [box, chart] = [text, text.closest(".chart")].map((one) => one.getBoundingClientRect());
            return box.width && (box.left < chart.left - 1 || box.right > chart.right + 1
                || box.top < chart.top - 1 || box.bottom > chart.bottom + 1);
        }).map((text) => `${text.closest(".card").id}: ${text.textContent}`)"""
    )
    assert cut == []


def test_a_heatmap_stays_drawn_and_what_only_plotly_draws_is_drawn_by_it(strangers: str, open_page):
    opened = open_page(strangers)
    opened.scroll_through()

    assert "heat" not in opened.taken
    assert "two_axes" in opened.taken
    assert "tokens_by_model" in opened.taken
    assert opened.page.locator("#heat svg.drawing").is_visible()
    assert opened.page.locator("#heat [data-do=png]:visible").count() == 0
    assert not opened.page.locator("#two_axes .why").is_visible()
    assert opened.page.locator("#two_axes .live .scatterlayer .trace").count() == 2
    assert opened.complaints == []


def test_a_chart_that_only_plotly_draws_is_a_sentence_on_paper(strangers: str, open_page):
    opened = open_page(strangers)
    opened.scroll_through()
    opened.page.emulate_media(media="print")

    assert opened.page.locator("#two_axes .why").is_visible()


def test_models_called_by_numbers_and_dates_are_names_in_both(report_of, call, open_page, tmp_path: Path):
    names = ["7", "8", "gpt-4", "2024-01-01", "1e3"]
    report = report_of([call(model=name) for name in names], folder=tmp_path)
    opened = open_page(render_page(report))
    opened.scroll_through()

    for marks in ("svg.drawing .plot g > rect", ".live .bars .point path"):
        boxes = [bar.bounding_box() for bar in opened.page.locator(f"#tokens_by_model {marks}").all()]
        assert len(boxes) == len(names)
        assert min(box["height"] for box in boxes) > 8
    labels = opened.page.locator("#tokens_by_model .live .ytick text").all_text_contents()
    assert sorted(labels) == sorted(names)


@pytest.mark.parametrize("name", ["plotly", "figures", "said", "theme", "metrics", "what_was_read"])
def test_a_metric_may_have_a_name_that_the_page_uses(sample_path: Path, report_of, open_page, name: str):
    opened = open_page(render_page(report_of(sample_path, theirs=[_metric(name, _pie)])))
    opened.scroll_through()

    assert name in opened.taken
    assert "tokens_by_model" in opened.taken
    assert (
        opened.look(
            "[...document.querySelectorAll('[id]')].length - new Set([...document.querySelectorAll('[id]')].map((one) => one.id)).size"
        )
        == 0
    )


def test_a_figure_that_cannot_be_written_down_costs_its_own_chart(sample_path: Path, report_of, open_page):
    report = report_of(sample_path, theirs=[_metric("strange", _object)])
    opened = open_page(render_page(report))
    opened.scroll_through()

    assert "cannot be written down" in opened.page.locator("#strange .why").text_content()
    assert "tokens_by_model" in opened.taken


def test_a_colour_scale_and_a_title_are_left_to_the_card(sample_path: Path, report_of, open_page):
    opened = open_page(render_page(report_of(sample_path, theirs=[_metric("scaled", _scaled)])))
    opened.scroll_through()

    assert "scaled" in opened.taken
    assert opened.page.locator("#scaled .live :is(.gtitle, .cbfill)").count() == 0
    assert opened.complaints == []


def test_a_pie_turns_the_same_way_in_both(sample_path: Path, report_of, open_page):
    opened = open_page(render_page(report_of(sample_path, theirs=[_metric("pie", _pie)])))
    opened.scroll_through()

    middles = opened.look("""() => ["svg.drawing .slices path", ".live .slice path.surface"].map((slices) =>
      [...document.querySelectorAll(`#pie ${slices}`)].map((slice) => {
        const box = slice.getBoundingClientRect();
        const whole = slice.closest("svg.drawing, .live").getBoundingClientRect();
        return Math.sign(box.x + box.width / 2 - whole.x - whole.width / 2);
      }))""")
    assert middles[0] == middles[1]


def test_a_chart_that_nothing_here_draws_is_a_sentence_and_an_open_table(strangers: str, open_page):
    page = open_page(strangers, java_script_enabled=False).page

    assert "Shown with JavaScript only" in page.locator("#two_axes .why").text_content()
    assert page.locator("#two_axes td").first.is_visible()
    assert re.fullmatch(
        r"No picture: .+ is not drawn here\. Its numbers are in the table\.", page.locator("#box .why").text_content()
    )
    assert page.locator("#box .chart").count() == 0
    assert page.locator("#box td", has_text="1").first.is_visible()


def _with_figures(html: str, change: Callable[[dict[str, Any]], object]) -> str:
    """The page after its figures, by the names of their cards, were changed."""
    [packed] = re.findall(r'id="page-figures">([^<]*)<', html)
    figures = json.loads(gzip.decompress(base64.b64decode(packed)))
    change(figures)
    return html.replace(packed, base64.b64encode(gzip.compress(json.dumps(figures).encode())).decode())


def test_a_figure_that_breaks_in_plotly_leaves_its_drawing_and_costs_no_other(sample_html: str, open_page):
    broken = {"tokens_by_model": 5, "temperature": {"data": [{"type": "bar", "x": [1], "y": [1]}], "layout": 7}}
    opened = open_page(_with_figures(sample_html, lambda figures: figures.update(broken)))
    opened.scroll_through()

    assert opened.taken == ["prompt_vs_completion", "time_to_first_token", "request_types", "tokens_over_time"]
    for name in broken:
        assert opened.page.locator(f"#{name} svg.drawing").is_visible()
        assert opened.page.locator(f"#{name} .live").count() == 0
        assert opened.page.locator(f"#{name} [data-do=png]:visible").count() == 0
        assert opened.page.locator(f"#{name} [data-do=csv]").is_visible()


@pytest.mark.parametrize("block", ["page-figures", "page-plotly"])
def test_a_block_that_was_changed_leaves_all_drawings(sample_html: str, open_page, block: str):
    broken = re.sub(rf'(id="{block}">.{{200}}).{{8}}', r"\1AAAAAAAA", sample_html, count=1)
    assert broken != sample_html
    opened = open_page(broken)
    opened.page.wait_for_timeout(500)

    assert opened.taken == []
    assert opened.page.locator("#tokens_by_model svg.drawing").is_visible()
    assert opened.page.locator(".live").count() == 0


def test_a_thin_page_is_taken_over_without_a_jump(thin_html: str, open_page):
    opened = open_page(thin_html, width=390)
    before = opened.boxes

    opened.scroll_through()

    assert len(opened.taken) == opened.page.locator(".chart").count()
    assert opened.boxes == before
    assert [shift for shift in opened.look("watched.shifts") if shift > 0.01] == []
    assert opened.complaints == []


@pytest.mark.parametrize("width", [1280, 390])
def test_a_legend_is_whole_where_long_names_leave_its_plot_no_room(
    report_of, call, open_page, tmp_path: Path, width: int
) -> None:
    names = [f"us.anthropic.claude-sonnet-4-5-20250929-v{number}:0" for number in range(3)]
    report = report_of([call(model=name) for name in names], folder=tmp_path)
    opened = open_page(render_page(report), width=width, fragment="#prompt_vs_completion")
    opened.scroll_through()
    seen = """() => { const inside = document.querySelector("#prompt_vs_completion .live").getBoundingClientRect();
      return [...document.querySelectorAll("#prompt_vs_completion .live .legendtext")].filter((one) => {
        const { top, bottom, left, right } = one.getBoundingClientRect();
        return top >= inside.top && bottom <= inside.bottom && left >= inside.left && right <= inside.right;
      }).map((one) => one.textContent); }"""
    assert opened.look(seen) == ["prompt", "completion"]
