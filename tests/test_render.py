"""The page: self-contained, escaped, the same bytes for the same report."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from logreport.render import PageContext, render_page, templates
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


@pytest.fixture
def report(make_report_of) -> Report:
    return make_report_of(
        {"created": "2024-12-18 16:40:40", "model": HOSTILE, "type": "<b>x</b>", "metrics": {"tokens": 1213}},
        {"created": "2024-12-18 17:40:40", "model": None, "metrics": {"tokens": 7}},
    )


def test_nothing_is_fetched_and_no_attribute_runs(report: Report) -> None:
    found = _Tags(render_page(report))

    for tag, attributes in found.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        assert not attributes.get("src"), tag
        if "href" in attributes:
            assert str(attributes["href"]).startswith("#"), tag
    assert [tag for tag, _ in found.tags[:3]] == ["html", "head", "meta"]
    policy = found.tags[2][1]["content"]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert "unsafe" not in rules["script-src"] + rules["style-src"]
    assert rules["base-uri"] == rules["form-action"] == "'none'"


def test_a_hostile_name_is_shown_as_its_text(report: Report) -> None:
    found = _Tags(render_page(report))

    assert HOSTILE in found.text
    assert not [tag for tag, _ in found.tags if tag == "img"]


def test_the_policy_names_the_scripts_and_the_style_as_they_stand_on_the_page(report: Report) -> None:
    page = render_page(report)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)

    policy = str(_Tags(page).tags[2][1]["content"])

    assert len(scripts) == 2
    for text in (*scripts, style):
        assert f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy


def test_a_page_without_charts_carries_no_script(report: Report) -> None:
    page = render_page(replace(report, cards=()))

    assert "<script" not in page
    assert "script-src 'none'" in str(_Tags(page).tags[2][1]["content"])


def test_no_text_ends_the_block_of_a_figure(report: Report) -> None:
    blocks = re.findall(r'<script type="application/json">(.*?)</script>', render_page(report), re.DOTALL)

    drawn = [card for card in report.cards if card.figure is not None]
    assert len(blocks) == len(drawn)
    for block in blocks:
        assert "<" not in block
        assert "template" not in json.loads(block)["layout"]


def test_the_height_of_a_figure_is_kept_free(report: Report) -> None:
    page = render_page(report)

    for card in report.cards:
        if card.figure is not None:
            height = card.figure.layout.height
            assert f'<div class="figure height-{height}" id="figure-{card.name}"></div>' in page
            assert f".height-{height} {{ min-height: {height}px; }}" in page


def test_columns_of_numbers_stand_right_and_unknown_is_a_word(report: Report) -> None:
    page = render_page(report)

    assert '<th scope="col">model</th><th scope="col" class="number">tokens</th>' in page
    assert '<td class="number">1,213</td>' in page
    assert '<th scope="row" class="text unknown">unknown model</th>' in page


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234567, "1,234,567"), (12.771, "12.771"), (1234567.25, "1,234,567"), (0.1 + 0.2, "0.3"), (None, "unknown")],
)
def test_a_number_as_a_reader_writes_it(report: Report, value: float | None, text: str) -> None:
    rows = [{"model": "m", "watt_hours": value}]
    card = replace(report.cards[0], columns=("model", "watt_hours"), rows=rows)

    assert f">{text}</td>" in render_page(replace(report, cards=(card,)))


def test_a_long_table_says_where_the_rest_is(report: Report) -> None:
    rows = [{"model": f"m{number}", "tokens": number} for number in range(1_700)]
    card = replace(report.cards[0], rows=rows)

    page = render_page(replace(report, cards=(card,)))

    assert "1,200 more rows are in the JSON" in page
    assert ">m499</th>" in page
    assert ">m500</th>" not in page


def test_a_failed_card_says_why_and_whose_it_is(report: Report) -> None:
    card = replace(report.cards[0], status="failed", reason="ValueError: <no>", plugin="theirs", figure=None, rows=[])

    page = render_page(replace(report, cards=(card,)))

    assert "This metric failed (theirs): ValueError: &lt;no&gt;" in page


def test_a_file_that_was_there_before_says_so(report: Report) -> None:
    assert "already ingested" not in render_page(report)

    line = replace(report.ingests[0], already_ingested=True)

    assert "already ingested" in render_page(replace(report, ingests=(line,)))


@pytest.mark.parametrize(
    ("calls", "short"), [(9_999, "9,999"), (12_345, "12.3 k"), (999_999, "1 M"), (1_213_000_000, "1.21 G")]
)
def test_a_headline_figure_is_short_and_exact_when_pointed_at(report: Report, calls: int, short: str) -> None:
    page = render_page(replace(report, headline=replace(report.headline, calls=calls)))

    assert f'<div title="{calls:,} calls"><dt>calls</dt><dd>{short}</dd></div>' in page


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 seconds"), (1, "1 second"), (119, "119 seconds"), (3600, "60 minutes"), (864000, "10 days")],
)
def test_the_span_in_a_unit_that_fits(report: Report, seconds: int, text: str) -> None:
    first = datetime(2024, 12, 9, tzinfo=UTC)
    headline = replace(report.headline, first=first, last=first + timedelta(seconds=seconds))

    assert f"<dt>span</dt><dd>{text}</dd>" in render_page(replace(report, headline=headline))


def test_every_card_stands_on_the_page_with_its_numbers(report: Report) -> None:
    page = render_page(report)

    for card in report.cards:
        assert f'id="{card.name}"' in page
    assert "1,213" in page
    assert "unknown model" in page
    assert "no call in this window has a temperature" in page


def test_the_template_sees_what_is_documented(report: Report) -> None:
    names = {field.name for field in fields(PageContext)}
    used = set(re.findall(r"page\.(\w+)", (templates() / "report.html.jinja").read_text()))

    assert used <= names
    assert names - used == set()


def test_a_folder_of_the_user_goes_before_ours(report: Report, tmp_path: Path) -> None:
    (tmp_path / "metric.html.jinja").write_text("<p>mine: {{ section.card.name }}</p>")

    page = render_page(report, template_folder=tmp_path)

    assert "mine: tokens_by_model" in page
    assert "<h1>" in page


def test_two_processes_write_the_same_bytes(sample: Path, tmp_path: Path) -> None:
    pages = []
    for seed in ("1", "2"):
        target = tmp_path / f"{seed}.html"
        words = [sys.executable, "-m", "logreport", "report", str(sample), "-o", str(target)]
        environment = {"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1734540040", "PATH": "/usr/bin:/bin"}
        subprocess.run(words, check=True, env=environment, capture_output=True)
        pages.append(target.read_bytes())
    assert pages[0] == pages[1]
