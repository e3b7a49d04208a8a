"""Nothing runs, nothing is fetched and nothing is refused, whatever a reader does and whatever names are in the log."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from logreport import Call, Metric, plotlyjs
from logreport.render import render_page
from logreport.report import Report

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "end of a script": "</script><img src=x onerror=\"document.title='owned';alert(1)\">",
    "end of an attribute": '"><svg onload="document.title=\'owned\'">',
    "quotes": "' \" ` ' onmouseover='alert(1)",
    "link": '<a href="javascript:alert(1)">x</a>',
    "spaced link": '<a href="java\tscript:alert(1)" target=_blank>y</a>',
    "styled": '<span style="color:red">z</span><b>bold</b>',
    "right to left": "model-\u202egpj.exe\u2066\u2069",
    "zero width": "gpt\u200b-4o\u200d\ufeff",
    "long": "L" * 10_000,
    "control": "".join(map(chr, range(0x20))) + "\x7f",
    "line separators": "one\u2028two\u2029three\x85",
    "lone surrogate": "half \ud800 of a pair",
    "formula": '=HYPERLINK("https://example.org/?"&A1,"click")',
    "formula of plus": "+1+cmd|' /C calc'!A0",
    "formula of at": "@SUM(A1)",
    "d3 format": "%{x} %{customdata[0]}",
    "mathematics": "$x^2$",
    "entities": "&lt;b&gt;&amp;amp;",
    "template": "{{ 7 * 7 }} ${7 * 7}",
}
NAMES = list(HOSTILE.values())


def _bars(_: Any) -> Any:
    """As a stranger's metric may draw: names go into everything as they are."""
    import plotly.graph_objects as go

    count = list(range(1, len(NAMES) + 1))
    trace = go.Bar(
        x=NAMES, y=count, name=NAMES[1], text=NAMES, hovertext=NAMES, hovertemplate=NAMES, customdata=NAMES, ids=NAMES
    )
    other = go.Bar(x=count, y=count, name=NAMES[4], text=NAMES[0], hovertemplate=NAMES[4] + "%{customdata}")
    figure = go.Figure([trace, other])
    return figure.update_layout(
        template="none",
        title={"text": NAMES[4]},
        xaxis={"title": {"text": NAMES[1]}, "type": "category"},
        yaxis={"title": {"text": NAMES[4]}, "ticksuffix": NAMES[2]},
        annotations=[{"text": NAMES[4], "hovertext": NAMES[1], "x": 1, "y": 1}],
        legend={"title": {"text": NAMES[4]}},
    )


def _lying(_: Any) -> Any:
    import plotly.graph_objects as go

    return go.Figure(go.Bar(y=NAMES, x=list(range(1, len(NAMES) + 1)), orientation="h", text=NAMES, name=NAMES[4]))


def _pie(_: Any) -> Any:
    import plotly.graph_objects as go

    return go.Figure(
        go.Pie(labels=NAMES, values=[5] * len(NAMES), text=NAMES, hovertext=NAMES, title={"text": NAMES[4]})
    )


def _theirs(name: str, figure: Any) -> Metric:
    return Metric(
        name=name,
        title=HOSTILE["link"],
        description=HOSTILE["end of a script"],
        requires=(),
        query=lambda window: window.select(Call.model.label('na"><script>me'), sa.func.count().label("n")).group_by(
            Call.model
        ),
        figure=figure,
        notes=lambda _: NAMES,
    )


