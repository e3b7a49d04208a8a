"""The page: self-contained, escaped, the same bytes for the same report."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from logreport.render import Charts, render_page
from logreport.report import Report

HOSTILE = "</script><img src=x onerror=alert(1)>"


class _Tags(HTMLParser):
    """The tags of a page with their attributes, and its text outside scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._skip = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._skip = tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._skip = False

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.text += data


def test_nothing_is_fetched_and_no_attribute_runs(report: Report) -> None:
    for tag, attributes in _Tags(render_page(report)).tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        assert not attributes.get("src"), tag
        if "href" in attributes:
            assert str(attributes["href"]).startswith("#"), tag


def test_a_hostile_name_is_shown_as_its_text(report: Report) -> None:
    found = _Tags(render_page(report))

    assert HOSTILE in found.text
    assert not [tag for tag, _ in found.tags if tag == "img"]


def test_every_chart_is_there_before_any_script_runs(report: Report) -> None:
    page = render_page(report)

    drawings = re.findall(r'<svg [^>]*class="drawing .*?</svg>\n(?=</figure>)', page, re.DOTALL)
    assert len(drawings) == sum(card.figure is not None for card in report.cards) > 0
    for drawing in drawings:
        svg = ET.fromstring(drawing)
        assert svg.get("role") == "img"
        assert [child.tag.rpartition("}")[2] for child in svg][:2] == ["title", "desc"]


def test_a_page_without_plotly_keeps_its_drawings(report: Report) -> None:
    page = render_page(report, charts=Charts.SVG)

    assert 'class="drawing ' in page
    assert 'id="page-plotly"' not in page
    assert 'id="page-figures"' not in page
    assert "blob:" not in page.partition("</head>")[0]
    assert len(page) < len(render_page(report)) / 5


def test_a_page_without_charts_carries_no_library(report: Report) -> None:
    page = render_page(replace(report, cards=()))

    assert 'id="page-plotly"' not in page


def test_every_card_stands_on_the_page_with_its_numbers(report: Report) -> None:
    page = render_page(report)

    shown = [card.name for card in report.cards if card.status == "ok"]
    assert re.findall(r'<section class="card" id="(\w+)"', page) == shown
    assert "1,213" in page
    assert "unknown model" in page


def test_what_has_nothing_to_show_shares_a_line_that_says_why(report: Report) -> None:
    (line,) = re.findall(r'<p class="[^"]*left-out">(.*?)</p>', render_page(report))

    assert line.startswith(
        "Not shown: Prompt and completion tokens by model (no call in this window has a prompt token"
    )
    assert "; Temperature (no call in this window has a temperature)" in line
    for card in report.cards:
        assert (card.title in line) is (card.status == "empty")


def test_every_card_says_how_many_calls_stand_behind_it(report: Report) -> None:
    page = render_page(report)

    shown = [card for card in report.cards if card.status == "ok"]
    assert "2 calls stand behind this chart." in page
    assert len(re.findall('<p class="behind">', page)) == len(shown)


def test_a_failed_card_says_why_and_whose_it_is(report: Report) -> None:
    card = replace(
        report.card("tokens_by_model"),
        status="failed",
        reason="ValueError: <no>",
        plugin="theirs",
        figure=None,
        rows=[],
    )

    page = render_page(replace(report, cards=(card,)))

    assert "This metric failed (theirs): ValueError: &lt;no&gt;" in page


def test_a_file_that_was_there_before_says_so(report: Report) -> None:
    assert "already ingested" not in render_page(report)

    line = replace(report.ingests[0], already_ingested=True)

    assert "already ingested" in render_page(replace(report, ingests=(line,)))


def test_the_page_tells_what_it_was_made_from(report: Report) -> None:
    page = render_page(report)

    [line] = report.ingests
    assert line.sha256 in page
    assert f"logreport {report.version} · made {report.made:%Y-%m-%d %H:%M:%S} UTC · times in UTC" in page


def test_ids_are_unique(report: Report) -> None:
    ids = [attributes["id"] for _, attributes in _Tags(render_page(report)).tags if "id" in attributes]

    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("charts", Charts)
def test_two_processes_write_the_same_bytes(sample: Path, tmp_path: Path, charts: str) -> None:
    pages = []
    for seed in ("1", "2"):
        target = tmp_path / f"{seed}.html"
        words = [sys.executable, "-m", "logreport", "report", str(sample), "-o", str(target), "--charts", charts]
        environment = {"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1734540040", "PATH": "/usr/bin:/bin"}
        subprocess.run(words, check=True, env=environment, capture_output=True)
        pages.append(target.read_bytes())
    assert pages[0] == pages[1]
