"""A figure on the page: plain values for Plotly, and no markup but what is harmless."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from logreport.render.chart import chart, pack, plain
from logreport.report import Report


def _chart(report: Report, *traces: Any, interactive: bool = True, **layout: Any) -> Any:
    card = replace(report.card("tokens_by_model"), figure=go.Figure(traces).update_layout(**layout))
    return chart(card, interactive=interactive)


def test_typed_arrays_become_plain_numbers_and_what_is_none_becomes_null() -> None:
    numbers = pd.Series([1.5, None, float("inf")])
    figure = plain(go.Figure(go.Heatmap(z=[[1, 2], [3, 4]], x=numbers.to_numpy(), y=pd.Series([1, 2]).to_numpy())))

    assert figure["data"][0]["x"] == [1.5, None, None]
    assert figure["data"][0]["y"] == [1, 2]
    assert figure["data"][0]["z"] == [[1, 2], [3, 4]]


def test_a_table_of_numbers_keeps_its_shape() -> None:
    import numpy as np

    assert plain(go.Figure(go.Heatmap(z=np.arange(6).reshape(2, 3))))["data"][0]["z"] == [[0, 1, 2], [3, 4, 5]]


def test_the_template_stays_behind() -> None:
    assert "template" not in plain(go.Figure(go.Bar(x=[1], y=[2])))["layout"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<a href='javascript:alert(1)'>x</a>", "&lt;a href='javascript:alert(1)'>x&lt;/a>"),
        ("<b style='x'>bold</b>", "&lt;b style='x'>bold&lt;/b>"),
        ("two<br>lines", "two<br>lines"),
        ("<extra>hidden</extra>", "&lt;extra>hidden&lt;/extra>"),
        ("a\u202eb\x07c\ud800", "a\ufffdb\ufffdc\ufffd"),
        ("a\nb\tc", "a b c"),
        ("&lt;kept&gt;", "&lt;kept&gt;"),
    ],
)
def test_text_has_no_markup_that_links_or_styles(text: str, shown: str) -> None:
    figure = plain(go.Figure(go.Bar(x=[text], y=[1], name=text, customdata=[text]), layout={"title": {"text": text}}))

    [trace] = figure["data"]
    assert [trace["x"], trace["name"], trace["customdata"], figure["layout"]["title"]["text"]] == [
        [shown],
        shown,
        [shown],
        shown,
    ]


def test_a_hover_label_keeps_its_second_box_out_of_sight() -> None:
    figure = plain(go.Figure(go.Bar(x=["a"], y=[1], hovertemplate="%{x}<a href=x><extra></extra>")))

    assert figure["data"][0]["hovertemplate"] == "%{x}&lt;a href=x><extra></extra>"


def test_long_names_are_cut_the_same_way_everywhere_and_stay_apart() -> None:
    first, second = "a" * 10_000 + "1", "a" * 10_000 + "2"
    bars = go.Bar(x=[first, second], y=[1, 2], text=[second, first])

    [trace] = plain(go.Figure(bars))["data"]

    assert len(set(trace["x"])) == 2
    assert trace["text"] == trace["x"][::-1]
    assert max(map(len, trace["x"])) < 250


def test_what_is_packed_is_the_same_text_each_time_and_has_no_sign_that_html_reads() -> None:
    figures = {"b": {"data": ["</script>"]}, "a": {}}

    packed = pack(figures)

    assert packed == pack(dict(reversed(figures.items())))
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", packed)
    assert json.loads(gzip.decompress(base64.b64decode(packed))) == figures


def test_plotly_gets_the_margins_of_the_drawing(report: Report) -> None:
    found = _chart(report, go.Bar(x=["a"], y=[1]), height=400)

    assert found.height == found.drawing.height == 400
    margins = {
        "l": found.drawing.left,
        "r": found.drawing.right,
        "t": found.drawing.top,
        "b": found.drawing.bottom,
        "autoexpand": False,
    }
    assert found.figure["layout"]["margin"] == margins


def test_a_heat_map_stays_as_drawn(report: Report) -> None:
    found = _chart(report, go.Heatmap(z=[[1, 2], [3, 4]]))

    assert found.drawing is not None
    assert found.figure is None


def test_what_only_plotly_can_draw_is_plotly_s_alone(report: Report) -> None:
    second = go.Scatter(x=[1, 2], y=[3, 4], yaxis="y2")

    found = _chart(report, go.Scatter(x=[1, 2], y=[1, 2]), second, yaxis2={"overlaying": "y", "side": "right"})

    assert found.drawing is None
    assert found.reason
    assert found.figure


def test_what_nobody_can_draw_says_why(report: Report) -> None:
    found = _chart(report, go.Box(y=[1, 2, 3]))

    assert (found.drawing, found.figure) == (None, None)
    assert "box" in found.reason


def test_without_plotly_there_is_no_block(report: Report) -> None:
    found = _chart(report, go.Bar(x=["a"], y=[1]), interactive=False)

    assert found.figure is None
    assert found.drawing is not None


def test_names_beside_bars_need_no_title(report: Report) -> None:
    found = _chart(report, go.Bar(x=[1], y=["a"], orientation="h"), xaxis_title="tokens", yaxis_title="model")

    layout = found.figure["layout"]
    assert layout["xaxis"]["title"]["text"] == "tokens"
    assert "title" not in layout["yaxis"]
