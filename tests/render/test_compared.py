"""What a page says of a baseline, of gates and of a history, and that all of it fits on a phone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from logreport import Window
from logreport.baseline import Baseline, read_baseline
from logreport.export.document import dumps, report_json
from logreport.gates import judge
from logreport.history import MOST, NUMBERS, Past
from logreport.measured import Rate
from logreport.plugins import load_plugins
from logreport.render import Charts, page_context, render_page
from logreport.render.compared import Compared, Course, PastRow, courses, past_rows, shown_history, span_of
from logreport.render.context import Files
from logreport.report import Report, make_report
from logreport.rules import rule
from logreport.testing import sample_calls, store_of

METRICS = ("requests_over_time", "tokens_by_model", "busy_hours")

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")

LONG = "/runs/" + "a-baseline-of-which-the-name-never-ends/" * 4 + "before.jsonl"


def _made(rows: Sequence[dict[str, Any]], **more: Any) -> Report:
    offers = {offer.value.name: offer for offer in load_plugins().metrics}
    metrics = [(offers[name].value, offers[name].plugin) for name in METRICS]
    with store_of(rows) as store:
        return make_report(store, metrics, Window(), title="t", bucket=None, ingests=(), measuring=True, **more)


def _later(rows: Sequence[dict[str, Any]], by: timedelta) -> list[dict[str, Any]]:
    return [row | {"created": row["created"] + by} for row in rows]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [row for row in sample_calls() if row["created"]]


@pytest.fixture(scope="module")
def before(rows: list[dict[str, Any]]) -> Baseline:
    return read_baseline(dumps(report_json(_made(rows))).encode(), LONG)


@pytest.fixture(scope="module")
def after(rows: list[dict[str, Any]], before: Baseline) -> Report:
    return _made(_later(rows, timedelta(days=7)), baseline=before)


def _page(report: Report) -> Any:
    return page_context(report, Files("", "", "", ""), library=None, logo=None)


def _against(report: Report, **changed: Any) -> Report:
    """The report with another baseline."""
    assert report.comparison
    return replace(
        report, comparison=replace(report.comparison, baseline=replace(report.comparison.baseline, **changed))
    )


def _plain(figure: go.Figure | None) -> go.Figure:
    """The figure without its baseline."""
    assert figure
    return go.Figure([trace for trace in figure.data if trace.name != "baseline"], figure.layout)


# ---------------------------------------------------------------- the baseline


def test_the_readme_names_the_fields_in_their_order():
    for name, of in (("compared", Compared), ("history", Course), ("history_rows", PastRow)):
        said = re.search(rf"^\| `page\.{name}` \| [^:]*: (.*) \|$", README, re.MULTILINE)
        assert said, name
        assert re.findall(r"`(\w+)`", said[1]) == [field.name for field in fields(of)]


def test_a_baseline_in_every_chart_is_said_to_be_there_and_moved(after: Report):
    sentence = _page(_against(after, made=None)).compared.sentence
    assert sentence == "The baseline is grey in every chart; its times are moved to begin with these."
    made = datetime(2026, 11, 1, 10, 5, tzinfo=UTC)
    assert _page(_against(after, made=made)).compared.sentence.startswith(
        "The baseline, a report of 2026-11-01 10:05 UTC, is grey in every chart; "
    )


def test_times_that_are_the_same_are_not_said_to_be_moved(rows: list[dict[str, Any]], before: Baseline):
    report = _against(_made(rows, baseline=before), made=None)
    assert _page(report).compared.sentence == "The baseline is grey in every chart."


def test_without_times_nothing_is_said_of_them(after: Report, before: Baseline):
    cards = tuple(card for card in after.cards if card.name == "tokens_by_model")
    report = _against(replace(after, cards=cards), made=None)
    assert _page(report).compared.sentence == "The baseline is grey in every chart."


def test_charts_without_the_baseline_are_counted(after: Report):
    cards = [
        replace(card, figure=_plain(card.figure)) if card.name == "tokens_by_model" else card for card in after.cards
    ]
    some = _against(replace(after, cards=tuple(cards)), made=None)
    assert _page(some).compared.sentence.startswith("The baseline is grey in 2 of 3 charts; ")
    cards = [replace(card, figure=_plain(card.figure), beside=None) for card in after.cards]
    none = _against(replace(after, cards=tuple(cards)), made=None)
    assert _page(none).compared.sentence == "The baseline is in no chart."


def test_a_page_without_charts_says_what_the_baseline_is(after: Report):
    bare = replace(after, cards=())
    made = datetime(2026, 11, 1, 10, 5, tzinfo=UTC)
    assert _page(_against(bare, made=made)).compared.sentence == "The baseline is a report of 2026-11-01 10:05 UTC."
    assert _page(_against(bare, made=None)).compared.sentence == ""
    assert '<p class="sentence">' not in render_page(_against(bare, made=None))


def test_a_baseline_that_cannot_be_drawn_beside_says_why(after: Report):
    [card] = [card for card in after.cards if card.name == "busy_hours"]
    assert card.beside
    drawn = render_page(replace(after, cards=(card,)), charts=Charts.SVG)
    assert "The baseline's chart is not drawn here" not in drawn

    report = _against(replace(after, cards=(replace(card, beside=go.Figure(go.Box(y=[1, 2]))),)), made=None)
    page = render_page(report, charts=Charts.SVG)

    assert '<figure class="chart beside">' not in page
    reason = _page(report).sections[0].beside_undrawn
    assert reason
    assert f"The baseline's chart is not drawn here: {reason}. Its numbers are in the JSON." in page.replace(
        "&#39;", "'"
    )
    assert _page(report).compared.sentence == "The baseline is in no chart."


def _change(report: Report, name: str) -> str:
    (found,) = [figure.change for figure in _page(report).headline if figure.name == name]
    return str(found)


def _errors(report: Report, hits: int, of: int) -> Report:
    assert report.comparison
    measured = report.comparison.baseline.measured
    whole = replace(measured.whole, rates={**measured.whole.rates, "errors": Rate(hits, of)})
    return _against(report, measured=replace(measured, whole=whole))


def test_errors_have_the_rate_of_the_baseline(after: Report):
    assert after.comparison
    now = after.headline.errors
    assert now
    change = replace(after.comparison.headline["errors"], current=now, baseline=now / 2)

    def changed(to: Any) -> Report:
        told = {**after.comparison.headline, "errors": to}
        return _errors(replace(after, comparison=replace(after.comparison, headline=told)), 40, 1905)

    assert _change(changed(change), "errors") == f"+100 % from {now / 2:g}, 2.1 % of calls"
    assert _change(changed(replace(change, baseline=now)), "errors") == f"as before: {now}, 2.1 % of calls"
    assert _change(_errors(after, 0, 1905), "errors") == f"as before: {now}"
    assert "of calls" not in _change(after, "calls")


@pytest.mark.parametrize("unknown", [None, "much", True])
def test_a_figure_whose_baseline_is_unknown_says_so(after: Report, unknown: object):
    assert after.comparison
    told = {name: change for name, change in after.comparison.headline.items() if name != "prompt_tokens"}
    report = replace(after, comparison=replace(after.comparison, headline=told))
    headline = {**after.comparison.baseline.headline, "prompt_tokens": unknown}

    assert _change(_against(report, headline=headline), "prompt tokens") == "baseline unknown"
    known = {**headline, "prompt_tokens": 12_345}
    assert _change(_against(report, headline=known), "prompt tokens") == "baseline 12.3 k"
    assert {figure.change for figure in _page(replace(after, comparison=None)).headline} == {""}


def test_an_inconclusive_gate_that_is_allowed_is_no_alarm(after: Report, before: Baseline):
    rules = [
        rule("time_to_first_token.p95[model=none] < 1s; allow_inconclusive"),
        rule("time_to_first_token.p95[model=none] < 2s"),
        rule("errors.rate < 0.1%"),
    ]
    assert after.measured
    page = render_page(replace(after, gates=judge(rules, after.measured, after.cards, before)), charts=Charts.SVG)

    states = re.findall(r'<span class="state (\w+)">(\w+)</span>', page)
    assert states == [("failed", "failed"), ("inconclusive", "inconclusive"), ("allowed", "inconclusive")]
    assert ".state.allowed" not in page  # it is as grey as any other


# ---------------------------------------------------------------- the history


def _history(*values: float | None, number: str = "errors.rate", step: timedelta = timedelta(days=1)) -> list[Past]:
    start = datetime(2026, 11, 1, 10, tzinfo=UTC)
    return [
        Past(made=start + place * step, run=f"nightly {place}", numbers={number: value})
        for place, value in enumerate(values)
    ]


def _detail(*values: float | None, **more: Any) -> str:
    (course,) = courses(_history(*values, **more))
    return course.detail.replace("\u2060", "")


@pytest.mark.parametrize(
    ("values", "detail"),
    [
        ((0.05, 0.027), "was 5.0 % on 2026-11-01"),
        ((0.05, 0.03, 0.027), "was 5.0 % on 2026-11-01"),
        ((0.05, 0.051, 0.027), "was 5.0 % on 2026-11-01; between 2.7 % and 5.1 %"),
        ((0.02, 0.02, 0.02), "the same in all 3 reports"),
        ((0.02, None, 0.02, None, None), "2.0 % wherever it is known; unknown in 3 of 5 reports"),
        ((None, 0.05, None, 0.027), "was 5.0 % on 2026-11-02; unknown in 2 of 4 reports"),
        ((0.05, 0.027, None), "was 5.0 % on 2026-11-01; last 2.7 % on 2026-11-02; unknown in 1 of 3 reports"),
    ],
)
def test_a_course_says_what_was_first_and_what_is_unknown(values: tuple[float | None, ...], detail: str):
    assert _detail(*values) == detail


def test_reports_of_one_day_are_told_apart_by_the_clock_or_their_place():
    assert _detail(0.05, 0.027, step=timedelta(minutes=5)) == "was 5.0 % at 10:00 UTC"
    assert _detail(0.05, 0.027, step=timedelta(seconds=5)) == "was 5.0 % in report 1 of 2"


def test_a_known_value_between_unknown_ones_is_a_dot():
    def dots(*values: float | None) -> int:
        (course,) = courses(_history(*values))
        found = re.findall(r'<path class="alone" d="([^"]*)"[^>]* stroke-width="6"', course.sparkline)
        return sum(path.count("M") for path in found)

    assert dots(0.1, None, 0.2, None, 0.3, 0.3) == 2
    assert dots(0.1, 0.2, None, 0.3, 0.3) == 0


def test_what_is_known_once_has_no_course():
    assert courses(_history(None, 0.1)) == ()
    assert courses([]) == ()


def test_the_reports_of_a_history_are_listed_the_newest_first():
    history = [*_history(0.05, None, 0.027), replace(_history(0.1)[0], run=None)]
    assert past_rows(history)[1:] == (
        PastRow(made="2026-11-03 10:00 UTC", run="nightly 2", values=("2.7 %",)),
        PastRow(made="2026-11-02 10:00 UTC", run="nightly 1", values=("unknown",)),
        PastRow(made="2026-11-01 10:00 UTC", run="nightly 0", values=("5.0 %",)),
    )
    assert past_rows(history)[0].run == ""


def test_no_more_than_a_hundred_reports_are_shown(after: Report):
    report = replace(after, history=tuple(_history(*[0.1, 0.2] * MOST)))
    assert len(_page(report).history_rows) == MOST
    assert span_of(shown_history(report)).startswith(f"{MOST} reports since ")
    one = _page(replace(after, history=report.history[:1]))
    assert (one.history, one.history_rows, one.history_span) == ((), (), "")


def test_a_history_names_its_runs_where_there_are_any(after: Report):
    history = tuple(_history(0.05, 0.027))
    page = render_page(replace(after, history=history), charts=Charts.SVG)
    assert (
        '<td class="run" data-label="run">nightly 1\n' in page or '<td class="run" data-label="run">nightly 1<' in page
    )
    assert '<td class="number" data-label="error rate">2.7 %' in page
    nameless = tuple(replace(one, run=None) for one in history)
    assert 'data-label="run"' not in render_page(replace(after, history=nameless), charts=Charts.SVG)


# ---------------------------------------------------------------- as a browser shows it

#: What is measured of each page at each width, in a process of its own: Playwright goes only once into one.
_LOOK = """
import json, sys
from playwright.sync_api import sync_playwright

