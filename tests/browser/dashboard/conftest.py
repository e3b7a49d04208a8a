"""The dashboard in a real Chromium: the program itself in a process of its own, over calls worked out by hand."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

CHECKOUT = Path(__file__).parents[3]

#: The metrics of the specification, which are shown unless a test wants others.
SIX = (
    *("tokens_by_model", "prompt_vs_completion", "time_to_first_token"),
    *("temperature", "request_types", "tokens_over_time"),
)

#: Seconds in which everything has happened even on a slow and busy machine.
PATIENCE = 30.0

#: What a viewer reads, card by card; `whole` is whether all of it is about the window in the address.
_SHOWN = """() => {
  const text = (one) => one?.textContent.trim().replaceAll("\\u2060", "") ?? "";
  const rows = (card) => [...document.querySelectorAll(`#${card} tbody tr`)].map((row) => [...row.cells].map(text));
  const told = Object.fromEntries([...document.querySelectorAll(".headline > div")].map((one) =>
    [text(one.querySelector("dt")), text(one.querySelector(".figure"))]));
  const views = [...document.querySelectorAll("[data-view]")].filter((one) => one.matches("main *, header *, footer"));
  const value = (name) => document.getElementById(`page-${name}`)?.value;
  const chosen = (name) => [...document.querySelectorAll(`#page-${name}-value .dash-dropdown-value-item`)].map(text);
  const plain = (search) => { try { return decodeURIComponent(search); } catch { return search; } };
  return {
    calls: told.calls, tokens: told.tokens, span: text(document.querySelector(".span")),
    by_model: rows("tokens_by_model"), by_type: rows("request_types"),
    over_time: rows("tokens_over_time"), behind: text(document.querySelector("#tokens_over_time .behind")),
    empty: [...document.querySelectorAll(".card:not(#what-was-read) .why")].map(text),
    why: text(document.querySelector("#page-headline .quiet")),
    search: plain(location.search), message: text(document.getElementById("page-message")),
    preset: text(document.querySelector(".presets label:has(:checked)")),
    since: value("since"), until: value("until"), models: chosen("models"), types: chosen("request-types"),
    runs: chosen("runs"), timezone: chosen("timezone"), step: chosen("bucket"),
    whole: !document.querySelector(".waiting, main > section:not([data-view])") && views.every((one) => one.dataset.view.startsWith(`${location.search}|`))
      && new Set(views.map((one) => one.dataset.view)).size === 1,
  };
}"""


def _environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOGREPORT_")}
    return kept | {"PYTHONPATH": str(CHECKOUT)} | more


@dataclass
class Server:
    """`logreport serve` in a process of its own."""

    database: str
    folder: Path
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    url: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def said(self) -> str:
        """What it wrote on stderr."""
        return (self.folder / "stderr").read_text(encoding="utf-8")

    def start(self, port: int = 0) -> None:
        words = ["serve", "--database", self.database, "--port", str(port), *self.options]
        if "--metric" not in self.options:
            words += [word for name in SIX for word in ("--metric", name)]
        with (self.folder / "stderr").open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "logreport", *words],
                stderr=stderr,
                stdout=subprocess.DEVNULL,
                env=_environment(**self.environment),
                cwd=self.folder,
            )
        ends = time.monotonic() + PATIENCE
        while (found := re.search(r"is shown at (\S+) \(Ctrl-C ends it\)", self.said)) is None:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < ends, self.said
            time.sleep(0.02)
        self.url = found[1]

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0
        self.process = None
        assert "Traceback" not in self.said, self.said


@contextmanager
def _serving(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is not None:
            server.process = None  # ended by itself, which the test has seen
        server.stop()


def ingest_records(folder: Path, url: str, *records: object, run: str | None = None) -> str:
    """`logreport ingest` of these records, in a process of its own; what it said."""
    log = folder / f"log-{uuid.uuid4().hex[:8]}.jsonl"
    log.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    words = ["ingest", "--database", url, str(log), *(["--run", run] if run is not None else [])]
    done = subprocess.run(
        [sys.executable, "-m", "logreport", *words], env=_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def record(
    created: str | None, model: str | None = "small", tokens: int | None = 10, kind: str = "text"
) -> dict[str, object]:
    """A record of the project-log export."""
    return {"created": created, "model": model, "type": kind, "metrics": {"tokens": tokens}}


#: Eleven calls in three ingests: 4 of the run "first" (6,030 tokens), 5 of "second" (670), and two of no run, of which
#: one has no time and no model (7 tokens), the other no count of tokens. The newest is at 11:00 on December 18.
CALLS: dict[str | None, tuple[dict[str, object], ...]] = {
    "first": (
        record("2024-10-01 12:00:00", "old", 5000, "summary"),
        record("2024-12-01 00:00:00", "old", 1000),
        record("2024-12-16 09:00:00", "small", 10),
        record("2024-12-16 23:30:00", "small", 20, "json"),  # in Berlin, the next day
    ),
    "second": (
        record("2024-12-17 08:00:00", "large", 100),
        record("2024-12-17 12:00:00", "large", 200),
        record("2024-12-18 10:00:00", "small", 30),
        record("2024-12-18 10:30:00", "large", 300, "json"),
        record("2024-12-18 11:00:00", "small", 40),
    ),
    None: (record(None, None, 7), record("2024-12-17 13:00:00", "small", None)),
}


class Viewer:
    """Somebody who looks at a dashboard."""

    def __init__(self, opened: Any, server: Server) -> None:
        self.opened = opened
        self.page = opened.page
        self.server = server

    def go(self, search: str = "") -> int:
        """Open the dashboard at this part of its address; the status of the answer."""
        return self.page.goto(f"{self.server.url}/{search}").status

    def look(self, script: str, argument: Any = None) -> Any:
        """What this JavaScript answers."""
        return self.page.evaluate(script, argument)

    def until(self, script: str, wanted: Any) -> Any:
        """What this JavaScript answers, asked again while it is not what is wanted."""
        return self._polled(lambda: self.look(script), lambda found: found == wanted)

    @property
    def shown(self) -> dict[str, Any]:
        """All that is shown at this moment."""
        found = self.look(_SHOWN)
        return found | {name: dict(found[name]) for name in ("by_model", "by_type")}

    def sees(self, **wanted: Any) -> dict[str, Any]:
        """All that is shown, once it is what is wanted and all of it is about one window."""
        wanted = {"whole": True, **wanted}

        def part(found: dict[str, Any]) -> dict[str, Any]:
            return {name: found[name] for name in wanted}

        found = self._polled(lambda: self.shown, lambda found: part(found) == wanted)
        assert part(found) == wanted
        return found

    def _polled(self, ask: Callable[[], Any], is_wanted: Callable[[Any], bool]) -> Any:
        ends = time.monotonic() + PATIENCE
        while not is_wanted(found := ask()) and time.monotonic() < ends:
            self.page.wait_for_timeout(60)
        return found

    def preset(self, name: str) -> None:
        self.page.locator(".presets").get_by_text(name, exact=True).click()

    def write(self, control: str, text: str) -> None:
        """Write into the field From or Until, and leave it."""
        self.page.get_by_label(control, exact=True).fill(text)
        self.page.keyboard.press("Enter")

    def choose(self, control: str, *names: str, search: str = "") -> None:
        """Press these options of a list: those that are chosen are so no longer."""
        self.page.locator(f"#page-{control}").click()
        if search:
            self.page.locator(".dash-dropdown-search").fill(search)
        options = self.page.locator(".dash-dropdown-content .dash-dropdown-option")
        for name in names:
            options.filter(has_text=re.compile(f"^{re.escape(name)}$")).click()
        self.page.keyboard.press("Escape")
        self.page.locator(".dash-dropdown-content").wait_for(state="detached")

    def taken(self, card: str) -> None:
        """Wait until Plotly has taken over this card's chart."""
        self.page.locator(f"#{card}").scroll_into_view_if_needed()
        self.page.locator(f"#{card} .taken .nsewdrag").first.wait_for(state="attached")

    def drag(self, card: str, begin: float, end: float) -> None:
        """Drag across this card's chart, between these shares of its width."""
        area = self.page.locator(f"#{card} .live .nsewdrag")
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        height = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + box["width"] * begin, height)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] * end, height + 2, steps=8)
        self.page.mouse.up()

    @property
    def range(self) -> list[float]:
        """What the bars' axis of the first card reaches from and to."""
        return self.look("document.querySelector('#tokens_by_model .live')._fullLayout.xaxis.range")

    @property
    def banner(self) -> Any:
        return self.page.locator("#page-banner")

    @property
    def complaints(self) -> list[str]:
        """What was refused, logged, asked of the viewer, or fetched from anywhere else."""
        elsewhere = [url for url in self.opened.requests if not url.startswith((self.server.url, "data:", "blob:"))]
        return [*self.look("watched.violations"), *self.opened.console, *self.opened.dialogs, *elsewhere]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """`serve(url, *options, NAME=value)`: a dashboard of this database, of this test alone."""
    with ExitStack() as ending:

        def served(url: str, *options: str, **environment: str) -> Server:
            folder = tmp_path / f"server-{uuid.uuid4().hex[:8]}"
            folder.mkdir()
            return ending.enter_context(_serving(Server(url, folder, options, environment)))

        yield served


