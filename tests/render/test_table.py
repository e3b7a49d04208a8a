"""A card's rows as text: exact where a reader looks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from logreport.render.table import Cell, Head, Table, table
from logreport.report import Report


def _table(report: Report, **columns: list[Any]) -> Table:
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return table(replace(report.card("tokens_by_model"), columns=tuple(columns), rows=rows))


def _cell(report: Report, value: Any, name: str = "model") -> Cell:
    ((cell,),) = _table(report, **{name: [value]}).rows
    return cell


@pytest.mark.parametrize(
    ("value", "text", "exact"),
    [
        (1234567, "1,234,567", ""),
        (2**63 - 1, "9,223,372,036,854,775,807", ""),
        (12.771, "12.771", ""),
        (1234567.25, "1,234,567", "1234567.25"),
        (0.1 + 0.2, "0.3", "0.30000000000000004"),
        (1e-9, "1e-09", ""),
        (True, "true", ""),
    ],
)
def test_a_number_as_a_reader_writes_it_and_all_of_its_digits(
    report: Report, value: Any, text: str, exact: str
) -> None:
    assert _cell(report, value) == Cell(text=text, exact=exact)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2024-12-18T16:40:00+00:00", "2024-12-18 16:40"),
        ("2024-12-18T16:40:30+00:00", "2024-12-18 16:40:30"),
        ("2024-12-18T16:40:00+05:30", "2024-12-18 16:40 +05:30"),
    ],
)
def test_a_time_on_the_clock_of_the_report(report: Report, value: str, text: str) -> None:
    assert _cell(report, value, "bucket") == Cell(text=text)


def test_the_unknown_is_a_word(report: Report) -> None:
    assert _cell(report, None) == Cell(text="unknown model", unknown=True)
    assert _cell(report, None, "tokens") == Cell(text="unknown", unknown=True)


def test_a_column_is_of_numbers_or_times_where_all_that_is_known_is(report: Report) -> None:
    found = _table(
        report, model=["a", "b"], tokens=[1, None], bucket=["2024-12-18T16:40:00+00:00", None], cost=[None] * 2
    )

    assert found.heads == (
        Head(text="model", name="model", kind=""),
        Head(text="tokens", name="tokens", kind="number"),
        Head(text="time", name="bucket", kind="time"),
        Head(text="cost", name="cost", kind=""),
    )


def test_a_long_name_loses_its_middle_and_shows_more_when_pointed_at(report: Report) -> None:
    cell = _cell(report, "a" * 5_000 + "-2024")

    assert len(cell.text) == 100
    assert cell.text.endswith("-2024")
    assert len(cell.exact) == 1_000


def test_signs_that_cannot_be_seen_are_shown_as_one_that_can(report: Report) -> None:
    assert _cell(report, "a\u202eb\x00c\ud800") == Cell(text="a\ufffdb\ufffdc\ufffd")


def test_a_long_table_ends_and_says_how_much_more_there_is(report: Report) -> None:
    found = _table(report, model=[f"m{number}" for number in range(1_700)])

    assert (len(found.rows), found.hidden) == (500, 1_200)


def test_a_card_with_nothing_to_show_has_no_rows(report: Report) -> None:
    assert table(replace(report.card("tokens_by_model"), status="failed")).rows == ()