@pytest.fixture(scope="module")
def hostile(report_of, call, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A report in which everything that has a name has a hostile one."""
    records = [
        call(model=name, type=name, metrics={"tokens": 1000 - at, "prompt_tokens": 600 - at, "completion_tokens": 400})
        for at, name in enumerate(NAMES)
    ]
    theirs = [_theirs("bars", _bars), _theirs("lying", _lying), _theirs("pie", _pie)]
    found = report_of(records, theirs=theirs, folder=tmp_path_factory.mktemp("hostile"))
    [line] = found.ingests
    return replace(
        found,
        title=HOSTILE["end of a script"] + HOSTILE["lone surrogate"],
        ingests=tuple(replace(line, path=name, run=name, source=name) for name in NAMES),
        # A log has no way to say half of a pair of surrogates; a stranger's metric has.
        cards=tuple(
            replace(
                card,
                rows=[
                    *card.rows,
                    *({**card.rows[0], column: name} for name in NAMES for column in card.columns[:1] if card.rows),
                ],
            )
            for card in found.cards
        ),
    )


@pytest.fixture(scope="module")
def hostile_html(hostile: Report) -> str:
    return render_page(hostile)


def test_the_policy_comes_first_and_allows_only_what_it_names(sample_html: str, open_page):
    opened = open_page(sample_html)

    first = opened.look("document.head.firstElementChild.outerHTML")
    assert first.startswith('<meta http-equiv="Content-Security-Policy" content="')
    policy = opened.look("document.head.firstElementChild.content")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert "unsafe-" not in policy
    assert re.fullmatch(r"('sha256-[A-Za-z0-9+/=]+' ?)+", rules["script-src"])
    assert re.fullmatch(r"('sha256-[A-Za-z0-9+/=]+' ?)+", rules["style-src"])
    assert rules["img-src"] == "data: blob:"


def test_what_the_policy_refuses_is_seen_by_these_tests(sample_html: str, open_page):
    broken = sample_html.replace(
        "</footer>", '<p style="color: red">x</p><img src="http://127.0.0.1:9/x.png" alt=""></footer>'
    )
    opened = open_page(broken)
    opened.page.wait_for_timeout(100)

    refused = {violation.split(":")[0] for violation in opened.look("watched.violations")}
    assert refused == {"style-src-attr", "img-src"}
    assert len(opened.console) == 2


def test_no_attribute_styles_or_runs(sample_html: str, hostile_html: str, open_page):
    for html in (sample_html, hostile_html):
        opened = open_page(html, java_script_enabled=False)
        found = opened.look(
            """() => [...document.querySelectorAll("*")].flatMap((one) => one.getAttributeNames())
                .filter((name) => name === "style" || name.startsWith("on") || name === "src" || name === "srcset")"""
        )
        assert found == []


def test_a_reader_who_does_everything_is_refused_nothing(sample_html: str, open_page):
    opened = open_page(sample_html)
    page = opened.page
    opened.scroll_through()
    assert len(opened.taken) == opened.look("document.querySelectorAll('.chart').length") > 4

    # Pointing at bars.
    page.locator("#tokens_by_model .live").scroll_into_view_if_needed()
    for bar in page.locator("#tokens_by_model .live .bars path").all():
        box = bar.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.locator("#tokens_by_model .live .hoverlayer .hovertext").first.wait_for(timeout=3_000)

    # Zooming by dragging, and back.
    zoom = page.locator("#tokens_over_time [data-do=zoom]")
    area = page.locator("#tokens_over_time .live .nsewdrag")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    before = page.locator("#tokens_over_time .live .xtick").all_text_contents()
    assert not zoom.is_visible()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.52, steps=8)
    page.mouse.up()
    zoom.wait_for(state="visible")
    assert page.locator("#tokens_over_time .live .xtick").all_text_contents() != before
    zoom.click()
    zoom.wait_for(state="hidden")
    assert page.locator("#tokens_over_time .live .xtick").all_text_contents() == before

    # Pictures and numbers to take along.
    with page.expect_download() as waited:
        page.locator("#tokens_by_model [data-do=png]").click()
    assert Path(waited.value.path()).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert waited.value.suggested_filename == "tokens_by_model.png"
    with page.expect_download() as waited:
        page.locator("#tokens_by_model [data-do=json]").click()
    assert json.loads(Path(waited.value.path()).read_text(encoding="utf-8"))["rows"]
    page.locator("#tokens_by_model [data-do=csv]").click()
    page.locator("#page-said", has_text="Copied").wait_for()

    # Tables, colours, a phone and back.
    page.locator("#tokens_by_model summary").click()
    page.locator("#tokens_by_model thead button").first.click()
    page.locator("#page-theme").click()
    page.wait_for_timeout(200)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.wait_for_timeout(300)

    assert opened.complaints == []


def test_the_whole_of_plotly_is_refused_nothing_either(
    sample_report: Report, open_page, monkeypatch: pytest.MonkeyPatch
):
    whole = plotlyjs._library(())
    assert not whole.basic
    monkeypatch.setattr(plotlyjs, "library", lambda: whole)

    opened = open_page(render_page(sample_report))
    opened.scroll_through()

    assert len(opened.taken) == 6
    assert opened.complaints == []


def test_a_clicked_legend_entry_hides_its_bars_and_keeps_its_colour(sample_html: str, open_page):
    opened = open_page(sample_html, fragment="#prompt_vs_completion")
    page = opened.page
    opened.scroll_through()
    fills = """() => [...document.querySelectorAll("#prompt_vs_completion .live .legend .layers path")]
        .map((one) => getComputedStyle(one).fill).filter((fill) => fill !== "none")"""
    before = opened.look(fills)
    assert before
    key = page.locator("#prompt_vs_completion .live .legendtoggle").first
    key.scroll_into_view_if_needed()
    box = key.bounding_box()

    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    # Not at once: a second click would have made it a double one.
    assert opened.until("document.querySelectorAll('#prompt_vs_completion .live .bars .point').length", 2) == 2
    assert opened.look(fills) == before
    assert opened.complaints == []


def test_what_javascript_itself_calls_by_a_name_is_a_bar_and_a_slice_too(report_of, call, open_page, tmp_path: Path):
    names = ["__proto__", "constructor", "toString"]

    def pie(_: Any) -> Any:
        import plotly.graph_objects as go

        return go.Figure(go.Pie(labels=names, values=[3, 2, 1]))

    records = [call(model=name, type=name) for name in names]
    opened = open_page(render_page(report_of(records, theirs=[_theirs("pie", pie)], folder=tmp_path)))
    opened.scroll_through()

    for card in ("tokens_by_model", "request_types"):
        labels = opened.page.locator(f"#{card} .live .ytick text").all_text_contents()
        assert sorted(label.strip("\u200b\u2060") for label in labels) == names
        assert opened.page.locator(f"#{card} .live .bars .point").count() == 3
    assert "pie" in opened.taken
    assert opened.page.locator("#pie .live .slice").count() == 3
    assert opened.complaints == []


def test_hostile_names_run_nowhere(hostile_html: str, open_page):
    opened = open_page(hostile_html)
    page = opened.page
    title = page.title()
    tags = "() => [...document.querySelectorAll('img, iframe, object, embed, base, form, link')].length"
    before = opened.look(tags)

    opened.scroll_through()
    for card in ("tokens_by_model", "lying", "bars", "pie"):
        page.locator(f"#{card} .live").scroll_into_view_if_needed()
        for mark in page.locator(f"#{card} .live :is(.bars path, .slice path.surface)").all()[:12]:
            box = mark.bounding_box()
            if box and box["width"]:
                page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
                page.wait_for_timeout(20)
    for summary in page.locator("summary").all():
        summary.click()

    assert {"tokens_by_model", "lying", "bars", "pie"} <= set(opened.taken)
    # Plotly says so of every text with two dollar signs; it shows the text as it is.
    assert [complaint for complaint in opened.complaints if "MathJax is not loaded" not in complaint] == []
    assert page.title() == title
    assert "owned" in title
    assert (
        opened.look(
            "[...document.querySelectorAll('main b, main span[style], [onload], [onerror], [onmouseover]')].length"
        )
        == 0
    )
    assert opened.look(tags) == before
    links = opened.look(
        """() => [...document.querySelectorAll("a")].map((one) =>
            one.getAttribute("href") ?? one.getAttributeNS("http://www.w3.org/1999/xlink", "href"))"""
    )
    assert all(link is None or link.startswith("#") for link in links)


def test_hostile_names_are_shown_as_text(hostile: Report, open_page, plain):
    opened = open_page(plain(hostile))
    shown = opened.look(
        "() => [...document.querySelectorAll('.files tbody th')].map((one) => one.firstChild.data.trim())"
    )

    assert len(shown) == len(NAMES)
    for key in ("script", "end of a script", "link", "entities", "template", "mathematics", "formula"):
        assert HOSTILE[key] in shown
    cells = opened.look(
        "() => [...document.querySelectorAll('#tokens_by_model tbody th')].map((one) => one.textContent)"
    )
    for key in ("script", "end of a script", "link", "entities", "template", "mathematics", "formula"):
        assert HOSTILE[key] in cells
    text = opened.look("document.documentElement.textContent")
    marks = [*map(chr, (*range(0x09), *range(0x0B, 0x20))), *"\x7f\x85\u202e\u2066\u2069\u200b\u2028\u2029\ufeff"]
    assert [mark for mark in marks if mark in text] == []
    assert not re.search("[\ud800-\udfff]", text)


def test_the_labels_of_a_chart_are_the_names_themselves(hostile_html: str, open_page):
    opened = open_page(hostile_html, fragment="#lying")
    drawn = opened.look(
        "() => [...document.querySelectorAll('#lying .drawing text')].map((one) => one.lastChild.textContent)"
    )
    opened.scroll_through()
    taken = opened.look(
        "() => [...document.querySelectorAll('#lying .live .ytick text')].map((one) => one.textContent)"
    )

    for key in ("script", "mathematics", "d3 format", "template"):
        assert HOSTILE[key] in drawn
        assert HOSTILE[key] in taken


def test_no_cell_of_the_csv_is_a_formula(hostile: Report, open_page, plain):
    opened = open_page(plain(hostile), permissions=["clipboard-read", "clipboard-write"])
    page = opened.page
    for card in hostile.cards:
        if card.status != "ok":
            continue
        page.locator(f"#{card.name} [data-do=csv]").click()
        page.locator("#page-said", has_text="Copied").wait_for()
        copied = opened.look("navigator.clipboard.readText()")
        opened.look("() => { document.getElementById('page-said').textContent = ''; }")
        rows = list(csv.reader(io.StringIO(copied, newline="")))
        assert {len(row) for row in rows} == {len(card.columns)}, card.name
        cells = [cell for row in rows for cell in row]
        assert [cell for cell in cells if cell[:1] in set("=+@-\t\r")] == []
    assert "'" + HOSTILE["formula"] in cells


def test_the_json_of_hostile_names_can_be_read(hostile: Report, open_page, plain):
    page = open_page(plain(hostile)).page
    for card in hostile.cards:
        if card.status != "ok":
            continue
        with page.expect_download() as waited:
            page.locator(f"#{card.name} [data-do=json]").click()
        found = json.loads(Path(waited.value.path()).read_text(encoding="utf-8"))
        assert len(found["rows"]) == len(card.rows), card.name
        assert found["metric"] == card.name