program, widths, files = json.loads(sys.argv[1])
SCRIPT = '''() => {
  document.querySelectorAll("#page-compared details, #page-history details").forEach((one) => { one.open = true; });
  const box = (one) => { const { left, right, top, bottom } = one.getBoundingClientRect(); return [left, right, top, bottom]; };
  const all = (selector) => [...document.querySelectorAll(selector)];
  return {
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    grid: all(".past").map(box)[0],
    cells: all(".past > div").map(box),
    cut: all(".past dd, h2, #page-compared td, #page-compared th, .stacked td").filter(
      (one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline").length,
    compared: all("#page-compared tbody tr > *").map(box),
    whole: all(".whole").map((one) => one.scrollHeight - one.clientHeight)[0],
    colours: Object.fromEntries(all(".state").map((one) => [one.className, getComputedStyle(one).color])),
    quiet: getComputedStyle(document.querySelector("#page-compared .sentence")).color,
  };
}'''
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
    found = {}
    for width in widths:
        page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
        for name, file in files.items():
            page.goto(file)
            found[f"{name} {width}"] = page.evaluate(SCRIPT)
    print(json.dumps(found))
    browser.close()
"""

#: Numbers with as much text as there usually is.
LARGE = {"count": 123_456, "total": 347_117_500.0, "per_1000_calls": 1234.5, "rate": 0.127, "p50": 0.745, "p95": 113.0}

WIDTHS = (1440, 1280, 1000, 768, 390, 320)


@pytest.fixture(scope="module")
def looked(
    after: Report, before: Baseline, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[int, int], dict[str, Any]]:
    """`looked(cells, width)`: where things stand on a page with so many cells of a history."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if (program is None or find_spec("playwright") is None) and os.environ.get("CI") != "true":
        pytest.skip("no Chromium or no Playwright here (CI must have both)")
    folder = tmp_path_factory.mktemp("looked")
    rules = [
        rule("time_to_first_token.p95[model=none] < 1s; allow_inconclusive"),
        rule("time_to_first_token.p95[model=none] < 2s"),
    ]
    assert after.measured
    gates = judge(rules, after.measured, after.cards, before)
    files = {}
    for cells in range(1, len(NUMBERS) + 1):
        # The longest first: the tokens.
        names = sorted(NUMBERS, key=lambda name: name != "tokens.total")[:cells]
        history = [
            Past(
                made=datetime(2026, 11, day, tzinfo=UTC),
                run="nightly",
                numbers={name: part and part * LARGE[name.partition(".")[2]] for name in names},
            )
            for day, part in enumerate((1.0, None, 0.9, 1.01), start=1)
        ]
        file = folder / f"{cells}.html"
        file.write_text(render_page(replace(after, history=tuple(history), gates=gates), charts=Charts.SVG))
        files[str(cells)] = file.as_uri()
    done = subprocess.run(
        [sys.executable, "-c", _LOOK, json.dumps([program, WIDTHS, files])], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    return lambda cells, width: found[f"{cells} {width}"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("cells", range(1, len(NUMBERS) + 1))
def test_every_row_of_the_history_is_full(looked: Callable[[int, int], dict[str, Any]], cells: int, width: int):
    found = looked(cells, width)
    left, right, top, bottom = found["grid"]
    assert len(found["cells"]) == cells
    rows: dict[float, list[list[float]]] = {}
    for cell in found["cells"]:
        rows.setdefault(round(cell[2]), []).append(cell)
    edge = top + 1
    for row in rows.values():
        assert min(cell[0] for cell in row) == pytest.approx(left + 1, abs=1)
        assert max(cell[1] for cell in row) == pytest.approx(right - 1, abs=1)
        assert sum(cell[1] - cell[0] for cell in row) == pytest.approx(right - left - 1 - len(row), abs=1)
        assert {round(cell[3] - row[0][3]) for cell in row} == {0}
        assert row[0][2] == pytest.approx(edge, abs=1.5)
        edge = row[0][3] + 1
    assert edge == pytest.approx(bottom, abs=1.5)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("cells", [1, 8, 9])
def test_nothing_is_cut_nor_wider_than_the_screen(looked: Callable[[int, int], dict[str, Any]], cells: int, width: int):
    found = looked(cells, width)
    assert (found["wide"], found["cut"]) == (0, 0)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_cell_of_the_comparison_is_on_the_screen(looked: Callable[[int, int], dict[str, Any]], width: int):
    found = looked(9, width)
    assert found["compared"]
    assert found["whole"] == 0
    for left, right, top, bottom in found["compared"]:
        assert left >= 0
        assert right <= width
        assert (right - left) * (bottom - top) > 0


def test_what_is_allowed_is_grey(looked: Callable[[int, int], dict[str, Any]]):
    found = looked(9, 1440)
    assert found["colours"]["state allowed"] == found["quiet"]
    assert found["colours"]["state inconclusive"] != found["quiet"]
