"""What the page may do is what stands on it, by hash."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re

import pytest

from logreport import plotlyjs
from logreport.render import Charts, render_page
from logreport.render.policy import policy, sha256
from logreport.report import Report


def _rules(page: str) -> dict[str, list[str]]:
    found = re.search(
        r'<html lang="en">\n<head>\n<meta http-equiv="Content-Security-Policy" content="([^"]*)">\n', page
    )
    assert found, "the policy is not first in the head"
    return {name: values.split() for name, _, values in (rule.partition(" ") for rule in found[1].split("; "))}


def _quoted(text: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'"


@pytest.mark.parametrize("charts", Charts)
def test_it_names_every_script_and_style_as_it_stands_on_the_page(report: Report, charts: Charts) -> None:
    page = render_page(report, charts=charts)

    rules = _rules(page)

    scripts = [_quoted(text.encode()) for text in re.findall(r"<script>(.*?)</script>", page, re.DOTALL)]
    styles = [_quoted(text.encode()) for text in re.findall(r"<style>(.*?)</style>", page, re.DOTALL)]
    if charts is Charts.PLOTLY:
        [packed] = re.findall(r'<script type="text/plain" id="page-plotly">(.*?)</script>', page, re.DOTALL)
        scripts.append(_quoted(gzip.decompress(base64.b64decode(packed))))
        styles.append(_quoted(b""))
    assert sorted(rules["script-src"]) == sorted(scripts)
    assert len(styles) <= len(rules["style-src"]) <= len(styles) + (0 if plotlyjs.library().basic else 1)
    assert set(styles) <= set(rules["style-src"])


def test_it_allows_nothing_else(report: Report) -> None:
    rules = _rules(render_page(report))

    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == ["'none'"]
    assert rules["img-src"] == ["data:", "blob:"]
    assert set(rules) == {"default-src", "base-uri", "form-action", "script-src", "style-src", "img-src"}
    assert "unsafe" not in " ".join(value for values in rules.values() for value in values)


def test_the_full_library_is_allowed_one_style_more() -> None:
    library = plotlyjs.Library(packed="", sha256="x", version="4.1.1", basic=False, notice="large")

    rules = policy(scripts=(), style="", plotly=library)

    assert f"style-src 'sha256-{sha256('')}' 'sha256-{sha256('')}' 'sha256-" in rules


def test_the_hash_is_that_of_the_standard() -> None:
    # The SHA-256 of nothing, known from everywhere.
    assert sha256("") == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
