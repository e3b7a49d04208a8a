"""The report as Markdown: what it says, that logs cannot break out of it, and that it is never too long."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreport.baseline import BaselineCard
from logreport.comparison import Turnover
from logreport.export.markdown import MARKER, comment, markdown
from logreport.export.markdown_text import text
from logreport.export.side_by_side import MOST_ROWS, side_by_side
from logreport.report import Report
from logreport.signs import cut, visible

_JOINER = "\u2060"

#: The only markup there is, each by itself.
_TAGS = re.compile(r"</?(?:details|summary|sub)>")


def _tables(written: str) -> list[list[list[str]]]:
    """The tables: rows of cells."""
    found: list[list[list[str]]] = [[]]
    for line in written.splitlines():
        if line.startswith("|"):
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        elif found[-1]:
            found.append([])
    return [table for table in found if table]


def _plain(written: str) -> str:
    """As a reader sees it."""
    return unescape(written).replace(_JOINER, "")


# ---------------------------------------------------------------- what it says


def test_the_verdict_stands_first(compared: Report) -> None:
    title, verdict, window, baseline = markdown(compared).split("\n\n")[:4]

    assert title == "## LLM report"
    assert verdict == "❌ **4 of 7 gates failed**; 1 of them inconclusive; 1 warns; 1 is inconclusive, as allowed."
    assert window == "480 calls from 2024-12-18 16:00:00 (UTC) to 2024-12-18 23:59:00 (UTC)."
    assert baseline.startswith("Compared with **main** (240 calls, made ")


def test_the_verdict_where_all_is_well(judged: Callable[..., Report], plain: Report) -> None:
    assert "✅ **1 of 1 gates passed**." in markdown(judged("tokens.total < 1M tokens"))
    assert "✅ **1 of 2 gates passed**; 1 warns." in markdown(
        judged("tokens.total < 1M tokens", "errors.rate < 2%; level=warn")
    )
    assert "gates" not in markdown(plain)


def test_gates_that_stand_out_come_first_and_others_are_folded(compared: Report) -> None:
    written = markdown(compared)
    first, folded = _tables(written)[:2]

    assert [row[0] for row in first[2:]] == [*["❌ failed"] * 3, "❔ inconclusive", "⚠️ failed, warns"]
    assert _plain(first[3][1]) == "duration.p95[model=small] <= baseline * 1.2"
    assert _plain(first[3][2]) == "duration.p95[model=small] 4.6 s > 2.4 s (baseline 2 s)"
    assert [row[0] for row in folded[2:]] == ["✅ passed", "❔ inconclusive"]
    assert "<details><summary>2 gates passed or may be inconclusive</summary>" in written


def test_figures_stand_beside_those_of_the_baseline(compared: Report, plain: Report) -> None:
    table = next(
        table for table in _tables(markdown(compared)) if table[0][1:] == ["This run", "Baseline", "Difference"]
    )

    assert table[2] == ["Calls", "480", "240", "+240 (+100 %)"]
    assert table[3] == ["Cost", "$0.0324", "$0.0162", "+$0.0162 (+99.97 %)"]
    assert table[7] == ["Models", "2", "2", "none"]
    assert ["Calls", "240"] in _tables(markdown(plain))[0]
    assert "The cost is of 25.0 % of the tokens; no price is known for small." in markdown(compared)


def test_a_figure_that_the_baseline_does_not_know(compared: Report) -> None:
    assert compared.comparison is not None
    headline = {name: found for name, found in compared.comparison.headline.items() if name != "errors"}
    report = replace(compared, comparison=replace(compared.comparison, headline=headline))

    assert "| Failed calls | 48 | unknown | unknown |" in markdown(report)


def test_differences_have_signs_intervals_and_verdicts(compared: Report) -> None:
    table = next(table for table in _tables(markdown(compared)) if table[0][-1] == "Verdict")
    rows = {row[0]: row[1:] for row in table[2:]}

    assert rows["duration.p95"][:3] == ["4.6 s", "2 s", "+2.6 s (+130.0 %)"]
    assert re.fullmatch(r"\+2\.\d+ s to \+2\.\d+ s", rows["duration.p95"][3])
    assert rows["duration.p95"][4] == "**worse**"
    assert rows["errors.rate"][2] == "none"
    assert re.fullmatch(r"−[\d.]+ points to \+[\d.]+ points", rows["errors.rate"][3])
    assert rows["errors.rate"][4] == "unclear"


def test_the_rest_of_the_comparison_is_told(compared: Report) -> None:
    assert compared.comparison is not None
    turnover = (Turnover(metric="errors", key="reason", new=("a|b", "c"), gone=("d",)),)
    report = replace(compared, comparison=replace(compared.comparison, warnings=("It is odd.",), turnover=turnover))

    assert "### Hard to compare\n\n- ⚠️ It is odd." in markdown(report)
    assert "### New and gone\n\n- Errors by reason: new a&#124;b, c; gone d" in markdown(report)


def test_findings_and_failures_are_told(compared: Report) -> None:
    card = replace(compared.cards[0], status="failed", reason="ValueError: <no>", rows=[])

    written = markdown(replace(compared, cards=(card,)))

    assert "### Findings\n\n- 50.0 % of the answers were cut off at the token limit (240 of 480)." in written
    assert f"### Metrics that failed\n\n- {card.title}: ValueError: &#60;no&#62;" in written


def test_the_trend_is_over_runs_or_else_over_time(compared: Report, plain: Report, empty: Report) -> None:
    assert '```mermaid\nxychart-beta\n    title "duration.p95 over 3 reports"' in markdown(compared)
    assert '```mermaid\nxychart-beta\n    title "calls in steps of 5 min"' in markdown(plain)
    assert "mermaid" not in markdown(empty)


def test_a_report_of_nothing_is_short(empty: Report) -> None:
    assert "0 calls, without any time." in markdown(empty)
    assert len(markdown(empty)) < 500


def test_an_ordinary_report_is_below_30_kibibytes(compared: Report) -> None:
    assert len(markdown(compared).encode()) < 30 * 1024


# ---------------------------------------------------------------- rows of metrics


def test_every_metric_has_its_rows_beside_the_baseline_s(compared: Report) -> None:
    written = markdown(compared)

    for card in compared.cards:
        assert f"<details><summary>{text(card.title)}</summary>" in written, card.name
    assert "| small | 61,440 / 30,720 |" in written
    assert "This run / baseline" not in markdown(replace(compared, comparison=None))


def _beside(report: Report, name: str, *rows: dict[str, object]) -> list[list[str]]:
    card = report.card(name)
    before = BaselineCard(name=name, status="ok", columns=card.types, rows=list(rows), step=timedelta(hours=1))
    (table,) = _tables(side_by_side(card, before))
    return table[2:]


def test_rows_are_paired_by_their_names(compared: Report) -> None:
    small, large, unknown, gone = _beside(
        compared,
        "tokens_by_model",
        *[{"model": "gone", "tokens": 5}, {"model": None, "tokens": 6}, {"model": "small", "tokens": 61_440}],
    )

    assert small == ["small", "61,440"]
    assert large == ["large", "30,720 / –"]
    assert unknown == ["unknown model", "30,720 / 6"]
    assert gone == ["gone", "– / 5"]


def test_steps_of_time_are_paired_by_their_place(compared: Report) -> None:
    first, second, *_ = _beside(
        compared,
        "tokens_over_time",
        *[{"bucket": "2020-01-01T00:00:00+01:00", "tokens": 7}, {"bucket": "x|y", "tokens": None}],
    )

    assert first == ["2024-12-18 16:00:00 / 2020-01-01 00:00:00+01:00", "320 / 7"]
    assert second == ["2024-12-18 16:02:00 / x&#124;y", "640 / unknown"]


def test_steps_are_paired_within_what_they_are_of(compared: Report, baseline: object) -> None:
    before = compared.comparison.baseline.cards["latency_over_time"]  # type: ignore[union-attr]
    (table,) = _tables(side_by_side(compared.card("latency_over_time"), before))

    # Eight steps of the baseline, then none, and never those of another measure.
    assert {row[1] for row in table[2:]} == {"duration"}
    assert [row[2] for row in table[2:]] == [*["27"] * 8, *["27 / –"] * 4]


def test_calls_of_other_ids_are_paired_by_their_place_in_a_list(compared: Report) -> None:
    card = compared.card("slowest_and_dearest")
    rows = [{**row, "request_id": f"before-{number}"} for number, row in enumerate(card.rows)]

    first, *_ = _beside(compared, card.name, *rows)

    assert first[:3] == ["slowest", "1", f"{card.rows[0]['request_id']} / before-0"]


def test_no_metric_shows_more_than_a_dozen_rows(compared: Report) -> None:
    card = compared.card("tokens_over_time")
    before = compared.comparison.baseline.cards[card.name]  # type: ignore[union-attr]

    shown = side_by_side(card, before)

    assert len(_tables(shown)[0]) == 2 + MOST_ROWS
    assert shown.endswith(f" The first 12 of {max(len(card.rows), len(before.rows))} rows.")


def test_a_metric_of_another_version_is_not_paired(compared: Report) -> None:
    card = compared.card("tokens_by_model")
    before = BaselineCard(name="x", status="ok", columns={"model": "text"}, rows=[{"model": "m"}], step=timedelta(0))

    shown = side_by_side(card, before)

    assert "This run." in shown
    assert shown.endswith("The baseline has other columns, from another version of this metric.")
    assert ["small", "61,440"] in _tables(shown)[0]


def test_what_only_one_run_has_is_shown(compared: Report, plain: Report) -> None:
    card = compared.card("tokens_by_model")
    before = compared.comparison.baseline.cards[card.name]  # type: ignore[union-attr]
    nothing = replace(card, status="empty", rows=[])

    assert ["small", "61,440 / –"] in _tables(side_by_side(card, None))[0]
    assert ["small", "– / 30,720"] in _tables(side_by_side(nothing, before))[0]
    assert side_by_side(nothing, None) == ""


# ---------------------------------------------------------------- what logs say stays text


def test_no_name_breaks_out(hostile: Report) -> None:
    written = markdown(hostile)

    for table in _tables(written):
        assert {len(row) for row in table} == {len(table[0])}
    bare = _TAGS.sub("", written)
    assert not set("<>") & set(bare.replace("x-axis", "").replace("-->", ""))
    assert bare.count("`") == len("``````")
    assert "](" not in bare
    assert not re.search(r"@\w|#\d+\b(?!;)|://|www\.|GH-\d|mailto:", bare, re.IGNORECASE)
    assert written.isprintable() or not {sign for sign in written if not sign.isprintable()} - {"\n", _JOINER}


def test_every_name_can_still_be_read(hostile: Report, hostile_names: tuple[str, ...]) -> None:
    seen = _plain(markdown(hostile))

    for name in hostile_names:
        assert f"duration.p95[model={visible(name)}]" in seen


def test_a_title_is_a_title(hostile: Report) -> None:
    assert _plain(markdown(hostile)).startswith("## <script>@all | `x` # y\n")


@given(st.text(st.characters(), max_size=99))
def test_a_text_keeps_all_it_says_in_one_line_without_markup(told: str) -> None:
    written = text(told)

    assert _plain(written) == visible(told).strip()
    entities_out = re.sub(r"&#\d+;", "", written)
    assert not set("\n\r|<>`*[]\\~$&") & set(entities_out)
    assert not re.search(rf"@(?!{_JOINER})|#(?!{_JOINER})|://|www\.", entities_out, re.IGNORECASE)
    assert not re.match(r"[-+=]|\d+[.)](?:\s|$)|\s", written)


@given(st.text("_ab* .", max_size=12))
def test_a_low_line_is_plain_within_a_word_only(told: str) -> None:
    entities_out = text(told).replace("&#95;", " ")

    assert all(
        re.search(r"[a-z]_[a-z]", entities_out[at - 1 : at + 2]) for at, sign in enumerate(entities_out) if sign == "_"
    )


def test_a_long_name_is_cut_in_the_middle() -> None:
    assert text("a" * 150 + "@b" * 75) == cut("a" * 150 + "@b" * 75, 100).replace("@", f"@{_JOINER}")


# ---------------------------------------------------------------- never too long


def _large(report: Report) -> Report:
    return replace(report, gates=report.gates * 30, cards=report.cards * 20)


@pytest.mark.parametrize("most", [0, 1, 100, 1_000, 3_000, 10_000, 65_536])
def test_it_never_has_more_bytes_than_allowed(hostile: Report, most: int) -> None:
    written = markdown(_large(hostile), most=most)

    assert len(written.encode()) <= most
    assert len(written.encode()) > 0.5 * most or most < 1_000


@pytest.mark.parametrize("most", [1_000, 3_000, 10_000, 100_000])
def test_it_is_cut_between_sections_and_says_what_is_left_out(hostile: Report, most: int) -> None:
    written = markdown(_large(hostile), most=most)

    assert written.count("<details>") == written.count("</details>")
    assert written.count("```") in {0, 2}
    assert written.startswith("## ")
    assert re.search(
        r"\n\nLeft out, as there is no room: .+ and [\d,]+ more\. The page and the JSON have it all\.\n\n<sub>", written
    )


def test_what_fits_is_not_left_out(compared: Report) -> None:
    whole = markdown(compared)

    assert "Left out" not in whole
    assert markdown(compared, most=len(whole.encode())) == whole
    shorter = markdown(compared, most=len(whole.encode()) - 1)
    assert "Left out, as there is no room: " in shorter
    assert "### Figures" in shorter


def test_a_summary_stays_below_what_github_takes(hostile: Report) -> None:
    assert 800 * 1024 < len(markdown(replace(hostile, cards=hostile.cards * 300)).encode()) <= 900 * 1024


def test_a_comment_can_be_found_again_and_is_short_enough(compared: Report, hostile: Report) -> None:
    assert comment(compared) == f"{MARKER}\n{markdown(compared)}"
    assert comment(compared).startswith("<!-- logreport -->\n## ")
    assert 40_000 < len(comment(_large(hostile))) < 65_536


def test_a_table_of_gates_has_an_end(compared: Report) -> None:
    written = markdown(replace(compared, gates=compared.gates[:1] * 60))

    assert len(_tables(written)[0]) == 2 + 50
    assert "And 10 more, in the JSON." in written


def test_what_the_window_leaves_out_is_said(plain: Report):
    narrowed = replace(plain, window=replace(plain.window, models=("gpt-4o|x",)))

    assert "Shown:" not in markdown(plain)
    assert "Shown: models gpt-4o&#124;x." in markdown(narrowed).replace("\u2060", "")
