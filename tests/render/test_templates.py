"""Templates of the user's own, and what they are told they can use."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from logreport.errors import LogReportError
from logreport.render import PageContext, render_page, templates
from logreport.report import Report

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("### Templates\n")[2].partition("\n### ")[0]


def test_the_readme_lists_the_fields_of_the_context_in_their_order() -> None:
    assert re.findall(r"^\| `page\.(\w+)` \|", SECTION, re.MULTILINE) == [field.name for field in fields(PageContext)]


def test_our_template_uses_every_field() -> None:
    used = set(re.findall(r"page\.(\w+)", (templates() / "report.html.jinja").read_text()))

    assert used == {field.name for field in fields(PageContext)}


def test_the_readme_names_the_fields_of_a_section_and_of_a_figure() -> None:
    from logreport.render.context import Figure, Section

    for name, of in (("sections", Section), ("headline", Figure)):
        said = re.search(rf"^\| `page\.{name}` \| .*?: (.*) \|$", SECTION, re.MULTILINE)
        assert said, name
        assert re.findall(r"`(\w+)`", said[1]) == [field.name for field in fields(of)]


def test_the_readme_names_the_fields_of_a_card_and_of_a_table() -> None:
    from logreport.cards import Card
    from logreport.render.table import Cell, Head, Table

    card, table = (
        re.search(rf"^\| `section.{name}` \| .*?: (.*) \|$", SECTION, re.MULTILINE) for name in ("card", "table")
    )
    assert card
    assert table
    assert re.findall(r"`(\w+)`", card[1]) == [field.name for field in fields(Card)]
    heads, rows, hidden = (field.name for field in fields(Table))
    parts = (*fields(Head),), (*fields(Cell),)
    of = [[field.name for field in part] for part in parts]
    assert re.findall(r"`(\w+)`", table[1]) == [heads, *of[0], rows, *of[1], hidden]


def test_the_readme_names_every_template_and_every_block() -> None:
    files = {path.name for path in templates().iterdir()}
    blocks = re.findall(r"{% block (\w+) %}", (templates() / "report.html.jinja").read_text())

    assert {name for name in files if f"`{name}`" not in SECTION} == set()
    assert re.search(f"The blocks are `{'`, `'.join(blocks[:-1])}` and `{blocks[-1]}`", SECTION)


def test_the_block_of_the_readme_takes_the_place_of_ours(report: Report, tmp_path: Path) -> None:
    [block] = re.findall(r"```jinja\n(.*?)```", SECTION, re.DOTALL)
    (tmp_path / "report.html.jinja").write_text(block)

    page = render_page(report, template_folder=tmp_path)

    assert "Made for the search team" in page
    assert "· made " not in page
    assert 'id="tokens_by_model"' in page


def test_a_style_of_the_user_is_the_one_that_the_policy_names(report: Report, tmp_path: Path) -> None:
    (tmp_path / "report.css").write_text("/* two\n lines */\nbody { color: rebeccapurple; }")

    page = render_page(report, template_folder=tmp_path)

    assert "<style>/* two\n lines */\nbody { color: rebeccapurple; }" in page
    assert page.partition("<style>")[0] != render_page(report).partition("<style>")[0]


def test_a_card_of_the_user(report: Report, tmp_path: Path) -> None:
    (tmp_path / "metric.html.jinja").write_text("<p>mine: {{ section.card.name }}</p>")

    page = render_page(report, template_folder=tmp_path)

    assert "mine: tokens_by_model" in page
    assert "<h1>" in page


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{% if %}", r"report\.html\.jinja, line 1: Expected an expression"),
        ("\n{{ page.titel }}", r"report\.html\.jinja, line 2: .* has no attribute 'titel'"),
        ("{{ page.made + 1 }}", r"report\.html\.jinja, line 1: can only concatenate str"),
        ("{{ 1 / 0 }}", r"report\.html\.jinja, line 1: division by zero"),
        ("{% include 'none' %}", r"report\.html\.jinja, line 1: none"),
    ],
)
def test_a_wrong_template_is_a_message(report: Report, tmp_path: Path, template: str, reason: str) -> None:
    (tmp_path / "report.html.jinja").write_text(template)

    with pytest.raises(LogReportError, match=reason):
        render_page(report, template_folder=tmp_path)
