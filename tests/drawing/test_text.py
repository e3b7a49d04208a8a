"""Text from a log cannot break out of a drawing."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from logreport import figures
from logreport.drawing import draw

HOSTILE = [
    "<script>alert(1)</script>",
    "\"' onload='alert(1)",
    "]]><!--",
    "\x00\x07\x1b\ufffe",
    "\ud800 half \udfff",
    "\u202egpj.exe",
    "{{ 7 * 7 }}",
    "🦜 漢字 é",
]


def figure_of(text):
    labels = [text, "b"]
    layout = {
        "xaxis": {"title": {"text": text}},
        "yaxis": {"title": text},
        "annotations": [{"text": text, "x": 1, "y": 1}],
    }
    bar = {"type": "bar", "x": labels, "y": [1, 2], "text": labels, "name": text, "marker": {"color": text}}
    line = {"type": "scatter", "mode": "lines+markers+text", "x": labels, "y": [2, 1], "text": labels, "name": text}
    return {"data": [bar, line], "layout": layout}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    svg = draw(figure_of(text), name="a", title=text, description=text).svg
    root = ET.fromstring(svg)
    names = {one.tag.rpartition("}")[2] for one in root.iter()}
    assert names <= {"svg", "g", "rect", "path", "line", "circle", "text", "title", "desc"}
    assert not any(name.startswith(("on", "style", "href")) for one in root.iter() for name in one.attrib)
    svg.encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_other_charts_stays_text(text):
    for trace in (
        {"type": "pie", "labels": [text, "b"], "values": [1, 1], "marker": {"colors": [text]}},
        {"type": "heatmap", "x": [text], "y": [text], "z": [[1]], "texttemplate": text, "colorscale": text},
    ):
        ET.fromstring(draw({"data": [trace]}, name="a", title=text, description=text).svg)


def test_forbidden_signs_become_the_replacement_sign(drawn):
    assert "a\ufffdb" in drawn({"type": "bar", "x": ["a\x00b"], "y": [1]}).texts()
    assert "a\ufffdb" in drawn({"type": "bar", "x": ["a\ud800b"], "y": [1]}).texts()
    assert "a\ufffdb" in drawn({"type": "bar", "x": ["a\u202eb"], "y": [1]}).texts()


def test_entities_are_signs_once(drawn):
    texts = drawn({"type": "bar", "x": ["a &lt; b", "c &amp;lt; d"], "y": [1, 1]}).texts()
    assert {"a < b", "c &lt; d"} <= set(texts)


def test_a_break_is_a_line_and_other_tags_are_text(drawn):
    texts = drawn({"type": "bar", "x": ["one<br>two", "<b>c</b>"], "y": [1, 1]}).texts()
    assert {"one", "two", "<b>c</b>"} <= set(texts)


def test_the_title_of_a_drawing_is_plain_text_already(drawn):
    svg = draw({"data": [{"type": "bar", "x": ["a"], "y": [1]}]}, name="a", title="a &lt; b", description="").svg
    assert '<title id="a-svg-title">a &amp;lt; b</title>' in svg


@pytest.mark.parametrize("paint", ["url(#x)", "red;fill:blue", "expression(1)", "var(--x)", "#12", "rgb(1,2)", 7, None])
def test_a_colour_that_is_none_is_the_palette_s(drawn, paint):
    chart = drawn({"type": "bar", "x": ["a"], "y": [1], "marker": {"color": paint}})
    assert [one.get("fill") for one in chart.plot.iter("g") if one.get("fill")] == [figures.PALETTE[0]]


@pytest.mark.parametrize(
    ("paint", "fill", "opacity"),
    [
        ("#abc", "#aabbcc", None),
        ("#0072B2", "#0072B2", None),
        ("#ff000080", "#ff0000", "0.5"),
        ("rgb(1, 2, 3)", "#010203", None),
        ("rgba(255,0,0,0.25)", "#ff0000", "0.25"),
        ("SteelBlue", "SteelBlue", None),
    ],
)
def test_safe_colours_are_kept(drawn, paint, fill, opacity):
    chart = drawn({"type": "bar", "x": ["a"], "y": [1], "marker": {"color": paint}})
    (group,) = [one for one in chart.plot.iter("g") if one.get("fill")]
    assert (group.get("fill"), group.get("fill-opacity")) == (fill, opacity)