@pytest.fixture
def ingest(tmp_path: Path) -> Callable[..., str]:
    """`ingest(url, record, …, run="a")`: what the program says to an ingest of these records."""
    return lambda url, *records, run=None: ingest_records(tmp_path, url, *records, run=run)


@contextmanager
def _database(server_url: str) -> Iterator[str]:
    """A PostgreSQL database for as long as this lasts."""
    import psycopg2

    name = f"logreport_{uuid.uuid4().hex[:12]}"
    plain = re.sub(r"^postgres(ql)?(\+\w+)?:", "postgresql:", server_url)
    with closing(psycopg2.connect(plain)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(f'CREATE DATABASE "{name}"')
        try:
            yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        finally:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _serving_calls(url: str, folder: Path) -> Iterator[Server]:
    for run, records in CALLS.items():
        ingest_records(folder, url, *records, run=run)
    with _serving(Server(url, folder)) as server:
        yield server


@pytest.fixture(scope="session")
def calls_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The dashboard of `CALLS` in a DuckDB file, which tests share and only look at."""
    folder = tmp_path_factory.mktemp("duckdb")
    with _serving_calls(f"duckdb:///{folder / 'calls.duckdb'}", folder) as server:
        yield server


@pytest.fixture(scope="session")
def calls_server_postgresql(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same in PostgreSQL."""
    with _database(postgresql_url) as url, _serving_calls(url, tmp_path_factory.mktemp("postgresql")) as server:
        yield server


@pytest.fixture(params=["calls_server", "calls_server_postgresql"], ids=["duckdb", "postgresql"])
def each_server(request: pytest.FixtureRequest) -> Server:
    """The dashboard of `CALLS`, once for each kind of database."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def view(open_page: Callable[..., Any]) -> Callable[..., Viewer]:
    """`view(server, "?last=1d", load=False, width=…, **options of the context)`: a viewer with a browser context of their own."""

    def viewed(server: Server, search: str = "", *, load: bool = True, **options: Any) -> Viewer:
        # Not high: few charts are near, and Plotly takes over no others.
        viewer = Viewer(open_page("", load=False, **{"height": 500, **options}), server)
        viewer.page.set_default_timeout(PATIENCE * 1000)
        if load:
            viewer.go(search)
        return viewer

    return viewed


@pytest.fixture
def call_record() -> Callable[..., dict[str, object]]:
    """`call_record(created, model, tokens, kind)`: a record of the project-log export."""
    return record
