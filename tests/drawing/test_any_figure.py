"""Whatever the figure: a drawing or a reason, and never anything else."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from logreport.drawing import CannotDraw, draw, sheet, sparkline

dates = st.sampled_from(["2025-01-01", "2024-12-18 16:40:00", "2025-01-01T00:00:00.5Z", "0001-01-01", "9999-12-31"])
values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), dates)
lists = st.lists(values, max_size=6)
anything = st.recursive(
    values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
colours = st.sampled_from(["red", "#12345678", "rgba(1,2,3,.5)", "url(#a)", "1"]) | anything
traces = st.fixed_dictionaries(
    {"type": st.sampled_from(["bar", "scatter", "pie", "heatmap", "box"])},
    optional={
        "x": lists,
        "y": lists,
        "z": st.lists(lists, max_size=4),
        "labels": lists,
        "values": lists,
        "text": lists | values,
        "texttemplate": values | st.just("%{y:.1f} %{text}"),
        "textposition": st.sampled_from(["auto", "inside", "outside", "none", "top center"]),
        "orientation": st.sampled_from(["h", "v"]),
        "mode": st.sampled_from(["lines", "markers", "lines+markers+text", "none"]),
        "fill": st.sampled_from(["none", "tozeroy", "tonexty"]),
        "stackgroup": st.sampled_from(["one", ""]),
        "base": values | lists,
        "width": values | lists,
        "offset": values,
        "name": values,
        "hole": values,
        "opacity": values,
        "error_y": st.fixed_dictionaries({"array": lists}, optional={"arrayminus": lists}) | anything,
        "marker": st.fixed_dictionaries(
            {}, optional={"color": colours | st.lists(colours, max_size=3), "size": values, "opacity": values}
        ),
        "line": st.fixed_dictionaries(
            {},
            optional={"color": colours, "width": values, "dash": values, "shape": st.sampled_from(["hv", "vh", "hvh"])},
        ),
        "colorscale": anything,
    },
)
axes = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["linear", "log", "date", "category", "-"]),
        "range": st.lists(values, min_size=2, max_size=2),
        "title": values,
        "autorange": st.sampled_from([True, False, "reversed"]),
        "tickformat": st.sampled_from([".0%", "~s", ",.2f", "%Y-%m", "?"]),
        "tickvals": lists,
        "categoryorder": st.sampled_from(["total ascending", "category descending", "array"]),
    },
)
layouts = st.fixed_dictionaries(
    {},
    optional={
        "xaxis": axes,
        "yaxis": axes,
        "height": values,
        "barmode": st.sampled_from(["group", "stack", "relative", "overlay"]),
        "bargap": values,
        "shapes": anything,
        "annotations": anything,
        "colorway": anything,
        "legend": anything,
    },
)
figures = st.fixed_dictionaries({"data": st.lists(traces, max_size=3), "layout": layouts}) | anything


@settings(max_examples=400, deadline=None)
@given(figures, st.text(max_size=10))
def test_a_figure_becomes_a_well_formed_drawing_or_a_reason(figure, text):
    try:
        drawing = draw(figure, name="any", title=text, description=text)
    except CannotDraw:
        return
    root = ET.fromstring(drawing.svg)
    assert not any(name in {"style", "href"} or name.startswith("on") for one in root.iter() for name in one.attrib)
    places = [one.get(name, "") for one in root.iter() for name in ("x", "y", "width", "height", "cx", "cy", "r", "d")]
    assert not any("nan" in place or "inf" in place for place in places)
    assert 0 < drawing.narrow <= drawing.left
    assert drawing == draw(figure, name="any", title=text, description=text)
    assert sheet([drawing])


@given(st.lists(st.none() | st.floats() | st.integers(), max_size=12))
def test_a_sparkline_is_well_formed_or_empty(numbers):
    svg = sparkline(numbers)
    if svg:
        ET.fromstring(svg)
