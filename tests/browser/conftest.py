"""Reports in a real Chromium: one browser for each worker, a context of its own for every test."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from logreport import Metric, Window
from logreport.ingest import Ingester, IngestOptions
from logreport.plugins import load_plugins
from logreport.render import Charts, render_page
from logreport.report import Report, ingest_lines, make_report
from logreport.store import open_store

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

#: What a page is watched with from its first moment on.
_WATCH = """
window.watched = { violations: [], shifts: [] };
addEventListener("securitypolicyviolation", (event) => {
  watched.violations.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
});
new PerformanceObserver((list) => list.getEntries().forEach((entry) => watched.shifts.push(entry.value)))
  .observe({ type: "layout-shift", buffered: true });
"""

#: Down the page screen by screen until every chart that can be is taken over, then to the top.
_SCROLL = """async () => {
  const turn = (time) => new Promise((next) => setTimeout(next, time));
  const frames = () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
  const left = () => document.querySelectorAll(".chart[data-figure]:not(.taken)").length;
  const all = left() + document.querySelectorAll(".taken").length;
  for (let top = 0; top < document.documentElement.scrollHeight; top += innerHeight * 0.7) {
    scrollTo({ top, behavior: "instant" });
    await frames();
    await turn(10);
  }
  // Charts that are never taken over are waited for only while others still are.
  for (let quiet = 0, before = left(); left() && quiet < (left() === all ? 5000 : 800); quiet += 20) {
    await turn(20);
    if (left() < before) [quiet, before] = [0, left()];
  }
  scrollTo({ top: 0, behavior: "instant" });
  await frames();
}"""


_BOXES = """() => Object.fromEntries([...document.querySelectorAll(".card, .headline > div, h1, footer")].map((one) => {
  const { x, y, width, height } = one.getBoundingClientRect();
  return [one.id || one.textContent.trim(), [x, y + scrollY, width, height].map(Math.round)];
}))"""


#: Names of cards in which a text of the drawing, or of Plotly's, stands outside of the chart.
_CUT = """() => [...document.querySelectorAll(".chart")].filter((chart) => {
  const { left, right } = chart.getBoundingClientRect();
  const shown = chart.classList.contains("taken") ? ".live" : ".drawing";
  return [...chart.querySelectorAll(`${shown} text`)].some((text) => {
    const box = text.getBoundingClientRect();
    return box.width && getComputedStyle(text).visibility !== "hidden" && (box.left < left - 2 || box.right > right + 2);
  });
}).map((chart) => chart.closest(".card").id)"""


@dataclass
class Opened:
    """A page in the browser and all that it did beside being shown."""

    page: Page
    file: Path
    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    before: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.on("dialog", self._refuse)

    def _refuse(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def look(self, script: str, argument: Any = None) -> Any:
        """What this JavaScript answers; the page's policy does not reach it."""
        return self.page.evaluate(script, argument)

    def until(self, script: str, wanted: Any) -> Any:
        """What this JavaScript answers, asked again for five seconds while it is not what is wanted."""
        for _ in range(100):
            if (found := self.look(script)) == wanted:
                break
            self.page.wait_for_timeout(50)
        return found

    def scroll_through(self) -> None:
        self.look(_SCROLL)

    @property
    def cut(self) -> list[str]:
        """The names of cards in which a text stands outside of its chart."""
        found: list[str] = self.look(_CUT)
        return found

    @property
    def too_wide(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(self.look("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    @property
    def boxes(self) -> dict[str, list[int]]:
        """Where everything stands on the page: left, top, width and height."""
        return self.look(_BOXES)

    @property
    def taken(self) -> list[str]:
        """The names of the cards whose charts Plotly has taken over."""
        return self.look("[...document.querySelectorAll('.chart.taken')].map((chart) => chart.closest('.card').id)")

    @property
    def fetched(self) -> list[str]:
        """What was asked for beside the file itself and what the page made on its own."""
        own = ("data:", "blob:", self.file.as_uri().partition("#")[0])
        return [url for url in self.requests if not url.startswith(own)]

    @property
    def complaints(self) -> list[str]:
        """Everything that no page of ours may do: what was refused, logged, fetched, or asked of the reader."""
        return [*self.look("watched.violations"), *self.console, *self.fetched, *self.dialogs]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The Chromium of the system."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    must = os.environ.get("CI") == "true"
    if program is None and not must:
        pytest.skip("no Chromium here (CI must have one)")
    assert program, "CI needs a Chromium"
    if not must:
        pytest.importorskip("playwright", reason="no Playwright here (CI must have it)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


class _Opener:
    """Opens pages, each in a context of its own, and closes them all."""

    def __init__(self, chromium: Browser, folder: Path) -> None:
        self._chromium = chromium
        self._folder = folder
        self._contexts: list[BrowserContext] = []

    def open(
        self,
        html: str,
        *,
        width: int = 1440,
        height: int = 900,
        init: str = "",
        fragment: str = "",
        load: bool = True,
        **options: Any,
    ) -> Opened:
        file = self._folder / f"report-{len(self._contexts)}.html"
        file.write_bytes(html.encode("utf-8", "replace"))  # as the program writes it
        size = {"width": width, "height": height}
        context = self._chromium.new_context(viewport=size, **{"reduced_motion": "reduce", **options})
        self._contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_init_script(_WATCH + init)
        opened = Opened(context.new_page(), file)
        if load:
            opened.page.goto(file.as_uri() + fragment)
        return opened

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def open_page(chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """`open_page(html, width=…, height=…, init=…, fragment=…, load=False, **options of the context)`."""
    opener = _Opener(chromium, tmp_path)
    yield opener.open
    opener.close()


@pytest.fixture(scope="session")
def settled(
    chromium: Browser, sample_html: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[int], Opened]]:
    """`settled(width)`: the sample's page after Plotly took all charts over, only to be looked at: tests share it."""
    opener = _Opener(chromium, tmp_path_factory.mktemp("settled"))
    pages: dict[int, Opened] = {}

    def found(width: int) -> Opened:
        if width not in pages:
            pages[width] = opener.open(sample_html, width=width)
            pages[width].before = pages[width].boxes
            pages[width].scroll_through()
        return pages[width]

    yield found
    opener.close()


@pytest.fixture(scope="session")
def report_of(six: list[tuple[Metric, str]]) -> Callable[..., Report]:
    """`report_of(records, theirs=[metrics of a stranger's], timezone="UTC")`; a path stands for a log file.

    It has the six metrics of the specification, or those of `metrics`.
    """
    plugins = load_plugins()

    def made(
        log: Path | Sequence[object],
        *,
        metrics: Sequence[tuple[Metric, str]] = six,
        theirs: Sequence[Metric] = (),
        window: Window = Window(),  # noqa: B008 - frozen
        title: str = "LLM report",
        folder: Path | None = None,
    ) -> Report:
        if not isinstance(log, Path):
            assert folder is not None, "records are written into a folder"
            file = folder / "records.jsonl"
            file.write_text("".join(json.dumps(record) + "\n" for record in log), encoding="utf-8")
            log = file
        with open_store("duckdb:///:memory:") as store:
            sources = [offer.value for offer in plugins.sources]
            Ingester(store=store, sources=sources, options=IngestOptions()).run([str(log)])
            asked = [*metrics]
            asked += [(metric, "theirs") for metric in theirs]
            lines = ingest_lines(store, window)
            return make_report(store, asked, window, title=title, bucket=None, ingests=lines)

    return made


@pytest.fixture(scope="session")
def sample_path() -> Path:
    return Path(__file__).parents[2] / "examples" / "llm-logs.json"


@pytest.fixture(scope="session")
def sample_report(report_of, sample_path: Path) -> Report:
    return report_of(sample_path)


@pytest.fixture(scope="session")
def plain() -> Callable[[Report], str]:
    """The page of a report without Plotly, for what has nothing to do with it."""
    return lambda report: render_page(report, charts=Charts.SVG)


@pytest.fixture(scope="session")
def sample_html(sample_report: Report) -> str:
    return render_page(sample_report)


def _call(**fields: Any) -> dict[str, Any]:
    counts = {"tokens": 3, "prompt_tokens": 1, "completion_tokens": 2, "time_to_first_token": 1.5}
    return {
        "created": "2024-12-18 16:40:40",
        "model": "m",
        "type": "text",
        "temperature": 0.7,
        "stream": False,
        "metrics": counts | fields.pop("metrics", {}),
    } | fields


@pytest.fixture(scope="session")
def call() -> Callable[..., dict[str, Any]]:
    """`call(model=…, metrics={…})`: a record of the project-log export."""
    return _call


#: The reports that look least like the sample.
_THIN = {
    "one call": [_call()],
    "no call": [_call()],
    "all unknown": [{"created": None, "model": None, "metrics": {}}, {"created": "2024-12-18 16:40:40", "model": None}],
    "many long names": [
        _call(
            model=f"some-provider/an-organisation/some-model-family-{number:02d}-instruct-{'very-' * 20}long-{number:02d}",
            type=f"type-{number:02d}-{'of-request-' * 12}{number:02d}",
            created=f"2024-12-{number % 28 + 1:02d} 12:00:00",
            metrics={"tokens": 1000 * number + 1, "prompt_tokens": 900 * number, "completion_tokens": 100 * number + 1},
        )
        for number in range(40)
    ],
}


@pytest.fixture(params=_THIN)
def thin_html(request: pytest.FixtureRequest, report_of, tmp_path: Path) -> str:
    """A page with one call, none, only unknown values, or many models of long names."""
    from datetime import UTC, datetime

    window = Window(since=datetime(2030, 1, 1, tzinfo=UTC)) if request.param == "no call" else Window()
    return render_page(report_of(_THIN[request.param], folder=tmp_path, window=window))
