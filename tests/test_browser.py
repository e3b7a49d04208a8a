"""The page in a real Chromium."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from logreport.render import render_page

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = pytest.mark.skipif(
    BROWSER is None and os.environ.get("CI") != "true", reason="no Chromium here (CI must have one)"
)


def _seen(page: str, folder: Path) -> tuple[str, list[str]]:
    """The document after its scripts ran, without them, and what the browser complained of."""
    assert BROWSER is not None, "CI needs a Chromium"
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={folder / 'profile'}",
            "--virtual-time-budget=20000",
            "--enable-logging=stderr",
            "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True,
        timeout=120,
        check=True,
    )
    complaints = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if "CONSOLE" in line]
    return re.sub(r"<script.*?</script>", "", done.stdout.decode("utf-8"), flags=re.DOTALL), complaints


def test_every_chart_is_drawn_and_a_hostile_name_is_text(make_report_of, tmp_path: Path) -> None:
    hostile = "</script><img src=x onerror=document.title='owned'>"
    record = {
        "created": "2024-12-18 16:40:40",
        "model": hostile,
        "type": "<a href='javascript:alert(1)'>x</a>",
        "temperature": 0.7,
        "stream": False,
        "metrics": {"tokens": 3, "prompt_tokens": 1, "completion_tokens": 2, "time_to_first_token": 1.5},
    }
    report = make_report_of(record)

    seen, complaints = _seen(render_page(report), tmp_path)

    places = re.findall(r'<div class="figure[^"]*js-plotly-plot"', seen)
    assert len(places) == len(report.cards) == 6
    assert len(re.findall(r'<svg class="main-svg"', seen)) >= 6
    assert "could not be drawn" not in seen
    # Plotly's full bundle brings the styles of street maps, which are refused; nothing else may be.
    assert ["Applying inline style" in line for line in complaints] in ([], [True])
    assert "<title>LLM report</title>" in seen
    assert not re.search(r"<img[^>]*onerror", seen)
    assert "&lt;/script&gt;&lt;img src=x" in seen
    assert 'xlink:href="javascript:' not in seen


def test_a_figure_that_cannot_be_drawn_costs_only_its_own_chart(make_report_of, tmp_path: Path) -> None:
    report = make_report_of({"created": "2024-12-18 16:40:40", "model": "m", "type": "t", "metrics": {"tokens": 3}})
    charts = sum(card.figure is not None for card in report.cards)
    first_block = r'(<script type="application/json">).*?(</script>)'

    seen, _ = _seen(re.sub(first_block, r"\1{\2", render_page(report), count=1), tmp_path)

    assert charts > 1
    assert len(re.findall(r'js-plotly-plot"', seen)) == charts - 1
    assert "This chart could not be drawn (SyntaxError" in seen
