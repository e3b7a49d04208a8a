"""The page: self-contained, escaped, the same bytes for the same report; and its JSON."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path

import pytest

from logreport.export import dumps, report_json
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
    assert "unsafe" not in policy.split("script-src")[1].split(";")[0]


def test_a_hostile_name_is_shown_as_its_text(report: Report) -> None:
    found = _Tags(render_page(report))

    assert HOSTILE in found.text
    assert not [tag for tag, _ in found.tags if tag == "img"]


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


def test_the_json_has_every_number_and_no_nan(report: Report) -> None:
    document = json.loads(dumps(report_json(report)))

    assert document["schema_version"] == 1
    assert document["calls"] == 2
    assert document["headline"]["errors"] is None  # this log does not say which calls failed
    assert document["metrics"]["tokens_by_model"]["rows"] == [
        {"model": HOSTILE, "tokens": 1213},
        {"model": None, "tokens": 7},
    ]
    assert document["metrics"]["temperature"]["status"] == "empty"
    assert document["metrics"]["tokens_over_time"]["rows"][0]["bucket"] == "2024-12-18T16:40:40+00:00"


def test_two_processes_write_the_same_bytes(sample: Path, tmp_path: Path) -> None:
    pages = []
    for seed in ("1", "2"):
        target = tmp_path / f"{seed}.html"
        words = [sys.executable, "-m", "logreport", "report", str(sample), "-o", str(target)]
        environment = {"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1734540040", "PATH": "/usr/bin:/bin"}
        subprocess.run(words, check=True, env=environment, capture_output=True)
        pages.append(target.read_bytes())
    assert pages[0] == pages[1]
