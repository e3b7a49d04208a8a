"""Visits to pages in a real Chromium, one page after the other by turns, so that a busy machine is busy for all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pages import Page
from timing import Broken

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_SCRIPT = (Path(__file__).parent / "marks.js").read_text(encoding="utf-8")

#: Milliseconds before each visit, in which the processes of the visit before can end.
_REST = 300


@dataclass(frozen=True)
class Visit:
    """Milliseconds from the start of the navigation."""

    paint: float
    drawn: float
    live: float
    all: float


def chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        raise Broken("there is no Chromium here: apt-get install chromium")
    return found


def visits(pages: Mapping[str, Page], runs: int, slower: float) -> dict[str, list[Visit]]:
    """Each page visited `runs` times, after once that does not count, by a processor made `slower` times as slow."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[Visit]] = {name: [] for name in pages}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        for number in range(runs + 1):
            for name, page in pages.items():
                visit = _visit(browser, page, slower)
                if number:
                    found[name].append(visit)
        browser.close()
    return found


def _visit(browser: Browser, page: Page, slower: float) -> Visit:
    selectors = {name: getattr(page, name) for name in ("drawn", "live", "places", "done")}
    # A context of its own: nothing is remembered of the visit before.
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        context.add_init_script(f"({_SCRIPT.strip()})({json.dumps(selectors)})")
        tab = context.new_page()
        if slower != 1:
            context.new_cdp_session(tab).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        tab.wait_for_timeout(_REST)
        tab.goto(page.path.as_uri())
        marks = tab.evaluate("marks")
    finally:
        context.close()
    missing = [name for name, mark in marks.items() if mark is None]
    if missing:
        raise Broken(f"{page.path.name}: never seen: {', '.join(missing)}")
    return Visit(**marks)
