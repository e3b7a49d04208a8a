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


def _seen(page: str, folder: Path) -> str:
    """The document after its scripts ran."""
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
            "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True,
        timeout=120,
        check=True,
    )
    return done.stdout.decode("utf-8")


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

    seen = _seen(render_page(report), tmp_path)

    places = re.findall(r'<div class="figure[^"]*js-plotly-plot"', seen)
    assert len(places) == len(report.cards) == 6
    assert "<title>LLM report</title>" in seen
    assert not re.search(r"<img[^>]*onerror", re.sub(r"<script.*?</script>", "", seen, flags=re.DOTALL))
    assert "&lt;/script&gt;&lt;img src=x" in seen
    assert 'xlink:href="javascript:' not in seen
