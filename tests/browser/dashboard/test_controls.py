"""What a viewer chooses is what is shown, in the headline, the charts' tables and the sentences; and it is in the address."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ALL = {
    "calls": "11",
    "tokens": "6,707",
    "by_model": {"old": "6,000", "large": "600", "small": "100", "unknown model": "7"},
    "by_type": {"text": "8", "json": "2", "summary": "1"},
    "span": "2024-10-01 12:00:00 to 2024-12-18 11:00:00 (UTC)",
}
HOUR = {"calls": "3", "tokens": "370", "by_model": {"large": "300", "small": "70"}, "search": "?last=1h"}
DAY = {"calls": "5", "tokens": "570", "by_model": {"large": "500", "small": "70"}, "search": "?last=1d"}
WEEK = {"calls": "8", "tokens": "700", "by_model": {"large": "600", "small": "100"}, "search": "?last=1w"}


def test_everything_is_shown_until_something_is_chosen(each_server, view):
    viewer = view(each_server)

    found = viewer.sees(**ALL, search="", preset="All", since="", until="", timezone=["UTC"], step=["Auto"])

    assert found["models"] == found["types"] == found["runs"] == []
    assert viewer.page.title() == "LLM report"
    assert viewer.complaints == []


def test_presets_count_back_from_the_newest_call(each_server, view):
    viewer = view(each_server)
    viewer.sees(**ALL)

    for name, wanted in (("Hour", HOUR), ("Day", DAY), ("Week", WEEK)):
        viewer.preset(name)
        viewer.sees(**wanted, preset=name)
    viewer.preset("4 weeks")
    viewer.sees(calls="9", tokens="1,700", search="?last=4w")
    viewer.preset("All")
    viewer.sees(**ALL, search="")
    assert viewer.complaints == []


def test_a_width_that_is_no_preset_is_kept_when_something_else_is_chosen(calls_server, view):
    viewer = view(calls_server, "?last=2d")
    viewer.sees(calls="7", tokens="690", preset="2d")

    viewer.choose("models", "small")

    viewer.sees(calls="4", tokens="90", search="?last=2d&model=small")


def test_from_and_until_take_times_as_the_command_line_does(each_server, view):
    viewer = view(each_server)
    viewer.sees(**ALL)

    viewer.write("From", "2024-12-17")
    viewer.sees(calls="6", tokens="670", search="?since=2024-12-17", preset="", since="2024-12-17")
    viewer.write("Until", "2024-12-17T12:00:00+00:00")  # which is not in it any more
    viewer.sees(calls="1", tokens="100", by_model={"large": "100"})
    viewer.write("From", "")
    viewer.sees(calls="5", tokens="6,130", search="?until=2024-12-17T12:00:00+00:00")
    viewer.preset("Hour")  # which says another thing
    viewer.sees(**HOUR, since="", until="")
    viewer.write("From", "2024-12-18 10:30")
    viewer.sees(calls="2", tokens="340", preset="", since="2024-12-18 10:30")
    assert viewer.complaints == []


def test_models_types_and_runs_are_chosen_from_what_is_stored(each_server, view):
    viewer = view(each_server)
    viewer.sees(**ALL)

    viewer.choose("models", "small")
    viewer.sees(calls="5", tokens="100", by_model={"small": "100"}, search="?model=small", why="Shown: models small.")
    viewer.choose("models", "large")
    viewer.sees(calls="8", tokens="700", by_model={"large": "600", "small": "100"})
    viewer.choose("request-types", "json")
    viewer.sees(calls="2", tokens="320", by_type={"json": "2"}, models=["small", "large"], types=["json"])
    viewer.choose("runs", "second")
    viewer.sees(calls="1", tokens="300", search="?model=small&model=large&request_type=json&run=second")
    viewer.choose("request-types", "json")
    viewer.choose("models", "small", "large")
    viewer.sees(calls="5", tokens="670", search="?run=second", models=[], types=[], runs=["second"])
    assert viewer.complaints == []


def test_a_time_zone_moves_calls_to_the_day_of_its_clocks(each_server, view):
    viewer = view(each_server, "?since=2024-12-16&bucket=1d")
    days = [["2024-12-16 00:00", "30"], ["2024-12-17 00:00", "300"], ["2024-12-18 00:00", "370"]]
    viewer.sees(calls="8", over_time=days, span="2024-12-16 09:00:00 to 2024-12-18 11:00:00 (UTC)")

    viewer.choose("timezone", "Europe/Berlin", search="Berlin")

    found = viewer.sees(
        calls="8",
        span="2024-12-16 10:00:00 to 2024-12-18 12:00:00 (Europe/Berlin)",
        over_time=[
            ["2024-12-16 00:00 +01:00", "10"],
            ["2024-12-17 00:00 +01:00", "320"],
            ["2024-12-18 00:00 +01:00", "370"],
        ],
        search="?since=2024-12-16&timezone=Europe/Berlin&bucket=1d",
    )
    assert found["timezone"] == ["Europe/Berlin"]
    viewer.write("Until", "2024-12-17")  # midnight in Berlin, half an hour before the second call of the day in UTC
    viewer.sees(calls="1", tokens="10")
    assert viewer.complaints == []


def test_a_step_divides_the_time_chart(each_server, view):
    viewer = view(each_server, "?since=2024-12-18")
    viewer.sees(calls="3")

    viewer.choose("bucket", "1 hour")
    viewer.sees(over_time=[["2024-12-18 10:00", "330"], ["2024-12-18 11:00", "40"]], step=["1 hour"])
    viewer.choose("bucket", "15 minutes")
    quarters = [["2024-12-18 10:00", "30"], ["2024-12-18 10:30", "300"], ["2024-12-18 11:00", "40"]]
    viewer.sees(over_time=quarters, search="?since=2024-12-18&bucket=15m", calls="3")
    viewer.choose("bucket", "Auto")
    viewer.sees(search="?since=2024-12-18", step=["Auto"])
    assert viewer.complaints == []


def test_a_drag_on_the_time_chart_asks_for_that_time_in_every_card(each_server, view):
    viewer = view(each_server, "?since=2024-12-16&bucket=1d&model=large&model=small")
    viewer.sees(calls="8")
    viewer.taken("tokens_over_time")

    viewer.drag("tokens_over_time", 0.38, 0.62)  # of three days: from the morning to the evening of the second

    found = viewer.sees(calls="3", tokens="300", by_model={"large": "300", "small": "unknown"}, by_type={"text": "3"})
    assert found["behind"] == "2 of 3 calls stand behind this chart; 1 carries no token count."
    for name in ("since", "until"):
        assert re.fullmatch(r"2024-12-17T\d\d:\d\d:\d\d", found[name])
        assert f"{name}={found[name]}" in found["search"]
    assert found["models"] == ["large", "small"]
    # Presses that follow faster are for Plotly one double click with that of the drag.
    viewer.page.wait_for_timeout(500)
    viewer.page.locator("#tokens_over_time .live .nsewdrag").dblclick()
    viewer.sees(calls="8", tokens="700", since="", until="", models=["large", "small"])
    assert viewer.complaints == []


def test_the_headline_a_table_and_the_sentence_below_agree(each_server, view):
    viewer = view(each_server, "?since=2024-12-17&until=2024-12-18")

    found = viewer.sees(calls="3", tokens="300", by_type={"text": "3"})

    assert sum(int(tokens) for _, tokens in found["over_time"] if tokens != "unknown") == 300
    assert found["behind"] == "2 of 3 calls stand behind this chart; 1 carries no token count."
    sentence = viewer.page.locator("#request_types .behind").text_content()
    assert sentence == "3 calls stand behind this chart."


def test_an_address_shows_the_same_to_whoever_opens_it(each_server, view):
    first = view(each_server)
    first.sees(**ALL)
    first.choose("models", "small")
    first.write("From", "2024-12-16 12:00")
    first.choose("bucket", "1 day")
    first.choose("timezone", "Asia/Kolkata", search="Kolkata")
    # 12:00 in Kolkata is 06:30 UTC.
    search = "?since=2024-12-16+12:00&model=small&timezone=Asia/Kolkata&bucket=1d"
    there = first.sees(calls="5", tokens="100", search=search, timezone=["Asia/Kolkata"])

    second = view(each_server, first.look("location.search"))

    controls = {part: there[part] for part in ("since", "models", "timezone", "step")}  # lists load when they like
    assert second.sees(calls="5", **controls) == there
    assert second.complaints == first.complaints == []


def test_a_choice_before_the_first_answer_keeps_the_window_of_the_address(calls_server, view):
    viewer = view(calls_server, load=False)
    held = []

    def hold(route):
        first = not held and '"page-address"' in (route.request.post_data or "")
        held.append(route) if first else route.continue_()

    viewer.page.route(re.compile("/_dash-update-component"), hold)
    viewer.go("?since=2024-12-18&run=second")
    viewer.choose("bucket", "1 hour")
    held[0].continue_()

    viewer.sees(calls="3", tokens="370", search="?since=2024-12-18&run=second&bucket=1h")


def test_back_and_forward_go_through_what_was_chosen(calls_server, view):
    viewer = view(calls_server)
    viewer.sees(**ALL)
    viewer.preset("Hour")
    viewer.sees(**HOUR)
    viewer.choose("models", "large")
    viewer.sees(calls="1", tokens="300", models=["large"])

    viewer.page.go_back()
    viewer.sees(**HOUR, models=[], preset="Hour")
    viewer.page.go_back()
    viewer.sees(**ALL, preset="All")
    viewer.page.go_forward()
    viewer.sees(**HOUR, preset="Hour")
    viewer.page.go_forward()
    viewer.sees(calls="1", tokens="300", models=["large"])
    assert viewer.complaints == []


def test_a_link_to_a_card_keeps_the_window(calls_server, view):
    viewer = view(calls_server, "?last=1h")
    viewer.sees(**HOUR)

    viewer.page.locator("nav a[href='#request_types']").click()

    assert viewer.until("location.hash", "#request_types") == "#request_types"
    viewer.sees(**HOUR)
    viewer.page.reload()
    viewer.sees(**HOUR)
    assert viewer.look("location.hash") == "#request_types"


def test_an_unknown_name_stays_chosen_and_there_is_nothing_to_show(each_server, view):
    viewer = view(each_server, "?model=gone&run=lost")

    found = viewer.sees(calls="0", models=["gone"], runs=["lost"], search="?model=gone&run=lost")

    assert found["empty"] == ["Nothing to show: there is no call in this window."] * 6
    viewer.choose("runs", "lost")
    viewer.choose("models", "gone", "small")
    viewer.sees(calls="5", tokens="100", models=["small"], search="?model=small")
    assert viewer.complaints == []


NONSENSE = {
    "?bogus=1": "the address has an unknown part: bogus",
    "?since=yesterday": "not a time: yesterday",
    "?since=2024-12-18&until=2024-12-17": "is not after",
    "?since=2024-12-18&last=1d": "last and since or until say two things",
    "?last=soon": "soon",
    "?bucket=1s": "gives 6,735,600 points over this span",
    "?timezone=x": "x",
    "?timezone=../../etc/passwd": "../../etc/passwd",
    "?timezone=UTC&timezone=UTC": "the address has timezone twice",
    "?model=%00": "NUL",
    f"?model={'m' * 9000}": "the address is too long",
}


def test_an_address_that_makes_no_sense_is_a_sentence_and_leads_back(calls_server, view):
    viewer = view(calls_server)
    alert = viewer.page.locator("#page-message")
    assert alert.get_attribute("role") == "alert"

    for search, sentence in NONSENSE.items():
        assert viewer.go(search) == 200
        alert.filter(has_text=sentence).wait_for()
        assert viewer.look("location.search") == search
        assert viewer.page.locator("main > .card:visible").count() == 0, "an empty card says nothing"
    alert.get_by_text("Show all calls").click()

    viewer.sees(**ALL, message="", search="")
    assert viewer.complaints == []


@pytest.mark.parametrize("search", ["?model=%ff%ed%a0%80&run=%01%7f", "?last=9999999w&timezone=Asia/Kolkata"])
def test_an_odd_window_is_a_window_like_any_other(each_server, view, search: str):
    viewer = view(each_server, search)

    # One of the eleven calls has no time.
    viewer.sees(message="", calls="0" if "model" in search else "10")
    assert viewer.complaints == []


def test_what_makes_no_sense_leaves_what_is_shown(calls_server, view):
    viewer = view(calls_server, "?last=1h")
    viewer.sees(**HOUR)

    viewer.write("Until", "tomorrow")
    viewer.page.locator("#page-message", has_text="not a time: tomorrow").wait_for()

    viewer.sees(calls="3", tokens="370", search="?last=1h", until="tomorrow")
    viewer.write("Until", "2024-12-17")
    viewer.sees(calls="4", tokens="6,030", message="")
    assert viewer.complaints == []


def test_the_downloaded_view_has_its_numbers_and_needs_nothing_else(each_server, view, open_page):
    viewer = view(each_server, "?since=2024-12-16&bucket=1d&timezone=Europe/Berlin&model=small&model=large")
    viewer.sees(calls="8", tokens="700")

    with viewer.page.expect_download() as waited:
        viewer.page.get_by_text("Download this view").click()

    assert waited.value.suggested_filename == "report.html"
    html = Path(waited.value.path()).read_text(encoding="utf-8")
    opened = open_page(html)
    opened.scroll_through()
    figures = opened.page.locator(".headline .figure").all_text_contents()
    assert figures[:3] == ["8", "unknown", "700"]  # calls, cost, tokens
    rows = opened.look(
        "[...document.querySelectorAll('#tokens_over_time tbody tr')].map((row) => row.cells[1].textContent)"
    )
    assert rows == ["10", "320", "370"]
    assert "(Europe/Berlin)" in opened.page.locator(".span").text_content()
    assert "tokens_by_model" in opened.taken
    assert opened.complaints == viewer.complaints == []


def test_what_is_taken_along_is_what_is_shown(calls_server, view):
    viewer = view(calls_server, "?last=1h")
    viewer.sees(**HOUR)

    with viewer.page.expect_download() as waited:
        viewer.page.locator("#tokens_by_model [data-do=json]").click()

    found = json.loads(Path(waited.value.path()).read_text(encoding="utf-8"))
    assert found["rows"] == [{"model": "large", "tokens": 300}, {"model": "small", "tokens": 70}]
