"""docs/sources.md is true: every source is in it, its example loads, and its table names what is filled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from logreport.call import CALL_COLUMNS
from logreport.plugins import load_plugins
from logreport.testing import load_logs

CHECKOUT = Path(__file__).parent.parent.parent
PAGE = (CHECKOUT / "docs" / "sources.md").read_text(encoding="utf-8")
BUILT_IN = [offer.value.name for offer in load_plugins().sources if offer.plugin.startswith("logreport.")]


class Section(NamedTuple):
    name: str
    columns: list[str]
    traps: int
    kind: str
    example: str


def _sections() -> Iterator[Section]:
    for text in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        name, _, body = text.partition("\n")
        example = re.search(r"^```(\w+)\n(.*?)^```$", body, re.MULTILINE | re.DOTALL)
        assert example, f"{name} has no example"
        columns = re.findall(r"^\| `(\w+)` \| .*\|$", body, re.MULTILINE)
        traps = body.partition("Traps handled:\n")[2]
        yield Section(name, columns, len(re.findall(r"^- ", traps, re.MULTILINE)), example[1], example[2])


SECTIONS = list(_sections())


def _examples(name: str) -> Path:
    """Where the small log of a source is."""
    return CHECKOUT / "examples" / ("llm-logs.json" if name == "braintrust" else name)


def test_every_source_has_a_section_in_its_order() -> None:
    assert [section.name for section in SECTIONS] == BUILT_IN


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_a_section_tells_columns_and_traps(section: Section) -> None:
    order = list(CALL_COLUMNS)
    assert section.columns == sorted(section.columns, key=order.index)
    assert section.columns
    assert section.traps


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_the_example_and_the_small_log_load_and_fill_just_the_columns_of_the_table(
    section: Section, tmp_path: Path
) -> None:
    example = tmp_path / f"example.{section.kind}"
    example.write_text(section.example, encoding="utf-8")
    loaded = load_logs(example, _examples(section.name), origin=datetime(2025, 1, 1))
    assert {file.source for file in loaded.files} == {section.name}
    assert [file.error for file in loaded.files if file.error] == []
    assert loaded.files[0].loaded >= 1
    filled = {column for call in loaded.calls for column in call}
    assert filled == set(section.columns)


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_small_log_of_a_source_is_small_and_wholly_read(name: str) -> None:
    loaded = load_logs(_examples(name))
    assert {file.source for file in loaded.files} == {name}
    assert loaded.rejected == ()
    for file in loaded.files:
        assert file.read == file.loaded + file.merged + file.skipped
        assert file.bytes < 400_000
