"""Tables sort as a reader means it, and what is taken along is what the report knows, to the last digit."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from logreport import Window
from logreport.cards import Card
from logreport.report import Report

#: Numbers of which a float has too few digits, and such that a reader is shown rounded.
ROWS = [
    {"model": "b-model", "tokens": 2**53 + 1, "watt_hours": 0.1 + 0.2, "streamed": True},
    {"model": 'a, "quoted" model', "tokens": 9, "watt_hours": 1234567.891234, "streamed": False},
    {"model": None, "tokens": 10, "watt_hours": None, "streamed": None},
    {"model": "Ünïcode ✓ 模型", "tokens": 1_000, "watt_hours": 1e-07, "streamed": True},
    {"model": "10", "tokens": None, "watt_hours": 3.0, "streamed": True},
    {"model": "line\nfeed", "tokens": -5, "watt_hours": -1.5e22, "streamed": False},
]


@pytest.fixture(scope="module")
def numbers(sample_report: Report) -> Report:
    card = replace(sample_report.card("tokens_by_model"), columns=tuple(ROWS[0]), rows=ROWS)
    return replace(sample_report, cards=(card,))


@pytest.fixture
def clock_change(report_of, call, tmp_path: Path) -> Report:
    """The night in which the clocks of Berlin show the hour from two to three twice."""
    hours = ("26 22", "26 23", "27 00", "27 01", "27 02")
    times = [f"2024-10-{hour}:{minute}:00" for hour in hours for minute in ("00", "30")]
    records = [call(created=time, metrics={"tokens": at + 1}) for at, time in enumerate(times)]
    return report_of(records, folder=tmp_path, window=Window(timezone="Europe/Berlin"))


def _open(opened, card: str) -> None:
    opened.page.locator(f"#{card} summary").click()


def _column(opened, card: str, at: int) -> list[str]:
    return opened.look(
        "([card, at]) => [...document.querySelector(`#${card} tbody`).rows].map((row) => row.cells[at].textContent)",
        [card, at],
    )


def _sort(opened, card: str, at: int) -> str:
    opened.page.locator(f"#{card} thead th").nth(at).locator("button").click()
    return opened.page.locator(f"#{card} thead th").nth(at).get_attribute("aria-sort")


def _in_csv(value: object) -> str:
    if isinstance(value, bool):
        return json.dumps(value)
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


def _copied(opened, card: str, *, read: bool = True) -> str:
    opened.page.locator(f"#{card} [data-do=csv]").click()
    opened.page.locator("#page-said", has_text="Copied").wait_for()
    return opened.look("navigator.clipboard.readText()") if read else ""


def _assert_all_there(text: str, card: Card) -> None:
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert found[0] == list(card.columns)
    assert found[1:] == [[_in_csv(row[name]) for name in card.columns] for row in card.rows]


def _downloaded(opened, card: str) -> dict:
    with opened.page.expect_download() as waited:
        opened.page.locator(f"#{card} [data-do=json]").click()
    assert waited.value.suggested_filename == f"{card}.json"
    return json.loads(Path(waited.value.path()).read_text(encoding="utf-8"))


def test_numbers_sort_as_numbers_and_unknown_stays_last(numbers: Report, open_page, plain):
    opened = open_page(plain(numbers))
    _open(opened, "tokens_by_model")

    assert _sort(opened, "tokens_by_model", 1) == "ascending"
    rising = ["-5", "9", "10", "1,000", "9,007,199,254,740,993"]
    assert _column(opened, "tokens_by_model", 1) == [*rising, "unknown"]
    assert _sort(opened, "tokens_by_model", 1) == "descending"
    assert _column(opened, "tokens_by_model", 1) == [*reversed(rising), "unknown"]
    assert _sort(opened, "tokens_by_model", 2) == "ascending"
    assert _column(opened, "tokens_by_model", 0) == [
        "line feed",
        "Ünïcode ✓ 模型",
        "b-model",
        "10",
        'a, "quoted" model',
        "unknown model",
    ]
    assert opened.page.locator("#tokens_by_model [aria-sort]").count() == 1
    assert opened.complaints == []


def test_texts_sort_as_texts_and_unknown_stays_last(numbers: Report, open_page, plain):
    opened = open_page(plain(numbers))
    _open(opened, "tokens_by_model")

    assert _sort(opened, "tokens_by_model", 0) == "ascending"
    rising = ["10", 'a, "quoted" model', "b-model", "line feed", "Ünïcode ✓ 模型"]
    assert _column(opened, "tokens_by_model", 0) == [*rising, "unknown model"]
    assert _sort(opened, "tokens_by_model", 0) == "descending"
    assert _column(opened, "tokens_by_model", 0) == [*reversed(rising), "unknown model"]


def test_times_sort_as_moments_where_clocks_change(clock_change: Report, open_page, plain):
    opened = open_page(plain(clock_change))
    _open(opened, "tokens_over_time")
    tokens = list(map(str, range(1, 11)))
    assert _column(opened, "tokens_over_time", 1) == tokens

    _sort(opened, "tokens_over_time", 0)
    assert _column(opened, "tokens_over_time", 1) == tokens
    _sort(opened, "tokens_over_time", 0)
    assert _column(opened, "tokens_over_time", 1) == tokens[::-1]


def test_a_sorted_table_is_sorted_by_the_keyboard_too(sample_report: Report, open_page, plain):
    opened = open_page(plain(sample_report))
    _open(opened, "tokens_by_model")
    button = opened.page.locator("#tokens_by_model thead button").nth(1)

    button.focus()
    opened.page.keyboard.press("Enter")

    assert opened.page.locator("#tokens_by_model thead th").nth(1).get_attribute("aria-sort") == "ascending"
    assert opened.look("document.activeElement.textContent") == button.text_content()


def test_the_csv_is_the_report_to_the_last_digit(sample_report: Report, sample_html: str, open_page):
    opened = open_page(sample_html, permissions=["clipboard-read", "clipboard-write"])
    assert opened.look("Boolean(navigator.clipboard)")

    for card in sample_report.cards:
        _assert_all_there(_copied(opened, card.name), card)


def test_the_csv_of_large_and_rounded_numbers_is_exact(numbers: Report, open_page, plain):
    opened = open_page(plain(numbers), permissions=["clipboard-read", "clipboard-write"])
    shown = [dict(row, model=row["model"].replace("\n", " ")) if row["model"] else row for row in ROWS]
    text = _copied(opened, "tokens_by_model")

    _assert_all_there(text, replace(numbers.card("tokens_by_model"), rows=shown))
    assert "9007199254740993" in text
    assert "0.30000000000000004" in text


def test_a_sorted_table_is_copied_as_it_is_sorted(numbers: Report, open_page, plain):
    opened = open_page(plain(numbers), permissions=["clipboard-read", "clipboard-write"])
    _open(opened, "tokens_by_model")
    _sort(opened, "tokens_by_model", 1)
    rows = list(csv.reader(io.StringIO(_copied(opened, "tokens_by_model"), newline="")))

    assert rows[0] == list(ROWS[0])
    assert [row[1] for row in rows[1:]] == ["-5", "9", "10", "1000", "9007199254740993", ""]


@pytest.mark.parametrize(
    "broken",
    [
        "Object.defineProperty(navigator, 'clipboard', { value: undefined });",
        "navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));",
    ],
    ids=["no clipboard", "not allowed"],
)
def test_without_the_clipboard_s_interface_the_old_way_copies(
    sample_report: Report, sample_html: str, open_page, broken: str
):
    opened = open_page(sample_html, permissions=["clipboard-read", "clipboard-write"], init=broken)
    _copied(opened, "tokens_by_model", read=False)
    opened.look(
        "() => { const box = document.createElement('textarea'); box.id = 'pasted'; document.body.append(box); box.focus(); }"
    )
    opened.page.keyboard.press("Control+V")

    _assert_all_there(opened.page.locator("#pasted").input_value(), sample_report.card("tokens_by_model"))
    assert opened.page.locator("textarea").count() == 1
    assert opened.complaints == []


def test_the_json_is_the_report_row_by_row(sample_report: Report, sample_html: str, open_page):
    opened = open_page(sample_html)
    for card in sample_report.cards:
        found = _downloaded(opened, card.name)
        assert found == {"metric": card.name, "title": card.title, "rows": card.rows}
    assert opened.complaints == []


def test_the_json_of_large_and_unknown_values_is_exact(numbers: Report, open_page, plain):
    found = _downloaded(open_page(plain(numbers)), "tokens_by_model")["rows"]

    assert found == [dict(row, model=row["model"].replace("\n", " ")) if row["model"] else row for row in ROWS]
    assert [type(row["tokens"]) for row in found] == [type(row["tokens"]) for row in ROWS]


def test_times_are_taken_along_with_their_offset(clock_change: Report, open_page, plain):
    opened = open_page(plain(clock_change), permissions=["clipboard-read", "clipboard-write"])
    card = next(card for card in clock_change.cards if card.name == "tokens_over_time")
    assert {row["bucket"][-6:] for row in card.rows} == {"+02:00", "+01:00"}

    _assert_all_there(_copied(opened, card.name), card)
    assert _downloaded(opened, card.name)["rows"] == card.rows


def test_a_name_that_looks_like_a_time_is_taken_along_as_it_is(numbers: Report, open_page, plain):
    rows = [{"model": "2024-12-18T16:40:00+00:00", "tokens": 1}, {"model": "m", "tokens": 2}]
    card = replace(numbers.card("tokens_by_model"), columns=("model", "tokens"), rows=rows)
    opened = open_page(plain(replace(numbers, cards=(card,))))

    assert _downloaded(opened, card.name)["rows"] == rows


def test_a_text_of_digits_is_text_and_keeps_its_commas(numbers: Report, open_page, plain):
    rows = [{"model": "1,213", "tokens": 1}, {"model": "007", "tokens": 2}]
    card = replace(numbers.card("tokens_by_model"), columns=("model", "tokens"), rows=rows)
    opened = open_page(plain(replace(numbers, cards=(card,))))

    assert _downloaded(opened, card.name)["rows"] == rows
